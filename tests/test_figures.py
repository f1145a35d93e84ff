"""Figures: what is drawn is what was computed, on the axes given, in colours that can be seen."""

import io
import math
import re
from importlib import import_module
from pkgutil import iter_modules
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.colors as colors
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from latchbook import chapters, figures
from latchbook.figures.style import _rounded
from latchlib import contraction, iohmm, phase_space

PALETTE = {
    name: getattr(figures, name)
    for name in ("BLUE", "ORANGE", "GREEN", "VERMILLION", "PURPLE", "GREY")
}
#: Every plot function by its name: those that are shared, and those of one chapter.
MODULES = [
    import_module(f"latchbook.chapters.{found.name}") for found in iter_modules(chapters.__path__)
]
FOUND = {
    (name, plot)
    for module in (figures, *MODULES)
    for name, plot in vars(module).items()
    if name.startswith("plot_")
}
PLOTS = SimpleNamespace(**dict(FOUND))
STEPS = np.arange(20)
WAVES = {name: np.sin(STEPS / k) for k, name in enumerate("abcd", start=1)}


def density_table():
    rows = [
        {"reading": reading, "s": s, "w0": w0, "runs": runs, "frequency": w0 * s / k / runs}
        for k, reading in enumerate(("variance", "standard deviation"), start=1)
        for s in (0.0, 0.2, 0.6)
        for w0 in (0.5, 1.0, 1.5, 2.0)
        for runs in (18, 200)
    ]
    return pd.DataFrame(rows)


def frequency_table():
    rows = [
        {"reading": r, "T": T, "runs": runs, "frequency": f, "low": f - 0.1, "high": f + 0.05}
        for r in ("variance", "standard deviation")
        for T, f in ((5, 0.9), (10, 0.6), (20, 0.3))
        for runs in (18, 200)
    ]
    return pd.DataFrame(rows)


def em_rows():
    return pd.DataFrame(
        [
            {
                "structure": structure, "method": "EM", "T": T,
                "test_error": 0.1, "test_error_low": 0.05, "test_error_high": 0.2,
            }
            for structure in ("built in", "all to all")
            for T in (5, 20)
        ]
    )  # fmt: skip


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


def comparison():
    """A comparison of all methods at two lengths; its k-th method errs in k %, at T in k + T %."""
    rows = []
    for k, method in enumerate(figures.METHOD_STYLES, start=1):
        for T in (5, 20):
            row = {"method": method, "noise": 0.2, "T": T}
            for name, value in (("error", (k + T) / 100), ("test_error", (k + 2 * T) / 100)):
                row |= {name: value, f"{name}_low": value - 0.01, f"{name}_high": value + 0.02}
            spent = 100.0 * k * T
            row |= {"presentations": spent, "presentations_low": 0.9 * spent}
            rows.append(row | {"presentations_high": 1.2 * spent})
    return pd.DataFrame(rows)


def judgements():
    rows = [
        {"method": method, "T": T, "error_1993": 10.0 * k, "error": 5.0 * k, "verdict": verdict,
         "error_low": 5.0 * k - 1.0, "error_high": 5.0 * k + 2.0, "presentations_1993": 500.0 * k}
        for k, (method, verdict) in enumerate(
            zip(figures.METHOD_STYLES, figures.VERDICT_STYLES, strict=False), start=1
        )
        for T in (5, 20)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def moved_settings():
    rows = comparison().query("T == 5").assign(problem="latch", setting="none")
    more = [rows.assign(setting="mu", test_error=rows.test_error + d) for d in (0.1, 0.3)]
    return pd.concat([rows, *more])


CELLS = [
    None,
    {"test_error": 10.0, "test_error_low": 8.0, "test_error_high": 13.0, "error_1993": 20.0,
     "presentations": 100.0, "presentations_low": 50.0, "presentations_high": 300.0,
     "presentations_1993": None},
    {"test_error": 30.0, "test_error_low": 28.0, "test_error_high": 33.0, "error_1993": None,
     "presentations": 4000.0, "presentations_low": 3000.0, "presentations_high": 5000.0,
     "presentations_1993": 7000.0},
]  # fmt: skip

WEIGHTS = np.array([[1.0, 1.0], [1.2, 0.9], [1.4, 0.8], [1.4, 0.7]])

RING = np.column_stack([np.cos(WAVES["a"]), np.sin(WAVES["a"])])
PAIR = np.array([[2.0, 0.0], [0.0, 2.0]])
LABELLED = phase_space.portrait(PAIR, phase_space.Grid.cube(3.0, 9))

#: A call of every function, with `ax` left open.
CALLS = {
    "plot_machine": lambda ax=None: PLOTS.plot_machine(iohmm.two_chains(2), ax),
    "plot_walk": lambda ax=None: PLOTS.plot_walk(
        [[1, 0], [0.5, 0.5], [0.3, 0.7]], [0, 0, 1], [0, 1], ax
    ),
    "plot_credit": lambda ax=None: PLOTS.plot_credit({"one": [1e-12, 0.1, 1.0]}, ax),
    "plot_row": lambda ax=None: PLOTS.plot_row(em_rows(), ax),
    "plot_beside_bound": lambda ax=None: PLOTS.plot_beside_bound(
        [1.01, 1.1, 2.0], [34.7, 3.5, 0.4], [76.0, 7.8, 1.0], ax
    ),
    "plot_drops": lambda ax=None: PLOTS.plot_drops(
        {"one": np.random.default_rng(0).normal(size=(2, 2, 9))}, (0, 1), ax, reach=4.0
    ),
    "plot_edge": lambda ax=None: PLOTS.plot_edge(
        [0.8, 2.0], [[-0.2, -0.3], [0.1, 0.2]], [0.8, 2.0], lambda gain: gain - 1.0, ax
    ),
    "plot_two_rectangles": lambda ax=None: PLOTS.plot_two_rectangles(2.0, ax),
    "plot_valleys": lambda ax=None: PLOTS.plot_valleys(2.0, ax),
    "plot_beside_1993": lambda ax=None: PLOTS.plot_beside_1993(judgements(), ax),
    "plot_cells": lambda ax=None: PLOTS.plot_cells(CELLS, (3, 5, 10), 1, ax, what="test_error"),
    "plot_fresh_error": lambda ax=None: PLOTS.plot_fresh_error(comparison(), ax, noise=0.2),
    "plot_method_errors": lambda ax=None: PLOTS.plot_method_errors(
        comparison(), ax, methods=list(figures.METHOD_STYLES), noise=0.2, judged=judgements()
    ),
    "plot_presentations": lambda ax=None: PLOTS.plot_presentations(
        comparison(), ax, T=20, noise=0.2, judged=judgements()
    ),
    "plot_sensitivity": lambda ax=None: PLOTS.plot_sensitivity(
        moved_settings(), ax, problem="latch"
    ),
    "plot_trial_errors": lambda ax=None: PLOTS.plot_trial_errors(
        {"pseudo-Newton": [0.0, 0.0, 0.5], "simulated annealing": [0.0, 0.05, 0.1]}, ax
    ),
    "plot_chances": lambda ax=None: PLOTS.plot_chances(
        {"one": [[5, 0.1, 0.05, 0.2], [20, 0.2, 0.0, 0.3]], "two": [[5, 0.01, 0.005, 0.02]]},
        {"one": ([5, 20], [0.12, 0.12])},
        ax,
        xlabel="T",
    ),
    "plot_guesses": lambda ax=None: PLOTS.plot_guesses([1, 2, 2, 4, 7], 0.3, ax),
    "plot_price": lambda ax=None: PLOTS.plot_price(price_table(), ("a", "b"), ax, noise=0.2),
    "plot_arrival": lambda ax=None: PLOTS.plot_arrival(
        {"weak": 0.6 ** STEPS[::-1], "strong": 0.9 ** STEPS[::-1]},
        {"weak": [[1, 0.6, 0.5, 0.7], [3, 0.2, 0.1, 0.3]]},
        ax,
    ),
    "plot_error_sizes": lambda ax=None: PLOTS.plot_error_sizes(
        {"gradient": -0.3 * STEPS, "mean": 0.1 * STEPS}, 7, ax
    ),
    "plot_factor_per_step": lambda ax=None: PLOTS.plot_factor_per_step(
        STEPS / 10, {"one": 0.5 + STEPS / 50, "two": 0.9 + 0.0 * STEPS}, ax
    ),
    "plot_learned": lambda ax=None: PLOTS.plot_learned(
        {"one": [[0.01, 0.2, 0.1, 0.4], [0.1, 0.9, 0.8, 1.0]], "two": [[0.03, 0.5, 0.4, 0.6]]},
        ax,
        xlabel="jump",
    ),
    "plot_mean_moves": lambda ax=None: PLOTS.plot_mean_moves(
        STEPS / 10 - 1,
        {"wish": STEPS / 10 - 1, "move": -0.5 + 0.0 * STEPS},
        ax,
        marks=[[0.5, -0.4, -0.6, -0.1]],
    ),
    "plot_moves": lambda ax=None: PLOTS.plot_moves([0.0, -2.0, 0.0, -1.5, -3.0], 3, ax),
    "plot_net_inputs": lambda ax=None: PLOTS.plot_net_inputs(
        {"threshold": [1.0, 1.5, 1.2], "tanh": [1.0, 0.8, 0.9]}, (2, -2.0), ax
    ),
    "plot_required_moves": lambda ax=None: PLOTS.plot_required_moves(0.5, ax),
    "plot_area": lambda ax=None: PLOTS.plot_area(2.0, ax),
    "plot_cost": lambda ax=None: PLOTS.plot_cost((0.5, 0.8, 1.0), ax),
    "plot_density": lambda ax=None: PLOTS.plot_density(
        density_table(), ax, reading="variance", runs=200
    ),
    "plot_frequency": lambda ax=None: PLOTS.plot_frequency(frequency_table(), ax),
    "plot_gradient": lambda ax=None: PLOTS.plot_gradient(WAVES, ax),
    "plot_gradient_reach": lambda ax=None: PLOTS.plot_gradient_reach(
        {name: 0.9 ** (20 - STEPS) * sign for name, sign in (("x", 1), ("y", -1))}, ax
    ),
    "plot_map": lambda ax=None: PLOTS.plot_map(2.0, 0.3, ax),
    "plot_maps": lambda ax=None: PLOTS.plot_maps(2.0, {"none": 0.0, "some": 0.4}, ax),
    "plot_sequences": lambda ax=None: PLOTS.plot_sequences(
        WAVES, 3, ax, ylabel="y", levels=(0.8, -0.8)
    ),
    "plot_sets": lambda ax=None: PLOTS.plot_sets(2.0, ax),
    "plot_spread": lambda ax=None: PLOTS.plot_spread(
        STEPS + 1.0, {"s": STEPS + 1.1}, {"s": STEPS + 1.0}, ax
    ),
    "plot_threshold": lambda ax=None: PLOTS.plot_threshold(ax),
    "plot_timeline": lambda ax=None: PLOTS.plot_timeline(WAVES, ax, levels={"top": 1.5}),
    "plot_trade_off": lambda ax=None: PLOTS.plot_trade_off(
        np.linspace(1.01, 5, 30), ax, marks=(2.0,)
    ),
    "plot_transit": lambda ax=None: PLOTS.plot_transit(
        [0.01, 0.1, 1.0], [30, 10, 3], [29.0, 9.5, 3.1], ax
    ),
    "plot_truncation": lambda ax=None: PLOTS.plot_truncation(WAVES, ax),
    "plot_error_bound": lambda ax=None: PLOTS.plot_error_bound(
        {"one": 0.4**STEPS}, {"one": 0.5**STEPS}, ax
    ),
    "plot_horseshoe": lambda ax=None: PLOTS.plot_horseshoe(
        np.indices((3, 17)).astype(float), 1.0 + np.indices((3, 17)), ax
    ),
    "plot_margins": lambda ax=None: PLOTS.plot_margins(
        STEPS / 20, {"b": STEPS * (20.0 - STEPS) / 400, "m": STEPS / 20}, 1.0, ax
    ),
    "plot_rectangle": lambda ax=None: PLOTS.plot_rectangle(2.0, 0.59, ax),
    "plot_share": lambda ax=None: PLOTS.plot_share(
        1.0 + np.geomspace(0.01, 10, 20), np.linspace(0.48, 0.8, 20), 0.478, ax
    ),
    "plot_staircase": lambda ax=None: PLOTS.plot_staircase(
        (STEPS, np.sqrt(1.0 + STEPS**2)), np.sqrt(STEPS), ax, label="M"
    ),
    "plot_tube": lambda ax=None: PLOTS.plot_tube(np.ones(20), 0.5, WAVES, ax, levels={"edge": 0.2}),
    "plot_tube_in_plane": lambda ax=None: PLOTS.plot_tube_in_plane(
        np.array([[0.0, 0.0], [1.0, 0.5]]), 0.3, np.zeros((2, 2, 3)), ax
    ),
    "plot_bifurcation": lambda ax=None: PLOTS.plot_bifurcation(STEPS, np.outer(STEPS, STEPS), ax),
    "plot_embedding": lambda ax=None: PLOTS.plot_embedding(WAVES["a"], WAVES["a"], (3, 7), ax),
    "plot_energy": lambda ax=None: PLOTS.plot_energy(
        [[1.5, 0.6], [0.6, 1.5]], {"orbit": [(0.1, 0.2), (0.3, 0.4)]}, ax
    ),
    "plot_exponents": lambda ax=None: PLOTS.plot_exponents(STEPS, WAVES["b"], ax),
    "plot_gap": lambda ax=None: PLOTS.plot_gap(WAVES, ax),
    "plot_orbits": lambda ax=None: PLOTS.plot_orbits(
        [[2.0, 0.0], [0.0, 0.5]], {"orbit": [(0.1, 0.2), (0.3, 0.1)]}, ax
    ),
    "plot_ball_at": lambda ax=None: PLOTS.plot_ball_at(RING, 0.5 * RING, {"bound": 0.8 * RING}, ax),
    "plot_ball_images": lambda ax=None: PLOTS.plot_ball_images(
        contraction.propagate_ball(PAIR, [2.0, 1.5], 0.3, 3, rng=np.random.default_rng(0)),
        (0, 2),
        ax,
    ),
    "plot_balls": lambda ax=None: PLOTS.plot_balls(
        {
            "ball": contraction.propagate_ball(
                PAIR, [2.0, 1.5], 0.3, 9, rng=np.random.default_rng(0)
            )
        },
        ax,
    ),
    "plot_bound": lambda ax=None: PLOTS.plot_bound({0.2: 0.1, 0.5: 0.3, 0.9: 0.2}, 0.53, ax),
    "plot_decay_laws": lambda ax=None: PLOTS.plot_decay_laws({"law": -0.1 * STEPS}, ax),
    "plot_error_at_source": lambda ax=None: PLOTS.plot_error_at_source(
        [2, 4, 8], {"B": np.array([[1e-3, 1e-2, 1e-1]] * 3)}, ax
    ),
    "plot_far_share": lambda ax=None: PLOTS.plot_far_share(
        {"share": (0.5**STEPS, 0.01 + 0.0 * STEPS)}, ax
    ),
    "plot_launch": lambda ax=None: PLOTS.plot_launch(RING, {"A": [1.0, 2.0]}, ax),
    "plot_loss": lambda ax=None: PLOTS.plot_loss(
        STEPS / 10, 0.5 + 0.0 * STEPS, 0.4 + 0.0 * STEPS, 0.6 + 0.0 * STEPS, 0.88, ax
    ),
    "plot_margin_of_state": lambda ax=None: PLOTS.plot_margin_of_state(
        STEPS / 20, STEPS / 40, (0.88, 0.53), ax
    ),
    "plot_peak": lambda ax=None: PLOTS.plot_peak(
        STEPS + 1.0, 1.0 / (STEPS + 1.0), 0.5 / (STEPS + 1.0), 2.0 / (STEPS + 1.0), ax
    ),
    "plot_portrait": lambda ax=None: PLOTS.plot_portrait(*LABELLED, ax),
    "plot_powers": lambda ax=None: PLOTS.plot_powers({"norm": 0.1 * STEPS}, ax),
    "plot_radius": lambda ax=None: PLOTS.plot_radius({"radius": 0.9**STEPS}, 3, ax),
    "plot_rate_under_noise": lambda ax=None: PLOTS.plot_rate_under_noise(
        STEPS / 20,
        -1.8 + STEPS / 90,
        0.01 + 0.0 * STEPS,
        -1.8 + STEPS / 80,
        ax,
        margin=0.53,
        computed=(STEPS / 9, -1.8 - STEPS / 70),
    ),
    "plot_readings": lambda ax=None: PLOTS.plot_readings(
        LABELLED[1], LABELLED[0], ax, points={"state": (0.65, 3.0)}
    ),
    "plot_source_weights": lambda ax=None: PLOTS.plot_source_weights({"T = 2": STEPS / 9}, ax),
    "plot_two_readings": lambda ax=None: PLOTS.plot_two_readings(2.0, 0.88, (0.65, 3.0), ax),
    "plot_weights": lambda ax=None: PLOTS.plot_weights(
        WEIGHTS, np.array([True, False]), ax, per_row=100
    ),
    "plot_best_found": lambda ax=None: PLOTS.plot_best_found(
        {"f": {"one": [1e-3, 1.0, 9.0], "two": [0.0, 0.0, 1.0]}, "g": {"one": [2.0, 3.0, 4.0]}}, ax
    ),
    "plot_course": lambda ax=None: PLOTS.plot_course(
        {"best": 0.5**STEPS, "now": 0.6**STEPS}, ax, mark=4
    ),
    "plot_equilibrium": lambda ax=None: PLOTS.plot_equilibrium(
        [0.0, 0.5, 1.0], [[0.5, 0.4, 0.6], [1.5, 1.4, 1.6]], {"law": [[0, 1], [0.4, 1.6]]}, ax
    ),
    "plot_laws": lambda ax=None: PLOTS.plot_laws(
        STEPS + 1.0,
        {"one": 0.5**STEPS, "two": 0.7**STEPS},
        {"two": [[3, 0.2, 0.1, 0.3]], "three": [[4, 0.3, 0.2, 0.4]]},
        ax,
        xlabel="x",
        ylabel="y",
        log="xy",
        level=0.5,
    ),
    "plot_step_by_length": lambda ax=None: PLOTS.plot_step_by_length(
        STEPS + 1, {"one": -(0.5**STEPS), "two": 0.7**STEPS}, ax, levels={"flat": 0.1}
    ),
    "plot_step_by_state": lambda ax=None: PLOTS.plot_step_by_state(
        STEPS / 10,
        {"one": -(0.5**STEPS), "two": 0.7**STEPS},
        ax,
        places={"here": 0.5},
        level=("flat", 0.1),
    ),
    "plot_step_factor": lambda ax=None: PLOTS.plot_step_factor(
        0.5**STEPS, {"one": 0.9**STEPS, "two": 0.8**STEPS}, ax, peaks={"two": (0.5, 0.8)}
    ),
    "plot_terms_by_age": lambda ax=None: PLOTS.plot_terms_by_age(
        {"one": -(0.5**STEPS), "two": 0.7**STEPS}, ax
    ),
    "plot_costs": lambda ax=None: PLOTS.plot_costs(1 + WAVES["a"], ax, last=30, at_zero=0.64),
    "plot_cut": lambda ax=None: PLOTS.plot_cut(STEPS, WAVES, ax, levels={"top": 0.9}),
    "plot_descents": lambda ax=None: PLOTS.plot_descents(
        {"one": [[0.5, 2.0], [0.5, 1.4]], "two": [[-0.5, 1.0], [-0.4, 0.4]]}, ax
    ),
    "plot_errors_back": lambda ax=None: PLOTS.plot_errors_back(
        {"one": STEPS / 2 - 10, "two": STEPS / 3 - 9}, 3, ax
    ),
    "plot_flat_share": lambda ax=None: PLOTS.plot_flat_share(
        {"one": [[5, 0.2, 0.1, 0.4], [10, 0.9, 0.8, 1.0]], "two": [[5, 0.5, 0.4, 0.6]]}, ax
    ),
    "plot_outcomes": lambda ax=None: PLOTS.plot_outcomes(
        {"nothing": (0.1, 0.05, 0.2), "something": (0.7, 0.6, 0.75)}, ax
    ),
    "plot_parameters": lambda ax=None: PLOTS.plot_parameters(
        np.column_stack([WAVES[k] for k in "abcdabc"]), 2, ax, last=30
    ),
    "plot_surface": lambda ax=None: PLOTS.plot_surface(
        STEPS, [0.5, 1.5], [STEPS / 10, 2 - STEPS / 10], ax, levels=(0.5, 1.0), limits=(0, 2)
    ),
    "plot_search": lambda ax=None: PLOTS.plot_search(
        (STEPS, STEPS, np.add.outer(STEPS**2, STEPS)),
        [[1, 2], [3, 4], [5, 6]],
        [True, False, True],
        ax,
        box=([3, 4], [1, 2]),
        here=[5, 6],
    ),
}


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


# --- every figure ------------------------------------------------------------------------


def test_every_figure_is_tested():
    assert sorted(CALLS) == sorted(name for name, _ in FOUND), "each once, under a name of its own"


@pytest.mark.parametrize("name", CALLS)
def test_draws_on_named_axes_its_own_or_those_given(name):
    ax = axes()
    untouched = len(ax.get_children())
    assert CALLS[name](ax) is ax and plt.get_fignums() == []
    assert len(ax.get_children()) > untouched
    assert ax.get_xlabel() and ax.get_ylabel()
    own = CALLS[name]()
    assert isinstance(own, plt.Axes) and plt.get_fignums() == [own.figure.number]


def rendered(name):
    ax = CALLS[name](axes())
    stream = io.BytesIO()
    ax.figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()


def test_only_in_the_book_style_is_an_svg_the_same_every_time():
    assert rendered("plot_density") == rendered("plot_density")
    with mpl.rc_context({"svg.hashsalt": None}):
        assert rendered("plot_density") != rendered("plot_density")


# --- colours -----------------------------------------------------------------------------


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


def drawn_colours(ax):
    """Yield (kind, hex colour) of the curves, markers, areas and words of `ax`."""
    spared = {ax.patch, *ax.xaxis.get_children(), *ax.yaxis.get_children(), *ax.spines.values()}
    for artist in ax.get_children():
        if artist in spared or not artist.get_visible():
            continue
        if isinstance(artist, Line2D):
            yield "line", colors.to_hex(artist.get_color())
            for colour in (artist.get_markerfacecolor(), artist.get_markeredgecolor()):
                if artist.get_marker() not in ("None", "", None):
                    yield "marker", colors.to_hex(colour)
        elif isinstance(artist, Text) and artist.get_text():
            yield "text", colors.to_hex(artist.get_color())
        elif isinstance(artist, Patch):
            yield "area", colors.to_hex(artist.get_facecolor())
        elif isinstance(artist, Collection) and artist.get_array() is None:
            for colour in artist.get_facecolor():
                yield "area", colors.to_hex(colour)


@pytest.mark.parametrize("name", CALLS)
def test_colours_are_those_of_the_palette_and_can_be_seen(name):
    found = list(drawn_colours(CALLS[name](axes())))
    assert found
    allowed = {colors.to_hex(colour) for colour in PALETTE.values()} | {"#ffffff", "#000000"}
    assert {colour for _, colour in found} <= allowed
    for kind, colour in found:
        # White is the rim of a line on a dark ground, or the inside of an open mark. An area
        # has an edge or a hatch or borders on a line, so it may be lighter.
        if kind in ("line", "marker") and colour != "#ffffff":
            assert contrast(colour) >= 3.0, (kind, colour)
        if kind == "text":
            assert contrast(colour) >= 4.5, colour


@pytest.mark.parametrize("name", CALLS)
def test_no_figure_speaks_by_colour_alone(name):
    ax = CALLS[name](axes())
    legend = ax.get_legend()
    if legend is None:
        return
    looks = [
        (one.get_linestyle(), one.get_linewidth(), one.get_marker()) for one in legend.get_lines()
    ]
    assert len(set(looks)) == len(looks), looks


def test_the_map_of_frequencies_reads_in_grey():
    ax = CALLS["plot_density"](axes())
    [mesh] = [c for c in ax.collections if c.get_array() is not None]
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
    ax = PLOTS.plot_map(w, h, axes())
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
    ax = PLOTS.plot_maps(2.0, {"none": 0.0, "some": 0.4}, axes())
    a, image = line(ax, "some").T
    assert image == pytest.approx(2.0 * np.tanh(a) + 0.4)
    assert line(ax, "double root at $-a^*$")[0] == pytest.approx([-edge(2.0)] * 2)


@pytest.mark.parametrize("w", [1.3, 2.0, 4.0])
def test_shaded_area_is_the_threshold(w):
    ax = PLOTS.plot_area(w, axes())
    [shape] = [c for c in ax.collections]
    x, y = shape.get_paths()[0].vertices.T
    area = 0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))
    # The trapezoidal rule on 200 strips errs by about 1e-5.
    assert area == pytest.approx(margin(w), rel=1e-4)
    assert shape.get_label() == f"area $= h^* = {margin(w):.4f}$"
    assert (x.min(), x.max()) == pytest.approx((edge(w), fixed_points(w, 0.0)[-1]), abs=1e-4)


def test_threshold():
    ax = PLOTS.plot_threshold(axes(), w_max=4.0)
    w, h = line(ax, "$h^*(w)$").T
    assert (w[0], w[-1]) == (1.0, 4.0)
    assert h == pytest.approx([margin(v) for v in w])
    near = line(ax, r"$\frac{2}{3}(w-1)^{3/2}$")
    assert near[:, 1] == pytest.approx(2 / 3 * (near[:, 0] - 1) ** 1.5)


def test_sets():
    ax = PLOTS.plot_sets(2.0, axes())
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
    ax = PLOTS.plot_trade_off(w, axes(), marks=(1.6,))
    h, life = line(ax, "every $w$").T
    assert h == pytest.approx([margin(v) for v in w])
    assert life == pytest.approx([half_life(v) for v in w])
    [mark] = marks(ax)
    assert mark[:2] == (h[2], life[2])
    law = line(ax, r"law as $w \to 1^+$")
    assert law == pytest.approx(
        np.array([(2 / 3 * u**1.5, math.log(2) / (2 * u)) for u in w[w < 1.5] - 1])
    )


def test_gradient_is_in_decades():
    ax = PLOTS.plot_gradient({"x": np.log(10.0) * -STEPS}, axes())
    assert line(ax, "x") == pytest.approx(np.column_stack([STEPS, -STEPS]))


def test_gradient_reach_counts_from_the_end():
    ax = PLOTS.plot_gradient_reach({"x": np.array([-1e-3, 0.1, -1.0])}, axes())
    assert line(ax, "x").tolist() == [[2, 1e-3], [1, 0.1], [0, 1.0]]
    assert ax.get_yscale() == "log"


def test_density():
    table = density_table()
    ax = PLOTS.plot_density(table, axes(), reading="variance", runs=200)
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
    other = PLOTS.plot_density(table, axes(), reading="standard deviation", runs=18)
    path = line(other, r"$\sigma = h^*(w_0)$")
    where = np.interp(3.5, path[:, 0], path[:, 1])
    assert np.interp(where - 0.5, (0, 1, 2), (0.0, 0.2, 0.6)) == pytest.approx(
        margin(2.0), rel=1e-3
    )


def test_cost_and_its_minimum():
    ax = PLOTS.plot_cost((0.5, 0.8, 1.0), axes())
    for target in (0.5, 0.8, 1.0):
        a, cost = line(ax, f"target $d = {target:g}$").T
        assert cost == pytest.approx(0.5 * (np.tanh(a) - target) ** 2)
    minima = [(np.arctanh(d), 0.0) for d in (0.5, 0.8)]
    assert np.array([m[:2] for m in marks(ax)]) == pytest.approx(np.array(minima))


def test_more_curves_than_can_be_told_apart_are_refused():
    five = {name: np.arange(3.0) for name in "abcde"}
    with pytest.raises(ValueError, match="logs is 5; accepted: at most 4 curves"):
        PLOTS.plot_gradient(five)


# --- discrete errors ---------------------------------------------------------------------


@pytest.mark.parametrize("eps", [0.25, 1.0])
def test_required_moves_end_the_margin_beyond_the_threshold(eps):
    ax = PLOTS.plot_required_moves(eps, axes())
    up, down = line(ax, r"for $\Delta y = +2$"), line(ax, r"for $\Delta y = -2$")
    assert up.sum(axis=1) == pytest.approx(np.full(len(up), eps))
    assert down.sum(axis=1) == pytest.approx(np.full(len(down), -eps))
    assert up[:, 0].max() == 0.0 < down[:, 0].min()
    # At 0 the output counts as -1: the move up is the one that there is.
    assert [(mark[1] > 0, mark[2]) for mark in marks(ax)] == [(True, True), (False, False)]


def test_moves_are_shown_from_the_step_reached_on():
    ax = CALLS["plot_moves"](axes())
    bars = {bar.get_x() + bar.get_width() / 2: bar.get_height() for bar in ax.patches}
    assert bars == pytest.approx({3.0: 0.0, 4.0: -1.5, 5.0: -3.0})
    assert marks(ax) == [(3, 0.0, False)]


def test_net_inputs_have_an_arrow_only_where_something_moves():
    ax = CALLS["plot_net_inputs"](axes())
    assert line(ax, "tanh").tolist() == [[1, 1.0], [2, 0.8], [3, 0.9]]
    [arrow] = ax.texts
    assert (arrow.xyann, arrow.xy) == ((2, 1.5), (2, -0.5))
    still = PLOTS.plot_net_inputs({"threshold": [1.0, 1.5], "tanh": [0.0, 0.0]}, (1, 0.0), axes())
    assert not still.texts


# --- pseudo-Newton -----------------------------------------------------------------------


def test_step_by_state_keeps_a_zero_off_the_axis():
    sizes = np.array([-1e-2, 1.0, 0.0, 1e-1])
    ax = PLOTS.plot_step_by_state([-2, -1, 0, 1], {"step": sizes}, axes(), places={"p": -1.0})
    assert line(ax, "step")[:, 1] == pytest.approx(np.abs(sizes))
    assert ax.get_ylim()[0] == pytest.approx(1e-5) and ax.get_yscale() == "log"
    [place] = [one for one in ax.get_lines() if set(one.get_xdata()) == {-1.0}]
    assert place.get_linestyle() == ":"


def test_terms_by_age_are_shares():
    ax = PLOTS.plot_terms_by_age({"x": [-3.0, 0.5, 0.5]}, axes())
    assert line(ax, "x") == pytest.approx(np.array([(0, 0.75), (1, 0.125), (2, 0.125)]))


# --- random guessing ---------------------------------------------------------------------


def test_guesses_beside_the_geometric_law():
    ax = CALLS["plot_guesses"](axes())
    n = np.arange(7)
    assert line(ax, "$(1 - p)^n$") == pytest.approx(np.column_stack([n, 0.7**n]))
    # Of 1, 2, 2, 4, 7: more than 0 need all, more than 1 four of five, and so on.
    share = np.array([5, 4, 2, 2, 1, 1, 1]) / 5
    assert line(ax, "trials") == pytest.approx(np.column_stack([n, share]))
    assert ax.get_yscale() == "log"


def test_chances_have_intervals_and_their_law_has_their_colour():
    ax = CALLS["plot_chances"](axes())
    first, second = ax.containers
    points, _, [stems] = first.lines
    assert points.get_xydata().tolist() == [[5, 0.1], [20, 0.2]]
    ends = np.array([stem[:, 1] for stem in stems.get_segments()])
    # Down to the lower edge, a fifth of the least chance.
    assert ends == pytest.approx(np.array([[0.05, 0.2], [0.01 / 5, 0.3]]))
    assert ax.get_ylim()[0] == pytest.approx(0.01 / 5)
    [law] = [one for one in ax.get_lines() if len(set(one.get_ydata())) == 1 < len(one.get_ydata())]
    assert law.get_color() == points.get_color() != second.lines[0].get_color()


def test_price_is_all_presentations_over_the_trials_that_learned():
    ax = CALLS["plot_price"](axes())
    first, second = ax.containers
    points, _, [stems] = first.lines
    # 50 a trial where all learned; 200 a trial where half did: 400.
    assert points.get_xydata() == pytest.approx(np.array([[5, 50.0], [20, 400.0]]))
    ends = np.array([stem[:, 1] for stem in stems.get_segments()])
    assert ends[1] == pytest.approx([200 * 90 / 50, 200 * 110 / 50])
    # Where none learned there is no price.
    assert second.lines[0].get_xydata() == pytest.approx(np.array([[20 * 1.02, 800.0]]))


# --- the experiments ---------------------------------------------------------------------


def places(ax, marker):
    """Return the points drawn with this marker, filled ones and open ones apart."""
    found = {True: [], False: []}
    for one in ax.get_lines():
        if one.get_marker() == marker:
            filled = colors.to_hex(one.get_markerfacecolor()) != "#ffffff"
            found[filled] += [tuple(point) for point in one.get_xydata()]
    return found


def whiskers(ax, vertical=True):
    """Return the ends of all error bars, by where they stand."""
    axis = 1 if vertical else 0
    ends = {}
    for bars in ax.collections:
        for path in bars.get_paths():
            (one, two) = path.vertices[:2]
            if one[1 - axis] == two[1 - axis]:
                ends[round(one[1 - axis], 6)] = sorted((one[axis], two[axis]))
    return ends


def test_beside_1993_every_cell_has_the_mark_of_its_verdict():
    ax = CALLS["plot_beside_1993"](axes())
    for k, (mark, _) in enumerate(figures.VERDICT_STYLES.values(), start=1):
        assert [p for all_ in places(ax, mark).values() for p in all_] == [(10 * k, 5 * k)] * 2
    assert [t.get_text()[-3:] for t in ax.get_legend().get_texts()] == ["(2)"] * 6


def test_sensitivity_shows_the_own_setting_filled():
    ax = CALLS["plot_sensitivity"](axes())
    found = places(ax, "s")  # back-propagation, uppermost: own fresh error 11 %
    assert found[True] == [(pytest.approx(11), 6)]
    assert found[False] == [(pytest.approx(21), 6), (pytest.approx(41), 6)]
    assert whiskers(ax, vertical=False)[6] == pytest.approx([10, 13])


def test_errors_of_trials_are_counted_and_their_mean_drawn():
    ax = PLOTS.plot_trial_errors({"pseudo-Newton": [0.0, 0.0, 0.5]}, axes())
    heights = {bar.get_x() + bar.get_width() / 2: bar.get_height() for bar in ax.patches}
    assert {round(x): h for x, h in heights.items() if h} == {0: 2, 50: 1}
    assert line(ax, "mean, pseudo-Newton")[0, 0] == pytest.approx(50 / 3)


def test_unknown_methods_noises_and_problems_are_refused():
    for call, message in (
        (lambda: PLOTS.plot_method_errors(comparison(), methods=["magic"], noise=0.2), "method"),
        (lambda: PLOTS.plot_method_errors(comparison(), methods=[], noise=0.1), "noise is 0.1"),
        (lambda: PLOTS.plot_sensitivity(moved_settings(), problem="xor"), "problem is 'xor'"),
        (lambda: PLOTS.plot_trial_errors({key: [0.0] for key in "abcd"}), "errors is 4"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


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


# --- EM ----------------------------------------------------------------------------------


def test_a_machine_has_a_circle_a_state_and_an_arrow_a_move():
    for machine in (iohmm.two_chains(2), iohmm.all_to_all(3)):
        ax = PLOTS.plot_machine(machine, axes())
        off_diagonal = machine.allowed & ~np.eye(machine.states, dtype=bool)
        assert len(ax.patches) == off_diagonal.sum()
        assert len(ax.get_lines()) == machine.states


def test_credit_is_drawn_by_steps_before_the_end_and_not_where_it_is_rounding():
    ax = CALLS["plot_credit"](axes())
    assert line(ax, "one").tolist() == [[0, 1.0], [1, 0.1]]


def test_a_row_is_drawn_in_per_cent():
    ax = CALLS["plot_row"](axes())
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "EM, built in",
        "EM, all to all",
    ]
    data = ax.containers[0].lines[0].get_xydata()
    assert data.tolist() == [[5, 10], [20, 10]]
