"""Exercises and feedback, and when an answer counts as right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from latchlib import formulas

__all__ = [
    "HINT",
    "RIGHT",
    "SAME",
    "SLIP",
    "SMALLEST",
    "UNANSWERED",
    "Exercise",
    "Feedback",
    "compare",
    "sample",
]

UNANSWERED = "No answer yet. Replace ... by yours and run the cell again."
RIGHT = "Right. {}"
SLIP = "Not yet. {}"
HINT = "Not yet. Open the hint below the question."

#: A number this small counts as 0 where a relative tolerance is applied.
SMALLEST = 1e-12
#: Relative tolerance of two expressions that are compared at points.
SAME = 1e-9

_POINTS = 20


@dataclass(frozen=True)
class Feedback:
    """What :func:`check` says; true if the answer is right."""

    right: bool
    text: str

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Exercise:
    """An exercise whose answer can be checked.

    Parameters
    ----------
    expected : callable
        Returns the answer: a number, a SymPy expression, or a str for a choice.
    why : str
        Said when the answer is right.
    slips : mapping of str to callable
        Feedback for a typical wrong answer, and that answer.
    tolerance : float
        Relative tolerance for numbers.
    choices : tuple of str
        Accepted words, for a choice.
    """

    expected: Callable[[], Any]
    why: str
    slips: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    tolerance: float = 1e-3
    choices: tuple[str, ...] = ()


def sample(symbols: int) -> NDArray[np.float64]:
    """Return the points at which two expressions are compared, shape (20, `symbols`).

    Every answer of the book is analytic where all its symbols are above 1.
    """
    return np.random.default_rng(0).uniform(1.1, 3.0, (_POINTS, symbols))


def compare(exercise: Exercise, answer: Any) -> Feedback:
    """Compare an answer with the expected one; see :func:`latchlib.exercises.check`."""
    if answer is ...:
        return Feedback(False, UNANSWERED)
    if exercise.choices:
        return _check_choice(exercise, answer)
    answer = _expression(answer)
    if _equal(answer, exercise.expected(), exercise.tolerance):
        return Feedback(True, RIGHT.format(exercise.why))
    for text, wrong in exercise.slips.items():
        if _equal(answer, wrong(), exercise.tolerance):
            return Feedback(False, SLIP.format(text))
    return Feedback(False, HINT)


def _check_choice(exercise: Exercise, answer: Any) -> Feedback:
    if not isinstance(answer, str) or answer not in exercise.choices:
        raise ValueError(f"answer is {answer!r}; accepted: {', '.join(exercise.choices)}")
    if answer == exercise.expected():
        return Feedback(True, RIGHT.format(exercise.why))
    for text, wrong in exercise.slips.items():
        if answer == wrong():
            return Feedback(False, SLIP.format(text))
    return Feedback(False, HINT)


def _expression(answer: Any) -> sp.Expr:
    try:
        # A string goes through no parser: sympify would evaluate it as code.
        expression = sp.sympify(answer, strict=not isinstance(answer, (int, float, np.number)))
    except (sp.SympifyError, TypeError):
        expression = None
    if not isinstance(expression, sp.Expr) or expression.is_Matrix:
        raise ValueError(f"answer is {answer!r}; accepted: a number or a SymPy expression")
    return expression


def _equal(answer: sp.Expr, expected: Any, tolerance: float) -> bool:
    expected = sp.sympify(expected)
    # A reader's symbol w may carry other assumptions than the book's: match them by name.
    named = {s: formulas.SYMBOLS[s.name] for s in answer.free_symbols if s.name in formulas.SYMBOLS}
    answer = answer.subs(named)
    if answer.free_symbols != expected.free_symbols:
        return False
    if not expected.free_symbols:
        got, wanted = complex(answer.evalf()), complex(expected.evalf())
        return abs(got - wanted) <= tolerance * max(abs(wanted), SMALLEST)
    if sp.simplify(answer - expected) == 0:
        return True
    # simplify may miss an equality, so points decide.
    order = sorted(expected.free_symbols, key=str)
    difference = sp.lambdify(order, [answer, expected], "numpy")
    for point in sample(len(order)):
        got, wanted = difference(*point)
        if not np.isclose(got, wanted, rtol=SAME, atol=SMALLEST):
            return False
    return True
