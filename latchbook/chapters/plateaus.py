"""What the chapter plateaus asks."""

from __future__ import annotations

from math import log10

import numpy as np
import sympy as sp

from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of, superscript
from latchlib.attractors import fixed_points
from latchlib.formulas import SYMBOLS, formula

a, d, t, w = (SYMBOLS[name] for name in "a d t w".split())

_wrong_bit = -of("cost_derivative", x=-sp.tanh(a)) * of("output_rise")
_TARGET = sp.Rational(4, 5)


def _cliff_slope(length: int) -> sp.Expr:
    return of("cliff_slope", w=sp.Rational(3, 2), d=_TARGET, t=length)


def _tilt(output: sp.Expr, sign: int) -> sp.Expr:
    """Return dC/dw at rest at the output `output`, which moves with w in the direction `sign`."""
    by_output = of("cost_derivative", x=output, d=_TARGET)
    return by_output * sign * of("output_rise", a=1)


def _prediction() -> Prediction:
    w, d, steps = 1.5, 0.8, 50
    state, reach = -0.6, 1.0
    for _ in range(steps - 1):
        reach *= float(formula("slope")(state, w))
        state = float(formula("step")(state, w, 0.0))
    by_u = float(formula("delta_at_end")(state, d)) * reach
    top = fixed_points(w)[-1].a
    by_w = -float(formula("cost_derivative")(-np.tanh(top), d) * formula("output_rise")(top))
    power = superscript(round(log10(-by_u)))
    return Prediction(
        "What do the two derivatives tell this neuron, which starts on the wrong side?",
        (
            Choice(
                "To raise u, and not much about w.",
                f"The derivative by u has passed 49 slopes, and about −10{power} is left. The one "
                f"by w is {by_w:.1f}.",
            ),
            Choice(
                "Hardly anything. Both have vanished.",
                f"The one by u has, about −10{power} is left. But w acts at the last step too: the "
                f"derivative by w is {by_w:.1f}.",
            ),
            Choice(
                "To raise w, so that the bit is held better.",
                "The bit is the wrong one, and held better it costs more. The derivative by w is "
                f"{by_w:.1f}, so descent lowers w.",
            ),
            Choice(
                "To lower w, and hardly anything about u.",
                f"The derivative by w is {by_w:.1f}: a bit that is held wrongly costs more than no "
                f"bit. The one by u is about −10{power}, a direction and nothing to walk on.",
                right=True,
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "One neuron, w = {w}, target d = {d}, T = {t}. What is ∂C/∂u at u = 0?",
        of("cliff_slope"),
        {"d": Range(0.5, 0.9, 0.1), "t": Range(4, 12, 1), "w": Range(1.2, 2.0, 0.1)},
        "The error at the end is −d, and each of the T − 1 steps back multiplies it by w.",
        {
            "From a₁ to a_T there are T − 1 steps.": of("cliff_slope", t=t + 1),
            "The sign is turned: the output 0 is below the target.": -of("cliff_slope"),
            "That is the growth alone. The error at the end comes in too.": w ** (t - 1),
        },
    ),
    Task(
        "A neuron rests on −a₊, with a₊ = {a}, and its target is d = {d}. What is ∂C/∂w for large "
        "T?",
        _wrong_bit,
        {"a": Range(0.8, 2.0, 0.1), "d": Range(0.5, 0.9, 0.1)},
        "The output is −x₊, so it is (x₊ + d) times the rise of x₊ with w.",
        {
            "That is the rise of x₊ alone.": of("output_rise"),
            "The sign is turned: a larger weight moves −x₊ further from the target.": -_wrong_bit,
            "That is for a bit that is held rightly.": of("cost_derivative", x=sp.tanh(a))
            * of("output_rise"),
        },
    ),
)

EXERCISES = {
    "ex-cliff-height": Exercise(
        expected=lambda: of("cliff_height", x=_TARGET, d=_TARGET),
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
