"""What the chapter simulated-annealing asks."""

from __future__ import annotations

import sympy as sp

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


def _presentations(n: int) -> sp.Expr:
    settings = SimulatedAnnealing()
    return sp.Integer(settings.n_s * settings.adjustments(n) * n * _SEQUENCES)


def _depth(q: sp.Expr, moves: int) -> sp.Expr:
    (depth,) = sp.solve(sp.Eq(of("escape_time", x=q), moves), d)
    return depth


def _prediction() -> Prediction:
    hot, cold = (formula("metropolis_chance")(0.2, temp) for temp in (0.1, 0.05))
    return Prediction(
        "The temperature falls. Are better points then accepted more often?",
        (
            Choice(
                "No. They are accepted always, hot or cold.",
                "What falls is the share of worse points. One that is worse by 0.2 is accepted "
                f"{100 * hot:.0f} times in 100 at the temperature 0.1, and {100 * cold:.0f} times "
                "at 0.05.",
                right=True,
            ),
            Choice(
                "Yes. The search gets choosier.",
                "It gets choosier by refusing worse points. Better ones were never refused.",
            ),
            Choice(
                "No. Every move is accepted less often.",
                "Only the worse ones. A move that does not raise the cost is accepted at any "
                "temperature.",
            ),
        ),
    )


PREDICTION = _prediction()

DRILL = Drill(
    Task(
        "At the temperature {temp} a move would raise the cost by {delta}. With what probability "
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
        "A hole is {d} deep, the temperature {temp}, and a share {x} of the proposed moves leads "
        "out of it. How many moves does it take on average to escape?",
        of("escape_time"),
        {"d": Range(0.2, 0.5, 0.1), "temp": Range(0.08, 0.15, 0.01), "x": Range(0.2, 0.5, 0.1)},
        "A move leads out and is accepted with the probability q exp(−D/ϑ); take the reciprocal.",
        {
            "That is the probability of one move. Its reciprocal is asked for.": 1
            / of("escape_time"),
            "Not every move leads out. Divide by their share.": of("escape_time", x=1),
            "The share comes in as a divisor.": of("escape_time") * x**2,
        },
    ),
)

EXERCISES = {
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
