"""Definitions 1 to 4 for one neuron: fixed points, basins, reduced attracting sets.

The map is M_h(a) = w tanh a + h with w > 0 and a constant input h; h = 0 is the autonomous map.
Its derivative M' is positive, so orbits are monotone and every attractor is a fixed point.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf

from latchlib import formulas
from latchlib._validation import number, refuse

__all__ = [
    "FixedPoint",
    "Interval",
    "a_star",
    "attractor_pair",
    "basin",
    "fixed_points",
    "h_star",
    "reduced_attracting_set",
]


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


def _within_margin(w: float, h: float) -> tuple[FixedPoint, ...]:
    limit = h_star(w)
    points = fixed_points(w, h)
    # Within a rounding error of h* the roots decide: they may have merged already.
    if abs(h) >= limit or len(points) < 3:
        raise refuse("h", h, f"|h| < h*(w) = {limit:.6g}, so that both attractors exist")
    return points
