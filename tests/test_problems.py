"""The three problems: shapes, classes, lengths, noise, streams, and what their networks can do."""

import itertools

import numpy as np
import pytest
from misuse import refused

from latchlib.backprop import STARTS, Backpropagator, Network
from latchlib.cells import THRESHOLD
from latchlib.problems import Adding, Latch, Parity, Sequences, TwoSequence
from latchlib.wirings import classic, full

EACH = pytest.mark.parametrize("problem", [Latch(10), TwoSequence(11), Parity(9)], ids=str)


def streams(n, seed=0):
    return np.random.default_rng(seed).spawn(n)


def outputs(problem, params, sequences, *cell, **choices):
    """Return the outputs of one network on all sequences of all trials."""
    params = np.repeat(np.asarray(params, dtype=float)[:, None], sequences.targets.shape[1], axis=1)
    network = Network(classic(problem.name, **choices), *cell)
    states = Backpropagator(network).forward(params, sequences.inputs, running=sequences.running)
    return states.y[-1, network.wiring.output]


@EACH
def test_shapes_lengths_and_padding(problem):
    train, test = problem.sample(streams(3), 40, 7)
    for sequences, n in ((train, 40), (test, 7)):
        assert sequences.inputs.shape == (problem.T, problem.channels, n, 3)
        assert sequences.targets.shape == sequences.lengths.shape == (n, 3)
        assert set(np.unique(sequences.targets)) == {-0.8, 0.8}
        running = sequences.running
        assert np.array_equal(running.sum(axis=0), sequences.lengths) and running[-1].all()
        assert not sequences.inputs[
            ~np.broadcast_to(running[:, None], sequences.inputs.shape)
        ].any()
    assert set(np.unique(train.lengths)) == set(range((problem.T + 1) // 2, problem.T + 1))


@pytest.mark.parametrize("T", [3, 4, 5, 100])
def test_lengths_are_uniform_on_the_upper_half(T):
    lengths = Parity(T).sample(streams(10), 2000)[0].lengths
    values = range((T + 1) // 2, T + 1)
    counts = np.array([(lengths == n).sum() for n in values])
    assert counts.sum() == lengths.size
    expected = lengths.size / len(values)
    chi2 = ((counts - expected) ** 2 / expected).sum()
    # Mean k - 1 and variance 2 (k - 1) for k values; five standard deviations.
    freedom = len(values) - 1
    assert chi2 < freedom + 5 * np.sqrt(2 * freedom)


@EACH
def test_a_trial_does_not_depend_on_how_many_there_are(problem):
    many, few = problem.sample(streams(9), 8)[0], problem.sample(streams(4), 8)[0]
    for name in ("inputs", "targets", "lengths"):
        assert np.array_equal(getattr(few, name), getattr(many, name)[..., :4])
    starts = [Network(classic(problem.name)).initial(streams(n)) for n in (4, 9)]
    assert np.array_equal(starts[0], starts[1][:, :4])
    with_test = problem.sample(streams(4), 8, 30)[0]
    assert np.array_equal(with_test.inputs, few.inputs)
    other = problem.sample(streams(4, seed=1), 8)[0]
    assert not np.array_equal(other.inputs, few.inputs)
    assert not np.array_equal(many.inputs[..., 0], many.inputs[..., 1])


@EACH
def test_noise_is_uniform_or_absent(problem):
    noisy = problem.sample(streams(20), 50)[0].inputs
    quiet = type(problem)(problem.T, 0.0).sample(streams(20), 50)[0].inputs
    channel = problem.channels - 1 if isinstance(problem, Latch) else 0
    difference = (noisy - quiet)[:, channel]
    values = difference[difference != 0]
    assert np.abs(values).max() <= 0.2 + 1e-15
    # Variance of U[-0.2, 0.2] is 0.04 / 3; five standard errors.
    assert values.var() == pytest.approx(0.04 / 3, abs=5 * 0.04 * np.sqrt(4 / 45 / values.size))
    assert abs(values.mean()) < 5 * 0.2 / np.sqrt(3 * values.size)


@pytest.mark.parametrize("problem", [Latch(10), TwoSequence(11)], ids=str)
@pytest.mark.parametrize("size", [20, 21])
def test_classes_are_balanced_and_shuffled(problem, size):
    targets = problem.sample(streams(50), size)[0].targets
    assert set((targets > 0).sum(axis=0)) == {(size + 1) // 2}
    assert len({tuple(column) for column in targets.T}) > 40


def test_latch_shows_its_class_once_at_the_start():
    inputs, targets, lengths = (
        getattr(Latch(8).sample(streams(2), 30)[0], name)
        for name in ("inputs", "targets", "lengths")
    )
    for p, r in itertools.product(range(30), range(2)):
        start = 8 - lengths[p, r]
        shown = np.zeros((8, 2))
        shown[start, 0 if targets[p, r] > 0 else 1] = 1
        assert np.array_equal(inputs[:, :2, p, r], shown)
        assert inputs[start, 2, p, r] == 0 and inputs[start + 1 :, 2, p, r].all()


def test_two_sequence_begins_with_one_of_two_sequences():
    quiet = TwoSequence(9, 0.0)
    train, test = quiet.sample(streams(4), 30, 30)
    for r in range(4):
        for positive in (True, False):
            heads = {
                tuple(sequences.inputs[9 - length : 12 - length, 0, p, r])
                for sequences in (train, test)
                for p, length in enumerate(sequences.lengths[:, r])
                if (sequences.targets[p, r] > 0) == positive
            }
            assert len(heads) == 1
    noisy = TwoSequence(9).sample(streams(4), 30)[0]
    assert np.array_equal(noisy.inputs[-1] != 0, np.ones((1, 30, 4), bool))
    early = TwoSequence(9, noisy_prefix=True).sample(streams(4), 30)[0]
    start = (~noisy.running).sum(axis=0)[None]
    at = lambda s: np.take_along_axis(s.inputs[:, 0], start, axis=0)  # noqa: E731
    assert len(np.unique(at(noisy)[..., 0])) == 2 and len(np.unique(at(early)[..., 0])) > 20


def test_parity_counts_plus_ones():
    sequences = Parity(7, 0.0).sample(streams(3), 50)[0]
    bits = sequences.inputs[:, 0]
    assert set(np.unique(bits[sequences.running])) == {-1.0, 1.0}
    assert np.array_equal((bits == 1).sum(axis=0) % 2 == 1, sequences.targets > 0)
    assert np.array_equal(sequences.inputs[:, 1], sequences.running)


# Weights that solve each problem, found by hand: they show that the wirings can do it.
LATCH = [1.5, 1.0, -1.0]
PARITY = [1.0, 1.0, -1.5, 1.0, 1.0, -2.0, -1.5]


@pytest.mark.parametrize("T", [5, 50, 500])
def test_weights_by_hand_solve_latch_and_parity(T):
    latch = Latch(T).sample(streams(2), 40)[0]
    parity = Parity(T).sample(streams(2), 40)[0]
    for cell, scale in (([], 6), ([THRESHOLD], 1)):
        assert (outputs(Latch(T), LATCH, latch, *cell) * latch.targets > 0).all()
        scaled = np.array(PARITY) * scale
        assert (outputs(Parity(T), scaled, parity, *cell) * parity.targets > 0).all()


def test_the_delayed_parity_network_never_sees_the_last_input():
    problem, delayed = Parity(6), {"wiring_name": "delayed"}
    sequences = problem.sample(streams(1), 20)[0]
    flipped = sequences.inputs.copy()
    flipped[-1, 0] *= -1
    other = Sequences(flipped, -sequences.targets, sequences.lengths)
    params = np.random.default_rng(0).normal(size=7)
    one, two = (outputs(problem, params, each, **delayed) for each in (sequences, other))
    assert np.array_equal(one, two)


def test_initial_parameters_are_uniform():
    params = Network(classic("two-sequence")).initial(streams(400))
    assert params.shape == (25, 400) and np.abs(params).max() <= 0.5
    assert params.var() == pytest.approx(0.25 / 3, abs=5 * 0.25 * np.sqrt(4 / 45 / params.size))


test_misuse_names_the_argument = refused(
    ("T", lambda: Latch(0)),
    ("T", lambda: TwoSequence(4)),
    ("T", lambda: TwoSequence(10, N=6)),
    ("noise", lambda: Latch(5, -0.1)),
    ("noise", lambda: Latch(5, [0.1, 0.2])),
    ("N", lambda: TwoSequence(10, N=0)),
    ("sizes", lambda: Latch(5).sample(streams(1), 0)),
    ("streams and sizes", lambda: Latch(5).sample([], 3)),
    ("streams and sizes", lambda: Latch(5).sample(streams(1))),
    ("bound", lambda: Network(classic("latch")).initial(streams(1), 0.0)),
)


# --- what small changes to the module showed to be unasserted


def test_a_bias_is_one_more_channel():
    sequences = TwoSequence(6).sample(streams(2), 4)[0]
    biased = sequences.with_bias()
    assert np.array_equal(biased.inputs[:, :1], sequences.inputs)
    assert np.array_equal(biased.inputs[:, 1], sequences.running)


def test_the_noise_enters_the_unit_of_the_latch():
    sequences = Latch(5).sample(streams(1), 4)[0]
    louder = sequences.inputs.copy()
    louder[:, 2] *= 2
    changed = Sequences(louder, sequences.targets, sequences.lengths)
    before, after = (outputs(Latch(5), LATCH, s) for s in (sequences, changed))
    assert (before != after).all()


def test_what_defines_the_two_sequences_is_uniform_on_its_interval():
    sequences = TwoSequence(6, 0.0).sample(streams(400), 2)[0]
    start = (~sequences.running).sum(axis=0)[None]
    first = np.take_along_axis(sequences.inputs[:, 0], start, axis=0)
    assert np.abs(first).max() <= 1.0
    # Uniform on [-1, 1]: variance 1 / 3, five standard errors.
    assert first.var() == pytest.approx(1 / 3, abs=5 * np.sqrt(4 / 45 / first.size))
    assert abs(first.mean()) < 5 * np.sqrt(1 / 3 / first.size)


def test_noise_is_added_to_the_prefix_if_asked_for():
    quiet, noisy = (
        TwoSequence(6, noisy_prefix=prefix).sample(streams(1), 8)[0] for prefix in (False, True)
    )
    stream = streams(1)[0]
    stream.uniform(-1.0, 1.0, (3, 2))  # the two sequences
    lengths = stream.integers(3, 6, 8, endpoint=True)
    noise = stream.uniform(-0.2, 0.2, (6, 8))
    since = np.arange(6)[:, np.newaxis] - (6 - lengths)
    expected = np.where((since >= 0) & (since < 3), noise, 0.0)
    difference = (noisy.inputs - quiet.inputs)[:, 0, :, 0]
    assert difference == pytest.approx(expected, abs=1e-15)


def test_noise_is_added_to_the_bits():
    quiet, noisy = (Parity(6, noise).sample(streams(1), 8)[0] for noise in (0.0, 0.2))
    stream = streams(1)[0]
    lengths = stream.integers(3, 6, 8, endpoint=True)
    noise = stream.uniform(-0.2, 0.2, (6, 8))
    running = np.arange(6)[:, np.newaxis] >= 6 - lengths
    difference = (noisy.inputs - quiet.inputs)[:, 0, :, 0]
    assert difference == pytest.approx(np.where(running, noise, 0.0), abs=1e-15)


# --- starts of the matrix ----------------------------------------------------------------


@pytest.mark.parametrize("network", [Network(classic("two-sequence")), Network(full(3, 1))])
def test_a_start_replaces_the_matrix_and_nothing_else(network):
    uniform, orthogonal, identity = (network.initial(streams(40), start=start) for start in STARTS)
    one = np.eye(network.wiring.units)
    for params in (orthogonal, identity):
        W = np.moveaxis(network.delayed_weights(params), -1, 0)
        assert W @ W.swapaxes(1, 2) == pytest.approx(np.array([one] * 40), abs=1e-12)
        assert np.array_equal(W, [one] * 40) == (params is identity)
        others = [k for k, c in enumerate(network.weights) if c.kind != "delayed"]
        assert np.array_equal(params[others], uniform[others])
    # Turned over as often as not, and none like another.
    signs = [np.linalg.det(network.delayed_weights(orthogonal)[..., k]) for k in range(40)]
    assert 8 < np.count_nonzero(np.array(signs) > 0) < 32
    assert np.ptp(orthogonal[0]) > 0.5


def test_starts_that_there_are_not():
    with pytest.raises(ValueError, match="start is 'zero'; accepted"):
        Network(classic("latch")).initial(streams(1), start="zero")
    with pytest.raises(ValueError, match="start is 'orthogonal'; accepted: 'uniform', as not"):
        Network(classic("parity")).initial(streams(1), start="orthogonal")
    assert set(Network(classic("latch")).initial(streams(40), start="orthogonal")[0]) == {-1, 1}


def test_adding_marks_one_value_of_each_half_and_wants_their_sum():
    (sequences,) = Adding(9).sample(streams(4), 200)
    values, marks = np.moveaxis(sequences.inputs, 1, 0)
    assert np.allclose((values * marks).sum(axis=0), sequences.targets)
    assert set(np.unique(marks)) == {0.0, 1.0} and (marks.sum(axis=0) == 2).all()
    since = np.arange(9)[:, None, None] - (9 - sequences.lengths)
    first = np.where(marks > 0, since, 99).min(axis=0)
    second = np.where(marks > 0, since, -1).max(axis=0)
    halves = sequences.lengths // 2
    assert (first < halves).all() and (second >= halves).all()
    assert np.abs(sequences.targets).max() <= 1.0 and np.abs(values).max() <= 0.7
    # What the same answer to all gets right.
    right = (np.abs(sequences.targets) < 0.1).mean()
    assert abs(right - 0.19) < 4 * np.sqrt(0.19 * 0.81 / 800)
