"""Questions that the reader answers, on the page, in JupyterLab or in a cell.

``check("ex-threshold-at-two", ...)`` shows a box for the answer to an exercise,
``predict("latch-neuron")`` the choices of a chapter's prediction, and ``drill("latch-neuron")``
asks with new numbers each time. On the built page all three work without a kernel: what is right,
and what to say to a slip, is computed here and sent along. What is asked stands in
:mod:`latchbook.chapters`; expected values are computed from :mod:`latchlib.formulas`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import sympy as sp

from latchbook.questions.box import Unanswered
from latchbook.questions.drill import Drill, DrillQuestion, Range, Task
from latchbook.questions.judging import Choice, Exercise, Feedback, Prediction, compare
from latchbook.questions.widget import Question
from latchlib.formulas import SYMBOLS, formula
from latchlib.validation import refuse

__all__ = [
    "Choice",
    "Drill",
    "DrillQuestion",
    "Exercise",
    "Feedback",
    "Prediction",
    "Question",
    "Range",
    "Task",
    "check",
    "decimals",
    "drill",
    "drills",
    "exercises",
    "of",
    "predict",
    "predictions",
    "superscript",
]


def check(label: str, answer: Any) -> Feedback:
    """Compare an answer to an exercise with the expected one, or show the box for it.

    Parameters
    ----------
    label : str
        Label of the exercise, as ``"ex-threshold-at-two"``.
    answer : number, sympy.Expr, str or Ellipsis
        The answer; for ``...``, which stands for none yet, the page and JupyterLab show the box.

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
    exercise = _exercise(label)
    feedback = compare(exercise, answer)
    if answer is ...:
        return Unanswered(feedback.right, feedback.text, label, exercise)
    return feedback


def predict(chapter: str) -> Question:
    """Show a chapter's prediction: choices, and to each the reason why it is right or wrong.

    Parameters
    ----------
    chapter : str
        Name of the chapter, as ``"latch-neuron"``.

    Raises
    ------
    ValueError
        If the chapter has none.
    """
    prediction = _of_chapter(chapter, "PREDICTION")
    return Question(prediction.describe(), str(prediction))


def drill(chapter: str) -> DrillQuestion:
    """Show a chapter's drill; ``drill(chapter).ask(rng=rng)`` asks in a cell.

    Parameters
    ----------
    chapter : str
        Name of the chapter, as ``"latch-neuron"``.

    Raises
    ------
    ValueError
        If the chapter has none.
    """
    return DrillQuestion(_of_chapter(chapter, "DRILL"))


# --- what the chapters ask ---------------------------------------------------------------


@cache
def exercises() -> Mapping[str, Exercise]:
    """Return the exercises of all chapters, by label."""
    found = {}
    for name, asked in _everywhere("EXERCISES"):
        if twice := found.keys() & asked:
            raise ValueError(f"labels {', '.join(twice)} of {name} are those of other exercises")
        found |= asked
    return found


@cache
def predictions() -> Mapping[str, Prediction]:
    """Return the prediction of each chapter that has one."""
    return dict(_everywhere("PREDICTION"))


@cache
def drills() -> Mapping[str, Drill]:
    """Return the drill of each chapter that has one."""
    return dict(_everywhere("DRILL"))


# Found by name: they stand on this package, not below it.
_CHAPTERS = "latchbook.chapters"


def _names() -> list[str]:
    found = pkgutil.iter_modules(import_module(_CHAPTERS).__path__)
    return [module.name.replace("_", "-") for module in found]


def _module(chapter: str) -> ModuleType:
    return import_module(f"{_CHAPTERS}.{chapter.replace('-', '_')}")


def _everywhere(kind: str) -> Iterator[tuple[str, Any]]:
    for name in _names():
        if hasattr(_module(name), kind):
            yield name, getattr(_module(name), kind)


def _of_chapter(chapter: str, kind: str) -> Any:
    if chapter not in _names() or not hasattr(_module(chapter), kind):
        raise refuse("chapter", chapter, ", ".join(name for name, _ in _everywhere(kind)))
    return getattr(_module(chapter), kind)


@cache
def _sources() -> dict[str, str]:
    specs = {name: find_spec(f"{_CHAPTERS}.{name.replace('-', '_')}") for name in _names()}
    return {name: Path(spec.origin).read_text(encoding="utf-8") for name, spec in specs.items()}


def _exercise(label: str) -> Exercise:
    """Return an exercise from the one module that names it, without importing the others."""
    for name, source in _sources().items():
        if f'"{label}"' in source:
            if (found := getattr(_module(name), "EXERCISES", {}).get(label)) is not None:
                return found
    raise refuse("label", label, ", ".join(exercises()))


# --- for the wording of questions --------------------------------------------------------


def of(name: str, **values: Any) -> sp.Expr:
    """Return a formula's expression, with others in place of some of its symbols."""
    replaced = {SYMBOLS[symbol]: value for symbol, value in values.items()}
    return formula(name).expr.subs(replaced, simultaneous=True)


def decimals(value: float, digits: int = 2) -> str:
    """Return a number with so many decimals, and the minus sign of mathematics."""
    return f"{value:.{digits}f}".replace("-", "−")


def superscript(power: int) -> str:
    """Return a whole number in raised digits."""
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
