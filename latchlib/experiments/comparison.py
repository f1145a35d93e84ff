"""The comparison: every algorithm on latch, 2-sequence and parity, at growing lengths.

Bengio, Simard and Frasconi (1994), experimental section; Tables 1 to 4 of Bengio and Frasconi
(1993). A cell is one method, one noise and one greatest length T, trained many times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from latchlib.experiments._grid import presets
from latchlib.experiments._trials import OfTrials, Trials, problem_of
from latchlib.problems import NOISE
from latchlib.training import ALGORITHMS, COMPARED
from latchlib.validation import integer, number, one_of, refuse

__all__ = ["COMPARISONS", "Comparison"]


@dataclass(frozen=True)
class Comparison(OfTrials):
    """A grid of methods, noises and lengths on one problem.

    Parameters
    ----------
    name : {"latch", "two-sequence", "parity"}
        Problem; also the name of the result.
    T : tuple of int
        Greatest lengths.
    noise : tuple of float
        Bounds of the uniform noise, >= 0.
    budgets : mapping of str to int
        Presentations a trial may take, by method; its keys are the methods that run.
    long : mapping of int to int
        Lengths T at which only a part of each budget is given, and what it is divided by.
    special : tuple of (str, float, int, int)
        Method, noise, T and budget of the cells whose budget is another than the method's.
    trials, sequences, tolerance
        See :class:`latchlib.experiments._trials.Trials`.
    """

    name: str
    T: tuple[int, ...]
    noise: tuple[float, ...]
    budgets: Mapping[str, int]
    long: Mapping[int, int] = field(default_factory=dict)
    special: tuple[tuple[str, float, int, int], ...] = ()
    trials: int = 100
    sequences: int = 20
    tolerance: float = 0.0

    #: Columns that tell rows apart.
    keys = ("method", "noise", "T")

    def __post_init__(self) -> None:
        for name in ("T", "noise", "budgets"):
            if not getattr(self, name):
                raise refuse(name, getattr(self, name), "at least one value")
        for T in self.T:
            for noise in self.noise:
                problem_of(self.name, T, noise)
        for method, budget in self.budgets.items():
            one_of("method", method, tuple(ALGORITHMS))
            integer("budgets", budget, at_least=1)
        for T, divisor in self.long.items():
            integer("long", T, at_least=1)
            integer("long", divisor, at_least=1)
        for method, _, _, budget in self.special:
            one_of("special", method, tuple(ALGORITHMS))
            integer("special", budget, at_least=1)
        integer("trials", self.trials, at_least=2)
        integer("sequences", self.sequences, at_least=1)
        if not 0.0 <= number("tolerance", self.tolerance) < 1.0:
            raise refuse("tolerance", self.tolerance, "one number >= 0 and < 1")

    def cells(self) -> list[dict[str, Any]]:
        """Return the coordinates of every cell, in the order of the table."""
        return [
            {"method": method, "noise": noise, "T": T}
            for method in self.budgets
            for noise in self.noise
            for T in self.T
        ]

    def cost(self, cell: Mapping[str, Any]) -> float:
        """Return about how long a cell takes at most, in arbitrary units: long ones go first."""
        # A presentation of its own is dear; in a search 20 are made at a time.
        each = 1.0 if ALGORITHMS[cell["method"]].derivative_free else 20.0
        return each * self.budget(cell) * cell["T"]

    def trials_at(self, cell: Mapping[str, Any], **changes: Any) -> Trials:
        """Return the trials of a cell, with `changes` to the arguments of :class:`Trials`."""
        arguments = {
            "problem": problem_of(self.name, cell["T"], cell["noise"]),
            "rule": ALGORITHMS[cell["method"]](),
            "max_presentations": self.budget(cell),
            "trials": self.trials,
            "sequences": self.sequences,
            "tolerance": self.tolerance,
        }
        return Trials(**arguments | changes)

    def budget(self, cell: Mapping[str, Any]) -> int:
        """Return the presentations that a trial of a cell may take."""
        for *where, budget in self.special:
            if where == [cell["method"], cell["noise"], cell["T"]]:
                return budget
        return self.budgets[cell["method"]] // self.long.get(cell["T"], 1)


def _budgets(problem: str) -> dict[str, int]:
    """Return what each rule gets on a problem."""
    return {name: rule.budgets.get(problem, rule.budget) for name, rule in COMPARED.items()}


_NOISES = (0.0, NOISE)
_LENGTHS = (5, 10, 20, 50, 100)
_FULL = (
    Comparison("latch", _LENGTHS, _NOISES, _budgets("latch")),
    Comparison("two-sequence", _LENGTHS, _NOISES, _budgets("two-sequence")),
    Comparison(
        "parity",
        (3, *_LENGTHS, 500),
        _NOISES,
        _budgets("parity"),
        long={500: 10},
        special=(("discrete error propagation", NOISE, 50, 60_000),),
    ),
)
_QUICK = {"T": (5, 20), "noise": (NOISE,)}

#: The problems by name and preset.
COMPARISONS = presets(*((full, replace(full, **_QUICK)) for full in _FULL))
