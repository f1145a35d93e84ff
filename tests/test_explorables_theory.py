"""Explorables of Part II, as Python knows them: their numbers."""

import math

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from latchbook.explorables import (
    Cliff,
    Gate,
    GradientSurvival,
    Leak,
    LookBack,
    PhasePlane,
    Plateau,
    PriceList,
    Rectangle,
    SideBySide,
    Turning,
    UncertaintyBall,
    UnitShape,
)
from latchbook.explorables.ball import NETWORKS
from latchbook.explorables.plane import PRESETS


def plain_step(W, a):
    return [sum(w * math.tanh(x) for w, x in zip(row, a, strict=True)) for row in W]


def plain_jacobian(W, a):
    return np.array([[w / math.cosh(x) ** 2 for w, x in zip(row, a, strict=True)] for row in W])


# --- the rectangle -----------------------------------------------------------------------


def fixed_point(w):
    """Return the positive root of w tanh a = a, by bisection."""
    low, high = 1e-9, w + 1.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if w * math.tanh(middle) > middle else (low, middle)
    return 0.5 * (low + high)


@pytest.mark.parametrize("w", [1.05, 1.25, 2.0, 5.0])
def test_numbers_of_the_rectangle(w):
    top, edge = fixed_point(w), math.acosh(math.sqrt(w))
    b = lambda d: d * (1.0 - w / math.cosh(top - d) ** 2)  # noqa: E731
    grid = np.linspace(0.0, top - edge, 100_001)
    best = max(b(d) for d in grid)
    for d in (0.01, 0.1, 0.5, 1.5, 4.0):
        got = Rectangle(w=w, d=d).numbers()
        if d < top - edge:
            assert got["b"] == pytest.approx(b(d), rel=1e-12, abs=0.0)
            assert got["ratio"] == pytest.approx(b(d) / got["h_star"], rel=1e-12, abs=0.0)
            assert got["b"] <= got["best_b"] <= got["h_star"]
        else:
            assert got["b"] is got["ratio"] is None
        assert got["a_plus"] == pytest.approx(top, abs=1e-12)
        assert got["a_star"] == pytest.approx(edge, abs=1e-12)
        # The area under the curve, from an antiderivative.
        area = (top - w * math.tanh(top)) - (edge - w * math.tanh(edge))
        assert got["h_star"] == pytest.approx(area, abs=1e-12)
        # On a grid of 1e-5 of the width, the maximum of a parabola is missed by less than 1e-9.
        assert got["best_b"] == pytest.approx(best, rel=1e-8, abs=0.0)
        assert b(got["best_d"]) == pytest.approx(got["best_b"], rel=1e-12, abs=0.0)


def test_the_best_share_is_that_of_the_note():
    shares = {w: Rectangle(w=w).numbers()["best_ratio"] for w in (1.25, 2.0, 5.0)}
    assert shares == pytest.approx({1.25: 0.50, 2.0: 0.56, 5.0: 0.72}, abs=0.005)


# --- the shape of a unit -----------------------------------------------------------------


def bent(a, s, g, c, k):
    """Return the unit as an integral: straight far out, and steeper between its two bends."""
    steeper = lambda x: (math.tanh(k * (x + 1)) - math.tanh(k * (x - 1))) / 2  # noqa: E731
    return c * a + s * g * quad(steeper, 0.0, a / s, limit=200, epsabs=1e-13)[0]


@pytest.mark.parametrize(
    ("s", "g", "c", "k"), [(1, 2, 0, 1), (1, 3, 0, 0.5), (10, 1, 0.5, 10), (2.5, 1.5, 0.9, 4)]
)
def test_numbers_of_the_shape(s, g, c, k):
    got = UnitShape(s=s, g=g, c=c, bend=k).numbers()
    f = lambda a: bent(a, s, g, c, k)  # noqa: E731
    # The edge bears most: no other place is pushed up as far.
    found = minimize_scalar(lambda a: a - f(a), (0.1 * s, s, 3 * s), method="golden", tol=1e-12)
    assert got["margin"] == pytest.approx(-found.fun, rel=1e-9, abs=0.0)
    assert got["edge"] == pytest.approx(found.x, rel=1e-5, abs=0.0)
    top = got["attractor"]
    assert f(top) == pytest.approx(top, rel=1e-11, abs=0.0) and got["room"] == top - got["edge"]
    assert got["slope"] == pytest.approx((f(top + 1e-5) - f(top - 1e-5)) / 2e-5, rel=1e-6, abs=1e-9)
    assert got["slope"] ** got["half_life"] == pytest.approx(0.5, rel=1e-12, abs=0.0)
    assert (1 - got["share"]) ** got["limit"] == pytest.approx(0.5, rel=1e-12, abs=0.0)
    assert got["slope"] <= got["price"] and got["half_life"] <= got["limit"]


def test_a_unit_that_is_nowhere_steep_holds_no_bit():
    assert set(UnitShape(g=0.5, c=0.5, bend=0.5).numbers().values()) == {None}


def test_only_margin_over_room_counts_and_a_kink_reaches_the_bound():
    small, large = (UnitShape(s=s, g=2.0, c=0.8, bend=10.0).numbers() for s in (1.0, 10.0))
    assert large["margin"] == pytest.approx(10 * small["margin"], rel=1e-12, abs=0.0)
    assert large["half_life"] == pytest.approx(small["half_life"], rel=1e-9, abs=0.0)
    assert 0.98 < small["half_life"] / small["limit"] < 1.0


# --- the leak ----------------------------------------------------------------------------


@pytest.mark.parametrize(("z", "w", "h"), [(1, 2, 1), (0.2, 2, 1), (0.02, 1.05, 4), (0.5, 4, 2.2)])
def test_numbers_of_the_leak(z, w, h):
    got = Leak(z=z, w=w, h=h).numbers()
    rest = math.tanh(fixed_point(w))
    assert got["rest"] == pytest.approx(rest, rel=1e-12, abs=0.0)
    step = lambda x, u: (1 - z) * x + z * math.tanh(w * x + u)  # noqa: E731
    assert got["slope"] == pytest.approx(
        (step(rest + 1e-6, 0) - step(rest - 1e-6, 0)) / 2e-6, rel=1e-7, abs=1e-9
    )
    assert got["slope"] ** got["half_life"] == pytest.approx(0.5, rel=1e-12, abs=0.0)
    x, steps = -rest, 0
    while x <= 0:
        x, steps = step(x, h), steps + 1
    assert got["write"] == steps and got["ratio"] == got["half_life"] / steps
    path = Leak(z=z, w=w, h=h).path()
    assert path[steps - 1] <= 0.0 < path[steps]
    x = -rest
    for t in range(8):
        now = Leak(z=z, w=w, h=h, t=t).numbers()
        assert now["state"] == pytest.approx(x, rel=1e-12, abs=1e-15)
        assert now["left"] == pytest.approx(got["slope"] ** t, rel=1e-12, abs=0.0)
        x = step(x, h)


def test_an_input_within_the_margin_writes_nothing_at_any_leak():
    for z in (0.02, 0.3, 1.0):
        got = Leak(z=z, w=2.0, h=0.5).numbers()
        assert got["write"] is None and got["ratio"] is None and got["margin"] > 0.5


# --- the gate ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("g", "T", "sigma"), [(0, 10, 1), (1, 100, 0.5), (4.6, 100, 2), (7, 990, 1)]
)
def test_numbers_of_the_gate(g, T, sigma):
    got = Gate(g=g, T=T, sigma=sigma).numbers()
    keep = lambda g: 1 / (1 + math.exp(-g))  # noqa: E731
    assert got["leak"] == pytest.approx(1 - keep(g), rel=1e-12, abs=0.0)
    assert keep(g) ** got["half_life"] == pytest.approx(0.5, rel=1e-12, abs=0.0)
    assert got["kept"] == pytest.approx(keep(g) ** T, rel=1e-11, abs=0.0)
    steep = (keep(g + 1e-5) ** T - keep(g - 1e-5) ** T) / 2e-5
    assert got["slope"] == pytest.approx(steep, rel=1e-6, abs=0.0)
    slopes = [T * keep(b) ** T * (1 - keep(b)) for b in np.linspace(-1, 10, 110_001)]
    assert max(slopes) == pytest.approx(got["best"], rel=1e-8, abs=0.0)
    variance = 0.0
    for _ in range(T):
        variance = keep(g) ** 2 * variance + ((1 - keep(g)) * sigma) ** 2
    assert got["noise"] == pytest.approx(math.sqrt(variance), rel=1e-9, abs=0.0)


# --- a state that turns --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("modulus", "angle", "sigma", "push", "t"),
    [(1, 0.25, 0.1, 0, 100), (0.9, 3.1, 0.3, 0.1, 7), (1.02, 0, 0.05, 0.02, 60), (1, 1, 0, 0.1, 1)],
)
def test_numbers_of_a_state_that_turns(modulus, angle, sigma, push, t):
    given = Turning(modulus=modulus, angle=angle, sigma=sigma, push=push, t=t)
    got, xi = given.numbers(), np.frombuffer(given.draws, "i1").reshape(100, 2, 40) / 32
    turn, variance, worst = modulus * np.exp(1j * angle), 0.0, 0.0
    plus, minus = np.ones(40, complex), -np.ones(40, complex)
    for first, second in xi[:t]:
        plus, minus = (turn * x + sigma * (first + 1j * second) - push for x in (plus, minus))
        variance, worst = modulus**2 * variance + sigma**2, modulus * worst + 1.0
    read = np.array([plus, minus]) * np.exp(-1j * angle * t)
    assert got["says"] == pytest.approx(read[0, 0].real, rel=1e-9, abs=1e-9)
    assert got["wrong"] == (read[0].real < 0).sum() + (read[1].real > 0).sum()
    assert read[0].real - read[1].real == pytest.approx(2 * got["left"], rel=1e-9, abs=0.0)
    assert got["noise"] == pytest.approx(math.sqrt(variance), rel=1e-9, abs=0.0)
    assert got["bears"] * worst == pytest.approx(got["left"], rel=1e-9, abs=0.0)
    if sigma:
        assert got["reads"] * got["noise"] == pytest.approx(got["left"], rel=1e-9, abs=0.0)
    else:
        assert got["reads"] is None
    if modulus == 1:
        quiet = given.paths()[:, :, -1] @ [1, 1j]
        away = abs(quiet * np.exp(-1j * angle * np.arange(101)) - 1)
        assert away.max() <= got["sway"] + 1e-12
        assert away.max() > 0.9 * got["sway"]
    else:
        assert got["sway"] is None


def test_the_noise_of_a_state_that_turns_is_normal():
    xi = np.frombuffer(Turning().draws, "i1") / 32
    assert abs(xi.mean()) < 0.04 and abs(xi.std() - 1) < 0.03 and abs(xi).max() < 3.97
    assert Turning(t=0).numbers()["bears"] is None


# --- a cost with two cliffs ----------------------------------------------------------------


def last_state(start, w, T):
    for _ in range(T):
        start = w * math.tanh(start)
    return start


def cost_at(shift, w, T):
    ends = [math.tanh(last_state(start + shift, w, T)) for start in (0.5, -0.5)]
    return ((ends[0] - 0.8) ** 2 + (ends[1] + 0.8) ** 2) / 4


@pytest.mark.parametrize(
    ("w", "T", "s", "threshold"),
    [
        (2, 6, -0.56, 1),
        (2, 6, -0.56, 20),
        (0.5, 2, 1.5, 0.1),
        (2.5, 4, 0.52, 3),
        (1.1, 12, -0.4, 1),
    ],
)
def test_numbers_of_the_cost_with_two_cliffs(w, T, s, threshold):
    shifts, longest, tiny = {"plain": s, "clipped": s}, 0.0, 1e-6
    for t in range(4):
        got = Cliff(w=w, T=T, s=s, threshold=threshold, update=t).numbers()
        slopes = {}
        for rule, shift in shifts.items():
            assert got[rule] == pytest.approx(shift, abs=1e-6)
            assert got[f"{rule}_cost"] == pytest.approx(cost_at(got[rule], w, T), rel=1e-12)
            around = [cost_at(got[rule] + step, w, T) for step in (tiny, -tiny)]
            slopes[rule] = (around[0] - around[1]) / (2 * tiny)
            assert got[f"{rule}_gradient"] == pytest.approx(slopes[rule], rel=1e-6, abs=1e-9)
        for name, start in (("growth_plus", 0.5), ("growth_minus", -0.5)):
            around = [last_state(start + got["plain"] + step, w, T) for step in (tiny, -tiny)]
            assert got[name] == pytest.approx(
                (around[0] - around[1]) / (2 * tiny), rel=1e-6, abs=1e-9
            )
        longest = max(longest, abs(slopes["plain"]))
        assert got["longest"] == pytest.approx(longest, rel=1e-6, abs=1e-9)
        cut = max(-threshold, min(threshold, got["clipped_gradient"]))
        shifts = {
            "plain": got["plain"] - 0.1 * got["plain_gradient"],
            "clipped": got["clipped"] - 0.1 * cut,
        }


def test_a_cliff_throws_the_plain_rule_out_and_a_plateau_holds_both():
    thrown = Cliff(update=30).numbers()
    assert thrown["longest"] > 20 and thrown["plain_cost"] > 0.7 and thrown["plain"] > 2
    assert abs(thrown["plain_gradient"]) < 1e-5 and thrown["clipped_cost"] < 0.02
    held = Cliff(T=10, update=30).numbers()
    assert held["plain"] == held["clipped"] == pytest.approx(-0.56, abs=0.002)


# --- steps on a plateau ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("w", "T", "u", "mu", "t"),
    [
        (1.25, 10, 0.9, 0.02, 0),
        (1.25, 10, 0.9, 0.02, 3),
        (2, 2, 2, 0.3, 1),
        (1.05, 30, 0.1, 0.001, 2),
    ],
)
def test_numbers_of_steps_on_a_plateau(w, T, u, mu, t):
    def output(first):
        for _ in range(T - 1):
            first = w * mpmath.tanh(first)
        return mpmath.tanh(first)

    def steps(first):
        # One input, used once, of one unit: the diagonal is the whole second derivative.
        slope = mpmath.diff(output, first)
        gradient = (output(first) + mpmath.mpf(8) / 10) * slope
        bend = mpmath.diff(lambda v: (output(v) + mpmath.mpf(8) / 10) ** 2 / 2, first, 2)
        curvatures = {"gauss": slope**2, "full": abs(bend)}
        newton = {rule: -0.05 * gradient / (c + mu) for rule, c in curvatures.items()}
        return {"plain": -0.05 * gradient} | newton

    got = Plateau(w=w, T=T, u=u, mu=mu, update=t).numbers()
    with mpmath.workdps(40):
        for rule in ("plain", "gauss", "full"):
            at = mpmath.mpf(u)
            for _ in range(t):
                at += steps(at)[rule]
            assert got[rule] == pytest.approx(float(at), abs=1e-5)
            wanted = float(steps(mpmath.mpf(got[rule]))[rule])
            assert got[f"{rule}_step"] == pytest.approx(wanted, rel=1e-9)
    rest = fixed_point(w)
    assert (w / math.cosh(rest) ** 2) ** got["gained"] == pytest.approx(mu, rel=1e-9)


def test_a_plateau_that_is_long_enough_holds_every_rule():
    near, far = (Plateau(T=T, update=200).numbers() for T in (10, 20))
    assert near["plain"] > 0.7 and near["gauss"] < 0 and near["full"] < 0
    assert min(far[rule] for rule in ("plain", "gauss", "full")) > 0.85


# --- looking back ------------------------------------------------------------------------


@pytest.mark.parametrize(("T", "g", "B"), [(2, 0, 7), (20, -2, 0.5), (20, 6, 7), (1000, 14, 2)])
def test_numbers_of_looking_back(T, g, B):
    got = LookBack(T=T, g=g, B=B).numbers()
    # A softmax, as it is written everywhere, and what its bounded logits can reach at most.
    logits = np.zeros(T)
    logits[0] = gap = float(np.clip(g, -2 * B, 2 * B))
    weights = np.exp(logits) / np.exp(logits).sum()
    assert got["gap"] == gap
    assert got["weight"] == pytest.approx(weights[0], rel=1e-12, abs=0.0)
    assert got["other"] == pytest.approx(weights[-1], rel=1e-9, abs=0.0)
    for name, at in (("slope", gap), ("start", 0.0)):
        ahead, behind = (math.exp(at + e) / (math.exp(at + e) + T - 1) for e in (1e-5, -1e-5))
        assert got[name] == pytest.approx((ahead - behind) / 2e-5, rel=1e-6, abs=1e-10)
    assert math.exp(got["half"]) == pytest.approx(T - 1, rel=1e-12, abs=0.0)
    extreme = np.full(T, -float(B))
    extreme[0] = B
    assert got["cap"] == pytest.approx(1 / np.exp(extreme - B).sum(), rel=1e-12, abs=0.0)
    # Noise of that size on all other inputs just cancels the first one.
    assert weights[0] - got["margin"] * weights[1:].sum() == pytest.approx(0.0, abs=1e-12)
    assert got["weight"] <= got["cap"] * (1 + 1e-12)


# --- side by side ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("T", "g", "w", "sigma", "steady"),
    [(100, 4.6, 2, 0.3, 0), (200, 0, 1.05, 1, 0), (37, 10, 4, 0.5, 1), (0, 2, 2, 0.3, 0)],
)
def test_numbers_of_side_by_side(T, g, w, sigma, steady):
    shown = SideBySide(T=T, g=g, w=w, sigma=sigma, steady=steady)
    got, noise = shown.numbers(), sigma * np.frombuffer(shown.draws)[:T]
    if steady:
        noise = np.full(T, -sigma)
    a, log_gradient, keep = fixed_point(w), 0.0, 1 / (1 + math.exp(-g))
    gate = line = 1.0
    for push in noise:
        log_gradient += math.log(w) - 2 * math.log(math.cosh(a))
        a = w * math.tanh(a) + push
        gate, line = keep * gate + (1 - keep) * push, keep * line + push
    weights = np.exp(np.r_[float(g), np.zeros(T)])
    weights /= weights.sum()
    expected = {"latch": math.tanh(a), "gate": gate, "line": line}
    expected |= {
        "glance": weights @ np.r_[1.0, noise],
        "latch_gradient": log_gradient / math.log(10),
    }
    expected |= dict.fromkeys(("gate_gradient", "line_gradient"), T * math.log10(keep))
    expected["glance_gradient"] = math.log10(weights[0])
    assert got == pytest.approx(expected, rel=1e-9, abs=1e-9)


# --- the price list ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("needs", "left"),
    [
        ({"forever", "alive"}, {"slow-clock", "gru", "bistable"}),
        ({"forever", "alive", "quick"}, {"gru", "bistable"}),
        ({"forever", "margin"}, {"tanh-latch"}),
        ({"alive", "margin"}, set()),
        (
            {"alive", "quick", "small"},
            {"carousel", "forget-gate", "gru", "bistable", "rotations", "lines"},
        ),
    ],
)
def test_what_remains_of_the_price_list(needs, left):
    names = ("forever", "margin", "alive", "small", "quick")
    shown = PriceList(**{name: int(name in needs) for name in names})
    assert set(shown.remaining()) == left
    got = shown.numbers()
    assert got.pop("remain") == len(left) and {k for k, v in got.items() if v} == left


def test_integrators_bear_a_tenth_of_the_room_for_ten_steps():
    shown = PriceList(length=0, forever=0, margin=1)
    assert set(shown.remaining()) == {"carousel", "rotations", "attention"}
    assert PriceList(length=1, forever=0, margin=1).remaining() == []


# --- the gradient ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("w", "p", "B"), [(2.0, 0.65, 3.0), (1.05, 0.05, 6.0), (4.0, 3.0, 3.0), (1.5, 1.0, 0.2)]
)
def test_numbers_of_the_survival(w, p, B):
    got = GradientSurvival(w=w, p=p, B=B).numbers()
    first, second = w / math.cosh(p) ** 2, w / math.cosh(B) ** 2
    assert got["spectral_radius"] == pytest.approx(math.sqrt(first * second), rel=1e-12, abs=0.0)
    assert got["norm"] == pytest.approx(max(first, second), rel=1e-12, abs=0.0)
    # The product of the two factors is diagonal: each entry is the square of one slope.
    assert got["growth_per_step"] == pytest.approx(max(first, second), rel=1e-12, abs=0.0)
    decades = 60 * math.log10(max(first, second))
    assert got["log10_alternating"] == pytest.approx(decades, rel=1e-10, abs=1e-10)
    assert got["log10_held"] == pytest.approx(30 * math.log10(first * second), rel=1e-10, abs=0.0)
    away = (B - w * math.tanh(B), p - w * math.tanh(p))
    assert got["inputs"] == pytest.approx(math.hypot(*away), rel=1e-12, abs=0.0)


def test_the_two_readings_part_on_the_counterexample():
    got = GradientSurvival().numbers()
    assert (got["gamma_eigenvalues"], got["gamma_norm"]) == (1.0, 0.0)
    assert got["spectral_radius"] < 1.0 < got["growth_per_step"]
    assert got["growth_per_step"] == pytest.approx(1.346, abs=5e-4)
    agreeing = GradientSurvival(p=1.5, B=3.0).numbers()
    assert (agreeing["gamma_eigenvalues"], agreeing["gamma_norm"]) == (1.0, 1.0)
    assert agreeing["growth_per_step"] < 1.0
    neither = GradientSurvival(p=0.1, B=0.1).numbers()
    assert (neither["gamma_eigenvalues"], neither["gamma_norm"]) == (0.0, 0.0)


@pytest.mark.parametrize("p", np.linspace(0.1, 3.0, 12))
def test_by_the_norm_the_gradient_of_latched_states_vanishes(p):
    got = GradientSurvival(p=float(p), B=2.5).numbers()
    if got["gamma_norm"] == 1.0:
        assert got["growth_per_step"] < 1.0


# --- the ball ----------------------------------------------------------------------------


def plain_ball(network, a, d, b, t, points=96):
    """Return the greatest distance of the circle's image, pushed outwards, step by step."""
    W = list(NETWORKS.values())[network]
    cloud = [
        [
            a[0] + d * math.cos(2 * math.pi * k / points),
            a[1] + d * math.sin(2 * math.pi * k / points),
        ]
        for k in range(points)
    ]
    centre = list(a)
    for _ in range(t):
        centre = plain_step(W, centre)
        cloud = [plain_step(W, one) for one in cloud]
        for one in cloud:
            far = math.dist(one, centre)
            if far > 0.0:
                one[:] = [x + b * (x - c) / far for x, c in zip(one, centre, strict=True)]
    return max(math.dist(one, centre) for one in cloud)


BALLS = (
    {"network": 0, "a1": 0.6, "a2": 0.6, "d": 0.5, "b": 0.0, "t": 2},
    {"network": 0, "a1": 2.0, "a2": -2.0, "d": 0.6, "b": 0.1, "t": 30},
    {"network": 1, "a1": 0.5, "a2": -0.3, "d": 0.3, "b": 0.05, "t": 5},
    {"network": 2, "a1": 1.5, "a2": 2.9, "d": 0.2, "b": 0.0, "t": 7},
)


@pytest.mark.parametrize("settings", BALLS)
def test_numbers_of_the_ball(settings):
    ball = UncertaintyBall(**settings)
    got = ball.numbers()
    a = (ball.a1, ball.a2)
    radii = [plain_ball(ball.network, a, ball.d, ball.b, t) for t in range(31)]
    assert got["radius"] == pytest.approx(radii[ball.t], abs=1e-9)
    assert got["peak_radius"] == pytest.approx(max(radii), abs=1e-9)
    assert radii[int(got["peak_time"])] == pytest.approx(max(radii), rel=1e-8)
    assert got["radius"] <= got["bound"] * (1 + 1e-12)


@pytest.mark.parametrize("settings", BALLS)
def test_the_proved_radius_holds_every_noise_within_its_bound(settings):
    ball = UncertaintyBall(**settings)
    bounds, centre = ball.bounds(), ball.centre()
    rng = np.random.default_rng(3)
    W = list(NETWORKS.values())[ball.network]
    angle = rng.uniform(0.0, 2.0 * np.pi, 200)
    cloud = centre[0][:, None] + ball.d * np.sqrt(rng.random(200)) * [np.cos(angle), np.sin(angle)]
    for t in range(30):
        angle = rng.uniform(0.0, 2.0 * np.pi, 200)
        cloud = W @ np.tanh(cloud) + ball.b * np.array([np.cos(angle), np.sin(angle)])
        far = np.hypot(*(cloud - centre[t + 1][:, None]))
        assert far.max() <= bounds[t + 1] * (1 + 1e-12)


def test_noise_within_the_bound_of_theorem_3_is_absorbed():
    calm = UncertaintyBall(a1=2.0, a2=2.0, d=0.6)
    borne = calm.numbers()["noise_borne"]
    assert borne == pytest.approx(0.299, abs=1e-3)
    at_most = UncertaintyBall(a1=2.0, a2=2.0, d=0.6, b=math.floor(100 * borne) / 100)
    assert at_most.radii().max() <= 0.6 * (1 + 1e-12)
    assert UncertaintyBall().numbers()["noise_borne"] is None


def test_a_ball_grows_outside_gamma_and_shrinks_inside():
    outside, inside = UncertaintyBall(), UncertaintyBall(a1=2.0, a2=2.0)
    assert (outside.numbers()["gamma"], inside.numbers()["gamma"]) == (0.0, 1.0)
    assert outside.numbers()["peak_radius"] > 2 * outside.d
    assert inside.numbers()["peak_time"] == 0.0
    assert outside.radii()[-1] < 1e-9  # growth is transient


# --- the phase plane ---------------------------------------------------------------------


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("start", [(0.5, -2.0), (-1.3, 0.4), (2.9, 2.9)])
def test_numbers_of_the_phase_plane(name, start):
    weights = dict(zip(("w11", "w12", "w21", "w22"), PRESETS[name], strict=True))
    plane = PhasePlane(**weights, a1=start[0], a2=start[1])
    got = plane.numbers()
    W = np.array(PRESETS[name]).reshape(2, 2)
    J = plain_jacobian(W, start)
    values = sorted(np.linalg.eigvals(J), key=lambda z: z.real)
    assert got["spectral_radius"] == pytest.approx(
        max(abs(values[0]), abs(values[1])), rel=1e-9, abs=0.0
    )
    assert got["norm"] == pytest.approx(np.linalg.norm(J, 2), rel=1e-12, abs=0.0)
    assert got["eigenvalue_lower"] == pytest.approx(values[0].real, abs=1e-9)
    assert got["eigenvalue_upper"] == pytest.approx(values[1].real, abs=1e-9)
    assert got["eigenvalue_imaginary"] == pytest.approx(abs(values[0].imag), abs=1e-9)
    # Gamma by its definition, along 60 steps.
    a, product, inside = list(start), np.eye(2), True
    for _ in range(60):
        product = plain_jacobian(W, a) @ product
        a = plain_step(W, a)
        inside = inside and np.linalg.norm(product, 2) < 1.0
    assert (got["gamma"] == 1.0) == (inside and got["basin"] is not None)
    other = PhasePlane(**weights, a1=round(-start[0], 1), a2=round(-start[1], 1)).numbers()
    assert other["gamma"] == got["gamma"]  # the map is odd


def test_what_the_presets_are():
    found = {}
    for name, weights in PRESETS.items():
        settings = dict(zip(("w11", "w12", "w21", "w22"), weights, strict=True))
        found[name] = PhasePlane(**settings).numbers()
    assert {name: numbers["attractors"] for name, numbers in found.items()} == {
        "flip-flop": 2, "bistable": 2, "cycle": 3, "quasi-periodic": 0, "chaotic": 0,
        "non-normal": 3,
    }  # fmt: skip
    assert found["chaotic"]["basin"] is None


@pytest.mark.parametrize(("name", "least"), [("chaotic", 0.1), ("quasi-periodic", -1e-3)])
def test_exponents_of_the_presets_without_a_cycle(name, least):
    """A tangent vector grows along chaos, and neither grows nor shrinks along a rotation."""
    W = np.array(PRESETS[name]).reshape(2, 2)
    a, v, total = np.array([0.5, -1.0]), np.array([1.0, 0.3]), 0.0
    for t in range(6000):
        v = plain_jacobian(W, a) @ v
        size = np.hypot(*v)
        v /= size
        total += math.log(size) if t >= 1000 else 0.0
        a = np.array(plain_step(W, a))
    assert least < total / 5000 < (1.0 if name == "chaotic" else 1e-3)
