"""The margin of a cooperative network: enclosed, and found again by driving it."""

import re

import numpy as np
import pytest

from latchlib.formulas import formula
from latchlib.margins import cooperative_margin


def stays_up(W, b, start, steps=20_000):
    """Say whether all states stay positive under the constant input -b."""
    a = np.array(start, float)
    for _ in range(steps):
        a = W @ np.tanh(a) - b
        if (a < 0).any():
            return False
    return True


@pytest.mark.parametrize("w", [1.01, 1.25, 2.0, 9.0])
def test_one_unit_has_the_threshold_of_the_latch(w):
    found = cooperative_margin([[w]])
    assert found.lower <= formula("h_star")(w) * (1 + 1e-12)
    assert found.upper >= formula("h_star")(w) * (1 - 1e-12)
    assert found.upper - found.lower < 1e-13


def test_two_equal_units_are_one_with_both_weights():
    found = cooperative_margin([[1.7, 0.3], [0.3, 1.7]])
    assert found.lower == pytest.approx(formula("h_star")(2.0), rel=1e-12)
    assert found.shares == pytest.approx([0.5, 0.5])


def test_apart_the_weaker_unit_decides():
    found = cooperative_margin(np.diag([2.0, 3.0]))
    assert found.lower == pytest.approx(formula("h_star")(2.0), rel=1e-9)
    assert found.upper == pytest.approx(formula("h_star")(2.0), rel=1e-9)


@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_pushes_on_both_sides_of_the_margin(n):
    W = abs(np.random.default_rng(n).normal(size=(n, n))) + 0.5 * np.eye(n)
    found = cooperative_margin(W)
    assert 0.0 < found.lower <= found.upper < found.lower * (1 + 1e-6)
    top = W.sum(axis=1)
    assert stays_up(W, found.lower * (1 - 1e-4), top)
    assert not stays_up(W, found.upper * (1 + 1e-4), top)
    # The state is a floor: the worst input leads back to it or above.
    assert (W @ np.tanh(found.state) - found.lower >= found.state - 1e-12).all()
    # Other shares give a higher bound, other states a lower one.
    rng = np.random.default_rng(0)
    for _ in range(20):
        shares = rng.dirichlet(np.ones(n))
        loops = np.maximum(W.T @ shares / shares, 1.0)
        assert shares @ formula("h_star")(loops) >= found.lower
        state = found.state * rng.uniform(0.5, 1.5, n)
        assert (W @ np.tanh(state) - state).min() <= found.upper


def test_no_bit_has_the_margin_0():
    found = cooperative_margin([[0.5, 0.2], [0.1, 0.6]])
    assert found.lower == found.upper == 0.0


@pytest.mark.parametrize(
    "weights",
    [[[1.0, -0.1], [0.2, 1.0]], [[1.0, 2.0]], [2.0], [], [[np.nan]], [[1.0, 0.0], [1.0, 0.0]]],
)
def test_other_weights_are_refused(weights):
    with pytest.raises(ValueError, match="^weights is " + re.escape(repr(weights)[:5])):
        cooperative_margin(weights)
