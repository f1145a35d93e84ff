"""The objective is bptt.gradient with the parameters laid out in a column."""

import numpy as np
import pytest

from latchlib import bptt
from latchlib.objective import LatchObjective
from latchlib.tasks import MinimalTask


@pytest.fixture(params=[(20, 3), (3, 3), (5, 1)], ids=str)
def setting(request):
    T, L = request.param
    objective = LatchObjective(MinimalTask(T, L, 0.5))
    rng = np.random.default_rng(4)
    params = rng.normal(0.5, 0.7, (objective.n_params, 6))
    return objective, params, rng.normal(0, 0.5, (T - L, 2, 6))


def test_equals_the_gradient_of_the_whole_sequence(setting):
    objective, params, noise = setting
    task = objective.task
    h = params[1:].reshape(task.L, 2, 6)
    whole = bptt.gradient(params[0], task.inputs(h, noise), task.targets)
    result = objective(params, noise)
    assert result.cost == pytest.approx(whole.cost, rel=1e-14, abs=0.0)
    assert result.gradient[0] == pytest.approx(whole.w, rel=1e-13, abs=1e-16)
    expected = whole.h[: task.L].reshape(-1, 6)
    assert result.gradient[1:] == pytest.approx(expected, rel=1e-13, abs=1e-16)
    assert np.array_equal(result.correct, (whole.outputs * task.targets > 0).all(axis=0))
    assert result.gradient.shape == params.shape == (objective.n_params, 6)


def test_equals_a_directional_difference(setting):
    objective, params, noise = setting
    direction = np.random.default_rng(9).normal(size=params.shape)
    eps = 1e-6
    ahead, behind = (objective(params + s * direction, noise).cost for s in (eps, -eps))
    along = (objective(params, noise).gradient * direction).sum(axis=0)
    assert along == pytest.approx((ahead - behind) / (2 * eps), rel=1e-6, abs=1e-8)


def test_changes_neither_arguments_nor_earlier_results(setting):
    objective, params, noise = setting
    copies = params.copy(), noise.copy()
    first = objective(params, noise)
    kept = first.cost.copy(), first.gradient.copy(), first.correct.copy()
    objective(params + 1, noise - 1)  # the buffers are used again
    assert all(map(np.array_equal, (params, noise), copies))
    assert all(map(np.array_equal, (first.cost, first.gradient, first.correct), kept))


def test_buffers_follow_the_number_of_trials(setting):
    objective, params, noise = setting
    whole = objective(params, noise)
    for n in (2, 6, 1, 3):
        part = objective(params[:, :n], noise[:, :, :n])
        assert np.array_equal(part.gradient, whole.gradient[:, :n])
        assert np.array_equal(part.cost, whole.cost[:n])


@pytest.mark.parametrize("processors", [1, 3])
def test_neither_blocks_nor_threads_can_be_seen(monkeypatch, processors):
    objective = LatchObjective(MinimalTask(12, 3, 0.5))
    rng = np.random.default_rng(2)
    params, noise = rng.normal(0.5, 0.7, (7, 41)), rng.normal(0, 0.5, (9, 2, 41))

    def bits():
        result = objective(params, noise)
        return [getattr(result, name).tobytes() for name in ("cost", "gradient", "correct")]

    whole = bits()
    monkeypatch.setattr(bptt.os, "cpu_count", lambda: processors)
    for block in (2, 11, 32, 10**9):
        monkeypatch.setattr(bptt, "BLOCK", block)
        assert bits() == whole and bits() == whole


def test_correct_asks_for_the_sign_of_both_patterns():
    objective = LatchObjective(MinimalTask(3, 1))
    # w = 2 latches the sign of the first input of each class.
    starts = np.array([[1.0, 1.0, -1.0, 0.0], [-1.0, 1.0, 1.0, 0.0]])
    params = np.vstack([np.full(4, 2.0), starts])
    assert objective(params, np.zeros((2, 2, 4))).correct.tolist() == [True, False, False, False]


def test_initial_parameters():
    objective = LatchObjective(MinimalTask(20, 3))
    params = objective.initial(1.25, 0.1, 500, rng=np.random.default_rng(1))
    assert params.shape == (7, 500) and (params[0] == 1.25).all()
    assert np.abs(params[1:]).max() <= 0.1
    # Uniform on [-0.1, 0.1]: variance 0.01 / 3, five standard errors.
    n = params[1:].size
    assert params[1:].var() == pytest.approx(0.01 / 3, abs=5 * 0.01 * np.sqrt(4 / 45 / n))
    few = objective.initial(1.25, 0.1, 18, rng=np.random.default_rng(1))
    assert np.array_equal(few, params[:, :18])


def test_a_pass_is_a_block_of_rounds():
    objective = LatchObjective(MinimalTask(6, 2, 0.7), block=5)
    drawn = objective.presenter(1).one_pass(np.random.default_rng(3))
    assert np.array_equal(drawn, objective.task.noise(np.random.default_rng(3), 5))
    assert LatchObjective(MinimalTask()).block == 50 and len(drawn) == 5


def test_one_call_presents_each_pattern_once():
    assert LatchObjective(MinimalTask()).presentations_per_call == 2


# --- what small changes to the module showed to be unasserted


@pytest.mark.parametrize("shape", [(2, 2, 4), (1, 2, 3), (2, 1, 3)])
def test_noise_of_another_shape_is_refused(shape):
    objective = LatchObjective(MinimalTask(4, 2))
    with pytest.raises(ValueError, match=r"^noise has shape .*\(T - L, pattern, trial\)"):
        objective(np.ones((objective.n_params, 3)), np.zeros(shape))


@pytest.mark.parametrize("shape", [(5,), (4, 3), (5, 3, 1)])
def test_parameters_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"^params has shape .*\(n_params, trial\)"):
        LatchObjective(MinimalTask(4, 2))(np.ones(shape), np.zeros((2, 2, 3)))
