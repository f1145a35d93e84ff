"""What the chapter random-guessing asks."""

from __future__ import annotations

from math import ceil, log

import sympy as sp

from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS

n, q, x, x1, x2 = (SYMBOLS[name] for name in "n q x x1 x2".split())

_LATCH = sp.Rational(1, 8)


def _box(c: sp.Expr, b: sp.Expr) -> sp.Expr:
    least = of("held_weight", a=c, h=b)
    return of("box_share", w=least, x=c, m=100)


def _kinds() -> dict[sp.Symbol, sp.Expr]:
    return {q: sp.Rational(1, 2), x1: sp.Rational(3, 20), x2: sp.Rational(1, 1000)}


def _mean_chance() -> sp.Expr:
    return (q * x1 + (1 - q) * x2).subs(_kinds())


PREDICTION = Prediction(
    "How likely are such weights to solve the latch problem, with noise of up to 0.2?",
    (
        Choice(
            "Practically never. Three numbers would have to be hit.",
            "None has to be hit. Three signs have to be right, and for the rest nearly every "
            "size will do.",
        ),
        Choice(
            "About 1/8 at T = 20, much less at T = 600, never on [−1, 1].",
            "It is the same at T = 600: weights that hold the bit under this noise hold it for "
            "ever.",
        ),
        Choice(
            "About 1/8 each time, also on [−1, 1]. Signs are what counts.",
            "They count where the weights are large enough. On [−1, 1] none can hold the bit "
            "under noise.",
        ),
        Choice(
            "About 1/8 at T = 20 and at T = 600, never on [−1, 1].",
            "Three signs have to be right, and what holds the bit once holds it for ever. With "
            "w ≤ 1 there is nothing that holds it.",
            right=True,
        ),
    ),
)

DRILL = Drill(
    Task(
        "A guess succeeds with the probability {x}. With what probability are more than {n} "
        "guesses needed?",
        of("geometric_tail"),
        {"n": Range(10, 30, 1), "x": Range(0.1, 0.2, 0.02)},
        "The first n all fail: (1 − p)ⁿ.",
        {
            "That is the probability that n are enough.": 1 - of("geometric_tail"),
            "Probabilities of failures multiply, they do not add.": 1 - n * x,
            "That is one guess.": 1 - x,
        },
        share=True,
    ),
    Task(
        "A share {q} of the training sets has the chance {x1} a guess, the others {x2}. How many "
        "guesses does it take on average over all sets?",
        q / x1 + (1 - q) / x2,
        {
            "q": Range(0.2, 0.8, 0.1),
            "x1": Range(0.1, 0.2, 0.05),
            "x2": Range(0.005, 0.02, 0.005),
        },
        "The mean of 1/p is asked for, q/p₁ + (1 − q)/p₂.",
        {
            "That is one over the mean chance.": 1 / (q * x1 + (1 - q) * x2),
            "That is the easy sets alone.": 1 / x1,
            "That is the hard sets alone.": 1 / x2,
        },
    ),
)

EXERCISES = {
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
        expected=lambda: of("geometric_tail", x=sp.Rational(1, 1836), n=1000),
        why="So more than half of the trials stop without a solution, though all would find one.",
        slips={
            "That is the chance to find one within the budget.": lambda: (
                1 - of("geometric_tail", x=sp.Rational(1, 1836), n=1000)
            ),
            "20,000 presentations are 1000 guesses, at 20 sequences each.": lambda: of(
                "geometric_tail", x=sp.Rational(1, 1836), n=20_000
            ),
        },
        share=True,
    ),
    "ex-guess-two-kinds": Exercise(
        expected=lambda: (q / x1 + (1 - q) / x2).subs(_kinds()),
        why="The hard half makes nearly all of it.",
        slips={
            "That is 1/E p. The mean of 1/p is wanted.": lambda: 1 / _mean_chance(),
            "That is the hard half alone.": lambda: 1 / _kinds()[x2],
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
