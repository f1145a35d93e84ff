"""Explorables: widgets that work in JupyterLab, in Binder and, with no kernel, on the page.

Their mathematics is printed from :mod:`latchlib.formulas`; JavaScript only loops over it and draws.
"""

from latchlib.explorables.ball import UncertaintyBall
from latchlib.explorables.discrete import DiscreteErrorWalk
from latchlib.explorables.gradient import GradientThroughTime
from latchlib.explorables.latch import Latch
from latchlib.explorables.learning import LearningLive
from latchlib.explorables.plane import PhasePlane
from latchlib.explorables.rectangle import Rectangle
from latchlib.explorables.surface import SurfaceSearch
from latchlib.explorables.survival import GradientSurvival
from latchlib.explorables.tables import Tables

__all__ = [
    "DiscreteErrorWalk",
    "GradientSurvival",
    "GradientThroughTime",
    "Latch",
    "LearningLive",
    "PhasePlane",
    "Rectangle",
    "SurfaceSearch",
    "Tables",
    "UncertaintyBall",
]
