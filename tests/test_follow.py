"""What is recorded of a search is what training runs, and it agrees with itself."""

import numpy as np
import pytest

from latchlib import surfaces
from latchlib.objective import FunctionObjective
from latchlib.training import (
    BackPropagation,
    Multigrid,
    RandomGuessing,
    SimulatedAnnealing,
    follow,
    train,
)

START = np.array([[2.0, -3.0, 0.4], [-3.0, 1.0, 0.1]])


@pytest.mark.parametrize("budget", [2, 41, 100, 241])
@pytest.mark.parametrize(
    "rule",
    [
        Multigrid(half_width=3.0, shrink=0.8),
        SimulatedAnnealing(n_s=10, n_t=1, temperature=5.0, step=0.5, bound=4.0),
        SimulatedAnnealing(n_s=10, n_t=2, temperature=5.0, step=0.5, bound=4.0),
        RandomGuessing(5.0),
    ],
    ids=str,
)
def test_a_path_is_what_training_does(rule, budget):
    # Training draws from one stream a trial, a few points at a time.
    streams = np.random.default_rng(8).spawn(3)
    draws = np.stack([np.vstack([rule.draws(s, 2) for _ in range(13)]) for s in streams], axis=-1)
    tries = budget - rule.tries_start
    found = follow(surfaces.rastrigin, START, rule, draws[:tries])
    objective, rng = FunctionObjective(surfaces.rastrigin, 2, -1.0), np.random.default_rng(8)
    trained = train(objective, START, rule, rng=rng, max_presentations=budget)
    assert len(found.tried) == len(found.costs) == 1 + tries
    if rule.tries_start:
        assert np.array_equal(found.state.best[-1], trained.params)
    else:
        least = found.costs[1:].argmin(axis=0)
        assert np.array_equal(found.tried[1 + least, :, range(3)].T, trained.params)


def test_the_record_of_multigrid():
    draws = np.random.default_rng(0).uniform(-1, 1, (80, 2, 3))
    tried, costs, state = follow(surfaces.rosenbrock, START, Multigrid(), draws)
    assert np.array_equal(costs, [surfaces.rosenbrock(points) for points in tried])
    assert np.array_equal(state.best_cost, np.minimum.accumulate(costs))
    improvements = np.cumsum(state.taken[1:], axis=0)
    assert state.half[1:] == pytest.approx(5.0 * 0.9**improvements, rel=1e-12)
    inside = np.abs(tried[1:] - state.best[:-1]) <= state.half[:-1, np.newaxis]
    assert inside.all() and (np.diff(state.best_cost, axis=0) < 0).sum() == improvements[-1].sum()


def test_the_record_of_annealing():
    rule = SimulatedAnnealing(n_t=1, temperature=3.0, step=0.5, bound=4.0)
    draws = np.random.default_rng(0).random((6 * 20 * 2, 2, 3))
    tried, costs, state = follow(surfaces.rastrigin, START, rule, draws)
    assert np.array_equal(state.best_cost, np.minimum.accumulate(costs))
    moved = tried[1:] - state.x[:-1]
    # One variable a move, in turn, within the step and the bound.
    assert ((moved != 0).sum(axis=1) == 1).all() and (moved[::2, 0] != 0).all()
    assert (np.abs(moved) <= state.steps[:-1] + 1e-12).all() and np.abs(tried).max() <= 4.0
    cooled = np.arange(len(tried)) % 40 == 0
    cooled[0] = False
    heat = np.broadcast_to(3.0 * 0.85 ** np.cumsum(cooled)[:, np.newaxis], (241, 3))
    assert state.temperature == pytest.approx(heat, rel=1e-12)
    # Back to the best point when it cools; else to the point tried, or nowhere.
    assert np.array_equal(state.x[cooled], state.best[cooled])
    stays = np.where(state.taken[1:, np.newaxis], tried[1:], state.x[:-1])
    assert np.array_equal(state.x[1:][~cooled[1:]], stays[~cooled[1:]])
    falls = costs[1:] <= state.cost[:-1]
    assert state.taken[1:][falls].all() and not state.taken[1:][~falls].all()


def flat(points):
    """Return the same cost everywhere."""
    return np.full(points.shape[1], 2.0)


def test_the_same_cost_again_is_no_improvement():
    rng = np.random.default_rng(0)
    boxes = follow(flat, START, Multigrid(), rng.uniform(-1, 1, (30, 2, 3))).state
    assert boxes.taken[0].all() and not boxes.taken[1:].any()
    assert (boxes.best == START).all() and (boxes.half == boxes.half[0]).all()

    rule = SimulatedAnnealing(n_s=10, n_t=50, step=0.5, bound=4.0)
    walk = follow(flat, START, rule, rng.random((9 * 10 * 2, 2, 3))).state
    # Annealing goes there all the same; the best point is the first of them.
    assert walk.taken.all() and (walk.best == START).all()
    # All is accepted, so the steps are trebled until they reach across the whole box.
    assert walk.steps[-1].tolist() == [[8.0] * 3] * 2


@pytest.mark.parametrize(
    ("argument", "start", "rule", "draws"),
    [
        ("params0", np.zeros(2), Multigrid(), (5, 2, 1)),
        ("params0", [[np.inf], [0.0]], Multigrid(), (5, 2, 1)),
        ("draws", np.zeros((2, 1)), Multigrid(), (5, 3, 1)),
        ("draws", np.zeros((2, 1)), Multigrid(), (5, 2, 2)),
        ("draws", np.zeros((2, 1)), Multigrid(), (0, 2, 1)),
        ("draws", np.zeros((2, 1)), SimulatedAnnealing(), (20, 2, 2, 1)),
        ("params0 is 11", [[-11.0], [0.0]], SimulatedAnnealing(), (40, 2, 1)),
        ("rule", np.zeros((2, 1)), BackPropagation(), (5, 2, 1)),
        ("rule", np.zeros((2, 1)), Multigrid, (5, 2, 1)),
    ],
)
def test_misuse_names_the_argument(argument, start, rule, draws):
    with pytest.raises(ValueError, match=rf"^{argument}.*accepted"):
        follow(surfaces.rastrigin, start, rule, np.zeros(draws))
