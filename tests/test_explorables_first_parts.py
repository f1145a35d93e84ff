"""Explorables of the first chapters, as Python knows them: their numbers."""

import math

import numpy as np
import pytest

from latchbook.explorables import ThreeSystems

# --- three systems -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"v": 0.5, "w": 1.05, "sigma": 0.5, "sample": 3},
        {"v": 0.99, "w": 4.0, "sigma": 0.05, "t": 40, "sample": 7},
        {"sigma": 0.0},
        {"t": 0},
    ],
)
def test_numbers_of_three_systems(settings):
    shown = ThreeSystems(**settings)
    v, w, sigma, t = shown.v, shown.w, shown.sigma, shown.t
    noise = np.frombuffer(shown.draws).reshape(8, 250)[:, :t]
    steps = {
        "leaky": lambda a: v * a,
        "perfect": lambda a: a,
        "latch": lambda a: w * math.tanh(a),
    }
    expected, got = {}, shown.numbers()
    for name, step in steps.items():
        ends, slopes = [], []
        for run in (*noise, np.zeros(t)):
            a, slope = 1.0, 0.0
            for xi in run:
                slope += math.log10(w / math.cosh(a) ** 2)
                a = step(a) + sigma * xi
            ends.append(a)
            slopes.append(slope)
        expected[f"{name}_right"] = sum(a > 0 for a in ends[:-1])
        expected[f"{name}_noise"] = math.sqrt(sum((a - ends[-1]) ** 2 for a in ends[:-1]) / 8)
        expected[f"{name}_gradient"] = slopes[shown.sample]
    expected |= {"leaky_gradient": t * math.log10(v), "perfect_gradient": 0.0}
    # The laws, from the weights with which each draw is still in the state.
    for name, weight in (("leaky", v), ("perfect", 1.0)):
        expected[f"{name}_law"] = sigma * math.sqrt(sum(weight ** (2 * k) for k in range(t)))
    assert got == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_none_of_the_latches_keeps_both_the_sign_and_the_gradient():
    for w in np.arange(1.05, 4.01, 0.05).round(2):
        found = ThreeSystems(w=w).numbers()
        assert found["latch_right"] < 8 or found["latch_gradient"] < -20
    assert ThreeSystems(w=1.05).numbers()["latch_right"] == 4
    assert ThreeSystems(w=1.25).numbers()["latch_right"] == 8
