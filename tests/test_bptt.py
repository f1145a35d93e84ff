"""The gradient of one neuron against differences, SymPy, and the gradient forward in time."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from latchlib import bptt, maps
from latchlib.neuron import attractor_pair, half_life


def case(seed, T=6, patterns=2, trials=3, scale=0.7):
    rng = np.random.default_rng(seed)
    return (
        rng.normal(1.0, 0.6, trials),
        rng.normal(0.0, scale, (T, patterns, trials)),
        rng.uniform(-0.9, 0.9, (patterns, trials)),
        rng.normal(0.0, scale, (patterns, trials)),
    )


def rollout(w, inputs, a0=0.0):
    """Run a neuron for each pattern."""
    return maps.rollout(w * np.eye(inputs.shape[1])[:, :, np.newaxis], inputs, a0)


def cost(w, inputs, targets, a0=0.0):
    """Return the cost a trial, from the rollout alone."""
    x = np.tanh(rollout(w, inputs, a0)[-1])
    return 0.5 * ((x - targets) ** 2).sum(axis=0)


shapes = st.tuples(st.integers(1, 12), st.integers(1, 4), st.integers(1, 5))


@given(st.integers(0, 2**32), shapes)
def test_gradient_equals_a_directional_difference(seed, shape):
    w, inputs, targets, a0 = case(seed, *shape)
    rng = np.random.default_rng(seed + 1)
    dw, dh = rng.normal(size=w.shape), rng.normal(size=inputs.shape)
    result = bptt.gradient(w, inputs, targets, a0)
    along = result.w * dw + np.sum(result.h * dh, axis=(0, 1))
    eps = 1e-6
    ahead, behind = (cost(w + s * dw, inputs + s * dh, targets, a0) for s in (eps, -eps))
    # Truncation about eps^2 times third derivatives, rounding about 1e-16 / eps.
    assert along == pytest.approx((ahead - behind) / (2 * eps), rel=1e-6, abs=1e-8)
    assert result.cost == pytest.approx(cost(w, inputs, targets, a0), rel=1e-13, abs=0.0)


@pytest.mark.parametrize("T", [1, 2, 3])
def test_gradient_equals_sympy(T):
    w, d, a0 = sp.symbols("w d a0")
    h = sp.symbols(f"h1:{T + 1}")
    state = a0
    for u in h:
        state = w * sp.tanh(state) + u
    symbolic = (sp.tanh(state) - d) ** 2 / 2
    derivatives = [sp.diff(symbolic, variable) for variable in (w, *h)]
    # mpmath, at its 15 digits, shares no code with the arrays under test.
    exact = sp.lambdify([w, d, a0, *h], derivatives, modules="mpmath", cse=True)
    weight, inputs, targets, start = case(T, T=T, patterns=2, trials=2)
    result = bptt.gradient(weight, inputs, targets, start)
    for r in range(2):
        total = 0.0
        for p in range(2):
            dw, *dh = exact(weight[r], targets[p, r], start[p, r], *inputs[:, p, r])
            assert result.h[:, p, r] == pytest.approx(list(map(float, dh)), rel=1e-12, abs=1e-15)
            total += float(dw)
        assert result.w[r] == pytest.approx(total, rel=1e-12, abs=1e-15)


@given(st.integers(0, 2**32), shapes)
def test_forward_and_backward_in_time_agree(seed, shape):
    w, inputs, targets, a0 = case(seed, *shape)
    back, forward = bptt.gradient(w, inputs, targets, a0), bptt.rtrl(w, inputs, targets, a0)
    for name in ("cost", "outputs", "w", "h"):
        left, right = getattr(back, name), getattr(forward, name)
        assert left.shape == right.shape
        assert left == pytest.approx(right, rel=1e-12, abs=1e-12)


def test_arguments_are_not_changed():
    arguments = case(5)
    before = [array.copy() for array in arguments]
    for array in arguments:
        array.setflags(write=False)
    bptt.gradient(*arguments)
    bptt.rtrl(*arguments)
    assert all(map(np.array_equal, arguments, before))


def bits(result):
    return [getattr(result, name).tobytes() for name in ("cost", "outputs", "w", "h")]


def test_one_weight_for_all_trials():
    _, inputs, targets, a0 = case(8)
    shared = bptt.gradient(1.3, inputs, targets, a0)
    each = bptt.gradient(np.full(3, 1.3), inputs, targets, a0)
    assert np.array_equal(shared.w, each.w) and shared.w.shape == (3,)
    assert bptt.rtrl(1.3, inputs, targets, a0).w.shape == (3,)


def test_gradient_of_early_inputs_decays_with_the_half_life():
    # At rest on the attractor, dC/dh_t halves every half-life going back.
    a = attractor_pair(1.25)[1].a
    g = bptt.gradient(1.25, np.zeros((60, 1, 1)), -0.8, a).h[:, 0, 0]
    assert np.log2(g[-1] / g[0]) == pytest.approx(59 / half_life(1.25), rel=1e-9)


# --- what small changes to the module showed to be unasserted


@pytest.mark.parametrize("function", [bptt.gradient, bptt.rtrl])
@pytest.mark.parametrize("shape", [(3, 2), (3,), (3, 2, 2, 1)])
def test_inputs_without_their_three_axes_are_refused(function, shape):
    with pytest.raises(ValueError, match=r"^inputs has shape .*\(time, pattern, trial\)"):
        function(1.5, np.zeros(shape), 0.8)


def test_the_start_is_zero_and_outputs_may_be_given():
    w, inputs, targets, _ = case(11)
    for function in (bptt.gradient, bptt.rtrl):
        assert bits(function(w, inputs, targets)) == bits(function(w, inputs, targets, 0.0))
    x = np.tanh(rollout(w, inputs))
    whole = bptt.gradient(w, inputs, targets)
    made = bptt.backward(x, w, targets)
    assert made.h.shape == inputs.shape
    assert made.h == pytest.approx(whole.h, rel=1e-12, abs=1e-15)
    assert made.w == pytest.approx(whole.w, rel=1e-12, abs=1e-15)


def test_weights_have_one_axis():
    for function in (bptt.gradient, bptt.rtrl):
        with pytest.raises(ValueError, match=r"^w is \(1, 3\); accepted"):
            function(np.ones((1, 3)), np.zeros((2, 2, 3)), 0.8)
