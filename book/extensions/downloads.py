"""Sphinx extension: what a reader takes away from a page has a name and works elsewhere.

- The picture of a figure is called by its chapter and its cell, not by a hash of its content, and a
  link under the figure downloads it.
- The download button of a chapter gives a notebook, with a cell that says how to get latchlib
  (``tools/standalone.py``), and the browser saves it in the place of showing its JSON.
"""

from __future__ import annotations

import re
import sys
from html import escape
from pathlib import Path, PurePosixPath

from docutils import nodes
from sphinx.application import Sphinx

_FIGURE = re.compile(r"<figure\b.*?</figure>", re.DOTALL)
_PICTURE = re.compile(r'<img\b[^>]*?\bsrc="([^"]*_(?:images|static)/[^"]+)"')
_NUMBER = re.compile(r'<span class="caption-number">(.*?)</span>', re.DOTALL)
#: In front of the link to the figure itself, which lies over what follows it.
_CAPTION_END = re.compile(r'(?=<a class="headerlink")|(?=</p>)')
_EXPLORABLE = re.compile(
    r'<div class="explorable-static docutils container">\s*<img\b.*?</script>', re.DOTALL
)
#: The theme opens a source in another tab, where a notebook is a wall of JSON.
_SOURCE = re.compile(r'(<a href="[^"]*_sources/[^"]*?([^"/]+)") target="_blank"')


# --- pictures are called by their cells --------------------------------------------------


def cell_name(cell: nodes.Element) -> str | None:
    """Return what the outputs of a cell are called: its tag ``cell-…``, or its figure's name."""
    metadata = cell.get("cell_metadata", {})
    tags = [tag for tag in metadata.get("tags", []) if tag.startswith("cell-")]
    label = metadata.get("mystnb", {}).get("figure", {}).get("name", "")
    if label:
        return label.removeprefix("fig-")
    return tags[0].removeprefix("cell-") if tags else None


def name_pictures(app: Sphinx, doctree: nodes.document) -> None:
    """Choose the file names of a chapter's pictures."""
    env = app.env
    taken = {filename for _, filename in env.images.values()}
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") != "cell_code":
            continue
        name = cell_name(cell)
        paths = dict.fromkeys(
            path for image in cell.findall(nodes.image) for path in image["candidates"].values()
        )
        for number, path in enumerate([p for p in paths if p in env.images], start=1):
            docs, old = env.images[path]
            if name is None or env.docname in old.split("."):
                continue
            stem = f"{PurePosixPath(env.docname).name}-{name}"
            new = f"{stem}{f'-{number}' if number > 1 else ''}{PurePosixPath(old).suffix}"
            if docs == {env.docname} and new not in taken:
                taken.add(new)
                env.images[path] = (docs, new)


# --- and can be downloaded ---------------------------------------------------------------


def link(address: str, what: str) -> str:
    """Return a link that saves a picture; `what` is for those who do not see where it stands."""
    file = PurePosixPath(address).name
    kind = PurePosixPath(address).suffix[1:].upper()
    return (
        f'<a class="picture-download d-print-none" href="{address}" download="{file}">'
        f'<span class="visually-hidden">Download {escape(what)} as </span>{kind}</a>'
    )


def with_picture_links(body: str) -> str:
    """Return the body of a page with a link under every figure and every explorable."""

    def figure(found: re.Match) -> str:
        picture, number = _PICTURE.search(found[0]), _NUMBER.search(found[0])
        if not picture:
            return found[0]
        what = re.sub(r"<[^>]*>", "", number[1]).strip() if number else "the figure"
        before, tag, caption = found[0].partition("<figcaption>")
        added = f" {link(picture[1], what)}"
        return before + tag + _CAPTION_END.sub(lambda _: added, caption, count=1)

    def explorable(found: re.Match) -> str:
        picture = _PICTURE.search(found[0])
        if not picture:
            return found[0]
        return f'{found[0]}<p class="picture-line">{link(picture[1], "the picture above")}</p>'

    return _EXPLORABLE.sub(explorable, _FIGURE.sub(figure, body))


def add_links(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Put the links on a page, and say in words what its buttons give."""
    if "body" in context:
        context["body"] = with_picture_links(context["body"])
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []):
            if button.get("label") == "download-source-button":
                notebook = button["url"].endswith(".ipynb")
                button["text"] = "Notebook (.ipynb)" if notebook else "Source (.md)"
                button["tooltip"] = "Download this page to run or edit it"
            elif button.get("label") == "download-pdf-button":
                button["text"], button["tooltip"] = "Print, or save as PDF", "Print this page"


# --- notebooks ---------------------------------------------------------------------------


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Make the notebooks ready to be taken away, and their links download them."""
    if exception is not None or app.builder.format != "html":
        return
    if app.srcdir.as_posix() not in sys.path:
        # where the book is not built by tools/build_book.py
        sys.path.append(app.srcdir.as_posix())
    from tools.standalone import Source, standalone

    options = app.config.html_theme_options
    source = Source(
        repository=options.get("repository_url") or None,
        branch=options.get("repository_branch") or "main",
    )
    out = Path(app.outdir)
    for path in (out / "_sources").rglob("*.ipynb"):
        path.write_text(standalone(path.read_text(encoding="utf-8"), source), encoding="utf-8")
    for page in (path for path in out.rglob("*.html") if "_static" not in path.parts):
        text = page.read_text(encoding="utf-8")
        changed = _SOURCE.sub(r'\1 download="\2"', text)
        if changed != text:
            page.write_text(changed, encoding="utf-8")


def setup(app: Sphinx) -> dict:
    """Register the hooks."""
    # After the pictures have been collected, and after the theme has made its buttons.
    app.connect("doctree-read", name_pictures, priority=900)
    app.connect("html-page-context", add_links, priority=900)
    app.connect("build-finished", finish, priority=500)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
