"""Explorables of the first chapters, as Python knows them: their numbers."""

import math
from itertools import product

import numpy as np
import pytest

from latchbook.explorables import Cloud, OnePresentation, ThreeSystems, WeightTerms
from latchbook.explorables.cloud import FAMILIES
from latchlib import bptt, maps, phase_space

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


# --- a cloud of states -------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"network": 1, "g": 1.2, "r": 0.1, "t": 1},
        {"network": 2, "g": 0.05, "r": 3.5, "t": 20},
        {"network": 3, "t": 0},
        {"network": 4, "g": 0.7, "t": 13},
        {"network": 5, "r": 2.0, "t": 8},
    ],
)
def test_numbers_of_the_cloud(settings):
    shown = Cloud(**settings)
    W = shown.g * np.reshape(list(FAMILIES.values())[shown.network], (2, 2))
    side = shown.r * np.linspace(-13 / 14, 13 / 14, 14)
    home, moved, sizes = 0, [], []
    for start in product(side, side):
        a, last, derivative = np.array(start), None, np.eye(2)
        for _ in range(shown.t):
            derivative = W @ np.diag(1 / np.cosh(a) ** 2) @ derivative
            a, last = W @ np.tanh(a), a
        home += np.abs(a).max() < 0.1
        moved.append(0.0 if last is None else np.abs(a - last).max())
        sizes.append(math.log10(np.linalg.norm(derivative, 2)))
    expected = {
        "radius": np.abs(np.linalg.eigvals(W)).max(),
        "norm": np.linalg.norm(W, 2),
        "home": home,
        "moved": max(moved) if shown.t else None,
        "mean": np.mean(sizes),
        "worst": max(sizes),
    }
    got = shown.numbers()
    assert (got.pop("moved") is None) == (expected["moved"] is None)
    moves = expected.pop("moved")
    assert moves is None or shown.numbers()["moved"] == pytest.approx(moves, rel=1e-6, abs=1e-9)
    assert got == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_what_the_clouds_are():
    number = {name: k for k, name in enumerate(FAMILIES)}
    ends = {name: Cloud(network=k, t=20).numbers() for name, k in number.items()}
    assert ends["two latches"]["moved"] < 1e-9 < 3 < ends["flip"]["moved"]
    assert ends["flip"]["worst"] < -10 and -1 < ends["circle"]["mean"] < 0 < ends["circle"]["worst"]
    assert ends["of the question"]["radius"] < 1 and ends["of the question"]["home"] == 4
    small = [Cloud(network=number["of the question"], g=g, t=20).numbers() for g in (0.2, 0.5)]
    assert [found["home"] for found in small] == [196, 196]
    assert small[0]["norm"] < 1 and small[1]["norm"] == pytest.approx(2.4, abs=0.05)
    chaotic = Cloud(network=number["chaotic"])
    assert ends["chaotic"]["worst"] > 3 and not phase_space.attractors(chaotic.W)
    (cycle,) = phase_space.attractors(1.2 * chaotic.W)
    assert cycle.period == 4


# --- the terms of the weight's gradient --------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"w": 1.25, "a0": 0.0, "sigma": 0.02, "t": 17},
        {"w": 0.5, "a0": -2.0, "sigma": 0.5, "t": 3, "sample": 6},
        {"w": 4.0, "sigma": 0.0, "t": 1},
    ],
)
def test_numbers_of_the_weight_terms(settings):
    shown = WeightTerms(**settings)
    t = shown.t
    noise = shown.sigma * np.frombuffer(shown.draws).reshape(8, 50)[shown.sample, :t]

    def cost(copies):
        a = shown.a0
        for weight, push in zip(copies, noise, strict=True):
            a = weight * np.tanh(a) + push
        return (np.tanh(a) - 0.8) ** 2 / 2, a

    # A copy of the weight for each step: what it does alone is that step's term.
    terms = []
    for k in range(t):
        up, down = (cost(shown.w + eps * np.eye(t)[k])[0] for eps in (1e-5, -1e-5))
        terms.append((up - down) / 2e-5)
    got = shown.numbers()
    sizes = np.abs(terms)
    assert got["state"] == pytest.approx(cost(np.full(t, shown.w))[1], rel=1e-12)
    assert got["gradient"] == pytest.approx(sum(terms), rel=1e-5, abs=1e-9)
    assert got["near"] == pytest.approx(sizes[-5:].sum() / sizes.sum(), rel=1e-5)
    if shown.a0 == 0:
        assert got["first"] is None
    elif t < 10:
        assert got["first"] == pytest.approx(math.log10(sizes[0] / sizes.sum()), rel=1e-5, abs=1e-9)


def test_a_sequence_without_steps_or_states_feels_nothing():
    for settings in ({"t": 0}, {"a0": 0.0, "sigma": 0.0}):
        found = WeightTerms(**settings).numbers()
        assert (found["gradient"], found["near"], found["first"]) == (0.0, None, None)


def test_near_terms_win_where_the_state_is_latched_and_not_where_it_is_undecided():
    assert min(WeightTerms(sample=k).numbers()["near"] for k in range(8)) > 0.9996
    undecided = [
        WeightTerms(w=1.25, a0=0.0, sigma=0.02, t=t).numbers()["near"] for t in (17, 30, 50)
    ]
    assert undecided == pytest.approx([0.36, 0.87, 0.92], abs=0.01)
    draws = [WeightTerms(w=1.25, sigma=0.4, sample=k).numbers()["near"] for k in range(8)]
    assert sorted(near < 0.1 for near in draws) == [False] * 6 + [True] * 2
