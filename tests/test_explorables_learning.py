"""Learning to latch, live: its numbers from plain Python, and against latchlib's own training."""

import math
from itertools import pairwise

import numpy as np
import pytest

from latchbook.explorables import LearningLive
from latchbook.explorables.learning import LAST, RING, SAMPLES
from latchlib.objective import MinimalObjective
from latchlib.tasks import MinimalTask

TARGETS = (0.8, -0.8)
#: Runs that learn and that do not; without room for noise, without noise, and corners.
SETTINGS = (
    {},
    {"w0": 0.5, "update": 120},
    {"T": 3, "rate": 0.5, "update": 60},
    {"sigma": 0.0, "T": 40, "w0": 1.6, "update": 100},
    {"w0": 3.0, "sigma": 0.5, "T": 50, "rate": 0.5, "update": 40, "sample": 7},
    {"w0": 0.25, "sigma": 0.0, "T": 50, "rate": 0.01, "update": 0, "sample": 3},
)


def drawn(live):
    """Return first inputs (time, class) and the ring of noise, drawn anew from their seeds."""
    starts = np.random.default_rng(58).uniform(-0.1, 0.1, (8, 3, 2))[live.sample]
    return starts.tolist(), np.random.default_rng(1994).standard_normal(4093).tolist()


def plain_round(live, ring, w, h, update):
    """Return states, costs and gradient of one round, by loops over plain numbers."""
    by_w, by_h, cost, states = 0.0, [[0.0, 0.0] for _ in range(3)], 0.0, []
    for k, target in enumerate(TARGETS):
        a = [0.0]
        for t in range(1, live.T + 1):
            place = 512 * live.sample + update * 2 * (live.T - 3) + 2 * (t - 4) + k
            given = h[t - 1][k] if t <= 3 else live.sigma * ring[place % 4093]
            a.append(w * math.tanh(a[-1]) + given)
        cost += 0.5 * (math.tanh(a[-1]) - target) ** 2
        error = (math.tanh(a[-1]) - target) / math.cosh(a[-1]) ** 2
        for t in range(live.T, 0, -1):
            by_w += error * math.tanh(a[t - 1])
            if t <= 3:
                by_h[t - 1][k] = error
            error *= w / math.cosh(a[t - 1]) ** 2
        states.append(a)
    return states, cost, by_w, by_h


def plain_run(live):
    """Train by plain numbers; returns w, h, cost and signs before each update, and last states."""
    h, ring = drawn(live)
    w, path = live.w0, []
    grid = lambda x: math.floor(x * 2**20 + 0.5) / 2**20  # noqa: E731
    for update in range(live.update + 1):
        states, cost, by_w, by_h = plain_round(live, ring, w, h, update)
        right = all(a[-1] * d > 0 for a, d in zip(states, TARGETS, strict=True))
        path.append((w, cost, right))
        last = states, by_h
        w = grid(w - live.rate * by_w)
        h = [
            [grid(x - live.rate * g) for x, g in zip(*rows, strict=True)]
            for rows in zip(h, by_h, strict=True)
        ]
    return path, *last


@pytest.mark.parametrize("settings", SETTINGS)
def test_numbers(settings):
    live = LearningLive(**settings)
    got = live.numbers()
    path, states, by_h = plain_run(live)
    assert got["w"] == path[-1][0]  # on the grid, so to the last bit
    assert got["cost"] == pytest.approx(path[-1][1], rel=1e-12, abs=1e-14)
    assert got["x_first"] == pytest.approx(math.tanh(states[0][-1]), abs=1e-13)
    assert got["x_second"] == pytest.approx(math.tanh(states[1][-1]), abs=1e-13)
    for name, error in zip(("log10_first", "log10_second"), by_h[0], strict=True):
        assert got[name] == pytest.approx(math.log10(abs(error)), abs=1e-9)
    count, learned = 0, None
    for update, (_, _, right) in enumerate(path):
        count = count + 1 if right else 0
        learned = update if learned is None and count == 50 else learned
    assert (got["in_a_row"], got["learned_at"]) == (count, learned)


def test_the_settings_differ_in_what_happens():
    found = [LearningLive(**settings).numbers() for settings in SETTINGS]
    assert found[0]["learned_at"] is not None and found[0]["w"] > 1
    assert found[1]["learned_at"] is None and found[1]["w"] < 1
    assert len({numbers["w"] for numbers in found}) == len(found)


def test_a_step_off_the_cliff():
    """The default run takes a great step at one update, and is right from then on."""
    run = LearningLive().run()
    steps = np.abs(np.diff(run.params, axis=0)).max(axis=1)
    assert steps.max() > 3.0 and np.argmax(steps) == 46
    assert run.correct[47:].all() and not run.correct[:47].all()


def test_training_is_gradient_descent_on_the_objective():
    live = LearningLive(T=12, update=80)
    run = live.run()
    present = MinimalObjective(MinimalTask(12, 3, 0.2)).presenter(1)
    for update, (now, after) in enumerate(pairwise(run.params)):
        inputs = np.pad(live.noise(update), ((3, 0), (0, 0), (0, 0)))
        found, _ = present.derivatives(now[:, np.newaxis], np.arange(1), inputs)
        assert after == pytest.approx(now - 0.1 * found.gradient[:, 0], abs=2.0**-20)
        assert run.costs[update] == found.cost[0]


def test_a_longer_run_begins_like_a_shorter_one():
    short, long = (LearningLive(update=n).run() for n in (40, LAST))
    assert np.array_equal(long.params[:41], short.params)
    assert np.array_equal(long.costs[:41], short.costs)


def test_noise_does_not_repeat_soon_and_differs_between_draws():
    live = LearningLive(T=50)
    firsts = {live.noise(update)[0, 0, 0] for update in range(LAST + 1)}
    assert len(firsts) == LAST + 1 <= RING
    ends = {LearningLive(sample=k, update=30).numbers()["w"] for k in range(SAMPLES)}
    assert len(ends) == SAMPLES


def test_where_no_error_arrives_there_is_no_number():
    live = LearningLive(T=10)
    dead = np.concatenate([[0.0], np.full(6, 0.3)])  # w = 0: each step back multiplies by 0
    logs = live.log_errors(dead)
    assert np.isfinite(logs[-1]).all() and np.isneginf(logs[:-1]).all()


def test_rounding_keeps_a_last_bit_from_growing():
    """What the grid is for: training with another tanh, off by a last bit, goes the same way."""
    live = LearningLive(w0=1.9, sigma=0.15, T=39, rate=0.03, sample=2)

    def path(tanh, grid):
        h, ring = drawn(live)
        h, w = np.array(h), live.w0
        for update in range(live.update):
            places = 512 * 2 + update * 72 + np.arange(72)
            noise = live.sigma * np.array(ring)[places % 4093].reshape(36, 2)
            x = [np.zeros(2)]
            for given in (*h, *noise):
                x.append(tanh(w * x[-1] + given))
            error = (x[-1] - TARGETS) * (1 - x[-1] ** 2)
            by_w, by_h = 0.0, np.empty((3, 2))
            for t in range(39, 0, -1):
                by_w += float(error @ x[t - 1])
                if t <= 3:
                    by_h[t - 1] = error
                error = error * w * (1 - x[t - 1] ** 2)
            w, h = grid(w - live.rate * by_w), grid(h - live.rate * by_h)
        return w

    def off(a):
        return np.tanh(a) * (1 + 2.0**-53 * np.sign(np.sin(1e5 * a)))

    to_grid = lambda x: np.floor(x * 2.0**20 + 0.5) / 2.0**20  # noqa: E731
    assert path(np.tanh, to_grid) == path(off, to_grid)
    assert path(np.tanh, lambda x: x) != path(off, lambda x: x)
