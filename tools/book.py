"""What the book consists of: its pages in order, and how a notebook is read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
#: libyaml's, where PyYAML has it: the ledger takes a twentieth of the time.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """Return what a file of YAML holds."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)


def pages(root: Path = ROOT) -> list[str]:
    """Return every page of ``_toc.yml`` in reading order, such as ``book/latch-neuron``."""
    toc = read_yaml(root / "_toc.yml")
    listed = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    return [toc["root"], *listed]


def chapters(root: Path = ROOT) -> list[str]:
    """Return the names of the pages that are notebooks, in reading order, without folder."""
    return [Path(page).name for page in pages(root) if (root / f"{page}.ipynb").is_file()]


def notebook_path(chapter: str, root: Path = ROOT) -> Path:
    """Return the path of the notebook of a chapter."""
    return root / "book" / f"{chapter}.ipynb"


def read_notebook(path: Path) -> dict:
    """Return a notebook as stored, with every ``source`` joined into one string.

    Raises
    ------
    ValueError
        If the file is not a notebook of format 4.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"path is {path}; accepted is a notebook in JSON ({error})") from None
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        raise ValueError(f"path is {path}; accepted is a notebook of format 4")
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def tags(cell: dict) -> list[str]:
    """Return the tags of a cell."""
    return list(cell.get("metadata", {}).get("tags", []))


def title(chapter: str, root: Path = ROOT) -> str:
    """Return the text of a chapter's first heading."""
    for cell in read_notebook(notebook_path(chapter, root))["cells"]:
        if cell["cell_type"] == "markdown":
            for line in cell["source"].splitlines():
                if line.startswith("# "):
                    return line[2:].strip()
    raise ValueError(f"chapter is {chapter!r}; accepted is a notebook with a heading '# …'")


def write(path: Path, text: str) -> None:
    """Write `text` to `path` so that a reader sees the old file or the new one, never half."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
