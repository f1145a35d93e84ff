"""Exercises of the chapter plateaus."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from latchbook.exercises._base import Exercise
from latchlib.formulas import SYMBOLS, formula

_a, _w, _d, _x, _t = (SYMBOLS[name] for name in ("a", "w", "d", "x", "t"))
_TARGET = sp.Rational(4, 5)


def _cliff_slope(length: int) -> sp.Expr:
    values = {_w: sp.Rational(3, 2), _d: _TARGET, _t: length}
    return formula("cliff_slope").expr.subs(values)


def _tilt(output: sp.Expr, sign: int) -> sp.Expr:
    """Return dC/dw at rest at the output `output`, which moves with w in the direction `sign`."""
    by_output = formula("cost_derivative").expr.subs({_x: output, _d: _TARGET})
    return by_output * sign * formula("output_rise").expr.subs(_a, 1)


EXERCISES: Mapping[str, Exercise] = {
    "ex-cliff-height": Exercise(
        expected=lambda: formula("cliff_height").expr.subs({_x: _TARGET, _d: _TARGET}),
        why="On the right side the cost is 0, on the wrong one (0.8 + 0.8)^2 / 2.",
        slips={
            "That forgets the half in the cost.": lambda: (2 * _TARGET) ** 2,
            "That is the drop from the edge, where the output is 0.": lambda: _TARGET**2 / 2,
        },
    ),
    "ex-cliff-slope": Exercise(
        expected=lambda: _cliff_slope(10),
        why="Nine steps, each with the slope 3/2 of the unstable fixed point.",
        slips={
            "From a_1 = u to a_10 there are nine steps, not ten.": lambda: _cliff_slope(11),
            "Its sign: raising u lowers the cost.": lambda: -_cliff_slope(10),
            "That is the slope of the output. The cost has the factor x_T - d.": lambda: (
                sp.Rational(3, 2) ** 9
            ),
        },
    ),
    "ex-thousand-times-flatter": Exercise(
        expected=lambda: sp.log(1000) / sp.log(2),
        why="Not quite ten steps cost three powers of ten.",
        slips={
            "That is for a factor of e a step.": lambda: sp.log(1000),
            "That divides where it should count factors: 1000 halves.": lambda: sp.Integer(500),
        },
    ),
    "ex-tilt": Exercise(
        expected=lambda: _tilt(-sp.tanh(1), -1),
        why="It is positive: a bit that is held wrongly is cheaper to forget than to turn over.",
        slips={
            "The output is on the wrong side: it goes down when w goes up.": lambda: _tilt(
                -sp.tanh(1), 1
            ),
            "That is for a bit that is held rightly.": lambda: _tilt(sp.tanh(1), 1),
        },
    ),
    "ex-kind-of-place": Exercise(
        expected=lambda: "plateau",
        why="For w > 0 dC/du is 0 only where the cost is. There is a way down, a very long one.",
        slips={
            "A small gradient is not a zero gradient: its part for u cannot vanish.": lambda: (
                "minimum"
            ),
            "A saddle has a zero gradient too.": lambda: "saddle",
        },
        choices=("minimum", "saddle", "plateau", "cliff"),
    ),
}
