"""A unit without a bend: y = p.

A network of it multiplies what it has by the same matrix at each step, and adds its inputs.
"""

import sympy as sp

from latchlib.cells._base import Cell

__all__ = ["LINEAR"]

_p = sp.Symbol("p", real=True)

LINEAR = Cell(
    "linear",
    rows={_p: "WU1"},
    psi=_p,
    source="Saxe, McClelland and Ganguli (2014)",
)
