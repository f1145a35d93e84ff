"""What the chapter how-to-read asks."""

from __future__ import annotations

from latchbook.questions import Exercise, of
from latchlib.attractors import h_star

EXERCISES = {
    "ex-read-value": Exercise(
        expected=lambda: of("h_star", w=3),
        why="The formula's NumPy life gives the same as its SymPy life.",
        slips={"That is h*(2). The question asks for w = 3.": lambda: h_star(2.0)},
    ),
    "ex-read-derivative": Exercise(
        expected=lambda: of("h_star_derivative"),
        why='It simplifies to sqrt((w - 1)/w). "A neuron that latches" says what that means.',
    ),
    "ex-read-verdict": Exercise(
        expected=lambda: "measured",
        why="Samples show their samples. The derivative, which is positive, proves the rest.",
        slips={
            "A million points leave gaps; a proof leaves none.": lambda: "proved",
            "Interval arithmetic covers whole ranges; points do not.": lambda: "certified",
            "There is something to compute, so more than prose can be had.": lambda: "prose",
        },
        choices=("proved", "certified", "measured", "prose"),
    ),
}
