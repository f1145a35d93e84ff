"""Random guessing of weights: the control every other result is read against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from latchlib.training._base import Search
from latchlib.validation import number

__all__ = ["RandomGuessing"]


class _Best(NamedTuple):
    best: NDArray[np.float64]
    best_cost: NDArray[np.float64]


@dataclass(frozen=True)
class RandomGuessing(Search):
    """Guess all weights anew until a guess solves the objective.

    The start is not tried: it gives the number of trials. The best is the first of equals.

    Parameters
    ----------
    bound : float
        Weights are uniform on [-bound, bound], > 0; 100 in Hochreiter and Schmidhuber (1996).
    """

    bound: float = 100.0

    name = "random guessing"
    place, stream = 6, 6
    budget = 200_000  # as much as annealing
    tries_start = False

    def __post_init__(self) -> None:
        number("bound", self.bound, above=0.0)

    def draws(self, stream, n):
        """Draw fifty guesses."""
        return stream.uniform(-self.bound, self.bound, (50, n))

    def start(self, params, cost):
        """Begin with nothing."""
        return _Best(params, cost)

    def ask(self, state, k, draw):
        """Return the guess."""
        return draw

    def tell(self, state, k, draw, point, cost):
        """Remember a better guess."""
        # The first guess counts whatever it costs: a cost may be infinite.
        better = (cost < state.best_cost) | (k == 0)
        return _Best(np.where(better, point, state.best), np.where(better, cost, state.best_cost))
