"""Discrete error propagation through units y = sign(x) that give +1 or -1.

The rule, in the form that is consistent (the signs that are passed on are not):

- what a move dx of the net input does:  dy = +2 if x <= 0 < x + dx,  -2 if x + dx <= 0 < x,
  else 0;
- the smallest move for a wanted dy:  dx = eps - x for +2 where x <= 0,  -eps - x for -2 where
  x > 0,  else 0: an output that is already as wanted asks for no move;
- the wish for an output is the linear sum over its readers, g_j = sum_l w_lj dx_l, as in
  back-propagation, and is made discrete by chance: +2 with probability (g - MIN)/(MAX - MIN).

With MIN = -2 and MAX = 2 the mean of the discrete wish is g itself. A wish of exactly 0 stays 0, so
that a sequence that is classified rightly changes nothing. Weights take a step towards the moves:
change of w = rate sum_t dx_t z_t, which is gradient descent on 1/2 sum dx^2. Around a self-loop a
move is at least eps in size or it is 0: it does not shrink as a product of slopes does.

Bengio, Simard and Frasconi (1994), discrete error propagation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latchlib.backprop import Network, States, contract, sum_over_sequences
from latchlib.training._base import Gradient
from latchlib.validation import number, refuse

__all__ = ["DiscreteError", "discretised", "output_change", "propagated", "required_move"]


@dataclass(frozen=True)
class DiscreteError(Gradient):
    """Discrete error propagation, one update a sequence.

    Parameters
    ----------
    learning_rate : float
        Share of the wanted moves that one update makes, > 0. Not stated; 0.1 is assumed here. Of
        0.02 and 0.1, tried with both margins 0.3 and 1, the first did better on 2-sequence, the
        second on the latch; neither is best throughout.
    eps : float
        How far beyond the threshold a move should end, > 0: a small positive constant whose value
        is not stated; 1 is assumed here, which noise of 0.2 does not undo.
    minimum, maximum : float
        MIN and MAX, minimum < 0 < maximum; wishes are clipped to them. Not stated; -2 and 2 are
        assumed here, which make the discrete wish right on average.
    """

    learning_rate: float = 0.1
    eps: float = 1.0
    minimum: float = -2.0
    maximum: float = 2.0

    name = "discrete error propagation"
    place, stream = 3, 5
    units = "threshold"

    def __post_init__(self) -> None:
        number("learning_rate", self.learning_rate, above=0.0)
        number("eps", self.eps, above=0.0)
        number("maximum", self.maximum, above=0.0)
        if number("minimum", self.minimum) >= 0.0:
            raise refuse("minimum", self.minimum, "one number < 0")

    def change(self, run, params, item):
        """Step towards the wanted moves."""
        states, shown, wrong = run.threshold(params, item)
        network, T = run.presenter.objective.network, len(shown.inputs)
        # All of T, however long the sequence: the stream is used up alike.
        uniform = run.draw(lambda stream: stream.random((T, network.nets, 1)))
        moves = propagated(network, params, states, shown.targets, uniform, self)
        change = np.empty_like(params)
        sources = {"delayed": states.y[:-1], "same": states.y[1:], "input": shown.inputs}
        for p, (target, kind, source) in enumerate(network.weights):
            change[p] = sum_over_sequences(moves[:, target], sources[kind][:, source])
        return self.learning_rate * change, wrong


def output_change(x: NDArray[np.float64], dx: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the move `dx` of the net input `x` does to the output: +2, -2 or 0.

    Parameters
    ----------
    x, dx : ndarray
        Net inputs and moves. An input of 0 gives -1, as in :data:`latchlib.cells.THRESHOLD`.

    Returns
    -------
    ndarray
    """
    return 2.0 * ((x + dx > 0.0).astype(np.float64) - (x > 0.0))


def required_move(
    x: NDArray[np.float64], dy: NDArray[np.float64], eps: float
) -> NDArray[np.float64]:
    """Return the move of the net input `x` that makes the wanted change `dy` of the output.

    Parameters
    ----------
    x : ndarray
        Net inputs.
    dy : ndarray
        Wanted changes: +2, -2 or 0.
    eps : float
        How far beyond the threshold the move ends, > 0.

    Returns
    -------
    ndarray
        0 where nothing is wanted or the output already is as wanted.
    """
    up, down = (dy > 0.0) & (x <= 0.0), (dy < 0.0) & (x > 0.0)
    return np.where(up, eps - x, np.where(down, -eps - x, 0.0))


def discretised(
    g: NDArray[np.float64],
    uniform: NDArray[np.float64],
    minimum: float = -2.0,
    maximum: float = 2.0,
) -> NDArray[np.float64]:
    """Return a continuous wish made discrete by chance.

    Parameters
    ----------
    g : ndarray
        Wishes; one beyond MIN or MAX counts as MIN or MAX.
    uniform : ndarray
        Numbers uniform on [0, 1).
    minimum, maximum : float
        MIN and MAX.

    Returns
    -------
    ndarray
        +2 with probability (g - MIN)/(MAX - MIN), else -2; 0 where g is 0.
    """
    level = minimum + (maximum - minimum) * uniform  # from MIN to MAX: nothing needs clipping
    return np.where(g == 0.0, 0.0, np.where(g > level, 2.0, -2.0))


def propagated(
    network: Network,
    params: NDArray[np.float64],
    states: States,
    targets: NDArray[np.float64],
    uniform: NDArray[np.float64],
    rule: DiscreteError,
) -> NDArray[np.float64]:
    """Send the discrete error of the last output back through all steps.

    Parameters
    ----------
    network : Network
        Its wiring is what counts, and its units have one row.
    params : ndarray, shape (n_params, trial)
        Weights.
    states : States
        What happened in the forward pass with threshold units.
    targets : ndarray, shape (sequence, trial)
        Only their sign counts.
    uniform : ndarray, shape (T, unit, sequence, trial)
        Numbers uniform on [0, 1) that make the wishes discrete.
    rule : DiscreteError
        Margin and clipping.

    Returns
    -------
    ndarray, shape (T, unit, sequence, trial)
        Wanted moves dx of the net inputs, 0 before a sequence starts.
    """
    a, y, at = states.p[:, 0], states.y[1:], network.wiring.output
    up = y > 0.0
    # The move that turns each output over, 0 before the start; `discretised` and `required_move`
    # for all times at once, as far as they do not depend on the wish.
    turn = np.where(up, -rule.eps - a, rule.eps - a)
    turn[y == 0.0] = 0.0
    levels = rule.minimum + (rule.maximum - rule.minimum) * uniform
    # The error of the last output is discrete as it is: no chance in it.
    levels[-1, at] = 0.0
    g = np.zeros_like(turn[-1])
    g[at] = np.sign(targets) - y[-1, at]
    moves = np.zeros_like(turn)
    W = network.delayed_weights(params)
    same = [(c.target, c.source, p) for p, c in enumerate(network.weights) if c.kind == "same"]

    def move(t, i):
        # Where a wish is for the other output.
        np.copyto(moves[t, i], turn[t, i], where=((g[i] > levels[t, i]) != up[t, i]) & (g[i] != 0))

    for t in range(len(turn) - 1, -1, -1):
        if t + 1 < len(turn):
            contract("ijr,ipr->jpr", W, moves[t + 1], out=g)
        if not same:
            move(t, slice(None))
            continue
        # Readers of the same step have higher numbers, so their moves are known first.
        for i in range(network.wiring.units - 1, -1, -1):
            for target, source, p in same:
                if source == i:
                    g[i] += params[p] * moves[t, target]
            move(t, i)
    return moves
