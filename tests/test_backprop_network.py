"""First and second derivatives against differences, SymPy and single sequences; no leak."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from latchlib import backprop_network
from latchlib.backprop_network import CURVATURES, Backpropagator, Connection, Wiring, derivatives
from latchlib.problems import Latch, Parity, TwoSequence


def full(units, biases=True):
    """All units connected, channel 0 into all of them, channel 1 for biases."""
    connections = [Connection(i, "delayed", j) for i in range(units) for j in range(units)]
    connections += [Connection(i, "input", c) for i in range(units) for c in range(1 + biases)]
    return Wiring(units, 1 + biases, tuple(connections), units - 1, fixed=((0, 0),))


CHAIN = Wiring(
    2,
    1,
    (Connection(0, "input", 0), Connection(1, "same", 0), Connection(1, "delayed", 1)),
    output=1,
)
WIRINGS = {
    "latch": Latch(6).wiring,
    "2-sequence": TwoSequence(6).wiring,
    "parity": Parity(6).wiring,
    "parity, delayed": Parity(6, wiring_name="delayed").wiring,
    "full 1": full(1),
    "full 2": full(2),
    "full 3, no bias": full(3, biases=False),
    "chain": CHAIN,
    "no memory": Wiring(2, 1, (Connection(0, "input", 0), Connection(1, "same", 0)), output=1),
}
EACH = pytest.mark.parametrize("wiring", WIRINGS.values(), ids=list(WIRINGS))


def case(wiring, seed=0, T=5, sequences=3, trials=4):
    rng = np.random.default_rng(seed)
    return (
        rng.normal(0.0, 0.7, (wiring.n_params, trials)),
        rng.normal(0.0, 0.8, (T, wiring.channels, sequences, trials)),
        rng.uniform(-0.9, 0.9, (sequences, trials)),
    )


def cost_of(wiring, weights, inputs, target, tanh=np.tanh):
    """Return the cost of one sequence, weights[t, p] its own at each step; plain loops."""
    x = [0.0] * wiring.units
    for t in range(len(inputs)):
        a = [0.0] * wiring.units
        new = list(x)
        for unit, channel in wiring.fixed:
            a[unit] = a[unit] + inputs[t][channel]
        for i in range(wiring.units):
            for p, (goal, kind, source) in enumerate(wiring.connections):
                if goal == i:
                    z = {"delayed": x, "same": new, "input": inputs[t]}[kind][source]
                    a[i] = a[i] + weights[t][p] * z
            new[i] = tanh(a[i])
        x = new
    return (x[wiring.output] - target) ** 2 / 2


@EACH
def test_cost_equals_plain_loops(wiring):
    params, inputs, targets = case(wiring)
    result = derivatives(wiring, params, inputs, targets)
    for r in range(4):
        weights = np.broadcast_to(params[:, r], (5, wiring.n_params))
        each = [cost_of(wiring, weights, inputs[:, :, p, r], targets[p, r]) for p in range(3)]
        assert result.cost[r] == pytest.approx(sum(each), rel=1e-13, abs=0.0)


@EACH
def test_gradient_equals_a_directional_difference(wiring):
    for seed in range(5):
        params, inputs, targets = case(wiring, seed, T=7)
        direction = np.random.default_rng(seed + 100).normal(size=params.shape)
        result = derivatives(wiring, params, inputs, targets)
        eps = 1e-6
        ahead, behind = (
            derivatives(wiring, params + s * direction, inputs, targets).cost for s in (eps, -eps)
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
    wiring, T, h = WIRINGS[name], 5, 1e-3
    params, inputs, targets = case(wiring, 3, T=T, sequences=1, trials=1)
    result = derivatives(wiring, params, inputs, targets, curvature="full", per_step=True)
    assert result.gradient.shape == result.curvature.shape == (T, wiring.n_params, 1)
    weights = np.tile(params[:, 0], (T, 1))

    def cost(t, p, change):
        changed = weights.copy()
        changed[t, p] += change
        return cost_of(wiring, changed, inputs[:, :, 0, 0], targets[0, 0])

    for t in range(T):
        for p in range(wiring.n_params):
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
    # The approximation is one: at the first steps of a full network it differs from the truth.
    wiring = WIRINGS["full 2"]
    params, inputs, targets = case(wiring, 3, T=3, sequences=1, trials=1)
    result = derivatives(wiring, params, inputs, targets, curvature="full", per_step=True)
    weights = np.tile(params[:, 0], (3, 1))
    costs = []
    for s in (1, 0, -1):
        changed = weights.copy()
        changed[0, 4] += s * 1e-3
        costs.append(cost_of(wiring, changed, inputs[:, :, 0, 0], targets[0, 0]))
    exact = (costs[0] - 2 * costs[1] + costs[2]) / 1e-6
    assert abs(result.curvature[0, 4, 0] - exact) > 0.01 * abs(exact)


@pytest.mark.parametrize("name", ["full 1", "latch", "chain", "full 2"])
@pytest.mark.parametrize("T", [1, 2, 3])
def test_derivatives_equal_sympy(name, T):
    wiring = WIRINGS[name]
    params, inputs, targets = case(wiring, T, T=T, sequences=1, trials=2)
    w = sp.Matrix(T, wiring.n_params, lambda t, p: sp.Symbol(f"w{t}_{p}"))
    u = sp.Matrix(T, wiring.channels, lambda t, c: sp.Symbol(f"u{t}_{c}"))
    d = sp.Symbol("d")
    rows = [list(w.row(t)) for t in range(T)]
    symbolic = cost_of(wiring, rows, [list(u.row(t)) for t in range(T)], d, tanh=sp.tanh)
    # Becker and LeCun's recursion is exact here from this step on.
    exact = 0 if name != "full 2" else max(0, T - 2)
    first = [sp.diff(symbolic, v) for v in w]
    second = [sp.diff(symbolic, w[t, p], 2) for t in range(exact, T) for p in range(w.shape[1])]
    arguments = [*w, *u, d]
    # mpmath, at its 15 digits, shares no code with the arrays under test.
    numeric = sp.lambdify(arguments, [first, second], modules="mpmath", cse=True)
    per_step = derivatives(wiring, params, inputs, targets, curvature="full", per_step=True)
    gauss = derivatives(wiring, params, inputs, targets, curvature="gauss-newton", per_step=True)
    whole = derivatives(wiring, params, inputs, targets, curvature="full")
    for r in range(2):
        values = [*np.tile(params[:, r], T), *inputs[:, :, 0, r].ravel(), targets[0, r]]
        d1, d2 = (np.array(v, dtype=float).reshape(-1, wiring.n_params) for v in numeric(*values))
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
    wiring, T = full(2), 3
    params, inputs, targets = case(wiring, 8, T=T, sequences=1, trials=1)
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
    result = derivatives(wiring, params, inputs, targets, curvature=form, per_step=True)
    assert result.curvature[..., 0] == pytest.approx(expected, rel=1e-12, abs=1e-15)


@EACH
def test_gauss_newton_is_never_negative_and_full_is_somewhere(wiring):
    params, inputs, targets = case(wiring, 1, sequences=1, trials=60)
    gauss, whole = (
        derivatives(wiring, params, inputs, targets, curvature=form).curvature
        for form in ("gauss-newton", "full")
    )
    assert (gauss >= 0).all() and (whole < 0).any()


@EACH
@pytest.mark.parametrize("form", [None, *CURVATURES])
def test_sum_of_steps_is_the_whole(wiring, form):
    params, inputs, targets = case(wiring)
    whole = derivatives(wiring, params, inputs, targets, curvature=form)
    steps = derivatives(wiring, params, inputs, targets, curvature=form, per_step=True)
    assert steps.gradient.sum(axis=0) == pytest.approx(whole.gradient, rel=1e-12, abs=1e-14)
    assert np.array_equal(steps.cost, whole.cost)
    if form is None:
        assert whole.curvature is None and steps.curvature is None
    else:
        assert steps.curvature.sum(axis=0) == pytest.approx(whole.curvature, rel=1e-12, abs=1e-14)


@settings(max_examples=15)
@given(st.sampled_from(list(WIRINGS)), st.integers(0, 2**32), st.integers(1, 4), st.integers(1, 4))
def test_batch_equals_sum_of_singles(name, seed, sequences, trials):
    wiring = WIRINGS[name]
    params, inputs, targets = case(wiring, seed, 4, sequences, trials)
    whole = derivatives(wiring, params, inputs, targets, curvature="full")
    for r in range(trials):
        one = [
            derivatives(
                wiring,
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
def test_a_trial_does_not_feel_how_many_stand_beside_it(wiring, sequences, per_step):
    # To the last bit: training stops trials one by one and must not change those that go on.
    params, inputs, targets = case(wiring, 2, T=30, sequences=sequences, trials=40)
    how = dict(curvature="full", per_step=per_step)
    whole = derivatives(wiring, params, inputs, targets, **how)
    for n in (1, 2, 3, 8, 39):
        part = derivatives(wiring, params[:, :n], inputs[..., :n], targets[:, :n], **how)
        for name in ("cost", "outputs", "gradient", "curvature"):
            assert np.array_equal(getattr(part, name), getattr(whole, name)[..., :n])


@EACH
@pytest.mark.parametrize("form", [None, *CURVATURES])
def test_what_the_cache_holds_cannot_be_seen(wiring, form, monkeypatch):
    arguments = case(wiring, 4, T=23)
    whole = derivatives(wiring, *arguments, curvature=form)
    for chunk in (1, 150, 10**9):  # one step at a time, a few, all
        monkeypatch.setattr(backprop_network, "CHUNK", chunk)
        part = derivatives(wiring, *arguments, curvature=form)
        assert part.gradient.tobytes() == whole.gradient.tobytes()
        if form is not None:
            assert part.curvature.tobytes() == whole.curvature.tobytes()


@pytest.mark.parametrize("problem", [Latch(12), TwoSequence(12), Parity(12)], ids=str)
def test_padding_cannot_leak(problem):
    sequences = problem.sample(np.random.default_rng(5).spawn(3), 6)[0]
    wiring = problem.wiring
    params = np.random.default_rng(6).normal(0, 0.8, (wiring.n_params, 3))
    how = dict(curvature="full", per_step=True)
    network = Backpropagator(wiring)
    for r in range(3):
        for p in range(6):
            length = sequences.lengths[p, r]
            alone = sequences.inputs[:, :, p : p + 1, r : r + 1]
            column, target = params[:, r : r + 1], sequences.targets[p : p + 1, r : r + 1]
            padded = derivatives(wiring, column, alone, target, **how)
            cut = derivatives(wiring, column, alone[-length:], target, **how)
            assert padded.outputs == cut.outputs and padded.cost == cut.cost
            for name in ("gradient", "curvature"):
                assert np.array_equal(getattr(padded, name)[-length:], getattr(cut, name))
                assert not getattr(padded, name)[:-length].any()
            running = sequences.running[:, p : p + 1, r : r + 1]
            states = network.threshold(column, alone, running)
            assert not states.y[: len(running) - length + 1].any()
            again = network.threshold(column, alone[-length:], running[-length:])
            assert np.array_equal(states.y[-length:], again.y[1:])


def test_threshold_units_give_signs():
    wiring = WIRINGS["parity"]
    params, inputs, _ = case(wiring, 4)
    states = Backpropagator(wiring).threshold(params, inputs, np.ones((5, 3, 4), bool))
    assert np.array_equal(states.y[1:], np.where(states.a > 0, 1.0, -1.0))
    # The output unit at the last step, by hand: input, last output, hidden unit, bias channel.
    z = [inputs[-1, 0], states.y[-2, 1], states.y[-1, 0], inputs[-1, 1]]
    assert states.a[-1, 1] == pytest.approx(sum(w * v for w, v in zip(params[3:], z, strict=True)))


@EACH
def test_arguments_and_earlier_results_are_not_changed(wiring):
    arguments = case(wiring)
    before = [array.copy() for array in arguments]
    for array in arguments:
        array.setflags(write=False)
    network = Backpropagator(wiring)
    first = network.derivatives(*arguments, curvature="full")
    kept = [getattr(first, n).copy() for n in ("cost", "outputs", "gradient", "curvature")]
    again = [array[..., :2] + 1 for array in arguments]
    network.derivatives(*again, curvature="full")  # another shape
    network.derivatives(*(array + 1 for array in arguments), curvature="full")
    assert all(map(np.array_equal, arguments, before))
    now = [getattr(first, n) for n in ("cost", "outputs", "gradient", "curvature")]
    assert all(map(np.array_equal, now, kept))


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("units", lambda: Wiring(0, 1, (Connection(0, "input", 0),), 0)),
        ("channels", lambda: Wiring(1, 0, (Connection(0, "delayed", 0),), 0)),
        ("connections", lambda: Wiring(1, 1, (), 0)),
        ("connections", lambda: Wiring(1, 1, (Connection(0, "input", 0),) * 2, 0)),
        ("connections", lambda: Wiring(2, 1, (Connection(0, "same", 1),), 0)),
        ("connections", lambda: Wiring(2, 1, (Connection(0, "input", 1),), 0)),
        ("connections", lambda: Wiring(2, 1, (Connection(2, "input", 0),), 0)),
        ("kind", lambda: Wiring(2, 1, (Connection(0, "other", 0),), 0)),
        ("output", lambda: Wiring(1, 1, (Connection(0, "input", 0),), 1)),
        ("fixed", lambda: Wiring(1, 1, (Connection(0, "input", 0),), 0, ((0, 1),))),
        ("params", lambda: derivatives(CHAIN, np.ones((2, 1)), np.ones((3, 1, 1, 1)), 0.8)),
        ("inputs", lambda: derivatives(CHAIN, np.ones((3, 1)), np.ones((3, 2, 1, 1)), 0.8)),
        ("inputs", lambda: derivatives(CHAIN, np.ones((3, 2)), np.ones((3, 1, 1, 1)), 0.8)),
        ("targets", lambda: derivatives(CHAIN, np.ones((3, 1)), np.ones((3, 1, 1, 1)), np.nan)),
        (
            "curvature",
            lambda: derivatives(
                CHAIN, np.ones((3, 1)), np.ones((3, 1, 1, 1)), 0.8, curvature="other"
            ),
        ),
    ],
)
def test_misuse_names_the_argument(argument, call):
    with pytest.raises(ValueError, match=rf"^(shape of )?{argument} (is|has shape) .*accepted"):
        call()


# --- what small changes to the module showed to be unasserted

#: Input enters the last unit only, with a trained weight and with weight 1.
DRIVEN_LAST = Wiring(
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


def test_input_to_the_last_unit_only():
    params, inputs, targets = case(DRIVEN_LAST)
    result = derivatives(DRIVEN_LAST, params, inputs, targets)
    for r in range(4):
        weights = np.broadcast_to(params[:, r], (5, 4))
        each = [cost_of(DRIVEN_LAST, weights, inputs[:, :, p, r], targets[p, r]) for p in range(3)]
        assert result.cost[r] == pytest.approx(sum(each), rel=1e-13, abs=0.0)


@pytest.mark.parametrize("wiring", [*WIRINGS.values(), DRIVEN_LAST], ids=[*WIRINGS, "driven last"])
def test_threshold_units_equal_plain_loops(wiring):
    params, inputs, _ = case(wiring, 4)
    running = np.ones((5, 3, 4), bool)
    running[:2, 0] = False
    states = Backpropagator(wiring).threshold(params, inputs, running)
    assert states.a.shape == (5, wiring.units, 3, 4) and not states.y[0].any()
    for p in range(3):
        for r in range(4):
            before = np.zeros(wiring.units)
            for t in range(5):
                a, now = np.zeros(wiring.units), np.zeros(wiring.units)
                for unit, channel in wiring.fixed:
                    a[unit] += inputs[t, channel, p, r]
                for i in range(wiring.units):
                    for w, (goal, kind, source) in zip(
                        params[:, r], wiring.connections, strict=True
                    ):
                        if goal == i:
                            read = {"delayed": before, "same": now, "input": inputs[t, :, p, r]}
                            a[i] += w * read[kind][source]
                    if running[t, p, r]:
                        now[i] = 1.0 if a[i] > 0.0 else -1.0
                assert states.a[t, :, p, r] == pytest.approx(a, rel=1e-12, abs=1e-14)
                assert np.array_equal(states.y[t + 1, :, p, r], now)
                before = now


@pytest.mark.parametrize(
    ("argument", "connection", "output", "fixed"),
    [
        ("fixed", (0, "input", 0), 0, ((2, 0),)),
        ("fixed", (0, "input", 0), 0, ((0, 2),)),
        ("fixed", (0, "input", 0), 0, ((-1, 0),)),
        ("fixed", (0, "input", 0), 0, ((0, -1),)),
        ("output", (0, "input", 0), -1, ()),
        ("output", (0, "input", 0), 2, ()),
        ("connections", (-1, "input", 0), 0, ()),
        ("connections", (0, "input", -1), 0, ()),
        ("connections", (0, "input", 2), 0, ()),
        ("connections", (0, "delayed", 2), 0, ()),
        ("connections", (0, "same", 0), 0, ()),
    ],
)
def test_the_first_unit_and_channel_that_are_not_there(argument, connection, output, fixed):
    with pytest.raises(ValueError, match=rf"^{argument} is .*accepted"):
        Wiring(2, 2, (Connection(*connection),), output, fixed)


def test_the_steps_are_kept_apart_only_if_asked_for():
    result = Backpropagator(CHAIN).derivatives(*case(CHAIN))
    assert result.gradient.shape == (3, 4) and result.curvature is None


# --- what small changes to the module showed to be unasserted


@EACH
@pytest.mark.parametrize("sequences", [1, 2])
def test_per_step_and_in_all_are_the_same_sum(wiring, sequences):
    params, inputs, targets = case(wiring, sequences=sequences)
    steps = derivatives(wiring, params, inputs, targets, curvature="full", per_step=True)
    whole = derivatives(wiring, params, inputs, targets, curvature="full")
    assert steps.gradient.sum(axis=0) == pytest.approx(whole.gradient, rel=1e-10, abs=1e-13)
    assert steps.curvature.sum(axis=0) == pytest.approx(whole.curvature, rel=1e-10, abs=1e-13)


@EACH
def test_a_net_input_of_zero_gives_minus_one(wiring):
    nothing = np.zeros((wiring.n_params, 2))
    inputs = np.zeros((3, wiring.channels, 1, 2))
    states = Backpropagator(wiring).threshold(nothing, inputs, np.ones((3, 1, 2), dtype=bool))
    assert not states.a.any() and (states.y[1:] == -1.0).all()


def test_parameters_of_neighbouring_sources_are_taken_together():
    connections = [
        Connection(0, "delayed", 0),
        Connection(0, "delayed", 1),
        Connection(0, "delayed", 3),
        Connection(1, "delayed", 4),
        Connection(1, "input", 5),
        Connection(1, "input", 6),
    ]
    assert backprop_network._runs(connections) == [
        (slice(0, 2), 0, "delayed", slice(0, 2)),
        (slice(2, 3), 0, "delayed", slice(3, 4)),
        (slice(3, 4), 1, "delayed", slice(4, 5)),
        (slice(4, 6), 1, "input", slice(5, 7)),
    ]


def test_buffers_are_its_own_and_are_not_shown():
    network = Backpropagator(CHAIN)
    network.forward(np.zeros((3, 1)), np.zeros((2, 1, 1, 1)))
    assert repr(network) == f"Backpropagator(wiring={CHAIN!r})"
    with pytest.raises(TypeError):
        Backpropagator(CHAIN, {})


def test_a_network_without_inputs_rests():
    connections = tuple(Connection(i, "delayed", j) for i in (0, 1) for j in (0, 1))
    wiring = Wiring(2, 1, connections, output=1)
    params, inputs, targets = case(wiring)
    result = derivatives(wiring, params, inputs, targets)
    assert not result.outputs.any() and not result.gradient.any()
