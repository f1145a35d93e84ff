"""Explorables, as Python knows them: their numbers, trajectory, static picture and JavaScript."""

import base64
import json
import math
import re
from itertools import pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from saved_tables import READY
from test_formulas import run_javascript

from latchbook.explorables import GradientThroughTime, Latch, _base
from latchbook.explorables._base import SAMPLES, STEPS, Choice
from latchlib import maps
from latchlib.formulas import FORMULAS

CLASSES = (Latch, GradientThroughTime)
JS = _base._FOLDER / "js"
#: grammar.js reads what a reader types: a calculator, without mathematics of the book.
SOURCES = [path for path in sorted(JS.glob("*.js")) if path.name != "grammar.js"]

#: Two attractors, one (too much input, too small a weight), next to w = 1, and corners.
SETTINGS = (
    {},
    {"w": 2.0, "h": 0.3, "sigma": 0.0, "a0": -1.0},
    {"w": 2.0, "h": -0.6, "sigma": 0.5, "a0": 2.0, "sample": 3, "t": 17},
    {"w": 0.5, "h": 0.2, "sigma": 0.3, "a0": 0.0},
    {"w": 1.0, "h": 0.0, "sigma": 1.0, "a0": 1.0},
    {"w": 1.05, "h": 0.0, "sigma": 0.05, "a0": 0.5},
    {"w": 5.0, "h": 2.0, "sigma": 2.0, "a0": 4.0, "sample": 7, "t": 0},
    {"w": 5.0, "h": -2.0, "sigma": 2.0, "a0": -4.0, "sample": 7},
)


# --- the same numbers, from plain Python -------------------------------------------------


def bisect(g, low, high):
    """Return a root of `g`, which has another sign at `low` than at `high`."""
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if g(low) * g(middle) > 0 else (low, middle)
    return 0.5 * (low + high)


def roots(w, h):
    """Return the fixed points of a -> w tanh a + h, from the sign changes on a grid."""
    grid = np.linspace(-12.0, 12.0, 4801) + 1e-7  # no root stands on the grid
    values = w * np.tanh(grid) + h - grid
    changes = np.flatnonzero(values[:-1] * values[1:] < 0)
    return [bisect(lambda a: w * math.tanh(a) + h - a, grid[i], grid[i + 1]) for i in changes]


def threshold(w):
    """Return the largest input that leaves three fixed points, by bisection on their number."""
    return bisect(lambda h: len(roots(w, h)) - 2, 0.0, 8.0)


def path(explorable):
    """Follow the neuron step by step, with noise drawn anew from its seed."""
    noise = np.random.default_rng(1994).standard_normal((8, 100))[explorable.sample]
    a = [explorable.a0]
    for xi in noise:
        a.append(explorable.w * math.tanh(a[-1]) + explorable.h + explorable.sigma * xi)
    return a


def slope(a, w):
    return w / math.cosh(a) ** 2


@pytest.mark.parametrize("settings", SETTINGS)
def test_numbers_of_the_latch(settings):
    latch = Latch(**settings)
    got = latch.numbers()
    points = roots(latch.w, latch.h)
    if len(points) == 3:
        assert [got["a_minus"], got["a_middle"], got["a_plus"]] == pytest.approx(points, abs=1e-9)
    else:
        [only] = points
        # At w = 1 the root 0 is threefold, and bisection sees it only to a cube root of rounding.
        error = 1e-5 if latch.w == 1 else 1e-9
        names = {"a_minus", "a_plus", "a_only"}
        mine = "a_only" if latch.w <= 1 else "a_plus" if only > 0 else "a_minus"
        assert got[mine] == pytest.approx(only, abs=error)
        assert {got[name] for name in names - {mine}} == {got["a_middle"]} == {None}
    if latch.w > 1:
        edge = bisect(lambda a: slope(a, latch.w) - 1, 1e-9, 5.0)
        assert got["a_star"] == pytest.approx(edge, rel=1e-12, abs=0.0)
        assert got["h_star"] == pytest.approx(latch.w * math.tanh(edge) - edge, abs=1e-12)
        # Counting roots on a grid of 0.005 misses a pair closer than that.
        assert got["h_star"] == pytest.approx(threshold(latch.w), abs=1e-4)
        assert got["margin"] == pytest.approx(got["h_star"] - abs(latch.h), abs=1e-12)
    else:
        assert got["a_star"] is got["h_star"] is got["margin"] is None
        assert got["a_only"] is not None
    states = path(latch)
    assert got["a_T"] == pytest.approx(states[-1], abs=1e-9)
    assert got["a_t"] == pytest.approx(states[latch.t], abs=1e-9)
    sides = [a > 0 for a in states if a != 0]
    assert got["flips"] == sum(one != two for one, two in pairwise(sides))


@pytest.mark.parametrize("settings", SETTINGS)
def test_numbers_of_the_gradient(settings):
    gradient = GradientThroughTime(**settings)
    got = gradient.numbers()
    w = gradient.w
    at_top = slope(roots(w, gradient.h)[-1], w)
    assert got["slope"] == pytest.approx(at_top, rel=1e-8, abs=0.0)
    if w == 1.0 and gradient.h == 0.0:  # slope 1: it never halves
        assert got["half_life"] is None
    else:
        assert at_top ** got["half_life"] == pytest.approx(0.5, rel=1e-6, abs=0.0)
    assert got["h_star"] == (pytest.approx(threshold(w), abs=1e-4) if w > 1 else None)
    states = path(gradient)
    logs = [math.log10(slope(a, w)) for a in states[:-1]]
    assert got["log10_gradient"] == pytest.approx(sum(logs), rel=1e-9, abs=0.0)
    assert got["log10_now"] == pytest.approx(sum(logs[: gradient.t]), rel=1e-9, abs=0.0)


def test_gradient_of_the_path_is_a_derivative():
    here = GradientThroughTime(w=1.2, h=0.05, sigma=0.0, a0=0.5)
    there = GradientThroughTime(w=1.2, h=0.05, sigma=0.0, a0=0.5 + 1e-7)
    steps = 12
    measured = (there.trajectory() - here.trajectory())[steps, 0, 0] / 1e-7
    logs = [math.log(slope(a, 1.2)) for a in path(here)[:steps]]
    assert measured == pytest.approx(math.exp(sum(logs)), rel=1e-5)


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("settings", SETTINGS)
def test_trajectory_is_a_rollout(cls, settings):
    explorable = cls(**settings)
    got = explorable.trajectory()
    noise = np.random.default_rng(1994).standard_normal((SAMPLES, STEPS))[explorable.sample]
    inputs = (explorable.h + explorable.sigma * noise)[:, np.newaxis, np.newaxis]
    assert got.shape == (STEPS + 1, 1, 1)
    assert np.array_equal(got, maps.rollout(explorable.w, inputs, explorable.a0))
    assert got[:, 0, 0] == pytest.approx(path(explorable), abs=1e-9)


def test_samples_differ():
    ends = {Latch(sigma=1.0, sample=k).numbers()["a_T"] for k in range(SAMPLES)}
    assert len(ends) == SAMPLES


# --- every explorable --------------------------------------------------------------------

every = pytest.mark.parametrize("cls", READY.values(), ids=READY)


@pytest.mark.parametrize("kind", [int, float, np.int8, np.uint16, np.float32, np.float64])
def test_a_slider_takes_the_numbers_of_numpy(kind):
    explorable = Latch(w=kind(2), sample=kind(1))
    assert (explorable.w, explorable.sample) == (2.0, 1)
    # What is synchronised is plain.
    assert type(explorable.w) is float and type(explorable.sample) is int
    explorable.h = kind(1)
    assert type(explorable.h) is float and explorable.h == 1.0
    assert explorable.numbers() == Latch(w=2.0, h=1.0, sample=1).numbers()


@every
def test_what_no_slider_reaches_is_refused(cls):
    explorable = cls()
    for name, (least, largest, step) in cls.sliders().items():
        message = rf"^{name} is .*; accepted: an? (number|integer) from "
        before = getattr(explorable, name)
        wrong = [least - step, largest + step, math.nan, math.inf, "1", None, True, 1j]
        wrong += [np.float32(math.nan), np.bool_(True), np.int64(largest + 1)]
        if isinstance(cls.class_traits()[name], Choice):
            wrong += [least + 0.5, np.float64(least + 0.5)]
        for value in wrong:
            with pytest.raises(ValueError, match=message):
                setattr(explorable, name, value)
        assert getattr(explorable, name) == before
        with pytest.raises(ValueError, match=message):
            cls(**{name: largest + step})
    with pytest.raises(
        ValueError, match=f"argument is 'weight'; accepted: {next(iter(cls.sliders()))}"
    ):
        cls(weight=1.0)


@every
def test_sliders_are_synchronised_start_on_their_grid_and_reach_their_ends(cls):
    start = cls()
    for name, (least, _, step) in cls.sliders().items():
        assert cls.class_traits()[name].metadata["sync"]
        steps = (getattr(start, name) - least) / step
        assert steps == pytest.approx(round(steps), abs=1e-6), name
    for end in (0, 1):
        explorable = cls(**{name: values[end] for name, values in cls.sliders().items()})
        numbers = explorable.numbers()
        assert all(v is None or math.isfinite(v) for v in numbers.values()), numbers
        assert explorable.ranges == {n: list(values) for n, values in cls.sliders().items()}
        assert explorable.picture().endswith(b"IEND\xaeB`\x82")
    shown = repr(start)
    assert shown.startswith(f"{cls.__name__}(")
    assert re.findall(r"(\w+)=", shown) == list(cls.sliders())


@every
def test_bundle_holds_the_widget_and_a_picture_that_is_the_same_every_time(cls):
    explorable = cls()
    data, metadata = explorable._repr_mimebundle_()
    view = data["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == explorable.model_id and isinstance(metadata, dict)
    picture = base64.b64decode(data["image/png"], validate=True)
    assert picture == cls().picture()
    changed = []
    for name, ends in cls.sliders().items():
        setattr(explorable, name, ends[0] if getattr(explorable, name) != ends[0] else ends[1])
        changed.append(explorable.picture())
        if len(changed) == 2:
            break
    assert picture not in changed


def test_a_picture_leaves_matplotlib_as_it_was():
    plt.switch_backend("Agg")
    with mpl.rc_context():
        mpl.rcdefaults()  # an earlier picture may have left something
        before = dict(mpl.rcParams)
        Latch().picture()
        assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == []


# --- JavaScript --------------------------------------------------------------------------

#: What would be a formula typed by hand. Math.LN10 and rounding are no formulas of the book.
_BY_HAND = re.compile(
    r"\bMath\.(a?(?:sin|cos|tan)h?|sqrt|cbrt|exp|expm1|pow|log\w*|hypot)\b|\bMath\[|=\s*Math\s*[;,]"
)


def uses(source):
    """Return (name, number of arguments) of every call ``FORMULAS.name(...)``."""
    found = []
    for match in re.finditer(r"FORMULAS\.(\w+)\(", source):
        depth, commas, place = 1, 0, match.end()
        while depth:
            character = source[place]
            depth += (character in "([{") - (character in ")]}")
            commas += depth == 1 and character == ","
            place += 1
        found.append((match[1], commas + 1))
    return found


def test_module_begins_with_the_formulas():
    module = Latch()._esm
    head = module[: module.index("};\n") + 3]
    assert head.startswith("//# part shared\nconst FORMULAS = {")
    for name, formula in FORMULAS.items():
        assert f"  {name}: {formula.javascript()}" in head
    # A second declaration in the bundle would be an error, or hide this one.
    assert not re.search(r"\b(?:const|let|var)\s+FORMULAS\b", module[len(head) :])


def test_every_module_stands_alone_as_jupyterlab_imports_it():
    modules = [_base.source(name) for name in READY]
    kinds = run_javascript(
        f"""Promise.all({json.dumps(modules)}.map(async (text) => {{
              const code = Buffer.from(text).toString("base64");
              const found = await import(`data:text/javascript;base64,${{code}}`);
              return typeof found.default.render;
            }})).then((kinds) => console.log(JSON.stringify(kinds)));"""
    )
    assert kinds == ["function"] * len(READY)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_no_mathematics_is_typed_by_hand(path):
    assert _BY_HAND.findall(path.read_text(encoding="utf-8")) == []


def test_the_page_calls_formulas_that_exist_with_their_arguments():
    called = [use for path in SOURCES for use in uses(path.read_text(encoding="utf-8"))]
    assert called
    for name, count in called:
        assert name in FORMULAS, name
        assert count == len(FORMULAS[name].args), name


def test_a_front_end_that_was_not_built_says_how_to_build_it(monkeypatch, tmp_path):
    monkeypatch.setattr(_base, "_FOLDER", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"is built when .* run `pip install -e \.` first"):
        Latch()
