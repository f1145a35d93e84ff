"""A chapter's notebook to take away: it says what is missing where it is opened.

The notebooks of the book import latchlib, and some read saved results beside them. Alone, on a
machine that has neither, they would stop with a bare ModuleNotFoundError. So each copy that leaves
the book, from a page's download button or in the zip of ``make bundle``, gets one cell in front of
its first code cell, which looks and says what to run. The notebooks in ``book/`` stay without it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import PurePath

CELL_ID = "what-is-needed"
#: `load("fig-2a")`, of latchlib.experiments, reads the folder `data` beside the notebook.
_READS_RESULTS = re.compile(r"^from latchlib\.experiments import .*\bload\b", re.MULTILINE)

_HEAD = """\
# Only in this copy: it says how to get what the chapter needs, where that is missing.
import importlib.util
from pathlib import Path

missing = []
if importlib.util.find_spec("latchlib") is None:
    missing.append("the package latchlib")
"""
_RESULTS = """\
if not Path("data").is_dir():
    missing.append("the folder data with saved results")
"""
_TAIL = """\
if missing:
    raise ModuleNotFoundError(
        "This chapter needs " + " and ".join(missing) + {text}
    )
"""


@dataclass(frozen=True)
class Source:
    """Where a reader gets latchlib and the saved results from.

    Parameters
    ----------
    repository : str or None
        The book's page on GitHub, None if it is not public.
    branch : str
        Its branch.
    wheel : str or None
        Path of a wheel, as seen from the notebook. It goes before the repository.
    """

    repository: str | None = None
    branch: str = "main"
    wheel: str | None = None

    def advice(self, *, results: bool) -> str:
        """Return what to do, for a chapter that reads saved results or one that does not."""
        again = "then run this cell again."
        if self.wheel:
            text = f'run in a cell\n\n    %pip install "{self.wheel}"\n\n{again}'
            beside = "The folder data came beside this notebook: open it from there."
            return f"{text} {beside}" if results else text
        if self.repository and results:
            folder = PurePath(self.repository).name
            return (
                "run in a cell\n\n"
                f"    !git clone --depth 1 --branch {self.branch} {self.repository}\n"
                f"    %cd {folder}/book\n"
                f"    %pip install ..\n\n{again}"
            )
        if self.repository:
            archive = f"{self.repository}/archive/refs/heads/{self.branch}.zip"
            return f'run in a cell\n\n    %pip install "latchlib @ {archive}"\n\n{again}'
        return (
            'both come with the book: its page "Run it" offers the package, with the line that '
            "installs it, and a zip of all notebooks, whose README.txt says how. Or open the "
            "notebook in the folder book of the repository, after\n\n    %pip install .."
        )


def check_cell(source: Source, *, results: bool) -> dict:
    """Return the cell that says what is missing."""
    where = " with Python 3.11 or newer" if source.wheel or source.repository else ""
    text = f", not found here. To get it{where}, {source.advice(results=results)}"
    if where == "":
        text = f", not found here: {source.advice(results=results)}"
    lines = text.splitlines(keepends=True)
    quoted = "\n        ".join(json.dumps(line, ensure_ascii=False) for line in lines)
    code = _HEAD + (_RESULTS if results else "") + _TAIL.format(text=quoted)
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": CELL_ID,
        "metadata": {},
        "outputs": [],
        "source": code.rstrip("\n").splitlines(keepends=True),
    }


def standalone(text: str, source: Source) -> str:
    """Return the text of a notebook with the cell in front of its first code cell.

    Parameters
    ----------
    text : str
        The notebook, in JSON. One that does not import latchlib, or has the cell, stays as it is.
    source : Source

    Raises
    ------
    ValueError
        If `text` is not a notebook of format 4.
    """
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"text is no JSON ({error}); accepted is a notebook") from None
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        raise ValueError("text is no notebook; accepted is a notebook of format 4")
    cells = notebook["cells"]
    code = [n for n, cell in enumerate(cells) if cell["cell_type"] == "code"]
    sources = ["".join(cells[n]["source"]) for n in code]
    imports = any(re.search(r"^(from|import) latch(lib|book)\b", s, re.MULTILINE) for s in sources)
    if not imports or any(cells[n].get("id") == CELL_ID for n in code):
        return text
    results = any(_READS_RESULTS.search(s) for s in sources)
    cells.insert(code[0], check_cell(source, results=results))
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
