"""The objective of the three problems: means, classes, counting, and functions in its place."""

import warnings

import numpy as np
import pytest
from misuse import refused

from latchlib.backprop import Network, derivatives
from latchlib.cells import CELLS
from latchlib.objective import FunctionObjective, SequenceObjective
from latchlib.problems import Latch, Parity, TwoSequence
from latchlib.training import BackPropagation, DiscreteError, PseudoNewton, train
from latchlib.wirings import classic, full


@pytest.fixture(params=[Latch(8), TwoSequence(8), Parity(8)], ids=str)
def objective(request):
    return SequenceObjective.draw(request.param, 5, rng=np.random.default_rng(1), sequences=7)


def params_of(objective, scale=1.0):
    return np.random.default_rng(2).normal(0, scale, (objective.n_params, objective.trials))


def test_whole_and_derivatives_are_means_over_the_set(objective):
    params, everyone = params_of(objective), np.arange(5)
    s = objective.sequences
    expected = derivatives(
        objective.network, params, s.inputs, s.targets, curvature="full", per_step=True
    )
    presenter = objective.presenter(5)
    seen = presenter.whole(params, everyone)
    mean, wrong = presenter.derivatives(params, everyone, curvature="full", per_step=True)
    assert seen.cost == pytest.approx(expected.cost / 7, rel=1e-14, abs=0.0)
    assert np.array_equal(mean.cost, expected.cost / 7)
    assert np.array_equal(mean.gradient, expected.gradient / 7)
    assert np.array_equal(mean.curvature, expected.curvature / 7)
    by_hand = (expected.outputs * s.targets <= 0).sum(axis=0)
    assert np.array_equal(wrong, by_hand) and np.array_equal(seen.error, by_hand / 7)
    assert np.array_equal(seen.solved, by_hand == 0)
    assert np.array_equal(objective.classification_error(params), seen.error)
    assert (presenter.presentations == 14).all()


def test_one_sequence_to_each_of_some_trials(objective):
    params, trials, which = params_of(objective)[:, [4, 1]], np.array([4, 1]), np.array([6, 2])
    presenter = objective.presenter(5)
    result, wrong = presenter.derivatives(params, trials, which, curvature="gauss-newton")
    states, shown, wrong_signs = presenter.threshold(params, trials, which)
    for n, (r, p) in enumerate(((4, 6), (1, 2))):
        inputs = objective.sequences.inputs[:, :, p : p + 1, r : r + 1]
        target = objective.sequences.targets[p, r]
        one = derivatives(
            objective.network, params[:, [n]], inputs, target, curvature="gauss-newton"
        )
        assert np.array_equal(result.gradient[:, n], one.gradient[:, 0])
        assert np.array_equal(result.curvature[:, n], one.curvature[:, 0])
        assert wrong[n] == (one.outputs[0, 0] * target <= 0)
        assert shown.targets[0, n] == target
        sign = states.y[-1, objective.network.wiring.output, 0, n]
        assert wrong_signs[n] == (sign * target < 0)
    assert presenter.presentations.tolist() == [0, 2, 0, 0, 2]


def test_counting_is_kept_by_the_run_not_by_the_objective(objective):
    first, second = objective.presenter(5), objective.presenter(5)
    first.whole(params_of(objective), np.arange(5))
    first.whole(params_of(objective)[:, :2], np.array([0, 3]), units="threshold")
    objective.classification_error(params_of(objective))
    assert first.presentations.tolist() == [14, 7, 7, 14, 7]
    assert not second.presentations.any()


def test_trials_that_leave_do_not_change_those_that_stay(objective):
    params, presenter = params_of(objective), objective.presenter(5)
    whole = presenter.whole(params, np.arange(5))
    for trials in ([0, 1, 3], [3], [0, 1, 2, 3, 4]):
        part = presenter.whole(params[:, trials], np.array(trials))
        assert np.array_equal(part.cost, whole.cost[trials])
        assert np.array_equal(part.error, whole.error[trials])


def test_a_test_set_and_a_tolerance():
    problem = Latch(6)
    train, test = problem.sample(np.random.default_rng(3).spawn(2), 10, 400)
    objective = SequenceObjective(problem, train, tolerance=0.5)
    # Column 0 latches; column 1 gives +1 to both classes, so that half are wrong.
    params = np.array([[1.5, 1.5], [1.0, 1.0], [-1.0, 1.0]])
    for units in (None, "tanh", "threshold"):
        assert objective.classification_error(params, test, units=units).tolist() == [0.0, 0.5]
        seen = objective.presenter(2).whole(params, np.arange(2), units=units)
        assert seen.error.tolist() == [0.0, 0.5] and seen.solved.all()
    strict = SequenceObjective(problem, train)
    assert strict.presenter(2).whole(params, np.arange(2)).solved.tolist() == [True, False]


def test_outputs_that_are_no_numbers_are_wrong():
    objective = SequenceObjective.draw(Latch(6), 2, rng=np.random.default_rng(0), sequences=4)
    params = np.array([[np.nan, 1.5], [1.0, 1.0], [-1.0, -1.0]])
    assert objective.classification_error(params).tolist() == [1.0, 0.0]
    seen = objective.presenter(2).whole(params, np.arange(2))
    assert seen.cost[0] == np.inf and not seen.solved[0] and seen.solved[1]


def test_trials_have_their_own_sets_whatever_their_number():
    many, few = (
        SequenceObjective.draw(TwoSequence(9), n, rng=np.random.default_rng(7)) for n in (9, 3)
    )
    assert np.array_equal(few.sequences.inputs, many.sequences.inputs[..., :3])
    starts = [o.initial(rng=np.random.default_rng(8)) for o in (many, few)]
    assert np.array_equal(starts[1], starts[0][:, :3]) and np.abs(starts[0]).max() <= 0.5
    assert (few.presentations_per_call, few.n_params, few.trials) == (20, 25, 3)


def test_function_objective():
    objective = FunctionObjective(lambda x: (x**2).sum(axis=0), 3, 0.5)
    presenter = objective.presenter(4)
    points = np.array([[0.0, 1.0, np.nan], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    seen = presenter.whole(points, np.array([0, 1, 3]))
    assert seen.cost.tolist() == [0.0, 1.0, np.inf]
    assert seen.solved.tolist() == [True, False, False] and np.isnan(seen.error).all()
    assert presenter.presentations.tolist() == [1, 1, 0, 1]
    wrong = FunctionObjective(lambda x: x, 3, 0.5).presenter(2)
    with pytest.raises(ValueError, match=r"result of function has shape \(3, 2\); accepted"):
        wrong.whole(np.ones((3, 2)), np.arange(2))


OBJECTIVE = SequenceObjective.draw(Latch(6), 2, rng=np.random.default_rng(0))


test_misuse_names_the_argument = refused(
    ("tolerance", lambda: SequenceObjective(Latch(6), OBJECTIVE.sequences, 1.0)),
    ("tolerance", lambda: SequenceObjective(Latch(6), OBJECTIVE.sequences, -0.1)),
    ("sequences", lambda: SequenceObjective(Latch(7), OBJECTIVE.sequences)),
    ("trials", lambda: SequenceObjective.draw(Latch(6), 0, rng=np.random.default_rng(0))),
    (
        "sizes",
        lambda: SequenceObjective.draw(
            Latch(6), 1, rng=np.random.default_rng(0), sequences=0
        ),
    ),
    ("trials", lambda: OBJECTIVE.presenter(3)),
    ("params", lambda: OBJECTIVE.classification_error(np.ones((3, 1)))),
    ("units", lambda: OBJECTIVE.classification_error(np.ones((3, 2)), units="relu")),
    ("function", lambda: FunctionObjective(3, 3, 0.0)),
    ("n_params", lambda: FunctionObjective(abs, 0, 0.0)),
    ("goal", lambda: FunctionObjective(abs, 1, np.nan)),
)  # fmt: skip


# --- what small changes to the module showed to be unasserted


def test_an_output_of_zero_is_wrong():
    objective = SequenceObjective.draw(TwoSequence(6), 2, rng=np.random.default_rng(0))
    nothing = np.zeros((objective.n_params, 2))
    assert objective.classification_error(nothing).tolist() == [1.0, 1.0]


def test_an_output_may_have_to_come_close_to_its_target():
    """Every place that counts errors asks the same: how far from the target, if it is asked."""
    problem = Latch(6, 0.0)
    (train,) = problem.sample(np.random.default_rng(3).spawn(2), 10)
    # A state that keeps its size: tanh(w x) = x at 0.8 in the first trial, at 0.5 in the second.
    ends = np.array([0.8, 0.5])
    nets = np.arctanh(ends)
    params = np.stack([nets / ends, nets, -nets])
    trials, which = np.arange(2), np.zeros(2, dtype=int)
    for within, wrong in ((None, [0, 0]), (0.35, [0, 0]), (0.25, [0, 1]), (1e-9, [0, 1])):
        objective = SequenceObjective(problem, train, within=within)
        assert objective.classification_error(params).tolist() == wrong
        presenter = objective.presenter(2)
        assert presenter.whole(params, trials).error.tolist() == wrong
        assert presenter.derivatives(params, trials, which)[1].tolist() == wrong
    # A threshold unit gives 1 where 0.8 is wanted.
    far = SequenceObjective(problem, train, within=0.1)
    assert far.presenter(2).threshold(params, trials, which)[2].tolist() == [1, 1]
    with pytest.raises(ValueError, match=r"within is 0\.0; accepted"):
        SequenceObjective(problem, train, within=0)


def test_threshold_units_answer_at_the_last_step(objective):
    params, everyone = params_of(objective, 2.0), np.arange(5)
    states, shown, wrong = objective.presenter(5).threshold(params, everyone)
    targets = objective.sequences.targets
    assert np.array_equal(shown.targets, targets)
    y = states.y[:, objective.network.wiring.output]
    last, before = ((output * targets < 0).sum(axis=0) for output in (y[-1], y[-2]))
    assert wrong.tolist() == last.tolist() and wrong.dtype.kind == "i"
    error = objective.classification_error(params, units="threshold")
    assert np.array_equal(error, last / 7)
    if isinstance(objective.problem, Parity):  # whose output may change at every step
        assert not np.array_equal(last, before)


def test_two_sequences_have_a_mean():
    objective = SequenceObjective.draw(TwoSequence(6), 2, rng=np.random.default_rng(0), sequences=2)
    params, everyone, s = params_of(objective), np.arange(2), objective.sequences
    expected = derivatives(objective.network, params, s.inputs, s.targets)
    mean, _ = objective.presenter(2).derivatives(params, everyone)
    assert np.array_equal(mean.gradient, expected.gradient / 2)


@pytest.mark.parametrize("size", [1.7e308, np.inf])
def test_parameters_out_of_all_bounds_are_assessed_without_a_warning(size):
    # Net inputs overflow, and inf meets the 0 of the padding.
    objective = SequenceObjective.draw(Parity(8), 2, rng=np.random.default_rng(0))
    params = size * np.sign(params_of(objective))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        error = objective.classification_error(params)
    assert ((error >= 0.0) & (error <= 1.0)).all()


# --- another network than that of 1994


@pytest.mark.parametrize("problem", [Latch(8), TwoSequence(8), Parity(8)], ids=str)
def test_any_cell_is_trained_on_any_problem(problem):
    network = Network(full(2, problem.channels), CELLS["LSTM"])
    how = dict(rng=np.random.default_rng(1), sequences=4, network=network)
    objective = SequenceObjective.draw(problem, 3, **how)
    assert objective.n_params == 4 * (2 * 2 + 2 * (problem.channels + 1))
    s = objective.sequences
    assert np.array_equal(s.inputs[:, -1], s.running)
    params = objective.initial(rng=np.random.default_rng(2))
    fresh = problem.sample(np.random.default_rng(3).spawn(3), 9)[0]
    assert objective.classification_error(params, fresh).shape == (3,)
    mean, _ = objective.presenter(3).derivatives(params, np.arange(3))
    expected = derivatives(network, params, s.inputs, s.targets)
    assert np.array_equal(mean.gradient, expected.gradient / 4)


def test_a_gated_cell_learns_by_the_first_derivative():
    network = Network(full(1, 3), CELLS["LSTM"])
    how = dict(rng=np.random.default_rng(1), network=network)
    objective = SequenceObjective.draw(Latch(6), 6, **how)
    params = objective.initial(rng=np.random.default_rng(2))
    run = dict(rng=np.random.default_rng(3), max_presentations=1500)
    found = train(objective, params, BackPropagation(), **run)
    assert found.learned.all() and not objective.classification_error(found.params).any()
    with pytest.raises(ValueError, match=r"^curvature is .*LSTM has no second derivatives"):
        train(objective, params, PseudoNewton(), **run)
    with pytest.raises(ValueError, match=r"^units is 'threshold'; accepted: .*LSTM"):
        train(objective, params, DiscreteError(), **run)


test_a_network_that_does_not_fit_is_refused = refused(
    ("channels of network", lambda: lstm(full(2, 2))),
    ("cell", lambda: Network(classic("latch"), CELLS["LSTM"])),
)


def lstm(wiring):
    network, rng = Network(wiring, CELLS["LSTM"]), np.random.default_rng(0)
    return SequenceObjective.draw(TwoSequence(6), 1, rng=rng, network=network)
