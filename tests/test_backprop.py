"""First and second derivatives against differences, SymPy and single sequences; no leak."""

import threading
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from misuse import refused

from latchlib import backprop
from latchlib.backprop import CURVATURES, Backpropagator, Network, derivatives
from latchlib.cells import THRESHOLD
from latchlib.problems import Latch, Parity, TwoSequence
from latchlib.wirings import Connection, Wiring, classic


def full(units, biases=True):
    """All units connected, channel 0 into all of them, channel 1 for biases."""
    connections = [Connection(i, "delayed", j) for i in range(units) for j in range(units)]
    connections += [Connection(i, "input", c) for i in range(units) for c in range(1 + biases)]
    return Network(Wiring(units, 1 + biases, tuple(connections), units - 1, fixed=((0, 0),)))


_CHAINED = (Connection(0, "input", 0), Connection(1, "same", 0))
CHAIN = Network(Wiring(2, 1, (*_CHAINED, Connection(1, "delayed", 1)), output=1))
#: Input enters the last unit only, with a trained weight and with weight 1.
DRIVEN_LAST = Network(
    Wiring(
        3,
        2,
        (
            Connection(0, "delayed", 2),
            Connection(1, "delayed", 0),
            Connection(1, "delayed", 1),
            Connection(2, "input", 1),
        ),
        output=1,
        fixed=((2, 0),),
    )
)
WIRINGS = {
    "latch": Network(classic("latch")),
    "2-sequence": Network(classic("two-sequence")),
    "parity": Network(classic("parity")),
    "parity, delayed": Network(classic("parity", wiring_name="delayed")),
    "full 1": full(1),
    "full 2": full(2),
    "full 3, no bias": full(3, biases=False),
    "chain": CHAIN,
    "no memory": Network(Wiring(2, 1, _CHAINED, output=1)),
    "driven last": DRIVEN_LAST,
}
EACH = pytest.mark.parametrize("network", WIRINGS.values(), ids=list(WIRINGS))


def case(network, seed=0, T=5, sequences=3, trials=4):
    rng = np.random.default_rng(seed)
    return (
        rng.normal(0.0, 0.7, (network.n_params, trials)),
        rng.normal(0.0, 0.8, (T, network.wiring.channels, sequences, trials)),
        rng.uniform(-0.9, 0.9, (sequences, trials)),
    )


def cost_of(network, weights, inputs, target, tanh=np.tanh):
    """Return the cost of one sequence, weights[t, p] its own at each step; plain loops."""
    x = [0.0] * network.wiring.units
    for t in range(len(inputs)):
        a = [0.0] * network.wiring.units
        new = list(x)
        for unit, channel in network.wiring.fixed:
            a[unit] = a[unit] + inputs[t][channel]
        for i in range(network.wiring.units):
            for p, (goal, kind, source) in enumerate(network.wiring.connections):
                if goal == i:
                    z = {"delayed": x, "same": new, "input": inputs[t]}[kind][source]
                    a[i] = a[i] + weights[t][p] * z
            new[i] = tanh(a[i])
        x = new
    return (x[network.wiring.output] - target) ** 2 / 2


@EACH
def test_cost_equals_plain_loops(network):
    params, inputs, targets = case(network)
    result = derivatives(network, params, inputs, targets)
    for r in range(4):
        weights = np.broadcast_to(params[:, r], (5, network.n_params))
        each = [cost_of(network, weights, inputs[:, :, p, r], targets[p, r]) for p in range(3)]
        assert result.cost[r] == pytest.approx(sum(each), rel=1e-13, abs=0.0)


@EACH
def test_gradient_equals_a_directional_difference(network):
    for seed in range(5):
        params, inputs, targets = case(network, seed, T=7)
        direction = np.random.default_rng(seed + 100).normal(size=params.shape)
        result = derivatives(network, params, inputs, targets)
        eps = 1e-6
        ahead, behind = (
            derivatives(network, params + s * direction, inputs, targets).cost for s in (eps, -eps)
        )
        along = (result.gradient * direction).sum(axis=0)
        # Truncation about eps^2 times third derivatives, rounding about 1e-16 / eps.
        assert along == pytest.approx((ahead - behind) / (2 * eps), rel=1e-6, abs=1e-8)


# In the first group every unit has one reader at each step, so nothing is dropped. In the others
# that holds for the last two steps: only the output unit is read at the end, and it reads each
# unit of the step before once.
EXACT = {"latch": 0, "full 1": 0, "chain": 0, "full 2": 3, "full 3, no bias": 3, "2-sequence": 3}


@pytest.mark.parametrize("name", EXACT)
def test_derivatives_per_step_equal_differences(name):
    network, T, h = WIRINGS[name], 5, 1e-3
    params, inputs, targets = case(network, 3, T=T, sequences=1, trials=1)
    result = derivatives(network, params, inputs, targets, curvature="full", per_step=True)
    assert result.gradient.shape == result.curvature.shape == (T, network.n_params, 1)
    weights = np.tile(params[:, 0], (T, 1))

    def cost(t, p, change):
        changed = weights.copy()
        changed[t, p] += change
        return cost_of(network, changed, inputs[:, :, 0, 0], targets[0, 0])

    for t in range(T):
        for p in range(network.n_params):
            far, near = (
                [cost(t, p, s * k * h) for s in (1, 0, -1)] for k in (2, 1)
            )  # Richardson: h and 2 h together leave an error of h^4
            first = (8 * (near[0] - near[2]) - (far[0] - far[2])) / (12 * h)
            assert result.gradient[t, p, 0] == pytest.approx(first, rel=1e-7, abs=1e-10)
            if t >= EXACT[name]:
                second, wide = (
                    (c[0] - 2 * c[1] + c[2]) / (k * h) ** 2 for c, k in ((near, 1), (far, 2))
                )
                second = (4 * second - wide) / 3
                assert result.curvature[t, p, 0] == pytest.approx(second, rel=1e-5, abs=1e-8)


def test_the_dropped_products_matter_where_a_unit_has_two_readers():
    # The approximation is one: at the first steps of a full runner it differs from the truth.
    network = WIRINGS["full 2"]
    params, inputs, targets = case(network, 3, T=3, sequences=1, trials=1)
    result = derivatives(network, params, inputs, targets, curvature="full", per_step=True)
    weights = np.tile(params[:, 0], (3, 1))
    costs = []
    for s in (1, 0, -1):
        changed = weights.copy()
        changed[0, 4] += s * 1e-3
        costs.append(cost_of(network, changed, inputs[:, :, 0, 0], targets[0, 0]))
    exact = (costs[0] - 2 * costs[1] + costs[2]) / 1e-6
    assert abs(result.curvature[0, 4, 0] - exact) > 0.01 * abs(exact)


@pytest.mark.parametrize("name", ["full 1", "latch", "chain", "full 2"])
@pytest.mark.parametrize("T", [1, 2, 3])
def test_derivatives_equal_sympy(name, T):
    network = WIRINGS[name]
    params, inputs, targets = case(network, T, T=T, sequences=1, trials=2)
    w = sp.Matrix(T, network.n_params, lambda t, p: sp.Symbol(f"w{t}_{p}"))
    u = sp.Matrix(T, network.wiring.channels, lambda t, c: sp.Symbol(f"u{t}_{c}"))
    d = sp.Symbol("d")
    rows = [list(w.row(t)) for t in range(T)]
    symbolic = cost_of(network, rows, [list(u.row(t)) for t in range(T)], d, tanh=sp.tanh)
    # Becker and LeCun's recursion is exact here from this step on.
    exact = 0 if name != "full 2" else max(0, T - 2)
    first = [sp.diff(symbolic, v) for v in w]
    second = [sp.diff(symbolic, w[t, p], 2) for t in range(exact, T) for p in range(w.shape[1])]
    arguments = [*w, *u, d]
    # mpmath, at its 15 digits, shares no code with the arrays under test.
    numeric = sp.lambdify(arguments, [first, second], modules="mpmath", cse=True)
    per_step = derivatives(network, params, inputs, targets, curvature="full", per_step=True)
    gauss = derivatives(network, params, inputs, targets, curvature="gauss-newton", per_step=True)
    whole = derivatives(network, params, inputs, targets, curvature="full")
    for r in range(2):
        values = [*np.tile(params[:, r], T), *inputs[:, :, 0, r].ravel(), targets[0, r]]
        d1, d2 = (np.array(v, dtype=float).reshape(-1, network.n_params) for v in numeric(*values))
        assert per_step.gradient[..., r] == pytest.approx(d1, rel=1e-12, abs=1e-15)
        assert per_step.curvature[exact:, :, r] == pytest.approx(d2, rel=1e-11, abs=1e-14)
        assert whole.gradient[:, r] == pytest.approx(d1.sum(axis=0), rel=1e-11, abs=1e-14)
        error = per_step.outputs[0, r] - targets[0, r]
        # Without f'' it is (dx_T/dw_t)^2, as C = (x - d)^2 / 2 and each path is one.
        slope = d1[exact:] / error
        assert gauss.curvature[exact:, :, r] == pytest.approx(slope**2, rel=1e-10, abs=1e-14)


@pytest.mark.parametrize("form", CURVATURES)
def test_curvature_equals_becker_and_lecun_in_sympy(form):
    """For N = 2, T = 3, where products are dropped: their two lines, f' and f'' from SymPy."""
    network, T = full(2), 3
    params, inputs, targets = case(network, 8, T=T, sequences=1, trials=1)
    s = sp.Symbol("s")
    f1, f2 = (sp.lambdify(s, sp.diff(sp.tanh(s), s, k), modules="mpmath") for k in (1, 2))
    W = params[:4, 0].reshape(2, 2)
    V = params[4:, 0].reshape(2, 2)
    a, x = [], [np.zeros(2)]
    for t in range(T):
        u = inputs[t, :, 0, 0]
        a.append(W @ x[-1] + V @ u + np.array([u[0], 0.0]))
        x.append(np.tanh(a[-1]))
    e, q = np.array([0.0, x[-1][1] - targets[0, 0]]), np.array([0.0, 1.0])
    expected = np.zeros((T, 8))
    for t in range(T - 1, -1, -1):
        slope = np.array([float(f1(v)) for v in a[t]])
        bend = np.array([float(f2(v)) for v in a[t]]) if form == "full" else 0.0
        delta, gamma = slope * e, slope**2 * q + bend * e
        u = inputs[t, :, 0, 0]
        expected[t] = np.concatenate(
            [np.outer(gamma, x[t] ** 2).ravel(), np.outer(gamma, u**2).ravel()]
        )
        e, q = W.T @ delta, (W**2).T @ gamma
    result = derivatives(network, params, inputs, targets, curvature=form, per_step=True)
    assert result.curvature[..., 0] == pytest.approx(expected, rel=1e-12, abs=1e-15)


@EACH
def test_gauss_newton_is_never_negative_and_full_is_somewhere(network):
    params, inputs, targets = case(network, 1, sequences=1, trials=60)
    gauss, whole = (
        derivatives(network, params, inputs, targets, curvature=form).curvature
        for form in ("gauss-newton", "full")
    )
    assert (gauss >= 0).all() and (whole < 0).any()


@EACH
@pytest.mark.parametrize("form", [None, *CURVATURES])
def test_sum_of_steps_is_the_whole(network, form):
    params, inputs, targets = case(network)
    whole = derivatives(network, params, inputs, targets, curvature=form)
    steps = derivatives(network, params, inputs, targets, curvature=form, per_step=True)
    assert steps.gradient.sum(axis=0) == pytest.approx(whole.gradient, rel=1e-12, abs=1e-14)
    assert np.array_equal(steps.cost, whole.cost)
    if form is None:
        assert whole.curvature is None and steps.curvature is None
    else:
        assert steps.curvature.sum(axis=0) == pytest.approx(whole.curvature, rel=1e-12, abs=1e-14)


@settings(max_examples=15)
@given(st.sampled_from(list(WIRINGS)), st.integers(0, 2**32), st.integers(1, 4), st.integers(1, 4))
def test_batch_equals_sum_of_singles(name, seed, sequences, trials):
    network = WIRINGS[name]
    params, inputs, targets = case(network, seed, 4, sequences, trials)
    whole = derivatives(network, params, inputs, targets, curvature="full")
    for r in range(trials):
        one = [
            derivatives(
                network,
                params[:, r : r + 1],
                inputs[:, :, p : p + 1, r : r + 1],
                targets[p, r],
                curvature="full",
            )
            for p in range(sequences)
        ]
        for field in ("cost", "gradient", "curvature"):
            total = sum(getattr(g, field) for g in one)[..., 0]
            assert getattr(whole, field)[..., r] == pytest.approx(total, rel=1e-12, abs=1e-14)
        for p, g in enumerate(one):
            assert whole.outputs[p, r] == g.outputs[0, 0]


@EACH
@pytest.mark.parametrize("sequences", [1, 9])
@pytest.mark.parametrize("per_step", [False, True])
def test_a_trial_does_not_feel_how_many_stand_beside_it(network, sequences, per_step):
    # To the last bit: training stops trials one by one and must not change those that go on.
    params, inputs, targets = case(network, 2, T=30, sequences=sequences, trials=40)
    how = dict(curvature="full", per_step=per_step)
    whole = derivatives(network, params, inputs, targets, **how)
    for n in (1, 2, 3, 8, 39):
        part = derivatives(network, params[:, :n], inputs[..., :n], targets[:, :n], **how)
        for name in ("cost", "outputs", "gradient", "curvature"):
            assert np.array_equal(getattr(part, name), getattr(whole, name)[..., :n])


@EACH
@pytest.mark.parametrize("form", [None, *CURVATURES])
def test_what_the_cache_holds_cannot_be_seen(network, form, monkeypatch):
    arguments = case(network, 4, T=23)
    whole = derivatives(network, *arguments, curvature=form)
    for chunk in (1, 150, 10**9):  # one step at a time, a few, all
        monkeypatch.setattr(backprop, "CHUNK", chunk)
        part = derivatives(network, *arguments, curvature=form)
        assert part.gradient.tobytes() == whole.gradient.tobytes()
        if form is not None:
            assert part.curvature.tobytes() == whole.curvature.tobytes()


@pytest.mark.parametrize("problem", [Latch(12), TwoSequence(12), Parity(12)], ids=str)
def test_padding_cannot_leak(problem):
    sequences = problem.sample(np.random.default_rng(5).spawn(3), 6)[0]
    network = Network(classic(problem.name))
    params = np.random.default_rng(6).normal(0, 0.8, (network.n_params, 3))
    how = dict(curvature="full", per_step=True)
    signs = Backpropagator(replace(network, cell=THRESHOLD))
    for r in range(3):
        for p in range(6):
            length = sequences.lengths[p, r]
            alone = sequences.inputs[:, :, p : p + 1, r : r + 1]
            column, target = params[:, r : r + 1], sequences.targets[p : p + 1, r : r + 1]
            padded = derivatives(network, column, alone, target, **how)
            cut = derivatives(network, column, alone[-length:], target, **how)
            assert padded.outputs == cut.outputs and padded.cost == cut.cost
            for name in ("gradient", "curvature"):
                assert np.array_equal(getattr(padded, name)[-length:], getattr(cut, name))
                assert not getattr(padded, name)[:-length].any()
            running = sequences.running[:, p : p + 1, r : r + 1]
            states = signs.forward(column, alone, running=running)
            assert not states.y[: len(running) - length + 1].any()
            again = signs.forward(column, alone[-length:], running=running[-length:])
            assert np.array_equal(states.y[-length:], again.y[1:])


@EACH
def test_arguments_and_earlier_results_are_not_changed(network):
    arguments = case(network)
    before = [array.copy() for array in arguments]
    for array in arguments:
        array.setflags(write=False)
    runner = Backpropagator(network)
    first = runner.derivatives(*arguments, curvature="full")
    kept = [getattr(first, n).copy() for n in ("cost", "outputs", "gradient", "curvature")]
    again = [array[..., :2] + 1 for array in arguments]
    runner.derivatives(*again, curvature="full")  # another shape
    runner.derivatives(*(array + 1 for array in arguments), curvature="full")
    assert all(map(np.array_equal, arguments, before))
    now = [getattr(first, n) for n in ("cost", "outputs", "gradient", "curvature")]
    assert all(map(np.array_equal, now, kept))


test_misuse_names_the_argument = refused(
    ("params", lambda: derivatives(CHAIN, np.ones((2, 1)), np.ones((3, 1, 1, 1)), 0.8)),
    ("inputs", lambda: derivatives(CHAIN, np.ones((3, 1)), np.ones((3, 2, 1, 1)), 0.8)),
    ("inputs", lambda: derivatives(CHAIN, np.ones((3, 2)), np.ones((3, 1, 1, 1)), 0.8)),
    ("targets", lambda: derivatives(CHAIN, np.ones((3, 1)), np.ones((3, 1, 1, 1)), np.nan)),
    (
        "curvature",
        lambda: derivatives(CHAIN, np.ones((3, 1)), np.ones((3, 1, 1, 1)), 0.8, curvature="other"),
    ),
)


def threshold(network, params, inputs, running=None):
    return Backpropagator(replace(network, cell=THRESHOLD)).forward(params, inputs, running=running)


@EACH
def test_threshold_units_equal_plain_loops(network):
    params, inputs, _ = case(network, 4)
    running = np.ones((5, 3, 4), bool)
    running[:2, 0] = False
    states = threshold(network, params, inputs, running)
    assert states.p.shape == (5, 1, network.wiring.units, 3, 4) and not states.y[0].any()
    for p in range(3):
        for r in range(4):
            before = np.zeros(network.wiring.units)
            for t in range(5):
                a, now = np.zeros(network.wiring.units), np.zeros(network.wiring.units)
                for unit, channel in network.wiring.fixed:
                    a[unit] += inputs[t, channel, p, r]
                for i in range(network.wiring.units):
                    for w, (goal, kind, source) in zip(
                        params[:, r], network.wiring.connections, strict=True
                    ):
                        if goal == i:
                            read = {"delayed": before, "same": now, "input": inputs[t, :, p, r]}
                            a[i] += w * read[kind][source]
                    if running[t, p, r]:
                        now[i] = 1.0 if a[i] > 0.0 else -1.0
                assert states.p[t, 0, :, p, r] == pytest.approx(a, rel=1e-12, abs=1e-14)
                assert np.array_equal(states.y[t + 1, :, p, r], now)
                before = now


def test_the_steps_are_kept_apart_only_if_asked_for():
    result = Backpropagator(CHAIN).derivatives(*case(CHAIN))
    assert result.gradient.shape == (3, 4) and result.curvature is None


@EACH
def test_a_net_input_of_zero_gives_minus_one(network):
    nothing = np.zeros((network.n_params, 2))
    inputs = np.zeros((3, network.wiring.channels, 1, 2))
    states = threshold(network, nothing, inputs)
    assert not states.p.any() and (states.y[1:] == -1.0).all()


def test_a_network_without_inputs_rests():
    connections = tuple(Connection(i, "delayed", j) for i in (0, 1) for j in (0, 1))
    network = Network(Wiring(2, 1, connections, output=1))
    params, inputs, targets = case(network)
    result = derivatives(network, params, inputs, targets)
    assert not result.outputs.any() and not result.gradient.any()


# --- blocks and threads


@pytest.mark.parametrize("block", [1, 7, 40])
@pytest.mark.parametrize("processors", [1, 3])
@pytest.mark.parametrize("start", [0.0, 0.3 * np.ones((5, 3, 41))], ids=["rest", "given"])
def test_neither_blocks_nor_threads_can_be_seen(monkeypatch, block, processors, start):
    network = WIRINGS["2-sequence"]
    how = {"curvature": "full", "input_steps": 4, "start": start}
    arguments, runner = case(network, 9, T=23, trials=41), Backpropagator(network)
    whole = runner.derivatives(*arguments, **how)
    monkeypatch.setattr(backprop, "BLOCK", block)
    monkeypatch.setattr(backprop.os, "cpu_count", lambda: processors)
    for _ in range(2):
        part = runner.derivatives(*arguments, **how)
        for name, wanted in vars(whole).items():
            assert getattr(part, name).tobytes() == wanted.tobytes()


@given(st.integers(1, 5), st.integers(0, 10**5))
def test_blocks_hold_every_trial_once(patterns, trials):
    found = backprop.blocks(patterns, trials)
    assert [t for part in found for t in range(trials)[part]] == list(range(trials))
    sizes = [patterns * len(range(trials)[part]) for part in found]
    if len(found) == 1:
        assert sizes[0] < 2 * backprop.BLOCK
    else:
        # Even to one trial, so that the buffers of one fit the next, or nearly.
        assert max(sizes) - min(sizes) <= patterns
        assert backprop.BLOCK - patterns < min(sizes) and max(sizes) < 2 * backprop.BLOCK


def test_threads_know_how_the_caller_treats_overflow(monkeypatch):
    monkeypatch.setattr(backprop.os, "cpu_count", lambda: 2)
    parts, seen = backprop.blocks(1, 3 * backprop.BLOCK), []

    def work(part):
        seen.append(threading.get_ident())
        return part, np.geterr()["over"]

    with np.errstate(over="raise"):
        results = backprop.in_threads(work, parts)
    assert results == [(part, "raise") for part in parts]
    assert threading.get_ident() not in seen

    def fail(part):
        raise ArithmeticError(part)

    with pytest.raises(ArithmeticError):
        backprop.in_threads(fail, parts)


# --- inputs and starts


@EACH
def test_derivatives_by_inputs_equal_differences(network):
    params, inputs, targets = case(network, 12)
    runner = Backpropagator(network)
    found = runner.derivatives(params, inputs, targets, input_steps=3).inputs
    assert found.shape == (3, *inputs.shape[1:])
    direction = np.random.default_rng(13).normal(size=inputs.shape)
    direction[3:], eps = 0.0, 1e-6
    ahead, behind = (
        derivatives(network, params, inputs + s * direction, targets).cost for s in (eps, -eps)
    )
    along = (found * direction[:3]).sum(axis=(0, 1, 2))
    assert along == pytest.approx((ahead - behind) / (2 * eps), rel=1e-6, abs=1e-8)
    assert runner.derivatives(params, inputs, targets).inputs is None
