"""One attention head: it looks back at all inputs of a sequence at once, and keeps no state.

Position k = 0, 1, ... counts from the start of a sequence and has a logit l_k of its own, the same
for every sequence. Of scalar inputs u_k the head reads an average, and one unit answers:

    p_k = exp(l_k) / sum_j exp(l_j),   r = sum_k p_k u_k,   x = tanh(v r + c)

where the sums run over the positions that the sequence has. With the error delta = (x - d)(1 - x^2)
of the cost (x - d)^2 / 2 the gradient takes one step back, however long the sequence is:

    dC/dv = delta r,   dC/dc = delta,   dC/dl_k = delta v p_k (u_k - r),   dC/du_k = delta v p_k

Arrays are (position, sequence, trial), trial last, each trial with parameters of its own: the
logits, then v, then c.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latchlib.backprop import INITIAL_BOUND, Derivatives
from latchlib.objective import SequenceObjective
from latchlib.problems import Latch, Parity, Problem, Sequences, SignedLatch, TwoSequence
from latchlib.validation import broadcast, finite, integer, number, one_of, refuse, shaped

__all__ = ["Glance", "Head", "HeadObjective", "scalar_inputs"]


class Glance(NamedTuple):
    """What happened in the head.

    Parameters
    ----------
    weights : ndarray, shape (position, sequence, trial)
        p_k, which sum to 1; 0 where a sequence has no such position.
    means : ndarray, shape (sequence, trial)
        r.
    outputs : ndarray, shape (sequence, trial)
        x.
    """

    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    outputs: NDArray[np.float64]


@dataclass(frozen=True)
class Head:
    """One head with a logit for every position.

    Parameters
    ----------
    T : int
        Number of positions, >= 1.
    """

    T: int

    def __post_init__(self) -> None:
        integer("T", self.T, at_least=1)

    @property
    def n_params(self) -> int:
        """Parameters a trial: T logits, the gain v and the bias c."""
        return self.T + 2

    def initial(
        self,
        streams: Sequence[np.random.Generator],
        bound: float = INITIAL_BOUND,
        start: str = "uniform",
    ) -> NDArray[np.float64]:
        """Draw starting parameters as :meth:`latchlib.backprop.Network.initial` does.

        A head has no matrix that could be orthogonal: `start` is ``"uniform"``.
        """
        bound = number("bound", bound, above=0.0)
        one_of("start", start, ("uniform",))
        return np.stack([s.uniform(-bound, bound, self.n_params) for s in streams], axis=-1)

    def forward(self, params: ArrayLike, inputs: ArrayLike, lengths: ArrayLike) -> Glance:
        """Look back at sequences.

        Parameters
        ----------
        params : array_like, shape (n_params, trial)
            Logits, gain, bias.
        inputs : array_like, shape (T, sequence, trial)
            Scalar inputs, aligned at the start; what stands behind the end is not looked at.
        lengths : array_like of int
            Lengths, 1 to T, broadcast to (sequence, trial).

        Raises
        ------
        ValueError
            If a shape does not fit, a number is not finite or a length is not among 1 to T.
        """
        return self._forward(*self._checked(params, inputs, lengths))

    def derivatives(
        self, params: ArrayLike, inputs: ArrayLike, lengths: ArrayLike, targets: ArrayLike
    ) -> Derivatives:
        """Look back, and carry the error to the parameters.

        Parameters
        ----------
        params, inputs, lengths
            As for :meth:`forward`.
        targets : array_like
            Targets d, broadcast to (sequence, trial).

        Returns
        -------
        Derivatives
            Sums over the sequences; those by the inputs have shape (T, sequence, trial).
        """
        params, inputs, running = self._checked(params, inputs, lengths)
        targets = broadcast("targets", targets, inputs.shape[1:], "(sequence, trial)")
        return self._derivatives(params, inputs, running, targets)

    def _checked(self, params, inputs, lengths):
        params, inputs = finite("params", params), finite("inputs", inputs)
        shaped("params", params, (self.n_params, None), "(n_params, trial)")
        wanted = (self.T, None, params.shape[1])
        shaped("inputs", inputs, wanted, "(position, sequence, trial)")
        lengths = broadcast("lengths", lengths, inputs.shape[1:], "(sequence, trial)")
        if ((lengths < 1) | (lengths > self.T) | (lengths % 1 != 0)).any():
            raise refuse("lengths", lengths, f"integers, 1 to T = {self.T}")
        return params, inputs, np.arange(self.T)[:, np.newaxis, np.newaxis] < lengths

    def _forward(self, params, inputs, running):
        logits = np.where(running, params[: self.T, np.newaxis], -np.inf)
        # The largest becomes 0: no logit overflows, and the sum is at least 1.
        weights = np.exp(logits - logits.max(axis=0))
        weights /= weights.sum(axis=0)
        means = (weights * inputs).sum(axis=0)
        gain, bias = params[self.T :]
        return Glance(weights, means, np.tanh(gain * means + bias))

    def _derivatives(self, params, inputs, running, targets):
        weights, means, outputs = self._forward(params, inputs, running)
        misses = outputs - targets
        delta = misses * (1.0 - outputs**2)
        by_mean = delta * params[self.T]
        by_inputs = by_mean * weights
        by_logits = (by_inputs * (inputs - means)).sum(axis=1)
        ends = np.stack([(delta * means).sum(axis=0), delta.sum(axis=0)])
        return Derivatives(
            0.5 * (misses**2).sum(axis=0),
            outputs,
            np.concatenate([by_logits, ends]),
            inputs=by_inputs,
        )


def scalar_inputs(problem: Problem, sequences: Sequences) -> NDArray[np.float64]:
    """Return the inputs of a problem as one number a step, aligned at the start.

    Parameters
    ----------
    problem : Latch, TwoSequence or Parity
        The latch begins with +1 or -1, for its two classes; of the others it is their one input.
    sequences : Sequences
        Drawn from it.

    Returns
    -------
    ndarray, shape (T, sequence, trial)
        0 behind the end of a sequence.

    Raises
    ------
    ValueError
        If the problem is none of these three.
    """
    if not isinstance(problem, Latch | TwoSequence | Parity):
        raise refuse("problem", problem, "a Latch, TwoSequence or Parity problem")
    inputs = sequences.inputs[:, 0]
    if isinstance(problem, Latch) and not isinstance(problem, SignedLatch):
        inputs = inputs - sequences.inputs[:, 1] + sequences.inputs[:, 2]
    # They are aligned at the end: position k of a sequence of length l stands at T - l + k.
    T = len(inputs)
    at = np.arange(T)[:, np.newaxis, np.newaxis] + (T - sequences.lengths)
    return np.where(at < T, np.take_along_axis(inputs, np.minimum(at, T - 1), axis=0), 0.0)


class HeadObjective(SequenceObjective):
    """A problem on one attention head, with a fixed training set for each trial.

    Training rules take it as any :class:`latchlib.objective.SequenceObjective`, those that need
    curvature, or threshold units, excepted.

    Parameters
    ----------
    problem : Latch, TwoSequence or Parity
        What to learn.
    sequences, tolerance, within
        As for :class:`latchlib.objective.SequenceObjective`.
    network : Head, optional
        By default one with as many positions as the problem has steps.
    """

    @staticmethod
    def _default(problem: Problem) -> Head:
        return Head(problem.T)

    def _accept(self, network: Head) -> None:
        if not isinstance(network, Head) or self.problem.T != network.T:
            raise refuse("network", network, f"Head(T={self.problem.T})")

    def _read(self, sequences: Sequences) -> Sequences:
        wanted = (self.problem.T, self.problem.channels, *sequences.targets.shape)
        shaped("sequences", sequences.inputs, wanted, "(T, channel, sequence, trial)")
        inputs = scalar_inputs(self.problem, sequences)
        running = np.arange(self.problem.T)[:, np.newaxis, np.newaxis] < sequences.lengths
        both = np.stack([inputs, running], axis=1)  # the second channel says where a sequence ends
        return Sequences(both, sequences.targets, sequences.lengths)

    def runner(self, units: str | None = None) -> _Runner:
        """Return what runs the head."""
        if units is not None:
            raise refuse("units", units, "None, as a head has no units of another kind")
        return _Runner(self.network)


class _Runner:
    """Runs a head as :class:`latchlib.backprop.Backpropagator` runs a network."""

    def __init__(self, head):
        self._head = head

    def outputs(self, params, inputs, running):
        return self._head._forward(params, inputs[:, 0], inputs[:, 1] > 0.0).outputs

    def derivatives(self, params, inputs, targets, *, curvature=None, per_step=False):
        if curvature is not None or per_step:
            raise refuse("rule", "one with curvature or steps apart", "a rule of first derivatives")
        return self._head._derivatives(params, inputs[:, 0], inputs[:, 1] > 0.0, targets)
