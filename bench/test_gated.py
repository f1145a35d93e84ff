"""LSTM and GRU, five units: forward and backward beside PyTorch and JAX, in float64.

Either every trial has weights of its own, as in the experiments here, for which PyTorch has no
layer; or one trial has all the sequences, which is what PyTorch's own layers are made for. The
second is slow here: the sums of a trial are added in one order however many trials stand beside it
(`latchlib.backprop.contract`), and a trial that stands alone pays for that.
"""

import numpy as np
import pytest

from latchlib.backprop import Backpropagator, Network
from latchlib.cells import CELLS
from latchlib.wirings import full

UNITS, STEPS, WIDTH = 5, 100, 1024
#: Of each row: does it read outputs, and does it read the input? Every one has a bias.
READS = {name: [set(reads) for reads in CELLS[name].rows.values()] for name in ("LSTM", "GRU")}


def drawn(name, trials):
    """Draw params (n_params, trial), inputs (T, sequence, trial), targets (sequence, trial)."""
    rng = np.random.default_rng(1997)
    params = rng.normal(0.0, 0.5, (Network(full(UNITS, 1), CELLS[name]).n_params, trials))
    shape = (WIDTH // trials, trials)
    return params, rng.standard_normal((STEPS, *shape)), rng.choice([-0.8, 0.8], shape)


def matrices(name, params):
    """Return, row by row, the weights (unit, source, ...) of outputs, of the input and the bias.

    None for what a row does not read.
    """
    parts, at = [], 0
    for reads in READS[name]:
        count = UNITS * UNITS * ("W" in reads)
        W = params[at : at + count].reshape(UNITS, UNITS, *params.shape[1:]) if count else None
        at += count
        width = ("U" in reads) + ("1" in reads)
        rest = params[at : at + UNITS * width].reshape(UNITS, width, *params.shape[1:])
        at += UNITS * width
        parts.append((W, rest[:, 0] if "U" in reads else None, rest[:, -1]))
    return parts


def lstm(tanh, sigmoid, rows, y, c):
    i, f, o, g = rows
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def gru(tanh, sigmoid, rows, y, c):
    z, r, h, g = rows
    kept = 1 - sigmoid(z)
    y = kept * y + (1 - kept) * tanh(g + sigmoid(r) * h)
    return y, c


UNIT = {"LSTM": lstm, "GRU": gru}


def latchlib(name, params, inputs, targets):
    run = Backpropagator(Network(full(UNITS, 1), CELLS[name]))
    biased = np.ascontiguousarray(np.stack([inputs, np.ones_like(inputs)], axis=1))
    return lambda: run.derivatives(params, biased, targets).gradient


def floor(name, params, inputs, targets):
    # As many as the cell has in a step.
    many = {"LSTM": 5, "GRU": 3}[name]
    a = np.random.default_rng(0).standard_normal((STEPS, many, UNITS, *targets.shape))
    out = np.empty_like(a[0])
    return lambda: [np.tanh(now, out=out) for now in a]


def written_out(name, params, inputs, targets):
    """PyTorch, step by step: a matrix for every trial, or one for all sequences."""
    import torch

    params, given, targets = map(torch.tensor, (params, inputs, targets))
    params.requires_grad = True
    single = params.shape[1] == 1

    def call():
        parts = matrices(name, params)
        whole = torch.cat([W for W, _, _ in parts if W is not None])  # (row and unit, source, ...)
        y = c = torch.zeros(UNITS, *targets.shape, dtype=torch.float64)
        for u in given.unbind(0):
            if single:
                read = (whole[:, :, 0] @ y[:, :, 0])[:, :, None]
            else:
                read = (whole[:, :, None] * y).sum(1)
            left, rows = iter(read.split(UNITS)), []
            for W, U, b in parts:
                p = b[:, None]
                p = p if U is None else p + U[:, None] * u
                rows.append(p if W is None else p + next(left))
            y, c = UNIT[name](torch.tanh, torch.sigmoid, rows, y, c)
        cost = 0.5 * (y[-1] - targets).square().sum()
        return torch.autograd.grad(cost, params)[0]

    return call


def own_layer(name, params, inputs, targets):
    """PyTorch's layer, with weights of its own; tests/test_torch_oracle.py holds the two equal."""
    import torch

    layer = getattr(torch.nn, name)(1, UNITS).double()
    given, targets, weights = (
        torch.tensor(inputs),
        torch.tensor(targets[:, 0]),
        [*layer.parameters()],
    )

    def call():
        outputs, _ = layer(given)
        return torch.autograd.grad(0.5 * (outputs[-1, :, -1] - targets).square().sum(), weights)

    return call


def scanned(name, params, inputs, targets):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    params, inputs, targets = map(jnp.asarray, (params, inputs, targets))
    single = params.shape[1] == 1

    def cost(params):
        parts = matrices(name, params)

        def step(carry, u):
            y, c = carry
            rows = []
            for W, U, b in parts:
                p = b[:, None] if U is None else b[:, None] + U[:, None] * u
                if W is not None:
                    one = (W[:, :, 0] @ y[:, :, 0])[:, :, None] if single else None
                    p = p + (jnp.einsum("ijr,jsr->isr", W, y) if one is None else one)
                rows.append(p)
            return UNIT[name](jnp.tanh, jax.nn.sigmoid, rows, y, c), None

        nothing = jnp.zeros((UNITS, *targets.shape))
        (y, _), _ = jax.lax.scan(step, (nothing, nothing), inputs)
        return 0.5 * jnp.sum((y[-1] - targets) ** 2)

    gradient = jax.jit(jax.grad(cost))
    return lambda: jax.block_until_ready(gradient(params))


CONTENDERS = {
    "latchlib": (latchlib, None),
    "np.tanh alone": (floor, None),
    "PyTorch, written out": (written_out, "torch"),
    "PyTorch's own layer": (own_layer, "torch"),
    "JAX, jit and scan": (scanned, "jax"),
}


@pytest.mark.parametrize("name", CONTENDERS)
@pytest.mark.parametrize("trials", [WIDTH, 1])
@pytest.mark.parametrize("cell", READS)
def test_gated(needs, measure, cell, trials, name):
    make, package = CONTENDERS[name]
    if make is own_layer and trials > 1:
        pytest.skip("PyTorch's layers have one matrix for all sequences")
    needs(package)
    given = drawn(cell, trials)
    call = make(cell, *given)
    if make not in (own_layer, floor):
        wanted = latchlib(cell, *given)()
        np.testing.assert_allclose(np.asarray(call()), wanted, rtol=1e-9, atol=1e-9)
    kind = "a matrix a trial" if trials > 1 else "one matrix"
    measure(f"{cell}, five units, {WIDTH:,} x {STEPS} steps, {kind}", name, call)


@pytest.mark.parametrize("steps", [50, 100, 200, 400])
@pytest.mark.parametrize("cell", READS)
def test_growth_with_steps(measure, cell, steps):
    params, inputs, targets = drawn(cell, WIDTH)
    longer = np.tile(inputs, (steps // 50, 1, 1))[:steps]
    measure(f"{cell}: steps", f"{steps:,}", latchlib(cell, params, longer, targets), size=steps,
            rounds=5)  # fmt: skip


@pytest.mark.parametrize("trials", [256, 1024, 4096])
@pytest.mark.parametrize("cell", READS)
def test_growth_with_trials(measure, cell, trials):
    rng = np.random.default_rng(1997)
    params = rng.normal(0.0, 0.5, (Network(full(UNITS, 1), CELLS[cell]).n_params, trials))
    inputs, targets = rng.standard_normal((STEPS, 1, trials)), np.full((1, trials), 0.8)
    measure(f"{cell}: trials", f"{trials:,}", latchlib(cell, params, inputs, targets), size=trials,
            rounds=5)  # fmt: skip
