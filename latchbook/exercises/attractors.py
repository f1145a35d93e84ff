"""Exercises of the chapter attractors."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from latchbook.exercises._base import Exercise
from latchlib import formulas
from latchlib.attractors import attractor_pair


def _slope() -> float:
    """M'(a+) of the latch with w = 2."""
    return float(formulas.formula("slope")(attractor_pair(2.0)[1].a, 2.0))


def _least_drop(least: int, step: sp.Rational) -> sp.Rational:
    return sp.Rational(1 + least, 2) * step**2


def _norm_one() -> sp.Expr:
    c = sp.Symbol("c", positive=True)
    half = sp.Rational(1, 2)
    W = sp.Matrix([[half, c], [0, half]])
    # A singular value is 1 where det(W^T W - 1) = 0.
    return sp.solve((W.T * W - sp.eye(2)).det(), c)[0]


EXERCISES: Mapping[str, Exercise] = {
    "ex-invariant-interval": Exercise(
        expected=lambda: "invariant",
        why="M is increasing and fixes both ends, so it maps the interval onto itself.",
        slips={
            "It does stay inside, but more holds: look at the images of the ends.": lambda: (
                "mapped into itself, not invariant"
            ),
        },
        choices=("invariant", "mapped into itself, not invariant", "neither"),
    ),
    "ex-cycle-multiplier": Exercise(
        expected=lambda: _slope() ** 2,
        why="Both slopes are -M'(a+), and their product is what two steps do.",
        slips={
            "That is the size of one slope. A turn of the cycle takes two steps.": _slope,
            "Slopes along an orbit multiply, they do not add.": lambda: 2 * _slope(),
        },
    ),
    "ex-norm-one": Exercise(
        expected=_norm_one,
        why="The eigenvalues are 1/2 whatever c is; the norm passes 1 at c = 3/4.",
        slips={
            "That is the greatest row sum, another norm.": lambda: sp.Rational(1, 2),
            "That is the length of the first row. The norm is at least as large.": lambda: (
                sp.sqrt(3) / 2
            ),
        },
    ),
    "ex-energy-drop": Exercise(
        expected=lambda: _least_drop(2, sp.Rational(2, 5)),
        why="(1 + 2)/2 times 0.16. A larger weight makes the energy fall faster.",
        slips={
            "There is a factor 1/2.": lambda: 2 * _least_drop(2, sp.Rational(2, 5)),
            "You forgot the 1 in 1 + lambda.": lambda: sp.Rational(4, 25),
        },
    ),
}
