"""Exercises of the chapter experiments."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from latchlib.exercises._base import Exercise
from latchlib.formulas import SYMBOLS, formula

_HALF = sp.Rational(1, 2)


def _filled(name: str, **values: object) -> sp.Expr:
    return formula(name).expr.subs({SYMBOLS[key]: value for key, value in values.items()})


def _spread(correlation: sp.Expr) -> sp.Expr:
    """Standard deviation of the mean error of 20 trials of 20 sequences, at q = 1/2."""
    return sp.sqrt(_filled("mean_error_variance", q=_HALF, c=correlation, m=20, n=20))


def _verdict() -> str:
    """Judge 22 % of 1993 beside 12 %, spread 0.2, interval 8 to 16 %."""
    by_chance = _filled(
        "error_reach", t=sp.Rational("1.984"), sigma=sp.Rational("0.2"), n=100, m=20
    )
    if 8 <= 22 <= 16 or by_chance >= sp.Rational(22 - 12, 100):
        return "matched"
    # Both lie from 10 to below 35 %.
    return "matched in kind" if 10 <= 12 < 22 < 35 else "not matched"


EXERCISES: Mapping[str, Exercise] = {
    "ex-stopped-by-budget": Exercise(
        expected=lambda: _filled("stopped_share", c=2800, low=1500, high=3000),
        why="200 presentations are missing on average, and each early trial saves 1,500 or more.",
        slips={
            "That is the share of the budget that was saved, not the share of trials.": lambda: (
                sp.Rational(200, 3000)
            ),
            "That is the share of those that went on.": lambda: (
                1 - _filled("stopped_share", c=2800, low=1500, high=3000)
            ),
        },
        share=True,
    ),
    "ex-effective-trials": Exercise(
        expected=lambda: _spread(_HALF),
        why="Correlated sequences: twenty of them count for hardly two.",
        slips={
            "That takes all 400 sequences for independent.": lambda: _spread(sp.Integer(0)),
            "That lets each trial be all right or all wrong.": lambda: _spread(sp.Integer(1)),
            "That is the variance. Take its square root.": lambda: _spread(_HALF) ** 2,
        },
    ),
    "ex-constant-parity": Exercise(
        expected=lambda: sum(
            sp.Rational(min(k, 4 - k), 4) * sp.binomial(4, k) / 2**4 for k in range(5)
        ),
        why="The smaller the set, the better a constant seems to do.",
        slips={
            "That is the error on fresh sequences.": lambda: _HALF,
            "That takes the five values of k as equally likely.": lambda: sp.Rational(1, 5),
            "That is the mean number of wrong sequences. Divide by four.": lambda: sum(
                min(k, 4 - k) * sp.binomial(4, k) / sp.Integer(2**4) for k in range(5)
            ),
        },
        share=True,
    ),
    "ex-expected-presentations": Exercise(
        expected=lambda: _filled("passes_presentations", q=sp.Rational(1, 10), m=20, n=10),
        why="The budget cuts off a third of the 200 that it would take without one.",
        slips={
            "That is the mean without a budget.": lambda: sp.Integer(200),
            "That counts passes. Each presents 20 sequences.": lambda: _filled(
                "passes_presentations", q=sp.Rational(1, 10), m=1, n=10
            ),
        },
    ),
    "ex-verdict": Exercise(
        expected=_verdict,
        why="10 % apart is a hair more than chance allows, and both learn in part.",
        slips={
            "Chance allows 9.7 %, and they are 10 % apart.": lambda: "matched",
            "Look at the classes: both are from 10 % to below 35 %.": lambda: "not matched",
        },
        choices=("matched", "matched in kind", "not matched"),
    ),
}
