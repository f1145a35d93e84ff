"""The widget behind every question: plain data, one script for all, a text that stands alone."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from latchbook.explorables._base import bundle, script

__all__ = ["WIDTH", "Question"]

#: Width of a question's text, in characters.
WIDTH = 72


class Question(anywidget.AnyWidget):
    """A question with all that the page needs to judge an answer.

    Parameters
    ----------
    question : dict
        Its kind, and the data that ``questions.js`` reads for that kind.
    text : str
        The same question for places that run no JavaScript.
    functions : str
        JavaScript that declares ``FORMULAS``, where the kind calls it.
    """

    question = traitlets.Dict().tag(sync=True)
    # As with an explorable, not a style sheet that the class names.
    _css = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, question: dict[str, Any], text: str, *, functions: str = "", **traits: Any
    ) -> None:
        self._text = text
        before = {"drill": functions} if functions else {}
        super().__init__(
            question=question,
            _esm=script(**before, questions=bundle("questions.js")),
            _css=bundle("questions.css"),
            **traits,
        )

    def __repr__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        shown = super()._repr_mimebundle_(**kwargs)
        if shown is None:  # ipywidgets shows nothing: neither do we
            return None
        data, metadata = shown if isinstance(shown, tuple) else (shown, {})
        # ipywidgets cuts a text after 110 characters.
        return {**data, "text/plain": self._text}, metadata
