"""Exercises of the chapter bounded-noise."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from latchbook.exercises._base import Exercise
from latchlib import formulas
from latchlib.attractors import fixed_points, h_star


def _top(w: float) -> float:
    return fixed_points(w)[-1].a


EXERCISES: Mapping[str, Exercise] = {
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
        expected=lambda: float(formulas.formula("tube_margin")(_top(2.0), 0.4, 2.0)),
        why="It is the area under 1 - M' over the width of the tube's lower half.",
        slips={
            "That is the rectangle, which the theorem guarantees. The area is larger.": lambda: (
                float(formulas.formula("rectangle_bound")(_top(2.0), 0.4, 2.0))
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
