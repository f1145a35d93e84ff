"""What the chapter learning-to-latch asks, and the pictures that it alone shows."""

from __future__ import annotations

from math import ceil, log10

import numpy as np
import pandas as pd
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import (
    BLUE,
    GREY,
    VERMILLION,
    axes,
    styled,
)
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of, superscript
from latchlib import formulas
from latchlib.formulas import SYMBOLS
from latchlib.neuron import fixed_points
from latchlib.objective import BLOCK
from latchlib.statistics import wilson_interval

a, delta, w = (SYMBOLS[name] for name in "a delta w".split())


def _prediction() -> Prediction:
    left = f"10{superscript(ceil(log10(0.5**17)))}"
    slope = fixed_points(2.0)[-1].slope
    return Prediction(
        "In which of the two neurons does the error at T = 20 tell the inputs at t ≤ 3 what to do?",
        (
            Choice(
                "In both. Back-propagation reaches every step.",
                "It reaches them with a product of slopes. With w₀ = 0.5 no slope is above 0.5, "
                f"and seventeen of them leave less than {left}.",
            ),
            Choice(
                "In the one with w₀ = 0.5. Its gradient cannot explode.",
                "It cannot explode, but it vanishes: seventeen steps back leave less than "
                f"{left} of it.",
            ),
            Choice(
                "In the one with w₀ = 2, and most of all once it has latched.",
                "Right neuron, wrong moment: before it latches. After that every slope is near "
                f"{slope:.2f}, and the error shrinks faster than with w₀ = 0.5.",
            ),
            Choice(
                "In the one with w₀ = 2, and only while its state is near 0.",
                "Near 0 the slope is 2, and the error grows on its way back. Once the neuron has "
                f"latched, the slope is {slope:.2f} and the error shrinks. With w₀ = 0.5 it "
                "shrinks from the start.",
                right=True,
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "The weight is w = {w}, and at time t the error is δ = {delta}. The net input one step "
        "earlier was {a}. What is the error there?",
        of("delta_step"),
        {"a": Range(0.3, 1.5, 0.1), "delta": Range(0.1, 0.9, 0.1), "w": Range(2.0, 3.0, 0.1)},
        "The error is multiplied by the slope w (1 − tanh² a).",
        {
            "You forgot the factor w.": of("delta_step", w=1),
            "You forgot the slope 1 − tanh² a.": delta * w,
            "The slope is 1 − tanh² a, not 1 − tanh a.": delta * w * (1 - sp.tanh(a)),
        },
    ),
    Task(
        "At the last step the net input is a_T = {a} and the target is d = {d}. What is the error "
        "δ_T = ∂C/∂a_T?",
        of("delta_at_end"),
        {"a": Range(-1.2, -0.4, 0.1), "d": Range(0.5, 0.9, 0.1)},
        "It is (tanh a_T − d) times the slope 1 − tanh² a_T.",
        {
            "That is ∂C/∂x_T. You still need the slope of tanh.": of(
                "cost_derivative", x=sp.tanh(a)
            ),
            "The sign is wrong: it is output minus target.": -of("delta_at_end"),
            "The output is tanh a_T, not a_T.": of("cost_derivative", x=a) * (1 - sp.tanh(a) ** 2),
        },
    ),
)

EXERCISES = {
    "ex-one-step-back": Exercise(
        expected=lambda: 0.3 * 2 * (1 - 0.5**2),
        why="The slope of the map is 2 (1 - 0.25) = 1.5, so this error grows on its way back.",
        slips={
            "You forgot the factor w.": lambda: 0.3 * (1 - 0.5**2),
            "You forgot the slope 1 - x^2 of tanh.": lambda: 0.3 * 2,
            "The slope of tanh is 1 - x^2, not 1 - x.": lambda: 0.3 * 2 * 0.5,
        },
    ),
    "ex-target-weight": Exercise(
        expected=lambda: of("w_of_fixed_point", a=sp.atanh(sp.Rational(4, 5))),
        why="It is artanh(0.8)/0.8 = ln(9)/1.6. Training without noise stops near it.",
        slips={
            "That is a+. Divide by tanh a+.": lambda: sp.atanh(sp.Rational(4, 5)),
            "That weight has a+ = 0.8. The target is for tanh a+.": lambda: of(
                "w_of_fixed_point", a=sp.Rational(4, 5)
            ),
        },
    ),
    "ex-how-many-runs": Exercise(
        expected=lambda: wilson_interval(18, 18)[0],
        why="Even a clean sweep of 18 runs leaves room for a true share near 0.82.",
        slips={"Eighteen runs cannot show certainty.": lambda: 1},
        share=True,
    ),
    "ex-criterion": Exercise(
        expected=lambda: sp.Rational(99, 100) ** (2 * BLOCK),
        why="It passes about one block in three, so given many blocks it will pass.",
        slips={"A block is 50 rounds of two sequences each.": lambda: 0.99**50},
        share=True,
    ),
}

# --- pictures ----------------------------------------------------------------------------


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
    readings = styled("table", table["reading"].unique())
    for (reading, colour, line, _), few in zip(readings, "x+12", strict=False):
        for runs, part in table[table["reading"] == reading].groupby("runs"):
            style = {"color": colour, "capsize": 2}
            if runs == most:
                style |= {"ls": line, "marker": "o", "ms": 4, "label": f"{reading}, {runs} runs"}
            else:
                style |= {
                    "ls": "",
                    "marker": few,
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
