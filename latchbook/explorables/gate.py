"""The gate: what a bias keeps, and how well it can be taught."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from latchbook.explorables._base import Explorable, Slider
from latchbook.figures.style import GRADIENT, GREY, STATE
from latchlib.formulas import formula

__all__ = ["Gate"]


class Gate(Explorable):
    """A forget gate with a constant bias.

    Parameters
    ----------
    g : float
        Bias.
    T : float
        Steps that a state is to be kept.
    sigma : float
        Standard deviation of the noise of which each step lets in the leak.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.
    """

    g = Slider(1.0, -1.0, 10.0, 0.05)
    T = Slider(100.0, 10.0, 1000.0, 10.0)
    sigma = Slider(1.0, 0.0, 2.0, 0.05)

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name.

        Returns
        -------
        dict
            ``leak`` of a step; ``half_life`` in steps; ``kept`` after T steps; ``slope`` of it in
            the bias, and its greatest value ``best``; ``noise`` after T steps.
        """
        leak = float(formula("gate_leak")(self.g))
        return {
            "leak": leak,
            "half_life": float(formula("gate_half_life")(self.g)),
            "kept": float(formula("gate_kept")(self.g, self.T)),
            "slope": float(formula("gate_slope")(self.g, self.T)),
            "best": float(formula("gate_slope_at_best")(self.T)),
            "noise": float(formula("gate_noise")(leak, self.T, self.sigma)),
        }

    def _draw(self, figure: Figure) -> None:
        above, below = figure.subplots(2, 1)
        found, bias = self.numbers(), np.linspace(-1.0, 10.0, 221)
        above.plot(bias, formula("gate_slope")(bias, self.T), color=GRADIENT)
        above.plot(self.g, found["slope"], "o", color=GRADIENT, ms=8)
        above.set(xlabel="bias $g$", ylabel="slope of the share kept", ylim=(0.0, 0.42))
        below.plot(bias, formula("gate_kept")(bias, self.T), color=STATE, label="kept")
        noise = formula("gate_noise")(formula("gate_leak")(bias), self.T, self.sigma)
        below.plot(bias, noise, "--", color=GREY, label="noise")
        below.plot(self.g, found["kept"], "o", color=STATE, ms=8)
        below.set(xlabel="bias $g$", ylabel="share kept; noise", ylim=(0.0, 1.5))
        below.legend(loc="upper left")
