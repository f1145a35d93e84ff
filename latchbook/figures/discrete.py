"""Figures of the chapter on discrete error propagation, and of its explorable."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, GREEN, GREY, VERMILLION, axes, styled
from latchlib import formulas

__all__ = [
    "plot_arrival",
    "plot_error_sizes",
    "plot_factor_per_step",
    "plot_learned",
    "plot_mean_moves",
    "plot_moves",
    "plot_net_inputs",
    "plot_required_moves",
]


def plot_required_moves(eps: float, ax: Axes | None = None, *, reach: float = 2.0) -> Axes:
    """Draw the move that turns the output over, against the net input, and where it ends."""
    ax = axes(ax)
    move = formulas.formula("required_move")
    low, high = np.linspace(-reach, 0.0, 101), np.linspace(reach / 1e6, reach, 101)
    ax.axhline(0.0, color=GREY, lw=1)
    ax.axvline(0.0, color=GREY, lw=1)
    ax.plot(low, move(low, 2.0, eps), color=BLUE, label=r"for $\Delta y = +2$")
    ax.plot(high, move(high, -2.0, eps), "--", color=VERMILLION, label=r"for $\Delta y = -2$")
    ax.plot([low[-1]], move(low[-1:], 2.0, eps), "o", color=BLUE, ms=6)
    ax.plot([high[0]], move(high[:1], -2.0, eps), "o", color=VERMILLION, mfc="white", ms=6)
    ax.plot(low, -low, ":", color=GREY, lw=1.4, label="just to the threshold")
    ax.plot(high, -high, ":", color=GREY, lw=1.4)
    ax.set(xlabel="net input $x$", ylabel=r"move $\Delta x$", xlim=(-reach, reach))
    ax.legend(loc="upper right")
    return ax


def plot_mean_moves(
    g: ArrayLike, means: Mapping[str, ArrayLike], ax: Axes | None = None, *, marks: ArrayLike = ()
) -> Axes:
    """Draw means against the continuous wish `g`, labelled.

    `marks` are measured means, one row (g, mean, low, high) each.
    """
    ax = axes(ax)
    ax.axhline(0.0, color=GREY, lw=1)
    for (label, mean), colour, line, _ in styled("means", means.items()):
        ax.plot(g, mean, line, color=colour, label=label)
    marks = np.asarray(marks, dtype=float).reshape(-1, 4)
    if len(marks):
        at, mean, low, high = marks.T
        ax.errorbar(
            at, mean, (mean - low, high - mean), fmt="o", color="black", ms=4, capsize=3,
            label="measured",
        )  # fmt: skip
    ax.set(xlabel="continuous wish $g$", ylabel="mean")
    ax.legend(loc="upper left")
    return ax


def plot_arrival(
    chances: Mapping[str, ArrayLike],
    measured: Mapping[str, ArrayLike] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the chance that the error arrives, on a log scale, over the steps back from the end.

    `chances` has arrays (T,) in the order of time; `measured` rows (steps back, share, low, high).
    """
    ax = axes(ax)
    for (label, chance), colour, line, mark in styled("chances", chances.items()):
        back = np.arange(len(np.asarray(chance)))[::-1]
        ax.semilogy(back, chance, line, color=colour, label=label)
        if measured and label in measured:
            at, share, low, high = np.asarray(measured[label], dtype=float).T
            ax.errorbar(
                at, share, (share - low, high - share), fmt=mark, color=colour, ms=4, capsize=3
            )
    ax.set(xlabel="steps back from the end", ylabel="chance that the error arrives")
    ax.legend(loc="lower left")
    return ax


def plot_factor_per_step(
    w: ArrayLike, factors: Mapping[str, ArrayLike], ax: Axes | None = None
) -> Axes:
    """Draw what is left of an error after one step, on average, against the weight w."""
    ax = axes(ax)
    for (label, factor), colour, line, _ in styled("factors", factors.items()):
        ax.plot(w, factor, line, color=colour, label=label)
    ax.axhline(1.0, color=GREY, lw=1)
    ax.set(xlabel="self-loop weight $w$", ylabel="factor per step", ylim=(0.0, 1.08))
    ax.legend(loc="center right", fontsize=9)
    return ax


def plot_learned(
    shares: Mapping[str, ArrayLike], ax: Axes | None = None, *, xlabel: str, log: bool = True
) -> Axes:
    """Draw shares with intervals, labelled: rows (value, share, low, high)."""
    ax = axes(ax)
    for (label, rows), colour, line, mark in styled("shares", shares.items()):
        at, share, low, high = np.asarray(rows, dtype=float).T
        ax.errorbar(
            at, share, (share - low, high - share), fmt=mark + line, color=colour, ms=5,
            lw=1.4, capsize=3, label=label,
        )  # fmt: skip
    if log:
        ax.set_xscale("log")
    ax.set(xlabel=xlabel, ylabel="share of trials that learned", ylim=(-0.03, 1.03))
    ax.legend(loc="best", fontsize=9)
    return ax


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
