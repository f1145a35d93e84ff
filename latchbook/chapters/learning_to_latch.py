"""What the chapter learning-to-latch asks."""

from __future__ import annotations

from math import ceil, log10

import sympy as sp

from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of, superscript
from latchlib.attractors import fixed_points
from latchlib.formulas import SYMBOLS
from latchlib.statistics import wilson_interval
from latchlib.training import BackPropagation

a, delta, w = (SYMBOLS[name] for name in "a delta w".split())


def _prediction() -> Prediction:
    left = f"10{superscript(ceil(log10(0.5**17)))}"
    slope = fixed_points(2.0)[-1].slope
    return Prediction(
        "In which of the two neurons does the error at T = 20 tell the inputs at t ≤ 3 what to do?",
        (
            Choice(
                "In both. Back-propagation reaches every step.",
                "It reaches them with a product of slopes. With w₀ = 0.5 no slope is above 0.5, "
                f"and seventeen of them leave less than {left}.",
            ),
            Choice(
                "In the one with w₀ = 0.5. Its gradient cannot explode.",
                f"It cannot, but it vanishes: seventeen steps back leave less than {left} of it.",
            ),
            Choice(
                "In the one with w₀ = 2, and most of all once it has latched.",
                "Right neuron, wrong moment: before it latches. After that every slope is near "
                f"{slope:.2f}, and the error shrinks faster than with w₀ = 0.5.",
            ),
            Choice(
                "In the one with w₀ = 2, and only while its state is near 0.",
                "Near 0 the slope is 2, and the error grows on its way back. Once the neuron has "
                f"latched, the slope is {slope:.2f} and the error shrinks. With w₀ = 0.5 it "
                "shrinks from the start.",
                right=True,
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "The weight is w = {w}, and at time t the error is δ = {delta}. The net input one step "
        "earlier was {a}. What is the error there?",
        of("delta_step"),
        {"a": Range(0.3, 1.5, 0.1), "delta": Range(0.1, 0.9, 0.1), "w": Range(2.0, 3.0, 0.1)},
        "The error is multiplied by the slope w (1 − tanh² a).",
        {
            "You forgot the factor w.": of("delta_step", w=1),
            "You forgot the slope 1 − tanh² a.": delta * w,
            "The slope is 1 − tanh² a, not 1 − tanh a.": delta * w * (1 - sp.tanh(a)),
        },
    ),
    Task(
        "At the last step the net input is a_T = {a} and the target d = {d}. What is the error "
        "δ_T = ∂C/∂a_T?",
        of("delta_at_end"),
        {"a": Range(-1.2, -0.4, 0.1), "d": Range(0.5, 0.9, 0.1)},
        "It is (tanh a_T − d) times the slope 1 − tanh² a_T.",
        {
            "That is ∂C/∂x_T. The slope of tanh comes in too.": of("cost_derivative", x=sp.tanh(a)),
            "The sign is turned: it is output minus target.": -of("delta_at_end"),
            "The output is tanh a_T, not a_T.": of("cost_derivative", x=a) * (1 - sp.tanh(a) ** 2),
        },
    ),
)

EXERCISES = {
    "ex-one-step-back": Exercise(
        expected=lambda: 0.3 * 2 * (1 - 0.5**2),
        why="The slope of the map is 2 (1 - 0.25) = 1.5, so this error grows on its way back.",
        slips={
            "You forgot the factor w.": lambda: 0.3 * (1 - 0.5**2),
            "You forgot the slope 1 - x^2 of tanh.": lambda: 0.3 * 2,
            "The slope of tanh is 1 - x^2, not 1 - x.": lambda: 0.3 * 2 * 0.5,
        },
    ),
    "ex-target-weight": Exercise(
        expected=lambda: of("w_of_fixed_point", a=sp.atanh(sp.Rational(4, 5))),
        why="It is artanh(0.8)/0.8 = ln(9)/1.6. Training without noise stops near it.",
        slips={
            "That is a+. Divide by tanh a+.": lambda: sp.atanh(sp.Rational(4, 5)),
            "That weight has a+ = 0.8. The target is for tanh a+.": lambda: of(
                "w_of_fixed_point", a=sp.Rational(4, 5)
            ),
        },
    ),
    "ex-how-many-runs": Exercise(
        expected=lambda: wilson_interval(18, 18)[0],
        why="Even a clean sweep of 18 runs leaves room for a true share near 0.82.",
        slips={"Eighteen runs cannot show certainty.": lambda: 1},
        share=True,
    ),
    "ex-criterion": Exercise(
        expected=lambda: sp.Rational(99, 100) ** (2 * BackPropagation().block),
        why="A rare error passes about one block in three, so given many blocks it passes.",
        slips={"A block is 50 rounds of two sequences each.": lambda: 0.99**50},
        share=True,
    ),
}
