"""RMSProp and Adam: every weight's step is divided by the size that its own gradient has had.

With g the gradient of one sequence, and all operations weight by weight,

    RMSProp   v <- decay v + (1 - decay) g^2
              dw = -learning_rate g / (sqrt(v) + eps)

    Adam      m <- beta_1 m + (1 - beta_1) g,   v <- beta_2 v + (1 - beta_2) g^2
              dw = -learning_rate (m / (1 - beta_1^k)) / (sqrt(v / (1 - beta_2^k)) + eps)

at the k-th update. But for eps, neither hangs on the unit in which a gradient is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from latchlib.training._base import Gradient, fraction
from latchlib.validation import number

__all__ = ["Adam", "RMSProp"]


class Size(NamedTuple):
    square: NDArray[np.float64]


class Moments(NamedTuple):
    mean: NDArray[np.float64]
    square: NDArray[np.float64]
    # beta_1^k and beta_2^k as products: NumPy's powers differ in the last bit between processors.
    left_of_mean: NDArray[np.float64]
    left_of_square: NDArray[np.float64]


@dataclass(frozen=True)
class RMSProp(Gradient):
    """RMSProp, from a lecture of Tieleman and Hinton (2012).

    Parameters
    ----------
    learning_rate : float
        Size of a step whose gradient is as large as usual, > 0; 0.01 is assumed here.
    decay : float
        Share of the mean square that stays, 0 <= . < 1; 0.9 in the lecture.
    eps : float
        Keeps the divisor from 0, > 0; not in the lecture.
    """

    learning_rate: float = 0.01
    decay: float = 0.9
    eps: float = 1e-8

    name = "RMSProp"
    place = 11
    compared = False

    def __post_init__(self) -> None:
        number("learning_rate", self.learning_rate, above=0.0)
        fraction("decay", self.decay)
        number("eps", self.eps, above=0.0)

    def start(self, params):
        """Nothing has been seen."""
        return Size(np.zeros_like(params))

    def update(self, run, params, item, state):
        """Divide the gradient by the root of its mean square."""
        result, wrong = run.derivatives(params, item)
        g = result.gradient
        square = self.decay * state.square + (1.0 - self.decay) * g**2
        return -self.learning_rate * g / (np.sqrt(square) + self.eps), wrong, Size(square)


@dataclass(frozen=True)
class Adam(Gradient):
    """Adam (Kingma and Ba, 2015).

    Parameters
    ----------
    learning_rate : float
        Size of a step while the gradient stays as it is, > 0; 0.001 in the paper, 0.01 here, where
        trials are short.
    beta_1, beta_2 : float
        Shares of the mean and of the mean square that stay, 0 <= . < 1; 0.9 and 0.999 in the paper.
    eps : float
        Keeps the divisor from 0, > 0; 1e-8 in the paper.
    """

    learning_rate: float = 0.01
    beta_1: float = 0.9
    beta_2: float = 0.999
    eps: float = 1e-8

    name = "Adam"
    place = 12
    compared = False

    def __post_init__(self) -> None:
        number("learning_rate", self.learning_rate, above=0.0)
        fraction("beta_1", self.beta_1)
        fraction("beta_2", self.beta_2)
        number("eps", self.eps, above=0.0)

    def start(self, params):
        """Nothing has been seen."""
        trials = params.shape[1]
        return Moments(
            np.zeros_like(params), np.zeros_like(params), np.ones(trials), np.ones(trials)
        )

    def update(self, run, params, item, state):
        """Divide the mean by the root of the mean square, each rid of its start at 0."""
        result, wrong = run.derivatives(params, item)
        g = result.gradient
        state = Moments(
            self.beta_1 * state.mean + (1.0 - self.beta_1) * g,
            self.beta_2 * state.square + (1.0 - self.beta_2) * g**2,
            self.beta_1 * state.left_of_mean,
            self.beta_2 * state.left_of_square,
        )
        mean = state.mean / (1.0 - state.left_of_mean)
        size = np.sqrt(state.square / (1.0 - state.left_of_square))
        return -self.learning_rate * mean / (size + self.eps), wrong, state
