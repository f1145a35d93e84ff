"""A rectified unit: y = max(p, 0), with the slope 1 for p > 0 and 0 elsewhere, at p = 0 too.

With the start "identity" of :meth:`latchlib.backprop.Network.initial` it is the network of 2015.
"""

import sympy as sp

from latchlib.cells._base import Cell

__all__ = ["RELU"]

_p = sp.Symbol("p", real=True)

RELU = Cell(
    "ReLU",
    rows={_p: "WU1"},
    psi=sp.Piecewise((_p, _p > 0), (0, True)),  # of Max, SymPy's slope at 0 would be 1/2
    source="Le, Jaitly and Hinton (2015)",
)
