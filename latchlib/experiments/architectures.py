"""Architectures of after 1994 on the paper's problems: tuned alike, trained side by side.

A cell is one architecture on one problem at one length. In it each rule is first tried with each
rate, on trials of their own; the best rate, by the error on fresh sequences, then gets the trials
that are shown. Training sets, fresh sequences and orders of training are the same for all
architectures, so that rows are pairs. Beside them stands random guessing of the same weights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from latchlib.attention import Head, HeadObjective
from latchlib.backprop import INITIAL_BOUND, Backpropagator, Network
from latchlib.cells import CELLS
from latchlib.experiments._grid import presets
from latchlib.experiments._trials import (
    TEST_SEQUENCES,
    _summary,
    generators,
    problem_of,
)
from latchlib.experiments.explosion import best_rates
from latchlib.objective import SequenceObjective
from latchlib.problems import NOISE, Problem, Sequences, SignedLatch
from latchlib.statistics import wilson_interval
from latchlib.tasks import TARGETS
from latchlib.training import ALGORITHMS, SideBySide, Streams, TrainResult, train
from latchlib.validation import integer, one_of, refuse
from latchlib.wirings import full

__all__ = [
    "ARCHITECTURES",
    "ARCHITECTURES_RESULT",
    "RULES",
    "Architecture",
    "Architectures",
    "Place",
    "each_of",
]

_HEAD = "attention"


class Architecture(NamedTuple):
    """What is compared.

    Parameters
    ----------
    cell : str
        Key of :data:`latchlib.cells.CELLS`, or "attention" for a head with a logit a position.
    start : str
        One of :data:`latchlib.backprop.STARTS`.
    biases : mapping of str to float
        Of which rows the biases start from a number; "chrono" is log U[1, T - 1], with T that of
        the problem, and "-chrono" its negative.
    clock : str, optional
        Row of the gate, or of the constant, that decides how long the state is kept.
    """

    cell: str
    start: str = "uniform"
    biases: Mapping[str, float | str] = MappingProxyType({})
    clock: str | None = None


#: By the name that the tables have. A slow leak begins with z = 0.05, as the read of the paper's
#: own unit; a state-space unit with the slope 0.95; a selective one with z = 0.12.
ARCHITECTURES: Mapping[str, Architecture] = MappingProxyType(
    {
        "tanh": Architecture("tanh"),
        "slow leak": Architecture("leaky", biases={"g": math.log(0.05 / 0.95)}, clock="g"),
        "LSTM 1997": Architecture("LSTM 1997"),
        "LSTM": Architecture("LSTM", clock="f"),
        "LSTM, bias 1": Architecture("LSTM", biases={"f": 1.0}, clock="f"),
        "LSTM, chrono": Architecture("LSTM", biases={"f": "chrono", "i": "-chrono"}, clock="f"),
        "GRU": Architecture("GRU", clock="z"),
        "minimal gated": Architecture("minimal gated", clock="f"),
        "bistable": Architecture("bistable", clock="c"),
        "state space": Architecture("state space", biases={"l": -3.0}, clock="l"),
        "state space, complex": Architecture("state space, complex", biases={"l": -3.0}, clock="l"),
        "selective": Architecture("selective", biases={"z": -2.0}, clock="z"),
        "ReLU, identity start": Architecture("ReLU", start="identity", biases={"p": 0.0}),
        "attention": Architecture(_HEAD),
    }
)

#: The rules by the name that the tables have.
RULES: Mapping[str, str] = MappingProxyType(
    {
        "back-propagation": "back-propagation",
        "clipped": "clipped back-propagation",
        "Adam": "Adam",
    }
)

#: Numbers of one trial each, in a row.
_A_TRIAL = ("wrong_2T", "wrong_10T", "wrong_50T", "held", "half_life", "clock")


class Place(NamedTuple):
    """One problem: at which lengths, and with how much of what.

    Parameters
    ----------
    lengths : tuple of int
        Greatest lengths T.
    units : int
        Units of a network.
    budget : int
        Presentations a trial.
    only : mapping of int to tuple of str
        Of a length that not all are trained at: the architectures that are.
    """

    lengths: tuple[int, ...]
    units: int = 5
    budget: int = 2_000
    only: Mapping[int, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True)
class Architectures:
    """A cell is a problem, an architecture and a greatest length T.

    Parameters
    ----------
    name : str
        Name of the result.
    places : mapping of str to Place
        The problems.
    architectures : tuple of str
        Keys of :data:`ARCHITECTURES`.
    rates : tuple of float
        Rates that every rule is tried with.
    trials, tuning_trials : int
        Trials of a row that is shown, and of one that is tuned.
    longer : mapping of int to int
        Factors of T, and how many sequences of up to that length each trained network is tested on.
    guess_bound : float
        Guesses are uniform on [-guess_bound, guess_bound].
    noise : float
        Bound of the noise.
    sequences : int
        Sequences in a training set.
    """

    name: str
    places: Mapping[str, Place]
    architectures: tuple[str, ...] = tuple(ARCHITECTURES)
    rates: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3)
    trials: int = 100
    tuning_trials: int = 10
    longer: Mapping[int, int] = field(default_factory=lambda: {2: 100, 10: 10, 50: 10})
    guess_bound: float = 10.0
    noise: float = NOISE
    sequences: int = 20

    #: Columns that tell rows apart.
    keys = ("problem", "architecture", "rule", "part", "T", "rate")

    def __post_init__(self) -> None:
        for name in ("places", "architectures", "rates"):
            if not getattr(self, name):
                raise refuse(name, getattr(self, name), "at least one")
        for problem, place in self.places.items():
            for T in place.lengths:
                self._problem(problem, T)
            integer("budget", place.budget, at_least=self.sequences)
            integer("units", place.units, at_least=1)
        for name in self.architectures:
            one_of("architecture", name, tuple(ARCHITECTURES))
        for rate in self.rates:
            for rule in RULES.values():
                ALGORITHMS[rule](learning_rate=rate)
        integer("trials", self.trials, at_least=2)
        integer("tuning_trials", self.tuning_trials, at_least=2)

    def cells(self) -> list[dict[str, Any]]:
        """Return the coordinates of every cell, in the order of the table."""
        return [
            {"problem": problem, "architecture": name, "T": T}
            for problem, place in self.places.items()
            for name in self.architectures
            for T in place.lengths
            if name in place.only.get(T, self.architectures)
            # Marks are at other places in each sequence, and a head of places does not see them.
            if (problem, ARCHITECTURES[name].cell) != ("adding", _HEAD)
        ]

    def settings(self, cell: Mapping[str, Any]) -> dict[str, Any]:
        """Return, as plain data, all that decides what a cell gives, but the seed."""
        place, architecture = self.places[cell["problem"]], ARCHITECTURES[cell["architecture"]]
        problem = self._problem(cell["problem"], cell["T"])
        own = {name: getattr(self, name) for name in self.__dataclass_fields__}
        for name in ("name", "places", "architectures", "noise", "longer"):
            del own[name]
        return {
            "problem": {"name": problem.name, "channels": problem.channels, **asdict(problem)},
            "units": place.units,
            "budget": place.budget,
            "architecture": {**architecture._asdict(), "biases": dict(architecture.biases)},
            "initial_bound": INITIAL_BOUND,
            "rules": {name: asdict(ALGORITHMS[rule]()) for name, rule in RULES.items()},
            "longer": {str(factor): size for factor, size in self.longer.items()},
            **own,
        }

    def _problem(self, name: str, T: int) -> Problem:
        # On one channel a network cannot weigh the noise of the latch apart from its bit.
        return SignedLatch(T, self.noise) if name == "latch" else problem_of(name, T, self.noise)

    def cost(self, cell: Mapping[str, Any]) -> float:
        """Return about how long a cell takes at most, in arbitrary units."""
        place = self.places[cell["problem"]]
        return float(place.budget * place.units * cell["T"])

    def rows(self, cell: Mapping[str, Any], seed: int) -> list[dict[str, Any]]:
        """Return the rows of a cell: what was tuned, what is shown, and guessing.

        Columns are those of :meth:`latchlib.experiments._trials.Trials.run`, then the error on
        longer fresh sequences, and what :func:`each_of` reads. The latch has three numbers a trial
        more, of the trained network without noise: how many of its two classes it still knows after
        50 T steps; how many steps its gradient takes to halve; and the bias of its clock.
        """
        seed = integer("seed", seed, at_least=0)
        tried = [(rule, rate) for rule in RULES for rate in self.rates]
        tuning = self._rows(cell, tried, "tuned", self.tuning_trials, seed + 1)
        best = best_rates(pd.DataFrame(tuning), ("rule",))
        shown = [(rule, best[(rule,)]) for rule in RULES]
        return tuning + self._rows(cell, shown, "shown", self.trials, seed)

    def _rows(self, cell, tried, part, trials, seed):
        """Train all pairs of a rule and a rate in one batch; return a row each."""
        place, architecture = self.places[cell["problem"]], ARCHITECTURES[cell["architecture"]]
        problem = self._problem(cell["problem"], cell["T"])
        rules = [ALGORITHMS[RULES[rule]](learning_rate=rate) for rule, rate in tried]
        data_rng, start_rng, _ = generators(problem, rules[0], seed)
        training, fresh = problem.sample(data_rng.spawn(trials), self.sequences, TEST_SEQUENCES)
        one = _objective(architecture, place.units, problem, training)
        params0 = _start(architecture, one, start_rng)
        together = np.tile(np.arange(trials), len(rules))
        objective = _objective(architecture, place.units, problem, training.take(together))
        streams = [
            stream for rule in rules for stream in generators(problem, rule, seed)[2].spawn(trials)
        ]
        result = train(
            objective, params0[:, together], SideBySide(rules, trials),
            rng=Streams(streams), max_presentations=place.budget,
        )  # fmt: skip
        seen = objective.classification_error(result.params)
        tested = objective.classification_error(result.params, fresh.take(together))
        rows = []
        for k, (rule, rate) in enumerate(tried):
            own = slice(k * trials, (k + 1) * trials)
            ended = TrainResult(
                result.params[:, own], result.reason[own], result.presentations[own]
            )
            row = {**cell, "rule": rule, "part": part, "rate": rate, "noise": self.noise}
            row |= {"budget": place.budget}
            row |= _summary(ended, seen[own], tested[own], self.sequences)
            row |= dict.fromkeys(("error_2T", "error_10T", "error_50T"))
            row |= dict.fromkeys(_A_TRIAL, "")
            if part == "shown" and row["learned"]:
                self._extend(row, problem, architecture, one, ended.params, seed)
            rows.append(row)
        if part == "shown":
            empty = {name: "" if isinstance(value, str) else None for name, value in row.items()}
            about = {name: row[name] for name in ("problem", "architecture", "part", "T", "noise")}
            rows.append(empty | about | self._guessed(problem, one, place.budget, seed))
        return rows

    def _extend(self, row, problem, architecture, objective, params, seed):
        """Add what trained networks do with longer sequences; of the latch, what they became."""
        for factor, size in self.longer.items():
            # The same streams: what defines the classes is drawn first, so that they are the same.
            streams = generators(problem, ALGORITHMS["back-propagation"], seed)[0]
            further = replace(problem, T=factor * problem.T)
            (sequences,) = further.sample(streams.spawn(self.trials), size)
            with np.errstate(over="ignore", invalid="ignore"):
                answers = _answers(objective, further, params, sequences)
                wrong = objective.wrong(answers, sequences.targets).sum(axis=0)
            row[f"error_{factor}T"] = float(wrong.mean() / size)
            row[f"wrong_{factor}T"] = " ".join(map(str, wrong))
        if isinstance(problem, SignedLatch) and isinstance(objective.network, Network):
            with np.errstate(all="ignore"):
                held, half_life = _became(objective.network, problem.T, params)
            row["held"] = " ".join(map(str, held))
            row["half_life"] = " ".join(f"{steps:.3g}" for steps in half_life)
            if architecture.clock:
                (where,) = objective.network.biases_of(architecture.clock)
                row["clock"] = " ".join(f"{bias:.4g}" for bias in params[where])

    def _guessed(self, problem, objective, budget, seed):
        """Return how many training sets a guess solves at the budget; a guess sees a whole set."""
        guesses, bound = budget // self.sequences, self.guess_bound
        rule = ALGORITHMS["random guessing"](bound=bound)
        streams = generators(problem, rule, seed)[2].spawn(self.trials)
        n = objective.n_params
        drawn = np.stack([s.uniform(-bound, bound, (guesses, n)) for s in streams])
        solved = _solving(objective, drawn)
        first = np.where(solved.any(axis=1), solved.argmax(axis=1), guesses - 1)
        learned = int(solved.any(axis=1).sum())
        low, high = wilson_interval(learned, self.trials)
        spent = self.sequences * (first + 1)
        return {
            "rule": rule.name,
            "rate": bound,
            "budget": budget,
            "trials": self.trials,
            "learned": learned,
            "learned_low": low,
            "learned_high": high,
            "presentations": float(spent.mean()),
            "median_presentations": float(np.median(spent)),
            "spent": " ".join(map(str, spent)),
        }


def each_of(row: Mapping[str, Any], name: str) -> NDArray[np.float64]:
    """Return one of a row's numbers a trial.

    Parameters
    ----------
    row : mapping
        A row of the result, of trials of which at least one learned.
    name : str
        ``wrong_2T``, ``wrong_10T`` or ``wrong_50T``, of the latch ``held``, ``half_life`` or
        ``clock``.

    Returns
    -------
    ndarray, shape (trial,)
        Empty if the row has none.
    """
    one_of("name", name, _A_TRIAL)
    return np.array(row[name].split(), dtype=np.float64)


def _objective(
    architecture: Architecture, units: int, problem: Problem, sequences: Sequences
) -> SequenceObjective:
    """Return training sets on an architecture; all networks have a linear read-out."""
    if architecture.cell == _HEAD:
        return HeadObjective(problem, sequences)
    wiring = full(units, problem.channels)
    network = Network(wiring, CELLS[architecture.cell], readout=True)
    return SequenceObjective(problem, sequences, network=network)


def _start(architecture, objective, rng):
    """Return where the trials start."""
    if architecture.cell == _HEAD:
        return objective.initial(rng=rng)
    chrono = {"chrono": (1.0, objective.problem.T), "-chrono": (-1.0, objective.problem.T)}
    biases = {row: chrono.get(value, value) for row, value in architecture.biases.items()}
    return objective.initial(rng=rng, start=architecture.start, biases=biases)


def _answers(objective, problem, params, sequences):
    """Return the answers to sequences of another length."""
    if isinstance(objective.network, Head):
        # Of places beyond those it was trained with a head knows nothing: logits of 0.
        old, head = objective.network.T, Head(problem.T)
        beyond = np.zeros((problem.T - old, params.shape[1]))
        longer = HeadObjective(problem, sequences, network=head)
        padded = np.concatenate([params[:old], beyond, params[old:]])
        read = longer.sequences
        return longer.runner().outputs(padded, read.inputs, read.running)
    runner = Backpropagator(objective.network)
    return runner.last_outputs(params, sequences.with_bias().inputs)


def _became(network, T, params):
    """Return, of latch units without noise, the classes known after 50 T steps, and half-lives."""
    trials = params.shape[1]
    inputs = np.zeros((50 * T, 2, 2, trials))
    inputs[0, 0], inputs[:, 1] = [[1.0], [-1.0]], 1.0  # the first input; the bias
    targets = np.array(TARGETS)[:, np.newaxis] * np.ones(trials)
    runner = Backpropagator(network)
    held = (runner.last_outputs(params, inputs) * targets > 0.0).sum(axis=0)
    # At the end of 10 T steps the state has settled, if it does; going back five more steps
    # multiplies the gradient by the fifth power of the slope there.
    steps = 10 * T
    found = runner.derivatives(params, inputs[:steps].copy(), targets, input_steps=steps).inputs
    sizes = np.sqrt((found[[-11, -6]] ** 2).sum(axis=1))
    slope = (sizes[0] / sizes[1]).max(axis=0) ** 0.2
    slope = np.where(np.isnan(slope), 0.0, slope)
    return held, np.where(slope < 1.0, -math.log(2.0) / np.log(slope), np.inf)


def _solving(objective, guesses):
    """Say which guesses (trial, guess, parameter) are right on the whole training set."""
    sequences, runner = objective.sequences, objective.runner()
    trial, which = np.nonzero(np.ones(guesses.shape[:2], dtype=bool))
    shown, more = 0, 1
    while shown < len(sequences.targets) and trial.size:
        kept = []
        for part in np.array_split(np.arange(trial.size), max(1, trial.size // 1_000)):
            own, params = trial[part], guesses[trial[part], which[part]].T
            piece = slice(shown, shown + more)
            inputs = np.ascontiguousarray(sequences.inputs[:, :, piece, own])
            targets = sequences.targets[piece, own]
            running = sequences.running[:, piece, own]
            with np.errstate(all="ignore"):
                outputs = runner.outputs(np.ascontiguousarray(params), inputs, running)
            kept.append(part[~objective.wrong(outputs, targets).any(axis=0)])
        kept = np.concatenate(kept)
        trial, which, shown, more = trial[kept], which[kept], shown + more, 2 * more
    solved = np.zeros(guesses.shape[:2], dtype=bool)
    solved[trial, which] = True
    return solved


#: Trained at the greatest length too, where one of them takes minutes: of those that learned the
#: latch at 100.
_LONG = ("slow leak", "LSTM, chrono", "selective", "attention")
_FULL = Architectures(
    "architectures",
    {
        "latch": Place((10, 50, 100, 1_000), units=1, only={1_000: _LONG}),
        "two-sequence": Place((10, 50)),
        "parity": Place((5, 10)),
        "adding": Place((10, 50)),
    },
)
_QUICK = replace(_FULL, places={"latch": Place((10,), units=1)}, architectures=("slow leak",))

#: The result by preset.
ARCHITECTURES_RESULT = presets((_FULL, _QUICK))
