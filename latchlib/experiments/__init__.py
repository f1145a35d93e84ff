"""Experiments: settings and seed in, tidy table out. No plotting here."""

from latchlib.experiments._store import Run, load, reproduce
from latchlib.experiments.latching import EXPERIMENTS, Experiment, cell_row

__all__ = ["EXPERIMENTS", "Experiment", "Run", "cell_row", "load", "reproduce"]
