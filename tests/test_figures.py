"""Figures: those of the book speak by more than colour, and what one computes is right."""

import io
import math
import re
import xml.etree.ElementTree as ET

import matplotlib as mpl
import matplotlib.colors as colors
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from saved_tables import READY

from latchbook import figures
from latchbook.chapters import (
    discrete_error,
    em,
    experiments,
    explosion,
    how_to_read,
    latch_neuron,
    learning_to_latch,
    random_guessing,
    three_problems_again,
)
from latchbook.figures.style import _rounded
from latchlib import iohmm
from tools import book

PALETTE = {
    getattr(figures, name).lower()
    for name in ("BLUE", "ORANGE", "GREEN", "VERMILLION", "PURPLE", "GREY")
}
STEPS = np.arange(20)


def density_table():
    rows = [
        {"reading": reading, "s": s, "w0": w0, "runs": runs, "frequency": w0 * s / k / runs}
        for k, reading in enumerate(("variance", "standard deviation"), start=1)
        for s in (0.0, 0.2, 0.6)
        for w0 in (0.5, 1.0, 1.5, 2.0)
        for runs in (18, 200)
    ]
    return pd.DataFrame(rows)


@pytest.fixture(autouse=True)
def style():
    """The book's style, with a backend that opens no window; both taken back."""
    plt.switch_backend("Agg")
    with mpl.rc_context():
        figures.use_book_style()
        yield
    plt.close("all")


def axes():
    return Figure().subplots()


def line(ax, label):
    """Return the data of the one line with this label, shape (point, 2)."""
    [found] = [one for one in ax.get_lines() if one.get_label() == label]
    return np.asarray(found.get_xydata())


def marks(ax, marker="o"):
    """Return the marked points that stand alone, with whether they are filled."""
    return [
        (*one.get_xydata()[0], mpl.colors.to_hex(one.get_markerfacecolor()) != "#ffffff")
        for one in ax.get_lines()
        if one.get_marker() == marker and len(one.get_xydata()) == 1
    ]


# --- every picture that the book shows -----------------------------------------------------


def pictures(chapter):
    """Return the figures of a chapter, as its notebook holds them."""
    cells = book.read_notebook(book.notebook_path(chapter))["cells"]
    shown = [out.get("data", {}) for cell in cells for out in cell.get("outputs", [])]
    return ["".join(data["image/svg+xml"]) for data in shown if "image/svg+xml" in data]


def static(name):
    """Return the static picture of an explorable."""
    figure = Figure(figsize=(5.4, 6.0))
    READY[name]()._draw(figure)
    return [svg(figure)]


def svg(figure):
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()


SHOWN = [(pictures, chapter) for chapter in book.chapters()]
SHOWN += [(static, name) for name in READY]


def contrast(colour):
    """Contrast of a colour with the white page, as WCAG 2 defines it."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colors.to_rgb(colour)
    ]
    return 1.05 / (np.dot(linear, (0.2126, 0.7152, 0.0722)) + 0.05)


def test_contrast_is_that_of_wcag():
    assert contrast("black") == pytest.approx(21.0)
    assert contrast("white") == pytest.approx(1.0)
    assert contrast("#767676") == pytest.approx(4.54, abs=0.005)  # the grey that just passes


def parts(root, *kinds):
    """Return the groups of an SVG that matplotlib named so."""
    return [group for group in root.iter() if kind(group) in kinds]


def kind(group):
    return group.get("id", "").rpartition("_")[0]


def paints(group):
    """Return the colours within a group, but white: the rim of a line, or an open mark."""
    painted = " ".join(element.get("style", "") for element in group.iter())
    return set(re.findall(r"\b(?:fill|stroke): (#\w+)", painted)) - {"#ffffff"}


def looks(legend, marks):
    """Return what tells the lines of a legend apart, but for colour, an entry a line."""
    entries, entry = [], set()
    for part in legend:
        for element in part.iter() if kind(part) == "line2d" else ():
            paint = element.get("style", "")
            if mark := element.get("{http://www.w3.org/1999/xlink}href"):
                entry.add((marks[mark[1:]], "fill: #ffffff" in paint))
            elif "stroke" in paint and "id" not in element.attrib:
                entry.add(tuple(re.findall(r"stroke-(?:dasharray|width): ([\d., ]+)", paint)))
        if kind(part) == "text":
            entries, entry = entries + [frozenset(entry)] * bool(entry), set()
    return entries


def complaints(text):
    """Yield what some readers of a picture could not read, given as SVG."""
    root = ET.fromstring(text)
    axes_drawn = parts(root, "matplotlib.axis")
    labels = [part for axis in axes_drawn for part in axis if kind(part) == "text"]
    if axes_drawn and len(labels) < 2:  # a diagram has none
        yield "an axis without a name"
    for least, kinds in ((4.5, ["text"]), (3.0, ["line2d", "LineCollection"])):
        for group in parts(root, *kinds):
            yield from (f"{c} of a {kind(group)}" for c in paints(group) if contrast(c) < least)
    for group in (part for drawn in parts(root, "axes") for part in drawn):
        # The cells of a map and the tints of a portrait have scales of their own.
        if kind(group) not in ("QuadMesh", "legend"):
            yield from paints(group) - PALETTE - {"#000000"}
    marks = {e.get("id"): e.get("d") for e in root.iter() if e.get("id")}
    for legend in parts(root, "legend"):
        seen = looks(legend, marks)
        if len(set(seen)) < len(seen):
            yield "a legend that speaks by colour alone"


@pytest.mark.parametrize(("source", "name"), SHOWN)
def test_every_picture_can_be_read_in_grey_and_with_weak_eyes(source, name):
    assert [complaint for text in source(name) for complaint in complaints(text)] == []


def test_what_could_not_be_read_is_noticed():
    ax = axes()
    for colour in (figures.BLUE, "#ffcc00"):
        ax.plot(STEPS, "o-", color=colour, label=colour)
    ax.text(0, 0, "word", color="#999999")
    ax.legend()
    found = list(complaints(svg(ax.figure)))
    assert "an axis without a name" in found and "a legend that speaks by colour alone" in found
    assert {"#ffcc00 of a line2d", "#999999 of a text", "#ffcc00"} <= set(found)
    assert not [one for one in found if figures.BLUE.lower() in one]


def density():
    return learning_to_latch.plot_density(density_table(), axes(), reading="variance", runs=200)


def test_only_in_the_book_style_is_an_svg_the_same_every_time():
    assert svg(density().figure) == svg(density().figure)
    with mpl.rc_context({"svg.hashsalt": None}):
        assert svg(density().figure) != svg(density().figure)


def test_the_map_of_frequencies_reads_in_grey():
    [mesh] = [c for c in density().collections if c.get_array() is not None]
    lightness = [1 / contrast(mesh.cmap(v)[:3]) for v in np.linspace(0, 1, 11)]
    assert (np.diff(lightness) > 0).all()


# --- numbers -----------------------------------------------------------------------------


def fixed_points(w, h):
    """Roots of w tanh a + h = a, from the sign changes on a grid."""
    a = np.linspace(-10, 10, 400_001)
    g = w * np.tanh(a) + h - a
    return a[:-1][np.sign(g[:-1]) != np.sign(g[1:])]


def edge(w):
    """Return a*, where w / cosh(a)^2 = 1."""
    return math.acosh(math.sqrt(w))


def margin(w):
    return math.sqrt(w * (w - 1)) - edge(w)


@pytest.mark.parametrize(("w", "h", "stable"), [(2.0, 0.3, [1, 0, 1]), (0.8, 0.1, [1])])
def test_map(w, h, stable):
    ax = figures.plot_map(w, h, axes())
    curve = line(ax, f"$M(a)$, $w={w:g}$")
    assert curve[:, 1] == pytest.approx(w * np.tanh(curve[:, 0]) + h)
    found = marks(ax)
    assert [m[0] for m in found] == pytest.approx(fixed_points(w, h), abs=1e-4)
    assert [m[2] for m in found] == [bool(s) for s in stable]
    edges = sorted(
        one.get_xdata()[0] for one in ax.get_lines()
        if one.get_linestyle() == "--" and len(one.get_xdata()) == 2
    )  # fmt: skip
    assert edges == (pytest.approx([-edge(w), edge(w)]) if w > 1 else [])


def test_maps():
    ax = latch_neuron.plot_maps(2.0, {"none": 0.0, "some": 0.4}, axes())
    a, image = line(ax, "some").T
    assert image == pytest.approx(2.0 * np.tanh(a) + 0.4)
    assert line(ax, "double root at $-a^*$")[0] == pytest.approx([-edge(2.0)] * 2)


@pytest.mark.parametrize("w", [1.3, 2.0, 4.0])
def test_shaded_area_is_the_threshold(w):
    ax = figures.plot_area(w, axes())
    [shape] = [c for c in ax.collections]
    x, y = shape.get_paths()[0].vertices.T
    area = 0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))
    # The trapezoidal rule on 200 strips errs by about 1e-5.
    assert area == pytest.approx(margin(w), rel=1e-4)
    assert shape.get_label() == f"area $= h^* = {margin(w):.4f}$"
    assert (x.min(), x.max()) == pytest.approx((edge(w), fixed_points(w, 0.0)[-1]), abs=1e-4)


def test_threshold():
    ax = how_to_read.plot_threshold(axes(), w_max=4.0)
    w, h = line(ax, "$h^*(w)$").T
    assert (w[0], w[-1]) == (1.0, 4.0)
    assert h == pytest.approx([margin(v) for v in w])
    near = line(ax, r"$\frac{2}{3}(w-1)^{3/2}$")
    assert near[:, 1] == pytest.approx(2 / 3 * (near[:, 0] - 1) ** 1.5)


def test_sets():
    ax = latch_neuron.plot_sets(2.0, axes())
    bars = {c.get_label(): c.get_paths()[0].vertices[:, 0] for c in ax.collections}
    starts = {label: x.min() for label, x in bars.items()}
    assert starts == pytest.approx(
        {r"basin $\beta(X_+)$": 0.0, r"reduced attracting set $\Gamma(X_+)$": edge(2.0)}
    )
    a, slope = line(ax, "$M'(a)$").T
    assert slope == pytest.approx(2.0 / np.cosh(a) ** 2)


def half_life(w):
    """Steps in which the slope at the upper attractor, found by running the map, halves."""
    top = 5.0
    for _ in range(3000):
        top = w * math.tanh(top)
    return math.log(2) / -math.log(w / math.cosh(top) ** 2)


def test_trade_off():
    w = np.array([1.05, 1.2, 1.6, 2.5, 4.0])
    ax = figures.plot_trade_off(w, axes(), marks=(1.6,))
    h, life = line(ax, "every $w$").T
    assert h == pytest.approx([margin(v) for v in w])
    assert life == pytest.approx([half_life(v) for v in w])
    [mark] = marks(ax)
    assert mark[:2] == (h[2], life[2])
    law = line(ax, r"law as $w \to 1^+$")
    assert law == pytest.approx(
        np.array([(2 / 3 * u**1.5, math.log(2) / (2 * u)) for u in w[w < 1.5] - 1])
    )


def test_density():
    table = density_table()
    ax = learning_to_latch.plot_density(table, axes(), reading="variance", runs=200)
    [mesh] = [c for c in ax.collections if c.get_array() is not None]
    drawn = np.asarray(mesh.get_array()).reshape(3, 4)
    for row, s in enumerate((0.0, 0.2, 0.6)):
        assert drawn[row] == pytest.approx([w0 * s / 200 for w0 in (0.5, 1.0, 1.5, 2.0)])
    assert mesh.get_clim() == (0.0, 1.0)
    # The line: at the column of w0 = 2 it stands where s, a variance, is h*(2)^2.
    path = line(ax, r"$\sigma = h^*(w_0)$")
    where = np.interp(3.5, path[:, 0], path[:, 1])
    assert np.interp(where - 0.5, (0, 1, 2), (0.0, 0.2, 0.6)) == pytest.approx(
        margin(2.0) ** 2, rel=1e-3
    )
    other = learning_to_latch.plot_density(table, axes(), reading="standard deviation", runs=18)
    path = line(other, r"$\sigma = h^*(w_0)$")
    where = np.interp(3.5, path[:, 0], path[:, 1])
    assert np.interp(where - 0.5, (0, 1, 2), (0.0, 0.2, 0.6)) == pytest.approx(
        margin(2.0), rel=1e-3
    )


def test_more_curves_than_can_be_told_apart_are_refused():
    five = {name: np.arange(3.0) for name in "abcde"}
    with pytest.raises(ValueError, match="logs is 5; accepted: at most 4 curves"):
        figures.plot_gradient(five)


@pytest.mark.parametrize("eps", [0.25, 1.0])
def test_required_moves_end_the_margin_beyond_the_threshold(eps):
    ax = discrete_error.plot_required_moves(eps, axes())
    up, down = line(ax, r"for $\Delta y = +2$"), line(ax, r"for $\Delta y = -2$")
    assert up.sum(axis=1) == pytest.approx(np.full(len(up), eps))
    assert down.sum(axis=1) == pytest.approx(np.full(len(down), -eps))
    assert up[:, 0].max() == 0.0 < down[:, 0].min()
    # At 0 the output counts as -1: the move up is the one that there is.
    assert [(mark[1] > 0, mark[2]) for mark in marks(ax)] == [(True, True), (False, False)]


def test_guesses_beside_the_geometric_law():
    ax = random_guessing.plot_guesses([1, 2, 2, 4, 7], 0.3, axes())
    n = np.arange(7)
    assert line(ax, "$(1 - p)^n$") == pytest.approx(np.column_stack([n, 0.7**n]))
    # Of 1, 2, 2, 4, 7: more than 0 need all, more than 1 four of five, and so on.
    share = np.array([5, 4, 2, 2, 1, 1, 1]) / 5
    assert line(ax, "trials") == pytest.approx(np.column_stack([n, share]))


def price_table():
    rows = [
        {
            "method": method, "noise": noise, "T": T, "trials": 100, "learned": learned,
            "learned_low": learned / 110, "learned_high": min(1.0, learned / 90),
            "presentations": 10.0 * T,
        }
        for method, noise, T, learned in (
            ("a", 0.2, 20, 50), ("a", 0.2, 5, 100), ("a", 0.0, 5, 10), ("b", 0.2, 5, 0),
            ("b", 0.2, 20, 25),
        )
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_price_is_all_presentations_over_the_trials_that_learned():
    ax = random_guessing.plot_price(price_table(), ("a", "b"), axes(), noise=0.2)
    first, second = ax.containers
    points, _, [stems] = first.lines
    # 50 a trial where all learned; 200 a trial where half did: 400.
    assert points.get_xydata() == pytest.approx(np.array([[5, 50.0], [20, 400.0]]))
    ends = np.array([stem[:, 1] for stem in stems.get_segments()])
    assert ends[1] == pytest.approx([200 * 90 / 50, 200 * 110 / 50])
    # Where none learned there is no price.
    assert second.lines[0].get_xydata() == pytest.approx(np.array([[20 * 1.02, 800.0]]))


def test_the_overview_writes_each_error_in_its_place_gradients_first():
    rows = [
        {"method": method, "noise": noise, "T": T, "test_error": share}
        for method, noise, T, share in (
            ("random guessing", 0.2, 5, 0.016), ("random guessing", 0.2, 10, 0.0),
            ("back-propagation", 0.2, 10, 0.254), ("back-propagation", 0.2, 5, 0.02),
            ("back-propagation", 0.0, 5, 0.5),
        )
    ]  # fmt: skip
    ax = experiments.plot_overview(pd.DataFrame(rows), axes(), noise=0.2)
    written = {text.get_position(): text.get_text() for text in ax.texts}
    assert written == {(0, 0): "2", (1, 0): "25", (0, 1): "2", (1, 1): "0"}
    assert [label.get_text() for label in ax.get_xticklabels()] == ["5", "10"]
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "back-propagation", "random\nguessing"
    ]  # fmt: skip
    assert np.asarray(ax.images[0].get_array()) == pytest.approx(np.array([[2, 25.4], [1.6, 0]]))
    with pytest.raises(ValueError, match=r"noise is 0\.1"):
        experiments.plot_overview(pd.DataFrame(rows), axes(), noise=0.1)


def test_unknown_methods_noises_and_problems_are_refused():
    table = pd.DataFrame({"method": ["a"], "noise": [0.2], "T": [5], "problem": ["latch"]})
    for call, message in (
        (lambda: experiments.plot_method_errors(table, methods=["magic"], noise=0.2), "method"),
        (lambda: experiments.plot_method_errors(table, methods=[], noise=0.1), "noise is 0.1"),
        (lambda: experiments.plot_sensitivity(table, problem="xor"), "problem is 'xor'"),
        (lambda: experiments.plot_trial_errors({key: [0.0] for key in "abcd"}), "errors is 4"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


# --- EM ----------------------------------------------------------------------------------


@pytest.mark.parametrize("machine", [iohmm.two_chains(2), iohmm.all_to_all(3)])
def test_a_machine_has_a_circle_a_state_and_an_arrow_a_move(machine):
    ax = em.plot_machine(machine, axes())
    assert len(ax.patches) == machine.allowed.sum() - np.trace(machine.allowed)
    assert len(ax.get_lines()) == machine.states


def test_credit_is_drawn_by_steps_before_the_end_and_not_where_it_is_rounding():
    ax = em.plot_credit({"one": [1e-12, 0.1, 1.0]}, axes())
    assert line(ax, "one").tolist() == [[0, 1.0], [1, 0.1]]


def test_a_row_of_1993_is_drawn_in_per_cent():
    own = {"structure": "built in", "method": "EM", "test_error_low": 0.05, "test_error_high": 0.2}
    ax = em.plot_row(pd.DataFrame([{**own, "T": T, "test_error": 0.1} for T in (5, 20)]), axes())
    assert ax.containers[0].lines[0].get_xydata().tolist() == [[5, 10], [20, 10]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["EM, built in"]


# --- digits of a picture -----------------------------------------------------------------

PICTURE = """\
<svg width="388.8pt" height="252pt" viewBox="0 0 388.8 252">
 <path id="m{0}" d="M 0 3.{1} L -0.{2} 1" style="stroke-width: 0.125"/>
 <g clip-path="url(#p{3})"><use xlink:href="#m{0}" x="14.{4}" y="1e"/></g>
 <g transform="translate(15.558281 195.63944{5}) scale(0.015625 -0.015625)"/>
 <clipPath id="p{3}"><rect x="{6}" y="7" width="331.15" height="1.25"/></clipPath>
</svg>
"""
HERE = PICTURE.format("0123456789", "000001", "0004", "aaaaaaaaaa", "5", "8", "43.9")
THERE = PICTURE.format("abcdef0123", "0", "0003", "bbbbbbbbbb", "500004", "7", "43.9000004")


def test_last_digits_of_a_picture_do_not_show():
    assert HERE != THERE
    assert _rounded(HERE) == _rounded(THERE)
    assert "translate(15.56 195.64) scale(0.015625 -0.015625)" in _rounded(HERE)
    assert 'd="M 0 3 L 0 1" style="stroke-width: 0.125"' in _rounded(HERE)
    assert _rounded(HERE) != _rounded(HERE.replace('x="14.5"', 'x="14.52"'))


def test_parts_of_a_picture_keep_names_of_their_own():
    twice = HERE.replace("</svg>", ' <path id="mffffffffff" d="M 0 3 L 0 1"/>\n</svg>')
    text = _rounded(twice.replace(' style="stroke-width: 0.125"', ""))
    names = re.findall(r'id="([mp]\w{10})"', text)
    assert len(set(names)) == 3
    assert set(re.findall(r"#(\w+)", text)) == {names[0], names[1]}


# --- the three problems again ------------------------------------------------------------


def architecture_rows():
    about = {"problem": "latch", "T": 10, "part": "shown", "held": "", "clock": ""}
    errors = {"test_error": 0.1, "error_2T": 0.2, "error_10T": 0.4}
    shares = {"learned_low": 0.2, "learned_high": 0.4}
    return pd.DataFrame(
        [
            {**about, **errors, **shares, "architecture": name, "rule": rule, "learned": learned}
            for name in ("GRU", "tanh")
            for rule, learned in (("Adam", 30), ("clipped", 25), ("random guessing", 35))
        ]
    )


def test_architectures_stand_in_the_order_of_the_tables():
    ax = three_problems_again.plot_learned(architecture_rows(), "latch", 10, axes())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["tanh", "GRU"]
    assert ax.yaxis_inverted()


def test_errors_at_three_lengths_are_drawn_in_percent():
    ax = three_problems_again.plot_far(architecture_rows(), "latch", 10, axes())
    found = {line.get_label(): line.get_xdata() for line in ax.lines}
    assert [list(found[name]) for name in ("T", "2 T", "10 T")] == [[10, 10], [20, 20], [40, 40]]


# --- explosion ---------------------------------------------------------------------------


def test_sizes_of_zero_stand_on_the_floor():
    ax = explosion.plot_sizes({"a": 0.5**STEPS, "b": 0.0 * STEPS}, axes())
    assert np.array_equal(line(ax, "a"), np.column_stack([STEPS, 0.5**STEPS]))
    assert (line(ax, "b")[:, 1] == 1e-9).all()


def test_parts_are_drawn_by_their_age_and_those_too_small_are_not():
    ax = explosion.plot_shares({"a": [1e-12, 0.5, 2.0]}, axes())
    assert line(ax, "a").tolist() == [[0.0, 2.0], [1.0, 0.5]]
