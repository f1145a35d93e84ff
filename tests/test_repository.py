"""The repository itself: nothing of this machine, nothing of others, no dead link."""

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.book import ROOT, read_notebook
from tools.environment import source_files

# The patterns are put together here, so that this file does not hold what it looks for.
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~-])/(?:" + "|".join(["work", "root", "tmp", r"home/\w+", r"Users/\w+"]) + r")\b/?"
)
REGISTRY = re.compile(
    r"\b(?:"
    + "|".join(["pypi", "registry", "files", "test", "unpkg", "cdn", "cdnjs"])
    + r")\.(?:org|npmjs\.\w+|yarnpkg\.com|python"
    + r"hosted\.org|com|jsdelivr\.net|cloudflare\.com)\b",
    re.IGNORECASE,
)
#: Where a pattern has to stand: the checks for it, and the list of what is never stored.
MAY_NAME_PATHS = {"tests/test_repository.py", "tests/test_notebooks.py", "tools/notebooks.py"}
MAX_SCRIPT = 50_000  # bytes
MAX_SCRIPT_LINE = 1_000  # characters

_OUR = "behavior color favor flavor harbor honor humor labor neighbor rigor vapor"
_OTHER = (
    "catalog center centered centers defense fiber fibers gray grays labeled labeling modeled "
    "modeling signaled signaling traveled traveling canceled canceling"
)
_SPELLING = re.compile(
    r"\b(?:"
    # -ise and -yse, but for the words that have -ize in every English.
    r"(?!(?:re|down|over|cap)?siz|priz|seiz|maiz)\w{2,}iz(?:e|es|ed|er|ers|ing|ation|ations)"
    r"|\w{2,}lyz(?:e|es|ed|er|ers|ing)"
    rf"|(?:{'|'.join(_OUR.split())})(?:s|ed|ing|ful|al|able|ite|hood)?"
    rf"|{'|'.join(_OTHER.split())}"
    r")\b",
    re.IGNORECASE,
)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


# --- what a text may not hold ------------------------------------------------------------


def machine_paths(text: str) -> list[str]:
    return [match[0] for match in MACHINE_PATH.finditer(text)]


def registry_hosts(text: str) -> list[str]:
    return [match[0] for match in REGISTRY.finditer(text)]


def american_words(text: str) -> list[str]:
    return [match[0] for match in _SPELLING.finditer(prose(text))]


def prose(markdown: str) -> str:
    """Return Markdown without code, mathematics, links' targets and directive options."""
    markdown = re.sub(r"^(`{3,}|~{3,})(?!\{).*?^\1", "", markdown, flags=re.DOTALL | re.MULTILINE)
    markdown = re.sub(r"^:[\w-]+:.*$|^`{3,}\{.*$|^:{3,}\{.*$", "", markdown, flags=re.MULTILINE)
    markdown = re.sub(r"`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$", "", markdown, flags=re.DOTALL)
    markdown = re.sub(r"<[^>\n]+>|\{#?[\w-]+\}", "", markdown)
    return re.sub(r"\]\([^)]*\)", "]", markdown)


def is_foreign(name: str, content: bytes) -> str | None:
    """Say why a file looks like third-party code, if it does."""
    if {"node_modules", "vendor"} & set(Path(name).parts):
        return "it lies in a folder for third-party code"
    if Path(name).suffix in {".js", ".mjs", ".cjs", ".css", ".map"}:
        if len(content) > MAX_SCRIPT:
            return f"it has {len(content)} bytes"
        if max(map(len, content.splitlines()), default=0) > MAX_SCRIPT_LINE:
            return "it has a line as long as minified code"
    return None


def relative_links(markdown: str) -> list[str]:
    targets = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", markdown, flags=re.DOTALL))
    return [t.partition("#")[0] for t in targets if not re.match(r"[a-z]+:|#", t)]


# --- the files of this repository --------------------------------------------------------

FILES = source_files()
TEXTS = {name_of(path): text_of(path) for path in FILES}


def test_the_files_are_found():
    assert {"README.md", "Makefile", "tests/test_repository.py"} <= set(map(name_of, FILES))


def found_in(texts: dict[str, str], check) -> dict[str, list[str]]:
    return {name: found for name, text in texts.items() if (found := check(text))}


def test_no_path_of_a_machine():
    texts = {name: text for name, text in TEXTS.items() if name not in MAY_NAME_PATHS}
    assert found_in(texts, machine_paths) == {}


def test_no_registry_host():
    assert found_in(TEXTS, registry_hosts) == {}


def test_no_third_party_code():
    found = {name_of(path): is_foreign(name_of(path), path.read_bytes()) for path in FILES}
    assert {name: why for name, why in found.items() if why} == {}


def test_one_spelling():
    texts = {name: text for name, text in TEXTS.items() if name.endswith(".md")}
    for path in FILES:
        if path.suffix == ".ipynb":
            cells = read_notebook(path)["cells"]
            shown = [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]
            texts[name_of(path)] = "\n\n".join(shown)
    assert found_in(texts, american_words) == {}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_between_files_lead_somewhere(name):
    links = relative_links((ROOT / name).read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def first_column(markdown: str, heading: str) -> list[str]:
    """Return what stands in code in the first column of the tables below a heading."""
    section = re.split(r"^## ", markdown.partition(f"## {heading}\n")[2], flags=re.MULTILINE)[0]
    rows = re.findall(r"^\| (`[^|]*`) \|", section, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([^`]*)`", row)]


def make_targets(makefile: str) -> list[str]:
    return re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)


def modules(*folders: str) -> list[str]:
    """Return the modules of some folders, without those that are private."""
    found = [path for folder in folders for path in (ROOT / folder).iterdir()]
    packages = [path for path in found if (path / "__init__.py").is_file()]
    names = [path.stem for path in [*packages, *(p for p in found if p.suffix == ".py")]]
    return [name for name in names if not name.startswith("_")]


def test_every_command_is_explained():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    commands = first_column(text, "Commands")
    targets = make_targets((ROOT / "Makefile").read_text(encoding="utf-8"))
    assert sorted(commands) == sorted(f"make {target}" for target in targets)


def test_every_module_is_on_the_map():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    wanted = modules("latchlib", "latchbook", "tools", "book/extensions")
    assert sorted(first_column(text, "Map of the code")) == sorted(wanted)


def test_ruff_has_no_complaint():
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", "."],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_requirements_are_pinned_and_complete():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").split("\n")
    assert lines[-2:] == ["-e .", ""]
    more = (ROOT / "requirements-build.txt").read_text(encoding="utf-8").splitlines()
    pin = re.compile(r"([\w.-]+)==[\w.!+]+( ; .+)?$")
    assert [line for line in lines[:-2] + more if not pin.match(line)] == []
    names = [pin.match(line)[1] for line in lines[:-2] + more]
    assert len(set(names)) == len(names)


def test_names_on_the_notation_page_exist():
    page = (ROOT / "book" / "notation.md").read_text(encoding="utf-8")
    names = re.findall(r"`(\w+)\.(\w+)`(?: \(([^)]*)\))?", page)
    assert len(names) > 10
    for module, name, fields in names:
        found = getattr(importlib.import_module(f"latchlib.{module}"), name)
        for field in re.findall(r"`(\w+)`", fields):
            # A field of a dataclass, or an argument of a function.
            assert field in inspect.signature(found).parameters
    from latchlib.formulas import formula

    for name in re.findall(r'`formula\("(\w+)"\)`', page):
        assert formula(name).name == name


# --- each check against something wrong --------------------------------------------------


@pytest.mark.parametrize("path", ["tmp/x.csv", "work/main", "root/.cache", "home/me/book"])
def test_a_path_of_a_machine_is_found(path):
    assert machine_paths(f"see '/{path}'") != []
    assert machine_paths(f"see 'book/{path}' and https://example.org/{path}") == []


@pytest.mark.parametrize(
    "host", ["registry." + "npmjs.org", "pypi." + "org", "files.python" + "hosted.org"]
)
def test_a_registry_host_is_found(host):
    assert registry_hosts(f"from https://{host}/simple") != []
    assert registry_hosts("mybinder.org, doi.org and example.com") == []


@pytest.mark.parametrize(
    "word",
    [
        "color",
        "colorful",
        "behavior",
        "modeling",
        "center",
        "Normalized",
        "minimizing",
        "optimization",
        "analyzed",
    ],
)
def test_an_american_spelling_is_found(word):
    assert american_words(f"The {word} of it.") == [word]
    assert american_words(f"```{{note}}\nThe {word} of it.\n```\n") == [word]


@pytest.mark.parametrize(
    "text",
    [
        "The colour, normalised; a centre, the behaviour.",
        "`color` and $\\color{red} x$",
        "```python\nax.set(color='red')\n```",
        ":color: red",
        "[the page](color.html)",
        "a size resized, two sizes, a prize, to seize; exercise and horizon",
    ],
)
def test_code_keeps_its_own_spelling(text):
    assert american_words(text) == []


def test_third_party_code_is_found():
    assert is_foreign("book/assets/vendor/mathjax.js", b"")
    assert is_foreign("node_modules/d3/d3.js", b"")
    assert is_foreign("latchbook/explorables/latch.js", b"let a;\n" * 10_000)
    assert is_foreign("latchbook/explorables/latch.js", b"let a;" * 1_000)
    assert is_foreign("latchbook/explorables/latch.js", b"let a;\n" * 100) is None


def test_the_tables_are_read():
    page = "## One\n\n| `a`, `b` | x `c` |\n| --- | --- |\n\n## Two\n\n| `d` | y |\n"
    assert first_column(page, "One") == ["a", "b"] and first_column(page, "Two") == ["d"]
    assert make_targets("book: $(READY) ## build\n$(READY): x\nhidden:\nwith-a: ## b\n") == [
        "book",
        "with-a",
    ]


def test_a_dead_link_is_found():
    assert relative_links("[a](b.md) [c](https://d.org) [e](#f) [g](h.md#i)") == ["b.md", "h.md"]
