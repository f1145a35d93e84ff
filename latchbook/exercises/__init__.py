"""Answers to the exercises, checked in the notebook.

``check("ex-threshold-at-two", answer)`` says whether an answer is right and, for typical slips,
what went wrong. Expected values are computed from :mod:`latchlib.formulas`; none is typed in.
An answer may be a number or a SymPy expression; two expressions are compared at points, in a time
that does not depend on what somebody types.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from latchbook.exercises import (
    additive_inputs,
    attractors,
    bounded_noise,
    contracting_maps,
    discrete_error,
    experiments,
    multigrid,
    outside_gamma,
    plateaus,
    problem,
    pseudo_newton,
    random_guessing,
    reduced_attracting_set,
    simulated_annealing,
    vanishing_gradient,
    weight_gradient,
)
from latchbook.exercises._base import Exercise, Feedback, compare

__all__ = ["EXERCISES", "Exercise", "Feedback", "check"]

#: Every checked exercise, by its label in the book; one module a part or chapter.
EXERCISES: Mapping[str, Exercise] = MappingProxyType(
    {
        **problem.EXERCISES,
        **bounded_noise.EXERCISES,
        **contracting_maps.EXERCISES,
        **discrete_error.EXERCISES,
        **experiments.EXERCISES,
        **additive_inputs.EXERCISES,
        **attractors.EXERCISES,
        **reduced_attracting_set.EXERCISES,
        **outside_gamma.EXERCISES,
        **vanishing_gradient.EXERCISES,
        **weight_gradient.EXERCISES,
        **plateaus.EXERCISES,
        **pseudo_newton.EXERCISES,
        **simulated_annealing.EXERCISES,
        **multigrid.EXERCISES,
        **random_guessing.EXERCISES,
    }
)


def check(label: str, answer: Any) -> Feedback:
    """Compare an answer with the expected one.

    Parameters
    ----------
    label : str
        Label of the exercise, as ``"ex-threshold-at-two"``.
    answer : number, sympy.Expr, str or Ellipsis
        The answer; ``...`` stands for none yet.

    Returns
    -------
    Feedback
        True if the answer is right. Its text says why, or what went wrong; also of an expression
        that cannot be evaluated in reasonable time.

    Raises
    ------
    ValueError
        If there is no such exercise, or the answer is of another kind than the exercise asks for.
    """
    if label not in EXERCISES:
        raise ValueError(f"label is {label!r}; accepted: {', '.join(EXERCISES)}")
    return compare(EXERCISES[label], answer)
