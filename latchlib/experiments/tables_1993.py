"""The tables of 1993, and a verdict on every cell of them.

Bengio and Frasconi (1993), Tables 1 to 4. The copy at hand of Tables 3 and 4 (parity) has lost its
blank cells, so only what can be placed for sure is here.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import pandas as pd
from scipy import stats

from latchlib.validation import one_of, refuse

__all__ = [
    *("CLASSES", "MARGIN", "TABLES", "TRIALS_1993", "UNPLACED", "VERDICTS", "Entry", "Unplaced"),
    *("differences", "error_class", "joint_test", "possible_verdicts", "spread_of_1993"),
    "verdicts",
]

#: "20 or more trials"; their spread is not reported.
TRIALS_1993 = 20

#: What a comparison of a cell can come to.
VERDICTS = (
    *("matched", "not told apart", "matched in kind", "both guess"),
    *("not matched", "underspecified", "not run"),
)

#: Errors are matched that are shown to be within this of each other, in percent: as wide as the
#: class "learns".
MARGIN = 10.0

#: Least error of each class, in percent: what a method does, said coarsely.
CLASSES = {"learns": 0.0, "learns in part": 10.0, "guesses": 35.0}


class Entry(NamedTuple):
    """One cell of the tables.

    Parameters
    ----------
    error : float
        Final classification error, in percent.
    presentations : float or None
        Sequences presented; None where the copy lost it.
    """

    error: float
    presentations: float | None


def _two_sequence(*cells: tuple[float, float]) -> dict[int, Entry]:
    return {T: Entry(*cell) for T, cell in zip((5, 10, 20, 50, 100), cells, strict=True)}


#: Entries by problem, method and greatest length T. EM is no rule for a network: experiment em
#: runs it.
TABLES: dict[str, dict[str, dict[int, Entry]]] = {
    "two-sequence": {
        "back-propagation": _two_sequence(
            (58, 2.9e3), (56, 3.0e3), (43, 2.9e3), (53, 3.0e3), (50, 2.8e3)
        ),
        "pseudo-Newton": _two_sequence(
            (2, 5.1e2), (3, 1.1e3), (10, 1.9e3), (25, 2.6e3), (29, 2.5e3)
        ),
        "time-weighted pseudo-Newton": _two_sequence(
            (0, 5.4e2), (0, 4.3e2), (9, 2.4e3), (34, 2.9e3), (14, 2.7e3)
        ),
        "multigrid random search": _two_sequence(
            (2, 4.1e3), (6, 5.8e3), (1, 2.5e3), (3, 3.9e3), (6, 6.4e3)
        ),
        "discrete error propagation": _two_sequence(
            (6, 6.6e2), (16, 1.3e3), (29, 2.1e3), (23, 2.1e3), (22, 2.1e3)
        ),
        "simulated annealing": _two_sequence(
            (6, 2.0e5), (0, 3.9e4), (7, 8.2e4), (4, 7.7e4), (11, 4.3e4)
        ),
        "EM": _two_sequence((0, 3.2e3), (0, 4.0e3), (0, 2.9e3), (0, 3.2e3), (0, 2.9e3)),
    },
    "parity": {
        "discrete error propagation": {50: Entry(5, 5.4e4)},
        "simulated annealing": {50: Entry(0, 8.1e5)},
        "EM": {500: Entry(12, None)},
    },
}


class Unplaced(NamedTuple):
    """Errors of one method whose blank cells are lost: the order is known, the lengths are not.

    Parameters
    ----------
    errors : tuple of float
        In percent, by growing length.
    last : int or None
        Length of the last one, where it is known.
    """

    errors: tuple[float, ...]
    last: int | None


#: Errors on parity that :data:`TABLES` cannot place, by method.
UNPLACED: dict[str, Unplaced] = {
    "back-propagation": Unplaced((2, 20, 41, 38, 43), None),
    "discrete error propagation": Unplaced((0, 0, 0, 5), 50),
    "multigrid random search": Unplaced((15, 44, 45), None),
    "simulated annealing": Unplaced((3, 10, 0), 50),
}


def error_class(error: float) -> str:
    """Return which of :data:`CLASSES` an error belongs to.

    Parameters
    ----------
    error : float
        In percent, 0 to 100.

    Raises
    ------
    ValueError
        If the error is out of range.
    """
    if not 0.0 <= error <= 100.0:
        raise refuse("error", error, "a number from 0 to 100")
    return [name for name, least in CLASSES.items() if error >= least][-1]


def spread_of_1993(error: float) -> float:
    """Return the spread between trials that an error implies if each trial learns or guesses.

    Parameters
    ----------
    error : float
        In percent, 0 to 100.

    Returns
    -------
    float
        Standard deviation, in percent. A trial errs in 0 or in 50 %; beyond 50 % it is 0.
    """
    error_class(error)  # refuses what is out of range
    share = error / 100
    return 100 * sqrt(max(share * (0.5 - share), 0.0))


def differences(problem: str, ours: pd.DataFrame, measure: str = "test_error") -> pd.DataFrame:
    """Return how far our errors are from those of 1993, cell by cell.

    Their mean is over 20 trials. Its spread is not reported: the larger of ours and
    :func:`spread_of_1993` is taken, so that a cell in which all of our trials agree is not judged
    as if chance did not exist.

    Parameters
    ----------
    problem : str
        Key of :data:`TABLES`.
    ours : pandas.DataFrame
        Result of the comparison on this problem, or rows of a study; those with noise are taken.
    measure : {"test_error", "error"}
        Which of our errors: on fresh sequences or on the training set. Of 1993 it is not known.

    Returns
    -------
    pandas.DataFrame
        A row for each of ours with a cell of 1993: ``method``, ``T``; ``error_1993``, ours as
        ``error``, ``error_low``, ``error_high``, and ``gap``, ours less theirs, all in percent;
        ``sd`` of the gap by chance and ``freedom``, degrees of freedom of Student's t.

    Raises
    ------
    ValueError
        If there is no table of the problem, or the measure is another.
    """
    if problem not in TABLES:
        raise refuse("problem", problem, " or ".join(map(repr, TABLES)))
    one_of("measure", measure, ("test_error", "error"))
    rows = []
    for row in ours[ours.noise > 0].to_dict("records"):
        entry = TABLES[problem].get(row["method"], {}).get(row["T"])
        if entry is not None:
            rows.append(_difference(entry.error, row, measure))
    return pd.DataFrame(rows)


def joint_test(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return one test a method: all cells taken together, are we off to one side of 1993?

    Cells that are each within chance may still be off by more than chance all in all.

    Parameters
    ----------
    gaps : pandas.DataFrame
        Rows of :func:`differences` or :func:`verdicts`; those not run are left out.

    Returns
    -------
    pandas.DataFrame
        A row a method: ``method``; ``cells``, how many; ``gap``, their mean gap in percent; ``z``
        of Stouffer, the sum of the gaps, each over its standard deviation, over the root of their
        number; ``p``, how likely one as large is by chance, to either side.
    """
    ran = gaps[gaps.gap.notna()]
    rows = []
    for method in ran.method.unique():
        own = ran[ran.method == method]
        z = float((own.gap / own.sd).sum()) / sqrt(len(own))
        p = float(2 * stats.norm.sf(abs(z)))
        rows.append({"method": method, "cells": len(own), "gap": own.gap.mean(), "z": z, "p": p})
    return pd.DataFrame(rows)


def verdicts(
    problem: str,
    ours: pd.DataFrame,
    study: pd.DataFrame,
    measure: str = "test_error",
) -> pd.DataFrame:
    """Lay the tables of 1993 beside our results, cell by cell.

    both guess
        Both errors are of the class *guesses*: two methods that learn nothing agree in that.
    matched
        The two errors are within :data:`MARGIN` of each other, tested at 5 % from either side
        (Schuirmann's two one-sided tests), with the spread of :func:`differences`.
    not told apart
        Not shown to be that near; but they differ by no more than chance allows, at 95 %.
    matched in kind
        They differ by more, and are of one class of :data:`CLASSES`.
    underspecified
        Of another class; but at this length a setting that the papers leave open was moved, and
        brings our error within chance of theirs.
    not matched
        Otherwise; `studied` says whether settings were moved at this length at all.
    not run
        A method that is not run here.

    Parameters
    ----------
    problem : str
        Key of :data:`TABLES`.
    ours : pandas.DataFrame
        Result of the comparison on this problem; rows with noise are taken.
    study : pandas.DataFrame
        Rows of the studies with settings moved.
    measure : {"test_error", "error"}
        Which of our errors is judged.

    Returns
    -------
    pandas.DataFrame
        A row a cell of 1993: what :func:`differences` has, with ``low`` and ``high``, the 95 %
        interval of the gap, nan where the method is not run; ``presentations_1993``,
        ``presentations``, ``presentations_low``, ``presentations_high``; ``studied``; ``verdict``
        of the error, and ``presentations_verdict``: matched if shown within a third of theirs, in
        kind within a factor of 3, underspecified if a moved setting brings ours there.

    Raises
    ------
    ValueError
        If there is no table of the problem, or the measure is another.
    """
    gaps = differences(problem, ours, measure)
    rows = ours[ours.noise > 0].set_index(["method", "T"])
    moved = study[(study.problem == problem) & (study.setting != "none")]
    found = []
    for method, cells in TABLES[problem].items():
        for T, entry in cells.items():
            row = {"method": method, "T": T, "error_1993": float(entry.error)}
            row["presentations_1993"] = entry.presentations
            if (method, T) not in rows.index:
                found.append({**row, "verdict": "not run", "presentations_verdict": "not run"})
                continue
            gap = gaps[(gaps.method == method) & (gaps["T"] == T)].iloc[0].to_dict()
            own = rows.loc[(method, T)]
            half = _quantile(0.975, gap) * gap["sd"]
            ends = {"low": gap["gap"] - half, "high": gap["gap"] + half}
            others = moved[(moved.method == method) & (moved["T"] == T)].to_dict("records")
            names = ("presentations", "presentations_low", "presentations_high")
            found.append(
                {
                    **row,
                    **gap,
                    **ends,
                    **{name: own[name] for name in names},
                    "studied": bool(others),
                    "verdict": _verdict(entry, gap, others, measure),
                    "presentations_verdict": _effort(entry, own, others),
                }
            )
    return pd.DataFrame(found)


def possible_verdicts(ours: pd.DataFrame, measure: str = "test_error") -> pd.DataFrame:
    """Lay the errors of :data:`UNPLACED` beside ours, at every length where each may stand.

    The k-th of a method's errors stands at a length that leaves room for those before and after
    it. The rule is that of :func:`verdicts`, without its "underspecified".

    Parameters
    ----------
    ours : pandas.DataFrame
        Result of the comparison on parity; rows with noise are taken.
    measure : {"test_error", "error"}
        Which of our errors is judged.

    Returns
    -------
    pandas.DataFrame
        A row an error and possible length: ``method``, ``rank`` from 1, ``error_1993``, ``T``;
        ``error``, ``error_low``, ``error_high`` in percent; ``verdict``.
    """
    one_of("measure", measure, ("test_error", "error"))
    noisy = ours[ours.noise > 0]
    rows = []
    for method, (errors, last) in UNPLACED.items():
        own = {row["T"]: row for row in noisy[noisy.method == method].to_dict("records")}
        lengths = sorted(T for T in own if last is None or T <= last)
        spare = len(lengths) - len(errors)
        for k, error in enumerate(errors):
            fixed = last is not None and k == len(errors) - 1
            for T in [last] if fixed else lengths[k : k + spare + 1]:
                gap = _difference(error, own[T], measure)
                rows.append({"rank": k + 1, **gap, "verdict": _agreement(gap) or "not matched"})
    return pd.DataFrame(rows)


def _difference(error, row, measure):
    ours = {"error" + end: 100 * row[measure + end] for end in ("", "_low", "_high")}
    spread = max(100 * row[f"{measure}_sd"], spread_of_1993(error))
    return {
        "method": row["method"],
        "T": row["T"],
        "error_1993": float(error),
        **ours,
        "gap": ours["error"] - error,
        "sd": spread * sqrt(1 / row["trials"] + 1 / TRIALS_1993),
        "freedom": row["trials"] - 1,
    }


def _quantile(level, gap):
    return float(stats.t.ppf(level, gap["freedom"]))


def _by_chance(gap):
    return abs(gap["gap"]) <= _quantile(0.975, gap) * gap["sd"]


def _agreement(gap):
    classes = {error_class(gap["error"]), error_class(gap["error_1993"])}
    if classes == {"guesses"}:
        return "both guess"
    if abs(gap["gap"]) + _quantile(0.95, gap) * gap["sd"] <= MARGIN:
        return "matched"
    if _by_chance(gap):
        return "not told apart"
    return "matched in kind" if len(classes) == 1 else None


def _verdict(entry, gap, moved, measure):
    agreement = _agreement(gap)
    if agreement:
        return agreement
    near = any(_by_chance(_difference(entry.error, row, measure)) for row in moved)
    return "underspecified" if near else "not matched"


def _effort(entry, row, moved):
    wanted = entry.presentations
    if wanted is None:
        return "underspecified"
    sd = row.presentations_sd * sqrt(1 / row.trials + 1 / TRIALS_1993)
    gap = {"gap": row.presentations - wanted, "sd": sd, "freedom": row.trials - 1}
    if abs(gap["gap"]) + _quantile(0.95, gap) * sd <= wanted / 3:
        return "matched"
    if _by_chance(gap):
        return "not told apart"
    if 1 / 3 <= row.presentations / wanted <= 3:
        return "matched in kind"
    near = any(1 / 3 <= other["presentations"] / wanted <= 3 for other in moved)
    return "underspecified" if near else "not matched"
