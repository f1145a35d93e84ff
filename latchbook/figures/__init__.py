"""Every figure of the book. The only place with plot style.

Functions are ``plot_x(result, ax=None) -> Axes``: they draw what they are given, on `ax` or on
axes of their own. Colours are those of Okabe and Ito, which colour-blind readers can tell apart;
no figure speaks by colour alone.
"""

from latchbook.figures import (
    attractors,
    basins,
    contraction,
    discrete,
    experiments,
    explorables,
    gradients,
    guessing,
    neuron,
    plateaus,
    pseudo_newton,
    searches,
)
from latchbook.figures.attractors import *  # noqa: F403
from latchbook.figures.basins import *  # noqa: F403
from latchbook.figures.contraction import *  # noqa: F403
from latchbook.figures.discrete import *  # noqa: F403
from latchbook.figures.experiments import *  # noqa: F403
from latchbook.figures.explorables import *  # noqa: F403
from latchbook.figures.gradients import *  # noqa: F403
from latchbook.figures.guessing import *  # noqa: F403
from latchbook.figures.neuron import *  # noqa: F403
from latchbook.figures.plateaus import *  # noqa: F403
from latchbook.figures.pseudo_newton import *  # noqa: F403
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

# One module a group of chapters; each is re-exported here, so that a chapter says figures.plot_x.
__all__ = ["BLUE", "GREEN", "GREY", "ORANGE", "PURPLE", "VERMILLION", "use_book_style"]
__all__ += neuron.__all__
__all__ += explorables.__all__
__all__ += gradients.__all__
__all__ += attractors.__all__
__all__ += basins.__all__
__all__ += contraction.__all__
__all__ += discrete.__all__
__all__ += experiments.__all__
__all__ += pseudo_newton.__all__
__all__ += plateaus.__all__
__all__ += searches.__all__
__all__ += guessing.__all__
