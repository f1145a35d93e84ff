"""Exercises of the chapter simulated-annealing."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from latchbook.exercises._base import Exercise
from latchlib.formulas import SYMBOLS, formula
from latchlib.training import SimulatedAnnealing

_rise, _temp, _c, _d, _x = (SYMBOLS[name] for name in ("delta", "temp", "c", "d", "x"))
_SEQUENCES = 20


def _accepted(rise: sp.Expr, temperature: sp.Expr) -> sp.Expr:
    return formula("metropolis_chance").expr.subs({_rise: rise, _temp: temperature})


def _step(v: sp.Expr, share: sp.Expr) -> sp.Expr:
    settings = SimulatedAnnealing()
    return v * formula("step_factor").expr.subs({_x: share, _c: int(settings.c)})


def _coolings() -> sp.Expr:
    factor = sp.nsimplify(SimulatedAnnealing().r_t)
    return sp.ceiling(sp.log(sp.Rational(1, 100)) / sp.log(factor))


def _presentations(n: int) -> sp.Expr:
    settings = SimulatedAnnealing()
    return sp.Integer(settings.n_s * settings.adjustments(n) * n * _SEQUENCES)


def _depth(q: sp.Expr, moves: int) -> sp.Expr:
    (depth,) = sp.solve(sp.Eq(formula("escape_time").expr.subs(_x, q), moves), _d)
    return depth


EXERCISES: Mapping[str, Exercise] = {
    "ex-worse-move": Exercise(
        expected=lambda: _accepted(sp.Rational(1, 5), sp.Rational(1, 10)),
        why="exp(-2): a rise of two temperatures.",
        slips={
            "That is the chance that it is rejected.": lambda: (
                1 - _accepted(sp.Rational(1, 5), sp.Rational(1, 10))
            ),
            "That has rise and temperature the other way round.": lambda: sp.exp(
                -sp.Rational(1, 2)
            ),
            "A chance is at most 1. The exponent is negative.": lambda: sp.exp(2),
        },
        share=True,
    ),
    "ex-next-step": Exercise(
        expected=lambda: _step(sp.Rational(4, 5), sp.Rational(4, 5)),
        why="16 of 20 is 0.8, halfway from 0.6 to 1: the factor is halfway from 1 to 3.",
        slips={
            "That is the factor. The step was 0.8.": lambda: _step(1, sp.Rational(4, 5)),
            "That makes the step shorter. More than half were accepted: it is too short.": lambda: (
                _step(sp.Rational(4, 5), sp.Rational(1, 5))
            ),
            "That triples the step, as if all had been accepted.": lambda: _step(
                sp.Rational(4, 5), 1
            ),
        },
    ),
    "ex-how-long-hot": Exercise(
        expected=_coolings,
        why="0.85^28 is still 0.0106.",
        slips={
            "After that many it is just above 0.001.": lambda: _coolings() - 1,
            "That is how long a fall by 0.15 of the first temperature at a time would take.": (
                lambda: sp.Integer(7)
            ),
        },
        tolerance=1e-6,
    ),
    "ex-one-temperature": Exercise(
        expected=lambda: _presentations(7),
        why="20 moves of each of 7 parameters, a hundred times, 20 sequences each.",
        slips={
            "That is the number of moves. Each presents the whole training set.": lambda: (
                _presentations(7) / _SEQUENCES
            ),
            "That takes N_T for 5 n. It is the greater of that and 100.": lambda: (
                _presentations(7) * sp.Rational(35, 100)
            ),
            "That is one round. There are N_T of them at a temperature.": lambda: (
                _presentations(7) / 100
            ),
        },
        tolerance=1e-6,
    ),
    "ex-how-deep": Exercise(
        expected=lambda: _depth(sp.Rational(1, 2), 1000),
        why="The depth counts in temperatures, and only through its exponential.",
        slips={
            "That forgets that only half of the moves lead over the rim.": lambda: _depth(
                sp.Integer(1), 1000
            ),
            "That multiplies the mean by q. It is divided by q.": lambda: _depth(
                sp.Rational(2, 1), 1000
            ),
        },
    ),
}
