"""What the chapter safe-bit asks, and the pictures that it alone shows."""

from __future__ import annotations

from math import ceil, log

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, GREY, ORANGE, VERMILLION, axes
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS, formula
from latchlib.neuron import a_star, fixed_points, h_star

d, h, m, x = (SYMBOLS[name] for name in "d h m x".split())


def _life(share: float) -> float:
    return float(formula("half_life")(formula("price_at_rest")(share, 1.0)))


PREDICTION = Prediction(
    "Somebody builds a unit with a shape of their own, which flattens from its edge on. It "
    "withstands every input up to 0.5, and its attractor is 1.0 from the edge. How many steps can "
    "its gradient take to halve?",
    (
        Choice(
            f"At most {_life(0.5):.0f}.",
            "The margin divided by the room is 1/2. So the slope at the attractor is at most 1/2, "
            "whatever the shape, and one step halves the gradient.",
            right=True,
        ),
        Choice(
            "As many as they like. The slope at the attractor is one thing, the margin another.",
            "The two are tied together. From the attractor to the edge, the unit must rise above "
            "the line where states stay as they are, and at the attractor it rises at least as "
            "fast as on average.",
        ),
        Choice(
            "As many as they like, if the unit is made larger.",
            "A larger unit of the same shape has a larger margin, but its room grows by the same "
            "factor.",
        ),
    ),
)

DRILL = Drill(
    Task(
        "A unit withstands inputs up to {m}, and its attractor is {d} from the edge. How large "
        "can the slope at the attractor be at most?",
        of("price_at_rest"),
        {"m": Range(0.1, 0.9, 0.1), "d": Range(2.1, 3.9, 0.3)},
        "It is 1 − m/d: the mean slope from the edge to the attractor.",
        {
            "That is the share that a step takes. What is left is 1 minus that.": m / d,
            "Divide the margin by the room before you take it from 1.": d - m,
        },
    ),
    Task(
        "The margin is {m}, the input of this step {h}, and the state after it is {x} from the "
        "edge. What factor does the price give for this step?",
        of("price_factor"),
        {"m": Range(0.2, 0.6, 0.1), "h": Range(-0.2, -0.05, 0.05), "x": Range(0.75, 2.0, 0.25)},
        "It is 1 − (m + h)/x: the price is only for the margin that the input leaves unused.",
        {
            "The input points towards the edge, so it uses some of the margin.": 1 - (m - h) / x,
            "That leaves out the input.": 1 - m / x,
        },
    ),
)

EXERCISES = {
    "ex-price-half-life": Exercise(
        expected=lambda: 0.2 / (1 - 0.5**0.1),
        why="The slope must be 0.933, and 1 - 0.2/d reaches that only from this room on.",
        slips={
            "That room satisfies 10 m <= d ln 2, but the price in the slope asks for more.": (
                lambda: 2 / log(2)
            ),
            "With that room the slope is 1/2, and the gradient halves in one step.": lambda: 0.4,
            "That is the slope. What room does it need?": lambda: 0.5**0.1,
        },
    ),
    "ex-price-unused": Exercise(
        expected=lambda: sp.Integer(ceil(log(0.01) / log(0.8))),
        why="The unused margin is 0.2, so each step leaves at most 0.8.",
        slips={
            "That counts the whole margin. The wind uses 0.3 of it.": lambda: sp.Integer(
                ceil(log(0.01) / log(0.5))
            ),
            "That mistakes the wind for the unused margin.": lambda: sp.Integer(
                ceil(log(0.01) / log(0.7))
            ),
        },
    ),
    "ex-price-scale": Exercise(
        expected=lambda: 0.5 / h_star(1.01),
        why="The margin grows with the scale, and the half-life does not change.",
        slips={
            "You have divided the wrong way round.": lambda: h_star(1.01) / 0.5,
        },
    ),
    "ex-price-network": Exercise(
        expected=lambda: h_star(2.0),
        why="Equal weights give h*(2) from above, and equal states reach it from below.",
        slips={
            "That is a single unit without the other's help.": lambda: h_star(1.5),
            "That adds the margins of the two units. But each unit must withstand an input of its "
            "own.": lambda: 2 * h_star(2.0),
        },
    ),
}

# --- pictures ----------------------------------------------------------------------------


def plot_valleys(w: float, ax: Axes | None = None) -> Axes:
    """Draw the landscape of the latch: bottom, steepest place, and the room between them."""
    ax = axes(ax)
    top, edge, steep = fixed_points(w)[-1].a, a_star(w), h_star(w)
    height = formula("landscape")
    a = np.linspace(-1.55 * top, 1.55 * top, 401)
    ax.plot(a, height(a, w), color=BLUE)
    near = np.array([edge - 0.45, edge + 0.45])
    ax.plot(near, height(edge, w) - steep * (near - edge), color=VERMILLION, lw=2.5)
    ax.annotate(
        "steepest, at $a^*$", (edge, height(edge, w)), xytext=(16, 14),
        textcoords="offset points",
    )  # fmt: skip
    ax.plot(top, height(top, w) + 0.05, "o", color=BLUE, ms=13, zorder=4)
    ax.annotate(
        "$a_+$", (top, height(top, w)), xytext=(0, -18), textcoords="offset points", ha="center"
    )
    level = height(top, w) - 0.3
    ax.annotate("", (edge, level), (top, level), arrowprops={"arrowstyle": "<->", "color": GREY})
    ax.annotate(
        "room", (0.5 * (edge + top), level), xytext=(0, -14), textcoords="offset points",
        ha="center", color=GREY,
    )  # fmt: skip
    ax.annotate(
        "wind", (top - 0.7, 0.15), (top + 0.45, 0.15),
        va="center", color=GREY, arrowprops={"arrowstyle": "->", "color": GREY, "lw": 2},
    )  # fmt: skip
    ax.set(xlabel="state $a$", ylabel="height $V(a)$", ylim=(level - 0.25, 0.35))
    return ax


def plot_two_rectangles(w: float, ax: Axes | None = None) -> Axes:
    """Draw 1 - M' from a* to a+: the area, a rectangle below it and the price's above it."""
    ax = axes(ax)
    top, edge = fixed_points(w)[-1].a, a_star(w)
    gap = formula("contraction_gap")
    y = np.linspace(edge, top, 201)
    ax.fill_between(
        y, gap(y, w), color=ORANGE, alpha=0.5, lw=0, label=f"area $= h^* = {h_star(w):.3f}$"
    )
    radii = (top - edge) * np.arange(1, 400) / 400
    bounds = formula("rectangle_bound")(top, radii, w)
    best = radii[bounds.argmax()]
    boxes = (
        (top - best, float(gap(top - best, w)), "--", f"Theorem 3: {bounds.max():.3f}", BLUE),
        (edge, float(gap(top, w)), "-", f"price: {(top - edge) * gap(top, w):.3f}", VERMILLION),
    )
    for left, tall, line, label, colour in boxes:
        ax.add_patch(
            Rectangle(
                (left, 0), top - left, tall, fill=False, ec=colour, lw=2, ls=line, label=label
            )
        )
    ax.plot(y, gap(y, w), color=GREY, lw=1.5)
    for place, text in ((edge, "$a^*$"), (top, "$a_+$")):
        ax.annotate(text, (place, 0), xytext=(0, -16), textcoords="offset points", ha="center")
    ax.set(xlabel="state $y$", ylabel=r"$1 - M'(y)$", xlim=(edge - 0.2, top + 0.2), ylim=(0, 1.3))
    ax.legend(loc="upper left")
    return ax


def plot_beside_bound(
    w: ArrayLike, lives: ArrayLike, bounds: ArrayLike, ax: Axes | None = None
) -> Axes:
    """Draw the half-life of the latch against w - 1, and the longest that its price allows."""
    ax = axes(ax)
    excess = np.asarray(w, float) - 1.0
    ax.loglog(excess, bounds, "--", color=VERMILLION, label="the price allows")
    ax.loglog(excess, lives, color=BLUE, label="the latch")
    ax.set(xlabel="$w - 1$", ylabel="half-life of the gradient (steps)")
    ax.legend(loc="lower left")
    return ax
