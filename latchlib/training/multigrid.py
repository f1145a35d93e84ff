"""Multigrid random search: a box about the best point that shrinks with every improvement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from latchlib.training._base import Search
from latchlib.validation import number, refuse

__all__ = ["Box", "Multigrid"]


class Box(NamedTuple):
    """State of the search.

    Parameters
    ----------
    best : ndarray, shape (n, trial)
        Best point so far: the centre of the next box.
    best_cost : ndarray, shape (trial,)
        Its cost.
    half : ndarray, shape (trial,)
        Half-width of the next box.
    taken : ndarray of bool, shape (trial,)
        Whether the last point was better than all before.
    """

    best: NDArray[np.float64]
    best_cost: NDArray[np.float64]
    half: NDArray[np.float64]
    taken: NDArray[np.bool_]


@dataclass(frozen=True)
class Multigrid(Search):
    """Draw points uniformly from a box about the best one.

    If the cost of one is less, it becomes the best, the box moves to it and shrinks; otherwise
    nothing changes. A trial is stuck when its box is smaller than `smallest`.

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

    name = "multigrid random search"
    place, stream = 4, 4

    def __post_init__(self) -> None:
        if not 0.0 < number("shrink", self.shrink) < 1.0:
            raise refuse("shrink", self.shrink, "one number > 0 and < 1")
        number("half_width", self.half_width, above=0.0)
        number("smallest", self.smallest, above=0.0)

    def draws(self, stream, n):
        """Draw fifty points of the box [-1, 1]^n."""
        return stream.uniform(-1.0, 1.0, (50, n))

    def start(self, params, cost):
        """Begin with the widest box."""
        return Box(params, cost, np.full(cost.shape, self.half_width), np.ones(cost.shape, bool))

    def ask(self, state, k, draw):
        """Return a point of the box."""
        return state.best + state.half * draw

    def tell(self, state, k, draw, point, cost):
        """Move to a better point, and shrink."""
        better = cost < state.best_cost
        return Box(
            np.where(better, point, state.best),
            np.where(better, cost, state.best_cost),
            np.where(better, state.half * self.shrink, state.half),
            better,
        )

    def stuck(self, state, k):
        """Say whether the box is too small."""
        return state.half < self.smallest
