"""Exercises of the chapter vanishing-gradient."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy as sp

from latchbook.exercises._base import Exercise
from latchlib import formulas
from latchlib.attractors import fixed_points


def _steps_to(size: float, slope: float) -> int:
    return int(np.ceil(np.log(size) / np.log(slope)))


EXERCISES: Mapping[str, Exercise] = {
    "ex-guaranteed-decay": Exercise(
        expected=lambda: _steps_to(1e-3, fixed_points(2.0, -0.5)[-1].slope),
        why="The worst slope is that at a_b. A typical run needs far fewer steps.",
        slips={
            "That is the slope at a+. Inputs may push the state down to a_b.": lambda: _steps_to(
                1e-3, fixed_points(2.0)[-1].slope
            ),
            "With one step fewer the bound is still above 0.001.": lambda: (
                _steps_to(1e-3, fixed_points(2.0, -0.5)[-1].slope) - 1
            ),
        },
    ),
    "ex-slower-approach": Exercise(
        expected=lambda: sp.Rational(1, 100),
        why="The product telescopes to 1/(t + 1): the sum of 1/k diverges, so it vanishes.",
        slips={
            "Count the factors: tau runs from 0 to t - 1.": lambda: sp.Rational(1, 101),
            "That is the last factor. The derivative is the product of all.": lambda: sp.Rational(
                99, 100
            ),
        },
        tolerance=1e-6,
    ),
    "ex-pair-border": Exercise(
        expected=lambda: formulas.formula("a_star").expr.subs(formulas.SYMBOLS["w"], 2),
        why="It is a*: the pair grows as soon as one coordinate is steep for the single neuron.",
        slips={
            "That is h*(2). The border is where the slope is 1.": lambda: formulas.formula(
                "h_star"
            ).expr.subs(formulas.SYMBOLS["w"], 2),
        },
    ),
    "ex-which-law": Exercise(
        expected=lambda: "exponential",
        why="Inputs above -h* lift the state again and again, so the mean of ln M' is below 0.",
        slips={
            "That is the worst case. Random inputs are rarely near -h* for long.": lambda: "power",
        },
        choices=("power", "exponential"),
    ),
}
