"""Pseudo-Newton and time-weighted pseudo-Newton: each weight's rate follows its curvature.

For one sequence p, with eta the rate and mu what keeps the divisor from 0,

    pseudo-Newton   dw_i = -eta / (|d2C(p)/dw_i^2| + mu) dC(p)/dw_i
    time-weighted   dw_i = -sum_t eta / (|d2C(p)/dw_it^2| + mu) dC(p)/dw_it

where w_it is the weight as it is used at step t, a variable of its own. A step at which a weight
hardly acts has little curvature as well as little gradient, and so weighs more in the second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latchlib._validation import number, one_of
from latchlib.backprop_network import CURVATURES, contract
from latchlib.objective import SequenceObjective
from latchlib.training._base import TrainResult
from latchlib.training._online import online
from latchlib.training._run import Callback
from latchlib.training.sequence_back_propagation import fraction

__all__ = ["PseudoNewton", "TimeWeighted", "train", "train_time_weighted"]


@dataclass(frozen=True)
class PseudoNewton:
    """Settings.

    Parameters
    ----------
    eta : float
        Rate, > 0; 0.01 in Bengio, Simard and Frasconi (1994).
    mu : float
        Least divisor, > 0; "0.001 to 0.3" in the paper, without saying where which. The default is
        near the geometric middle of that range (assumed here): greater ones did better on
        2-sequence and worse on the latch.
    momentum : float
        Share of the last change that is made again, 0 <= . < 1; 0.8 in the paper.
    form : {"full", "gauss-newton"}
        Diagonal second derivative of Becker and LeCun (1988). The bars of |d2C/dw2| in the paper's
        formula point to the full form, as the other is never negative (assumed here).
    """

    eta: float = 0.01
    mu: float = 0.02
    momentum: float = 0.8
    form: str = "full"

    def __post_init__(self) -> None:
        number("eta", self.eta, above=0.0)
        number("mu", self.mu, above=0.0)
        fraction("momentum", self.momentum)
        one_of("form", self.form, CURVATURES)


@dataclass(frozen=True)
class TimeWeighted(PseudoNewton):
    """Settings of the time-weighted form: those of :class:`PseudoNewton`, which the paper shares.

    Parameters
    ----------
    eta, mu, momentum, form
        As for :class:`PseudoNewton`.
    """


def train(
    objective: SequenceObjective,
    params0: NDArray[np.float64],
    *,
    rng: np.random.Generator,
    max_presentations: int,
    settings: PseudoNewton | None = None,
    callback: Callback | None = None,
) -> TrainResult:
    """Train every trial by pseudo-Newton, one update a sequence.

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
    settings : PseudoNewton, optional
        Rate, least divisor, momentum, form of the curvature.
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
    settings = settings or PseudoNewton()
    return _train(objective, params0, rng, max_presentations, settings, callback, False)


def train_time_weighted(
    objective: SequenceObjective,
    params0: NDArray[np.float64],
    *,
    rng: np.random.Generator,
    max_presentations: int,
    settings: TimeWeighted | None = None,
    callback: Callback | None = None,
) -> TrainResult:
    """Train every trial by time-weighted pseudo-Newton; all else as :func:`train`."""
    settings = settings or TimeWeighted()
    return _train(objective, params0, rng, max_presentations, settings, callback, True)


def _train(objective, params0, rng, max_presentations, settings, callback, per_step):
    def rule(run, params, which):
        result, wrong = run.presenter.derivatives(
            params, run.active, which, curvature=settings.form, per_step=per_step
        )
        divisor = np.abs(result.curvature, out=result.curvature)
        divisor += settings.mu
        change = np.divide(result.gradient, divisor, out=divisor)
        if per_step:
            change = contract("tnr->nr", change)
        change *= -settings.eta
        return change, wrong

    return online(objective, params0, rng, max_presentations, callback, rule, settings.momentum)
