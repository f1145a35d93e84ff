"""Sphinx extension: a code cell tagged ``cell-…`` can be linked to, and so can a table row.

Three forms reach the same place on the built page, all checked by a strict build:

- ``[text](#cell-threshold)`` from anywhere in the book;
- ``[text](latch-neuron.ipynb#cell-threshold)``, which also opens the notebook elsewhere;
- ``[text](latch-neuron.ipynb#cell-id=cell-threshold)``, which JupyterLab follows to the cell,
  since ``tools/notebooks.py`` makes the tag the cell's id.

``<a id="claim-…"></a>`` in Markdown becomes a target too. It is plain HTML because that is what
every other Markdown reader understands.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

PREFIX = "cell-"
_ANCHOR = re.compile(r'^<a id="([a-z0-9-]+)">(?:</a>)?$')

logger = logging.getLogger(__name__)


class CellAnchors(SphinxTransform):
    """Turn cell tags and HTML anchors into explicit targets of the document."""

    # Before the standard domain collects labels (850) and myst_parser resolves "#…" links (879).
    default_priority = 840

    def apply(self, **kwargs) -> None:
        names = [*self._cells(), *self._html_anchors()]
        slugs = dict(getattr(self.document, "myst_slugs", {}))
        for name in names:
            for slug in (name, f"cell-id={name}"):
                slugs[slug] = (0, name, name)
        self.document.myst_slugs = slugs
        self.env.metadata[self.env.docname]["myst_slugs"] = slugs

    def _cells(self):
        for node in list(self.document.findall(nodes.container)):
            if node.get("nb_element") == "cell_code":
                for tag in node.get("cell_metadata", {}).get("tags", []):
                    if tag.startswith(PREFIX) and self._target(node, tag):
                        yield tag

    def _html_anchors(self):
        for node in list(self.document.findall(nodes.raw)):
            match = _ANCHOR.match(node.astext().strip())
            if not match or node.get("format") != "html":
                continue
            following = node.next_node(descend=False, siblings=True)
            if isinstance(following, nodes.raw) and following.astext().strip() == "</a>":
                following.parent.remove(following)
            anchor = nodes.inline()
            node.replace_self(anchor)
            if self._target(anchor, match[1]):
                yield match[1]

    def _target(self, node: nodes.Element, name: str) -> bool:
        if name in self.document.nameids:
            logger.warning("anchor %r is given twice", name, location=node, type="cell_anchors")
            return False
        node["names"].append(name)
        node["ids"].append(name)
        self.document.note_explicit_target(node, node)
        return True


def setup(app: Sphinx) -> dict:
    """Register the transform."""
    app.add_transform(CellAnchors)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
