"""The tables of 1993, and a verdict on every cell of them.

Bengio and Frasconi (1993), Tables 1 to 4. The copy at hand of Tables 3 and 4 (parity) has lost its
blank cells, so only what can be placed for sure is here.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import pandas as pd
from scipy import stats

from latchlib._validation import refuse

__all__ = [
    *("CLASSES", "TABLES", "TRIALS_1993", "UNPLACED", "VERDICTS", "Entry", "Unplaced"),
    *("error_class", "possible_verdicts", "verdicts"),
]

#: "20 or more trials"; their spread is not reported.
TRIALS_1993 = 20

#: What a comparison of a cell can come to.
VERDICTS = ("matched", "matched in kind", "not matched", "underspecified")

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


#: Entries by problem, method and greatest length T. EM is a method that is not run here.
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

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the error is out of range.
    """
    if not 0.0 <= error <= 100.0:
        raise refuse("error", error, "a number from 0 to 100")
    return [name for name, least in CLASSES.items() if error >= least][-1]


def verdicts(problem: str, ours: pd.DataFrame, sensitivity: pd.DataFrame) -> pd.DataFrame:
    """Lay the tables of 1993 beside our results, cell by cell.

    The rule was fixed before the results were there:

    matched
        The two errors differ by no more than chance allows: Student's t at 95 %, with the spread
        of our trials and 20 trials taken for theirs, which is not reported.
    matched in kind
        Not matched, but both errors are of one class of :data:`CLASSES`.
    underspecified
        Of another class; but moving one setting that the papers leave open, at T = 20, takes our
        error into the class that 1993 has at T = 20, which the comparison's settings do not.
    not matched
        Otherwise.

    Parameters
    ----------
    problem : str
        Key of :data:`TABLES`.
    ours : pandas.DataFrame
        Result of the comparison on this problem; rows with noise are taken.
    sensitivity : pandas.DataFrame
        Result of the sensitivity study.

    Returns
    -------
    pandas.DataFrame
        A row a cell of 1993 that was run here: ``method``, ``T``; ``error_1993``, ``error``,
        ``error_low``, ``error_high`` in percent; ``presentations_1993``, ``presentations``,
        ``presentations_low``, ``presentations_high``; ``verdict`` of the error, and
        ``presentations_verdict``: matched by the same test, matched in kind within a factor of 3.

    Raises
    ------
    ValueError
        If there is no table of the problem.
    """
    if problem not in TABLES:
        raise refuse("problem", problem, " or ".join(map(repr, TABLES)))
    rows = []
    for row in ours[ours.noise > 0].itertuples():
        entry = TABLES[problem].get(row.method, {}).get(row.T)
        if entry is None:
            continue
        rows.append(
            {
                "method": row.method,
                "T": row.T,
                "error_1993": float(entry.error),
                "error": 100 * row.error,
                "error_low": 100 * row.error_low,
                "error_high": 100 * row.error_high,
                "presentations_1993": entry.presentations,
                "presentations": row.presentations,
                "presentations_low": row.presentations_low,
                "presentations_high": row.presentations_high,
                "verdict": _verdict(problem, entry, row, sensitivity),
                "presentations_verdict": _presentations_verdict(entry, row),
            }
        )
    return pd.DataFrame(rows)


def possible_verdicts(ours: pd.DataFrame) -> pd.DataFrame:
    """Lay the errors of :data:`UNPLACED` beside ours, at every length where each may stand.

    The k-th of a method's errors stands at a length that leaves room for those before and after
    it. The rule is that of :func:`verdicts`, without its "underspecified".

    Parameters
    ----------
    ours : pandas.DataFrame
        Result of the comparison on parity; rows with noise are taken.

    Returns
    -------
    pandas.DataFrame
        A row an error and possible length: ``method``, ``rank`` from 1, ``error_1993``, ``T``;
        ``error``, ``error_low``, ``error_high`` in percent; ``verdict``.
    """
    noisy = ours[ours.noise > 0]
    rows = []
    for method, (errors, last) in UNPLACED.items():
        own = {row.T: row for row in noisy[noisy.method == method].itertuples()}
        lengths = sorted(T for T in own if last is None or T <= last)
        spare = len(lengths) - len(errors)
        for k, error in enumerate(errors):
            fixed = last is not None and k == len(errors) - 1
            for T in [last] if fixed else lengths[k : k + spare + 1]:
                row = own[T]
                rows.append(
                    {
                        "method": method,
                        "rank": k + 1,
                        "error_1993": float(error),
                        "T": T,
                        "error": 100 * row.error,
                        "error_low": 100 * row.error_low,
                        "error_high": 100 * row.error_high,
                        "verdict": _agreement(error, row) or "not matched",
                    }
                )
    return pd.DataFrame(rows)


def _by_chance(sd, n):
    # Their mean has the error of 20 trials with the spread of ours.
    return float(stats.t.ppf(0.975, n - 1)) * sd * sqrt(1 / n + 1 / TRIALS_1993)


def _presentations_verdict(entry, row):
    if entry.presentations is None:
        return "underspecified"
    distance = abs(row.presentations - entry.presentations)
    if distance <= _by_chance(row.presentations_sd, row.trials):
        return "matched"
    within = 1 / 3 <= row.presentations / entry.presentations <= 3
    return "matched in kind" if within else "not matched"


def _agreement(error, row):
    inside = row.error_low <= error / 100 <= row.error_high
    if inside or abs(row.error - error / 100) <= _by_chance(row.error_sd, row.trials):
        return "matched"
    return "matched in kind" if error_class(100 * row.error) == error_class(error) else None


def _verdict(problem, entry, row, sensitivity):
    agreement = _agreement(entry.error, row)
    if agreement:
        return agreement
    moved = sensitivity[(sensitivity.problem == problem) & (sensitivity.method == row.method)]
    at_20 = TABLES[problem][row.method].get(20)
    if at_20 is not None and len(moved):
        classes = {error_class(100 * error) for error in moved[moved.setting != "none"].error}
        own = moved[moved.setting == "none"].error.iloc[0]
        wanted = error_class(at_20.error)
        if error_class(100 * own) != wanted and wanted in classes:
            return "underspecified"
    return "not matched"
