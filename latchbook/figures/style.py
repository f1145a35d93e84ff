"""Colours, sizes and the axes of a figure: what all figures share."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from latchlib.validation import refuse

__all__ = ["BLUE", "COLOURS", "GREEN", "GREY", "LINES", "ORANGE", "PURPLE", "SIZE", "VERMILLION"]
__all__ += ["GRADIENT", "MAP", "SAFE", "STATE"]
__all__ += ["axes", "styled", "use_book_style"]

BLUE, ORANGE, GREEN = "#0072B2", "#E69F00", "#009E73"
VERMILLION, PURPLE, GREY = "#D55E00", "#AA4499", "#595959"
#: What a colour means where it means one thing, here and in the explorables (js/base.css).
#: Curves of one kind, such as those of several systems, are told apart by :data:`COLOURS`. Noise is
#: ochre there, and grey here: ochre is too pale for a line on white.
STATE, MAP, GRADIENT, SAFE = VERMILLION, BLUE, PURPLE, GREEN
LINES = ("-", "--", "-.", ":")
MARKS = ("o", "s", "D", "^")
COLOURS = (BLUE, VERMILLION, GREEN, PURPLE)

_SVG = {"metadata": {"Date": None, "Creator": None}}
_PLACES = re.compile(r'\b(?:d|x|y|width|height|viewBox)="[^"]*"|\btranslate\([^)]*\)')
_DIGITS = re.compile(r"-?\d+(?:\.\d+)?")
_HASHED = re.compile(r'\bid="\w*?([0-9a-f]{10})"')

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
        from IPython import get_ipython
        from IPython.core.pylabtools import print_figure
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg")
        shown = get_ipython().display_formatter.formatters["image/svg+xml"]
        shown.for_type(Figure, lambda figure: _rounded(print_figure(figure, "svg", **_SVG)))
    except (ImportError, AttributeError):  # not in a notebook: there is nothing to set
        pass


def _rounded(svg: str) -> str:
    """Round the coordinates of an SVG to hundredths of a point, and name its parts by them.

    Finer than any eye, and coarser than what two processors make of the same figure. Matplotlib
    names clips and markers by a hash of all their digits, so the names are made anew.
    """
    svg = _PLACES.sub(lambda place: _DIGITS.sub(_two_digits, place[0]), svg)
    names: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for part in _HASHED.finditer(svg):
        content = svg[part.end() : svg.index("/>", part.end())]
        digest = hashlib.sha256(f"{content} {seen[content]}".encode()).hexdigest()
        names[part[1]] = digest[: len(part[1])]
        seen[content] += 1
    return re.sub("|".join(names), lambda name: names[name[0]], svg) if names else svg


def _two_digits(number: re.Match) -> str:
    return f"{round(float(number[0]), 2) + 0.0:.2f}".rstrip("0").rstrip(".")


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
