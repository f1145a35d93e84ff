"""The network a_t = W tanh(a_{t-1}) + u_t of n units, executed; and systems with additive input.

Arrays are (time, unit, trial), trial last. A weight matrix is (n, n), the same for all trials, or
(n, n, trial); row i holds the weights into unit i. A vector of shape (unit,) stands for all
trials. All quantities are dimensionless; time is counted in steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latchlib._validation import finite, integer, one_of, per_unit, refuse, shaped, square

__all__ = [
    "NORMS",
    "Additive",
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
    farthest = np.maximum(np.abs(lower), np.abs(upper))
    nearest = np.maximum(np.maximum(lower, -upper), 0.0)
    return _slope(farthest), _slope(nearest)


def step(W: ArrayLike, a: ArrayLike, u: ArrayLike = 0.0) -> NDArray[np.float64]:
    """Return the next state W tanh(a) + u.

    Parameters
    ----------
    W : array_like, shape (n, n) or (n, n, trial)
        Weights.
    a : array_like, shape (unit,) or (unit, trial)
        State (net inputs).
    u : array_like, shape (), (unit,) or (unit, trial)
        Input.

    Returns
    -------
    ndarray, shape (unit, trial), or (unit,) where nothing has a trial axis
        State one step later.

    Raises
    ------
    ValueError
        If W is not square, a shape does not fit or a number is not finite.
    """
    W = square("W", W)
    a = finite("a", a)
    columns, trials = _together(W, a=a, u=u)
    result = _apply(W, np.tanh(columns["a"])) + columns["u"]
    if W.ndim == 2 and np.ndim(a) < 2 and np.ndim(u) < 2:
        return result[:, 0]
    return np.array(np.broadcast_to(result, (len(W), trials)))


def rollout(
    W: ArrayLike,
    u: ArrayLike,
    a0: ArrayLike = 0.0,
    *,
    out: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Run the network over a sequence of inputs.

    Parameters
    ----------
    W : array_like, shape (n, n) or (n, n, trial)
        Weights.
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
    W = square("W", W)
    u = finite("u", u)
    shaped("u", u, (None, len(W), None), "(time, unit, trial)")
    steps, units, trials = u.shape
    if W.ndim == 3:
        shaped("W", W, (units, units, trials), "(n, n, trial)")
    a0 = per_unit("a0", a0, units, trials)
    if out is None:
        out = np.empty((steps + 1, units, trials))
    shaped("out", out, (steps + 1, units, trials), "(time + 1, unit, trial)")
    out[0] = a0
    x = np.empty((units, trials))
    for t in range(steps):
        np.tanh(out[t], out=x)
        np.add(_apply(W, x), u[t], out=out[t + 1])
    return out


def orbit(W: ArrayLike, a0: ArrayLike, steps: int, u: ArrayLike = 0.0) -> NDArray[np.float64]:
    """Run the network from `a0` under a constant input; 0 gives the autonomous trajectory.

    Parameters
    ----------
    W : array_like, shape (n, n) or (n, n, trial)
        Weights.
    a0 : array_like, shape (), (unit,) or (unit, trial)
        Initial state.
    steps : int
        Number of steps T.
    u : array_like, shape (), (unit,) or (unit, trial)
        Constant input.

    Returns
    -------
    ndarray, shape (T + 1, unit, trial)
        States a_0 ... a_T.

    Raises
    ------
    ValueError
        As :func:`rollout`, and if `steps` is no integer >= 0.
    """
    W = square("W", W)
    steps = integer("steps", steps, at_least=0)
    columns, trials = _together(W, a0=a0, u=u)
    inputs = np.broadcast_to(columns["u"], (steps, len(W), trials))
    if steps == 0:
        return np.array(np.broadcast_to(columns["a0"], (1, len(W), trials)))
    return rollout(W, inputs, columns["a0"])


def jacobian(W: ArrayLike, a: ArrayLike) -> NDArray[np.float64]:
    """Return M'(a) = W diag(sech^2 a), the derivative of one step.

    Parameters
    ----------
    W : array_like, shape (n, n) or (n, n, trial)
        Weights.
    a : array_like, shape (unit,), (unit, trial) or (time, unit, trial)
        States.

    Returns
    -------
    ndarray, shape (n, n), (n, n, trial) or (time, n, n, trial)
        Entry (i, j) is W_ij sech^2 a_j. Inputs are additive, so they do not appear.

    Raises
    ------
    ValueError
        If W is not square, a shape does not fit or a number is not finite.
    """
    W = square("W", W)
    a = finite("a", a)
    if a.ndim == 1:
        shaped("a", a, (len(W),), "(unit,)")
        return W * (_slope(a) if W.ndim == 2 else _slope(a)[:, np.newaxis])
    if a.ndim not in (2, 3) or a.shape[-2] != len(W):
        raise ValueError(
            f"a has shape {a.shape}; accepted: (unit,), (unit, trial) or (time, unit, trial) "
            f"with {len(W)} units"
        )
    if W.ndim == 3 and 1 not in (W.shape[2], a.shape[-1]):
        shaped("W", W, (len(W), len(W), a.shape[-1]), "(n, n, trial)")
    weights = W if W.ndim == 3 else W[:, :, np.newaxis]
    return weights * _slope(a)[..., np.newaxis, :, :]


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


def _apply(W: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    # Not W @ x, which rounds a trial otherwise according to how many stand beside it.
    columns = W if W.ndim == 3 else W[:, :, np.newaxis]
    total = columns[:, 0] * x[0]
    for j in range(1, len(x)):
        total = total + columns[:, j] * x[j]
    return total


def _together(W: NDArray[np.float64], **values: ArrayLike) -> tuple[dict, int]:
    """Return each value as (unit, trial) and the number of trials of them all."""
    columns = {name: per_unit(name, value, len(W)) for name, value in values.items()}
    counts = {name: c.shape[1] for name, c in columns.items()}
    if W.ndim == 3:
        counts["W"] = W.shape[2]
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
        """Run the augmented system.

        Parameters
        ----------
        u : array_like, shape (T + 1, m, trial)
            Inputs u_0 ... u_T of the original system; u_T is stored in a'_T, not read yet.
        a0 : array_like, shape (), (unit,) or (unit, trial)
            Initial state.

        Returns
        -------
        ndarray, shape (T + 1, n + m, trial)
            a'_0 ... a'_T, where a'_0 = (a_0, u_0).
        """
        u, a0 = self._checked(u, a0)
        primed = self.augmented_input(u)
        out = np.empty_like(primed)
        out[0, : self.units], out[0, self.units :] = a0, u[0]
        for t in range(1, len(u)):
            out[t] = self.augmented_map(out[t - 1]) + primed[t]
        return out

    def original_rollout(self, u: ArrayLike, a0: ArrayLike = 0.0) -> NDArray[np.float64]:
        """Run a_t = N(a_{t-1}, u_{t-1}) as it stands; arguments as :meth:`rollout`.

        Returns
        -------
        ndarray, shape (T + 1, n, trial)
            a_0 ... a_T.
        """
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
