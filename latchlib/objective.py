"""What training minimises: a problem on a network, and its loss.

This is the one place that counts sequence presentations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latchlib.backprop import (
    INITIAL_BOUND,
    Backpropagator,
    Derivatives,
    Network,
    States,
    sum_over_sequences,
)
from latchlib.cells import CELLS
from latchlib.problems import Problem, Sequences
from latchlib.tasks import MinimalTask
from latchlib.validation import integer, number, one_of, refuse, shaped
from latchlib.wirings import SELF_LOOP, classic

__all__ = [
    "BLOCK",
    "Assessment",
    "FunctionObjective",
    "MinimalObjective",
    "Presenter",
    "SequenceObjective",
    "SequencePresenter",
]

#: Rounds of the minimal task that have to be right.
BLOCK = 50


@dataclass(frozen=True)
class Assessment:
    """What one presentation of everything says about the parameters of each trial.

    Parameters
    ----------
    cost : ndarray, shape (trial,)
        What a search minimises; inf where it is not a number.
    error : ndarray, shape (trial,)
        Share of sequences with the wrong sign at the end, 0 to 1; nan where there is no class.
    solved : ndarray of bool, shape (trial,)
        Whether the objective is satisfied.
    """

    cost: NDArray[np.float64]
    error: NDArray[np.float64]
    solved: NDArray[np.bool_]


class Presenter:
    """Presents to the trials of one run of training, and counts.

    Training makes one for each run by ``objective.presenter(trials)`` and asks everything through
    it, so that nothing is presented uncounted and objectives keep no state.

    Parameters
    ----------
    objective : SequenceObjective, FunctionObjective or MinimalObjective
        What is presented.
    trials : int
        Number of trials, >= 1.

    Attributes
    ----------
    presentations : ndarray of int64, shape (trial,)
        Sequences presented to each trial so far.
    presentations_per_call, presentations_per_item : int
        Sequences in everything, and in one item of a pass.
    """

    presentations_per_item = 1

    def __init__(self, objective: Any, trials: int) -> None:
        self.objective = objective
        self.presentations = np.zeros(integer("trials", trials, at_least=1), dtype=np.int64)
        self.presentations_per_call: int = objective.presentations_per_call

    def whole(
        self, params: NDArray[np.float64], trials: NDArray[np.int64], *, units: str | None = None
    ) -> Assessment:
        """Present everything once to some trials.

        Parameters
        ----------
        params : ndarray, shape (n_params, len(trials))
            Parameters of these trials.
        trials : ndarray of int
            Which trials.
        units : str, optional
            Key of :data:`latchlib.cells.CELLS`: units that stand in for the network's own.
        """
        raise NotImplementedError

    def one_pass(self, stream: np.random.Generator) -> NDArray:
        """Draw what a pass of a gradient method presents to one trial, shape (item, ...)."""
        raise NotImplementedError

    def solved(self, wrong: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether a whole pass with so many `wrong` sequences is within the tolerance."""
        raise NotImplementedError


class MinimalObjective:
    """The minimal task for the latch neuron, whose first inputs are parameters.

    The parameters of a trial are one column of an array of shape (1 + 2 L, trial): the weight w,
    then h_t^k in the order of time, class by class within a time.

    Parameters
    ----------
    task : MinimalTask
        Length, trainable inputs, noise.
    block : int
        Rounds in a pass of training (one round presents both patterns), >= 1. A trial has learned
        when all of them are classified without an error. Not stated in the paper; 50 is assumed
        here.

    Attributes
    ----------
    presentations_per_call : int
        Sequences in a round: one a pattern.
    """

    network = Network(SELF_LOOP)

    def __init__(self, task: MinimalTask, block: int = BLOCK) -> None:
        self.task = task
        self.block = integer("block", block, at_least=1)
        self.presentations_per_call = task.n_patterns

    @property
    def n_params(self) -> int:
        """Parameters a trial: w and the trainable inputs."""
        return 1 + self.task.L * self.task.n_patterns

    def initial(
        self, w0: float, half_width: float, trials: int, *, rng: np.random.Generator
    ) -> NDArray[np.float64]:
        """Draw starting parameters: w = w0, each h_t^k uniform on [-half_width, half_width].

        Parameters
        ----------
        w0 : float
            Initial weight.
        half_width : float
            Bound of the "small uniform random values", > 0.
        trials : int
            How many trials, >= 1.
        rng : numpy.random.Generator
            Spawns one stream a trial.

        Returns
        -------
        ndarray, shape (n_params, trial)
        """
        params = np.empty((self.n_params, integer("trials", trials, at_least=1)))
        params[0] = number("w0", w0)
        bound = number("half_width", half_width, above=0.0)
        for trial, stream in enumerate(rng.spawn(trials)):
            params[1:, trial] = stream.uniform(-bound, bound, self.n_params - 1)
        return params

    def presenter(self, trials: int) -> MinimalPresenter:
        """Return the presenter for one run of training."""
        return MinimalPresenter(self, trials)


class MinimalPresenter(Presenter):
    """Presents rounds of the minimal task, and counts.

    Parameters
    ----------
    objective : MinimalObjective
        Whose task.
    trials : int
        Number of trials, >= 1.
    """

    def __init__(self, objective: MinimalObjective, trials: int) -> None:
        super().__init__(objective, trials)
        self.presentations_per_item = objective.presentations_per_call
        self._runner = Backpropagator(objective.network)
        self._targets = objective.task.targets

    def one_pass(self, stream: np.random.Generator) -> NDArray[np.float64]:
        """Draw the noise of a pass after room for trainable inputs: (round, T, pattern)."""
        task, rounds = self.objective.task, self.objective.block
        drawn = np.zeros((rounds, task.T, task.n_patterns))
        drawn[:, task.L :] = task.noise(stream, rounds)
        return drawn

    def solved(self, wrong: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether no round was wrong."""
        return wrong == 0

    def derivatives(
        self, params: NDArray[np.float64], trials: NDArray[np.int64], inputs: NDArray[np.float64]
    ) -> tuple[Derivatives, NDArray[np.int64]]:
        """Present one round to each trial and back-propagate.

        Parameters
        ----------
        params : ndarray, shape (n_params, len(trials))
            Parameters of these trials.
        trials : ndarray of int
            Which trials.
        inputs : ndarray, shape (T, pattern, len(trials))
            Noise after the first L steps, which are overwritten by the trainable inputs.

        Returns
        -------
        Derivatives
            Sums over the patterns.
        ndarray of int, shape (len(trials),)
            1 where an output has not the sign of its target.

        Raises
        ------
        ValueError
            If a shape does not fit.
        """
        task, n = self.objective.task, len(trials)
        shaped("params", params, (self.objective.n_params, n), "(n_params, trial)")
        shaped("inputs", inputs, (task.T, task.n_patterns, n), "(T, pattern, trial)")
        self.presentations[trials] += self.presentations_per_item
        inputs[: task.L] = params[1:].reshape(task.L, task.n_patterns, n)
        if self._targets.shape[1] != n:
            self._targets = np.repeat(task.targets, n, axis=1)
        found = self._runner.derivatives(
            params[:1], inputs[:, np.newaxis], self._targets, input_steps=task.L
        )
        gradient = np.concatenate([found.gradient, found.inputs.reshape(-1, n)])
        wrong = ~(found.outputs * self._targets > 0.0).all(axis=0)
        return Derivatives(found.cost, found.outputs, gradient), wrong.astype(np.int64)


class SequenceObjective:
    """A problem on a network, with a fixed training set for each trial.

    Cost, gradient and curvature are means over the sequences presented, so that a temperature or
    a rate does not depend on how many there are.

    Parameters
    ----------
    problem : Problem
        What to learn.
    sequences : Sequences
        Training set of every trial.
    tolerance : float
        Share of the training set that may be wrong in a trial that counts as solved, 0 <= . < 1.
        The papers do not state theirs; none may be wrong is assumed here.
    within : float, optional
        Count an output as right if it is less than this from its target, > 0. By default its sign
        decides, which is assumed here; 0.1 in Schmidhuber, Hochreiter and Bengio (2001). A problem
        whose targets are not +0.8 and -0.8 has its own.
    network : Network, optional
        What learns; by default tanh units in the wiring of 1994. It reads the channels of the
        problem, and may read a bias as one more.

    Attributes
    ----------
    n_params, trials : int
        Parameters a trial, and how many trials.
    presentations_per_call : int
        Sequences in a training set.
    """

    def __init__(
        self,
        problem: Problem,
        sequences: Sequences,
        tolerance: float = 0.0,
        within: float | None = None,
        network: Network | None = None,
    ) -> None:
        self.problem = problem
        self.network = network or self._default(problem)
        self._accept(self.network)
        self.sequences = self._read(sequences)
        if not 0.0 <= number("tolerance", tolerance) < 1.0:
            raise refuse("tolerance", tolerance, "one number >= 0 and < 1")
        self.tolerance = float(tolerance)
        within = problem.within if within is None else within
        self.within = None if within is None else number("within", within, above=0.0)
        self.n_params = self.network.n_params
        self.presentations_per_call, self.trials = sequences.targets.shape

    @classmethod
    def draw(
        cls,
        problem: Problem,
        trials: int,
        *,
        rng: np.random.Generator,
        sequences: int = 20,
        tolerance: float = 0.0,
        network: Network | None = None,
    ) -> SequenceObjective:
        """Draw a training set for each trial from that trial's own stream.

        Parameters
        ----------
        problem : Problem
            What to draw from.
        trials : int
            How many trials, >= 1.
        rng : numpy.random.Generator
            Spawns one stream a trial.
        sequences : int
            Sequences in a training set. Not stated in the papers; 20 is assumed here.
        tolerance, network
            As for the class.
        """
        streams = rng.spawn(integer("trials", trials, at_least=1))
        drawn = problem.sample(streams, sequences)[0]
        return cls(problem, drawn, tolerance, network=network)

    @staticmethod
    def _default(problem: Problem) -> Network:
        return Network(classic(problem.name))

    def _accept(self, network) -> None:
        wiring = network.wiring
        extra = wiring.channels - self.problem.channels
        if extra and (extra, wiring.bias) != (1, self.problem.channels):
            accepted = (
                f"{self.problem.channels}, those of the problem, and perhaps a bias after them"
            )
            raise refuse("channels of network", wiring.channels, accepted)

    def _read(self, sequences: Sequences) -> Sequences:
        """Return the sequences as the network reads them."""
        wanted = (self.problem.T, self.problem.channels, *sequences.targets.shape)
        shaped("sequences", sequences.inputs, wanted, "(T, channel, sequence, trial)")
        biased = self.network.wiring.channels > self.problem.channels
        return sequences.with_bias() if biased else sequences

    def runner(self, units: str | None = None) -> Backpropagator:
        """Return what runs the network, with `units` in place of its own if given."""
        if units is None:
            return Backpropagator(self.network)
        one_of("units", units, tuple(CELLS))
        network = replace(self.network, cell=CELLS[units])
        if network.n_params != self.n_params:
            raise refuse(
                "units", units, f"units whose weights are those of {self.network.cell.name}"
            )
        return Backpropagator(network)

    def initial(
        self,
        *,
        rng: np.random.Generator,
        bound: float = INITIAL_BOUND,
        start: str = "uniform",
        **more: Any,
    ) -> NDArray[np.float64]:
        """Draw starting parameters as :meth:`Network.initial`, a stream a trial.

        Returns
        -------
        ndarray, shape (n_params, trial)
        """
        return self.network.initial(rng.spawn(self.trials), bound, start, **more)

    def presenter(self, trials: int) -> SequencePresenter:
        """Return the presenter for one run of training.

        Raises
        ------
        ValueError
            If `trials` is not the number of training sets.
        """
        if trials != self.trials:
            raise refuse("trials", trials, f"{self.trials}, as many as there are training sets")
        return SequencePresenter(self)

    def classification_error(
        self,
        params: NDArray[np.float64],
        sequences: Sequences | None = None,
        *,
        units: str | None = None,
    ) -> NDArray[np.float64]:
        """Return the share of sequences that are wrong at the end; this is no training.

        Parameters
        ----------
        params : ndarray, shape (n_params, trial)
            Parameters, finite or not: an output that is not a number is wrong.
        sequences : Sequences, optional
            As a test set; the training set if left out.
        units : str, optional
            Key of :data:`latchlib.cells.CELLS`: units that stand in for the network's own.

        Returns
        -------
        ndarray, shape (trial,)

        Raises
        ------
        ValueError
            If a shape does not fit or `units` is not on offer.
        """
        sequences = self.sequences if sequences is None else self._read(sequences)
        trials = sequences.targets.shape[1]
        shaped("params", params, (self.n_params, trials), "(n_params, trial)")
        runner = self.runner(units)
        with np.errstate(over="ignore", invalid="ignore"):
            wrong = self.wrong(_outputs(runner, params, sequences), sequences.targets)
        return wrong.sum(axis=0) / len(wrong)

    def wrong(
        self, outputs: NDArray[np.float64], targets: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Say which outputs are wrong; one that is not a number is.

        Parameters
        ----------
        outputs, targets : ndarray
            Of one shape.

        Returns
        -------
        ndarray of bool
        """
        if self.within is None:
            return ~(outputs * targets > 0.0)
        return ~(np.abs(outputs - targets) < self.within)


class SequencePresenter(Presenter):
    """Presents the training sets of a :class:`SequenceObjective`, and counts.

    Parameters
    ----------
    objective : SequenceObjective
        Whose training sets.
    """

    def __init__(self, objective: SequenceObjective) -> None:
        super().__init__(objective, objective.trials)
        self._runners = {None: objective.runner()}
        self._held: tuple[NDArray[np.int64], Sequences] = (
            np.arange(objective.trials),
            objective.sequences,
        )

    def whole(
        self, params: NDArray[np.float64], trials: NDArray[np.int64], *, units: str | None = None
    ) -> Assessment:
        """Present the whole training set once: its mean cost, and how many are wrong."""
        sequences = self._of(trials)
        size = self.objective.presentations_per_call
        self.presentations[trials] += size
        outputs = _outputs(self._runner(units), params, sequences)
        misses = outputs - sequences.targets
        cost = 0.5 * sum_over_sequences(misses, misses) / size
        wrong = self.objective.wrong(outputs, sequences.targets).sum(axis=0)
        return Assessment(_comparable(cost), wrong / size, self.solved(wrong))

    def one_pass(self, stream: np.random.Generator) -> NDArray[np.int64]:
        """Draw the order in which a pass presents the training set."""
        return stream.permutation(self.presentations_per_call)

    def solved(self, wrong: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether `wrong` sequences of a whole training set are within the tolerance."""
        return wrong <= self.objective.tolerance * self.objective.presentations_per_call

    def derivatives(
        self,
        params: NDArray[np.float64],
        trials: NDArray[np.int64],
        which: NDArray[np.int64] | None = None,
        *,
        curvature: str | None = None,
        per_step: bool = False,
    ) -> tuple[Derivatives, NDArray[np.int64]]:
        """Present one sequence to each trial, or its whole set, and back-propagate.

        Parameters
        ----------
        params : ndarray, shape (n_params, len(trials))
            Parameters of these trials.
        trials : ndarray of int
            Which trials.
        which : ndarray of int, shape (len(trials),), optional
            Which sequence of each trial's set; the whole set if left out.
        curvature, per_step
            As for :func:`latchlib.backprop.derivatives`.

        Returns
        -------
        Derivatives
            Means over the sequences presented.
        ndarray of int, shape (len(trials),)
            How many of them were wrong.
        """
        sequences = self._present(trials, which)
        result = self._runner().derivatives(
            params, sequences.inputs, sequences.targets, curvature=curvature, per_step=per_step
        )
        shown = len(sequences.targets)
        if shown > 1:
            second = None if result.curvature is None else result.curvature / shown
            result = Derivatives(
                result.cost / shown, result.outputs, result.gradient / shown, second
            )
        return result, self.objective.wrong(result.outputs, sequences.targets).sum(axis=0)

    def threshold(
        self,
        params: NDArray[np.float64],
        trials: NDArray[np.int64],
        which: NDArray[np.int64] | None = None,
    ) -> tuple[States, Sequences, NDArray[np.int64]]:
        """Present to the network with threshold units.

        Parameters are those of :meth:`derivatives`.

        Returns
        -------
        States
            What happened in the network, in buffers of the presenter.
        Sequences
            What was presented.
        ndarray of int, shape (len(trials),)
            How many sequences were wrong.
        """
        sequences = self._present(trials, which)
        runner = self._runner("threshold")
        states = runner.forward(params, sequences.inputs, running=sequences.running)
        outputs = states.y[-1, self.objective.network.wiring.output]
        return states, sequences, self.objective.wrong(outputs, sequences.targets).sum(axis=0)

    def _runner(self, units=None):
        if units not in self._runners:
            self._runners[units] = self.objective.runner(units)
        return self._runners[units]

    def _present(self, trials, which):
        sequences = self._of(trials)
        if which is not None:
            sequences = Sequences(
                np.take_along_axis(sequences.inputs, which[None, None, None], axis=2),
                np.take_along_axis(sequences.targets, which[None], axis=0),
                np.take_along_axis(sequences.lengths, which[None], axis=0),
            )
        self.presentations[trials] += len(sequences.targets)
        return sequences

    def _of(self, trials):
        # Trials leave seldom; copying their sequences out at each call would cost more than the
        # network.
        if not np.array_equal(self._held[0], trials):
            self._held = (trials.copy(), self.objective.sequences.take(trials))
        return self._held[1]


class FunctionObjective:
    """A plain function to minimise, for trying a search where the answer is known.

    One evaluation counts as one presentation.

    Parameters
    ----------
    function : callable
        Takes points of shape (n_params, trial), returns values of shape (trial,). A value that is
        not a number counts as inf.
    n_params : int
        Number of variables, >= 1.
    goal : float
        A trial has solved it at a value <= `goal`.

    Attributes
    ----------
    presentations_per_call : int
        1.
    """

    presentations_per_call = 1

    def __init__(
        self,
        function: Callable[[NDArray[np.float64]], NDArray[np.float64]],
        n_params: int,
        goal: float,
    ) -> None:
        if not callable(function):
            raise refuse("function", function, "a function of (n_params, trial) points")
        self.function = function
        self.n_params = integer("n_params", n_params, at_least=1)
        self.goal = number("goal", goal)

    def presenter(self, trials: int) -> Presenter:
        """Return the presenter for one run of training."""
        return _FunctionPresenter(self, trials)


class _FunctionPresenter(Presenter):
    def whole(self, params, trials, *, units=None):
        self.presentations[trials] += 1
        values = np.asarray(self.objective.function(params), dtype=np.float64)
        shaped("result of function", values, (len(trials),), "(trial,)")
        cost = _comparable(values)
        return Assessment(cost, np.full(len(trials), np.nan), cost <= self.objective.goal)


def _outputs(runner, params, sequences):
    return runner.outputs(params, sequences.inputs, sequences.running)


def _comparable(cost):
    return np.where(np.isnan(cost), np.inf, cost)
