"""Figures of several chapters and of the explorables, and the only place with plot style.

A figure that one chapter alone shows stands in its file in :mod:`latchbook.chapters`.

Functions are ``plot_x(result, ax=None) -> Axes``: they draw what they are given, on `ax` or on
axes of their own. Colours are those of Okabe and Ito, which colour-blind readers can tell apart;
no figure speaks by colour alone.
"""

from latchbook.figures import (
    basins,
    discrete,
    experiments,
    explorables,
    neuron,
    plateaus,
    searches,
)
from latchbook.figures.basins import *  # noqa: F403
from latchbook.figures.discrete import *  # noqa: F403
from latchbook.figures.experiments import *  # noqa: F403
from latchbook.figures.explorables import *  # noqa: F403
from latchbook.figures.neuron import *  # noqa: F403
from latchbook.figures.plateaus import *  # noqa: F403
from latchbook.figures.searches import *  # noqa: F403
from latchbook.figures.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    VERMILLION,
    use_book_style,
)

# Each module is re-exported here, so that a chapter says figures.plot_x.
__all__ = ["BLUE", "GREEN", "GREY", "ORANGE", "PURPLE", "VERMILLION", "use_book_style"]
__all__ += neuron.__all__
__all__ += explorables.__all__
__all__ += basins.__all__
__all__ += discrete.__all__
__all__ += experiments.__all__
__all__ += plateaus.__all__
__all__ += searches.__all__
