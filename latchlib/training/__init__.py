"""Training rules, one a file, and the one function that runs them.

A rule is added by a file of its own: a subclass of :class:`Gradient` or :class:`Search` with a name
is found, and compared unless it says ``compared = False``.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from latchlib.training._base import Gradient, Rule, Search, StopReason, TrainResult
from latchlib.training._loop import Path, follow, train
from latchlib.training._side_by_side import SideBySide, Streams
from latchlib.training.adaptive import Adam, RMSProp
from latchlib.training.back_propagation import BackPropagation
from latchlib.training.clipping import Clipped
from latchlib.training.discrete_error import DiscreteError
from latchlib.training.multigrid import Multigrid
from latchlib.training.pseudo_newton import PseudoNewton, TimeWeighted
from latchlib.training.random_guessing import RandomGuessing
from latchlib.training.simulated_annealing import SimulatedAnnealing

__all__ = [
    "ALGORITHMS",
    "COMPARED",
    "Adam",
    "BackPropagation",
    "Clipped",
    "DiscreteError",
    "Gradient",
    "Multigrid",
    "Path",
    "PseudoNewton",
    "RMSProp",
    "RandomGuessing",
    "Rule",
    "Search",
    "SideBySide",
    "SimulatedAnnealing",
    "StopReason",
    "Streams",
    "TimeWeighted",
    "TrainResult",
    "follow",
    "train",
]


def _rules() -> list[type[Rule]]:
    found = []
    for name in (module.name for module in pkgutil.iter_modules(__path__)):
        if not name.startswith("_"):
            module = import_module(f"{__name__}.{name}")
            found += [vars(module)[export] for export in module.__all__]
    rules = [kind for kind in found if isinstance(kind, type) and issubclass(kind, Rule)]
    return sorted(rules, key=lambda rule: (rule.place, rule.name))


#: The rules by name, in the order of the tables; ``ALGORITHMS[name]()`` has the default settings.
ALGORITHMS: Mapping[str, type[Rule]] = MappingProxyType({rule.name: rule for rule in _rules()})

#: Those of them that the comparison beside the tables of 1993 runs.
COMPARED: Mapping[str, type[Rule]] = MappingProxyType(
    {name: rule for name, rule in ALGORITHMS.items() if rule.compared}
)
