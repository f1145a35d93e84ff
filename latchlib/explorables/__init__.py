"""Explorables: widgets that work in JupyterLab, in Binder and, with no kernel, on the page.

Their mathematics is printed from :mod:`latchlib.formulas`; JavaScript only loops over it and draws.
"""

from latchlib.explorables.gradient import GradientThroughTime
from latchlib.explorables.latch import Latch

__all__ = ["GradientThroughTime", "Latch"]
