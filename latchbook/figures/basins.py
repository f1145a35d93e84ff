"""Figures of chapters reduced-attracting-set and outside-gamma."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from latchbook.figures.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    VERMILLION,
    axes,
)
from latchlib.phase_space import UNRESOLVED, LabelledGrid

__all__ = [
    "plot_portrait",
]

MARKERS = ("o", "s", "^", "D", "v", "P")
_BASINS = (BLUE, ORANGE, GREEN, VERMILLION, PURPLE)


def tint(colour: str, strength: float) -> tuple[float, ...]:
    """Return `colour` mixed with white; strength 1 is the colour itself."""
    return tuple(1.0 - strength * (1.0 - x) for x in mpl.colors.to_rgb(colour))


def image(ax: Axes, labelled: LabelledGrid, rgb: np.ndarray) -> None:
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
        rgb[basin.labels == k] = tint(colour, 0.25)
        rgb[gamma.labels == k] = tint(colour, 0.7)
    rgb[basin.labels == UNRESOLVED] = 0.0
    image(ax, basin, rgb)
    first, second = basin.grid.axes
    if (gamma.labels >= 0).any() and not (gamma.labels >= 0).all():
        inside = (gamma.labels >= 0).T.astype(float)
        ax.contour(first, second, inside, [0.5], colors="k", linewidths=0.8)
    for k, cycle in enumerate(basin.attractors):
        marker = MARKERS[k % len(MARKERS)]
        points = cycle.points
        ax.plot(*points.T, marker, ls="", color="k", mfc="w", ms=8, mew=1.5, zorder=5)
        edge = {"marker": marker, "ls": "", "color": "k", "mfc": "w", "ms": 8, "mew": 1.5}
        handles.append(mpl.lines.Line2D([], [], label=f"attractor {k}", **edge))
    handles += [
        Patch(fc=tint(GREY, 0.25), label=r"$\beta(X)$ only"),
        Patch(fc=tint(GREY, 0.7), ec="k", lw=0.8, label=r"$\Gamma(X)$"),
    ]
    if (basin.labels == UNRESOLVED).any():
        handles.append(Patch(fc="k", label="unresolved"))
    if legend:
        ax.legend(handles=handles, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax
