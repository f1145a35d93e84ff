"""Back-propagation through time for the latch neuron, derived by hand.

With delta_t = dC/da_t for one pattern,

    delta_T     = (x_T - d) (1 - x_T^2)
    delta_{t-1} = delta_t w (1 - x_{t-1}^2)
    dC/dh_t     = delta_t
    dC/dw       = sum_t delta_t x_{t-1}

The chapter learning-to-latch derives the four lines in SymPy; here they are executed for all
patterns and trials at once. Arrays are (time, pattern, trial), trial last.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latchlib import recurrent
from latchlib._validation import broadcast, finite, refuse, shaped

__all__ = ["Gradient", "backward", "gradient", "rtrl"]


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
    w = _per_trial(w, inputs.shape[2])
    targets = broadcast("targets", targets, inputs.shape[1:], "(pattern, trial)")
    x = recurrent.rollout(w, inputs, a0)
    np.tanh(x, out=x)
    return backward(x, w, targets)


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
    d_h = np.empty((len(x) - 1, *x.shape[1:])) if out is None else out
    error = x[-1] - targets
    # One pass over all times: w (1 - x_t^2), the slope of the map at each state.
    slopes = np.square(x)
    np.subtract(1.0, slopes, out=slopes)
    np.multiply(error, slopes[-1], out=d_h[-1])
    slopes *= w
    for t in range(len(d_h) - 1, 0, -1):
        np.multiply(d_h[t], slopes[t], out=d_h[t - 1])
    # A trial's rounding must not depend on how many others stand beside it. For a single trial
    # einsum adds in another order than for two or more, so that one is given a twin.
    terms = [d_h, x[:-1]]
    if x.shape[-1] == 1:
        terms = [np.repeat(term, 2, axis=-1) for term in terms]
    d_w = np.einsum("tpr,tpr->r", *terms)[: x.shape[-1]]
    return Gradient(
        cost=0.5 * np.sum(error**2, axis=0),
        outputs=x[-1],
        w=d_w,
        h=d_h,
    )


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


def _per_trial(w: ArrayLike, trials: int) -> NDArray[np.float64]:
    w = finite("w", w)
    if w.ndim > 1 or w.size not in (1, trials):
        raise refuse("w", w.shape, f"one number, or shape (trial,) = ({trials},)")
    return w
