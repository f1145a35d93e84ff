"""What the chapter other-gradients asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, COLOURS, GREY, MARKS, VERMILLION, axes
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS

d, g, x = (SYMBOLS[name] for name in "dgx")

PREDICTION = Prediction(
    "Where does the gradient of a large random network turn from vanishing to exploding, and how "
    "does it grow just beyond?",
    (
        Choice(
            "At g = 1, and like gᵗ on both sides.",
            "Below the edge it does. Beyond the edge the states grow, and where they are large "
            "the slopes are small, which takes back almost all of the gain.",
        ),
        Choice(
            "At g = 1; just beyond, the rate is only ⅔ (g − 1)².",
            "Near 0 a step stretches by g. But as the states grow away from 0, their slopes fall "
            "below 1, and to first order this cancels the gain.",
            right=True,
        ),
        Choice(
            "At g = 2, because a weight of the latch must exceed 1 as well.",
            "The spectral radius of a large random matrix is g, so the state of rest loses its "
            "stability at 1.",
        ),
    ),
)

DRILL = Drill(
    Task(
        "A large random network has the gain {g}. By mean-field theory, what is its largest "
        "exponent just beyond the edge?",
        of("edge_of_chaos"),
        {"g": Range(1.06, 1.34, 0.02)},
        "It is ⅔ (g − 1)², of second order.",
        {
            "That is the rate at rest, before the states have grown.": sp.log(g),
            "That is of first order. The falling slopes take it back.": g - 1,
        },
    ),
    Task(
        "The Jacobian of two units has determinant {d}, and its larger singular value is {x}. "
        "What is the other?",
        d / x,
        {"d": Range(0.1, 0.9, 0.1), "x": Range(1.2, 3.0, 0.3)},
        "Their product is the size of the determinant.",
        {"Divide the determinant by the singular value that you know.": x / d},
    ),
)

EXERCISES = {
    "ex-other-axis": Exercise(
        expected=lambda: sp.Rational(1, 4),
        why="The product of the two is 1/2.",
        slips={
            "Divide the determinant by the singular value that is given.": lambda: sp.Integer(4)
        },
    ),
    "ex-below-the-edge": Exercise(
        expected=lambda: 1 + sp.sqrt(-sp.Rational(3, 2) * sp.log(sp.Rational(99, 100))),
        why="One per cent below the edge is as fast as twelve per cent beyond it.",
        slips={
            "That would do if the rate were ln g beyond the edge too.": lambda: sp.Rational(
                100, 99
            ),
            "That is the distance from the edge. The question asks for the gain.": lambda: sp.sqrt(
                -sp.Rational(3, 2) * sp.log(sp.Rational(99, 100))
            ),
        },
    ),
    "ex-beyond-the-edge": Exercise(
        expected=lambda: 150 * sp.log(2),
        why="The rate is 0.02/3 per step.",
        slips={
            "That uses the rate ln g, as at rest.": lambda: sp.log(2) / sp.log(sp.Rational(11, 10)),
            "That is the time to grow by a factor of e.": lambda: sp.Integer(150),
        },
    ),
}

# --- pictures ----------------------------------------------------------------------------


def plot_drops(
    paths: Mapping[str, ArrayLike], times: Sequence[int], ax: Axes | None = None, *, reach: float
) -> Axes:
    """Draw clouds of states, shape (time, unit, state), a row each, at some times, a column each.

    Each is seen from its middle, its longest axes across and upwards, in a field of +-`reach`.
    """
    ax = axes(ax)
    for row, path in enumerate(paths.values()):
        for column, time in enumerate(times):
            cloud = np.asarray(path)[time]
            cloud = cloud - cloud.mean(axis=1, keepdims=True)
            across, upwards = np.linalg.svd(cloud, full_matrices=False)[0].T[:2] @ cloud
            # An axis has no direction of its own.
            across = across * np.sign((across**3).sum())
            ax.plot(
                column + across / reach / 2, -row + upwards / reach / 2,
                MARKS[row], color=COLOURS[row], ms=2, mew=0,
            )  # fmt: skip
    ax.set(xlabel="time $t$ (steps)", ylabel="network", aspect="equal")
    ax.set(xlim=(-0.5, len(times) - 0.5), ylim=(0.5 - len(paths), 0.5))
    ax.set_xticks(range(len(times)), [str(time) for time in times])
    ax.set_yticks([-row for row in range(len(paths))], list(paths))
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
