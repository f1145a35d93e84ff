"""Basins and reduced attracting sets on a grid, beside PyTorch and JAX; certified fixed points.

All do the same work: from every point of the grid 200 steps of a two-unit network, the product of
its Jacobians, and at the end the label of the nearest attractor. latchlib may stop a point early,
once a bound says how it will end; the others, as one would write them, may not.
"""

import numpy as np
import pytest

from latchlib import intervals, phase_space

STEPS, POINTS, HALF_WIDTH = 200, 400, 4.0
#: Two latches that drive each other a little, rotating spirals, and orbits that are chaotic, so
#: that no point can be stopped early.
NETWORKS = {
    "two latches": ((1.7, 0.3), (0.3, 1.7)),
    "non-normal": ((2.334, 0.611), (-4.086, -0.755)),
    "chaotic": ((1.8, -1.2), (7.7, 0.5)),
}


def latchlib(W, grid, attractors):
    def call():
        found = phase_space.portrait(W, grid, attractors=attractors, steps=STEPS)
        return tuple(part.labels.ravel() for part in found)

    return call


def labels(end, inside, attractors):
    """Return the label of the nearest attractor, and the same inside the reduced set alone."""
    end, inside = np.asarray(end), np.asarray(inside)
    basin = np.full(end.shape[1], phase_space.UNRESOLVED)
    nearest = np.full(end.shape[1], 1e-6)
    for k, cycle in enumerate(attractors):
        for point in cycle.points:
            distance = ((end - np.reshape(point, (2, 1))) ** 2).sum(axis=0)
            basin[distance < nearest] = k
            nearest = np.minimum(nearest, distance)
    gamma = np.where(inside, basin, phase_space.OUTSIDE)
    return basin, np.where(basin == phase_space.UNRESOLVED, basin, gamma)


def jax(W, grid, attractors):
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
    return lambda: labels(*jax.block_until_ready(run(states)), attractors)


def torch(W, grid, attractors):
    import torch

    weights = torch.tensor(W, dtype=torch.float64)
    states = torch.tensor(grid.states().reshape(2, -1))

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
        return labels(a.numpy(), inside.numpy(), attractors)

    return call


CONTENDERS = {"latchlib": (latchlib, None), "PyTorch": (torch, "torch"), "JAX": (jax, "jax")}


@pytest.mark.parametrize("name", CONTENDERS)
@pytest.mark.parametrize("network", NETWORKS)
def test_portrait(needs, measure, network, name):
    make, package = CONTENDERS[name]
    needs(package)
    W = NETWORKS[network]
    given = W, phase_space.Grid.cube(HALF_WIDTH, POINTS), phase_space.attractors(W)
    call = make(*given)
    for got, want in zip(call(), latchlib(*given)(), strict=True):
        settled = (got != phase_space.UNRESOLVED) & (want != phase_space.UNRESOLVED)
        assert (got != want)[settled].sum() <= 1e-3 * settled.sum()
    measure(f"basin and Gamma, {POINTS} x {POINTS} points: {network}", name, call, rounds=5)


def test_certificates(measure):
    group = "certified fixed points of 20 random two-unit networks"
    drawn = np.random.default_rng(1994).normal(0.0, 1.5, (20, 2, 2))

    def call():
        return [
            intervals.certify_fixed_point(W, cycle.points[0]).holds is True
            for W in drawn
            for cycle in phase_space.fixed_points(W, starts=64)
        ]

    holds = call()
    measure(group, f"{sum(holds)} of {len(holds)} certified", call, rounds=3)
