"""Transit time, flips, sensitivity and half-life."""

import inspect
import math
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from latchlib import attractors, latching, recurrent


def brute_force(w, h, limit=10**6):
    top = attractors.attractor_pair(w)[1].a
    a, t = -top, 0
    while a <= top:
        a, t = w * math.tanh(a) + h, t + 1
        assert t < limit
    return t


@given(st.floats(1.01, 20.0), st.lists(st.floats(1.01, 30.0), min_size=1, max_size=6))
def test_transit_time_equals_brute_force(w, factors):
    h = np.array(factors) * attractors.h_star(w)
    expected = [brute_force(w, x) for x in h]
    assert latching.transit_time(w, h).tolist() == expected


@pytest.mark.parametrize("w", [1.1, 1.25, 2.0, 4.0])
def test_transit_time_never_ends_at_or_below_the_threshold(w):
    limit = attractors.h_star(w)
    h = np.array([1e-9, 0.5, 0.999, 1.0]) * limit
    assert (latching.transit_time(w, h, max_steps=3000) == latching.NOT_REACHED).all()
    assert latching.transit_time(w, 1.1 * limit) > 0


def test_transit_time_keeps_the_budget_and_the_shape():
    h = np.array([[0.1, 5.0], [0.2, 0.01]])
    times = latching.transit_time(1.25, h)
    assert times.shape == h.shape and times.dtype == np.int64
    assert times[0, 1] == 1 and times[1, 1] == latching.NOT_REACHED
    exact = int(times[0, 0])
    assert latching.transit_time(1.25, 0.1, max_steps=exact) == exact
    assert latching.transit_time(1.25, 0.1, max_steps=exact - 1) == latching.NOT_REACHED


@pytest.mark.parametrize("w", [1.25, 2.0, 4.0])
def test_transit_time_scales_as_the_saddle_node_ghost(w):
    # L_1 ~ pi / sqrt((h - h*) tanh a*): what that leaves out stays bounded as h -> h*.
    above = np.array([1e-4, 1e-5, 1e-6, 1e-7, 1e-8])
    times = latching.transit_time(w, attractors.h_star(w) + above)
    law = math.pi / np.sqrt(above * math.sqrt(1 - 1 / w))
    assert np.abs(times - law).max() < 5
    assert times[-1] > 30_000


# --- sensitivity -------------------------------------------------------------------------


@given(st.integers(1, 12), st.floats(0.2, 3.0), st.integers(0, 2**32))
def test_sensitivity_equals_finite_differences(steps, w, seed):
    rng = np.random.default_rng(seed)
    inputs, a0, eps = rng.normal(0, 0.5, (steps, 1, 4)), rng.normal(0, 0.5, (1, 4)), 1e-6
    a = recurrent.rollout(w, inputs, a0)
    ahead, behind = (recurrent.rollout(w, inputs, a0 + s * eps) for s in (1, -1))
    numeric = np.abs(ahead - behind) / (2 * eps)
    # Relative truncation is (eps * growth)^2, rounding 1e-16 / (eps * derivative).
    computed = np.exp(latching.log_sensitivity(a, w))
    assert computed == pytest.approx(numeric, rel=1e-5, abs=1e-8)


def test_sensitivity_equals_sympy():
    a0, w, *h = sp.symbols("a0 w h1:4")
    values = {a0: 0.3, w: 1.7, h[0]: 0.2, h[1]: -0.4, h[2]: 0.1}
    states = [a0]
    for u in h:
        states.append(w * sp.tanh(states[-1]) + u)
    exact = [float(sp.log(sp.diff(s, a0)).evalf(30, subs=values)) for s in states]
    inputs = np.array([values[u] for u in h]).reshape(3, 1, 1)
    a = recurrent.rollout(1.7, inputs, 0.3)
    assert latching.log_sensitivity(a, 1.7)[:, 0, 0] == pytest.approx(exact, rel=1e-14, abs=1e-15)


def test_sensitivity_does_not_underflow():
    T = 100_000
    a = np.zeros((T + 1, 1, 2))
    logs = latching.log_sensitivity(a, [0.5, 0.1])
    # The neuron rests at 0, so each step multiplies by w; the float itself is 0 from t = 1075 on.
    assert logs[-1, 0] == pytest.approx(T * np.log([0.5, 0.1]), rel=1e-11)
    assert np.isfinite(logs).all() and (np.diff(logs, axis=0) < 0).all()
    assert np.exp(logs[-1, 0]).max() == 0.0


def test_sensitivity_starts_at_zero_and_broadcasts():
    a = np.random.default_rng(0).normal(size=(4, 2, 3))
    w = np.array([0.5, 1.0, 2.0])
    before = a.copy()
    logs = latching.log_sensitivity(a, w)
    assert not logs[0].any() and np.array_equal(a, before)
    assert logs[1] == pytest.approx(np.log(w / np.cosh(a[0]) ** 2), rel=1e-13, abs=1e-14)


@pytest.mark.parametrize("w, h", [(1.05, 0.0), (1.25, 0.05), (2.0, -0.3), (0.7, 0.2), (4.0, 0.0)])
def test_half_life_fits_a_simulated_decay(w, h):
    # Two trajectories beside the attractor approach each other by half every t_1/2 steps.
    a = attractors.fixed_points(w, h)[-1].a
    pair = np.array([[a + 1e-5, a - 1e-5]])
    steps = 40 if latching.half_life(w, h) > 2 else 4
    path = recurrent.rollout(w, np.full((steps, 1, 2), h), pair)
    distance = path[:, 0, 0] - path[:, 0, 1]
    fitted = -np.polyfit(np.arange(steps + 1), np.log2(distance), 1)[0]
    assert 1 / fitted == pytest.approx(latching.half_life(w, h), rel=1e-4)


def test_half_life_at_its_ends():
    assert latching.half_life(1.0) == math.inf
    # w = 1 + u: 1 - M' ~ 2u, so the half-life is ln 2 / 2u.
    assert latching.half_life(1 + 1e-9) == pytest.approx(math.log(2) / 2e-9, rel=1e-6, abs=0.0)
    assert latching.half_life(0.5) == pytest.approx(1.0, rel=1e-14, abs=0.0)
    # In saturation M'(a) = 4 w exp(-2a), and a = w.
    assert latching.half_life(400.0) == pytest.approx(
        math.log(2) / (800 - math.log(1600)), rel=1e-14
    )
    assert latching.half_life(1e16) == pytest.approx(math.log(2) / 2e16, rel=1e-12, abs=0.0)


# --- flips and robust latching -----------------------------------------------------------


@pytest.mark.parametrize(
    "states, expected",
    [
        ([1, 2, 3], 0), ([1, -1, 1], 2), ([1, 0, 1], 0), ([1, 0, -1], 1), ([-1, 0, 0, 1], 1),
        ([0, 1, 2], 0), ([0, 0, 0], 0), ([0, -1, 0, 1], 1), ([5], 0),
    ],
)  # fmt: skip
def test_flips(states, expected):
    a = np.array(states, dtype=float).reshape(-1, 1, 1)
    before = a.copy()
    assert latching.flips(a).tolist() == [[expected]]
    assert latching.flips(-a).tolist() == [[expected]]
    assert np.array_equal(a, before)


def test_flips_counts_each_trial_by_itself():
    a = np.array([[1.0, 1.0, -1.0], [-1.0, 1.0, 1.0], [1.0, 1.0, 1.0]])[:, np.newaxis, :]
    assert latching.flips(a).tolist() == [[2, 0, 1]]


@given(st.floats(1.001, 50.0), st.floats(-10.0, 10.0))
def test_robustly_latched_is_membership_in_a_reduced_set(w, a):
    inside = attractors.reduced_attracting_set(w)
    assert latching.is_robustly_latched(a, w) == (a in inside or -a in inside)


def test_robustly_latched_takes_arrays():
    edge = attractors.a_star(2.0)
    a = np.array([[-2.0, -edge, 0.0], [edge, np.nextafter(edge, 2), 1e9]])
    assert latching.is_robustly_latched(a, 2.0).tolist() == [
        [True, False, False], [False, True, True],
    ]  # fmt: skip


# --- what small changes to the module showed to be unasserted


def test_not_reached_is_no_number_of_steps():
    assert latching.NOT_REACHED == -1


# --- what small changes to the module showed to be unasserted


def test_to_come_to_the_attractor_is_not_to_pass_it(monkeypatch):
    # From -1 the first step lands on what is taken for the upper one, to the last bit.
    lower, upper = -1.0, float(2.0 * np.tanh(np.array([-1.0]))[0] + 3.0)
    ends = tuple(SimpleNamespace(a=a) for a in (lower, upper))
    monkeypatch.setattr(latching, "attractor_pair", lambda w: ends)
    assert latching.transit_time(2.0, 3.0) == 2
    assert latching.transit_time(2.0, 3.1, max_steps=1) == 1


def test_the_budget_where_none_is_given():
    assert inspect.signature(latching.transit_time).parameters["max_steps"].default == 100_000


def test_a_weight_for_each_unit_serves_all_trials():
    a = np.random.default_rng(0).normal(size=(4, 2, 3))
    logs = latching.log_sensitivity(a, [[0.5], [0.75]])
    assert np.array_equal(logs[:, :1], latching.log_sensitivity(a[:, :1], 0.5))
    assert np.array_equal(logs[:, 1:], latching.log_sensitivity(a[:, 1:], 0.75))
