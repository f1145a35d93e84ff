"""Figures of the chapter on discrete error propagation, and of its explorable."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, GREEN, GREY, VERMILLION, axes

__all__ = [
    "plot_error_sizes",
    "plot_moves",
    "plot_net_inputs",
]


# --- the explorable ----------------------------------------------------------------------


def plot_net_inputs(
    rows: Mapping[str, ArrayLike], at: tuple[int, float], ax: Axes | None = None
) -> Axes:
    """Draw net inputs at t = 1 ... T, labelled, and an arrow for the first one's move.

    `at` is the step of the move and the move.
    """
    ax = axes(ax)
    step, move = at
    ax.axhline(0.0, color=GREY, lw=1)
    ax.axvline(step, color=GREY, lw=1, ls=":")
    colours = (VERMILLION, BLUE)
    for (label, row), colour, line, mark in zip(
        rows.items(), colours, ("-", "--"), "o.", strict=False
    ):
        row = np.asarray(row, dtype=float)
        ax.plot(np.arange(1, len(row) + 1), row, line, marker=mark, color=colour, ms=4, label=label)
    if move:
        start = float(np.asarray(next(iter(rows.values())))[step - 1])
        arrow = {"arrowstyle": "->", "color": "black", "lw": 1.6}
        ax.annotate("", (step, start + move), (step, start), arrowprops=arrow)
        ax.plot(step, start + move, "s", color="black", ms=4)
    ax.set(xlabel="time $t$ (steps)", ylabel="net input")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="center left", fontsize=9)
    return ax


def plot_moves(moves: ArrayLike, step: int, ax: Axes | None = None) -> Axes:
    """Draw the moves of the steps `step` ... T as bars, and an open mark where there is none."""
    ax = axes(ax)
    moves = np.asarray(moves, dtype=float)
    t = np.arange(1, len(moves) + 1)
    seen = t >= step
    ax.axhline(0.0, color=GREY, lw=1)
    ax.bar(t[seen], moves[seen], 0.6, facecolor=VERMILLION, edgecolor="black", lw=0.6)
    still = seen & (moves == 0.0)
    ax.plot(t[still], moves[still], "o", color="black", mfc="white", ms=4)
    reach = 1.1 * max(1.0, float(np.abs(moves).max()))
    ax.set(xlabel="time $t$ (steps)", ylabel=r"move $\Delta x_t$", xlim=(0, len(moves) + 1))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_ylim(-reach, reach)
    return ax


def plot_error_sizes(decades: Mapping[str, ArrayLike], step: int, ax: Axes | None = None) -> Axes:
    """Draw common logarithms of sizes at t = 1 ... T, labelled, with a line at the step."""
    ax = axes(ax)
    colours = (BLUE, VERMILLION, GREEN)
    for (label, log), colour, line in zip(
        decades.items(), colours, ("-", "--", "-."), strict=False
    ):
        log = np.asarray(log, dtype=float)
        ax.plot(np.arange(1, len(log) + 1), log, line, color=colour, label=label)
    ax.axvline(step, color=GREY, lw=1, ls=":")
    ax.set(xlabel="time $t$ (steps)", ylabel=r"$\log_{10}$ of its size")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="lower right", fontsize=9)
    return ax
