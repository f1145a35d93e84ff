"""One forward and backward pass beside np.tanh alone, PyTorch and JAX, in float64.

One unit: the latch neuron. Five units: those of the 2-sequence problem, each trial with a weight
matrix of its own; PyTorch and JAX are written in two ways, since what a small matrix a trial costs
them depends on the layout. A contender takes what was drawn and returns a call; the call returns
the derivatives, so that all can be seen to have computed the same.
"""

from functools import partial

import numpy as np
import pytest

from latchlib.backprop import Backpropagator, Network
from latchlib.objective import MinimalObjective
from latchlib.tasks import TARGETS, MinimalTask
from latchlib.wirings import classic

WIRING = classic("two-sequence")
UNITS, OUTPUT = WIRING.units, WIRING.output
L = 3  # trainable inputs a pattern, as in the paper


def one_unit(sequences, steps):
    """Draw w (trial,), inputs (T, pattern, trial), targets (pattern, trial)."""
    rng = np.random.default_rng(1994)
    trials = sequences // len(TARGETS)
    w = rng.uniform(0.5, 2.0, trials)
    inputs = 0.3 * rng.standard_normal((steps, len(TARGETS), trials))
    return w, inputs, np.repeat(np.array(TARGETS)[:, np.newaxis], trials, axis=1)


def five_units(trials, steps):
    """Draw W (target, source, trial), inputs (T, trial) of the first unit, targets (trial,)."""
    rng = np.random.default_rng(1994)
    W = rng.normal(0.0, 0.6, (UNITS, UNITS, trials))
    inputs = 0.5 * rng.standard_normal((steps, trials))
    return W, inputs, rng.choice([-0.8, 0.8], trials)


def one_objective(w, inputs, targets):
    steps, patterns, trials = inputs.shape
    present, every = MinimalObjective(MinimalTask(steps, L)).presenter(trials), np.arange(trials)
    params = np.concatenate([w[np.newaxis], inputs[:L].reshape(L * patterns, trials)])

    def call():
        gradient = present.derivatives(params, every, inputs)[0].gradient
        return gradient[0], gradient[1:].reshape(L, patterns, trials)

    return call


def one_floor(w, inputs, targets):
    out = np.empty_like(inputs)
    return lambda: np.tanh(inputs, out=out)


def one_torch(*drawn):
    import torch

    w, h, targets = map(torch.tensor, drawn)
    w.requires_grad = h.requires_grad = True

    def call():
        x = torch.zeros_like(targets)
        # unbind, because indexing h[t] would make the backward pass quadratic in time.
        for h_t in h.unbind(0):
            x = torch.addcmul(h_t, w, x).tanh()
        d_w, d_h = torch.autograd.grad(0.5 * (x - targets).square().sum(), (w, h))
        return d_w, d_h[:L]

    return call


def one_jax(*drawn):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    w, h, targets = map(jnp.asarray, drawn)

    def cost(w, h):
        x, _ = jax.lax.scan(lambda x, h_t: (jnp.tanh(w * x + h_t), None), 0.0 * targets, h)
        return 0.5 * jnp.sum((x - targets) ** 2)

    gradient = jax.jit(jax.grad(cost, argnums=(0, 1)))

    def call():
        d_w, d_h = jax.block_until_ready(gradient(w, h))
        return d_w, d_h[:L]

    return call


def five_latchlib(W, inputs, targets, curvature=None):
    backpropagator = Backpropagator(Network(WIRING))
    params, inputs = W.reshape(UNITS * UNITS, -1), inputs[:, np.newaxis, np.newaxis]

    def call():
        found = backpropagator.derivatives(params, inputs, targets[np.newaxis], curvature=curvature)
        return (found.gradient.reshape(W.shape),)

    return call


def five_floor(W, inputs, targets):
    a = np.repeat(inputs[:, np.newaxis], UNITS, axis=1)
    out = np.empty_like(a)
    return lambda: np.tanh(a, out=out)


def five_torch(W, inputs, targets, matrices=False):
    import torch

    # For baddbmm a stack of matrices; without, the sum of products over all trials at once.
    order = (2, 0, 1) if matrices else (0, 1, 2)
    weights = torch.tensor(np.ascontiguousarray(W.transpose(order)), requires_grad=True)
    shape = (len(targets), UNITS, 1) if matrices else (UNITS, len(targets))
    targets, given = torch.tensor(targets), torch.zeros(len(inputs), *shape, dtype=torch.float64)
    (given[:, :, 0, 0] if matrices else given[:, 0])[:] = torch.tensor(inputs)

    def call():
        x = torch.zeros(shape, dtype=torch.float64)
        for h in given.unbind(0):
            x = (torch.baddbmm(h, weights, x) if matrices else (weights * x).sum(1) + h).tanh()
        error = (x[:, OUTPUT, 0] if matrices else x[OUTPUT]) - targets
        (found,) = torch.autograd.grad(0.5 * error.square().sum(), weights)
        return (found.permute(1, 2, 0) if matrices else found,)

    return call


def five_jax(*drawn, mapped=False):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    product = jnp.matmul if mapped else partial(jnp.einsum, "ijr,jr->ir")

    def cost(W, inputs, targets):
        def step(x, h):
            return jnp.tanh(product(W, x).at[0].add(h)), None

        x, _ = jax.lax.scan(step, jnp.zeros(W.shape[1:]), inputs)
        return 0.5 * jnp.sum((x[OUTPUT] - targets) ** 2)

    gradient = jax.grad(cost)
    if mapped:
        gradient = jax.vmap(gradient, in_axes=(2, 1, 0), out_axes=2)
    gradient, given = jax.jit(gradient), tuple(map(jnp.asarray, drawn))
    return lambda: (jax.block_until_ready(gradient(*given)),)


ONE = {
    "latchlib": (one_objective, None),
    "np.tanh alone": (one_floor, None),
    "PyTorch": (one_torch, "torch"),
    "JAX, jit": (one_jax, "jax"),
}
FIVE = {
    "latchlib, first derivatives": (five_latchlib, None),
    "latchlib, Gauss-Newton second": (partial(five_latchlib, curvature="gauss-newton"), None),
    "latchlib, full second": (partial(five_latchlib, curvature="full"), None),
    "np.tanh alone": (five_floor, None),
    "PyTorch, products summed": (five_torch, "torch"),
    "PyTorch, baddbmm": (partial(five_torch, matrices=True), "torch"),
    "JAX, jit, einsum": (five_jax, "jax"),
    "JAX, jit and vmap": (partial(five_jax, mapped=True), "jax"),
}
KINDS = {
    "one unit": (one_unit, one_objective, ONE),
    "five units": (five_units, five_latchlib, FIVE),
}
SIZES = (("one unit", 4096, 200), ("one unit", 65_536, 100), ("five units", 1024, 100))
GROWTH = {
    ("one unit", "steps"): [(4096, steps) for steps in (25, 50, 100, 200, 400)],
    ("one unit", "sequences"): [(n, 100) for n in (1024, 4096, 16_384, 65_536)],
    ("five units", "steps"): [(1024, steps) for steps in (25, 50, 100, 200, 400)],
    ("five units", "trials"): [(n, 100) for n in (256, 1024, 4096, 16_384)],
}


@pytest.mark.parametrize(
    ("kind", "width", "steps", "name"), [(*s, name) for s in SIZES for name in KINDS[s[0]][2]]
)
def test_gradient(needs, measure, kind, width, steps, name):
    draw, reference, contenders = KINDS[kind]
    make, package = contenders[name]
    needs(package)
    drawn = draw(width, steps)
    call = make(*drawn)
    if "np.tanh" not in name:
        for found, wanted in zip(call(), reference(*drawn)(), strict=True):
            np.testing.assert_allclose(np.asarray(found), wanted, rtol=1e-10, atol=1e-10)
    measure(f"{kind}, {width:,} x {steps} steps", name, call)


@pytest.mark.parametrize(
    ("kind", "what", "size"), [(*key, size) for key, sizes in GROWTH.items() for size in sizes]
)
def test_growth(measure, kind, what, size):
    draw, reference, _ = KINDS[kind]
    grown = size[1] if what == "steps" else size[0]
    measure(f"{kind}: {what}", f"{grown:,}", reference(*draw(*size)), size=grown, rounds=7)
