"""Differences of two methods, and which settings turn their order."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from latchlib.experiments.contrasts import OF_THE_TASK, contrast, turned


def row(method, errors, **more):
    """A row of these errors on 1,000 sequences; the other numbers are the same, in other units."""
    wrong = np.rint(1000 * np.asarray(errors, dtype=float)).astype(int)
    text = " ".join(map(str, wrong))
    trials = {"sequences": 1000, "wrong": text, "test_wrong": text, "spent": text}
    return {"method": method, **trials, "reasons": " ".join(["1"] * len(wrong)), "T": 20, **more}


def test_the_interval_is_that_of_the_pairs():
    rng = np.random.default_rng(4)
    hard = rng.integers(0, 500, 40)  # of both methods
    one, two = hard + rng.integers(0, 50, 40), hard + rng.integers(0, 60, 40)
    frame = pd.DataFrame(
        [row("a", one / 1000, noise=0.2, T=5), row("b", two / 1000, noise=0.2, T=5)]
    )
    found = contrast(frame, "a", "b", noise=0.2, measure="error").iloc[0]
    wanted = stats.ttest_rel(one / 1000, two / 1000).confidence_interval(0.95)
    assert found.gap == pytest.approx((one - two).mean() / 1000)
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))
    # Methods that fail on the same trials are told apart better than strangers.
    other = stats.ttest_ind(one / 1000, two / 1000, equal_var=False).confidence_interval(0.95)
    assert found.high - found.low < 0.2 * (other.high - other.low)


def test_measures_are_those_of_the_trials():
    frame = pd.DataFrame([row("a", [0.5, 0.4], noise=0.2), row("b", [0.1, 0.1], noise=0.2)])
    frame["reasons"] = ["1 1", "2 1"]
    for measure, gap in (
        ("error", 0.35),
        ("test_error", 3.5),
        ("presentations", 350),
        ("learned", 0.5),
    ):
        found = contrast(frame, "a", "b", noise=0.2, measure=measure)
        assert found.gap.iloc[0] == pytest.approx(gap)
    with pytest.raises(ValueError, match="measure is 'cost'; accepted"):
        contrast(frame, "a", "b", noise=0.2, measure="cost")


def test_two_methods_without_spread_differ_by_just_what_they_differ_by():
    frame = pd.DataFrame([row("a", [0.5, 0.5], noise=0.0), row("b", [0.0, 0.0], noise=0.0)])
    found = contrast(frame, "a", "b", noise=0.0, measure="error")
    assert found[["gap", "low", "high"]].iloc[0].tolist() == [0.5] * 3


def test_lengths_stand_in_order_and_other_noises_are_left_out():
    frame = pd.DataFrame(
        [row(m, [0.01 * T, 0.02 * T], noise=noise, T=T)
         for m in "ab" for noise in (0.0, 0.2) for T in (3, 2)]
    )  # fmt: skip
    assert contrast(frame, "a", "b", noise=0.2)["T"].tolist() == [2, 3]
    with pytest.raises(ValueError, match="second is 'c'; accepted"):
        contrast(frame, "a", "c", noise=0.2)
    with pytest.raises(ValueError, match="first is 'a'; accepted"):
        contrast(frame, "a", "b", noise=0.1)


def spread(method, mean):
    # Two patterns without correlation: pairs of a and b are strangers.
    pattern = {"a": [-1.0, 1.0], "b": [-1.0, -1.0, 1.0, 1.0]}[method]
    return np.maximum(mean + 0.1 * np.resize(pattern, 100), 0.0)


def study(*moved):
    """Method a errs in 10 %, b in 30 %; `moved` are (method, setting, value, error)."""
    rows = [("a", "none", "-", 0.1), ("b", "none", "-", 0.3), *moved]
    return pd.DataFrame(
        [row(m, spread(m, error), problem="latch", setting=s, value=v) for m, s, v, error in rows]
    )


@pytest.mark.parametrize(
    ("moved", "turns"),
    [
        ([("a", "rate", "1", 0.4)], [("a", "rate", "1", "turns")]),
        ([("b", "rate", "1", 0.0)], [("b", "rate", "1", "turns")]),
        ([("b", "rate", "1", 0.1)], [("b", "rate", "1", "vanishes")]),
        ([("a", "rate", "1", 0.3)], []),  # to spoil the better one is no tuning of the other
        ([("a", "rate", "1", 0.2)], []),
        ([("b", "rate", "1", 0.4)], []),
        # A setting of the task is moved on both sides, or not at all.
        ([("a", "sequences", "10", 0.4)], []),
        ([("a", "sequences", "10", 0.4), ("b", "sequences", "10", 0.5)], []),
        ([("a", "sequences", "10", 0.4), ("b", "sequences", "10", 0.2)],
         [("both", "sequences", "10", "turns")]),
        ([("a", "sequences", "10", 0.4), ("b", "sequences", "10", 0.4)],
         [("both", "sequences", "10", "vanishes")]),
    ],
)  # fmt: skip
def test_what_turns_an_order_or_takes_it_away(moved, turns):
    found = turned(study(*moved), "latch", "error")
    assert list(zip(found.moved, found.setting, found.value, found.how, strict=True)) == turns
    assert (found.better == "a").all() and (found.worse == "b").all()
    assert (found.low > 0).all() and (found.moved_low <= 0).all()
    assert ((found.moved_high < 0) == (found.how == "turns")).all()


def test_what_turns_does_not_depend_on_which_method_stands_first():
    moved = study(("a", "rate", "1", 0.4), ("b", "rate", "1", 0.0))
    there, back = (turned(one, "latch", "error") for one in (moved, moved.iloc[::-1]))
    assert len(there) == 2
    key = ["moved", "setting", "value"]
    assert (
        there.sort_values(key)
        .reset_index(drop=True)
        .equals(back.sort_values(key).reset_index(drop=True))
    )


def test_methods_that_do_not_differ_have_no_order_to_turn():
    rows = [("a", "none", "-", 0.3), ("b", "none", "-", 0.3), ("b", "rate", "1", 0.1)]
    frame = pd.DataFrame(
        [row(m, [e, e], problem="latch", setting=s, value=v) for m, s, v, e in rows]
    )
    assert turned(frame, "latch", "error").empty


def test_a_problem_that_was_not_studied_is_refused():
    with pytest.raises(ValueError, match="problem is 'parity'; accepted: 'latch'"):
        turned(study(), "parity")
    with pytest.raises(ValueError, match="study is 'of T = 20, 5'; accepted: one length"):
        turned(pd.concat([study(), study().assign(T=5)]), "latch")


def test_settings_of_the_task_are_in_the_study():
    from latchlib.experiments import EXPERIMENTS

    moved = {change.setting for change in EXPERIMENTS["sensitivity"]["full"].changes}
    assert set(OF_THE_TASK) <= moved
