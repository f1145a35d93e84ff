"""The recurrence against a loop over plain Python floats."""

import math

import mpmath
import numpy as np
import pytest

from latchlib import recurrent


def loop(w, inputs, a0):
    states = [a0]
    for h in inputs:
        states.append(w * math.tanh(states[-1]) + h)
    return states


@pytest.fixture
def batch():
    rng = np.random.default_rng(3)
    return rng.normal(size=(6, 2, 5)), rng.normal(size=(2, 5)), rng.normal(size=(2, 5))


def test_rollout_equals_the_loop(batch):
    inputs, a0, w = batch
    a = recurrent.rollout(w, inputs, a0)
    assert a.shape == (7, 2, 5)
    for unit in range(2):
        for trial in range(5):
            expected = loop(w[unit, trial], inputs[:, unit, trial], a0[unit, trial])
            assert a[:, unit, trial] == pytest.approx(expected, rel=1e-14, abs=1e-14)


@pytest.mark.parametrize("shape", [(), (1,), (5,), (2, 1), (2, 5)])
def test_rollout_broadcasts_weight_and_start(batch, shape):
    inputs = batch[0]
    value = np.random.default_rng(1).normal(size=shape)
    whole = np.broadcast_to(value, (2, 5))
    assert np.array_equal(
        recurrent.rollout(value, inputs, value), recurrent.rollout(whole, inputs, whole)
    )


def test_rollout_starts_at_zero_and_takes_a_buffer(batch):
    inputs, _, w = batch
    out = np.full((7, 2, 5), np.nan)
    assert recurrent.rollout(w, inputs, out=out) is out
    assert not out[0].any()
    assert np.array_equal(out, recurrent.rollout(w, inputs))


def test_rollout_leaves_its_arguments_alone(batch):
    copies = [array.copy() for array in batch]
    inputs, a0, w = batch
    recurrent.rollout(w, inputs, a0)
    assert all(map(np.array_equal, batch, copies))


def test_step_is_one_step_of_the_rollout(batch):
    inputs, a0, w = batch
    one = recurrent.step(a0, w, inputs[0])
    assert np.array_equal(one, recurrent.rollout(w, inputs[:1], a0)[1])


def test_jacobian_is_the_derivative_of_step():
    a, w, eps = np.linspace(-3, 3, 13), 1.7, 1e-6
    slope = (recurrent.step(a + eps, w, 0.3) - recurrent.step(a - eps, w, 0.3)) / (2 * eps)
    # Truncation eps^2 |M'''| / 6 < 1e-12, rounding 1e-16 / eps = 1e-10 times a few.
    assert recurrent.jacobian(a, w) == pytest.approx(slope, abs=1e-9)


@pytest.mark.parametrize("w", [1e-300, 0.3, 2.0, -3.0, 1e10])
def test_jacobian_keeps_its_digits(w):
    a = np.concatenate([10.0 ** np.linspace(-300, 0, 60), np.linspace(0, 380, 700)])
    with mpmath.workdps(40):
        exact = [w * mpmath.sech(x) ** 2 for x in a.tolist()]
    normal = np.array([abs(x) > 2.3e-308 for x in exact])
    assert normal.sum() > 50
    exact = np.array(exact, dtype=float)
    for sign in (1, -1):
        assert recurrent.jacobian(sign * a, w)[normal] == pytest.approx(
            exact[normal], rel=2e-15, abs=0.0
        )
    assert np.abs(recurrent.jacobian(a, w))[~normal].max(initial=0.0) < 2.3e-308


# --- what small changes to the module showed to be unasserted


def test_step_has_no_input_unless_given():
    a = np.linspace(-2.0, 2.0, 9)
    assert np.array_equal(recurrent.step(a, 1.7), recurrent.step(a, 1.7, 0.0))
