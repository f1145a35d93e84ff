"""A leaky unit: what does not change with its leak, and how long noise takes to flip it."""

import math

import numpy as np
import pytest
from misuse import refused
from scipy.integrate import solve_ivp

from latchlib import intervals, leak, maps, neuron
from latchlib.leak import LeakyUnit, flip_exponent, mean_time_to_flip, transfer_operator


@pytest.mark.parametrize("z", [1.0, 0.4, 0.05])
@pytest.mark.parametrize("h", [0.0, 0.3, -0.53])
def test_rest_is_where_the_latch_rests_whatever_the_leak(z, h):
    latch = [math.tanh(point.a) for point in neuron.fixed_points(2.0, h)]
    proved = intervals.certify_all_fixed_points(LeakyUnit(2.0, z), [[-1, 1]], h).require().enclosure
    assert proved.shape == (3, 1, 2)
    assert (proved[:, 0, 0] - 1e-13 <= latch).all() and (latch <= proved[:, 0, 1] + 1e-13).all()


def test_beyond_the_threshold_there_is_one_place_of_rest():
    for h, count in (("0.5328", 3), ("0.5329", 1)):
        proved = intervals.certify_all_fixed_points(LeakyUnit(2.0, 0.25), [[-1, 1]], h)
        assert proved.require().enclosure.shape == (count, 1, 2)


def test_without_a_leak_it_is_the_latch():
    rng = np.random.default_rng(0)
    pushes = rng.normal(0, 0.7, (30, 1, 5))
    states = maps.rollout(LeakyUnit(1.7, 1.0), pushes, 0.4)
    nets = maps.rollout(1.7, pushes[1:], 1.7 * 0.4 + pushes[0])
    assert np.tanh(nets) == pytest.approx(states[1:], rel=1e-13, abs=1e-15)


def test_slope_and_its_bounds():
    unit, rng = LeakyUnit(2.3, 0.3), np.random.default_rng(1)
    x, u = rng.uniform(-1, 1, (1, 50)), rng.normal(0, 1, (1, 50))
    eps = 1e-6
    ahead, behind = (unit.step(x + s * eps, u) for s in (1, -1))
    assert unit.jacobian(x, u)[0] == pytest.approx((ahead - behind) / (2 * eps), rel=1e-8)
    lower, upper = x - rng.uniform(0, 0.5, x.shape), x + rng.uniform(0, 0.5, x.shape)
    least, greatest = unit.slope_bound(lower, upper, u)
    inside = np.linspace(lower, upper, 41)
    slopes = np.array([unit.jacobian(y, u) for y in inside])
    assert slopes.min(axis=0) == pytest.approx(least, abs=1e-12)
    assert (slopes <= greatest + 1e-12).all() and (greatest - slopes.max(axis=0) < 5e-3).all()


def test_a_slow_write_follows_the_differential_equation():
    def crossed(s, x):
        return x[0]

    crossed.terminal = True
    start = [math.tanh(neuron.attractor_pair(2.0)[0].a)]
    flow = solve_ivp(
        lambda s, x: np.tanh(2 * x + 1) - x, (0, 50), start, events=crossed, rtol=1e-10, atol=1e-12
    )
    for z in (0.02, 0.005):
        assert z * leak.write_steps(2.0, z, 1.0) == pytest.approx(flow.t[-1], rel=2 * z)
    assert leak.write_steps(2.0, 0.1, 0.53, longest=5000) is None


def test_mean_time_to_flip_beside_a_simulation_and_the_eigenvalue():
    for w, sigma, z in ((2.0, 0.8, 1.0), (1.5, 0.5, 0.3)):
        rng = np.random.default_rng(7)
        x, alive = np.full(4000, math.tanh(neuron.attractor_pair(w)[1].a)), np.ones(4000, bool)
        times = np.zeros(4000)
        while alive.any():
            times[alive] += 1
            noise = rng.normal(0, sigma, alive.sum())
            x[alive] = (1 - z) * x[alive] + z * np.tanh(w * x[alive] + noise)
            alive &= x >= 0
        found = mean_time_to_flip(w, sigma, z)
        error = times.std(ddof=1) / math.sqrt(times.size)
        assert abs(found - times.mean()) < 3 * error
        assert mean_time_to_flip(w, sigma, z, cells=800) == pytest.approx(found, rel=1e-3)
        operator, _ = transfer_operator(w, sigma, z)
        assert (operator >= 0).all() and (operator.sum(axis=0) <= 1 + 1e-12).all()
        lost = 1 - max(abs(np.linalg.eigvals(operator)))
        assert found == pytest.approx(1 / lost, rel=0.06)  # once it has settled within its basin


def test_the_exponent_in_one_over_the_leak():
    logs = [math.log(mean_time_to_flip(2.0, 0.8, z, cells=800)) for z in (0.05, 0.04)]
    steep = (logs[1] - logs[0]) / (1 / 0.04 - 1 / 0.05)
    found = flip_exponent(2.0, 0.8)
    assert found < steep < 1.1 * found
    assert flip_exponent(2.0, 0.2) * 0.2**2 == pytest.approx(0.909, rel=0.04)  # as sigma -> 0


test_what_cannot_be_is_refused = refused(
    ("z", lambda: LeakyUnit(2.0, 0.0)),
    ("z", lambda: LeakyUnit(2.0, 1.5)),
    ("w", lambda: LeakyUnit(-1.0, 0.5)),
    ("w", lambda: leak.write_steps(1.0, 0.5, 1.0)),
    ("sigma", lambda: transfer_operator(2.0, 0.0, 0.5)),
    ("cells", lambda: transfer_operator(2.0, 0.5, 0.5, cells=1)),
    ("sigma", lambda: mean_time_to_flip(2.0, 0.1, 0.1)),
    ("sigma", lambda: flip_exponent(1.2, 2.0)),
    ("w", lambda: flip_exponent(1.0, 0.2)),
)
