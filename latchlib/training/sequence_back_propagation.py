"""Back-propagation on the three problems: gradient descent, one update a sequence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latchlib._validation import number, refuse
from latchlib.objective import SequenceObjective
from latchlib.training._base import TrainResult
from latchlib.training._online import online
from latchlib.training._run import Callback

__all__ = ["SequenceBackPropagation", "fraction", "train"]


@dataclass(frozen=True)
class SequenceBackPropagation:
    """Settings.

    Parameters
    ----------
    learning_rate : float
        Step along the negative gradient, > 0. Not stated in the papers for the problems; 0.1 is
        assumed here, as for the minimal task.
    momentum : float
        Share of the last change that is made again, 0 <= . < 1. Not stated for back-propagation;
        0.8 is assumed here, which is what the pseudo-Newton methods had (Bengio, Simard and
        Frasconi, 1994).
    """

    learning_rate: float = 0.1
    momentum: float = 0.8

    def __post_init__(self) -> None:
        number("learning_rate", self.learning_rate, above=0.0)
        fraction("momentum", self.momentum)


def fraction(name: str, value: float) -> float:
    """Return `value` as float, or raise ValueError if it is not one number in [0, 1)."""
    if not 0.0 <= number(name, value) < 1.0:
        raise refuse(name, value, "one number >= 0 and < 1")
    return float(value)


def train(
    objective: SequenceObjective,
    params0: NDArray[np.float64],
    *,
    rng: np.random.Generator,
    max_presentations: int,
    settings: SequenceBackPropagation | None = None,
    callback: Callback | None = None,
) -> TrainResult:
    """Train every trial: change = -learning_rate dC(p)/dw for each sequence p.

    Parameters
    ----------
    objective : SequenceObjective
        What to minimise.
    params0 : ndarray, shape (n_params, trial)
        Starting parameters; not changed.
    rng : numpy.random.Generator
        Spawns one stream a trial, for the order of presentation.
    max_presentations : int
        Budget a trial, in sequences.
    settings : SequenceBackPropagation, optional
        Learning rate and momentum.
    callback : callable, optional
        Called after each pass over the training set as ``callback(presentations, params)`` with
        all trials' parameters; returns True to stop.

    Returns
    -------
    TrainResult

    Raises
    ------
    ValueError
        If shapes do not fit or the budget is not positive.
    """
    settings = settings or SequenceBackPropagation()

    def rule(run, params, which):
        result, wrong = run.presenter.derivatives(params, run.active, which)
        return -settings.learning_rate * result.gradient, wrong

    return online(objective, params0, rng, max_presentations, callback, rule, settings.momentum)
