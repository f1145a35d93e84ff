"""What training minimises: network, task and loss bound together.

This is the one place that counts sequence presentations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latchlib import bptt
from latchlib._validation import integer, number, shaped
from latchlib.tasks import MinimalTask

__all__ = ["Evaluation", "LatchObjective"]


@dataclass(frozen=True)
class Evaluation:
    """One presentation of every pattern, for each trial.

    Parameters
    ----------
    cost : ndarray, shape (trial,)
        Cost of this presentation.
    gradient : ndarray, shape (n_params, trial)
        Its derivative with respect to the parameters.
    correct : ndarray of bool, shape (trial,)
        Whether every output has the sign of its target.
    """

    cost: NDArray[np.float64]
    gradient: NDArray[np.float64]
    correct: NDArray[np.bool_]


class LatchObjective:
    """The minimal task for the latch neuron.

    The parameters of a trial are one column of an array of shape (1 + 2 L, trial): the weight w,
    then h_t^k in the order of time, class by class within a time.

    Parameters
    ----------
    task : MinimalTask
        Length, trainable inputs, noise.

    Attributes
    ----------
    presentations_per_call : int
        Sequences presented by one call: one a pattern.
    """

    def __init__(self, task: MinimalTask) -> None:
        self.task = task
        self.presentations_per_call = task.n_patterns
        self._buffers: tuple[NDArray[np.float64], ...] = ()

    @property
    def n_params(self) -> int:
        """Parameters a trial: w and the trainable inputs."""
        return 1 + self.task.L * self.task.n_patterns

    def initial(
        self, w0: float, half_width: float, trials: int, *, rng: np.random.Generator
    ) -> NDArray[np.float64]:
        """Draw starting parameters: w = w0, each h_t^k uniform on [-half_width, half_width].

        Parameters
        ----------
        w0 : float
            Initial weight.
        half_width : float
            Bound of the "small uniform random values", > 0.
        trials : int
            How many trials, >= 1.
        rng : numpy.random.Generator
            Spawns one stream a trial.

        Returns
        -------
        ndarray, shape (n_params, trial)
        """
        params = np.empty((self.n_params, integer("trials", trials, at_least=1)))
        params[0] = number("w0", w0)
        bound = number("half_width", half_width, above=0.0)
        for trial, stream in enumerate(rng.spawn(trials)):
            params[1:, trial] = stream.uniform(-bound, bound, self.n_params - 1)
        return params

    def draw(self, rngs: list[np.random.Generator], rounds: int) -> NDArray[np.float64]:
        """Draw the noise of the next `rounds` calls, each trial from its own stream.

        Returns
        -------
        ndarray, shape (rounds, T - L, pattern, trial)
        """
        integer("rounds", rounds, at_least=1)
        return np.stack([self.task.noise(rng, rounds) for rng in rngs], axis=-1)

    def __call__(self, params: NDArray[np.float64], noise: NDArray[np.float64]) -> Evaluation:
        """Present every pattern once and back-propagate.

        Parameters
        ----------
        params : ndarray, shape (n_params, trial)
        noise : ndarray, shape (T - L, pattern, trial)

        Returns
        -------
        Evaluation

        Raises
        ------
        ValueError
            If a shape does not fit.
        """
        task = self.task
        trials = params.shape[-1]
        shaped("params", params, (self.n_params, None), "(n_params, trial)")
        drawn = (task.T - task.L, task.n_patterns, trials)
        shaped("noise", noise, drawn, "(T - L, pattern, trial)")
        x, d_h, targets = self._workspace(trials)
        w, h = params[0], params[1:].reshape(task.L, task.n_patterns, trials)
        x[0] = 0.0
        for t in range(task.T):
            np.multiply(x[t], w, out=x[t + 1])
            x[t + 1] += h[t] if t < task.L else noise[t - task.L]
            np.tanh(x[t + 1], out=x[t + 1])
        result = bptt.backward(x, w, targets, out=d_h)
        gradient = np.concatenate(
            [result.w[np.newaxis], result.h[: task.L].reshape(self.n_params - 1, trials)]
        )
        correct = np.all(result.outputs * targets > 0.0, axis=0)
        return Evaluation(result.cost, gradient, correct)

    def _workspace(self, trials: int) -> tuple[NDArray[np.float64], ...]:
        # Reused between calls: allocating these arrays costs as much as filling them.
        if not self._buffers or self._buffers[0].shape[-1] != trials:
            task = self.task
            self._buffers = (
                np.empty((task.T + 1, task.n_patterns, trials)),
                np.empty((task.T, task.n_patterns, trials)),
                np.ascontiguousarray(np.broadcast_to(task.targets, (task.n_patterns, trials))),
            )
        return self._buffers
