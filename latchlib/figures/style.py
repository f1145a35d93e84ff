"""Colours, sizes and the axes of a figure: what all figures share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from latchlib._validation import refuse

__all__ = ["BLUE", "COLOURS", "GREEN", "GREY", "LINES", "ORANGE", "PURPLE", "SIZE", "VERMILLION"]
__all__ += ["axes", "styled", "use_book_style"]

BLUE, ORANGE, GREEN = "#0072B2", "#E69F00", "#009E73"
VERMILLION, PURPLE, GREY = "#D55E00", "#AA4499", "#595959"
LINES = ("-", "--", "-.", ":")
MARKS = ("o", "s", "D", "^")
COLOURS = (BLUE, VERMILLION, GREEN, PURPLE)

#: Small enough that the type is still readable when a phone scales the figure to its width.
SIZE = (5.4, 3.5)


def use_book_style() -> None:
    """Set the style of every figure, and make a notebook's SVG the same on every run.

    The background is white in both themes, so that one picture serves both.
    """
    mpl.rcParams.update(
        {
            "figure.figsize": SIZE,
            "figure.facecolor": "white",
            "figure.constrained_layout.use": True,
            "savefig.facecolor": "white",
            "font.size": 11,
            "axes.titlesize": 11,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.prop_cycle": mpl.cycler(color=COLOURS),
            "lines.linewidth": 2,
            "legend.frameon": False,
            "svg.hashsalt": "latchlib",
            "svg.fonttype": "path",
        }
    )
    try:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", metadata={"Date": None})
    except (ImportError, AttributeError):  # not in a notebook: there is nothing to set
        pass


def axes(ax: Axes | None) -> Axes:
    return plt.subplots()[1] if ax is None else ax


def styled(name: str, items: Iterable[Any]) -> Iterator[tuple[Any, str, str, str]]:
    """Pair what is to be drawn with a colour, a line style and a marker each.

    Raises
    ------
    ValueError
        If there are more of them than can be told apart.
    """
    items = list(items)
    if len(items) > len(COLOURS):
        raise refuse(name, len(items), f"at most {len(COLOURS)} curves")
    return zip(items, COLOURS, LINES, MARKS, strict=False)
