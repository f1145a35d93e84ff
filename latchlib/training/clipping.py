"""Back-propagation whose gradient is never longer than a threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latchlib.training.back_propagation import BackPropagation
from latchlib.validation import number

__all__ = ["Clipped", "clipped"]


@dataclass(frozen=True)
class Clipped(BackPropagation):
    """Back-propagation with the norm of the gradient clipped (Pascanu, Mikolov and Bengio, 2013).

    Where the gradient of a sequence, over all weights, is longer than the threshold, it is cut to
    that length before the step is made from it. Its direction stays.

    Parameters
    ----------
    learning_rate, momentum
        As for :class:`BackPropagation`.
    threshold : float
        Greatest length of a gradient, > 0. The source looks at the mean length over many updates;
        1 is assumed here.
    """

    threshold: float = 1.0

    name = "clipped back-propagation"
    place, stream = 10, None
    compared = False

    def __post_init__(self) -> None:
        super().__post_init__()
        number("threshold", self.threshold, above=0.0)

    def change(self, run, params, item):
        """Step down the clipped gradient."""
        result, wrong = run.derivatives(params, item)
        return -self.learning_rate * clipped(result.gradient, self.threshold), wrong


def clipped(gradient: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    """Return each column, cut to the length `threshold` where it is longer.

    Parameters
    ----------
    gradient : ndarray, shape (n_params, trial)
        Gradients.
    threshold : float
        Greatest length, > 0.

    Returns
    -------
    ndarray, shape (n_params, trial)
        New array.
    """
    # By its greatest entry first, so that no square overflows; and added up in order, so that no
    # trial hangs on how many stand beside it.
    peak = np.abs(gradient).max(axis=0)
    peak[peak == 0.0] = 1.0
    length = peak * np.sqrt(np.add.accumulate((gradient / peak) ** 2)[-1])
    return gradient * (threshold / np.maximum(length, threshold))
