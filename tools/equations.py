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


def fill(source: str) -> str:
    """Return `source` with every labelled equation as its formula gives it.

    Raises
    ------
    ValueError
        If a label names no formula.
    """

    def write(match: re.Match) -> str:
        name = match["name"]
        return f"$$\n{formulas.latex(name.replace('-', '_'))}\n$$ (eq-{name})"

    return _EQUATION.sub(write, source)
