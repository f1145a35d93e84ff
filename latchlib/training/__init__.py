"""Training algorithms, one a file, behind one interface.

`train` with `BackPropagation` trains the minimal task; :data:`ALGORITHMS` are those that are
compared on the latch, 2-sequence and parity problems.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from latchlib.training import (
    discrete_error,
    multigrid,
    pseudo_newton,
    random_guessing,
    sequence_back_propagation,
    simulated_annealing,
)
from latchlib.training._base import StopReason, TrainResult
from latchlib.training.back_propagation import BackPropagation, train
from latchlib.training.discrete_error import DiscreteError
from latchlib.training.multigrid import Multigrid
from latchlib.training.pseudo_newton import PseudoNewton, TimeWeighted
from latchlib.training.random_guessing import RandomGuessing
from latchlib.training.sequence_back_propagation import SequenceBackPropagation
from latchlib.training.simulated_annealing import SimulatedAnnealing

__all__ = [
    "ALGORITHMS",
    "Algorithm",
    "BackPropagation",
    "DiscreteError",
    "Multigrid",
    "PseudoNewton",
    "RandomGuessing",
    "SequenceBackPropagation",
    "SimulatedAnnealing",
    "StopReason",
    "TimeWeighted",
    "TrainResult",
    "train",
]


class Algorithm(NamedTuple):
    """One way to learn.

    Parameters
    ----------
    train : callable
        ``train(objective, params0, *, rng, max_presentations, settings=None, callback=None)``,
        returns a :class:`TrainResult`.
    settings : type
        Frozen dataclass of its settings; its defaults are those of ``settings=None``.
    units : {"tanh", "threshold"}
        Kind of units it trains, and its outcome is assessed with.
    derivative_free : bool
        Whether it also takes a :class:`latchlib.objective.FunctionObjective`.
    """

    train: Callable[..., TrainResult]
    settings: type[Any]
    units: str = "tanh"
    derivative_free: bool = False


#: The algorithms by name.
ALGORITHMS = {
    "back-propagation": Algorithm(sequence_back_propagation.train, SequenceBackPropagation),
    "pseudo-Newton": Algorithm(pseudo_newton.train, PseudoNewton),
    "time-weighted pseudo-Newton": Algorithm(pseudo_newton.train_time_weighted, TimeWeighted),
    "simulated annealing": Algorithm(
        simulated_annealing.train, SimulatedAnnealing, derivative_free=True
    ),
    "multigrid random search": Algorithm(multigrid.train, Multigrid, derivative_free=True),
    "discrete error propagation": Algorithm(discrete_error.train, DiscreteError, units="threshold"),
    "random guessing": Algorithm(random_guessing.train, RandomGuessing, derivative_free=True),
}
