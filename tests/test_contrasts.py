"""Differences of two methods, and which settings turn their order."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from latchlib.experiments.contrasts import OF_THE_TASK, contrast, turned


def row(method, errors, **more):
    errors = np.asarray(errors, dtype=float)
    sd = errors.std(ddof=1)
    return {"method": method, "trials": errors.size, "error": errors.mean(), "error_sd": sd, **more}


def test_the_interval_is_that_of_welch():
    rng = np.random.default_rng(4)
    one, two = rng.random(40), 0.5 * rng.random(25)
    frame = pd.DataFrame([row("a", one, noise=0.2, T=5), row("b", two, noise=0.2, T=5)])
    found = contrast(frame, "a", "b", noise=0.2).iloc[0]
    wanted = stats.ttest_ind(one, two, equal_var=False).confidence_interval(0.95)
    assert found.gap == pytest.approx(one.mean() - two.mean())
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))


def test_two_methods_without_spread_differ_by_just_what_they_differ_by():
    frame = pd.DataFrame(
        [row("a", [0.5, 0.5], noise=0.0, T=5), row("b", [0.0, 0.0], noise=0.0, T=5)]
    )
    assert (
        contrast(frame, "a", "b", noise=0.0)[["gap", "low", "high"]].iloc[0].tolist() == [0.5] * 3
    )


def test_lengths_stand_in_order_and_other_noises_are_left_out():
    frame = pd.DataFrame(
        [row(m, [0.1 * T, 0.2 * T], noise=noise, T=T)
         for m in "ab" for noise in (0.0, 0.2) for T in (3, 2)]
    )  # fmt: skip
    assert contrast(frame, "a", "b", noise=0.2)["T"].tolist() == [2, 3]
    with pytest.raises(ValueError, match="second is 'c'; accepted"):
        contrast(frame, "a", "c", noise=0.2)
    with pytest.raises(ValueError, match="first is 'a'; accepted"):
        contrast(frame, "a", "b", noise=0.1)


def spread(mean):
    return mean + 0.05 * np.resize([-1.0, 1.0], 100)


def study(*moved):
    """Method a errs in 10 %, b in 30 %; `moved` are (method, setting, value, error)."""
    rows = [("a", "none", "-", 0.1), ("b", "none", "-", 0.3), *moved]
    return pd.DataFrame(
        [row(m, spread(error), problem="latch", setting=s, value=v) for m, s, v, error in rows]
    )


@pytest.mark.parametrize(
    ("moved", "turns"),
    [
        ([("a", "rate", "1", 0.4)], [("a", "rate", "1")]),
        ([("b", "rate", "1", 0.0)], [("b", "rate", "1")]),
        ([("a", "rate", "1", 0.31)], []),  # within chance
        ([("a", "rate", "1", 0.2)], []),
        ([("b", "rate", "1", 0.4)], []),
        # A setting of the task is moved on both sides, or not at all.
        ([("a", "sequences", "10", 0.4)], []),
        ([("a", "sequences", "10", 0.4), ("b", "sequences", "10", 0.5)], []),
        ([("a", "sequences", "10", 0.4), ("b", "sequences", "10", 0.2)],
         [("both", "sequences", "10")]),
    ],
)  # fmt: skip
def test_what_turns_an_order(moved, turns):
    found = turned(study(*moved), "latch")
    assert list(zip(found.moved, found.setting, found.value, strict=True)) == turns
    assert (found.better == "a").all() and (found.worse == "b").all()
    assert (found.low > 0).all() and (found.moved_high < 0).all()


def test_what_turns_does_not_depend_on_which_method_stands_first():
    moved = study(("a", "rate", "1", 0.4), ("b", "rate", "1", 0.0))
    there, back = turned(moved, "latch"), turned(moved.iloc[::-1], "latch")
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
    assert turned(frame, "latch").empty
    # Nor does an order turn where the moved pair is even.
    frame.loc[0, "error"] = 0.1
    assert turned(frame, "latch").empty


def test_a_problem_that_was_not_studied_is_refused():
    with pytest.raises(ValueError, match="problem is 'parity'; accepted: 'latch'"):
        turned(study(), "parity")


def test_settings_of_the_task_are_in_the_study():
    from latchlib.experiments import EXPERIMENTS

    moved = {change.setting for change in EXPERIMENTS["sensitivity"]["full"].changes}
    assert set(OF_THE_TASK) <= moved
