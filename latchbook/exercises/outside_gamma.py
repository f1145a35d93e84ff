"""Exercises of chapter outside-gamma."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy as sp

from latchbook.exercises._base import Exercise
from latchlib import formulas
from latchlib.attractors import a_star

_WEIGHT = 2.0


def _climb(start: float) -> tuple[int, float]:
    """Return the steps until a_t >= a*, and the product of the slopes until then."""
    slope, step = formulas.formula("slope"), formulas.formula("step")
    count, product, state = 0, 1.0, start
    while state < a_star(_WEIGHT):
        product *= float(slope(state, _WEIGHT))
        state = float(step(state, _WEIGHT, 0.0))
        count += 1
    return count, product


def _expansion(sigma: int, norm: int) -> sp.Expr:
    radius = formulas.formula("expansion_radius").expr
    return radius.subs({formulas.SYMBOLS["sigma"]: sigma, formulas.SYMBOLS["x"]: norm})


EXERCISES: Mapping[str, Exercise] = {
    "ex-steps-to-peak": Exercise(
        expected=lambda: _climb(1e-3)[0],
        why="The state doubles at most, so at least ln(a*/a_0)/ln 2 = 9.8 steps are needed.",
        slips={
            "That bound is no whole number; steps are.": lambda: float(
                np.log(a_star(_WEIGHT) / 1e-3) / np.log(2.0)
            ),
            "That is the last step below a*. One more multiplies the difference.": lambda: (
                _climb(1e-3)[0] - 1
            ),
        },
    ),
    "ex-peak-factor": Exercise(
        expected=lambda: _climb(1e-3)[1],
        why="It lies between the floor and the ceiling, and well below 2^t.",
        slips={
            "The slope is 2 at 0 only. Multiply the slopes along the path.": lambda: (
                2.0 ** _climb(1e-3)[0]
            ),
            "That is the ceiling M(a*)/a_0. The product itself is smaller.": lambda: float(
                formulas.formula("peak_ceiling")(1e-3, _WEIGHT)
            ),
        },
    ),
    "ex-room-for-growth": Exercise(
        expected=lambda: sp.sqrt(2) / 10**6,
        why="The ceiling is M(a*)/a_0 = sqrt(2)/a_0; from farther out a million is out of reach.",
        slips={
            "The ceiling is sqrt(w(w - 1))/a_0, not 1/a_0.": lambda: sp.Rational(1, 10**6),
            "The numerator is M(a*), one step beyond a*.": lambda: a_star(_WEIGHT) / 1e6,
        },
    ),
    "ex-expansion-radius": Exercise(
        expected=lambda: _expansion(2, 2),
        why="At the origin M' = W, so the singular value and the norm are both 2.",
        slips={
            "That is half of it: the norm of W is 2, not 4.": lambda: _expansion(2, 4),
            "Either sigma stands for sigma - 1 there, or the factor 1/2 is missing.": lambda: (
                2 * _expansion(2, 2)
            ),
        },
    ),
}
