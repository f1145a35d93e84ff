"""Sphinx extension: a widget's picture or text stays on the page until the widget has been drawn.

An output that holds a widget, and a picture of it or its text, comes as several media types, of
which a page gets one: the widget. Without JavaScript, and where the widget fails, there would be
nothing. So the picture of an explorable and the text of a question are put in front of the widget;
the page's widget manager hides them when it has drawn.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURES = ("image/svg+xml", "image/png")
TEXT = "text/plain"


class ExplorableFallback(SphinxPostTransform):
    """Copy the picture of a widget in front of it, or else its text."""

    # Before myst_nb keeps one media type of each output (4).
    default_priority = 3
    formats = ("html",)

    def run(self, **kwargs) -> None:
        for bundle in list(self.document.findall(nodes.container)):
            if bundle.get("nb_element") != "mime_bundle":
                continue
            parts = {part["mime_type"]: part for part in bundle.children}
            if WIDGET not in parts:
                continue
            holder = nodes.container(classes=["explorable-static"])
            picture = next((parts[kind] for kind in PICTURES if kind in parts), None)
            if picture is None:
                holder["classes"].append("question-static")
                holder += [node.deepcopy() for node in parts[TEXT].children]
            else:
                holder += self._images(picture)
            bundle.parent.insert(bundle.parent.index(bundle), holder)

    def _images(self, part: nodes.Element) -> list[nodes.Node]:
        found = list(part.findall(nodes.image))
        if not all(image.get("alt") for image in found):
            raise ValueError(
                f"{self.env.docname}: an explorable's picture has no alt text; accepted: "
                "mystnb.image.alt in the metadata of its cell"
            )
        return [image.deepcopy() for image in found]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the transform."""
    app.add_post_transform(ExplorableFallback)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
