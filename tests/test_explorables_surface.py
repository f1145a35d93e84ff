"""The explorable that searches a surface, as Python knows it: plain loops, and training itself."""

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


def stored(search):
    """Return start, draws of multigrid and draws of annealing, as the page reads them."""
    size = 2 + 4 * EVALUATIONS
    values = struct.unpack(f"<{SAMPLES * size}d", search.draws)
    mine = values[search.sample * size : (search.sample + 1) * size]
    return mine[:2], mine[2 : 2 + 2 * EVALUATIONS], mine[2 + 2 * EVALUATIONS :]


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
