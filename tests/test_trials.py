"""Many trials of one algorithm: what is counted, and what the random numbers depend on."""

import numpy as np
import pytest

from latchlib.experiments._trials import Trials, _summary, generators, problem_of, stream_of
from latchlib.problems import PROBLEMS, Latch, Parity, Problem
from latchlib.training import (
    ALGORITHMS,
    BackPropagation,
    Multigrid,
    RandomGuessing,
    StopReason,
    TrainResult,
)


def outcome(problem, **more):
    return Trials(problem, BackPropagation(), 200, **{"trials": 2, "sequences": 4} | more).run(0)


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
    problem, rule = Latch(7, 0.7), Multigrid()
    # Noise in millionths; then 0 for the sets, 1 for the starts, 2 and the rule for training.
    where = (2, 0, 7, 700_000)
    keys = [(*where, 0), (*where, 1), (*where, 2, 4)]
    wanted = [np.random.default_rng(np.random.SeedSequence(5, spawn_key=key)) for key in keys]
    found = generators(problem, rule, 5)
    assert [rng.random() for rng in found] == [rng.random() for rng in wanted]


def test_saved_results_keep_their_spawn_keys():
    old = {name: kind for name, kind in PROBLEMS.items() if kind.stream is not None}
    assert {name: stream_of(kind) for name, kind in old.items()} == {
        "latch": 0, "two-sequence": 1, "parity": 2
    }  # fmt: skip
    kept = {name: rule for name, rule in ALGORITHMS.items() if rule.stream is not None}
    assert {name: stream_of(rule) for name, rule in kept.items()} == {
        "back-propagation": 0, "pseudo-Newton": 1, "time-weighted pseudo-Newton": 2,
        "simulated annealing": 3, "multigrid random search": 4, "discrete error propagation": 5,
        "random guessing": 6,
    }  # fmt: skip


def test_a_new_name_has_a_spawn_key_of_its_own():
    keys = set()
    for label in ("adding", "copying", "gnidda"):

        class Other(Latch):
            name, stream = label, None

        keys.add(stream_of(Other(7)))
        assert stream_of(Other(7)) == stream_of(Other(9))
    assert len(keys) == 3 and all(2**31 <= key < 2**32 for key in keys)


def test_a_subclass_draws_what_its_problem_draws_and_what_has_no_name_is_refused():
    class LongLatch(Latch):
        shortest = 5

    rule = RandomGuessing()
    for one, other in zip(
        generators(LongLatch(7), rule, 5), generators(Latch(7), rule, 5), strict=True
    ):
        assert one.random() == other.random()
    with pytest.raises(ValueError, match=r"problem is Problem.*accepted: one of latch, two-seq"):
        generators(Problem(7), rule, 5)


def test_two_trials_will_do_and_one_will_not():
    assert outcome(Latch(5))["trials"] == 2
    with pytest.raises(ValueError, match="trials is 1; accepted"):
        outcome(Latch(5), trials=1)


def test_the_bound_is_that_of_the_start():
    usual, wide = (outcome(Parity(5, 0.0), trials=20, initial_bound=bound) for bound in (0.5, 50.0))
    assert usual["wrong"] != wide["wrong"]


def test_an_output_may_have_to_come_close():
    """What is right within 0.1 of a target has its sign; what has the sign may be far off."""
    by_sign, close = (outcome(Latch(5), trials=20, within=within) for within in (None, 0.1))
    assert close["learned"] < by_sign["learned"] and close["error"] > by_sign["error"]


def test_an_unknown_problem_is_refused():
    with pytest.raises(ValueError, match=r"problem is 'adding up'; accepted: .*'latch'"):
        problem_of("adding up", 5, 0.2)
