"""What the chapter multigrid asks."""

from __future__ import annotations

from math import log10

import sympy as sp

from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of, superscript
from latchlib.formulas import SYMBOLS, formula
from latchlib.training import Multigrid

d, n, x = (SYMBOLS[name] for name in "d n x".split())

_KAPPA = sp.nsimplify(Multigrid().shrink)


def _box(improvements: int) -> sp.Expr:
    return of("box_after", d=5, x=_KAPPA, n=improvements)


def _reach(width: sp.Expr) -> sp.Expr:
    return sp.limit(of("box_reach", x=_KAPPA, d=width), n, sp.oo)


def _first_half_width(far: int) -> sp.Expr:
    (width,) = sp.solve(sp.Eq(_reach(d), far), d)
    return width


def _improvement(ratio: sp.Expr, n: int = 4) -> sp.Expr:
    share = sp.Integer(1)
    for m in range(2, n + 1, 2):
        share = of("ball_share", n=m, q=share)
    return of("ball_improvement", q=share, x=ratio, d=1, n=n)


def _prediction() -> Prediction:
    share = 1.0
    for n in range(3, 26, 2):
        share = float(formula("ball_share")(share, n))
    rare = superscript(round(-log10(formula("ball_improvement")(share, 3.0, 5.0, 25))))
    return Prediction(
        "What does the box do on the plateau, and what does it do in the 25 variables?",
        (
            Choice(
                "It shrinks in both, since nothing better is found.",
                "It shrinks only at improvements. As long as nothing better is found, it stays.",
            ),
            Choice(
                "It stays in both.",
                "It changes only at improvements. On the plateau there are none, so it waits. In "
                f"25 variables one point in 10{rare} is better, and you will not see it.",
                right=True,
            ),
            Choice(
                "On the plateau it stays, in 25 variables it closes in on the least point.",
                f"It would have to find better points, and only one in 10{rare} is better.",
            ),
            Choice(
                "On the plateau it grows until it reaches beyond.",
                "It never grows. The search keeps the box as wide as it is, and tries again.",
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "The box starts with the half-width {d}, and each improvement multiplies it by {x}. What "
        "is the half-width after {n} improvements?",
        of("box_after"),
        {"d": Range(2, 9, 1), "n": Range(3, 12, 1), "x": Range(0.7, 0.95, 0.05)},
        "It is ℓ₀ κⁿ.",
        {
            "That is one improvement too few.": of("box_after", n=n - 1),
            "That is the share of the first half-width. Multiply by it.": x**n,
            "That is how far these improvements can lead.": of("box_reach"),
        },
    ),
    Task(
        "The first half-width is {d}, and the factor is {x}. How far can {n} improvements lead in "
        "one variable?",
        of("box_reach"),
        {"d": Range(2, 9, 1), "n": Range(4, 9, 1), "x": Range(0.84, 0.94, 0.02)},
        "Each leads at most one half-width: ℓ₀ (1 + κ + κ² + ⋯), with n terms.",
        {
            "That forgets that the box shrinks on the way.": d * n,
            "That is for infinitely many improvements.": d / (1 - x),
            "That is the last half-width, not the sum of all.": of("box_after"),
        },
    ),
)

EXERCISES = {
    "ex-ten-improvements": Exercise(
        expected=lambda: _reach(_box(10)),
        why="Ten half-widths of 1.74 are left of the reach, which was 50 at the start.",
        slips={
            "That is one half-width. Further improvements add up to ten of them.": lambda: _box(10),
            "That is from the start. The box has shrunk since then.": lambda: _reach(_box(0)),
            "That is how far the ten can have led, not how far the others can.": lambda: (
                _reach(_box(0)) - _reach(_box(10))
            ),
        },
    ),
    "ex-within-reach": Exercise(
        expected=lambda: _first_half_width(20),
        why="Ten half-widths are the most that all improvements together can cross.",
        slips={
            "That would reach it in one step. But improvements add up.": lambda: sp.Integer(20),
            "That multiplies by ten. Improvements together reach ten half-widths, so divide.": (
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
            "It never falls to 0: each point is drawn from the whole box.": lambda: sp.Integer(0),
        },
        share=True,
    ),
    "ex-four-variables": Exercise(
        expected=lambda: _improvement(sp.Rational(1, 4)),
        why="It is pi^2/32 of the cube around the ball, which is 1/256 of the box.",
        slips={
            "That is the cube around the ball, which fills only a share q_4 of it.": lambda: (
                sp.Rational(1, 256)
            ),
            "That is only q_4, the share of the ball in its own cube. The box is wider.": (
                lambda: _improvement(sp.Integer(1))
            ),
            "That is for a box twice as wide as the distance.": lambda: _improvement(
                sp.Rational(1, 2)
            ),
        },
        share=True,
    ),
    "ex-factor-for-n": Exercise(
        expected=lambda: sp.exp(-1 / n),
        why="For 25 variables it is 0.961; with 0.9 the box falls 2.6 times as fast.",
        slips={
            "That is only the first-order approximation of it.": lambda: 1 - 1 / n,
            "Mind the sign: the factor has to be below 1.": lambda: sp.exp(1 / n),
        },
    ),
}
