"""Many trials of one algorithm: what is counted, and what the random numbers depend on."""

import numpy as np
import pytest

from latchlib.experiments._trials import _generators, _summary, outcome, problem_of
from latchlib.problems import PROBLEMS, Latch, Parity, Problem
from latchlib.training import ALGORITHMS, BackPropagation, StopReason, TrainResult

SMALL = {"trials": 2, "sequences": 4, "max_presentations": 200, "seed": 0}


def test_endings_are_counted():
    reasons = [StopReason.LEARNED] + [StopReason.STUCK] * 2 + [StopReason.DIVERGED] * 3
    result = TrainResult(np.zeros((3, 6)), np.array(reasons), np.array([10, 20, 30, 40, 50, 90]))
    shares = np.array([0.0, 0.5, 0.5, 1.0, 1.0, 0.0])
    row = _summary(result, shares, shares[::-1], 10)
    counts = {name: row[name] for name in ("trials", "learned", "stuck", "diverged")}
    assert counts == {"trials": 6, "learned": 1, "stuck": 2, "diverged": 3}
    assert row["error"] == row["test_error"] == 0.5
    assert (row["presentations"], row["median_presentations"]) == (40.0, 35.0)


def test_streams_are_those_of_problem_noise_and_length():
    problem, method = Latch(7, 0.7), "multigrid random search"
    # Noise in millionths; then 0 for the sets, 1 for the starts, 2 and the method for training.
    where = (2, list(PROBLEMS).index("latch"), 7, 700_000)
    keys = [(*where, 0), (*where, 1), (*where, 2, ALGORITHMS[method].stream)]
    wanted = [np.random.default_rng(np.random.SeedSequence(5, spawn_key=key)) for key in keys]
    found = _generators(problem, method, 5)
    assert [rng.random() for rng in found] == [rng.random() for rng in wanted]


def test_a_subclass_draws_what_its_problem_draws_and_others_are_refused():
    class LongLatch(Latch):
        shortest = 5

    method = "random guessing"
    for one, other in zip(
        _generators(LongLatch(7), method, 5), _generators(Latch(7), method, 5), strict=True
    ):
        assert one.random() == other.random()
    with pytest.raises(ValueError, match=r"problem is Problem.*accepted: one of Latch, TwoSeq"):
        _generators(Problem(7), method, 5)


def test_two_trials_will_do_and_one_will_not():
    assert outcome(Latch(5), BackPropagation(), **SMALL)["trials"] == 2
    with pytest.raises(ValueError, match="trials is 1; accepted"):
        outcome(Latch(5), BackPropagation(), **SMALL | {"trials": 1})


def test_the_bound_is_that_of_the_start():
    usual, wide = (
        outcome(Parity(5, 0.0), BackPropagation(), **SMALL | {"trials": 20}, initial_bound=bound)
        for bound in (0.5, 50.0)
    )
    assert usual["wrong"] != wide["wrong"]


def test_an_output_may_have_to_come_close():
    """What is right within 0.1 of a target has its sign; what has the sign may be far off."""
    by_sign, close = (
        outcome(Latch(5), BackPropagation(), **SMALL | {"trials": 20}, within=within)
        for within in (None, 0.1)
    )
    assert close["learned"] < by_sign["learned"] and close["error"] > by_sign["error"]


def test_an_unknown_problem_is_refused():
    with pytest.raises(ValueError, match=r"problem is 'adding'; accepted: .*'latch'"):
        problem_of("adding", 5, 0.2)
