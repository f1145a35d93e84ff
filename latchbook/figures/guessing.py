"""Figures of the chapter on random guessing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from pandas import DataFrame

from latchbook.figures.style import axes, styled
from latchlib import formulas

__all__ = ["plot_chances", "plot_guesses", "plot_price"]


def plot_guesses(needed: ArrayLike, chance: float, ax: Axes | None = None) -> Axes:
    """Draw the share of trials that need more than n guesses, and the geometric law.

    `needed` is one number of guesses a trial.
    """
    ax = axes(ax)
    needed = np.sort(np.asarray(needed))
    n = np.arange(needed[-1])
    ax.semilogy(n, formulas.formula("geometric_tail")(chance, n), "-", label="$(1 - p)^n$")
    share = 1.0 - np.searchsorted(needed, n, side="right") / needed.size
    ax.plot(n, share, ".", color="black", ms=5, label="trials")
    ax.set(xlabel="guesses $n$", ylabel="share that needs more")
    ax.set_ylim(0.5 / needed.size, 1.3)
    ax.legend(loc="upper right")
    return ax


def plot_chances(
    measured: Mapping[str, ArrayLike],
    laws: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None,
    ax: Axes | None = None,
    *,
    xlabel: str,
) -> Axes:
    """Draw chances of a guess with intervals, labelled, on log scales, and laws beside them.

    `measured` has rows (x, chance, low, high), `laws` pairs (x, chance) by one of these labels. An
    interval that reaches below a fifth of the least chance ends at the lower edge.
    """
    ax, laws = axes(ax), laws or {}
    edge = min(np.asarray(rows, dtype=float)[:, 1].min() for rows in measured.values()) / 5.0
    ax.set(xscale="log", yscale="log", xlabel=xlabel, ylabel="chance $p$ of a guess")
    for (label, rows), colour, line, mark in styled("measured", measured.items()):
        at, chance, low, high = np.asarray(rows, dtype=float).T
        low = np.maximum(low, edge)
        ax.errorbar(
            at, chance, (chance - low, high - chance), fmt=mark, color=colour, ms=5, capsize=3,
            label=label,
        )  # fmt: skip
        if label in laws:
            ax.plot(*laws[label], line, color=colour)
    ax.set_ylim(bottom=edge)
    ax.legend(loc="best", fontsize=9)
    return ax


def plot_price(
    table: DataFrame, methods: tuple[str, ...], ax: Axes | None = None, *, noise: float
) -> Axes:
    """Draw what a success costs against T: presentations of all trials over trials that learned.

    `table` is a result of the comparison. The interval is that of the share that learned. A cell
    where none did is left out.
    """
    ax = axes(ax)
    for (place, method), colour, line, mark in styled("methods", enumerate(methods)):
        rows = table.query("method == @method and noise == @noise and learned > 0")
        rows = rows.sort_values("T")
        shares = rows["learned"] / rows["trials"], rows["learned_high"], rows["learned_low"]
        price, low, high = (rows["presentations"].to_numpy() / share for share in shares)
        ax.errorbar(
            rows["T"] * 1.02**place, price, (price - low, high - price), fmt=mark + line,
            color=colour, ms=5, lw=1.4, capsize=3, label=method,
        )  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="greatest length $T$ (steps)")
    ax.set_ylabel("presentations a success costs")
    # Above the axes: the lines leave no room among them.
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=9)
    return ax
