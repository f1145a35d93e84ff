"""Training algorithms, one a file, behind one interface."""

from latchlib.training._base import StopReason, TrainResult
from latchlib.training.back_propagation import BackPropagation, train

__all__ = ["BackPropagation", "StopReason", "TrainResult", "train"]
