"""One sequence of the minimal task: forward through the latch, and the error back."""

from __future__ import annotations

from math import log

import numpy as np
import traitlets
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latchbook.explorables._base import SAMPLES, Choice, Explorable, Slider, light_noise
from latchbook.figures.style import GRADIENT, GREY, STATE
from latchlib.formulas import formula
from latchlib.maps import rollout
from latchlib.tasks import TARGETS

__all__ = ["OnePresentation"]

#: Length of a sequence, and the least power of ten that is drawn.
LENGTH, FLOOR = 20, -20


class OnePresentation(Explorable):
    """A sequence whose first inputs carry the class, and what its error tells each input.

    Parameters
    ----------
    label : int
        0 for class 1, 1 for class 2.
    L : int
        Number of inputs that carry the class.
    signal : float
        Size of these inputs.
    sigma : float
        Standard deviation of the noise after them.
    w : float
        Weight of the self-loop.
    t : int
        Steps done: up to 20 the state goes forward, after that the error goes back.
    sample : int
        Which of the noise samples is used, from 0.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.
    """

    _size = (5.4, 7.0)

    label = Choice(0, 0, 1)
    L = Choice(3, 1, 6)
    signal = Slider(0.6, 0.0, 2.0, 0.1)
    sigma = Slider(0.2, 0.0, 1.0, 0.05)
    w = Slider(2.0, 0.5, 4.0, 0.05)
    t = Choice(2 * LENGTH, 0, 2 * LENGTH)
    sample = Choice(0, 0, SAMPLES - 1)
    draws = traitlets.Bytes(light_noise(1994, LENGTH)).tag(sync=True)

    def inputs(self) -> NDArray[np.float64]:
        """Return the inputs h_1 ... h_T, shape (T,)."""
        draws = np.frombuffer(self.draws, dtype="<f8").reshape(SAMPLES, LENGTH)[self.sample]
        inputs = formula("noisy_input")(0.0, self.sigma, draws)
        inputs[: self.L] = self.signal * np.sign(TARGETS[self.label])
        return inputs

    def states(self) -> NDArray[np.float64]:
        """Return the states a_0 ... a_T, shape (T + 1,)."""
        return rollout(self.w, self.inputs()[:, np.newaxis, np.newaxis])[:, 0, 0]

    def decades(self) -> NDArray[np.float64]:
        """Return log10 of the size of the gradient at the inputs h_1 ... h_T, shape (T,)."""
        a, slope = self.states(), formula("log_slope")
        error = formula("cost_derivative")(np.tanh(a[-1]), TARGETS[self.label])
        end = formula("decades")(np.abs(error)) + slope(a[-1], 1.0) / log(10.0)
        back = np.cumsum(slope(a[-2:0:-1], self.w)) / log(10.0)
        return np.concatenate([[end], end + back])[::-1]

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name.

        Returns
        -------
        dict
            ``state`` at the time t, or at the end; there the ``output``, whether its sign is
            ``right``, and the ``cost``; log10 of the gradient at the input that is ``told`` of the
            error now, at the ``first``, and at the last one that ``carries`` the class.
        """
        states, decades, target = self.states(), self.decades(), TARGETS[self.label]
        output = float(np.tanh(states[-1]))
        back = self.t - LENGTH
        return {
            "state": float(states[min(self.t, LENGTH)]),
            "output": output,
            "right": float(output * target > 0.0),
            "cost": float(formula("cost")(output, target)),
            "told": float(decades[-back]) if back > 0 else None,
            "first": float(decades[0]),
            "carries": float(decades[self.L - 1]),
        }

    def _draw(self, figure: Figure) -> None:
        heard, held, back = figure.subplots(3, 1, sharex=True)
        steps = np.arange(1, LENGTH + 1)
        for ax in (heard, held, back):
            ax.axvspan(0.5, self.L + 0.5, color=GREY, alpha=0.2)
        heard.axhline(0.0, color=GREY, lw=1)
        colours = ["k"] * self.L + [GREY] * (LENGTH - self.L)
        heard.vlines(steps, 0.0, self.inputs(), color=colours, lw=4)
        held.axhline(0.0, color=GREY, lw=1)
        held.axhline(TARGETS[self.label], color=GREY, ls="--", label="target")
        held.plot(np.tanh(self.states())[: self.t + 1], "o-", color=STATE, ms=4)
        known = max(0, 2 * LENGTH - self.t)
        back.plot(steps[known:], self.decades()[known:], "o-", color=GRADIENT, ms=4)
        heard.set(ylabel="input $h_t$", ylim=(-2.2, 2.2))
        held.set(ylabel="output $x_t$", ylim=(-1.1, 1.1))
        back.set(xlabel="step $t$", ylabel=r"$\log_{10} |\partial C / \partial h_t|$")
        back.set(ylim=(FLOOR, 1), xlim=(0, LENGTH + 0.5))
        held.legend(loc="lower right")
