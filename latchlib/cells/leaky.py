"""A tanh unit with a leak: each step takes a share z of what is new, and keeps 1 - z of the state.

    x_t = (1 - z) x_{t-1} + z tanh(p),   y_t = x_t

The leak z = sigma(g) is a constant that is trained: its row reads a bias and nothing else. A gate
would read what comes in.
"""

import sympy as sp

from latchlib.cells._base import Cell, sigmoid

__all__ = ["LEAKY"]

_x, _p, _g = sp.symbols("x p g", real=True)
_z = sigmoid(_g)

LEAKY = Cell(
    "leaky",
    rows={_p: "WU1", _g: "1"},
    phi={_x: (1 - _z) * _x + _z * sp.tanh(_p)},
    psi=_x,
    source="chapter another-clock",
)
