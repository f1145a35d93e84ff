"""What the chapter another-clock asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, log, log1p

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import GREY, axes, styled
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS
from latchlib.leak import LeakyUnit
from latchlib.maps import orbit
from latchlib.neuron import attractor_pair, h_star

n, x, z = (SYMBOLS[name] for name in "n x z".split())

PREDICTION = Prediction(
    "A latch is slowed down: at each step it keeps 19/20 of its state and takes 1/20 of what is "
    "new. At rest its gradient now takes at least twenty times as many steps to halve. What "
    "happens to the largest constant input that it withstands without losing its bit?",
    (
        Choice(
            "It grows about twentyfold, because a step of input now moves the state only 1/20 as "
            "far.",
            "Each step does less, but the input has all the time in the world. What counts is "
            "where the state comes to rest under it.",
        ),
        Choice(
            "It stays what it was, to the last digit.",
            "The state rests where the new value equals the old one. How much of the new value is "
            "taken at each step does not matter.",
            right=True,
        ),
        Choice(
            "It shrinks about twentyfold: that is the price of a safe bit.",
            "That price is for what is added to the state. This input goes through the leak, and "
            "is slowed down with everything else.",
        ),
    ),
)

DRILL = Drill(
    Task(
        "At rest the latch has the slope {x}. What is the slope with a leak of {z}?",
        of("leaky_slope"),
        {"x": Range(0.3, 0.7, 0.05), "z": Range(0.05, 0.3, 0.05)},
        "It is 1 − z(1 − λ): what is kept, plus what the new part passes on.",
        {
            "That is what is kept. The new part depends on the state too.": 1 - z,
            "That is the new part alone. Most of the state is kept.": z * x,
            "That keeps z and renews the rest. It is the other way round.": 1 - (1 - z) * (1 - x),
        },
    ),
    Task(
        "A unit rests at −{x}, and its leak is {z}. Whatever the input, how many steps does it "
        "take at least to bring it to 0? (There is no need to round.)",
        of("least_write_steps"),
        {"x": Range(0.5, 0.95, 0.05), "z": Range(0.05, 0.4, 0.05)},
        "At best each step multiplies the distance from 1 by 1 − z, so (1 − z)ⁿ (1 + x₊) ≤ 1.",
        {
            "That is how long 1 − z takes to halve something. Start 1 + x₊ away from 1.": (
                -sp.log(2) / sp.log(1 - z)
            ),
            "That goes at the pace z all the way. Only near 0 is a step as short as that.": x / z,
        },
    ),
)

EXERCISES = {
    "ex-leak-for-a-hundred": Exercise(
        expected=lambda: (1 - 2 ** (-1 / 100)) / (1 - 0.9),
        why="The slope must be the hundredth root of 1/2, and 1 minus it is z (1 - 0.9).",
        slips={
            "That would be right if the new part did not depend on the state.": (
                lambda: 1 - 2 ** (-1 / 100)
            ),
            "A leak of 1/100 stretches the half-life of the latch by more than is needed.": (
                lambda: 0.01
            ),
        },
    ),
    "ex-leak-strong-push": Exercise(
        expected=lambda: sp.Integer(ceil(log(1.9) / -log1p(-0.05))),
        why="0.95 to the power n must fall to 1/1.9.",
        slips={
            "That is 1/z. The state need not come all the way.": lambda: sp.Integer(20),
            "After that many steps it has not quite reached 0.": lambda: sp.Integer(
                ceil(log(1.9) / -log1p(-0.05)) - 1
            ),
        },
    ),
    "ex-leak-added-noise": Exercise(
        expected=lambda: 0.1 * h_star(2.0) / 2,
        why="Noise that is added to the state is not slowed down, but the unit's pull back is "
        "scaled by z.",
        slips={
            "That is the margin for an input inside the tanh.": lambda: h_star(2.0),
            "Divide by w too: the state is an output, w times smaller than the net input.": (
                lambda: 0.1 * h_star(2.0)
            ),
        },
    ),
    "ex-leak-delays": Exercise(
        expected=lambda: 8 * log(2) / -log(0.5),
        why="The slope per step is at most the eighth root of 1/2.",
        slips={
            "That is the half-life without the delays.": lambda: 1.0,
            "Take the eighth root of the slope instead of dividing it by eight.": lambda: (
                log(2) / -log(0.5 / 8)
            ),
        },
    ),
}

# --- pictures ----------------------------------------------------------------------------

#: Leaks that are shown beside each other.
SPEEDS = (1.0, 0.3, 0.1)


def plot_three_clocks(w: float, h: float, *, stretched: bool, ax: Axes | None = None) -> Axes:
    """Draw a bit that is written at three speeds: against the step, or against z times it."""
    ax = axes(ax)
    start = np.tanh(attractor_pair(w)[0].a)
    for (z, colour, line, mark), last in zip(styled("leaks", SPEEDS), (12, 40, 80), strict=True):
        steps = np.arange(last + 1)
        states = orbit(LeakyUnit(w, z), [start], last, h)[:, 0, 0]
        times = z * steps if stretched else steps
        shown = {
            "color": colour,
            "ls": line,
            "marker": mark,
            "ms": 4,
            "markevery": max(1, last // 12),
        }
        ax.plot(times, states, label=f"$z = {z:g}$", **shown)
    ax.axhline(0.0, color=GREY, lw=1)
    ax.set(xlabel="$z\\,t$" if stretched else "step $t$", ylabel="state $x_t$")
    ax.set_xlim(-0.3 if stretched else -3.0, 6.0 if stretched else 60.0)
    ax.legend(loc="lower right")
    return ax


def plot_flip_times(
    times: Mapping[float, ArrayLike],
    leaks: ArrayLike,
    exponents: Mapping[float, float],
    ax: Axes | None = None,
) -> Axes:
    """Draw the mean time to flip against 1/z for each noise, and the slope that V gives it."""
    ax = axes(ax)
    inverse = 1.0 / np.asarray(leaks, float)
    for (sigma, colour, _, mark), found in zip(styled("times", times), times.values(), strict=True):
        ax.semilogy(inverse, found, mark, color=colour, label=rf"$\sigma = {sigma:g}$")
        line = np.asarray(found)[-1] * np.exp(exponents[sigma] * (inverse - inverse[-1]))
        ax.semilogy(inverse, line, "--", color=colour, lw=1.5)
    ax.set(xlabel="$1/z$", ylabel="mean time to flip (steps)")
    ax.legend(loc="upper left")
    return ax
