"""Displayed equations of the chapters, written from ``latchlib.formulas``.

An equation labelled ``(eq-h-star)`` shows the formula called ``h_star``: nobody types its LaTeX.
"""

from __future__ import annotations

import re

from latchlib import formulas

# No $$ inside, or a match would begin at an equation without label and swallow the text between.
_EQUATION = re.compile(
    r"\$\$\n(?P<latex>(?:(?!\$\$).)*)\n\$\$ \(eq-(?P<name>[a-z0-9-]+)\)", re.DOTALL
)

_EMPTY = re.compile(r"^[ \t>]*\$\$\s*\?\s*\$\$.*$", re.MULTILINE)


def fill(source: str) -> str:
    """Return `source` with every labelled equation as its formula gives it.

    Raises
    ------
    ValueError
        If a label names no formula, or a ``?`` is left where an equation should stand, as in an
        indented block, which is not filled in.
    """

    def write(match: re.Match) -> str:
        name = match["name"]
        return f"$$\n{formulas.latex(name.replace('-', '_'))}\n$$ (eq-{name})"

    filled = _EQUATION.sub(write, source)
    if left := _EMPTY.search(filled):
        raise ValueError(f"{left[0]!r} is not filled in: it needs a label (eq-...) and no indent")
    return filled
