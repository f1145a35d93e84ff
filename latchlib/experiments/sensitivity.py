"""Sensitivity: what the results owe to the settings that the papers leave open.

One setting at a time is moved away from its value in the comparison, all else as there, at some
lengths of some problems; in a few rows several at a time. At T = 20 the first row of each method
has nothing moved: it is the comparison's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from latchlib.experiments._grid import presets
from latchlib.experiments._trials import OfTrials, Trials, problem_of
from latchlib.experiments.comparison import COMPARISONS
from latchlib.problems import NOISE
from latchlib.training import ALGORITHMS, COMPARED
from latchlib.validation import integer, refuse
from latchlib.wirings import CHOICES

__all__ = ["INERT", "SENSITIVITY", "Change", "Sensitivity"]


#: Settings that are not the algorithm's own.
_SHARED = ("budget", "sequences", "tolerance", "within", "initial_bound")

#: Choices of a problem or of its wiring, and which problem has them.
_OF_PROBLEMS = {"noisy_prefix": "two-sequence"}
_OF_WIRINGS = {choice: problem for problem, own in CHOICES.items() for choice in own}


class Change(NamedTuple):
    """One setting moved.

    Parameters
    ----------
    method : str
        Key of :data:`latchlib.training.ALGORITHMS`.
    setting : str
        A field of the algorithm's settings, of the problem, or ``"budget"``, ``"sequences"``,
        ``"tolerance"``, ``"within"`` or ``"initial_bound"``; ``"none"`` for nothing moved. Several
        at once are joined by ``" + "``.
    value : object
        What it is set to; a tuple where there are several.
    """

    method: str
    setting: str
    value: Any

    @property
    def moved(self) -> dict[str, Any]:
        """The settings that are moved, and what to."""
        if self.setting == "none":
            return {}
        names = self.setting.split(" + ")
        return dict(zip(names, self.value if len(names) > 1 else [self.value], strict=True))


@dataclass(frozen=True)
class Sensitivity(OfTrials):
    """Changes, each tried on some problems.

    Parameters
    ----------
    name : str
        Name of the result.
    problems : tuple of str
        Which problems.
    T : tuple of int
        Greatest lengths.
    changes : tuple of Change
        What is moved.
    noise : float
        Bound of the noise.
    """

    name: str
    problems: tuple[str, ...]
    T: tuple[int, ...]
    changes: tuple[Change, ...]
    noise: float = NOISE

    #: Columns that tell rows apart.
    keys = ("problem", "method", "setting", "value", "T")

    def __post_init__(self) -> None:
        for name in ("problems", "changes", "T"):
            if not getattr(self, name):
                raise refuse(name, getattr(self, name), "at least one")
        for T in self.T:
            integer("T", T, at_least=1)
        for change in self.changes:
            own = {field.name for field in fields(ALGORITHMS[change.method])}
            for setting in change.moved:
                # A name of two things would move one of them and say the other.
                places = sum(
                    setting in place for place in (own, _SHARED, _OF_PROBLEMS | _OF_WIRINGS)
                )
                if places != 1:
                    accepted = f"a name of one setting of {change.method}, of the trials or problem"
                    raise refuse("setting", setting, accepted)

    def cells(self) -> list[dict[str, Any]]:
        """Return the coordinates of every cell, in the order of the table."""
        return [
            {"problem": problem, "method": method, "setting": setting, "value": str(value), "T": T}
            for problem in self.problems
            for method, setting, value in self.changes
            for T in self.T
            if (_OF_PROBLEMS | _OF_WIRINGS).get(setting, problem) == problem
        ]

    def cost(self, cell: Mapping[str, Any]) -> float:
        """Return about how long a cell takes at most, in arbitrary units."""
        base = COMPARISONS[cell["problem"]]["full"]
        where = {"method": cell["method"], "noise": self.noise, "T": cell["T"]}
        cost = base.cost(where)
        if cell["setting"] == "budget":
            cost *= int(cell["value"]) / base.budgets[cell["method"]]
        return cost

    def trials_at(self, cell: Mapping[str, Any]) -> Trials:
        method, name = cell["method"], cell["problem"]
        base = COMPARISONS[name]["full"]
        rule, problem, choices, shared = {}, {}, {}, {"max_presentations": base.budgets[method]}
        for setting, value in self._change(cell).moved.items():
            if setting == "budget":
                shared["max_presentations"] = value
            elif setting in _SHARED:
                shared[setting] = value
            elif setting in _OF_PROBLEMS:
                problem[setting] = value
            elif setting in _OF_WIRINGS:
                choices[setting] = value
            else:
                rule[setting] = value
        return base.trials_at(
            {"method": method, "noise": self.noise, "T": cell["T"]},
            problem=problem_of(name, cell["T"], self.noise, problem),
            rule=ALGORITHMS[method](**rule),
            choices=choices,
            **shared,
        )

    def _change(self, cell: Mapping[str, Any]) -> Change:
        wanted = (cell["method"], cell["setting"], cell["value"])
        for change in self.changes:
            if (change.method, change.setting, str(change.value)) == wanted:
                return change
        raise refuse("cell", wanted, "a change of this study")


_BP, _PN, _TW = "back-propagation", "pseudo-Newton", "time-weighted pseudo-Newton"
_SA, _MG, _DE = "simulated annealing", "multigrid random search", "discrete error propagation"
_RG = "random guessing"


def _changes(method: str, **settings: tuple[Any, ...]) -> list[Change]:
    moved = [Change(method, name, value) for name, values in settings.items() for value in values]
    return [Change(method, "none", "-"), *moved]


#: What is moved for every rule, and what for one of them.
_ALL = {"tolerance": (0.1,), "sequences": (10, 100)}
_NEWTON = {
    "mu": (0.001, 0.1, 0.3), "momentum": (0.0,), "form": ("gauss-newton",), "budget": (30_000,)
}  # fmt: skip
_OWN: dict[str, dict[str, tuple[Any, ...]]] = {
    _BP: {"learning_rate": (0.01, 0.03, 0.3, 1.0), "momentum": (0.0,), "budget": (30_000,)},
    _PN: _NEWTON,
    _TW: _NEWTON,
    _MG: {"half_width": (1.0, 2.0, 20.0), "budget": (200_000,)},
    _DE: {
        "learning_rate": (0.01, 0.03, 0.3),
        "eps": (0.1, 0.3, 3.0),
        "minimum": (-4.0,),
        "maximum": (4.0,),
        "budget": (30_000,),
    },
    _SA: {"n_t": (1, 5), "temperature": (0.01, 1.0)},
    _RG: {"bound": (1.0, 10.0)},
}

_FULL = Sensitivity(
    name="sensitivity",
    problems=("latch", "two-sequence", "parity"),
    T=(20,),
    changes=(
        *(
            change
            for method in dict.fromkeys((*_OWN, *COMPARED))
            for change in _changes(method, **_OWN.get(method, {}), **_ALL)
        ),
        *(Change(_PN, "output", 0), Change(_PN, "noisy_prefix", True)),
        *(Change(method, "wiring_name", "delayed") for method in (_BP, _DE, _MG)),
    ),
)

#: What bears on a cell of 1993 that ours misses, or on an advantage of one method over another, at
#: every length of Table 1. With `within` an output has to come close to its target, which an error
#: above 50 % hints at.
_AT_EVERY_LENGTH = Sensitivity(
    name="tuning",
    problems=("two-sequence",),
    T=(5, 10, 20, 50, 100),
    changes=(
        Change(_BP, "momentum", 0.0),
        Change(_BP, "learning_rate", 0.01),
        Change(_BP, "learning_rate", 0.3),
        Change(_BP, "within", 0.1),
        Change(_BP, "within + learning_rate + momentum", (0.1, 0.01, 0.0)),
        Change(_BP, "within + learning_rate + momentum", (0.2, 0.01, 0.0)),
        Change(_PN, "mu", 0.1),
        Change(_PN, "form", "gauss-newton"),
        Change(_PN, "within", 0.1),
        Change(_TW, "mu", 0.3),
        Change(_TW, "form", "gauss-newton"),
        Change(_TW, "mu + momentum + form", (0.1, 0.0, "gauss-newton")),
        Change(_DE, "learning_rate", 0.01),
        Change(_DE, "learning_rate", 0.03),
        *(Change(method, "sequences", 100) for method in (_MG, _SA, _RG)),
    ),
)

#: Sets of 100 in place of 20 at every length, where `tuning` does not have them.
_SETS = Sensitivity(
    name="set-size",
    problems=("latch", "parity"),
    T=(5, 10, 20, 50, 100),
    changes=tuple(Change(method, "sequences", 100) for method in (_MG, _SA, _RG)),
)

#: Moves of the study at T = 20 that change no trial: problem, method, setting and value. No trial
#: asks for the larger budget, or learns between the tolerances, or is still searching when it would
#: cool.
INERT = {
    ("latch", _SA, "n_t", "5"),
    ("two-sequence", _SA, "n_t", "5"),
    ("latch", _RG, "tolerance", "0.1"),
    ("parity", _TW, "tolerance", "0.1"),
    ("two-sequence", _DE, "budget", "30000"),
    ("parity", _DE, "budget", "30000"),
}

#: The studies by name and preset.
SENSITIVITY = presets(
    (_FULL, replace(_FULL, problems=("latch",), changes=tuple(_changes(_MG)))),
    (
        _AT_EVERY_LENGTH,
        replace(_AT_EVERY_LENGTH, T=(20,), changes=(Change(_MG, "sequences", 100),)),
    ),
    (_SETS, replace(_SETS, problems=("latch",), T=(20,))),
)
