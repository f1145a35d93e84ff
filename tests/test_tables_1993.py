"""The tables of 1993 and the rule by which a cell is judged."""

from math import sqrt
from statistics import NormalDist

import pandas as pd
import pytest

from latchlib.experiments.tables_1993 import (
    CLASSES,
    MARGIN,
    TABLES,
    UNPLACED,
    VERDICTS,
    Entry,
    differences,
    error_class,
    joint_test,
    possible_verdicts,
    spread_of_1993,
    verdicts,
)
from latchlib.training import ALGORITHMS

METHOD = "pseudo-Newton"  # 1993 at T = 20: 10 % after 1,900 presentations


def result(error, sd=0.3, presentations=1900.0, spread=100.0, noise=0.2, T=20):
    row = {"method": METHOD, "noise": noise, "T": T, "trials": 100}
    row |= {"presentations": presentations, "presentations_sd": spread}
    row |= {"presentations_low": 0.0, "presentations_high": 0.0}
    for name, value in (("test_error", error), ("error", error / 2)):
        row |= {name: value, f"{name}_sd": sd, f"{name}_low": value, f"{name}_high": value}
    return row


def moved(*rows, problem="two-sequence", setting="mu"):
    columns = [*result(0.1), "problem", "setting"]
    return pd.DataFrame(
        [{**row, "problem": problem, "setting": setting} for row in rows], columns=columns
    )


def judged(row, study=None, measure="test_error"):
    found = verdicts(
        "two-sequence", pd.DataFrame([row]), moved() if study is None else study, measure
    )
    (one,) = found[found.verdict != "not run"].itertuples()
    return one


# Student's t with 99 degrees of freedom, from printed tables: 1.984 and 1.660. 100 trials and 20.
MEAN = 0.3 * sqrt(1 / 100 + 1 / 20)
REACH = 1.984 * MEAN


@pytest.mark.parametrize(
    ("error", "sd", "verdict"),
    [
        (0.10, 0.3, "not told apart"),  # 20 trials with such a spread do not show more
        (0.10 + REACH - 0.001, 0.3, "not told apart"),
        (0.10 + REACH + 0.001, 0.3, "matched in kind"),
        (0.36, 0.3, "not matched"),
        (0.10, 0.22, "matched"),
    ],
)
def test_the_error_is_judged_by_the_rule(error, sd, verdict):
    assert judged(result(error, sd)).verdict == verdict


def test_the_gap_has_its_interval():
    one = judged(result(0.36, 0.3))
    assert one.gap == pytest.approx(26)
    assert (one.low, one.high) == pytest.approx((26 - 100 * REACH, 26 + 100 * REACH), abs=0.01)


def test_matched_needs_to_be_shown_within_the_margin():
    # The spread of 1993 is that of trials that learn or guess: sqrt(0.1 * 0.4) = 0.2 here.
    assert spread_of_1993(10.0) == pytest.approx(20.0)
    free = MARGIN / 100 - 1.660 * 0.2 * sqrt(0.06)
    for sd in (0.0, 0.1, 0.2):
        assert judged(result(0.10 + free - 0.001, sd)).verdict == "matched"
        assert judged(result(0.10 + free + 0.001, sd)).verdict == "not told apart"


def test_a_spread_of_zero_is_no_tolerance_of_zero():
    assert spread_of_1993(0.0) == spread_of_1993(50.0) == spread_of_1993(80.0) == 0.0
    never = {**result(0.0, 0.0), "method": "simulated annealing"}
    for T, verdict in ((10, "matched"), (20, "not told apart"), (100, "not matched")):  # 0, 7, 11 %
        assert judged({**never, "T": T}).verdict == verdict
    with pytest.raises(ValueError, match="error is 101; accepted"):
        spread_of_1993(101)


def test_two_methods_that_guess_agree_in_that_alone():
    row = {**result(0.45, 0.1), "method": "back-propagation"}  # 1993: 43 %
    assert judged(row).verdict == "both guess"
    assert judged({**row, "test_error": 0.10}).verdict == "not matched"


def test_the_measure_that_is_asked_for_is_judged():
    row = result(0.36, 0.1)
    assert judged(row).verdict == "not matched" and judged(row).error == pytest.approx(36)
    assert judged(row, measure="error").error == pytest.approx(18)
    assert judged(row, measure="error").verdict == "not told apart"
    with pytest.raises(ValueError, match="measure is 'learned'; accepted"):
        verdicts("two-sequence", pd.DataFrame([row]), moved(), "learned")


def test_underspecified_needs_a_setting_that_brings_ours_within_chance():
    far = result(0.5, 0.1)
    reach = 1.984 * 0.2 * sqrt(0.06)
    near, beyond = result(0.10 + reach - 0.001, 0.1), result(0.10 + reach + 0.001, 0.1)
    assert judged(far, moved(near)).verdict == "underspecified"
    assert judged(far, moved(beyond)).verdict == "not matched"
    assert judged(far, moved(beyond)).studied and not judged(far).studied
    # Another length, another problem, and the comparison's own settings do not count.
    for study in (
        moved({**near, "T": 50}), moved(near, problem="latch"), moved(near, setting="none")
    ):  # fmt: skip
        assert judged(far, study).verdict == "not matched" and not judged(far, study).studied


@pytest.mark.parametrize(
    ("presentations", "verdict"),
    [(1900, "matched"), (2490, "matched"), (2500, "matched in kind"), (5600, "matched in kind"),
     (5800, "not matched"), (640, "matched in kind"), (630, "not matched")],
)  # fmt: skip
def test_the_presentations_are_judged_by_the_rule(presentations, verdict):
    # Within a third, 633, less 1.660 * 100 * sqrt(0.06) = 40.7: up to 2492.
    assert judged(result(0.1, presentations=presentations)).presentations_verdict == verdict
    wide = result(0.1, presentations=presentations, spread=40_000.0)
    assert judged(wide).presentations_verdict == "not told apart"
    for there in (640, 5000):
        study = moved(result(0.1, presentations=there))
        again = judged(result(0.1, presentations=presentations), study).presentations_verdict
        assert again == verdict.replace("not matched", "underspecified")


def test_rows_without_noise_and_cells_without_an_entry_are_left_out():
    rows = pd.DataFrame([result(0.1), result(0.1, noise=0.0), result(0.1, T=30)])
    found = verdicts("two-sequence", rows, moved())
    assert (found.verdict != "not run").sum() == len(differences("two-sequence", rows)) == 1
    assert set(found.verdict) <= set(VERDICTS)


def test_what_was_not_run_is_said():
    found = verdicts("two-sequence", pd.DataFrame([result(0.1)]), moved())
    assert len(found) == 35 and (found.method == "EM").sum() == 5
    gone = found[found.method == "EM"]
    assert set(gone.verdict) == set(gone.presentations_verdict) == {"not run"}
    assert gone.error.isna().all() and gone.error_1993.eq(0).all()


def test_cells_within_chance_may_be_off_all_in_all():
    rows = pd.DataFrame([result(0.15, 0.3, T=T) for T in (5, 10, 20)])
    gaps = differences("two-sequence", rows)
    assert (gaps.gap.abs() < 1.984 * gaps.sd).all()
    (row,) = joint_test(gaps).itertuples()
    z = (gaps.gap / (100 * MEAN)).sum() / sqrt(3)
    assert (row.method, row.cells) == (METHOD, 3)
    assert (row.z, row.gap) == pytest.approx((z, (13 + 12 + 5) / 3))
    assert row.p == pytest.approx(2 * (1 - NormalDist().cdf(z)))
    # Gaps to both sides cancel.
    gaps["gap"] = [3.0, -3.0, 0.0]
    assert joint_test(gaps).p.iloc[0] == pytest.approx(1.0)


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
    assert {tuple(row) for row in TABLES["two-sequence"].values()} == {(5, 10, 20, 50, 100)}


@pytest.mark.slow
def test_chance_alone_seldom_tells_apart(monkeypatch):
    """Where both sides draw from one law, about 95 % of the cells are not told apart."""
    import numpy as np

    rng, same = np.random.default_rng(3), 0
    for _ in range(400):
        ours, theirs = (0.5 * rng.binomial(1, 0.2, n) for n in (100, 20))  # learn or guess
        entry = Entry(100 * theirs.mean(), 1900)
        monkeypatch.setitem(TABLES["two-sequence"][METHOD], 20, entry)
        row = result(ours.mean(), ours.std(ddof=1))
        same += judged(row).verdict in ("matched", "not told apart")
    # More than 95 %, as the larger of the two spreads is taken.
    assert 0.95 <= same / 400 <= 0.995


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
    # 2 % in 1993, and 0.3, 0.5 and 1 % here.
    assert first.verdict.tolist() == ["matched"] * 3
    third = found[(found.method == "back-propagation") & (found["rank"] == 3)]
    assert third.error.tolist() == [1.0, 2.0, 5.0]
    assert third.verdict.tolist() == ["not matched"] * 3
    # 20 % in 1993 and 34 % here are further apart than chance allows, and both learn in part.
    apart = possible_verdicts(parity(lambda method, T: 0.34))
    second = apart[(apart.method == "back-propagation") & (apart["rank"] == 2)]
    assert set(second.verdict) == {"matched in kind"}


def test_where_a_place_is_known_both_tables_say_the_same():
    for method in ("discrete error propagation", "simulated annealing"):
        errors, last = UNPLACED[method]
        assert TABLES["parity"][method][last].error == errors[-1]
