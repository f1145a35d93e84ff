"""Explorables: widgets that work in JupyterLab, in Binder and, with no kernel, on the page.

Their mathematics is printed from :mod:`latchlib.formulas`; JavaScript only loops over it and draws.
"""

from latchbook.explorables.ball import UncertaintyBall
from latchbook.explorables.discrete import DiscreteErrorWalk
from latchbook.explorables.gradient import GradientThroughTime
from latchbook.explorables.latch import Latch
from latchbook.explorables.learning import LearningLive
from latchbook.explorables.plane import PhasePlane
from latchbook.explorables.rectangle import Rectangle
from latchbook.explorables.shape import UnitShape
from latchbook.explorables.surface import SurfaceSearch
from latchbook.explorables.survival import GradientSurvival
from latchbook.explorables.tables import Tables

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
    "UnitShape",
]
