"""Contraction, noise bounds, balls of uncertainty and sensitivity of n units."""

import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from misuse import refused
from scipy import stats

from latchlib import contraction, maps, neuron, phase_space
from latchlib.formulas import formula
from latchlib.maps import Map

seeds = st.integers(0, 2**32)
orders = st.sampled_from(maps.NORMS)
sizes = st.integers(1, 3)
CROSSED = np.array([[0.0, 2.0], [2.0, 0.0]])


def setting(seed, n, scale=1.5):
    rng = np.random.default_rng(seed)
    return rng, rng.normal(0, scale / math.sqrt(n), (n, n)), rng.normal(0, 1.5, n)


def in_ball(rng, centre, radius, order, count):
    shift = rng.normal(size=(len(centre), count))
    shift *= radius * rng.random(count) / np.linalg.norm(shift, order, axis=0)
    return centre[:, np.newaxis] + shift


class Root(Map):
    """The map M(x) = sqrt(1 + x^2), whose slope is odd and rises."""

    units = 1

    def step(self, a, u):
        return np.sqrt(1 + a**2) + u

    def jacobian(self, a, u):
        return (a / np.sqrt(1 + a**2))[np.newaxis]

    def slope_bound(self, lower, upper, u):
        return self.jacobian(lower, u), self.jacobian(upper, u)


class Gated(Map):
    """A unit that the input opens: (1 - s) a + 3 s tanh a, where s is the logistic of u."""

    units = 1

    def step(self, a, u):
        s = 1 / (1 + np.exp(-u))
        return (1 - s) * a + 3 * s * np.tanh(a)

    def jacobian(self, a, u):
        s = 1 / (1 + np.exp(-u))
        return (1 - s + 3 * s * maps.slope(a))[np.newaxis]

    def slope_bound(self, lower, upper, u):
        s = 1 / (1 + np.exp(-u))
        return tuple((1 - s + 3 * s * x)[np.newaxis] for x in maps.slope_range(lower, upper))


def test_an_input_that_is_not_additive_changes_the_derivative():
    rng = np.random.default_rng(4)
    u, a0, eps = rng.normal(0, 2, (12, 1, 5)), rng.normal(size=(1, 5)), 1e-6
    path = maps.rollout(Gated(), u, a0)
    ahead, behind = (maps.rollout(Gated(), u, a0 + s * eps)[:, 0] for s in (1, -1))
    growth = np.log(np.abs(ahead - behind) / (2 * eps))
    logs = contraction.log_sensitivity(path, Gated(), u).log_norm
    assert logs == pytest.approx(growth, abs=1e-5)
    steps = phase_space.tangent_growth(Gated(), path, u, rng=rng)
    assert np.cumsum(steps, axis=0) == pytest.approx(logs[1:], abs=1e-12)
    # A constant input: open it latches at a = 3 tanh a, and the more it is shut, the slower.
    top = neuron.attractor_pair(3.0)[1]
    for gate in (-1.0, 2.0):
        s = 1 / (1 + math.exp(-gate))
        found = phase_space.attractors(Gated(), gate, box=[[-5, 5]])
        assert [c.points[0, 0] for c in found] == pytest.approx([-top.a, top.a], rel=1e-12)
        rate = 1 - s + s * top.slope
        assert [c.spectral_radius for c in found] == pytest.approx([rate, rate], rel=1e-12)
        near = contraction.contraction_factor(Gated(), top.a, 0.1, u=gate)
        assert near == pytest.approx(1 - s + 3 * s * maps.slope(top.a - 0.1), rel=1e-12)
        tube = contraction.noise_bound(Gated(), top.a, 0.1, 3, u=gate)
        assert tube.factors == pytest.approx(np.full((3, 1), near), rel=1e-9)
        grid = phase_space.Grid((np.linspace(-4, 4, 80),))
        basin, gamma = phase_space.portrait(Gated(), grid, gate, attractors=found)
        assert np.array_equal(basin.labels, grid.axes[0] > 0)
        assert np.array_equal(gamma.labels >= 0, np.abs(grid.axes[0]) > neuron.a_star(3.0))


# --- contraction factor ------------------------------------------------------------------


@given(seeds, sizes, st.floats(0.01, 2.0), orders)
def test_the_factor_bounds_every_pair_of_points(seed, n, radius, order):
    rng, W, centre = setting(seed, n)
    factor = contraction.contraction_factor(W, centre, radius, order)[0]
    x, y = (in_ball(rng, centre, radius, order, 200) for _ in range(2))
    image = np.linalg.norm(maps.step(W, x) - maps.step(W, y), order, axis=0)
    assert (image <= factor * np.linalg.norm(x - y, order, axis=0) * (1 + 1e-12)).all()
    norms = maps.norm(maps.jacobian(W, x), order)
    assert (norms <= factor * (1 + 1e-12)).all()


@given(seeds, sizes, st.floats(0.01, 2.0))
def test_in_the_maximum_norm_the_factor_is_attained(seed, n, radius):
    _, W, centre = setting(seed, n)
    factor = contraction.contraction_factor(W, centre, radius, math.inf)[0]
    nearest = np.sign(centre) * np.maximum(np.abs(centre) - radius, 0)
    assert factor == pytest.approx(float(maps.norm(maps.jacobian(W, nearest), math.inf)), rel=1e-12)


def test_the_factor_of_one_unit_is_the_slope_at_the_near_end():
    w, d = 2.0, 0.4
    top = neuron.attractor_pair(w)[1].a
    factor = contraction.contraction_factor([[w]], [top], d)[0]
    assert factor == pytest.approx(w / math.cosh(top - d) ** 2, rel=1e-14, abs=0.0)


def test_the_factor_takes_batches_and_other_maps():
    rng, W, _ = setting(1, 2)
    centre, radius = rng.normal(size=(2, 5)), rng.random(5) + 0.1
    both = contraction.contraction_factor(W, centre, radius)
    alone = [contraction.contraction_factor(W, centre[:, k], radius[k])[0] for k in range(5)]
    assert both == pytest.approx(alone, rel=1e-15, abs=0.0)
    stack = np.repeat(W[:, :, np.newaxis], 5, axis=2)
    assert np.array_equal(contraction.contraction_factor(stack, centre, radius), both)

    # M(x) = sqrt(1 + x^2): below 1 on every ball, with no bound below 1 for all of them.
    factors = contraction.contraction_factor(Root(), [0.0], [1.0, 10.0, 1e3])
    assert factors == pytest.approx([x / math.sqrt(1 + x * x) for x in (1, 10, 1e3)])
    assert (factors < 1).all() and factors[2] > 0.9999


# --- Theorem 3 ---------------------------------------------------------------------------


def worst_noise(W, a, centre, bound, order):
    """Return noise of size `bound` that pushes M(a) straight away from `centre`."""
    away = maps.step(W, a) - centre
    size = np.linalg.norm(away, order, axis=0)
    return np.where(size > 0, bound * away / np.where(size > 0, size, 1), bound / len(W))


@given(seeds, sizes, st.floats(0.01, 0.6), orders)
@settings(max_examples=50)
def test_noise_within_the_bound_stays_in_the_tube(seed, n, radius, order):
    rng, W, a0 = setting(seed, n, scale=2.0)
    # From an attractor, where a bound is likely.
    stable = [c for c in phase_space.attractors(W, starts=16, steps=200) if c.period == 1]
    if stable:
        a0 = stable[-1].points[0] + rng.normal(0, 0.05, n)
    result = contraction.noise_bound(W, a0, radius, 40, order=order)
    assert result.radius == radius
    first = contraction.contraction_factor(W, a0, radius, order)
    assert result.factors[0] == pytest.approx(first)
    assert np.array_equal(np.isnan(result.bounds).any(axis=0), ~result.holds)
    assume(result.holds[0])
    assert result.bounds[:, 0] == pytest.approx((1 - result.factors[:, 0]) * radius)
    a = in_ball(rng, a0, radius, order, 50)
    random = a.copy()
    for t in range(40):
        centre, b = result.path[t + 1], result.bounds[t, 0]
        a = maps.step(W, a) + worst_noise(W, a, centre, b, order)
        kick = in_ball(rng, np.zeros(n), b, order, 50)
        random = maps.step(W, random) + kick
        for state in (a, random):
            assert (np.linalg.norm(state - centre, order, axis=0) <= radius * (1 + 1e-9)).all()


def test_the_bound_is_sharp_for_one_unit():
    # At rest the worst point is the near end of the tube: there the noise balances exactly.
    w, d = 2.0, 0.5
    top = neuron.attractor_pair(w)[1].a
    bound = contraction.noise_bound([[w]], [top], d, 400).bounds[0, 0]
    assert bound == pytest.approx(d * (1 - w / math.cosh(top - d) ** 2), rel=1e-9)
    assert bound < neuron.h_star(w)
    # Beyond h* steady noise leaves the tube.
    a = maps.orbit([[w]], [top], 400, -1.01 * neuron.h_star(w))
    assert np.abs(a - top).max() > d


def test_the_factor_of_the_ball_before_counts():
    # The factor falls along the way to a+: b_t from lambda_t, not lambda_{t-1}, lets it out.
    w, d, a0 = 2.0, 0.1, 1.0
    result = contraction.noise_bound([[w]], [a0], d, 3)
    assert result.holds[0] and (np.diff(result.factors[:, 0]) < 0).all()
    shifted = (1 - result.factors[1, 0]) * d  # lambda_1 with u_1
    start = np.array([[a0 - d]])
    for bound, stays in ((result.bounds[0, 0], True), (shifted, False)):
        end = maps.step([[w]], start) - bound
        assert bool(np.abs(end - result.path[1])[0, 0] <= d) == stays


def test_no_bound_is_given_where_the_map_may_expand():
    result = contraction.noise_bound(np.diag([2.0, 2.0]), [[0.0, 2.0], [2.0, 2.0]], 0.2, 10)
    assert result.holds.tolist() == [False, True]
    assert np.isnan(result.bounds[:, 0]).all() and np.isfinite(result.bounds[:, 1]).all()
    assert math.isnan(result.uniform[0])
    assert result.uniform[1] == result.bounds[:, 1].min()
    # A state may leave the ball once, and then later balls promise nothing either.
    once = contraction.noise_bound([[2.0]], [3.0], 0.2, 3, u=-2.0)
    assert (once.factors[:, 0] < 1).tolist() == [True, False, True]
    assert np.isfinite(once.bounds[:, 0]).tolist() == [True, False, False]


# --- Theorem 1: the ball of uncertainty --------------------------------------------------


@given(seeds, sizes, st.floats(0.01, 0.5), orders)
@settings(max_examples=40)
def test_the_image_of_a_ball_lies_within_the_bound(seed, n, radius, order):
    rng, W, a0 = setting(seed, n)
    ball = contraction.propagate_ball(W, a0, radius, 12, rng=rng, points=64, order=order)
    assert ball.points.shape == (13, n, 64, 1)
    # Differences of states near 1 carry a rounding error of their own.
    assert (ball.radius <= ball.bound * (1 + 1e-9) + 1e-11).all()
    assert ball.radius[0, 0] == pytest.approx(radius, rel=1e-9)
    assert np.array_equal(ball.centre, maps.orbit(W, a0, 12))


@pytest.mark.parametrize("order", maps.NORMS)
def test_a_tiny_ball_grows_by_the_norm_of_the_derivative(order):
    rng, W, a0 = setting(5, 2)
    ball = contraction.propagate_ball(W, a0, 1e-7, 8, rng=rng, points=4000, order=order)
    # The sample misses the worst direction by a little; curvature adds 1e-7.
    assert ball.radius[:, 0] / 1e-7 == pytest.approx(np.exp(ball.log_growth[:, 0]), rel=2e-2)


def test_growth_outside_gamma_is_transient():
    # Between basin border and a* the ball grows at first, and shrinks in the end.
    rng = np.random.default_rng(0)
    ball = contraction.propagate_ball(np.diag([2.0, 2.0]), [0.05, 1.9], 1e-3, 60, rng=rng)
    growth = ball.log_growth[:, 0]
    assert growth[1] > 0 and 3 < np.argmax(growth) < 10
    assert growth.max() > math.log(10) and growth[-1] < -20
    assert ball.peak[0] == np.argmax(ball.radius[:, 0])


def test_balls_come_in_batches():
    W = 1.5 * np.eye(2)
    a0, radius = np.array([[0.5, 1.0, 2.0], [0.1, -1.0, 0.3]]), np.array([0.1, 0.2, 0.3])
    ball = contraction.propagate_ball(W, a0, radius, 5, rng=np.random.default_rng(0), points=10)
    assert ball.points.shape == (6, 2, 10, 3) and ball.radius.shape == (6, 3)
    assert ball.radius[0] == pytest.approx(radius)
    alone = contraction.propagate_ball(W, a0[:, 1], 0.2, 5, rng=np.random.default_rng(0), points=10)
    assert ball.bound[:, 1] == pytest.approx(alone.bound[:, 0])


# --- sensitivity -------------------------------------------------------------------------


@given(seeds, st.integers(1, 4), st.integers(1, 8), orders)
def test_sensitivity_equals_finite_differences(seed, n, steps, order):
    rng, W, a0 = setting(seed, n)
    u, eps = rng.normal(0, 0.5, (steps, n, 1)), 1e-6
    path = maps.rollout(W, u, a0)
    numeric = np.empty((steps + 1, n, n))
    for j in range(n):
        shift = eps * np.eye(n)[j]
        ahead, behind = (maps.rollout(W, u, a0 + s * shift) for s in (1, -1))
        numeric[:, :, j] = (ahead - behind)[:, :, 0] / (2 * eps)
    result = contraction.log_sensitivity(path, W, order=order)
    size = [np.linalg.norm(m, order) for m in numeric]
    assert np.exp(result.log_norm[:, 0]) == pytest.approx(size, rel=1e-5, abs=1e-8)
    # Eigenvalues that lie close together move by the root of an error.
    radius = np.array([np.abs(np.linalg.eigvals(m)).max() for m in numeric])
    known = np.isfinite(result.log_radius[:, 0])
    assert known[:2].all()
    assert np.exp(result.log_radius[known, 0]) == pytest.approx(
        radius[known], rel=1e-3, abs=1e-3 * max(size)
    )


def test_sensitivity_equals_sympy():
    a0 = sp.symbols("x y", real=True)
    W = sp.Matrix([[sp.Rational(6, 5), -2], [sp.Rational(1, 3), sp.Rational(3, 2)]])
    inputs = [[0.2, -0.1], [-0.4, 0.3], [0.1, 0.5]]
    values = {a0[0]: 0.3, a0[1]: -0.7}
    state = sp.Matrix(a0)
    norms, radii = [0.0], [0.0]
    for u in inputs:
        state = W * state.applyfunc(sp.tanh) + sp.Matrix([sp.Rational(str(v)) for v in u])
        J = np.array(state.jacobian(a0).evalf(30, subs=values), dtype=float)
        norms.append(math.log(np.linalg.norm(J, 2)))
        radii.append(math.log(np.abs(np.linalg.eigvals(J)).max()))
    weights = np.array(W, dtype=float)
    path = maps.rollout(weights, np.array(inputs)[:, :, np.newaxis], [0.3, -0.7])
    result = contraction.log_sensitivity(path, weights)
    assert result.log_norm[:, 0] == pytest.approx(norms, rel=1e-13, abs=1e-14)
    assert result.log_radius[:, 0] == pytest.approx(radii, rel=1e-13, abs=1e-14)


def test_sensitivity_of_one_unit_is_a_sum_of_logarithms():
    rng = np.random.default_rng(0)
    path = np.cumsum(rng.normal(size=(3000, 1, 3)), axis=0)
    before = path.copy()
    result = contraction.log_sensitivity(path, 1.3)
    expected = np.cumsum(formula("log_slope")(path[:-1, 0], 1.3), axis=0)
    for logs in (result.log_norm, result.log_radius):
        assert not logs[0].any()
        assert logs[1:] == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert np.array_equal(path, before)
    # The matrices of two units that do not meet say the same, and a weight for each trial too.
    twice = contraction.log_sensitivity(np.repeat(path, 2, axis=1), 1.3 * np.eye(2))
    assert twice.log_norm == pytest.approx(result.log_norm, rel=1e-12, abs=1e-12)
    each = contraction.log_sensitivity(path, np.array([[[0.5, 1.3, -2.0]]])).log_norm
    assert each[:, 1] == pytest.approx(result.log_norm[:, 1], rel=1e-14)
    assert each[:, 2] == pytest.approx(
        contraction.log_sensitivity(path, -2.0).log_norm[:, 2], rel=1e-14
    )
    # Where a slope is 0 in floats its logarithm is not.
    deep = contraction.log_sensitivity([[[800.0]], [[0.0]]], 2.0).log_norm[1, 0]
    assert deep == pytest.approx(math.log(8) - 1600, rel=1e-15)


def test_sensitivity_neither_under_nor_overflows():
    T = 100_000
    path = np.zeros((T + 1, 2, 2))
    W = np.stack([np.diag([0.5, 0.1]), np.diag([3.0, 0.2])], axis=2)
    alone = contraction.log_sensitivity(path[:, :1], W[:1, :1]).log_norm
    result = contraction.log_sensitivity(path, W)
    np.testing.assert_allclose(alone, result.log_norm, rtol=1e-10)
    expected = np.outer(np.arange(T + 1), np.log([0.5, 3.0]))
    for logs in (result.log_norm, result.log_radius):
        np.testing.assert_allclose(logs, expected, rtol=1e-10)


def test_a_lost_eigenvalue_is_not_made_up():
    # Nilpotent: radius 0 at once, norm 0 at the second step.
    nilpotent = np.array([[0.0, 5.0], [0.0, 0.0]])
    result = contraction.log_sensitivity(np.zeros((4, 2, 1)), nilpotent)
    assert result.log_norm[:2, 0] == pytest.approx([0.0, math.log(5.0)], rel=1e-14, abs=0.0)
    assert (result.log_norm[2:, 0] == -math.inf).all()
    assert (result.log_radius[1:, 0] == -math.inf).all()
    # Crossed: for odd t the matrix is off-diagonal, and one entry is lost beside the other.
    y = np.array([0.65, 3.0])
    path = np.array([y if t % 2 == 0 else y[::-1] for t in range(2002)])[:, :, np.newaxis]
    log_slopes = np.log(2 / np.cosh(y) ** 2)
    result = contraction.log_sensitivity(path, CROSSED)
    t = np.arange(2002)
    assert result.log_norm[:, 0] == pytest.approx(t * log_slopes[0], rel=1e-10, abs=0.0)
    expected = np.where(t % 2 == 0, t * log_slopes[0], t * log_slopes.mean())
    assert result.log_radius[:, 0] == pytest.approx(expected, rel=1e-10, abs=0.0)


# --- Theorem 4 ---------------------------------------------------------------------------


@given(seeds, st.integers(2, 3))
@settings(max_examples=60)
def test_theorem_4_holds_for_the_norm(seed, n):
    """States whose M' has norm < lambda < 1, in whatever order the inputs visit them."""
    rng, W, _ = setting(seed, n, scale=3.0)
    states = rng.normal(0, 3.0, (n, 4000))
    latched = maps.norm(maps.jacobian(W, states)) < 0.95
    assume(latched.sum() >= 2)
    visited = states[:, latched][:, rng.integers(0, latched.sum(), 200)].T[:, :, np.newaxis]
    # Those inputs exist, as the input is additive: u_t = a_t - M(a_{t-1}).
    u = visited[1:] - np.stack([maps.step(W, a) for a in visited[:-1]])
    assert maps.rollout(W, u, visited[0]) == pytest.approx(visited, abs=1e-12)
    logs = contraction.log_sensitivity(visited, W).log_norm[:, 0]
    assert (np.diff(logs) < math.log(0.95) + 1e-9).all()
    assert logs[-1] <= 199 * math.log(0.95) + 1e-6


def test_theorem_4_fails_for_eigenvalues():
    pair = np.array([[0.65, 3.0], [3.0, 0.65]])
    by_eigenvalues = contraction.is_robustly_latched(CROSSED, pair, reading="eigenvalues")
    assert by_eigenvalues.holds.all() and len(set(by_eigenvalues.labels.tolist())) == 1
    by_norm = contraction.is_robustly_latched(CROSSED, pair)
    assert not by_norm.holds.any() and by_norm.resolved.all()
    path = np.array([pair[:, t % 2] for t in range(101)])[:, :, np.newaxis]
    logs = contraction.log_sensitivity(path, CROSSED).log_norm[:, 0]
    assert logs[-1] == pytest.approx(100 * math.log(2 / math.cosh(0.65) ** 2), rel=1e-12)
    assert logs[-1] == pytest.approx(100 * math.log(1.346), abs=0.05)


# --- robust latching and noise -----------------------------------------------------------


@given(st.floats(1.05, 10.0), seeds)
@settings(max_examples=30)
def test_one_unit_is_latched_as_in_part_one(w, seed):
    a = np.random.default_rng(seed).normal(0, 2, 50)
    result = contraction.is_robustly_latched([[w]], a[np.newaxis], steps=2000)
    known = result.resolved
    assert np.array_equal(result.holds[known], (np.abs(a) > neuron.a_star(w))[known])
    assert known.mean() > 0.9


def test_what_is_not_known_is_not_latched():
    result = contraction.is_robustly_latched([[1.01]], [[0.3, 5.0]], steps=1)
    assert not result.holds.any() and not result.resolved.all()
    assert contraction.is_robustly_latched([[1.01]], [[0.3, 5.0]], steps=3000).holds.all()


def test_lyapunov_exponent_under_noise():
    rng = np.random.default_rng(0)
    still = contraction.lyapunov_under_noise(0.5 * np.eye(2), 0.0, 50, rng=rng)
    assert still.mean == pytest.approx(math.log(0.5), rel=1e-9)
    # One unit: E[log w sech^2 a] under the stationary law, by another route.
    noisy = contraction.lyapunov_under_noise([[1.25]], 0.3, 4000, rng=rng, a0=0.8, trials=32)
    a = maps.rollout([[1.25]], rng.normal(0, 0.3, (20_000, 1, 16)), 0.8)[200:]
    expected = np.log(1.25 / np.cosh(a) ** 2).mean()
    assert abs(noisy.mean - expected) < 5 * noisy.standard_error + 5e-3
    assert noisy.values.shape == (32,) and 0 < noisy.standard_error < 0.02


RNG = np.random.default_rng(0)
test_misuse_names_the_argument = refused(
    ("radius", lambda: contraction.contraction_factor(np.eye(2), [0.0, 0.0], 0.0)),
    ("radius", lambda: contraction.noise_bound(np.eye(2), 0.0, np.ones((2, 2)), 3)),
    ("number of trials of radius", lambda: contraction.contraction_factor(
        np.eye(2), np.zeros((2, 3)), [1.0, 2.0])),
    ("steps", lambda: contraction.noise_bound(np.eye(2), 0.0, 1.0, 0)),
    ("points", lambda: contraction.propagate_ball(
        np.eye(2), [0.0, 0.0], 1.0, 3, rng=RNG, points=1)),
    ("path", lambda: contraction.log_sensitivity(np.zeros((3, 2)), np.eye(2))),
    ("sigma", lambda: contraction.lyapunov_under_noise(np.eye(2), -0.1, 10, rng=RNG)),
    ("trials", lambda: contraction.lyapunov_under_noise(np.eye(2), 0.1, 10, rng=RNG, trials=1)),
    ("a", lambda: contraction.is_robustly_latched(np.eye(2) * 2, [np.nan, 1.0])),
)  # fmt: skip


# --- what small changes to the module showed to be unasserted


def test_without_noise_the_rate_is_that_of_the_fixed_point_the_input_moves():
    w, u, a = 0.5, 0.8, 0.0
    for _ in range(200):
        a = w * np.tanh(a) + u
    found = contraction.lyapunov_under_noise(
        [[w]], 0.0, 5, rng=np.random.default_rng(0), trials=2, u=u, discard=200
    )
    assert found.mean == pytest.approx(np.log(w * (1 - np.tanh(a) ** 2)), rel=1e-12)
    assert found.values.shape == (2,) and found.standard_error == pytest.approx(0.0, abs=1e-12)


def test_one_matrix_for_several_radii():
    W, a0, radii = np.array([[0.6, 0.1], [-0.2, 0.5]]), [0.3, -0.2], [0.1, 0.2, 0.3]
    plain = contraction.noise_bound(W, a0, radii, 4)
    stacked = contraction.noise_bound(W[:, :, np.newaxis], a0, radii, 4)
    assert np.array_equal(stacked.bounds, plain.bounds)
    with pytest.raises(ValueError, match="number of trials of radius is 3; accepted: 1 or 2"):
        contraction.noise_bound(np.stack([W, W], axis=-1), a0, radii, 4)


def test_a_radius_lost_beside_the_norm_is_not_given():
    # All eigenvalues are 0; in floats those of a turned matrix are about eps^(1/3).
    turned, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))
    W = turned @ np.triu(np.ones((3, 3)), 1) @ turned.T
    found = contraction.log_sensitivity(np.zeros((2, 3, 1)), W)
    assert np.isnan(found.log_radius[1, 0]) and found.log_norm[1, 0] > 0.0


@pytest.mark.parametrize("log_ratio", [699.5, 700.5, 701.5])
def test_a_trace_far_below_the_determinant(log_ratio):
    # log of |det| over (trace / 2)^2; the eigenvalues are 1 and -1 but for e^-350.
    W = np.array([[2 * np.exp(-log_ratio / 2), 1.0], [1.0, 0.0]])
    found = contraction.log_sensitivity(np.zeros((2, 2, 1)), W)
    assert found.log_radius[1, 0] == pytest.approx(0.0, abs=1e-12)


def test_the_standard_error_is_that_of_a_mean_and_the_input_is_one_for_all():
    rng = np.random.default_rng(2)
    found = contraction.lyapunov_under_noise([[1.5]], 0.5, 10, rng=rng, trials=5)
    spread = np.sqrt(((found.values - found.mean) ** 2).sum() / 4)
    assert found.standard_error == pytest.approx(spread / np.sqrt(5), rel=1e-12, abs=0.0)
    with pytest.raises(ValueError, match=r"^u has shape \(1, 2\); accepted"):
        contraction.lyapunov_under_noise([[1.5]], 0.5, 10, rng=rng, trials=2, u=[[0.1, 0.2]])


def test_weights_and_radii_are_matched_trial_by_trial():
    rng = np.random.default_rng(3)
    W = rng.normal(size=(2, 2, 3))
    centre, radii = rng.normal(size=(2, 3)), np.array([0.1, 0.2, 0.3])
    found = contraction.contraction_factor(W, centre, radii)
    alone = [contraction.contraction_factor(W[..., k], centre[:, k], radii[k]) for k in range(3)]
    assert found == pytest.approx(np.concatenate(alone), rel=1e-14, abs=0.0)
    # One of either stands for all.
    one_ball = contraction.contraction_factor(W, centre[:, 0], 0.1)
    alone = [contraction.contraction_factor(W[..., k], centre[:, 0], 0.1) for k in range(3)]
    assert one_ball == pytest.approx(np.concatenate(alone), rel=1e-14, abs=0.0)
    one_map = contraction.contraction_factor(W[..., :1], centre, radii)
    assert one_map == pytest.approx(contraction.contraction_factor(W[..., 0], centre, radii))
    with pytest.raises(ValueError, match="number of trials of W is 3; accepted: 1 or 2"):
        contraction.contraction_factor(W, centre[:, :2], radii[:2])


def test_the_unit_axis_is_the_last_but_one():
    v = np.random.default_rng(0).normal(size=(5, 3, 4))
    assert contraction.vector_norm(v) == pytest.approx(
        np.sqrt((v**2).sum(axis=1)), rel=1e-14, abs=0.0
    )


def log_radius(P, log_det, scale=0.0):
    """Of one matrix exp(scale) P, where log |det| of the product is known."""
    P = np.asarray(P, dtype=float)[:, :, np.newaxis]
    return float(contraction._log_radius(P, np.array([scale]), np.array([log_det]))[0])


@pytest.mark.parametrize("size", [2.0**-9, 1.0, 2.0**9])
def test_eigenvalues_lost_beside_the_norm_are_not_given(size):
    # Triangular, so that its eigenvalues are known; the norm of rows is `size`.
    limit = 10 * np.finfo(float).eps ** (1 / 3)
    for share, known in ((0.97, False), (1.05, True)):
        r = share * limit
        P = size * np.array([[r, 1 - r, 0], [0, r / 2, 0], [0, 0, r / 4]])
        found = log_radius(P, 0.0, scale=3.0)
        assert (
            found == pytest.approx(math.log(r * size) + 3, rel=1e-12, abs=0.0)
            if known
            else np.isnan(found)
        )


@pytest.mark.parametrize("scale", [-5.0, 0.0, 5.0])
@pytest.mark.parametrize("size", [2.0**-9, 1.0, 2.0**9])
def test_a_trace_that_is_all_rounding_says_nothing(size, scale):
    # Its trace is 0 beside entries that are not: only the determinant is left to tell.
    P = size / 2 * np.array([[1.0, 1.0], [-1.0, -1.0]])
    for share, known in ((1e-11, True), (1e-13, False)):
        log_det = 2 * (math.log(share * size) + scale)
        found = log_radius(P, log_det, scale)
        assert found == pytest.approx(log_det / 2, rel=1e-12) if known else np.isnan(found)
    # A trace of nothing but rounding is none either, whatever the size of the entries.
    for trace, known in ((3e-13, True), (3e-14, False)):
        P = size * np.array([[trace, 0.0], [1.0, 0.0]])
        found = log_radius(P, -math.inf, scale)
        wanted = math.log(trace * size) + scale
        assert found == pytest.approx(wanted, rel=1e-12) if known else np.isnan(found)


def test_a_trace_at_the_limit_and_one_of_either_sign_count():
    assert log_radius([[1e-13, 0.0], [1.0, 0.0]], -math.inf) == pytest.approx(math.log(1e-13))
    P = [[0.5, 0.5], [-0.5, -0.5]]
    assert log_radius(P, 2 * math.log(1e-12)) == math.log(1e-12)
    for sign in (-1.0, 1.0):
        assert log_radius([[sign, 0.0], [0.0, sign * 1e-30]], -30 * math.log(10)) == 0.0
    # A trace of entries that are 0 is 0, and no rounding.
    assert log_radius([[0.0, 1.0], [1e-60, 0.0]], -60 * math.log(10)) == -30 * math.log(10)


def test_a_factor_of_exactly_one_does_not_contract():
    found = contraction.noise_bound([[1.0]], [0.0], 0.5, 1)
    assert found.factors.tolist() == [[1.0]]
    assert not found.holds.any() and np.isnan(found.bounds).all()


def test_half_of_the_cloud_is_on_the_sphere_and_half_uniform_within():
    ball = contraction.propagate_ball(
        0.5 * np.eye(3), [0.1, 0.2, 0.3], 0.7, 1, rng=np.random.default_rng(5), points=4001
    )
    r = np.linalg.norm(ball.points[0] - ball.centre[0][:, np.newaxis], axis=0)[:, 0] / 0.7
    on = np.isclose(r, 1.0, rtol=1e-12)
    assert on.sum() == 2001 and on[2000:].all()
    # The volume within r is uniform. At level 0.001, with a fixed seed.
    assert stats.kstest(r[:2000] ** 3, "uniform").pvalue > 0.001


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("singular", ["rank one", "zero"])
def test_a_singular_matrix_is_no_trouble(n, singular):
    W = np.ones((n, n)) if singular == "rank one" else np.zeros((n, n))
    with np.errstate(all="raise"):
        found = contraction.log_sensitivity(np.zeros((3, n, 1)), W)
    wanted = np.log(n) * np.arange(3) if singular == "rank one" else [0.0, -np.inf, -np.inf]
    assert found.log_norm[:, 0] == pytest.approx(wanted, abs=1e-12)
    assert found.log_radius[:, 0] == pytest.approx(wanted, abs=1e-12)


def test_a_trace_that_cancels_is_not_one_of_zeros():
    # Eigenvalues 0 and 0, but the trace of such a product is rounding: nothing is said.
    P = np.array([[-1.0, 1.0], [-1.0, 1.0]])
    assert np.isnan(log_radius(P, -np.inf))
    assert log_radius(np.array([[0.0, 1.0], [0.0, 0.0]]), -np.inf) == -np.inf


def test_the_mean_input_has_its_sign():
    w, u, a0 = 1.5, 0.8, 0.5
    found = contraction.lyapunov_under_noise(
        [[w]], 0.0, 2, rng=np.random.default_rng(0), trials=2, a0=a0, u=u, discard=0
    )
    path = np.array([a0, w * np.tanh(a0) + u])
    assert found.mean == pytest.approx(np.log(w / np.cosh(path) ** 2).mean(), rel=1e-12)
