"""Figures of Part II: systems with additive input, invariant sets and attractors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, COLOURS, GREY, LINES, VERMILLION, axes
from latchlib import formulas, phase_space

__all__ = [
    "plot_bifurcation",
    "plot_embedding",
    "plot_energy",
    "plot_exponents",
    "plot_gap",
    "plot_orbits",
]


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
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=3)
    return ax


def plot_gap(gaps: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw distances to the original trajectory over time, labelled, the distance logarithmic."""
    ax = axes(ax)
    for (label, gap), colour, line in zip(gaps.items(), COLOURS, LINES, strict=False):
        gap = np.asarray(gap, dtype=float)
        # A distance of 0 has no place on a logarithmic axis: the curve begins after it.
        ax.semilogy(np.where(gap > 0.0, gap, np.nan), line, color=colour, label=label)
    ax.set(xlabel="step $t$", ylabel="distance from the original")
    ax.margins(y=0.3)
    ax.legend(loc="best")
    return ax


def _orbits(ax: Axes, orbits: Mapping[str, ArrayLike]) -> None:
    for (label, path), colour, line in zip(orbits.items(), COLOURS, LINES, strict=False):
        first, second = np.asarray(path, dtype=float).T
        ax.plot(first, second, line, color=colour, marker=".", ms=5, lw=1.2, label=label)
        ax.plot(first[0], second[0], "s", color=colour, ms=6)


def plot_orbits(W: ArrayLike, orbits: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw orbits of a network of two units, each (time, unit), and its fixed points.

    Squares are starts; filled dots are stable fixed points, open dots unstable ones.
    """
    ax = axes(ax)
    _orbits(ax, orbits)
    for point in phase_space.fixed_points(W):
        face = GREY if point.stable else "white"
        ax.plot(*point.points[0], "o", color=GREY, mfc=face, ms=9, zorder=5)
    ax.set(xlabel="state $a_1$", ylabel="state $a_2$")
    ax.legend(loc="best")
    return ax


def plot_energy(
    W: ArrayLike,
    orbits: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    u: ArrayLike = (0.0, 0.0),
) -> Axes:
    """Draw level lines of L(x) = sum G(x_i) - x^T W x / 2 - u^T x and orbits of outputs x."""
    ax = axes(ax)
    W, u = np.asarray(W, dtype=float), np.asarray(u, dtype=float)
    side = np.linspace(-0.999, 0.999, 201)
    x = np.stack(np.meshgrid(side, side))
    term = formulas.formula("energy_term")
    level = term(x).sum(axis=0) - np.einsum("iab,ij,jab->ab", x, W, x) / 2
    level -= np.einsum("i,iab->ab", u, x)
    ax.contour(*x, level, levels=24, colors=GREY, linewidths=0.6, linestyles="solid")
    _orbits(ax, orbits)
    ax.set(xlabel="output $x_1$", ylabel="output $x_2$", aspect="equal")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=3)
    return ax


def plot_bifurcation(gains: ArrayLike, states: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw late states of one unit, (time, gain), above the gain of the network."""
    ax = axes(ax)
    states = np.asarray(states, dtype=float)
    across = np.broadcast_to(np.asarray(gains, dtype=float), states.shape)
    # Some ten thousand dots: as vectors they would be most of the page.
    ax.plot(across.ravel(), states.ravel(), ",", color=BLUE, rasterized=True)
    ax.set(xlabel="gain", ylabel="late states of unit 1")
    return ax


def plot_exponents(gains: ArrayLike, exponents: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw the largest Lyapunov exponent over the gain, with the line 0."""
    ax = axes(ax)
    gains, exponents = np.asarray(gains), np.asarray(exponents, dtype=float)
    ax.axhline(0.0, color=GREY, lw=1)
    ax.plot(gains, exponents, color=BLUE, lw=1)
    above = np.where(exponents > 0.0, exponents, np.nan)
    ax.plot(gains, above, ".", color=VERMILLION, ms=4, label="above 0: nearby states part")
    ax.set(xlabel="gain", ylabel="largest exponent (1/step)", ylim=(-1.5, 1.0))
    ax.legend(loc="upper left")
    return ax
