"""Figures of the chapter on plateaus and cliffs, and of the explorable that learns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from latchbook.figures.style import COLOURS, GREY, ORANGE, VERMILLION, axes, styled

__all__ = [
    "plot_costs",
    "plot_errors_back",
    "plot_parameters",
]


# --- the explorable ----------------------------------------------------------------------


def plot_parameters(params: ArrayLike, classes: int, ax: Axes | None = None, *, last: int) -> Axes:
    """Draw the weight and the trainable inputs over the updates 0 ... `last`.

    `params` has a row an update: w, then the inputs class by class within a time.
    """
    ax = axes(ax)
    params = np.asarray(params, dtype=float)
    update = np.arange(len(params))
    ax.axhline(1.0, color=GREY, lw=1, ls=":")
    ax.axhline(0.0, color=GREY, lw=1)
    ax.plot(update, params[:, 0], color="black", lw=2.4, label="weight $w$")
    styles = zip(COLOURS, ("-", "--"), strict=False)
    for k, (colour, line) in zip(range(classes), styles, strict=False):
        inputs = params[:, 1 + k :: classes]
        label = f"inputs of class {k + 1}"
        ax.plot(update, inputs[:, 0], line, color=colour, lw=1.4, label=label)
        ax.plot(update, inputs[:, 1:], line, color=colour, lw=1.4)
    ax.set(xlabel="updates", ylabel="parameters", xlim=(0, last))
    ax.legend(loc="best", fontsize=9)
    return ax


def plot_costs(costs: ArrayLike, ax: Axes | None = None, *, last: int, at_zero: float) -> Axes:
    """Draw the cost of each round over the updates 0 ... `last`, and that of both outputs at 0."""
    ax = axes(ax)
    costs = np.asarray(costs, dtype=float)
    ax.axhline(at_zero, color=GREY, lw=1, ls="--", label="both outputs 0")
    ax.plot(np.arange(len(costs)), costs, color=VERMILLION, lw=1.2, label="cost of the round")
    ax.set(xlabel="updates", ylabel="cost $C$", xlim=(0, last), ylim=(0.0, None))
    ax.legend(loc="best", fontsize=9)
    return ax


def plot_errors_back(
    decades: Mapping[str, ArrayLike], trainable: int, ax: Axes | None = None
) -> Axes:
    """Draw common logarithms of |dC/da_t| at t = 1 ... T, labelled; t <= `trainable` is shaded."""
    ax = axes(ax)
    ax.axvspan(0.5, trainable + 0.5, color=ORANGE, alpha=0.25, lw=0, label="trainable inputs")
    for (label, log), colour, line, mark in styled("decades", decades.items()):
        log = np.asarray(log, dtype=float)
        ax.plot(np.arange(1, len(log) + 1), log, line, marker=mark, ms=4, color=colour, label=label)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="time $t$ (steps)", ylabel=r"$\log_{10} |\partial C / \partial a_t|$")
    ax.legend(loc="best", fontsize=9)
    return ax
