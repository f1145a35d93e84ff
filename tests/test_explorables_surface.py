"""The explorable that searches a surface, as Python knows it: plain loops, and training itself."""

import math
import struct

import numpy as np
import pytest

from latchbook.explorables import SurfaceSearch
from latchbook.explorables.surface import EVALUATIONS, SAMPLES, SEEDS, latch_cost
from latchlib import bptt
from latchlib.objective import FunctionObjective
from latchlib.tasks import TARGETS
from latchlib.training import Multigrid, SimulatedAnnealing, train

SETTINGS = (
    {},
    {"k": 0},
    {"k": 1, "T": 2},
    {"k": 39, "temperature": 1.0, "sample": 1},
    {"k": 40, "temperature": 0.01, "half_width": 0.1, "sample": 2},
    {"k": 41, "T": 40, "half_width": 5.0, "sample": 3},
    {"k": EVALUATIONS, "T": 7, "half_width": 1.3, "sample": 5},
)


def plain_cost(w, u, T):
    a = u
    for _ in range(T - 1):
        a = w * math.tanh(a)
    return 0.5 * (math.tanh(a) - 0.8) ** 2


def stored(search):
    """Return start, draws of multigrid and draws of annealing, as the page reads them."""
    size = 2 + 4 * EVALUATIONS
    values = struct.unpack(f"<{SAMPLES * size}d", search.draws)
    mine = values[search.sample * size : (search.sample + 1) * size]
    return mine[:2], mine[2 : 2 + 2 * EVALUATIONS], mine[2 + 2 * EVALUATIONS :]


def plain_numbers(search):
    """Return the numbers after k points, one number at a time."""
    start, box, luck = stored(search)
    k, T = search.k, search.T
    best, least, half, improvements = list(start), plain_cost(*start, T), search.half_width, 0
    for i in range(k):
        point = [best[j] + half * box[2 * i + j] for j in range(2)]
        if (value := plain_cost(*point, T)) < least:
            best, least, half, improvements = point, value, 0.9 * half, improvements + 1
    numbers = {
        "multigrid_best": least, "multigrid_w": best[0], "multigrid_u": best[1],
        "half_width_now": half, "improvements": improvements,
    }  # fmt: skip
    x, now = list(start), plain_cost(*start, T)
    best, least, steps, heat, taken = list(x), now, [1.0, 1.0], search.temperature, []
    for i in range(k):
        j = i % 2
        low, high = max(x[j] - steps[j], -4.0), min(x[j] + steps[j], 4.0)
        point = list(x)
        point[j] = low + luck[2 * i] * (high - low)
        value = plain_cost(*point, T)
        taken.append(value <= now or luck[2 * i + 1] < math.exp((now - value) / heat))
        if taken[-1]:
            x, now = point, value
        if value < least:
            best, least = point, value
        if (i + 1) % 40 == 0:
            for j in range(2):
                r = sum(taken[-40:][j::2]) / 20
                if r > 0.6:
                    steps[j] *= 1 + 2 * (r - 0.6) / 0.4
                elif r < 0.4:
                    steps[j] /= 1 + 2 * (0.4 - r) / 0.4
                steps[j] = min(steps[j], 8.0)
            heat, x, now = 0.85 * heat, list(best), least
    return numbers | {
        "annealing_best": least, "annealing_now": now, "temperature_now": heat,
        "acceptance": sum(taken[-40:]) / len(taken[-40:]) if k else None,
        "step_w": steps[0], "step_u": steps[1],
    }  # fmt: skip


def assert_plain(search):
    got, expected = search.numbers(), plain_numbers(search)
    assert (got["acceptance"] is None) == (expected["acceptance"] is None) == (search.k == 0)
    if search.k == 0:
        del got["acceptance"], expected["acceptance"]
    assert got == pytest.approx(expected, rel=1e-11, abs=1e-14)


@pytest.mark.parametrize("settings", SETTINGS)
def test_numbers_equal_plain_loops(settings):
    assert_plain(SurfaceSearch(**settings))


def test_numbers_equal_plain_loops_at_random_settings():
    rng = np.random.default_rng(0)
    for _ in range(8):
        search = SurfaceSearch(
            T=int(rng.integers(2, 41)), k=int(rng.integers(0, EVALUATIONS + 1)),
            temperature=float(rng.uniform(0.01, 1)), half_width=float(rng.uniform(0.1, 5)),
            sample=int(rng.integers(SAMPLES)),
        )  # fmt: skip
        assert_plain(search)


@pytest.mark.parametrize("settings", SETTINGS)
def test_both_searches_are_those_of_training(settings):
    search = SurfaceSearch(**settings)
    start = np.array(stored(search)[0])[:, np.newaxis]
    objective, numbers = FunctionObjective(search.cost, 2, -1.0), search.numbers()
    budget = {"max_presentations": 1 + search.k}

    def rng(name):
        return np.random.default_rng(SEEDS[name] + search.sample)

    box = Multigrid(half_width=search.half_width)
    found = train(objective, start, box, rng=rng("multigrid"), **budget)
    assert found.params[:, 0].tolist() == [numbers["multigrid_w"], numbers["multigrid_u"]]
    # With an eps that small nothing counts as standing still.
    heat = SimulatedAnnealing(n_t=1, temperature=search.temperature, bound=4.0, eps=1e-300)
    found = train(objective, start, heat, rng=rng("annealing"), **budget)
    assert search.cost(found.params)[0] == numbers["annealing_best"]


@pytest.mark.parametrize("T", [2, 7, 20])
def test_the_cost_is_that_of_both_classes(T):
    points = np.random.default_rng(1).uniform(-3, 3, (2, 50))
    inputs = np.zeros((T, 2, 50))
    inputs[0] = points[1], -points[1]
    both = bptt.gradient(points[0], inputs, np.array(TARGETS)[:, np.newaxis]).cost
    assert 2 * latch_cost(points, T) == pytest.approx(both, rel=1e-12, abs=0.0)


def test_what_the_page_is_told():
    constants, settings = SurfaceSearch().constants, SimulatedAnnealing()
    assert constants["shrink"] == Multigrid().shrink == 0.9
    told = [constants[name] for name in ("c", "r_t", "step", "n_s")]
    assert told == [settings.c, settings.r_t, settings.step, settings.n_s]
    assert constants["evaluations"] == EVALUATIONS == SurfaceSearch.sliders()["k"][1]
