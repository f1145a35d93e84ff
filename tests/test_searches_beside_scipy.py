"""Annealing and multigrid on test functions, beside scipy.optimize on the same budget.

Which search is ahead of which is tested by Mann and Whitney's test on the best values of
independent trials. If two searches were equally good, a row of ORDER would pass with probability
0.001.
"""

import functools

import numpy as np
import pytest
from scipy import stats

from latchlib import surfaces
from latchlib.experiments.searches import OURS, SCIPY, _defaults, best_found
from latchlib.training import Multigrid, RandomGuessing, SimulatedAnnealing

ANNEALING, MULTIGRID, GUESSING = OURS
EVOLUTION, DUAL, _ = SCIPY
BUDGET, BOUND, LEVEL = 2000, 5.0, 0.001
#: Dual annealing asks for one point at a time, which takes long.
TRIALS = {DUAL: 20}
MANY = 60

#: Function, number of variables, and the search that is ahead of another.
ORDER = [
    ("rosenbrock", 2, ANNEALING, GUESSING),
    ("rosenbrock", 2, MULTIGRID, GUESSING),
    ("rosenbrock", 2, ANNEALING, DUAL),
    ("rosenbrock", 2, EVOLUTION, ANNEALING),
    ("rastrigin", 4, ANNEALING, EVOLUTION),
    ("rastrigin", 4, ANNEALING, MULTIGRID),
    ("rastrigin", 4, MULTIGRID, GUESSING),
    ("corana", 4, ANNEALING, MULTIGRID),
    ("corana", 4, MULTIGRID, GUESSING),
    ("corana", 4, EVOLUTION, ANNEALING),
]


@functools.cache
def values(name, n, method):
    """Best values of the trials, shape (trial,)."""
    rng = np.random.default_rng([OURS.index(method) if method in OURS else 9, n])
    trials = TRIALS.get(method, MANY)
    return best_found(
        method, surfaces.SURFACES[name], n, budget=BUDGET, bound=BOUND, trials=trials, rng=rng
    )


def p_value(ahead, behind):
    """Chance of an order as clear as this one between two equally good searches."""
    return stats.mannwhitneyu(ahead, behind, alternative="less").pvalue


@pytest.mark.slow
@pytest.mark.parametrize(("name", "n", "ahead", "behind"), ORDER)
def test_order_on_the_same_budget(name, n, ahead, behind):
    assert p_value(values(name, n, ahead), values(name, n, behind)) < LEVEL


def test_the_order_can_fail():
    for name, n, ahead, behind in ORDER[:2]:
        assert p_value(values(name, n, behind), values(name, n, ahead)) > 0.5
    rng = np.random.default_rng(0)
    assert p_value(rng.random(MANY), rng.random(MANY)) > LEVEL


@pytest.mark.parametrize("method", [*OURS, *SCIPY])
def test_no_search_gets_more_than_the_budget(method):
    seen = []

    def watched(points):
        seen.append(surfaces.rastrigin(points))
        return seen[-1]

    best = best_found(
        method, watched, 2, budget=150, bound=5.0, trials=1, rng=np.random.default_rng(3)
    )
    asked = np.concatenate(seen)
    assert best.shape == (1,) and best[0] == asked[:150].min()
    # A population is asked for as a whole, and our own searches once more for what they return.
    assert 150 <= len(asked) <= 150 + 2 * 15


def test_trials_are_independent_and_repeatable():
    def found(trials):
        return best_found(
            DUAL, surfaces.corana, 2, budget=60, bound=5.0, trials=trials,
            rng=np.random.default_rng(5),
        )  # fmt: skip

    assert np.array_equal(found(3), found(3)) and np.array_equal(found(3)[:2], found(2))
    assert len(set(found(3))) == 3


def test_settings_reach_the_search():
    more = {"budget": 400, "bound": 5.0, "trials": 10}
    hot = SimulatedAnnealing(temperature=1e6, step=0.5, bound=5.0)
    changed = best_found(
        ANNEALING, surfaces.rosenbrock, 2, rng=np.random.default_rng(1), rule=hot, **more
    )
    usual = best_found(ANNEALING, surfaces.rosenbrock, 2, rng=np.random.default_rng(1), **more)
    assert not np.array_equal(changed, usual)


def test_settings_by_default():
    wanted = {
        ANNEALING: SimulatedAnnealing(n_t=1, temperature=50.0, step=3.0, bound=3.0, eps=1e-12),
        MULTIGRID: Multigrid(half_width=3.0),
        GUESSING: RandomGuessing(3.0),
    }
    assert _defaults(3.0) == wanted and _defaults(2.0) != wanted


def bowl(points):
    return np.sum(points**2, axis=0)


def test_searches_start_all_over_the_box():
    found = best_found(
        MULTIGRID, bowl, 2, budget=1, bound=3.0, trials=50, rng=np.random.default_rng(4)
    )
    first = np.random.default_rng(4).spawn(51)[0]
    assert np.array_equal(found, bowl(first.uniform(-3.0, 3.0, (2, 50))))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("method", [*OURS, *SCIPY])
def test_the_least_problem_is_one_variable_one_evaluation_and_a_small_box(method):
    asked = []

    def watched(points):
        asked.append(points)
        return bowl(points)

    best = best_found(
        method, watched, 1, budget=1, bound=0.5, trials=1, rng=np.random.default_rng(0)
    )
    assert 0.0 < best[0] == bowl(asked[0])[0] <= 0.25


def test_evolution_goes_on_when_its_population_has_gathered():
    count = 0

    def watched(points):
        nonlocal count
        count += points.shape[1]
        # SciPy would stop where the spread is a hundredth of the mean.
        return 1.0 + bowl(points)

    more = {"budget": 2000, "bound": 5.0, "trials": 1, "rng": np.random.default_rng(0)}
    [best] = best_found(EVOLUTION, watched, 2, **more)
    assert count >= 2000 and best < 1.0 + 1e-14


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"method": "hill climbing"}, "method"),
        ({"budget": 0}, "budget"),
        ({"bound": 0.0}, "bound"),
        ({"trials": 0}, "trials"),
        ({"n": 0}, "n"),
    ],
)
def test_misuse_names_the_argument(change, argument):
    arguments = {"method": ANNEALING, "function": surfaces.corana, "n": 2, "budget": 9}
    with pytest.raises(ValueError, match=rf"^{argument} is .*accepted"):
        best_found(
            **arguments | {"bound": 5.0, "trials": 2, "rng": np.random.default_rng(0)} | change
        )
