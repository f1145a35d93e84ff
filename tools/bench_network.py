"""Measure networks of five units, each trial with a weight matrix of its own.

The wiring is that of the 2-sequence problem: 25 weights, one unit with the external input, one
compared with the target at the end. Contenders give the derivative of every trial's cost by its
own weights. PyTorch is written in three ways and JAX in two, since what a small matrix a trial
costs them depends on the layout; the target is read against the fastest one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from latchlib.backprop_network import Backpropagator
from latchlib.problems import TwoSequence
from tools import timing

TRIALS, STEPS = 1024, 100
WIRING = TwoSequence().wiring
UNITS, OUTPUT = WIRING.units, WIRING.output

#: Sizes at which growth is measured, the other size being that above.
LENGTHS = (25, 50, 100, 200, 400)
BATCHES = (256, 1024, 4096, 16_384)


class Networks(NamedTuple):
    """Weights (target, source, trial), inputs (T, trial) of the first unit, targets (trial,)."""

    W: np.ndarray
    inputs: np.ndarray
    targets: np.ndarray


def networks(trials: int, steps: int) -> Networks:
    """Draw networks; every contender gets the same."""
    rng = np.random.default_rng(1994)
    return Networks(
        W=rng.normal(0.0, 0.6, (UNITS, UNITS, trials)),
        inputs=0.5 * rng.standard_normal((steps, trials)),
        targets=rng.choice([-0.8, 0.8], trials),
    )


# Each contender takes networks and returns a call without arguments. The call returns dC/dW,
# (target, source, trial), so that all can be seen to have computed the same.


def _floor(p: Networks) -> Callable:
    steps, trials = p.inputs.shape
    a = np.repeat(p.inputs[:, np.newaxis], UNITS, axis=1)
    out = np.empty((steps, UNITS, trials))
    return lambda: np.tanh(a, out=out)


def _latchlib(p: Networks, curvature: str | None = None) -> Callable:
    backpropagator = Backpropagator(WIRING)
    params = p.W.reshape(WIRING.n_params, -1)
    inputs, targets = p.inputs[:, np.newaxis, np.newaxis], p.targets[np.newaxis]

    def call():
        result = backpropagator.derivatives(params, inputs, targets, curvature=curvature)
        return result.gradient.reshape(p.W.shape)

    return call


def _gauss_newton(p: Networks) -> Callable:
    return _latchlib(p, "gauss-newton")


def _full(p: Networks) -> Callable:
    return _latchlib(p, "full")


def _torch_products(p: Networks) -> Callable:
    import torch

    W = torch.tensor(p.W, requires_grad=True)
    targets, given = torch.tensor(p.targets), torch.zeros(len(p.inputs), *p.W.shape[1:]).double()
    given[:, 0] = torch.tensor(p.inputs)

    def call():
        x = torch.zeros(p.W.shape[1:], dtype=torch.float64)
        for h in given.unbind(0):
            x = ((W * x).sum(1) + h).tanh()
        [d_W] = torch.autograd.grad(0.5 * (x[OUTPUT] - targets).square().sum(), W)
        return d_W

    return call


def _torch_matrices(p: Networks) -> Callable:
    import torch

    W = torch.tensor(np.ascontiguousarray(p.W.transpose(2, 0, 1)), requires_grad=True)
    trials = len(W)
    targets, given = torch.tensor(p.targets), torch.zeros(len(p.inputs), trials, UNITS, 1).double()
    given[:, :, 0, 0] = torch.tensor(p.inputs)

    def call():
        x = torch.zeros(trials, UNITS, 1, dtype=torch.float64)
        for h in given.unbind(0):
            x = torch.baddbmm(h, W, x).tanh()
        [d_W] = torch.autograd.grad(0.5 * (x[:, OUTPUT, 0] - targets).square().sum(), W)
        return d_W.permute(1, 2, 0)

    return call


def _torch_plain(p: Networks) -> Callable:
    """As it is mostly written."""
    import torch

    W = torch.tensor(np.ascontiguousarray(p.W.transpose(2, 0, 1)), requires_grad=True)
    trials = len(W)
    targets, given = torch.tensor(p.targets), torch.zeros(len(p.inputs), trials, UNITS).double()
    given[:, :, 0] = torch.tensor(p.inputs)

    def call():
        x = torch.zeros(trials, UNITS, dtype=torch.float64)
        for t in range(len(given)):
            x = torch.tanh((W @ x[:, :, None])[:, :, 0] + given[t])
        [d_W] = torch.autograd.grad(0.5 * (x[:, OUTPUT] - targets).square().sum(), W)
        return d_W.permute(1, 2, 0)

    return call


def _jax_products(p: Networks) -> Callable:
    jax, jnp = _load_jax()
    targets, inputs = jnp.asarray(p.targets), jnp.asarray(p.inputs)

    def cost(W):
        def step(x, h):
            return jnp.tanh(jnp.einsum("ijr,jr->ir", W, x).at[0].add(h)), None

        x, _ = jax.lax.scan(step, jnp.zeros(W.shape[1:]), inputs)
        return 0.5 * jnp.sum((x[OUTPUT] - targets) ** 2)

    gradient, W = jax.jit(jax.grad(cost)), jnp.asarray(p.W)
    return lambda: jax.block_until_ready(gradient(W))


def _jax_vmap(p: Networks) -> Callable:
    jax, jnp = _load_jax()

    def cost(W, inputs, target):
        def step(x, h):
            return jnp.tanh((W @ x).at[0].add(h)), None

        x, _ = jax.lax.scan(step, jnp.zeros(UNITS), inputs)
        return 0.5 * (x[OUTPUT] - target) ** 2

    gradient = jax.jit(jax.vmap(jax.grad(cost), in_axes=(2, 1, 0), out_axes=2))
    given = tuple(map(jnp.asarray, p))
    return lambda: jax.block_until_ready(gradient(*given))


def _load_jax():
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    return jax, jnp


FLOOR = "np.tanh alone (floor)"
REFERENCE = "latchlib, first derivatives"
SECOND = {
    "latchlib, first and Gauss-Newton second": _gauss_newton,
    "latchlib, first and full second": _full,
}
CONTENDERS = {
    FLOOR: _floor,
    REFERENCE: _latchlib,
    **SECOND,
    "PyTorch, products summed": _torch_products,
    "PyTorch, baddbmm": _torch_matrices,
    "PyTorch, W @ x": _torch_plain,
    "JAX, jit, einsum": _jax_products,
    "JAX, jit and vmap": _jax_vmap,
}
#: Package that a contender needs and latchlib does not.
NEEDS = {
    "PyTorch, products summed": "torch",
    "PyTorch, baddbmm": "torch",
    "PyTorch, W @ x": "torch",
    "JAX, jit, einsum": "jax",
    "JAX, jit and vmap": "jax",
}


def time_network(repetitions: int, installed: Callable[[str], bool]) -> dict:
    """Measure all contenders that can run here, and how the cost of latchlib grows.

    Returns
    -------
    dict
        "contenders": a row each. "steps", "trials": growth, as from :func:`tools.timing.growth`.

    Raises
    ------
    RuntimeError
        If two contenders differ by more than 1e-10.
    """
    drawn = networks(TRIALS, STEPS)
    calls = {
        name: make(drawn)
        for name, make in CONTENDERS.items()
        if name not in NEEDS or installed(NEEDS[name])
    }
    check_agreement(calls)
    seconds = timing.in_rounds(calls, repetitions)
    rows = [
        {
            "contender": name,
            **timing.summary(times, seconds[REFERENCE], TRIALS * STEPS * UNITS),
            "peak_mb": timing.peak_memory(CONTENDERS[name], networks, (8, 5), (TRIALS, STEPS)),
        }
        for name, times in seconds.items()
    ]
    few = min(repetitions, 7)
    return {
        "contenders": rows,
        "steps": timing.growth({T: _latchlib(networks(TRIALS, T)) for T in LENGTHS}, few),
        "trials": timing.growth({n: _latchlib(networks(n, STEPS)) for n in BATCHES}, few),
    }


def check_agreement(calls: dict[str, Callable]) -> None:
    """Raise RuntimeError unless all contenders compute the same derivatives."""
    wanted = np.array(calls[REFERENCE]())
    for name, call in calls.items():
        if name != FLOOR and not (worst := timing.disagreement(call(), wanted)) < 1e-10:
            raise RuntimeError(f"the derivatives of {name} differ by {worst:.1e}")
