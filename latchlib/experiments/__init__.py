"""Experiments: settings and seed in, tidy table out. No plotting here."""

from collections.abc import Mapping
from types import MappingProxyType

from latchlib.experiments._grid import Grid, cell_row
from latchlib.experiments._store import Run, agrees, load, reproduce
from latchlib.experiments._trials import trials_of
from latchlib.experiments.comparison import COMPARISONS, Comparison
from latchlib.experiments.latching import LATCHING, Experiment
from latchlib.experiments.sensitivity import SENSITIVITY, Sensitivity

__all__ = [
    "EXPERIMENTS",
    "Comparison",
    "Experiment",
    "Grid",
    "Run",
    "Sensitivity",
    "agrees",
    "cell_row",
    "load",
    "reproduce",
    "trials_of",
]

#: Experiments by name and preset. ``quick`` is a part of the grid: its rows are rows of ``full``.
EXPERIMENTS: Mapping[str, Mapping[str, Grid]] = MappingProxyType(
    {**LATCHING, **COMPARISONS, **SENSITIVITY}
)
