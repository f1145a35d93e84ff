"""One unit of any cell as a map, with certificates of what it holds for all weights of a box."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise

import numpy as np
import sympy as sp
from flint import arb
from numpy.typing import ArrayLike, NDArray

from latchlib.cells import CELLS, Cell
from latchlib.formulas import formula
from latchlib.intervals import Certificate
from latchlib.maps import Map
from latchlib.validation import finite, integer, number, one_of, positive, refuse

__all__ = ["CellUnit", "certify_kept", "gru_boxes", "with_gate"]


def _square(x):
    return x * x  # of a ball round 0, python-flint 0.9 makes x**2 NaN


#: The ends bound an increasing function, where Arb's own tanh of a wide ball loses much.
_BALLS = np.frompyfunc(lambda x: x.lower().tanh().union(x.upper().tanh()), 1, 1)


def _tanh(x):
    return _BALLS(x) if np.asarray(x).dtype.kind == "O" else np.tanh(x)


class CellUnit(Map):
    """One unit of a cell, which reads its own output and one input.

    The state is that of the cell, then its output unless the output is the state. Of an input u,
    which a map takes for each state, the first entry is read.

    Parameters
    ----------
    cell : Cell
        The architecture, with at least one state.
    weights : mapping of str to float or pair of float
        The weight of each row for what it reads, by names such as "f.W", "f.U" and "f.1"; those
        that are not named are 0. A pair is an interval: all its numbers at once.

    Raises
    ------
    ValueError
        If the cell has no state, a name is not on offer or a weight is no number or interval.
    """

    def __init__(self, cell: Cell, weights: Mapping[str, float | tuple[float, float]]) -> None:
        if not cell.phi:
            raise refuse("cell", cell.name, "a cell with a state")
        names = _names(cell)
        for name in weights:
            if name not in names:
                raise refuse("weights", name, ", ".join(names))
        self.cell, self._output = cell, cell.psi not in cell.phi
        self.units = len(cell.phi) + self._output
        self._weights = [_interval(name, weights.get(name, 0.0)) for name in names]
        self._step, self._slopes = _compiled(cell)

    def _given(self, a: NDArray) -> list:
        if a.dtype == object:
            return [arb(low).union(arb(high)) for low, high in self._weights]
        return [0.5 * (low + high) for low, high in self._weights]

    def step(self, a: NDArray, u: NDArray) -> NDArray:
        """Return the next state; in floats, with the middle of each weight's interval."""
        return np.stack(np.broadcast_arrays(*self._step(*a, u[0], *self._given(a))))

    def jacobian(self, a: NDArray, u: NDArray) -> NDArray:
        """Return the derivative of the next state by the state."""
        found = np.stack(np.broadcast_arrays(*self._slopes(*a, u[0], *self._given(a)), a[0])[:-1])
        return found.reshape(self.units, self.units, -1)

    def slope_bound(self, lower: NDArray, upper: NDArray, u: NDArray) -> tuple[NDArray, NDArray]:
        """Return bounds of each slope, from one evaluation in balls."""
        ends = []
        for low, high in zip(lower.T, upper.T, strict=True):
            box = np.array([[arb(x).union(arb(y))] for x, y in zip(low, high, strict=True)])
            push = np.array([[arb(float(v))] for v in u[:, 0]])
            balls = self.jacobian(box, push)[:, :, 0]
            ends.append(
                [[(float(arb(x).lower()), float(arb(x).upper())) for x in row] for row in balls]
            )
        found = np.moveaxis(np.array(ends), 0, -1)
        return found[:, :, 0], found[:, :, 1]


def _names(cell: Cell) -> list[str]:
    return [f"{row}.{what}" for row, reads in cell.rows.items() for what in reads]


@cache
def _compiled(cell: Cell) -> tuple[Callable, Callable]:
    """Return the next state of one unit, and its derivatives, by state, input and weights."""
    y, u = sp.symbols("y_old u", real=True)
    weights = [sp.Symbol(name, real=True) for name in _names(cell)]
    own = cell.psi not in cell.phi
    read = {"W": y if own else cell.psi, "U": u, "1": sp.Integer(1)}
    rows: dict[sp.Symbol, sp.Expr] = dict.fromkeys(cell.rows, sp.Integer(0))
    named = {str(row): row for row in cell.rows}
    for weight in weights:
        row, what = weight.name.split(".")
        rows[named[row]] += weight * read[what]
    after = {s: e.xreplace(rows) for s, e in cell.phi.items()}
    state, new = [*cell.phi], [*after.values()]
    if own:
        state.append(y)
        new.append(cell.psi.xreplace({**after, **rows}))
    square = sp.Function("square")
    slopes = [
        sp.diff(e, s).replace(lambda v: v.is_Pow and v.exp == 2, lambda v: square(v.base))
        for e in new
        for s in state
    ]
    modules = [{"square": _square, "tanh": _tanh}, "numpy"]
    step, jacobian = (
        sp.lambdify([*state, u, *weights], e, modules, cse=True) for e in (new, slopes)
    )
    return step, jacobian


def with_gate(cell: Cell, row: str, share: int) -> Cell:
    """Return the cell with one of its gates held open (`share` 1) or shut (0).

    Parameters
    ----------
    cell : Cell
        The architecture.
    row : str
        The preactivation of the gate, of which the cell takes the logistic function.
    share : {0, 1}
        What that function is replaced by.

    Raises
    ------
    ValueError
        If there is no such row, the cell takes another function of it, or `share` is another.
    """
    if row not in map(str, cell.rows):
        raise refuse("row", row, ", ".join(map(str, cell.rows)))
    one_of("share", share, (0, 1))
    gate = next(symbol for symbol in cell.rows if str(symbol) == row)
    held = {sp.tanh(gate / 2): sp.Integer(2 * share - 1)}
    phi = {s: sp.simplify(e.xreplace(held)) for s, e in cell.phi.items()}
    psi = cell.psi.xreplace(held)
    if any(e.has(gate) for e in (psi, *phi.values())):
        raise refuse("row", row, f"a gate of {cell.name}")
    rows = {symbol: reads for symbol, reads in cell.rows.items() if symbol != gate}
    return Cell(f"{cell.name}, {row} held at {share}", rows, psi, phi, cell.source)


def certify_kept(M: Map, low: float, high: float, bound: float, *, parts: int = 64) -> Certificate:
    """Certify that a unit never leaves [low, high] under any inputs of at most `bound` in size.

    Parameters
    ----------
    M : Map
        A map of one unit that takes balls, such as :class:`CellUnit` with weights in a box: the
        certificate is then one for all of these weights.
    low, high : float
        Ends of the interval of states.
    bound : float
        Size of the inputs, >= 0.
    parts : int
        Equal parts of the interval that are looked at one by one.

    Returns
    -------
    Certificate
        True, or None where it cannot be shown.

    Raises
    ------
    ValueError
        If a number is out of range or the map has several units.
    """
    if M.units != 1:
        raise refuse("units of M", M.units, "1")
    low, high, bound = number("low", low), number("high", high), number("bound", bound)
    if not low < high:
        raise refuse("low", low, "a number below high")
    if bound < 0.0:
        raise refuse("bound", bound, "a number >= 0")
    cuts = np.linspace(low, high, integer("parts", parts, at_least=1) + 1)
    push = np.array([[arb(-bound).union(arb(bound))]])
    claim = f"inputs of size up to {bound:g} never lead out of [{low:g}, {high:g}]"
    for start, end in pairwise(cuts):
        image = M.step(np.array([[arb(start).union(arb(end))]]), push)[0, 0]
        if not (image >= arb(low) and image <= arb(high)):
            reason = f"the image of [{start:g}, {end:g}] may reach out of it"
            return Certificate(claim, None, None, reason)
    return Certificate(claim, True, None, f"the images of its {parts} parts lie within it")


def gru_boxes(loops: ArrayLike, resets: ArrayLike, bound: float) -> NDArray[np.bool_]:
    """Return which boxes of weights are certified to make a GRU unit hold a bit.

    The update gate may do what it likes: the bit is held if the new part, which it mixes in, never
    leaves an interval of positive states.

    Parameters
    ----------
    loops, resets : array_like
        Ends of the boxes, increasing: loop weights, > 0, and biases of the reset gate.
    bound : float
        Size of the inputs that the bit is to bear, >= 0.

    Returns
    -------
    ndarray, shape (reset, loop)
        True where :func:`certify_kept` holds for all weights of the box, from tanh a* of its
        weakest loop up to 1. False says nothing.

    Raises
    ------
    ValueError
        If ends do not increase or a number is out of range.
    """
    loops, resets = positive("loops", loops), finite("resets", resets)
    for name, ends in (("loops", loops), ("resets", resets)):
        if ends.ndim != 1 or ends.size < 2 or (np.diff(ends) <= 0).any():
            raise refuse(name, ends.tolist(), "two or more increasing numbers")
    new_part = with_gate(CELLS["GRU"], "z", 1)
    found = np.zeros((resets.size - 1, loops.size - 1), bool)
    for i, j in np.ndindex(found.shape):
        weakest = loops[j] / (1.0 + np.exp(-resets[i]))
        if weakest <= 1.0:
            continue
        box = {"h.W": tuple(loops[j : j + 2]), "r.1": tuple(resets[i : i + 2]), "g.U": 1.0}
        low = float(formula("tanh_a_star")(weakest))
        found[i, j] = certify_kept(CellUnit(new_part, box), low, 1.0, bound).holds is True
    return found


def _interval(name: str, value: float | tuple[float, float]) -> tuple[float, float]:
    if np.ndim(value) == 0:
        value = (value, value)  # type: ignore[assignment]
    if len(value) != 2:
        raise refuse(name, value, "a number, or the two ends of an interval")
    low, high = (number(name, end) for end in value)
    if low > high:
        raise refuse(name, value, "an interval, the lesser end first")
    return low, high
