"""Definitions 1 to 4 for any map: fixed points, cycles, basins and reduced attracting sets.

M is a :class:`latchlib.maps.Map`, or the weights of a network or a neuron: M_u(a) = M(a, u) with a
constant input u, and u = 0 is the autonomous map. Everything here is computed in floats: a fixed
point is a Newton limit with a small residual, a basin is found by iteration into a trap (see
:func:`basin`). Proofs by interval arithmetic are in :mod:`latchlib.intervals`.

States are (unit, trial), trial last. All quantities are dimensionless; time is counted in steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latchlib import maps
from latchlib.maps import Map, System, as_map
from latchlib.validation import finite, integer, one_of, per_unit, positive, refuse

__all__ = [
    "OUTSIDE",
    "READINGS",
    "UNRESOLVED",
    "Classification",
    "Cycle",
    "Grid",
    "LabelledGrid",
    "Trap",
    "attractors",
    "basin",
    "classify",
    "cycles",
    "fixed_points",
    "label_states",
    "largest_lyapunov_exponent",
    "portrait",
    "reduced_attracting_set",
    "tangent_growth",
    "trap",
]

#: Label of a point whose fate the budget did not settle.
UNRESOLVED = -1
#: Label of a point known to lie in no reduced attracting set.
OUTSIDE = -2
#: How Definition 4 may be read: (M^l)'(y) < 1 in operator 2-norm, or in spectral radius.
READINGS = ("norm", "eigenvalues")

_TOLERANCE = 1e-11
_SAME = 1e-6
#: Steps between two looks at the traps: a look costs as much as a step.
_STRIDE = 4


@dataclass(frozen=True, eq=False)
class Cycle:
    """A cycle of M_u; a fixed point is a cycle of period 1.

    Parameters
    ----------
    points : ndarray, shape (period, unit)
        Its points in the order of time.
    multipliers : ndarray of complex, shape (unit,)
        Eigenvalues of (M^period)', the same at each of its points, greatest absolute value first.
    """

    points: NDArray[np.float64]
    multipliers: NDArray[np.complex128]

    @property
    def period(self) -> int:
        """Least number of steps after which it returns."""
        return len(self.points)

    @property
    def spectral_radius(self) -> float:
        """Greatest absolute value of a multiplier."""
        return float(np.abs(self.multipliers[0]))

    @property
    def stable(self) -> bool:
        """Whether it is a hyperbolic attractor: all multipliers of M^period within the circle.

        Definition 2 speaks of M' at each point, which is this only for period 1.
        """
        return self.spectral_radius < 1.0


@dataclass(frozen=True, eq=False)
class Grid:
    """A rectangular grid of states.

    Parameters
    ----------
    axes : tuple of ndarray
        Coordinates along each unit, increasing, at least two on each.
    """

    axes: tuple[NDArray[np.float64], ...]

    def __post_init__(self) -> None:
        if not self.axes:
            raise refuse("axes", self.axes, "one array of coordinates a unit")
        axes = tuple(finite("axes", axis) for axis in self.axes)
        for axis in axes:
            if axis.ndim != 1 or len(axis) < 2:
                raise ValueError(
                    f"axes has shape {axis.shape} for a unit; accepted: (point,), 2 or more points"
                )
            if (np.diff(axis) <= 0.0).any():
                raise refuse("axes", axis, "increasing coordinates")
        object.__setattr__(self, "axes", axes)

    @classmethod
    def cube(cls, half_width: float, points: int, units: int = 2) -> Grid:
        """Return the grid of `points` a side on [-half_width, half_width]^units."""
        edge = float(positive("half_width", half_width))
        points = integer("points", points, at_least=2)
        axis = np.linspace(-edge, edge, points)
        return cls((axis,) * integer("units", units, at_least=1))

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of points along each unit."""
        return tuple(len(axis) for axis in self.axes)

    def states(self) -> NDArray[np.float64]:
        """Return the points as (unit, trial), the last unit running fastest."""
        mesh = np.meshgrid(*self.axes, indexing="ij")
        return np.stack([coordinate.ravel() for coordinate in mesh])


@dataclass(frozen=True, eq=False)
class LabelledGrid:
    """Labels on a grid.

    Parameters
    ----------
    grid : Grid
        The points.
    labels : ndarray of int, shape of the grid
        ``labels[i, j]`` belongs to ``(axes[0][i], axes[1][j])``: the index of an attractor,
        ``UNRESOLVED`` or, in a reduced attracting set, ``OUTSIDE``.
    attractors : tuple of Cycle
        What the labels count.
    """

    grid: Grid
    labels: NDArray[np.int16]
    attractors: tuple[Cycle, ...]

    def share(self, label: int) -> float:
        """Return the share of grid points that carry `label`."""
        return float(np.mean(self.labels == label))


# --- fixed points and cycles -------------------------------------------------------------


def fixed_points(
    M: System, u: ArrayLike = 0.0, *, box: ArrayLike | None = None, starts: int = 1024
) -> tuple[Cycle, ...]:
    """Return the fixed points of M_u on a box.

    Parameters
    ----------
    M : Map or array_like
        The map, or weights: see :func:`latchlib.maps.as_map`.
    u : array_like, shape () or (unit,)
        Constant input.
    box : array_like, shape (unit, 2), optional
        Lower and upper bound for each unit. By default what the map can reach, which holds all
        of them: of a network, |a_i - u_i| <= sum_j |W_ij|. Of a map without such a bound it must
        be given, and Newton's method may leave it in between.
    starts : int
        Number of starts of Newton's method.

    Returns
    -------
    tuple of Cycle
        Period 1, sorted by the first unit, then the second, and so on.

    Raises
    ------
    ValueError
        If W is not square, the box is empty or a number is not finite.

    Notes
    -----
    Newton's method runs from `starts` points spread evenly over the box (the additive recurrence
    of the plastic number, after Roberts 2018) and from where the map leads half of them. Limits
    with residual up to 1e-11 are kept once. A fixed point that no start leads to is missed: the
    count is a lower bound. Two of them closer than about 1e-6, or a double one, as at a
    saddle-node, come out as one. `latchlib.intervals.certify_all_fixed_points` proves the count.
    """
    return cycles(M, 1, u, box=box, starts=starts)


def cycles(
    M: System,
    period: int,
    u: ArrayLike = 0.0,
    *,
    box: ArrayLike | None = None,
    starts: int = 1024,
) -> tuple[Cycle, ...]:
    """Return the cycles of least period `period` with a point on a box.

    Parameters
    ----------
    M : Map or array_like
        The map, or weights: see :func:`latchlib.maps.as_map`.
    period : int
        Least period, >= 1.
    u : array_like, shape () or (unit,)
        Constant input.
    box : array_like, shape (unit, 2), optional
        As in :func:`fixed_points`.
    starts : int
        Number of starts of Newton's method on M^period(a) - a.

    Returns
    -------
    tuple of Cycle
        Stable and unstable ones, each starting at its least point. The limits of
        :func:`fixed_points` hold, and the more so the longer the period.

    Raises
    ------
    ValueError
        As :func:`fixed_points`, and if `period` is no integer >= 1.
    """
    M, u = _constant(M, u)
    period = integer("period", period, at_least=1)
    starts = integer("starts", starts, at_least=1)
    whole, wanted = _bounds(M, u, box)
    a = _spread(
        np.maximum(wanted[:, 0], whole[:, 0]), np.minimum(wanted[:, 1], whole[:, 1]), starts
    )
    led = _led(M, u, a[:, ::2], 50)
    found = _newton(M, u, np.concatenate([a, led], axis=1), period, whole)
    slack = 1e-9 * (1.0 + np.abs(wanted))
    return tuple(
        cycle
        for cycle in _distinct(M, u, found, period)
        if _inside(cycle.points.T, wanted[:, :1] - slack[:, :1], wanted[:, 1:] + slack[:, 1:]).any()
    )


def attractors(
    M: System,
    u: ArrayLike = 0.0,
    *,
    box: ArrayLike | None = None,
    max_period: int = 16,
    starts: int = 256,
    steps: int = 2000,
) -> tuple[Cycle, ...]:
    """Return the stable fixed points and cycles that iteration or Newton's method finds.

    Parameters
    ----------
    M : Map or array_like
        The map, or weights: see :func:`latchlib.maps.as_map`.
    u : array_like, shape () or (unit,)
        Constant input.
    box : array_like, shape (unit, 2), optional
        As in :func:`fixed_points`.
    max_period : int
        Longest period looked for.
    starts : int
        Number of starts, spread over the box.
    steps : int
        Steps before the period is read off.

    Returns
    -------
    tuple of Cycle
        By period, then by their least point. A chaotic attractor, a longer cycle or one whose
        basin no start hits is not among them.

    Raises
    ------
    ValueError
        If W is not square, or an argument is out of range.
    """
    M, u = _constant(M, u)
    max_period = integer("max_period", max_period, at_least=1)
    starts = integer("starts", starts, at_least=1)
    steps = integer("steps", steps, at_least=1)
    whole, wanted = _bounds(M, u, box)
    a = _led(M, u, _spread(wanted[:, 0], wanted[:, 1], starts), steps)
    periods = _least_period(M, u, a, max_period)
    found = [c for c in fixed_points(M, u[:, 0], box=box) if c.stable]
    for period in sorted(set(periods[periods > 1].tolist())):
        limits = _newton(M, u, a[:, periods == period], period, whole)
        found += [c for c in _distinct(M, u, limits, period) if c.stable]
    return tuple(found)


def _constant(M: System, u: ArrayLike) -> tuple[Map, NDArray[np.float64]]:
    M = as_map(M, batch=False)
    return M, per_unit("u", u, M.units, 1)


def _bounds(M: Map, u: NDArray, box: ArrayLike | None) -> tuple[NDArray, NDArray]:
    """Return a box that no root lies outside of, all of space if need be, and the one to search."""
    whole = M.reach(u)
    if box is not None:
        everywhere = np.tile([-np.inf, np.inf], (M.units, 1))
        return everywhere if whole is None else whole, _box(box, M.units)
    if whole is None:
        raise refuse("box", None, "lower and upper bounds, for a map that does not know its reach")
    return whole, whole


def _led(M: Map, u: NDArray, a: NDArray, steps: int) -> NDArray[np.float64]:
    """Return where the map leads `a`, without those that leave all bounds."""
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(steps):
            before, a = a, M.step(a, u)
            if t % 64 == 63 and np.array_equal(before, a):
                break  # at rest to the last bit, and so for good
    return a[:, np.isfinite(a).all(axis=0)]


def _box(box: ArrayLike, units: int) -> NDArray[np.float64]:
    box = finite("box", box)
    if box.shape != (units, 2):
        raise ValueError(f"box has shape {box.shape}; accepted: (unit, 2) = ({units}, 2)")
    if (box[:, 0] > box[:, 1]).any():
        raise refuse("box", box.tolist(), "lower <= upper for each unit")
    return box


def _inside(a: NDArray, lower: NDArray, upper: NDArray) -> NDArray[np.bool_]:
    return ((lower <= a) & (a <= upper)).all(axis=0)


def _spread(lower: NDArray, upper: NDArray, count: int) -> NDArray[np.float64]:
    """Return `count` points spread evenly over a box, its centre first, shape (unit, trial)."""
    units = len(lower)
    root = 1.0  # of x^(units + 1) = x + 1; powers of 1/x are badly approximable together
    for _ in range(60):
        root = (1.0 + root) ** (1.0 / (units + 1))
    stride = (1.0 / root) ** np.arange(1, units + 1)
    share = (0.5 + np.outer(stride, np.arange(count))) % 1.0
    return lower[:, np.newaxis] + share * (upper - lower)[:, np.newaxis]


def _turn(M: Map, u: NDArray, a: NDArray, period: int) -> tuple[NDArray, NDArray]:
    """Return M^period(a) and its derivative, shapes (unit, trial) and (trial, unit, unit)."""
    derivative = M.jacobian(a, u)
    a = M.step(a, u)
    for _ in range(period - 1):
        derivative = maps.apply(M.jacobian(a, u), derivative)
        a = M.step(a, u)
    return a, np.moveaxis(derivative, -1, 0).copy()


def _newton(M: Map, u: NDArray, a: NDArray, period: int, limits: NDArray) -> NDArray[np.float64]:
    """Return the limits of Newton's method on M^period(a) - a that pass the residual check."""
    unit = np.eye(M.units)
    done = []
    for _ in range(60):
        image, derivative = _turn(M, u, a, period)
        here = np.isfinite(image).all(axis=0)
        if not here.all():
            a, image, derivative = a[:, here], image[:, here], derivative[here]
        residual = image - a
        small = np.abs(residual).max(axis=0) <= _TOLERANCE * (1.0 + np.abs(a).max(axis=0))
        equations = derivative - unit
        regular = np.abs(np.linalg.det(equations)) > 1e-300
        equations[~regular] = unit
        move = -np.linalg.solve(equations, residual.T[:, :, np.newaxis])[:, :, 0].T
        # Near a double root the residual is small long before the place is found. A hair beyond,
        # where the two have merged and gone, it is small and every move is at least as long as the
        # roots are off the real line: 1e-8 is what rounding leaves of a double root itself.
        settled = small & (np.abs(move).max(axis=0) <= 1e-8)
        done.append(a[:, settled] + move[:, settled])
        going = ~settled & regular
        # No root lies outside these limits, so a step that leaves them has overshot.
        a = np.clip((a + move)[:, going], limits[:, :1], limits[:, 1:])
        if a.shape[1] == 0:
            break
    return np.concatenate(done, axis=1)


def _distinct(M: Map, u: NDArray, found: NDArray, period: int) -> tuple[Cycle, ...]:
    """Return one Cycle for each distinct orbit among `found` whose least period is `period`."""
    result: list[Cycle] = []
    if found.shape[1] == 0:
        return ()
    _, first = np.unique(np.round(found, 7), axis=1, return_index=True)
    for k in first:
        path = maps.orbit(M, found[:, k], period - 1, u)[:, :, 0]
        scale = _SAME * (1.0 + np.abs(path).max())
        if any((np.abs(path[d] - path[0]) <= scale).all() for d in range(1, period)):
            continue  # it returns earlier
        near = (np.abs(c.points[:, np.newaxis] - path) <= scale for c in result)
        if any(hit.all(axis=2).any() for hit in near):
            continue
        least = min(range(period), key=lambda i: tuple(np.round(path[i], 7)))
        path = np.roll(path, -least, axis=0)
        _, derivative = _turn(M, u, path[:1].T, period)
        values = np.linalg.eigvals(derivative[0]).astype(np.complex128)
        result.append(Cycle(path, values[np.argsort(-np.abs(values), kind="stable")]))
    return tuple(sorted(result, key=lambda c: tuple(np.round(c.points[0], 7))))


def _least_period(M: Map, u: NDArray, a: NDArray, max_period: int) -> NDArray[np.int64]:
    """Return the least period at which each state returns, 0 where none does."""
    periods = np.zeros(a.shape[1], dtype=np.int64)
    scale = 1e-8 * (1.0 + np.abs(a).max(axis=0))
    later = a
    for period in range(1, max_period + 1):
        later = M.step(later, u)
        back = np.abs(later - a).max(axis=0) <= scale
        periods[back & (periods == 0)] = period
    return periods


# --- chaos -------------------------------------------------------------------------------


def tangent_growth(
    M: System, path: ArrayLike, u: ArrayLike = 0.0, *, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the logarithm of the growth of a tangent vector, step by step.

    Parameters
    ----------
    M : Map or array_like
        The map, or weights: see :func:`latchlib.maps.as_map`.
    path : array_like, shape (T + 1, unit, trial)
        States, from :func:`latchlib.maps.rollout`.
    u : array_like, shape (), (unit,), (unit, trial) or (T, unit, trial)
        Inputs that led there. Where they are additive, as in a network, they do not matter.
    rng : numpy.random.Generator
        Draws the direction at the start.

    Returns
    -------
    ndarray, shape (T, trial)
        log |v_t| - log |v_{t-1}|, in 1/step; -inf once the vector is 0 to the last float.

    Raises
    ------
    ValueError
        If a shape does not fit or a number is not finite.
    """
    M = as_map(M)
    path, u = maps.along(M, path, u)
    steps, units, trials = len(path) - 1, path.shape[1], path.shape[2]
    v = rng.standard_normal((units, trials))
    v /= np.linalg.norm(v, axis=0)
    lengths = np.empty((steps, trials))
    factors = maps.at_each(M, M.jacobian, path[:-1], u) if steps else ()
    for t, J in enumerate(factors):
        v = np.einsum("ijr,jr->ir", J, v)
        lengths[t] = np.sqrt(np.einsum("ir,ir->r", v, v))
        np.divide(v, lengths[t], out=v, where=lengths[t] > 0.0)
    with np.errstate(divide="ignore"):
        return np.log(lengths)


def largest_lyapunov_exponent(
    M: System,
    a0: ArrayLike,
    steps: int,
    *,
    rng: np.random.Generator,
    u: ArrayLike = 0.0,
    discard: int = 0,
) -> NDArray[np.float64]:
    """Return the largest Lyapunov exponent of orbits, in 1/step.

    Parameters
    ----------
    M : Map or array_like
        The map, or weights: see :func:`latchlib.maps.as_map`.
    a0 : array_like, shape (), (unit,) or (unit, trial)
        Initial states.
    steps : int
        Steps averaged over, >= 1.
    rng : numpy.random.Generator
        Draws the tangent vector; almost every one grows at the largest rate.
    u : array_like, shape (), (unit,) or (unit, trial)
        Constant input.
    discard : int
        Steps left out before, so that orbit and vector have settled.

    Returns
    -------
    ndarray, shape (trial,)
        Mean of log |M'(a_t) v_t| / |v_t|. It has an error that falls with `steps`.

    Raises
    ------
    ValueError
        If a shape does not fit or a number is out of range.
    """
    steps = integer("steps", steps, at_least=1)
    discard = integer("discard", discard, at_least=0)
    path = maps.orbit(M, a0, steps + discard, u)
    return tangent_growth(M, path, u, rng=rng)[discard:].mean(axis=0)


@dataclass(frozen=True, eq=False)
class Classification:
    """Where orbits end up.

    Parameters
    ----------
    kind : ndarray of str, shape (trial,)
        "fixed point", "cycle", "chaotic" or "unresolved".
    period : ndarray of int, shape (trial,)
        1 for a fixed point, the period for a cycle, 0 otherwise.
    exponent : ndarray, shape (trial,)
        Largest Lyapunov exponent of the orbit, in 1/step. It is positive on an unstable fixed
        point or cycle that the orbit happens to sit on.
    """

    kind: NDArray[np.str_]
    period: NDArray[np.int64]
    exponent: NDArray[np.float64]


def classify(
    M: System,
    a0: ArrayLike,
    steps: int = 4000,
    *,
    rng: np.random.Generator,
    u: ArrayLike = 0.0,
    max_period: int = 16,
) -> Classification:
    """Say what each orbit tends to.

    Parameters
    ----------
    M : Map or array_like
        The map, or weights: see :func:`latchlib.maps.as_map`.
    a0 : array_like, shape (), (unit,) or (unit, trial)
        Initial states.
    steps : int
        Budget, >= 20; the first half is left out of the exponent.
    rng : numpy.random.Generator
        Draws the tangent vectors.
    u : array_like, shape () or (unit,)
        Constant input.
    max_period : int
        Longest period looked for.

    Returns
    -------
    Classification
        A fixed point or cycle: the orbit returns to 1e-8 and Newton's method finds the cycle of
        that least period there. Chaotic: no return, and the exponent of ten stretches is above
        0.001 and above three standard errors; that is evidence, not proof. Everything else, a
        long cycle, a quasi-periodic or a slow orbit, is unresolved.

    Raises
    ------
    ValueError
        If a shape does not fit or a number is out of range.
    """
    M, u = _constant(M, u)
    steps = integer("steps", steps, at_least=20)
    max_period = integer("max_period", max_period, at_least=1)
    path = maps.orbit(M, a0, steps, u)
    growth = tangent_growth(M, path, u, rng=rng)[steps - 10 * (steps // 20) :]
    parts = growth.reshape(10, -1, growth.shape[1]).mean(axis=1)
    exponent = parts.mean(axis=0)
    last = path[-1]
    periods = _least_period(M, u, last, max_period)
    whole, _ = _bounds(M, u, np.zeros((M.units, 2)))
    for k in np.flatnonzero(periods):
        period = int(periods[k])
        cycle = _distinct(M, u, _newton(M, u, last[:, k : k + 1], period, whole), period)
        if not cycle or np.abs(cycle[0].points - last[:, k]).max(axis=1).min() > 1e-5:
            periods[k] = 0
    with np.errstate(invalid="ignore"):
        error = parts.std(axis=0, ddof=1) / np.sqrt(10.0)
        chaotic = (periods == 0) & (exponent > 1e-3) & (exponent > 3.0 * error)
    kind = np.full(len(periods), "unresolved", dtype="<U11")
    kind[periods == 1] = "fixed point"
    kind[periods > 1] = "cycle"
    kind[chaotic] = "chaotic"
    return Classification(kind, periods, exponent)


# --- basins and reduced attracting sets --------------------------------------------------


@dataclass(frozen=True, eq=False)
class Trap:
    """Balls round the points of a cycle that the map carries into one another, contracting.

    With S_i = L_i L_i^T and |v|_i = |L_i^T v|, the ball {|a - x_i|_i < radius} is mapped into the
    ball round x_{i+1}, by a factor `rate` < 1 at least. A product of k Jacobians inside has 2-norm
    at most condition * rate^k.

    Parameters
    ----------
    points : ndarray, shape (period, unit)
        The cycle.
    forms : ndarray, shape (period, unit, unit)
        The S_i.
    radius, rate, condition : float
        As above.
    """

    points: NDArray[np.float64]
    forms: NDArray[np.float64]
    radius: float
    rate: float
    condition: float

    @cached_property
    def roots(self) -> NDArray[np.float64]:
        """Matrices R_i for which the ball is {|R_i a - c_i| < 1}."""
        return np.swapaxes(np.linalg.cholesky(self.forms), 1, 2) / self.radius

    @cached_property
    def centres(self) -> NDArray[np.float64]:
        """The c_i, shape (period, unit, 1)."""
        return self.roots @ self.points[:, :, np.newaxis]


def trap(M: System, cycle: Cycle, u: ArrayLike = 0.0) -> Trap | None:
    """Return the widest of a few traps of a cycle, or None where none is found.

    Parameters
    ----------
    M : Map or array_like
        The map, or weights: see :func:`latchlib.maps.as_map`.
    cycle : Cycle
        A cycle of M_u.
    u : array_like, shape () or (unit,)
        Constant input. Where it is additive, as in a network, it does not matter.

    Returns
    -------
    Trap or None
        None for a cycle that is not stable.
    """
    M, u = _constant(M, u)
    if not cycle.stable:
        return None
    A = np.moveaxis(M.jacobian(cycle.points.T, u), -1, 0)
    forms = [np.broadcast_to(np.eye(M.units), A.shape)]
    forms += [_lyapunov_forms(A, cycle.spectral_radius, share) for share in (0.1, 0.5, 0.9)]
    traps = [found for form in forms if (found := _trap_in(M, u, cycle.points, form))]
    if not traps:
        return None
    # Orbits come in along the slowest direction, so what counts is how far a trap reaches there.
    values, vectors = np.linalg.eig(reduce(lambda product, step: step @ product, A))
    slow = vectors[:, np.argmax(np.abs(values))]
    return max(traps, key=lambda x: x.radius**2 / np.real(slow.conj() @ x.forms[0] @ slow))


def _trap_in(M: Map, u: NDArray, x: NDArray, forms: NDArray) -> Trap | None:
    """Return the widest trap round the cycle `x` in the norms given by `forms`."""
    if not np.isfinite(forms).all():
        return None
    try:
        L = np.linalg.cholesky(forms)
    except np.linalg.LinAlgError:
        return None
    period = len(x)
    spread = np.sqrt(np.einsum("pii->pi", np.linalg.inv(forms)))
    steps = [(L[(i + 1) % period].T, np.linalg.inv(L[i]).T) for i in range(period)]

    def rate(radius: float) -> float:
        ends = zip((x - radius * spread)[..., None], (x + radius * spread)[..., None], strict=True)
        return max(
            float(M.norm_bound(lower, upper, u, 2, left, right)[0])
            for (left, right), (lower, upper) in zip(steps, ends, strict=True)
        )

    centre = rate(0.0)
    if not centre < 1.0:
        return None
    # A rate just below 1 is as good a proof as any and makes the trap wide.
    allowed = max(0.999, 0.5 + 0.5 * centre)
    low, high = 0.0, 1e-6
    while high < 1e3 and rate(high) <= allowed:
        low, high = high, 4.0 * high
    for _ in range(16):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if rate(middle) <= allowed else (low, middle)
    if low == 0.0:
        return None
    sizes = np.linalg.eigvalsh(forms)
    return Trap(x, forms, low, rate(low), float(np.sqrt(sizes.max() / sizes.min())))


def _lyapunov_forms(A: NDArray[np.float64], radius: float, share: float) -> NDArray[np.float64]:
    """Return S_i with A_i^T S_{i+1} A_i < S_i round a stable cycle, of least eigenvalue >= 1.

    S_i = I + A_i^T S_{i+1} A_i / s^2 with a per-step factor s that lies at `share` of the way from
    the cycle's own to 1: the sum of a geometric series, which squaring adds up.
    """
    period, units = len(A), A.shape[1]
    own = radius ** (1.0 / period)
    s = own + share * (1.0 - own)
    B = np.eye(units)
    Q = np.zeros((units, units))
    for step in A:
        Q += B.T @ B
        B = step @ B / s
    S = Q
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(60):
            S, B = S + B.T @ S @ B, B @ B
            if np.abs(B).max() < 1e-30 or not np.isfinite(S).all():
                break
        forms = np.empty_like(A)
        forms[0] = S
        for i in range(period - 1, 0, -1):
            S = np.eye(units) + A[i].T @ S @ A[i] / s**2
            forms[i] = S
    return forms


def basin(
    M: System,
    grid: Grid,
    u: ArrayLike = 0.0,
    *,
    attractors: tuple[Cycle, ...] | None = None,
    steps: int = 200,
) -> LabelledGrid:
    """Label the points of a grid by the attractor whose basin they lie in (Definition 3).

    Parameters
    ----------
    M : Map or array_like
        The map, or weights: see :func:`latchlib.maps.as_map`.
    grid : Grid
        With one axis a unit.
    u : array_like, shape () or (unit,)
        Constant input.
    attractors : tuple of Cycle, optional
        Stable cycles to tell apart; those of :func:`attractors` by default.
    steps : int
        Budget of steps.

    Returns
    -------
    LabelledGrid
        Index of the attractor, or ``UNRESOLVED``.

    Raises
    ------
    ValueError
        If W is not square, the grid has another number of axes, `attractors` holds one that is
        not stable, or a number is out of range.

    Notes
    -----
    Round each attractor stands a trap: balls, in a norm fitted to its derivative, on which the
    map contracts into the next ball by a bound valid on the whole ball
    (:meth:`latchlib.maps.Map.norm_bound`). A point that enters
    converges, so it is settled there; up to rounding no label is a guess. Points that do not
    enter within the budget are unresolved, such as those on the border of a basin or in the
    basin of an attractor that is not in the list.
    """
    return portrait(M, grid, u, attractors=attractors, steps=steps)[0]


def reduced_attracting_set(
    M: System,
    grid: Grid,
    u: ArrayLike = 0.0,
    *,
    reading: str = "norm",
    attractors: tuple[Cycle, ...] | None = None,
    steps: int = 200,
) -> LabelledGrid:
    """Label the points of a grid by the reduced attracting set they lie in (Definition 4).

    Parameters
    ----------
    M, grid, u, attractors, steps
        As in :func:`basin`.
    reading : {"norm", "eigenvalues"}
        What is < 1 for all l >= 1: the operator 2-norm of (M^l)'(y), or its spectral radius.

    Returns
    -------
    LabelledGrid
        Index of the attractor X with y in Gamma(X), ``OUTSIDE`` or ``UNRESOLVED``.

    Raises
    ------
    ValueError
        As :func:`basin`, and if `reading` is not on offer.

    Notes
    -----
    Every l up to the entry into the trap is tested, and beyond it until condition * rate *
    |(M^l)'(y)| < 1, from where the contraction in the trap keeps all further ones below 1, in
    norm and so in spectral radius. In the norm reading a stable X need not lie in its own
    Gamma(X): a non-normal M' may have norm > 1 there.
    """
    return portrait(M, grid, u, reading=reading, attractors=attractors, steps=steps)[1]


def portrait(
    M: System,
    grid: Grid,
    u: ArrayLike = 0.0,
    *,
    reading: str = "norm",
    attractors: tuple[Cycle, ...] | None = None,
    steps: int = 200,
) -> tuple[LabelledGrid, LabelledGrid]:
    """Return :func:`basin` and :func:`reduced_attracting_set` from one pass over the grid."""
    M, u = _constant(M, u)
    if not isinstance(grid, Grid):
        raise refuse("grid", grid, "a Grid")
    if len(grid.axes) != M.units:
        raise refuse("number of axes of grid", len(grid.axes), f"{M.units}, one a unit")
    found = _given(M, u, attractors)
    labels = label_states(M, grid.states(), u[:, 0], reading=reading, attractors=found, steps=steps)
    first, second = (LabelledGrid(grid, x.reshape(grid.shape), found) for x in labels)
    return first, second


def label_states(
    M: System,
    a: ArrayLike,
    u: ArrayLike = 0.0,
    *,
    reading: str = "norm",
    attractors: tuple[Cycle, ...] | None = None,
    steps: int = 200,
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Label single states as :func:`basin` and :func:`reduced_attracting_set` label a grid.

    Parameters
    ----------
    M, u, reading, attractors, steps
        As there.
    a : array_like, shape (unit,) or (unit, trial)
        States.

    Returns
    -------
    tuple of ndarray of int, shape (trial,) each
        Basin and reduced attracting set.
    """
    M, u = _constant(M, u)
    a = per_unit("a", a, M.units)
    one_of("reading", reading, READINGS)
    steps = integer("steps", steps, at_least=1)
    traps = [
        (k, found)
        for k, cycle in enumerate(_given(M, u, attractors))
        if (found := trap(M, cycle, u[:, 0]))
    ]
    labels = np.full((2, a.shape[1]), UNRESOLVED, dtype=np.int16)
    # Many enough for calls to cost little, few enough for the second-level cache.
    block = max(256, 65_536 // M.units**2)
    cuts = [*range(0, a.shape[1], block), a.shape[1]]
    with np.errstate(over="ignore", invalid="ignore"):
        for start, stop in pairwise(cuts):
            _label(M, u, traps, reading, steps, a[:, start:stop], *labels[:, start:stop])
    return labels[0], labels[1]


def _given(M: Map, u: NDArray, chosen: tuple[Cycle, ...] | None) -> tuple[Cycle, ...]:
    if chosen is None:
        return attractors(M, u[:, 0])
    for cycle in chosen:
        if not isinstance(cycle, Cycle) or not cycle.stable or cycle.points.shape[1] != M.units:
            raise refuse("attractors", cycle, f"stable cycles of {M.units} units")
    return tuple(chosen)


def _label(
    M: Map,
    u: NDArray,
    traps: list[tuple[int, Trap]],
    reading: str,
    steps: int,
    a: NDArray,
    in_basin: NDArray,
    in_gamma: NDArray,
) -> None:
    """Put the labels of the states `a` into `in_basin` and `in_gamma`."""
    # Two pools: `a` carries Jacobians J; `rest` is known to be in no Gamma and needs none.
    places = np.arange(a.shape[1])
    rest, rest_places = a[:, :0], places[:0]
    J = np.zeros((M.units, *a.shape))
    J[np.arange(M.units), np.arange(M.units)] = 1.0
    candidate = np.ones(a.shape[1], dtype=bool)
    for t in range(steps + 1):
        if t % _STRIDE == 0 or t == steps:
            label, slack = _trapped(traps, a)
            in_basin[places] = label
            in_gamma[places[~candidate]] = OUTSIDE
            # The Frobenius norm bounds the 2-norm; only a later stop is lost by it.
            settled = candidate & (slack * np.einsum("ijr,ijr->r", J, J) < 1.0)
            in_gamma[places[settled]] = label[settled]
            label_rest, _ = _trapped(traps, rest)
            in_basin[rest_places] = label_rest
            out, fallen = label_rest < 0, ~candidate & (label < 0)
            if not out.all() or fallen.any():
                rest = np.concatenate([rest[:, out], a[:, fallen]], axis=1)
                rest_places = np.concatenate([rest_places[out], places[fallen]])
            going = candidate & ~settled
            if not going.all():
                places, a, J = places[going], a[:, going], J[:, :, going]
                candidate = np.ones(len(places), dtype=bool)
            if t == steps or len(places) + len(rest_places) == 0:
                return
        if len(places):
            a, J = M.chain(a, u, J)
            candidate &= _below_one(J, reading)
        if len(rest_places):
            rest = M.step(rest, u)


def _trapped(
    traps: list[tuple[int, Trap]], a: NDArray
) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """Return the trap each state is in, -1 for none, and (condition * rate)^2 of it."""
    label = np.full(a.shape[1], UNRESOLVED, dtype=np.int16)
    slack = np.full(a.shape[1], np.inf)
    for k, trap in traps:
        inside = np.zeros(a.shape[1], dtype=bool)
        for root, centre in zip(trap.roots, trap.centres, strict=True):
            v = maps.apply(root, a) - centre
            inside |= np.einsum("ir,ir->r", v, v) < 1.0
        label[inside] = k
        slack[inside] = (trap.condition * trap.rate) ** 2
    return label, slack


def _below_one(J: NDArray, reading: str) -> NDArray[np.bool_]:
    """Say for each trial whether norm or spectral radius of J (n, n, trial) is < 1."""
    if len(J) != 2:
        return (maps.norm(J) if reading == "norm" else maps.spectral_radius(J)) < 1.0
    (a, b), (c, d) = J
    det = a * d
    det -= b * c
    if reading == "norm":
        # With singular values p >= q: both < 1 iff pq < 1 and (1 - p^2)(1 - q^2) > 0, and
        # p^2 + q^2 is the sum of squares, pq is |det|. No root is needed.
        det *= det
        total = np.einsum("ijr,ijr->r", J, J)
    else:
        # Jury's conditions for both roots of z^2 - trace z + det within the unit circle.
        total = np.abs(a + d)
    return (det < 1.0) & (total < 1.0 + det)
