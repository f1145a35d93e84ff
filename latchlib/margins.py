"""The margin of a network whose units support each other: how large inputs never end "all up".

With weights that are not negative, W tanh(a) - b grows with a. So the bit "every state is positive"
bears inputs of size b for ever, from a high enough start, if some state a >= 0 has
W tanh(a) - b > a, and the margin is the supremum of such b: max over a of min over i of
(W tanh(a) - a)_i.

Any shares q_i > 0 that sum to 1 bound it from above, because a minimum is at most a weighted mean,
and the mean falls apart into one maximum a unit, each a threshold h* of the latch neuron.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from mpmath import iv
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

from latchlib.formulas import formula
from latchlib.validation import refuse

__all__ = ["CooperativeMargin", "cooperative_margin"]


@dataclass(frozen=True)
class CooperativeMargin:
    """The margin of a network, enclosed.

    Parameters
    ----------
    lower, upper : float
        Bounds of the margin, proved by interval arithmetic.
    state : numpy.ndarray
        The state that proves the lower one, shape (unit,): no input up to `lower` leads below it.
    shares : numpy.ndarray
        The shares that prove the upper one, shape (unit,).
    """

    lower: float
    upper: float
    state: NDArray[np.float64]
    shares: NDArray[np.float64]


def cooperative_margin(weights: ArrayLike) -> CooperativeMargin:
    """Enclose the largest input that never ends "all units positive".

    Parameters
    ----------
    weights : array_like
        W, shape (unit, unit), of a_t = W tanh(a_{t-1}) + u_t; no entry is negative, and every unit
        gets input from some unit and gives to some unit.

    Returns
    -------
    CooperativeMargin
        Both bounds are 0 where no such bit is held.

    Raises
    ------
    ValueError
        If `weights` is not such a matrix.

    Notes
    -----
    The best shares minimise a convex function, whose derivative by q_i is (W tanh(a) - a)_i at the
    state of those shares: so at the minimum these are equal, and the two bounds meet.
    """
    W = np.asarray(weights, dtype=float)
    wanted = "a square matrix of finite numbers >= 0, with no row or column of zeros"
    square = W.ndim == 2 and W.shape[0] == W.shape[1] > 0
    if not square or not np.isfinite(W).all() or (W < 0).any():
        raise refuse("weights", weights, wanted)
    if not W.any(axis=0).all() or not W.any(axis=1).all():
        raise refuse("weights", weights, wanted)

    def bound(logs: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        shares = _shares(logs)
        left = _left_over(W, _state(W, shares))
        return float(shares @ left), shares * (left - shares @ left)

    found = minimize(bound, np.zeros(len(W)), jac=True, method="BFGS", options={"gtol": 1e-12})
    shares = _shares(found.x)
    state = _state(W, shares)
    return CooperativeMargin(_certified_below(W, state), _certified_above(W, shares), state, shares)


def _shares(logs: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(logs - logs.max())
    return powers / powers.sum()


def _state(W: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where the weighted mean of W tanh(a) - a is largest: each unit at its own a*."""
    loops = np.maximum(W.T @ shares / shares, 1.0)
    return np.asarray(formula("a_star")(loops), dtype=float)


def _left_over(W: NDArray[np.float64], a: NDArray[np.float64]) -> NDArray[np.float64]:
    return W @ np.tanh(a) - a


def _certified_below(W: NDArray[np.float64], state: NDArray[np.float64]) -> float:
    outputs = [1 - 2 / (iv.exp(2 * iv.mpf(float(a))) + 1) for a in state]
    rows = [
        sum(iv.mpf(float(w)) * x for w, x in zip(row, outputs, strict=True)) - iv.mpf(float(a))
        for row, a in zip(W, state, strict=True)
    ]
    return max(0.0, float(min(row.a for row in rows)))  # the state 0 proves 0


def _certified_above(W: NDArray[np.float64], shares: NDArray[np.float64]) -> float:
    total, whole = iv.mpf(0), iv.mpf(0)
    for column, share in zip(W.T, shares, strict=True):
        own = iv.mpf(float(share))
        whole += own  # which is 1 up to rounding
        given = zip(column, shares, strict=True)
        loop = sum(iv.mpf(float(w)) * iv.mpf(float(q)) for w, q in given) / own
        if loop.b > 1:
            loop = iv.mpf([max(loop.a, 1), loop.b])
            root, less = iv.sqrt(loop), iv.sqrt(loop - 1)
            total += own * (root * less - iv.log(root + less))
    return float((total / whole).b)
