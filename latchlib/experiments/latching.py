"""Fig. 2a and Fig. 2b: how often the neuron learns the minimal task.

Both count, of many runs, how many learn; they differ in what they vary. Fig. 2a varies the
initial weight w0 and the noise s at T = 20. Fig. 2b varies T at s = 0.2 and w0 = 1.25.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import product
from math import sqrt
from typing import Any

import numpy as np

from latchlib.experiments._grid import presets
from latchlib.objective import BLOCK, MinimalObjective
from latchlib.statistics import wilson_interval
from latchlib.tasks import MinimalTask
from latchlib.training import BackPropagation, train
from latchlib.validation import finite, integer, number, one_of, refuse

__all__ = ["LATCHING", "READINGS", "Experiment"]

#: "Noise variance s" in the text, "s" in the figure: both ways to read it.
READINGS = ("variance", "standard deviation")

#: Runs per point in the paper, and in the saved result.
PAPER_RUNS = 18


@dataclass(frozen=True)
class Experiment:
    """A grid of cells, each trained many times.

    Parameters
    ----------
    name : str
        ``fig-2a`` or ``fig-2b``.
    w0, s, T : tuple
        Values of the initial weight, the noise and the sequence length; the grid is their
        product.
    readings : tuple of str
        Which of :data:`READINGS` to run.
    runs : tuple of int
        Numbers of runs to report, increasing. The smaller ones are the first of the larger.
    L : int
        Trainable inputs per class.
    half_width : float
        The trainable inputs start uniform on [-half_width, half_width].
    learning_rate, block, max_presentations
        See :class:`latchlib.training.BackPropagation`, :class:`latchlib.objective.MinimalObjective`
        and :func:`latchlib.training.train`.
    """

    name: str
    w0: tuple[float, ...]
    s: tuple[float, ...]
    T: tuple[int, ...]
    readings: tuple[str, ...] = READINGS
    runs: tuple[int, ...] = (PAPER_RUNS, 200)
    L: int = 3
    half_width: float = 0.1
    learning_rate: float = 0.1
    block: int = BLOCK
    max_presentations: int = 4000

    #: Columns that tell rows apart.
    keys = ("reading", "s", "w0", "T", "runs")

    def __post_init__(self) -> None:
        finite("w0", self.w0)
        if (finite("s", self.s) < 0.0).any():
            raise refuse("s", self.s, "numbers >= 0")
        for name in ("T", "readings"):
            if not getattr(self, name):
                raise refuse(name, getattr(self, name), "at least one value")
        for length in self.T:
            MinimalObjective(MinimalTask(length, self.L), self.block)
        for reading in self.readings:
            one_of("readings", reading, READINGS)
        for n in self.runs:
            integer("runs", n, at_least=1)
        if not self.runs or list(self.runs) != sorted(set(self.runs)):
            raise refuse("runs", self.runs, "different integers >= 1, increasing")
        number("half_width", self.half_width, above=0.0)
        BackPropagation(self.learning_rate, momentum=0.0)
        integer("max_presentations", self.max_presentations, at_least=1)

    def cells(self) -> list[dict[str, Any]]:
        """Return the coordinates of every cell, in the order of the table."""
        return [
            {"reading": reading, "s": s, "w0": w0, "T": T}
            for reading, s, w0, T in product(self.readings, self.s, self.w0, self.T)
        ]

    def settings(self, cell: Mapping[str, Any]) -> dict[str, Any]:
        """Return, as plain data, all that decides what a cell gives, but the seed."""
        plain = asdict(self)
        for axis in ("name", "w0", "s", "T", "readings"):
            del plain[axis]
        return plain

    def cost(self, cell: Mapping[str, Any]) -> float:
        """Return about how long a cell takes, in arbitrary units."""
        return float(cell["T"])

    def rows(self, cell: Mapping[str, Any], seed: int) -> list[dict[str, Any]]:
        """Train every run of one cell and count.

        Parameters
        ----------
        cell : mapping
            ``reading``, ``s``, ``w0`` and ``T``.
        seed : int
            Root of all randomness, >= 0.

        Returns
        -------
        list of dict
            One row for each entry of ``runs``: the cell, the standard deviation ``sigma`` of the
            noise, ``runs``, how many ``learned``, their ``frequency`` with its 95 % Wilson interval
            ``low``, ``high``, and the median ``presentations`` of those that learned (nan if none).

        Raises
        ------
        ValueError
            If `seed` is no integer >= 0.
        """
        seed = integer("seed", seed, at_least=0)
        sigma = sqrt(cell["s"]) if cell["reading"] == "variance" else float(cell["s"])
        objective = MinimalObjective(MinimalTask(cell["T"], self.L, sigma), self.block)
        root = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=_key(cell)))
        # Two children, so that a run's noise does not depend on how many starts were drawn.
        start_rng, noise_rng = root.spawn(2)
        most = self.runs[-1]
        params0 = objective.initial(cell["w0"], self.half_width, most, rng=start_rng)
        result = train(
            objective,
            params0,
            BackPropagation(self.learning_rate, momentum=0.0),
            rng=noise_rng,
            max_presentations=self.max_presentations,
        )
        rows = []
        for runs in self.runs:
            learned = result.learned[:runs]
            low, high = wilson_interval(int(learned.sum()), runs)
            spent = result.presentations[:runs][learned]
            rows.append(
                {
                    **cell,
                    "sigma": sigma,
                    "runs": runs,
                    "learned": int(learned.sum()),
                    "frequency": float(learned.mean()),
                    "low": low,
                    "high": high,
                    "presentations": float(np.median(spent)) if spent.size else float("nan"),
                }
            )
        return rows


def _key(cell: Mapping[str, Any]) -> tuple[int, ...]:
    # Spawn keys are whole numbers: coordinates in millionths.
    parts = [0 if cell["reading"] == "variance" else 1, cell["T"]]
    return tuple(parts + [round(1e6 * (cell[name] + 1000)) for name in ("w0", "s")])


_FIG_2A = Experiment(
    name="fig-2a",
    w0=tuple(round(0.25 * i, 2) for i in range(1, 15)),
    s=(0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6),
    T=(20,),
)
_FIG_2B = Experiment(
    name="fig-2b",
    w0=(1.25,),
    s=(0.2,),
    T=(3, 5, 7, 10, 12, 15, 17, 20, 22, 25, 30, 35, 40, 50, 60),
)

#: The figures by name and preset. ``quick`` is a part of the grid at the paper's 18 runs: its rows
#: are rows of the full result.
LATCHING = presets(
    (_FIG_2A, replace(_FIG_2A, w0=(0.5, 1.25, 2.0), s=(0.0, 0.2), runs=(PAPER_RUNS,))),
    (_FIG_2B, replace(_FIG_2B, T=(5, 10, 20, 40), runs=(PAPER_RUNS,))),
)
