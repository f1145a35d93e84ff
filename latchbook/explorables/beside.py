"""Side by side: the same bit and the same noise, kept by a latch, a gate, a line and a glance."""

from __future__ import annotations

from math import log

import numpy as np
import traitlets
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latchbook.explorables._base import SAMPLES, Choice, Explorable, Slider, light_noise
from latchbook.figures.style import BLUE, GREEN, GREY, PURPLE, VERMILLION
from latchlib.formulas import formula
from latchlib.neuron import fixed_points

__all__ = ["SideBySide"]

#: The last step, and the least power of ten of a gradient that is drawn.
LAST, FLOOR = 200, -12
#: The four, with the style of their lines.
READERS = {
    "latch": (BLUE, "-"),
    "gate": (VERMILLION, "--"),
    "line": (GREEN, "-."),
    "glance": (PURPLE, ":"),
}


class SideBySide(Explorable):
    """A bit that is written at step 0, and noise in every step after that.

    Parameters
    ----------
    T : int
        Steps that have passed.
    g : float
        Bias of the gate, logit of the line's slope, and gap of the glance's logit.
    w : float
        Weight of the latch.
    sigma : float
        Size of the noise: its standard deviation, or the noise itself if it is steady.
    steady : int
        1 if the noise is a steady push against the bit, 0 if it is random.
    sample : int
        Which of the noise samples is used, from 0.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.
    """

    T = Choice(100, 0, LAST)
    g = Slider(4.6, 0.0, 10.0, 0.1)
    w = Slider(2.0, 1.05, 4.0, 0.05)
    sigma = Slider(0.3, 0.0, 1.0, 0.05)
    steady = Choice(0, 0, 1)
    sample = Choice(0, 0, SAMPLES - 1)
    draws = traitlets.Bytes(light_noise(2024, LAST)).tag(sync=True)

    def pushes(self) -> NDArray[np.float64]:
        """Return the noise of the steps 1, 2, ..., LAST."""
        noise = np.frombuffer(self.draws, dtype="<f8").reshape(SAMPLES, LAST)[self.sample]
        if self.steady:
            noise = np.full(LAST, -1.0)
        return formula("noisy_input")(0.0, self.sigma, noise)

    def paths(self) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
        """Return what each reads at every step up to T, and log10 of its gradient to step 0."""
        step, gated, linear, slope = (
            formula(name) for name in ("step", "gate_step", "linear_step", "log_slope")
        )
        leak = float(formula("gate_leak")(self.g))
        a, c, x, total, fade = fixed_points(self.w)[-1].a, 1.0, 1.0, 0.0, 0.0
        read = {"latch": [np.tanh(a)], "gate": [c], "line": [x], "glance": [1.0]}
        decades = {name: [0.0] for name in read}
        for t, push in enumerate(self.pushes()[: self.T], start=1):
            fade += float(slope(a, self.w)) / log(10.0)
            a, total = float(step(a, self.w, push)), total + float(push)
            c, x = float(gated(c, push, leak)), float(linear(x, 1.0 - leak, push))
            weight = float(formula("attention_weight")(self.g, t + 1.0))
            kept = float(formula("decades")(formula("gate_kept")(self.g, t)))
            found = {"latch": (np.tanh(a), fade), "gate": (c, kept), "line": (x, kept)}
            glance = float(gated(total / t, 1.0, weight))
            found["glance"] = (glance, float(formula("decades")(weight)))
            for name, (state, size) in found.items():
                read[name].append(float(state))
                decades[name].append(size)
        return read, decades

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name.

        Returns
        -------
        dict
            What the ``latch``, the ``gate``, the ``line`` and the ``glance`` read after T steps,
            and log10 of the gradient of each, ``latch_gradient`` and so on.
        """
        read, decades = self.paths()
        return {name: values[-1] for name, values in read.items()} | {
            f"{name}_gradient": values[-1] for name, values in decades.items()
        }

    def _draw(self, figure: Figure) -> None:
        above, below = figure.subplots(2, 1)
        read, decades = self.paths()
        above.axhline(0.0, color=GREY, lw=1)
        for name, (colour, line) in READERS.items():
            above.plot(read[name], line, color=colour, label=name)
            below.plot(np.maximum(decades[name], 2 * FLOOR), line, color=colour, label=name)
        above.set(xlabel="step", ylabel="what it reads", ylim=(-2.0, 2.0), xlim=(0, LAST))
        below.set(
            xlabel="step", ylabel=r"$\log_{10}$ of the gradient", ylim=(FLOOR, 1), xlim=(0, LAST)
        )
        above.legend(loc="lower right", ncols=2)
