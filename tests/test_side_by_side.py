"""Rules side by side: each trial does what it does under its rule alone, to the last bit."""

import numpy as np
import pytest

from latchlib.objective import SequenceObjective
from latchlib.problems import TwoSequence
from latchlib.training import (
    ALGORITHMS,
    Adam,
    BackPropagation,
    Clipped,
    RMSProp,
    SideBySide,
    StopReason,
    Streams,
    train,
)

RULES = (BackPropagation(0.03), Adam(0.03), Clipped(0.1), RMSProp(0.03), Adam(0.1))
TRIALS = 6


def drawn():
    return TwoSequence(6).sample(np.random.default_rng(3).spawn(TRIALS), 20)[0]


def streams():
    return np.random.default_rng(4).spawn(TRIALS)


def test_a_trial_does_what_it_does_alone():
    alone = SequenceObjective(TwoSequence(6), drawn())
    params0 = alone.initial(rng=np.random.default_rng(5))
    together = np.tile(np.arange(TRIALS), len(RULES))
    objective = SequenceObjective(TwoSequence(6), drawn().take(together))
    found = train(
        objective, params0[:, together], SideBySide(RULES, TRIALS),
        rng=Streams([s for _ in RULES for s in streams()]), max_presentations=900,
    )  # fmt: skip
    seen = set()
    for k, rule in enumerate(RULES):
        wanted = train(alone, params0, rule, rng=Streams(streams()), max_presentations=900)
        own = slice(k * TRIALS, (k + 1) * TRIALS)
        assert (found.params[:, own] == wanted.params).all()
        assert (found.reason[own] == wanted.reason).all()
        assert (found.presentations[own] == wanted.presentations).all()
        seen |= set(wanted.reason)
    assert {StopReason.LEARNED, StopReason.BUDGET} <= seen  # some left the batch, others stayed


def test_it_is_no_rule_of_the_tables():
    assert SideBySide not in ALGORITHMS.values()


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"^rules is .*accepted: at least one"):
        SideBySide((), 3)
    with pytest.raises(ValueError, match=r"^each is 0; accepted"):
        SideBySide(RULES, 0)
    with pytest.raises(ValueError, match=r"^trials is 2; accepted: 6"):
        Streams(streams()).spawn(2)
