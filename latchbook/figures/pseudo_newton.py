"""Figures of the chapter on pseudo-Newton: what dividing by the curvature does to a step."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from latchbook.figures.style import GREY, axes, styled

__all__ = [
    "plot_step_by_length",
    "plot_step_by_state",
    "plot_step_factor",
    "plot_terms_by_age",
]


def plot_step_by_length(
    lengths: ArrayLike,
    steps: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    levels: Mapping[str, float] | None = None,
    ylabel: str = "size of the step",
    legend: str | tuple[float, float] = "upper right",
) -> Axes:
    """Draw the size of one step against the length T, on a log scale, with named levels.

    Each value is drawn without its sign. `legend` says where the legend stands, as in matplotlib.
    """
    ax = axes(ax)
    for (label, sizes), colour, line, mark in styled("steps", steps.items()):
        size = np.abs(np.asarray(sizes, float))
        ax.semilogy(lengths, size, line, marker=mark, ms=4, color=colour, label=label)
    for label, level in (levels or {}).items():
        _name_level(ax, label, level, 0.99, "right")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="length $T$ (steps)", ylabel=ylabel)
    ax.legend(loc=legend)
    return ax


def plot_step_by_state(
    a: ArrayLike,
    steps: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    places: Mapping[str, float] | None = None,
    level: tuple[str, float] | None = None,
) -> Axes:
    """Draw the size of one step against the net input `a`, on a log scale, with named places."""
    ax = axes(ax)
    for (label, sizes), colour, line, _ in styled("steps", steps.items()):
        ax.semilogy(a, np.abs(np.asarray(sizes, float)), line, color=colour, label=label)
    for label, place in (places or {}).items():
        ax.axvline(place, color=GREY, lw=1, ls=":")
        above = ax.get_xaxis_transform()
        ax.text(place, 1.0, label, ha="center", va="bottom", color=GREY, transform=above)
    if level is not None:
        _name_level(ax, *level, 0.01, "left")
    # A step is 0 at the target; without a floor the axis would follow it down. The rest is room
    # for the legend.
    ends = [np.abs(np.asarray(sizes, float))[[0, -1]] for sizes in steps.values()]
    ax.set_ylim(bottom=np.min(ends) / 1000.0)
    ax.set(xlabel="net input $a$", ylabel="size of the step")
    ax.legend(loc="lower right")
    return ax


def plot_step_factor(
    sensitivity: ArrayLike,
    factors: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    peaks: Mapping[str, tuple[float, float]] | None = None,
) -> Axes:
    """Draw s/(s^2 + mu) against s, both axes logarithmic, with the highest point of each curve."""
    ax = axes(ax)
    peaks = peaks or {}
    for (label, factor), colour, line, mark in styled("factors", factors.items()):
        ax.loglog(sensitivity, factor, line, color=colour, label=label)
        if label in peaks:
            ax.plot(*peaks[label], mark, color=colour, ms=8)
    ax.set(
        xlabel=r"sensitivity $s = |\partial x_T / \partial w|$",
        ylabel=r"step in units of $\eta\, |e|$",
    )
    # A plateau lies on the left: the longer the sequence, the smaller s.
    ax.invert_xaxis()
    ax.legend(loc="lower left")
    return ax


def plot_terms_by_age(terms: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw the share of the step that each use of a weight has, by its age, on a log scale.

    Each value is (age,), youngest first; it is divided by the sum of its absolute values.
    """
    ax = axes(ax)
    for (label, values), colour, line, mark in styled("terms", terms.items()):
        size = np.abs(np.asarray(values, float))
        ages = np.arange(len(size))
        ax.semilogy(ages, size / size.sum(), line, marker=mark, ms=5, color=colour, label=label)
    ax.set(xlabel="age of the use, $T - t$ (steps)", ylabel="share of the step")
    ax.legend(loc="lower left")
    return ax


def _name_level(ax, label, level, at, ha):
    """Draw a horizontal line and its name above it, `at` a fraction of the width."""
    ax.axhline(level, color=GREY, lw=1, ls="--")
    ax.text(at, level, label, ha=ha, va="bottom", color=GREY, transform=ax.get_yaxis_transform())
