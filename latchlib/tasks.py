"""The tasks: what is presented, and what is wanted at the end.

The minimal task (Bengio, Simard and Frasconi, 1994, section II): two classes of sequences. The
first L inputs carry the class and are trained directly; the rest is zero-mean Gaussian noise.
At time T the output x_T should be at +0.8 for class 1 and at -0.8 for class 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latchlib.validation import finite, integer, number, refuse, shaped

__all__ = ["TARGETS", "MinimalTask"]

#: Targets d of the two patterns, inside the range of tanh so that finite states reach them.
TARGETS = (0.8, -0.8)


@dataclass(frozen=True)
class MinimalTask:
    """The minimal task for one neuron.

    Parameters
    ----------
    T : int
        Length of a sequence, in steps; T >= L.
    L : int
        Number of trainable inputs at its start, >= 1.
    sigma : float
        Standard deviation of the noise after them, >= 0. The paper gives "s" and leaves open
        whether it is this or its square.
    """

    T: int = 20
    L: int = 3
    sigma: float = 0.0

    def __post_init__(self) -> None:
        integer("L", self.L, at_least=1)
        integer("T", self.T, at_least=1)
        if self.T < self.L:
            raise refuse("T", self.T, f"an integer >= L = {self.L}")
        if number("sigma", self.sigma) < 0.0:
            raise refuse("sigma", self.sigma, "one number >= 0")

    @property
    def n_patterns(self) -> int:
        """Number of classes, 2."""
        return len(TARGETS)

    @property
    def targets(self) -> NDArray[np.float64]:
        """Targets d, shape (pattern, 1)."""
        return np.array(TARGETS)[:, np.newaxis]

    def noise(self, rng: np.random.Generator, rounds: int) -> NDArray[np.float64]:
        """Draw the noise of `rounds` presentations of both patterns for one trial.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness.
        rounds : int
            How many times both patterns are presented.

        Returns
        -------
        ndarray, shape (rounds, T - L, pattern)
            Noise for t > L.
        """
        shape = (integer("rounds", rounds, at_least=0), self.T - self.L, self.n_patterns)
        return self.sigma * rng.standard_normal(shape)

    def inputs(self, h: ArrayLike, noise: ArrayLike) -> NDArray[np.float64]:
        """Join trainable inputs and noise to whole sequences.

        Parameters
        ----------
        h : array_like, shape (L, pattern, trial)
            Trainable inputs h_t for t <= L.
        noise : array_like, shape (T - L, pattern, trial)
            Noise for t > L.

        Returns
        -------
        ndarray, shape (T, pattern, trial)

        Raises
        ------
        ValueError
            If a shape does not fit or a number is not finite.
        """
        h = finite("h", h)
        shaped("h", h, (self.L, self.n_patterns, None), "(L, pattern, trial)")
        # T = L leaves no noise, which `finite` would refuse as empty.
        noise = np.asarray(noise)
        noise = finite("noise", noise) if noise.size else noise.astype(np.float64)
        wanted = (self.T - self.L, self.n_patterns, h.shape[2])
        shaped("noise", noise, wanted, "(T - L, pattern, trial)")
        return np.concatenate([h, noise])
