"""What the theory needs of a system a_t = M(a_{t-1}, u_t), and the tanh network, which is one.

A :class:`Map` gives its next state, its derivative, and bounds of the derivative on a box. Fixed
points, basins, contraction and certificates take any map. Given weights instead, they take the
network W tanh(a) + u with these, and given a number, the single neuron with that weight.

Arrays are (time, unit, trial), trial last. A weight matrix is (n, n), the same for all trials, or
(n, n, trial); row i holds the weights into unit i. A vector of shape (unit,) stands for all
trials. All quantities are dimensionless; time is counted in steps.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latchlib.validation import (
    broadcast,
    finite,
    integer,
    one_of,
    per_unit,
    refuse,
    shaped,
    square,
)

__all__ = [
    "NORMS",
    "Additive",
    "Map",
    "System",
    "TanhNetwork",
    "along",
    "apply",
    "as_map",
    "at_each",
    "jacobian",
    "norm",
    "orbit",
    "rollout",
    "slope",
    "slope_range",
    "spectral_radius",
    "step",
]

#: Vector norms on offer, by their exponent; a matrix takes the operator norm they induce.
NORMS = (1, 2, inf)


class Map(ABC):
    """A system a_t = M(a_{t-1}, u_t) of `units` units.

    A subclass sets `units` and defines three methods: `step`, `jacobian` and `slope_bound`. States
    a, inputs u and corners of boxes come to them as finite float64 arrays of shape (unit, trial)
    that fit each other or have one trial; they check nothing.
    """

    units: int
    #: Number of trials that have parameters of their own; 1 where all share them.
    trials = 1

    @abstractmethod
    def step(self, a: NDArray, u: NDArray) -> NDArray[np.float64]:
        """Return M(a, u), shape (unit, trial)."""

    @abstractmethod
    def jacobian(self, a: NDArray, u: NDArray) -> NDArray[np.float64]:
        """Return M'(a, u), shape (unit, unit, trial): entry (i, j) is dM_i/da_j."""

    @abstractmethod
    def slope_bound(self, lower: NDArray, upper: NDArray, u: NDArray) -> tuple[NDArray, NDArray]:
        """Return bounds from below and above of each entry of M' on the boxes [lower, upper].

        Shape (unit, unit, trial) each. The nearer they come to the entries as the box shrinks, the
        more can be shown with them.
        """

    def reach(self, u: NDArray) -> NDArray[np.float64] | None:
        """Return a box (unit, 2) that holds M(a, u) for all a, or None where none is known."""
        return None

    def chain(self, a: NDArray, u: NDArray, J: NDArray) -> tuple[NDArray, NDArray]:
        """Return the next state, and M'(a, u) J by a form whose error is small beside 1."""
        return self.step(a, u), apply(self.jacobian(a, u), J)

    def log_det(self, a: NDArray, u: NDArray) -> NDArray[np.float64]:
        """Return log |det M'(a, u)|, shape (trial,)."""
        return np.log(np.abs(np.linalg.det(np.moveaxis(self.jacobian(a, u), -1, 0))))

    def norm_bound(self, lower, upper, u, order=2, left=None, right=None) -> NDArray[np.float64]:
        """Return a bound on the norm of left M'(a, u) right over each box, shape (trial,).

        `left` and `right`, of shape (n, n), come together or not at all.
        """
        least, greatest = self.slope_bound(lower, upper, u)
        middle, half = 0.5 * (least + greatest), 0.5 * (greatest - least)
        if left is not None:
            middle = np.einsum("ij,jkr,kl->ilr", left, middle, right)
            half = np.einsum("ij,jkr,kl->ilr", np.abs(left), half, np.abs(right))
        return norm(middle, order) + norm(half, order)


@dataclass(frozen=True, eq=False)
class TanhNetwork(Map):
    """The network M(a, u) = W tanh(a) + u.

    Parameters
    ----------
    W : array_like, shape (n, n) or (n, n, trial), or a number for a single neuron
        Weights.

    Raises
    ------
    ValueError
        If W is not square or not finite.
    """

    W: NDArray[np.float64]

    def __post_init__(self) -> None:
        W = finite("W", self.W)
        W = square("W", W.reshape(1, 1) if W.ndim == 0 else W)
        object.__setattr__(self, "W", W[:, :, 0] if W.shape[2:] == (1,) else W)
        object.__setattr__(self, "_columns", list(_stacked(self.W).swapaxes(0, 1).copy()))

    @property
    def units(self) -> int:
        """Number of units n."""
        return len(self.W)

    @property
    def trials(self) -> int:
        """Number of matrices."""
        return self.W.shape[2] if self.W.ndim == 3 else 1

    def step(self, a: NDArray, u: NDArray) -> NDArray[np.float64]:
        """Return W tanh(a) + u."""
        return _mixed(self._columns, np.tanh(a)) + u

    def jacobian(self, a: NDArray, u: NDArray) -> NDArray[np.float64]:
        """Return W diag(sech^2 a); the input is additive and does not enter."""
        return _stacked(self.W) * _slope(a)

    def slope_bound(self, lower: NDArray, upper: NDArray, u: NDArray) -> tuple[NDArray, NDArray]:
        """Return the least and the greatest entries of W diag(sech^2 a)."""
        ends = [_stacked(self.W) * s for s in _slope_range(lower, upper)]
        return np.minimum(*ends), np.maximum(*ends)

    def reach(self, u: NDArray) -> NDArray[np.float64]:
        """Return |a_i - u_i| <= sum_j |W_ij|, which holds because |tanh| < 1."""
        width = np.abs(self.W).sum(axis=1)
        return np.stack([u[:, 0] - width, u[:, 0] + width], axis=1)

    def chain(self, a: NDArray, u: NDArray, J: NDArray) -> tuple[NDArray, NDArray]:
        """Return the next state and W diag(sech^2 a) J, from one tanh."""
        x = np.tanh(a)
        slopes = 1.0 - x
        slopes *= 1.0 + x
        return _mixed(self._columns, x) + u, _mixed(self._columns, slopes[:, np.newaxis] * J)

    def log_det(self, a: NDArray, u: NDArray) -> NDArray[np.float64]:
        """Return log |det W| + sum of log sech^2 a: no slope of it underflows, and 0 stays 0."""
        W = np.moveaxis(self.W, -1, 0) if self.W.ndim == 3 else self.W
        log_slopes = 2.0 * (np.log(2.0) - np.abs(a) - np.log1p(np.exp(-2.0 * np.abs(a))))
        return np.log(np.abs(np.linalg.det(W))) + log_slopes.sum(axis=0)

    def norm_bound(self, lower, upper, u, order=2, left=None, right=None) -> NDArray[np.float64]:
        """Return the greatest norm of left W diag(s) right over the ranges of s = sech^2 a.

        It is convex in s, so it is greatest at a vertex of one box; with too many of them, the norm
        of the matrix of greatest absolute entries stands in. Without `left` and `right` it is
        greatest where all s are, as diag(s) = diag(greatest) E with |E| <= 1 in each of the norms.
        """
        least, greatest = _slope_range(lower, upper)
        if left is None:
            return norm(_stacked(self.W) * greatest, order)
        left = left @ self.W
        if len(least) > 8:
            return norm((np.abs(left) * greatest[:, 0]) @ np.abs(right), order)[np.newaxis]
        vertices = np.array(list(product(*np.concatenate([least, greatest], axis=1))))
        matrices = np.einsum("ij,vj,jk->ikv", left, vertices, right)
        return norm(matrices, order).max(keepdims=True)


#: What functions of the theory take: a map, or the weights of a network or a neuron.
System = Map | ArrayLike


def as_map(M: System, *, batch: bool = True) -> Map:
    """Return a map as it is, and weights as the network that has them.

    Parameters
    ----------
    M : Map, or array_like of shape (), (n, n) or (n, n, trial)
        A number is the weight of a single neuron.
    batch : bool
        Whether trials may have parameters of their own.

    Raises
    ------
    ValueError
        If weights are not square or not finite, or differ from trial to trial where they may not.
    """
    M = M if isinstance(M, Map) else TanhNetwork(M)
    if not batch and M.trials != 1:
        raise refuse("number of trials of W", M.trials, "1")
    return M


def slope(a: ArrayLike) -> NDArray[np.float64]:
    """Return tanh'(a) = sech^2 a, entry by entry.

    Parameters
    ----------
    a : array_like
        Net inputs.

    Raises
    ------
    ValueError
        If `a` is not real and finite.

    Notes
    -----
    From exp(-2|a|), because 1 - tanh^2 a is 0 from |a| = 19 on and has lost its digits well
    before, and cosh overflows. Here the relative error is a few units in the last place wherever
    the result is a normal number, |a| < 354.
    """
    return _slope(finite("a", a))


def _slope(a: NDArray[np.float64]) -> NDArray[np.float64]:
    decay = np.exp(-2.0 * np.abs(a))
    return 4.0 * decay / (1.0 + decay) ** 2


def slope_range(
    lower: ArrayLike, upper: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the least and the greatest sech^2 on the intervals [lower, upper].

    Parameters
    ----------
    lower, upper : array_like
        Ends of the intervals, lower <= upper, broadcast against each other.

    Returns
    -------
    tuple of ndarray
        sech^2 falls with |a|: the least is at the end farther from 0, the greatest at the nearer
        end, or at 0 where the interval holds it. Right to rounding.

    Raises
    ------
    ValueError
        If an end is not finite, or lower > upper somewhere.
    """
    lower, upper = np.broadcast_arrays(finite("lower", lower), finite("upper", upper))
    if (lower > upper).any():
        raise refuse("lower", float(lower[lower > upper].flat[0]), "numbers <= upper")
    return _slope_range(lower, upper)


def _slope_range(lower: NDArray, upper: NDArray) -> tuple[NDArray, NDArray]:
    farthest = np.maximum(np.abs(lower), np.abs(upper))
    nearest = np.maximum(np.maximum(lower, -upper), 0.0)
    return _slope(farthest), _slope(nearest)


def step(M: System, a: ArrayLike, u: ArrayLike = 0.0) -> NDArray[np.float64]:
    """Return the next state M(a, u).

    Parameters
    ----------
    M : Map or array_like
        The map, or weights: see :func:`as_map`.
    a, u : array_like, shape (), (unit,) or (unit, trial)
        State and input.

    Returns
    -------
    ndarray, shape (unit, trial), or (unit,) where nothing has a trial axis
        State one step later.

    Raises
    ------
    ValueError
        If W is not square, a shape does not fit or a number is not finite.
    """
    M = as_map(M)
    columns, trials = _together(M, a=a, u=u)
    result = M.step(columns["a"], columns["u"])
    if trials == 1 and np.ndim(a) < 2 and np.ndim(u) < 2:
        return result[:, 0]
    return np.array(np.broadcast_to(result, (M.units, trials)))


def rollout(
    M: System,
    u: ArrayLike,
    a0: ArrayLike = 0.0,
    *,
    out: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Run the system over a sequence of inputs.

    Parameters
    ----------
    M : Map or array_like
        The map, or weights: see :func:`as_map`.
    u : array_like, shape (T, unit, trial)
        Inputs u_1 ... u_T.
    a0 : array_like, shape (), (unit,) or (unit, trial)
        Initial state.
    out : ndarray, shape (T + 1, unit, trial), optional
        Buffer for the result.

    Returns
    -------
    ndarray, shape (T + 1, unit, trial)
        States a_0 ... a_T.

    Raises
    ------
    ValueError
        If W is not square, a shape does not fit or a number is not finite.

    Notes
    -----
    Bengio, Simard and Frasconi (1994), section II.
    """
    M = as_map(M)
    u = finite("u", u)
    shaped("u", u, (None, M.units, None), "(time, unit, trial)")
    steps, units, trials = u.shape
    if M.trials not in (1, trials):
        raise refuse("number of trials of W", M.trials, f"1 or {trials}, that of u")
    a0 = per_unit("a0", a0, units, trials)
    if out is None:
        out = np.empty((steps + 1, units, trials))
    shaped("out", out, (steps + 1, units, trials), "(time + 1, unit, trial)")
    out[0] = a0
    for t in range(steps):
        out[t + 1] = M.step(out[t], u[t])
    return out


def orbit(M: System, a0: ArrayLike, steps: int, u: ArrayLike = 0.0) -> NDArray[np.float64]:
    """Run the system for `steps` steps under a constant input, by default none: autonomously.

    `u` has shape (), (unit,) or (unit, trial); all else is as in :func:`rollout`.
    """
    M = as_map(M)
    steps = integer("steps", steps, at_least=0)
    columns, trials = _together(M, a0=a0, u=u)
    inputs = np.broadcast_to(columns["u"], (steps, M.units, trials))
    if steps == 0:
        return np.array(np.broadcast_to(columns["a0"], (1, M.units, trials)))
    return rollout(M, inputs, columns["a0"])


def jacobian(M: System, a: ArrayLike, u: ArrayLike = 0.0) -> NDArray[np.float64]:
    """Return M'(a, u), the derivative of one step; of a network, W diag(sech^2 a).

    Parameters
    ----------
    M : Map or array_like
        The map, or weights: see :func:`as_map`.
    a : array_like, shape (unit,), (unit, trial) or (time, unit, trial)
        States.
    u : array_like, shape (), (unit,) or (unit, trial)
        Input. Where it is additive, as in a network, the derivative does not depend on it.

    Returns
    -------
    ndarray, shape (n, n), (n, n, trial) or (time, n, n, trial)
        Entry (i, j) is dM_i/da_j.

    Raises
    ------
    ValueError
        If W is not square, a shape does not fit or a number is not finite.
    """
    M = as_map(M)
    a = finite("a", a)
    if a.ndim not in (1, 2, 3) or a.shape[-2 if a.ndim > 1 else 0] != M.units:
        raise ValueError(
            f"a has shape {a.shape}; accepted: (unit,), (unit, trial) or (time, unit, trial) "
            f"with {M.units} units"
        )
    states = a if a.ndim == 3 else a.reshape(1, M.units, -1)
    if M.trials != 1 and states.shape[2] not in (1, M.trials):
        raise refuse("number of trials of W", M.trials, f"1 or {states.shape[2]}, that of a")
    u = per_unit("u", u, M.units)
    result = at_each(M, M.jacobian, states, u)
    if a.ndim == 3:
        return result
    return result[0, :, :, 0] if a.ndim == 1 and result.shape[3] == 1 else result[0]


def norm(A: ArrayLike, order: float = 2) -> NDArray[np.float64]:
    """Return the operator norm of matrices.

    Parameters
    ----------
    A : array_like, shape (n, n) or (n, n, trial)
        Matrices.
    order : {1, 2, inf}
        Vector norm that induces it: greatest column sum, greatest singular value, greatest row
        sum.

    Returns
    -------
    ndarray, shape () or (trial,)

    Raises
    ------
    ValueError
        If A is not square or finite, or `order` is not on offer.
    """
    A = square("A", A)
    one_of("order", order, NORMS)
    if order != 2:
        return np.abs(A).sum(axis=0 if order == 1 else 1).max(axis=0)
    return _norm2(A)


def _norm2(A: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(A) == 1:
        return np.abs(A[0, 0])
    if len(A) == 2:
        # Half the sum of the lengths of the parts of A that do and do not keep orientation:
        # no difference of squares, so no cancellation.
        (a, b), (c, d) = A
        return 0.5 * (np.hypot(a + d, c - b) + np.hypot(a - d, c + b))
    return np.linalg.norm(np.moveaxis(A, -1, 0) if A.ndim == 3 else A, 2, axis=(-2, -1))


def spectral_radius(A: ArrayLike) -> NDArray[np.float64]:
    """Return the greatest absolute value of an eigenvalue, of each matrix.

    Parameters
    ----------
    A : array_like, shape (n, n) or (n, n, trial)
        Matrices.

    Returns
    -------
    ndarray, shape () or (trial,)

    Raises
    ------
    ValueError
        If A is not square or finite.
    """
    return _radius(square("A", A))


def _radius(A: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(A) == 1:
        return np.abs(A[0, 0])
    if len(A) == 2:
        (a, b), (c, d) = A
        half = 0.5 * (a + d)
        square_root = (0.5 * (a - d)) ** 2 + b * c  # (trace / 2)^2 - det, with less cancellation
        real = np.abs(half) + np.sqrt(np.maximum(square_root, 0.0))
        return np.where(square_root >= 0.0, real, np.hypot(half, np.sqrt(np.abs(square_root))))
    values = np.linalg.eigvals(np.moveaxis(A, -1, 0) if A.ndim == 3 else A)
    return np.abs(values).max(axis=-1)


def apply(W: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return W x for `x` of shape (n, trial) or (n, n, trial), each trial by itself."""
    return _mixed(_stacked(W).swapaxes(0, 1), x)


def _mixed(columns: Sequence[NDArray], x: NDArray) -> NDArray[np.float64]:
    # Not W @ x, which rounds a trial otherwise according to how many stand beside it.
    if x.ndim == 3:
        columns = [column[:, np.newaxis] for column in columns]
    total = columns[0] * x[0]
    for column, row in zip(columns[1:], x[1:], strict=True):
        total += column * row
    return total


def along(M: Map, path: ArrayLike, u: ArrayLike) -> tuple[NDArray, NDArray]:
    """Return states (T + 1, unit, trial) and the inputs between them, (T, unit, trial), checked."""
    path = finite("path", path)
    if path.ndim != 3 or path.shape[1] != M.units:
        raise ValueError(
            f"path has shape {path.shape}; accepted: (time + 1, unit, trial) with {M.units} units"
        )
    length, units, trials = path.shape
    if M.trials not in (1, trials):
        raise refuse("number of trials of W", M.trials, f"1 or {trials}, that of path")
    given = finite("u", u)
    if given.ndim < 3:
        given = per_unit("u", given, units, trials)
    return path, broadcast("u", given, (length - 1, units, trials), "(time, unit, trial)")


def at_each(
    M: Map, quantity: Callable[[NDArray, NDArray], NDArray], path: NDArray, u: NDArray
) -> NDArray[np.float64]:
    """Return a quantity of a map, such as its `jacobian`, at states (time, unit, trial)."""
    u = np.broadcast_to(u, (len(path), M.units, u.shape[-1]))
    if M.trials != 1:
        return np.stack([quantity(a, v) for a, v in zip(path, u, strict=True)])
    # Times are as good as trials, and all of them together are one call.
    u = np.broadcast_to(u, path.shape)
    flat = (np.moveaxis(x, 1, 0).reshape(M.units, -1) for x in (path, u))
    result = quantity(*flat)
    return np.moveaxis(result.reshape(*result.shape[:-1], len(path), -1), -2, 0)


def _stacked(W: NDArray[np.float64]) -> NDArray[np.float64]:
    return W if W.ndim == 3 else W[:, :, np.newaxis]


def _together(M: Map, **values: ArrayLike) -> tuple[dict, int]:
    """Return each value as (unit, trial) and the number of trials of them all."""
    columns = {name: per_unit(name, value, M.units) for name, value in values.items()}
    counts = {name: c.shape[1] for name, c in columns.items()} | {"W": M.trials}
    trials = max(counts.values())
    for name, count in counts.items():
        if count not in (1, trials):
            raise refuse(f"number of trials of {name}", count, f"1 or {trials}, as the others")
    return columns, trials


@dataclass(frozen=True)
class Additive:
    """A system a_t = N(a_{t-1}, u_{t-1}) written as one with additive input.

    With a'_t = (a_t, y_t), N'(a'_t) = (N(a_t, y_t), 0) and u'_t = (0, u_t),

        a'_t = N'(a'_{t-1}) + u'_t,

    so that y_t = u_t waits one step in the state before N reads it.

    Parameters
    ----------
    transition : callable
        N: takes (a, u) of shapes (n, trial) and (m, trial), returns (n, trial).
    units : int
        n, length of the state.
    inputs : int
        m, length of the input.

    Notes
    -----
    Bengio, Simard and Frasconi (1994), section II: nothing is lost by studying additive inputs.
    """

    transition: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]
    units: int
    inputs: int

    def __post_init__(self) -> None:
        integer("units", self.units, at_least=1)
        integer("inputs", self.inputs, at_least=1)

    def augmented_map(self, state: ArrayLike) -> NDArray[np.float64]:
        """Return N'(a') = (N(a, y), 0) for `state` of shape (n + m, trial)."""
        state = per_unit("state", state, self.units + self.inputs)
        a, y = state[: self.units], state[self.units :]
        return np.concatenate([self._next(a, y), np.zeros_like(y)])

    def augmented_input(self, u: ArrayLike) -> NDArray[np.float64]:
        """Return u' = (0, u) for `u` of shape (..., m, trial)."""
        u = finite("u", u)
        if u.ndim < 2 or u.shape[-2] != self.inputs:
            raise ValueError(
                f"u has shape {u.shape}; accepted: (..., m, trial) with m = {self.inputs}"
            )
        zeros = np.zeros((*u.shape[:-2], self.units, u.shape[-1]))
        return np.concatenate([zeros, u], axis=-2)

    def rollout(self, u: ArrayLike, a0: ArrayLike = 0.0) -> NDArray[np.float64]:
        """Return a'_0 ... a'_T of the augmented system, shape (T + 1, n + m, trial).

        The inputs `u` of the original system are u_0 ... u_T, shape (T + 1, m, trial): a'_0 is
        (a_0, u_0), and u_T is stored in a'_T, not read yet.
        """
        u, a0 = self._checked(u, a0)
        out = self.augmented_input(u)
        out[0, : self.units] = a0
        for t in range(1, len(u)):
            out[t] += self.augmented_map(out[t - 1])
        return out

    def original_rollout(self, u: ArrayLike, a0: ArrayLike = 0.0) -> NDArray[np.float64]:
        """Run a_t = N(a_{t-1}, u_{t-1}) as it stands; shape (T + 1, n, trial)."""
        u, a0 = self._checked(u, a0)
        out = np.empty((len(u), self.units, u.shape[2]))
        out[0] = a0
        for t in range(1, len(u)):
            out[t] = self._next(out[t - 1], u[t - 1])
        return out

    def _checked(self, u: ArrayLike, a0: ArrayLike) -> tuple[NDArray, NDArray]:
        u = finite("u", u)
        shaped("u", u, (None, self.inputs, None), "(time + 1, input, trial)")
        return u, per_unit("a0", a0, self.units, u.shape[2])

    def _next(self, a: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        result = finite("result of transition", self.transition(a, y))
        shaped("result of transition", result, a.shape, "(unit, trial)")
        return result
