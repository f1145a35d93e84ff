"""Figures of chapters reduced-attracting-set and outside-gamma."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from numpy.typing import ArrayLike

from latchbook.figures.style import (
    BLUE,
    COLOURS,
    GREEN,
    GREY,
    LINES,
    ORANGE,
    PURPLE,
    VERMILLION,
    axes,
)
from latchlib.contraction import BallOfUncertainty
from latchlib.phase_space import UNRESOLVED, LabelledGrid

__all__ = [
    "plot_ball_images",
    "plot_balls",
    "plot_loss",
    "plot_margin_of_state",
    "plot_peak",
    "plot_portrait",
    "plot_readings",
]

_MARKERS = ("o", "s", "^", "D", "v", "P")
#: A radius of states near 1 below this is what rounding has left of it.
_ROUNDING = 1e-10
_BASINS = (BLUE, ORANGE, GREEN, VERMILLION, PURPLE)


def _tint(colour: str, strength: float) -> tuple[float, ...]:
    """Return `colour` mixed with white; strength 1 is the colour itself."""
    return tuple(1.0 - strength * (1.0 - x) for x in mpl.colors.to_rgb(colour))


def _image(ax: Axes, labelled: LabelledGrid, rgb: np.ndarray) -> None:
    """Show colours of the grid's points, rgb[i, j] at (axes[0][i], axes[1][j])."""
    first, second = labelled.grid.axes
    extent = (first[0], first[-1], second[0], second[-1])
    ax.imshow(
        np.swapaxes(rgb, 0, 1), origin="lower", extent=extent, aspect="equal",
        interpolation="nearest",
    )  # fmt: skip
    ax.set(xlabel="state of unit 1, $a_1$", ylabel="state of unit 2, $a_2$")


def plot_portrait(
    basin: LabelledGrid, gamma: LabelledGrid, ax: Axes | None = None, *, legend: bool = True
) -> Axes:
    """Draw basins (light) and reduced attracting sets (dark, outlined) of a two-unit network."""
    ax = axes(ax)
    rgb = np.ones((*basin.labels.shape, 3))
    handles = []
    for k in range(len(basin.attractors)):
        colour = _BASINS[k % len(_BASINS)]
        rgb[basin.labels == k] = _tint(colour, 0.25)
        rgb[gamma.labels == k] = _tint(colour, 0.7)
    rgb[basin.labels == UNRESOLVED] = 0.0
    _image(ax, basin, rgb)
    first, second = basin.grid.axes
    if (gamma.labels >= 0).any() and not (gamma.labels >= 0).all():
        inside = (gamma.labels >= 0).T.astype(float)
        ax.contour(first, second, inside, [0.5], colors="k", linewidths=0.8)
    for k, cycle in enumerate(basin.attractors):
        marker = _MARKERS[k % len(_MARKERS)]
        points = cycle.points
        ax.plot(*points.T, marker, ls="", color="k", mfc="w", ms=8, mew=1.5, zorder=5)
        edge = {"marker": marker, "ls": "", "color": "k", "mfc": "w", "ms": 8, "mew": 1.5}
        handles.append(mpl.lines.Line2D([], [], label=f"attractor {k}", **edge))
    handles += [
        Patch(fc=_tint(GREY, 0.25), label=r"$\beta(X)$ only"),
        Patch(fc=_tint(GREY, 0.7), ec="k", lw=0.8, label=r"$\Gamma(X)$"),
    ]
    if (basin.labels == UNRESOLVED).any():
        handles.append(Patch(fc="k", label="unresolved"))
    if legend:
        ax.legend(handles=handles, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def plot_readings(
    norm: LabelledGrid,
    eigenvalues: LabelledGrid,
    ax: Axes | None = None,
    *,
    points: Mapping[str, Sequence[float]] | None = None,
) -> Axes:
    """Draw where Gamma holds a state in both readings of Definition 4, or in one only."""
    ax = axes(ax)
    by_norm, by_values = norm.labels >= 0, eigenvalues.labels >= 0
    groups = (
        ("both readings", by_norm & by_values, _tint(BLUE, 0.6)),
        ("eigenvalues only", ~by_norm & by_values, _tint(ORANGE, 0.9)),
        ("neither", ~by_norm & ~by_values, (1.0, 1.0, 1.0)),
    )
    rgb = np.zeros((*norm.labels.shape, 3))
    handles = []
    for label, where, colour in groups:
        rgb[where] = colour
        handles.append(Patch(fc=colour, ec=GREY, lw=0.8, label=label))
    _image(ax, norm, rgb)
    for k, (label, point) in enumerate((points or {}).items()):
        marker = {"marker": _MARKERS[k], "ls": "", "color": "k", "mfc": "w", "ms": 7, "mew": 1.5}
        handles += ax.plot(*point, label=label, zorder=5, **marker)
    ax.legend(handles=handles, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def plot_margin_of_state(
    a: ArrayLike,
    margin: ArrayLike,
    edge: tuple[float, float],
    ax: Axes | None = None,
) -> Axes:
    """Draw the noise that a state bears for ever, up to the point (a*, h*) and level beyond."""
    ax = axes(ax)
    a, margin = np.asarray(a), np.asarray(margin)
    ax.plot(a, margin, color=BLUE, label="bit is safe for ever below")
    ax.fill_between(a, margin, color=BLUE, alpha=0.15, lw=0)
    ax.plot(*edge, "s", color=VERMILLION, ms=8, zorder=5, label="$(a^*, h^*)$")
    ax.axvline(edge[0], color=GREY, lw=1, ls="--")
    for x, text in ((0.5 * edge[0], r"outside $\Gamma$"), (1.4 * edge[0], r"inside $\Gamma$")):
        ax.annotate(text, (x, 1.08 * edge[1]), ha="center")
    ax.set(xlabel="state $a_0$", ylabel="largest noise borne", ylim=(0, 1.2 * edge[1]))
    ax.legend(loc="lower right")
    return ax


def plot_loss(
    starts: ArrayLike,
    share: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    edge: float,
    ax: Axes | None = None,
) -> Axes:
    """Draw the share of runs that lose the bit, with intervals, against the initial state."""
    ax = axes(ax)
    starts, share = np.asarray(starts), np.asarray(share)
    bars = np.stack([share - np.asarray(low), np.asarray(high) - share]).clip(0.0)
    ax.errorbar(starts, share, bars, fmt="o", color=BLUE, capsize=3, label="share, 95 % interval")
    ax.axvline(edge, color=VERMILLION, ls="--", lw=1.5, label="$a^*$, where $\\Gamma$ begins")
    ax.set(xlabel="state $a_0$", ylabel="share of runs that lose the bit", ylim=(-0.02, None))
    ax.legend()
    return ax


def plot_balls(balls: Mapping[str, BallOfUncertainty], ax: Axes | None = None) -> Axes:
    """Draw the radius of balls of uncertainty over time, as a multiple of the first."""
    ax = axes(ax)
    for (label, ball), colour, line in zip(balls.items(), COLOURS, LINES, strict=False):
        radius = ball.radius[:, 0] / ball.radius[0, 0]
        drawn = np.where(ball.radius[:, 0] > _ROUNDING, radius, np.nan)
        ax.semilogy(drawn, line, color=colour, label=label)
        peak = int(np.argmax(radius))
        ax.plot(peak, radius[peak], "o", color=colour, ms=6)
    ax.axhline(1.0, color=GREY, lw=1)
    ax.set(xlabel="step $t$", ylabel="radius, as a multiple of the first")
    ax.legend()
    return ax


def plot_ball_images(ball: BallOfUncertainty, times: Sequence[int], ax: Axes | None = None) -> Axes:
    """Draw the sampled points of a ball of two-unit states at some times."""
    ax = axes(ax)
    colours = (*COLOURS, ORANGE, GREY)
    for t, colour, marker in zip(times, colours, _MARKERS, strict=False):
        first, second = ball.points[t, :, :, 0]
        ax.plot(first, second, marker, ls="", ms=3, mew=0, color=colour, label=f"$t = {t}$")
    ax.plot(*ball.centre[:, :, 0].T, "-", color=GREY, lw=1, zorder=0)
    ax.set(xlabel="state of unit 1, $a_1$", ylabel="state of unit 2, $a_2$")
    ax.legend(markerscale=2.0, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def plot_peak(
    a0: ArrayLike,
    peak: ArrayLike,
    floor: ArrayLike,
    ceiling: ArrayLike,
    ax: Axes | None = None,
) -> Axes:
    """Draw the greatest growth of a difference against the state it starts from."""
    ax = axes(ax)
    ax.loglog(a0, ceiling, "--", color=GREY, lw=1.5, label="ceiling")
    ax.loglog(a0, peak, "o", color=BLUE, ms=5, label="peak")
    ax.loglog(a0, floor, ":", color=GREY, lw=1.5, label="floor")
    ax.set(xlabel="state $a_0$", ylabel=r"$\max_t \, \partial a_t / \partial a_0$")
    ax.legend()
    return ax
