"""Sphinx extension: the search knows numbers.

Sphinx takes a number apart at its point, and passes over those that are whole. Here 0.53 is one
word of the index and of a query, and so is 1,600, without its comma. ``search.js`` does the rest.
"""

from __future__ import annotations

import re

from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

#: Between thousands, in text and in TeX.
COMMA = r"(\d)(?:,|\{,\})(?=\d{3}(?!\d))"


class EnglishWithNumbers(SearchEnglish):
    """English, with numbers as they are written."""

    _word_re = re.compile(r"\d+\.\d+|\w+")
    #: The same for what a reader types, who may write a decimal comma.
    js_splitter_code = (
        rf'var splitQuery = (query) => query.replace(/{COMMA}/g, "$1")'
        r'.replace(/(\d),(?=\d)/g, "$1.")'
        r".match(/\d+\.\d+|[\p{Letter}\p{Number}_]+/gu) ?? [];"
    )

    def split(self, input: str) -> list[str]:
        """Return the words and numbers of a text."""
        return super().split(re.sub(COMMA, r"\1", input))


def setup(app: Sphinx) -> dict:
    """Register the language."""
    app.add_search_language(EnglishWithNumbers)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
