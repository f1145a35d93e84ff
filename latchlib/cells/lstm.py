"""Long short-term memory: what is written, kept and shown is scaled by gates.

With i, f, o, g linear in the outputs one step earlier, the inputs and a bias,

    c_t = sigma(f) c_{t-1} + sigma(i) tanh(g),   y_t = sigma(o) tanh(c_t)

In 1997 there was no forget gate: c_t = c_{t-1} + sigma(i) tanh(g), whose slope in c is exactly 1.
The coupled form writes where it does not keep, 1 - sigma(f) for sigma(i). All three have the tanh
that became usual, where the first papers had scaled logistic functions, and no peepholes.
"""

import sympy as sp

from latchlib.cells._base import Cell, sigmoid

__all__ = ["LSTM", "LSTM_1997", "LSTM_COUPLED"]

_c, _f, _g, _i, _o = sp.symbols("c f g i o", real=True)
_shown = sigmoid(_o) * sp.tanh(_c)
_written = sp.tanh(_g)

LSTM_1997 = Cell(
    "LSTM 1997",
    rows={_i: "WU1", _o: "WU1", _g: "WU1"},
    phi={_c: _c + sigmoid(_i) * _written},
    psi=_shown,
    source="Hochreiter and Schmidhuber (1997)",
)
LSTM = Cell(
    "LSTM",
    rows={_i: "WU1", _f: "WU1", _o: "WU1", _g: "WU1"},
    phi={_c: sigmoid(_f) * _c + sigmoid(_i) * _written},
    psi=_shown,
    source="Gers, Schmidhuber and Cummins (1999)",
)
LSTM_COUPLED = Cell(
    "LSTM, coupled gates",
    rows={_f: "WU1", _o: "WU1", _g: "WU1"},
    phi={_c: sigmoid(_f) * _c + (1 - sigmoid(_f)) * _written},
    psi=_shown,
    source="Greff, Srivastava, Koutnik, Steunebrink and Schmidhuber (2017)",
)
