"""The laws of the chapter plateaus, against the network's own gradient at points it did not see."""

import math

import numpy as np
import pytest

from latchlib.backprop import Network, derivatives
from latchlib.bptt import gradient
from latchlib.formulas import formula
from latchlib.neuron import attractor_pair
from latchlib.problems import Latch
from latchlib.wirings import classic


def one_class(w, u, T, target=0.8):
    """Return cost, dC/dw and dC/du of one noise-free sequence a trial."""
    w, u = np.broadcast_arrays(np.asarray(w, float), np.asarray(u, float))
    inputs = np.zeros((T, 1, w.size))
    inputs[0, 0] = u.ravel()
    g = gradient(w.ravel(), inputs, target)
    return g.cost, g.w, g.h[0, 0]


@pytest.mark.parametrize("T", [2, 3, 10, 60])
def test_below_one_the_bound_holds_at_random_points(T):
    rng = np.random.default_rng(T)
    w, u = rng.uniform(-1, 1, 2000), rng.uniform(-3, 3, 2000)
    _, by_w, by_u = one_class(w, u, T)
    bound = formula("forgetting_bound")(np.abs(w), u, 0.8, T)
    share = np.hypot(by_w, by_u) / bound
    assert (share <= 1).all()
    assert share.max() > 0.2  # not a bound that says nothing


@pytest.mark.parametrize("T", [1, 2, 7, 30])
@pytest.mark.parametrize("w", [0.5, 1.0, 1.5, 2.5])
def test_the_cliff_has_the_slope_of_the_unstable_point(w, T):
    assert one_class([w], [0.0], T)[2] == pytest.approx(formula("cliff_slope")(w, 0.8, T))
    # By central differences of the cost, on a scale inside the cliff.
    step = 1e-4 * max(w, 1.0) ** (1 - T)
    costs = one_class([w, w], [-step, step], T)[0]
    measured = (costs[1] - costs[0]) / (2 * step)
    rounding = np.spacing(costs[0]) / step  # each cost is good to half a unit in its last place
    assert measured == pytest.approx(formula("cliff_slope")(w, 0.8, T), rel=1e-5, abs=rounding)


@pytest.mark.parametrize("w", [1.3, 1.8, 3.0])
def test_on_the_flats_above_one_height_and_slope_in_w_are_those_of_the_attractor(w):
    top = attractor_pair(w)[1].a
    x, rise = math.tanh(top), formula("output_rise")(top)
    # The rate of change of the output, from the attractors of two weights.
    near = [math.tanh(attractor_pair(v)[1].a) for v in (w - 1e-5, w + 1e-5)]
    assert rise == pytest.approx((near[1] - near[0]) / 2e-5, rel=1e-6)
    for side in (1, -1):
        cost, by_w, by_u = one_class([w], [0.4 * side], 300)
        assert cost == pytest.approx(0.5 * (side * x - 0.8) ** 2, rel=1e-9)
        assert by_w == pytest.approx((side * x - 0.8) * side * rise, rel=1e-9)
        assert abs(by_u[0]) < 1e-12
    right, wrong = (one_class([w], [u], 300)[0] for u in (0.4, -0.4))
    assert wrong - right == pytest.approx(formula("cliff_height")(x, 0.8))


def test_the_surface_is_that_of_the_latch_problem():
    """Two ways to the same numbers: bptt, and the wiring of the problem without noise."""
    T, trials = 12, 50
    problem = Latch(T, noise=0.0)
    [sequences] = problem.sample(np.random.default_rng(0).spawn(trials), 2)
    params = np.random.default_rng(1).uniform(-2, 2, (3, trials))
    got = derivatives(Network(classic(problem.name)), params, sequences.inputs, sequences.targets)
    for trial in range(trials):
        total = np.zeros(3)
        for k in range(2):
            target, length = sequences.targets[k, trial], sequences.lengths[k, trial]
            own = 1 if target > 0 else 2
            _, by_w, by_u = one_class(
                [params[0, trial]], [params[own, trial]], int(length), float(target)
            )
            total[0] += by_w[0]
            total[own] += by_u[0]
        assert got.gradient[:, trial] == pytest.approx(total, abs=1e-12)


def test_an_update_goes_down_the_gradient_and_onto_the_grid():
    x, g = np.random.default_rng(2).normal(size=(2, 100))
    plain = formula("descent")(x, g, 0.1)
    assert plain == pytest.approx(x - 0.1 * g)
    on_grid = formula("descent_on_grid")(x, g, 0.1)
    assert np.abs(on_grid - plain).max() <= 2.0**-21
    assert np.array_equal(on_grid * 2**20, np.round(on_grid * 2**20))
