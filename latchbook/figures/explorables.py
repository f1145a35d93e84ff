"""Static pictures of the explorables of Part II, for places that run no JavaScript."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, COLOURS, GREEN, GREY, LINES, ORANGE, VERMILLION, axes
from latchlib import formulas
from latchlib.neuron import a_star, fixed_points, h_star

__all__ = [
    "plot_ball_at",
    "plot_bound",
    "plot_launch",
    "plot_powers",
    "plot_radius",
    "plot_rectangle",
]
__all__ += ["plot_two_readings"]


def plot_bound(
    bounds: Mapping[float, float],
    whole: float,
    ax: Axes | None = None,
    *,
    mark: tuple[float, float] | None = None,
) -> Axes:
    """Draw the bound of Theorem 3 over the radius, with the exact threshold and a marked radius."""
    ax = axes(ax)
    ax.plot(list(bounds), list(bounds.values()), color=BLUE, label="bound $b(d)$")
    ax.axhline(whole, color=GREY, ls="--", lw=1.2, label="threshold $h^*$")
    if mark is not None:
        ax.plot(*mark, "o", color=VERMILLION, ms=8, label=f"best, $d = {mark[0]:.2f}$")
    ax.set(xlabel="radius $d$ of the ball", ylabel="noise borne", ylim=(0.0, 1.5 * whole))
    ax.legend(loc="upper center", ncols=3, fontsize=9)
    return ax


def plot_two_readings(
    w: float, edge: float, state: tuple[float, float], ax: Axes | None = None
) -> Axes:
    """Draw where M' of the cross-coupled pair is below 1, in norm and in spectral radius.

    `edge` is a*; the state and the one with its coordinates exchanged are marked.
    """
    ax = axes(ax)
    reach = 1.08 * max(3.0, *state)
    ax.fill_between(
        [edge, reach], edge, reach, color=GREEN, alpha=0.25, lw=0, hatch="//", label="norm < 1"
    )
    line = formulas.formula("eigenvalue_edge")
    p = np.linspace(0.0, float(line(0.0, w)), 121)
    ax.plot(p, line(p, w), "--", color=VERMILLION, label="spectral radius 1")
    for place, name in ((state, "$y_1$"), (state[::-1], "$y_2$")):
        ax.plot(*place, "o", color=BLUE, ms=8)
        ax.annotate(name, place, xytext=(7, 4), textcoords="offset points")
    ax.set(xlabel="state $a_1$", ylabel="state $a_2$", xlim=(0, reach), ylim=(0, reach))
    ax.legend(loc="upper right")
    return ax


def plot_launch(path: ArrayLike, letters: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw a trajectory, (time, unit), its start marked, and letters beside points."""
    ax = axes(ax)
    path = np.asarray(path, dtype=float)
    ax.plot(*path.T, "-", color=VERMILLION, marker=".", ms=5, lw=1.2)
    ax.plot(*path[0], "s", color=VERMILLION, ms=8)
    for letter, place in letters.items():
        ax.annotate(
            letter, place, xytext=(9, 6), textcoords="offset points", color="black", weight="bold"
        )
    ax.set(xlabel="state of unit 1, $a_1$", ylabel="state of unit 2, $a_2$")
    return ax


def plot_powers(logs: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw sizes of (M^l)' over l = 1, 2, ..., from common logarithms, with the line 0."""
    ax = axes(ax)
    ax.axhline(0.0, color=GREY, lw=1)
    for (label, log), colour, line in zip(logs.items(), COLOURS, LINES, strict=False):
        ax.plot(np.arange(1, len(log) + 1), log, line, color=colour, label=label)
    ax.set(xlabel="steps $l$", ylabel=r"$\log_{10}$ of $(M^l)'$")
    ax.legend(loc="best")
    return ax


def plot_ball_at(
    start: ArrayLike, image: ArrayLike, circles: Mapping[str, ArrayLike], ax: Axes | None = None
) -> Axes:
    """Draw a ball, its image, and labelled circles; all of them closed curves, (point, 2)."""
    ax = axes(ax)
    start, image = (np.asarray(curve, dtype=float).T for curve in (start, image))
    ax.plot(*start, color=GREY, lw=1.4, label="ball at $t = 0$")
    ax.fill(*image, facecolor=VERMILLION, edgecolor="black", lw=1.0, hatch="..", label="image")
    lines = ("--", ":")
    for (label, curve), colour, line in zip(circles.items(), (GREY, BLUE), lines, strict=False):
        ax.plot(*np.asarray(curve, dtype=float).T, line, color=colour, lw=1.6, label=label)
    ax.set(xlabel="state of unit 1, $a_1$", ylabel="state of unit 2, $a_2$")
    ax.legend(loc="upper left", fontsize=9, frameon=True)
    return ax


def plot_radius(radii: Mapping[str, ArrayLike], t: int, ax: Axes | None = None) -> Axes:
    """Draw radii over time on a log scale, labelled, with a line at the time `t`."""
    ax = axes(ax)
    for (label, radius), colour, line in zip(radii.items(), COLOURS, LINES, strict=False):
        ax.semilogy(np.asarray(radius), line, color=colour, label=label)
    ax.axvline(t, color=GREY, ls=":", lw=1.2)
    ax.set(xlabel="time $t$ (steps)", ylabel="radius")
    ax.legend(loc="best")
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
