"""What the chapter three-conditions asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping
from math import erfc, sqrt

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import (
    GREY,
    axes,
    styled,
)
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS, formula
from latchlib.neuron import fixed_points, h_star

sigma, t, x = (SYMBOLS[name] for name in "sigma t x".split())


def _steps_of_spread(noise: sp.Expr, spread: sp.Expr) -> sp.Expr:
    return sp.solve(sp.Eq(of("walk_variance", sigma=noise), spread**2), t)[0]


def _leaky_limit(noise: sp.Expr, weight: sp.Expr) -> sp.Expr:
    return sp.limit(of("leaky_variance", sigma=noise, x=weight), t, sp.oo)


def _slope_at(a: float) -> float:
    return float(formula("slope")(a, 2.0))


def _prediction() -> Prediction:
    spread = sqrt(formula("walk_variance")(0.05, 1000))
    wrong = 100 * 0.5 * erfc(1 / spread / sqrt(2))
    margin = h_star(2.0)
    deviations = int(margin / 0.05)
    return Prediction(
        "After 1000 steps of this noise, which of the three systems still has the right sign?",
        (
            Choice(
                "All three. The noise is small compared with the start.",
                "In one step it is. But the perfect integrator adds up 1000 of them, to "
                f"{spread:.1f}, which is more than the 1 it started with, and the leaky one has "
                "long forgotten the start.",
            ),
            Choice(
                "The perfect integrator and the latch. Neither forgets anything.",
                "The perfect integrator does not forget the noise either. Its standard deviation "
                f"is {spread:.1f} by then, and the sign is wrong in about {wrong:.0f} runs of 100.",
            ),
            Choice(
                "None. In the end noise destroys everything.",
                "In the end, perhaps: Gaussian noise has no bound. But the latch withstands "
                f"{deviations} standard deviations, and a thousand draws hardly ever contain that.",
            ),
            Choice(
                "Only the latch, reliably.",
                "It is drawn back at every step, and at w = 2 it withstands inputs up to "
                f"{margin:.2f}, more than {deviations} standard deviations of the noise. The leaky "
                "integrator keeps nothing of the sign, whereas the perfect one keeps all of the "
                "noise.",
                right=True,
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "A perfect integrator, of weight 1, gets independent noise of standard deviation {sigma} "
        "at every step. What is the standard deviation of its state after {t} steps?",
        sp.sqrt(of("walk_variance")),
        {"sigma": Range(0.01, 0.09, 0.01), "t": Range(10, 100, 10)},
        "The variance grows by σ² per step, so the standard deviation is σ√t.",
        {
            "That is the variance. Take its root.": of("walk_variance"),
            "Variances add up, standard deviations do not.": sigma * t,
        },
    ),
    Task(
        "A leaky integrator of weight {x} gets independent noise of standard deviation {sigma} at "
        "every step. What is the standard deviation of its state {t} steps after a known state?",
        sp.sqrt(of("leaky_variance")),
        {
            "sigma": Range(0.1, 0.3, 0.05),
            "t": Range(5, 20, 1),
            "x": Range(0.6, 0.9, 0.05),
        },
        "The variance is σ² (1 − w²ᵗ)/(1 − w²).",
        {
            "That is the variance. Take its root.": of("leaky_variance"),
            "That is the perfect integrator. This one forgets old noise.": sp.sqrt(
                of("walk_variance")
            ),
            "Weights are squared where variances add up: w²ᵗ and w², not wᵗ and w.": sigma
            * sp.sqrt((1 - x**t) / (1 - x)),
        },
    ),
)

EXERCISES = {
    "ex-walk-steps": Exercise(
        expected=lambda: _steps_of_spread(sp.Rational(1, 20), 1),
        why="The variance grows by 0.0025 per step and is 1 after 400 of them.",
        slips={
            "Variances add up, standard deviations do not.": lambda: 1 / sp.Rational(1, 20),
        },
    ),
    "ex-leaky-floor": Exercise(
        expected=lambda: sp.sqrt(_leaky_limit(sp.Rational(1, 10), sp.Rational(9, 10))),
        why="The variance levels off at 0.01/0.19, so the noise is little more than doubled.",
        slips={
            "That is the variance. The question asks for its root.": lambda: _leaky_limit(
                sp.Rational(1, 10), sp.Rational(9, 10)
            ),
            "That is for a steady push of 0.1 in one direction. Noise partly cancels.": lambda: (
                sp.Rational(1, 10) / (1 - sp.Rational(9, 10))
            ),
        },
    ),
    "ex-which-question": Exercise(
        expected=lambda: "batch",
        why="There is one change for all sequences. How the gradient was computed does not matter.",
        slips={
            "Stochastic would be a change after each sequence.": lambda: "stochastic",
            "That says how a gradient is computed, and BPTT is not local in time.": lambda: (
                "local in time"
            ),
        },
        choices=("stochastic", "batch", "local in time"),
    ),
    "ex-rtrl-memory": Exercise(
        expected=lambda: 12**2,
        why="At T = n^2. For longer sequences BPTT keeps more.",
        slips={"RTRL carries n numbers per weight, one for each unit.": lambda: 12},
    ),
    "ex-latch-ball": Exercise(
        expected=lambda: 0.5 * (1 - _slope_at(fixed_points(2.0)[-1].a - 0.5)),
        why="It is below the threshold h*, as it must be: the ball is a coarser argument.",
        slips={
            "That is the slope at a+. In the ball it is largest at a+ - r.": lambda: (
                0.5 * (1 - _slope_at(fixed_points(2.0)[-1].a))
            ),
            "That takes the slope at the far end, where it is smallest.": lambda: (
                0.5 * (1 - _slope_at(fixed_points(2.0)[-1].a + 0.5))
            ),
        },
    ),
}

# --- pictures ----------------------------------------------------------------------------


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
