"""What the comparison and the sensitivity study share: many trials of one algorithm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from latchlib._validation import integer, one_of, refuse
from latchlib.objective import SequenceObjective
from latchlib.problems import INITIAL_BOUND, PROBLEMS, Problem
from latchlib.statistics import mean_interval, share_interval, wilson_interval
from latchlib.training import ALGORITHMS, Rule, StopReason, TrainResult, train

__all__ = ["TEST_SEQUENCES", "outcome", "problem_of", "trials_of"]

#: Fresh sequences that each trained network is tested on.
TEST_SEQUENCES = 100

# Columns that hold one number a trial.
_A_TRIAL = ("reasons", "wrong", "test_wrong", "spent")


def problem_of(
    name: str, T: int, noise: float, changes: Mapping[str, Any] | None = None
) -> Problem:
    """Return the problem `name` with sequences of at most `T` steps."""
    one_of("problem", name, tuple(PROBLEMS))
    return PROBLEMS[name](T=T, noise=noise, **(changes or {}))


def outcome(
    problem: Problem,
    rule: Rule,
    *,
    trials: int,
    sequences: int,
    max_presentations: int,
    seed: int,
    tolerance: float = 0.0,
    within: float | None = None,
    initial_bound: float = INITIAL_BOUND,
) -> dict[str, Any]:
    """Train many trials by one rule and summarise what came out.

    Randomness depends on the seed, the problem, its noise and T, and, for what is not shared, the
    rule's name: at one setting all rules get the same training sets, test sets and starting points.

    Parameters
    ----------
    problem : Problem
        What to learn.
    rule : Rule
        How to learn.
    trials : int
        Independent trials, >= 2, each with its own training set and starting point.
    sequences : int
        Sequences in a training set.
    max_presentations : int
        Budget a trial.
    seed : int
        Root of all randomness, >= 0.
    tolerance : float
        Share of the training set that may be wrong when a trial counts as learned.
    within : float, optional
        See :class:`latchlib.objective.SequenceObjective`.
    initial_bound : float
        Parameters start uniform on [-initial_bound, initial_bound].

    Returns
    -------
    dict
        Columns of the row: counts by reason of ending; and, over trials, mean, standard deviation
        and 95 % interval of the error on the training set, of that on fresh sequences, and of the
        presentations. Last the size of a training set and what :func:`trials_of` reads: one number
        a trial, with spaces between.
    """
    trials = integer("trials", trials, at_least=2)
    data_rng, start_rng, train_rng = _generators(problem, rule.name, seed)
    streams = data_rng.spawn(trials)
    training_set, test_set = problem.sample(streams, sequences, TEST_SEQUENCES)
    objective = SequenceObjective(problem, training_set, tolerance, within)
    params0 = objective.initial(rng=start_rng, bound=initial_bound)
    result = train(objective, params0, rule, rng=train_rng, max_presentations=max_presentations)
    seen = objective.classification_error(result.params, units=rule.units)
    fresh = objective.classification_error(result.params, test_set, units=rule.units)
    return _summary(result, seen, fresh, sequences)


def trials_of(row: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return what came of each trial of a row, in the order of the trials.

    Rows of one problem, noise, T and size of training set share their training sets, fresh
    sequences and starting points, whatever the method: the k-th trial of one is a pair with the
    k-th of another.

    Parameters
    ----------
    row : mapping
        A row of the comparison or of the sensitivity study.

    Returns
    -------
    dict of str to ndarray, shape (trial,)
        ``learned``, whether it did; ``error`` on the training set and ``test_error`` on fresh
        sequences, shares; ``presentations``; ``reason`` of ending, a
        :class:`latchlib.training.StopReason`.
    """
    read = {name: np.array(row[name].split(), dtype=np.int64) for name in _A_TRIAL}
    return {
        "learned": read["reasons"] == StopReason.LEARNED,
        "error": read["wrong"] / row["sequences"],
        "test_error": read["test_wrong"] / TEST_SEQUENCES,
        "presentations": read["spent"].astype(np.float64),
        "reason": read["reasons"],
    }


def _generators(problem: Problem, method: str, seed: int) -> list[np.random.Generator]:
    # A subclass draws what its problem draws.
    name = next((name for name, kind in PROBLEMS.items() if isinstance(problem, kind)), None)
    if name is None:
        accepted = "one of " + ", ".join(kind.__name__ for kind in PROBLEMS.values())
        raise refuse("problem", problem, accepted)
    # Spawn keys are whole numbers: noise in millionths. The last figure tells apart what is drawn.
    where = (2, list(PROBLEMS).index(name), problem.T, round(1e6 * problem.noise))
    purposes = [(0,), (1,), (2, ALGORITHMS[method].stream)]
    return [
        np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(*where, *purpose)))
        for purpose in purposes
    ]


def _summary(
    result: TrainResult, seen: np.ndarray, fresh: np.ndarray, sequences: int
) -> dict[str, Any]:
    trials = len(seen)
    learned = int(result.learned.sum())
    low, high = wilson_interval(learned, trials)
    row: dict[str, Any] = {
        "trials": trials,
        "learned": learned,
        "learned_low": low,
        "learned_high": high,
        "stuck": int((result.reason == StopReason.STUCK).sum()),
        "diverged": int((result.reason == StopReason.DIVERGED).sum()),
    }
    for name, shares, size in (("error", seen, sequences), ("test_error", fresh, TEST_SEQUENCES)):
        row[name], row[f"{name}_sd"] = float(shares.mean()), float(shares.std(ddof=1))
        row[f"{name}_low"], row[f"{name}_high"] = share_interval(shares, size)
    spent = result.presentations.astype(np.float64)
    row["presentations"], row["presentations_sd"] = float(spent.mean()), float(spent.std(ddof=1))
    row["presentations_low"], row["presentations_high"] = mean_interval(spent)
    row["median_presentations"] = float(np.median(spent))
    row["sequences"] = sequences
    numbers = (result.reason, seen * sequences, fresh * TEST_SEQUENCES, result.presentations)
    for name, values in zip(_A_TRIAL, numbers, strict=True):
        row[name] = " ".join(map(str, np.rint(values).astype(np.int64)))
    return row
