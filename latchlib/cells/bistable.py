"""A bistable unit: its loop reads its own state, with a weight between 0 and 2 that is computed.

    s_t = sigma(c) s_{t-1} + (1 - sigma(c)) tanh(g + (1 + tanh a) s_{t-1}),   y_t = s_t

Where a > 0 the loop weight is above 1 and the unit holds a bit, where a < 0 it forgets. Here a and
c read the outputs of all units; in a network of one unit that is the unit itself.
"""

import sympy as sp

from latchlib.cells._base import Cell, sigmoid

__all__ = ["BISTABLE"]

_s, _a, _c, _g = sp.symbols("s a c g", real=True)
_new = sp.tanh(_g + (1 + sp.tanh(_a)) * _s)

BISTABLE = Cell(
    "bistable",
    rows={_a: "WU1", _c: "WU1", _g: "U1"},
    phi={_s: sigmoid(_c) * _s + (1 - sigmoid(_c)) * _new},
    psi=_s,
    source="Vecoven, Ernst and Drion (2021)",
)
