"""Figures of Part I: the neuron, the minimal task, and learning to latch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import GRADIENT, GREY, MAP, SAFE, axes, styled
from latchlib import formulas
from latchlib.neuron import a_star, fixed_points, h_star

__all__ = [
    "plot_area",
    "plot_gradient",
    "plot_gradient_reach",
    "plot_map",
    "plot_sequences",
    "plot_timeline",
    "plot_trade_off",
]


def _fixed_point_marks(ax: Axes, w: float, h: float) -> None:
    for point in fixed_points(w, h):
        face = MAP if point.stable else "white"
        ax.plot(point.a, point.a, "o", color=MAP, mfc=face, ms=8, zorder=5)


def plot_map(w: float, h: float = 0.0, ax: Axes | None = None, *, reach: float = 3.0) -> Axes:
    """Draw the map a -> w tanh a + h with the diagonal and its fixed points.

    Filled dots are stable, open dots unstable; dashed lines mark +-a* when w > 1.
    """
    ax = axes(ax)
    a = np.linspace(-reach, reach, 301)
    ax.plot(a, a, color=GREY, lw=1, label="next state = state")
    ax.plot(a, formulas.formula("step")(a, w, h), color=MAP, label=f"$M(a)$, $w={w:g}$")
    if w > 1.0:
        for edge in (-a_star(w), a_star(w)):
            ax.axvline(edge, color=SAFE, ls="--", lw=1.2)
        ax.plot([], [], color=SAFE, ls="--", lw=1.2, label=r"$\pm a^*$")
    _fixed_point_marks(ax, w, h)
    ax.set(xlabel="state $a_{t-1}$", ylabel="next state $a_t$", xlim=(-reach, reach))
    ax.legend(loc="upper left")
    return ax


def plot_area(w: float, ax: Axes | None = None) -> Axes:
    """Draw 1 - M'(y) and shade the area from a* to a+, which equals h*(w)."""
    ax = axes(ax)
    top = fixed_points(w)[-1].a
    y = np.linspace(0.0, 1.25 * top, 401)
    inside = np.linspace(a_star(w), top, 201)
    slope = formulas.formula("slope")
    ax.axhline(0.0, color=GREY, lw=1)
    ax.plot(y, 1.0 - slope(y, w), color=MAP, label=r"$1 - M'(y)$")
    ax.fill_between(
        inside,
        1.0 - slope(inside, w),
        color=SAFE,
        alpha=0.5,
        lw=0,
        label=f"area $= h^* = {h_star(w):.4f}$",
    )
    for place, text in ((a_star(w), "$a^*$"), (top, "$a_+$")):
        ax.plot([place, place], [0, 1 - slope(place, w)], color=GREY, lw=1, ls="--")
        ax.annotate(text, (place, 0), xytext=(0, -16), textcoords="offset points", ha="center")
    ax.set(xlabel="state $y$", ylabel=r"$1 - M'(y)$")
    ax.legend(loc="lower right")
    return ax


def plot_trade_off(w: ArrayLike, ax: Axes | None = None, *, marks: tuple[float, ...] = ()) -> Axes:
    """Draw half-life against noise margin, one point a weight, with the law as w -> 1+."""
    ax = axes(ax)
    w = np.asarray(w, dtype=float)
    h = formulas.formula("h_star")(w)
    ax.loglog(h, _half_lives(w), color=GRADIENT, label="every $w$")
    near = w[w < 1.5]
    law = formulas.formula("half_life_near_one")(near)
    ax.loglog(
        formulas.formula("h_star_near_one")(near),
        law,
        "--",
        color=GREY,
        label=r"law as $w \to 1^+$",
    )
    for mark in marks:
        place = (h_star(mark), float(_half_lives(np.array([mark]))[0]))
        ax.plot(*place, "o", color=GRADIENT, ms=7)
        ax.annotate(f"$w={mark:g}$", place, xytext=(6, 4), textcoords="offset points")
    ax.set(
        xlabel="noise margin $h^*$ (largest input borne)",
        ylabel="half-life of the gradient (steps)",
    )
    ax.legend(loc="lower left")
    return ax


def _half_lives(w: np.ndarray) -> np.ndarray:
    slopes = np.array([fixed_points(value)[-1].slope for value in w])
    return formulas.formula("half_life")(slopes)


def plot_timeline(
    states: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    levels: Mapping[str, float] | None = None,
    colour: str | None = None,
) -> Axes:
    """Draw states over time, labelled, with named horizontal levels.

    Without `colour` each state has its own.
    """
    ax = axes(ax)
    for (label, a), own, line, _ in styled("states", states.items()):
        ax.plot(np.asarray(a), line, color=colour or own, label=label)
    for label, level in (levels or {}).items():
        ax.axhline(level, color=GREY, lw=1, ls="--")
        ax.annotate(
            label,
            (1.0, level),
            xycoords=("axes fraction", "data"),
            xytext=(-2, 3),
            textcoords="offset points",
            ha="right",
            color=GREY,
        )
    ax.set(xlabel="time $t$ (steps)", ylabel="state $a_t$")
    ax.legend(loc="best")
    return ax


def plot_gradient(
    logs: Mapping[str, ArrayLike], ax: Axes | None = None, *, colour: str | None = None
) -> Axes:
    """Draw |da_t/da_0| over time on a log scale, from natural logarithms.

    Without `colour` each curve has its own.
    """
    ax = axes(ax)
    for (label, log), own, line, _ in styled("logs", logs.items()):
        ax.plot(np.asarray(log) / np.log(10.0), line, color=colour or own, label=label)
    ax.set(xlabel="time $t$ (steps)", ylabel=r"$\log_{10} |\partial a_t / \partial a_0|$")
    ax.legend(loc="lower left")
    return ax


def plot_gradient_reach(gradients: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw |dC/dh_t| against the steps between t and the end, on a log scale."""
    ax = axes(ax)
    for (label, gradient), colour, line, _ in styled("gradients", gradients.items()):
        size = np.abs(np.asarray(gradient))
        ax.semilogy(np.arange(len(size))[::-1], size, line, color=colour, label=label)
    ax.set(xlabel="steps before the end, $T - t$", ylabel=r"$|\partial C / \partial h_t|$")
    ax.legend(loc="lower left")
    return ax


def plot_sequences(
    values: Mapping[str, ArrayLike],
    L: int,
    ax: Axes | None = None,
    *,
    ylabel: str,
    levels: tuple[float, ...] = (),
) -> Axes:
    """Draw inputs or outputs at t = 1 ... T, labelled; the trainable steps t <= L are shaded."""
    ax = axes(ax)
    ax.axvspan(0.5, L + 0.5, color=GREY, alpha=0.2, lw=0, label="trainable inputs")
    for level in levels:
        ax.axhline(level, color=GREY, lw=1, ls="--")
    for (label, value), colour, line, mark in styled("values", values.items()):
        value = np.asarray(value)
        ax.plot(
            np.arange(1, len(value) + 1), value, line, marker=mark, ms=4, color=colour, label=label
        )
    ax.locator_params(axis="x", integer=True)
    ax.set(xlabel="time $t$ (steps)", ylabel=ylabel)
    ax.legend(loc="best", fontsize=9)
    return ax
