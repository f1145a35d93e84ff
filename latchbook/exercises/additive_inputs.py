"""Exercises of the chapter additive-inputs."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from latchbook.exercises._base import Exercise


def _knob_jacobian() -> sp.Matrix:
    """(N_a, N_y) of N(a, y) = 2 (1 - y) tanh a, at tanh a = 1/2 and y = 1/4."""
    a, y = sp.symbols("a y", real=True)
    slopes = sp.Matrix([2 * (1 - y) * sp.tanh(a)]).jacobian([a, y])
    return slopes.subs({a: sp.atanh(sp.Rational(1, 2)), y: sp.Rational(1, 4)})


def _least_scale() -> sp.Expr:
    c = sp.Symbol("c", positive=True)
    return sp.solve(sp.Eq(sp.Rational(1, 4) + 1 / c**2, 1), c)[0]


EXERCISES: Mapping[str, Exercise] = {
    "ex-embedding-size": Exercise(
        expected=lambda: 5 + 3,
        why="Five for the state, three that hold the input for one step.",
        slips={
            "The embedding needs room for the input too.": lambda: 5,
            "The second part of N' is 0, but its room is in the state all the same.": lambda: 3,
        },
    ),
    "ex-embedding-delay": Exercise(
        expected=lambda: 4,
        why="u_3 is stored in y_3, and N reads it at step 4, as in the original.",
        slips={
            "At step 3 the input is in y_3 only. N reads it one step later.": lambda: 3,
            "Storing and reading take one step together, not two.": lambda: 5,
        },
    ),
    "ex-embedding-eigenvalue": Exercise(
        expected=lambda: _knob_jacobian()[0],
        why="It is N_a alone. The other eigenvalue is 0, whatever N_y is.",
        slips={
            "That is the norm of the Jacobian. An eigenvalue is asked for.": lambda: (
                _knob_jacobian().norm()
            ),
            "You forgot the factor 1 - y.": lambda: _knob_jacobian()[0] / sp.Rational(3, 4),
        },
        tolerance=1e-3,
    ),
    "ex-embedding-scale": Exercise(
        expected=_least_scale,
        why="1/4 + 1/c^2 < 1 beyond it. The input u' = (0, c u) grows by the same factor.",
        slips={
            "The two entries add up as squares.": lambda: 2,
            "That is c^2.": lambda: _least_scale() ** 2,
        },
    ),
}
