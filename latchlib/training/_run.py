"""What all algorithms share: checking arguments, keeping the books of a run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from latchlib._validation import finite, integer, shaped
from latchlib.objective import FunctionObjective, SequenceObjective
from latchlib.training._base import StopReason, TrainResult

__all__ = ["Callback", "Run", "draw"]

#: Called as ``callback(presentations, params)``; returns True to stop.
Callback = Callable[[int, NDArray[np.float64]], bool]


class Run:
    """One run of training over a batch of independent trials, all at the same step.

    Parameters
    ----------
    objective, params0, rng, max_presentations, callback
        Arguments of ``train``.

    Attributes
    ----------
    params : ndarray, shape (n_params, trial)
        What each trial has to show: of a trial that has ended, for good.
    active : ndarray of int
        Trials that go on.
    streams : list of numpy.random.Generator
        One a trial, so that a trial's outcome does not depend on how many run beside it.
    presenter : Presenter
        Presents and counts.
    left : int
        Presentations the budget still allows each active trial.

    Raises
    ------
    ValueError
        If shapes do not fit or the budget is not positive.
    """

    def __init__(
        self,
        objective: SequenceObjective | FunctionObjective,
        params0: NDArray[np.float64],
        rng: np.random.Generator,
        max_presentations: int,
        callback: Callback | None,
    ) -> None:
        self.params = np.array(finite("params0", params0))
        shaped("params0", self.params, (objective.n_params, None), "(n_params, trial)")
        self._budget = integer("max_presentations", max_presentations, at_least=1)
        trials = self.params.shape[1]
        self.presenter = objective.presenter(trials)
        self.streams = rng.spawn(trials)
        self.active = np.arange(trials)
        self.reason = np.full(trials, StopReason.BUDGET, dtype=np.int64)
        self._callback = callback

    @property
    def left(self) -> int:
        """Presentations the budget still allows each active trial; 0 if none is active."""
        if not self.active.size:
            return 0
        return int(self._budget - self.presenter.presentations[self.active[0]])

    def end(
        self, which: NDArray[np.bool_], reason: StopReason, params: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """End some of the active trials.

        Parameters
        ----------
        which : ndarray of bool, shape (active,)
            Those that end.
        reason : StopReason
            Why.
        params : ndarray, shape (n_params, active)
            What the active trials have to show.

        Returns
        -------
        ndarray of bool, shape (active,)
            Those that go on, to cut the algorithm's own state with.
        """
        self.params[:, self.active] = params
        self.reason[self.active[which]] = reason
        self.active = self.active[~which]
        return ~which

    def asked_to_stop(self) -> bool:
        """Ask the callback; if it says so, all active trials end."""
        if self._callback is None:
            return False
        spent = int(self.presenter.presentations.max())
        if not self._callback(spent, self.params):
            return False
        self.reason[self.active] = StopReason.CALLBACK
        self.active = self.active[:0]
        return True

    def result(self) -> TrainResult:
        """Return the outcome."""
        return TrainResult(self.params, self.reason, self.presenter.presentations.copy())


def draw(
    streams: list[np.random.Generator],
    active: NDArray[np.int64],
    one: Callable[[np.random.Generator], NDArray],
) -> NDArray:
    """Draw from the stream of each active trial, the trials along the last axis.

    Parameters
    ----------
    streams : list of numpy.random.Generator
        All trials' streams.
    active : ndarray of int
        Whose turn it is.
    one : callable
        Draws for one trial.

    Returns
    -------
    ndarray, shape (..., active)
    """
    return np.stack([one(streams[trial]) for trial in active], axis=-1)
