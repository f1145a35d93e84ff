"""The gated recurrent unit: one gate says how much is renewed, another what the new part sees.

    s_t = (1 - sigma(z)) s_{t-1} + sigma(z) tanh(g + sigma(r) h),   y_t = s_t

The gates z and r are linear, and so are the parts of the new, h from outputs and g from inputs.
Here sigma(z) is what is renewed; other texts have it keep. The reset gate r scales h after the
weights, not the outputs before them, so that a unit needs no other unit's gate. With one unit and
no bias the two are the same.
"""

import sympy as sp

from latchlib.cells._base import Cell, sigmoid

__all__ = ["GRU"]

_s, _g, _h, _r, _z = sp.symbols("s g h r z", real=True)

GRU = Cell(
    "GRU",
    rows={_z: "WU1", _r: "WU1", _h: "W1", _g: "U1"},
    phi={_s: (1 - sigmoid(_z)) * _s + sigmoid(_z) * sp.tanh(_g + sigmoid(_r) * _h)},
    psi=_s,
    source="Cho et al. (2014)",
)
