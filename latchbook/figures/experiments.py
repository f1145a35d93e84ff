"""Figures of the chapter on the experiments, and of its explorable.

Every method has one colour, line and mark in all of them. Five of the marks are those of the
paper's own plots: square, nabla, triangle, circle and dot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from latchbook.figures.style import BLUE, GREEN, GREY, PURPLE, VERMILLION, axes
from latchlib._validation import refuse

__all__ = [
    "METHOD_STYLES",
    "VERDICT_STYLES",
    "plot_beside_1993",
    "plot_cells",
    "plot_fresh_error",
    "plot_method_errors",
    "plot_presentations",
    "plot_sensitivity",
    "plot_trial_errors",
]

#: Colour, line and mark of each method; a method that is not here has those of :data:`OTHERS`.
METHOD_STYLES: Mapping[str, tuple[str, str, str]] = {
    "back-propagation": (BLUE, "-", "s"),
    "pseudo-Newton": (VERMILLION, "--", "v"),
    "time-weighted pseudo-Newton": (PURPLE, "-.", "^"),
    "discrete error propagation": (GREEN, "-", "o"),
    "multigrid random search": (GREY, "--", "."),
    "simulated annealing": ("black", "-.", "D"),
    "random guessing": (BLUE, ":", "x"),
}
OTHERS = ("black", ":", "P")

#: Mark and colour of each verdict.
VERDICT_STYLES: Mapping[str, tuple[str, str]] = {
    "matched": ("o", GREEN),
    "matched in kind": ("^", BLUE),
    "not matched": ("x", VERMILLION),
    "underspecified": ("D", PURPLE),
    "not told apart": ("v", GREY),
    "both guess": ("s", "black"),
}


def _style(method: str) -> tuple[str, str, str]:
    return METHOD_STYLES.get(method, OTHERS)


def _noisy(result: pd.DataFrame, noise: float) -> pd.DataFrame:
    rows = result[result.noise == noise]
    if rows.empty:
        raise refuse("noise", noise, ", ".join(map(str, sorted(result.noise.unique()))))
    return rows


def _whiskers(value: ArrayLike, low: ArrayLike, high: ArrayLike) -> np.ndarray:
    value = np.asarray(value, dtype=float)
    # Rounding may put an end of an interval a last bit inside its mean.
    return np.maximum((value - np.asarray(low), np.asarray(high) - value), 0.0)


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
        bars = 100 * _whiskers(own.test_error, own.test_error_low, own.test_error_high)
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
        across = _whiskers([row.presentations], [row.presentations_low], [row.presentations_high])
        up = 100 * _whiskers([row.test_error], [row.test_error_low], [row.test_error_high])
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
        bars = _whiskers(rows.error, rows.error_low, rows.error_high)
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
        bars = 100 * _whiskers(own.test_error, own.test_error_low, own.test_error_high)
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
        bars = 100 * _whiskers(own.test_error, own.test_error_low, own.test_error_high)
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


# --- the explorable ----------------------------------------------------------------------


def plot_cells(
    cells: Sequence[Mapping[str, Any] | None],
    lengths: Sequence[int],
    at: int,
    ax: Axes | None = None,
    *,
    what: str,
) -> Axes:
    """Draw one method's cells against T: ours with whiskers, open squares for 1993.

    `cells` has a mapping a length, or None: ``test_error`` or ``presentations`` with ``_low`` and
    ``_high``, and ``error_1993`` or ``presentations_1993``, errors in percent; `at` is the place of
    the length that is looked at.
    """
    ax = axes(ax)
    known = [(k, cell) for k, cell in enumerate(cells) if cell is not None]
    places = [k for k, _ in known]
    value = np.array([cell[what] for _, cell in known])
    ends = [np.array([cell[f"{what}_{end}"] for _, cell in known]) for end in ("low", "high")]
    ax.axvline(at, color=GREY, lw=1, ls=":")
    ax.errorbar(places, value, _whiskers(value, *ends), fmt="o-", color=BLUE, ms=6, capsize=3,
                label="here")  # fmt: skip
    old = "presentations_1993" if what == "presentations" else "error_1993"
    then = [(k, cell[old]) for k, cell in known if cell[old] is not None]
    if then:
        ax.plot(*zip(*then, strict=True), "s--", color=VERMILLION, mfc="white", ms=7, label="1993")
    ax.set_xticks(range(len(lengths)), [str(T) for T in lengths])
    ax.set(xlabel="greatest length $T$ (steps)", xlim=(-0.5, len(lengths) - 0.5))
    if what == "presentations":
        spread = [v for v in (*value, *ends[0], *ends[1], *(v for _, v in then)) if v > 0.0]
        if spread:
            least, most = np.log10(min(spread)), np.log10(max(spread))
            ax.set_ylim(10.0 ** np.floor(least), 10.0 ** np.ceil(most))
        ax.set_yscale("log")
        ax.set_ylabel("presentations")
    else:
        ax.set(ylabel="error on fresh sequences (%)", ylim=(-3, 65))
    ax.legend(loc="best", fontsize=9)
    return ax
