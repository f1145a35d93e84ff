"""What the chapter em asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, log

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch
from numpy.typing import ArrayLike
from pandas import DataFrame

from latchbook.figures.style import BLUE, COLOURS, GREY, LINES, MARKS, VERMILLION, axes
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS
from latchlib.iohmm import Machine

epsilon, m, n, t, w, x, x1, x2 = (SYMBOLS[name] for name in "epsilon m n t w x x1 x2".split())

_TENTH, _FIFTH = sp.Rational(1, 10), sp.Rational(1, 5)


def _third_step() -> sp.Expr:
    """Chance to be on square 1 after three steps that leave 0 with 1/10 and 1 with 1/5."""
    moves = sp.Matrix([[1 - _TENTH, _TENTH], [_FIFTH, 1 - _FIFTH]])
    return (moves**3)[0, 1]


PREDICTION = Prediction(
    "At each step a token may go from any of seven squares to any other, and each such move has a "
    "chance of at least 1/70. Two tokens are now on different squares. How much can it matter, "
    "100 steps later, which of the two it was, as a share of how much it matters now?",
    (
        Choice(
            "All of it. The chances of all squares sum to 1 at every step, so nothing is lost.",
            "The sum is kept, but it says nothing about where the token came from. What counts is "
            "the difference between two starts, and that shrinks at every step.",
        ),
        Choice(
            "About 9/10: a move of at least 1/70 on each of 7 squares takes 1/10.",
            "It takes 1/10 of what is left at every step, not once.",
        ),
        Choice(
            "At most 3 in 100,000.",
            "At each step at least 7/70 = 1/10 of the moves are the same from everywhere, so at "
            "least a tenth of the difference is lost. At most 0.9¹⁰⁰ is left.",
            right=True,
        ),
        Choice(
            "About 1/7: then the token is anywhere.",
            "That would be how likely each square is if all were equally likely. The question is "
            "how much that chance still depends on the start.",
        ),
    ),
)

DRILL = Drill(
    Task(
        "The token moves on with the chance {x}, and otherwise stays. If it moves, the class is "
        "right in the end with the chance {m}; if it stays, with {w}. The class was right. How "
        "likely is it that the token moved?",
        of("move_credit"),
        {"x": Range(0.2, 0.4, 0.05), "m": Range(0.6, 0.9, 0.1), "w": Range(0.1, 0.4, 0.1)},
        "Weigh each way by how likely it is to end right: pβ₁ over pβ₁ + (1 − p)β₀.",
        {
            "That is the chance that the token moves and the class is right. Divide by the chance "
            "that the class is right.": m * x,
            "That is the chance that it moves when nothing is known about the class.": x,
        },
        share=True,
    ),
    Task(
        "There are two squares. At each step the token leaves the first with the chance {x1}, and "
        "the second with {x2}. What share of a difference is left after one step?",
        of("two_state_coefficient"),
        {"x1": Range(0.1, 0.2, 0.05), "x2": Range(0.1, 0.25, 0.05)},
        "τ is |1 − p − q|.",
        {
            "The two chances of leaving add up; they do not multiply.": (1 - x1) * (1 - x2),
            "That is what is lost.": x1 + x2,
        },
        share=True,
    ),
    Task(
        "There are {n} squares, and every move has a chance of at least {epsilon} at each step. "
        "What share of the credit can be left {t} steps before the end, at most?",
        of("credit_left"),
        {"n": Range(3, 6, 1), "epsilon": Range(0.01, 0.02, 0.005), "t": Range(10, 30, 10)},
        "Each step leaves at most 1 − nε of it.",
        {
            "That counts one square only, but each of the n has that chance.": (1 - epsilon) ** t,
            "That is for one step. Each further step takes its share of what is left.": (
                1 - n * epsilon
            ),
        },
        share=True,
    ),
)

EXERCISES = {
    "ex-em-forward": Exercise(
        expected=_third_step,
        why="The three laws after the start are (9/10, 1/10), (83/100, 17/100), (781/1000, "
        "219/1000).",
        slips={
            "That is the chance after two steps.": lambda: sp.Rational(17, 100),
            "That is the chance to be on square 0.": lambda: 1 - _third_step(),
            "That adds three chances of leaving square 0, but the token may go back.": lambda: (
                3 * _TENTH
            ),
        },
        share=True,
    ),
    "ex-em-m-step": Exercise(
        expected=lambda: sp.Rational(3, 20),
        why="The counts from one square sum to 2, and 0.3/2 = 0.15.",
        slips={
            "That is the count. Divide by the sum of the counts from that square.": lambda: (
                sp.Rational(3, 10)
            ),
            "That divides by the first count alone.": lambda: sp.Rational(1, 4),
        },
        share=True,
    ),
    "ex-em-steps": Exercise(
        expected=lambda: sp.Integer(ceil(log(0.01) / log(0.98))),
        why="Each step leaves 1 - 0.01 - 0.01 = 0.98 of the credit.",
        slips={
            "The token may leak both ways, so each step leaves 1 - 2 * 0.01.": lambda: sp.Integer(
                ceil(log(0.01) / log(0.99))
            ),
            "That is where half of it is left.": lambda: sp.Integer(ceil(log(0.5) / log(0.98))),
        },
    ),
    "ex-em-guesses": Exercise(
        expected=lambda: sp.Integer(20 * 2 ** (2 * 3)),
        why="Six choices between two squares make 64 machines. One of them is right, so a success "
        "takes 64 guesses on average, of 20 sequences each.",
        slips={
            "That is the number of guesses. Each presents 20 sequences.": lambda: sp.Integer(64),
            "That is for two symbols. The third has two rows of its own.": lambda: sp.Integer(
                20 * 2 ** (2 * 2)
            ),
            "There are still only two squares to go to, but from two squares under three "
            "symbols: six choices.": lambda: sp.Integer(20 * 3**4),
        },
        tolerance=1e-6,
    ),
}

# --- pictures ----------------------------------------------------------------------------


def _places(machine: Machine) -> np.ndarray:
    """Return where each state is drawn: in two rows if there are chains, else on a circle."""
    if machine.allowed.all():
        turn = 2 * np.pi * np.arange(machine.states) / machine.states
        return np.stack([-np.cos(turn), np.sin(turn)], axis=1)
    half = (machine.states - 1) // 2
    along = np.arange(1, half + 1)
    rows = [[0.0, 0.0], *([k, 0.7] for k in along), *([k, -0.7] for k in along)]
    return np.array(rows) - [half / 2, 0.0]


def plot_machine(machine: Machine, ax: Axes | None = None) -> Axes:
    """Draw the states of a machine, the class that each stands for, and the moves allowed."""
    ax = axes(ax)
    places = _places(machine)
    for start, end in np.argwhere(machine.allowed):
        if start == end:
            continue
        ax.add_patch(
            FancyArrowPatch(
                places[start], places[end], arrowstyle="-|>", mutation_scale=9, color=GREY, lw=0.8,
                shrinkA=11, shrinkB=11,
                connectionstyle=f"arc3,rad={0.12 if machine.allowed[end, start] else 0.0}",
            )
        )  # fmt: skip
    marks = {1.0: ("+", BLUE), 0.0: ("−", VERMILLION), 0.5: ("", GREY)}
    for (across, up), output in zip(places, machine.outputs, strict=True):
        sign, colour = marks[float(output)]
        ax.plot(across, up, "o", ms=21, mfc="white", mec=colour, mew=2)
        ax.text(across, up, sign, ha="center", va="center", weight="bold")
    ax.annotate(
        "start", places[0], xytext=(0, -22), textcoords="offset points", ha="center", color=GREY
    )
    ax.set(xlim=(-1.9, 1.9), ylim=(-1.35, 1.35), aspect="equal", xlabel="squares", ylabel="class")
    ax.axis("off")  # with the labels: they say what the picture would be a graph of
    return ax


def plot_walk(
    law: ArrayLike, path: Sequence[int], symbols: Sequence[int], ax: Axes | None = None
) -> Axes:
    """Draw where a token went, over how likely it was to be on each state.

    Parameters
    ----------
    law : array_like, shape (T + 1, state)
        How likely each state is after each step.
    path : sequence of int
        Where the token was, T + 1 states.
    symbols : sequence of int
        What it read, T symbols.
    ax : Axes, optional
        Where to draw.
    """
    ax = axes(ax)
    law = np.asarray(law, float)
    for state in range(law.shape[1]):
        ax.scatter(np.arange(len(law)), np.full(len(law), state), s=650 * law[:, state],
                   color=BLUE, alpha=0.3, lw=0)  # fmt: skip
    ax.plot(path, "o-", color=VERMILLION, ms=6, lw=1.5)
    for step, symbol in enumerate(symbols):
        ax.annotate(
            "+" if symbol else "−", (step + 0.5, law.shape[1] - 0.45), ha="center", color=GREY
        )
    ax.set(xlabel="step $t$", ylabel="square", yticks=range(law.shape[1]),
           ylim=(-0.5, law.shape[1] - 0.2))  # fmt: skip
    return ax


def plot_credit(spreads: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw the spread of backward messages against the steps that are left, down to 1e-10."""
    ax = axes(ax)
    for (label, spread), line, colour in zip(spreads.items(), LINES, COLOURS, strict=False):
        back = np.asarray(spread, float)[::-1]
        seen = np.arange(len(back))[back > 1e-10]
        ax.semilogy(seen, back[seen], line, color=colour, label=label)
    ax.set(xlabel="steps before the end", ylabel=r"credit, $\max \beta_t - \min \beta_t$",
           ylim=(1e-10, 10))  # fmt: skip
    ax.legend(loc="upper right", bbox_to_anchor=(1.0, 0.9))
    return ax


def plot_row(rows: DataFrame, ax: Axes | None = None) -> Axes:
    """Draw fresh errors against T, a line for each structure and method, with intervals."""
    ax = axes(ax)
    kinds = rows.groupby(["structure", "method"], sort=False)
    for (kind, own), colour, line, mark in zip(kinds, COLOURS, LINES, MARKS, strict=False):
        low = 100 * (own.test_error - own.test_error_low)
        high = 100 * (own.test_error_high - own.test_error)
        ax.errorbar(own["T"], 100 * own.test_error, [low, high], ls=line, marker=mark, ms=5,
                    color=colour, capsize=2, label=", ".join(kind[::-1]))  # fmt: skip
    ax.set(xscale="log", xlabel="greatest length $T$", ylabel="fresh error (%)", ylim=(-3, 85))
    ticks = sorted(rows["T"].unique())
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.minorticks_off()
    ax.legend(loc="upper left", fontsize=9, ncols=2)
    return ax
