"""Figures of the chapters on simulated annealing and multigrid search, and of their explorable."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, GREY, VERMILLION, axes, styled

__all__ = [
    "plot_course",
    "plot_laws",
    "plot_search",
]


def plot_laws(
    x: ArrayLike,
    laws: Mapping[str, ArrayLike],
    measured: Mapping[str, ArrayLike] | None = None,
    ax: Axes | None = None,
    *,
    xlabel: str,
    ylabel: str,
    log: str = "",
    level: float | None = None,
) -> Axes:
    """Draw laws over `x`, labelled, and beside them what was measured.

    `measured` has rows (x, value, low, high), by the label of their law or one of their own. `log`
    names the axes, of "x" and "y", that are logarithmic; `level` is marked by a thin line.
    """
    ax = axes(ax)
    measured = measured or {}
    labels = list(dict.fromkeys([*laws, *measured]))
    for label, colour, line, mark in styled("laws", labels):
        if label in laws:
            ax.plot(x, laws[label], line, color=colour, label=label)
        if label in measured:
            at, value, low, high = np.asarray(measured[label], dtype=float).T
            ax.errorbar(
                at, value, (value - low, high - value), fmt=mark, color=colour, ms=5, capsize=3,
                label=None if label in laws else label,
            )  # fmt: skip
    if level is not None:
        ax.axhline(level, color=GREY, lw=1)
    if "x" in log:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        ax.xaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_minor_formatter(NullFormatter())
    if "y" in log:
        ax.set_yscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend(loc="best", fontsize=9)
    return ax


def plot_search(
    surface: tuple[ArrayLike, ArrayLike, ArrayLike],
    tried: ArrayLike,
    taken: ArrayLike,
    ax: Axes | None = None,
    *,
    box: tuple[ArrayLike, ArrayLike] | None = None,
    here: ArrayLike | None = None,
    names: tuple[str, str] = ("$x_1$", "$x_2$"),
    levels: int | ArrayLike = 8,
) -> Axes:
    """Draw the points that a search has tried on a map of the cost, its darker parts dearer.

    `surface` is x, y and the cost, shape (y, x). `tried` has shape (point, 2), `taken` says which
    were accepted: dots; the others are crosses. `box` is a centre and half-widths; `here` a point
    to be marked by a star.
    """
    ax = axes(ax)
    x, y, cost = (np.asarray(v, dtype=float) for v in surface)
    tried, taken = np.asarray(tried, dtype=float), np.asarray(taken, dtype=bool)
    top = 2.2 * float(np.nanmax(cost)) or 1.0  # the darkest grey stays light enough for marks
    ax.pcolormesh(x, y, cost, cmap="Greys", vmin=0.0, vmax=top, shading="nearest", rasterized=True)
    ax.contour(x, y, cost, levels, colors=GREY, linewidths=0.6)
    ax.plot(*tried[~taken].T, "x", color=VERMILLION, ms=5, mew=1.2, label="not accepted")
    ax.plot(*tried[taken].T, "o", color=BLUE, mec="white", mew=0.6, ms=5.5, label="accepted")
    if box is not None:
        centre, half = (np.asarray(v, dtype=float) for v in box)
        ax.add_patch(Rectangle(centre - half, *(2.0 * half), fill=False, ec="black", lw=1.8))
    if here is not None:
        ax.plot(*np.asarray(here, dtype=float), "*", color="black", mec="white", ms=15)
    ax.set(xlabel=names[0], ylabel=names[1], xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    ax.legend(loc="upper right", fontsize=9, frameon=True)
    return ax


def plot_course(
    courses: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    ylabel: str = "cost",
    log: bool = True,
    mark: int | None = None,
) -> Axes:
    """Draw what changes with the evaluations, labelled, each shape (K + 1,); `mark` one of them."""
    ax = axes(ax)
    for (label, course), colour, line, _ in styled("courses", courses.items()):
        ax.plot(np.arange(len(np.asarray(course))), course, line, color=colour, label=label)
    if mark is not None:
        ax.axvline(mark, color=GREY, lw=1)
    if log:
        ax.set_yscale("log")
    ax.set(xlabel="evaluations", ylabel=ylabel)
    ax.legend(loc="best", fontsize=9)
    return ax
