"""The tables of 1993 and the rule by which a cell is judged."""

from math import sqrt

import pandas as pd
import pytest

from latchlib.experiments.tables_1993 import (
    CLASSES,
    TABLES,
    UNPLACED,
    VERDICTS,
    error_class,
    possible_verdicts,
    verdicts,
)
from latchlib.statistics import share_interval
from latchlib.training import ALGORITHMS

METHOD = "pseudo-Newton"  # 1993 at T = 20: 10 % after 1,900 presentations


def result(error, sd=0.1, presentations=1900.0, spread=100.0, noise=0.2, T=20):
    return {
        "method": METHOD, "noise": noise, "T": T, "trials": 100, "error": error, "error_sd": sd,
        "error_low": error, "error_high": error, "presentations": presentations,
        "presentations_sd": spread, "presentations_low": 0.0, "presentations_high": 0.0,
    }  # fmt: skip


def study(own, *moved):
    rows = [("none", own), *(("mu", error) for error in moved)]
    return pd.DataFrame(
        [{"problem": "two-sequence", "method": METHOD, "setting": s, "error": e} for s, e in rows]
    )


def judged(row, sensitivity=None):
    sensitivity = study(row["error"]) if sensitivity is None else sensitivity
    (found,) = verdicts("two-sequence", pd.DataFrame([row]), sensitivity).itertuples()
    return found


# Student's t with 99 degrees of freedom, from printed tables: 1.984. 100 trials beside 20.
REACH = 1.984 * 0.1 * sqrt(1 / 100 + 1 / 20)


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (0.10, "matched"),
        (0.10 + REACH - 0.001, "matched"),
        (0.10 - REACH + 0.001, "matched"),
        (0.10 + REACH + 0.001, "matched in kind"),
        (0.34, "matched in kind"),
        (0.36, "not matched"),
        (0.10 - REACH - 0.001, "not matched"),  # below 10 % is another class
    ],
)
def test_the_error_is_judged_by_the_rule(error, verdict):
    assert judged(result(error)).verdict == verdict


def test_inside_our_interval_is_matched_however_small_the_spread():
    row = {**result(0.1001, sd=0.0), "error_low": 0.09, "error_high": 0.11}
    assert judged(row).verdict == "matched"
    assert judged({**row, "error_low": 0.1001}).verdict == "matched in kind"


def test_underspecified_needs_a_setting_that_brings_the_class_of_1993():
    far = result(0.5, T=20)
    assert judged(far, study(0.5, 0.4, 0.2)).verdict == "underspecified"
    assert judged(far, study(0.5, 0.4, 0.05)).verdict == "not matched"
    # The settings of the comparison have the class at T = 20 already: moving them says nothing.
    assert judged(far, study(0.2, 0.3)).verdict == "not matched"
    # Another problem's study does not count.
    other = study(0.5, 0.2).assign(problem="latch")
    assert judged(far, other).verdict == "not matched"


@pytest.mark.parametrize(
    ("presentations", "verdict"),
    [(1900, "matched"), (1940, "matched"), (1960, "matched in kind"), (5600, "matched in kind"),
     (5800, "not matched"), (640, "matched in kind"), (630, "not matched")],
)  # fmt: skip
def test_the_presentations_are_judged_by_the_rule(presentations, verdict):
    # 1.984 * 100 * sqrt(0.06) = 48.6
    assert judged(result(0.1, presentations=presentations)).presentations_verdict == verdict


def test_rows_without_noise_and_cells_without_an_entry_are_left_out():
    rows = pd.DataFrame([result(0.1), result(0.1, noise=0.0), result(0.1, T=30)])
    found = verdicts("two-sequence", rows, study(0.1))
    assert len(found) == 1 and found.verdict.iloc[0] in VERDICTS


def test_classes():
    assert [error_class(e) for e in (0, 9.9, 10, 34.9, 35, 100)] == [
        *("learns", "learns", "learns in part", "learns in part", "guesses", "guesses")
    ]
    assert list(CLASSES.values()) == sorted(CLASSES.values())
    for bad in (-1, 101, float("nan")):
        with pytest.raises(ValueError, match="accepted: a number from 0 to 100"):
            error_class(bad)


def test_refuses_a_problem_without_a_table():
    with pytest.raises(ValueError, match="accepted: 'two-sequence' or 'parity'"):
        verdicts("latch", pd.DataFrame(), pd.DataFrame())


def test_the_tables_hold_what_the_methods_are_called():
    for table in TABLES.values():
        assert set(table) - {"EM"} <= set(ALGORITHMS)
    assert {len(row) for row in TABLES["two-sequence"].values()} == {5}


def test_chance_alone_seldom_breaks_a_match():
    """Where both sides draw from one law, about 95 % of the cells are matched."""
    import numpy as np

    rng, matched = np.random.default_rng(3), 0
    for _ in range(400):
        ours, theirs = (rng.binomial(20, 0.3, n) / 20 for n in (100, 20))
        low, high = share_interval(ours, 20)
        row = {**result(ours.mean(), ours.std(ddof=1)), "error_low": low, "error_high": high}
        shift = 0.10 - theirs.mean()  # move both so that 1993 says what the table says
        row.update({k: row[k] + shift for k in ("error", "error_low", "error_high")})
        matched += judged(row).verdict == "matched"
    assert 0.92 <= matched / 400 <= 0.98


LENGTHS = (3, 5, 10, 20, 50, 100, 500)


def parity(error=lambda method, T: 0.4):
    rows = [
        {**result(error(method, T), sd=0.05, T=T), "method": method}
        for method in UNPLACED
        for T in LENGTHS
    ]
    return pd.DataFrame([*rows, {**rows[0], "noise": 0.0, "T": 7}])


def test_an_error_without_a_place_may_stand_where_there_is_room():
    from itertools import combinations

    found = possible_verdicts(parity())
    for method, (errors, last) in UNPLACED.items():
        lengths = [T for T in LENGTHS if last is None or T <= last]
        ways = [w for w in combinations(lengths, len(errors)) if last in (None, w[-1])]
        for k, error in enumerate(errors):
            rows = found[(found.method == method) & (found["rank"] == k + 1)]
            assert rows["T"].tolist() == sorted({way[k] for way in ways})
            assert set(rows.error_1993) == {error}


def test_every_place_is_judged_by_the_rule():
    found = possible_verdicts(parity(lambda method, T: T / 1000))
    first = found[(found.method == "back-propagation") & (found["rank"] == 1)]
    reach = 1.984 * 0.05 * sqrt(1 / 100 + 1 / 20)
    assert reach > 0.02  # so all are within chance
    assert first.verdict.tolist() == ["matched"] * 3
    third = found[(found.method == "back-propagation") & (found["rank"] == 3)]
    assert third.error.tolist() == [1.0, 2.0, 5.0]
    assert third.verdict.tolist() == ["not matched"] * 3
    # 15 % in 1993 and 10 % here are further apart than chance allows, and both learn in part.
    apart = possible_verdicts(parity(lambda method, T: 0.10))
    multigrid = apart[(apart.method == "multigrid random search") & (apart["rank"] == 1)]
    assert set(multigrid.verdict) == {"matched in kind"}


def test_where_a_place_is_known_both_tables_say_the_same():
    for method in ("discrete error propagation", "simulated annealing"):
        errors, last = UNPLACED[method]
        assert TABLES["parity"][method][last].error == errors[-1]
