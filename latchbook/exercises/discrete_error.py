"""Exercises of the chapter discrete-error."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from latchbook.exercises._base import Exercise
from latchlib.formulas import SYMBOLS, formula

_x, _delta, _eps, _w = (SYMBOLS[name] for name in ("x", "delta", "epsilon", "w"))
_g, _low, _high = (SYMBOLS[name] for name in ("g", "low", "high"))


def _move(x: sp.Expr, wish: int, eps: sp.Expr) -> sp.Expr:
    return formula("required_move").expr.subs({_x: x, _delta: wish, _eps: eps})


def _mean(g: sp.Expr, low: int, high: int) -> sp.Expr:
    return formula("wish_mean").expr.subs({_g: g, _low: low, _high: high})


def _kept(w: sp.Expr, eps: sp.Expr) -> sp.Expr:
    return formula("kept_chance").expr.subs({_w: w, _eps: eps})


def _updates() -> int:
    """Count the updates until the output of the fourth exercise turns over."""
    x, rate, eps = sp.Integer(-1), sp.Rational(1, 5), sp.Rational(1, 2)
    count = 0
    while x <= 0:
        x += rate * _move(x, 2, eps)
        count += 1
    return count


EXERCISES: Mapping[str, Exercise] = {
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
        expected=lambda: formula("sure_weight").expr.subs(_eps, 1),
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
