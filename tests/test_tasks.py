"""The minimal task: shapes, targets, noise."""

import numpy as np
import pytest

from latchlib.tasks import TARGETS, MinimalTask


def test_targets_are_those_of_the_paper():
    task = MinimalTask()
    assert TARGETS == (0.8, -0.8)
    assert (task.T, task.L, task.n_patterns) == (20, 3, 2)
    assert np.array_equal(task.targets, [[0.8], [-0.8]])


def test_noise_is_gaussian_with_standard_deviation_sigma():
    noise = MinimalTask(20, 3, 0.5).noise(np.random.default_rng(1), 2000)
    assert noise.shape == (2000, 17, 2)
    n = noise.size
    # Five standard errors of the mean, the variance and the fourth moment of a normal law.
    assert abs(noise.mean()) < 5 * 0.5 / np.sqrt(n)
    assert noise.var() == pytest.approx(0.25, abs=5 * 0.25 * np.sqrt(2 / n))
    assert np.mean((noise / 0.5) ** 4) == pytest.approx(3.0, abs=5 * np.sqrt(96 / n))


def test_noise_of_many_rounds_is_that_of_few_and_more():
    task = MinimalTask(7, 3, 0.5)
    rng = np.random.default_rng(2)
    parts = [task.noise(rng, 3), task.noise(rng, 4)]
    assert np.array_equal(np.concatenate(parts), task.noise(np.random.default_rng(2), 7))


def test_no_noise_when_sigma_is_zero():
    assert not MinimalTask(20, 3, 0.0).noise(np.random.default_rng(0), 3).any()


def test_inputs_join_trained_part_and_noise():
    task = MinimalTask(5, 2, 1.0)
    h, noise = np.ones((2, 2, 3)), 2 * np.ones((3, 2, 3))
    joined = task.inputs(h, noise)
    assert joined.shape == (5, 2, 3)
    assert (joined[:2] == 1).all() and (joined[2:] == 2).all()


def test_a_task_without_noise_steps():
    task = MinimalTask(3, 3)
    h = np.arange(18.0).reshape(3, 2, 3)
    assert np.array_equal(task.inputs(h, np.zeros((0, 2, 3))), h)
    assert task.noise(np.random.default_rng(0), 4).shape == (4, 0, 2)


# --- what small changes to the module showed to be unasserted


@pytest.mark.parametrize("T, L", [(1, 1), (2, 1), (5, 5)])
def test_the_shortest_tasks(T, L):
    task = MinimalTask(T, L)
    assert (task.T - task.L, task.sigma) == (T - L, 0.0)


@pytest.mark.parametrize("argument, settings", [("L", (20, 1.5)), ("T", (20.5, 3))])
def test_lengths_are_integers(argument, settings):
    with pytest.raises(ValueError, match=rf"^{argument} is .*an integer"):
        MinimalTask(*settings)


def test_no_rounds_are_allowed():
    assert MinimalTask(4, 1).noise(np.random.default_rng(0), 0).shape == (0, 3, 2)
