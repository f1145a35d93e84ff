"""Figures of Part I: the neuron, the minimal task, and learning to latch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    VERMILLION,
    axes,
    styled,
)
from latchlib import formulas
from latchlib.attractors import a_star, fixed_points, h_star

__all__ = [
    "plot_area",
    "plot_cost",
    "plot_density",
    "plot_frequency",
    "plot_gradient",
    "plot_gradient_reach",
    "plot_map",
    "plot_maps",
    "plot_sequences",
    "plot_sets",
    "plot_spread",
    "plot_threshold",
    "plot_timeline",
    "plot_trade_off",
    "plot_transit",
    "plot_truncation",
    "plot_weights",
]


def _fixed_point_marks(ax: Axes, w: float, h: float) -> None:
    for point in fixed_points(w, h):
        face = BLUE if point.stable else "white"
        ax.plot(point.a, point.a, "o", color=BLUE, mfc=face, ms=8, zorder=5)


def plot_map(w: float, h: float = 0.0, ax: Axes | None = None, *, reach: float = 3.0) -> Axes:
    """Draw the map a -> w tanh a + h with the diagonal and its fixed points.

    Filled dots are stable, open dots unstable; dashed lines stand at +-a* when w > 1.
    """
    ax = axes(ax)
    a = np.linspace(-reach, reach, 301)
    ax.plot(a, a, color=GREY, lw=1, label="next state = state")
    ax.plot(a, formulas.formula("step")(a, w, h), color=BLUE, label=f"$M(a)$, $w={w:g}$")
    if w > 1.0:
        for edge in (-a_star(w), a_star(w)):
            ax.axvline(edge, color=VERMILLION, ls="--", lw=1.2)
        ax.plot([], [], color=VERMILLION, ls="--", lw=1.2, label=r"$\pm a^*$")
    _fixed_point_marks(ax, w, h)
    ax.set(xlabel="state $a_{t-1}$", ylabel="next state $a_t$", xlim=(-reach, reach))
    ax.legend(loc="upper left")
    return ax


def plot_maps(w: float, inputs: Mapping[str, float], ax: Axes | None = None) -> Axes:
    """Draw the map for several constant inputs, labelled, near the lower attractor."""
    ax = axes(ax)
    a = np.linspace(-3.0, 3.0, 301)
    ax.plot(a, a, color=GREY, lw=1)
    for (label, h), colour, line, _ in styled("inputs", inputs.items()):
        ax.plot(a, formulas.formula("step")(a, w, h), line, color=colour, label=label)
    ax.plot(-a_star(w), -a_star(w), "s", color=GREY, ms=7, zorder=5, label="double root at $-a^*$")
    ax.set(xlabel="state $a_{t-1}$", ylabel="next state $a_t$", xlim=(-3, 3), ylim=(-3, 3))
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
    ax.plot(y, 1.0 - slope(y, w), color=BLUE, label=r"$1 - M'(y)$")
    ax.fill_between(
        inside,
        1.0 - slope(inside, w),
        color=ORANGE,
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


def plot_threshold(ax: Axes | None = None, *, w_max: float = 3.0) -> Axes:
    """Draw h*(w) with its law near w = 1."""
    ax = axes(ax)
    w = np.linspace(1.0, w_max, 301)
    ax.plot(w, formulas.formula("h_star")(w), color=BLUE, label="$h^*(w)$")
    near = w[w <= 2.0]
    ax.plot(
        near,
        formulas.formula("h_star_near_one")(near),
        "--",
        color=VERMILLION,
        label=r"$\frac{2}{3}(w-1)^{3/2}$",
    )
    ax.set(xlabel="weight $w$", ylabel="noise margin $h^*$", ylim=(0, None))
    ax.legend(loc="upper left")
    return ax


def plot_transit(
    excess: ArrayLike, measured: ArrayLike, predicted: ArrayLike, ax: Axes | None = None
) -> Axes:
    """Draw counted and predicted transit times against h - h*, both axes logarithmic."""
    ax = axes(ax)
    ax.loglog(excess, predicted, color=VERMILLION, label="law")
    ax.loglog(excess, measured, "o", color=BLUE, ms=6, label="counted")
    ax.set(xlabel="input above threshold, $h - h^*$", ylabel="transit time $L_1$ (steps)")
    ax.legend()
    return ax


def plot_sets(w: float, ax: Axes | None = None) -> Axes:
    """Draw M' over the state, with the basin and the reduced attracting set of a+ as bars."""
    ax = axes(ax)
    top = fixed_points(w)[-1].a
    reach = 1.4 * top
    a = np.linspace(-0.4 * top, reach, 301)
    ax.plot(a, formulas.formula("slope")(a, w), color=BLUE, label="$M'(a)$")
    ax.axhline(1.0, color=GREY, lw=1)
    bars = (
        (0.0, -0.12 * w, ORANGE, "", r"basin $\beta(X_+)$"),
        (a_star(w), -0.26 * w, GREEN, "//", r"reduced attracting set $\Gamma(X_+)$"),
    )
    for start, low, colour, hatch, label in bars:
        ax.broken_barh(
            [(start, reach - start)],
            (low, 0.09 * w),
            facecolor=colour,
            hatch=hatch,
            edgecolor="white",
            lw=0,
            label=label,
        )
    for place, text in ((0.0, "0"), (a_star(w), "$a^*$"), (top, "$a_+$")):
        ax.plot([place, place], [-0.26 * w, 1.0], color=GREY, lw=1, ls="--")
        ax.annotate(text, (place, 1.0), xytext=(4, 4), textcoords="offset points")
    ax.set(xlabel="state $a$", ylabel="slope $M'(a)$", xlim=(a[0], reach))
    ax.legend(loc="upper right")
    return ax


def plot_trade_off(w: ArrayLike, ax: Axes | None = None, *, marks: tuple[float, ...] = ()) -> Axes:
    """Draw half-life against noise margin, one point a weight, with the law as w -> 1+."""
    ax = axes(ax)
    w = np.asarray(w, dtype=float)
    h = formulas.formula("h_star")(w)
    ax.loglog(h, _half_lives(w), color=BLUE, label="every $w$")
    near = w[w < 1.5]
    law = formulas.formula("half_life_near_one")(near)
    ax.loglog(
        formulas.formula("h_star_near_one")(near),
        law,
        "--",
        color=VERMILLION,
        label=r"law as $w \to 1^+$",
    )
    for mark in marks:
        place = (h_star(mark), float(_half_lives(np.array([mark]))[0]))
        ax.plot(*place, "o", color=BLUE, ms=7)
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
) -> Axes:
    """Draw states over time, labelled, with named horizontal levels."""
    ax = axes(ax)
    for (label, a), colour, line, _ in styled("states", states.items()):
        ax.plot(np.asarray(a), line, color=colour, label=label)
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


def plot_gradient(logs: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw |da_t/da_0| over time on a log scale, from natural logarithms."""
    ax = axes(ax)
    for (label, log), colour, line, _ in styled("logs", logs.items()):
        ax.plot(np.asarray(log) / np.log(10.0), line, color=colour, label=label)
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


def plot_density(table: pd.DataFrame, ax: Axes | None = None, *, reading: str, runs: int) -> Axes:
    """Draw Fig. 2a: how often runs learn, over initial weight and noise; light is often.

    The line is where the noise's standard deviation equals the margin h*(w0).
    """
    ax = axes(ax)
    part = table[(table["reading"] == reading) & (table["runs"] == runs)]
    grid = part.pivot(index="s", columns="w0", values="frequency")
    image = ax.pcolormesh(
        np.arange(grid.shape[1] + 1),
        np.arange(grid.shape[0] + 1),
        grid.to_numpy(),
        cmap="cividis",
        vmin=0.0,
        vmax=1.0,
        edgecolors="white",
        linewidth=0.3,
    )
    # The noise levels are not evenly spaced, so the axis counts rows and names their values.
    w0, s = grid.columns.to_numpy(), grid.index.to_numpy()
    fine = np.linspace(1.0, w0[-1], 200)
    margin = formulas.formula("h_star")(fine)
    level = margin**2 if reading == "variance" else margin
    inside = level <= s[-1]
    ax.plot(
        np.interp(fine[inside], w0, np.arange(len(w0)) + 0.5),
        np.interp(level[inside], s, np.arange(len(s)) + 0.5),
        color="white",
        lw=3.5,
    )
    ax.plot(
        np.interp(fine[inside], w0, np.arange(len(w0)) + 0.5),
        np.interp(level[inside], s, np.arange(len(s)) + 0.5),
        color=VERMILLION,
        lw=2,
        label=r"$\sigma = h^*(w_0)$",
    )
    ax.set_xticks(np.arange(len(w0))[1::2] + 0.5, [f"{v:g}" for v in w0[1::2]])
    ax.set_yticks(np.arange(len(s)) + 0.5, [f"{v:g}" for v in s])
    ax.set(xlabel="initial weight $w_0$", ylabel=f"$s$, read as {reading}")
    ax.set_title(f"{runs} runs per point")
    ax.legend(loc="upper left", frameon=True)
    ax.figure.colorbar(image, ax=ax, label="fraction that learned")
    return ax


def plot_frequency(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw Fig. 2b: how often runs learn against T, with 95 % intervals, for every reading."""
    ax = axes(ax)
    most = table["runs"].max()
    for reading, colour, line, _ in styled("table", table["reading"].unique()):
        for runs, part in table[table["reading"] == reading].groupby("runs"):
            style = {"color": colour, "capsize": 2}
            if runs == most:
                style |= {"ls": line, "marker": "o", "ms": 4, "label": f"{reading}, {runs} runs"}
            else:
                style |= {
                    "ls": "",
                    "marker": "x",
                    "ms": 6,
                    "alpha": 0.55,
                    "lw": 1,
                    "label": f"{reading}, {runs} runs",
                }
            below, above = part["frequency"] - part["low"], part["high"] - part["frequency"]
            ax.errorbar(part["T"], part["frequency"], yerr=[below, above], **style)
    ax.set(xlabel="sequence length $T$", ylabel="fraction that learned", ylim=(-0.02, 1.02))
    ax.legend(fontsize=9)
    return ax


def plot_weights(
    weights: ArrayLike, learned: ArrayLike, ax: Axes | None = None, *, per_row: int
) -> Axes:
    """Draw weights during training; solid for runs that learned, dashed for the others.

    `weights` is (rows, run); `per_row` sequences lie between two rows.
    """
    ax = axes(ax)
    weights, learned = np.asarray(weights), np.asarray(learned)
    sequences = per_row * np.arange(len(weights))
    for done, colour, line, label in (
        (True, BLUE, "-", "learned"),
        (False, VERMILLION, "--", "did not learn"),
    ):
        for number, column in enumerate(weights[:, learned == done].T):
            # A run that has learned stops: draw its weight only as long as it changes.
            last = np.flatnonzero(np.diff(column))
            end = last[-1] + 2 if last.size else 1
            ax.plot(
                sequences[:end],
                column[:end],
                line,
                color=colour,
                label=label if number == 0 else None,
            )
            if done:
                ax.plot(sequences[end - 1], column[end - 1], "o", color=colour, ms=6)
    ax.axhline(1.0, color=GREY, lw=1)
    ax.set(xlabel="sequences presented", ylabel="weight $w$")
    ax.legend()
    return ax


def plot_spread(
    times: ArrayLike,
    measured: Mapping[str, ArrayLike],
    law: Mapping[str, ArrayLike],
    ax: Axes | None = None,
) -> Axes:
    """Draw measured standard deviations of a state over time as dots, their laws as lines.

    Both mappings have the same labels.
    """
    ax = axes(ax)
    for (label, spread), colour, line, mark in styled("measured", measured.items()):
        ax.loglog(times, law[label], line, color=colour, label=label)
        ax.loglog(times, spread, mark, color=colour, ms=6)
    ax.set(xlabel="time $t$ (steps)", ylabel="standard deviation of $a_t$")
    ax.legend(loc="upper left")
    return ax


def plot_truncation(kept: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw the weight gradient of the last k steps, as a multiple of the whole, against k."""
    ax = axes(ax)
    for (label, ratio), colour, line, _ in styled("kept", kept.items()):
        ax.plot(np.arange(1, len(ratio) + 1), ratio, line, color=colour, label=label)
    for level in (0.0, 1.0):
        ax.axhline(level, color=GREY, lw=1)
    ax.set(xlabel="steps kept, $k$", ylabel=r"truncated over full $\partial C / \partial w$")
    ax.legend(loc="best")
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
    ax.axvspan(0.5, L + 0.5, color=ORANGE, alpha=0.25, lw=0, label="trainable inputs")
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


def plot_cost(
    targets: tuple[float, ...],
    ax: Axes | None = None,
    *,
    reach: float = 4.0,
    top: float | None = None,
) -> Axes:
    """Draw the cost of one pattern over the last net input, for several targets.

    A dot marks the minimum; a target of 1 or more has none. `top` cuts the cost axis, which
    shows how a curve behaves near 0.
    """
    ax = axes(ax)
    cost = formulas.formula("cost")
    a = np.linspace(0.0, reach, 301)
    for target, colour, line, _ in styled("targets", targets):
        ax.plot(a, cost(np.tanh(a), target), line, color=colour, label=f"target $d = {target:g}$")
        if abs(target) < 1.0:
            ax.plot(np.arctanh(target), 0.0, "o", color=colour, ms=8, zorder=5)
    ax.set(xlabel="last net input $a_T$", ylabel="cost $C$")
    if top is not None:
        ax.set_ylim(-0.05 * top, top)
    ax.legend(loc="upper right")
    return ax
