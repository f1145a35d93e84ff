"""The threshold unit with a self-loop: against plain loops, and against every possible draw."""

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from latchlib.formulas import formula
from latchlib.threshold_loop import error_back
from latchlib.training import DiscreteError
from latchlib.training.discrete_error import output_change, required_move
from latchlib.wirings import SELF_LOOP

SETTINGS = (
    DiscreteError(eps=0.5),
    DiscreteError(eps=0.25, minimum=-1.0, maximum=3.0),
    DiscreteError(eps=2.0, minimum=-0.5, maximum=0.5),
)
#: Exact in binary, so that fractions and doubles are the same numbers.
LOOPS = (-1.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.25, 3.0)


def plain_forward(w, inputs):
    """Return net inputs and outputs of one trial, as Python numbers."""
    xs, ys, y = [], [], 0
    for h in inputs:
        xs.append(w * y + h)
        y = 1 if xs[-1] > 0 else -1
        ys.append(y)
    return xs, ys


def plain_move(x, wish, eps):
    if wish > 0 and x <= 0:
        return eps - x
    if wish < 0 and x > 0:
        return -eps - x
    return 0


def plain_back(w, xs, ys, target, uniform, settings):
    """Return wishes and moves of one trial, drawn with `uniform`."""
    T = len(xs)
    wishes, moves = [0.0] * T, [0.0] * T
    for t in reversed(range(T)):
        if t == T - 1:
            wishes[t] = wish = (1 if target > 0 else -1) - ys[t]
        else:
            wishes[t] = w * moves[t + 1]
            low, high = settings.minimum, settings.maximum
            chance = (min(max(wishes[t], low), high) - low) / (high - low)
            wish = 0 if wishes[t] == 0 else (2 if uniform[t] < chance else -2)
        moves[t] = plain_move(xs[t], wish, settings.eps)
    return wishes, moves


def every_draw(w, xs, ys, target, settings):
    """Return chance and mean of each move by following both outcomes of every wish, exactly."""
    w, eps, low, high = (Fraction(v) for v in (w, settings.eps, settings.minimum, settings.maximum))
    xs = [Fraction(x) for x in xs]
    chances, means = [Fraction(0)] * len(xs), [Fraction(0)] * len(xs)

    def follow(t, wish, weight):
        if weight == 0:
            return
        move = plain_move(xs[t], wish, eps)
        chances[t] += weight * (move != 0)
        means[t] += weight * move
        if t == 0:
            return
        g = w * move
        if g == 0:
            follow(t - 1, 0, weight)
            return
        p = (min(max(g, low), high) - low) / (high - low)
        follow(t - 1, 2, weight * p)
        follow(t - 1, -2, weight * (1 - p))

    last = len(xs) - 1
    follow(last, (1 if target > 0 else -1) - ys[last], Fraction(1))
    return chances, means


def cases(T, trials, seed, noise=1.0):
    rng = np.random.default_rng(seed)
    inputs = rng.integers(-8, 9, (T, trials)) / 8 * noise
    return inputs, rng.choice([-0.8, 0.8], trials), rng.random((T, trials))


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("w", LOOPS)
def test_walk_equals_plain_loops(w, settings):
    inputs, targets, uniform = cases(9, 40, 1)
    walk = error_back(w, inputs, targets, uniform, settings)
    for r in range(40):
        xs, ys = plain_forward(w, inputs[:, r])
        wishes, moves = plain_back(w, xs, ys, targets[r], uniform[:, r], settings)
        assert walk.x[:, r].tolist() == xs and walk.y[:, r].tolist() == ys
        assert walk.wishes[:, r].tolist() == wishes
        assert walk.moves[:, r].tolist() == moves


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("w", LOOPS)
def test_chance_and_mean_equal_those_over_every_draw(w, settings):
    inputs, targets, uniform = cases(7, 25, 2)
    walk = error_back(w, inputs, targets, uniform, settings)
    for r in range(25):
        xs, ys = plain_forward(w, inputs[:, r])
        chances, means = every_draw(w, xs, ys, targets[r], settings)
        assert walk.arrival[:, r] == pytest.approx([float(c) for c in chances], abs=1e-14)
        assert walk.mean_moves[:, r] == pytest.approx([float(m) for m in means], abs=1e-13)


def test_every_drawn_move_turns_the_output_over_or_is_none():
    inputs, targets, uniform = cases(30, 200, 3)
    walk = error_back(0.75, inputs, targets, uniform)
    moved = walk.moves != 0
    assert np.array_equal(walk.moves[moved], walk.turning[moved])
    assert np.array_equal(output_change(walk.x, walk.turning), -2 * walk.y)
    assert np.abs(walk.moves[moved]).min() >= DiscreteError().eps
    # An error that has stopped does not come back.
    assert (np.diff(moved.astype(int), axis=0) >= 0).all() and not moved.all()


def test_share_of_errors_that_arrive_is_their_chance():
    trials, T = 20_000, 12
    inputs = np.zeros((T, trials))
    inputs[0] = 1.0
    uniform = np.random.default_rng(4).random((T, trials))
    walk = error_back(0.8, inputs, -1.0, uniform, DiscreteError(eps=0.5))
    for t in range(1, T):
        # The chapter's law, written out: 1/2 + w (w + eps) / 4 a step. Five standard errors.
        p = (0.5 + 0.8 * 1.3 / 4) ** (T - 1 - t)
        assert walk.arrival[t, 0] == pytest.approx(p, rel=1e-12, abs=0.0)
        share = np.count_nonzero(walk.moves[t]) / trials
        assert share == pytest.approx(p, abs=5 * math.sqrt(p * (1 - p) / trials))


def test_it_is_one_unit_with_one_input_and_one_weight():
    assert (SELF_LOOP.units, SELF_LOOP.channels, len(SELF_LOOP.connections)) == (1, 1, 1)


def test_an_output_that_is_right_sends_no_error():
    inputs = np.zeros((5, 3))
    inputs[0] = 1.0
    walk = error_back(2.0, inputs, [0.8, 0.1, 1e9], np.zeros((5, 3)))
    for array in (walk.moves, walk.wishes, walk.arrival):
        assert not array.any()


def test_trials_do_not_depend_on_each_other():
    inputs, targets, uniform = cases(8, 6, 5)
    weights = np.linspace(-1, 2, 6)
    whole = error_back(weights, inputs, targets, uniform)
    for r in range(6):
        one = (slice(None), slice(r, r + 1))
        alone = error_back(weights[r], inputs[one], targets[r], uniform[one])
        for name in vars(whole):
            assert np.array_equal(getattr(whole, name)[one], getattr(alone, name))


def test_sign_table_with_zeros_equals_the_formulas():
    """Every sign of x and of x + dx, zero and the least doubles among them; every wish."""
    tiny = math.ulp(0.0)
    places = (-2.0, -tiny, -0.0, 0.0, tiny, 2.0)
    for x, after in product(places, places):
        dx = after - x
        got = output_change(np.array(x), np.array(dx))
        assert got == 2 * ((x + dx > 0) - (x > 0)) == formula("output_change")(x, dx)
    for x, dy, eps in product(places, (2.0, 0.0, -2.0), (0.25, 1.0)):
        dx = required_move(np.array(x), np.array(dy), eps)
        assert dx == plain_move(x, dy, eps) == formula("required_move")(x, dy, eps)
        possible = (dy > 0 and x <= 0) or (dy < 0 and x > 0)
        assert output_change(np.array(x), dx) == (dy if possible else 0)


GOOD = {"w": 1.0, "inputs": np.zeros((4, 2)), "targets": 0.8, "uniform": np.zeros((4, 2))}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("inputs", np.zeros(4)),
        ("inputs", np.zeros((4, 1, 2))),
        ("inputs", [[np.nan, 0.0]] * 4),
        ("inputs", "inputs"),
        ("uniform", np.zeros((4, 3))),
        ("uniform", np.zeros((3, 2))),
        ("uniform", [[np.inf, 0.0]] * 4),
        ("w", np.ones(3)),
        ("w", np.nan),
        ("targets", np.ones((2, 2))),
        ("targets", [0.8, 0.0]),
        ("targets", None),
    ],
)
def test_misuse_names_the_argument(name, value):
    with pytest.raises(ValueError, match=rf"^(shape of )?{name} .*accepted"):
        error_back(**GOOD | {name: value})


def test_no_step_is_refused():
    with pytest.raises(ValueError, match=r"^inputs is .*accepted"):
        error_back(1.0, np.zeros((0, 2)), 0.8, np.zeros((0, 2)))
