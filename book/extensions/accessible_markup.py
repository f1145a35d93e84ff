"""Sphinx extension: mend markup of Sphinx that assistive technology cannot read.

Sphinx writes a bibliography as a list whose items have the role ``doc-biblioentry``. ARIA has
withdrawn that role, and a list of such items counts as empty; they are list items.
"""

from __future__ import annotations

from sphinx.application import Sphinx


def mend(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Give the entries of a bibliography the role of a list item."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def setup(app: Sphinx) -> dict:
    """Register the hook."""
    app.connect("html-page-context", mend)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
