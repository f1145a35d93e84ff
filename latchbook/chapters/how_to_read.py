"""What the chapter how-to-read asks, and the pictures that it alone shows."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from latchbook.figures.style import (
    BLUE,
    VERMILLION,
    axes,
)
from latchbook.questions import Exercise, of
from latchlib import formulas
from latchlib.neuron import h_star

EXERCISES = {
    "ex-read-value": Exercise(
        expected=lambda: of("h_star", w=3),
        why="The formula's NumPy life gives the same value as its SymPy life.",
        slips={"That is h*(2). The question asks for w = 3.": lambda: h_star(2.0)},
    ),
    "ex-read-derivative": Exercise(
        expected=lambda: of("h_star_derivative"),
        why='It simplifies to sqrt((w - 1)/w). "A neuron that latches" says what that means.',
    ),
    "ex-read-verdict": Exercise(
        expected=lambda: "measured",
        why="Samples tell you about the samples, no more. The positive derivative proves the rest.",
        slips={
            "A million points leave gaps; a proof leaves none.": lambda: "proved",
            "Interval arithmetic covers whole ranges; points do not.": lambda: "certified",
            "There is something to compute, so we can do better than prose.": lambda: "prose",
        },
        choices=("proved", "certified", "measured", "prose"),
    ),
}

# --- pictures ----------------------------------------------------------------------------


def plot_threshold(ax: Axes | None = None, *, w_max: float = 3.0) -> Axes:
    """Draw h*(w) with its law near w = 1."""
    ax = axes(ax)
    w = np.linspace(1.0, w_max, 301)
    ax.plot(w, formulas.formula("h_star")(w), color=BLUE, label="$h^*(w)$")
    near = w[w <= 2.0]
    ax.plot(
        near,
        formulas.formula("h_star_near_one")(near),
        "--",
        color=VERMILLION,
        label=r"$\frac{2}{3}(w-1)^{3/2}$",
    )
    ax.set(xlabel="weight $w$", ylabel="noise margin $h^*$", ylim=(0, None))
    ax.legend(loc="upper left")
    return ax
