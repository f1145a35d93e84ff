"""Sensitivity: what the results owe to the settings that the papers leave open.

One setting at a time is moved away from its value in the comparison, all else as there, on one
length of one problem. The first row of each method has nothing moved: it is the comparison's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from latchlib._validation import integer, refuse
from latchlib.experiments._trials import outcome, problem_of
from latchlib.experiments.comparison import COMPARISONS, SETTINGS
from latchlib.problems import NOISE

__all__ = ["SENSITIVITY", "Change", "Sensitivity"]

#: Settings that are not the algorithm's own.
_SHARED = ("budget", "sequences", "tolerance", "bound")

#: Choices of a problem, and which problem has them.
_OF_PROBLEMS = {
    "output": "two-sequence",
    "noisy_prefix": "two-sequence",
    "wiring_name": "parity",
}


class Change(NamedTuple):
    """One setting moved.

    Parameters
    ----------
    method : str
        Key of :data:`latchlib.training.ALGORITHMS`.
    setting : str
        A field of the algorithm's settings, of the problem, or ``"budget"``, ``"sequences"``,
        ``"tolerance"`` or ``"bound"``; ``"none"`` for nothing moved.
    value : object
        What it is set to.
    """

    method: str
    setting: str
    value: Any


@dataclass(frozen=True)
class Sensitivity:
    """Changes, each tried on some problems.

    Parameters
    ----------
    name : str
        ``"sensitivity"``.
    problems : tuple of str
        Which problems.
    T : int
        Greatest length.
    changes : tuple of Change
        What is moved.
    noise : float
        Bound of the noise.
    """

    name: str
    problems: tuple[str, ...]
    T: int
    changes: tuple[Change, ...]
    noise: float = NOISE

    #: Columns that tell rows apart.
    keys = ("problem", "method", "setting", "value")

    def __post_init__(self) -> None:
        if not self.problems or not self.changes:
            raise refuse("problems and changes", (self.problems, self.changes), "at least one")
        integer("T", self.T, at_least=1)

    def cells(self) -> list[dict[str, Any]]:
        """Return the coordinates of every cell, in the order of the table."""
        return [
            {"problem": problem, "method": method, "setting": setting, "value": str(value)}
            for problem in self.problems
            for method, setting, value in self.changes
            if _OF_PROBLEMS.get(setting, problem) == problem
        ]

    def settings(self) -> dict[str, Any]:
        """Return all settings as plain data, for the sidecar of a result."""
        return {
            **asdict(self),
            "problems": list(self.problems),
            "changes": [list(change) for change in self.changes],
            "comparisons": {name: COMPARISONS[name]["full"].settings() for name in self.problems},
        }

    def row_keys(self, cell: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return what tells the rows of a cell apart: one row here."""
        return [dict(cell)]

    def cost(self, cell: Mapping[str, Any]) -> float:
        """Return about how long a cell takes at most, in arbitrary units."""
        base = COMPARISONS[cell["problem"]]["full"]
        where = {"method": cell["method"], "noise": self.noise, "T": self.T}
        cost = base.cost(where)
        if cell["setting"] == "budget":
            cost *= int(cell["value"]) / base.budgets[cell["method"]]
        return cost

    def rows(self, cell: Mapping[str, Any], seed: int) -> list[dict[str, Any]]:
        """Train every trial of one cell; see :func:`latchlib.experiments._trials.outcome`.

        Parameters
        ----------
        cell : mapping
            ``problem``, ``method``, ``setting`` and ``value``.
        seed : int
            Root of all randomness, >= 0.

        Returns
        -------
        list of dict
            One row.
        """
        seed = integer("seed", seed, at_least=0)
        method, name = cell["method"], cell["problem"]
        base = COMPARISONS[name]["full"]
        value = self._value(cell)
        shared = {
            "budget": base.budgets[method],
            "sequences": base.sequences,
            "tolerance": base.tolerance,
            "bound": 0.5,
        }
        algorithm, problem = dict(SETTINGS.get(method, {})), {}
        if cell["setting"] in _SHARED:
            shared[cell["setting"]] = value
        elif cell["setting"] in _OF_PROBLEMS:
            problem[cell["setting"]] = value
        elif cell["setting"] != "none":
            algorithm[cell["setting"]] = value
        budget = shared.pop("budget")
        found = outcome(
            problem_of(name, self.T, self.noise, problem),
            method,
            trials=base.trials,
            max_presentations=budget,
            seed=seed,
            changes=algorithm,
            **shared,
        )
        return [{**cell, "T": self.T, "noise": self.noise, "budget": budget, **found}]

    def _value(self, cell: Mapping[str, Any]) -> Any:
        wanted = (cell["method"], cell["setting"], cell["value"])
        for method, setting, value in self.changes:
            if (method, setting, str(value)) == wanted:
                return value
        raise refuse("cell", wanted, "a change of this study")


_BP, _PN, _TW = "back-propagation", "pseudo-Newton", "time-weighted pseudo-Newton"
_SA, _MG, _DE = "simulated annealing", "multigrid random search", "discrete error propagation"
_RG = "random guessing"


def _changes(method: str, **settings: tuple[Any, ...]) -> list[Change]:
    moved = [Change(method, name, value) for name, values in settings.items() for value in values]
    return [Change(method, "none", "-"), *moved]


_ALL = {"tolerance": (0.1,), "sequences": (10, 100)}

_FULL = Sensitivity(
    name="sensitivity",
    problems=("latch", "two-sequence", "parity"),
    T=20,
    changes=(
        *_changes(
            _BP, learning_rate=(0.01, 0.03, 0.3, 1.0), momentum=(0.0,), budget=(30_000,), **_ALL
        ),
        *_changes(
            _PN,
            mu=(0.001, 0.1, 0.3),
            momentum=(0.0,),
            form=("gauss-newton",),
            budget=(30_000,),
            **_ALL,
        ),
        *_changes(
            _TW,
            mu=(0.001, 0.1, 0.3),
            momentum=(0.0,),
            form=("gauss-newton",),
            budget=(30_000,),
            **_ALL,
        ),
        *_changes(_MG, half_width=(1.0, 2.0, 20.0), budget=(200_000,), **_ALL),
        *_changes(
            _DE,
            learning_rate=(0.01, 0.03, 0.3),
            eps=(0.1, 0.3, 3.0),
            minimum=(-4.0,),
            maximum=(4.0,),
            budget=(30_000,),
            **_ALL,
        ),
        *_changes(_SA, n_t=(5, 100), temperature=(0.01, 1.0), **_ALL),
        *_changes(_RG, bound=(1.0, 10.0), **_ALL),
        *(Change(_PN, "output", 0), Change(_PN, "noisy_prefix", True)),
        *(Change(method, "wiring_name", "delayed") for method in (_BP, _DE, _MG)),
    ),
)

#: The study by preset.
SENSITIVITY: Mapping[str, Mapping[str, Sensitivity]] = MappingProxyType(
    {
        "sensitivity": MappingProxyType(
            {
                "full": _FULL,
                "quick": Sensitivity("sensitivity", ("latch",), 20, tuple(_changes(_MG))),
            }
        )
    }
)
