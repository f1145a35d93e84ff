"""What every training algorithm returns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

__all__ = ["StopReason", "TrainResult"]


class StopReason(IntEnum):
    """Why training of a trial ended. Not learning is an outcome, not an error."""

    LEARNED = 1
    """Every output of a whole block of presentations had the right sign; in a search, a point was
    found that satisfies the objective."""
    BUDGET = 2
    """The presentations ran out first. More of them, or another rate, may help."""
    DIVERGED = 3
    """A parameter left the finite numbers. A smaller learning rate may help."""
    CALLBACK = 4
    """The callback asked to stop."""
    STUCK = 5
    """The search has closed in on a point that does not do. A wider or slower one may help."""


@dataclass(frozen=True)
class TrainResult:
    """Outcome of training a batch of independent trials.

    Parameters
    ----------
    params : ndarray, shape (n_params, trial)
        Parameters at the end.
    reason : ndarray of int, shape (trial,)
        A :class:`StopReason` a trial.
    presentations : ndarray of int64, shape (trial,)
        Sequences presented to each trial.
    """

    params: NDArray[np.float64]
    reason: NDArray[np.int64]
    presentations: NDArray[np.int64]

    @property
    def learned(self) -> NDArray[np.bool_]:
        """Whether each trial stopped because it had learned."""
        return self.reason == StopReason.LEARNED
