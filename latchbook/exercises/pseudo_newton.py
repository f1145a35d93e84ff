"""Exercises of the chapter pseudo-newton."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy as sp

from latchbook.exercises._base import Exercise
from latchlib import formulas
from latchlib.attractors import fixed_points

_mu, _c = formulas.SYMBOLS["mu"], formulas.SYMBOLS["c"]


def _at_rest() -> tuple[float, float]:
    """Slope and output of the latch with w = 2 at its upper attractor."""
    top = fixed_points(2.0)[-1]
    return top.slope, float(np.tanh(top.a))


EXERCISES: Mapping[str, Exercise] = {
    "ex-how-long-a-step": Exercise(
        expected=lambda: formulas.formula("gauss_newton_ceiling").expr.subs(
            {formulas.SYMBOLS["e"]: 1, formulas.SYMBOLS["eta"]: 1}
        ),
        why="It is reached at s = sqrt(mu). A hundredfold smaller mu allows tenfold longer steps.",
        slips={
            "That is the place of the maximum, not its height.": lambda: sp.sqrt(_mu),
            "At s = sqrt(mu) the divisor is s^2 + mu = 2 mu, not mu.": lambda: 1 / sp.sqrt(_mu),
            "That bounds the rate. Large gradients come with curvature here.": lambda: 1 / _mu,
        },
    ),
    "ex-steps-gained": Exercise(
        expected=lambda: float(formulas.formula("steps_gained")(0.3, _at_rest()[0])),
        why="With the greatest mu of the paper's range the reach grows by less than one step.",
        slips={
            "That is for mu = 0.001, the smallest of the range.": lambda: float(
                formulas.formula("steps_gained")(0.001, _at_rest()[0])
            ),
            "The gradient falls by the slope at the attractor, not by 1/w.": lambda: float(
                formulas.formula("steps_gained")(0.3, 0.5)
            ),
        },
    ),
    "ex-rate-with-momentum": Exercise(
        expected=lambda: sp.Rational(1, 20),
        why="The shares 1 + 0.8 + 0.64 + ... add up to 5.",
        slips={
            "That is the share of the last change. The shares of all changes add up.": lambda: (
                sp.Rational(8, 1000)
            ),
            "That counts the present change and the last one only.": lambda: sp.Rational(18, 1000),
        },
    ),
    "ex-height-of-the-plateau": Exercise(
        expected=lambda: float(formulas.formula("full_form_plateau")(*_at_rest(), 0.01)),
        why="It does not depend on T, nor on the target: gradient and curvature share the error.",
        slips={
            "That is the curvature over the gradient, upside down.": (
                lambda: 0.01 * 2 * _at_rest()[1] / (1 - _at_rest()[0])
            ),
            "That lacks the factor 2 of f'' = -2 x f'.": lambda: (
                2 * float(formulas.formula("full_form_plateau")(*_at_rest(), 0.01))
            ),
        },
    ),
    "ex-uphill-curvature": Exercise(
        expected=lambda: sp.solve(1 / (_c + _mu) - 1 / (2 * _mu), _c)[0].subs(
            _mu, sp.Rational(1, 50)
        ),
        why="c = mu. The flatter use wins as soon as the other curves by more than mu.",
        slips={
            "That is the divisor c + mu of the first use, not its curvature.": lambda: sp.Rational(
                1, 25
            ),
            "The second gradient is half as large: half of 1/mu stands against 1/(c + mu).": (
                lambda: sp.S.Zero
            ),
        },
    ),
}
