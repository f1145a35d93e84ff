"""Certificates: what they prove, what they refute, and what they leave open."""

import math
from decimal import Decimal
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from misuse import refused

from latchlib import intervals, maps, neuron, phase_space

seeds = st.integers(0, 2**32)
NON_NORMAL = [["2.334", "0.611"], ["-4.086", "-0.755"]]
FLIP_FLOP = [[2, 0], [0, 2]]
CROSSED = [["0", "2"], ["2", "0"]]


def within(enclosure, values):
    values = np.asarray(values)
    return (enclosure[..., 0] <= values).all() and (values <= enclosure[..., 1]).all()


def widened(enclosure, slack):
    return enclosure + np.array([-slack, slack])


# --- numbers and certificates ------------------------------------------------------------


def test_a_string_is_its_decimal_and_a_float_its_binary():
    assert intervals.certify_norm([["0.1"]]).holds is True
    # 1 - 2^-60 rounds to 1 as a float.
    close = Fraction(2**60 - 1, 2**60)
    assert intervals.certify_norm([[close]]).holds is True
    assert intervals.certify_norm([[float(close)]]).holds is None
    assert intervals.certify_norm([[1 / close]]).holds is False


def test_a_certificate_is_no_truth_value():
    certificate = intervals.certify_norm([["2"]])
    with pytest.raises(TypeError, match="three outcomes"):
        bool(certificate)
    with pytest.raises(AssertionError, match="refuted"):
        certificate.require()
    with pytest.raises(AssertionError, match="not decided"):
        intervals.certify_norm([["1"]]).require()
    good = intervals.certify_norm([["0.5"]])
    assert good.require() is good


def test_together_is_as_strong_as_its_weakest_part():
    yes, no, open_ = (intervals.certify_norm([[x]]) for x in ("0.5", "2", "1"))
    assert intervals.together("all", [yes, yes]).holds is True
    assert intervals.together("all", [yes, open_]).holds is None
    assert intervals.together("all", [open_, no, yes]).holds is False
    assert no.claim in intervals.together("all", [yes, no]).reason


def test_the_callers_precision_does_not_matter():
    before = flint.ctx.prec
    try:
        flint.ctx.prec = 10
        rough = intervals.enclose_h_star("1.25").enclosure
        assert flint.ctx.prec == 10
    finally:
        flint.ctx.prec = before
    assert np.array_equal(rough, intervals.enclose_h_star("1.25").enclosure)


# --- what is taken exactly, and what is refused -------------------------------------------

#: Every place for a number: its name, and a call with `x` in it.
PLACES = {
    "spectral radius": ("A", lambda x: intervals.certify_spectral_radius([[x]])),
    "norm": ("A", lambda x: intervals.certify_norm([[0, x], [0, 0]])),
    "stable, W": ("W", lambda x: intervals.certify_stable([[x]], [[0, 1]])),
    "stable, lower": ("box", lambda x: intervals.certify_stable([[2]], [[x, 2]])),
    "stable, upper": ("box", lambda x: intervals.certify_stable([[2]], [[0, x]])),
    "all, W": ("W", lambda x: intervals.certify_all_fixed_points([[x]], max_boxes=9)),
    "all, box": ("box", lambda x: intervals.certify_all_fixed_points([[2]], [[x, 3]])),
    "all, u": ("u", lambda x: intervals.certify_all_fixed_points([[2]], None, x)),
    "all, u of a unit": ("u", lambda x: intervals.certify_all_fixed_points([[2]], u=[x])),
    "fixed point, W": ("W", lambda x: intervals.certify_fixed_point([[x]], [0])),
    "fixed point, a": ("a", lambda x: intervals.certify_fixed_point([[2]], [x])),
    "fixed point, u": ("u", lambda x: intervals.certify_fixed_point([[2]], [0], x)),
    "fixed point, radius": (
        "radius", lambda x: intervals.certify_fixed_point([[2]], [0], radius=x)),
    "cycle, W": ("W", lambda x: intervals.certify_cycle([[x]], [[1], [-1]])),
    "cycle, points": ("points", lambda x: intervals.certify_cycle([[-2]], [[1], [x]])),
    "cycle, u": ("u", lambda x: intervals.certify_cycle([[-2]], [[1], [-1]], [x])),
    "cycle, radius": ("radius", lambda x: intervals.certify_cycle([[-2]], [[0], [0]], radius=x)),
    "gamma, W": ("W", lambda x: intervals.certify_gamma([[x]], [[2, 2]], steps=1)),
    "gamma, box": ("box", lambda x: intervals.certify_gamma([[2]], [[x, 2]])),
    "gamma, u": ("u", lambda x: intervals.certify_gamma([[2]], [[2, 2]], [x])),
    "basin, W": ("W", lambda x: intervals.certify_basin([[x]], [[2, 2]], steps=1)),
    "basin, box": ("box", lambda x: intervals.certify_basin([[2]], [[x, 2]])),
    "basin, u": ("u", lambda x: intervals.certify_basin([[2]], [[2, 2]], x)),
    "h*": ("w", intervals.enclose_h_star),
    "radius of W": ("W", lambda x: intervals.counterexample_spectral_radius([[x]], [1])),
    "near": ("near", lambda x: intervals.counterexample_spectral_radius([[2]], [x])),
    "y1": ("y1", lambda x: intervals.counterexample_eigenvalue_reading([[2]], [x], [2], 1)),
    "y2": ("y2", lambda x: intervals.counterexample_eigenvalue_reading([[2]], [2], [x], 1)),
    "w of a slope": ("w", lambda x: intervals.counterexample_cycle_slope(x)),
    "h of a slope": ("h", lambda x: intervals.counterexample_cycle_slope(h=x)),
    "points of a slope": (
        "points", lambda x: intervals.counterexample_cycle_slope("-3", 0, [x, 1])),
    "W that expands": ("W", lambda x: intervals.counterexample_cycle_expands([[x]], [0], [[1]])),
    "u that expands": ("u", lambda x: intervals.counterexample_cycle_expands([[2]], [x], [[1]])),
    "points that expand": (
        "points", lambda x: intervals.counterexample_cycle_expands([[2]], [0], [[x]])),
}  # fmt: skip

INEXACT = [
    *(flint.arb(0.9, 0.5), flint.arb(1), flint.acb(1), mpmath.mpf("1.1"), np.longdouble("1.1")),
    *(sp.Float("1.1"), sp.sqrt(2), sp.pi, sp.oo, sp.nan, sp.I, sp.Symbol("x"), sp.true),
    *(1j, np.complex128(1), True, np.True_, None, object(), np.timedelta64(1, "s")),
    *(math.nan, math.inf, -math.inf, np.float32("nan"), Decimal("NaN"), Decimal("-Infinity")),
    *("one", "nan", "inf", "1/0", "", "0x1", b"1", [[1]], [[1], [1, 2]], np.array([[1.5]]), {}),
]


@pytest.mark.parametrize("place", PLACES)
def test_every_place_takes_a_number_exactly_or_refuses_it_by_name(place, monkeypatch):
    name, call = PLACES[place]
    for wrong in (flint.arb(0.9, 0.5), sp.sqrt(2), True, "1/0", math.nan, [[1], [1, 2]]):
        with pytest.raises(ValueError, match=rf"^{name} (is|has shape) .*accepted: "):
            call(wrong)
    taken, exact = [], intervals._exact

    def watched(name, value):
        taken.append((name, exact(name, value)))
        return taken[-1][1]

    monkeypatch.setattr(intervals, "_exact", watched)
    hairline = Fraction(10**17 + 1, 10**17)  # 1 + 1e-17, which is 1 as a float
    call(hairline)
    assert (name, hairline) in taken


@pytest.mark.parametrize("value", INEXACT, ids=lambda v: repr(v).split(" at 0x")[0][:30])
def test_what_cannot_be_taken_exactly_is_refused(value):
    with pytest.raises(ValueError, match=r"^w (is|has shape) .*accepted: "):
        intervals.enclose_h_star(value)


@pytest.mark.parametrize("value", [
    "4/2", " 2.0 ", "2e0", 2.0, Decimal("2.00"), sp.Integer(2), np.int8(2), np.uint64(2),
    np.float16(2), np.float32(2), np.array(2)])  # fmt: skip
def test_a_number_is_the_same_however_it_is_written(value):
    assert intervals._exact("w", value) == 2


def h_star_of(w):
    with mpmath.workdps(60):
        w = mpmath.mpf(w.numerator) / w.denominator
        return mpmath.sqrt(w * (w - 1)) - mpmath.acosh(mpmath.sqrt(w))


@pytest.mark.parametrize("w", [
    "1.000001", "1000", sp.Rational(11, 10), Decimal("1.1"), "1.1", "11/10", Fraction(11, 10),
    sp.Rational(4, 3),
    Decimal("1.00000000000000000001"), 10**40 + 1, np.int64(2**53 + 1), 1.1, np.float32(1.1),
    2**2000])  # fmt: skip
def test_the_threshold_lies_in_its_enclosure(w):
    exact = intervals._exact("w", w)
    low, high = intervals.enclose_h_star(w).enclosure
    with mpmath.workdps(60):
        assert mpmath.mpf(low) < h_star_of(exact) < mpmath.mpf(high)


def test_the_float_1_1_is_not_eleven_tenths():
    tenths, binary = (intervals.enclose_h_star(w).enclosure for w in ("1.1", 1.1))
    assert tenths[1] < binary[0]
    assert "by the float 0.999" in intervals.counterexample_contraction(0.999).claim
    assert intervals.counterexample_contraction("0.999").claim.endswith("by 0.999")


THIRD, MOST, LEAST = sp.Rational(1, 3), sp.Rational(7, 10), sp.Rational(3, 10)
HEAVY = [[2**54 + 2] * 2, [-(2**54)] * 2]  # eigenvalues 0 and 2; as floats both are 0
LONG, SHORT = "0.85000000000000001", "0.15"  # their sum is 1 + 1e-17


@pytest.mark.parametrize(("certify", "A", "holds"), [
    ("norm", [[THIRD] * 3] * 3, None),
    ("norm", [["1/3"] * 3] * 3, None),
    ("norm", sp.Matrix([[THIRD] * 3] * 3), None),
    ("norm", [[Decimal("0.3333333333333333333")] * 3] * 3, True),
    ("norm", [[0.3] * 3] * 3, True),
    ("spectral_radius", [[MOST, LEAST], [LEAST, MOST]], None),
    ("spectral_radius", [["0.7", "0.3"], ["0.3", "0.7"]], None),
    ("spectral_radius", [[0.7, 0.3], [0.3, 0.7]], True),  # of these binary numbers it is
    ("spectral_radius", [[Decimal(LONG), Decimal(SHORT)], [Decimal(SHORT), Decimal(LONG)]], False),
    ("spectral_radius", [[LONG, SHORT], [SHORT, LONG]], False),
    ("spectral_radius", HEAVY, False),
    ("spectral_radius", np.array(HEAVY), False),
    ("spectral_radius", np.array(HEAVY, dtype=object), False),
    ("spectral_radius", np.array(HEAVY, dtype=float), True),  # so they are, as floats
    ("spectral_radius", [[10**30, 10**30 - 1], [-(10**30) - 1, -(10**30)]], None),  # +1 and -1
])  # fmt: skip
def test_at_the_edge_of_one_no_side_is_made_up(certify, A, holds):
    certificate = getattr(intervals, f"certify_{certify}")(A)
    assert certificate.holds is holds


# --- norm and spectral radius ------------------------------------------------------------


@given(seeds, st.integers(1, 4))
def test_norm_and_radius_are_put_on_their_side_of_one(seed, n):
    rng = np.random.default_rng(seed)
    A = rng.normal(0, 1 / math.sqrt(n), (n, n))
    for certify, measure in (
        (intervals.certify_norm, maps.norm),
        (intervals.certify_spectral_radius, maps.spectral_radius),
    ):
        size = float(measure(A))
        if abs(size - 1) > 1e-3:
            assert certify(A).holds is (size < 1)
        else:
            assert certify(A).holds in (None, size < 1)
        # Rescaled to within a hair of 1, on either side.
        for share in (0.999, 1.001):
            assert certify(A * (share / size)).holds in (None, share < 1)
            if n < 3:
                assert certify(A * (share / size)).holds is (share < 1)


@given(seeds, st.sampled_from(phase_space.READINGS))
def test_stability_of_a_box_holds_at_its_points(seed, reading):
    rng = np.random.default_rng(seed)
    W = rng.normal(0, 1.5, (2, 2))
    lower = rng.normal(0, 2, 2)
    box = np.stack([lower, lower + rng.random(2)], axis=1)
    result = intervals.certify_stable(W, box, reading)
    a = rng.uniform(box[:, :1], box[:, 1:], (2, 200))
    measure = maps.norm if reading == "norm" else maps.spectral_radius
    sizes = measure(maps.jacobian(W, a))
    if result.holds is True:
        assert (sizes < 1).all()
    elif result.holds is False:
        assert (sizes > 1).all()
    if (sizes > 1).any() and (sizes < 1).any():
        assert result.holds is None


# --- fixed points ------------------------------------------------------------------------


@given(st.floats(1.1, 20.0), st.floats(-0.95, 0.95))
@settings(max_examples=30)
def test_one_unit_has_the_fixed_points_of_part_one(w, share):
    h = share * neuron.h_star(w)
    result = intervals.certify_all_fixed_points([[w]], u=h)
    assert result.holds is True and result.enclosure.shape == (3, 1, 2)
    expected = [p.a for p in neuron.fixed_points(w, h)]
    # Those are right to the last place; the enclosures are about one float wide.
    slack = 1e-14 * np.maximum(1, np.abs(expected))
    assert (result.enclosure[:, 0, 0] - slack <= expected).all()
    assert (expected <= result.enclosure[:, 0, 1] + slack).all()
    assert np.ptp(result.enclosure, axis=2).max() < 1e-12


@given(seeds)
@settings(max_examples=20)
def test_all_fixed_points_of_two_units(seed):
    rng = np.random.default_rng(seed)
    W, u = rng.normal(0, 2, (2, 2)), rng.normal(0, 0.3, 2)
    result = intervals.certify_all_fixed_points(W, u=u)
    floats = phase_space.fixed_points(W, u)
    if result.holds is None:
        return  # close to a bifurcation
    assert len(result.enclosure) == len(floats) and len(floats) % 2 == 1
    for box in result.enclosure:
        middle = box.mean(axis=1)
        assert min(np.abs(c.points[0] - middle).max() for c in floats) < 1e-8
        alone = intervals.certify_fixed_point(W, middle, u, radius=1e-9)
        assert alone.holds is True


def test_most_random_networks_are_decided():
    decided = 0
    for seed in range(20):
        W = np.random.default_rng(seed).normal(0, 2, (2, 2))
        decided += intervals.certify_all_fixed_points(W).holds is True
    assert decided >= 18


def test_the_saddle_node_is_certified_from_both_sides():
    edge = intervals.enclose_h_star("1.25").enclosure
    below, above = float(edge[0]) - 1e-6, float(edge[1]) + 1e-6
    for h, count in ((below, 3), (above, 1)):
        result = intervals.certify_all_fixed_points([["1.25"]], u=h)
        assert result.holds is True and len(result.enclosure) == count


def test_a_double_fixed_point_or_one_on_the_border_is_left_open():
    result = intervals.certify_all_fixed_points([[1]])
    assert result.holds is None and "multiple" in result.reason
    assert intervals.certify_fixed_point([[1]], [0]).holds is None
    # On the border of the box.
    origin = intervals.certify_all_fixed_points([[2]], [[0, 1]])
    assert origin.holds is None and "border" in origin.reason


def test_a_spent_budget_is_said():
    result = intervals.certify_all_fixed_points(NON_NORMAL, max_boxes=3)
    assert result.holds is None and "undecided" in result.reason


def test_fixed_point_certificates_count():
    assert intervals.certify_fixed_point(FLIP_FLOP, [0, 0]).holds is True
    assert intervals.certify_fixed_point(FLIP_FLOP, ["0.1", 0]).holds is False
    three = intervals.certify_fixed_point(FLIP_FLOP, [0, 0], radius=3)
    assert three.holds is False and "9" in three.reason
    near = intervals.certify_fixed_point(FLIP_FLOP, [1.9, 1.9], radius="0.1")
    with mpmath.workdps(40):
        top = mpmath.findroot(lambda a: 2 * mpmath.tanh(a) - a, 1.9)
        low, high = near.enclosure[0, 0]
        assert near.holds is True and mpmath.mpf(low) < top < mpmath.mpf(high)


def test_cycles():
    top = neuron.attractor_pair(2.0)[1].a
    swap = intervals.certify_cycle([[-2]], [[top], [-top]], radius="0.01")
    assert swap.holds is True and swap.enclosure.shape == (2, 1, 2)
    assert within(widened(swap.enclosure, 1e-14), [[top], [-top]])
    # Twice a fixed point is no 2-cycle.
    twice = intervals.certify_cycle([[2]], [[top], [top]], radius="0.01")
    assert twice.holds is False and "1 of a shorter period" in twice.reason
    assert intervals.certify_cycle([[-2]], [[1], [-1]], radius="0.01").holds is False


# --- basins and reduced attracting sets --------------------------------------------------


@given(seeds, st.sampled_from(phase_space.READINGS))
@settings(max_examples=30)
def test_gamma_certificates_agree_with_the_labels(seed, reading):
    rng = np.random.default_rng(seed)
    W = rng.normal(0, 1.5, (2, 2))
    lower = rng.normal(0, 2, 2)
    box = np.stack([lower, lower + 0.02 * rng.random(2)], axis=1)
    gamma = intervals.certify_gamma(W, box, reading=reading)
    basin = intervals.certify_basin(W, box)
    a = rng.uniform(box[:, :1], box[:, 1:], (2, 50))
    found = phase_space.attractors(W, starts=64)
    in_basin, in_gamma = phase_space.label_states(
        W, a, reading=reading, attractors=found, steps=2000
    )
    if gamma.holds is True:
        assert (in_gamma >= 0).all() and len(set(in_gamma)) == 1
        assert within(widened(gamma.enclosure[0], 1e-9), found[in_gamma[0]].points[0])
        assert basin.holds is not False
    if gamma.holds is False:
        assert (in_gamma == phase_space.OUTSIDE).all()
    if basin.holds is True:
        assert (in_basin >= 0).all() and len(set(in_basin)) == 1


def test_gamma_of_one_unit_ends_at_a_star():
    edge = neuron.a_star(2.0)
    inside = intervals.certify_gamma([[2]], [[edge + 1e-6, edge + 2e-6]])
    assert inside.holds is True
    assert intervals.certify_gamma([[2]], [[edge - 2e-6, edge - 1e-6]]).holds is False
    across = intervals.certify_gamma([[2]], [[edge - 1e-6, edge + 1e-6]])
    assert across.holds is None and "one side" in across.reason
    # Below a*, though, it is in the basin.
    assert intervals.certify_basin([[2]], [[0.01, 0.02]]).holds is True
    assert intervals.certify_basin([[2]], [[-0.01, 0.02]]).holds is None


def propose_a_trap_of_another_size(monkeypatch, factor):
    real = phase_space.trap

    def proposed(*given):
        found = real(*given)
        return phase_space.Trap(
            found.points, found.forms, found.radius * factor, found.rate, found.condition
        )

    monkeypatch.setattr(phase_space, "trap", proposed)


@pytest.mark.parametrize("factor", [1.0, 20.0])
def test_a_trap_that_floats_propose_is_proved(monkeypatch, factor):
    propose_a_trap_of_another_size(monkeypatch, factor)
    result = intervals.certify_gamma(FLIP_FLOP, [["1.5", "1.5"], ["1.5", "1.5"]])
    assert result.holds is (True if factor == 1 else None)


def test_what_has_no_fixed_point_to_go_to_is_left_open():
    rotation = [["0", "-1.6"], ["1.6", "0"]]
    for certify in (intervals.certify_gamma, intervals.certify_basin):
        assert certify(rotation, [[3, 3], [3, 3]]).holds is None
        assert certify([[1]], [["0.5", "0.5"]]).holds is None
    assert intervals.certify_basin([[2]], [[0, 0]]).holds is None
    assert intervals.certify_basin([["1.2"]], [["0.1", "0.1"]], steps=1).holds is None


# --- counterexamples: certified, and lost when a sign is flipped -------------------------


def flipped(W, i, j):
    W = [list(row) for row in W]
    W[i][j] = W[i][j][1:] if W[i][j].startswith("-") else "-" + W[i][j]
    return W


def test_spectral_radius_below_one_does_not_leave_the_origin_alone():
    result = intervals.counterexample_spectral_radius().require()
    assert within(widened(result.enclosure[0], 2e-3), [-1.507, 2.952])
    every = intervals.certify_all_fixed_points(NON_NORMAL).require()
    assert len(every.enclosure) == 5
    assert intervals.certify_norm(NON_NORMAL).holds is False


CYCLE_SIGNS = [["-0.4", "-2.1"], ["-1.8", "-0.4"]]
#: Counterexamples spoiled by a sign or a place.
SPOILED = [
    *(("spectral_radius", {"W": flipped(NON_NORMAL, i, j)}) for i in (0, 1) for j in (0, 1)),
    ("spectral_radius", {"near": ("1.507", "2.952")}),  # flipping both gives the mirror image
    ("eigenvalue_reading", {"W": (("0", "-2"), ("2", "0"))}),
    ("eigenvalue_reading", {"W": (("0", "2"), ("-2", "0"))}),
    ("eigenvalue_reading", {"y1": ("-0.65", "3")}),
    ("eigenvalue_reading", {"y2": ("3", "-0.65")}),
    # In Gamma of the other attractor, with the same slopes.
    ("eigenvalue_reading", {"y2": ("-3", "-0.65")}),
    # sech^2 1.5 is too small to grow.
    ("eigenvalue_reading", {"y1": ("1.5", "3"), "y2": ("3", "1.5")}),
    ("eigenvalue_reading", {"y1": ("0.65", "0.65"), "y2": ("0.65", "0.65")}),  # not in Gamma
    ("cycle_slope", {"w": "3"}),
    ("cycle_slope", {"h": "-2.4"}),
    ("cycle_slope", {"points": ("0.598", "4.007")}),
    *(("cycle_expands", {"W": flipped(CYCLE_SIGNS, i, j)}) for i in (0, 1) for j in (0, 1)),
    ("cycle_expands", {"u": ("0.4", "0.7")}),
]


@pytest.mark.parametrize(("name", "change"), SPOILED)
def test_a_counterexample_needs_its_signs(name, change):
    wrong = getattr(intervals, f"counterexample_{name}")(**change)
    assert wrong.holds is False or (name == "eigenvalue_reading" and wrong.holds is not True)
    with pytest.raises(AssertionError):
        wrong.require()


def test_theorem_4_fails_under_the_eigenvalue_reading():
    result = intervals.counterexample_eigenvalue_reading().require()
    low, high = result.enclosure
    with mpmath.workdps(40):
        exact = 2 * mpmath.sech(mpmath.mpf("0.65")) ** 2
        assert mpmath.mpf(low) < exact < mpmath.mpf(high)
    assert 1.346 < low < high < 1.347
    for y in (("0.65", "3"), ("3", "0.65")):
        box = [(x, x) for x in y]
        assert intervals.certify_gamma(CROSSED, box).holds is False  # by norm it is not latched
        assert intervals.certify_basin(CROSSED, box).holds is True


def test_a_stable_cycle_may_have_a_slope_above_one():
    result = intervals.counterexample_cycle_slope().require()
    points = result.enclosure.mean(axis=2)[:, 0]
    slopes = 3 / np.cosh(points) ** 2
    assert max(slopes) > 2 and np.prod(slopes) < 0.01
    assert -3 * math.tanh(points[0]) + 2.4 == pytest.approx(points[1], abs=1e-12)


def test_without_input_the_slopes_of_the_cycle_are_equal():
    # a -> -a is a symmetry of the 2-cycle at h = 0: there is no slope above 1.
    top = neuron.attractor_pair(3.0)[1].a
    assert intervals.counterexample_cycle_slope("-3", 0, (top, -top)).holds is None


def test_a_cycle_may_repel_with_every_spectrum_below_one():
    result = intervals.counterexample_cycle_expands().require()
    W, u = np.array([[-0.4, -2.1], [-1.8, -0.4]]), np.array([-0.4, 0.7])
    points = result.enclosure.mean(axis=2)
    assert maps.step(W, points[0], u) == pytest.approx(points[1], abs=1e-12)
    J = [maps.jacobian(W, a) for a in points]
    assert max(maps.spectral_radius(A) for A in J) < 0.6
    assert maps.spectral_radius(J[1] @ J[0]) == pytest.approx(3.5325, abs=1e-3)


@pytest.mark.parametrize("alpha", ["0.5", "0.999", "0.99999999", Fraction(10**12 - 1, 10**12)])
def test_no_factor_below_one_bounds_the_root(alpha):
    result = intervals.counterexample_contraction(alpha).require()
    x, y = (mpmath.mpf(row[0]) for row in result.enclosure)
    with mpmath.workdps(60):
        ratio = (mpmath.sqrt(1 + y**2) - mpmath.sqrt(1 + x**2)) / (y - x)
        assert mpmath.mpf(Fraction(alpha).numerator) / Fraction(alpha).denominator < ratio < 1


test_misuse_names_the_argument = refused(
    ("A", lambda: intervals.certify_norm([[1, 2]])),
    ("A", lambda: intervals.certify_norm([["one"]])),
    ("A", lambda: intervals.certify_norm([[math.nan]])),
    ("W", lambda: intervals.certify_all_fixed_points(2)),
    ("u", lambda: intervals.certify_all_fixed_points([[2]], u=[1, 2])),
    ("box", lambda: intervals.certify_stable([[2]], [0, 1])),
    ("box", lambda: intervals.certify_stable([[2]], [[1, 0]])),
    ("reading", lambda: intervals.certify_gamma([[2]], [[2, 2]], reading="trace")),
    ("a", lambda: intervals.certify_fixed_point([[2]], [1, 2])),
    ("radius", lambda: intervals.certify_fixed_point([[2]], [0], radius=0)),
    ("points", lambda: intervals.certify_cycle([[2]], [1, 2])),
    ("max_boxes", lambda: intervals.certify_all_fixed_points([[2]], max_boxes=0)),
    ("steps", lambda: intervals.certify_basin([[2]], [[2, 2]], steps=0)),
    ("w", lambda: intervals.enclose_h_star(1)),
    ("w", lambda: intervals.enclose_h_star([1.5])),
    ("alpha", lambda: intervals.counterexample_contraction(1)),
)


# --- what small changes to the module showed to be unasserted


@pytest.mark.parametrize("proposals", ["none", "failing"])
def test_the_search_needs_no_proposals_from_floats(monkeypatch, proposals):
    def cycles(*args, **more):
        if proposals == "failing":
            raise np.linalg.LinAlgError
        return ()

    whole = intervals.certify_all_fixed_points(FLIP_FLOP)
    monkeypatch.setattr(phase_space, "cycles", cycles)
    alone = intervals.certify_all_fixed_points(FLIP_FLOP)
    assert alone.holds is True and alone.enclosure.shape == (9, 2, 2)
    assert alone.enclosure == pytest.approx(whole.enclosure, abs=1e-12)


@pytest.mark.parametrize(("factor", "holds"), [(1.0, True), (20.0, None)])
def test_a_trap_of_more_units_than_its_corners_are_tried_for(monkeypatch, factor, holds):
    propose_a_trap_of_another_size(monkeypatch, factor)
    W = [[2 * (i == j) for j in range(7)] for i in range(7)]
    assert intervals.certify_gamma(W, [["1.9", "1.9"]] * 7).holds is holds


def propose_fixed_points_of_the_whole_plane(monkeypatch):
    real = phase_space.cycles
    monkeypatch.setattr(
        phase_space, "cycles", lambda W, period, u, *, box, starts: real(W, period, u)
    )


def test_a_fixed_point_outside_the_box_is_not_counted(monkeypatch):
    propose_fixed_points_of_the_whole_plane(monkeypatch)
    # Nine in the plane are proposed; three lie in the box, the others within one of its sides.
    result = intervals.certify_all_fixed_points(FLIP_FLOP, [[-3, 3], ["0.5", 3]])
    assert result.holds is True and result.enclosure.shape == (3, 2, 2)
    assert (result.enclosure[:, 1] > 0.5).all()


# --- what small changes to the module showed to be unasserted


def exactly(rows, slack=0):
    """Return the matrices within `slack` of `rows`, which are exact in binary."""
    return flint.arb_mat([[flint.arb(x, slack) for x in row] for row in rows])


def turned(*values):
    """Return a matrix with these two singular values, none of whose entries is small."""
    c, s = math.cos(math.pi / 8), math.sin(math.pi / 8)
    return (np.diag(values) @ [[c, -s], [s, c]]).tolist()


#: A hair is far less than the traces of powers would tell.
HAIR = 2.0**-30
OVER = 1 + HAIR
#: Rows, and whether the norm and the spectral radius are below 1: None where they are 1.
SIDES = [
    *(([[x, 0], [0, x]], True, True) for x in (0.5, 0.96875, 0.99951171875)),
    *(([[0, x], [-x, 0]], True, True) for x in (0.5, 0.96875, 0.99951171875)),
    ([[0, -1], [1, 0]], None, None),  # i and -i
    ([[1, 0], [0, 0.5]], None, None),
    ([[-1, 0], [0, 0.5]], None, None),
    ([[1, 0], [0, 1]], None, None),
    ([[0, 1], [-1, 2]], False, None),  # 1 twice, not diagonal
    ([[0, -OVER], [OVER, 0]], False, False),
    ([[OVER, 0], [0, 0.5]], False, False),
    ([[-OVER, 0], [0, 0.5]], False, False),
    ([[OVER, 1], [0, OVER]], False, False),
    ([[0, -1 - 2 * HAIR], [1, -OVER]], False, False),  # a third of a turn: no trace is above 1
    ([[0, -4, 0], [1, -2, 0], [0, 0, 0]], False, False),  # so are these
    ([[-2, 0, 0], [0, 0.125, 0], [0, 0, 0.125]], False, False),
    ([[0.75, 1, 0], [0, 0.125, 0], [0, 0, 0.125]], False, True),
    ([[OVER, 0, 0], [0, 0.5, 0], [0, 0, 0.5]], False, ...),
    ([[-OVER, 0, 0], [0, 0.5, 0], [0, 0, 0.5]], False, ...),
    *((turned(1 - HAIR, x), True, ...) for x in (0.0, 0.5, 1 - HAIR)),
    *((turned(OVER, x), False, ...) for x in (0.5, OVER, 1.5)),
    *((turned(x, OVER), False, ...) for x in (0.5, 1 - HAIR)),
    # Of these 1 < p q < 2, where p^2 + q^2 < 1 + p^2 q^2 holds as well.
    *(([[p, 0], [0, q]], False, False) for p, q in ((1.125, 1.0625), (1.25, 1.25), (2, 3))),
]


@pytest.mark.parametrize(("rows", "norm", "radius"), SIDES)
def test_norm_and_radius_are_told_from_one(rows, norm, radius):
    assert intervals._norm_below_one(exactly(rows)) is norm
    assert intervals._norm_below_one(exactly(np.transpose(rows).tolist())) is norm
    if radius is not ...:
        assert intervals._radius_below_one(exactly(rows)) is radius


@pytest.mark.parametrize("n", [2, 3])
def test_where_some_are_above_and_some_below_nothing_is_said(n):
    rows = exactly(np.diag([0.9375] * n).tolist(), 0.125)
    assert intervals._norm_below_one(rows) is intervals._radius_below_one(rows) is None


def test_squares_of_balls_round_zero():
    low, high = flint.arb(0, 0.5), flint.arb(0.25, 0.5)
    total = intervals._sum_of_squares([low, high])
    assert total.contains(0) and total.contains(0.8125) and total < 1
    length = intervals._length([low, high, flint.arb(-2)])
    exact = math.sqrt(0.25 + 0.5625 + 4)
    assert exact <= length <= exact * (1 + 1e-6)


@pytest.mark.parametrize("reading", [None, *phase_space.READINGS])
@pytest.mark.parametrize("W", [[["0.5"]], [["0.5", "0.25"], ["-0.25", "0.5"]]])
@pytest.mark.parametrize("upper", [1, "1.1"])
def test_a_box_round_the_origin_comes_to_it(W, upper, reading):
    box = [[-1, upper]] * len(W)
    if reading is None:
        assert intervals.certify_basin(W, box).holds is True
    else:
        assert intervals.certify_gamma(W, box, reading=reading).holds is True


@pytest.mark.parametrize(
    ("W", "u"),
    [
        ([[0.5, 0.0], [0.0, 0.5]], 0.0),  # the unit matrix will do as a form
        ([[2.0, 0.0], [0.0, 1.5]], 0.1),
        ([[2.334, 0.611], [-4.086, -0.755]], 0.0),
        ([[1.2, 0.9, 0.0], [0.0, 1.1, 0.8], [0.1, 0.0, 1.3]], 0.2),
    ],
)
def test_a_proved_trap_keeps_its_promise_at_its_points(monkeypatch, W, u):
    tried, contracts = [], intervals._contracts

    def watched(M, u, R, inverse, ball):
        tried.append(ball)
        return contracts(M, u, R, inverse, ball)

    monkeypatch.setattr(intervals, "_contracts", watched)
    W = np.array(W)
    start = np.full(len(W), 1.0)
    root, R, radius, condition = intervals._proved_trap(
        intervals._system(W), [flint.arb(u)] * len(W), start
    )
    place = np.array([float(x.mid()) for x in root])
    assert W @ np.tanh(place) + u == pytest.approx(place, abs=1e-12)
    R = np.array([[float(x.mid()) for x in row] for row in R.tolist()])
    inverse = np.linalg.inv(R)
    # At least |R| |R^-1|, at most by Frobenius norms; and 1 where the ball is round.
    condition = float(condition.mid())
    frobenius = np.linalg.norm(R) * np.linalg.norm(inverse)
    assert np.linalg.cond(R) * (1 - 1e-12) <= condition <= frobenius * (1 + 1e-12)
    if np.array_equal(R, R[0, 0] * np.eye(len(W))):
        assert condition == 1.0
    shift = np.random.default_rng(0).normal(size=(len(W), 500))
    shift *= float(radius.mid()) / np.linalg.norm(shift, axis=0)
    # The box that was tried is the least one that holds the ball |R (a - x)| <= radius.
    box = np.array([[float(x.mid()), float(x.rad())] for x in tried[-1]]).T
    half = float(radius.mid()) * np.linalg.norm(inverse, axis=1)
    assert box == pytest.approx(np.array([place, half]), rel=1e-6, abs=1e-12)
    for a in (place[:, np.newaxis] + inverse @ shift).T:
        slope = W * maps.slope(a)
        assert np.linalg.norm(R @ slope @ inverse, 2) < 1.0


@pytest.mark.parametrize("n", [1, 2, 7])
def test_a_ball_contracts_or_does_not(n):
    unit = flint.arb_mat([[int(i == j) for j in range(n)] for i in range(n)])
    M = intervals._system(2 * np.eye(n))
    # The slope 2 sech^2 a is 1 at a = 0.88.
    for middle, width, contracts in ((1.9, 0.5, True), (1.5, 0.75, False), (0.0, 0.1, False)):
        ball = [flint.arb(middle, width)] * n
        assert intervals._contracts(M, [], unit, unit, ball) is contracts


def test_gamma_is_tested_until_the_trap_keeps_the_rest_below_one(monkeypatch):
    unit = flint.arb_mat([[1, 0], [0, 1]])

    def trap(W, u, a):
        return [flint.arb(0)] * 2, unit, flint.arb(1), flint.arb(1.5)

    monkeypatch.setattr(intervals, "_proved_trap", trap)
    # |J| = sqrt(2) 0.9^l in Frobenius' norm, and 1.5 times that is below 1 from l = 8 on.
    W, box = [["0.9", 0], [0, "-0.9"]], [[0, 0], [0, 0]]
    assert "l <= 8;" in intervals.certify_gamma(W, box).reason
    assert intervals.certify_gamma(W, box, steps=8).holds is True
    short = intervals.certify_gamma(W, box, steps=7)
    assert short.holds is None and short.reason.endswith("within 7 steps")


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("contraction", ["|M(x) - M(y)| > alpha |x - y|", "|M'| < 1 between x and y"]),
        ("cycle_expands", ["in the box", "on the box", "on the box", "on the cycle is > 1"]),
        ("cycle_slope", ["in the box", "on the cycle is < 1", "at a point of the cycle"]),
        ("eigenvalue_reading", [
            "one stable fixed point", "one stable fixed point", "of the same fixed point",
            "M'(y2) M'(y1) is > 1"]),
        ("spectral_radius", ["radius is < 1", "in the box", "is not the origin", "on the box"]),
    ],
)  # fmt: skip
def test_a_counterexample_has_all_its_parts(name, ends):
    parts = getattr(intervals, f"counterexample_{name}")().parts
    assert len(parts) == len(ends) and all(part.holds for part in parts)
    for part, end in zip(parts, ends, strict=True):
        assert part.claim.endswith(end)


@pytest.mark.parametrize(("x", "y"), [(0.5, 2.5), (-3.0, 1.0), (10.0, 10.25)])
def test_a_secant_of_the_root_and_the_slope_below_it(x, y):
    steepness, slope2 = intervals._secant(flint.arb(x), flint.arb(y))
    expected = (math.hypot(1, y) - math.hypot(1, x)) / (y - x)
    assert float(steepness.mid()) == pytest.approx(expected, rel=1e-12, abs=0.0)
    for a in np.linspace(x, y, 101):
        assert slope2.contains(1 - 1 / (1 + flint.arb(a) ** 2))
    # And no wider: M' rises, and M'^2 is 0 where it changes its sign.
    ends = [a**2 / (1 + a**2) for a in (x, y)]
    bounds = float(slope2.lower()), float(slope2.upper())
    assert bounds == pytest.approx((0.0 if x < 0 else min(ends), max(ends)), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("steepness", "slope2", "holds"),
    [(0.75, 0.875, (True, True)), (0.5, 1.0, (None, None)), (0.25, 1.5, (None, None))],
)
def test_what_a_secant_must_be_to_break_a_factor(monkeypatch, steepness, slope2, holds):
    found = flint.arb(steepness), flint.arb(slope2)
    monkeypatch.setattr(intervals, "_secant", lambda x, y: found)
    result = intervals.counterexample_contraction("0.5")
    assert tuple(part.holds for part in result.parts) == holds


def test_a_root_proved_elsewhere_does_not_stand_in_for_the_one_found(monkeypatch):
    origin = intervals._prove_root(intervals._system([[2]]), [flint.arb(0)], np.zeros(1))
    monkeypatch.setattr(phase_space, "cycles", lambda *args, **more: ())
    monkeypatch.setattr(intervals, "_prove_root", lambda M, u, centre: origin)
    assert intervals.certify_all_fixed_points([[2]], max_boxes=500).holds is None


def test_every_part_that_is_left_open_is_counted():
    words = intervals.certify_all_fixed_points([[1]]).reason.split()
    assert int(words[0]) > 1
    # Each is as small as is looked at, long before the budget is spent.
    assert "after" in words and int(words[words.index("after") + 1].strip(",")) < 2000
    spent = intervals.certify_all_fixed_points(NON_NORMAL, max_boxes=1).reason
    assert spent.startswith("2 sub-boxes are undecided after 2")


def test_a_fixed_point_below_or_above_the_box_is_not_on_its_border(monkeypatch):
    propose_fixed_points_of_the_whole_plane(monkeypatch)
    for box, count in (([["0.5", 3]], 1), ([[-3, "-0.5"]], 1), ([["-0.5", "0.5"]], 1)):
        result = intervals.certify_all_fixed_points([[2]], box)
        assert result.holds is True and len(result.enclosure) == count


def test_where_no_box_is_given_it_is_the_one_that_holds_all(monkeypatch):
    seen = []

    def counted(W, u, limits, max_boxes):
        seen.extend(limits)
        return [], [], ""

    monkeypatch.setattr(intervals, "_counted", counted)
    intervals.certify_all_fixed_points([[0.5, -1.5], [0.25, 3.0]], u=[0.5, -1.0])
    ends = np.array([[float(end.mid()) for end in pair] for pair in seen])
    exact = np.array([[-1.5, 2.5], [-4.25, 2.25]])
    assert (ends[:, 0] < exact[:, 0]).all() and (exact[:, 1] < ends[:, 1]).all()
    assert ends == pytest.approx(exact, rel=0.0, abs=2e-6)


def test_two_fixed_points_are_not_one():
    result = intervals.certify_fixed_point([[2]], [1], radius="1.2")
    assert result.holds is False and "it holds 2 of them" in result.reason
    assert result.enclosure.shape == (2, 1, 2)


def test_a_cycle_of_three_goes_one_way_round():
    W = [[0.3, -2.4], [2.7, -2.8]]
    points = phase_space.cycles(W, 3)[0].points
    proved = intervals.certify_cycle(W, points, radius="0.001")
    assert proved.holds is True and "period 3" in proved.claim
    assert within(widened(proved.enclosure, 1e-9), points)
    assert intervals.certify_cycle(W, points[::-1], radius="0.001").holds is False


def test_a_cycle_twice_round_is_not_one_of_twice_the_period():
    top = neuron.attractor_pair(2.0)[1].a
    assert intervals.certify_cycle([[-2]], [[top], [-top]] * 2, radius="0.01").holds is False


@pytest.mark.parametrize("radius", ["0.01", "0.5", "1.9", "1.92", "3"])
def test_a_cycle_counts_once_from_however_many_of_its_points_on(radius):
    top = neuron.attractor_pair(2.0)[1].a
    for W, centre in ((-2, [[top], [-top]]), (-2, [[-top], [top]])):
        proved = intervals.certify_cycle([[W]], centre, radius=radius)
        assert proved.holds is True
        assert np.abs(proved.enclosure - top * np.sign(proved.enclosure)).max() < 1e-14
    around = intervals.certify_cycle([["-2"]], [["0"], ["0"]], radius=radius)
    assert around.holds is (float(radius) > top)
    if around.holds:
        # Its points alternate, in the order of time.
        assert np.sign(around.enclosure[:, 0, 0]).tolist() == [-1, 1]


@pytest.mark.parametrize(
    ("W", "period", "count"),
    [
        ([[-2]], 1, 1), ([[-2]], 2, 1), ([[-2]], 3, 0), ([[-2]], 4, 0), ([["-1/2"]], 2, 0),
        ([[2]], 1, 3), ([[2]], 2, 0), ([[-2, 0], [0, "1/2"]], 2, 1), ([[0, 2], [2, 0]], 2, 3),
        ([[-2, 0], [0, -2]], 2, 4), ([[0, 2], [-2, 0]], 4, 2), ([[0, 2], [-2, 0]], 2, 0),
    ],
)  # fmt: skip
def test_all_cycles_of_a_period_are_counted(W, period, count):
    result = intervals.certify_cycle(W, [[0] * len(W)] * period, radius=3)
    assert result.holds is (count == 1)
    assert count < 2 or f"holds {count} of them" in result.reason
    assert count > 0 or "it holds none" in result.reason
    floats = np.array([[float(Fraction(x)) for x in row] for row in W])
    assert len(phase_space.cycles(floats, period)) == count


def test_what_is_the_origin_and_what_shares_a_coordinate_with_it():
    origin = intervals.counterexample_spectral_radius(near=("0", "0"))
    part = origin.parts[2]
    assert part.claim == "the fixed point is not the origin" and part.holds is None
    beside = intervals.counterexample_spectral_radius((("2", "0"), ("0", "0.5")), ("1.915", "0"))
    assert beside.parts[2].holds is True and beside.parts[0].holds is False


def test_the_steps_of_the_eigenvalue_reading_are_those_asked_for():
    few = intervals.counterexample_eigenvalue_reading(steps=1)
    assert few.holds is None and "within 1 steps" in few.parts[0].reason


@pytest.mark.parametrize(
    "W", [[[0.25, 2.0], [1.5, 0.5]], [[-0.25, -2.0], [-1.5, -0.5]], [[0.5, 2.0], [1.0, -3.0]],
          [[-2.0, 0.5], [0.25, 1.0]], [[0.0, 2.0], [-1.5, 0.0]]],
)  # fmt: skip
def test_the_growth_a_step_is_the_root_of_the_largest_eigenvalue(W):
    y1, y2 = [0.75, 0.5], [0.25, 1.0]
    result = intervals.counterexample_eigenvalue_reading(W, y1, y2)
    turn = np.array(W) * maps.slope(np.array(y2)) @ (np.array(W) * maps.slope(y1))
    values = np.linalg.eigvals(turn)
    assert np.isreal(values).all()
    exact = math.sqrt(np.abs(values).max())
    assert result.enclosure == pytest.approx([exact, exact], rel=1e-12, abs=0.0)
    assert result.enclosure[0] <= exact * (1 + 1e-15)


def test_corners_prove_what_a_ball_of_matrices_does_not():
    M, unit = intervals._system([[-1.55, 0.47], [0.52, 0.84]]), exactly([[1, 0], [0, 1]])
    u = [flint.arb(0)] * 2
    ball = [flint.arb(-1.18, 0.3), flint.arb(-0.66, 0.3)]
    assert intervals._contracts(M, u, unit, unit, ball)
    assert intervals._norm_below_one(intervals._derivative(M, u, ball)) is None


def test_a_norm_is_held_at_every_corner_of_the_slopes():
    one, shear, back = (flint.arb_mat([[1, c], [0, 1]]) for c in (0, 10, -10))
    ball = [flint.arb(1, 0.5)] * 2  # slopes from 0.18 to 0.79
    M = intervals._system(np.eye(2))
    assert intervals._contracts(M, [], one, one, ball)
    # Sheared, equal slopes stay below 1, and unequal ones do not.
    assert not intervals._contracts(M, [], shear, back, ball)


@pytest.mark.parametrize("near", [0, 1])
def test_one_of_two_roots_inside_the_others_region_makes_them_one(near):
    small, large = ([flint.arb(0, r)] for r in (0.1, 1.0))
    roots = [intervals._Root(large, large), intervals._Root(large, large)]
    roots[near] = intervals._Root(small, small)
    assert intervals._same(*roots) is True
