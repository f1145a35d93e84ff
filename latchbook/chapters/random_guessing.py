"""What the chapter random-guessing asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, log

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from pandas import DataFrame

from latchbook.figures.style import axes, styled
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib import formulas
from latchlib.formulas import SYMBOLS

n, q, x, x1, x2 = (SYMBOLS[name] for name in "n q x x1 x2".split())

_LATCH = sp.Rational(1, 8)


def _box(c: sp.Expr, b: sp.Expr) -> sp.Expr:
    least = of("held_weight", a=c, h=b)
    return of("box_share", w=least, x=c, m=100)


def _guesses(failing: float) -> int:
    """Count the guesses after which no more than this share of the latch trials has failed."""
    return ceil(log(failing) / log(1 - _LATCH))


def _kinds() -> dict[sp.Symbol, sp.Expr]:
    return {q: sp.Rational(1, 2), x1: sp.Rational(3, 20), x2: sp.Rational(1, 1000)}


def _mean_chance() -> sp.Expr:
    return (q * x1 + (1 - q) * x2).subs(_kinds())


PREDICTION = Prediction(
    "How likely are such weights to solve the latch problem, with noise of up to 0.2?",
    (
        Choice(
            "Practically never. Three numbers would have to be hit.",
            "None has to be hit. Three signs have to be right, and beyond that nearly every size "
            "will do.",
        ),
        Choice(
            "About 1/8 at T = 20, much less at T = 600, never on [−1, 1].",
            "It is the same at T = 600: weights that hold the bit under this noise hold it for "
            "ever.",
        ),
        Choice(
            "About 1/8 each time, even on [−1, 1]. Signs are all that counts.",
            "That is so where the weights are large enough. On [−1, 1] none can hold the bit "
            "under noise.",
        ),
        Choice(
            "About 1/8 at T = 20 and at T = 600, never on [−1, 1].",
            "Three signs have to be right, and what holds the bit once holds it for ever. With "
            "w ≤ 1 nothing holds it.",
            right=True,
        ),
    ),
)

DRILL = Drill(
    Task(
        "A guess succeeds with probability {x}. With what probability are more than {n} guesses "
        "needed?",
        of("geometric_tail"),
        {"n": Range(10, 30, 1), "x": Range(0.1, 0.2, 0.02)},
        "The first n guesses all fail: (1 − p)ⁿ.",
        {
            "That is the probability that n are enough.": 1 - of("geometric_tail"),
            "Probabilities of failures multiply, they do not add.": 1 - n * x,
            "That is for one guess.": 1 - x,
        },
        share=True,
    ),
    Task(
        "A share {q} of the training sets has the chance {x1} per guess, and the others have {x2}. "
        "How many guesses does it take on average over all sets?",
        q / x1 + (1 - q) / x2,
        {
            "q": Range(0.2, 0.8, 0.1),
            "x1": Range(0.1, 0.2, 0.05),
            "x2": Range(0.005, 0.02, 0.005),
        },
        "It is the mean of 1/p, which is q/p₁ + (1 − q)/p₂.",
        {
            "That is one over the mean chance.": 1 / (q * x1 + (1 - q) * x2),
            "That is for the easy sets alone.": 1 / x1,
            "That is for the hard sets alone.": 1 / x2,
        },
    ),
)

EXERCISES = {
    "ex-guess-presentations": Exercise(
        expected=lambda: sp.Integer(20 * _guesses(0.01)),
        why="35 guesses: more than four times the mean of eight, for one trial in a hundred.",
        slips={
            "That is the number of guesses. Each presents 20 sequences.": lambda: _guesses(0.01),
            "That is the mean. With it a third of the trials fail.": lambda: 20 / _LATCH,
            "With that many a trial fails a little more often.": lambda: 20 * (_guesses(0.01) - 1),
            "That is enough for every second trial.": lambda: 20 * _guesses(0.5),
        },
        tolerance=1e-6,
    ),
    "ex-guess-box": Exercise(
        expected=lambda: _box(sp.Rational(1, 2), sp.Rational(1, 5)),
        why="It is about 1 % below the exact share, for T = 20 and T = 600 alike.",
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
        why="More than half of the trials end without a solution that all would find in time.",
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
        why="Nearly all of it comes from the hard half.",
        slips={
            "That is 1/E p. You need the mean of 1/p.": lambda: 1 / _mean_chance(),
            "That is for the hard half alone.": lambda: 1 / _kinds()[x2],
        },
    ),
    "ex-guess-bits": Exercise(
        expected=lambda: next(k for k in range(1, 99) if 1 / _LATCH**k > 1_000_000),
        why="8^7 is 2,097,152; six bits take 262,144.",
        slips={
            "That many bits still take fewer than a million guesses.": lambda: (
                next(k for k in range(1, 99) if 1 / _LATCH**k > 1_000_000) - 1
            ),
            "That counts factors of 2. Each bit has three weights to get right: 8.": lambda: 20,
        },
        tolerance=1e-6,
    ),
}

# --- pictures ----------------------------------------------------------------------------


def plot_guesses(needed: ArrayLike, chance: float, ax: Axes | None = None) -> Axes:
    """Draw the share of trials that need more than n guesses, and the geometric law.

    `needed` is one number of guesses a trial.
    """
    ax = axes(ax)
    needed = np.sort(np.asarray(needed))
    n = np.arange(needed[-1])
    ax.semilogy(n, formulas.formula("geometric_tail")(chance, n), "-", label="$(1 - p)^n$")
    share = 1.0 - np.searchsorted(needed, n, side="right") / needed.size
    ax.plot(n, share, ".", color="black", ms=5, label="trials")
    ax.set(xlabel="guesses $n$", ylabel="share that needs more")
    ax.set_ylim(0.5 / needed.size, 1.3)
    ax.legend(loc="upper right")
    return ax


def plot_chances(
    measured: Mapping[str, ArrayLike],
    laws: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None,
    ax: Axes | None = None,
    *,
    xlabel: str,
) -> Axes:
    """Draw chances of a guess with intervals, labelled, on log scales, and laws beside them.

    `measured` has rows (x, chance, low, high), `laws` pairs (x, chance) by one of these labels. An
    interval that reaches below a fifth of the least chance ends at the lower edge.
    """
    ax, laws = axes(ax), laws or {}
    edge = min(np.asarray(rows, dtype=float)[:, 1].min() for rows in measured.values()) / 5.0
    ax.set(xscale="log", yscale="log", xlabel=xlabel, ylabel="chance $p$ of a guess")
    for (label, rows), colour, line, mark in styled("measured", measured.items()):
        at, chance, low, high = np.asarray(rows, dtype=float).T
        low = np.maximum(low, edge)
        ax.errorbar(
            at, chance, (chance - low, high - chance), fmt=mark, color=colour, ms=5, capsize=3,
            label=label,
        )  # fmt: skip
        if label in laws:
            ax.plot(*laws[label], line, color=colour)
    ax.set_ylim(bottom=edge)
    ax.legend(loc="best", fontsize=9)
    return ax


def plot_price(
    table: DataFrame, methods: tuple[str, ...], ax: Axes | None = None, *, noise: float
) -> Axes:
    """Draw what a success costs against T: presentations of all trials over trials that learned.

    `table` is a result of the comparison. The interval is that of the share that learned. A cell
    where none did is left out.
    """
    ax = axes(ax)
    for (place, method), colour, line, mark in styled("methods", enumerate(methods)):
        rows = table.query("method == @method and noise == @noise and learned > 0")
        rows = rows.sort_values("T")
        shares = rows["learned"] / rows["trials"], rows["learned_high"], rows["learned_low"]
        price, low, high = (rows["presentations"].to_numpy() / share for share in shares)
        ax.errorbar(
            rows["T"] * 1.02**place, price, (price - low, high - price), fmt=mark + line,
            color=colour, ms=5, lw=1.4, capsize=3, label=method,
        )  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="greatest length $T$ (steps)")
    ax.set_ylabel("presentations a success costs")
    # Above the axes: the lines leave no room among them.
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=9)
    return ax
