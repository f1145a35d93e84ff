"""Sphinx extension: the table of the status page, counted while the book is built.

``{chapter-status}`` gives a row a chapter, ``{result-status}`` a row a saved result, and
``{version-status}`` the versions that built the page. Nothing of it is stored, so it cannot go
stale without the book being built anew.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections import Counter
from importlib.metadata import version
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

#: What nbval compares; a picture in pixels is shown, not compared.
COMPARED = {"text/plain", "text/html", "text/latex", "image/svg+xml"}
PACKAGES = ("latchlib", "numpy", "sympy", "scipy", "matplotlib", "pandas", "jupyter-book", "nbval")


def counts(notebook: dict) -> tuple[int, int, int]:
    """Return code cells, those that have been executed, and outputs that nbval compares."""
    cells = [c for c in notebook["cells"] if c["cell_type"] == "code" and c["source"].strip()]
    executed = [cell for cell in cells if cell.get("execution_count") is not None]
    compared = [
        output
        for cell in executed
        for output in cell["outputs"]
        if output["output_type"] == "stream" or COMPARED.intersection(output.get("data", {}))
    ]
    return len(cells), len(executed), len(compared)


def stored_on(root: Path, path: Path) -> str:
    """Return the day on which git last took a file in, or "unknown" where git does not know."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "log", "-1", "--format=%cs", "--", str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return "unknown"
    return done.stdout.strip() or "unknown"


def table(head: list[str], rows: list[list[object]], left: int = 1) -> str:
    """Return a Markdown table; all columns but the first `left` are aligned to the right."""
    rules = ["---"] * left + ["---:"] * (len(head) - left)
    lines = [head, rules, *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def chapter_table(root: Path) -> str:
    """Return the table of chapters as Markdown."""
    from tools import book, claims

    ledger = claims.load(root)
    rows, totals = [], Counter()
    for name in book.chapters(root):
        path = book.notebook_path(name, root)
        cells, executed, compared = counts(book.read_notebook(path))
        verdicts = Counter(claim.verdict for claim in ledger if claim.chapter == name)
        numbers = {"cells": executed, "outputs": compared}
        numbers |= {verdict: verdicts[verdict] for verdict in claims.VERDICTS}
        totals += Counter(numbers)
        ran = executed if executed == cells else f"{executed} of {cells}"
        shown = [ran, *list(numbers.values())[1:], stored_on(root, path)]
        rows.append([f"[{book.title(name, root)}](/book/{name}.ipynb)", *shown])
    whole = [totals[key] for key in ("cells", "outputs", *claims.VERDICTS)]
    rows.append(["all", *whole, ""])
    head = ["Chapter", "Cells run", "Outputs compared", *map(str.capitalize, claims.VERDICTS)]
    return table([*head, "Stored on"], rows)


def result_table(root: Path) -> str:
    """Return the table of saved results as Markdown."""
    rows = []
    for folder in sorted((root / "book" / "data").iterdir()):
        cells = [json.loads(p.read_text(encoding="utf-8")) for p in sorted(folder.glob("*.json"))]
        seeds = {cell["seed"] for cell in cells}
        made = {"latchlib {latchlib}, NumPy {numpy}".format(**cell["versions"]) for cell in cells}
        shown = [", ".join(map(str, sorted(found))) for found in (seeds, made)]
        size = sum(len(cell["rows"]) for cell in cells)
        rows.append([f"`latchlib reproduce {folder.name}`", size, *shown, stored_on(root, folder)])
    return table(["Command", "Rows", "Seed", "Made with", "Stored on"], rows)


def version_table(root: Path) -> str:
    """Return the table of versions as Markdown."""
    rows = [["Python", platform.python_version()]]
    rows += [[package, version(package)] for package in PACKAGES]
    return table(["Package", "Version"], rows)


class _Status(SphinxDirective):
    text = staticmethod(chapter_table)

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        root = Path(self.env.srcdir)
        if str(root) not in sys.path:  # where the book is not built by tools/build_book.py
            sys.path.insert(0, str(root))
        return self.parse_text_to_nodes(self.text(root))


class _Results(_Status):
    text = staticmethod(result_table)


class _Versions(_Status):
    text = staticmethod(version_table)


def setup(app: Sphinx) -> dict:
    """Register the directives."""
    app.add_directive("chapter-status", _Status)
    app.add_directive("result-status", _Results)
    app.add_directive("version-status", _Versions)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
