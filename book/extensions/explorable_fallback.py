"""Sphinx extension: an explorable's picture stays on the page until its widget has been drawn.

An output that holds a widget and a picture of it comes as several media types, of which a page
gets one: the widget. Without JavaScript, and where the widget fails, there would be nothing. So
the picture is put in front of the widget; the page's widget manager hides it when it has drawn.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURES = ("image/svg+xml", "image/png")


class ExplorableFallback(SphinxPostTransform):
    """Copy the picture of a widget in front of it."""

    # Before myst_nb keeps one media type of each output (4).
    default_priority = 3
    formats = ("html",)

    def run(self, **kwargs) -> None:
        for bundle in list(self.document.findall(nodes.container)):
            if bundle.get("nb_element") != "mime_bundle":
                continue
            parts = {part["mime_type"]: part for part in bundle.children}
            picture = next((parts[kind] for kind in PICTURES if kind in parts), None)
            if WIDGET not in parts or picture is None:
                continue
            holder = nodes.container(classes=["explorable-static"])
            for image in picture.findall(nodes.image):
                if not image.get("alt"):
                    raise ValueError(
                        f"{self.env.docname}: an explorable's picture has no alt text; accepted: "
                        "mystnb.image.alt in the metadata of its cell"
                    )
                holder += image.deepcopy()
            bundle.parent.insert(bundle.parent.index(bundle), holder)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the transform."""
    app.add_post_transform(ExplorableFallback)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
