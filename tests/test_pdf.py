"""The printed book: what its log says, what stands for a widget, and a small book typeset."""

import os
import shutil
import subprocess

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from sphinx.util import texescape

from book.extensions import printed_book
from tools import pdf
from tools.book import ROOT

# Sphinx does so when it starts.
texescape.init()

# --- the log -----------------------------------------------------------------------------

SOURCE = r"""\documentclass{sphinxmanual}
\begin{document}
Text that is too long for its line.
\begin{sphinxVerbatim}
a = r"\begin{equation}"
\end{sphinxVerbatim}
\begin{equation}\label{equation:a}
\begin{split}x = y\end{split}
\end{equation}
\begin{longtable}{ll}
a & b \\
\end{longtable}
More text.
\end{document}
"""
BAD = r"""This is XeTeX
Overfull \hbox (12.5pt too wide) in paragraph at lines 3--3
Overfull \hbox (7.0pt too wide) in paragraph at lines 5--5
Overfull \hbox (30.25pt too wide) detected at line 9
Overfull \hbox (3.0pt too wide) in alignment at lines 10--12
Overfull \hbox (0.7pt too wide) in paragraph at lines 13--13
Overfull \vbox (63.5pt too high) has occurred while \output is active
Overfull \vbox (2.0pt too high) has occurred while \output is active []
Underfull \hbox (badness 10000) in paragraph at lines 3--3
Missing character: There is no ₜ (U+209C) in font [texgyrepagella-regular.otf]/OT:script=latn;!
Missing character: There is no ₜ (U+209C) in font [texgyrepagella-regular.otf]/OT:script=latn;!
LaTeX Warning: Hyper reference `book/one:nowhere' on page 2 undefined on input line 13.
LaTeX Warning: Reference `eq:gone' on page iii undefined on input line 13.
LaTeX Warning: Citation `book/references:id9' on page 4 undefined on input line 3.
LaTeX Warning: Label `book/one:twice' multiply defined.
Output written on learning-to-latch.pdf (12 pages).
"""
GOOD = r"""This is XeTeX
Overfull \hbox (0.7pt too wide) in paragraph at lines 3--3
Underfull \vbox (badness 10000) has occurred while \output is active
Output written on learning-to-latch.pdf (1 page).
"""


def test_what_a_reader_would_see_is_found_in_the_log():
    found = pdf.findings(BAD, SOURCE)
    wide = [(f.kind, f.line, f.points) for f in found if f.points]
    assert wide == [
        ("text", 3, 12.5),
        ("code", 5, 7.0),
        ("equation", 9, 30.25),
        ("table", 10, 3.0),
        ("page", 0, 63.5),
    ]
    others = [(f.kind, f.text.split()[0]) for f in found if not f.points]
    assert others == [
        ("character", "ₜ"),
        ("reference", "'book/one:nowhere'"),
        ("reference", "'eq:gone'"),
        ("reference", "'book/references:id9'"),
        ("label", "'book/one:twice'"),
    ]
    assert "x = y" not in pdf.report(found, SOURCE)
    assert "Text that is too long" in pdf.report(found, SOURCE)


def test_a_log_without_complaints_has_none():
    assert pdf.findings(GOOD, SOURCE) == []
    assert (pdf.pages(GOOD), pdf.pages(BAD), pdf.pages("")) == (1, 12, 0)


@pytest.mark.parametrize(
    "log",
    [
        "! Undefined control sequence.\nl.3 \\nothing",
        "./learning-to-latch.tex:3: Undefined control sequence.\nl.3 \\nothing",
    ],
)
def test_an_error_is_found(log):
    (found,) = pdf.findings(log, SOURCE)
    assert (found.kind, found.text) == ("error", "Undefined control sequence.")


def test_code_that_looks_like_latex_does_not_open_anything():
    kinds = pdf.kinds_by_line(SOURCE)
    named = {number: kinds[number] for number in (3, 5, 8, 11, 13)}
    assert named == {3: "text", 5: "code", 8: "equation", 11: "table", 13: "text"}


# --- what is needed ----------------------------------------------------------------------


def test_without_latex_the_packages_are_named(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pdf.main(["--root", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert all(package in said for package in pdf.PACKAGES)
    assert "apt-get install" in said
    assert list(tmp_path.iterdir()) == []


def test_readme_and_ci_name_the_same_packages():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert pdf.INSTALL in " ".join(text.replace("\\\n", " ").split())
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert " ".join(pdf.PACKAGES) in " ".join(text.split())


@pytest.mark.parametrize(
    ("repository", "url"),
    [
        (None, ""),
        ("https://github.com/Owner/latch-book", "https://owner.github.io/latch-book/"),
        ("https://github.com/owner/owner.github.io", "https://owner.github.io/"),
    ],
)
def test_where_the_pages_are(repository, url):
    assert pdf.pages_url(repository) == url


# --- parts of a page ---------------------------------------------------------------------


def test_what_the_text_face_lacks_becomes_mathematics():
    assert printed_book.escaped("a₁₀ & 5 %") == r"a\(_{10}\) \& 5 \%"
    assert printed_book.escaped("10⁻⁵ ≤ σ²ᵗ") == r"10\(^{-5}\) \(\le\) \(\sigma\)\(^{2t}\)"


def test_a_table_of_html_becomes_one_of_latex():
    html = (
        "<style>x</style><table><caption>5 % & more</caption><thead><tr><th>method</th>"
        "<th>T = 5</th></tr></thead><tbody><tr><th colspan='2' scope='rowgroup'>noise</th></tr>"
        "<tr><th scope='row'>a_b</th><td>1 [0, 2]<br>504</td></tr></tbody></table>"
    )
    made = printed_book.html_table(html)
    assert r"\begin{latchoutputtable}{5 \% \& more}" in made
    assert r"\begin{tabular}{@{}lr@{}}" in made
    assert r"\multicolumn{2}{@{}l}{\textbf{noise}} \\" in made
    assert r"a\_b & \latchlines{r}{1 {[}0, 2{]}\\504} \\" in made
    assert printed_book.html_table("<p>no table</p>") == ""
    long = html.replace("</tbody>", "<tr><td>a</td><td>b</td></tr>" * 50 + "</tbody>")
    assert r"\begin{longtable}{@{}lr@{}}" in printed_book.html_table(long)


def test_an_explorable_comes_back_from_its_state():
    from latchbook.explorables import Latch

    stored = Latch(w=3.05, h=-0.2).get_state()
    again = printed_book.explorable(stored)
    assert isinstance(again, Latch)
    assert again.numbers() == Latch(w=3.05, h=-0.2).numbers()
    assert printed_book.setting(again).startswith("w=3.05, h=-0.2")
    with pytest.raises(ValueError, match="state is that of 'IntSlider'; accepted: Discrete"):
        printed_book.explorable({"_anywidget_id": "ipywidgets.IntSlider"})


# --- a small book ------------------------------------------------------------------------

INDEX = """\
# A small book

Its only chapter is {ref}`ch-one`.
"""
BEGINNING = """\
(ch-one)=
# One chapter

## Predict

:::{admonition} Before you read on
Does it?
:::
"""
ANSWER = """\
:::{dropdown} Answer
It does not, by {eq}`eq-long`.
:::

$$
a = 1 + 2 + 3
$$ (eq-long)
"""
EXERCISE = """\
## Exercises

:::{exercise} The threshold at 2
:label: ex-threshold-at-two

Which is it?
:::

:::{dropdown} Hint
Look at it again ([cell](#cell-explore-latch)).
:::
"""
START = ":::{solution-start} ex-threshold-at-two\n:class: dropdown\n:::"
END = ":::{solution-end}\n:::\n\n### Drill\n\nAgain."
CELLS = [
    (BEGINNING, None),
    (
        "from latchbook.explorables import Latch\n"
        "from latchbook.questions import check, drill, predict\n"
        "print('η₁ → ∞', 'x' * 130)",
        {},
    ),
    ('predict("latch-neuron")', {"tags": ["hide-input"]}),
    (ANSWER, None),
    (
        "Latch(w=3.05)",
        {
            "tags": ["cell-explore-latch", "hide-input"],
            "mystnb": {"image": {"alt": "A map & its diagonal."}},
        },
    ),
    (EXERCISE, None),
    ('answer = ...\ncheck("ex-threshold-at-two", answer)', {}),
    (START, None),
    ("print('solved here')", {}),
    (END, None),
    ('drill("latch-neuron")', {"tags": ["hide-input"]}),
]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A checkout with the settings of this book and one chapter of its own."""
    root = tmp_path_factory.mktemp("a book") / "with spaces"
    (root / "book").mkdir(parents=True)
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["sphinx"]["config"]["html_static_path"] = []
    config["html"].pop("favicon")
    (root / "_config.yml").write_text(yaml.safe_dump(config))
    shutil.copy(ROOT / "CITATION.cff", root)
    toc = {"format": "jb-book", "root": "book/index"}
    part = {"caption": "The part", "numbered": True, "chapters": [{"file": "book/one"}]}
    (root / "_toc.yml").write_text(yaml.safe_dump({**toc, "parts": [part]}))
    for folder in ("extensions", "templates"):
        shutil.copytree(ROOT / "book" / folder, root / "book" / folder)
    (root / "book" / "references.bib").touch()
    (root / "book" / "index.md").write_text(INDEX)
    made = nbformat.v4.new_notebook()
    made.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    for source, metadata in CELLS:
        if metadata is None:
            made.cells.append(nbformat.v4.new_markdown_cell(source))
        else:
            made.cells.append(nbformat.v4.new_code_cell(source, metadata=metadata))
    (root / "book" / "one.ipynb").write_text(nbformat.writes(made))
    return root


@pytest.fixture(scope="module")
def source(checkout):
    """The small book as LaTeX."""
    out = checkout / "_build" / "latex"
    out.mkdir(parents=True)
    return pdf.write_source(checkout, checkout / "_toc.yml", out)


def test_on_paper_there_is_something_for_every_widget(source):
    from latchbook.questions import drills, predictions
    from latchbook.questions.drill import FIRST

    text = source.read_text(encoding="utf-8")
    assert "vnd.jupyter.widget" not in text
    assert BeautifulSoup(text, "html.parser").find(["script", "details"]) is None

    # The explorable: its picture as vectors, its alternative text, and where it moves.
    assert "includegraphics[scale=0.78]{{one-explore-latch}.pdf}" in text
    assert (source.parent / "one-explore-latch.pdf").read_bytes().startswith(b"%PDF")
    assert r"A map \& its diagonal." in text
    assert "w=3.05" in text
    assert "one.html" in text

    # Code of a cell that hides it is not printed, and no box that waits for an answer.
    assert "Latch(w" not in text
    assert "No answer yet" not in text

    # Questions come before answers, and answers after all of the chapter.
    prediction, drill = predictions()["latch-neuron"], drills()["latch-neuron"].question(FIRST)
    order = [
        "Before you read on",
        prediction.choices[-1].text[:10],
        "The threshold at 2",
        "Hint",
        drill.text[:10],
        "Answers and solutions",
        "It does not, by",
        prediction.choices[-1].reason[:10],
        drill.shown[:10],
        "solved",
    ]
    places = [text.index(part) if k < 5 else text.rindex(part) for k, part in enumerate(order)]
    assert places == sorted(places)

    # A link of one word is a page, one to a chapter is its number.
    assert r"\latchpage{\detokenize{book/one:cell-explore-latch}}" in text
    assert r"\latchinchapter{" in text
    assert text.count(r"\part{") == 1


needs_latex = pytest.mark.skipif(
    bool(pdf.missing_packages()) and os.environ.get("LATCHLIB_REQUIRE_LATEX") != "1",
    reason=f"not installed: {', '.join(pdf.missing_packages())}; {pdf.INSTALL}",
)


@needs_latex
def test_a_small_book_is_typeset_and_its_log_is_clean(source):
    log = pdf.run_latex(source)
    assert [str(found) for found in pdf.findings(log, source.read_text(encoding="utf-8"))] == []
    assert pdf.pages(log) >= 6
    if shutil.which("pdfinfo"):
        said = subprocess.run(
            ["pdfinfo", source.with_suffix(".pdf")], capture_output=True, text=True, check=True
        ).stdout
        assert "Learning to Latch" in said


@needs_latex
def test_a_line_too_long_and_a_lost_character_are_refused(source):
    text = source.read_text(encoding="utf-8")
    bad = source.with_name("bad.tex")
    wide = r"\begin{equation*}\hbox to 2\textwidth{\hfil}\end{equation*}" "\n\u4e2d\n"
    bad.write_text(text.replace(r"\end{document}", wide + r"\end{document}"), encoding="utf-8")
    found = pdf.findings(pdf.run_once(bad), bad.read_text(encoding="utf-8"))
    assert {"equation", "character"} <= {f.kind for f in found}
