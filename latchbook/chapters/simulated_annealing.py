"""What the chapter simulated-annealing asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import GREY, axes, styled
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS, formula
from latchlib.training import SimulatedAnnealing

d, delta, temp, x = (SYMBOLS[name] for name in "d delta temp x".split())

_SEQUENCES = 20


def _accepted(rise: sp.Expr, temperature: sp.Expr) -> sp.Expr:
    return of("metropolis_chance", delta=rise, temp=temperature)


def _step(v: sp.Expr, share: sp.Expr) -> sp.Expr:
    settings = SimulatedAnnealing()
    return v * of("step_factor", x=share, c=int(settings.c))


def _coolings() -> sp.Expr:
    factor = sp.nsimplify(SimulatedAnnealing().r_t)
    return sp.ceiling(sp.log(sp.Rational(1, 100)) / sp.log(factor))


def _rounds(n: int, sequences: int) -> sp.Expr:
    """Return how many rounds of moves of n parameters fit into 200,000 presentations."""
    return sp.floor(sp.Rational(200_000, SimulatedAnnealing().n_s * n * sequences))


def _depth(q: sp.Expr, moves: int) -> sp.Expr:
    (depth,) = sp.solve(sp.Eq(of("escape_time", x=q), moves), d)
    return depth


def _prediction() -> Prediction:
    hot, cold = (formula("metropolis_chance")(0.2, temp) for temp in (0.1, 0.05))
    return Prediction(
        "The temperature falls. Are better points then accepted more often?",
        (
            Choice(
                "No. They are always accepted, hot or cold.",
                "What falls is the share of worse points. One that is worse by 0.2 is accepted "
                f"{100 * hot:.0f} times in 100 at the temperature 0.1, and {100 * cold:.0f} times "
                "at 0.05.",
                right=True,
            ),
            Choice(
                "Yes. The search gets choosier.",
                "It gets choosier only about worse points. Better ones were never refused.",
            ),
            Choice(
                "No. Every move is accepted less often.",
                "Only the worse ones are. A move that does not raise the cost is accepted at any "
                "temperature.",
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "At a temperature of {temp} a move would raise the cost by {delta}. With what probability "
        "is it accepted?",
        of("metropolis_chance"),
        {"delta": Range(0.25, 0.4, 0.05), "temp": Range(0.06, 0.24, 0.03)},
        "It is exp(−ΔC/ϑ).",
        {
            "That is the probability that it is refused.": 1 - of("metropolis_chance"),
            "The rise is divided by the temperature, not the other way round.": sp.exp(
                -temp / delta
            ),
            "Divide the rise by the temperature first.": sp.exp(-delta),
        },
        share=True,
    ),
    Task(
        "A hole is {d} deep, the temperature is {temp}, and a share {x} of the proposed moves "
        "leads out of the hole. How many moves does it take on average to escape?",
        of("escape_time"),
        {"d": Range(0.2, 0.5, 0.1), "temp": Range(0.08, 0.15, 0.01), "x": Range(0.2, 0.5, 0.1)},
        "A move leads out and is accepted with probability q exp(−D/ϑ); take the reciprocal.",
        {
            "That is the probability for one move. Take its reciprocal.": 1 / of("escape_time"),
            "Not every move leads out. Divide by their share.": of("escape_time", x=1),
            "Divide by the share instead of multiplying by it.": of("escape_time") * x**2,
        },
    ),
)

EXERCISES = {
    "ex-worse-move": Exercise(
        expected=lambda: _accepted(sp.Rational(1, 5), sp.Rational(1, 10)),
        why="The rise is two temperatures, so the chance is exp(-2).",
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
            "That shortens the step. But most moves were accepted, so it is too short.": lambda: (
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
            "That takes away 0.15 of the first temperature each time. It is a factor.": (
                lambda: sp.Integer(7)
            ),
        },
        tolerance=1e-6,
    ),
    "ex-one-temperature": Exercise(
        expected=lambda: _rounds(25, _SEQUENCES),
        why="A round is 20 moves of each of 25 parameters, which makes 10,000 presentations.",
        slips={
            "That counts moves. Each presents the whole training set.": lambda: _rounds(25, 1),
            "That moves one parameter. A round moves all 25.": lambda: _rounds(1, _SEQUENCES),
            "That is Corana's N_T, with which the first temperature takes far more.": lambda: (
                sp.Integer(SimulatedAnnealing().adjustments(25))
            ),
        },
        tolerance=1e-6,
    ),
    "ex-how-deep": Exercise(
        expected=lambda: _depth(sp.Rational(1, 2), 1000),
        why="Only depth over temperature matters: a hole 6.2 temperatures deep takes 1000 moves.",
        slips={
            "That forgets that only half of the moves lead over the rim.": lambda: _depth(
                sp.Integer(1), 1000
            ),
            "That multiplies by q where you should divide by it.": lambda: _depth(
                sp.Rational(2, 1), 1000
            ),
        },
    ),
}

# --- pictures ----------------------------------------------------------------------------


def plot_equilibrium(
    edges: ArrayLike, rows: ArrayLike, laws: Mapping[str, ArrayLike], ax: Axes | None = None
) -> Axes:
    """Draw a histogram with intervals beside densities.

    `edges` are those of the bins, shape (bin + 1,); `rows` are density, low and high of each bin,
    shape (bin, 3); each of `laws` is (x, density), shape (2, point).
    """
    ax = axes(ax)
    edges = np.asarray(edges, dtype=float)
    density, low, high = np.asarray(rows, dtype=float).T
    middle = 0.5 * (edges[1:] + edges[:-1])
    ax.bar(
        middle, density, np.diff(edges), facecolor="white", edgecolor=GREY, lw=0.8, label="measured"
    )
    ax.errorbar(
        middle, density, (density - low, high - density), fmt="none", ecolor="black", capsize=2
    )
    for (label, law), colour, line, _ in styled("laws", laws.items()):
        ax.plot(*np.asarray(law, dtype=float), line, color=colour, label=label)
    ax.set(xlabel="$x$", ylabel="density")
    ax.legend(loc="best", fontsize=9)
    return ax


def plot_best_found(
    found: Mapping[str, Mapping[str, ArrayLike]], ax: Axes | None = None, *, floor: float = 1e-12
) -> Axes:
    """Draw what searches have found: the middle half of their trials, and the median.

    `found` has the best values by function and method; below `floor` they are drawn there.
    """
    ax = axes(ax)
    methods = list(dict.fromkeys(method for row in found.values() for method in row))
    places = styled("found", found.items())
    for k, ((name, row), colour, line, mark) in enumerate(places):
        up = 0.22 * (k - 0.5 * (len(found) - 1))
        for method, values in row.items():
            y = methods.index(method) + up
            low, middle, high = np.maximum(np.quantile(values, (0.25, 0.5, 0.75)), floor)
            ax.plot([low, high], [y, y], line, color=colour, lw=2.5)
            ax.plot(middle, y, mark, color=colour, ms=7)
        ax.plot([], [], line, marker=mark, color=colour, lw=2.5, label=name)
    ax.set_xscale("log")
    ax.set_yticks(range(len(methods)), methods)
    ax.invert_yaxis()
    ax.set(xlabel="least value found", ylabel="search")
    ax.legend(loc="best", fontsize=9)
    return ax
