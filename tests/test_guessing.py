"""Guesses: counted against the plain network, computed against counts and against the box."""

import math

import numpy as np
import pytest
from misuse import refused
from mpmath import mp

from latchlib.backprop import Network
from latchlib.formulas import formula
from latchlib.guessing import (
    count_solving,
    held_share,
    parity_step_solved,
    solving,
    unlike_first_signs,
)
from latchlib.neuron import fixed_points, h_star
from latchlib.objective import SequenceObjective
from latchlib.problems import Latch, Parity, Sequences, TwoSequence
from latchlib.wirings import classic

LATCH = Network(classic("latch"))
PROBLEMS = [Latch(6), TwoSequence(6), Parity(3, 0.0)]


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_solving_equals_the_error_of_the_objective(problem):
    rng = np.random.default_rng(1)
    (training,) = problem.sample(rng.spawn(1), 7)
    network = Network(classic(problem.name))
    guesses = rng.uniform(-3, 3, (network.n_params, 1203))
    each = training.take(np.zeros(1203, dtype=int))
    error = SequenceObjective(problem, each).classification_error(guesses)
    found = solving(network, guesses, training)
    assert np.array_equal(found, error == 0)
    assert found.any() and not found.all()


def test_a_guess_does_not_depend_on_the_others():
    rng = np.random.default_rng(2)
    problem = TwoSequence(8)
    (training,) = problem.sample(rng.spawn(1), 5)
    guesses = rng.uniform(-5, 5, (25, 40))
    network = Network(classic(problem.name))
    whole = solving(network, guesses, training)
    assert [bool(solving(network, g[:, None], training)[0]) for g in guesses.T] == whole.tolist()


def test_counts_are_those_of_their_streams():
    problem = Latch(5)
    counts = count_solving(problem, 3, 50, rng=np.random.default_rng(3), bound=2.0, sequences=4)
    right = []
    for k, stream in enumerate(np.random.default_rng(3).spawn(3)):
        (training,) = problem.sample([stream], 4)
        guesses = stream.uniform(-2, 2, (3, 50))
        found = solving(LATCH, guesses, training)
        assert counts.solved[k] == found.sum()
        assert np.array_equal(counts.training[k].inputs, training.inputs)
        right.append(guesses[:, found])
    assert np.array_equal(counts.right, np.concatenate(right, axis=1))
    assert counts.guesses == 50 and np.abs(counts.right).max() <= 2.0


# --- the latch ---------------------------------------------------------------------------


def least_start(w, b):
    """Return the smaller positive root of w tanh a - b = a, or inf if there is none."""
    roots = [point.a for point in fixed_points(w, -b) if point.a > 0]
    return min(roots) if len(roots) == 2 else math.inf


@pytest.mark.parametrize(("bound", "noise"), [(2.0, 0.2), (3.0, 0.2), (100.0, 0.2), (5.0, 1.0)])
def test_held_share_is_the_integral_over_the_weight(bound, noise):
    weights = np.linspace(1.0, bound, 4001)
    starts = np.array([least_start(w, noise) for w in weights])
    height = np.where(starts < bound, (bound - np.minimum(starts, bound)) ** 2, 0.0)
    volume = np.trapezoid(height, weights)
    # The integrand starts with a jump at w_b: a cell of the grid is (bound - 1)/4000 wide.
    assert held_share(bound, noise) == pytest.approx(volume / (2 * bound) ** 3, rel=3e-3)


def test_held_share_lies_between_the_best_box_and_the_ceiling():
    settings = ((100.0, 0.2), (10.0, 0.2), (100.0, 5.0), (30.0, 0.001), (1e5, 1e3), (4e6, 1e6))
    for bound, noise in settings:
        corners = np.linspace(1e-3, 10, 60_000)
        weights = formula("held_weight")(corners, noise)
        best = formula("box_share")(weights, corners, bound)[weights <= bound].max()
        assert best < held_share(bound, noise) < (1 - 1 / bound) / 8


def precise_share(bound, noise):
    """Integrate (bound - c)^2 over the weights with 40 digits, between roots found by halving."""
    with mp.workdps(40):
        B, b = mp.mpf(bound), mp.mpf(noise)

        def halve(low, high, below):
            for _ in range(160):
                middle = (low + high) / 2
                low, high = (middle, high) if below(middle) else (low, middle)
            return low

        last = halve(mp.mpf("1e-15"), mp.asinh(4 * b) + 2, lambda c: mp.sinh(2 * c) / 2 - c < b)
        end = mp.log(last)
        start = halve(mp.log(b / B) - 1, end, lambda s: (mp.exp(s) + b) / mp.tanh(mp.exp(s)) > B)

        def slice_of(s):
            c = mp.exp(s)
            return (1 - c / B) ** 2 * ((c + b) / mp.sinh(c) ** 2 - mp.coth(c)) * c / B

        return float(mp.quad(slice_of, mp.linspace(start, end, 20)) / 8)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("bound", "noise"),
    [(1.9, 1e-9), (3.0, 0.2), (100.0, 1e-9), (1e9, 0.2), (1e100, 0.2), (1e200, 1e-9)],
)
def test_held_share_keeps_its_digits_over_many_powers_of_ten(bound, noise):
    assert held_share(bound, noise) == pytest.approx(
        precise_share(bound, noise), rel=1e-11, abs=0.0
    )


def test_held_share_at_its_ends():
    assert held_share(7.0, 0.0) == 1 / 8
    edge = formula("held_weight")(np.linspace(0.01, 3, 300_001), 0.2).min()
    assert h_star(edge) == pytest.approx(0.2, abs=1e-9)
    assert held_share(edge - 1e-6, 0.2) == 0.0 < held_share(edge + 1e-3, 0.2)
    assert held_share(1.0, 1e-9) == 0.0  # no weight above 1
    assert held_share(1e6, 0.2) == pytest.approx(1 / 8, rel=1e-5)


@pytest.mark.parametrize("b", [0.0, 0.2, 1.0])
def test_a_guess_in_the_box_is_never_wrong(b):
    """Noise of every kind, the worst among them, for 300 steps."""
    rng = np.random.default_rng(4)
    c = rng.uniform(0.05, 3, 500)
    # A little above the least weight: at it, the rounding of an unstable state would grow.
    w = formula("held_weight")(c, b) * (1 + 1e-6 + rng.exponential(0.1, 500) * rng.integers(0, 2))
    shape = (300, 500)
    noises = (np.full(shape, -b), rng.uniform(-b, b, shape), rng.choice([-b, b], shape))
    for noise in noises:
        a = c.copy()
        for h in noise:
            a = w * np.tanh(a) + h
            assert (a >= c).all()


def test_just_below_the_root_the_worst_noise_flips_the_bit():
    for w, b in ((1.6, 0.2), (3.0, 0.5), (50.0, 0.2)):
        start = least_start(w, b)
        ends = []
        for a in (start * 0.999, start * 1.001):
            for _ in range(3000):
                a = w * math.tanh(a) - b
            ends.append(a)
        assert ends[0] < 0 < ends[1]


@pytest.mark.parametrize("T", [20, 200])
def test_counted_share_is_the_computed_one(T):
    counts = count_solving(Latch(T), 4, 3000, rng=np.random.default_rng(5))
    p = held_share(100, 0.2)
    # Five standard errors, and 0.001 for guesses that get through by luck.
    assert counts.solved.sum() / 12_000 == pytest.approx(
        p, abs=5 * math.sqrt(p * (1 - p) / 12_000) + 1e-3
    )


# --- parity and 2-sequence ---------------------------------------------------------------


def plain_step(weights, u, before):
    """Return the output of one step of threshold units."""
    hidden = math.copysign(1, weights[0] * u + weights[1] * before + weights[2])
    net = weights[3] * u + weights[4] * before + weights[5] * hidden + weights[6]
    return math.copysign(1, net)


def test_a_parity_step_is_right_if_the_whole_truth_table_is():
    guesses = np.random.default_rng(6).uniform(-1, 1, (7, 20_000))
    found = parity_step_solved(guesses)
    for weights, right in zip(guesses.T, found, strict=True):
        table = all(plain_step(weights, u, 0.0) == u for u in (-1.0, 1.0))
        table = table and all(
            plain_step(weights, u, y) == (-y if u > 0 else y)
            for u in (-1.0, 1.0)
            for y in (-1.0, 1.0)
        )
        assert table == right
    assert found.any()


@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_a_right_step_is_a_right_sequence(noise):
    rng, problem = np.random.default_rng(7), Parity(60, noise)
    guesses = rng.uniform(-1, 1, (7, 400_000))
    guesses = guesses[:, parity_step_solved(guesses, noise)]
    assert guesses.shape[1] > 10
    (fresh,) = problem.sample(rng.spawn(1), 50)
    each = fresh.take(np.zeros(guesses.shape[1], dtype=int))
    # With weights this large a tanh unit is a threshold unit.
    assert not SequenceObjective(problem, each).classification_error(1e9 * guesses).any()


def test_a_hidden_unit_at_zero_says_nothing():
    # At the first step, with the input near -1, the hidden unit's net input is 0.
    assert parity_step_solved([[1.0], [1.0], [1.0], [-1.0], [-1.0], [3.0], [-1.5]])[0]


def test_under_noise_fewer_steps_are_right():
    guesses = np.random.default_rng(8).uniform(-1, 1, (7, 300_000))
    safe, exact = parity_step_solved(guesses, 0.2), parity_step_solved(guesses)
    assert (safe <= exact).all() and 0 < safe.sum() < exact.sum()


def test_first_signs():
    for stream in np.random.default_rng(9).spawn(30):
        concept_stream = np.random.default_rng(stream.bit_generator.seed_seq)
        first = concept_stream.uniform(-1.0, 1.0, (3, 2))[0]
        (training,) = TwoSequence(12).sample([stream], 6)
        assert unlike_first_signs(training) == (first[0] * first[1] < 0)


test_misuse_names_the_argument = refused(
    ("guesses", lambda: solving(LATCH, np.ones((4, 2)), _one(Latch(4)))),
    ("guesses", lambda: solving(LATCH, np.full((3, 2), np.nan), _one(Latch(4)))),
    ("sequences", lambda: solving(LATCH, np.ones((3, 2)), _one(Parity(4)))),
    ("sets", lambda: count_solving(Latch(4), 0, 1, rng=np.random.default_rng(0))),
    ("guesses", lambda: count_solving(Latch(4), 1, 0, rng=np.random.default_rng(0))),
    ("guesses", lambda: count_solving(Latch(4), 1, 2.5, rng=np.random.default_rng(0))),
    ("bound", lambda: count_solving(Latch(4), 1, 1, rng=np.random.default_rng(0), bound=0.0)),
    ("sequences", lambda: count_solving(Latch(4), 1, 1, rng=np.random.default_rng(0), sequences=0)),
    ("bound", lambda: held_share(0.0, 0.2)),
    ("noise", lambda: held_share(1.0, -0.2)),
    ("guesses", lambda: parity_step_solved(np.ones((6, 2)))),
    ("noise", lambda: parity_step_solved(np.ones((7, 2)), 1.0)),
    ("sequences", lambda: unlike_first_signs(_one(Latch(4)))),
)  # fmt: skip


def _one(problem) -> Sequences:
    return problem.sample(np.random.default_rng(0).spawn(1), 3)[0]


def test_an_output_of_zero_has_no_sign():
    problem = Latch(5, 0.0)
    (training,) = problem.sample(np.random.default_rng(3).spawn(1), 2)
    assert not solving(LATCH, np.zeros((3, 1)), training)[0]


def test_a_step_without_an_answer_is_not_right():
    # The first output would be 0; it is nobody's sign.
    assert not parity_step_solved(np.zeros((7, 1)))[0]
