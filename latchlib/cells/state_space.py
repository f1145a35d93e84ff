"""State-space units: a straight line that nothing but the input enters, with a trained slope.

Real, and complex with the state c + iq:

    c_t = m c_{t-1} + p                        m = exp(-exp(l))
    c_t + iq_t = m e^{i theta} (c_{t-1} + iq_{t-1}) + p + iv

The output is c. Slope and angle are constants that are trained: their rows read a bias and nothing
else. The modulus m is between 0 and 1 for any l; the rotation has m = 1 and turns for ever.
"""

import sympy as sp

from latchlib.cells._base import Cell

__all__ = ["COMPLEX_STATE_SPACE", "ROTATION", "STATE_SPACE"]

_c, _q, _l, _p, _theta, _v = sp.symbols("c q l p theta v", real=True)
_modulus = sp.exp(-sp.exp(_l))
_turned = {
    _c: _c * sp.cos(_theta) - _q * sp.sin(_theta),
    _q: _c * sp.sin(_theta) + _q * sp.cos(_theta),
}

STATE_SPACE = Cell(
    "state space",
    rows={_l: "1", _p: "U1"},
    phi={_c: _modulus * _c + _p},
    psi=_c,
    source="Orvieto et al. (2023)",
)
COMPLEX_STATE_SPACE = Cell(
    "state space, complex",
    rows={_l: "1", _theta: "1", _p: "U1", _v: "U1"},
    phi={_c: _modulus * _turned[_c] + _p, _q: _modulus * _turned[_q] + _v},
    psi=_c,
    source="Orvieto et al. (2023)",
)
ROTATION = Cell(
    "rotation",
    rows={_theta: "1", _p: "U1", _v: "U1"},
    phi={_c: _turned[_c] + _p, _q: _turned[_q] + _v},
    psi=_c,
    source="Arjovsky, Shah and Bengio (2016), its diagonal part",
)
