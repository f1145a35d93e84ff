"""Exercises of the chapter multigrid."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from latchbook.exercises._base import Exercise
from latchlib.formulas import SYMBOLS, formula
from latchlib.training import Multigrid

_d, _x, _n, _q = (SYMBOLS[name] for name in ("d", "x", "n", "q"))
_KAPPA = sp.nsimplify(Multigrid().shrink)


def _box(improvements: int, kappa: sp.Expr = _KAPPA) -> sp.Expr:
    return formula("box_after").expr.subs({_d: 5, _x: kappa, _n: improvements})


def _first_half_width(far: int) -> sp.Expr:
    reach = sp.limit(formula("box_reach").expr.subs(_x, _KAPPA), _n, sp.oo)
    (width,) = sp.solve(sp.Eq(reach, far), _d)
    return width


def _improvement(ratio: sp.Expr, n: int = 4) -> sp.Expr:
    share = sp.Integer(1)
    for m in range(2, n + 1, 2):
        share = formula("ball_share").expr.subs({_n: m, _q: share})
    return formula("ball_improvement").expr.subs({_q: share, _x: ratio, _d: 1, _n: n})


EXERCISES: Mapping[str, Exercise] = {
    "ex-ten-improvements": Exercise(
        expected=lambda: _box(10),
        why="About a third is left: each improvement takes a tenth of what there is.",
        slips={
            "That takes nine improvements.": lambda: _box(9),
            "That reduces it by 0.9 each time. It is reduced to 0.9.": lambda: _box(
                10, sp.Rational(1, 10)
            ),
            "That is the factor. The first half-width was 5.": lambda: _box(10) / 5,
        },
    ),
    "ex-within-reach": Exercise(
        expected=lambda: _first_half_width(20),
        why="Ten half-widths are the most that all improvements together can cross.",
        slips={
            "That would reach it in one step. Improvements add up.": lambda: sp.Integer(20),
            "That multiplies by ten. All improvements together reach ten half-widths: divide.": (
                lambda: sp.Integer(200)
            ),
            "That multiplies by 0.9. The reach is half-width / (1 - 0.9).": lambda: sp.Integer(18),
        },
    ),
    "ex-still-on-the-plateau": Exercise(
        expected=lambda: sp.Rational(49, 50) ** 100,
        why="About 13 %, although 50 points are enough on average.",
        slips={
            "That is the chance that it has left.": lambda: 1 - sp.Rational(49, 50) ** 100,
            "That is the chance that one point misses.": lambda: sp.Rational(49, 50),
            "The points do not run out: each is drawn from the whole box.": lambda: sp.Integer(0),
        },
        share=True,
    ),
    "ex-four-variables": Exercise(
        expected=lambda: _improvement(sp.Rational(1, 4)),
        why="pi^2/32 of the cube round the ball, which is 1/256 of the box.",
        slips={
            "That is the cube round the ball. The ball is a share q_4 of it.": lambda: sp.Rational(
                1, 256
            ),
            "That is q_4 alone, the share of the ball in its own cube. The box is wider.": (
                lambda: _improvement(sp.Integer(1))
            ),
            "That is for a box twice as wide as the distance.": lambda: _improvement(
                sp.Rational(1, 2)
            ),
        },
        share=True,
    ),
    "ex-factor-for-n": Exercise(
        expected=lambda: sp.exp(-1 / _n),
        why="For 25 variables 0.961; with 0.9 the box falls 2.6 times as fast.",
        slips={
            "That is its first-order form. Take the exponential.": lambda: 1 - 1 / _n,
            "The factor is below 1: mind the sign.": lambda: sp.exp(1 / _n),
        },
    ),
}
