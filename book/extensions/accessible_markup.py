"""Sphinx extension: mend markup of Sphinx that assistive technology and search engines miss.

Sphinx writes a bibliography as a list whose items have the role ``doc-biblioentry``. ARIA has
withdrawn that role, and a list of such items counts as empty; they are list items. Pages without a
source, the index and the search, have no description. The link in the title of a solution begins
with a space, which is underlined.
"""

from __future__ import annotations

import re
from html import escape

from sphinx.application import Sphinx

_SPACE_IN_LINK = re.compile(r"Solution to(<a [^>]*>) ")


def mend(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Give the entries of a bibliography the role of a list item, and every page a description."""
    if "body" in context:
        body = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')
        context["body"] = _SPACE_IN_LINK.sub(r"Solution to \1", body)
    tags = context.get("metatags") or ""
    if 'name="description"' not in tags:
        text = app.config.myst_html_meta["description"]
        title = context.get("title") or {"search": "Search"}.get(pagename, "")
        text = escape(f"{title}. {text}" if title else text)
        context["metatags"] = f'{tags}<meta name="description" content="{text}" />\n'


def setup(app: Sphinx) -> dict:
    """Register the hook."""
    app.connect("html-page-context", mend)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
