"""What the chapter additive-inputs asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, COLOURS, GREY, LINES, VERMILLION, axes
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
            "To form the product g·a, the map needs g and a side by side in the state. If the "
            "state is a alone, the input can only be added to a.",
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
            "It cannot be done: a product is not a sum.",
            "The input itself is only added, to the shelves. The map then forms the products, "
            "between state variables, one step later.",
        ),
    ),
)

DRILL = Drill(
    Task(
        "At some state N_a = {x1} and N_y = {x2}, and the shelf is scaled by c = {c}. What is the "
        "norm of the Jacobian of N′?",
        of("distance", x2=x2 / c),
        {"c": Range(3, 5, 1), "x1": Range(0.2, 0.8, 0.1), "x2": Range(0.8, 2.0, 0.1)},
        "Its only row that is not 0 is (N_a, N_y/c), and the norm is the length of that row.",
        {
            "That is the larger eigenvalue. The question asks for the norm.": x1,
            "It is the squares of the entries that add up.": x1 + x2 / c,
            "That leaves out the scale.": of("distance"),
        },
    ),
    Task(
        "A memory cell holds {a}. Its gate is at {g}, and it is offered the value {d}. What does "
        "it hold one step later, by the rule a ← (1 − g) a + g v?",
        of("linear_step", x=1 - g, h=g * d),
        {"a": Range(0.6, 0.9, 0.1), "d": Range(-0.9, -0.5, 0.1), "g": Range(0.1, 0.25, 0.05)},
        "It keeps the share 1 − g of the old number and takes the share g of the new one.",
        {
            "You have swapped the two shares.": of("linear_step", x=g, h=(1 - g) * d),
            "That is what it keeps of the old number. Add its share of the new one.": (1 - g) * a,
            "The new number must be multiplied by g.": of("linear_step", x=1 - g, h=d),
        },
    ),
)

EXERCISES = {
    "ex-embedding-size": Exercise(
        expected=lambda: 5 + 3,
        why="Five for the state, and three to hold the input for one step.",
        slips={
            "The embedding needs room for the input too.": lambda: 5,
            "The second part of N' is 0, but it still takes up room in the state.": lambda: 3,
        },
    ),
    "ex-embedding-delay": Exercise(
        expected=lambda: 4,
        why="u_3 is stored in y_3, and N reads it at step 4, as in the original.",
        slips={
            "At step 3 the input is still only in y_3. N reads it one step later.": lambda: 3,
            "Storing and reading take one step together, not two.": lambda: 5,
        },
    ),
    "ex-embedding-eigenvalue": Exercise(
        expected=lambda: _knob_jacobian()[0],
        why="It is N_a alone. The other eigenvalue is 0, whatever N_y is.",
        slips={
            "That is the norm of the Jacobian. The question asks for an eigenvalue.": lambda: (
                _knob_jacobian().norm()
            ),
            "You left out the factor 1 - y.": lambda: _knob_jacobian()[0] / sp.Rational(3, 4),
        },
        tolerance=1e-3,
    ),
    "ex-embedding-scale": Exercise(
        expected=_least_scale,
        why="Beyond it 1/4 + 1/c^2 < 1. The input u' = (0, c u) grows by the same factor.",
        slips={
            "It is the squares of the two entries that add up.": lambda: 2,
            "That is c^2.": lambda: _least_scale() ** 2,
        },
    ),
}

# --- pictures ----------------------------------------------------------------------------


def plot_embedding(
    original: ArrayLike, augmented: ArrayLike, writes: ArrayLike, ax: Axes | None = None
) -> Axes:
    """Draw one unit of a system and of its embedding over time, and the steps that write."""
    ax = axes(ax)
    ax.step(range(len(original)), original, where="post", color=BLUE, label="$a_t$, original")
    ax.plot(augmented, "o", color=VERMILLION, mfc="none", ms=7, label="first part of $a'_t$")
    for t in writes:
        ax.axvline(t, color=GREY, ls=":", lw=1.2)
    ax.plot([], [], ":", color=GREY, lw=1.2, label="gate open")
    ax.set(xlabel="step $t$", ylabel="stored value")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=3)
    return ax


def plot_gap(gaps: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw distances to the original trajectory over time, labelled, the distance logarithmic."""
    ax = axes(ax)
    for (label, gap), colour, line in zip(gaps.items(), COLOURS, LINES, strict=False):
        gap = np.asarray(gap, dtype=float)
        # A distance of 0 has no place on a logarithmic axis: the curve begins after it.
        ax.semilogy(np.where(gap > 0.0, gap, np.nan), line, color=colour, label=label)
    ax.set(xlabel="step $t$", ylabel="distance from the original")
    ax.margins(y=0.3)
    ax.legend(loc="best")
    return ax
