"""A cost with two cliffs: where its gradient explodes, where it vanishes, what clipping does."""

from __future__ import annotations

from itertools import pairwise
from math import copysign, inf
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from latchbook.explorables._base import Choice, Explorable, Slider
from latchbook.figures.style import GRADIENT, GREY, STATE
from latchlib.formulas import formula
from latchlib.tasks import TARGETS

__all__ = ["Cliff"]

#: Updates that are followed, the rate of each, and how far the two starts lie from their middle.
UPDATES, RATE, APART = 30, 0.1, 0.5
#: Shifts that are drawn, and the least power of ten of a derivative that is.
SHOWN, FLOOR = (-1.5, 2.5), -12


class Place(NamedTuple):
    """The mean cost of both sequences at a shift, its derivative, and da_t/da_0 of each."""

    cost: float
    gradient: float
    growth: dict[float, list[float]]


class Cliff(Explorable):
    """The latch starts from 0.5 + s or from -0.5 + s, and s is trained to keep the two apart.

    Parameters
    ----------
    w : float
        Weight of the latch.
    T : int
        Steps of a sequence.
    s : float
        Shift at which training starts.
    threshold : float
        Length at which the clipped rule cuts a gradient.
    update : int
        Updates that both rules have made.

    Raises
    ------
    ValueError
        If a value is outside its slider's range.
    """

    w = Slider(2.0, 0.5, 2.5, 0.05)
    T = Choice(6, 2, 12)
    s = Slider(-0.56, -1.5, 1.5, 0.01)
    threshold = Slider(1.0, 0.1, 20.0, 0.1)
    update = Choice(2, 0, UPDATES)

    def at(self, shift: float) -> Place:
        """Return what there is at a shift."""
        cost, gradient, growth = 0.0, 0.0, {}
        for target in TARGETS:
            a, grown = copysign(APART, target) + shift, [1.0]
            for _ in range(self.T):
                grown.append(grown[-1] * float(formula("slope")(a, self.w)))
                a = float(formula("step")(a, self.w, 0.0))
            cost += float(formula("cost")(formula("activation")(a), target)) / len(TARGETS)
            gradient += float(formula("delta_at_end")(a, target)) * grown[-1] / len(TARGETS)
            growth[target] = grown
        return Place(cost, gradient, growth)

    def course(self, threshold: float) -> list[float]:
        """Return the shifts from the start to the present update; no threshold is infinite."""
        shifts = [self.s]
        for _ in range(self.update):
            g = self.at(shifts[-1]).gradient
            cut = np.sign(g) * formula("clipped_length")(abs(g), threshold)
            shifts.append(float(formula("descent_on_grid")(shifts[-1], cut, RATE)))
        return shifts

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name.

        Returns
        -------
        dict
            After the updates, without clipping: the shift ``plain``, ``plain_cost`` and
            ``plain_gradient`` there, and da_T/da_0 of both sequences, ``growth_plus`` and
            ``growth_minus``; of the clipped rule ``clipped``, ``clipped_cost`` and
            ``clipped_gradient``; ``longest``, the longest gradient that the first has met.
        """
        shifts, cut = self.course(inf), self.course(self.threshold)[-1]
        places, clipped = [self.at(shift) for shift in shifts], self.at(cut)
        plain = places[-1]
        return {
            "plain": shifts[-1],
            "plain_cost": plain.cost,
            "plain_gradient": plain.gradient,
            "longest": max(abs(place.gradient) for place in places),
            "clipped": cut,
            "clipped_cost": clipped.cost,
            "clipped_gradient": clipped.gradient,
            "growth_plus": plain.growth[max(TARGETS)][-1],
            "growth_minus": plain.growth[min(TARGETS)][-1],
        }

    def _draw(self, figure: Figure) -> None:
        above, below = figure.subplots(2, 1)
        along = np.linspace(*SHOWN, 401)
        above.plot(along, [self.at(s).cost for s in along], color=GREY)
        rules = {"clipped": (self.threshold, "--", "white"), "plain": (inf, "-", STATE)}
        for name, (threshold, line, fill) in rules.items():
            points = [(s, self.at(s).cost) for s in self.course(threshold)]
            for (s, cost), (to, lower) in pairwise(points):
                above.plot([s, to], [cost, lower], line, color=STATE, lw=1.4)
            above.plot(*points[-1], "o", color=STATE, mfc=fill, ms=8, label=name)
        above.set(xlabel="shift $s$", ylabel="cost", xlim=SHOWN, ylim=(0.0, 1.0))
        above.legend(loc="upper left")
        growth = self.at(self.course(inf)[-1]).growth
        below.axhline(1.0, color=GREY, lw=1)
        for name, target, line in (("plus", max(TARGETS), "-"), ("minus", min(TARGETS), "--")):
            grown = np.maximum(growth[target], 10.0**FLOOR)
            below.semilogy(grown, line, color=GRADIENT, label=name)
        below.set(xlabel="step of the sequence", ylabel=r"$\partial a_t/\partial a_0$")
        below.legend(loc="lower left")
