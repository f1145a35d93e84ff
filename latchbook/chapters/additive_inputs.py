"""What the chapter additive-inputs asks."""

from __future__ import annotations

import sympy as sp

from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS

a, c, d, g, x1, x2 = (SYMBOLS[name] for name in "a c d g x1 x2".split())


def _knob_jacobian() -> sp.Matrix:
    """(N_a, N_y) of N(a, y) = 2 (1 - y) tanh a, at tanh a = 1/2 and y = 1/4."""
    a, y = sp.symbols("a y", real=True)
    slopes = sp.Matrix([2 * (1 - y) * sp.tanh(a)]).jacobian([a, y])
    return slopes.subs({a: sp.atanh(sp.Rational(1, 2)), y: sp.Rational(1, 4)})


def _least_scale() -> sp.Expr:
    c = sp.Symbol("c", positive=True)
    return sp.solve(sp.Eq(sp.Rational(1, 4) + 1 / c**2, 1), c)[0]


PREDICTION = Prediction(
    "How many state variables does this cell need, so that the input is only ever added?",
    (
        Choice(
            "One, as before.",
            "The product g·a needs g and a side by side, in the state. With a alone, the input "
            "could only be added to a.",
        ),
        Choice(
            "Two: the number, and a shelf for the gate.",
            "The map can then form g·a, but not g·v. The value v needs a shelf too.",
        ),
        Choice(
            "Three: the number, a shelf for the gate, a shelf for the value.",
            "The input is added to the shelves. One step later the map forms g·a and g·v "
            "between state variables.",
            right=True,
        ),
        Choice(
            "It cannot be done. A product is no sum.",
            "The input itself is only added, to shelves. The products are formed by the map, "
            "between state variables, one step later.",
        ),
    ),
)

DRILL = Drill(
    Task(
        "Somewhere N_a = {x1} and N_y = {x2}, and the shelf is scaled by c = {c}. What is the "
        "norm of the Jacobian of N′?",
        of("distance", x2=x2 / c),
        {"c": Range(3, 5, 1), "x1": Range(0.2, 0.8, 0.1), "x2": Range(0.8, 2.0, 0.1)},
        "Its only row that is not 0 is (N_a, N_y/c), and the norm is the length of that row.",
        {
            "That is the larger eigenvalue. A norm is asked for.": x1,
            "The entries add up as squares.": x1 + x2 / c,
            "That is without the scale.": of("distance"),
        },
    ),
    Task(
        "A memory cell holds {a}. Its gate is at {g}, and the value {d} is offered. What does it "
        "hold one step later, by the rule a ← (1 − g) a + g v?",
        of("linear_step", x=1 - g, h=g * d),
        {"a": Range(0.6, 0.9, 0.1), "d": Range(-0.9, -0.5, 0.1), "g": Range(0.1, 0.25, 0.05)},
        "It keeps the share 1 − g of the old number and takes the share g of the new one.",
        {
            "The shares are exchanged.": of("linear_step", x=g, h=(1 - g) * d),
            "That is what it keeps of the old number. The new one comes to it.": (1 - g) * a,
            "The new number is multiplied by g.": of("linear_step", x=1 - g, h=d),
        },
    ),
)

EXERCISES = {
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
