"""What the chapter contracting-maps asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, log, tanh

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, COLOURS, GREY, LINES, VERMILLION, axes
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS, formula
from latchlib.neuron import fixed_points

a, w = (SYMBOLS[name] for name in "a w".split())


def _slope(a: float) -> float:
    return float(formula("slope")(a, 2.0))


def _steps(factor: float, start: float = 2.5, wanted: float = 1e-6) -> int:
    return ceil(log(wanted / (start - fixed_points(2.0)[-1].a)) / log(factor))


def _prediction() -> Prediction:
    def promised(slope: float) -> int:
        return ceil(log(1e-3) / log(slope))

    rest, near, mean = fixed_points(2.0)[-1].slope, _slope(1.0), tanh(3.0) - tanh(1.0)
    return Prediction(
        "After how many steps does the theorem promise that they are within 0.001?",
        (
            Choice(
                f"{promised(rest)}, by the slope {rest:.2f} at a₊.",
                "That is how fast pairs near a₊ approach each other. But the promise is for every "
                "pair in [1, 3], and near 1 the slope is larger.",
            ),
            Choice(
                f"{promised(mean)}, by the mean slope {mean:.2f} on [1, 3].",
                "A pair may lie where the slope is above its mean, and one factor has to serve "
                "all pairs.",
            ),
            Choice(
                f"{promised(near)}, by the slope {near:.2f} at 1.",
                "One factor has to serve every pair, so it is the largest slope. The promise is "
                "cautious: soon both states are near a₊, where the factor per step is five times "
                "smaller.",
                right=True,
            ),
            Choice(
                "Nothing: towards a* the slope comes as close to 1 as you like.",
                "It does, but a* = 0.88 is not in [1, 3]. On a closed interval beyond a* there is "
                "a largest slope, and it is below 1.",
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "The latch has the weight w = {w}. What is the smallest α with which it contracts on the "
        "states from {a} upwards?",
        of("slope"),
        {"a": Range(1.2, 2.0, 0.1), "w": Range(1.5, 2.5, 0.1)},
        "The slope falls with the distance from 0, so it is largest at the near end: w/cosh² a.",
        {
            "cosh is squared.": w / sp.cosh(a),
            "The slope of tanh is 1 − tanh² a, not 1 − tanh a.": w * (1 - sp.tanh(a)),
            "You left out the factor w.": of("slope", w=1),
        },
    ),
    Task(
        "A map contracts with α = {x}. After how many steps is the distance to the fixed point "
        "sure to be at most {mu} of what it was?",
        sp.ceiling(of("steps_gained")),
        {"mu": Range(0.001, 0.006, 0.001), "x": Range(0.3, 0.9, 0.05)},
        "αᵗ must fall to {mu}: take the ratio of the logarithms and round up.",
        {
            "Steps are whole numbers. Round up.": of("steps_gained"),
            "With one step fewer the distance may still be larger.": sp.floor(of("steps_gained")),
        },
        tolerance=1e-6,
    ),
)

EXERCISES = {
    "ex-factor-of-interval": Exercise(
        expected=lambda: _slope(1.2),
        why="The slope falls with the distance from 0, so it is largest at the near end.",
        slips={
            "That is the slope at the far end, where it is smallest.": lambda: _slope(2.5),
            "That is the slope at a+. The factor must hold on the whole interval.": lambda: _slope(
                fixed_points(2.0)[-1].a
            ),
        },
    ),
    "ex-half-the-distance": Exercise(
        expected=lambda: sp.acosh(sp.sqrt(2 * w)),
        why="It lies beyond a*, where the slope is 1, and makes sense for every w >= 1/2.",
        slips={
            "There the slope is 1, not 1/2.": lambda: of("a_star"),
            "cosh is squared: take the root of 2w.": lambda: sp.acosh(2 * w),
        },
    ),
    "ex-steps-to-accuracy": Exercise(
        expected=lambda: _steps(_slope(1.2)),
        why="The neuron itself needs fewer, since near a+ its slope is smaller than alpha.",
        slips={
            "That is the rate at a+. The guarantee must use the factor of the interval.": lambda: (
                _steps(_slope(fixed_points(2.0)[-1].a))
            ),
        },
        tolerance=1e-6,
    ),
    "ex-which-norm": Exercise(
        expected=lambda: "1",
        why="The column sums are 0.9. The largest row sum is 1.8, and the Euclidean norm is 0.9 "
        "sqrt(2).",
        slips={
            "The maximum norm of a matrix is its largest row sum, here 1.8.": lambda: "inf",
            "The Euclidean norm is 0.9 sqrt(2), above 1.": lambda: "2",
        },
        choices=("1", "2", "inf", "none"),
    ),
    "ex-no-fixed-point": Exercise(
        expected=lambda: 50,
        why="The orbit of 0 is sqrt(t), and its steps tend to 0 although it has no limit. A short "
        "step is no sign of a fixed point.",
        slips={
            "That is the number of steps. The state is its root.": lambda: 50**2,
            "The step from sqrt(t) is about 1/(2 sqrt(t)), not 1/sqrt(t).": lambda: 100,
        },
    ),
}

# --- pictures ----------------------------------------------------------------------------


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
