"""Exercises of the chapter weight-gradient."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from latchbook.exercises._base import Exercise
from latchlib.attractors import fixed_points


def _slope() -> float:
    return fixed_points(2.0)[-1].slope


EXERCISES: Mapping[str, Exercise] = {
    "ex-last-three-steps": Exercise(
        expected=lambda: 1 - _slope() ** 3,
        why="It is 1 - m^3: all terms older than three steps have half a per cent of it.",
        slips={
            "That is the share of the older terms.": lambda: _slope() ** 3,
            "Three terms are those of age 0, 1 and 2.": lambda: 1 - _slope() ** 4,
        },
        tolerance=1e-3,
        share=True,
    ),
    "ex-printed-indices": Exercise(
        expected=lambda: 1 - _slope(),
        why="The last term alone. At rest it is most of the gradient, and no term through time.",
        slips={"That is the share of what is left out.": _slope},
        share=True,
    ),
    "ex-lost-in-rounding": Exercise(
        expected=lambda: int(np.ceil(-16 * np.log(10.0) / np.log(_slope()))),
        why="Twenty-one steps: what lies further back leaves no trace in the sum.",
        slips={
            "That term is still a little above 10^-16.": lambda: int(
                np.floor(-16 * np.log(10.0) / np.log(_slope()))
            ),
        },
        tolerance=1e-6,
    ),
    "ex-negative-weight": Exercise(
        expected=lambda: "other",
        why="An odd number of negative slopes. With T = 21 the push would be right.",
        slips={
            "From a_1 to a_20 there are nineteen slopes, and each is negative.": lambda: "class",
        },
        choices=("class", "other"),
    ),
}
