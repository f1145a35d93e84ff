"""The unit of the paper: y = tanh(p)."""

import sympy as sp

from latchlib.cells._base import Cell

__all__ = ["TANH"]

_p = sp.Symbol("p", real=True)

TANH = Cell(
    "tanh",
    rows={_p: "WU1"},
    psi=sp.tanh(_p),
    source="Bengio, Simard and Frasconi (1994)",
)
