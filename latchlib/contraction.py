"""Definitions 5 and 6 and Theorems 1 to 4 for any map: contraction, bounds and sensitivity.

M is a :class:`latchlib.maps.Map`, or the weights of a network or a neuron.

States are (time, unit, trial), trial last. All quantities are dimensionless; time is counted in
steps. Bounds here are valid on whole balls, up to the rounding of floats; with the rounding too
they are in :mod:`latchlib.intervals`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latchlib import maps, phase_space
from latchlib.maps import System, as_map
from latchlib.validation import (
    finite,
    integer,
    number,
    one_of,
    per_unit,
    positive,
    refuse,
)

__all__ = [
    "BallOfUncertainty",
    "Latched",
    "LyapunovEstimate",
    "NoiseBound",
    "Sensitivity",
    "contraction_factor",
    "is_robustly_latched",
    "log_sensitivity",
    "lyapunov_under_noise",
    "noise_bound",
    "propagate_ball",
    "vector_norm",
]


def vector_norm(v: ArrayLike, order: float = 2, axis: int = -2) -> NDArray[np.float64]:
    """Return |v| over the unit axis, the last but one by default.

    Parameters
    ----------
    v : array_like, shape (..., unit, trial)
        Vectors.
    order : {1, 2, inf}
        Which norm.
    axis : int
        The unit axis.

    Raises
    ------
    ValueError
        If `v` is not finite or `order` is not on offer.
    """
    one_of("order", order, maps.NORMS)
    return np.linalg.norm(finite("v", v), order, axis=axis)


# --- robust latching ---------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Latched:
    """Whether states are robustly latched, and to what.

    Parameters
    ----------
    labels : ndarray of int, shape (trial,)
        Index of the attractor X with the state in Gamma(X); `phase_space.OUTSIDE` if it is in
        none, `phase_space.UNRESOLVED` if the budget did not tell.
    attractors : tuple of Cycle
        What the labels count.
    """

    labels: NDArray[np.int16]
    attractors: tuple[phase_space.Cycle, ...]

    @property
    def holds(self) -> NDArray[np.bool_]:
        """Where the state is robustly latched."""
        return self.labels >= 0

    @property
    def resolved(self) -> NDArray[np.bool_]:
        """Where `holds` is an answer; elsewhere it is False for want of one."""
        return self.labels != phase_space.UNRESOLVED


def is_robustly_latched(
    M: System,
    a: ArrayLike,
    u: ArrayLike = 0.0,
    *,
    reading: str = "norm",
    attractors: tuple[phase_space.Cycle, ...] | None = None,
    steps: int = 200,
) -> Latched:
    """Say for each state whether it lies in the reduced attracting set of some attractor.

    Parameters
    ----------
    M : Map or array_like
        The map, or weights: see :func:`latchlib.maps.as_map`.
    a : array_like, shape (unit,) or (unit, trial)
        States at the time in question.
    u : array_like, shape () or (unit,)
        Constant input of the dynamics; 0 for the autonomous ones of Definition 5.
    reading : {"norm", "eigenvalues"}
        Reading of Definition 4.
    attractors : tuple of Cycle, optional
        Those found by :func:`latchlib.phase_space.attractors` by default.
    steps : int
        Budget of steps.

    Raises
    ------
    ValueError
        As :func:`latchlib.phase_space.reduced_attracting_set`.

    Notes
    -----
    Bengio, Simard and Frasconi (1994), Definition 5.
    """
    if attractors is None:
        attractors = phase_space.attractors(M, u)
    _, labels = phase_space.label_states(
        M, a, u, reading=reading, attractors=attractors, steps=steps
    )
    return Latched(labels, tuple(attractors))


# --- contraction -------------------------------------------------------------------------


def contraction_factor(
    M: System, centre: ArrayLike, radius: ArrayLike, order: float = 2, *, u: ArrayLike = 0.0
) -> NDArray[np.float64]:
    """Return an upper bound on |M(x) - M(y)| / |x - y| over a ball.

    Parameters
    ----------
    M : Map or array_like
        The map, or weights: see :func:`latchlib.maps.as_map`.
    centre : array_like, shape (), (unit,) or (unit, trial)
        Centres.
    radius : array_like, shape () or (trial,)
        Radii, > 0.
    order : {1, 2, inf}
        Norm of the ball and of the factor.
    u : array_like, shape (), (unit,) or (unit, trial)
        Input. Where it is additive, as in a network, it does not matter.

    Returns
    -------
    ndarray, shape (trial,)
        Below 1, the map contracts on the ball (Definition 6). It is a bound: 1 or more does not
        say that the map does not contract.

    Raises
    ------
    ValueError
        If a radius is <= 0, W is not square, a shape does not fit or a number is not finite.

    Notes
    -----
    A ball is convex, so the factor is at most the largest |M'| on it (mean value inequality). It
    lies in the box centre +- radius, on which :meth:`latchlib.maps.Map.norm_bound` bounds |M'|. In
    the maximum norm ball and box are the same, and of a network that bound is the largest |M'|.
    """
    M = as_map(M)
    one_of("order", order, maps.NORMS)
    centre, radius = _same_trials(per_unit("centre", centre, M.units), radius)
    u = per_unit("u", u, M.units)
    for name, count in (("W", M.trials), ("u", u.shape[1])):
        if 1 not in (count, len(radius)) and count != len(radius):
            raise refuse(f"number of trials of {name}", count, f"1 or {len(radius)}")
    return M.norm_bound(centre - radius, centre + radius, u, order)


def _same_trials(centre: NDArray, radius: ArrayLike) -> tuple[NDArray, NDArray]:
    radius = positive("radius", radius)
    if radius.ndim > 1:
        raise ValueError(f"radius has shape {radius.shape}; accepted: a number or (trial,)")
    radius = np.atleast_1d(radius)
    counts = {centre.shape[1], len(radius)} - {1}
    if len(counts) > 1:
        raise refuse("number of trials of radius", len(radius), f"1 or {centre.shape[1]}")
    trials = counts.pop() if counts else 1
    return np.broadcast_to(centre, (len(centre), trials)), np.broadcast_to(radius, (trials,))


@dataclass(frozen=True, eq=False)
class NoiseBound:
    """What Theorem 3 guarantees along an autonomous trajectory.

    Parameters
    ----------
    path : ndarray, shape (T + 1, unit, trial)
        The trajectory a_0 ... a_T without noise, the centres of the balls D_0 ... D_T.
    factors : ndarray, shape (T, trial)
        lambda_0 ... lambda_{T-1}: bounds on |M'| over D_0 ... D_{T-1}.
    bounds : ndarray, shape (T, trial)
        b_1 ... b_T: noise |u_t| <= b_t for all t keeps a_t in D_t. NaN from the first t on at
        which the factor is not below 1: there the theorem says nothing.
    radius : ndarray, shape (trial,)
        d, the radius of all balls.
    """

    path: NDArray[np.float64]
    factors: NDArray[np.float64]
    bounds: NDArray[np.float64]
    radius: NDArray[np.float64]

    @property
    def holds(self) -> NDArray[np.bool_]:
        """Where the hypothesis holds over all steps, shape (trial,)."""
        return (self.factors < 1.0).all(axis=0)

    @property
    def uniform(self) -> NDArray[np.float64]:
        """The one bound good for all T steps, shape (trial,); NaN where there is none."""
        return self.bounds.min(axis=0)


def noise_bound(
    M: System,
    a0: ArrayLike,
    radius: ArrayLike,
    steps: int,
    *,
    u: ArrayLike = 0.0,
    order: float = 2,
) -> NoiseBound:
    """Return how much noise cannot drive the state out of a tube round its trajectory.

    Parameters
    ----------
    M : Map or array_like
        The map, or weights: see :func:`latchlib.maps.as_map`.
    a0 : array_like, shape (), (unit,) or (unit, trial)
        Initial state.
    radius : array_like, shape () or (trial,)
        Radius d of the tube, > 0.
    steps : int
        Number of steps T, >= 1.
    u : array_like, shape (), (unit,) or (unit, trial)
        Constant input of the undisturbed trajectory.
    order : {1, 2, inf}
        Norm of tube and noise.

    Raises
    ------
    ValueError
        If a radius is <= 0, a shape does not fit or a number is out of range.

    Notes
    -----
    Bengio, Simard and Frasconi (1994), Theorem 3, with one index shifted. The noise u_t comes in
    at a_t = M(a_{t-1}) + u_t, so what shrinks before it is the ball round a_{t-1}:

        |a_t - path_t| <= lambda_{t-1} d + |u_t| <= d   iff   |u_t| <= (1 - lambda_{t-1}) d = b_t.

    With lambda_t in place of lambda_{t-1} it fails where the factor falls along the trajectory.
    """
    M = as_map(M)
    steps = integer("steps", steps, at_least=1)
    path = maps.orbit(M, a0, steps, u)
    units = path.shape[1]
    _, d = _same_trials(path[0], radius)
    path = np.broadcast_to(path, (steps + 1, units, len(d)))
    factors = np.stack([contraction_factor(M, a, d, order, u=u) for a in path[:-1]])
    holding = np.logical_and.accumulate(factors < 1.0, axis=0)
    bounds = np.where(holding, (1.0 - factors) * d, np.nan)
    return NoiseBound(path, factors, bounds, d)


# --- the ball of uncertainty -------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class BallOfUncertainty:
    """A ball of initial states under the autonomous map.

    Parameters
    ----------
    centre : ndarray, shape (T + 1, unit, trial)
        Trajectory of the centre.
    points : ndarray, shape (T + 1, unit, point, trial)
        Trajectories of sampled points of the ball: half on its surface, half inside.
    radius : ndarray, shape (T + 1, trial)
        Greatest distance of a sampled point from the centre's trajectory: at most that of the
        whole image.
    bound : ndarray, shape (T + 1, trial)
        A radius that holds the whole image: grown by :func:`contraction_factor` step by step.
    log_growth : ndarray, shape (T + 1, trial)
        log |(M^t)'(a_0)|, the growth of an infinitely small ball, exact along the centre.
    """

    centre: NDArray[np.float64]
    points: NDArray[np.float64]
    radius: NDArray[np.float64]
    bound: NDArray[np.float64]
    log_growth: NDArray[np.float64]

    @property
    def peak(self) -> NDArray[np.int64]:
        """Time at which the sampled ball is largest, shape (trial,)."""
        return np.argmax(self.radius, axis=0)


def propagate_ball(
    M: System,
    a0: ArrayLike,
    radius: ArrayLike,
    steps: int,
    *,
    rng: np.random.Generator,
    points: int = 256,
    u: ArrayLike = 0.0,
    order: float = 2,
) -> BallOfUncertainty:
    """Follow a ball of initial states.

    Parameters
    ----------
    M : Map or array_like
        The map, or weights: see :func:`latchlib.maps.as_map`.
    a0 : array_like, shape (unit,) or (unit, trial)
        Centres.
    radius : array_like, shape () or (trial,)
        Radii, > 0.
    steps : int
        Number of steps T, >= 1.
    rng : numpy.random.Generator
        Draws the points.
    points : int
        Points a ball, >= 2.
    u : array_like, shape () or (unit,)
        Constant input.
    order : {1, 2, inf}
        Norm in which it is a ball.

    Raises
    ------
    ValueError
        If a radius is <= 0, a shape does not fit or a number is out of range.
    """
    M = as_map(M, batch=False)
    steps = integer("steps", steps, at_least=1)
    points = integer("points", points, at_least=2)
    one_of("order", order, maps.NORMS)
    u = per_unit("u", u, M.units, 1)
    a0, d = _same_trials(per_unit("a0", a0, M.units), radius)
    units, trials = a0.shape
    shift = rng.standard_normal((units, points, trials))
    shift /= np.linalg.norm(shift, order, axis=0)
    inside = points // 2
    shift[:, :inside] *= rng.random((inside, trials)) ** (1.0 / units)
    starts = (a0[:, np.newaxis] + d * shift).reshape(units, -1)
    centre = maps.orbit(M, a0, steps, u)
    cloud = maps.orbit(M, starts, steps, u).reshape(steps + 1, units, points, trials)
    distance = np.linalg.norm(cloud - centre[:, :, np.newaxis], order, axis=1)
    bound = np.empty((steps + 1, trials))
    bound[0] = d
    for t in range(steps):
        # A ball that has shrunk below the smallest float stays there.
        size = np.maximum(bound[t], np.finfo(float).tiny)
        bound[t + 1] = contraction_factor(M, centre[t], size, order, u=u) * size
    growth = log_sensitivity(centre, M, u, order=order).log_norm
    return BallOfUncertainty(centre, cloud, distance.max(axis=1), bound, growth)


# --- sensitivity -------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Size of da_t/da_0, as natural logarithms.

    Parameters
    ----------
    log_norm : ndarray, shape (T + 1, trial)
        log |da_t/da_0|; -inf where it is 0.
    log_radius : ndarray, shape (T + 1, trial)
        Logarithm of its spectral radius; -inf where that is 0, NaN where floats cannot tell it
        from 0 beside the norm.
    """

    log_norm: NDArray[np.float64]
    log_radius: NDArray[np.float64]


_CHUNK = 1024


def log_sensitivity(
    path: ArrayLike, M: System, u: ArrayLike = 0.0, *, order: float = 2
) -> Sensitivity:
    """Return log |da_t/da_0| and the logarithm of its spectral radius along trajectories.

    Parameters
    ----------
    path : array_like, shape (T + 1, unit, trial)
        States a_0 ... a_T, from :func:`latchlib.maps.rollout`.
    M : Map or array_like
        The map, or weights: see :func:`latchlib.maps.as_map`.
    u : array_like, shape (), (unit,), (unit, trial) or (T, unit, trial)
        Inputs that led there. Where they are additive, as in a network, they do not matter.
    order : {1, 2, inf}
        Norm.

    Returns
    -------
    Sensitivity
        0 at t = 0.

    Raises
    ------
    ValueError
        If a shape does not fit or a number is not finite.

    Notes
    -----
    Of one unit, logarithms are summed. Of more, the product of the Jacobians is scaled by a power
    of two after every step, which costs no digit, and the exponents are summed as integers:
    T = 10^5 neither under- nor overflows. For two units the determinant is carried as well, in
    logarithms, so that the spectral radius is known even where one eigenvalue is lost beside the
    norm.
    """
    M = as_map(M)
    path, u = maps.along(M, path, u)
    one_of("order", order, maps.NORMS)
    length, units, trials = path.shape
    log_norm, log_radius = np.zeros((length, trials)), np.zeros((length, trials))
    if units == 1:
        with np.errstate(divide="ignore"):
            logs = maps.at_each(M, M.log_det, path[:-1], u)
        np.cumsum(logs, axis=0, out=log_norm[1:])
        return Sensitivity(log_norm, log_norm)
    P = np.zeros((units, units, trials))
    P[np.arange(units), np.arange(units)] = 1.0
    exponent = np.zeros(trials, dtype=np.int64)
    log_det = np.zeros(trials)
    for start in range(0, length - 1, _CHUNK):
        stop = min(start + _CHUNK, length - 1)
        factors = maps.at_each(M, M.jacobian, path[start:stop], u[start:stop])
        products = np.empty((stop - start, units, units, trials))
        exponents = np.empty((stop - start, trials), dtype=np.int64)
        for t, J in enumerate(factors):
            P = np.einsum("ijr,jkr->ikr", J, P)
            _, shift = np.frexp(np.abs(P).max(axis=(0, 1)))
            P = np.ldexp(P, -shift)
            exponent = exponent + shift
            products[t], exponents[t] = P, exponent
        flat = np.moveaxis(products, 0, 2).reshape(units, units, -1)
        scale = exponents * np.log(2.0)
        with np.errstate(divide="ignore"):
            size = maps.norm(flat, order).reshape(exponents.shape)
            log_norm[start + 1 : stop + 1] = np.log(size) + scale
            dets = maps.at_each(M, M.log_det, path[start:stop], u[start:stop])
        dets = log_det + np.cumsum(dets, axis=0)
        log_det = dets[-1]
        log_radius[start + 1 : stop + 1] = _log_radius(flat, scale, dets)
    return Sensitivity(log_norm, log_radius)


def _log_radius(P: NDArray, scale: NDArray, log_det: NDArray) -> NDArray[np.float64]:
    """Return log spectral radius of exp(scale) P, where log |det| of that is known."""
    units = len(P)
    size = maps.norm(P, inf).reshape(scale.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        if units != 2:
            radius = maps.spectral_radius(P).reshape(scale.shape)
            # Eigenvalues of a non-normal matrix are good to about eps^(1/n) of its norm.
            lost = radius < 10.0 * np.finfo(float).eps ** (1.0 / units) * size
            return np.where(lost, np.nan, np.log(radius) + scale)
        trace = (P[0, 0] + P[1, 1]).reshape(scale.shape)
        sign = np.sign(P[0, 0] * P[1, 1] - P[0, 1] * P[1, 0]).reshape(scale.shape)
        half = np.log(np.abs(trace) / 2.0) + scale
        # With r = det / (trace / 2)^2 the greater root is |trace| / 2 (1 + sqrt(1 - r)), r <= 1,
        # and sqrt(det) for a complex pair.
        log_r = log_det - 2.0 * half
        r = sign * np.exp(np.minimum(log_r, 700.0))
        real = half + np.log1p(np.sqrt(np.maximum(1.0 - r, 0.0)))
        big = log_r > 700.0  # then |trace| is nothing beside sqrt |det|, of either sign
        result = np.where(big | (r > 1.0), 0.5 * log_det, real)
        # A trace that is all rounding says nothing, unless it is 0 because its entries are.
        exact = (np.abs(P[0, 0]) + np.abs(P[1, 1])).reshape(scale.shape) == 0.0
        blurred = (np.abs(trace) < 1e-13 * size) & ~exact
        unknown = blurred & (0.5 * log_det < np.log(1e-12 * size) + scale)
        result = np.where(exact, 0.5 * log_det, result)
        return np.where(unknown, np.nan, result)


@dataclass(frozen=True, eq=False)
class LyapunovEstimate:
    """Largest Lyapunov exponent under noise, estimated over trials.

    Parameters
    ----------
    mean : float
        Estimate, in 1/step.
    standard_error : float
        Of the mean, from the spread over independent trials.
    values : ndarray, shape (trial,)
        One estimate a trial.
    """

    mean: float
    standard_error: float
    values: NDArray[np.float64]


def lyapunov_under_noise(
    M: System,
    sigma: float,
    steps: int,
    *,
    rng: np.random.Generator,
    trials: int = 64,
    a0: ArrayLike = 0.0,
    u: ArrayLike = 0.0,
    discard: int = 100,
) -> LyapunovEstimate:
    """Estimate the rate at which |da_t/da_0| falls or grows under Gaussian noise.

    Parameters
    ----------
    M : Map or array_like
        The map, or weights: see :func:`latchlib.maps.as_map`.
    sigma : float
        Standard deviation of the noise on each unit, >= 0.
    steps : int
        Steps averaged over, >= 1.
    rng : numpy.random.Generator
        Draws noise and tangent vectors.
    trials : int
        Independent trials, >= 2.
    a0 : array_like, shape (), (unit,) or (unit, trial)
        Initial states.
    u : array_like, shape () or (unit,)
        Mean input.
    discard : int
        Steps left out before, for the state to reach its stationary law.

    Raises
    ------
    ValueError
        If a shape does not fit or a number is out of range.
    """
    M = as_map(M, batch=False)
    sigma = number("sigma", sigma)
    if sigma < 0.0:
        raise refuse("sigma", sigma, "a number >= 0")
    steps = integer("steps", steps, at_least=1)
    discard = integer("discard", discard, at_least=0)
    trials = integer("trials", trials, at_least=2)
    u = per_unit("u", u, M.units, 1)
    inputs = rng.standard_normal((steps + discard, M.units, trials))
    inputs *= sigma
    inputs += u
    path = maps.rollout(M, inputs, per_unit("a0", a0, M.units, trials))
    values = phase_space.tangent_growth(M, path, inputs, rng=rng)[discard:].mean(axis=0)
    error = float(values.std(ddof=1) / np.sqrt(trials))
    return LyapunovEstimate(float(values.mean()), error, values)
