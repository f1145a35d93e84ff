"""Robust latching of one neuron: how long a switch takes, how the gradient decays."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latchlib import formulas
from latchlib._validation import broadcast, finite, integer, positive, shaped
from latchlib.attractors import (
    attractor_pair,
    fixed_points,
    h_star,
    reduced_attracting_set,
)

__all__ = [
    "NOT_REACHED",
    "flips",
    "half_life",
    "is_robustly_latched",
    "log_sensitivity",
    "transit_time",
]

NOT_REACHED = -1


def half_life(w: float, h: float = 0.0) -> float:
    """Return the steps in which |da_t/da_0| halves at the upper attractor.

    Parameters
    ----------
    w : float
        Self-loop weight, > 0. For w <= 1 the one attractor is taken.
    h : float
        Constant input.

    Returns
    -------
    float
        ln 2 / -ln M'(a+), in steps; inf where M'(a+) is 1.

    Raises
    ------
    ValueError
        If `w` is not a finite number > 0 or `h` is not finite.
    """
    top = fixed_points(w, h)[-1]
    log_slope = float(formulas.formula("log_slope")(top.a, w))
    return float(np.log(2.0) / -log_slope) if log_slope < 0.0 else float("inf")


def log_sensitivity(a: ArrayLike, w: ArrayLike) -> NDArray[np.float64]:
    """Return log |da_t/da_0| along trajectories, without underflow.

    Parameters
    ----------
    a : array_like, shape (T + 1, unit, trial)
        Net inputs a_0 ... a_T, from :func:`latchlib.recurrent.rollout`.
    w : array_like
        Self-loop weight > 0, broadcast to (unit, trial).

    Returns
    -------
    ndarray, shape (T + 1, unit, trial)
        Natural logarithm; 0 at t = 0. Inputs move the trajectory, not the derivative of a step.

    Raises
    ------
    ValueError
        If `a` has another number of axes, or an argument is not finite, or `w` <= 0.
    """
    a = finite("a", a)
    shaped("a", a, (None, None, None), "(time + 1, unit, trial)")
    w = broadcast("w", positive("w", w), a.shape[1:], "(unit, trial)")
    result = np.zeros_like(a)
    np.cumsum(formulas.formula("log_slope")(a[:-1], w), axis=0, out=result[1:])
    return result


def transit_time(w: float, h: ArrayLike, *, max_steps: int = 100_000) -> NDArray[np.int64]:
    """Return L_1: the steps from the lower attractor to beyond the upper one under constant `h`.

    Parameters
    ----------
    w : float
        Self-loop weight, > 1.
    h : array_like
        Constant inputs, > 0.
    max_steps : int
        Budget of steps.

    Returns
    -------
    ndarray of int64, shape of `h`
        First t with a_t > a+ from a_0 = a- (both of h = 0), or ``NOT_REACHED`` within the budget.
        For h <= h*(w) it is never reached.

    Raises
    ------
    ValueError
        If `w` <= 1, an input is not > 0 or `max_steps` < 1.

    Notes
    -----
    Bengio, Simard and Frasconi (1994), section III, call the state x = tanh a.
    """
    lower, upper = attractor_pair(w)
    h = positive("h", h)
    max_steps = integer("max_steps", max_steps, at_least=1)
    inputs = np.atleast_1d(h).ravel()
    result = np.full(inputs.shape, NOT_REACHED, dtype=np.int64)
    # At or below the threshold the lower fixed point stands in the way, whatever the budget.
    running = np.flatnonzero(inputs > h_star(w))
    a = np.full(running.shape, lower.a)
    for t in range(1, max_steps + 1):
        if running.size == 0:
            break
        a = w * np.tanh(a) + inputs[running]
        there = a > upper.a
        result[running[there]] = t
        running, a = running[~there], a[~there]
    return result.reshape(h.shape)


def flips(a: ArrayLike) -> NDArray[np.int64]:
    """Count how often the state changes its side of 0, shape (unit, trial).

    Parameters
    ----------
    a : array_like, shape (T + 1, unit, trial)
        Net inputs. A state of exactly 0 keeps the side it had.

    Raises
    ------
    ValueError
        If `a` is not finite or has another number of axes.
    """
    a = finite("a", a)
    shaped("a", a, (None, None, None), "(time + 1, unit, trial)")
    side = np.sign(a)
    for t in range(1, len(side)):
        side[t] = np.where(side[t] == 0.0, side[t - 1], side[t])
    return np.count_nonzero(side[1:] * side[:-1] < 0.0, axis=0)


def is_robustly_latched(a: ArrayLike, w: float) -> NDArray[np.bool_]:
    """Say for each state whether it lies in Gamma(X-) or Gamma(X+) (Definition 5).

    Parameters
    ----------
    a : array_like
        Net inputs.
    w : float
        Self-loop weight, > 1.

    Raises
    ------
    ValueError
        If `w` <= 1 or `a` is not finite.
    """
    edge = reduced_attracting_set(w).lower
    return np.abs(finite("a", a)) > edge
