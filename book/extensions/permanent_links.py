"""Sphinx extension: what can be cited has a permanent address, and shows it.

Definitions, theorems, exercises and figures must have a label: it becomes their id, so that the
address does not depend on what stands before them. One without is a warning, which fails a strict
build. Their titles get the link that headings have; so do the rows of the notation page.

Ids that depend on the order of things go or are replaced: those of solutions and of the works in
the bibliography, and the ones that ``sphinx_proof`` and ``sphinx_exercise`` give to all contents.
``python -m tools.anchors`` lists the addresses of a release, and the built pages are held to them.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

#: Ids without a meaning: docutils' own, and those that end in a count.
COUNTED = re.compile(r"id\d+$|.*-(?:exercise|solution)-\d+$")
#: Given to every content of its kind, so many times on a page.
REPEATED = {"proof-content", "exercise-content", "solution-content"}
#: What Sphinx says of its own links, and what is said here.
_LINKS = {
    'title="Link to this image"': "figure",
    'title="Link to this equation"': "equation",
    'title="Link to this table"': "table",
}

logger = logging.getLogger(__name__)


class permanent_link(nodes.Inline, nodes.Element):
    """A link of a thing to itself."""


def visit_permanent_link(self, node: permanent_link) -> None:
    """Write the link as the theme does behind headings."""
    self.body.append(
        f'<a class="headerlink" href="#{node["to"]}" {_named(node["kind"])}>'
        f"{self.config.html_permalinks_icon}</a>"
    )
    raise nodes.SkipNode


def _named(kind: str) -> str:
    said = f"Permanent link to this {kind}"
    return f'title="{said}" aria-label="{said}"'


class PermanentLinks(SphinxPostTransform):
    """Check the labels, give the links, and take away ids that are not permanent."""

    # After symbol_notes (900), which gives the rows of the notation page their ids.
    default_priority = 910
    formats = ("html",)

    def run(self, **kwargs) -> None:
        for node in list(self.document.findall(nodes.Element)):
            kind = str(node.get("type")) if isinstance(node, nodes.Admonition) else ""
            if REPEATED.intersection(node["ids"]):
                node["ids"] = []
            elif node.get("realtype"):
                counted = re.fullmatch(rf"{node['realtype']}-\d+", node["label"])
                self._entitled(node, node["realtype"], bool(counted))
            elif kind.startswith("exercise"):
                self._entitled(node, "exercise", bool(COUNTED.match(node["label"])))
            elif kind.startswith("solution"):
                node["ids"] = [f"{node['target_label']}-solution"]
            elif isinstance(node, nodes.figure):
                if not any(not COUNTED.match(name) for name in node["ids"]):
                    self._complain(node, "figure")
            elif isinstance(node, nodes.admonition) and "proof" in node["ids"]:
                node["ids"] = []  # belongs to its theorem
            elif isinstance(node, nodes.citation):
                node["backrefs"] = []
                node.parent["ids"] = ["bibliography"]
            elif "bibtex-citation" in node.get("classes", ()):
                node["ids"] = []
            elif isinstance(node, nodes.row):
                # Of the notation page: its symbols are formulas with ids.
                marked = [math for math in node.findall(nodes.math) if math["ids"]]
                if marked:
                    marked[0].parent += permanent_link(to=marked[0]["ids"][0], kind="symbol")

    def _entitled(self, node: nodes.Element, kind: str, counted: bool) -> None:
        if counted:
            self._complain(node, kind)
        elif isinstance(node[0], nodes.title):
            node[0] += permanent_link(to=node["label"], kind=kind)

    def _complain(self, node: nodes.Element, kind: str) -> None:
        title = next((t.astext() for t in node.findall(nodes.title)), None)
        title = title or next((t.astext() for t in node.findall(nodes.caption)), "without a title")
        option = "a name in the metadata of its cell" if kind == "figure" else "the option :label:"
        logger.warning(
            "no permanent address: %s %r; accepted: %s",
            kind,
            title.strip(" ()")[:80],
            option,
            location=node if node.line or node.source else self.env.docname,
            type="permanent_links",
        )


def name_works(app: Sphinx, env: BuildEnvironment) -> None:
    """Call each work of the bibliography by its key."""
    if "cite" not in env.domains:
        return
    domain = env.get_domain("cite")
    for place, citation in enumerate(domain.citations):
        name = f"ref-{citation.key}"
        shelf = domain.bibliographies[citation.bibliography_key]
        shelf.citation_nodes[citation.key]["ids"] = [name]
        domain.citations[place] = citation._replace(citation_id=name)


def name_links(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Say of Sphinx's own links to figures and equations what they are, to screen readers too."""
    for given, kind in _LINKS.items():
        if given in context.get("body", ""):
            context["body"] = context["body"].replace(given, _named(kind))


def setup(app: Sphinx) -> dict:
    """Register the transform, its node, and the hooks."""
    app.add_node(permanent_link, html=(visit_permanent_link, None))
    app.add_post_transform(PermanentLinks)
    # After sphinxcontrib.bibtex has found its works.
    app.connect("env-updated", name_works, priority=900)
    app.connect("html-page-context", name_links)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
