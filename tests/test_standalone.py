"""A notebook that left the book: it says what it lacks, and runs where it lacks nothing."""

import json
import sys

import nbformat
import pytest
from jupyter_client import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tools.book import ROOT, chapters, notebook_path
from tools.standalone import CELL_ID, Source, standalone

PUBLIC = Source(repository="https://github.com/owner/latch-book", branch="main")
WHEEL = Source(wheel="../latchlib-1.whl")
READS = ["from latchlib.experiments import EXPERIMENTS, load", "saved = load('fig-2a')"]


def notebook(*sources: str) -> str:
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_markdown_cell("# A chapter")]
    made.cells += [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.writes(made)


def added(text: str) -> str:
    """Return the source of the cell that says what is missing."""
    [cell] = [c for c in nbformat.reads(text, as_version=4).cells if c.get("id") == CELL_ID]
    return cell.source


def run(source: str, monkeypatch, *, found: bool):
    """Run the cell where latchlib is found, or is not; return what it raises."""
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if found else None)
    try:
        exec(compile(source, "cell", "exec"), {})
    except ModuleNotFoundError as error:
        return str(error)
    return None


# --- the cell ----------------------------------------------------------------------------


@pytest.mark.parametrize("chapter", chapters())
def test_every_chapter_gets_one_cell_in_front_of_its_code(chapter):
    before = nbformat.read(notebook_path(chapter), as_version=4)
    text = standalone(notebook_path(chapter).read_text(encoding="utf-8"), PUBLIC)
    after = nbformat.reads(text, as_version=4)
    nbformat.validate(after)
    code = [cell for cell in after.cells if cell.cell_type == "code"]
    assert code[0].id == CELL_ID
    assert [cell for cell in after.cells if cell.id != CELL_ID] == before.cells
    assert standalone(text, PUBLIC) == text


@pytest.mark.parametrize(
    ("source", "command"),
    [
        (
            PUBLIC,
            '%pip install "latchlib @ https://github.com/owner/latch-book/archive/refs/heads/',
        ),
        (WHEEL, '%pip install "../latchlib-1.whl"'),
        (Source(), "README.txt"),
    ],
)
def test_it_says_how_to_get_the_package(source, command, monkeypatch):
    cell = added(standalone(notebook("import latchlib"), source))
    message = run(cell, monkeypatch, found=False)
    assert message.startswith("This chapter needs the package latchlib, not found here")
    assert command in message
    assert run(cell, monkeypatch, found=True) is None


@pytest.mark.parametrize("source", [PUBLIC, WHEEL, Source()])
def test_it_says_that_saved_results_are_missing(source, monkeypatch, tmp_path):
    cell = added(standalone(notebook(*READS), source))
    monkeypatch.chdir(tmp_path)
    both = "the package latchlib and the folder data with saved results"
    assert both in run(cell, monkeypatch, found=False)
    message = run(cell, monkeypatch, found=True)
    assert message.startswith("This chapter needs the folder data with saved results, not found")
    if source == PUBLIC:
        assert "!git clone" in message and "%cd latch-book/book" in message
    (tmp_path / "data").mkdir()
    assert run(cell, monkeypatch, found=True) is None


# --- in a kernel that has no latchlib ----------------------------------------------------

#: Run by the kernel's interpreter when it starts: forget the checkout that pip linked to.
_WITHOUT = """
import os, sys

sys.path[:] = [path for path in sys.path if not os.path.isdir(os.path.join(path, "latchlib"))]
sys.meta_path[:] = [f for f in sys.meta_path if "editable" not in getattr(f, "__module__", "")]
"""


@pytest.fixture
def kernel_without(tmp_path, monkeypatch):
    """A kernel of this interpreter that does not find latchlib."""
    folder = tmp_path / "without"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_WITHOUT)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    manager = KernelManager(kernel_name="python3")
    manager.kernel_spec.argv[0] = sys.executable
    return manager


@pytest.mark.parametrize("chapter", ["latch-neuron"])
def test_a_downloaded_chapter_says_it_in_jupyter(chapter, kernel_without, tmp_path):
    text = standalone(notebook_path(chapter).read_text(encoding="utf-8"), PUBLIC)
    opened = nbformat.reads(text, as_version=4)
    client = NotebookClient(
        opened, km=kernel_without, timeout=60, resources={"metadata": {"path": str(tmp_path)}}
    )
    with pytest.raises(CellExecutionError) as stopped:
        client.execute()
    assert "This chapter needs the package latchlib, not found here" in str(stopped.value)
    assert "%pip install" in stopped.value.evalue
    first = next(cell for cell in opened.cells if cell.cell_type == "code")
    assert first.outputs[0].output_type == "error"


# --- on the built pages ------------------------------------------------------------------


def test_the_download_buttons_give_notebooks_with_the_cell():
    sources = ROOT / "_build" / "html" / "_sources" / "book"
    for name in chapters():
        cells = json.loads((sources / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
        assert CELL_ID in [cell.get("id") for cell in cells], name
        page = (sources.parents[1] / "book" / f"{name}.html").read_text(encoding="utf-8")
        assert f'href="../_sources/book/{name}.ipynb" download="{name}.ipynb"' in page
