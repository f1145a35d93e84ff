"""Looking back: what one attention head puts on a marked position, and what a logit can change."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from latchbook.explorables._base import Explorable, Slider
from latchbook.figures.style import GRADIENT, GREY, MAP
from latchlib.formulas import formula

__all__ = ["LookBack"]

#: So many bars are drawn at most; the positions behind them are alike.
BARS = 40


class LookBack(Explorable):
    """A head over T positions, the first of which has a logit above all others.

    Parameters
    ----------
    T : float
        Number of positions, a whole number.
    g : float
        Gap that is asked for between the logit of the first position and the others.
    B : float
        Bound of every logit, so that no gap exceeds 2 B in size.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.
    """

    _module = "glance"

    T = Slider(20.0, 2.0, 1000.0, 1.0)
    g = Slider(0.0, -2.0, 14.0, 0.1)
    B = Slider(7.0, 0.5, 7.0, 0.25)

    def numbers(self) -> dict[str, float]:
        """Return the numbers shown, by name.

        Returns
        -------
        dict
            ``gap`` that the bound leaves; ``weight`` of the first position and of each ``other``;
            ``slope`` of the weight in its logit, and where it was at the ``start``, with all logits
            equal; ``half``, the gap of the weight 1/2; ``cap``, the largest weight under the bound;
            ``margin``, the noise on the other inputs that the sign of the first one withstands.
        """
        slope, weight = formula("attention_slope"), formula("attention_weight")
        gap = max(-2.0 * self.B, min(self.g, 2.0 * self.B))
        share = float(weight(gap, self.T))
        return {
            "gap": gap,
            "weight": share,
            "other": (1.0 - share) / (self.T - 1.0),
            "slope": float(slope(share)),
            "start": float(slope(1.0 / self.T)),
            "half": float(formula("attention_gap")(self.T, 0.5)),
            "cap": float(formula("attention_cap")(self.B, self.T)),
            "margin": float(formula("attention_margin")(gap, self.T)),
        }

    def _draw(self, figure: Figure) -> None:
        above, below = figure.subplots(2, 1, height_ratios=(2, 3))
        found = self.numbers()
        shown = min(int(self.T), BARS)
        heights = np.full(shown, found["other"])
        heights[0] = found["weight"]
        above.bar(np.arange(1, shown + 1), heights, color=[MAP] + [GREY] * (shown - 1))
        above.set(xlabel="position $k$", ylabel="weight $p_k$", ylim=(0.0, 1.0))
        gaps = np.linspace(-2.0, 14.0, 201)
        weights = formula("attention_weight")(gaps, self.T)
        below.plot(gaps, weights, color=MAP)
        below.plot(gaps, formula("attention_slope")(weights), "--", color=GRADIENT)
        for edge, end in ((max(-2.0 * self.B, -2.0), -2.0), (min(2.0 * self.B, 14.0), 14.0)):
            below.axvspan(edge, end, color=GREY, alpha=0.2, lw=0)
        below.axvline(found["half"], color=GREY, ls=":")
        below.plot(found["gap"], found["weight"], "o", color=MAP, ms=8)
        below.plot(found["gap"], found["slope"], "o", color=GRADIENT, ms=8)
        below.set(xlabel="logit gap $g$", ylabel="weight, slope", xlim=(-2.0, 14.0))
