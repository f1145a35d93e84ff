"""Sphinx extension: every page of a public book says where to report an error in it.

The link opens the issue form of the repository with the page's name filled in; ``page_tools.js``
adds the address and the section. Without a repository on GitHub there is no link.
"""

from __future__ import annotations

import re
from html import escape, unescape
from urllib.parse import urlencode

from sphinx.application import Sphinx

FORM = "error-in-the-book.yml"
#: The field of the form that says where.
FIELD = "where"

_CLAIMS = re.compile(r'(<section\b[^>]* id="claims-settled-here".*?)(</section>)', re.DOTALL)
_TAGS = re.compile(r"<[^>]*>")


def form_address(repository: str, title: str, where: str) -> str:
    """Return the address of the issue form with its title and its field `where` filled in."""
    filled = {"template": FORM, "title": f"{title}: ", FIELD: where}
    return f"{repository}/issues/new?{urlencode(filled)}"


def add_links(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Tell the template where errors are reported, and put a line under the claims."""
    repository = app.config.html_theme_options.get("repository_url")
    if not repository or "github.com/" not in repository:
        return
    title = unescape(_TAGS.sub("", context.get("title", ""))).strip() or pagename
    place = f"{title} ({pagename})"
    context["report_error"] = form_address(repository, title, place)
    if "body" in context:
        address = form_address(repository, title, f"{place}, claim ")
        line = (
            '<p class="d-print-none">Does one of these not hold? '
            f'<a class="report-error" href="{escape(address)}">Report an error in a claim</a>.</p>'
        )
        context["body"] = _CLAIMS.sub(lambda m: f"{m[1]}{line}{m[2]}", context["body"], count=1)


def setup(app: Sphinx) -> dict:
    """Register the hook."""
    # Before the theme drops the templates that have nothing to say (500).
    app.connect("html-page-context", add_links, priority=400)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
