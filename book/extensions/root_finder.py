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
SOURCE = "book/templates/root_finder.js"
SCRIPT = "root-finder.js"
_ASKED = re.compile(r'answer = \.\.\.\s+check\("([\w-]+)", answer\)')
_BOX = '<div class="root-finder pst-js-only d-print-none"></div>'


class RootFinders(SphinxPostTransform):
    """Put it below the boxes for the answers of these exercises."""

    # Before the code is folded.
    default_priority = 150
    formats = ("html",)

    def run(self, **kwargs) -> None:
        for cell in list(self.document.findall(nodes.container)):
            asked = cell.get("nb_element") == "cell_code" and _ASKED.match(cell[0].astext())
            if asked and asked[1] in EXERCISES:
                found = nodes.raw("", _BOX, format="html")
                cell.parent.insert(cell.parent.index(cell) + 1, found)


def write_script(app: Sphinx) -> None:
    """Write the script, in a scope of its own."""
    root = Path(app.srcdir)
    # A book without explorables has no grammar, and no exercise that would ask for a root.
    if app.builder.format == "html" and all((root / part).is_file() for part in (SOURCE, GRAMMAR)):
        grammar = re.sub(r"^export ", "", (root / GRAMMAR).read_text("utf-8"), flags=re.MULTILINE)
        static = Path(app.outdir) / "_static"
        static.mkdir(parents=True, exist_ok=True)
        # A function: what a mere block declares as a function is seen outside of it.
        text = f'(() => {{\n"use strict";\n{grammar}\n{(root / SOURCE).read_text("utf-8")}}})();\n'
        (static / SCRIPT).write_text(text, encoding="utf-8")


def add_script(app: Sphinx, pagename: str, template: str, context: dict, doctree) -> None:
    """Let a page with a root finder load the script."""
    if _BOX in context.get("body", ""):
        app.add_js_file(SCRIPT)


def setup(app: Sphinx) -> dict:
    """Register the transform and the script."""
    app.add_post_transform(RootFinders)
    app.connect("builder-inited", write_script)
    app.connect("html-page-context", add_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
