"""Figures of Part II: systems with additive input, invariant sets and attractors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchlib.figures.style import BLUE, COLOURS, GREY, LINES, ORANGE, VERMILLION, axes

__all__ = ["plot_embedding", "plot_gap"]


def plot_embedding(
    original: ArrayLike, augmented: ArrayLike, writes: ArrayLike, ax: Axes | None = None
) -> Axes:
    """Draw one unit of a system and of its embedding over time, and the steps that write."""
    ax = axes(ax)
    ax.step(range(len(original)), original, where="post", color=BLUE, label="$a_t$, as it stands")
    ax.plot(augmented, "o", color=VERMILLION, mfc="none", ms=7, label="first part of $a'_t$")
    for t in writes:
        ax.axvline(t, color=GREY, ls=":", lw=1.2)
    ax.plot([], [], ":", color=GREY, lw=1.2, label="gate open")
    ax.set(xlabel="step $t$", ylabel="stored value")
    ax.margins(y=0.35)
    ax.legend(loc="upper right")
    return ax


def plot_gap(gaps: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw distances to the original trajectory over time, labelled, the distance logarithmic."""
    ax = axes(ax)
    for (label, gap), colour, line in zip(gaps.items(), COLOURS, LINES, strict=False):
        ax.semilogy(np.asarray(gap), line, color=colour, label=label)
    ax.set(xlabel="step $t$", ylabel="distance from the original")
    ax.margins(y=0.3)
    ax.legend(loc="best")
    return ax
