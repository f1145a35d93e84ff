"""A selective unit: a straight line in the state, whose slope the input chooses at each step.

    c_t = (1 - sigma(z)) c_{t-1} + sigma(z) p,   y_t = c_t

The gate z reads the input and not the state, so that for given inputs the unit is linear.
"""

import sympy as sp

from latchlib.cells._base import Cell, sigmoid

__all__ = ["SELECTIVE"]

_c, _p, _z = sp.symbols("c p z", real=True)

SELECTIVE = Cell(
    "selective",
    rows={_z: "U1", _p: "U1"},
    phi={_c: (1 - sigmoid(_z)) * _c + sigmoid(_z) * _p},
    psi=_c,
    source="Gu and Dao (2023), of one state",
)
