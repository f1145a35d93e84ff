"""What the chapter bounded-noise asks."""

from __future__ import annotations

import numpy as np
import sympy as sp

from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.attractors import fixed_points, h_star
from latchlib.formulas import SYMBOLS, formula

d, h, x = (SYMBOLS[name] for name in "d h x".split())


def _top(w: float) -> float:
    return fixed_points(w)[-1].a


def _prediction() -> Prediction:
    top = fixed_points(2.0)[-1].a
    depth = top - fixed_points(2.0, -0.29)[-1].a
    margin = h_star(2.0)
    radii = np.arange(1, 100) / 100
    enough = radii[(formula("rectangle_bound")(top, radii, 2.0) >= 0.29).argmax()]
    return Prediction(
        "The inputs are at most 0.29 in size, at every step. How far below a₊ can they push?",
        (
            Choice(
                "By less than 0.29. The map pulls back.",
                "The first push alone moves the state by 0.29. The map shrinks what it did, and "
                f"the next push is added: in the end {depth:.2f}.",
            ),
            Choice(
                f"By about {depth:.2f}.",
                "There the pull back and the push cancel. The theorem of this chapter guarantees "
                f"less, a distance of at most {enough:.2f}.",
                right=True,
            ),
            Choice(
                "To the other side. Pushes without end add up without end.",
                "Each step shrinks what is left of the earlier pushes, so their sum is bounded. "
                f"To flip the bit takes h* = {margin:.3f}.",
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "On a ball of radius {d} round the trajectory the slope is at most {x}. How large may an "
        "input be, by the theorem?",
        of("noise_borne"),
        {"d": Range(0.1, 0.9, 0.1), "x": Range(0.55, 0.95, 0.05)},
        "One step shrinks the ball to λ d, and the rest, (1 − λ) d, is for the input.",
        {
            "That is what may be left of the ball. The input gets the rest.": x * d,
            "That is the share alone. Multiply it by the radius.": 1 - x,
        },
    ),
    Task(
        "A system contracts everywhere with λ = {x}, and its inputs are at most {h} in size. "
        "What distance from the autonomous trajectory can it never exceed, if it starts on it?",
        h / (1 - x),
        {"h": Range(0.02, 0.2, 0.02), "x": Range(0.6, 0.95, 0.05)},
        "It is the sum of b, λ b, λ² b and so on, b/(1 − λ).",
        {
            "The series sums to 1/(1 − λ), not to 1/λ.": h / x,
            "That is one input alone. The earlier ones still count, each a little less.": h,
            "That is what the theorem allows as input on a ball of this size.": h * (1 - x),
        },
    ),
)

EXERCISES = {
    "ex-which-factor": Exercise(
        expected=lambda: sp.Rational(1, 20),
        why="What shrinks before u_1 comes in is the ball round a_0, so lambda_0 counts.",
        slips={
            "That takes lambda_1. The ball round a_1 shrinks only in the next step.": lambda: (
                sp.Rational(2, 5)
            ),
            "That is lambda_0 d, what may be left of the ball. The noise gets the rest.": lambda: (
                sp.Rational(9, 20)
            ),
        },
    ),
    "ex-long-run": Exercise(
        expected=lambda: sp.Rational(1, 4),
        why="The sum 0.05 (1 + 0.8 + 0.8^2 + ...) is 0.05/0.2.",
        slips={
            "That is 0.05/0.8. The series sums to 1/(1 - lambda).": lambda: sp.Rational(1, 16),
            "That is one input alone. The earlier ones still count, each a little less.": lambda: (
                sp.Rational(1, 20)
            ),
        },
    ),
    "ex-true-margin": Exercise(
        expected=lambda: float(formula("tube_margin")(_top(2.0), 0.4, 2.0)),
        why="It is the area under 1 - M' over the width of the tube's lower half.",
        slips={
            "That is the rectangle, which the theorem guarantees. The area is larger.": lambda: (
                float(formula("rectangle_bound")(_top(2.0), 0.4, 2.0))
            ),
            "That is the margin of the whole latch, not of this tube.": lambda: h_star(2.0),
        },
    ),
    "ex-best-corner": Exercise(
        expected=lambda: (2 - sp.sqrt(2)) / 3,
        why="About a fifth of the way from a+ down to 0.",
        slips={
            "That is s, the corner's place. The question asks for 1 - s.": lambda: (
                (1 + sp.sqrt(2)) / 3
            ),
            "That is the whole base, from a* to a+.": lambda: 1 - 1 / sp.sqrt(3),
        },
    ),
}
