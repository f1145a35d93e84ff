"""Fixed points, cycles, chaos, basins and reduced attracting sets of n units."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from misuse import refused

from latchlib import maps, neuron, phase_space
from latchlib.maps import as_map

seeds = st.integers(0, 2**32)
NON_NORMAL = np.array([[2.334, 0.611], [-4.086, -0.755]])
CROSSED = np.array([[0.0, 2.0], [2.0, 0.0]])
FLIP_FLOP = np.array([[2.0, 0.0], [0.0, 2.0]])
UNIT = np.eye(2)[np.newaxis]


def random_weights(seed, n=2, scale=2.0):
    return np.random.default_rng(seed).normal(0, scale, (n, n))


# --- fixed points and cycles -------------------------------------------------------------


@given(st.floats(0.2, 20.0), st.floats(-0.9, 0.9))
def test_one_unit_has_the_fixed_points_of_part_one(w, share):
    h = share * (neuron.h_star(w) if w > 1.05 else 1.0)
    if 0.95 < w < 1.05:
        return
    expected = neuron.fixed_points(w, h)
    found = phase_space.fixed_points([[w]], h)
    assert [c.points[0, 0] for c in found] == pytest.approx([p.a for p in expected], abs=1e-9)
    slopes = [p.slope for p in expected]
    assert [c.multipliers[0].real for c in found] == pytest.approx(slopes, abs=1e-8)
    assert [c.stable for c in found] == [p.stable for p in expected]


def test_uncoupled_units_have_the_product_of_their_fixed_points():
    top = neuron.attractor_pair(2.0)[1].a
    found = phase_space.fixed_points(FLIP_FLOP)
    expected = [(x, y) for x in (-top, 0, top) for y in (-top, 0, top)]
    assert np.array([c.points[0] for c in found]) == pytest.approx(np.array(expected), abs=1e-9)
    assert [c.stable for c in found] == [x != 0 and y != 0 for x, y in expected]


def test_a_box_far_wider_than_the_map_loses_no_fixed_point():
    far = [(-1e6, 1e6)] * 2
    assert len(phase_space.cycles(FLIP_FLOP, 1, box=far)) == 9


def test_a_triple_root_is_found_where_it_is():
    # The residual there is a^3/3: small enough from 3e-4 on, long before the place is found.
    [point] = phase_space.fixed_points([[1.0]])
    assert abs(point.points[0, 0]) < 1e-6


@given(seeds, st.integers(1, 4))
@settings(max_examples=25)
def test_fixed_points_are_fixed_distinct_and_odd_in_number(seed, n):
    W = random_weights(seed, n)
    found = phase_space.fixed_points(W)
    points = np.array([c.points[0] for c in found])
    for c in found:
        assert maps.step(W, c.points[0]) == pytest.approx(c.points[0], abs=1e-9)
        J = maps.jacobian(W, c.points[0])
        assert c.spectral_radius == pytest.approx(float(maps.spectral_radius(J)), rel=1e-6)
    gaps = np.abs(points[:, np.newaxis] - points).max(axis=2) + np.eye(len(points))
    assert gaps.min() > 1e-7
    # u = 0: they come in pairs +-a, besides the origin.
    assert len(found) % 2 == 1
    assert points[::-1] == pytest.approx(-points, abs=1e-7)


def test_fixed_points_on_a_box_are_those_within():
    whole = phase_space.fixed_points(FLIP_FLOP)
    right = phase_space.fixed_points(FLIP_FLOP, box=[[0.5, 3.0], [-3.0, 3.0]])
    assert len(whole) == 9 and len(right) == 3
    assert all(c.points[0, 0] > 0.5 for c in right)
    assert phase_space.fixed_points(FLIP_FLOP, box=[[0.5, 1.0], [0.5, 1.0]]) == ()


def test_spectral_radius_below_one_leaves_room_for_other_attractors():
    assert maps.spectral_radius(NON_NORMAL) < 1 < maps.norm(NON_NORMAL)
    stable = [c for c in phase_space.fixed_points(NON_NORMAL) if c.stable]
    assert len(stable) == 3
    assert stable[0].points[0] == pytest.approx([-1.508478, 2.953743], abs=1e-6)


def test_cycles_of_a_rotation():
    W = [[0.0, -1.6], [1.6, 0.0]]
    top = neuron.attractor_pair(1.6)[1].a
    (fixed,) = phase_space.fixed_points(W)
    assert not fixed.stable and phase_space.cycles(W, 2) == ()
    square = [c for c in phase_space.cycles(W, 4) if c.stable]
    assert len(square) == 1 and square[0].period == 4
    assert np.abs(square[0].points) == pytest.approx(np.full((4, 2), top), abs=1e-9)
    assert len(phase_space.attractors(W)) == 1


@given(st.floats(1.1, 6.0))
@settings(max_examples=20)
def test_a_negative_weight_gives_a_two_cycle(w):
    # a -> -w tanh a swaps the fixed points +-a of w tanh a.
    top = neuron.attractor_pair(w)[1].a
    (found,) = phase_space.cycles([[-w]], 2, starts=64)
    assert found.points[:, 0] == pytest.approx([-top, top], abs=1e-9)
    assert found.multipliers[0] == pytest.approx((w / math.cosh(top) ** 2) ** 2, rel=1e-6, abs=0.0)
    assert [c.period for c in phase_space.attractors([[-w]])] == [2]


@given(seeds)
@settings(max_examples=25)
def test_symmetric_weights_above_minus_one_have_no_cycles(seed):
    A = random_weights(seed)
    W = A @ A.T - 0.9 * np.eye(2)  # least eigenvalue >= -0.9
    assert all(c.period == 1 for c in phase_space.attractors(W))
    a0 = np.random.default_rng(seed).normal(0, 3, (2, 20))
    end = maps.orbit(W, a0, 5000)[-2:]
    assert np.abs(end[1] - end[0]).max() < 1e-4


@given(seeds, st.floats(0.1, 0.99))
@settings(max_examples=25)
def test_norm_below_one_leaves_only_the_origin(seed, size):
    W = random_weights(seed, 3)
    W *= size / float(maps.norm(W))
    (origin,) = phase_space.attractors(W)
    assert not origin.points.any() or np.abs(origin.points).max() < 1e-9


# --- exponents and classification --------------------------------------------------------


def test_lyapunov_exponent_at_a_fixed_point_is_log_of_the_radius():
    rng = np.random.default_rng(0)
    exponent = phase_space.largest_lyapunov_exponent(
        NON_NORMAL, [1.0, -2.0], 2000, rng=rng, discard=500
    )
    end = maps.orbit(NON_NORMAL, [1.0, -2.0], 500)[-1, :, 0]
    radius = maps.spectral_radius(maps.jacobian(NON_NORMAL, end))
    assert exponent == pytest.approx(math.log(radius), abs=2e-3)


def test_lyapunov_exponent_counts_trials_and_survives_zero():
    rng = np.random.default_rng(0)
    W = np.stack([0.5 * np.eye(2), np.zeros((2, 2))], axis=2)
    exponent = phase_space.largest_lyapunov_exponent(W, 0.0, 50, rng=rng)
    assert exponent[0] == pytest.approx(math.log(0.5), rel=1e-12, abs=0.0)
    assert exponent[1] == -math.inf


#: Found by search: its largest Lyapunov exponent is about 0.07 from every start tried.
CHAOTIC = np.array([[1.8, -1.2], [7.7, 0.5]])


def test_classify():
    rng = np.random.default_rng(1)
    fixed = phase_space.classify(FLIP_FLOP, [[1.0, 0.0], [1.0, 0.0]], rng=rng)
    assert fixed.kind.tolist() == ["fixed point", "fixed point"]
    assert fixed.period.tolist() == [1, 1]
    assert fixed.exponent[0] < 0 < fixed.exponent[1]  # the second sits on the unstable origin
    cycle = phase_space.classify([[0.0, -1.6], [1.6, 0.0]], [1.0, 0.5], rng=rng)
    assert cycle.kind[0] == "cycle" and cycle.period[0] == 4 and cycle.exponent[0] < 0
    # A rotation by an irrational angle: neither returns nor separates.
    turn = 1.2 * np.array([[math.cos(1), -math.sin(1)], [math.sin(1), math.cos(1)]])
    drift = phase_space.classify(turn, [1.0, 0.5], rng=rng, max_period=8)
    assert drift.kind[0] == "unresolved" and abs(drift.exponent[0]) < 0.05


def test_classify_follows_the_input():
    # 0.6 is above the threshold h*(2) = 0.53: from below, both units go up.
    found = phase_space.classify(FLIP_FLOP, -1.0, rng=np.random.default_rng(3), u=0.6)
    top = max(point.a for point in neuron.fixed_points(2.0, 0.6))
    assert found.kind.tolist() == ["fixed point"]
    rate = pytest.approx([math.log(2.0 / math.cosh(top) ** 2)])
    assert found.exponent == rate
    rng = np.random.default_rng(3)
    long = {"steps": 50, "discard": 200, "rng": rng, "u": 0.6}
    assert phase_space.largest_lyapunov_exponent(FLIP_FLOP, -1.0, **long) == rate


def test_classify_finds_chaos():
    rng = np.random.default_rng(2)
    a0 = rng.normal(size=(2, 4))
    chaos = phase_space.classify(CHAOTIC, a0, 6000, rng=rng)
    assert (chaos.kind == "chaotic").all() and (chaos.exponent > 0.05).all()
    assert not chaos.period.any()
    # Two orbits 1e-9 apart: at 0.07 a step they are apart after some 300 steps.
    near = maps.orbit(CHAOTIC, a0[:, :1] + np.array([[0.0, 1e-9]]), 600)
    assert np.abs(near[500:, :, 0] - near[500:, :, 1]).max() > 0.1


def ring(units):
    """Weights of a ring: each unit takes over what the one before it was."""
    return 1.6 * np.roll(np.eye(units), 1, axis=0)


def test_periods_are_looked_for_up_to_sixteen():
    # One unit of the ring is up, and goes round it.
    for units, kind, period in ((16, "cycle", 16), (17, "unresolved", 0)):
        a0 = np.where(np.arange(units) == 0, 1.0, -1.0)
        found = phase_space.classify(ring(units), a0, 400, rng=np.random.default_rng(0))
        assert (found.kind[0], found.period[0]) == (kind, period)


def test_an_orbit_is_settled_at_the_step_at_which_it_returns_to_1e_8():
    a = maps.orbit([[0.5]], [1.0], 60)[:, 0, 0]
    settled = np.abs(a[1:] - a[:-1]) <= 1e-8 * (1 + np.abs(a[:-1]))
    first = int(np.argmax(settled))
    assert 20 < first < 40
    for steps, kind in ((first - 1, "unresolved"), (first, "fixed point")):
        found = phase_space.classify([[0.5]], [1.0], steps, rng=np.random.default_rng(0))
        assert found.kind[0] == kind


def test_a_slow_passage_where_no_fixed_point_is_left_is_not_one():
    # A hair beyond h* the orbit stands still to 1e-8 where two fixed points have merged and gone;
    # Newton's method finds none from there, and the third is 0.7 away.
    w = 1.05
    u = -(neuron.h_star(w) + 1e-10)
    a0 = neuron.a_star(w)
    (left,) = phase_space.fixed_points([[w]], u)
    assert 0.5 < a0 - left.points[0, 0] < 1.0
    found = phase_space.classify([[w]], [a0], 100, u=u, rng=np.random.default_rng(0))
    assert (found.kind[0], found.period[0]) == ("unresolved", 0)


@pytest.mark.parametrize("beyond", [1e-15, 2e-15, 1e-14, 1e-13, 1e-11, 1e-9])
@pytest.mark.parametrize("w", [1.05, 1.25, 2.0, 4.0])
def test_a_hair_beyond_the_threshold_no_ghost_of_the_merged_pair_is_left(w, beyond):
    u = neuron.h_star(w) + beyond
    edge = neuron.a_star(w)
    for sign in (1, -1):
        (left,) = phase_space.fixed_points([[w]], sign * u)
        assert left.stable and sign * left.points[0, 0] > edge
        assert len(phase_space.attractors([[w]], sign * u, steps=50)) == 1
    both = phase_space.fixed_points([[w, 0.0], [0.0, 2.0]], [u, 0.0])
    assert len(both) == 3 and all(c.points[0, 0] > edge for c in both)


@pytest.mark.parametrize("w", [1.05, 1.25, 2.0, 4.0])
def test_short_of_the_threshold_the_pair_is_found_or_its_place(w):
    # Within 1e-6 of each other they count once.
    u, edge = neuron.h_star(w), neuron.a_star(w)
    for short, count in ((1e-15, 2), (1e-14, 2), (1e-10, 3), (1e-6, 3)):
        found = phase_space.fixed_points([[w]], u * (1 - short))
        assert len(found) == count
        # Both lie sqrt((h* - h) / tanh a*) from -a*, to leading order.
        reach = math.sqrt(u * short / math.tanh(edge))
        assert found[0].points[0, 0] == pytest.approx(-edge, abs=2 * reach + 1e-7)


def test_large_states_that_differ_by_rounding_are_one_fixed_point():
    M, u, top = as_map(1e4), np.zeros((1, 1)), 1e4
    found = top + np.array([[0.0, 10 * phase_space._SAME]])
    assert len(phase_space._distinct(M, u, found, 1)) == 1
    apart = top + np.array([[0.0, 2e4 * phase_space._SAME]])
    assert len(phase_space._distinct(M, u, apart, 1)) == 2


def test_nearness_goes_by_the_greatest_size_among_the_units():
    for state, gap, count in (
        ([-1e4, 0.0], 10, 1), ([0.0, 1e4], 10, 1), ([0.0, 0.0], 0.9, 1), ([0.0, 0.0], 1.5, 2),
    ):  # fmt: skip
        u = np.array(state)[:, np.newaxis]
        found = u + np.array([[0.0, gap * phase_space._SAME], [0.0, 0.0]])
        assert len(phase_space._distinct(as_map(np.zeros((2, 2))), u, found, 1)) == count


def test_too_short_a_budget_is_unresolved():
    slow = phase_space.classify([[1.0 + 1e-5]], [0.5], 100, rng=np.random.default_rng(0))
    assert slow.kind[0] == "unresolved"
    ghost = phase_space.classify(
        [[2.0]], [-1.0], 400, u=-(neuron.h_star(2.0) + 1e-9), rng=np.random.default_rng(0)
    )
    assert ghost.kind[0] != "chaotic"


# --- grids -------------------------------------------------------------------------------


def brute_force(W, grid, found, reading, u):
    """Label by orbits and products of Jacobians of plain NumPy, without traps or early stops."""
    a = grid.states().T[:, :, np.newaxis]
    u = np.broadcast_to(u, len(W))[:, np.newaxis]
    product, inside = np.eye(len(W)), np.ones(len(a), dtype=bool)
    for step in range(3000):
        if step < 150:
            product = W * (1 - np.tanh(a) ** 2).transpose(0, 2, 1) @ product
            if reading == "norm":
                size = np.linalg.norm(product, 2, axis=(1, 2))
            else:
                size = np.abs(np.linalg.eigvals(product)).max(axis=1)
            inside &= size < 1
        a = W @ np.tanh(a) + u
    gaps = [np.abs(c.points - a[:, :, 0][:, np.newaxis]).max(axis=2).min(axis=1) for c in found]
    nearest = np.argmin(gaps, axis=0)
    basin = np.where(np.min(gaps, axis=0) < 1e-6, nearest, phase_space.UNRESOLVED)
    gamma = np.where(inside, basin, phase_space.OUTSIDE)
    return basin.reshape(grid.shape), gamma.reshape(grid.shape)


@pytest.mark.parametrize("reading", phase_space.READINGS)
@pytest.mark.parametrize(
    "W, u",
    [
        (FLIP_FLOP, 0.0), (CROSSED, 0.0), (NON_NORMAL, 0.0), ([[0.0, -1.6], [1.6, 0.0]], 0.0),
        ([[1.5, 0.4], [0.3, 1.3]], [0.05, -0.1]), ([[1.6]], 0.1), ([[-1.7]], 0.2),
        (0.4 * np.arange(9).reshape(3, 3) - 1.0, 0.1), (2.0 * np.eye(4) + 0.1, 0.05),
    ],
)  # fmt: skip
def test_grid_labels_equal_brute_force(W, u, reading):
    W = np.asarray(W, dtype=float)
    # An even number of points and an odd width: none sits on a border by symmetry.
    grid = phase_space.Grid.cube(3.1, {1: 40, 2: 12, 3: 6, 4: 4}[len(W)], len(W))
    basin, gamma = phase_space.portrait(W, grid, u, reading=reading, steps=2000)
    expected = brute_force(W, grid, basin.attractors, reading, u)
    settled = basin.labels != phase_space.UNRESOLVED
    assert np.array_equal(basin.labels[settled], expected[0][settled])
    assert settled.mean() > 0.95
    known = gamma.labels != phase_space.UNRESOLVED
    assert np.array_equal(gamma.labels[known], expected[1][known])
    assert known.mean() > 0.95


@given(seeds, st.sampled_from(phase_space.READINGS))
@settings(max_examples=20)
def test_reduced_set_lies_in_the_basin(seed, reading):
    W = random_weights(seed, scale=1.5)
    grid = phase_space.Grid.cube(4.0, 14)
    basin, gamma = phase_space.portrait(W, grid, reading=reading)
    inside = gamma.labels >= 0
    assert np.array_equal(gamma.labels[inside], basin.labels[inside])
    assert set(np.unique(basin.labels)) <= {-1, *range(len(basin.attractors))}
    if reading == "eigenvalues":
        strict = phase_space.reduced_attracting_set(W, grid, attractors=gamma.attractors)
        held = strict.labels >= 0
        # |.| < 1 in norm implies it for the eigenvalues.
        assert np.array_equal(gamma.labels[held], strict.labels[held])


@given(seeds)
@settings(max_examples=20)
def test_an_attractor_lies_in_its_reduced_set_and_that_in_its_basin(seed):
    W = random_weights(seed, scale=1.5)
    found = phase_space.attractors(W, starts=64)
    for k, cycle in enumerate(found):
        for reading in phase_space.READINGS:
            basin, gamma = phase_space.label_states(
                W, cycle.points.T, reading=reading, attractors=found, steps=2000
            )
            assert (basin == k).all()
            # (M^l)'(x), at every x of the cycle, for l up to eight turns: far beyond, they vanish.
            at = maps.orbit(W, cycle.points.T, 8 * cycle.period)
            product, below = np.repeat(np.eye(2)[:, :, np.newaxis], cycle.period, axis=2), True
            for state in at[:-1]:
                product = np.einsum("ijr,jkr->ikr", maps.jacobian(W, state), product)
                measure = maps.norm if reading == "norm" else maps.spectral_radius
                below &= bool((measure(product) < 1).all())
            if reading == "eigenvalues" and cycle.period == 1:
                assert (gamma == k).all()
            assert (gamma == k).all() == below


def test_in_norm_a_non_normal_attractor_lies_outside_its_own_reduced_set():
    found = phase_space.attractors(NON_NORMAL)
    (origin,) = (k for k, c in enumerate(found) if np.abs(c.points).max() < 1e-9)
    for reading, expected in (("norm", phase_space.OUTSIDE), ("eigenvalues", origin)):
        basin, gamma = phase_space.label_states(
            NON_NORMAL, [0.0, 0.0], reading=reading, attractors=found
        )
        assert basin[0] == origin and gamma[0] == expected


def test_one_unit_has_the_sets_of_part_one():
    w, h = 1.8, 0.15
    grid = phase_space.Grid((np.linspace(-4, 4, 801),))
    basin, gamma = phase_space.portrait([[w]], grid, h)
    upper = len(basin.attractors) - 1
    a = grid.axes[0]
    assert np.array_equal(basin.labels == upper, a > neuron.basin(w, h).lower)
    assert np.array_equal(gamma.labels == upper, a > neuron.reduced_attracting_set(w, h).lower)


@given(seeds)
@settings(max_examples=20)
def test_what_a_trap_promises(seed):
    rng = np.random.default_rng(seed)
    W = random_weights(seed, int(rng.integers(1, 4)))
    for cycle in phase_space.attractors(W, starts=32, steps=500):
        trap = phase_space.trap(W, cycle)
        if trap is None:
            continue
        assert trap.rate < 1
        L = np.linalg.cholesky(trap.forms)
        for i in range(cycle.period):
            j = (i + 1) % cycle.period
            v = rng.normal(size=(len(W), 200))
            v *= trap.radius * rng.random(200) / np.linalg.norm(L[i].T @ v, axis=0)
            # The derivative, which meets the worst direction that a sample of points misses.
            for a in (cycle.points[i][:, np.newaxis] + v).T[:20]:
                product = L[j].T @ maps.jacobian(W, a) @ np.linalg.inv(L[i].T)
                assert np.linalg.norm(product, 2) <= trap.rate * (1 + 1e-9)
            image = maps.step(W, cycle.points[i][:, np.newaxis] + v, 0.0)
            before = np.linalg.norm(L[i].T @ v, axis=0)
            after = np.linalg.norm(L[j].T @ (image - cycle.points[j][:, np.newaxis]), axis=0)
            assert (after <= trap.rate * before * (1 + 1e-9) + 1e-9).all()


def test_in_a_trap_it_is_known_how_far_products_may_grow_again():
    # Of the point of the attractor at the origin: as the norm of its trap is another one than the
    # 2-norm, a product of Jacobians in it may be larger than its factors.
    origin = next(c for c in phase_space.attractors(NON_NORMAL) if abs(c.points).max() < 1e-9)
    trap = phase_space.trap(NON_NORMAL, origin)
    growth = trap.condition * trap.rate
    assert growth > 2.5
    label, slack = phase_space._trapped([(4, trap)], np.array([[0.0, 9.0], [0.0, 9.0]]))
    assert label.tolist() == [4, phase_space.UNRESOLVED]
    assert slack == pytest.approx([growth**2, math.inf])


def test_a_non_normal_attractor_has_a_trap_in_another_norm():
    for cycle in phase_space.attractors(NON_NORMAL):
        trap = phase_space.trap(NON_NORMAL, cycle)
        J = maps.jacobian(NON_NORMAL, cycle.points[0])
        root = np.linalg.cholesky(trap.forms[0]).T
        at_centre = np.linalg.norm(root @ J @ np.linalg.inv(root), 2)
        assert at_centre <= trap.rate < 1 and trap.radius > 0.05
        assert maps.norm(J) < 1 or trap.condition > 1.5


def test_what_the_budget_does_not_settle_is_unresolved():
    grid = phase_space.Grid.cube(3.0, 20)
    basin, gamma = phase_space.portrait(FLIP_FLOP, grid, steps=1)
    assert basin.share(phase_space.UNRESOLVED) > 0.1
    # A point may be known to be in no Gamma before its basin is known, but not to be in one.
    waiting = gamma.labels[basin.labels == phase_space.UNRESOLVED]
    assert (waiting < 0).all() and (waiting == phase_space.OUTSIDE).any()
    longer = phase_space.portrait(FLIP_FLOP, grid, steps=300)
    for short, long_ in zip((basin, gamma), longer, strict=True):
        kept = short.labels != phase_space.UNRESOLVED
        assert np.array_equal(short.labels[kept], long_.labels[kept])
    # On the border for ever, and in the basin of an attractor that is not in the list.
    on_border, _ = phase_space.label_states(FLIP_FLOP, [[0.0, 1.0], [1.0, 1.0]])
    assert on_border.tolist()[0] == phase_space.UNRESOLVED and on_border[1] >= 0
    alone = phase_space.attractors(FLIP_FLOP)[:1]
    other, _ = phase_space.label_states(FLIP_FLOP, [1.0, 1.0], attractors=alone)
    assert other.tolist() == [phase_space.UNRESOLVED]


def test_a_chaotic_network_is_unresolved():
    labels, _ = phase_space.label_states(CHAOTIC, np.random.default_rng(0).normal(size=(2, 50)))
    assert (labels == phase_space.UNRESOLVED).all()


def test_attractors_that_are_given_are_those_that_are_labelled():
    grid = phase_space.Grid((np.linspace(-3, 3, 7), np.linspace(-3, 3, 7)))
    found = phase_space.attractors(FLIP_FLOP)
    usual = phase_space.reduced_attracting_set(FLIP_FLOP, grid)
    turned = phase_space.reduced_attracting_set(FLIP_FLOP, grid, attractors=found[::-1])
    inside = usual.labels >= 0
    assert inside.any() and np.array_equal(inside, turned.labels >= 0)
    assert np.array_equal(turned.labels[inside], len(found) - 1 - usual.labels[inside])


def test_labels_belong_to_their_grid_point():
    grid = phase_space.Grid((np.array([-1.0, 1.0]), np.array([-2.0, 0.5, 3.0])))
    result = phase_space.basin(FLIP_FLOP, grid)
    assert result.labels.shape == (2, 3)
    for i, x in enumerate(grid.axes[0]):
        for j, y in enumerate(grid.axes[1]):
            point = result.attractors[result.labels[i, j]].points[0]
            assert np.array_equal(np.sign(point), np.sign([x, y]))


def test_blocks_do_not_change_labels():
    rng = np.random.default_rng(4)
    a = rng.normal(0, 3, (2, 20_000))
    whole = phase_space.label_states(NON_NORMAL, a)
    alone = phase_space.label_states(NON_NORMAL, a[:, 19_990:])
    for x, y in zip(whole, alone, strict=True):
        assert np.array_equal(x[19_990:], y)


test_misuse_names_the_argument = refused(
    ("number of trials of W", lambda: phase_space.attractors(np.ones((2, 2, 3)))),
    ("box", lambda: phase_space.fixed_points(np.eye(2), box=[[0.0, 1.0]])),
    ("box", lambda: phase_space.fixed_points([[2.0]], box=[[1.0, 0.0]])),
    ("period", lambda: phase_space.cycles([[2.0]], 0)),
    ("axes", lambda: phase_space.Grid((np.array([0.0]),))),
    ("axes", lambda: phase_space.Grid((np.array([0.0, 0.0]),))),
    ("points", lambda: phase_space.Grid.cube(1.0, 1)),
    ("half_width", lambda: phase_space.Grid.cube(0.0, 9)),
    ("axes", lambda: phase_space.Grid(())),
    ("number of axes of grid", lambda: phase_space.basin([[2.0]], phase_space.Grid.cube(1.0, 3))),
    ("attractors", lambda: phase_space.basin([[2.0]], phase_space.Grid.cube(1.0, 3, 1),
        attractors=tuple(phase_space.fixed_points([[2.0]])))),
    ("steps", lambda: phase_space.label_states([[2.0]], [1.0], steps=0)),
    ("path", lambda: phase_space.tangent_growth(
        np.eye(2), np.zeros((3, 3, 1)), rng=np.random.default_rng(0))),
)  # fmt: skip


# --- what small changes to the module showed to be unasserted


def test_cycles_are_found_beside_fixed_points():
    # Whatever unit 1 holds, unit 2 goes to and fro; or it rests at 0.
    found = phase_space.cycles([[2.0, 0.0], [0.0, -2.0]], 2)
    top = neuron.attractor_pair(2.0)[1].a
    firsts = np.array([cycle.points[0] for cycle in found])
    assert firsts == pytest.approx(np.array([[x, -top] for x in (-top, 0, top)]), abs=1e-9)


def test_the_exponent_is_the_mean_over_the_steps_that_are_kept():
    for steps, discard in ((1, 0), (7, 0), (7, 5)):
        exponent = phase_space.largest_lyapunov_exponent(
            NON_NORMAL, [1.0, -2.0], steps, rng=np.random.default_rng(3), discard=discard
        )
        path = maps.orbit(NON_NORMAL, [1.0, -2.0], steps + discard)
        growth = phase_space.tangent_growth(NON_NORMAL, path, rng=np.random.default_rng(3))
        assert exponent == pytest.approx(growth[discard:].mean(axis=0), rel=1e-12, abs=0.0)


@pytest.mark.parametrize(
    ("shift", "kind"),
    [([0.0, 2e-5], "unresolved"), ([0.0, -2e-5], "unresolved"), ([0.0, 5e-6], "fixed point")],
)
def test_a_cycle_that_newton_finds_elsewhere_is_not_the_one_returned_to(monkeypatch, shift, kind):
    at_rest = neuron.attractor_pair(2.0)[1].a * np.ones(2)
    elsewhere = phase_space.Cycle((at_rest + shift)[np.newaxis], np.zeros(2, dtype=complex))
    monkeypatch.setattr(phase_space, "_distinct", lambda *args: (elsewhere,))
    found = phase_space.classify(FLIP_FLOP, at_rest, 200, rng=np.random.default_rng(0))
    assert found.kind[0] == kind


def test_chaos_is_an_exponent_above_three_standard_errors_and_above_a_thousandth(monkeypatch):
    # Ten stretches at m + d and m - d in turn: three standard errors are d.
    signs = np.repeat(np.tile([1.0, -1.0], 5), 2)[:, np.newaxis]
    m = np.array([0.202, 0.198, 0.0011, 0.0009])
    d = np.array([0.2, 0.2, 0.0, 0.0])
    growth = np.concatenate([np.full((20, 4), 9.0), m + d * signs])  # the first half is left out
    monkeypatch.setattr(phase_space, "tangent_growth", lambda M, path, u, rng: growth)
    a0 = np.random.default_rng(2).normal(size=(2, 4))
    found = phase_space.classify(CHAOTIC, a0, 40, rng=np.random.default_rng(0))
    assert found.exponent == pytest.approx(m, rel=1e-12, abs=0.0)
    assert found.kind.tolist() == ["chaotic", "unresolved", "chaotic", "unresolved"]


def test_the_roots_of_a_trap_measure_its_norm():
    forms = np.array([[[2.0, 0.5], [0.5, 1.0]]])
    trap = phase_space.Trap(np.array([[1.0, -1.0]]), forms, 0.25, 0.5, 2.0)
    assert trap.roots[0].T @ trap.roots[0] == pytest.approx(forms[0] / 0.25**2, rel=1e-12)
    assert trap.centres[0, :, 0] == pytest.approx(trap.roots[0] @ [1.0, -1.0], rel=1e-12)


def trap_in(W, x, forms):
    return phase_space._trap_in(as_map(W), np.zeros((len(W), 1)), x, forms)


def some_steps(kind):
    """Return derivatives along a cycle whose turn has the spectral radius 0.8."""
    if kind == "quarter turn":
        return np.array([[[0.0, -0.8], [0.8, 0.0]]])
    if kind == "diagonal":
        return np.array([[[0.8, 0.0], [0.0, 0.4]]])
    rng = np.random.default_rng(kind)
    A = rng.normal(0, 0.5, (kind, 2, 2))
    turn = np.eye(2)
    for step in A:
        turn = step @ turn
    A[0] *= 0.8 / float(maps.spectral_radius(turn))
    return A


@pytest.mark.parametrize("kind", [1, 2, 3, "quarter turn", "diagonal"])
def test_the_forms_of_a_cycle_solve_their_equation(kind):
    A = some_steps(kind)
    own = 0.8 ** (1 / len(A))
    for share in (0.1, 0.5, 0.9):
        s = own + share * (1 - own)
        S = phase_space._lyapunov_forms(A, 0.8, share)
        for i in range(len(A)):
            right = np.eye(2) + A[i].T @ S[(i + 1) % len(A)] @ A[i] / s**2
            assert S[i] == pytest.approx(right, rel=1e-9)


def test_forms_beyond_all_floats_make_no_trap():
    huge = np.array([[0.0, 1e160], [0.0, 0.0]])
    for A in (huge[np.newaxis], np.array([0.5 * np.eye(2), huge])):
        forms = phase_space._lyapunov_forms(A, 0.0, 0.5)
        assert not np.isfinite(forms).all()
        assert trap_in(np.eye(2), np.zeros((len(A), 2)), forms) is None


@pytest.mark.parametrize("steps", [1, 4])
def test_the_budget_of_a_portrait_is_that_of_its_halves(steps):
    W, grid = 1.05 * np.eye(2), phase_space.Grid.cube(3.0, 12)
    basin, gamma = phase_space.portrait(W, grid, steps=steps)
    assert basin.labels.dtype == gamma.labels.dtype == np.int16
    alone = phase_space.basin(W, grid, steps=steps)
    assert np.array_equal(alone.labels, basin.labels)
    alone = phase_space.reduced_attracting_set(W, grid, steps=steps)
    assert np.array_equal(alone.labels, gamma.labels)
    # With more steps, more is known of both.
    for short, long_ in zip((basin, gamma), phase_space.portrait(W, grid), strict=True):
        assert short.share(phase_space.UNRESOLVED) > long_.share(phase_space.UNRESOLVED)


def test_on_the_border_of_a_trap_is_not_inside():
    trap = phase_space.Trap(np.zeros((1, 2)), np.eye(2)[np.newaxis], 1.0, 0.5, 1.0)
    states = np.array([[1.0, 0.0, np.nextafter(1.0, 0.0)], [0.0, -1.0, 0.0]])
    assert phase_space._trapped([(3, trap)], states)[0].tolist() == [-1, -1, 3]


SIZES = [  # rows; whether the norm is below 1; whether the spectral radius is
    ([[0.5, 0.0], [0.0, 0.5]], True, True),
    ([[-0.5, 0.0], [0.0, -0.75]], True, True),
    ([[0.0, 3.0], [0.0, 0.5]], False, True),
    ([[1.0, 0.0], [0.0, 0.5]], False, False),
    ([[-1.0, 0.0], [0.0, 0.5]], False, False),
    ([[-1.5, 0.0], [0.0, 0.5]], False, False),
    ([[-1.5, 0.0], [0.0, -1.25]], False, False),
    ([[0.0, -1.0], [1.0, 0.0]], False, False),
    ([[0.0, -1.25], [1.25, 0.0]], False, False),
]


@pytest.mark.parametrize("units", [2, 3])
def test_what_is_below_one(units):
    J = np.zeros((units, units, len(SIZES)))
    for k, (rows, _, _) in enumerate(SIZES):
        J[:2, :2, k] = rows
    for column, reading in enumerate(phase_space.READINGS, 1):
        assert phase_space._below_one(J, reading).tolist() == [size[column] for size in SIZES]


def plain_rate(W, trap):
    """Return the bound of a trap, from slopes sampled densely over the boxes of its balls."""
    rates = []
    period = len(trap.points)
    for i in range(period):
        L, after = (np.linalg.cholesky(trap.forms[k % period]) for k in (i, i + 1))
        half = trap.radius * np.sqrt(np.diag(np.linalg.inv(trap.forms[i])))
        ends = []
        for x, h in zip(trap.points[i], half, strict=True):
            states = np.append(np.linspace(x - h, x + h, 1001), np.clip(0, x - h, x + h))
            slopes = maps.slope(states)
            ends.append((slopes.min(), slopes.max()))
        for corner in itertools.product(*ends):
            product = after.T @ W @ np.diag(corner) @ np.linalg.inv(L.T)
            rates.append(np.linalg.norm(product, 2))
    return max(rates)


#: A cycle of three, and one of two: its points differ, and so do the forms round them.
THREE = np.array([[0.3, -2.4], [2.7, -2.8]]), 0.0
TWO = np.array([[-1.5, 0.8], [0.3, -1.2]]), np.array([0.3, -0.5])


@pytest.mark.parametrize(("W", "u"), [THREE, TWO])
@pytest.mark.parametrize("share", [None, 0.1, 0.5, 0.9])
def test_the_rate_of_a_trap_is_the_greatest_over_its_balls(W, u, share):
    cycle = next(c for p in (3, 2) for c in phase_space.cycles(W, p, u) if c.stable)
    A = W * maps.slope(cycle.points)[:, np.newaxis, :]
    forms = np.broadcast_to(np.eye(2), A.shape)
    if share:
        forms = phase_space._lyapunov_forms(A, cycle.spectral_radius, share)
        assert not np.allclose(forms[0], forms[-1], rtol=0.05)
    trap = trap_in(W, cycle.points, forms)
    if share is None:
        widest = np.linalg.norm(A, 2, axis=(1, 2)).max()
        assert (trap is None) == (widest >= 1)  # where a step expands
    else:
        assert trap
    if trap:
        assert 0.99 < trap.rate < 1 and trap.rate == pytest.approx(plain_rate(W, trap), rel=1e-9)
        sizes = [np.linalg.norm(np.linalg.cholesky(form), 2) ** 2 for form in trap.forms]
        least = [1 / np.linalg.norm(np.linalg.inv(form), 2) for form in trap.forms]
        assert trap.condition == pytest.approx(math.sqrt(max(sizes) / min(least)), rel=1e-9)


@pytest.mark.parametrize("size", [1.0, 1.5])
def test_where_a_step_does_not_contract_there_is_no_trap(size):
    assert trap_in(np.array([[0.0, size], [0.0, 0.0]]), np.zeros((1, 2)), UNIT) is None


def test_a_trap_is_as_wide_as_a_rate_just_below_one_allows():
    top = neuron.attractor_pair(2.0)[1].a
    trap = trap_in(FLIP_FLOP, np.full((1, 2), top), UNIT)
    assert 0.9985 < trap.rate <= 0.999
    # Where the rate at the centre is above that, half of what is left to 1; and there no end.
    slow = trap_in(np.diag([0.9995, 0.9995]), np.zeros((1, 2)), UNIT)
    assert slow.rate == 0.9995 and slow.radius > 500


def test_a_trap_may_be_tiny():
    # A hair beyond a* the slope is a hair below 1, and at a* it is 1.
    place = neuron.a_star(2.0) + 1e-9
    trap = trap_in(FLIP_FLOP, np.full((1, 2), place), UNIT)
    assert 1e-10 < trap.radius < 1e-9 and trap.rate < 1
    # Too tiny to be found.
    at_edge = np.full((1, 2), neuron.a_star(2.0) + 1e-13)
    assert maps.norm(FLIP_FLOP * maps.slope(at_edge)) < 1
    assert trap_in(FLIP_FLOP, at_edge, UNIT) is None


def test_starts_are_spread_by_powers_of_the_golden_and_the_plastic_number():
    golden, plastic = (1 + math.sqrt(5)) / 2, 1.324717957244746
    assert plastic**3 == pytest.approx(plastic + 1, rel=1e-15)
    for strides in ([1 / golden], [1 / plastic, 1 / plastic**2]):
        lower, upper = np.full((2, len(strides)), [[-1.0], [3.0]])
        found = phase_space._spread(lower, upper, 50)
        share = (0.5 + np.outer(strides, np.arange(50))) % 1.0
        assert found == pytest.approx(-1.0 + 4.0 * share, abs=1e-12)
        assert (found[:, 0] == 1.0).all()  # the centre first


def test_a_cycle_counts_that_has_one_of_its_points_in_the_box():
    assert len(phase_space.cycles([[-2.0]], 2, box=[[0.0, 3.0]])) == 1
    assert phase_space.cycles([[-2.0]], 2, box=[[2.5, 3.0]]) == ()


def test_the_border_of_a_box_is_as_sharp_as_floats_of_its_size():
    # The upper fixed point is 1000 to the last bit.
    for gap, count in ((5e-7, 1), (5e-6, 0)):
        box = [[500.0, 1000.0 - gap]]
        assert len(phase_space.fixed_points([[1000.0]], box=box)) == count


def test_to_return_is_to_be_as_near_as_the_size_of_a_state_allows():
    nowhere = as_map(np.zeros((2, 2)))
    for size in (1000.0, -1000.0):
        u = np.array([[size], [0.0]])
        a = u + np.array([[9e-6, 1.1e-5], [0.0, 0.0]])
        assert phase_space._least_period(nowhere, u, a, 4).tolist() == [1, 0]
    # Each is measured by its own size, whatever the others do: 2e-8 doubles, and is not at rest.
    top = neuron.attractor_pair(2.0)[1].a
    a = np.array([[top, 2e-8]])
    assert phase_space._least_period(as_map(2.0), np.zeros((1, 1)), a, 1).tolist() == [1, 0]


def test_as_many_are_known_to_be_outside_as_are_not():
    # After four steps 3 has not come to the trap, nor has 0.01, which is known to be outside.
    basin, gamma = phase_space.label_states([[1.05]], [[3.0, 0.01]])
    assert basin.tolist() == [1, 1] and gamma.tolist() == [1, phase_space.OUTSIDE]


def test_the_slow_direction_of_a_cycle_is_that_of_its_own_turn():
    # With a constant input, the map without it would lead away from the cycle.
    W, u = np.array([[-1.7, 0.4], [-1.8, 1.8]]), np.array([1.2, 0.2])
    for cycle in phase_space.cycles(W, 2, u):
        if not cycle.stable:
            continue
        A = W * maps.slope(cycle.points)[:, np.newaxis, :]
        values, vectors = np.linalg.eig(A[1] @ A[0])
        slow = vectors[:, np.argmax(np.abs(values))]
        forms = [np.broadcast_to(np.eye(2), A.shape)] + [
            phase_space._lyapunov_forms(A, cycle.spectral_radius, share)
            for share in (0.1, 0.5, 0.9)
        ]
        reaches = [
            trap.radius / math.sqrt(np.real(slow.conj() @ trap.forms[0] @ slow))
            for form in (*forms, phase_space.trap(W, cycle).forms)
            if (trap := trap_in(W, cycle.points, form))
        ]
        assert reaches[-1] == pytest.approx(max(reaches), rel=1e-12)


def test_the_last_step_of_newton_is_taken():
    top = neuron.attractor_pair(2.0)[1].a
    start = top + np.array([[2e-11]])  # where the residual is small already
    found = phase_space._newton(as_map(2.0), np.zeros((1, 1)), start, 1, np.array([[-2.0, 2.0]]))
    assert found == pytest.approx(top, rel=1e-15)


def test_a_cycle_begins_at_its_least_point_wherever_it_is_met():
    W, u = THREE
    u = np.full((2, 1), u)
    cycle = next(c for c in phase_space.cycles(W, 3) if c.stable)
    assert np.argmin(cycle.points[:, 0]) == 0
    for point in cycle.points:
        (met,) = phase_space._distinct(as_map(W), u, point[:, np.newaxis], 3)
        assert met.points == pytest.approx(cycle.points, abs=1e-7)
        assert maps.step(W, met.points[0]) == pytest.approx(met.points[1], abs=1e-7)


def test_a_multiplier_on_the_circle_is_not_stable():
    for value, stable in ((1.0, False), (np.nextafter(1.0, 0.0), True), (-1.0, False)):
        cycle = phase_space.Cycle(np.zeros((1, 1)), np.array([value], dtype=complex))
        assert cycle.stable is stable
