"""Explosion: what rules of after 1994 make of back-propagation, on the comparison's own trials.

Rules are clipping, RMSProp and Adam, and, for back-propagation itself, two ways to start its
matrix. Each has the same number of rates tried, on trials of their own; the best of them, by the
error on fresh sequences, then gets the trials of the comparison: training sets, fresh sequences and
starts are those of its tables, so that rows are pairs with each other and with the rows there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latchlib.backprop import Backpropagator
from latchlib.experiments._grid import presets
from latchlib.experiments._trials import (
    TEST_SEQUENCES,
    OfTrials,
    Trials,
    generators,
    problem_of,
)
from latchlib.objective import SequenceObjective
from latchlib.problems import NOISE, Problem
from latchlib.training import ALGORITHMS, Gradient, TrainResult, train
from latchlib.validation import one_of, refuse

__all__ = ["CANDIDATES", "EXPLOSION", "Candidate", "Explosion", "Record", "best_rates", "record"]
__all__ += ["RATES", "shares_by_step"]


class Candidate(NamedTuple):
    """What is tuned and compared.

    Parameters
    ----------
    rule : str
        Key of :data:`latchlib.training.ALGORITHMS`, with a learning rate.
    start : str
        One of :data:`latchlib.backprop.STARTS`.
    """

    rule: str
    start: str


#: Rates that every candidate is tried with: half decades about that of the comparison.
RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)

_BP = "back-propagation"

#: By the name that the tables have.
CANDIDATES: Mapping[str, Candidate] = MappingProxyType(
    {
        _BP: Candidate(_BP, "uniform"),
        "clipped": Candidate("clipped back-propagation", "uniform"),
        "RMSProp": Candidate("RMSProp", "uniform"),
        "Adam": Candidate("Adam", "uniform"),
        "orthogonal start": Candidate(_BP, "orthogonal"),
        "identity start": Candidate(_BP, "identity"),
    }
)


@dataclass(frozen=True)
class Explosion(OfTrials):
    """A cell is a problem, a candidate, a rate and a greatest length T.

    Parameters
    ----------
    name : str
        Name of the result.
    rates : mapping of (str, str, int) to tuple of float
        By problem, candidate and greatest length.
    trials : int
        Trials a cell.
    shift : int
        What is added to the seed: 0 for the trials of the comparison.
    """

    name: str
    rates: Mapping[tuple[str, str, int], tuple[float, ...]]
    trials: int = 100
    shift: int = 0

    #: Columns that tell rows apart.
    keys = ("problem", "method", "T", "rate")

    def __post_init__(self) -> None:
        if not self.rates:
            raise refuse("rates", self.rates, "at least one")
        for cell in self.cells():
            one_of("method", cell["method"], tuple(CANDIDATES))
            self.trials_at(cell)

    def cells(self) -> list[dict[str, Any]]:
        """Return the coordinates of every cell, in the order of the table."""
        return [
            {"problem": problem, "method": method, "T": T, "rate": rate}
            for (problem, method, T), rates in self.rates.items()
            for rate in rates
        ]

    def settings(self, cell: Mapping[str, Any]) -> dict[str, Any]:
        """Return, as plain data, all that decides what a cell gives, but the seed."""
        return {**super().settings(cell), "shift": self.shift}

    def cost(self, cell: Mapping[str, Any]) -> float:
        """Return about how long a cell takes at most, in arbitrary units."""
        return float(self.trials_at(cell).max_presentations * cell["T"])

    def trials_at(self, cell: Mapping[str, Any]) -> Trials:
        candidate = CANDIDATES[cell["method"]]
        rule = ALGORITHMS[candidate.rule](learning_rate=cell["rate"])
        return Trials(
            problem=problem_of(cell["problem"], cell["T"], NOISE),
            rule=rule,
            max_presentations=rule.budgets.get(cell["problem"], rule.budget),
            trials=self.trials,
            start=candidate.start,
        )


def best_rates(
    tuning: pd.DataFrame, places: Sequence[str] = ("problem", "method", "T")
) -> dict[tuple[Any, ...], float]:
    """Return the rate with the least error on fresh sequences; of equal ones the least effort.

    Parameters
    ----------
    tuning : pandas.DataFrame
        Rows, of the result "explosion-rates" for example.
    places : sequence of str
        Columns of what gets a rate each: by default problem, candidate and greatest length.

    Returns
    -------
    dict of tuple to float
        By the values of `places`.
    """
    places = list(places)
    ordered = tuning.sort_values(["test_error", "presentations", "rate"], kind="stable")
    best = ordered.drop_duplicates(places).sort_index()
    return dict(zip(best[places].itertuples(index=False, name=None), best.rate, strict=True))


# Parity is tried where something can be learned. No unit of it reads every unit, so that there is
# no matrix to start from.
_LENGTHS = {"two-sequence": (10, 20, 50), "latch": (10, 20, 50), "parity": (3, 10)}
_TUNING = Explosion(
    "explosion-rates",
    {
        (problem, method, T): RATES
        for problem, lengths in _LENGTHS.items()
        for method, candidate in CANDIDATES.items()
        if problem != "parity" or candidate.start == "uniform"
        for T in lengths
    },
    trials=40,
    shift=1,
)

#: What :func:`best_rates` finds in the saved result "explosion-rates", length by length.
_BEST = {
    ("two-sequence", "back-propagation"): (0.03, 0.01, 0.01),
    ("two-sequence", "clipped"): (0.03, 0.1, 0.1),
    ("two-sequence", "RMSProp"): (0.03, 0.1, 0.1),
    ("two-sequence", "Adam"): (0.03, 0.03, 0.03),
    ("two-sequence", "orthogonal start"): (0.03, 0.01, 0.01),
    ("two-sequence", "identity start"): (0.003, 0.003, 0.03),
    ("latch", "back-propagation"): (0.3, 0.3, 0.3),
    ("latch", "clipped"): (0.3, 0.3, 0.3),
    ("latch", "RMSProp"): (1.0, 1.0, 1.0),
    ("latch", "Adam"): (0.3, 0.3, 1.0),
    ("latch", "orthogonal start"): (0.3, 0.3, 1.0),
    ("latch", "identity start"): (0.3, 0.3, 0.1),
    ("parity", "back-propagation"): (0.01, 0.3),
    ("parity", "clipped"): (0.01, 0.03),
    ("parity", "RMSProp"): (0.01, 0.1),
    ("parity", "Adam"): (0.1, 0.03),
}

# Clipping has its best rate and, where that is another, the rate of the comparison: there nothing
# but the clipping differs from the rows of the tables.
_SHOWN = {
    (problem, method, T): tuple(dict.fromkeys((rate, 0.1) if method == "clipped" else (rate,)))
    for (problem, method), rates in _BEST.items()
    for T, rate in zip(_LENGTHS[problem], rates, strict=True)
}
_FULL = Explosion("explosion", _SHOWN)


def _part(grid: Explosion) -> Explosion:
    """Return clipping on the shortest latch, of a grid."""
    place = ("latch", "clipped", 10)
    return replace(grid, rates={place: grid.rates[place]})


#: Both results by name and preset.
EXPLOSION = presets(*((grid, _part(grid)) for grid in (_TUNING, _FULL)))


class Record(NamedTuple):
    """What :func:`record` saw of some trials.

    Parameters
    ----------
    sizes : ndarray, shape (update, trial)
        Length of each gradient, before any clipping; nan after a trial's end.
    params : ndarray, shape (update, n_params, trial)
        Weights that it was taken at.
    items : ndarray of int, shape (update, trial)
        Which sequence of the training set was presented; -1 after a trial's end.
    objective : SequenceObjective
        What was learned.
    result : TrainResult
        How it ended.
    test_error : ndarray, shape (trial,)
        Share of wrong answers to the fresh sequences of the comparison.
    """

    sizes: NDArray[np.float64]
    params: NDArray[np.float64]
    items: NDArray[np.int64]
    objective: SequenceObjective
    result: TrainResult
    test_error: NDArray[np.float64]


@dataclass(frozen=True)
class _Watched(Gradient):
    """A rule, and a list of what it was given."""

    rule: Gradient
    seen: list

    def start(self, params):
        return self.rule.start(params)

    def update(self, run, params, item, state):
        return self.rule.update(_Noting(run, self.seen), params, item, state)


class _Noting:
    """A run that notes each gradient that it hands out."""

    def __init__(self, run, seen):
        self._run, self._seen = run, seen

    def draw(self, one):
        return self._run.draw(one)

    def derivatives(self, params, item, **how):
        found = self._run.derivatives(params, item, **how)
        length = np.sqrt(np.add.accumulate(found[0].gradient ** 2)[-1])
        self._seen.append((self._run.active, length, params, item))
        return found


def record(
    problem: Problem, rule: Gradient, *, trials: int, max_presentations: int, seed: int = 1994
) -> Record:
    """Train the first trials of the comparison, and say what gradient each update found.

    Parameters
    ----------
    problem : Problem
        What to learn.
    rule : Gradient
        How; one that asks for the gradient of a sequence.
    trials : int
        How many trials, >= 1: those of the saved cells at this problem, noise and length.
    max_presentations : int
        Budget a trial.
    seed : int
        Root of all randomness, >= 0; 1994 is that of the saved results.
    """
    data_rng, start_rng, train_rng = generators(problem, rule, seed)
    training, fresh = problem.sample(data_rng.spawn(trials), 20, TEST_SEQUENCES)
    objective = SequenceObjective(problem, training)
    params0, seen = objective.initial(rng=start_rng), []
    result = train(
        objective, params0, _Watched(rule, seen), rng=train_rng, max_presentations=max_presentations
    )
    sizes = np.full((len(seen), trials), np.nan)
    params = np.full((len(seen), objective.n_params, trials), np.nan)
    items = np.full((len(seen), trials), -1)
    for k, (active, length, at, item) in enumerate(seen):
        sizes[k, active], params[k][:, active], items[k, active] = length, at, item
    test_error = objective.classification_error(result.params, fresh)
    return Record(sizes, params, items, objective, result, test_error)


def shares_by_step(recorded: Record, update: int, trial: int) -> NDArray[np.float64]:
    """Return how long the part of a gradient is that each step of its sequence gives.

    The gradient by weights that are used at every step is a sum over the steps.

    Parameters
    ----------
    recorded : Record
        As :func:`record` returns it.
    update, trial : int
        Which gradient.

    Returns
    -------
    ndarray, shape (length of the sequence,)
        First step first.
    """
    objective, item = recorded.objective, recorded.items[update, trial]
    sequences, one = objective.sequences, slice(trial, trial + 1)
    found = Backpropagator(objective.network).derivatives(
        recorded.params[update][:, one],
        np.ascontiguousarray(sequences.inputs[:, :, item : item + 1, one]),
        np.ascontiguousarray(sequences.targets[item : item + 1, one]),
        per_step=True,
    )
    steps = np.sqrt((found.gradient[..., 0] ** 2).sum(axis=1))
    return steps[-int(sequences.lengths[item, trial]) :]
