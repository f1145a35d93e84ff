"""Sphinx extension: the first screen of the book, a bit held in one of two valleys.

``{hold-a-bit}`` puts templates/hold.html on the page, drawn as the ball lies at rest, so that there
is a picture before any script has run. The page gets the formulas that it needs, printed from
:mod:`latchlib.formulas`, and hold.js, which loops over them.
"""

from __future__ import annotations

import math

from docutils import nodes
from jinja2 import Environment, FileSystemLoader
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from latchlib import formulas
from latchlib.formulas import formula
from latchlib.neuron import fixed_points

FORMULAS = ("step", "slope", "landscape", "gap", "h_star")

#: Weight and noise: least, largest, and at the start. The noise is uniform, up to this size.
DEPTHS, DEPTH = (1.05, 2.0), 1.4
NOISES, NOISE = (0.0, 0.6), 0.1
#: What the gauge looks back on, in steps, and the decades at the ends of its scale.
BACK = 10
DECADES = (-8.0, 1.0)
#: How far out a mark stands, where its text is held, and the text.
MARKS = {
    -6: (1.08, "end", "a millionth"),
    -3: (1.08, "middle", "a thousandth"),
    0: (1.08, "start", "all"),
}
#: The landscape is drawn from -REACH to REACH, so many times as high as it is, below HEIGHT.
REACH, STRETCH, HEIGHT, DEEPEST = 3.2, 3.0, 1.2, 2.5
RADIUS = 0.17
POINTS = 96


def drawn(a: float) -> float:
    """Return how far down the ground is drawn at state a, for the depth at the start."""
    return -STRETCH * float(formula("landscape")(a, DEPTH))


def turn(decades: float) -> float:
    """Return the angle of the needle in degrees, 0 upwards, for the logarithm of a share."""
    least, largest = DECADES
    return 180 * (min(max(decades, least), largest) - least) / (largest - least) - 90


def on_scale(decades: float, radius: float) -> tuple[float, float]:
    """Return a point of the gauge."""
    angle = math.radians(turn(decades))
    return radius * math.sin(angle), -radius * math.cos(angle)


def picture() -> dict:
    """Return what templates/hold.html shows while the ball lies at rest in the right valley."""
    edge = REACH + 0.1  # out of sight, where the line round the ground goes down
    states = [edge * (2 * k / POINTS - 1) for k in range(POINTS + 1)]
    ground = "L".join(f"{a:.3f},{max(drawn(a), -2 * HEIGHT):.3f}" for a in states)
    rest = fixed_points(DEPTH, 0.0)[-1]
    left = rest.slope**BACK
    ticks = (on_scale(k, r) for k in range(-8, 2) for r in (0.84, 1.0))
    scale = "".join(f"{'L' if k % 2 else 'M'}{x:.3f},{y:.3f}" for k, (x, y) in enumerate(ticks))
    return {
        "box": f"{-REACH} {-HEIGHT} {2 * REACH} {HEIGHT + DEEPEST}",
        "least": DECADES[0],
        "stretch": STRETCH,
        "back": BACK,
        "ground": f"M{ground}V{DEEPEST + 0.1}H{-edge}Z",
        "place": rest.a,
        "label": drawn(rest.a) + 0.42,
        "ball": (rest.a, drawn(rest.a) - RADIUS),
        "radius": RADIUS,
        "scale": scale,
        "marks": [(*on_scale(k, radius), *rest) for k, (radius, *rest) in MARKS.items()],
        "turn": turn(math.log10(left)),
        "left": f"1 in {float(f'{1 / left:.2g}'):,.0f}",
        "depths": DEPTHS,
        "depth": DEPTH,
        "noises": NOISES,
        "noise": NOISE,
    }


class HoldABit(SphinxDirective):
    """The landscape, its gauge and its controls."""

    def run(self) -> list[nodes.Node]:
        """Return them as HTML."""
        folder = f"{self.env.srcdir}/book/templates"
        template = Environment(loader=FileSystemLoader(folder)).get_template("hold.html")
        script = f"<script>{formulas.javascript_module(FORMULAS)}</script>"
        return [nodes.raw("", template.render(picture()) + script, format="html")]


def setup(app: Sphinx) -> dict:
    """Register the directive."""
    app.add_directive("hold-a-bit", HoldABit)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
