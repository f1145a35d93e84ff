"""Multigrid random search: a box about the best point that shrinks with every improvement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latchlib._validation import number, refuse
from latchlib.objective import FunctionObjective, SequenceObjective
from latchlib.training._base import StopReason, TrainResult
from latchlib.training._run import Callback, Run, draw

__all__ = ["Multigrid", "train"]

# Points drawn at a time from each stream, and between two calls of the callback.
_BLOCK = 50


@dataclass(frozen=True)
class Multigrid:
    """Settings.

    Parameters
    ----------
    shrink : float
        Factor of the box at an improvement, 0 < . < 1; 0.9 in Bengio, Simard and Frasconi (1994).
    half_width : float
        First half-width of the box about the start, > 0. Assumed here: 5, enough for weights that
        latch.
    smallest : float
        Half-width at which the search is stuck, > 0. Assumed here: 1e-6.
    """

    shrink: float = 0.9
    half_width: float = 5.0
    smallest: float = 1e-6

    def __post_init__(self) -> None:
        if not 0.0 < number("shrink", self.shrink) < 1.0:
            raise refuse("shrink", self.shrink, "one number > 0 and < 1")
        number("half_width", self.half_width, above=0.0)
        number("smallest", self.smallest, above=0.0)


def train(
    objective: SequenceObjective | FunctionObjective,
    params0: NDArray[np.float64],
    *,
    rng: np.random.Generator,
    max_presentations: int,
    settings: Multigrid | None = None,
    callback: Callback | None = None,
) -> TrainResult:
    """Search every trial; each point presents the whole training set.

    A point is drawn uniformly from the box about the best one. If its cost is less, it becomes the
    best, the box moves to it and shrinks; otherwise nothing changes.

    Parameters
    ----------
    objective : SequenceObjective or FunctionObjective
        What to minimise.
    params0 : ndarray, shape (n_params, trial)
        Starting parameters; not changed.
    rng : numpy.random.Generator
        Spawns one stream a trial.
    max_presentations : int
        Budget a trial, in sequences.
    settings : Multigrid, optional
        The box.
    callback : callable, optional
        Called after each 50 points as ``callback(presentations, params)`` with the best points so
        far; returns True to stop.

    Returns
    -------
    TrainResult
        `params` solves the objective where learned and is the best point otherwise. STUCK: the box
        is smaller than `smallest`.

    Raises
    ------
    ValueError
        If shapes do not fit or the budget is not positive.
    """
    settings = settings or Multigrid()
    run = Run(objective, params0, rng, max_presentations, callback)
    n, per_call = objective.n_params, objective.presentations_per_call
    if run.left < per_call:
        return run.result()
    best = run.params.copy()
    seen = run.presenter.whole(best, run.active)
    cost, half = seen.cost, np.full(run.active.size, settings.half_width)
    on = run.end(seen.solved, StopReason.LEARNED, best)
    best, cost, half = best[:, on], cost[on], half[on]
    while run.left >= per_call:
        draws = draw(run.streams, run.active, lambda s: s.uniform(-1.0, 1.0, (_BLOCK, n)))
        for k in range(_BLOCK):
            if run.left < per_call:
                break
            point = best + half * draws[k]
            seen = run.presenter.whole(point, run.active)
            better = seen.cost < cost
            # A point that solves the objective is kept even where its cost is not less.
            best = np.where(better | seen.solved, point, best)
            cost = np.where(better, seen.cost, cost)
            half = np.where(better, half * settings.shrink, half)
            stuck = (half < settings.smallest) & ~seen.solved
            if (seen.solved | stuck).any():
                on = run.end(seen.solved, StopReason.LEARNED, best)
                keep = run.end(stuck[on], StopReason.STUCK, best[:, on])
                best, cost, half = best[:, on][:, keep], cost[on][keep], half[on][keep]
                draws = draws[..., on][..., keep]
        run.params[:, run.active] = best
        if run.asked_to_stop():
            break
    return run.result()
