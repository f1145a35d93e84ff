"""The minimal task: bptt.gradient with the parameters laid out in a column."""

import numpy as np
import pytest

from latchlib import bptt
from latchlib.objective import MinimalObjective
from latchlib.tasks import MinimalTask


def present(objective, params, noise):
    """Present one round to all trials, by a presenter of its own."""
    trials, L = np.arange(params.shape[-1]), objective.task.L
    inputs = np.pad(noise, ((L, 0), (0, 0), (0, 0)))
    return objective.presenter(len(trials)).derivatives(params, trials, inputs)


@pytest.fixture(params=[(20, 3), (3, 3), (5, 1)], ids=str)
def setting(request):
    T, L = request.param
    objective = MinimalObjective(MinimalTask(T, L, 0.5))
    rng = np.random.default_rng(4)
    params = rng.normal(0.5, 0.7, (objective.n_params, 6))
    return objective, params, rng.normal(0, 0.5, (T - L, 2, 6))


def test_equals_the_gradient_of_the_whole_sequence(setting):
    objective, params, noise = setting
    task = objective.task
    h = params[1:].reshape(task.L, 2, 6)
    whole = bptt.gradient(params[0], task.inputs(h, noise), task.targets)
    result, wrong = present(objective, params, noise)
    assert result.cost == pytest.approx(whole.cost, rel=1e-14, abs=0.0)
    assert result.gradient[0] == pytest.approx(whole.w, rel=1e-13, abs=1e-16)
    expected = whole.h[: task.L].reshape(-1, 6)
    assert result.gradient[1:] == pytest.approx(expected, rel=1e-13, abs=1e-16)
    assert np.array_equal(wrong == 0, (whole.outputs * task.targets > 0).all(axis=0))
    assert result.gradient.shape == params.shape == (objective.n_params, 6)


def test_changes_neither_arguments_nor_earlier_results(setting):
    objective, params, noise = setting
    copy, presenter = params.copy(), objective.presenter(6)
    noise = np.pad(noise, ((objective.task.L, 0), (0, 0), (0, 0)))
    first, _ = presenter.derivatives(params, np.arange(6), noise.copy())
    kept = first.cost.copy(), first.gradient.copy(), first.outputs.copy()
    presenter.derivatives(params + 1, np.arange(6), noise - 1)  # the buffers are used again
    assert np.array_equal(params, copy)
    assert all(map(np.array_equal, (first.cost, first.gradient, first.outputs), kept))
    for trials in ([2, 5], [4], range(6)):
        part, _ = presenter.derivatives(params[:, trials], np.array(trials), noise[..., trials])
        assert np.array_equal(part.gradient, first.gradient[:, trials])
    assert presenter.presentations.tolist() == [6, 6, 8, 6, 8, 8]


def test_correct_asks_for_the_sign_of_both_patterns():
    objective = MinimalObjective(MinimalTask(3, 1))
    # w = 2 latches the sign of the first input of each class.
    starts = np.array([[1.0, 1.0, -1.0, 0.0], [-1.0, 1.0, 1.0, 0.0]])
    params = np.vstack([np.full(4, 2.0), starts])
    _, wrong = present(objective, params, np.zeros((2, 2, 4)))
    assert wrong.tolist() == [0, 1, 1, 1]


def test_initial_parameters():
    objective = MinimalObjective(MinimalTask(20, 3))
    params = objective.initial(1.25, 0.1, 500, rng=np.random.default_rng(1))
    assert params.shape == (7, 500) and (params[0] == 1.25).all()
    assert np.abs(params[1:]).max() <= 0.1
    # Uniform on [-0.1, 0.1]: variance 0.01 / 3, five standard errors.
    n = params[1:].size
    assert params[1:].var() == pytest.approx(0.01 / 3, abs=5 * 0.01 * np.sqrt(4 / 45 / n))
    few = objective.initial(1.25, 0.1, 18, rng=np.random.default_rng(1))
    assert np.array_equal(few, params[:, :18])


def test_a_pass_is_a_block_of_rounds():
    objective = MinimalObjective(MinimalTask(6, 2, 0.7), block=5)
    drawn = objective.presenter(1).one_pass(np.random.default_rng(3))
    assert np.array_equal(drawn[:, 2:], objective.task.noise(np.random.default_rng(3), 5))
    assert drawn.shape == (5, 6, 2)  # with room for the trainable inputs
    assert MinimalObjective(MinimalTask()).block == 50 and len(drawn) == 5


def test_one_call_presents_each_pattern_once():
    assert MinimalObjective(MinimalTask()).presentations_per_call == 2


# --- what small changes to the module showed to be unasserted


@pytest.mark.parametrize("shape", [(2, 2, 4), (1, 2, 3), (2, 1, 3)])
def test_noise_of_another_shape_is_refused(shape):
    objective = MinimalObjective(MinimalTask(4, 2))
    with pytest.raises(ValueError, match=r"^inputs has shape .*\(T, pattern, trial\)"):
        present(objective, np.ones((objective.n_params, 3)), np.zeros(shape))


@pytest.mark.parametrize("shape", [(5,), (4, 3), (5, 3, 1)])
def test_parameters_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"^params has shape .*\(n_params, trial\)"):
        present(MinimalObjective(MinimalTask(4, 2)), np.ones(shape), np.zeros((2, 2, 3)))
