"""The latch: closed forms for one neuron, M_h(a) = w tanh a + h with w > 0.

Fixed points, basins and reduced attracting sets (Definitions 1 to 4), the threshold of a constant
input, how long a switch takes, how the gradient decays. M' is positive, so orbits are monotone and
every attractor is a fixed point. What any map has is in :mod:`latchlib.phase_space` and
:mod:`latchlib.contraction`, which take a neuron as its weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latchlib import formulas
from latchlib.validation import finite, integer, number, positive, refuse, shaped

__all__ = [
    "NOT_REACHED",
    "FixedPoint",
    "Interval",
    "a_star",
    "attractor_pair",
    "basin",
    "fixed_points",
    "flips",
    "h_star",
    "half_life",
    "reduced_attracting_set",
    "transit_time",
]

NOT_REACHED = -1


@dataclass(frozen=True)
class FixedPoint:
    """A fixed point a = M_h(a).

    Parameters
    ----------
    a : float
        Where it is (net input).
    slope : float
        M'(a), its multiplier.
    """

    a: float
    slope: float

    @property
    def stable(self) -> bool:
        """Whether |M'(a)| < 1, so that it is a hyperbolic attractor (Definition 2)."""
        return abs(self.slope) < 1.0


@dataclass(frozen=True)
class Interval:
    """An open interval of net inputs."""

    lower: float
    upper: float

    def __contains__(self, a: float) -> bool:
        return self.lower < a < self.upper


def a_star(w: float) -> float:
    """Return a* = arccosh(sqrt w), where M' crosses 1.

    Raises
    ------
    ValueError
        If `w` is not a finite number > 1: then M' < 1 away from 0 and nothing is crossed.
    """
    return float(formulas.formula("a_star")(number("w", w, above=1.0)))


def h_star(w: float) -> float:
    """Return the saddle-node threshold h*(w) = sqrt(w (w - 1)) - arccosh(sqrt w).

    A constant input |h| < h* keeps both attractors; |h| > h* leaves one. The relative error is a
    few roundings for every w, also where the two terms are nearly equal.

    Raises
    ------
    ValueError
        If `w` is not a finite number > 1.
    """
    return float(formulas.formula("h_star")(number("w", w, above=1.0)))


def fixed_points(w: float, h: float = 0.0) -> tuple[FixedPoint, ...]:
    """Return all fixed points of M_h, in increasing order.

    Parameters
    ----------
    w : float
        Self-loop weight, > 0.
    h : float
        Constant input.

    Returns
    -------
    tuple of FixedPoint
        One for w <= 1, one or three for w > 1; at |h| = h*(w) up to rounding the double root is
        left out, since a rounded number cannot tell it from none.

    Raises
    ------
    ValueError
        If `w` is not a finite number > 0 or `h` is not finite.

    Notes
    -----
    g(a) = M_h(a) - a is monotone between -a* and a* and on either side, so each of the three
    pieces holds at most one root. A sign change brackets it; bisection halves the bracket until
    it is two neighbouring floats wide. Near 0 the formula of g does not cancel, so that the
    attractors without input keep their digits down to the least w above 1.
    """
    w = number("w", w, above=0.0)
    h = number("h", h)
    # A few floats beyond, so that rounding does not make g 0 there; from 2^53 on, + 1 is nothing.
    far = (w + abs(h)) * (1.0 + 1e-15)
    if w <= 1.0:
        cuts = [-far, far]
    else:
        edge = a_star(w)
        cuts = [-far, -edge, edge, far]
    slope = formulas.formula("slope")
    roots = [_root(w, h, low, high) for low, high in pairwise(cuts)]
    return tuple(FixedPoint(a, float(slope(a, w))) for a in roots if a is not None)


def _root(w: float, h: float, low: float, high: float) -> float | None:
    gap = formulas.formula("gap").scalar
    ends = gap(low, w, h), gap(high, w, h)
    # A 0 is the double root, which belongs to two pieces: it is left out of both.
    if not min(ends) < 0.0 < max(ends):
        return None
    rising = ends[0] < 0.0
    while True:
        middle = 0.5 * low + 0.5 * high  # halved first: the sum may overflow
        if not low < middle < high:
            return middle
        value = gap(middle, w, h)
        if value == 0.0:
            return middle
        if (value < 0.0) == rising:
            low = middle
        else:
            high = middle


def attractor_pair(w: float) -> tuple[FixedPoint, FixedPoint]:
    """Return the attractors X- and X+ of the autonomous neuron.

    Raises
    ------
    ValueError
        If `w` is not a finite number > 1: only then is there a pair.
    """
    number("w", w, above=1.0)
    points = fixed_points(w)
    return points[0], points[-1]


def basin(w: float, h: float = 0.0) -> Interval:
    """Return the basin beta(X+) of the upper attractor of M_h (Definition 3).

    Parameters
    ----------
    w : float
        Self-loop weight, > 1.
    h : float
        Constant input with |h| < h*(w).

    Returns
    -------
    Interval
        From the unstable fixed point to infinity.

    Raises
    ------
    ValueError
        If `w` <= 1 or |h| >= h*(w): then there is no pair to have basins.
    """
    points = _within_margin(w, h)
    return Interval(points[1].a, inf)


def reduced_attracting_set(w: float, h: float = 0.0) -> Interval:
    """Return Gamma(X+), the reduced attracting set of the upper attractor (Definition 4).

    Parameters
    ----------
    w : float
        Self-loop weight, > 1.
    h : float
        Constant input with |h| < h*(w). It does not change the set: M_h' = M'.

    Returns
    -------
    Interval
        From a*(w) to infinity.

    Raises
    ------
    ValueError
        If `w` <= 1 or |h| >= h*(w).

    Notes
    -----
    l = 1 demands M'(y) < 1, so y > a*. From there the orbit stays above a*, since M_h is
    increasing and M_h(a*) >= a* for |h| <= h*; every further factor is < 1 too.
    """
    _within_margin(w, h)
    return Interval(a_star(w), inf)


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
    return float(np.log(2.0) / -log_slope) if log_slope < 0.0 else inf


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


def _within_margin(w: float, h: float) -> tuple[FixedPoint, ...]:
    limit = h_star(w)
    points = fixed_points(w, h)
    # Within a rounding error of h* the roots decide: they may have merged already.
    if abs(h) >= limit or len(points) < 3:
        raise refuse("h", h, f"|h| < h*(w) = {limit:.6g}, so that both attractors exist")
    return points
