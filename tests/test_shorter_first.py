"""Shorter sequences first: stages on the comparison's own trials."""

from itertools import pairwise

import numpy as np
import pytest

from latchlib.experiments import ShorterFirst, shorter_first, trials_of
from latchlib.experiments.comparison import COMPARISONS
from latchlib.experiments.shorter_first import LADDER
from latchlib.problems import NOISE
from latchlib.training import StopReason, train

SEED = 7
CELL = {"problem": "two-sequence", "method": "back-propagation", "T": 20}


def study(**changes):
    fields = {"problems": ("two-sequence",), "methods": ("back-propagation",), "T": (20,)}
    return ShorterFirst("study", **fields | changes)


def stages(cell=CELL):
    return study().trials_at(cell)


def test_the_trials_are_those_of_the_comparison():
    ours = stages()
    theirs = COMPARISONS["two-sequence"]["full"].trials_at({**CELL, "noise": NOISE})
    for one, other in zip(
        ours._objective(ours.problem, SEED), theirs._objective(theirs.problem, SEED), strict=True
    ):
        one, other = (getattr(x, "sequences", x) for x in (one, other))
        assert np.array_equal(one.inputs, other.inputs)


def test_a_trial_has_the_same_classes_at_every_length():
    """What begins a sequence of a class is the same, though the noise after it is not."""
    ours = stages()
    begun = []
    for T in (5, 20):
        problem = type(ours.problem)(T=T, noise=0.0)
        objective, _ = ours._objective(problem, SEED)
        drawn = objective.sequences
        starts = T - drawn.lengths
        first = np.take_along_axis(drawn.inputs[:, 0], starts[np.newaxis], axis=0)[0]
        begun.append([set(trial) for trial in np.sort(first, axis=0).T])
    assert begun[0] == begun[1]
    assert len({frozenset(trial) for trial in begun[0]}) > 1  # trials have different classes


def test_one_rung_is_the_comparison_itself():
    """At T = 5 the ladder has one rung; the comparison gives the same row."""
    base = COMPARISONS["latch"]["full"]
    where = {"method": "back-propagation", "T": 5}
    ours = study().trials_at({"problem": "latch", **where})
    assert ours.lengths == (5,)
    assert ours.run(SEED) == base.trials_at({**where, "noise": NOISE}).run(SEED)


def test_all_rungs_share_one_budget():
    (row,) = study().rows(CELL, SEED)
    rungs = [T for T in LADDER if T <= 20]
    assert row["budget"] == COMPARISONS["two-sequence"]["full"].budgets["back-propagation"]
    spent = trials_of(row)["presentations"]
    assert (spent <= row["budget"]).all()
    # A trial of 20 sequences that learns at once passes over them on every rung.
    assert (spent >= 20 * len(rungs)).all()
    assert (spent[~trials_of(row)["learned"]] >= row["budget"] // len(rungs) // 20 * 20).all()


def test_each_rung_begins_where_the_last_one_ended_on_the_trials_own_streams(monkeypatch):
    ours, met = stages(), []

    def watched(objective, params, *rest, **more):
        found = train(objective, params, *rest, **more)
        met.append((objective.problem.T, objective.sequences.inputs, params, found))
        return found

    monkeypatch.setattr(shorter_first, "train", watched)
    ours.run(SEED)
    assert [T for T, *_ in met] == [5, 10, 20]
    for T, inputs, *_ in met:
        drawn, _ = ours._objective(type(ours.problem)(T=T, noise=NOISE), SEED)
        assert np.array_equal(inputs, drawn.sequences.inputs)
    for (*_, before), (_, _, params, _) in pairwise(met):
        went_on = before.reason != StopReason.DIVERGED
        assert went_on.any() and np.array_equal(params[:, went_on], before.params[:, went_on])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"problems": ("latch", "adding")}, "problems"),
        ({"methods": ("momentum",)}, "methods"),
        ({"T": (5,)}, "T must be|T"),
        ({"T": ()}, "at least one"),
    ],
)
def test_bad_grids_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        study(**changes)
