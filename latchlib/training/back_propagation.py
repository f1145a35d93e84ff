"""Gradient descent with the gradient of back-propagation through time."""

from __future__ import annotations

from dataclasses import dataclass

from latchlib.objective import MinimalObjective
from latchlib.training._base import Gradient, fraction
from latchlib.validation import number

__all__ = ["BackPropagation"]


@dataclass(frozen=True)
class BackPropagation(Gradient):
    """Change = -learning_rate dC(p)/dw for each sequence p, and a share of the last change.

    Parameters
    ----------
    learning_rate : float
        Step along the negative gradient, > 0. Not stated in the papers; 0.1 is assumed here.
    momentum : float
        Share of the last change that is made again, 0 <= . < 1. Not stated for back-propagation;
        0.8 is assumed here for the problems, which is what the pseudo-Newton methods had (Bengio,
        Simard and Frasconi, 1994), and 0 for the minimal task.
    """

    learning_rate: float = 0.1
    momentum: float = 0.8

    name = "back-propagation"
    place, stream = 0, 0
    objectives = (*Gradient.objectives, MinimalObjective)

    def __post_init__(self) -> None:
        number("learning_rate", self.learning_rate, above=0.0)
        fraction("momentum", self.momentum)

    def change(self, run, params, item):
        """Step down the gradient."""
        result, wrong = run.derivatives(params, item)
        return -self.learning_rate * result.gradient, wrong
