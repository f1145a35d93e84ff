"""What the chapter outside-gamma asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.basins import MARKERS
from latchbook.figures.style import (
    BLUE,
    COLOURS,
    GREY,
    LINES,
    axes,
)
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.contraction import BallOfUncertainty
from latchlib.formulas import SYMBOLS, formula
from latchlib.neuron import a_star, fixed_points

a, sigma, w = (SYMBOLS[name] for name in "a sigma w".split())

_WEIGHT = 2.0


def _climb(start: float) -> tuple[int, float]:
    """Return the steps until a_t >= a*, and the product of the slopes until then."""
    slope, step = formula("slope"), formula("step")
    count, product, state = 0, 1.0, start
    while state < a_star(_WEIGHT):
        product *= float(slope(state, _WEIGHT))
        state = float(step(state, _WEIGHT, 0.0))
        count += 1
    return count, product


def _back(steps: int) -> tuple[float, float]:
    """Return the state from which a* is reached in so many steps, and the product of the slopes."""
    slope, state, product = formula("slope"), a_star(_WEIGHT), 1.0
    for _ in range(steps):
        state = float(np.arctanh(state / _WEIGHT))
        product *= float(slope(state, _WEIGHT))
    return state, product


def _expansion(sigma: int, norm: int) -> sp.Expr:
    return of("expansion_radius", sigma=sigma, x=norm)


def _prediction() -> Prediction:
    steps, factor = _climb(1e-3)
    rest, edge = fixed_points(2.0)[-1].slope, a_star(2.0)
    return Prediction(
        "By what factor has a tiny difference near a₀ = 0.001 grown after 10 steps, and after 40?",
        (
            Choice(
                f"By about {factor:.0f} after 10 steps. After 40, little of it is left.",
                f"From step {steps} on the state is beyond a* = {edge:.2f}, where every step "
                "contracts. So it will never be larger than this.",
                right=True,
            ),
            Choice(
                "By 2¹⁰ after 10 steps, by 2⁴⁰ after 40.",
                f"The slope is 2 only at 0. After {steps} steps the factor is {factor:.0f}, and "
                f"the state is beyond a* = {edge:.2f}, where every step contracts.",
            ),
            Choice(
                f"By about {factor:.0f} after 10 steps, and it stays about as large.",
                "Both states come to rest at a₊, so their distance shrinks to nothing: each step "
                f"there multiplies it by {rest:.2f}.",
            ),
            Choice(
                "Not at all. Both states go to the same attractor.",
                f"On their way from 0.001 to a* = {edge:.2f} the slopes are above 1, and the "
                f"difference grows by {factor:.0f}.",
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "A neuron with w = {w} starts at a₀ = {a}. According to the bound of this chapter, by "
        "what factor can a small difference grow at most?",
        of("peak_ceiling"),
        {"a": Range(0.001, 0.009, 0.001), "w": Range(1.5, 3.0, 0.1)},
        "The bound is M(a*)/a₀, and M(a*) is √(w (w − 1)).",
        {
            "That is a*/a₀. The last step of the climb goes on to M(a*).": of("a_star") / a,
            "Take the root of w (w − 1).": w * (w - 1) / a,
        },
    ),
    Task(
        "At some state the greatest singular value of M′ is {sigma}, and the norm of W is {x}. Up "
        "to what distance ε₀ are differences in the direction of that singular value sure to grow?",
        of("expansion_radius"),
        {"sigma": Range(1.2, 1.9, 0.1), "x": Range(2.2, 4.0, 0.2)},
        "It is 3√3 (σ₁ − 1)/(2 ‖W‖).",
        {
            "A factor above 1 is needed, so σ₁ − 1 counts, not σ₁.": of(
                "expansion_radius", sigma=sigma + 1
            ),
            "You have lost the factor 1/2.": 2 * of("expansion_radius"),
        },
    ),
)

EXERCISES = {
    "ex-steps-to-peak": Exercise(
        expected=lambda: _back(4)[0],
        why="After four steps that start is exactly at a*, and the next slope is 1.",
        slips={
            "That is a*/2^4. A step less than doubles the state: start further out.": (
                lambda: a_star(_WEIGHT) / 2**4
            ),
            "From there the ball grows for a sixth step.": lambda: _back(5)[0],
            "From there a* is reached too soon: count the steps again.": lambda: _back(3)[0],
        },
    ),
    "ex-peak-factor": Exercise(
        expected=lambda: _back(4)[1],
        why="It lies between the floor and the ceiling, and well below 2^4.",
        slips={
            "The slope is 2 only at 0. Multiply the slopes along the path.": lambda: 2**4,
            "That is the ceiling M(a*)/a_0. The product itself is smaller.": lambda: float(
                formula("peak_ceiling")(_back(4)[0], _WEIGHT)
            ),
        },
    ),
    "ex-room-for-growth": Exercise(
        expected=lambda: sp.sqrt(2) / 10**6,
        why="The ceiling is M(a*)/a_0 = sqrt(2)/a_0, so from further out a million is out of "
        "reach.",
        slips={
            "The ceiling is sqrt(w(w - 1))/a_0, not 1/a_0.": lambda: sp.Rational(1, 10**6),
            "The numerator is M(a*), not a*: the last step goes beyond a*.": lambda: (
                a_star(_WEIGHT) / 1e6
            ),
        },
    ),
    "ex-expansion-radius": Exercise(
        expected=lambda: _expansion(2, 2),
        why="At the origin M' = W, so the singular value and the norm are both 2.",
        slips={
            "That is half of it: the norm of W is 2, not 4.": lambda: _expansion(2, 4),
            "Either you have sigma in place of sigma - 1, or the factor 1/2 is missing.": lambda: (
                2 * _expansion(2, 2)
            ),
        },
    ),
}

# --- pictures ----------------------------------------------------------------------------

#: A radius of states near 1 below this is what rounding has left of it.
_ROUNDING = 1e-10


def plot_balls(balls: Mapping[str, BallOfUncertainty], ax: Axes | None = None) -> Axes:
    """Draw the radius of balls of uncertainty over time, as a multiple of the first."""
    ax = axes(ax)
    for (label, ball), colour, line in zip(balls.items(), COLOURS, LINES, strict=False):
        radius = ball.radius[:, 0] / ball.radius[0, 0]
        drawn = np.where(ball.radius[:, 0] > _ROUNDING, radius, np.nan)
        ax.semilogy(drawn, line, color=colour, label=label)
        peak = int(np.argmax(radius))
        ax.plot(peak, radius[peak], "o", color=colour, ms=6)
    ax.axhline(1.0, color=GREY, lw=1)
    ax.set(xlabel="step $t$", ylabel="radius, as a multiple of the first")
    ax.legend()
    return ax


def plot_ball_images(ball: BallOfUncertainty, times: Sequence[int], ax: Axes | None = None) -> Axes:
    """Draw the sampled points of a ball of two-unit states at some times."""
    ax = axes(ax)
    colours = (*COLOURS, GREY, "black")
    for t, colour, marker in zip(times, colours, MARKERS, strict=False):
        first, second = ball.points[t, :, :, 0]
        ax.plot(first, second, marker, ls="", ms=3, mew=0, color=colour, label=f"$t = {t}$")
    ax.plot(*ball.centre[:, :, 0].T, "-", color=GREY, lw=1, zorder=0)
    ax.set(xlabel="state of unit 1, $a_1$", ylabel="state of unit 2, $a_2$")
    ax.legend(markerscale=2.0, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def plot_peak(
    a0: ArrayLike,
    peak: ArrayLike,
    floor: ArrayLike,
    ceiling: ArrayLike,
    ax: Axes | None = None,
) -> Axes:
    """Draw the greatest growth of a difference against the state it starts from."""
    ax = axes(ax)
    ax.loglog(a0, ceiling, "--", color=GREY, lw=1.5, label="ceiling")
    ax.loglog(a0, peak, "o", color=BLUE, ms=5, label="peak")
    ax.loglog(a0, floor, ":", color=GREY, lw=1.5, label="floor")
    ax.set(xlabel="state $a_0$", ylabel=r"$\max_t \, \partial a_t / \partial a_0$")
    ax.legend()
    return ax
