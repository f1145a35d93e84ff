"""Back-propagation through time for the latch neuron, derived by hand.

With delta_t = dC/da_t for one pattern,

    delta_T     = (x_T - d) (1 - x_T^2)
    delta_{t-1} = delta_t w (1 - x_{t-1}^2)
    dC/dh_t     = delta_t
    dC/dw       = sum_t delta_t x_{t-1}

The chapter learning-to-latch derives the four lines in SymPy; here they are executed for all
patterns and trials at once. Arrays are (time, pattern, trial), trial last.

Large batches are cut into blocks of trials, which run in threads. No trial's numbers depend on
what stands beside it, to the last bit, so neither blocks nor threads can be seen in a result.
"""

from __future__ import annotations

import contextvars
import itertools
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latchlib.validation import broadcast, finite, refuse, shaped

__all__ = ["Gradient", "backward", "blocks", "forward", "gradient", "in_threads", "rtrl"]

#: Sequences in a block, about. In smaller ones the interpreter lock costs more than a second
#: thread brings.
BLOCK = 16_384

#: Numbers that a pass works on at a time where it could take all steps at once: half a
#: megabyte stays in the cache of a core.
CHUNK = 65_536

Result = TypeVar("Result")


@dataclass(frozen=True)
class Gradient:
    """Cost and its gradient, summed over the patterns.

    Parameters
    ----------
    cost : ndarray, shape (trial,)
        1/2 sum over patterns of (x_T - d)^2.
    outputs : ndarray, shape (pattern, trial)
        Outputs x_T.
    w : ndarray, shape (trial,)
        dC/dw.
    h : ndarray, shape (T, pattern, trial)
        dC/dh_t for t = 1 ... T; a task that trains only the first L inputs takes h[:L].
    """

    cost: NDArray[np.float64]
    outputs: NDArray[np.float64]
    w: NDArray[np.float64]
    h: NDArray[np.float64]


def gradient(w: ArrayLike, inputs: ArrayLike, targets: ArrayLike, a0: ArrayLike = 0.0) -> Gradient:
    """Back-propagate the cost at time T through all steps.

    Parameters
    ----------
    w : array_like, shape () or (trial,)
        Self-loop weight, one a trial.
    inputs : array_like, shape (T, pattern, trial)
        Inputs h_1 ... h_T, T >= 1.
    targets : array_like
        Targets d, broadcast to (pattern, trial).
    a0 : array_like
        Initial net input, broadcast to (pattern, trial).

    Returns
    -------
    Gradient

    Raises
    ------
    ValueError
        If a shape does not fit or a number is not finite.
    """
    inputs = finite("inputs", inputs)
    shaped("inputs", inputs, (None, None, None), "(time, pattern, trial)")
    steps, patterns, trials = inputs.shape
    w = np.broadcast_to(_per_trial(w, trials), (trials,))
    targets = broadcast("targets", targets, (patterns, trials), "(pattern, trial)")
    a0 = broadcast("a0", a0, (patterns, trials), "(pattern, trial)")
    d_h = np.empty(inputs.shape)

    def block(which: slice) -> Gradient:
        given = inputs[..., which]
        x = np.empty((steps + 1, *given.shape[1:]))
        np.tanh(a0[:, which], out=x[0])
        forward(x, w[which], given)
        return backward(x, w[which], targets[:, which], out=d_h[..., which])

    parts = in_threads(block, blocks(patterns, trials))
    if len(parts) == 1:
        return parts[0]
    return Gradient(
        cost=np.concatenate([part.cost for part in parts]),
        outputs=np.concatenate([part.outputs for part in parts], axis=1),
        w=np.concatenate([part.w for part in parts]),
        h=d_h,
    )


def forward(
    x: NDArray[np.float64], w: NDArray[np.float64], inputs: Iterable[NDArray[np.float64]]
) -> None:
    """Fill in the outputs x_1 ... x_T after x_0; arguments are not checked.

    Parameters
    ----------
    x : ndarray, shape (T + 1, pattern, trial)
        Buffer that holds x_0.
    w : ndarray, shape () or (trial,)
        Self-loop weight.
    inputs : iterable of ndarray, shape (pattern, trial)
        Inputs h_1 ... h_T, one after the other.
    """
    w = _every_pattern(w, x)
    net = np.empty(x.shape[1:])
    for before, now, given in zip(x[:-1], x[1:], inputs, strict=True):
        np.multiply(before, w, out=net)
        np.add(net, given, out=net)
        np.tanh(net, out=now)


def backward(
    x: NDArray[np.float64],
    w: NDArray[np.float64],
    targets: NDArray[np.float64],
    *,
    out: NDArray[np.float64] | None = None,
) -> Gradient:
    """Run the backward pass over outputs already computed; arguments are not checked.

    For the inner loop of training, where the objective has checked the shapes once.

    Parameters
    ----------
    x : ndarray, shape (T + 1, pattern, trial)
        Outputs x_0 ... x_T = tanh a_t.
    w : ndarray, shape () or (trial,)
        Self-loop weight.
    targets : ndarray, shape (pattern, trial) or broadcastable to it
        Targets d.
    out : ndarray, shape (T, pattern, trial), optional
        Buffer that becomes :attr:`Gradient.h`.

    Returns
    -------
    Gradient
    """
    steps = len(x) - 1
    d_h = np.empty((steps, *x.shape[1:])) if out is None else out
    w = _every_pattern(w, x)
    error = x[-1] - targets
    # d_h[t] is delta_{t+1}. The slopes w (1 - x_t^2) between two of them are taken for as many
    # steps in one call as the cache holds.
    np.multiply(error, 1.0 - np.square(x[-1]), out=d_h[-1])
    buffer = np.empty((max(1, min(steps, CHUNK // max(1, error.size))), *error.shape))
    for stop in range(steps, 1, -len(buffer)):
        start = max(1, stop - len(buffer))
        slopes = np.square(x[start:stop], out=buffer[: stop - start])
        np.subtract(1.0, slopes, out=slopes)
        slopes *= w
        later, earlier = d_h[start:stop], d_h[start - 1 : stop - 1]
        for delta, slope, result in zip(later[::-1], slopes[::-1], earlier[::-1], strict=True):
            np.multiply(delta, slope, out=result)
    # A trial's rounding must not depend on how many others stand beside it. For a single trial
    # einsum adds in another order than for two or more, so that one is given a twin.
    terms = [d_h, x[:-1]]
    if x.shape[-1] == 1:
        terms = [np.repeat(term, 2, axis=-1) for term in terms]
    d_w = np.einsum("tpr,tpr->r", *terms)[: x.shape[-1]]
    return Gradient(
        cost=0.5 * np.sum(error**2, axis=0),
        outputs=x[-1].copy(),
        w=d_w,
        h=d_h,
    )


def blocks(patterns: int, trials: int) -> list[slice]:
    """Return slices that cut the trials into blocks of about ``BLOCK`` sequences.

    Parameters
    ----------
    patterns, trials : int
        Sequences a trial, and trials.

    Returns
    -------
    list of slice
        One for less than two blocks.
    """
    count = max(1, min(trials, patterns * trials // BLOCK))
    edges = [trials * i // count for i in range(count + 1)]
    return [slice(*pair) for pair in itertools.pairwise(edges)]


def in_threads(work: Callable[[slice], Result], parts: list[slice]) -> list[Result]:
    """Return ``[work(part) for part in parts]``, from as many threads as there are processors.

    Parameters
    ----------
    work : callable
        What to do; large NumPy calls, as a thread waits while another runs Python.
    parts : list of slice
        As from :func:`blocks`.

    Returns
    -------
    list
        Results in the order of `parts`.
    """
    threads = min(len(parts), os.cpu_count() or 1)
    if threads == 1:
        return [work(part) for part in parts]
    # A new thread would not know the caller's np.errstate, which is part of its context.
    contexts = [contextvars.copy_context() for _ in parts]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda context, part: context.run(work, part), contexts, parts))


def rtrl(w: ArrayLike, inputs: ArrayLike, targets: ArrayLike, a0: ArrayLike = 0.0) -> Gradient:
    """Compute the same gradient forward in time (real-time recurrent learning).

    It carries da_t/dw and da_t/dh_tau along with the state, so at no time does it need an earlier
    state: it is local in time, which back-propagation through time is not.

    Parameters and return value are those of :func:`gradient`.

    Notes
    -----
    Williams and Zipser (1989). The carried sensitivities cost O(T) memory a pattern here because
    every input is a parameter of its own; for the weight alone it is one number.
    """
    inputs = finite("inputs", inputs)
    shaped("inputs", inputs, (None, None, None), "(time, pattern, trial)")
    steps, patterns, trials = inputs.shape
    w = _per_trial(w, trials)
    targets = broadcast("targets", targets, (patterns, trials), "(pattern, trial)")
    x = np.tanh(broadcast("a0", a0, (patterns, trials), "(pattern, trial)"))
    da_dw = np.zeros((patterns, trials))
    da_dh = np.zeros((steps, patterns, trials))
    # a0 is fixed, so x_0 carries no sensitivity and its slope is never used.
    slope = np.zeros((patterns, trials))
    for t in range(steps):
        da_dw = x + w * slope * da_dw
        da_dh[:t] *= w * slope
        da_dh[t] = 1.0
        x = np.tanh(w * x + inputs[t])
        slope = 1.0 - x**2
    error = x - targets
    return Gradient(
        cost=0.5 * np.sum(error**2, axis=0),
        outputs=x,
        w=np.sum(error * slope * da_dw, axis=0),
        h=error * slope * da_dh,
    )


def _every_pattern(w, x):
    # One contiguous shape for all factors saves NumPy an iterator at every step.
    return np.ascontiguousarray(np.broadcast_to(w, x.shape[1:]))


def _per_trial(w: ArrayLike, trials: int) -> NDArray[np.float64]:
    w = finite("w", w)
    if w.ndim > 1 or w.size not in (1, trials):
        raise refuse("w", w.shape, f"one number, or shape (trial,) = ({trials},)")
    return w
