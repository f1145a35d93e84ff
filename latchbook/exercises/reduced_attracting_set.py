"""Exercises of chapter reduced-attracting-set."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from latchbook.exercises._base import Exercise
from latchlib import formulas
from latchlib.attractors import a_star, attractor_pair

a, w = formulas.SYMBOLS["a"], formulas.SYMBOLS["w"]


def _margin(state: sp.Expr) -> sp.Expr:
    return formulas.formula("state_margin").expr.subs({a: state, w: 2})


def _edge_of_two_steps(weight: float) -> float:
    slope, step = formulas.formula("slope"), formulas.formula("step")
    low, high = 0.0, a_star(weight)
    for _ in range(100):
        middle = 0.5 * (low + high)
        # Both slopes fall as the state grows, so their product crosses 1 once.
        product = slope(middle, weight) * slope(step(middle, weight, 0.0), weight)
        low, high = (middle, high) if product > 1.0 else (low, middle)
    return low


EXERCISES: Mapping[str, Exercise] = {
    "ex-margin-of-state": Exercise(
        expected=lambda: _margin(sp.Rational(1, 2)),
        why="It is 2 tanh(1/2) - 1/2, about four fifths of h*(2).",
        slips={
            "That is h*(2), which states in Gamma bear. This one lies outside.": lambda: (
                formulas.formula("h_star").expr.subs(w, 2)
            ),
            "That is M(a_0). The state must stay above a_0, so subtract it.": lambda: (
                2 * sp.tanh(sp.Rational(1, 2))
            ),
        },
    ),
    "ex-no-longer-latched": Exercise(
        expected=lambda: attractor_pair(2.0)[1].a - a_star(2.0),
        why="The state is then at a*, the edge of Gamma. The edge of the basin is at 0, far off.",
        slips={
            "That push carries the state out of the basin. Gamma ends earlier.": lambda: (
                attractor_pair(2.0)[1].a
            ),
            "That is where Gamma ends. How far is it from the attractor?": lambda: a_star(2.0),
            "That is h*(2), for an input that lasts. This one comes once.": lambda: (
                formulas.formula("h_star").expr.subs(w, 2)
            ),
        },
    ),
    "ex-edge-of-eigenvalues": Exercise(
        expected=lambda: _edge_of_two_steps(2.0),
        why="The eigenvalue reading lets in states below a*, as long as two steps contract.",
        slips={
            "That is a*, the edge in the norm reading.": lambda: a_star(2.0),
        },
    ),
    "ex-which-reading": Exercise(
        expected=lambda: "eigenvalues",
        why="Both eigenvalues are 0, and those of every power; the norm is 3.",
        slips={
            "The norm of M' is 3: some vector is stretched threefold.": lambda: "norm",
            "In one of the two, l = 1 already fails.": lambda: "both",
            "Compute the eigenvalues of the matrix and of its powers.": lambda: "neither",
        },
        choices=("eigenvalues", "norm", "both", "neither"),
    ),
}
