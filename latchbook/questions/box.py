"""The box under an exercise: what is right and what is a slip, as numbers and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from latchbook.questions.judging import (
    NEAR,
    PERCENT,
    RIGHT,
    SAME,
    SLIP,
    SMALLEST,
    Exercise,
    Feedback,
    compare,
    digits,
    nearness,
    of_slips,
    sample,
)
from latchbook.questions.widget import Question
from latchlib.formulas import SYMBOLS

__all__ = ["Unanswered", "describe"]

_NUMBER = (
    "A number to {digits} significant digits, such as 1.92{more} or 6.43{more}e-2, or an "
    "expression such as 3/8 or sqrt(2)."
)
_MORE = {"three": "", "four": "0", "five": "00"}
_EXPRESSION = (
    "An expression in {names}, such as {example}, with exact numbers: ln(5), not 1.61. It is "
    "compared with the right one at {count} points."
)


@dataclass(frozen=True)
class Unanswered(Feedback):
    """What :func:`latchbook.questions.check` says where there is no answer yet: a box for it."""

    label: str
    exercise: Exercise

    __repr__ = Feedback.__repr__

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return Question(describe(self.label, self.exercise), self.text)._repr_mimebundle_(**kwargs)


def describe(label: str, exercise: Exercise) -> dict[str, Any]:
    """Return all that the page needs to judge an answer to an exercise, as plain data.

    Parameters
    ----------
    label : str
        The label of the exercise.
    exercise : Exercise

    Returns
    -------
    dict
        Of kind ``"choice"``: the options and what is said to each. Of kind ``"value"``: the points
        at which an answer is evaluated, the right values there with the tolerance of
        :func:`latchbook.questions.check`, and those of each slip.
    """
    if exercise.choices:
        return {
            "kind": "choice",
            "label": label,
            "legend": "Your answer",
            "options": [_option(exercise, word) for word in exercise.choices],
        }
    expected = sp.sympify(exercise.right)
    symbols = sorted(expected.free_symbols, key=str)
    points = sample(len(symbols)) if symbols else np.empty((1, 0))
    return {
        "kind": "value",
        "label": label,
        "help": _help(expected, symbols, len(points), exercise.relative),
        "symbols": [symbol.name for symbol in symbols],
        "points": points.tolist(),
        "right": _values(expected, symbols, points, RIGHT.format(exercise.why)),
        "slips": [
            _values(sp.sympify(wrong), symbols, points, SLIP.format(text))
            for text, wrong in exercise.wrong.items()
        ],
        "otherwise": exercise.otherwise,
        "percent": PERCENT if exercise.share else None,
        "near": nearness(expected, exercise.relative),
        "relative": SAME if symbols else exercise.relative,
        "relative_slip": SAME if symbols else of_slips(exercise.relative),
        "relative_near": NEAR,
        "smallest": SMALLEST / SAME if symbols else SMALLEST,
    }


def _option(exercise: Exercise, word: str) -> dict[str, Any]:
    feedback = compare(exercise, word)
    return {"text": word, "says": feedback.text, "right": feedback.right}


def _values(expr: sp.Expr, symbols: list[sp.Symbol], points: np.ndarray, text: str) -> dict:
    by_name = expr.subs({s: SYMBOLS[s.name] for s in expr.free_symbols})
    values = [float(by_name.subs(dict(zip(symbols, point, strict=True)))) for point in points]
    return {"values": values, "text": text}


def _help(expected: sp.Expr, symbols: list[sp.Symbol], count: int, relative: float) -> str:
    if not symbols:
        # A whole number is asked for as any other.
        wanted = digits(float(expected), of_slips(relative))
        return _NUMBER.format(digits=wanted, more=_MORE[wanted])
    names = " and ".join(symbol.name for symbol in symbols)
    return _EXPRESSION.format(names=names, count=count, example=f"sqrt({symbols[0].name} + 1)")
