"""Explorables: widgets that work in JupyterLab, in Binder and, with no kernel, on the page.

Their mathematics is printed from :mod:`latchlib.formulas`; JavaScript only loops over it and draws.
A file of its own adds one, with ``js/NAME.js`` beside it: every :class:`Explorable` that it exports
is found.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from latchbook.explorables._base import Explorable

__all__ = ["EXPLORABLES", "Explorable"]


def _explorables() -> dict[str, type[Explorable]]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names if not name.startswith("_")]
    found = [vars(module)[export] for module in modules for export in module.__all__]
    kinds = [kind for kind in found if isinstance(kind, type) and issubclass(kind, Explorable)]
    return {kind.__name__: kind for kind in kinds}


#: The explorables by the names of their classes, which can be imported from here.
EXPLORABLES: Mapping[str, type[Explorable]] = MappingProxyType(_explorables())

globals().update(EXPLORABLES)
__all__ += list(EXPLORABLES)
