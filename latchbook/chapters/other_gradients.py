"""What the chapter other-gradients asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, COLOURS, GREY, MARKS, VERMILLION, axes
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS, formula

g, x = SYMBOLS["g"], SYMBOLS["x"]

PREDICTION = Prediction(
    "Where does the gradient of a large random network turn, and how does it grow just beyond?",
    (
        Choice(
            "At g = 1, and like gᵗ on both sides.",
            "Below the edge it does. Beyond it the states grow, and where they are large the slopes "
            "are small, which takes back almost all of the gain.",
        ),
        Choice(
            "At g = 1; just beyond, the rate is only ⅔ (g − 1)².",
            "At rest a step stretches by g. The states that grow from rest have slopes below 1, and "
            "to first order these cancel the gain.",
            right=True,
        ),
        Choice(
            "At g = 2, because a weight of the latch must exceed 1 as well.",
            "The spectral radius of a large random matrix is g, so rest loses its stability at 1.",
        ),
    ),
)

DRILL = Drill(
    Task(
        "A large random network has the gain {g}. By mean-field theory, what is its largest "
        "exponent just beyond the edge?",
        of("edge_of_chaos"),
        {"g": Range(1.02, 1.3, 0.02)},
        "It is ⅔ (g − 1)², of second order.",
        {
            "That is the rate at rest, before the states have grown.": sp.log(g),
            "That is of first order. The slopes take it back.": g - 1,
        },
    ),
    Task(
        "The gradient of a network shrinks by the factor {x} per step. How many steps halve it?",
        of("half_life"),
        {"x": Range(0.55, 0.95, 0.05)},
        "It is ln 2 over −ln x.",
        {"That leaves out the ln 2: it is the time to fall to 1/e.": -1 / sp.log(x)},
    ),
)

EXERCISES = {
    "ex-other-axis": Exercise(
        expected=lambda: sp.Rational(1, 4),
        why="The product of both is 1/2.",
        slips={"Divide the determinant by the known one.": lambda: sp.Integer(4)},
    ),
    "ex-below-the-edge": Exercise(
        expected=lambda: float(formula("half_life")(0.9)),
        why="It is ln 2 over -ln 0.9.",
        slips={"That is the time to fall to 1/e.": lambda: -1 / float(np.log(0.9))},
    ),
    "ex-beyond-the-edge": Exercise(
        expected=lambda: 150 * sp.log(2),
        why="The rate is 0.02/3 per step.",
        slips={
            "That takes ln g for the rate, as at rest.": lambda: (
                sp.log(2) / sp.log(sp.Rational(11, 10))
            ),
            "That is the time to grow by e.": lambda: sp.Integer(150),
        },
    ),
}

# --- pictures ----------------------------------------------------------------------------


def plot_drop(path: ArrayLike, times: Sequence[int], ax: Axes | None = None) -> Axes:
    """Draw a cloud of states, shape (time, 2, state), at some times; grey is the way of one."""
    ax = axes(ax)
    path = np.asarray(path)
    ax.plot(*path[:, :, 0].T, ".", color=GREY, ms=2, alpha=0.5)
    for time, colour, mark in zip(times, COLOURS, MARKS, strict=True):
        ax.plot(*path[time], mark, color=colour, ms=2.2, mew=0)
        ax.annotate(
            f"{time}", path[time, :, 0], xytext=(7, 7), textcoords="offset points",
            fontsize=9,
        )  # fmt: skip
    ax.set(xlabel="first unit", ylabel="second unit", aspect="equal")
    ax.margins(0.2)
    return ax


def plot_edge(
    gains: ArrayLike,
    rates: ArrayLike,
    fine: ArrayLike,
    theory: Callable[[float], float],
    ax: Axes | None = None,
) -> Axes:
    """Draw exponents, shape (gain, network), against the gain, and what the theory says."""
    ax = axes(ax)
    ax.axhline(0.0, color=GREY, lw=1)
    ax.axvline(1.0, color=GREY, lw=1, ls="--")
    ax.plot(fine, [theory(gain) for gain in np.asarray(fine)], color=BLUE, label="mean-field")
    rates = np.asarray(rates)
    ax.plot(
        np.repeat(gains, rates.shape[1]), rates.ravel(), "o", color=VERMILLION, mec="black",
        mew=0.5, ms=5, label="300 units",
    )  # fmt: skip
    ax.set(xlabel="gain $g$", ylabel=r"largest exponent $\Lambda_1$")
    ax.legend(loc="lower right")
    return ax
