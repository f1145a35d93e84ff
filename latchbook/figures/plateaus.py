"""Figures of the chapter on plateaus and cliffs, and of the explorable that learns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, COLOURS, GREY, ORANGE, VERMILLION, axes, styled

__all__ = [
    "plot_costs",
    "plot_cut",
    "plot_descents",
    "plot_errors_back",
    "plot_flat_share",
    "plot_outcomes",
    "plot_parameters",
    "plot_surface",
]


def plot_surface(
    u: ArrayLike,
    w: ArrayLike,
    cost: ArrayLike,
    ax: Axes | None = None,
    *,
    levels: Sequence[float] = (),
    label: str = "cost $C$",
    limits: tuple[float, float] | None = None,
) -> Axes:
    """Draw a cost, shape (w, u), over first input and weight, with level lines; dark is low.

    `limits` are the costs of the darkest and the lightest colour. The weight 1 is dotted.
    """
    ax = axes(ax)
    low, high = limits or (None, None)
    cost = np.asarray(cost, dtype=float)
    image = ax.pcolormesh(
        u, w, cost, cmap="cividis", vmin=low, vmax=high, shading="nearest", rasterized=True
    )
    # Below it nothing is held.
    ax.axhline(1.0, color="white", lw=1.2, ls=":")
    if len(levels):
        ax.contour(u, w, cost, levels, colors="white", linewidths=0.9)
    ax.set(xlabel="first input $u$", ylabel="weight $w$")
    ax.figure.colorbar(image, ax=ax, label=label)
    return ax


def plot_descents(
    paths: Mapping[str, ArrayLike], ax: Axes | None = None, *, edge: bool = True
) -> Axes:
    """Draw paths of gradient descent over first input and weight, labelled; each is (update, 2).

    A path begins at its mark. With `edge`, the cliff at u = 0, w > 1 is drawn.
    """
    ax = axes(ax)
    for (label, path), colour, line, mark in styled("paths", paths.items()):
        u, w = np.asarray(path, dtype=float).T
        ax.plot(u, w, line, color="white", lw=4)
        ax.plot(u, w, line, color=colour, label=label)
        ax.plot(u[0], w[0], mark, color=colour, mec="white", ms=9)
        ax.plot(u[-1], w[-1], mark, color="white", mec=colour, ms=7)
    low, high = ax.get_ylim()
    if edge and high > 1.0:
        ax.plot([0.0, 0.0], [max(1.0, low), high], color="black", lw=1.2, ls=(0, (1, 1)))
    ax.set(xlabel="first input $u$", ylabel="weight $w$", ylim=(low, high))
    # Above the map, where it hides no path.
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=9)
    return ax


def plot_cut(
    u: ArrayLike,
    costs: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    levels: Mapping[str, float] | None = None,
) -> Axes:
    """Draw costs against the first input, labelled, with named heights."""
    ax = axes(ax)
    for (label, cost), colour, line, _ in styled("costs", costs.items()):
        ax.plot(u, cost, line, color=colour, label=label)
    for label, level in (levels or {}).items():
        ax.axhline(level, color=GREY, lw=1, ls=":")
        ax.annotate(
            label, (1.0, level), xycoords=("axes fraction", "data"), xytext=(-2, 3),
            textcoords="offset points", ha="right", color=GREY,
        )  # fmt: skip
    ax.set(xlabel="first input $u$", ylabel="cost $C$")
    ax.legend(loc="center right")
    return ax


def plot_flat_share(
    shares: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    ylabel: str = "share of the box that is flat",
) -> Axes:
    """Draw shares against T with their intervals, labelled: rows (T, share, low, high)."""
    ax = axes(ax)
    for (label, rows), colour, line, mark in styled("shares", shares.items()):
        T, share, low, high = np.asarray(rows, dtype=float).T
        ax.errorbar(
            T, share, (share - low, high - share), fmt=mark + line, color=colour, ms=5, lw=1.4,
            capsize=3, label=label,
        )  # fmt: skip
    ax.set_xscale("log")
    ax.set_xticks(T, [f"{v:g}" for v in T])
    ax.minorticks_off()
    ax.set(xlabel="sequence length $T$", ylabel=ylabel, ylim=(-0.03, 1.03))
    ax.legend(loc="best", fontsize=9)
    return ax


def plot_outcomes(outcomes: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw shares with their intervals, one row a setting, named: each is (share, low, high)."""
    ax = axes(ax)
    rows = np.array([np.asarray(v, dtype=float) for v in outcomes.values()])
    share, low, high = rows.T
    at = np.arange(len(rows))[::-1]
    ax.errorbar(share, at, xerr=(share - low, high - share), fmt="o", color=BLUE, capsize=4, ms=7)
    ax.set_yticks(at, list(outcomes))
    ax.set(xlabel="share of trials that learned", ylabel="start", xlim=(-0.03, 1.03))
    ax.set_ylim(-0.6, len(rows) - 0.4)
    return ax


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
