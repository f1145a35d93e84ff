"""EM for an input/output hidden Markov model on the three problems, and guessing beside it.

The last row of the tables of Bengio and Frasconi (1993). A cell is a problem, what is built in, how
the tables are drawn, a method and a greatest length T, run many times.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from latchlib.experiments._grid import presets
from latchlib.experiments._trials import TEST_SEQUENCES, _summary, problem_of
from latchlib.iohmm import READERS, Machine, all_to_all, learn, positive_chance, two_chains
from latchlib.problems import NOISE
from latchlib.validation import integer, number, one_of, refuse

__all__ = ["EM", "MACHINES", "STARTS", "Markov"]

#: What is built in, by problem and structure.
MACHINES: Mapping[tuple[str, str], Machine] = MappingProxyType(
    {
        ("latch", "built in"): two_chains(),
        ("two-sequence", "built in"): two_chains(),
        ("parity", "built in"): all_to_all(2),
        **{(name, "all to all"): all_to_all(7) for name in READERS},
    }
)

#: How tables are drawn and when EM draws anew, by start: softness, and the gain at rest.
STARTS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"soft": (1.0, 0.001), "sharp": (0.001, 0.03)}
)


@dataclass(frozen=True)
class Markov:
    """A grid of problems, structures, starts, methods and lengths.

    Parameters
    ----------
    T : mapping of (str, str) to tuple of int
        Greatest lengths, by problem and structure, as in :data:`MACHINES`.
    starts : tuple of str
        Of :data:`STARTS`.
    methods : tuple of str
        "EM" and "guessing".
    noise : float
        Bound of the uniform noise, >= 0.
    max_presentations : int
        Budget a trial.
    trials, sequences
        As for :class:`latchlib.experiments.Comparison`.
    """

    T: Mapping[tuple[str, str], tuple[int, ...]] = field(
        default_factory=lambda: {
            **{(name, kind): (5, 10, 20, 50, 100) for name, kind in MACHINES},
            ("parity", "built in"): (3, 5, 10, 20, 50, 100, 500),
        }
    )
    starts: tuple[str, ...] = tuple(STARTS)
    methods: tuple[str, ...] = ("EM", "guessing")
    noise: float = NOISE
    max_presentations: int = 3000
    trials: int = 100
    sequences: int = 20

    #: Name of the result.
    name = "em"
    #: Columns that tell rows apart.
    keys = ("problem", "structure", "start", "method", "T")

    def __post_init__(self) -> None:
        for (problem, structure), lengths in self.T.items():
            one_of("T", (problem, structure), tuple(MACHINES))
            for T in lengths:
                problem_of(problem, T, number("noise", self.noise))
        for start in self.starts:
            one_of("starts", start, tuple(STARTS))
        for method in self.methods:
            one_of("methods", method, ("EM", "guessing"))
        if not (self.T and self.starts and self.methods):
            raise refuse("T, starts, methods", self.cells(), "at least one of each")
        integer("trials", self.trials, at_least=2)
        integer("sequences", self.sequences, at_least=1)
        integer("max_presentations", self.max_presentations, at_least=self.sequences)

    def cells(self) -> list[dict[str, Any]]:
        """Return the coordinates of every cell, in the order of the table."""
        return [
            dict(zip(self.keys, (*where, start, method, T), strict=True))
            for where, lengths in self.T.items()
            for start in self.starts
            for method in self.methods
            for T in lengths
        ]

    def settings(self, cell: Mapping[str, Any]) -> dict[str, Any]:
        """Return, as plain data, all that decides what a cell gives, but the seed."""
        problem = problem_of(cell["problem"], cell["T"], self.noise)
        machine = MACHINES[cell["problem"], cell["structure"]]
        softness, at_rest = STARTS[cell["start"]]
        return {
            "problem": {"name": problem.name, **asdict(problem)},
            "machine": {
                "allowed": machine.allowed.astype(int).tolist(),
                "outputs": machine.outputs.tolist(),
                "symbols": READERS[problem.name].count,
            },
            "method": {"name": cell["method"], "softness": softness, "at_rest": at_rest},
            "max_presentations": self.max_presentations,
            "trials": self.trials,
            "sequences": self.sequences,
        }

    def cost(self, cell: Mapping[str, Any]) -> float:
        """Return about how long a cell takes at most, in arbitrary units: long ones go first."""
        states = MACHINES[cell["problem"], cell["structure"]].states
        return cell["T"] * (10 + states**2) * (3 if cell["method"] == "EM" else 1)

    def rows(self, cell: Mapping[str, Any], seed: int) -> list[dict[str, Any]]:
        """Return the one row of a cell.

        The sequences hang on the seed, the problem, its noise and T alone, so that structures,
        starts and methods get the same; the tables drawn first also on structure and start, so that
        EM begins where guessing does.

        Parameters
        ----------
        cell : mapping
            Coordinates.
        seed : int
            Root of all randomness, >= 0.

        Returns
        -------
        list of dict
            The columns of :meth:`latchlib.experiments._trials.Trials.run`, and `draws`, how many
            times a trial drew its tables, in the mean.
        """
        problem = problem_of(cell["problem"], cell["T"], self.noise)
        machine = MACHINES[cell["problem"], cell["structure"]]
        softness, at_rest = STARTS[cell["start"]]
        key = (3, zlib.crc32(problem.name.encode()), problem.T, round(1e6 * problem.noise))
        drawn = (zlib.crc32(cell["structure"].encode()), zlib.crc32(cell["start"].encode()))
        seed = integer("seed", seed, at_least=0)
        data_rng, table_rng = (
            np.random.default_rng(np.random.SeedSequence(seed, spawn_key=spawn_key))
            for spawn_key in (key, (*key, *drawn))
        )
        reader = READERS[problem.name]
        train, test = (
            (reader(part), part.targets > 0)
            for part in problem.sample(data_rng.spawn(self.trials), self.sequences, TEST_SEQUENCES)
        )
        found = learn(
            machine, *train, rng=table_rng, count=reader.count,
            max_presentations=self.max_presentations, method=cell["method"],
            softness=softness, at_rest=at_rest,
        )  # fmt: skip
        seen, fresh = (
            ((positive_chance(machine, found.tables, read) > 0.5) != positive).mean(axis=0)
            for read, positive in (train, test)
        )
        row = _summary(found, seen, fresh, self.sequences)
        return [{**cell, "budget": self.max_presentations, **row, "draws": found.starts.mean()}]


_FULL = Markov()
_QUICK = replace(_FULL, T={("two-sequence", "built in"): (5, 20), ("parity", "built in"): (5, 20)})

#: The experiment, by preset.
EM = presets((_FULL, _QUICK))
