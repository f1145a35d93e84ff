"""Questions that the reader answers, on the page, in JupyterLab or in a cell.

``check("ex-threshold-at-two", ...)`` shows a box for the answer to an exercise,
``predict("latch-neuron")`` the choices of a chapter's prediction, and ``drill("latch-neuron")``
asks with new numbers each time. On the built page all three work without a kernel: what is right,
and what to say to a slip, is computed here and sent along.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from latchbook import exercises
from latchbook.exercises import Feedback
from latchbook.questions._drill import Drill, DrillQuestion
from latchbook.questions._widget import Question
from latchbook.questions.box import Unanswered
from latchbook.questions.drills import DRILLS
from latchbook.questions.predictions import PREDICTIONS, Prediction
from latchlib._validation import refuse

__all__ = [
    "DRILLS",
    "PREDICTIONS",
    "Drill",
    "DrillQuestion",
    "Prediction",
    "Question",
    "check",
    "drill",
    "predict",
]

_T = TypeVar("_T")


def check(label: str, answer: Any) -> Feedback:
    """Check as :func:`latchbook.exercises.check`, and show a box where the answer is to be typed.

    Parameters
    ----------
    label : str
        Label of an exercise.
    answer : number, sympy.Expr, str or Ellipsis
        As there; for ``...`` the page and JupyterLab show the box.

    Returns
    -------
    Feedback

    Raises
    ------
    ValueError
        As there.
    """
    feedback = exercises.check(label, answer)
    return Unanswered(feedback.right, feedback.text, label) if answer is ... else feedback


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
    prediction = _of_chapter(PREDICTIONS, chapter)
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
    return DrillQuestion(_of_chapter(DRILLS, chapter))


def _of_chapter(all_: Mapping[str, _T], chapter: str) -> _T:
    if chapter not in all_:
        raise refuse("chapter", chapter, ", ".join(all_))
    return all_[chapter]
