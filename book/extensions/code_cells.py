"""Sphinx extension: the code of every cell folds, one at a time or all on a page.

Each is a ``<details>`` of the browser's own: it works without a script, by keyboard, and says to a
screen reader whether it is open. A cell tagged ``hide-input`` starts folded and has the same look,
and so do cells that say nothing on a page: imports, and the empty answer to an exercise.
The menu for all is in the bar of the page, and ``page_tools.js`` does it; what a reader chose is
set on the page before it is drawn, so that nothing moves.
"""

from __future__ import annotations

import ast

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

SCRIPT = "page_tools.js"
#: What the reader chose on another page: "hide" or "show".
CHOICE = (
    '{const c=localStorage.getItem("latch-code");'
    'if(c==="hide"||c==="show")document.documentElement.dataset.code=c}'
)
MENU = {
    "type": "group",
    "tooltip": "Fold the code",
    "icon": "fas fa-code",
    "label": "code-buttons",
    "classes": "pst-js-only",
    "buttons": [
        {"type": "javascript", "javascript": "", "text": text, "label": f"code-{choice}"}
        for choice, text in (
            ("hide", "Hide all code"),
            ("show", "Show all code"),
            ("reset", "Fold as the book does"),
        )
    ],
}


class folded(nodes.General, nodes.Element):
    """A part of a code cell that folds."""


def is_import(source: str) -> bool:
    """Say whether most of what a cell does is to import."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return False
    return 2 * sum(isinstance(each, ast.Import | ast.ImportFrom) for each in statements) > len(
        statements
    )


class FoldCode(SphinxPostTransform):
    """Let the source of every code cell fold, and outputs that are hidden."""

    # After myst_nb has wrapped what its tags hide (199).
    default_priority = 200
    formats = ("html",)

    def run(self, **kwargs) -> None:
        for cell in list(self.document.findall(nodes.container)):
            if cell.get("nb_element") != "cell_code":
                continue
            for part in list(cell.children):
                hidden = isinstance(part, HideCodeCellNode)
                if hidden:
                    inside = part.children
                elif part.get("nb_element") == "cell_code_source":
                    inside = [part]
                else:
                    continue
                code = inside[0].get("nb_element") == "cell_code_source"
                source = inside[0].astext()
                imports = code and is_import(source)
                shown = not (hidden or imports or (code and source.startswith("answer = ...")))
                fold = folded("", *inside, code=code, imports=imports, open=shown)
                cell.replace(part, fold)


def visit_folded(self, node: folded) -> None:
    """Open the element."""
    if node["code"]:
        count = len(node[0].astext().strip("\n").splitlines())
        what = "Imports" if node["imports"] else "Code"
        label = f"{what}, {count} line{'s' * (count != 1)}"
    else:
        label = "Output"
    classes = "fold fold-code" if node["code"] else "fold"
    state = " open" if node["open"] else ""
    self.body.append(f'<details class="{classes}"{state}><summary><span>{label}</span></summary>\n')


def depart_folded(self, node: folded) -> None:
    """Close the element."""
    self.body.append("</details>\n")


def add_menu(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Give a page that has code the menu."""
    if 'class="fold fold-code"' in context.get("body", ""):
        context["header_buttons"].append(MENU)
        app.add_js_file(None, body=CHOICE)


def setup(app: Sphinx) -> dict:
    """Register the node and the transform."""
    app.add_node(folded, html=(visit_folded, depart_folded))
    app.add_post_transform(FoldCode)
    # After the theme has made its buttons.
    app.connect("html-page-context", add_menu, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
