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

from latchlib.backprop import CURVATURES, contract
from latchlib.training._base import Gradient, fraction
from latchlib.validation import number, one_of

__all__ = ["PseudoNewton", "TimeWeighted"]


@dataclass(frozen=True)
class PseudoNewton(Gradient):
    """Pseudo-Newton.

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

    name = "pseudo-Newton"
    place, stream = 1, 1
    #: Whether each step is divided by its own curvature.
    per_step = False

    def __post_init__(self) -> None:
        number("eta", self.eta, above=0.0)
        number("mu", self.mu, above=0.0)
        fraction("momentum", self.momentum)
        one_of("form", self.form, CURVATURES)

    def change(self, run, params, item):
        """Divide gradient by curvature."""
        result, wrong = run.derivatives(params, item, curvature=self.form, per_step=self.per_step)
        divisor = np.abs(result.curvature, out=result.curvature)
        divisor += self.mu
        change = np.divide(result.gradient, divisor, out=divisor)
        if self.per_step:
            change = contract("tnr->nr", change)
        change *= -self.eta
        return change, wrong


@dataclass(frozen=True)
class TimeWeighted(PseudoNewton):
    """Time-weighted pseudo-Newton, with the settings of :class:`PseudoNewton`, as in the paper.

    Parameters
    ----------
    eta, mu, momentum, form
        As for :class:`PseudoNewton`.
    """

    name = "time-weighted pseudo-Newton"
    place, stream = 2, 2
    per_step = True
