"""Explorables of the first chapters, as Python knows them: their numbers."""

import math

import numpy as np
import pytest

from latchbook.explorables import OnePresentation, ThreeSystems
from latchlib import bptt, maps

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


# --- one sequence of the minimal task ----------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"label": 1, "L": 6, "signal": 2.0, "sigma": 1.0, "w": 0.5, "t": 7, "sample": 5},
        {"L": 1, "signal": 0.3, "sigma": 0.4, "w": 1.25, "t": 20, "sample": 7},
        {"w": 4.0, "sigma": 0.0, "t": 21},
        {"signal": 0.0, "sigma": 0.0, "t": 0},
    ],
)
def test_numbers_of_one_presentation(settings):
    shown = OnePresentation(**settings)
    sign = -1 if shown.label else 1
    inputs = shown.sigma * np.frombuffer(shown.draws).reshape(8, 20)[shown.sample]
    inputs[: shown.L] = sign * shown.signal
    path = maps.rollout(shown.w, inputs[:, np.newaxis, np.newaxis])[:, 0, 0]
    gradient = bptt.gradient(shown.w, inputs[:, np.newaxis, np.newaxis], 0.8 * sign)
    sizes = np.log10(np.abs(gradient.h[:, 0, 0]))
    told = sizes[40 - shown.t] if shown.t > 20 else None
    expected = {
        "state": path[min(shown.t, 20)],
        "output": math.tanh(path[-1]),
        "right": float(math.tanh(path[-1]) * sign > 0),
        "cost": (math.tanh(path[-1]) - 0.8 * sign) ** 2 / 2,
        "told": told,
        "first": sizes[0],
        "carries": sizes[shown.L - 1],
    }
    got = shown.numbers()
    assert (got.pop("told") is None) == (expected.pop("told") is None)
    assert told is None or shown.numbers()["told"] == pytest.approx(told, rel=1e-9)
    assert got == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_the_class_changes_the_first_inputs_alone():
    one, two = (OnePresentation(label=label, L=4).inputs() for label in (0, 1))
    assert (one[:4] == -two[:4]).all() and (one[4:] == two[4:]).all() and (one[:4] != 0).all()


def test_two_of_eight_draws_overwrite_a_single_first_input_and_none_two():
    for L, right in ((1, 6), (2, 8)):
        runs = [OnePresentation(L=L, signal=0.3, sigma=0.4, sample=k).numbers() for k in range(8)]
        assert sum(found["right"] for found in runs) == right


def test_no_weight_is_always_right_and_gives_the_first_input_much():
    for w in np.arange(0.5, 4.01, 0.05).round(2):
        runs = [OnePresentation(w=w, sample=k).numbers() for k in range(8)]
        assert any(not found["right"] for found in runs) or max(r["first"] for r in runs) < -4
