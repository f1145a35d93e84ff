"""The notebook that JupyterLab opens first, here and on Binder: how to begin, and every chapter.

Its one cell is stored without output: that a picture appears when the reader runs it is what it is
for. tests/test_start_page.py runs it.
"""

from __future__ import annotations

from pathlib import Path

import nbformat

from tools.book import ROOT, notebook_path, read_yaml, title

#: Where the notebook lies in the checkout.
NAME = "start.ipynb"

_WELCOME = """# Start here

*Learning to Latch* is a book that runs. You are in JupyterLab, where its chapters are notebooks:
open one below, read, and run a cell with Shift+Enter. "Run All Cells" in the menu "Run" runs a
chapter from top to bottom. The slowest takes about a minute.

Try it with the next cell. If a picture with sliders appears, everything is in place."""

_TRY = """from latchbook.explorables import Latch

Latch()"""


def render(root: Path = ROOT, folder: str = "book/") -> str:
    """Return the text of the start notebook.

    Parameters
    ----------
    root : Path
        The checkout.
    folder : str
        Where the chapters lie, as seen from the start notebook; "" for the same folder.
    """
    toc = read_yaml(root / "_toc.yml")
    parts = []
    for part in toc["parts"]:
        names = [Path(entry["file"]).name for entry in part["chapters"]]
        lines = [
            f"- [{title(name, root)}]({folder}{name}.ipynb)"
            for name in names
            if notebook_path(name, root).is_file()
        ]
        if lines:
            heading = [f"### {part['caption']}", ""] if "caption" in part else []
            parts.append("\n".join([*heading, *lines]))
    cells = [
        nbformat.v4.new_markdown_cell(_WELCOME, id="welcome"),
        nbformat.v4.new_code_cell(_TRY, id="try"),
        nbformat.v4.new_markdown_cell("\n\n".join(["## Chapters", *parts]), id="chapters"),
    ]
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    nbformat.validate(notebook)
    return nbformat.writes(notebook, ensure_ascii=False).rstrip("\n") + "\n"
