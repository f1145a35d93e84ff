"""Figures of the chapters on the vanishing gradient and on the weight gradient."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, GREY, VERMILLION, axes, styled

__all__ = [
    "plot_decay_laws",
    "plot_error_at_source",
    "plot_far_share",
    "plot_rate_under_noise",
    "plot_source_weights",
]


def plot_decay_laws(
    logs: Mapping[str, ArrayLike], ax: Axes | None = None, *, lowest: float = 1e-10
) -> Axes:
    """Draw |da_t/da_0| for t >= 1, both axes logarithmic, from natural logarithms."""
    ax = axes(ax)
    for (label, log), colour, line, _ in styled("logs", logs.items()):
        log = np.asarray(log)[1:]
        ax.loglog(np.arange(1, len(log) + 1), np.exp(log), line, color=colour, label=label)
    ax.set(xlabel="time $t$ (steps)", ylabel=r"$|\partial a_t / \partial a_0|$", ylim=(lowest, 3.0))
    ax.legend(loc="lower left")
    return ax


def plot_rate_under_noise(
    sigma: ArrayLike,
    rate: ArrayLike,
    half_width: ArrayLike,
    law: ArrayLike,
    ax: Axes | None = None,
    *,
    margin: float,
    computed: tuple[ArrayLike, ArrayLike],
) -> Axes:
    """Draw measured Lyapunov exponents, the law, a computed curve, and where sigma = h*.

    `computed` holds the sigma and the exponents of the curve.
    """
    ax = axes(ax)
    ax.plot(*computed, color=BLUE, lw=1, label="computed on a grid")
    ax.plot(sigma, law, color=VERMILLION, ls="-.", label="law for small $\\sigma$")
    ax.errorbar(
        sigma, rate, yerr=half_width, fmt="o", color=BLUE, ms=5, capsize=3, label="measured"
    )
    ax.axhline(law[0], color=GREY, lw=1, ls="--", label="without noise, $\\ln M'(a_+)$")
    ax.axvline(margin, color=GREY, lw=1, ls=":", label="$\\sigma = h^*$")
    ax.set(xlabel="standard deviation of the noise $\\sigma$", ylabel="rate $\\Lambda$ (1/step)")
    ax.legend(loc="lower left")
    return ax


def plot_far_share(
    shares: Mapping[str, tuple[ArrayLike, ArrayLike]], ax: Axes | None = None
) -> Axes:
    """Draw which share of the weight gradient comes from terms more than k steps old.

    Each value is (mean, half-width of its 95 % interval), for k = 1, 2, ...
    """
    ax = axes(ax)
    for (label, (mean, half)), colour, line, _ in styled("shares", shares.items()):
        mean, half = np.asarray(mean), np.asarray(half)
        k = np.arange(1, len(mean) + 1)
        ax.semilogy(k, mean, line, color=colour, label=label)
        low = np.maximum(mean - half, 0.1 * mean)
        ax.fill_between(k, low, mean + half, color=colour, alpha=0.25, lw=0)
    ax.set(xlabel="steps kept, $k$", ylabel="share of the older terms")
    ax.legend(loc="lower left")
    return ax


def plot_error_at_source(
    lengths: ArrayLike, sizes: Mapping[str, ArrayLike], ax: Axes | None = None
) -> Axes:
    """Draw quartiles of |dC/dv| against T, on a log scale; each value is (length, 3)."""
    ax = axes(ax)
    for (label, quartiles), colour, line, mark in styled("sizes", sizes.items()):
        low, middle, high = np.asarray(quartiles).T
        ax.semilogy(lengths, middle, line, marker=mark, ms=5, color=colour, label=label)
        ax.fill_between(lengths, low, high, color=colour, alpha=0.2, lw=0)
    ax.set(xlabel="sequence length $T$", ylabel=r"$|\partial C / \partial v|$ at A")
    ax.legend(loc="lower left")
    return ax


def plot_source_weights(paths: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw the weight with which A reads the class, over its updates."""
    ax = axes(ax)
    for (label, path), colour, line, _ in styled("paths", paths.items()):
        ax.plot(np.asarray(path), line, color=colour, label=label)
    ax.axhline(0.0, color=GREY, lw=1)
    ax.set(xlabel="updates of A", ylabel=r"weight $\theta_1$ on the class")
    ax.legend(loc="best")
    return ax
