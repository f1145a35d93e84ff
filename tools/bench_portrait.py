"""Measure basins and reduced attracting sets on a grid, and certified fixed points.

All contenders do the same work: from every point of the grid 200 steps of a two-unit network, the
product of its Jacobians, and at the end the label of the nearest attractor. latchlib may stop a
point early, once a bound says how it will end; the others, as one would write them, may not.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from latchlib import intervals, phase_space

STEPS, POINTS, HALF_WIDTH = 200, 400, 4.0
REFERENCE = "latchlib, portrait"

#: Weight matrices: two latches that drive each other a little, one with rotating spirals, and one
#: whose orbits are chaotic, so that no point can be stopped early.
NETWORKS = {
    "two latches": ((1.7, 0.3), (0.3, 1.7)),
    "non-normal": ((2.334, 0.611), (-4.086, -0.755)),
    "chaotic": ((1.8, -1.2), (7.7, 0.5)),
}


def _latchlib(W, grid, attractors) -> Callable:
    def call():
        found = phase_space.portrait(W, grid, attractors=attractors, steps=STEPS)
        return tuple(part.labels.ravel() for part in found)

    return call


def _nearest(points: np.ndarray, centres: np.ndarray, owner: np.ndarray) -> np.ndarray:
    if not len(centres):
        return np.full(points.shape[1], phase_space.UNRESOLVED)
    distance = ((points[:, np.newaxis] - centres.T[:, :, np.newaxis]) ** 2).sum(axis=0)
    label = owner[distance.argmin(axis=0)]
    return np.where(distance.min(axis=0) < 1e-6, label, phase_space.UNRESOLVED)


def _labels(end, inside, centres, owner):
    basin = _nearest(np.asarray(end), centres, owner)
    gamma = np.where(np.asarray(inside), basin, phase_space.OUTSIDE)
    return basin, np.where(basin == phase_space.UNRESOLVED, basin, gamma)


def _targets(attractors) -> tuple[np.ndarray, np.ndarray]:
    centres = np.array([point for cycle in attractors for point in cycle.points])
    owner = np.array([k for k, cycle in enumerate(attractors) for _ in cycle.points], dtype=int)
    return centres, owner


def _jax(W, grid, attractors) -> Callable:
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    weights = jnp.asarray(W, dtype=float)

    def fate(a):
        def step(_, carry):
            a, product, inside = carry
            x = jnp.tanh(a)
            product = (weights * (1.0 - x * x)) @ product
            # Largest singular value below 1, without a root.
            (p, q), (r, s) = product
            size, det = jnp.sum(product**2), p * s - q * r
            return weights @ x, product, inside & (size < 1.0 + det**2) & (det**2 < 1.0)

        a, _, inside = jax.lax.fori_loop(0, STEPS, step, (a, jnp.eye(2), jnp.array(True)))
        return a, inside

    run = jax.jit(jax.vmap(fate, in_axes=1, out_axes=(1, 0)))
    states = jnp.asarray(grid.states().reshape(2, -1))
    centres, owner = _targets(attractors)
    return lambda: _labels(*jax.block_until_ready(run(states)), centres, owner)


def _torch(W, grid, attractors) -> Callable:
    import torch

    weights = torch.tensor(W, dtype=torch.float64)
    states = torch.tensor(grid.states().reshape(2, -1))
    centres, owner = _targets(attractors)

    @torch.no_grad()
    def call():
        a, inside = states, torch.ones(states.shape[1], dtype=torch.bool)
        p, q, r, s = (torch.full_like(a[0], value) for value in (1.0, 0.0, 0.0, 1.0))
        for _ in range(STEPS):
            x = a.tanh()
            one, two = (1.0 - x * x).unbind(0)
            p, q, r, s = p * one, q * one, r * two, s * two
            p, r = weights[0, 0] * p + weights[0, 1] * r, weights[1, 0] * p + weights[1, 1] * r
            q, s = weights[0, 0] * q + weights[0, 1] * s, weights[1, 0] * q + weights[1, 1] * s
            size, det = p * p + q * q + r * r + s * s, p * s - q * r
            inside &= (size < 1.0 + det * det) & (det * det < 1.0)
            a = weights @ x
        return _labels(a.numpy(), inside.numpy(), centres, owner)

    return call


CONTENDERS = {REFERENCE: _latchlib, "PyTorch": _torch, "JAX, jit and vmap": _jax}
NEEDS = {"PyTorch": "torch", "JAX, jit and vmap": "jax"}


def time_portraits(repetitions: int, installed: Callable[[str], bool]) -> list[dict]:
    """Return a row a network and contender: seconds, and the ratio within a round.

    Raises
    ------
    RuntimeError
        If two contenders label more than 1 in 1000 points differently, beside those that
        latchlib leaves unresolved.
    """
    grid = phase_space.Grid.cube(HALF_WIDTH, POINTS)
    names = [name for name in CONTENDERS if name not in NEEDS or installed(NEEDS[name])]
    rows = []
    for network, W in NETWORKS.items():
        attractors = phase_space.attractors(W)
        calls = {name: CONTENDERS[name](W, grid, attractors) for name in names}
        wanted = calls[REFERENCE]()
        for name in names:
            _check(network, name, calls[name](), wanted)
        seconds: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(repetitions):
            for name, call in calls.items():
                began = time.perf_counter()
                call()
                seconds[name].append(time.perf_counter() - began)
        reference = np.array(seconds[REFERENCE])
        rows += [
            {
                "network": network,
                "contender": name,
                "seconds": float(median(times)),
                "ratio": float(median(np.array(times) / reference)),
            }
            for name, times in seconds.items()
        ]
    return rows


def _check(network: str, name: str, found, wanted) -> None:
    for kind, got, want in zip(("basin", "Gamma"), found, wanted, strict=True):
        settled = (got != phase_space.UNRESOLVED) & (want != phase_space.UNRESOLVED)
        different = np.mean(got[settled] != want[settled]) if settled.any() else 0.0
        if different > 1e-3:
            raise RuntimeError(
                f"{name} labels {different:.2%} of the {kind} of {network} otherwise"
            )


def time_certificates(seconds: float = 2.0) -> dict:
    """Return how many fixed points of random two-unit networks are certified a second."""
    rng = np.random.default_rng(1994)
    tried = certified = 0
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        W = rng.normal(0.0, 1.5, (2, 2))
        for cycle in phase_space.fixed_points(W, starts=64):
            tried += 1
            certified += intervals.certify_fixed_point(W, cycle.points[0]).holds is True
    return {
        "tried": tried,
        "certified": certified,
        "per_second": certified / (time.perf_counter() - began),
    }
