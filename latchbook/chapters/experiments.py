"""What the chapter experiments asks, and the pictures that it alone shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.experiments import METHOD_STYLES, OTHERS, VERDICT_STYLES, whiskers
from latchbook.figures.style import GREY, axes
from latchbook.questions import Choice, Drill, Exercise, Prediction, Range, Task, of
from latchlib.formulas import SYMBOLS
from latchlib.validation import refuse

m, n, q = (SYMBOLS[name] for name in "m n q".split())

_HALF = sp.Rational(1, 2)


def _spread(correlation: sp.Expr) -> sp.Expr:
    """Standard deviation of the mean error of 20 trials of 20 sequences, at q = 1/2."""
    return sp.sqrt(of("mean_error_variance", q=_HALF, c=correlation, m=20, n=20))


def _stopped_after(share: sp.Expr) -> sp.Expr:
    """Presentations after which a share stopped, with the mean 2,800 and the budget 3,000."""
    low = SYMBOLS["low"]
    return sp.solve(of("stopped_share", c=2800, high=3000) - share, low)[0]


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
            "The method learned quickly, since the presentations do not grow with T.",
            "A trial that learns stops early. These went on to the same end at every T, and "
            "their errors are those of a coin.",
        ),
        Choice(
            "Hardly anything was learned, and the budget was about 3,000.",
            "A coin errs in 50 % of all cases. And a trial that does not learn goes on until its "
            "budget is spent, so nearly constant presentations show the budget.",
            right=True,
        ),
        Choice(
            "The problem does not get harder with T.",
            "The rows cannot tell us. If nothing is learned at T = 5, there is nothing that a "
            "longer T could spoil.",
        ),
        Choice(
            "With more presentations the errors would have fallen.",
            "Perhaps they would. But the rows show only what was reached within a budget, not "
            "what would have come after it.",
        ),
    ),
)

DRILL = Drill(
    Task(
        "In {n} trials of {m} sequences each, an answer is wrong with probability {q}, and two "
        "answers of one trial have the correlation {c}. What is the standard deviation of the "
        "mean error?",
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
            "That treats the sequences of a trial as independent.": sp.sqrt(
                of("mean_error_variance", c=0)
            ),
            "That is for one trial. The mean is over all of them.": sp.sqrt(
                of("mean_error_variance", n=1)
            ),
        },
    ),
    Task(
        "Each pass over {m} sequences succeeds with probability {q}, and the budget is {n} "
        "passes. How many sequences are presented on average?",
        of("passes_presentations"),
        {"m": Range(10, 40, 5), "n": Range(4, 15, 1), "q": Range(0.05, 0.2, 0.05)},
        "It is m (1 − (1 − q)ⁿ)/q.",
        {
            "That is without a budget.": m / q,
            "That is the whole budget, but a pass that succeeds is the last.": m * n,
            "That counts passes, and each presents {m} sequences.": of("passes_presentations", m=1),
        },
    ),
)

EXERCISES = {
    "ex-stopped-by-budget": Exercise(
        expected=lambda: _stopped_after(sp.Rational(1, 4)),
        why="A quarter of the trials saved four times 200. They learned, but not quickly.",
        slips={
            "That is what each of them saved. Subtract it from the budget.": lambda: (
                3000 - _stopped_after(sp.Rational(1, 4))
            ),
            "That spreads the 200 over all trials. Only a quarter saved anything.": lambda: (
                _stopped_after(sp.Integer(1))
            ),
            "That is where the other three quarters would have stopped.": lambda: _stopped_after(
                sp.Rational(3, 4)
            ),
        },
    ),
    "ex-effective-trials": Exercise(
        expected=lambda: _spread(_HALF),
        why="The sequences are so correlated that twenty of them count for hardly two.",
        slips={
            "That treats all 400 sequences as independent.": lambda: _spread(sp.Integer(0)),
            "That lets each trial be all right or all wrong.": lambda: _spread(sp.Integer(1)),
            "That is the variance. Take its square root.": lambda: _spread(_HALF) ** 2,
        },
    ),
    "ex-constant-parity": Exercise(
        expected=lambda: sum(
            sp.Rational(min(k, 4 - k), 4) * sp.binomial(4, k) / 2**4 for k in range(5)
        ),
        why="The smaller the set, the better a constant answer seems to do.",
        slips={
            "That is the error on fresh sequences.": lambda: _HALF,
            "That treats the five values of k as equally likely.": lambda: sp.Rational(1, 5),
            "That is the mean number of wrong sequences. Divide by four.": lambda: sum(
                min(k, 4 - k) * sp.binomial(4, k) / sp.Integer(2**4) for k in range(5)
            ),
        },
        share=True,
    ),
    "ex-expected-presentations": Exercise(
        expected=lambda: of("passes_presentations", q=sp.Rational(1, 10), m=20, n=10),
        why="Without a budget it would take 200; the budget cuts off a third of that.",
        slips={
            "That is the mean without a budget.": lambda: sp.Integer(200),
            "That counts passes. Each presents 20 sequences.": lambda: of(
                "passes_presentations", q=sp.Rational(1, 10), m=1, n=10
            ),
        },
    ),
    "ex-verdict": Exercise(
        expected=_verdict,
        why="Chance allows 12 %, so a gap of 4 % neither tells the two apart nor shows them close.",
        slips={
            "They are 4 % apart, but 20 trials cannot show that the gap is below 10 %.": lambda: (
                "matched"
            ),
            "They are 4 % apart, and chance allows 12 %.": lambda: "not matched",
        },
        choices=("matched", "not told apart", "not matched"),
    ),
}

# --- pictures ----------------------------------------------------------------------------


def _style(method: str) -> tuple[str, str, str]:
    return METHOD_STYLES.get(method, OTHERS)


def _noisy(result: pd.DataFrame, noise: float) -> pd.DataFrame:
    rows = result[result.noise == noise]
    if rows.empty:
        raise refuse("noise", noise, ", ".join(map(str, sorted(result.noise.unique()))))
    return rows


def plot_method_errors(
    result: pd.DataFrame,
    ax: Axes | None = None,
    *,
    methods: Sequence[str],
    noise: float,
    judged: pd.DataFrame | None = None,
) -> Axes:
    """Draw fresh errors of some methods against T, with intervals; open marks are those of 1993.

    `judged` is what :func:`latchlib.experiments.tables_1993.verdicts` returns.
    """
    ax = axes(ax)
    rows = _noisy(result, noise)
    lengths = sorted(rows["T"].unique())
    for k, method in enumerate(methods):
        colour, line, mark = _style(method)
        own = rows[rows.method == method].sort_values("T")
        if own.empty:
            raise refuse("method", method, ", ".join(rows.method.unique()))
        # A step aside each, so that whiskers do not cover one another.
        at = np.array([lengths.index(T) for T in own["T"]]) + 0.07 * (k - (len(methods) - 1) / 2)
        fresh = 100 * own.test_error
        bars = 100 * whiskers(own.test_error, own.test_error_low, own.test_error_high)
        ax.errorbar(at, fresh, bars, fmt="none", ecolor=colour, elinewidth=1.2, capsize=2)
        ax.plot(at, fresh, line, marker=mark, color=colour, ms=6, lw=1.6, label=method)
        if judged is not None:
            then = judged[judged.method == method]
            places = [at[lengths.index(T)] for T in then["T"]]
            ax.plot(places, then.error_1993, ls="none", marker=_open(mark), color=colour,
                    mfc="white", ms=8, mew=1.4)  # fmt: skip
    ax.axhline(50, color=GREY, lw=1, ls=":")
    ax.set_xticks(range(len(lengths)), [str(T) for T in lengths])
    ax.set(xlabel="greatest length $T$ (steps)", ylim=(-3, 73))
    ax.set_ylabel("error on fresh sequences (%)")
    ax.legend(loc="upper left", fontsize=8, ncols=2)
    return ax


def _open(mark: str) -> str:
    # A dot and a cross have no inside to leave white.
    return {".": "o", "x": "X"}.get(mark, mark)


def plot_overview(result: pd.DataFrame, ax: Axes | None = None, *, noise: float) -> Axes:
    """Write every method's fresh error (%) at every length into a grid; the larger, the darker.

    A rule parts the three methods that follow a gradient from those below them.
    """
    ax = axes(ax)
    rows = _noisy(result, noise)
    errors = 100 * rows.pivot(index="method", columns="T", values="test_error")
    errors = errors.loc[[method for method in METHOD_STYLES if method in errors.index]]
    ax.imshow(errors, cmap="Greys", vmin=0.0, vmax=100.0, aspect="auto")
    for (row, column), error in np.ndenumerate(errors.to_numpy()):
        ax.text(column, row, f"{error:.0f}", ha="center", va="center", color="black")
    ax.axhline(2.5, color="black", lw=1.5)
    ax.set_xticks(range(errors.shape[1]), [str(T) for T in errors.columns])
    ax.set_yticks(range(len(errors)), [name.replace(" ", "\n", 1) for name in errors.index])
    ax.tick_params(axis="y", labelsize=9)
    ax.set(xlabel="greatest length $T$ (steps)", ylabel="method")
    return ax


def plot_presentations(
    result: pd.DataFrame,
    ax: Axes | None = None,
    *,
    T: int,
    noise: float,
    judged: pd.DataFrame | None = None,
) -> Axes:
    """Draw fresh error against presentations, on a log scale, a mark a method at one length.

    Lines lead to the open marks of 1993, where `judged` has the cell.
    """
    ax = axes(ax)
    rows = _noisy(result, noise)
    for row in rows[rows["T"] == T].itertuples():
        colour, _, mark = _style(row.method)
        error = 100 * row.test_error
        across = whiskers([row.presentations], [row.presentations_low], [row.presentations_high])
        up = 100 * whiskers([row.test_error], [row.test_error_low], [row.test_error_high])
        ax.errorbar([row.presentations], [error], up, across, fmt="none", ecolor=colour, capsize=2)
        ax.plot([row.presentations], [error], ls="none", marker=mark, color=colour, ms=8,
                label=row.method)  # fmt: skip
        if judged is None:
            continue
        for then in judged[(judged.method == row.method) & (judged["T"] == T)].itertuples():
            path = ([row.presentations, then.presentations_1993], [error, then.error_1993])
            ax.plot(*path, color=colour, lw=0.8, ls=":")
            ax.plot(path[0][1:], path[1][1:], ls="none", marker=_open(mark), color=colour,
                    mfc="white", ms=9, mew=1.4)  # fmt: skip
    ax.set_xscale("log")
    ax.set(xlabel="sequence presentations", ylabel="error on fresh sequences (%)", ylim=(-3, 73))
    ax.legend(loc="upper center", fontsize=8, ncols=2)
    return ax


def plot_beside_1993(judged: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw our error, with its interval, against that of 1993; a mark a verdict."""
    ax = axes(ax)
    ax.plot([0, 65], [0, 65], color=GREY, lw=1)
    for verdict, (mark, colour) in VERDICT_STYLES.items():
        rows = judged[judged.verdict == verdict]
        if rows.empty:
            continue
        bars = whiskers(rows.error, rows.error_low, rows.error_high)
        ax.errorbar(rows.error_1993, rows.error, bars, fmt="none", ecolor=colour, elinewidth=1)
        ax.plot(rows.error_1993, rows.error, ls="none", marker=mark, color=colour, ms=6,
                label=f"{verdict} ({len(rows)})")  # fmt: skip
    ax.set(xlabel="error in 1993 (%)", ylabel="error here (%)", xlim=(-2, 66), ylim=(-2, 66))
    ax.legend(loc="upper left", fontsize=9)
    return ax


def plot_sensitivity(study: pd.DataFrame, ax: Axes | None = None, *, problem: str) -> Axes:
    """Draw each method's fresh error, at its settings (filled) and with one moved (open)."""
    ax = axes(ax)
    rows = study[study.problem == problem]
    named = dict.fromkeys((*METHOD_STYLES, *rows.method))
    methods = [name for name in named if name in set(rows.method)]
    if not methods:
        raise refuse("problem", problem, " or ".join(map(repr, study.problem.unique())))
    for level, method in enumerate(reversed(methods)):
        colour, _, mark = _style(method)
        mine = rows[rows.method == method]
        moved, own = mine[mine.setting != "none"], mine[mine.setting == "none"]
        fresh = 100 * mine.test_error
        ax.plot([fresh.min(), fresh.max()], [level] * 2, color=colour, lw=1)
        ax.plot(100 * moved.test_error, [level] * len(moved), ls="none", marker=_open(mark),
                color=colour, mfc="white", ms=6)  # fmt: skip
        bars = 100 * whiskers(own.test_error, own.test_error_low, own.test_error_high)
        ax.errorbar(100 * own.test_error, [level], xerr=bars, fmt=_open(mark), color=colour, ms=8,
                    capsize=4)  # fmt: skip
    ax.set_yticks(range(len(methods)), [name.replace(" ", "\n", 1) for name in reversed(methods)])
    ax.tick_params(axis="y", labelsize=8)
    ax.set(xlabel="error on fresh sequences (%)", ylabel="method", xlim=(-2, 66))
    return ax


def plot_fresh_error(result: pd.DataFrame, ax: Axes | None = None, *, noise: float) -> Axes:
    """Draw the error on fresh sequences against that on the training set, a mark a cell."""
    ax = axes(ax)
    rows = _noisy(result, noise)
    ax.plot([0, 60], [0, 60], color=GREY, lw=1)
    for method in rows.method.unique():
        colour, _, mark = _style(method)
        own = rows[rows.method == method]
        bars = 100 * whiskers(own.test_error, own.test_error_low, own.test_error_high)
        seen = 100 * own.error
        ax.errorbar(seen, 100 * own.test_error, bars, fmt="none", ecolor=colour, elinewidth=1)
        ax.plot(seen, 100 * own.test_error, ls="none", marker=mark, color=colour, ms=6,
                label=method)  # fmt: skip
    ax.set(xlabel="error on the training set (%)", ylabel="error on fresh sequences (%)")
    ax.set(xlim=(-2, 62), ylim=(-2, 62))
    ax.legend(loc="lower right", fontsize=8)
    return ax


def plot_trial_errors(errors: Mapping[str, ArrayLike], ax: Axes | None = None) -> Axes:
    """Draw how many trials end with which error (shares, one a trial), labelled, and the means."""
    ax = axes(ax)
    if len(errors) > 3:
        raise refuse("errors", len(errors), "at most 3 methods")
    edges = np.linspace(-2.5, 82.5, 18)
    wide = 5.0 / (len(errors) + 1)
    for k, (label, shares) in enumerate(errors.items()):
        colour, line, _ = _style(label)
        percent = 100 * np.asarray(shares, dtype=float)
        counts, _ = np.histogram(percent, edges)
        left = edges[:-1] + 2.5 + wide * (k - (len(errors) - 1) / 2)
        hatch = ("", "///", "...")[k]
        ax.bar(left, counts, wide, facecolor=colour, edgecolor="black", lw=0.6, hatch=hatch)
        ax.axvline(percent.mean(), color=colour, ls=line, lw=1.6, label=f"mean, {label}")
    ax.set(xlabel="error of a trial (%)", ylabel="trials")
    ax.legend(loc="upper right", fontsize=8)
    return ax


def plot_ladder(
    alone: pd.DataFrame, first: pd.DataFrame, ax: Axes | None = None, *, noise: float
) -> Axes:
    """Draw an arrow a method and length: the fresh error alone, then with shorter lengths first."""
    ax = axes(ax)
    before = _noisy(alone, noise).set_index(["method", "T"]).test_error
    lengths, methods = sorted(first["T"].unique()), list(first.method.unique())
    for row in first.itertuples():
        colour, _, mark = _style(row.method)
        aside = 0.16 * (methods.index(row.method) - (len(methods) - 1) / 2)
        at, old, new = lengths.index(row.T) + aside, before[row.method, row.T], row.test_error
        ax.annotate("", (at, 100 * new), (at, 100 * old),
                    arrowprops={"arrowstyle": "->", "color": colour, "lw": 1.2,
                                "shrinkA": 0, "shrinkB": 0})  # fmt: skip
        ax.plot(at, 100 * old, mark, color=colour, ms=4, mfc="white",
                label=row.method if row.T == lengths[0] else None)  # fmt: skip
    ax.axhline(50, color=GREY, lw=1, ls=":")
    ax.set_xticks(range(len(lengths)), [str(T) for T in lengths])
    ax.set(xlabel="greatest length $T$", ylabel="fresh error (%)", ylim=(-4, 62))
    ax.set_title(first.problem.iloc[0], fontsize=9)
    ax.label_outer()
    return ax
