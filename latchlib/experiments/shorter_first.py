"""Shorter sequences first: the gradient methods of the comparison, taught in stages.

Each trial has the starting point, the training set and the fresh sequences of the comparison's
trial at its length T. Before it meets that set, it is trained at the shorter lengths of
:data:`LADDER`, one after the other, on sequences of the same two classes. The budget is the
comparison's, in equal parts, and what a stage does not use is not passed on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from latchlib.experiments._grid import presets
from latchlib.experiments._trials import OfTrials, Trials
from latchlib.experiments.comparison import COMPARISONS
from latchlib.problems import NOISE
from latchlib.training import ALGORITHMS, StopReason, TrainResult, train
from latchlib.validation import one_of, refuse

__all__ = ["LADDER", "SHORTER_FIRST", "ShorterFirst"]

#: Greatest lengths of the stages; those below a cell's own T come first.
LADDER = (5, 10, 20, 50, 100)


@dataclass(frozen=True)
class Stages(Trials):
    """Trials that are trained at shorter lengths first.

    Parameters
    ----------
    lengths : tuple of int
        Greatest lengths of the stages, the problem's own last.
    """

    lengths: tuple[int, ...] = ()

    def settings(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return super().settings() | {"lengths": list(self.lengths)}

    def _train(self, objective, params0, rng, seed):
        budget = self.max_presentations // len(self.lengths)
        params, spent = params0, np.zeros(self.trials, dtype=np.int64)
        for T in self.lengths[:-1]:
            # The same streams at each length: what defines the classes is drawn first, so a
            # trial's classes are the same at all of them.
            stage, _ = self._objective(replace(self.problem, T=T), seed)
            found = train(stage, params, self.rule, rng=rng, max_presentations=budget)
            # What diverged goes on from where its stage began.
            params = np.where(found.reason == StopReason.DIVERGED, params, found.params)
            spent += found.presentations
        last = train(objective, params, self.rule, rng=rng, max_presentations=budget)
        return TrainResult(last.params, last.reason, spent + last.presentations)


@dataclass(frozen=True)
class ShorterFirst(OfTrials):
    """A grid of problems, methods and lengths.

    Parameters
    ----------
    name : str
        Name of the result.
    problems : tuple of str
        Which problems.
    methods : tuple of str
        Keys of :data:`latchlib.training.ALGORITHMS`.
    T : tuple of int
        Greatest lengths, from :data:`LADDER` without its least.
    noise : float
        Bound of the noise.
    """

    name: str
    problems: tuple[str, ...]
    methods: tuple[str, ...]
    T: tuple[int, ...]
    noise: float = NOISE

    #: Columns that tell rows apart.
    keys = ("problem", "method", "T")

    def __post_init__(self) -> None:
        for problem in self.problems:
            one_of("problems", problem, tuple(COMPARISONS))
        for method in self.methods:
            one_of("methods", method, tuple(ALGORITHMS))
        for T in self.T:
            one_of("T", T, LADDER[1:])
        for name in ("problems", "methods", "T"):
            if not getattr(self, name):
                raise refuse(name, getattr(self, name), "at least one")

    def cells(self) -> list[dict[str, Any]]:
        """Return the coordinates of every cell, in the order of the table."""
        return [
            {"problem": problem, "method": method, "T": T}
            for problem in self.problems
            for method in self.methods
            for T in self.T
        ]

    def cost(self, cell: Mapping[str, Any]) -> float:
        """Return about how long a cell takes at most, in arbitrary units."""
        return COMPARISONS[cell["problem"]]["full"].cost({**cell, "noise": self.noise})

    def trials_at(self, cell: Mapping[str, Any]) -> Stages:
        base = COMPARISONS[cell["problem"]]["full"].trials_at({**cell, "noise": self.noise})
        own = {name: getattr(base, name) for name in base.__dataclass_fields__}
        return Stages(**own, lengths=tuple(T for T in LADDER if T <= cell["T"]))


_FULL = ShorterFirst(
    "shorter-first",
    ("latch", "two-sequence", "parity"),
    (
        "back-propagation",
        "pseudo-Newton",
        "time-weighted pseudo-Newton",
        "discrete error propagation",
    ),
    LADDER[1:],
)

#: The result by preset.
SHORTER_FIRST = presets(
    (_FULL, replace(_FULL, problems=("latch",), methods=("back-propagation",), T=(10, 20)))
)
