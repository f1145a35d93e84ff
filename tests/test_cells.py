"""Every cell by one list: its gradient against differences, SymPy and single sequences.

A new file in latchlib/cells is held to all of this without a line here.
"""

import math

import numpy as np
import pytest
import sympy as sp
from misuse import refused

from latchlib.backprop import Backpropagator, Network, derivatives
from latchlib.cells import CELLS, TANH, Cell, sigmoid
from latchlib.wirings import Connection, Wiring, full

a, c, p, q = sp.symbols("a c p q", real=True)

#: Cells that no file holds: a rectifier, one that turns two states into each other, and a logistic
#: unit, which does not rest at 0.
TRY = {
    "rectifier": Cell("rectifier", {p: "WU1"}, sp.Max(p, 0)),
    "turning": Cell("turning", {p: "WU", q: "1"}, sp.tanh(c), {c: a + p, a: q - c}),
    "logistic": Cell("logistic", {p: "WU1"}, sigmoid(p)),
}
SMOOTH = {name: cell for name, cell in {**CELLS, **TRY}.items() if name != "threshold"}
EACH = pytest.mark.parametrize("cell", SMOOTH.values(), ids=list(SMOOTH))

#: Two units that read each other and themselves, and two of which one reads the other at once.
WIRINGS = {
    "full": full(2, 1),
    "same step": Wiring(
        2,
        2,
        (
            *(Connection(0, *source) for source in (("delayed", 1), ("input", 0), ("input", 1))),
            *(Connection(1, *source) for source in (("same", 0), ("delayed", 1), ("input", 1))),
        ),
        output=1,
        bias=1,
    ),
}
WIRED = pytest.mark.parametrize("wiring", WIRINGS.values(), ids=list(WIRINGS))


def case(network, seed, T=6, sequences=3, trials=4):
    rng = np.random.default_rng(seed)
    inputs = rng.normal(0.0, 0.8, (T, network.wiring.channels, sequences, trials))
    inputs[:, network.wiring.bias] = 1.0
    params = rng.normal(0.0, 0.8, (network.n_params, trials))
    return params, inputs, rng.uniform(-0.9, 0.9, (sequences, trials))


def cost_of(network, params, inputs, target):
    """Return the cost of one sequence as an expression, unit by unit."""
    cell, wiring = network.cell, network.wiring
    y = [sp.Integer(0)] * wiring.units
    states = [dict.fromkeys(cell.phi, sp.Integer(0)) for _ in y]
    for given in inputs:
        now = list(y)
        for i in range(wiring.units):
            nets = dict.fromkeys(cell.rows, sp.Integer(0))
            for w, (net, kind, source) in zip(params, network.weights, strict=True):
                row, unit = divmod(net, wiring.units)
                if unit == i:
                    read = {"delayed": y, "same": now, "input": given}[kind]
                    nets[list(cell.rows)[row]] += w * read[source]
            known = {**states[i], **nets}
            states[i] = {s: update.xreplace(known) for s, update in cell.phi.items()}
            now[i] = cell.psi.xreplace({**states[i], **nets})
        y = now
    return (y[wiring.output] - target) ** 2 / 2


@WIRED
@EACH
def test_gradient_equals_a_directional_difference(cell, wiring):
    network = Network(wiring, cell)
    for seed in range(3):
        params, inputs, targets = case(network, seed)
        direction = np.random.default_rng(seed + 100).normal(size=params.shape)
        eps = 1e-6
        ahead, behind = (
            derivatives(network, params + s * direction, inputs, targets).cost for s in (eps, -eps)
        )
        along = (derivatives(network, params, inputs, targets).gradient * direction).sum(axis=0)
        assert along == pytest.approx((ahead - behind) / (2 * eps), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(("name", "T"), [("full", 1), ("full", 2), ("same step", 2), ("one", 3)])
@EACH
def test_gradient_equals_sympy(cell, name, T):
    network = Network({**WIRINGS, "one": full(1, 1)}[name], cell)
    params, inputs, targets = case(network, T, T, 1, 1)
    w = sp.symbols(f"w:{network.n_params}", real=True)
    u = [sp.symbols(f"u{t}_:{network.wiring.channels}", real=True) for t in range(T)]
    cost = cost_of(network, w, u, targets[0, 0])
    which = np.random.default_rng(T).permutation(network.n_params)[:5]
    exact = [cost, *(sp.diff(cost, w[k]) for k in which)]
    # mpmath, at its 15 digits, shares no code with the arrays under test.
    numbers = sp.lambdify([w, u], exact, modules="mpmath", cse=True)
    wanted = list(map(float, numbers(params[:, 0].tolist(), inputs[:, :, 0, 0].tolist())))
    found = derivatives(network, params, inputs, targets)
    assert found.cost[0] == pytest.approx(wanted[0], rel=1e-12)
    assert found.gradient[which, 0] == pytest.approx(wanted[1:], rel=1e-11, abs=1e-14)


@WIRED
@EACH
def test_batch_equals_sum_of_singles(cell, wiring):
    network = Network(wiring, cell)
    params, inputs, targets = case(network, 5)
    whole = derivatives(network, params, inputs, targets, per_step=True)
    for r in range(4):
        parts = [
            derivatives(
                network, params[:, [r]], inputs[:, :, [k]][..., [r]], targets[k, r], per_step=True
            )
            for k in range(3)
        ]
        total = sum(part.gradient for part in parts)[..., 0]
        assert whole.gradient[..., r] == pytest.approx(total, rel=1e-12, abs=1e-14)
        assert np.array_equal(whole.outputs[:, r], [part.outputs[0, 0] for part in parts])


@EACH
def test_padding_cannot_leak(cell):
    network = Network(WIRINGS["full"], cell)
    params, inputs, targets = case(network, 6, T=7)
    cut = derivatives(network, params, inputs[3:], targets, per_step=True)
    padded = np.where(np.arange(7)[:, None, None, None] < 3, 0.0, inputs)
    running = np.broadcast_to(np.arange(7)[:, None, None] >= 3, (7, 3, 4))
    states = Backpropagator(network).forward(params, padded, running=running)
    assert not states.y[:4].any() and np.array_equal(states.y[-1, 1], cut.outputs)
    if cell.rests:
        whole = derivatives(network, params, padded, targets, per_step=True)
        assert np.array_equal(whole.gradient[3:], cut.gradient)
        assert not whole.gradient[:3].any()
    else:
        assert cell.name == "logistic"


def test_a_slope_that_the_output_tells_is_that_of_the_net_input():
    nets, [symbol] = np.linspace(-3, 3, 31), TANH.rows
    for order, coefficients in zip((1, 2), TANH.by_output, strict=True):
        exact = sp.lambdify(symbol, sp.diff(TANH.psi, symbol, order), "mpmath")
        found = np.polyval(coefficients, np.tanh(nets))
        assert found == pytest.approx([float(exact(v)) for v in nets], rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("cell", CELLS.values(), ids=list(CELLS))
def test_the_formulas_of_a_cell_are_its_step(cell):
    known = {s: np.linspace(-2, 2, 9) + k for k, s in enumerate((*cell.phi, *cell.rows))}
    *states, output = cell.formulas
    fresh = {s: f(*(known[v] for v in f.args)) for s, f in zip(cell.phi, states, strict=True)}
    y = output(*({**known, **fresh}[v] for v in output.args))
    for found, wanted in zip(cell.step(*known.values()), [*fresh.values(), y], strict=True):
        assert found == pytest.approx(wanted, rel=1e-14)
    assert all(f"{f.lhs} = " in f.latex() and f.javascript() for f in cell.formulas)


def test_the_gates_of_the_lstm_by_hand():
    step = CELLS["LSTM"].step
    # (c, i, f, o, g): nothing written and all kept; all written and nothing kept; not shown.
    assert step(0.7, -50.0, 50.0, 50.0, 2.0) == pytest.approx([0.7, np.tanh(0.7)])
    assert step(0.7, 50.0, -50.0, 50.0, 2.0) == pytest.approx([np.tanh(2), np.tanh(np.tanh(2))])
    assert step(0.7, 50.0, 50.0, -50.0, 2.0) == pytest.approx([0.7 + np.tanh(2), 0.0])
    rows = {name: [str(row) for row in CELLS[name].rows] for name in CELLS if "LSTM" in name}
    assert rows == {
        "LSTM": ["i", "f", "o", "g"],
        "LSTM 1997": ["i", "o", "g"],
        "LSTM, coupled gates": ["f", "o", "g"],
    }


def test_a_rectified_unit_has_the_slope_0_at_0():
    cell = CELLS["ReLU"]
    assert cell.step(np.array([-1e308, 0.0, 1e308]))[0].tolist() == [0.0, 0.0, 1e308]
    [slopes] = cell.pullback(np.array([-1.0, 0.0, 1e-300]), 1.0)
    assert slopes.tolist() == [0.0, 0.0, 1.0]


def test_a_modulus_saturates_without_nan():
    cell, far = CELLS["state space"], np.array([-800.0, -3.0, 800.0])
    with np.errstate(over="ignore"):
        kept = cell.step(2.0, far, 0.0)[0]
        _, by_l, _ = cell.pullback(2.0, far, 0.0, kept, 1.0, 0.0)
    m = math.exp(-math.exp(-3.0))
    assert kept == pytest.approx([2.0, 2.0 * m, 0.0], rel=1e-14)
    assert by_l == pytest.approx([0.0, -2.0 * m * math.exp(-3.0), 0.0], rel=1e-14)


def test_a_rotation_keeps_the_length_and_its_modulus_shrinks_it():
    turned = CELLS["rotation"].step(0.3, -0.4, 1.0, 0.0, 0.0)
    assert math.hypot(*turned[:2]) == pytest.approx(0.5, rel=1e-14) and turned[2] == turned[0]
    assert complex(*turned[:2]) == pytest.approx((0.3 - 0.4j) * np.exp(1j), rel=1e-14)
    shrunk = CELLS["state space, complex"].step(0.3, -0.4, 0.0, 1.0, 0.0, 0.0)
    assert shrunk[:2] == pytest.approx([x / math.e for x in turned[:2]], rel=1e-14)


def test_a_row_reads_what_it_says():
    network = Network(full(2, 1), TRY["turning"])
    kinds = [(w.target, w.kind, w.source) for w in network.weights]
    assert kinds == [
        *((i, "delayed", j) for i in (0, 1) for j in (0, 1)),
        *((i, "input", 0) for i in (0, 1)),
        *((i, "input", 1) for i in (2, 3)),
    ]


test_misuse_names_the_argument = refused(
    ("psi", lambda: Cell("x", {p: "W"}, sp.tanh(q))),
    ("phi of c", lambda: Cell("x", {p: "W"}, c, {c: q})),
    (r"rows\[p\]", lambda: Cell("x", {p: ""}, p)),
    (r"rows\[p\]", lambda: Cell("x", {p: "WX"}, p)),
)


def test_an_update_may_have_cases():
    cell = Cell("cases", {p: "1"}, sp.Piecewise((p, p > 0), (p / 2, p > -1), (p - 1, True)))
    assert cell.step(np.array([2.0, 0.0, -0.5, -1.0]))[0].tolist() == [2.0, 0.0, -0.25, -2.0]
