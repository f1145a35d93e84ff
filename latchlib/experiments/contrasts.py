"""Two methods against each other: how far their errors are apart, and whether a setting turns it.

Methods share training sets and starting points, so their errors are correlated; the intervals here
take them as independent, which makes them wider than they need be.
"""

from __future__ import annotations

from itertools import permutations
from math import sqrt
from typing import Any

import pandas as pd
from scipy import stats

from latchlib._validation import refuse

__all__ = ["OF_THE_TASK", "contrast", "turned"]

#: Settings of the sensitivity study that belong to the task and not to one method.
OF_THE_TASK = ("sequences", "tolerance", "bound", "output", "noisy_prefix", "wiring_name")


def contrast(
    result: pd.DataFrame, first: str, second: str, *, noise: float, measure: str = "error"
) -> pd.DataFrame:
    """Return the difference of two methods' means at each length, with Welch's 95 % interval.

    Parameters
    ----------
    result : pandas.DataFrame
        As :func:`latchlib.experiments.load` gives it.
    first, second : str
        Methods.
    noise : float
        Which noise.
    measure : {"error", "test_error", "presentations"}
        What is compared.

    Returns
    -------
    pandas.DataFrame
        A row a length: ``T``, ``gap`` (first minus second), ``low``, ``high``.

    Raises
    ------
    ValueError
        If a method has no rows of this noise.
    """
    rows = result[result.noise == noise].set_index("method")
    for name, method in (("first", first), ("second", second)):
        if method not in rows.index:
            raise refuse(name, method, "a method of the result, at this noise")
    ones, others = (rows.loc[[m]].sort_values("T").to_dict("records") for m in (first, second))
    found = [
        {"T": one["T"], **_gap(one, other, measure)}
        for one, other in zip(ones, others, strict=True)
    ]
    return pd.DataFrame(found)


def turned(study: pd.DataFrame, problem: str) -> pd.DataFrame:
    """Return the pairs of methods whose order turns when one setting is moved.

    A pair is taken where the interval of its difference leaves out 0, and counts as turned where
    the moved one does too, on the other side. A setting of one method is moved for it alone, one
    of the task (as the size of the training set) for both.

    Parameters
    ----------
    study : pandas.DataFrame
        Result of the sensitivity study.
    problem : str
        Which problem.

    Returns
    -------
    pandas.DataFrame
        A row a move that turns a pair: ``better`` and ``worse`` in the comparison, ``gap`` with
        ``low`` and ``high`` there (worse minus better); ``moved``, the method whose setting is
        moved, or ``"both"``; ``setting``, ``value``; ``moved_gap``, ``moved_low``,
        ``moved_high``.

    Raises
    ------
    ValueError
        If the study has no such problem.
    """
    rows = study[study.problem == problem]
    if rows.empty:
        raise refuse("problem", problem, " or ".join(map(repr, study.problem.unique())))
    by_move = {
        (row["method"], row["setting"], row["value"]): row for row in rows.to_dict("records")
    }
    own = {method: row for (method, setting, _), row in by_move.items() if setting == "none"}
    moves = dict.fromkeys((setting, value) for _, setting, value in by_move if setting != "none")
    found: list[dict[str, Any]] = []
    for better, worse in permutations(own, 2):
        before = _gap(own[worse], own[better], "error")
        if not before["low"] > 0.0:
            continue
        for setting, value in moves:
            sides = [by_move.get((method, setting, value)) for method in (better, worse)]
            if setting in OF_THE_TASK:
                trials = [("both", *sides)]
            else:
                trials = [(better, sides[0], own[worse]), (worse, own[better], sides[1])]
            for moved, one, other in trials:
                if one is None or other is None:
                    continue
                after = _gap(other, one, "error")
                if after["high"] < 0.0:
                    pair = {"better": better, "worse": worse, **before}
                    move = {"moved": moved, "setting": setting, "value": value}
                    gap = {f"moved_{name}": number for name, number in after.items()}
                    found.append({**pair, **move, **gap})
    columns = ["better", "worse", "gap", "low", "high", "moved", "setting", "value"]
    return pd.DataFrame(found, columns=[*columns, "moved_gap", "moved_low", "moved_high"])


def _gap(one: dict[str, Any], other: dict[str, Any], measure: str) -> dict[str, float]:
    gap = one[measure] - other[measure]
    parts = [row[f"{measure}_sd"] ** 2 / row["trials"] for row in (one, other)]
    variance = sum(parts)
    if variance == 0.0:
        return {"gap": gap, "low": gap, "high": gap}
    # Degrees of freedom of Welch and Satterthwaite.
    freedom = variance**2 / sum(
        part**2 / (row["trials"] - 1) for part, row in zip(parts, (one, other), strict=True)
    )
    half = float(stats.t.ppf(0.975, freedom)) * sqrt(variance)
    return {"gap": gap, "low": gap - half, "high": gap + half}
