"""A cloud of states of two units under repeated steps: drawn in, or not."""

from __future__ import annotations

import numpy as np
import traitlets
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latchbook.explorables._base import Choice, Explorable, Slider
from latchbook.explorables.plane import PRESETS
from latchbook.figures.style import GRADIENT, GREY, MAP, STATE
from latchlib import maps, phase_space
from latchlib.formulas import formula

__all__ = ["FAMILIES", "Cloud"]

_COS, _SIN = 1.2 * np.cos(1.0), 1.2 * np.sin(1.0)
#: Networks to choose from: w11, w12, w21, w22.
FAMILIES = {
    "two latches": (2.0, 0.0, 0.0, 2.0),
    "flip": (-2.0, 0.0, 0.0, -2.0),
    "two rivals": (0.0, -2.0, -2.0, 0.0),
    "circle": (_COS, -_SIN, _SIN, _COS),
    "of the question": PRESETS["non-normal"],
    "chaotic": PRESETS["chaotic"],
}

#: States in a row of the cloud, the last step, and the powers of ten that are drawn.
ROW, LAST, SHOWN = 14, 20, (-12, 4)
#: What counts as near the origin.
NEAR = 0.1


class Cloud(Explorable):
    """States that fill a square at the start, and what becomes of them and of small differences.

    Parameters
    ----------
    network : int
        Which of :data:`FAMILIES`, from 0.
    g : float
        Gain: all weights are multiplied by it.
    r : float
        Half the side of the square.
    t : int
        Steps that have passed.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.
    """

    network = Choice(0, 0, len(FAMILIES) - 1)
    g = Slider(1.0, 0.05, 1.2, 0.05)
    r = Slider(3.0, 0.1, 3.5, 0.1)
    t = Choice(2, 0, LAST)
    # Pairs: the keys of a mapping may be sorted on the way to the page.
    weights = traitlets.List([[name, list(W)] for name, W in FAMILIES.items()]).tag(sync=True)

    @property
    def W(self) -> NDArray[np.float64]:
        """The weight matrix, with its gain."""
        return self.g * np.array(list(FAMILIES.values())[self.network]).reshape(2, 2)

    def states(self) -> NDArray[np.float64]:
        """Return the cloud at every step, shape (LAST + 1, 2, ROW^2)."""
        side = self.r * ((2.0 * np.arange(ROW) + 1.0) / ROW - 1.0)
        return maps.orbit(self.W, np.stack(np.meshgrid(side, side)).reshape(2, -1), LAST)

    def decades(self) -> NDArray[np.float64]:
        """Return log10 of the norm of (M^t)' at every state, shape (LAST + 1, ROW^2)."""
        product, sizes = np.tile(np.eye(2)[:, :, np.newaxis], ROW**2), [np.ones(ROW**2)]
        for a in self.states()[:-1]:
            product = np.einsum("ijr,jkr->ikr", maps.jacobian(self.W, a), product)
            sizes.append(maps.norm(product))
        return formula("decades")(np.array(sizes))

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name.

        Returns
        -------
        dict
            ``radius``, the spectral radius of W, and its ``norm``; after t steps, how many states
            are near the origin (``home``), and how far the last step ``moved`` a state at most, in
            the maximum norm; log10 of the norm of (M^t)', the ``mean`` and the ``worst``.
        """
        states, decades = self.states(), self.decades()[self.t]
        steps = np.abs(states[self.t] - states[self.t - 1])
        return {
            "radius": float(maps.spectral_radius(self.W)),
            "norm": float(maps.norm(self.W)),
            "home": float((np.abs(states[self.t]).max(axis=0) < NEAR).sum()),
            "moved": float(steps.max()) if self.t > 0 else None,
            "mean": float(decades.mean()),
            "worst": float(decades.max()),
        }

    def _draw(self, figure: Figure) -> None:
        plane, growth = figure.subplots(2, 1, height_ratios=(3, 2))
        states, decades, W = self.states(), self.decades()[: self.t + 1], self.W
        reach = 1.08 * np.abs(states).max(axis=(0, 2))
        plane.plot(*states[0], ".", color=GREY, ms=2)
        plane.plot(*states[self.t], ".", color=STATE, ms=6)
        for cycle in phase_space.attractors(W):
            plane.plot(*cycle.points.T, "o", color=MAP, ms=14, mfc="none", mew=2)
        plane.set(xlabel="unit 1, $a_1$", ylabel="unit 2, $a_2$")
        plane.set(xlim=(-reach[0], reach[0]), ylim=(-reach[1], reach[1]))
        steps = np.arange(LAST + 1)
        laws = (("--", maps.norm(W), "$|W|^t$"), (":", maps.spectral_radius(W), r"$\rho^t$"))
        for line, rate, label in laws:
            growth.plot(steps * formula("decades")(rate), line, color=GREY, label=label)
        growth.plot(decades.max(axis=1), color=GRADIENT, label="greatest")
        growth.plot(decades.mean(axis=1), color=GRADIENT, lw=1, label="mean")
        growth.set(xlabel="step $t$", ylabel=r"$\log_{10}$ of the norm", ylim=SHOWN, xlim=(0, LAST))
        growth.legend(loc="lower left", ncols=2, fontsize=9)
