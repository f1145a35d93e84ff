"""The minimal gated unit: a GRU whose one gate is both of its gates.

    s_t = (1 - sigma(f)) s_{t-1} + sigma(f) tanh(g + sigma(f) h),   y_t = s_t

As in :mod:`latchlib.cells.gru` the gate scales h after the weights.
"""

import sympy as sp

from latchlib.cells._base import Cell, sigmoid

__all__ = ["MINIMAL_GATED"]

_s, _f, _g, _h = sp.symbols("s f g h", real=True)

MINIMAL_GATED = Cell(
    "minimal gated",
    rows={_f: "WU1", _h: "W1", _g: "U1"},
    phi={_s: (1 - sigmoid(_f)) * _s + sigmoid(_f) * sp.tanh(_g + sigmoid(_f) * _h)},
    psi=_s,
    source="Zhou, Wu, Zhang and Zhou (2016)",
)
