"""Sphinx extension: a symbol has the colour that its quantity has in the pictures.

On ``book/notation.md`` a symbol may have the class of what it is, as in ``[$a_t$]{.of-state}``. In
the chapters where its row holds, it then has that class in every formula and with any index, unless
another row has it with that index; a gradient, ``\\partial y / \\partial x``, is of one colour.
``typeset_math.cjs`` finds them, and ``book.css`` has the colours.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from symbol_notes import chapters, notation, symbols_of


class Colours(SphinxPostTransform):
    """Tell each formula of a chapter which symbols have a colour there."""

    # Before notes on symbols copy some of them (900).
    default_priority = 890
    formats = ("html",)

    def run(self, **kwargs) -> None:
        """Set the attribute ``colours``: pairs of TeX and class, the class empty for no colour."""
        if self.env.docname not in chapters(self.app):
            return
        known = symbols_of(self.env.docname, notation(self.app), chapters(self.app)).values()
        colours = tuple((symbol.tex, colour_of(symbol.row.symbol, symbol.tex)) for symbol in known)
        for node in self.document.findall(lambda n: isinstance(n, nodes.math | nodes.math_block)):
            node["colours"] = colours


def colour_of(cell: nodes.Element, tex: str) -> str:
    """Return the class of a symbol in its cell of the notation page."""
    return next(
        " ".join(math.parent["classes"])
        for math in cell.findall(nodes.math)
        if math.astext() == tex
    )


def setup(app: Sphinx) -> dict:
    """Register the transform."""
    app.setup_extension("symbol_notes")
    app.add_post_transform(Colours)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
