"""Sphinx extension: a root finder on the page, for the exercises that cannot do without one.

It stands below the box for the answer, and shows how an interval is halved. It reads functions by
the grammar by which answers are read. Without a script there is neither a box nor a root finder.
"""

from __future__ import annotations

import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

EXERCISES = {"ex-edge-of-eigenvalues", "ex-margin-design", "ex-noise-reading", "ex-ten-steps"}
GRAMMAR = "latchbook/explorables/js/grammar.js"
SCRIPT = "book/templates/root_finder.js"
_ASKED = re.compile(r'answer = \.\.\.\s+check\("([\w-]+)", answer\)')
_BOX = '<div class="root-finder pst-js-only d-print-none"></div>'


def script(root: Path) -> str:
    """Return the script of the root finder, in a scope of its own."""
    grammar = re.sub(r"^export ", "", (root / GRAMMAR).read_text("utf-8"), flags=re.MULTILINE)
    return f"{{\n{grammar}\n{(root / SCRIPT).read_text('utf-8')}}}"


class RootFinders(SphinxPostTransform):
    """Put it below the boxes for the answers of these exercises."""

    # Before the code is folded.
    default_priority = 150
    formats = ("html",)

    def run(self, **kwargs) -> None:
        first = True
        for cell in list(self.document.findall(nodes.container)):
            asked = cell.get("nb_element") == "cell_code" and _ASKED.match(cell[0].astext())
            if asked and asked[1] in EXERCISES:
                code = f"<script>{script(Path(self.env.srcdir))}</script>" if first else ""
                first = False
                found = nodes.raw("", _BOX + code, format="html")
                cell.parent.insert(cell.parent.index(cell) + 1, found)


def setup(app: Sphinx) -> dict:
    """Register the transform."""
    app.add_post_transform(RootFinders)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
