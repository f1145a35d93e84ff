"""The gradient of the weight, step by step: which steps it comes from as a sequence gets longer."""

from __future__ import annotations

import numpy as np
import traitlets
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latchbook.explorables._base import SAMPLES, Choice, Explorable, Slider, light_noise
from latchbook.figures.style import GRADIENT, GREY, STATE
from latchlib import bptt, maps
from latchlib.formulas import formula

__all__ = ["WeightTerms"]

#: Longest sequence, what counts as near its end, in steps, and the target.
LONGEST, NEAR, TARGET = 50, 5, 0.8


class WeightTerms(Explorable):
    """A sequence that gets longer, and the share of each step in the gradient of the weight.

    Parameters
    ----------
    w : float
        Weight of the self-loop.
    a0 : float
        Initial state.
    sigma : float
        Standard deviation of the noise.
    t : int
        Length of the sequence.
    sample : int
        Which of the noise samples is used, from 0.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.
    """

    w = Slider(2.0, 0.5, 4.0, 0.05)
    a0 = Slider(1.9, -2.0, 2.0, 0.1)
    sigma = Slider(0.2, 0.0, 0.5, 0.02)
    t = Choice(LONGEST, 0, LONGEST)
    sample = Choice(0, 0, SAMPLES - 1)
    draws = traitlets.Bytes(light_noise(1990, LONGEST)).tag(sync=True)

    def states(self) -> NDArray[np.float64]:
        """Return the states a_0 ... a_t, shape (t + 1,)."""
        draws = np.frombuffer(self.draws, dtype="<f8").reshape(SAMPLES, LONGEST)[self.sample]
        inputs = formula("noisy_input")(0.0, self.sigma, draws)
        path = maps.rollout(self.w, inputs[:, np.newaxis, np.newaxis], self.a0)
        return path[: self.t + 1, 0, 0]

    def terms(self) -> NDArray[np.float64]:
        """Return what each step adds to the gradient of the weight, shape (t,)."""
        outputs = np.tanh(self.states())[:, np.newaxis, np.newaxis]
        if self.t == 0:
            return np.zeros(0)
        return (bptt.backward(outputs, self.w, TARGET).h * outputs[:-1])[:, 0, 0]

    def shares(self) -> NDArray[np.float64] | None:
        """Return the share of each step in the sum of all sizes, or None if all are 0."""
        sizes = np.abs(self.terms())
        return sizes / sizes.sum() if sizes.sum() > 0.0 else None

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name; None where no step adds anything.

        Returns
        -------
        dict
            ``state`` at the end; ``gradient`` of the weight; the share of the last five steps in
            the sum of all sizes (``near``), and log10 of that of the ``first``.
        """
        shares = self.shares()
        first = None if shares is None or shares[0] == 0.0 else shares[0]
        return {
            "state": float(self.states()[-1]),
            "gradient": float(self.terms().sum()),
            "near": None if shares is None else float(shares[-NEAR:].sum()),
            "first": None if first is None else float(formula("decades")(first)),
        }

    def _draw(self, figure: Figure) -> None:
        above, below = figure.subplots(2, 1, sharex=True)
        for ax in (above, below):
            ax.axvspan(max(self.t - NEAR, 0) + 0.5, self.t + 0.5, color=GREY, alpha=0.2)
        above.axhline(0.0, color=GREY, lw=1)
        above.plot(self.states(), "o-", color=STATE, ms=3)
        above.set(ylabel="state $a_t$", ylim=(-4.5, 4.5))
        shares = self.shares()
        if shares is not None:
            below.vlines(np.arange(1, self.t + 1), 0.0, shares, color=GRADIENT, lw=3)
        below.set(xlabel="step", ylabel="share of the gradient", ylim=(0, 1), xlim=(0, LONGEST + 1))
