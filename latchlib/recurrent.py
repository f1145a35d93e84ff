"""The recurrence a_t = w tanh(a_{t-1}) + h_t, executed. No training here.

Arrays are (time, unit, trial), trial last, so that every ufunc call runs over contiguous
trials. Each unit here has a self-loop only, so the middle axis may as well hold the patterns
of a task: the units never mix.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latchlib._validation import broadcast, finite, shaped
from latchlib.formulas import formula

__all__ = ["jacobian", "rollout", "step"]


def step(a: ArrayLike, w: ArrayLike, h: ArrayLike = 0.0) -> NDArray[np.float64]:
    """Return the next net input w tanh(a) + h.

    Parameters
    ----------
    a, w, h : array_like
        Net input, self-loop weight and input, broadcast against each other.

    Returns
    -------
    ndarray
        Net input one step later.

    Raises
    ------
    ValueError
        If an argument is not real and finite.
    """
    a, w, h = finite("a", a), finite("w", w), finite("h", h)
    return w * np.tanh(a) + h


def jacobian(a: ArrayLike, w: ArrayLike) -> NDArray[np.float64]:
    """Return the derivative w (1 - tanh^2 a) = w sech^2 a of one step with respect to `a`.

    Parameters
    ----------
    a, w : array_like
        Net input and self-loop weight, broadcast against each other.

    Raises
    ------
    ValueError
        If an argument is not real and finite.

    Notes
    -----
    The relative error is a few roundings wherever the result is a normal number, also in deep
    saturation, where 1 - tanh^2 a is 0 in floats.
    """
    return formula("slope")(finite("a", a), finite("w", w))


def rollout(
    w: ArrayLike,
    inputs: ArrayLike,
    a0: ArrayLike = 0.0,
    *,
    out: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Run the neuron over a sequence of inputs.

    Parameters
    ----------
    w : array_like
        Self-loop weight, broadcast to (unit, trial): a number, (trial,) or (unit, trial).
    inputs : array_like, shape (T, unit, trial)
        Inputs h_1 ... h_T.
    a0 : array_like
        Initial net input, broadcast to (unit, trial). The paper starts at 0.
    out : ndarray, shape (T + 1, unit, trial), optional
        Buffer for the result.

    Returns
    -------
    ndarray, shape (T + 1, unit, trial)
        Net inputs a_0 ... a_T.

    Raises
    ------
    ValueError
        If an argument is not finite or shapes do not fit.

    Notes
    -----
    Bengio, Simard and Frasconi (1994), section III.
    """
    inputs = finite("inputs", inputs)
    shaped("inputs", inputs, (None, None, None), "(time, unit, trial)")
    steps, units, trials = inputs.shape
    w = broadcast("w", w, (units, trials), "(unit, trial)")
    a0 = broadcast("a0", a0, (units, trials), "(unit, trial)")
    if out is None:
        out = np.empty((steps + 1, units, trials))
    shaped("out", out, (steps + 1, units, trials), "(time + 1, unit, trial)")
    out[0] = a0
    for t in range(steps):
        np.tanh(out[t], out=out[t + 1])
        out[t + 1] *= w
        out[t + 1] += inputs[t]
    return out
