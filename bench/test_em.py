"""EM at long lengths: one E-step and M-step, and a whole cell of the experiment at T = 500."""

import numpy as np
import pytest

from latchlib import iohmm
from latchlib.problems import PROBLEMS

TRIALS = 100


def drawn(name, T):
    rng = np.random.default_rng(1994)
    (sequences,) = PROBLEMS[name](T=T, noise=0.2).sample(rng.spawn(TRIALS), 20)
    return iohmm.READERS[name](sequences), sequences.targets > 0, rng


@pytest.mark.parametrize("T", [5, 50, 500])
@pytest.mark.parametrize("states", [2, 7])
def test_iteration(measure, T, states):
    read, positive, rng = drawn("parity", T)
    machine = iohmm.all_to_all(states)
    tables = iohmm.random_tables(machine, 2, TRIALS, rng=rng)

    def call():
        return iohmm.maximise(tables, iohmm.expect(machine, tables, read, positive).counts)

    measure(f"an iteration of EM, {states} states, 2000 sequences", "latchlib", call, size=T,
            rounds=3)  # fmt: skip


def test_learning_at_500_steps(measure):
    read, positive, rng = drawn("two-sequence", 500)
    settings = {"count": 10, "max_presentations": 3000, "rng": rng}
    found = []

    def call():
        found.append(iohmm.learn(iohmm.two_chains(), read, positive, **settings))

    measure("EM on 2-sequence at T = 500, 100 trials", "two chains", call, rounds=1)
    assert found[0].learned.all()
