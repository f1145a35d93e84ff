"""Two methods against each other: how far apart they are, and what a moved setting does to that.

Methods share training sets, fresh sequences and starting points, so they are compared trial by
trial: of the difference of a pair it does not matter how hard its training set is.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pandas as pd

from latchlib.experiments._trials import trials_of
from latchlib.statistics import paired_interval
from latchlib.validation import one_of, refuse

__all__ = ["MEASURES", "OF_THE_TASK", "contrast", "turned"]

#: What two methods may be compared in; see :func:`latchlib.experiments.trials_of`.
MEASURES = ("test_error", "error", "learned", "presentations")

#: Settings of the sensitivity study that belong to the task and not to one method.
OF_THE_TASK = ("budget", "sequences", "tolerance", "output", "noisy_prefix", "wiring_name")


def contrast(
    result: pd.DataFrame,
    first: str,
    second: str,
    *,
    noise: float,
    measure: str = "test_error",
) -> pd.DataFrame:
    """Return the mean difference of two methods at each length, with its 95 % interval.

    Parameters
    ----------
    result : pandas.DataFrame
        As :func:`latchlib.experiments.load` gives it.
    first, second : str
        Methods.
    noise : float
        Which noise.
    measure : {"test_error", "error", "learned", "presentations"}
        What is compared, trial by trial: the error on fresh sequences, that on the training set,
        the share of trials that learned, the presentations.

    Returns
    -------
    pandas.DataFrame
        A row a length: ``T``, ``gap`` (first minus second), ``low``, ``high``.

    Raises
    ------
    ValueError
        If a method has no rows of this noise, or the measure is another.
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


def turned(study: pd.DataFrame, problem: str, measure: str = "test_error") -> pd.DataFrame:
    """Return the pairs of methods whose order a moved setting turns, or takes away.

    A pair is taken where the interval of its difference leaves out 0. It *turns* where the moved
    one does too, on the other side. It *vanishes* where the moved one holds 0, and the better
    method was left as it was, or both had the task's setting moved: to spoil the better method is
    no tuning of the other. A setting of one method is moved for it alone, one of the task (as the
    size of the training set) for both.

    Parameters
    ----------
    study : pandas.DataFrame
        Result of the sensitivity study, at one length.
    problem : str
        Which problem.
    measure : {"test_error", "error", "learned", "presentations"}
        What is compared; less counts as better.

    Returns
    -------
    pandas.DataFrame
        A row a move that turns a pair or takes its difference away: ``better`` and ``worse`` in
        the comparison, ``gap`` with ``low`` and ``high`` there (worse minus better); ``moved``,
        the method whose setting is moved, or ``"both"``; ``setting``, ``value``; ``moved_gap``,
        ``moved_low``, ``moved_high``; ``how``, ``"turns"`` or ``"vanishes"``.

    Raises
    ------
    ValueError
        If the study has no such problem or several lengths of it, or the measure is another.
    """
    rows = study[study.problem == problem]
    if rows.empty:
        raise refuse("problem", problem, " or ".join(map(repr, study.problem.unique())))
    if rows["T"].nunique() > 1:
        raise refuse("study", f"of T = {', '.join(map(str, rows['T'].unique()))}", "one length")
    by_move = {
        (row["method"], row["setting"], row["value"]): row for row in rows.to_dict("records")
    }
    own = {method: row for (method, setting, _), row in by_move.items() if setting == "none"}
    moves = dict.fromkeys((setting, value) for _, setting, value in by_move if setting != "none")
    found: list[dict[str, Any]] = []
    for better, worse in permutations(own, 2):
        before = _gap(own[worse], own[better], measure)
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
                after = _gap(other, one, measure)
                if after["low"] > 0.0 or (after["high"] >= 0.0 and moved == better):
                    continue
                pair = {"better": better, "worse": worse, **before}
                move = {"moved": moved, "setting": setting, "value": value}
                gap = {f"moved_{name}": number for name, number in after.items()}
                how = "turns" if after["high"] < 0.0 else "vanishes"
                found.append({**pair, **move, **gap, "how": how})
    columns = ["better", "worse", "gap", "low", "high", "moved", "setting", "value"]
    return pd.DataFrame(found, columns=[*columns, "moved_gap", "moved_low", "moved_high", "how"])


def _gap(one: dict[str, Any], other: dict[str, Any], measure: str) -> dict[str, float]:
    one_of("measure", measure, MEASURES)
    gap, low, high = paired_interval(trials_of(one)[measure], trials_of(other)[measure])
    return {"gap": gap, "low": low, "high": high}
