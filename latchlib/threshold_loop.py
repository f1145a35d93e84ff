"""One threshold unit with a self-loop, and the discrete error that travels back around it.

    x_t = w y_{t-1} + h_t,   y_t = +1 where x_t > 0, -1 elsewhere,   y_0 = 0

The only move other than 0 that :func:`latchlib.training.discrete_error.required_move` can ask of
the unit at time t turns its output over: -y_t (eps + |x_t|). So the drawn errors of one sequence
form a chain of two states, on its way or stopped, and the chance that the error is still on its way
at time t is a product of one chance a step. :func:`error_back` computes it beside the drawn moves.

Arrays are (time, trial), trial last; row 0 is time 1. Chapter discrete-error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latchlib import formulas
from latchlib.backprop import Backpropagator, Network
from latchlib.cells import THRESHOLD
from latchlib.training.discrete_error import DiscreteError, propagated
from latchlib.validation import broadcast, finite, refuse, shaped
from latchlib.wirings import SELF_LOOP

__all__ = ["ErrorBack", "error_back"]

_UNIT = Network(SELF_LOOP, THRESHOLD)


@dataclass(frozen=True)
class ErrorBack:
    """A forward pass and the error that travels back through it.

    Parameters
    ----------
    x, y : ndarray, shape (T, trial)
        Net inputs and outputs.
    turning : ndarray, shape (T, trial)
        The move that would turn each output over.
    moves : ndarray, shape (T, trial)
        Moves dx_t that the error asked for, with the numbers drawn.
    wishes : ndarray, shape (T, trial)
        Continuous wish g_t = w dx_{t+1}; at the last step the error of the output, 2, -2 or 0.
    passing : ndarray, shape (T, trial)
        Chance that an error that moves step t + 1 also moves step t; 1 at the last step.
    arrival : ndarray, shape (T, trial)
        Chance that the error moves step t.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    turning: NDArray[np.float64]
    moves: NDArray[np.float64]
    wishes: NDArray[np.float64]
    passing: NDArray[np.float64]
    arrival: NDArray[np.float64]

    @property
    def mean_moves(self) -> NDArray[np.float64]:
        """Mean of dx_t over the chances of the wishes, shape (T, trial)."""
        return self.arrival * self.turning


def error_back(
    w: ArrayLike,
    inputs: ArrayLike,
    targets: ArrayLike,
    uniform: ArrayLike,
    rule: DiscreteError | None = None,
) -> ErrorBack:
    """Run the unit forward, and the discrete error of its last output back.

    Parameters
    ----------
    w : array_like
        Weight of the self-loop, broadcast to (trial,).
    inputs : array_like, shape (T, trial)
        Inputs h_1 ... h_T, T >= 1.
    targets : array_like
        Wanted outputs at the end, not 0, broadcast to (trial,); only their sign counts.
    uniform : array_like, shape (T, trial)
        Numbers uniform on [0, 1) that make the wishes discrete.
    rule : DiscreteError, optional
        Margin eps, MIN and MAX.

    Raises
    ------
    ValueError
        If a shape does not fit, a number is not finite or a target is 0.
    """
    rule = rule or DiscreteError()
    inputs, uniform = finite("inputs", inputs), finite("uniform", uniform)
    shaped("inputs", inputs, (None, None), "(time, trial)")
    shaped("uniform", uniform, inputs.shape, "(time, trial)")
    T, trials = inputs.shape
    w = broadcast("w", w, (trials,), "(trial,)")
    targets = broadcast("targets", targets, (trials,), "(trial,)")
    if not targets.all():
        raise refuse("targets", 0.0, "numbers other than 0")
    params = w[np.newaxis].copy()

    def as_one(array):  # (time, unit, sequence, trial)
        return array[:, np.newaxis, np.newaxis]

    states = Backpropagator(_UNIT).forward(params, as_one(inputs))
    moves = propagated(_UNIT, params, states, targets[np.newaxis], as_one(uniform), rule)[:, 0, 0]
    x, y = states.p[:, 0, 0, 0], states.y[1:, 0, 0]
    turning = formulas.formula("turning_move")(x, y, rule.eps)
    up = formulas.formula("wish_chance")(w * turning[1:], rule.minimum, rule.maximum)
    # A step moves if its wish is for the other output; a wish of exactly 0 asks for nothing.
    passing = np.ones((T, trials))
    passing[:-1] = np.where(w * turning[1:] == 0.0, 0.0, np.where(y[:-1] < 0.0, up, 1.0 - up))
    wrong = (np.sign(targets) * y[-1] < 0.0).astype(np.float64)
    arrival = wrong * np.cumprod(passing[::-1], axis=0)[::-1]
    wishes = np.concatenate([w * moves[1:], (np.sign(targets) - y[-1])[np.newaxis]])
    return ErrorBack(x, y, turning, moves, wishes, passing, arrival)
