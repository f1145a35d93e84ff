"""The explorable of the discrete error, as Python knows it: its numbers by plain loops."""

import math
import struct
from itertools import product

import pytest

from latchbook.explorables import DiscreteErrorWalk
from latchbook.explorables.discrete import LONGEST, SAMPLES
from latchlib.tasks import TARGETS

SETTINGS = (
    {},
    {"w": 0.5, "eps": 0.05, "noise": 0.0, "back": 3},
    {"w": 3.0, "start": -2.0, "wanted": 0, "back": 19},
    {"w": 1.1, "start": 0.0, "noise": 1.0, "T": 40, "back": 39, "sample": 7},
    {"w": 0.6, "noise": 0.4, "eps": 1.0, "T": 12, "back": 5, "sample": 3},
    {"T": 3, "back": 30, "eps": 2.0, "sample": 5},
)


def plain_numbers(walk):
    """Return the numbers at the step reached, one number at a time."""
    w, eps, T = walk.w, walk.eps, walk.T
    stored = struct.unpack(f"<{SAMPLES * 2 * LONGEST}d", walk.draws)
    first = 2 * walk.sample * LONGEST
    noise, chance = stored[first : first + T], stored[first + LONGEST : first + LONGEST + T]
    h = [walk.start] + [walk.noise * n for n in noise[1:]]
    target = TARGETS[walk.wanted]
    x, y, a = [], [], []
    for t in range(T):
        x.append(w * (y[-1] if y else 0) + h[t])
        y.append(1 if x[-1] > 0 else -1)
        a.append(w * math.tanh(a[-1] if a else 0.0) + h[t])

    wish, move, arrival, gradient = ([0.0] * T for _ in range(4))
    later = 0.0  # the turning move one step later
    for t in reversed(range(T)):
        turn = -y[t] * (eps + abs(x[t]))
        if t == T - 1:
            wish[t] = became = math.copysign(1, target) - y[t]
            arrival[t] = float(became != 0)
            gradient[t] = (1 - math.tanh(a[t]) ** 2) * (math.tanh(a[t]) - target)
        else:
            wish[t] = w * move[t + 1]
            p = min(max((wish[t] + 2) / 4, 0.0), 1.0)
            became = 0 if wish[t] == 0 else (2 if chance[t] < p else -2)
            # Half, and half of the wish's size as a share of 2: the chance of the right sign.
            size = w * abs(later)
            right = y[t] == y[t + 1]  # a wish with the sign that turns this output over
            keep = min(1.0, 0.5 + size / 4)
            arrival[t] = arrival[t + 1] * (keep if right else 1 - keep)
            gradient[t] = gradient[t + 1] * w * (1 - math.tanh(a[t]) ** 2)
        move[t] = turn if became * y[t] < 0 else 0.0
        later = turn
    at = max(1, T - walk.back) - 1

    def log(size):
        return math.log10(abs(size)) if size else None

    mean = arrival[at] * (eps + abs(x[at]))
    return {
        "net_input": x[at], "output": y[at], "wish": wish[at], "move": move[at],
        "arrival": arrival[at], "moved": sum(m != 0 for m in move), "arrival_first": arrival[0],
        "log10_mean": log(mean), "log10_gradient": log(gradient[at]),
    }  # fmt: skip


def assert_true(walk):
    found, expected = walk.numbers(), plain_numbers(walk)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        wanted = value if value is None else pytest.approx(value, rel=1e-9, abs=1e-12)
        assert found[name] == wanted, (name, walk)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_numbers_equal_plain_loops(settings):
    assert_true(DiscreteErrorWalk(**settings))


def test_a_strong_loop_loses_nothing_and_a_weak_one_does():
    strong, weak = (DiscreteErrorWalk(w=w, noise=0.0, back=19).numbers() for w in (2.0, 0.5))
    assert strong["arrival_first"] == 1.0 and strong["moved"] == 20
    # One half and w (w + eps)/4 a step; the first step's own input changes nothing on the way.
    assert weak["arrival_first"] == pytest.approx((0.5 + 0.5 * 1.0 / 4) ** 19, rel=1e-12, abs=0.0)
    assert strong["log10_gradient"] < -10 < strong["log10_mean"]


def test_a_right_output_sends_no_error():
    numbers = DiscreteErrorWalk(wanted=0).numbers()
    assert numbers["moved"] == numbers["arrival_first"] == numbers["move"] == 0
    assert numbers["log10_mean"] is None


def test_steps_back_beyond_the_start_count_as_the_start():
    for T, back in product((3, 20), (19, 39)):
        walk = DiscreteErrorWalk(T=T, back=back)
        assert walk.step == max(1, T - back)
        assert walk.numbers() == DiscreteErrorWalk(T=T, back=min(back, T - 1)).numbers()
