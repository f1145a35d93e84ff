"""Fixed points, thresholds, basins, reduced attracting sets and times of one neuron."""

import math
from types import SimpleNamespace

import mpmath
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from latchlib import maps, neuron
from latchlib.formulas import formula

slope = formula("slope")

WEIGHTS = [1.01, 1.1, 1.25, 2.0, 4.0, 30.0]

weights = st.floats(1.001, 60.0)
#: A constant input as a share of h*(w).
shares = st.floats(-0.999, 0.999)


def threshold(w):
    """Return max over a > 0 of w tanh a - a, by ternary search, in plain floats.

    For 0 < h there is a fixed point below 0 as long as h is less than this: it is the saddle-node
    threshold, found without its closed form and without a*.
    """
    low, high = 0.0, w
    for _ in range(200):
        third = (high - low) / 3
        left, right = low + third, high - third
        if w * math.tanh(left) - left < w * math.tanh(right) - right:
            low = left
        else:
            high = right
    return w * math.tanh(low) - low


@pytest.mark.parametrize("w", WEIGHTS)
def test_h_star_is_the_saddle_node_threshold(w):
    assert neuron.h_star(w) == pytest.approx(threshold(w), rel=1e-10, abs=1e-13)


@pytest.mark.parametrize("w", WEIGHTS)
def test_h_star_is_where_the_number_of_fixed_points_changes(w):
    low, high = 0.0, w
    assert len(neuron.fixed_points(w, low)) == 3
    assert len(neuron.fixed_points(w, high)) == 1
    for _ in range(60):
        middle = 0.5 * (low + high)
        if len(neuron.fixed_points(w, middle)) == 3:
            low = middle
        else:
            high = middle
    assert neuron.h_star(w) == pytest.approx(low, rel=1e-9, abs=1e-13)


@pytest.mark.parametrize(
    "w, expected", [(1.1, 0.020481), (1.25, 0.077805), (2, 0.532840), (4, 2.147144)]
)
def test_h_star_at_tabulated_weights(w, expected):
    assert neuron.h_star(w) == pytest.approx(expected, abs=5e-7)


def test_h_star_in_the_units_of_lin_et_al():
    # They print 0.155 for w = 1.25 and f = tanh(a/2), whose net input is twice ours.
    assert 2 * neuron.h_star(1.25) == pytest.approx(0.155, abs=7e-4)


@pytest.mark.parametrize("w", WEIGHTS[1:])
def test_derivative_of_h_star_is_tanh_a_star(w):
    eps = 1e-6 * w
    slope = (neuron.h_star(w + eps) - neuron.h_star(w - eps)) / (2 * eps)
    assert slope == pytest.approx(math.sqrt((w - 1) / w), rel=1e-7)
    assert slope == pytest.approx(math.tanh(neuron.a_star(w)), rel=1e-7)


@pytest.mark.parametrize("w", WEIGHTS)
def test_h_star_is_the_area_between_one_and_the_slope(w):
    # h* = integral of 1 - M' from a* to a+, here by Simpson's rule.
    a = np.linspace(neuron.a_star(w), neuron.attractor_pair(w)[1].a, 20001)
    f = 1 - w / np.cosh(a) ** 2
    area = (a[1] - a[0]) / 3 * (f[0] + f[-1] + 4 * f[1:-1:2].sum() + 2 * f[2:-1:2].sum())
    assert neuron.h_star(w) == pytest.approx(area, rel=1e-8)


@given(weights)
def test_slope_is_one_at_a_star(w):
    a = neuron.a_star(w)
    assert slope(a, w) == pytest.approx(1.0, abs=1e-12 * w)
    assert slope(0.999 * a, w) > 1 > slope(1.001 * a, w)


# --- digits, from the least weight above 1 to the largest ---------------------------------

NEXT = math.nextafter(1.0, 2.0)
#: w - 1 from 1e-15 to 1e300: near 1, moderate, where the slope at the attractor underflows, huge.
every_weight = st.one_of(
    *(st.floats(low, high).map(lambda e: 1.0 + 10.0**e) for low, high in ((-15, 2), (2, 300))),
    st.floats(300.0, 380.0),
)


def within(got, wanted, tolerance=1e-12):
    """Say whether `got` is near, relative to `wanted`; beyond the normal numbers, to them."""
    wanted = mpmath.mpf(wanted)
    return abs(mpmath.mpf(got) - wanted) <= tolerance * max(abs(wanted), mpmath.mpf(2) ** -1022)


def exact_upper(w):
    """Return the positive fixed point of w tanh a, by Newton's method from above, 60 digits."""
    if w > 400:
        return mpmath.mpf(w)  # up to exp(-800)
    a = min(mpmath.mpf(w), 2 * mpmath.sqrt(3 * (mpmath.mpf(w) - 1)))
    while True:
        move = (w * mpmath.tanh(a) - a) / (1 - w * mpmath.sech(a) ** 2)
        if abs(move) < a * mpmath.mpf(10) ** -25:
            return a + move
        a += move


@given(every_weight)
@example(NEXT)
@example(math.nextafter(33 / 32, 0.0))
@example(33 / 32)
def test_the_threshold_and_the_fold_keep_their_digits(w):
    with mpmath.workdps(60):
        x = mpmath.mpf(w)
        edge = mpmath.acosh(mpmath.sqrt(x))
        assert within(neuron.a_star(w), edge, 1e-15)
        assert within(neuron.h_star(w), mpmath.sqrt(x * (x - 1)) - edge, 1e-14)


@given(every_weight)
@example(NEXT)
@example(356.0)  # sech^2 is no normal number any more, w sech^2 is
def test_the_attractors_without_input_keep_their_digits(w):
    lower, upper = neuron.attractor_pair(w)
    with mpmath.workdps(60):
        x, a = mpmath.mpf(w), exact_upper(w)
        assert lower.a == -upper.a and within(upper.a, a, 1e-14)
        assert lower.slope == upper.slope and lower.stable and upper.stable
        assert within(upper.slope, x * mpmath.sech(a) ** 2)
        # log cosh a, which overflows
        log_slope = mpmath.log(4 * x) - 2 * a - 2 * mpmath.log1p(mpmath.exp(-2 * a))
        assert within(neuron.half_life(w), mpmath.log(2) / -log_slope, 1e-13)


def test_of_the_least_weight_above_one_there_are_two_attractors():
    lower, upper = neuron.attractor_pair(NEXT)
    assert lower.a < 0.0 < upper.a and upper.a == pytest.approx(2.5809568e-8, rel=1e-7)
    assert upper.slope == 1 - 2 * (NEXT - 1)


@given(every_weight.filter(lambda w: w < 1e12), st.sampled_from([-1, 1]))
@example(NEXT, 1)
def test_fixed_points_merge_at_the_threshold_whatever_the_weight(w, side):
    limit = neuron.h_star(w)
    assert len(neuron.fixed_points(w, side * limit * (1 - 1e-12))) == 3
    assert len(neuron.fixed_points(w, side * limit * (1 + 1e-12))) == 1


# --- fixed points ------------------------------------------------------------------------


@given(weights, shares)
def test_three_fixed_points_within_the_margin(w, share):
    h = share * neuron.h_star(w)
    lower, middle, upper = neuron.fixed_points(w, h)
    edge = neuron.a_star(w)
    assert lower.a < -edge < middle.a < edge < upper.a
    assert lower.stable and upper.stable and not middle.stable
    for point in (lower, middle, upper):
        # g has slope M' - 1, and `a` is right to one unit in the last place.
        slack = 4 * np.spacing(abs(point.a) + w + abs(h)) * max(1.0, w)
        assert abs(w * math.tanh(point.a) + h - point.a) <= slack
        assert point.slope == pytest.approx(w / math.cosh(point.a) ** 2, abs=1e-14 * w)


@given(st.floats(0.01, 60.0), st.floats(-5.0, 5.0))
def test_fixed_points_mirror_with_the_input(w, h):
    points = [p.a for p in neuron.fixed_points(w, h)]
    mirrored = [-p.a for p in neuron.fixed_points(w, -h)]
    assert points == mirrored[::-1]
    assert points == sorted(points)


@given(weights, st.floats(1.001, 20.0), st.booleans())
def test_one_fixed_point_beyond_the_margin(w, factor, down):
    h = factor * neuron.h_star(w) * (-1 if down else 1)
    (point,) = neuron.fixed_points(w, h)
    assert point.stable
    assert abs(point.a) > neuron.a_star(w) and point.a * h > 0


@given(st.floats(1e-6, 1.0), st.floats(-3.0, 3.0))
def test_one_fixed_point_when_w_is_at_most_one(w, h):
    (point,) = neuron.fixed_points(w, h)
    # At w = 1 the residual is flat like a^3 round the root; it still vanishes to rounding.
    assert abs(w * math.tanh(point.a) + h - point.a) <= 1e-15 * max(1.0, abs(point.a))
    assert (point.a == 0) == (h == 0) and point.a * h >= 0


def test_at_w_of_one_the_origin_attracts_but_not_hyperbolically():
    (point,) = neuron.fixed_points(1.0)
    assert (point.a, point.slope, point.stable) == (0.0, 1.0, False)
    assert neuron.fixed_points(0.5)[0].stable


@pytest.mark.parametrize("w", WEIGHTS)
def test_two_points_meet_as_h_rises_to_h_star(w):
    edge, limit = neuron.a_star(w), neuron.h_star(w)
    gaps = []
    for rest in (1e-2, 1e-4, 1e-6):
        lower, middle, _ = neuron.fixed_points(w, limit * (1 - rest))
        gaps.append(middle.a - lower.a)
        # Saddle-node: both lie sqrt((h* - h) / tanh a*) from -a*, to leading order.
        if rest == 1e-6:
            expected = math.sqrt(limit * rest / math.tanh(edge))
            assert (middle.a + edge, -edge - lower.a) == pytest.approx((expected,) * 2, rel=2e-2)
            assert (middle.slope - 1, 1 - lower.slope) == pytest.approx(
                (2 * math.tanh(edge) * expected,) * 2, rel=2e-2
            )
    assert gaps[0] > gaps[1] > gaps[2] > 0
    assert len(neuron.fixed_points(w, limit * (1 + 1e-6))) == 1


@pytest.mark.parametrize("excess", [1e-6, 1e-9, 1e-12])
def test_a_tiny_margin(excess):
    w = 1 + excess
    excess = w - 1  # as rounded
    lower, middle, upper = neuron.fixed_points(w)
    root = math.sqrt(3 * excess)
    assert (lower.a, middle.a, upper.a) == pytest.approx(
        (-root, 0.0, root), rel=excess + 1e-14, abs=1e-18
    )
    assert upper.slope == pytest.approx(1 - 2 * excess, abs=3 * excess**2 + 4e-16)
    assert neuron.a_star(w) == pytest.approx(math.sqrt(excess), rel=excess + 1e-14)
    assert neuron.reduced_attracting_set(w).lower == neuron.a_star(w)
    assert neuron.basin(w).lower == 0.0
    # Its two terms, both about sqrt(excess), cancel to excess^(3/2).
    assert neuron.h_star(w) == pytest.approx(2 / 3 * excess**1.5, rel=2 * excess + 1e-14)


@pytest.mark.parametrize("w", [1e3, 1e8, 2.0**53, 1e16, 1e200, 1e308])
@pytest.mark.parametrize("share", [0.0, 0.5, -0.5])
def test_large_weights(w, share):
    h = share * w
    points = neuron.fixed_points(w, h)
    assert [p.a for p in points][::2] == pytest.approx([h - w, h + w], rel=1e-14)
    assert points[1].a == pytest.approx(-math.atanh(share), abs=20 / w + 1e-15)
    assert [p.stable for p in points] == [True, False, True]


# --- basin and reduced attracting set ----------------------------------------------------


def settle(w, h, a, steps=2000):
    inputs = np.full((steps, 1, len(a)), h)
    return maps.rollout(w, inputs, a[np.newaxis])[-1, 0]


@given(st.floats(1.05, 20.0), st.floats(-0.95, 0.95), st.integers(0, 2**32))
def test_the_basin_is_what_goes_to_the_attractor(w, share, seed):
    h = share * neuron.h_star(w)
    lower, middle, upper = neuron.fixed_points(w, h)
    edge = neuron.basin(w, h).lower
    assert edge == middle.a
    away = np.random.default_rng(seed).exponential(1.0, 20) + 1e-3
    assert settle(w, h, edge + away) == pytest.approx(upper.a, abs=1e-9)
    assert settle(w, h, edge - away) == pytest.approx(lower.a, abs=1e-9)


@given(weights, shares, st.integers(0, 2**32))
def test_attractor_lies_in_reduced_set_lies_in_basin(w, share, seed):
    h = share * neuron.h_star(w)
    upper = neuron.fixed_points(w, h)[-1]
    reduced, basin = neuron.reduced_attracting_set(w, h), neuron.basin(w, h)
    assert upper.a in reduced and upper.a in basin
    assert basin.lower < reduced.lower  # strictly smaller
    for y in reduced.lower + np.random.default_rng(seed).exponential(2.0, 20):
        assert y in reduced and y in basin
    between = 0.5 * (basin.lower + reduced.lower)
    assert between in basin and between not in reduced
    assert reduced.lower not in reduced and basin.lower not in basin


@given(weights, shares, st.integers(0, 2**32))
def test_every_product_of_slopes_from_the_reduced_set_is_below_one(w, share, seed):
    h = share * neuron.h_star(w)
    edge = neuron.reduced_attracting_set(w, h).lower
    near = edge * (1 + np.array([1e-6, 1e-3]))
    start = np.append(near, edge + np.random.default_rng(seed).exponential(2.0, 20))
    a = maps.rollout(w, np.full((200, 1, len(start)), h), start[np.newaxis])
    products = np.cumprod(slope(a, w), axis=0)
    assert (products < 1).all()
    # Just below, the very first factor is above 1 (l = 1).
    assert slope(edge * (1 - 1e-6), w) > 1


@pytest.mark.parametrize("w", WEIGHTS)
def test_within_rounding_of_the_threshold_the_sets_are_given_or_refused(w):
    h = neuron.h_star(w)
    for _ in range(20):
        for call in (neuron.basin, neuron.reduced_attracting_set):
            try:
                assert call(w, h).lower <= neuron.a_star(w)
            except ValueError as error:
                assert "both attractors exist" in str(error)
        h = math.nextafter(h, 0.0)
    assert neuron.basin(w, h * (1 - 1e-6)).lower < 0


# --- what small changes to the module showed to be unasserted


@pytest.mark.parametrize(
    "slope, stable", [(-2.0, False), (-0.5, True), (1.0, False), (-1.0, False)]
)
def test_stable_asks_for_the_size_of_the_slope(slope, stable):
    assert neuron.FixedPoint(0.0, slope).stable is stable


@pytest.mark.parametrize("side", [-1, 1])
def test_at_the_threshold_itself_rounding_does_not_decide(side):
    weights = np.linspace(1.01, 9.0, 400)
    three = 0
    for w in weights:
        h = side * neuron.h_star(w)
        three += len(neuron.fixed_points(w, h)) == 3
        with pytest.raises(ValueError, match="both attractors exist"):
            neuron.basin(w, h)
    assert three > 50, "nowhere did rounding leave the roots that have merged"


@pytest.mark.parametrize("side", [-1, 1])
def test_where_the_map_touches_the_diagonal_to_the_last_bit_the_double_root_is_left_out(side):
    gap, touched = formula("gap").scalar, 0
    for w in np.linspace(1.01, 9.0, 400).tolist():
        edge, h = neuron.a_star(w), neuron.h_star(w)
        if gap(-edge, w, h) == 0.0:
            touched += 1
            (left,) = neuron.fixed_points(w, side * h)
            assert side * left.a > edge
    assert touched > 100


# --- transit time -------------------------------------------------------------------------


def brute_force(w, h, limit=10**6):
    top = neuron.attractor_pair(w)[1].a
    a, t = -top, 0
    while a <= top:
        a, t = w * math.tanh(a) + h, t + 1
        assert t < limit
    return t


@given(st.floats(1.01, 20.0), st.lists(st.floats(1.01, 30.0), min_size=1, max_size=6))
def test_transit_time_equals_brute_force(w, factors):
    h = np.array(factors) * neuron.h_star(w)
    expected = [brute_force(w, x) for x in h]
    assert neuron.transit_time(w, h).tolist() == expected


@pytest.mark.parametrize("w", [1.1, 1.25, 2.0, 4.0])
def test_transit_time_never_ends_at_or_below_the_threshold(w):
    limit = neuron.h_star(w)
    h = np.array([1e-9, 0.5, 0.999, 1.0]) * limit
    assert (neuron.transit_time(w, h, max_steps=3000) == neuron.NOT_REACHED).all()
    assert neuron.transit_time(w, 1.1 * limit) > 0


def test_transit_time_keeps_the_budget_and_the_shape():
    h = np.array([[0.1, 5.0], [0.2, 0.01]])
    times = neuron.transit_time(1.25, h)
    assert times.shape == h.shape and times.dtype == np.int64
    assert times[0, 1] == 1 and times[1, 1] == neuron.NOT_REACHED
    exact = int(times[0, 0])
    assert neuron.transit_time(1.25, 0.1, max_steps=exact) == exact
    assert neuron.transit_time(1.25, 0.1, max_steps=exact - 1) == neuron.NOT_REACHED


@pytest.mark.parametrize("w", [1.25, 2.0, 4.0])
def test_transit_time_scales_as_the_saddle_node_ghost(w):
    # L_1 ~ pi / sqrt((h - h*) tanh a*): what that leaves out stays bounded as h -> h*.
    above = np.array([1e-4, 1e-5, 1e-6, 1e-7, 1e-8])
    times = neuron.transit_time(w, neuron.h_star(w) + above)
    law = math.pi / np.sqrt(above * math.sqrt(1 - 1 / w))
    assert np.abs(times - law).max() < 5
    assert times[-1] > 30_000


# --- half-life ----------------------------------------------------------------------------


@pytest.mark.parametrize("w, h", [(1.05, 0.0), (1.25, 0.05), (2.0, -0.3), (0.7, 0.2), (4.0, 0.0)])
def test_half_life_fits_a_simulated_decay(w, h):
    # Two trajectories beside the attractor approach each other by half every t_1/2 steps.
    a = neuron.fixed_points(w, h)[-1].a
    pair = np.array([[a + 1e-5, a - 1e-5]])
    steps = 40 if neuron.half_life(w, h) > 2 else 4
    path = maps.rollout(w, np.full((steps, 1, 2), h), pair)
    distance = path[:, 0, 0] - path[:, 0, 1]
    fitted = -np.polyfit(np.arange(steps + 1), np.log2(distance), 1)[0]
    assert 1 / fitted == pytest.approx(neuron.half_life(w, h), rel=1e-4)


def test_half_life_at_its_ends():
    assert neuron.half_life(1.0) == math.inf
    # w = 1 + u: 1 - M' ~ 2u, so the half-life is ln 2 / 2u.
    assert neuron.half_life(1 + 1e-9) == pytest.approx(math.log(2) / 2e-9, rel=1e-6, abs=0.0)
    assert neuron.half_life(0.5) == pytest.approx(1.0, rel=1e-14, abs=0.0)
    # In saturation M'(a) = 4 w exp(-2a), and a = w.
    assert neuron.half_life(400.0) == pytest.approx(math.log(2) / (800 - math.log(1600)), rel=1e-14)
    assert neuron.half_life(1e16) == pytest.approx(math.log(2) / 2e16, rel=1e-12, abs=0.0)


# --- flips --------------------------------------------------------------------------------


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
    assert neuron.flips(a).tolist() == [[expected]]
    assert neuron.flips(-a).tolist() == [[expected]]
    assert np.array_equal(a, before)


def test_to_come_to_the_attractor_is_not_to_pass_it(monkeypatch):
    # From -1 the first step lands on what is taken for the upper one, to the last bit.
    lower, upper = -1.0, float(2.0 * np.tanh(np.array([-1.0]))[0] + 3.0)
    ends = tuple(SimpleNamespace(a=a) for a in (lower, upper))
    monkeypatch.setattr(neuron, "attractor_pair", lambda w: ends)
    assert neuron.transit_time(2.0, 3.0) == 2
    assert neuron.transit_time(2.0, 3.1, max_steps=1) == 1


def test_an_interval_holds_neither_of_its_ends():
    interval = neuron.Interval(-1.0, 2.0)
    assert 0.0 in interval and -1.0 not in interval and 2.0 not in interval


def test_flips_counts_each_trial_by_itself():
    a = np.array([[1.0, 1.0, -1.0], [-1.0, 1.0, 1.0], [1.0, 1.0, 1.0]])[:, np.newaxis, :]
    assert neuron.flips(a).tolist() == [[2, 0, 1]]
