"""Experiments: settings and seed in, tidy table out. No plotting here."""

import os
from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from latchlib.experiments._grid import Grid, cell_row
from latchlib.experiments._store import Run, agrees, reproduce, table
from latchlib.experiments._trials import trials_of
from latchlib.experiments.architectures import ARCHITECTURES_RESULT, Architectures
from latchlib.experiments.comparison import COMPARISONS, Comparison
from latchlib.experiments.em import EM, Markov
from latchlib.experiments.explosion import EXPLOSION, Explosion
from latchlib.experiments.latching import LATCHING, Experiment
from latchlib.experiments.sensitivity import SENSITIVITY, Sensitivity
from latchlib.experiments.shorter_first import SHORTER_FIRST, ShorterFirst
from latchlib.validation import one_of

__all__ = [
    "EXPERIMENTS",
    "Architectures",
    "Comparison",
    "Experiment",
    "Explosion",
    "Grid",
    "Markov",
    "Run",
    "Sensitivity",
    "ShorterFirst",
    "agrees",
    "cell_row",
    "load",
    "reproduce",
    "table",
    "trials_of",
]

#: Experiments by name and preset. ``quick`` is a part of the grid: its rows are rows of ``full``.
EXPERIMENTS: Mapping[str, Mapping[str, Grid]] = MappingProxyType(
    LATCHING | COMPARISONS | SENSITIVITY | SHORTER_FIRST | EXPLOSION | EM | ARCHITECTURES_RESULT
)


def load(name: str, folder: str | os.PathLike = "data") -> pd.DataFrame:
    """Read a finished result.

    Parameters
    ----------
    name : str
        Key of :data:`EXPERIMENTS`.
    folder : path
        Where it is saved.

    Returns
    -------
    pandas.DataFrame
        Its rows, with the columns that the experiment documents.

    Raises
    ------
    ValueError
        If there is no such result, a cell of it is missing, or its file is not as it was written.
    """
    one_of("name", name, tuple(EXPERIMENTS))
    return table(EXPERIMENTS[name]["full"], folder)
