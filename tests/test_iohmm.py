"""The input/output hidden Markov model: beside enumeration, hmmlearn, and what EM promises."""

from itertools import product

import numpy as np
import pytest
from hmmlearn.hmm import CategoricalHMM
from hypothesis import given
from hypothesis import strategies as st
from misuse import refused

from latchlib import iohmm
from latchlib.iohmm import Machine, all_to_all, two_chains
from latchlib.problems import PROBLEMS

MACHINES = {
    "two chains": two_chains(2),
    "two states": all_to_all(2),
    "three states": all_to_all(3),
    "uneven": Machine([[1, 1, 0], [0, 1, 1], [1, 0, 1]], [0.2, 0.9, 0.5]),
}


def drawn(machine, seed, T=4, size=3, trials=2, symbols=2, softness=1.0):
    """Return tables, symbols with sequences of unlike lengths, and classes."""
    rng = np.random.default_rng(seed)
    tables = iohmm.random_tables(machine, symbols, trials, rng=rng, softness=softness)
    read = rng.integers(0, symbols, (T, size, trials))
    lengths = rng.integers(1, T + 1, (size, trials))
    read[np.arange(T)[:, None, None] < T - lengths] = -1
    return tables, read, rng.random((size, trials)) < 0.5


def enumerated(machine, tables, read, positive):
    """Return likelihood and counts of one sequence, from every path that the token may take."""
    read = [symbol for symbol in read if symbol >= 0]
    likelihood, counts = 0.0, np.zeros(tables.shape)
    for path in product(range(machine.states), repeat=len(read)):
        path = (0, *path)
        chance = machine.outputs[path[-1]] if positive else 1.0 - machine.outputs[path[-1]]
        for symbol, before, after in zip(read, path, path[1:], strict=False):
            chance *= tables[symbol, before, after]
        likelihood += chance
        for symbol, before, after in zip(read, path, path[1:], strict=False):
            counts[symbol, before, after] += chance
    return likelihood, counts / likelihood


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize("seed", range(3))
def test_e_step_is_the_sum_over_all_paths(name, seed):
    machine = MACHINES[name]
    tables, read, positive = drawn(machine, seed)
    found = iohmm.expect(machine, tables, read, positive)
    for trial in range(2):
        counts = np.zeros(tables.shape[:-1])
        for k in range(3):
            likelihood, own = enumerated(
                machine, tables[..., trial], read[:, k, trial], positive[k, trial]
            )
            assert found.likelihood[k, trial] == pytest.approx(likelihood, rel=1e-12)
            counts += own
        assert found.counts[..., trial] == pytest.approx(counts, rel=1e-12)
    # A token makes one move a step.
    assert found.counts.sum() == pytest.approx((read >= 0).sum(), rel=1e-12)


def test_messages_agree_at_every_step():
    machine = two_chains(2)
    tables, read, positive = drawn(machine, 7, T=9)
    forward, backward = iohmm.messages(machine, tables, read, positive)
    assert forward.shape == backward.shape == (10, 5, 3, 2)
    assert forward.sum(axis=1) == pytest.approx(1.0, rel=1e-12)
    likelihood = iohmm.expect(machine, tables, read, positive).likelihood
    each = (forward * backward).sum(axis=1)
    assert each == pytest.approx(np.broadcast_to(likelihood, each.shape), rel=1e-12)
    chance = iohmm.positive_chance(machine, tables, read)
    assert np.where(positive, chance, 1 - chance) == pytest.approx(likelihood, rel=1e-12)


def test_nothing_underflows_over_five_thousand_steps():
    machine = all_to_all(7)
    tables, read, positive = drawn(machine, 3, T=5000, size=1, trials=1)
    found = iohmm.expect(machine, tables, read, positive)
    assert found.counts.sum() == pytest.approx((read >= 0).sum(), rel=1e-9)
    assert 0.1 < found.likelihood.item() < 0.9


@given(st.sampled_from(sorted(MACHINES)), st.integers(0, 2**32), st.sampled_from([1.0, 0.1, 1e-4]))
def test_em_never_lowers_the_likelihood(name, seed, softness):
    machine = MACHINES[name]
    tables, read, positive = drawn(machine, seed, T=6, size=5, softness=softness)
    before = np.full(2, -np.inf)
    for _ in range(6):
        found = iohmm.expect(machine, tables, read, positive)
        after = np.log(found.likelihood).sum(axis=0)
        assert (after >= before - 1e-9).all()
        tables, before = iohmm.maximise(tables, found.counts), after
        assert tables.sum(axis=2) == pytest.approx(1.0, rel=1e-9)
        assert not tables[:, ~machine.allowed].any()


@pytest.mark.parametrize("seed", range(3))
def test_one_symbol_is_a_hidden_markov_model_to_hmmlearn(seed):
    # Every state shows "nothing" with chance 1/2, and else a class: so the class is shown where the
    # sequence ends, and T - 1 factors of 1/2 are all that differs. hmmlearn's first state is the
    # one after our first move; its own draw of it is that row.
    machine = Machine(np.ones((3, 3)), [0.3, 0.9, 0.2])
    T, size = 6, 4
    tables, _, positive = drawn(machine, seed, T=T, size=size, trials=1, symbols=1)
    read = np.zeros((T, size, 1), dtype=int)
    found = iohmm.expect(machine, tables, read, positive)
    other = CategoricalHMM(
        3, n_iter=1, params="st", init_params="", startprob_prior=1.0, transmat_prior=1.0
    )
    matrix, outputs = tables[0, ..., 0], machine.outputs
    other.startprob_, other.transmat_ = matrix[0], matrix
    other.emissionprob_ = np.stack([np.full(3, 0.5), outputs / 2, (1 - outputs) / 2], axis=1)
    shown = np.zeros((size, T), dtype=int)
    shown[:, -1] = np.where(positive[:, 0], 1, 2)
    lengths = [T] * size
    score, chances = other.score_samples(shown.reshape(-1, 1), lengths)
    assert np.log(found.likelihood).sum() + size * T * np.log(0.5) == pytest.approx(score)
    forward, backward = iohmm.messages(machine, tables, read, positive)
    ours = (forward * backward / found.likelihood)[1:, ..., 0]  # (step, state, sequence)
    assert ours.transpose(2, 0, 1).reshape(-1, 3) == pytest.approx(chances, rel=1e-9)
    # Its M-step leaves our first move to the start, so take that from the counts.
    first = ours[0].sum(axis=1)
    counts = found.counts[0, ..., 0] - np.outer([1, 0, 0], first)
    other.fit(shown.reshape(-1, 1), lengths)
    assert other.transmat_ == pytest.approx(counts / counts.sum(axis=1, keepdims=True), rel=1e-9)
    assert other.startprob_ == pytest.approx(first / size, rel=1e-9)


def test_a_row_that_was_not_used_stays():
    machine = all_to_all(2)
    tables, read, positive = drawn(machine, 1, symbols=3)
    read[read == 2] = 0
    after = iohmm.maximise(tables, iohmm.expect(machine, tables, read, positive).counts)
    assert np.array_equal(after[2], tables[2]) and not np.allclose(after[0], tables[0])


def test_built_in_structures():
    machine = two_chains(3)
    assert machine.states == 7 and machine.allowed.sum() == 3 + 2 * 5
    assert not machine.allowed[1:4, 4:].any() and not machine.allowed[4:, 1:4].any()
    assert machine.outputs.tolist() == [0.5, 1, 1, 1, 0, 0, 0]
    assert all_to_all(7).outputs.tolist() == machine.outputs.tolist()
    assert all_to_all(7).allowed.all() and all_to_all(2).outputs.tolist() == [0, 1]


@pytest.mark.parametrize("softness", [1.0, 0.01])
def test_random_tables_are_laws_over_what_is_allowed(softness):
    machine = two_chains(2)
    tables = iohmm.random_tables(machine, 3, 4000, rng=np.random.default_rng(0), softness=softness)
    assert tables.shape == (3, 5, 5, 4000)
    assert tables.sum(axis=2) == pytest.approx(1.0) and not tables[:, ~machine.allowed].any()
    assert tables[:, 0, :2].mean(axis=(0, 2)) == pytest.approx(1 / 3, abs=0.02)
    largest = tables[:, 0].max(axis=1).mean()
    # Uniform laws on three ways: 11/18 in the mean. A chosen way keeps at least 99 %.
    assert largest == pytest.approx(11 / 18, abs=0.02) if softness == 1.0 else largest > 0.99


@pytest.mark.parametrize("name, count", [("latch", 4), ("two-sequence", 10), ("parity", 2)])
def test_readers(name, count):
    (sequences,) = PROBLEMS[name](T=12, noise=0.2).sample([np.random.default_rng(2)], 40)
    reader = iohmm.READERS[name]
    read = reader(sequences)
    assert reader.count == count
    assert np.array_equal(read >= 0, sequences.running)
    assert read.max() == count - 1 or name == "two-sequence"
    started = np.array([column[column >= 0][0] for column in read[..., 0].T])
    positive = sequences.targets[:, 0] > 0
    if name == "latch":
        assert np.array_equal(started == 0, positive) and set(started) == {0, 1}
    if name == "two-sequence":
        value = sequences.inputs[-1, 0, :, 0]  # noise: the two tenths around 0
        assert np.array_equal(read[-1, :, 0], np.where(value < 0, 4, 5))
    if name == "parity":
        assert np.array_equal((read == 1).sum(axis=0)[:, 0] % 2 == 1, positive)


def parity(trials, T=8, seed=4):
    rng = np.random.default_rng(seed)
    problem = PROBLEMS["parity"](T=T, noise=0.2)
    train, test = problem.sample(rng.spawn(trials), 20, 50)
    reader = iohmm.READERS["parity"]
    return [(reader(part), part.targets > 0) for part in (train, test)]


@pytest.mark.parametrize("method", ["EM", "guessing"])
def test_learning_ends_right_or_with_its_budget(method):
    (read, positive), (fresh, wanted) = parity(12)
    machine = all_to_all(2)
    found = iohmm.learn(
        machine, read, positive, rng=np.random.default_rng(5), count=2, max_presentations=410,
        method=method, softness=0.01, at_rest=0.03,
    )  # fmt: skip
    assert 0 < found.learned.sum() < 12
    right = (iohmm.positive_chance(machine, found.tables, read) > 0.5) == positive
    assert np.array_equal(right.all(axis=0), found.learned)
    assert (found.presentations[~found.learned] == 400).all()
    assert (found.presentations % 20 == 0).all() and (found.presentations >= 20).all()
    if method == "guessing":
        assert np.array_equal(found.starts[found.learned] * 20, found.presentations[found.learned])
    fresh_right = (iohmm.positive_chance(machine, found.tables, fresh) > 0.5) == wanted
    assert fresh_right[:, found.learned].mean() > 0.95


@pytest.mark.parametrize("method", ["EM", "guessing"])
def test_a_trial_does_not_depend_on_the_others(method):
    (read, positive), _ = parity(6)
    settings = {"count": 2, "max_presentations": 400, "method": method, "softness": 0.1}
    machine = all_to_all(2)
    all_of_them = iohmm.learn(machine, read, positive, rng=np.random.default_rng(6), **settings)
    some = iohmm.learn(
        machine, read[..., :2], positive[:, :2], rng=np.random.default_rng(6), **settings
    )
    assert np.array_equal(some.presentations, all_of_them.presentations[:2])
    assert some.tables == pytest.approx(all_of_them.tables[..., :2], rel=1e-9)


def test_em_draws_anew_where_it_has_come_to_rest():
    (read, positive), _ = parity(4, T=20)
    settings = {"count": 2, "max_presentations": 600, "rng": np.random.default_rng(7)}
    restless = iohmm.learn(all_to_all(2), read, positive, at_rest=1e6, **settings)
    # Nothing gains as much, but the first iteration has nothing to be compared with.
    assert (restless.starts[~restless.learned] == 15).all() and not restless.learned.all()
    patient = iohmm.learn(all_to_all(2), read, positive, at_rest=0.0, **settings)
    assert (patient.starts < 15).all()


laws = st.integers(2, 4).flatmap(
    lambda n: st.lists(
        st.lists(st.floats(0.0, 1.0), min_size=n * n, max_size=n * n).filter(
            lambda row: min(sum(row[i * n : i * n + n]) for i in range(n)) > 0.1
        ),
        min_size=2, max_size=2,
    )
)  # fmt: skip


@given(laws)
def test_ergodic_coefficient_of_a_product(rows):
    n = int(len(rows[0]) ** 0.5)
    one, other = (np.array(row).reshape(n, n) for row in rows)
    one, other = (m / m.sum(axis=1, keepdims=True) for m in (one, other))
    left, right = iohmm.ergodic_coefficient(one), iohmm.ergodic_coefficient(other)
    assert iohmm.ergodic_coefficient(one @ other) <= left * right + 1e-12
    message = np.linspace(-1, 2, n) ** 2
    assert np.ptp(one @ message) <= left * np.ptp(message) + 1e-12
    # Overlap of the two rows that have least in common: the other way to write it.
    overlap = min(np.minimum(a, b).sum() for a in one for b in one)
    assert left == pytest.approx(1 - overlap, abs=1e-12)


def test_ergodic_coefficient_at_its_ends():
    stack = np.stack([np.eye(3), np.full((3, 3), 1 / 3), np.roll(np.eye(3), 1, axis=1)], axis=-1)
    assert iohmm.ergodic_coefficient(stack).tolist() == [1.0, 0.0, 1.0]


GOOD = two_chains(1)
TABLES, READ, POSITIVE = drawn(GOOD, 0)
LEARN = {"rng": np.random.default_rng(0), "count": 2, "max_presentations": 30}


NEVER = Machine([[1]], [1.0])  # the negative class
test_bad_arguments_are_named = refused(
    ("allowed", lambda: Machine([[1, 0], [0, 0]], [0, 1])),
    ("allowed", lambda: Machine(np.ones((2, 3)), [0, 1])),
    ("outputs", lambda: Machine(np.ones((2, 2)), [0, 1.5])),
    ("length", lambda: two_chains(0)),
    ("states", lambda: all_to_all(1)),
    ("symbols", lambda: iohmm.random_tables(GOOD, 0, 1, rng=None)),
    ("trials", lambda: iohmm.random_tables(GOOD, 1, 0, rng=None)),
    ("softness", lambda: iohmm.random_tables(GOOD, 1, 1, rng=None, softness=1.5)),
    ("tables", lambda: iohmm.positive_chance(GOOD, TABLES[:, :2], READ)),
    ("tables", lambda: iohmm.positive_chance(GOOD, 2 * TABLES, READ)),
    ("tables", lambda: iohmm.positive_chance(GOOD, np.full_like(TABLES, 1 / 3), READ)),
    ("symbols", lambda: iohmm.positive_chance(GOOD, TABLES, READ + 1)),
    ("symbols", lambda: iohmm.positive_chance(GOOD, TABLES, READ / 2)),
    ("symbols", lambda: iohmm.positive_chance(GOOD, TABLES, READ[..., :1])),
    ("positive", lambda: iohmm.expect(GOOD, TABLES, READ, POSITIVE[:2])),
    ("positive", lambda: iohmm.expect(GOOD, TABLES, READ, POSITIVE.astype(float))),
    ("likelihood", lambda: iohmm.expect(NEVER, np.ones((2, 1, 1, 2)), READ, 0 * POSITIVE > 0)),
    ("counts", lambda: iohmm.maximise(TABLES, TABLES[:1])),
    ("counts", lambda: iohmm.maximise(TABLES, -TABLES)),
    ("method", lambda: iohmm.learn(GOOD, READ, POSITIVE, **LEARN, method="luck")),
    ("at_rest", lambda: iohmm.learn(GOOD, READ, POSITIVE, **LEARN, at_rest=-1)),
    (
        "max_presentations",
        lambda: iohmm.learn(GOOD, READ, POSITIVE, **LEARN | {"max_presentations": 2}),
    ),
    ("symbols", lambda: iohmm.learn(GOOD, READ, POSITIVE, **LEARN | {"count": 1})),
    ("shape of matrix", lambda: iohmm.ergodic_coefficient([0.5, 0.5])),
    ("matrix", lambda: iohmm.ergodic_coefficient([[0.5, 0.4], [0, 1]])),
)
