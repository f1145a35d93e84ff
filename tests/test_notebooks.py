"""Guards over the stored notebooks, and the tool that regenerates them.

nbval compares outputs; what it does not see is checked here, such as a notebook stored without
outputs, which it passes without comparing anything.
"""

import copy
import re
import statistics

import nbformat
import pytest

from tools import claims, notebooks
from tools.book import ROOT, chapters, notebook_path, pages, read_notebook, tags, title

#: Not a chapter of the paper: no statement to settle, so no rhythm and no exercises.
NO_RHYTHM = {"how-to-read"}
RHYTHM = (
    "Statement",
    "Predict",
    "Derive",
    "Run",
    "See",
    "Break it",
    "Exercises",
    "Claims settled here",
)
MIN_EXERCISES = 3
MAX_LINES = 15
MAX_MEDIAN_LINES = 8


# --- guards: each takes a notebook and its name, and says what is wrong ------------------


def code_cells(notebook: dict) -> list[dict]:
    return [c for c in notebook["cells"] if c["cell_type"] == "code" and c["source"].strip()]


def markdown(notebook: dict) -> list[str]:
    return [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown"]


def outputs_are_stored(notebook: dict, name: str) -> list[str]:
    return [
        f"not executed: {cell['source']!r}"
        for cell in code_cells(notebook)
        if cell.get("execution_count") is None
    ]


def no_error_is_stored(notebook: dict, name: str) -> list[str]:
    return [
        f"error stored: {output.get('ename')}"
        for cell in code_cells(notebook)
        for output in cell["outputs"]
        if output["output_type"] == "error"
    ]


def no_widget_state(notebook: dict, name: str) -> list[str]:
    found = ["widget state in the metadata"] if "widgets" in notebook["metadata"] else []
    for cell in code_cells(notebook):
        for output in cell["outputs"]:
            found += [f"{key} stored" for key in output.get("data", {}) if "widget-view" in key]
    return found


def cells_are_short(notebook: dict, name: str) -> list[str]:
    # Nobody reads down a folded list of imports.
    lengths = [
        sum(not line.startswith(("import ", "from ")) for line in cell["source"].splitlines())
        for cell in code_cells(notebook)
    ]
    found = [f"a code cell of {n} lines" for n in lengths if n > MAX_LINES]
    if lengths and statistics.median(lengths) > MAX_MEDIAN_LINES:
        found.append(f"the median code cell has {statistics.median(lengths)} lines")
    return found


def figures_are_described(notebook: dict, name: str) -> list[str]:
    found = []
    for cell in code_cells(notebook):
        kinds = [key for output in cell["outputs"] for key in output.get("data", {})]
        if any(kind.startswith("image/") for kind in kinds):
            described = cell["metadata"].get("mystnb", {})
            if not described.get("image", {}).get("alt", "").strip():
                found.append(f"a figure without alt text: {cell['source']!r}")
            # An explorable carries its captions in itself.
            explorable = any(tag.startswith("cell-explore-") for tag in tags(cell))
            if not explorable and not described.get("figure", {}).get("caption", "").strip():
                found.append(f"a figure without caption: {cell['source']!r}")
    return found


def no_trailing_semicolon(notebook: dict, name: str) -> list[str]:
    return [
        f"ends with ';', which nbval ignores: {cell['source']!r}"
        for cell in code_cells(notebook)
        if cell["source"].rstrip().endswith(";")
    ]


def is_in_the_toc(notebook: dict, name: str) -> list[str]:
    return [] if f"book/{name}" in pages(ROOT) else ["it is not in _toc.yml"]


def tags_are_unique(notebook: dict, name: str) -> list[str]:
    labels = []
    for cell in notebook["cells"]:
        own = tags(cell)
        labels += {tag for tag in own if tag.startswith("cell-")}
        labels += [tag for tag in set(own) if own.count(tag) > 1 for _ in range(2)]
    return [f"tag {tag} twice" for tag in sorted(set(labels)) if labels.count(tag) > 1]


def headings(notebook: dict) -> list[tuple[int, str]]:
    found = []
    for source in markdown(notebook):
        fence = ""
        for line in source.splitlines():
            mark = re.match(r"\s*(`{3,}|:{3,})", line)
            if mark and not fence:
                fence = mark[1]
            elif mark and mark[1] == fence:
                fence = ""
            elif not fence and (heading := re.match(r"(#{1,6})\s+(.*)", line)):
                found.append((len(heading[1]), heading[2].strip()))
    return found


def headings_step_down(notebook: dict, name: str) -> list[str]:
    levels = [level for level, _ in headings(notebook)]
    found = [] if levels[:1] == [1] else ["the first heading is not of level 1"]
    if levels.count(1) > 1:
        found.append("more than one heading of level 1")
    for (above, _), (below, text) in zip(headings(notebook), headings(notebook)[1:], strict=False):
        if below > above + 1:
            found.append(f"heading {text!r} skips a level")
    return found


def rhythm_is_kept(notebook: dict, name: str) -> list[str]:
    if name in NO_RHYTHM:
        return []
    texts = [text.lower().removeprefix("the ") for level, text in headings(notebook) if level == 2]
    first = {
        part: next((n for n, text in enumerate(texts) if text.startswith(part.lower())), None)
        for part in RHYTHM
    }
    found = [f"no section {part!r}" for part, at in first.items() if at is None]
    present = [at for at in first.values() if at is not None]
    if present != sorted(present):
        found.append("the sections are not in the order of the rhythm")
    return found


_GOALS = re.compile(
    r"^:{3,}\{admonition\} In this chapter\n:class: learning-goals\n\n"
    r"(?P<goals>(?:- .+\n(?:  .+\n)*)+)\n\*\*You need\*\* (?P<needs>.+(?:\n.+)*)\n:{3,}$",
    re.MULTILINE,
)


def goals_are_set(notebook: dict, name: str) -> list[str]:
    """The chapter opens with two to four goals and with what it needs."""
    if name in NO_RHYTHM:
        return []
    block = _GOALS.search(notebook["cells"][0]["source"])
    if not block:
        return ["the first cell does not say what is 'In this chapter' and what 'You need'"]
    goals = re.findall(r"^- ", block["goals"], re.MULTILINE)
    return [] if 2 <= len(goals) <= 4 else [f"{len(goals)} goals; wanted are 2 to 4"]


def chapters_are_linked(notebook: dict, name: str) -> list[str]:
    """Other chapters are linked as files, which JupyterLab follows too, by their own titles."""
    found = []
    for source in markdown(notebook):
        found += [
            f"{role} leads nowhere in JupyterLab; wanted is [title](chapter.ipynb)"
            for role in re.findall(r"\{ref\}`(?:[^`]*<)?ch-[^`]+`", source)
        ]
        for text, target in re.findall(r"\[([^\]]*)\]\(([\w-]+)\.ipynb\)", source):
            if target not in chapters():
                found.append(f"no chapter {target}")
            elif not text or (text[0].isupper() and text != title(target)):
                found.append(f"{target} is called {title(target)!r}, not {text!r}")
    return found


_DIRECTIVE = re.compile(
    r"^(?:`{3,}|:{3,})\{(?P<name>[\w:-]+)\}[ \t]*(?P<argument>.*)\n(?P<options>(?::[\w-]+:.*\n?)*)",
    re.MULTILINE,
)


def directives(notebook: dict):
    """Yield (position, name, argument, options) of every directive, and code cells as "code"."""
    for position, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code":
            yield position, "code", cell, {}
            continue
        for match in _DIRECTIVE.finditer(cell["source"] + "\n"):
            options = dict(re.findall(r"^:([\w-]+):[ \t]*(.*)$", match["options"], re.MULTILINE))
            yield position, match["name"], match["argument"].strip(), options


def exercises_are_complete(notebook: dict, name: str) -> list[str]:
    found, labels = [], []
    hinted, solved = set(), set()
    current = solving = None
    for _, kind, argument, options in directives(notebook):
        if kind in ("exercise", "exercise-start"):
            current = options.get("label", "")
            labels.append(current)
            if not current.startswith("ex-"):
                found.append(f"exercise {argument!r} has no label that begins with 'ex-'")
        elif kind in ("dropdown", "admonition") and argument.lower().startswith("hint"):
            if kind == "dropdown" or "dropdown" in options.get("class", ""):
                hinted.add(current)
        elif kind == "solution-start":
            solving = argument if "dropdown" in options.get("class", "") else None
        elif kind == "solution-end":
            solving = None
        elif kind == "code" and solving and argument["execution_count"] is not None:
            solved.add(solving)
    found += [f"exercise {label} has no folded hint" for label in labels if label not in hinted]
    found += [
        f"exercise {label} has no folded solution with an executed cell"
        for label in labels
        if label not in solved
    ]
    found += [f"label {label} twice" for label in sorted(set(labels)) if labels.count(label) > 1]
    if name not in NO_RHYTHM and len(labels) < MIN_EXERCISES:
        found.append(f"{len(labels)} exercises; wanted are {MIN_EXERCISES}")
    return found


def questions_are_asked(notebook: dict, name: str) -> list[str]:
    if name in NO_RHYTHM:
        return []
    found, section = [], ""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            titles = re.findall(r"^## +(?:The )?(.*)$", cell["source"], re.MULTILINE)
            section = titles[-1] if titles else section
        elif call := re.match(r"(predict|drill)\(", cell["source"]):
            kind = call[1]
            found.append(kind)
            if cell["source"] != f'{kind}("{name}")' or "hide-input" not in tags(cell):
                return [f"{cell['source']!r}; wanted is {kind}({name!r}), tagged hide-input"]
            if not section.startswith({"predict": "Predict", "drill": "Exercises"}[kind]):
                return [f"{kind} stands in the section {section!r}"]
    return [] if found == ["predict", "drill"] else [f"asks {found}; wanted: predict and drill"]


GUARDS = (
    outputs_are_stored,
    no_error_is_stored,
    no_widget_state,
    cells_are_short,
    figures_are_described,
    no_trailing_semicolon,
    is_in_the_toc,
    tags_are_unique,
    headings_step_down,
    rhythm_is_kept,
    goals_are_set,
    chapters_are_linked,
    exercises_are_complete,
    questions_are_asked,
)


# --- the notebooks of the book -----------------------------------------------------------

NAMES = [path.stem for path in notebooks.notebook_paths(ROOT)]


@pytest.mark.parametrize("name", NAMES)
def test_notebook(name):
    notebook = read_notebook(notebook_path(name))
    assert [f"{g.__name__}: {found}" for g in GUARDS for found in g(notebook, name)] == []


def test_notebooks_are_in_normal_form():
    assert notebooks.stale(ROOT) == []


def test_labels_are_unique_in_the_book():
    found = [
        tag
        for name in chapters()
        for cell in read_notebook(notebook_path(name))["cells"]
        for tag in tags(cell)
        if tag.startswith("cell-")
    ]
    assert sorted(tag for tag in set(found) if found.count(tag) > 1) == []


# --- the tool that regenerates them ------------------------------------------------------


def code(source: str, *, count: int | None = 1, outputs=(), **metadata) -> dict:
    return {
        "cell_type": "code",
        "source": source,
        "execution_count": count,
        "outputs": list(outputs),
        "metadata": metadata,
    }


def text(*lines: str, **metadata) -> dict:
    return {"cell_type": "markdown", "source": "\n".join(lines), "metadata": metadata}


def shows(kind: str, content: str = "x") -> dict:
    return {"output_type": "display_data", "data": {kind: content}, "metadata": {}}


VIEW = "application/vnd.jupyter.widget-view+json"


def as_node(*cells: dict) -> nbformat.NotebookNode:
    numbered = [cell | {"id": f"old-{number}"} for number, cell in enumerate(cells)]
    whole = {"cells": numbered, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return nbformat.from_dict(copy.deepcopy(whole))


def normal(*cells: dict) -> dict:
    return nbformat.reads(notebooks.normalise(as_node(*cells)), as_version=4)


def test_normal_form_is_a_fixed_point():
    once = notebooks.normalise(as_node(text("# One"), code("draw()", outputs=[shows("image/png")])))
    again = notebooks.normalise(nbformat.reads(once, as_version=4))
    assert once == again
    assert once.endswith("}\n")


def test_cell_ids_follow_tag_and_source_not_position():
    one, two = code("a = 1", tags=["cell-a"]), code("b = 2")
    alone = [cell.id for cell in normal(one, two).cells]
    pushed = [cell.id for cell in normal(text("# New"), one, two).cells]
    assert alone[0] == "cell-a"
    assert pushed[1:] == alone
    twins = [cell.id for cell in normal(two, two).cells]
    assert len(set(twins)) == 2


def test_widget_views_go_and_the_static_picture_stays():
    both = {
        "output_type": "display_data",
        "data": {VIEW: {"model_id": "1"}, "text/plain": "Latch()", "image/svg+xml": "<svg/>"},
        "metadata": {VIEW: {}, "image/svg+xml": {}},
    }
    (cell,) = normal(code("latch", outputs=[both, shows(VIEW)])).cells
    assert len(cell.outputs) == 1
    assert set(cell.outputs[0].data) == {"text/plain", "image/svg+xml"}
    assert set(cell.outputs[0].metadata) == {"image/svg+xml"}


@pytest.mark.parametrize(
    ("shown", "message"),
    [
        ("<object at 0x7f3b2c1d9a30>", "a memory address"),
        ("saved to /tmp/result.csv", "a path of this machine"),
        ("File /home/someone/book.py", "a path of this machine"),
        ("100%|###| 3/3 [00:01<00:00,  2.50it/s]", "a progress bar"),
    ],
)
def test_outputs_that_change_are_refused(shown, message):
    cell = code("show()", outputs=[{"output_type": "stream", "name": "stdout", "text": shown}])
    with pytest.raises(notebooks.NotebookError, match=rf"x\.ipynb, cell 0 \(show\(\)\).*{message}"):
        notebooks.check_outputs(as_node(cell), "x.ipynb")


CLAIM = claims.Claim("a", "paper", "III", "It holds.", "proved", "one", "cell-a")


def test_the_claims_cell_is_written_anew():
    notebook = as_node(text("old", tags=[claims.SETTLED_TAG]))
    notebooks.refresh(notebook, "one", [CLAIM])
    assert "claims.md#claim-a" in notebook.cells[0].source


@pytest.mark.parametrize(
    ("cells", "ledger", "message"),
    [
        ([], [CLAIM], "settles some claims and has 0"),
        ([text("a", tags=[claims.SETTLED_TAG])] * 2, [CLAIM], "some claims and has 2"),
        ([text("a", tags=[claims.SETTLED_TAG])], [], "no claims and has 1"),
    ],
)
def test_a_claims_cell_too_few_or_too_many_is_refused(cells, ledger, message):
    with pytest.raises(notebooks.NotebookError, match=message):
        notebooks.refresh(as_node(*cells), "one", ledger)


@pytest.fixture
def small_book(tmp_path):
    """A checkout with one notebook, whose cell can be chosen."""

    def make(source: str):
        folder = tmp_path / "book"
        folder.mkdir()
        (tmp_path / "_toc.yml").write_text(
            "root: book/index\nparts:\n  - chapters: [{file: book/one}]\n"
        )
        (folder / "paper_map.yml").write_text("[]\n")
        cells = [text("# One"), code("import pathlib"), code(source)]
        (folder / "one.ipynb").write_text(nbformat.writes(as_node(*cells)))
        return tmp_path

    return make


def test_two_runs_give_the_same_bytes(small_book):
    source = "import ipywidgets\nprint(pathlib.Path.cwd().name)\nipywidgets.IntSlider()"
    root = small_book(source)
    path = root / "book" / "one.ipynb"
    assert notebooks.stale(root) != []
    assert notebooks.main(["--root", str(root)]) == 0
    first = path.read_bytes()
    assert notebooks.main(["--root", str(root)]) == 0
    assert path.read_bytes() == first
    assert notebooks.stale(root) == []
    cell = read_notebook(path)["cells"][2]
    assert cell["outputs"][0]["text"] == ["book\n"]
    assert set(cell["outputs"][1]["data"]) == {"text/plain"}


def test_a_failing_cell_is_named_and_the_file_stays(small_book, capsys):
    root = small_book("x = 1\nraise RuntimeError('no bit stored')")
    path = root / "book" / "one.ipynb"
    before = path.read_bytes()
    assert notebooks.main(["--root", str(root)]) == 1
    message = capsys.readouterr().err
    assert "one.ipynb, cell 2 (x = 1) failed: RuntimeError: no bit stored" in message
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.glob(".*")] == []
