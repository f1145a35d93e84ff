"""What the chapter latch-neuron asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from latchbook.figures.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    VERMILLION,
    axes,
    styled,
)
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, decimals, of
from latchlib import formulas
from latchlib.formulas import SYMBOLS
from latchlib.neuron import a_star, fixed_points, h_star, half_life

a, x = (SYMBOLS[name] for name in "a x".split())


def _weight_of_half_life(steps: float) -> float:
    # One root: the half-life falls as w grows, which the chapter proves.
    return brentq(lambda w: half_life(w) - steps, 1.0 + 1e-9, 5.0, xtol=1e-15)


def _weight_of_margin(margin: float) -> float:
    return brentq(lambda w: h_star(w) - margin, 1.01, 10.0, xtol=1e-15)


def _prediction() -> Prediction:
    start, rest = fixed_points(2.0)[0].a, fixed_points(2.0, 0.5)[0].a
    way = f"from {decimals(start)} to {decimals(rest)}"
    threshold = f"h*(2) = {h_star(2.0):.3f}"
    return Prediction(
        f"With w = 2, does a constant input of 0.5 carry the state from {decimals(start)} to the "
        "positive side?",
        (
            Choice(
                "Yes, in a few steps. 0.5 is added at every one of them.",
                "It is added, but each time the map pulls the state back. "
                f"The state rises {way} and stays there.",
            ),
            Choice(
                "Yes, but it takes many steps.",
                f"That happens just above the threshold {threshold}, for instance with 0.54. At "
                f"0.5 the state rises {way}, where it meets a fixed point.",
            ),
            Choice(
                "No. It rises a little, and stays on the negative side.",
                f"The threshold is {threshold}. The state rises {way}, and there it stays.",
                right=True,
            ),
            Choice(
                "No. An input does not move an attractor.",
                f"The answer is no, but not for that reason. The attractor does move, {way}. Above "
                f"the threshold {threshold} it is gone.",
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "A latch neuron has the weight w = {w} and sits at its negative attractor. How large must "
        "a constant input be to flip it?",
        of("h_star"),
        {"w": Range(1.2, 4.0, 0.1)},
        "h* is √(w (w − 1)) − arcosh √w.",
        {
            "That is a*, where the slope is 1. The threshold is M(a*) − a*.": of("a_star"),
            "That is M(a*). Subtract a*.": of("h_star") + of("a_star"),
        },
    ),
    Task(
        "Without input, a latch neuron has its positive attractor at a₊ = {a}. What is its weight?",
        of("w_of_fixed_point"),
        {"a": Range(1.1, 3.0, 0.1)},
        "At the attractor a₊ = w tanh a₊, so w is a₊/tanh a₊.",
        {
            "Divide a₊ by tanh a₊, not the other way round.": 1 / of("w_of_fixed_point"),
            "That is the slope at the attractor.": of("slope_at_fixed_point"),
            "That is the output there.": sp.tanh(a),
        },
    ),
    Task(
        "At the attractor the slope is M′(a₊) = {x}. In how many steps does the gradient halve? "
        "Fractions of a step count.",
        of("half_life"),
        {"x": Range(0.55, 0.95, 0.05)},
        "After t steps M′(a₊)ᵗ is left, and t = −ln 2/ln M′(a₊) makes that one half.",
        {
            "The sign is wrong: the logarithm of the slope is negative.": -of("half_life"),
            "That would be right if each step took away as much as the first. It takes away a "
            "share of what is left.": 1 / (2 * (1 - x)),
        },
    ),
)

EXERCISES = {
    "ex-threshold-at-two": Exercise(
        expected=lambda: of("h_star", w=2),
        why="It is sqrt(2) - ln(1 + sqrt(2)), about 0.5328.",
        slips={
            "That is a*, where the slope is 1. The threshold is M(a*) - a*.": lambda: of(
                "a_star", w=2
            ),
            "That is the slope of h* at w = 2. The question asks for h* itself.": lambda: of(
                "h_star_derivative", w=2
            ),
            "The sign is wrong: the input must lift the lower branch, so h* > 0.": lambda: (
                -of("h_star", w=2)
            ),
        },
    ),
    "ex-half-slope": Exercise(
        expected=lambda: 2,
        why="1/f'(0) = 2, since the derivative of tanh(a/2) at 0 is 1/2.",
        slips={
            "That is 1/f'(0) for f = tanh. Here f(a) = tanh(a/2).": lambda: 1,
            "That is f'(0). The weight must exceed its reciprocal.": lambda: sp.Rational(1, 2),
        },
    ),
    "ex-one-push": Exercise(
        expected=lambda: fixed_points(2.0)[-1].a,
        why="M(-a+) = -a+, so a push larger than a+ carries the state over 0 in one step.",
        slips={
            "h* is enough only for an input that lasts. Here the next is 0.": lambda: h_star(2.0),
            "It need not reach a+: the basin of a+ begins at 0.": lambda: (
                2 * fixed_points(2.0)[-1].a
            ),
        },
    ),
    "ex-ten-steps": Exercise(
        expected=lambda: _weight_of_half_life(10.0),
        why="A memory of the gradient that long leaves a noise margin below 0.005.",
        slips={
            "That is the law w = 1 + ln 2/20: close, but not the exact weight.": lambda: (
                1 + np.log(2) / 20
            ),
        },
        tolerance=1e-4,
    ),
    "ex-margin-design": Exercise(
        expected=lambda: half_life(_weight_of_margin(0.5)),
        why="To withstand inputs up to 0.5 costs a gradient that more than halves at every step.",
        slips={
            "That is the weight. The question asks for the half-life at that weight.": lambda: (
                _weight_of_margin(0.5)
            ),
        },
    ),
}

# --- pictures ----------------------------------------------------------------------------


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
