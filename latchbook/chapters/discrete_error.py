"""What the chapter discrete-error asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, GREY, VERMILLION, axes, styled
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, decimals, of
from latchlib import formulas
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
        "Nineteen steps earlier, how large is the move that is asked for, and how likely is it?",
        (
            Choice(
                "It has shrunk by a factor of 2⁻¹⁹, and it is certain.",
                f"Each unit asks for the move that flips its own output, here {move}. Nothing "
                "shrinks. But at every step chance decides whether it asks at all.",
            ),
            Choice(
                "It is as large as at the end, and it is certain.",
                f"It is indeed as large, {move}. But each step passes the wish on with probability "
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
                f"It can, and in full size. But it rarely does, about once in {once} times.",
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
        "Each step passes it on with probability (2 + w (w + ε))/4, by a new draw.",
        {
            "That is the chance for one step.": of("kept_chance"),
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
            "It is g only for MIN = −2 and MAX = 2.": g,
        },
    ),
)

EXERCISES = {
    "ex-move-asked-for": Exercise(
        expected=lambda: _move(sp.Rational(7, 10), -2, sp.Rational(1, 2)),
        why="It leads from 0.7 across 0, and 1/2 beyond.",
        slips={
            "That ends at the threshold itself. Add the margin.": lambda: -sp.Rational(7, 10),
            "That is where the move ends. The question asks for the move.": lambda: (
                -sp.Rational(1, 2)
            ),
            "The sign is turned: the output should go down.": lambda: sp.Rational(6, 5),
            "That starts from -0.7. The net input is 0.7.": lambda: sp.Rational(1, 5),
        },
    ),
    "ex-mean-of-the-wish": Exercise(
        expected=lambda: sp.solve(_mean(g, -1, 3), g)[0],
        why="The mean is 0 where +2 and -2 are equally likely: in the middle of MIN and MAX.",
        slips={
            "There +2 has only the chance 1/4. The mean is g only for -2 and 2.": lambda: (
                sp.Integer(0)
            ),
            "That is half the way from MIN to MAX. Start from MIN.": lambda: sp.Integer(2),
            "That is the chance of +2. Which g has that chance?": lambda: sp.Rational(1, 2),
        },
    ),
    "ex-ten-steps-back": Exercise(
        expected=lambda: _kept(sp.Rational(4, 5), sp.Rational(1, 2)) ** 10,
        why="Each step passes it on with the chance 0.76, independently of the others.",
        slips={
            "That is for one step. All ten have to pass the error on.": lambda: _kept(
                sp.Rational(4, 5), sp.Rational(1, 2)
            ),
            "That is (g/2)^10, as if every wrong wish could travel on. It cannot, because the "
            "output already is as it asks.": lambda: sp.Rational(13, 25) ** 10,
            "That leaves out the margin: g = w (w + epsilon).": lambda: (
                ((2 + sp.Rational(16, 25)) / 4) ** 10
            ),
        },
        share=True,
    ),
    "ex-sure-weight": Exercise(
        expected=lambda: sp.solve(of("sure_weight") - sp.Rational(1, 2), SYMBOLS["epsilon"])[0],
        why="The move is then w + epsilon = 4, and w times 4 is 2, which is MAX.",
        slips={
            "That is the whole move. The net input is w, the margin is the rest.": lambda: (
                sp.Integer(4)
            ),
            "Then the move is MAX. But the wish is w times the move.": lambda: sp.Rational(3, 2),
        },
    ),
    "ex-updates-to-turn": Exercise(
        expected=_updates,
        why="After n updates x = 1/2 - (3/2) 0.8^n, and 0.8^n falls below 1/3 at n = 5.",
        slips={
            "After that many x is still below 0.": lambda: _updates() - 1,
            "By then it has been above 0 for a while.": lambda: _updates() + 1,
        },
        tolerance=1e-6,
    ),
}

# --- pictures ----------------------------------------------------------------------------


def plot_required_moves(eps: float, ax: Axes | None = None, *, reach: float = 2.0) -> Axes:
    """Draw the move that turns the output over, against the net input, and where it ends."""
    ax = axes(ax)
    move = formulas.formula("required_move")
    low, high = np.linspace(-reach, 0.0, 101), np.linspace(reach / 1e6, reach, 101)
    ax.axhline(0.0, color=GREY, lw=1)
    ax.axvline(0.0, color=GREY, lw=1)
    ax.plot(low, move(low, 2.0, eps), color=BLUE, label=r"for $\Delta y = +2$")
    ax.plot(high, move(high, -2.0, eps), "--", color=VERMILLION, label=r"for $\Delta y = -2$")
    ax.plot([low[-1]], move(low[-1:], 2.0, eps), "o", color=BLUE, ms=6)
    ax.plot([high[0]], move(high[:1], -2.0, eps), "o", color=VERMILLION, mfc="white", ms=6)
    ax.plot(low, -low, ":", color=GREY, lw=1.4, label="just to the threshold")
    ax.plot(high, -high, ":", color=GREY, lw=1.4)
    ax.set(xlabel="net input $x$", ylabel=r"move $\Delta x$", xlim=(-reach, reach))
    ax.legend(loc="upper right")
    return ax


def plot_mean_moves(
    g: ArrayLike, means: Mapping[str, ArrayLike], ax: Axes | None = None, *, marks: ArrayLike = ()
) -> Axes:
    """Draw means against the continuous wish `g`, labelled.

    `marks` are measured means, one row (g, mean, low, high) each.
    """
    ax = axes(ax)
    ax.axhline(0.0, color=GREY, lw=1)
    for (label, mean), colour, line, _ in styled("means", means.items()):
        ax.plot(g, mean, line, color=colour, label=label)
    marks = np.asarray(marks, dtype=float).reshape(-1, 4)
    if len(marks):
        at, mean, low, high = marks.T
        ax.errorbar(
            at, mean, (mean - low, high - mean), fmt="o", color="black", ms=4, capsize=3,
            label="measured",
        )  # fmt: skip
    ax.set(xlabel="continuous wish $g$", ylabel="mean")
    ax.legend(loc="upper left")
    return ax


def plot_arrival(
    chances: Mapping[str, ArrayLike],
    measured: Mapping[str, ArrayLike] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the chance that the error arrives, on a log scale, over the steps back from the end.

    `chances` has arrays (T,) in the order of time; `measured` rows (steps back, share, low, high).
    """
    ax = axes(ax)
    for (label, chance), colour, line, mark in styled("chances", chances.items()):
        back = np.arange(len(np.asarray(chance)))[::-1]
        ax.semilogy(back, chance, line, color=colour, label=label)
        if measured and label in measured:
            at, share, low, high = np.asarray(measured[label], dtype=float).T
            ax.errorbar(
                at, share, (share - low, high - share), fmt=mark, color=colour, ms=4, capsize=3
            )
    ax.set(xlabel="steps back from the end", ylabel="chance that the error arrives")
    ax.legend(loc="lower left")
    return ax


def plot_factor_per_step(
    w: ArrayLike, factors: Mapping[str, ArrayLike], ax: Axes | None = None
) -> Axes:
    """Draw what is left of an error after one step, on average, against the weight w."""
    ax = axes(ax)
    for (label, factor), colour, line, _ in styled("factors", factors.items()):
        ax.plot(w, factor, line, color=colour, label=label)
    ax.axhline(1.0, color=GREY, lw=1)
    ax.set(xlabel="self-loop weight $w$", ylabel="factor per step", ylim=(0.0, 1.08))
    ax.legend(loc="center right", fontsize=9)
    return ax


def plot_learned(
    shares: Mapping[str, ArrayLike], ax: Axes | None = None, *, xlabel: str, log: bool = True
) -> Axes:
    """Draw shares with intervals, labelled: rows (value, share, low, high)."""
    ax = axes(ax)
    for (label, rows), colour, line, mark in styled("shares", shares.items()):
        at, share, low, high = np.asarray(rows, dtype=float).T
        ax.errorbar(
            at, share, (share - low, high - share), fmt=mark + line, color=colour, ms=5,
            lw=1.4, capsize=3, label=label,
        )  # fmt: skip
    if log:
        ax.set_xscale("log")
    ax.set(xlabel=xlabel, ylabel="share of trials that learned", ylim=(-0.03, 1.03))
    ax.legend(loc="best", fontsize=9)
    return ax
