"""Every refusal names the argument, the value and what is accepted."""

from fractions import Fraction

import numpy as np
import pytest
from misuse import refused

from latchlib import bptt, neuron, validation
from latchlib.objective import MinimalObjective
from latchlib.tasks import MinimalTask
from latchlib.training import BackPropagation

NOT_NUMBERS = [
    "1.5", b"1.5", ["1", "2"], None, 1j, [1.0, 2j], object(), {}, [[1.0], [1.0, 2.0]], [],
    np.nan, np.inf, -np.inf, [1.0, np.nan], 10**400, np.datetime64("2001-01-01"),
]  # fmt: skip


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=lambda v: repr(v)[:20])
def test_finite_refuses(value):
    with pytest.raises(ValueError, match=r"^gain is .*accepted: "):
        validation.finite("gain", value)


@pytest.mark.parametrize("value", [2, 2.5, True, Fraction(1, 2), [1, 2], np.float32(0.5), 10**30])
def test_finite_takes_real_numbers(value):
    result = validation.finite("gain", value)
    assert result.dtype == np.float64
    assert np.array_equal(result, np.array(value, dtype=float))


@pytest.mark.parametrize("value", [0, -1.0, [1.0, 0.0]])
def test_positive_refuses_what_is_not_above(value):
    with pytest.raises(ValueError, match=r"gain is .*accepted: numbers > 0"):
        validation.positive("gain", value)


def test_positive_names_its_bound():
    with pytest.raises(ValueError, match=r"w is 1\.0; accepted: numbers > 1"):
        validation.positive("w", 1.0, above=1.0)
    assert validation.positive("w", 1.5, above=1.0) == 1.5


@pytest.mark.parametrize("value", [[1.0], [[2.0]], [1.0, 2.0]])
def test_number_refuses_arrays(value):
    with pytest.raises(ValueError, match=r"gain is .*one number"):
        validation.number("gain", value)


def test_number_returns_a_python_float():
    assert type(validation.number("gain", np.array(2))) is float


@pytest.mark.parametrize("value", [True, np.True_, 1.0, "1", None, 2, -3])
def test_integer_refuses(value):
    with pytest.raises(ValueError, match=r"count is .*accepted: an integer >= 3"):
        validation.integer("count", value, at_least=3)


@pytest.mark.parametrize("value", [3, np.int64(3), 10**20])
def test_integer_takes(value):
    result = validation.integer("count", value, at_least=3)
    assert type(result) is int and result == value


def test_one_of():
    validation.one_of("side", "left", ("left", "right"))
    with pytest.raises(ValueError, match="side is 'up'; accepted: one of 'left', 'right'"):
        validation.one_of("side", "up", ("left", "right"))


@pytest.mark.parametrize("shape", [(2,), (2, 3, 1), (3, 2)])
def test_shaped(shape):
    validation.shaped("h", np.zeros((2, 7)), (2, None), "(L, trial)")
    with pytest.raises(ValueError, match=r"h has shape .*accepted: \(L, trial\).*\(2, any\)"):
        validation.shaped("h", np.zeros(shape), (2, None), "(L, trial)")


def test_broadcast():
    assert validation.broadcast("w", [1.0, 2.0], (3, 2), "(unit, trial)").shape == (3, 2)
    with pytest.raises(ValueError, match=r"w is \(3,\).*\(unit, trial\) = \(3, 2\)"):
        validation.broadcast("w", [1.0, 2.0, 3.0], (3, 2), "(unit, trial)")


def _minimal(params, noise):
    return MinimalObjective(MinimalTask(3, 2)).presenter(1).derivatives(params, np.arange(1), noise)


SEQUENCE = np.zeros((2, 2, 3))

#: Argument named in the message, and a call that must be refused.
test_misuse_names_the_argument = refused(
    ("w", lambda: neuron.a_star(1.0)),
    ("w", lambda: neuron.h_star(0.9)),
    ("w", lambda: neuron.attractor_pair(1.0)),
    ("w", lambda: neuron.attractor_pair("2")),
    ("w", lambda: neuron.fixed_points(0.0)),
    ("w", lambda: neuron.fixed_points([1.5, 2.0])),
    ("h", lambda: neuron.fixed_points(1.5, np.nan)),
    ("h", lambda: neuron.basin(1.5, 1.0)),
    ("h", lambda: neuron.basin(1.5, -1.0)),
    ("w", lambda: neuron.basin(np.inf)),
    ("h", lambda: neuron.reduced_attracting_set(1.5, 1.0)),
    ("w", lambda: neuron.half_life(-1.0)),
    ("h", lambda: neuron.transit_time(1.5, [0.5, 0.0])),
    ("w", lambda: neuron.transit_time(1.0, 0.5)),
    ("max_steps", lambda: neuron.transit_time(1.5, 0.5, max_steps=0)),
    ("a", lambda: neuron.flips([0.0, 1.0])),
    ("inputs", lambda: bptt.gradient(1.5, np.zeros((0, 2, 3)), 0.8)),
    ("w", lambda: bptt.gradient([1.0, 2.0], SEQUENCE, 0.8)),
    ("w", lambda: bptt.gradient(np.ones((2, 3)), SEQUENCE, 0.8)),
    ("targets", lambda: bptt.gradient(1.5, SEQUENCE, [0.8, -0.8])),
    ("a0", lambda: bptt.gradient(1.5, SEQUENCE, 0.8, [1.0, 2.0])),
    ("targets", lambda: bptt.rtrl(1.5, SEQUENCE, [0.8, -0.8])),
    ("a0", lambda: bptt.rtrl(1.5, SEQUENCE, 0.8, [1.0, 2.0])),
    ("w", lambda: bptt.rtrl([1.0, 2.0], SEQUENCE, 0.8)),
    ("T", lambda: MinimalTask(2, 3)),
    ("L", lambda: MinimalTask(20, 0)),
    ("sigma", lambda: MinimalTask(20, 3, -0.1)),
    ("sigma", lambda: MinimalTask(20, 3, [0.1, 0.2])),
    ("h", lambda: MinimalTask(3, 2).inputs(np.zeros((3, 2, 1)), 0.0)),
    ("noise", lambda: MinimalTask(3, 2).inputs(np.zeros((2, 2, 4)), np.zeros((1, 2, 3)))
    ),
    ("noise", lambda: MinimalTask(3, 2).inputs(np.zeros((2, 2, 1)), np.full((1, 2, 1), np.nan))
    ),
    ("rounds", lambda: MinimalTask().noise(np.random.default_rng(0), -1)),
    ("params", lambda: _minimal(np.ones((4, 1)), SEQUENCE)),
    ("half_width",
        lambda: MinimalObjective(MinimalTask()).initial(1.0, 0.0, 1, rng=np.random.default_rng(0)),
    ),
    ("w0", lambda: MinimalObjective(MinimalTask()).initial(
            [1.0, 2.0], 0.1, 1, rng=np.random.default_rng(0)
        ),
    ),
    ("learning_rate", lambda: BackPropagation(learning_rate=0.0)),
    ("learning_rate", lambda: BackPropagation([0.1, 0.2])),
    ("block", lambda: MinimalObjective(MinimalTask(), block=0)),
)  # fmt: skip
