"""The n-unit network against loops over plain floats, and the additive embedding."""

import itertools
import math

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from misuse import refused

from latchlib import maps
from latchlib.formulas import formula
from latchlib.maps import Map, TanhNetwork

seeds = st.integers(0, 2**32)
sizes = st.integers(1, 4)


def random_network(n, seed, trials=None, scale=1.5):
    rng = np.random.default_rng(seed)
    shape = (n, n) if trials is None else (n, n, trials)
    return rng, rng.normal(0, scale / math.sqrt(n), shape)


def loop(W, inputs, a0):
    states = [list(a0)]
    for u in inputs:
        x = [math.tanh(v) for v in states[-1]]
        states.append([sum(W[i][j] * x[j] for j in range(len(x))) + u[i] for i in range(len(x))])
    return np.array(states)


@given(sizes, seeds, st.booleans())
def test_rollout_equals_the_loop(n, seed, shared):
    rng, W = random_network(n, seed, None if shared else 3)
    u, a0 = rng.normal(size=(5, n, 3)), rng.normal(size=(n, 3))
    copies = W.copy(), u.copy(), a0.copy()
    a = maps.rollout(W, u, a0)
    assert a.shape == (6, n, 3)
    for trial in range(3):
        weights = W if shared else W[:, :, trial]
        expected = loop(weights, u[:, :, trial], a0[:, trial])
        assert a[:, :, trial] == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert np.array_equal(maps.step(W, a0, u[0]), a[1])
    assert all(map(np.array_equal, copies, (W, u, a0)))


def test_a_number_is_the_weight_of_a_neuron():
    rng = np.random.default_rng(2)
    u, a0 = rng.normal(size=(7, 1, 4)), rng.normal(size=(1, 4))
    a = maps.rollout(1.7, u, a0)
    for trial in range(4):
        expected = loop([[1.7]], u[:, :, trial], a0[:, trial])
        assert a[:, :, trial] == pytest.approx(expected, rel=1e-14, abs=1e-14)
    assert np.array_equal(a, maps.rollout([[1.7]], u, a0))
    assert maps.jacobian(1.7, a0)[0] == pytest.approx(formula("slope")(a0, 1.7), rel=1e-14)
    M = TanhNetwork(1.7)
    assert maps.as_map(M) is M and (M.units, M.trials) == (1, 1)


def test_a_vector_is_one_of_units():
    W = np.array([[0.5, 1.0], [-1.0, 0.2]])
    a, u = np.array([0.3, -0.4]), np.array([0.1, 0.2])
    alone = maps.step(W, a, u)
    assert alone.shape == (2,)
    assert alone == pytest.approx(W @ np.tanh(a) + u)
    both = maps.step(W, np.stack([a, a], axis=1), u)
    assert np.array_equal(both, np.stack([alone, alone], axis=1))
    assert maps.orbit(W, a, 3, u).shape == (4, 2, 1)
    per_trial = maps.step(np.stack([W, 2 * W], axis=2), a, u)
    assert per_trial == pytest.approx(np.stack([alone, 2 * (alone - u) + u], axis=1))


def test_orbit_is_a_rollout_under_a_constant_input():
    _rng, W = random_network(3, 5)
    u = np.array([0.1, -0.2, 0.3])
    inputs = np.broadcast_to(u[:, np.newaxis], (6, 3, 1))
    assert np.array_equal(maps.orbit(W, 0.2, 6, u), maps.rollout(W, inputs, 0.2))
    assert np.array_equal(maps.orbit(W, [1, 2, 3], 0), [[[1], [2], [3]]])
    out = np.empty((7, 3, 1))
    assert maps.rollout(W, inputs, 0.2, out=out) is out


@pytest.mark.parametrize("per_trial", [False, True])
@pytest.mark.parametrize("n", [1, 2, 3, 7, 16])
def test_a_trial_alone_has_the_bits_that_it_has_among_others(n, per_trial):
    rng = np.random.default_rng(n)
    W = rng.normal(0, 3 / np.sqrt(n), (n, n, 33) if per_trial else (n, n))  # chaotic for n > 2
    u, a0 = rng.normal(0, 0.1, (60, n, 33)), rng.normal(size=(n, 33))
    together = maps.rollout(W, u, a0)
    for few in (slice(0, 1), slice(5, 8), slice(32, 33)):
        weights = W[..., few] if per_trial else W
        alone = maps.rollout(weights, u[..., few], a0[:, few])
        assert np.array_equal(alone, together[..., few])
        step = maps.step(weights, a0[:, few], u[0][:, few])
        assert np.array_equal(step, together[1][:, few])


@given(sizes, seeds)
def test_jacobian_equals_central_differences(n, seed):
    rng, W = random_network(n, seed)
    a, v, eps = rng.normal(0, 2, n), rng.normal(size=n), 1e-6
    numeric = (maps.step(W, a + eps * v) - maps.step(W, a - eps * v)) / (2 * eps)
    assert maps.jacobian(W, a) @ v == pytest.approx(numeric, abs=1e-8)


def test_jacobian_equals_sympy():
    a = sp.symbols("a1:3", real=True)
    W = sp.Matrix([[sp.Rational(3, 2), -2], [sp.Rational(1, 4), sp.Rational(7, 5)]])
    symbolic = (W * sp.Matrix([sp.tanh(x) for x in a])).jacobian(a)
    values = [0.7, -1.3]
    expected = np.array(symbolic.evalf(30, subs=dict(zip(a, values, strict=True))), dtype=float)
    assert maps.jacobian(np.array(W, float), values) == pytest.approx(expected, rel=1e-15, abs=0.0)


def test_jacobian_keeps_time_and_trial():
    rng, W = random_network(2, 8, trials=3)
    a = rng.normal(size=(4, 2, 3))
    J = maps.jacobian(W, a)
    assert J.shape == (4, 2, 2, 3)
    assert np.array_equal(J[1], maps.jacobian(W, a[1]))
    assert np.array_equal(J[1][..., 2], maps.jacobian(W[..., 2], a[1, :, 2]))


def test_a_slope_keeps_its_digits():
    a = np.concatenate([[0.0, 20.0], 10.0 ** np.linspace(-300, 0, 60), np.linspace(0, 380, 700)])
    with mpmath.workdps(40):
        exact = [mpmath.sech(x) ** 2 for x in a.tolist()]
        logs = np.array([float(mpmath.log(x)) for x in exact])
    normal = np.array([x > 2.3e-308 for x in exact])
    for sign in (1, -1):
        slopes = maps.slope(sign * a)
        assert slopes[normal] == pytest.approx(
            np.array(exact, dtype=float)[normal], rel=2e-15, abs=0.0
        )
        assert slopes[~normal].max() < 2.3e-308
        J = maps.jacobian(-3.0, sign * a[np.newaxis])[0, 0]
        assert np.array_equal(J, -3.0 * slopes)
        # The logarithm does not underflow.
        found = TanhNetwork(-3.0).log_det(sign * a[np.newaxis], 0.0)
        assert found == pytest.approx(math.log(3.0) + logs, rel=1e-15, abs=4e-16)


@given(st.floats(-40, 40), st.floats(0, 10))
def test_slope_range_is_attained_and_never_left(lower, width):
    low, high = maps.slope_range(lower, lower + width)
    inside = maps.slope(np.linspace(lower, lower + width, 101))
    # Up to rounding: exp is not monotone to the last place.
    assert (low <= inside * (1 + 1e-15)).all() and (inside <= high * (1 + 1e-15)).all()
    assert low in maps.slope([lower, lower + width])
    nearest = min(max(0.0, lower), lower + width)
    assert high == maps.slope(nearest)


@given(sizes, seeds)
def test_norm_and_radius_equal_numpy(n, seed):
    rng, _ = random_network(n, seed)
    A = rng.normal(size=(n, n, 5))
    for order in maps.NORMS:
        expected = [np.linalg.norm(A[..., k], order) for k in range(5)]
        assert maps.norm(A, order) == pytest.approx(expected, rel=1e-12, abs=0.0)
        assert maps.norm(A[..., 0], order) == pytest.approx(expected[0], rel=1e-12, abs=0.0)
    radius = [np.abs(np.linalg.eigvals(A[..., k])).max() for k in range(5)]
    assert maps.spectral_radius(A) == pytest.approx(radius, rel=1e-9, abs=0.0)
    assert maps.spectral_radius(A[..., 0]) == pytest.approx(radius[0], rel=1e-9, abs=0.0)
    for order in maps.NORMS:
        assert (maps.spectral_radius(A) <= maps.norm(A, order) * (1 + 1e-12)).all()


def test_a_nilpotent_matrix_has_norm_without_radius():
    A = [[0.0, 5.0], [0.0, 0.0]]
    assert maps.spectral_radius(A) == 0.0 and maps.norm(A) == 5.0


# --- bounds of M' on a box ---------------------------------------------------------------


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("n", [1, 2, 3, 8, 9])
def test_the_bound_on_a_norm_holds_on_its_box_and_is_met(n, plain):
    """Of a network by the corners of its slopes, and of any map by its entries."""
    rng, W = random_network(n, n)
    M = TanhNetwork(W)
    bound_by = Map.norm_bound if plain else TanhNetwork.norm_bound
    lower, upper = np.sort(rng.normal(0, 1, (2, n, 1)), axis=0)
    left, right = rng.normal(size=(2, n, n))
    corners = np.clip(np.where(rng.random((n, 300)) < 0.5, lower, upper), lower, upper)
    corners[:, :1] = np.clip(0.0, lower, upper)  # where the slopes are greatest
    J = np.moveaxis(maps.jacobian(W, corners), -1, 0)
    for order in maps.NORMS:
        alone = bound_by(M, lower, upper, 0.0, order)[0]
        sizes = np.linalg.norm(J, order, axis=(1, 2))
        assert sizes.max() <= alone * (1 + 1e-12)
        between = bound_by(M, lower, upper, 0.0, order, left, right)[0]
        assert np.linalg.norm(left @ J @ right, order, axis=(1, 2)).max() <= between * (1 + 1e-12)
        if not plain:
            assert alone == pytest.approx(sizes[0], rel=1e-12, abs=0.0)
    # Of a point it is the norm there.
    point = bound_by(M, lower, lower, 0.0, 2, left, right)[0]
    there = np.linalg.norm(left @ maps.jacobian(W, lower)[..., 0] @ right, 2)
    assert point == pytest.approx(there, rel=1e-12) or (n > 8 and not plain and point > there)


def test_up_to_eight_units_the_greatest_norm_is_met_at_a_corner():
    for n in (8, 9):
        rng, W = random_network(n, 1)
        lower, upper = np.sort(rng.normal(0, 1, (2, n, 1)), axis=0)
        left, right = rng.normal(size=(2, n, n))
        ends = [s[:, 0] for s in maps.slope_range(lower, upper)]
        if n == 8:
            corners = itertools.product(*zip(*ends, strict=True))
            wanted = max(np.linalg.norm(left @ W * np.array(s) @ right, 2) for s in corners)
        else:  # greatest entries stand in
            wanted = np.linalg.norm(np.abs(left @ W) * ends[1] @ np.abs(right), 2)
        found = TanhNetwork(W).norm_bound(lower, upper, 0.0, 2, left, right)
        assert found == pytest.approx([wanted], rel=1e-12, abs=0.0)


# --- additive embedding ------------------------------------------------------------------


def mixing(a, u):
    """Return a map in which the input enters in no additive way."""
    return np.tanh(a * (1 + u[:1])) + a * np.sin(u).sum(axis=0)


@given(st.integers(1, 3), st.integers(1, 3), seeds)
def test_the_embedding_repeats_the_original(n, m, seed):
    rng = np.random.default_rng(seed)
    system = maps.Additive(mixing, n, m)
    u, a0 = rng.normal(size=(8, m, 4)), rng.normal(size=(n, 4))
    primed = system.rollout(u, a0)
    assert primed.shape == (8, n + m, 4)
    assert np.array_equal(primed[:, :n], system.original_rollout(u, a0))
    assert np.array_equal(primed[:, n:], u)


def test_the_input_of_the_embedding_is_additive():
    system = maps.Additive(mixing, 2, 1)
    rng = np.random.default_rng(0)
    state, u = rng.normal(size=(3, 4)), rng.normal(size=(1, 4))
    image = system.augmented_map(state)
    assert np.array_equal(image[:2], mixing(state[:2], state[2:])) and not image[2:].any()
    assert np.array_equal(system.augmented_input(u), np.concatenate([np.zeros((2, 4)), u]))
    # N itself is not additive: the same input moves different states by different amounts.
    moved = mixing(state[:2], u) - mixing(state[:2], 0 * u)
    assert np.ptp(moved[0]) > 0.1


test_misuse_names_the_argument = refused(
    ("W", lambda: maps.step(np.ones((2, 3)), [0.0, 0.0])),
    ("W", lambda: maps.rollout([1.5], np.zeros((1, 1, 1)))),
    ("W", lambda: maps.jacobian([[np.nan]], [0.0])),
    ("number of trials of W", lambda: maps.rollout(np.ones((2, 2, 2)), np.zeros((1, 2, 3)))),
    ("a", lambda: maps.step(np.eye(2), np.zeros(3))),
    ("a", lambda: maps.jacobian(np.eye(2), np.zeros((3, 2)))),
    ("lower", lambda: maps.slope_range([0.0, 1.0], [1.0, 0.0])),
    ("inputs", lambda: maps.Additive(mixing, 1, 0)),
    ("u", lambda: maps.Additive(mixing, 1, 2).original_rollout(np.zeros((3, 2)))),
    ("u", lambda: maps.Additive(mixing, 2, 1).augmented_input(np.zeros((2, 4)))),
    ("a", lambda: maps.jacobian(np.eye(2), np.zeros((2, 2, 3, 1)))),
    ("u", lambda: maps.rollout(np.eye(2), np.zeros((4, 3, 1)))),
    ("number of trials of a", lambda: maps.step(np.eye(2), np.zeros((2, 2)), np.zeros((2, 3)))),
    ("a0", lambda: maps.rollout(np.eye(2), np.zeros((4, 2, 1)), np.zeros(3))),
    ("out", lambda: maps.rollout(np.eye(2), np.zeros((4, 2, 1)), out=np.zeros((4, 2, 1)))),
    ("steps", lambda: maps.orbit(np.eye(2), 0.0, -1)),
    ("order", lambda: maps.norm(np.eye(2), 3)),
    ("A", lambda: maps.spectral_radius(np.ones((2, 3)))),
    ("lower", lambda: maps.slope_range(1.0, 0.0)),
    ("units", lambda: maps.Additive(mixing, 0, 1)),
    ("u", lambda: maps.Additive(mixing, 1, 2).rollout(np.zeros((3, 1, 1)))),
    ("result of transition", lambda: maps.Additive(
        lambda a, u: u, 2, 1).rollout(np.zeros((3, 1, 1)))),
)  # fmt: skip


# --- what small changes to the module showed to be unasserted


def test_jacobian_of_many_weights_along_one_trajectory():
    rng, W = random_network(2, 8, trials=3)
    a = rng.normal(size=(4, 2, 1))
    J = maps.jacobian(W, a)
    assert J.shape == (4, 2, 2, 3)
    for k in range(3):
        assert np.array_equal(J[..., k], maps.jacobian(W[..., k], a)[..., 0])
    assert np.array_equal(maps.jacobian(W, a[0, :, 0]), J[0])
