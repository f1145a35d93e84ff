"""One attention head: its gradient against SymPy and differences, and what it can and cannot do."""

import re

import numpy as np
import pytest
import sympy as sp

from latchlib.attention import Head, HeadObjective, scalar_inputs
from latchlib.formulas import formula
from latchlib.objective import SequenceObjective
from latchlib.problems import Latch, Parity, TwoSequence
from latchlib.training import BackPropagation, Multigrid, PseudoNewton, train
from latchlib.wirings import full


def case(T=4, sequences=3, trials=5, seed=0):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, T, (sequences, trials), endpoint=True)
    return (
        rng.normal(0.0, 1.0, (T + 2, trials)),
        rng.normal(0.0, 1.0, (T, sequences, trials)),
        lengths,
        rng.uniform(-0.9, 0.9, (sequences, trials)),
    )


def test_gradient_equals_sympy():
    T = 3
    params, inputs, lengths, targets = case(T, sequences=2, trials=4, seed=3)
    got = Head(T).derivatives(params, inputs, lengths, targets)
    names = sp.symbols(f"l:{T}"), sp.symbols("v c")
    reads = sp.symbols(f"u:{T}")
    for trial in range(4):
        total = 0
        at = dict(zip([*names[0], *names[1]], params[:, trial].tolist(), strict=True))
        for s in range(2):
            shares = [sp.exp(logit) for logit in names[0][: lengths[s, trial]]]
            mean = sum(p * u for p, u in zip(shares, reads, strict=False)) / sum(shares)
            cost = (sp.tanh(names[1][0] * mean + names[1][1]) - targets[s, trial]) ** 2 / 2
            given = dict(zip(reads, inputs[:, s, trial].tolist(), strict=True))
            total += cost.subs(given)
            by_inputs = [sp.diff(cost, u).subs({**given, **at}) for u in reads]
            wanted = [float(x) for x in by_inputs]
            assert got.inputs[:, s, trial] == pytest.approx(wanted, rel=1e-10, abs=1e-15)
        wanted = [float(sp.diff(total, name).subs(at)) for name in at]
        assert got.gradient[:, trial] == pytest.approx(wanted, rel=1e-10, abs=1e-15)
        assert got.cost[trial] == pytest.approx(float(total.subs(at)), rel=1e-12)


def test_gradient_equals_differences():
    params, inputs, lengths, targets = case(T=40, seed=8)
    head, eps = Head(40), 1e-6
    direction = np.random.default_rng(1).normal(size=params.shape)
    costs = [
        head.derivatives(params + sign * eps * direction, inputs, lengths, targets).cost
        for sign in (1, -1)
    ]
    got = (head.derivatives(params, inputs, lengths, targets).gradient * direction).sum(axis=0)
    assert got == pytest.approx((costs[0] - costs[1]) / (2 * eps), rel=1e-6, abs=1e-9)


def test_a_trial_does_not_depend_on_its_neighbours_nor_a_sequence_on_what_is_behind_its_end():
    params, inputs, lengths, targets = case(T=9, seed=4)
    head = Head(9)
    whole = head.derivatives(params, inputs, lengths, targets)
    one = head.derivatives(params[:, 2:3], inputs[..., 2:3], lengths[:, 2:3], targets[:, 2:3])
    assert np.array_equal(whole.gradient[:, 2], one.gradient[:, 0])
    behind = np.arange(9)[:, None, None] >= lengths
    assert behind.any()
    other = head.derivatives(params, np.where(behind, 99.0, inputs), lengths, targets)
    assert np.array_equal(other.outputs, whole.outputs)
    assert other.gradient == pytest.approx(whole.gradient, rel=1e-12)
    weights = head.forward(params, inputs, lengths).weights
    assert (weights[behind] == 0.0).all()
    assert weights.sum(axis=0) == pytest.approx(np.ones(lengths.shape), rel=1e-12)


def test_weights_of_a_marked_position_are_the_formula():
    T, gaps = 50, np.array([-700.0, -2.0, 0.0, 3.9, 700.0])
    params = np.zeros((T + 2, gaps.size))
    params[0] = gaps
    got = Head(T).forward(params, np.zeros((T, 1, gaps.size)), T).weights[0, 0]
    with np.errstate(over="ignore"):
        assert got == pytest.approx(formula("attention_weight")(gaps, T), rel=1e-12)


@pytest.mark.parametrize("shift", [-1e300, -5.0, 0.0, 5.0, 1e300])
def test_only_differences_of_logits_count(shift):
    params, inputs, lengths, _ = case(T=6, seed=2)
    params = np.round(params * 8) / 8
    moved = params.copy()
    moved[:6] = params[:6] * (abs(shift) < 1e100) + shift
    head = Head(6)
    got = head.forward(moved, inputs, lengths)
    assert np.isfinite(got.outputs).all()
    if abs(shift) < 1e100:
        assert got.outputs == pytest.approx(head.forward(params, inputs, lengths).outputs)


@pytest.mark.parametrize("problem", [Latch(7), TwoSequence(7), Parity(7)], ids=lambda p: p.name)
def test_scalar_inputs_begin_at_the_start(problem):
    (drawn,) = problem.sample(np.random.default_rng(5).spawn(3), 6)
    got = scalar_inputs(problem, drawn)
    for s in range(6):
        for trial in range(3):
            length = drawn.lengths[s, trial]
            own = drawn.inputs[-length:, :, s, trial]
            wanted = own[:, 0] - own[:, 1] + own[:, 2] if problem.name == "latch" else own[:, 0]
            assert got[:length, s, trial].tolist() == wanted.tolist()
            assert (got[length:, s, trial] == 0.0).all()
    if problem.name == "latch":
        assert (got[0] == np.sign(drawn.targets)).all()


def objective(problem, trials=8, sequences=20, seed=11):
    rng = np.random.default_rng(seed)
    train_set, test_set = problem.sample(rng.spawn(trials), sequences, 100)
    made = HeadObjective(problem, train_set)
    return made, made.initial(rng=rng), test_set, rng


def test_it_learns_the_latch_by_gradient_descent():
    made, start, test_set, rng = objective(Latch(40))
    rule = BackPropagation(learning_rate=1.0, momentum=0.0)
    found = train(made, start, rule, rng=rng, max_presentations=2000)
    assert found.learned.all()
    assert made.classification_error(start).mean() > 0.1
    assert made.classification_error(found.params).max() <= 0.1
    assert made.classification_error(found.params, test_set).mean() < 0.05
    weights = made.network.forward(found.params, np.zeros((40, 1, 8)), 40).weights
    assert (weights[0, 0] > weights[1:, 0].max(axis=0)).all()


def test_a_search_takes_it_too():
    made, start, _, rng = objective(Latch(10))
    found = train(made, start, Multigrid(half_width=5.0), rng=rng, max_presentations=4000)
    assert found.learned.mean() > 0.5


def test_the_wrong_answer_of_a_head_that_is_no_number_is_counted():
    made, start, _, _ = objective(Latch(10))
    start[-2] = np.nan
    assert (made.classification_error(start) == 1.0).all()


def test_no_head_has_the_parity_of_two_inputs():
    # Whatever position and input give as logit and value, one increasing read-out: four answers.
    rng = np.random.default_rng(9)
    for _ in range(2000):
        logits, values = rng.normal(0.0, 3.0, (2, 2, 2))  # (position, input)
        threshold = rng.normal(0.0, 1.0)
        answers = {
            (i, j): np.average(
                [values[0, i], values[1, j]], weights=np.exp([logits[0, i], logits[1, j]])
            ) > threshold
            for i in (0, 1) for j in (0, 1)
        }  # fmt: skip
        assert not (answers[0, 0] == answers[1, 1] != answers[0, 1] == answers[1, 0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Head(0), "T is 0; accepted: an integer >= 1"),
        (lambda: Head(4).forward(np.zeros((5, 1)), np.zeros((4, 1, 1)), 4), "params has shape"),
        (lambda: Head(4).forward(np.zeros((6, 1)), np.zeros((3, 1, 1)), 4), "inputs has shape"),
        (lambda: Head(4).forward(np.zeros((6, 1)), np.zeros((4, 1, 1)), 5), "lengths is "),
        (lambda: Head(4).forward(np.zeros((6, 1)), np.zeros((4, 1, 1)), 0), "lengths is "),
        (lambda: Head(4).forward(np.zeros((6, 1)), np.zeros((4, 1, 1)), 1.5), "lengths is "),
        (lambda: Head(4).forward(np.full((6, 1), np.inf), np.zeros((4, 1, 1)), 4), "params is inf"),
        (lambda: scalar_inputs("latch", None), "problem is 'latch'; accepted: a Latch"),
        (lambda: Head(4).initial([np.random.default_rng(0)], -1.0), "bound is -1.0"),
    ],
)  # fmt: skip
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


def test_what_a_head_has_not_is_refused():
    made, start, test_set, rng = objective(Latch(10))
    with pytest.raises(ValueError, match=re.escape("network is Head(T=9); accepted: Head(T=10)")):
        HeadObjective(Latch(10), test_set, network=Head(9))
    with pytest.raises(ValueError, match=r"network is .*; accepted: Head"):
        HeadObjective(Latch(10), test_set, network=full(1, 3))
    with pytest.raises(ValueError, match="units is 'threshold'; accepted: None"):
        made.classification_error(start, units="threshold")
    with pytest.raises(ValueError, match="accepted: a rule of first derivatives"):
        train(made, start, PseudoNewton(), rng=rng, max_presentations=100)
    assert isinstance(made, SequenceObjective)
