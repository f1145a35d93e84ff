"""The loop of the algorithms that change the weights after every sequence.

A pass presents a trial's whole training set once, in an order drawn anew from that trial's stream.
A trial has learned when a whole pass is classified within the objective's tolerance, each sequence
by the weights it was presented to: that costs no presentation of its own.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from latchlib._validation import refuse
from latchlib.objective import SequenceObjective
from latchlib.training._base import StopReason, TrainResult
from latchlib.training._run import Callback, Run, draw

__all__ = ["online"]

#: Takes the run, the parameters of the active trials and which sequence to present to each;
#: returns the change of the parameters, before momentum, and which trials were wrong.
Rule = Callable[
    [Run, NDArray[np.float64], NDArray[np.int64]],
    tuple[NDArray[np.float64], NDArray[np.int64]],
]


def online(
    objective: SequenceObjective,
    params0: NDArray[np.float64],
    rng: np.random.Generator,
    max_presentations: int,
    callback: Callback | None,
    rule: Rule,
    momentum: float,
) -> TrainResult:
    """Train every trial, one update a sequence: v <- momentum v + change, params <- params + v.

    Parameters
    ----------
    objective, params0, rng, max_presentations, callback
        Arguments of ``train``; the callback is called after each pass.
    rule : callable
        What the algorithm does with one sequence.
    momentum : float
        Share of the last change that is made again.

    Returns
    -------
    TrainResult
    """
    if not isinstance(objective, SequenceObjective):
        raise refuse("objective", type(objective).__name__, "a SequenceObjective")
    run = Run(objective, params0, rng, max_presentations, callback)
    current = run.params.copy()
    velocity = np.zeros_like(current)
    size = objective.presentations_per_call
    while run.left:
        shown = min(size, run.left)
        order = draw(run.streams, run.active, lambda stream: stream.permutation(size))
        wrong = np.zeros(run.active.size, dtype=np.int64)
        with np.errstate(over="ignore", invalid="ignore"):  # divergence is reported, not warned of
            for which in order[:shown]:
                change, missed = rule(run, current, which)
                velocity *= momentum
                velocity += change
                current += velocity
                wrong += missed
        diverged = ~np.isfinite(current).all(axis=0)
        # A pass cut short by the budget does not show that a trial has learned.
        learned = run.presenter.solved(wrong) & ~diverged & (shown == size)
        on = run.end(diverged, StopReason.DIVERGED, current)
        keep = run.end(learned[on], StopReason.LEARNED, current[:, on])
        current, velocity = current[:, on][:, keep], velocity[:, on][:, keep]
        if run.asked_to_stop():
            break
    return run.result()
