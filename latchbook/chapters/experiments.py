"""What the chapter experiments asks."""

from __future__ import annotations

import sympy as sp

from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS

m, n, q = (SYMBOLS[name] for name in "m n q".split())

_HALF = sp.Rational(1, 2)


def _spread(correlation: sp.Expr) -> sp.Expr:
    """Standard deviation of the mean error of 20 trials of 20 sequences, at q = 1/2."""
    return sp.sqrt(of("mean_error_variance", q=_HALF, c=correlation, m=20, n=20))


def _by_chance(quantile: str) -> sp.Expr:
    """What chance allows between 100 trials and 20 whose errors have the spread 0.25."""
    t = sp.Rational(quantile)
    return of("error_reach", t=t, sigma=sp.Rational(1, 4), n=100, m=20)


def _verdict() -> str:
    """Judge 22 % of 1993 beside 18 %, with a margin of 10 %."""
    gap, margin = sp.Rational(22 - 18, 100), sp.Rational(1, 10)
    if gap + _by_chance("1.660") <= margin:
        return "matched"
    return "not told apart" if gap <= _by_chance("1.984") else "not matched"


PREDICTION = Prediction(
    "What do these errors and presentations say together?",
    (
        Choice(
            "The method learned quickly. The presentations do not grow with T.",
            "A trial that learns stops early. These went on to the same end at every T, and "
            "the errors are those of a coin.",
        ),
        Choice(
            "Hardly anything was learned, and the budget was about 3,000.",
            "A coin errs in 50 %. And a trial that does not learn goes on until its budget is "
            "spent, so nearly constant presentations show the budget.",
            right=True,
        ),
        Choice(
            "The problem does not get harder with T.",
            "The rows cannot say. Where nothing is learned at T = 5, there is nothing that a "
            "longer T could spoil.",
        ),
        Choice(
            "With more presentations the errors would have fallen.",
            "They may, or may not. The rows show what was reached within a budget, not what "
            "comes after it.",
        ),
    ),
)

DRILL = Drill(
    Task(
        "{n} trials of {m} sequences each err with the probability {q}, and two sequences of a "
        "trial have the correlation {c}. What is the standard deviation of the mean error?",
        sp.sqrt(of("mean_error_variance")),
        {
            "c": Range(0.2, 0.8, 0.1),
            "m": Range(10, 50, 10),
            "n": Range(10, 40, 5),
            "q": Range(0.1, 0.4, 0.05),
        },
        "The variance is q (1 − q) (1 + (m − 1) ρ)/(m n).",
        {
            "That is the variance. Take its root.": of("mean_error_variance"),
            "That takes the sequences of a trial as independent.": sp.sqrt(
                of("mean_error_variance", c=0)
            ),
            "That is one trial. The mean is over all of them.": sp.sqrt(
                of("mean_error_variance", n=1)
            ),
        },
    ),
    Task(
        "Each pass over {m} sequences succeeds with the probability {q}, and the budget is {n} "
        "passes. How many sequences are presented on average?",
        of("passes_presentations"),
        {"m": Range(10, 40, 5), "n": Range(4, 15, 1), "q": Range(0.05, 0.2, 0.05)},
        "It is m (1 − (1 − q)ⁿ)/q.",
        {
            "That is without a budget.": m / q,
            "That is the whole budget. A pass that succeeds is the last.": m * n,
            "Those are passes. A pass presents all its sequences.": of("passes_presentations", m=1),
        },
    ),
)

EXERCISES = {
    "ex-stopped-by-budget": Exercise(
        expected=lambda: of("stopped_share", c=2800, low=1500, high=3000),
        why="200 presentations are missing on average, and each early trial saves 1,500 or more.",
        slips={
            "That is the share of the budget that was saved, not the share of trials.": lambda: (
                sp.Rational(200, 3000)
            ),
            "That is the share of those that went on.": lambda: (
                1 - of("stopped_share", c=2800, low=1500, high=3000)
            ),
        },
        share=True,
    ),
    "ex-effective-trials": Exercise(
        expected=lambda: _spread(_HALF),
        why="Correlated sequences: twenty of them count for hardly two.",
        slips={
            "That takes all 400 sequences for independent.": lambda: _spread(sp.Integer(0)),
            "That lets each trial be all right or all wrong.": lambda: _spread(sp.Integer(1)),
            "That is the variance. Take its square root.": lambda: _spread(_HALF) ** 2,
        },
    ),
    "ex-constant-parity": Exercise(
        expected=lambda: sum(
            sp.Rational(min(k, 4 - k), 4) * sp.binomial(4, k) / 2**4 for k in range(5)
        ),
        why="The smaller the set, the better a constant seems to do.",
        slips={
            "That is the error on fresh sequences.": lambda: _HALF,
            "That takes the five values of k as equally likely.": lambda: sp.Rational(1, 5),
            "That is the mean number of wrong sequences. Divide by four.": lambda: sum(
                min(k, 4 - k) * sp.binomial(4, k) / sp.Integer(2**4) for k in range(5)
            ),
        },
        share=True,
    ),
    "ex-expected-presentations": Exercise(
        expected=lambda: of("passes_presentations", q=sp.Rational(1, 10), m=20, n=10),
        why="The budget cuts off a third of the 200 that it would take without one.",
        slips={
            "That is the mean without a budget.": lambda: sp.Integer(200),
            "That counts passes. Each presents 20 sequences.": lambda: of(
                "passes_presentations", q=sp.Rational(1, 10), m=1, n=10
            ),
        },
    ),
    "ex-verdict": Exercise(
        expected=_verdict,
        why="Chance allows 12 %: 4 % tell nothing apart, nor do they show that it is below 10 %.",
        slips={
            "They are 4 % apart, but 20 trials do not show that it is less than 10 %.": lambda: (
                "matched"
            ),
            "They are 4 % apart, and chance allows 12 %.": lambda: "not matched",
        },
        choices=("matched", "not told apart", "not matched"),
    ),
}
