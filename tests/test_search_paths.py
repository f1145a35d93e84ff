"""Recorded searches are those that training runs, and their records agree with themselves."""

import numpy as np
import pytest

from latchlib import surfaces
from latchlib.objective import FunctionObjective
from latchlib.search_paths import annealing_path, multigrid_path
from latchlib.training import Multigrid, SimulatedAnnealing, multigrid, simulated_annealing

ENDLESS = FunctionObjective(surfaces.rastrigin, 2, -1.0)
START = np.array([[2.0, -3.0, 0.4], [-3.0, 1.0, 0.1]])


def draws_of(seed, one):
    """Draw what training draws: from one stream a trial."""
    streams = np.random.default_rng(seed).spawn(START.shape[1])
    return np.stack([one(stream) for stream in streams], axis=-1)


@pytest.mark.parametrize("budget", [2, 51, 151])
def test_a_multigrid_path_is_what_training_does(budget):
    settings = Multigrid(half_width=3.0, shrink=0.8)
    draws = draws_of(7, lambda s: np.concatenate([s.uniform(-1, 1, (50, 2)) for _ in range(3)]))
    path = multigrid_path(surfaces.rastrigin, START, draws, settings)
    trained = multigrid.train(
        ENDLESS, START, rng=np.random.default_rng(7), max_presentations=budget, settings=settings
    )
    assert np.array_equal(path.best[budget - 1], trained.params)


@pytest.mark.parametrize("budget", [2, 41, 100, 241])
@pytest.mark.parametrize("n_t", [1, 2])
def test_an_annealing_path_is_what_training_does(budget, n_t):
    settings = SimulatedAnnealing(n_s=10, n_t=n_t, temperature=5.0, step=0.5, bound=4.0)
    draws = draws_of(8, lambda s: np.stack([s.random((10, 2, 2)) for _ in range(12)]))
    path = annealing_path(surfaces.rastrigin, START, draws, settings)
    trained = simulated_annealing.train(
        ENDLESS, START, rng=np.random.default_rng(8), max_presentations=budget, settings=settings
    )
    assert len(path.tried) == 12 * 10 * 2 + 1
    assert np.array_equal(path.best[budget - 1], trained.params)


def test_the_record_of_multigrid():
    draws = np.random.default_rng(0).uniform(-1, 1, (80, 2, 3))
    path = multigrid_path(surfaces.rosenbrock, START, draws)
    assert np.array_equal(path.costs, [surfaces.rosenbrock(points) for points in path.tried])
    assert np.array_equal(path.best_costs, np.minimum.accumulate(path.costs))
    improvements = np.cumsum(path.taken[1:], axis=0)
    assert path.half[1:] == pytest.approx(5.0 * 0.9**improvements, rel=1e-12)
    inside = np.abs(path.tried[1:] - path.best[:-1]) <= path.half[:-1, np.newaxis]
    assert inside.all() and (np.diff(path.best_costs, axis=0) < 0).sum() == improvements[-1].sum()


def test_the_record_of_annealing():
    settings = SimulatedAnnealing(n_t=1, temperature=3.0, step=0.5, bound=4.0)
    draws = np.random.default_rng(0).random((6, 20, 2, 2, 3))
    path = annealing_path(surfaces.rastrigin, START, draws, settings)
    assert np.array_equal(path.best_costs, np.minimum.accumulate(path.costs))
    moved = path.tried[1:] - path.states[:-1]
    # One variable a move, in turn, within the step and the bound.
    assert ((moved != 0).sum(axis=1) == 1).all() and (moved[::2, 0] != 0).all()
    assert (np.abs(moved) <= path.steps[:-1] + 1e-12).all() and np.abs(path.tried).max() <= 4.0
    cooled = np.arange(len(path.tried)) % 40 == 0
    cooled[0] = False
    assert path.temperature == pytest.approx(3.0 * 0.85 ** np.cumsum(cooled), rel=1e-12)
    # Back to the best point when it cools; else to the point tried, or nowhere.
    assert np.array_equal(path.states[cooled], path.best[cooled])
    stays = np.where(path.taken[1:, np.newaxis], path.tried[1:], path.states[:-1])
    assert np.array_equal(path.states[1:][~cooled[1:]], stays[~cooled[1:]])
    falls = path.costs[1:] <= path.state_costs[:-1]
    assert path.taken[1:][falls].all() and not path.taken[1:][~falls].all()


def flat(points):
    """Return the same cost everywhere."""
    return np.full(points.shape[1], 2.0)


def test_the_same_cost_again_is_no_improvement():
    boxes = multigrid_path(flat, START, np.random.default_rng(0).uniform(-1, 1, (30, 2, 3)))
    assert boxes.taken[0].all() and not boxes.taken[1:].any()
    assert (boxes.best == START).all() and (boxes.half == boxes.half[0]).all()

    settings = SimulatedAnnealing(n_s=10, n_t=50, step=0.5, bound=4.0)
    path = annealing_path(flat, START, np.random.default_rng(0).random((9, 10, 2, 2, 3)), settings)
    # Annealing goes there all the same; the best point is the first of them.
    assert path.taken.all() and (path.best == START).all()
    # All is accepted, so the steps are trebled until they reach across the whole box.
    assert path.steps[-1].tolist() == [[8.0] * 3] * 2


def test_a_start_on_the_bound_is_within_it():
    start = np.array([[10.0, -10.0], [0.0, 3.0]])
    path = annealing_path(surfaces.rastrigin, start, np.zeros((1, 20, 2, 2, 2)))
    assert np.array_equal(path.tried[0], start)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("start", lambda: multigrid_path(np.sum, np.zeros(2), np.zeros((5, 2, 1)))),
        ("draws", lambda: multigrid_path(np.sum, np.zeros((2, 1)), np.zeros((5, 3, 1)))),
        ("draws", lambda: multigrid_path(np.sum, np.zeros((2, 1)), np.full((5, 2, 1), np.nan))),
        ("draws", lambda: annealing_path(np.sum, np.zeros((2, 1)), np.zeros((5, 9, 2, 2, 1)))),
        ("start", lambda: annealing_path(np.sum, np.full((2, 1), 11), np.zeros((1, 20, 2, 2, 1)))),
        ("start", lambda: annealing_path(np.sum, [[-11], [0]], np.zeros((1, 20, 2, 2, 1)))),
        ("start", lambda: annealing_path(np.sum, np.zeros(2), np.zeros((1, 20, 2, 2, 1)))),
    ],
)
def test_misuse_names_the_argument(argument, call):
    with pytest.raises(ValueError, match=rf"{argument} .*accepted"):
        call()
