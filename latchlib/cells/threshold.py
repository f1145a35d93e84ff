"""The unit of discrete error propagation: y = 1 where p > 0, -1 elsewhere.

Its derivative is 0 wherever there is one; :mod:`latchlib.training.discrete_error` says what goes
back through it instead.
"""

import sympy as sp

from latchlib.cells._base import Cell

__all__ = ["THRESHOLD"]

_p = sp.Symbol("p", real=True)

THRESHOLD = Cell(
    "threshold",
    rows={_p: "WU1"},
    psi=sp.Piecewise((1, _p > 0), (-1, True)),
    source="Bengio, Simard and Frasconi (1994)",
)
