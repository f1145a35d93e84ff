"""What is asked, what is said to an answer, and when one counts as right."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from latchbook.questions._evaluate import Unreadable, names, values
from latchbook.questions.widget import WIDTH
from latchlib.validation import refuse

__all__ = ["Choice", "Exercise", "Feedback", "Prediction", "compare"]

UNANSWERED = "No answer yet. Replace ... by yours and run the cell again."
RIGHT = "Right. {}"
SLIP = "Not yet. {}"
UNREADABLE = (
    "Not yet. {} Give a number, or a short expression of sqrt, exp, log, tanh and the like."
)
HINT = "Not yet. Open the hint below the question."
NEAR_NUMBER = "Not yet. That is close, but {} significant digits must be right."
NEAR_WHOLE = "Not yet. That is close, but the answer must be exact."
NEAR_EXPRESSION = (
    "Not yet. That is close at every point, but not equal. If it contains a rounded number, write "
    "the exact one, such as ln(5)."
)
PERCENT = "Not yet. That is a hundred times too much: shares and chances are numbers from 0 to 1."

#: A number this small counts as 0 where a relative tolerance is applied.
SMALLEST = 1e-12
#: Relative tolerance of two expressions that are compared at points.
SAME = 1e-9
#: Relative tolerance of a number given to three significant digits, and of a whole number.
THREE_DIGITS = 5e-3
WHOLE = 1e-6
#: Relative distance within which an answer is said to be close: as far as two digits may be off.
NEAR = 5e-2

_POINTS = 20


@dataclass(frozen=True)
class Feedback:
    """What is said to an answer; true if it is right."""

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
    tolerance : float, optional
        Relative tolerance for numbers, where it is not that of three digits or of a whole number:
        where a slip is nearer than that.
    share : bool
        Whether the answer is a share or a chance, which some would give in per cent.
    choices : tuple of str
        Accepted words, for a choice.
    otherwise : str
        Said to any other wrong answer.
    """

    expected: Callable[[], Any]
    why: str
    slips: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    tolerance: float | None = None
    share: bool = False
    choices: tuple[str, ...] = ()
    otherwise: str = HINT

    # Each is worked out once: of some, SymPy takes a limit.
    @cached_property
    def right(self) -> Any:
        """What is expected."""
        return self.expected()

    @cached_property
    def wrong(self) -> dict[str, Any]:
        """The answer of each slip, by what is said to it."""
        return {text: slip() for text, slip in self.slips.items()}

    @cached_property
    def relative(self) -> float:
        """Relative tolerance for numbers: three digits will do, but whole numbers are exact."""
        if self.tolerance is not None:
            return self.tolerance
        return WHOLE if sp.sympify(self.right).is_Integer else THREE_DIGITS


@dataclass(frozen=True)
class Choice:
    """One choice, the reason why it is right or wrong, and which of the two."""

    text: str
    reason: str
    right: bool = False

    def feedback(self) -> str:
        """Return what is said to somebody who chose this."""
        return f"{'Right' if self.right else 'Not so'}. {self.reason}"


@dataclass(frozen=True)
class Prediction:
    """The question before a chapter's answer, with three or four choices."""

    question: str
    choices: tuple[Choice, ...]

    def describe(self) -> dict[str, Any]:
        """Return all that the page needs, as plain data."""
        options = [
            {"text": choice.text, "says": choice.feedback(), "right": choice.right}
            for choice in self.choices
        ]
        return {"kind": "choice", "legend": self.question, "options": options}

    def __str__(self) -> str:
        lines = [textwrap.fill(self.question, WIDTH)]
        for letter, choice in zip("abcd", self.choices, strict=False):
            first, later = f"  ({letter}) ", " " * 6
            lines.append(
                textwrap.fill(choice.text, WIDTH, initial_indent=first, subsequent_indent=later)
            )
        return "\n".join(lines)


def of_slips(relative: float) -> float:
    """Return the tolerance of slips: beside an exact answer they may be rounded."""
    return THREE_DIGITS if relative == WHOLE else relative


def digits(value: float, relative: float) -> str:
    """Return how many significant digits are enough, in words: at least three."""
    mantissa = abs(value) / 10.0 ** math.floor(math.log10(abs(value)))
    words = {3: "three", 4: "four", 5: "five"}
    # Rounded to k digits it is off by half a unit of the last one at most.
    return next(word for k, word in words.items() if 0.5 * 10.0 ** (1 - k) <= relative * mantissa)


def nearness(expected: Any, relative: float) -> str:
    """Return what is said to an answer that is close to the expected one, and not near enough."""
    expected = sp.sympify(expected)
    if expected.free_symbols:
        return NEAR_EXPRESSION
    if relative <= WHOLE:
        return NEAR_WHOLE
    return NEAR_NUMBER.format(digits(float(expected), relative))


def sample(symbols: int) -> NDArray[np.float64]:
    """Return the points at which two expressions are compared, shape (20, `symbols`).

    Every answer of the book is analytic where all its symbols are above 1.
    """
    return np.random.default_rng(0).uniform(1.1, 3.0, (_POINTS, symbols))


def compare(exercise: Exercise, answer: Any) -> Feedback:
    """Compare an answer with the expected one; see :func:`latchbook.questions.check`."""
    if answer is ...:
        return Feedback(False, UNANSWERED)
    if exercise.choices:
        return _check_choice(exercise, answer)
    answer = _expression(answer)
    try:
        if _equal(answer, exercise.right, exercise.relative):
            return Feedback(True, RIGHT.format(exercise.why))
        wider = of_slips(exercise.relative)
        for text, wrong in exercise.wrong.items():
            if _equal(answer, wrong, wider):
                return Feedback(False, SLIP.format(text))
        # Not a hundredth of the answer, which SymPy would work out, whatever it takes.
        hundredfold = 100 * sp.sympify(exercise.right)
        if exercise.share and _equal(answer, hundredfold, wider):
            return Feedback(False, PERCENT)
        if _equal(answer, exercise.right, NEAR, exact=False):
            return Feedback(False, nearness(exercise.right, exercise.relative))
    except Unreadable as reason:
        return Feedback(False, UNREADABLE.format(reason))
    return Feedback(False, exercise.otherwise)


def _check_choice(exercise: Exercise, answer: Any) -> Feedback:
    if not isinstance(answer, str) or answer not in exercise.choices:
        raise refuse("answer", answer, ", ".join(exercise.choices))
    if answer == exercise.right:
        return Feedback(True, RIGHT.format(exercise.why))
    for text, wrong in exercise.wrong.items():
        if answer == wrong:
            return Feedback(False, SLIP.format(text))
    return Feedback(False, exercise.otherwise)


def _expression(answer: Any) -> sp.Expr:
    try:
        # A string goes through no parser: sympify would evaluate it as code.
        expression = sp.sympify(answer, strict=not isinstance(answer, (int, float, np.number)))
    except (sp.SympifyError, TypeError):
        expression = None
    if not isinstance(expression, sp.Expr) or expression.is_Matrix:
        raise refuse("answer", answer, "a number or a SymPy expression")
    return expression


@lru_cache(1024)
def _wanted(expected: sp.Expr) -> tuple[list[str], NDArray[np.float64], list[complex | None]]:
    symbols = sorted(names(expected))
    points = sample(len(symbols)) if symbols else np.empty((1, 0))
    return symbols, points, values(expected, symbols, points)


def _equal(answer: sp.Expr, expected: Any, tolerance: float, *, exact: bool = True) -> bool:
    """Compare at points: there is no bound on how long SymPy would take to simplify an answer.

    Expressions are compared to rounding, whatever the tolerance, unless `exact` is false.
    """
    # By name: a reader's symbol w may carry other assumptions than the book's.
    symbols, points, wanted = _wanted(sp.sympify(expected))
    if names(answer) != set(symbols):
        return False
    # As in latchbook.questions.box: the page compares in the same way.
    relative = SAME if symbols and exact else tolerance
    smallest = SMALLEST / SAME if symbols else SMALLEST
    for got, value in zip(values(answer, symbols, points), wanted, strict=True):
        if got is None or value is None:
            return False
        size = max(abs(value), smallest)
        if abs(got - value) > relative * size or abs(got.imag) > SAME * size:
            return False
    return True
