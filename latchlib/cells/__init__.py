"""Architectures, one a file: each is an elementwise update in SymPy, and is found by its name.

A file of its own adds one: every :class:`Cell` that it exports is in :data:`CELLS`, is trained by
the one back-propagation of :mod:`latchlib.backprop`, and has its gradient checked with the others.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from latchlib.cells._base import Cell, sigmoid
from latchlib.cells.tanh import TANH
from latchlib.cells.threshold import THRESHOLD

__all__ = ["CELLS", "TANH", "THRESHOLD", "Cell", "sigmoid"]


def _cells() -> list[Cell]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names if not name.startswith("_")]
    return [vars(module)[export] for module in modules for export in module.__all__]


#: The architectures by name.
CELLS: Mapping[str, Cell] = MappingProxyType({cell.name: cell for cell in _cells()})
