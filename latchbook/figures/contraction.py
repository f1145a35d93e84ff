"""Figures of the chapters on contracting maps and on bounded noise."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, COLOURS, GREEN, GREY, LINES, ORANGE, VERMILLION, axes
from latchlib import formulas
from latchlib.attractors import a_star, fixed_points, h_star

__all__ = [
    "plot_error_bound",
    "plot_horseshoe",
    "plot_margins",
    "plot_rectangle",
    "plot_share",
    "plot_staircase",
    "plot_tube",
    "plot_tube_in_plane",
]


def plot_staircase(
    curve: tuple[ArrayLike, ArrayLike], path: ArrayLike, ax: Axes | None = None, *, label: str
) -> Axes:
    """Draw a map with the diagonal and the staircase of one orbit.

    `curve` is (x, M(x)); `path` is the orbit, shape (time,).
    """
    ax = axes(ax)
    x, image = (np.asarray(values, float) for values in curve)
    path = np.asarray(path, float)
    ax.plot(x, x, color=GREY, lw=1, label="next state = state")
    ax.plot(x, image, color=BLUE, label=label)
    stairs = np.repeat(path, 2)
    ax.plot(stairs[:-1], stairs[1:], color=VERMILLION, lw=1.2, label="orbit")
    ax.plot(path[0], path[0], "o", color=VERMILLION, ms=6)
    ax.set(xlabel="state", ylabel="next state", xlim=(x[0], x[-1]))
    ax.legend(loc="upper left")
    return ax


def plot_error_bound(
    errors: Mapping[str, ArrayLike], bounds: Mapping[str, ArrayLike], ax: Axes | None = None
) -> Axes:
    """Draw errors over time as dots and their bounds as lines, on a log scale, by label."""
    ax = axes(ax)
    for (label, bound), colour, line, mark in zip(
        bounds.items(), COLOURS, LINES, "osD^", strict=False
    ):
        times = np.arange(len(np.asarray(bound)))
        ax.semilogy(times, bound, line, color=colour, label=f"{label}: bound")
        ax.semilogy(times, errors[label], mark, color=colour, ms=4, label=f"{label}: error")
    ax.set(xlabel="time $t$ (steps)", ylabel="distance from the fixed point")
    ax.legend(loc="lower left")
    return ax


def plot_horseshoe(domain: ArrayLike, image: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw a region and its image as two meshes, with the ends of the region marked.

    Both have shape (2, across, along); the ends are the first and last index of the last axis.
    """
    ax = axes(ax)
    for points, colour, line, label in (
        (np.asarray(domain), BLUE, "-", "$D$"),
        (np.asarray(image), VERMILLION, "--", "$M(D)$"),
    ):
        ax.plot(points[0].T, points[1].T, line, color=colour, lw=1)
        ax.plot(points[0, :, ::8], points[1, :, ::8], line, color=colour, lw=1)
        ax.plot([], [], line, color=colour, label=label)
        for end, mark in ((0, "s"), (-1, "o")):
            ax.plot(*points[:, 0, end], mark, color=colour, ms=8, zorder=5)
    ax.set(xlabel="first unit", ylabel="second unit", aspect="equal")
    ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
    return ax


def plot_rectangle(w: float, d: float, ax: Axes | None = None) -> Axes:
    """Draw 1 - M'(y), the area h* under it on [a*, a+], and the rectangle of width d in it."""
    ax = axes(ax)
    top, slope = fixed_points(w)[-1].a, formulas.formula("slope")
    y = np.linspace(0.8 * a_star(w), top + 0.25 * (top - a_star(w)), 401)
    inside = np.linspace(a_star(w), top, 201)
    height = 1.0 - float(slope(top - d, w))
    ax.axhline(0.0, color=GREY, lw=1)
    ax.fill_between(
        inside,
        1.0 - slope(inside, w),
        color=ORANGE,
        alpha=0.45,
        lw=0,
        label=f"area $h^* = {h_star(w):.3f}$",
    )
    ax.add_patch(
        Rectangle(
            (top - d, 0.0),
            d,
            height,
            facecolor="none",
            edgecolor=GREEN,
            hatch="//",
            lw=1.5,
            label=f"rectangle $d(1-\\lambda) = {d * height:.3f}$",
        )
    )
    ax.plot(y, 1.0 - slope(y, w), color=BLUE, label="$1 - M'(y)$")
    for place, text in ((a_star(w), "$a^*$"), (top - d, "$a_+ - d$"), (top, "$a_+$")):
        ax.annotate(text, (place, 0), xytext=(0, -16), textcoords="offset points", ha="center")
    ax.set(xlabel="state $y$", ylabel="$1 - M'(y)$", xlim=(y[0], y[-1]), ylim=(-0.35, 1.6))
    ax.legend(loc="upper left")
    return ax


def plot_margins(
    d: ArrayLike, margins: Mapping[str, ArrayLike], level: float, ax: Axes | None = None
) -> Axes:
    """Draw noise bounds against the radius d of the tube, and h* as a level."""
    ax = axes(ax)
    for (label, margin), colour, line in zip(margins.items(), COLOURS, LINES, strict=False):
        ax.plot(d, margin, line, color=colour, label=label)
    best = next(iter(margins.values()))
    k = int(np.argmax(best))
    ax.plot(np.asarray(d)[k], np.asarray(best)[k], "o", color=COLOURS[0], ms=7)
    ax.axhline(level, color=GREY, lw=1.2, ls=":", label="$h^*$")
    ax.set(xlabel="radius $d$ of the tube", ylabel="bound on the noise", ylim=(0, 1.45 * level))
    ax.legend(loc="upper left")
    return ax


def plot_share(w: ArrayLike, share: ArrayLike, limit: float, ax: Axes | None = None) -> Axes:
    """Draw the share of h* that the theorem guarantees, against w - 1, with its limits."""
    ax = axes(ax)
    ax.semilogx(np.asarray(w) - 1.0, share, color=BLUE, label="best bound$/h^*$")
    for value, text in ((limit, f"{limit:.3f}"), (1.0, "1")):
        ax.axhline(value, color=GREY, lw=1, ls="--")
        ax.annotate(
            text, (1.0, value), xycoords=("axes fraction", "data"), xytext=(-2, -14),
            textcoords="offset points", ha="right", color=GREY,
        )  # fmt: skip
    ax.set(xlabel="$w - 1$", ylabel="share of $h^*$ guaranteed", ylim=(0.0, 1.05))
    ax.legend(loc="lower right")
    return ax


def plot_tube(
    centre: ArrayLike,
    radius: float,
    paths: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    levels: Mapping[str, float] | None = None,
) -> Axes:
    """Draw states over time, labelled, and the tube of `radius` round `centre`, shape (time,)."""
    ax = axes(ax)
    centre = np.asarray(centre, float)
    times = np.arange(len(centre))
    ax.fill_between(
        times, centre - radius, centre + radius, color=ORANGE, alpha=0.35, lw=0, label="tube"
    )
    ax.plot(times, centre, color=GREY, lw=1)
    for (label, path), colour, line in zip(paths.items(), COLOURS, LINES, strict=False):
        ax.plot(np.arange(len(np.asarray(path))), path, line, color=colour, label=label)
    for label, level in (levels or {}).items():
        ax.axhline(level, color=GREY, lw=1, ls=":")
        ax.annotate(
            label, (1.0, level), xycoords=("axes fraction", "data"), xytext=(-2, -14),
            textcoords="offset points", ha="right", color=GREY,
        )  # fmt: skip
    ax.set(xlabel="time $t$ (steps)", ylabel="state $a_t$", xlim=(0, len(centre) - 1))
    ax.legend(loc="lower left")
    return ax


def plot_tube_in_plane(
    centre: ArrayLike, radius: float, paths: ArrayLike, ax: Axes | None = None
) -> Axes:
    """Draw the balls of a tube in the plane and trajectories that run in it.

    `centre` is (time, 2), `paths` is (time, 2, trial).
    """
    ax = axes(ax)
    centre, paths = np.asarray(centre, float), np.asarray(paths, float)
    for number, middle in enumerate(centre):
        ax.add_patch(
            Circle(middle, radius, facecolor=ORANGE, alpha=0.18, edgecolor="none", zorder=1)
        )
        ax.add_patch(
            Circle(
                middle, radius, facecolor="none", edgecolor=GREY, lw=0.8, zorder=2,
                label="$D_t$" if number == 0 else None,
            )
        )  # fmt: skip
    for k in range(paths.shape[2]):
        ax.plot(
            paths[:, 0, k], paths[:, 1, k], color=BLUE, lw=0.7, alpha=0.8,
            label="under worst inputs" if k == 0 else None,
        )  # fmt: skip
    ax.plot(*centre.T, "o--", color=VERMILLION, ms=4, lw=1, label="without noise", zorder=4)
    ax.set(xlabel="first unit", ylabel="second unit", aspect="equal")
    ax.legend(loc="best")
    return ax
