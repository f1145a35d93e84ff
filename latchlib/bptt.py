"""The derivatives of the latch neuron, whose inputs are parameters as well as its weight.

With delta_t = dC/da_t for one pattern,

    delta_T     = (x_T - d) (1 - x_T^2)
    delta_{t-1} = delta_t w (1 - x_{t-1}^2)
    dC/dh_t     = delta_t
    dC/dw       = sum_t delta_t x_{t-1}

The chapter learning-to-latch derives the four lines in SymPy; they are what
:mod:`latchlib.backprop` does for one unit with a self-loop. :func:`rtrl` computes the same forward
in time. Arrays are (time, pattern, trial), trial last.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latchlib.backprop import Backpropagator, Derivatives, Network, States
from latchlib.validation import broadcast, finite, refuse, shaped
from latchlib.wirings import SELF_LOOP

__all__ = ["Gradient", "backward", "gradient", "rtrl"]

_NEURON = Network(SELF_LOOP)


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

    Raises
    ------
    ValueError
        If a shape does not fit or a number is not finite.
    """
    w, inputs, targets, a0 = _checked(w, inputs, targets, a0)
    found = Backpropagator(_NEURON).derivatives(
        w, inputs[:, np.newaxis], targets, input_steps=len(inputs), start=np.tanh(a0)[np.newaxis]
    )
    return _one_unit(found)


def backward(x: ArrayLike, w: ArrayLike, targets: ArrayLike) -> Gradient:
    """Run the backward pass alone, over outputs that are given.

    Parameters
    ----------
    x : array_like, shape (T + 1, pattern, trial)
        Outputs x_0 ... x_T, T >= 1.
    w, targets
        As for :func:`gradient`.

    Raises
    ------
    ValueError
        If a shape does not fit or a number is not finite.
    """
    x = finite("x", x)
    shaped("x", x, (None, None, None), "(time + 1, pattern, trial)")
    w, inputs, targets, _ = _checked(w, np.zeros_like(x[1:]), targets, 0.0)
    states = States(x[:, np.newaxis], None, None)
    found = Backpropagator(_NEURON).back(
        w, inputs[:, np.newaxis], states, targets, input_steps=len(inputs)
    )
    return _one_unit(found)


def _checked(w, inputs, targets, a0):
    inputs = finite("inputs", inputs)
    shaped("inputs", inputs, (None, None, None), "(time, pattern, trial)")
    _, patterns, trials = inputs.shape
    w = finite("w", w)
    if w.ndim > 1 or w.size not in (1, trials):
        raise refuse("w", w.shape, f"one number, or shape (trial,) = ({trials},)")
    targets = broadcast("targets", targets, (patterns, trials), "(pattern, trial)")
    a0 = broadcast("a0", a0, (patterns, trials), "(pattern, trial)")
    return np.broadcast_to(w, (1, trials)), inputs, targets, a0


def _one_unit(found: Derivatives) -> Gradient:
    return Gradient(found.cost, found.outputs, found.gradient[0], found.inputs[:, 0])


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
    [w], inputs, targets, a0 = _checked(w, inputs, targets, a0)
    steps, patterns, trials = inputs.shape
    x = np.tanh(a0)
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
