"""What the chapter explosion asks, and the tables and pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from latchbook.figures.experiments import whiskers
from latchbook.figures.style import BLUE, GREEN, GREY, PURPLE, VERMILLION, axes, styled
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchbook.tables import Table, between
from latchlib.experiments.explosion import CANDIDATES
from latchlib.formulas import SYMBOLS

eta, mu, n, sigma, t, x = (SYMBOLS[name] for name in "eta mu n sigma t x".split())

#: Floor of the pictures on a log scale: below it a gradient changes nothing within any budget.
FLOOR = 1e-9

PREDICTION = Prediction(
    "The rate, the momentum, the training sets and the starts stay as they are, but no gradient "
    "is longer than 1. On which problem does back-propagation now err much less, at T = 20?",
    (
        Choice(
            "On both: a smaller step is a safer step.",
            "On the latch few trials ever meet a long gradient: there is hardly anything to cut.",
        ),
        Choice(
            "On 2-sequence alone.",
            "There nearly every trial that fails has met a gradient longer than 5, and afterwards "
            "has none to speak of. On the latch few trials have, and clipping makes no gradient "
            "longer.",
            right=True,
        ),
        Choice(
            "On the latch alone, where the bit must be held longest.",
            "On the latch the far parts of a gradient are too short, and clipping leaves those as "
            "they are.",
        ),
        Choice(
            "On neither: it is vanishing gradients that make long sequences hard.",
            "That is what one would say after Part II. The table says otherwise for 2-sequence.",
        ),
    ),
)

DRILL = Drill(
    Task(
        "A gradient has the length {x}. The rate is {eta}, the momentum is {mu}, and nothing is "
        "clipped. How far do its step and all echoes of it move the weights?",
        of("echo"),
        {"x": Range(5, 50, 5), "eta": Range(0.02, 0.1, 0.02), "mu": Range(0.6, 0.9, 0.1)},
        "It is η ‖g‖/(1 − μ): momentum repeats a share μ of every step.",
        {
            "That is only the step itself, without the echoes.": eta * x,
            "The echoes are μ + μ² + …; with the step itself they make 1/(1 − μ).": eta * x / mu,
        },
    ),
    Task(
        "A weight is used at each of {t} steps, and each step back multiplies the gradient by "
        "{x}. What share of the weight's gradient comes from uses that are {n} steps old or older?",
        of("far_share"),
        {"x": Range(0.5, 0.9, 0.1), "n": Range(3, 8, 1), "t": Range(20, 40, 5)},
        "It is (ρᵏ − ρᵀ)/(1 − ρᵀ).",
        {
            "That is the share of the newer ones.": 1 - of("far_share"),
            "That is the use of this age alone.": x**n * (1 - x),
        },
        share=True,
    ),
    Task(
        "All updates have the part {x} in common; the rest of an update varies with the spread "
        "{sigma}. After how many updates is the sum of the common parts as large as the spread of "
        "the sum of the rest?",
        of("updates_to_tell"),
        {"x": Range(0.01, 0.09, 0.02), "sigma": Range(1, 3, 0.5)},
        "It is (σ/f)²: the common part grows like K, the spread like √K.",
        {
            "The spread grows too, like the root of their number.": sigma / x,
            "Square it: K f = √K σ.": sp.sqrt(sigma / x),
        },
    ),
)


def _steady(g: sp.Expr, eps: sp.Expr) -> sp.Expr:
    return -of("steady_adam_step", g=g, eta=sp.Rational(1, 100), epsilon=eps)


_TINY, _EPS = sp.Rational(1, 10**9), sp.Rational(1, 10**8)
_HARD = {"eta": sp.Rational(1, 10), "mu": sp.Rational(4, 5)}

EXERCISES = {
    "ex-one-spike": Exercise(
        expected=lambda: sp.solve(of("echo", **_HARD) - sp.Rational(1, 10), x)[0],
        why="With its echoes a step counts five times, so it may be 0.02 long: 0.1 times 0.2.",
        slips={
            "That allows 0.1 for the step itself. But momentum makes 0.8 of it again, and so on.": (
                lambda: sp.Integer(1)
            ),
            "That is how long the step may be. Divide by the rate.": lambda: sp.Rational(1, 50),
            "That is how far a gradient of length 0.1 moves the weights.": lambda: of(
                "echo", x=sp.Rational(1, 10), **_HARD
            ),
        },
    ),
    "ex-old-uses": Exercise(
        expected=lambda: sp.limit(of("far_share", x=sp.Rational(4, 5), n=10), t, sp.oo),
        why="For long sequences the share is 0.8^10: nine tenths come from the last ten uses.",
        slips={
            "That is the share of the last ten uses.": lambda: 1 - sp.Rational(4, 5) ** 10,
            "That is the use of that age alone. Add the older ones.": lambda: (
                sp.Rational(4, 5) ** 10 / 5
            ),
        },
        share=True,
    ),
    "ex-steady-tiny": Exercise(
        expected=lambda: _steady(_TINY, _EPS),
        why="The gradient is a tenth of eps, so the step is an eleventh of the rate.",
        slips={
            "That is for a gradient much longer than eps.": lambda: sp.Rational(1, 100),
            "That is the step of plain gradient descent.": lambda: _TINY / 100,
        },
    ),
    "ex-one-step-further": Exercise(
        expected=lambda: (
            of("updates_to_tell", x=sp.Rational(3, 5) ** 6, sigma=1)
            / of("updates_to_tell", x=sp.Rational(3, 5) ** 5, sigma=1)
        ),
        why="It is 1/0.6 squared, because an average falls only with the root of the number.",
        slips={
            "That is how much weaker the signal is. The number of updates goes with its square.": (
                lambda: sp.Rational(5, 3)
            ),
            "That is the other way round: further back takes more updates.": lambda: sp.Rational(
                9, 25
            ),
        },
    ),
}

# --- tables ------------------------------------------------------------------------------


def _by_place(rows: pd.DataFrame) -> tuple[dict, list[str], list[int]]:
    found = {(row.method, row.T): row for row in rows.itertuples()}
    return found, list(rows.method.unique()), sorted(rows["T"].unique())


def rate_table(tuning: pd.DataFrame, problem: str) -> Table:
    """Return a table of the tuning on one problem: fresh error in percent, candidate by rate."""
    rows = tuning[tuning.problem == problem]
    lengths = sorted(rows["T"].unique())
    rates = sorted(rows.rate.unique())
    body = []
    for method in rows.method.unique():
        own = rows[rows.method == method]
        cells = []
        for rate in rates:
            errors = own[own.rate == rate].sort_values("T").test_error
            cells.append(" ".join(f"{100 * error:.0f}" for error in errors) or "-")
        body.append([method, *cells])
    caption = f"{problem}, tuning: fresh error (%) at T = {', '.join(map(str, lengths))}, by rate"
    return Table(caption, ["method", *(f"{rate:g}" for rate in rates)], body)


def error_table(rows: pd.DataFrame, caption: str) -> Table:
    """Return a table of candidates by T: fresh error with its interval; learned trials and rate."""
    found, methods, lengths = _by_place(rows)
    body = []
    for method in methods:
        cells = []
        for T in lengths:
            row = found[method, T]
            fresh = between(row.test_error, row.test_error_low, row.test_error_high)
            cells.append(f"{fresh}\n{row.learned} learned, rate {row.rate:g}")
        body.append([method, *cells])
    return Table(caption, ["method", *(f"T = {T}" for T in lengths)], body)


# --- pictures ----------------------------------------------------------------------------


def plot_growth(growth: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw by how much a small difference has grown after each step, a curve a start."""
    ax = axes(ax)
    for (name, values), colour, line, _ in styled("growth", growth.items()):
        ax.semilogy(np.arange(len(values)), values, line, color=colour, label=name)
    ax.axhline(1.0, color=GREY, lw=1)
    ax.set(xlabel="step $t$", ylabel=r"$\partial a_t / \partial a_0$", ylim=(FLOOR, 1e4))
    ax.legend(loc="upper right")
    return ax


def plot_sizes(sizes: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw the length of each gradient of some runs, and the threshold 1."""
    ax = axes(ax)
    for (name, values), colour, _, mark in styled("sizes", sizes.items()):
        shown = np.maximum(np.asarray(values, dtype=float), FLOOR)
        ax.semilogy(np.arange(len(shown)), shown, mark, color=colour, ms=2.5, label=name)
    ax.axhline(1.0, color=GREY, lw=1)
    ax.set(xlabel="presentation", ylabel=r"length of the gradient", ylim=(FLOOR / 2, 100))
    ax.legend(loc="lower left", markerscale=3)
    return ax


def plot_shares(shares: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw what each step gives to a gradient, against its age: steps before the end."""
    ax = axes(ax)
    for (name, values), colour, line, mark in styled("shares", shares.items()):
        newest_first = np.asarray(values, dtype=float)[::-1]
        seen = newest_first > FLOOR
        ages = np.arange(len(newest_first))[seen]
        ax.semilogy(ages, newest_first[seen], line, marker=mark, ms=4, color=colour, label=name)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="steps before the end", ylabel="part of the gradient", ylim=(FLOOR, 1e3))
    ax.legend(loc="lower right", fontsize=9)
    return ax


_STYLES = dict(
    zip(
        CANDIDATES,
        (
            *((BLUE, "-", "s"), (VERMILLION, "--", "o"), (GREEN, "-.", "^")),
            *((PURPLE, ":", "D"), (GREY, "--", "v"), ("black", "-", "x")),
        ),
        strict=True,
    )
)


def plot_candidates(rows: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the fresh errors of the candidates on one problem against T, with intervals."""
    ax = axes(ax)
    _, methods, lengths = _by_place(rows)
    for k, method in enumerate(methods):
        colour, line, mark = _STYLES[method]
        own = rows[rows.method == method].sort_values("T")
        at = np.arange(len(lengths)) + 0.06 * (k - (len(methods) - 1) / 2)
        bars = 100 * whiskers(own.test_error, own.test_error_low, own.test_error_high)
        ax.errorbar(at, 100 * own.test_error, bars, fmt="none", ecolor=colour, elinewidth=1.2)
        ax.plot(
            at, 100 * own.test_error, line, marker=mark, color=colour, ms=6, lw=1.6, label=method
        )
    ax.axhline(50, color=GREY, lw=1, ls=":")
    ax.set_xticks(range(len(lengths)), [str(T) for T in lengths])
    ax.set(xlabel="greatest length $T$ (steps)", ylabel="fresh error (%)", ylim=(-3, 80))
    ax.legend(loc="upper left", fontsize=8, ncols=2)
    return ax
