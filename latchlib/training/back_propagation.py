"""Gradient descent with the gradient of back-propagation through time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latchlib._validation import finite, integer, number, shaped
from latchlib.objective import LatchObjective
from latchlib.training._base import StopReason, TrainResult

__all__ = ["BackPropagation", "train"]


@dataclass(frozen=True)
class BackPropagation:
    """Settings. The paper states none of these for the minimal task: all are assumed.

    Parameters
    ----------
    learning_rate : float
        Step along the negative gradient, > 0.
    block : int
        Rounds in a block (one round presents both patterns). A trial has learned when a whole
        block is classified without an error.
    """

    learning_rate: float = 0.1
    block: int = 50

    def __post_init__(self) -> None:
        number("learning_rate", self.learning_rate, above=0.0)
        integer("block", self.block, at_least=1)


def train(
    objective: LatchObjective,
    params0: NDArray[np.float64],
    *,
    rng: np.random.Generator,
    max_presentations: int,
    settings: BackPropagation | None = None,
    callback: Callable[[int, NDArray[np.float64]], bool] | None = None,
) -> TrainResult:
    """Train every trial by gradient descent, one update a round.

    Parameters
    ----------
    objective : LatchObjective
        What to minimise.
    params0 : ndarray, shape (n_params, trial)
        Starting parameters; not changed.
    rng : numpy.random.Generator
        Spawns one stream a trial, so that a trial's outcome does not depend on how many others
        run beside it.
    max_presentations : int
        Budget a trial, in sequences.
    settings : BackPropagation, optional
        Learning rate and block length.
    callback : callable, optional
        Called after each block as ``callback(presentations, params)`` with all trials' parameters;
        returns True to stop.

    Returns
    -------
    TrainResult

    Raises
    ------
    ValueError
        If shapes do not fit or the budget is not positive.
    """
    settings = settings or BackPropagation()
    params = np.array(finite("params0", params0))
    shaped("params0", params, (objective.n_params, None), "(n_params, trial)")
    integer("max_presentations", max_presentations, at_least=1)
    trials = params.shape[1]
    rngs = rng.spawn(trials)
    reason = np.full(trials, StopReason.BUDGET, dtype=np.int64)
    presentations = np.zeros(trials, dtype=np.int64)
    active = np.arange(trials)
    budget = max_presentations // objective.presentations_per_call
    done = 0
    while active.size and done < budget:
        rounds = min(settings.block, budget - done)
        current, correct = _block(objective, params[:, active], rngs, active, rounds, settings)
        done += rounds
        params[:, active] = current
        presentations[active] = done * objective.presentations_per_call
        diverged = ~np.isfinite(current).all(axis=0)
        # A last block cut short by the budget is too short to show that a trial has learned.
        learned = correct & ~diverged & (rounds == settings.block)
        reason[active[learned]] = StopReason.LEARNED
        reason[active[diverged]] = StopReason.DIVERGED
        active = active[~(learned | diverged)]
        if callback is not None and callback(done * objective.presentations_per_call, params):
            reason[active] = StopReason.CALLBACK
            break
    return TrainResult(params, reason, presentations)


def _block(objective, params, rngs, active, rounds, settings):
    noise = objective.draw([rngs[i] for i in active], rounds)
    correct = np.ones(active.size, dtype=bool)
    with np.errstate(over="ignore", invalid="ignore"):  # divergence is reported, not warned of
        for r in range(rounds):
            evaluation = objective(params, noise[r])
            params -= settings.learning_rate * evaluation.gradient
            correct &= evaluation.correct
    return params, correct
