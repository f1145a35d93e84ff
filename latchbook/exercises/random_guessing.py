"""Exercises of the chapter random-guessing."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, log

import sympy as sp

from latchbook.exercises._base import Exercise
from latchlib.formulas import SYMBOLS, formula

_a, _h, _w, _m, _x, _n = (SYMBOLS[name] for name in ("a", "h", "w", "m", "x", "n"))
_q, _x1, _x2 = (SYMBOLS[name] for name in ("q", "x1", "x2"))
_LATCH = sp.Rational(1, 8)


def _box(c: sp.Expr, b: sp.Expr) -> sp.Expr:
    least = formula("held_weight").expr.subs({_a: c, _h: b})
    return formula("box_share").expr.subs({_w: least, _x: c, _m: 100})


def _kinds() -> dict[sp.Symbol, sp.Expr]:
    return {_q: sp.Rational(1, 2), _x1: sp.Rational(3, 20), _x2: sp.Rational(1, 1000)}


def _mean_chance() -> sp.Expr:
    return (_q * _x1 + (1 - _q) * _x2).subs(_kinds())


EXERCISES: Mapping[str, Exercise] = {
    "ex-guess-presentations": Exercise(
        expected=lambda: 20 / _LATCH,
        why="Eight guesses on average, and each presents all 20 sequences.",
        slips={
            "That is the number of guesses. Each presents 20 sequences.": lambda: 1 / _LATCH,
            "That is the median of the geometric law in place of its mean.": lambda: (
                20 * ceil(log(0.5) / log(7 / 8))
            ),
        },
    ),
    "ex-guess-box": Exercise(
        expected=lambda: _box(sp.Rational(1, 2), sp.Rational(1, 5)),
        why="About 1 % below the exact share, for T = 20 and T = 600 alike.",
        slips={
            "That is the share without noise.": lambda: _box(sp.Rational(1, 2), sp.S.Zero),
            "That leaves out that u1 and u2 must be beyond c: two factors 1 - c/B.": lambda: (
                _box(sp.Rational(1, 2), sp.Rational(1, 5)) / (1 - sp.Rational(1, 200)) ** 2
            ),
        },
        tolerance=5e-4,
        share=True,
    ),
    "ex-guess-budget": Exercise(
        expected=lambda: formula("geometric_tail").expr.subs({_x: sp.Rational(1, 1836), _n: 1000}),
        why="So more than half of the trials stop without a solution, though all would find one.",
        slips={
            "That is the chance to find one within the budget.": lambda: (
                1 - formula("geometric_tail").expr.subs({_x: sp.Rational(1, 1836), _n: 1000})
            ),
            "20,000 presentations are 1000 guesses, at 20 sequences each.": lambda: formula(
                "geometric_tail"
            ).expr.subs({_x: sp.Rational(1, 1836), _n: 20_000}),
        },
        share=True,
    ),
    "ex-guess-two-kinds": Exercise(
        expected=lambda: (_q / _x1 + (1 - _q) / _x2).subs(_kinds()),
        why="The hard half makes nearly all of it.",
        slips={
            "That is 1/E p. The mean of 1/p is wanted.": lambda: 1 / _mean_chance(),
            "That is the hard half alone.": lambda: 1 / _kinds()[_x2],
        },
    ),
    "ex-guess-bits": Exercise(
        expected=lambda: next(k for k in range(1, 99) if 1 / _LATCH**k > 1_000_000),
        why="8^7 is 2,097,152; six bits take 262,144.",
        slips={
            "That many bits still take fewer than a million.": lambda: (
                next(k for k in range(1, 99) if 1 / _LATCH**k > 1_000_000) - 1
            ),
            "That counts factors of 2. Each bit has three weights to get right: 8.": lambda: 20,
        },
        tolerance=1e-6,
    ),
}
