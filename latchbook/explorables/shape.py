"""The shape of a unit: its margin, its room, and how long its gradient can live."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from scipy.optimize import brentq

from latchbook.explorables._base import Explorable, Slider
from latchbook.figures.style import GRADIENT, GREY, MAP, SAFE
from latchlib.formulas import formula

__all__ = ["UnitShape"]


class UnitShape(Explorable):
    """A unit that bends at -s and s, and what its bit costs.

    Parameters
    ----------
    s : float
        Scale.
    g : float
        Gain: how much steeper it is in the middle than far out.
    c : float
        Slope far out.
    bend : float
        Sharpness of the bend: low for a soft one as of tanh, high for a kink.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.
    """

    s = Slider(1.0, 0.5, 10.0, 0.5)
    g = Slider(2.0, 0.5, 3.0, 0.05)
    c = Slider(0.0, 0.0, 0.9, 0.05)
    bend = Slider(1.0, 0.5, 10.0, 0.5)

    @property
    def _shape(self) -> tuple[float, float, float, float]:
        return self.s, self.g, self.c, self.bend

    @property
    def edge(self) -> float | None:
        """Where the slope crosses 1; None if it is nowhere above 1, so that no bit is held."""
        if not formula("shape_slope")(0.0, *self._shape) > 1.0:
            return None
        return float(formula("shape_edge")(*self._shape))

    @property
    def attractor(self) -> float | None:
        """The upper fixed point; None if no bit is held."""
        if self.edge is None:
            return None
        beyond = (self.s * self.g + 1.0) / (1.0 - self.c)  # f(a) <= c a + s g
        gap = lambda a: formula("shape")(a, *self._shape) - a  # noqa: E731
        return float(brentq(gap, self.edge, beyond, xtol=1e-14))

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name; None where no bit is held.

        Returns
        -------
        dict
            ``edge``, ``margin``, ``attractor``, ``room``, ``share`` = margin / room; ``slope`` at
            the attractor and its bound ``price``; ``half_life`` and its bound ``limit``, in steps.
        """
        names = "edge margin attractor room share slope price half_life limit".split()
        edge, top = self.edge, self.attractor
        if edge is None or top is None:
            return dict.fromkeys(names)
        margin, room = float(formula("shape")(edge, *self._shape)) - edge, top - edge
        slope = float(formula("shape_slope")(top, *self._shape))
        price = float(formula("price_at_rest")(margin, room))
        lives = [float(formula("half_life")(value)) for value in (slope, price)]
        found = (edge, margin, top, room, margin / room, slope, price, *lives)
        return dict(zip(names, found, strict=True))

    def _draw(self, figure: Figure) -> None:
        above, below = figure.subplots(2, 1, height_ratios=(3, 2))
        found = self.numbers()
        reach = 1.25 * (found["attractor"] or 2.4 * self.s)
        a = np.linspace(0.0, reach, 201)
        above.plot(a, a, color=GREY, lw=1)
        above.plot(a, formula("shape")(a, *self._shape), color=MAP)
        above.set(xlabel="state $a_{t-1}$", ylabel="next state $a_t$")
        share = np.linspace(0.02, 0.98, 201)
        bound = formula("half_life")(formula("price_at_rest")(share, 1.0))
        below.semilogy(share, bound, "--", color=GRADIENT)
        below.fill_between(share, bound, 100.0, color=GREY, alpha=0.2, lw=0)
        below.set(xlabel="margin / room", ylabel="half-life (steps)", ylim=(0.1, 100.0))
        if found["edge"] is not None:
            edge, top = found["edge"], found["attractor"]
            ends = np.array([edge, top])
            above.plot(ends, [edge + found["margin"], top], "--", color=GRADIENT)
            above.plot([edge, edge], [edge, edge + found["margin"]], color=SAFE, lw=3)
            above.plot(top, top, "o", color=MAP, ms=8)
            below.plot(found["share"], found["half_life"], "o", color=GRADIENT, ms=8)
