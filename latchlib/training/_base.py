"""What a training rule is, and what training returns.

A rule is a frozen dataclass: its fields are its settings, and it holds no state. A gradient method
says what one presentation changes, a search which point to try next, and
:func:`latchlib.training.train` runs either. Whatever a rule has to remember is a state, a
NamedTuple of arrays whose last axis is the trial, so that trials that end can be cut out of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from latchlib.objective import FunctionObjective, SequenceObjective
from latchlib.validation import number, refuse

if TYPE_CHECKING:
    from latchlib.training._loop import Run

__all__ = ["Gradient", "Rule", "Search", "StopReason", "TrainResult", "Velocity", "fraction"]


class StopReason(IntEnum):
    """Why training of a trial ended. Not learning is an outcome, not an error."""

    LEARNED = 1
    """Every output of a whole pass had the right sign; in a search, a point was found that
    satisfies the objective."""
    BUDGET = 2
    """The presentations ran out first. More of them, or another rate, may help."""
    DIVERGED = 3
    """A parameter left the finite numbers. A smaller learning rate may help."""
    CALLBACK = 4
    """The callback asked to stop."""
    STUCK = 5
    """The search has closed in on a point that does not do. A wider or slower one may help."""


@dataclass(frozen=True)
class TrainResult:
    """Outcome of training a batch of independent trials.

    Parameters
    ----------
    params : ndarray, shape (n_params, trial)
        Parameters at the end. Of a search: a point that solves the objective where it learned, the
        best point elsewhere.
    reason : ndarray of int, shape (trial,)
        A :class:`StopReason` a trial.
    presentations : ndarray of int64, shape (trial,)
        Sequences presented to each trial.
    """

    params: NDArray[np.float64]
    reason: NDArray[np.int64]
    presentations: NDArray[np.int64]

    @property
    def learned(self) -> NDArray[np.bool_]:
        """Whether each trial stopped because it had learned."""
        return self.reason == StopReason.LEARNED


class Rule:
    """What gradient methods and searches share.

    Attributes
    ----------
    name : str
        Key in :data:`latchlib.training.ALGORITHMS`; the streams of the experiments hang on it.
    place : int
        Where the tables put it; without one it comes after the others, by name.
    stream : int, optional
        Spawn key of results saved before streams were keyed by names. A new rule has none.
    compared : bool
        Whether the comparison beside the tables of 1993, and the study of its settings, run it.
    units : str, optional
        Units that it trains, and its outcome is assessed with, in place of the network's own.
    derivative_free : bool
        Whether it also takes a :class:`latchlib.objective.FunctionObjective`.
    objectives : tuple of type
        What it can be trained on.
    budget : int
        Presentations that the comparison gives a trial.
    budgets : mapping of str to int
        The same, on problems that get more.
    """

    name: ClassVar[str]
    place: ClassVar[int] = 99
    stream: ClassVar[int | None] = None
    compared: ClassVar[bool] = True
    units: ClassVar[str | None] = None
    derivative_free: ClassVar[bool] = False
    objectives: ClassVar[tuple[type, ...]] = ()
    budget: ClassVar[int]
    budgets: ClassVar[Mapping[str, int]] = MappingProxyType({})


class Velocity(NamedTuple):
    velocity: NDArray[np.float64]


class Gradient(Rule):
    """A rule that changes the weights after every presentation.

    One that needs no state but the last change, of which it makes a share again, gives `change`
    alone; others their own `start` and `update`.

    Attributes
    ----------
    momentum : float
        Share of the last change that is made again.
    """

    # Where back-propagation fails, the tables of 1993 report 2,800 to 3,000 on average: its trials
    # must have been stopped near 3,000. On parity they report 54,000 for discrete errors, at
    # T = 50; to give that to every method would take hours.
    budget = 3_000
    budgets: ClassVar = MappingProxyType({"parity": 10_000})
    objectives = (SequenceObjective,)
    momentum: float = 0.0

    def start(self, params: NDArray[np.float64]) -> Any:
        """Return the first state of trials that start at `params`, shape (n_params, trial)."""
        return Velocity(np.zeros_like(params))

    def update(
        self, run: Run, params: NDArray[np.float64], item: NDArray, state: Any
    ) -> tuple[NDArray[np.float64], NDArray[np.int64], Any]:
        """Present once to every active trial, and say how to change its parameters.

        Parameters
        ----------
        run : Run
            Presents by ``run.derivatives(params, item)`` or ``run.threshold(params, item)``, once,
            and draws by ``run.draw``.
        params : ndarray, shape (n_params, active)
            Parameters of the active trials.
        item : ndarray, shape (..., active)
            What to present to each.
        state : tuple of ndarray
            As this or `start` returned it.

        Returns
        -------
        ndarray, shape (n_params, active)
            What is added to the parameters.
        ndarray of int, shape (active,)
            How many of the sequences were wrong.
        tuple of ndarray
            State.
        """
        change, wrong = self.change(run, params, item)
        velocity = self.momentum * state.velocity + change
        return velocity, wrong, Velocity(velocity)

    def change(
        self, run: Run, params: NDArray[np.float64], item: NDArray
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the change before momentum, and how many sequences were wrong; see `update`."""
        raise NotImplementedError


class Search(Rule):
    """A rule that asks for the cost of one point after another, and needs nothing else.

    Its state has at least ``best``, shape (n_params, trial), and ``best_cost``, shape (trial,).
    Points are numbered from k = 0, the start not counted.

    Attributes
    ----------
    tries_start : bool
        Whether the start is presented.
    """

    # The tables of 1993 report 6,400 at most on average by multigrid.
    budget = 20_000
    derivative_free = True
    objectives = (SequenceObjective, FunctionObjective)
    tries_start: ClassVar[bool] = True

    def draws(self, stream: np.random.Generator, n: int) -> NDArray[np.float64]:
        """Draw what the next points of one trial are made from: (point, ...) for n parameters.

        As many as lie between two calls of the callback.
        """
        raise NotImplementedError

    def start(self, params: NDArray[np.float64], cost: NDArray[np.float64]) -> Any:
        """Return the state at `params`, (n_params, trial), of that cost; inf if it is not tried."""
        raise NotImplementedError

    def ask(self, state: Any, k: int, draw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the next points, shape (n_params, trial); `draw` has shape (..., trial)."""
        raise NotImplementedError

    def tell(
        self,
        state: Any,
        k: int,
        draw: NDArray[np.float64],
        point: NDArray[np.float64],
        cost: NDArray[np.float64],
    ) -> Any:
        """Return the state, now that the `cost` of the points is known, shape (trial,)."""
        raise NotImplementedError

    def stuck(self, state: Any, k: int) -> NDArray[np.bool_]:
        """Say which trials may give up after point k, shape (trial,): none, by default."""
        return np.zeros(state.best_cost.shape, dtype=bool)


def fraction(name: str, value: float) -> None:
    """Raise ValueError if `value` is not one number in [0, 1)."""
    if not 0.0 <= number(name, value) < 1.0:
        raise refuse(name, value, "one number >= 0 and < 1")
