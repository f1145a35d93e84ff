"""The experiment on explosion: what is tuned, what is shown, and that its rows are pairs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from latchlib.backprop import Backpropagator
from latchlib.experiments import EXPERIMENTS, Comparison, load, trials_of
from latchlib.experiments.explosion import (
    CANDIDATES,
    Explosion,
    best_rates,
    record,
    shares_by_step,
)
from latchlib.problems import Latch, TwoSequence
from latchlib.training import Adam, BackPropagation, Clipped

SAVED = Path(__file__).parents[1] / "book" / "data"
SEED = 5
NAMES = ("explosion-rates", "explosion")


def small(*methods, rate=0.1, problem="two-sequence", T=6, **more):
    rates = {(problem, method, T): (rate,) for method in methods}
    return Explosion("explosion", rates, **{"trials": 5} | more)


def only(grid, seed=SEED):
    (cell,) = grid.cells()
    (row,) = grid.rows(cell, seed)
    return row


def test_all_candidates_get_the_same_rates():
    tuning = EXPERIMENTS["explosion-rates"]["full"]
    assert set(tuning.rates.values()) == {(0.003, 0.01, 0.03, 0.1, 0.3, 1.0)}
    assert {method for _, method, _ in tuning.rates} == set(CANDIDATES)
    assert set(tuning.rates) == set(EXPERIMENTS["explosion"]["full"].rates)


def test_a_row_is_a_pair_with_the_row_of_the_comparison():
    ours = only(small("back-propagation"))
    grid = Comparison("two-sequence", (6,), (0.2,), {"back-propagation": 3_000}, trials=5)
    (theirs,) = grid.rows({"method": "back-propagation", "noise": 0.2, "T": 6}, SEED)
    assert {name: ours[name] for name in theirs} == theirs
    # With a threshold that nothing reaches, clipping would be the same; with its own it is not.
    assert only(small("clipped"))["spent"] != ours["spent"]


def test_tuning_has_trials_of_its_own():
    shown = only(small("back-propagation"))
    assert only(small("back-propagation", shift=1))["spent"] != shown["spent"]
    assert only(small("back-propagation", shift=1), SEED - 1)["spent"] == shown["spent"]
    assert EXPERIMENTS["explosion-rates"]["full"].shift == 1
    assert EXPERIMENTS["explosion"]["full"].shift == 0


def test_a_start_is_a_setting_and_changes_what_comes_out():
    grids = [small(name) for name in ("back-propagation", "identity start", "orthogonal start")]
    settings = [grid.settings(grid.cells()[0]) for grid in grids]
    assert [one.get("start") for one in settings] == [None, "identity", "orthogonal"]
    assert len({only(grid)["spent"] for grid in grids}) == 3


def test_the_best_rate_errs_least_and_of_equals_spends_least():
    tried = ((0.1, 0.2, 9.0), (0.2, 0.1, 9.0), (0.3, 0.1, 8.0))
    rows = [("latch", "Adam", 10, *numbers) for numbers in tried]
    rows += [("latch", "Adam", 20, 0.1, 0.4, 7.0), ("parity", "Adam", 10, 0.2, 0.5, 7.0)]
    columns = ["problem", "method", "T", "rate", "test_error", "presentations"]
    assert best_rates(pd.DataFrame(rows, columns=columns)) == {
        ("latch", "Adam", 10): 0.3, ("latch", "Adam", 20): 0.1, ("parity", "Adam", 10): 0.2
    }  # fmt: skip


def test_what_is_shown_was_tuned():
    best = best_rates(load("explosion-rates", SAVED))
    shown = EXPERIMENTS["explosion"]["full"].rates
    assert {place: rates[0] for place, rates in shown.items()} == best
    assert {rates[1:] for place, rates in shown.items() if place[1] != "clipped"} == {()}
    assert all(0.1 in rates for place, rates in shown.items() if place[1] == "clipped")


@pytest.mark.parametrize(
    ("name", "rates"),
    [
        ("rates", {}),
        ("method", {("latch", "back propagation", 10): (0.1,)}),
        ("problem", {("latches", "Adam", 10): (0.1,)}),
        ("learning_rate", {("latch", "Adam", 10): (0.0,)}),
    ],
)
def test_bad_grids_are_refused(name, rates):
    with pytest.raises(ValueError, match=rf"^{name} is .*accepted"):
        replace(small("Adam"), rates=rates)


# --- what the gradients were -------------------------------------------------------------


@pytest.mark.parametrize("rule", [BackPropagation(), Clipped(), Adam()], ids=lambda r: r.name)
def test_a_record_is_of_the_trials_of_the_cell(rule):
    methods = {"clipped back-propagation": "clipped"}
    grid = small(methods.get(rule.name, rule.name), rate=rule.learning_rate, problem="latch", T=8)
    row = only(grid)
    found = record(Latch(8), rule, trials=5, max_presentations=3_000, seed=SEED)
    assert found.result.learned.tolist() == trials_of(row)["learned"].tolist()
    assert found.result.presentations.tolist() == trials_of(row)["presentations"].tolist()
    assert found.test_error.tolist() == trials_of(row)["test_error"].tolist()
    assert np.isfinite(found.sizes).sum(axis=0).tolist() == found.result.presentations.tolist()
    assert ((found.items >= 0) == np.isfinite(found.sizes)).all()


def test_sizes_are_of_gradients_that_are_not_cut_yet():
    found = record(TwoSequence(8), Clipped(threshold=0.01), trials=3, max_presentations=9)
    objective, runner = found.objective, Backpropagator(found.objective.network)
    for update, trial in ((0, 0), (4, 2), (8, 1)):
        item, one = found.items[update, trial], slice(trial, trial + 1)
        gradient = runner.derivatives(
            found.params[update][:, one],
            objective.sequences.inputs[:, :, item : item + 1, one],
            objective.sequences.targets[item : item + 1, one],
        ).gradient
        length = np.linalg.norm(gradient)
        assert found.sizes[update, trial] == pytest.approx(length, rel=1e-12) and length > 0.01
        steps = shares_by_step(found, update, trial)
        assert len(steps) == objective.sequences.lengths[item, trial]
        # Parts of a sum: the longest is at least its share, and all together are no shorter.
        assert steps[0] == 0.0 and steps.max() >= length / len(steps) and steps.sum() >= length


def test_the_parts_of_a_gradient_by_hand():
    """One unit, w and u: the part of step t is delta_t x_{t-1}, and delta_1 for the first."""
    found = record(Latch(5), BackPropagation(), trials=1, max_presentations=1)
    (w, *first), item = found.params[0][:, 0], found.items[0, 0]
    inputs = found.objective.sequences.inputs[:, :, item, 0]
    length, states = int(found.objective.sequences.lengths[item, 0]), [0.0]
    for h in inputs[-length:] @ np.array([*first, 1.0]):
        states.append(np.tanh(w * states[-1] + h))
    e, parts = states[-1] - found.objective.sequences.targets[item, 0], []
    for before, x in zip(states[-2::-1], states[:0:-1], strict=True):
        delta = (1 - x * x) * e
        parts.append(abs(delta) * (abs(before) if before else 1.0))
        e = w * delta
    assert shares_by_step(found, 0, 0) == pytest.approx(parts[::-1], rel=1e-12)
