"""What the chapter discrete-error asks."""

from __future__ import annotations

import sympy as sp

from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, decimals, of
from latchlib.formulas import SYMBOLS, formula

g, n, w = (SYMBOLS[name] for name in "g n w".split())


def _move(x: sp.Expr, wish: int, eps: sp.Expr) -> sp.Expr:
    return of("required_move", x=x, delta=wish, epsilon=eps)


def _mean(g: sp.Expr, low: int, high: int) -> sp.Expr:
    return of("wish_mean", g=g, low=low, high=high)


def _kept(w: sp.Expr, eps: sp.Expr) -> sp.Expr:
    return of("kept_chance", w=w, epsilon=eps)


def _updates() -> int:
    """Count the updates until the output of the fourth exercise turns over."""
    x, rate, eps = sp.Integer(-1), sp.Rational(1, 5), sp.Rational(1, 2)
    count = 0
    while x <= 0:
        x += rate * _move(x, 2, eps)
        count += 1
    return count


def _prediction() -> Prediction:
    chance = float(formula("kept_chance")(0.5, 0.5))
    once = round(chance**-19 / 500) * 500
    move = decimals(float(formula("required_move")(0.5, -2, 0.5)), 0)
    return Prediction(
        "Nineteen steps earlier, how large is the move asked for, and how likely is it?",
        (
            Choice(
                "It has shrunk by a factor of 2⁻¹⁹, and it is certain.",
                f"Each unit asks for the move that turns its own output, here {move}. Nothing "
                "shrinks. But chance decides at every step whether it asks at all.",
            ),
            Choice(
                "It is as large as at the end, and it is certain.",
                f"As large it is, {move}. But each step passes the wish on with the probability "
                f"{chance:.3f}, and {chance:.3f}¹⁹ is about one in {once}.",
            ),
            Choice(
                "It is as large as at the end, but rarely asked for.",
                f"The move is {move}, as at the end. It is asked for about once in {once} times, "
                f"{chance:.3f}¹⁹: on average it has vanished after all.",
                right=True,
            ),
            Choice(
                "Nothing can arrive after nineteen steps.",
                f"It can, and in full size. Only it rarely does, about once in {once} times.",
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "A unit with w = {w} holds a bit without input, and at the end its output is wrong. The "
        "margin is ε = {epsilon}, MIN = −2, MAX = 2. How likely is it that the error still asks "
        "for a move {n} steps earlier?",
        of("kept_chance") ** n,
        {"epsilon": Range(0.2, 0.6, 0.1), "n": Range(3, 8, 1), "w": Range(0.4, 0.8, 0.1)},
        "Each step passes it on with the probability (2 + w (w + ε))/4, and draws anew.",
        {
            "That is one step.": of("kept_chance"),
            "That leaves out the margin: g = w (w + ε).": ((2 + w**2) / 4) ** n,
            "That is the chance that it is lost on the way.": 1 - of("kept_chance") ** n,
        },
        share=True,
    ),
    Task(
        "Let MIN = {low}, MAX = {high} and g = {g}. What is the mean of S(g)?",
        of("wish_mean"),
        {"g": Range(0.5, 0.9, 0.1), "high": Range(3.0, 4.5, 0.5), "low": Range(-1.0, -0.5, 0.1)},
        "With p = (g − MIN)/(MAX − MIN) it is 2 p − 2 (1 − p).",
        {
            "That is the probability of +2.": of("wish_chance"),
            "The wish is +2 or −2, not +1 or −1.": of("wish_mean") / 2,
            "It is g for MIN = −2 and MAX = 2 alone.": g,
        },
    ),
)

EXERCISES = {
    "ex-move-asked-for": Exercise(
        expected=lambda: _move(sp.Rational(7, 10), -2, sp.Rational(1, 2)),
        why="From 0.7 across 0 and 1/2 beyond it.",
        slips={
            "That ends at the threshold itself. The margin comes to it.": lambda: (
                -sp.Rational(7, 10)
            ),
            "That is where the move ends. The question asks for the move.": lambda: (
                -sp.Rational(1, 2)
            ),
            "The sign is turned: the output should go down.": lambda: sp.Rational(6, 5),
            "That starts from -0.7. The net input is 0.7.": lambda: sp.Rational(1, 5),
        },
    ),
    "ex-mean-of-the-wish": Exercise(
        expected=lambda: _mean(sp.Rational(1, 2), -1, 3),
        why="The wish says up, its mean says down: the middle of MIN and MAX is 1, above g.",
        slips={
            "That is g. The mean is g for MIN = -2 and MAX = 2 alone.": lambda: sp.Rational(1, 2),
            "That is the probability of +2. The mean is 2 p - 2 (1 - p).": lambda: sp.Rational(
                3, 8
            ),
        },
    ),
    "ex-ten-steps-back": Exercise(
        expected=lambda: _kept(sp.Rational(4, 5), sp.Rational(1, 2)) ** 10,
        why="Each step passes it on with the chance 0.76, independently of the others.",
        slips={
            "That is one step. Ten of them have to pass the error on.": lambda: _kept(
                sp.Rational(4, 5), sp.Rational(1, 2)
            ),
            "That is (g/2)^10, the mean of the sign of the wish if every wrong wish could travel "
            "on. It cannot: the output already is as it asks.": lambda: sp.Rational(13, 25) ** 10,
            "That leaves out the margin: g = w (w + epsilon).": lambda: (
                ((2 + sp.Rational(16, 25)) / 4) ** 10
            ),
        },
        share=True,
    ),
    "ex-sure-weight": Exercise(
        expected=lambda: of("sure_weight", epsilon=1),
        why="With the margin 1 every loop of weight 1 or more hands the error on for sure.",
        slips={
            "That takes the margin for 0. It helps: g = w (w + epsilon).": lambda: sp.sqrt(2),
            "That is MAX. What has to reach MAX is w times the move.": lambda: sp.Integer(2),
        },
    ),
    "ex-updates-to-turn": Exercise(
        expected=_updates,
        why="After n updates x = 1/2 - (3/2) 0.8^n, and 0.8^n falls below 1/3 at n = 5.",
        slips={
            "After that many x is still below 0.": lambda: _updates() - 1,
            "After that many it has been above 0 before.": lambda: _updates() + 1,
        },
        tolerance=1e-6,
    ),
}
