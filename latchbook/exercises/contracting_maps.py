"""Exercises of the chapter contracting-maps."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, log

import sympy as sp

from latchbook.exercises._base import Exercise
from latchlib import formulas
from latchlib.attractors import fixed_points

w = formulas.SYMBOLS["w"]


def _slope(a: float) -> float:
    return float(formulas.formula("slope")(a, 2.0))


def _steps(factor: float, start: float = 2.5, wanted: float = 1e-6) -> int:
    return ceil(log(wanted / (start - fixed_points(2.0)[-1].a)) / log(factor))


EXERCISES: Mapping[str, Exercise] = {
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
        why="It lies beyond a*, where the slope is 1, and is defined for w >= 1/2.",
        slips={
            "There the slope is 1, not 1/2.": lambda: formulas.formula("a_star").expr,
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
        why="The column sums are 0.9. The row sum is 1.8, and the Euclidean norm 0.9 sqrt(2).",
        slips={
            "The maximum norm of a matrix is its largest row sum, here 1.8.": lambda: "inf",
            "The Euclidean norm is 0.9 sqrt(2), above 1.": lambda: "2",
        },
        choices=("1", "2", "inf", "none"),
    ),
    "ex-no-fixed-point": Exercise(
        expected=lambda: sp.sqrt(10**4),
        why="The orbit of 0 is sqrt(t): it grows without end, though ever more slowly.",
        slips={"The square grows by 1 per step. Take the root.": lambda: 10**4},
    ),
}
