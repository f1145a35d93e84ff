"""The price list as a chooser: say what you need, and see which ideas remain."""

from __future__ import annotations

from math import inf

import numpy as np
import traitlets
from matplotlib.figure import Figure

from latchbook import figures
from latchbook.explorables._base import Choice, Explorable
from latchlib.formulas import formula
from latchlib.prices import IDEAS, Idea

__all__ = ["NEEDS", "PriceList", "met"]

#: Lengths to choose from.
LENGTHS = (10, 20, 50, 100, 200, 500, 1000)

#: What may be asked for, by the trait that asks.
NEEDS = {
    "forever": "the bit lasts for ever",
    "margin": "it withstands all pushes below a tenth of its room",
    "alive": "a tenth of the gradient is left after T steps",
    "small": "memory does not grow with T",
    "quick": "it is written in one step",
}


def met(idea: Idea, T: int) -> dict[str, bool]:
    """Return which of :data:`NEEDS` an idea meets for T steps."""
    life = idea.number("life", T)
    return {
        "forever": idea.number("lasts", T) == 1.0,
        "margin": idea.number("added", T) >= 0.1,
        "alive": life == inf or 0.5 ** (T / life) >= 0.1,
        "small": idea.number("memory", T) == idea.number("memory", 2 * T),
        "quick": idea.number("write", T) == 1.0,
    }


def _row(idea: Idea) -> list:
    """Return names, and for each length: needs met, margin, half-life (0: for ever)."""
    lives = [idea.number("life", T) for T in LENGTHS]
    return [
        idea.key,
        idea.short,
        [[bool(value) for value in met(idea, T).values()] for T in LENGTHS],
        [idea.number("added", T) for T in LENGTHS],
        [0.0 if life == inf else life for life in lives],
    ]


class PriceList(Explorable):
    """Five needs, and the ideas that meet all that are asked for.

    Parameters
    ----------
    length : int
        Which of the lengths T, from 0.
    forever, margin, alive, small, quick : int
        1 for each of :data:`NEEDS` that is asked for.

    Raises
    ------
    ValueError
        If a value is outside its range.
    """

    _size = (5.4, 4.2)

    length = Choice(3, 0, len(LENGTHS) - 1)
    forever = Choice(1, 0, 1)
    margin = Choice(0, 0, 1)
    alive = Choice(1, 0, 1)
    small = Choice(0, 0, 1)
    quick = Choice(0, 0, 1)
    lengths = traitlets.List(list(LENGTHS)).tag(sync=True)
    needs = traitlets.List([list(item) for item in NEEDS.items()]).tag(sync=True)
    rows = traitlets.List([_row(idea) for idea in IDEAS]).tag(sync=True)

    def remaining(self) -> list[str]:
        """Return the keys of the ideas that meet all that is asked for."""
        T, asked = LENGTHS[self.length], [name for name in NEEDS if getattr(self, name)]
        return [i.key for i in IDEAS if all(met(i, T)[name] for name in asked)]

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name.

        Returns
        -------
        dict
            1 for each idea that remains and 0 for each that does not, by its key; ``remain``, how
            many remain.
        """
        left = self.remaining()
        return {idea.key: float(idea.key in left) for idea in IDEAS} | {"remain": float(len(left))}

    def _draw(self, figure: Figure) -> None:
        ax, T, left = figure.subplots(), LENGTHS[self.length], self.remaining()
        slopes = 1.0 - np.geomspace(1e-4, 0.995, 120)
        limits = formula("price_for_steps")(slopes, T)
        ax.loglog(limits, formula("half_life")(slopes), "--", color=figures.style.VERMILLION)
        ax.loglog(1.0 - slopes, formula("half_life")(slopes), "--", color=figures.style.GREY, lw=1)
        for idea in IDEAS:
            here = idea.key in left
            place = idea.number("added", T), min(idea.number("life", T), 5000.0)
            ax.plot(
                *place, "o", ms=9 if here else 6, color=figures.style.BLUE,
                mfc=figures.style.BLUE if here else "white",
            )  # fmt: skip
        ax.set(
            xlabel="margin over room", ylabel="half-life (steps)",
            xlim=(1e-4, 2.0), ylim=(0.1, 1e4),
        )  # fmt: skip
