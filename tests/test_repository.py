"""The repository itself: nothing of this machine, nothing of others, no dead link."""

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import codespell_lib
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
DICTIONARIES = Path(codespell_lib.__file__).parent / "data"
MAX_SCRIPT = 50_000  # bytes
MAX_SCRIPT_LINE = 1_000  # characters


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


def british(folder: Path) -> Path:
    """Write codespell's dictionary from British spelling turned round, and return the file."""
    lines = (DICTIONARIES / "dictionary_en-GB_to_en-US.txt").read_text("utf-8").splitlines()
    pairs = [line.split("->") for line in lines]
    # Ours that it lacks.
    for stem in "discret factor linear parametr quant symmetr".split():
        pairs += [(f"{stem}is{end}", f"{stem}iz{end}") for end in ("e", "es", "ed", "ing", "ation")]
    target = folder / "british.txt"
    target.write_text("".join(f"{theirs}->{ours}\n" for ours, theirs in pairs), encoding="utf-8")
    return target


def misspelt(*arguments: str | Path) -> str:
    command = [sys.executable, "-m", "codespell_lib", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True).stdout


def test_spelling(tmp_path):
    code = [path for path in FILES if path.suffix in {".py", ".js", ".mjs", ".css", ".yml"}]
    assert misspelt(*code) == ""
    texts = {name: text for name, text in TEXTS.items() if name.endswith(".md")}
    for path in FILES:
        if path.suffix == ".ipynb":
            cells = read_notebook(path)["cells"]
            shown = [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]
            texts[name_of(path)] = "\n\n".join(shown)
    prose = tmp_path / "prose"
    for name, text in texts.items():
        place = prose / f"{name}.txt"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    both = ("--dictionary", "-", "--dictionary", british(tmp_path))
    assert misspelt(*both, prose) == ""
    # Tried against something wrong, put together here so that it is not found in this file.
    prose.joinpath("wrong.txt").write_text("beha" + "vior, recie" + "ve, line" + "arized\n")
    assert misspelt(*both, prose).count("==>") == 3


def test_imports_go_one_way():
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_between_files_lead_somewhere(name):
    links = relative_links((ROOT / name).read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


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
