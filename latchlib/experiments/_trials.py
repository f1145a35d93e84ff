"""What the comparison and the sensitivity study share: many trials of one algorithm."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latchlib.backprop import INITIAL_BOUND, STARTS, Network
from latchlib.objective import SequenceObjective
from latchlib.problems import PROBLEMS, Problem, Sequences
from latchlib.statistics import mean_interval, share_interval, wilson_interval
from latchlib.training import Rule, StopReason, TrainResult, train
from latchlib.validation import integer, one_of, refuse
from latchlib.wirings import CHOICES, classic

__all__ = ["TEST_SEQUENCES", "OfTrials", "Trials", "generators", "problem_of", "trials_of"]

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


@dataclass(frozen=True)
class Trials:
    """Many trials of one rule on one problem: all that decides what comes out, but the seed.

    Parameters
    ----------
    problem : Problem
        What to learn.
    rule : Rule
        How to learn.
    max_presentations : int
        Budget a trial.
    trials : int
        Independent trials, >= 2, each with its own training set and starting point.
    sequences : int
        Sequences in a training set.
    tolerance : float
        Share of the training set that may be wrong when a trial counts as learned.
    within : float, optional
        See :class:`latchlib.objective.SequenceObjective`.
    initial_bound : float
        Parameters start uniform on [-initial_bound, initial_bound].
    start : str
        One of :data:`latchlib.backprop.STARTS`, for the weights from step to step.
    choices : mapping
        What is chosen otherwise in the wiring; see :data:`latchlib.wirings.CHOICES`.
    """

    problem: Problem
    rule: Rule
    max_presentations: int
    trials: int = 100
    sequences: int = 20
    tolerance: float = 0.0
    within: float | None = None
    initial_bound: float = INITIAL_BOUND
    start: str = "uniform"
    choices: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        integer("trials", self.trials, at_least=2)
        one_of("start", self.start, STARTS)
        classic(self.problem.name, **self.choices)

    def settings(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        plain = asdict(self)
        if self.start == "uniform":  # results were saved before there was a choice
            del plain["start"]
        wiring = CHOICES.get(self.problem.name, {}) | plain.pop("choices")
        parts = {"problem": plain["problem"] | wiring, "rule": plain["rule"]}
        for key, part in parts.items():
            # Switches last, as in results saved when the problem owned its wiring.
            ordered = sorted(part.items(), key=lambda setting: isinstance(setting[1], bool))
            plain[key] = {"name": getattr(self, key).name, **dict(ordered)}
        return plain

    def run(self, seed: int) -> dict[str, Any]:
        """Train, and summarise what came out.

        Randomness depends on the seed, the problem's name, its noise and T, and, for what is not
        shared, the rule's name: at one setting all rules get the same training sets, test sets and
        starting points.

        Parameters
        ----------
        seed : int
            Root of all randomness, >= 0.

        Returns
        -------
        dict
            Columns of the row: the budget; counts by reason of ending; and, over trials, mean,
            standard deviation and 95 % interval of the error on the training set, of that on fresh
            sequences, and of the presentations. Last the size of a training set and what
            :func:`trials_of` reads: one number a trial, with spaces between.
        """
        _, start_rng, train_rng = generators(
            self.problem, self.rule, integer("seed", seed, at_least=0)
        )
        objective, test_set = self._objective(self.problem, seed)
        params0 = objective.initial(rng=start_rng, bound=self.initial_bound, start=self.start)
        result = self._train(objective, params0, train_rng, seed)
        units = self.rule.units
        seen = objective.classification_error(result.params, units=units)
        fresh = objective.classification_error(result.params, test_set, units=units)
        return {"budget": self.max_presentations, **_summary(result, seen, fresh, self.sequences)}

    def _objective(self, problem: Problem, seed: int) -> tuple[SequenceObjective, Sequences]:
        """Return the training sets of all trials as an objective, and their fresh sequences."""
        streams = generators(self.problem, self.rule, seed)[0].spawn(self.trials)
        training_set, test_set = problem.sample(streams, self.sequences, TEST_SEQUENCES)
        network = Network(classic(problem.name, **self.choices))
        objective = SequenceObjective(
            problem, training_set, self.tolerance, self.within, network=network
        )
        return objective, test_set

    def _train(
        self,
        objective: SequenceObjective,
        params0: NDArray[np.float64],
        rng: np.random.Generator,
        seed: int,
    ) -> TrainResult:
        return train(
            objective, params0, self.rule, rng=rng, max_presentations=self.max_presentations
        )


class OfTrials:
    """An experiment whose cells have one row: trials of one rule on one problem.

    A subclass says with `trials_at` which they are.
    """

    #: What is added to the seed.
    shift = 0

    def trials_at(self, cell: Mapping[str, Any]) -> Trials:
        """Return the trials of a cell."""
        raise NotImplementedError

    def settings(self, cell: Mapping[str, Any]) -> dict[str, Any]:
        """Return, as plain data, all that decides what a cell gives, but the seed."""
        return self.trials_at(cell).settings()

    def rows(self, cell: Mapping[str, Any], seed: int) -> list[dict[str, Any]]:
        """Return the one row of a cell; see :meth:`Trials.run`."""
        trials = self.trials_at(cell)
        return [{**cell, "noise": trials.problem.noise, **trials.run(seed + self.shift)}]


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


def generators(problem: Problem, rule: Rule, seed: int) -> list[np.random.Generator]:
    """Return what draws the sequences of a cell, its starts, and the order of its training."""
    # Spawn keys are whole numbers: noise in millionths. The last figure tells apart what is drawn.
    where = (2, stream_of(problem), problem.T, round(1e6 * problem.noise))
    return [
        np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(*where, *purpose)))
        for purpose in ((0,), (1,), (2, stream_of(rule)))
    ]


def stream_of(thing: Problem | Rule) -> int:
    """Return the spawn key of a problem or a rule: by its name, unless an old one is kept."""
    if thing.stream is not None:
        return thing.stream
    if thing.name is None:
        raise refuse("problem", thing, "one of " + ", ".join(PROBLEMS))
    return 2**31 + zlib.crc32(thing.name.encode()) // 2  # beyond all that are kept


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
