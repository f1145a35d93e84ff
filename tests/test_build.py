"""Building the book: what is built when, and that a page is never stale."""

import json
import shutil
import subprocess
from urllib.parse import parse_qsl, urlsplit

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup

from tools import build_book
from tools.book import ROOT

# --- where the book lives ----------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/owner/latch-book",
        "https://github.com/owner/latch-book.git",
        "https://github.com/owner/latch-book/",
        "https://someone:secret@github.com/owner/latch-book.git",
        "http://github.com/owner/latch-book.git",
        "git@github.com:owner/latch-book.git",
        "github.com:owner/latch-book",
        "ssh://git@github.com/owner/latch-book.git",
        "ssh://git@github.com:22/owner/latch-book",
        "git://github.com/owner/latch-book.git\n",
    ],
)
def test_a_github_url_is_understood(url):
    assert build_book.github_repository(url) == "https://github.com/owner/latch-book"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/git/latch-book.git",
        "../latch-book",
        "https://gitlab.com/owner/latch-book.git",
        "https://github.com.example.org/owner/latch-book",
        "https://example.org/github.com/owner/latch-book",
        "git@github.example.org:owner/latch-book.git",
        "https://github.com/owner",
        "https://github.com/owner/latch-book/tree/main",
    ],
)
def test_another_url_is_not(url):
    assert build_book.github_repository(url) is None


def test_binder_is_offered_only_where_there_is_a_repository(tmp_path):
    without = build_book.merged_config(ROOT, None, tmp_path)
    assert without["repository"]["url"] == ""
    assert "binderhub_url" not in without["launch_buttons"]
    url = "https://github.com/owner/latch-book"
    with_it = build_book.merged_config(ROOT, url, tmp_path)
    assert with_it["repository"]["url"] == url
    assert with_it["launch_buttons"]["binderhub_url"] == "https://mybinder.org"
    assert with_it["execute"]["cache"] == str(tmp_path)


# --- hashes ------------------------------------------------------------------------------


FILES = {
    "latchlib/formulas.py": "w = 1\n",
    "latchbook/explorables/static/latch.js": "let w = 1\n",
    "latchbook/chapters/__init__.py": "",
    "latchbook/chapters/one.py": "",
    "latchbook/chapters/one_more/pictures.py": "",
    "book/one.ipynb": "{}",
    "book/notation.md": "# Notation\n",
    "book/references.bib": "",
    "book/data/fig-2a/cell.json": "1\n",
    "book/claims/one.yml": "[]\n",
    "book/assets/vendor/mathjax.js": "",
    "book/extensions/anchors.py": "",
    "tools/build_book.py": "",
    "_config.yml": "",
    "_toc.yml": "",
    "requirements.txt": "numpy==2\n",
    "package-lock.json": "{}",
}
#: Those that change what all chapters compute.
EXECUTED = {
    *("latchlib/formulas.py", "latchbook/explorables/static/latch.js", "requirements.txt"),
    *("latchbook/chapters/__init__.py", "book/data/fig-2a/cell.json", "package-lock.json"),
}


@pytest.fixture
def tree(tmp_path):
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    return tmp_path


def page_hash(root):
    return build_book.digest(root, build_book.files(root, build_book.PAGE_INPUTS))


def execution_hash(root):
    return build_book.digest(root, build_book.execution_inputs(root))


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_changes_the_hash(tree, name):
    pages, execution = page_hash(tree), execution_hash(tree)
    path = tree / name
    path.write_bytes(path.read_bytes() + b" ")
    assert page_hash(tree) != pages
    assert (execution_hash(tree) != execution) == (name in EXECUTED)


def test_a_chapters_own_files_are_found_by_its_name(tree):
    def found(chapter):
        return [
            path.relative_to(tree).as_posix() for path in build_book.chapter_inputs(tree, chapter)
        ]

    assert found("one") == ["latchbook/chapters/one.py"]
    assert found("one-more") == ["latchbook/chapters/one_more/pictures.py"]
    assert found("two") == []


# --- a small book, built for real --------------------------------------------------------

COUNTING = """\
import pathlib
with (pathlib.Path('..') / 'runs').open('a') as runs:
    runs.write('x')"""

WIDGET = """\
import ipywidgets
ipywidgets.IntSlider(description='weight')"""


def notebook(*cells):
    made = nbformat.v4.new_notebook()
    made.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    for source, tag in cells:
        if tag is None:
            made.cells.append(nbformat.v4.new_markdown_cell(source))
        else:
            made.cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": [tag]}))
    return nbformat.writes(made)


LINKS = """\
# Links

[here](#cell-widget) [there](one.ipynb#cell-widget) [lab](one.ipynb#cell-id=cell-widget)

| A |
| --- |
| <a id="claim-a"></a>text [row](#claim-a) |
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A checkout of the settings and extensions of this book with two pages of its own."""
    root = tmp_path_factory.mktemp("a book") / "with spaces"
    (root / "book").mkdir(parents=True)
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["sphinx"]["config"]["html_static_path"] = []
    config["html"].pop("favicon")
    (root / "_config.yml").write_text(yaml.safe_dump(config))
    (root / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nchapters: [{file: book/one}]\n"
    )
    (root / "latchlib").mkdir()
    (root / "latchlib" / "formulas.py").write_text("w = 1\n")
    for folder in ("extensions", "templates"):
        shutil.copytree(ROOT / "book" / folder, root / "book" / folder)
    (root / "book" / "references.bib").touch()
    (root / "book" / "index.md").write_text(LINKS)
    one = [("# One", None), (COUNTING, "cell-count"), (WIDGET, "cell-widget")]
    (root / "book" / "one.ipynb").write_text(notebook(*one))
    return root


def build(root):
    return build_book.main(["--root", str(root)])


def runs(root):
    return len((root / "runs").read_text())


def page(root, name):
    html = (root / "_build" / "html" / "book" / f"{name}.html").read_text(encoding="utf-8")
    return BeautifulSoup(html, "html.parser")


def test_a_page_is_never_stale_and_never_built_twice(checkout, capsys):
    assert build(checkout) == 0
    assert runs(checkout) == 1

    # The three forms of a link to a cell, and the one to a row, lead somewhere.
    hrefs = [a["href"] for a in page(checkout, "index").select("article a.reference.internal")]
    assert hrefs == ["one.html#cell-widget"] * 3 + ["#claim-a"]
    assert page(checkout, "one").find(id="cell-widget") is not None
    assert page(checkout, "index").find(id="claim-a") is not None

    # Nothing changed: nothing is built.
    stamp = (checkout / "_build" / "html" / "index.html").stat().st_mtime_ns
    capsys.readouterr()
    assert build(checkout) == 0
    assert "up to date" in capsys.readouterr().out
    assert (checkout / "_build" / "html" / "index.html").stat().st_mtime_ns == stamp

    # A changed text is on the page, and the notebook is not run again; its widget is still there.
    (checkout / "book" / "index.md").write_text(LINKS + "\nNew words.\n")
    assert build(checkout) == 0
    assert "New words." in page(checkout, "index").get_text()
    assert runs(checkout) == 1
    state = page(checkout, "one").find("script", type="application/vnd.jupyter.widget-state+json")
    file = checkout / "_build" / "html" / "book" / state["data-src"]
    assert "weight" in file.read_text(encoding="utf-8")

    # So does the file of another chapter; that of the notebook runs it again.
    chapters = checkout / "latchbook" / "chapters"
    chapters.mkdir(parents=True)
    (chapters / "two.py").write_text("w = 1\n")
    assert build(checkout) == 0
    assert runs(checkout) == 1
    (chapters / "one.py").write_text("w = 1\n")
    assert build(checkout) == 0
    assert runs(checkout) == 2

    # A changed package runs the notebook again.
    (checkout / "latchlib" / "formulas.py").write_text("w = 2\n")
    assert build(checkout) == 0
    assert runs(checkout) == 3


def test_what_ran_beside_each_other_is_not_run_again(checkout):
    toc = checkout / "_toc.yml"
    before = toc.read_text()
    toc.write_text(before.replace("}]", "}, {file: book/two}, {file: book/three.ipynb}]"))
    for name in ("two", "three"):
        cells = [(f"# {name}", None), (f"{COUNTING}\nprint('{name}')", f"cell-{name}")]
        (checkout / "book" / f"{name}.ipynb").write_text(notebook(*cells))
    # Another package, so that nothing of the cache fits.
    (checkout / "latchlib" / "formulas.py").write_text("w = 'beside'\n")
    (checkout / "runs").unlink(missing_ok=True)
    assert build(checkout) == 0
    assert runs(checkout) == 3
    assert "two" in page(checkout, "two").select_one(".cell_output").get_text()
    for name in ("two", "three"):
        (checkout / "book" / f"{name}.ipynb").unlink()
    toc.write_text(before)


BROKEN = {
    "a link to no page": ("[gone](nowhere.md)", "'nowhere.md'"),
    "a link to no cell": ("[gone](#cell-nowhere)", "'cell-nowhere'"),
    "a link to no cell of a page": ("[gone](one.ipynb#cell-id=cell-no)", "'cell-id=cell-no'"),
    "a citation of nothing": ("{cite}`nobody1900`", "nobody1900"),
    "a reference to nothing": ("{prf:ref}`def-nowhere`", "def-nowhere"),
    "bad TeX": (r"$\frac{1$", r"bad TeX: Missing close brace: \frac{1"),
    "an unknown command of TeX": (
        "$$\n\\nothing\n$$",
        r"bad TeX: Undefined control sequence \nothing",
    ),
    "a skipped heading": ("#### Deep", "Non-consecutive header level"),
    "a definition without a label": (
        ":::{prf:definition} Latch\nIt holds.\n:::",
        "no permanent address: definition 'Latch'; accepted: the option :label:",
    ),
    "an exercise without a label": (
        ":::{exercise} Hold\nHold it.\n:::",
        "no permanent address: exercise 'Hold'; accepted: the option :label:",
    ),
    "a figure without a name": (
        ":::{figure} gone.png\nA curve.\n:::",
        "no permanent address: figure 'A curve.'; accepted: a name in the metadata of its cell",
    ),
    "the same anchor twice": ('<a id="claim-a"></a>', "anchor 'claim-a' is given twice"),
}


def test_each_broken_place_of_a_page_is_named_and_the_old_pages_stay(checkout, capsys):
    html = checkout / "_build" / "html"
    html.mkdir(parents=True, exist_ok=True)
    (html / "old.html").write_text("old")
    broken = "\n\n".join(source for source, _ in BROKEN.values())
    (checkout / "book" / "index.md").write_text(f"{LINKS}\n{broken}\n")
    assert build(checkout) == 1
    said = capsys.readouterr().err
    assert [name for name, (_, message) in BROKEN.items() if message not in said] == []
    assert (html / "old.html").read_text() == "old"
    assert build(checkout) == 1, "a failed build must not count as up to date"
    (checkout / "book" / "index.md").write_text(LINKS)


def test_a_warning_on_stderr_fails_the_build(checkout, capsys):
    path = checkout / "book" / "one.ipynb"
    before = path.read_text()
    warns = "import sys\nprint('careful', file=sys.stderr)"
    path.write_text(notebook(("# One", None), (warns, "cell-widget")))
    assert build(checkout) == 1
    assert "stderr was found" in capsys.readouterr().err
    path.write_text(before)


def test_a_public_book_says_where_to_report_errors(checkout):
    html = checkout / "_build" / "html"
    settled = "# One\n\n## Claims settled here\n\nOne & all."
    path = checkout / "book" / "one.ipynb"
    before = path.read_text()
    path.write_text(notebook((settled, None), ("import latchlib", "cell-widget")))
    shown = ["book/index.html", "book/one.html", "search.html", "genindex.html"]

    def links(name):
        text = (html / name).read_text(encoding="utf-8")
        return [a["href"] for a in BeautifulSoup(text, "html.parser").select("a.report-error")]

    # Not public: no link, to nowhere.
    assert build(checkout) == 0
    assert [links(name) for name in shown] == [[]] * 4

    git = ["git", "-C", str(checkout)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    url = "git@github.com:owner/latch-book.git"
    subprocess.run([*git, "remote", "add", "origin", url], check=True)
    assert build(checkout) == 0
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/error-in-the-book.yml").read_text())
    for name in shown:
        found = [urlsplit(link) for link in links(name)]
        assert len(found) == (2 if name == "book/one.html" else 1), name
        for address in found:
            assert address._replace(query="").geturl() == (
                "https://github.com/owner/latch-book/issues/new"
            )
            filled = dict(parse_qsl(address.query))
            assert filled.pop("template") == "error-in-the-book.yml"
            assert name.removesuffix(".html") in filled["where"]
            assert set(filled) - {"title"} <= {field["id"] for field in form["body"]}
    claim, page_link = (dict(parse_qsl(urlsplit(link).query)) for link in links("book/one.html"))
    assert page_link["title"] == "One: " and page_link["where"] == "One (book/one)"
    assert claim["where"] == "One (book/one), claim "
    # And the notebook to take away says where the package is.
    cells = json.loads((html / "_sources/book/one.ipynb").read_text(encoding="utf-8"))["cells"]
    assert "https://github.com/owner/latch-book/archive" in "".join(cells[1]["source"])
    shutil.rmtree(checkout / ".git")
    path.write_text(before)
