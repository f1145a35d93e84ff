"""Random guessing of weights: the control every other result is read against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latchlib._validation import number
from latchlib.objective import FunctionObjective, SequenceObjective
from latchlib.training._base import StopReason, TrainResult
from latchlib.training._run import Callback, Run, draw

__all__ = ["RandomGuessing", "train"]

# Guesses drawn at a time from each stream, and between two calls of the callback.
_BLOCK = 50


@dataclass(frozen=True)
class RandomGuessing:
    """Settings.

    Parameters
    ----------
    bound : float
        Weights are uniform on [-bound, bound], > 0; 100 in Hochreiter and Schmidhuber (1996).
    """

    bound: float = 100.0

    def __post_init__(self) -> None:
        number("bound", self.bound, above=0.0)


def train(
    objective: SequenceObjective | FunctionObjective,
    params0: NDArray[np.float64],
    *,
    rng: np.random.Generator,
    max_presentations: int,
    settings: RandomGuessing | None = None,
    callback: Callback | None = None,
) -> TrainResult:
    """Guess every trial's parameters until a guess solves the objective.

    Parameters
    ----------
    objective : SequenceObjective or FunctionObjective
        What to solve. Each guess presents the whole training set.
    params0 : ndarray, shape (n_params, trial)
        Not changed and not tried; it gives the number of trials, and is returned where the budget
        allows no guess.
    rng : numpy.random.Generator
        Spawns one stream a trial.
    max_presentations : int
        Budget a trial, in sequences.
    settings : RandomGuessing, optional
        Where to guess.
    callback : callable, optional
        Called after each 50 guesses as ``callback(presentations, params)`` with the best guesses
        so far; returns True to stop.

    Returns
    -------
    TrainResult
        `params` solves the objective where learned and is the guess of least cost otherwise, the
        first of equals.

    Raises
    ------
    ValueError
        If shapes do not fit or the budget is not positive.
    """
    settings = settings or RandomGuessing()
    run = Run(objective, params0, rng, max_presentations, callback)
    n, per_call = objective.n_params, objective.presentations_per_call
    best, cost = run.params.copy(), np.full(run.active.size, np.inf)
    first = True
    while run.left >= per_call:
        guesses = draw(
            run.streams,
            run.active,
            lambda s: s.uniform(-settings.bound, settings.bound, (_BLOCK, n)),
        )
        for k in range(_BLOCK):
            if run.left < per_call:
                break
            seen = run.presenter.whole(guesses[k], run.active)
            # The first guess counts whatever it costs: a cost may be infinite.
            better = (seen.cost < cost) | seen.solved | first
            first = False
            best = np.where(better, guesses[k], best)
            cost = np.where(better, seen.cost, cost)
            if seen.solved.any():
                on = run.end(seen.solved, StopReason.LEARNED, best)
                best, cost, guesses = best[:, on], cost[on], guesses[..., on]
        run.params[:, run.active] = best
        if run.asked_to_stop():
            break
    return run.result()
