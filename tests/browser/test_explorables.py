"""The explorables on the built page: every slider moves what it should, and says the truth."""

from contextlib import ExitStack
from functools import cache
from itertools import product

import pandas as pd
import pytest

from latchbook.explorables import (
    DiscreteErrorWalk,
    GradientSurvival,
    GradientThroughTime,
    Latch,
    LearningLive,
    PhasePlane,
    Rectangle,
    SurfaceSearch,
    Tables,
    UncertaintyBall,
    UnitShape,
)
from latchbook.explorables.ball import NETWORKS
from latchbook.explorables.plane import PRESETS
from latchbook.explorables.tables import METHODS, NOISES, PROBLEMS
from latchlib.experiments import load
from latchlib.experiments.tables_1993 import TABLES, verdicts
from tools.book import ROOT, pages

HTML = ROOT / "_build" / "html"
NARROW = 360  # CSS pixels, a small phone
TOLERANCE = 1e-9
#: What stands in for an explorable; a question has a text there.
PICTURE = 'class="explorable-static docutils container"'


class SavedTables(Tables):
    """The tables of the saved results, which an explorable does not read itself."""

    @staticmethod
    @cache
    def _saved():
        names = (*PROBLEMS, "sensitivity", "tuning")
        results = {n: load(n, ROOT / "book" / "data") for n in names}
        studies = pd.concat([results["sensitivity"], results["tuning"]])
        return results, {n: verdicts(n, results[n], studies) for n in TABLES}

    def __init__(self, **state):
        super().__init__(*self._saved(), **state)


#: Explorables by page and by the accessible name of their group on it.
EXPLORABLES = {
    "book/latch-neuron.html": {
        "The latch: a neuron to push about": Latch,
        "Gradient through time": GradientThroughTime,
    },
    "book/reduced-attracting-set.html": {"Phase plane of two units": PhasePlane},
    "book/outside-gamma.html": {"The ball of uncertainty": UncertaintyBall},
    "book/bounded-noise.html": {"The rectangle under the curve": Rectangle},
    "book/vanishing-gradient.html": {"Does the gradient survive?": GradientSurvival},
    "book/safe-bit.html": {"The shape of a unit": UnitShape},
    "book/plateaus.html": {"Learning to latch, live": LearningLive},
    "book/multigrid.html": {"Searching a surface": SurfaceSearch},
    "book/discrete-error.html": {"A discrete error travels back": DiscreteErrorWalk},
    "book/experiments.html": {"The tables": SavedTables},
}
CLASSES = {title: cls for found in EXPLORABLES.values() for title, cls in found.items()}
EVERY = [(path, title) for path, found in EXPLORABLES.items() for title in found]
#: Traits that have a button or a list of choices in place of a slider.
OTHERWISE = {"sample", "network", "wanted", "problem", "method", "noisy"}

LATCH_PAGE = "book/latch-neuron.html"
NEURON = tuple(EXPLORABLES[LATCH_PAGE])


def traits(title) -> list[str]:
    """Return the traits of an explorable that have a slider on the page."""
    return [name for name in CLASSES[title].sliders() if name not in OTHERWISE]


SLIDERS = [(path, title, trait) for path, title in EVERY for trait in traits(title)]
#: Moves from the start, from both ends, and in large steps; and where they must lead.
KEYS = (
    ["End"],
    ["Home"],
    ["ArrowRight", "ArrowRight", "ArrowUp"],
    ["PageUp"],
    ["End", "ArrowLeft", "PageDown"],
)

pytestmark = pytest.mark.browser


def pages_with_explorables() -> list[str]:
    """Return the built pages that hold an explorable, known by its picture."""
    built = [path for page in pages() if (HTML / (path := f"{page}.html")).is_file()]
    return [path for path in built if PICTURE in (HTML / path).read_text(encoding="utf-8")]


def group(page, title):
    """Return an explorable, the one that get_by_role finds.

    That would work out the names of all that is on the page, thousands of times in these tests.
    """
    return page.locator(f'css:light=.ll[role=group][aria-label="{title}"]')


def slider(page, title, trait):
    return group(page, title).locator(f"input[data-trait={trait}]")


def drawn(page) -> None:
    """Wait until the next frame has been drawn."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")


def state(page, title) -> dict[str, float]:
    """Return where the sliders stand."""
    found = group(page, title).evaluate(
        "root => Object.fromEntries("
        "[...root.querySelectorAll('input[data-trait]')].map(n => [n.dataset.trait, n.value]))"
    )
    return {trait: float(found[trait]) for trait in traits(title)}


def shown(page, title) -> dict[str, float | None]:
    """Return the numbers that an explorable shows, in full precision."""
    texts = (
        group(page, title)
        .locator("[data-name]")
        .evaluate_all("nodes => nodes.map(node => [node.dataset.name, node.dataset.value])")
    )
    return {name: float(text) if text else None for name, text in texts}


def drawing(page, title) -> str:
    """Return what the charts show."""
    return "".join(
        group(page, title).locator("svg").evaluate_all("all => all.map(n => n.innerHTML)")
    )


def wrong_numbers(page, title, **otherwise) -> list[str]:
    """Return the shown numbers that differ from latchlib's; `otherwise` is what has no slider."""
    expected = CLASSES[title](**otherwise, **state(page, title)).numbers()
    found = shown(page, title)
    wrong = (
        [f"shown {sorted(found)}, computed {sorted(expected)}"]
        if found.keys() != expected.keys()
        else []
    )
    for name, value in expected.items():
        got = found.get(name)
        if value is None or got is None:
            close = value is got
        else:
            close = abs(got - value) <= TOLERANCE * max(1.0, abs(value))
        if not close:
            wrong.append(f"{name}: shown {got}, computed {value}")
    return wrong


def reset(page, title) -> None:
    """Put an explorable back to its start, and check that it is there."""
    group(page, title).get_by_role("button", name="Reset").press("Enter")
    drawn(page)
    start = CLASSES[title]()
    assert state(page, title) == {name: getattr(start, name) for name in traits(title)}


@pytest.fixture(scope="module")
def at_its_start(kept_page):
    """Return a function that gives a page, opened once, with an explorable reset."""
    with ExitStack() as stack:
        opened = {}

        def at_its_start_(path, title):
            if path not in opened:
                opened[path] = stack.enter_context(kept_page(path))
            reset(opened[path], title)
            return opened[path]

        yield at_its_start_


@pytest.mark.parametrize("from_disk", [False, True], ids=["http", "file, no network"])
@pytest.mark.parametrize("path", pages_with_explorables())
def test_every_explorable_is_drawn(open_page, path, from_disk):
    page = open_page(path, from_disk=from_disk)
    views = page.locator(".ll")
    stored = (HTML / path).read_text(encoding="utf-8").count(PICTURE)
    assert views.count() == stored == len(EXPLORABLES[path])
    for number in range(stored):
        view = views.nth(number)
        assert view.locator("svg path").count() > 3
        assert view.locator("[data-name]").count() > 0
    for title in EXPLORABLES[path]:
        assert page.get_by_role("group", name=title, exact=True).count() == 1
    assert page.locator(".explorable-static:visible").count() == 0


def test_every_explorable_has_its_page():
    assert sorted(pages_with_explorables()) == sorted(EXPLORABLES)


@pytest.mark.parametrize(("path", "title", "trait"), SLIDERS)
def test_a_slider_moved_by_keyboard_shows_latchlibs_numbers(at_its_start, path, title, trait):
    page = at_its_start(path, title)
    before, start = drawing(page, title), state(page, title)
    assert wrong_numbers(page, title) == []
    seen = [start[trait]]
    for keys in KEYS:
        slider(page, title, trait).focus()
        for key in keys:
            page.keyboard.press(key)
        drawn(page)
        assert wrong_numbers(page, title) == []
        seen.append(state(page, title)[trait])
    assert len(set(seen)) >= 4, f"{trait} hardly moves: {seen}"
    others = {name: value for name, value in state(page, title).items() if name != trait}
    assert others == {name: start[name] for name in others}
    # Not the numbers: a latch forgets its start to the last bit.
    assert drawing(page, title) != before


@pytest.mark.parametrize("path", EXPLORABLES)
def test_corners_of_all_sliders_show_latchlibs_numbers(open_page, path):
    page = open_page(path, from_disk=True)
    title = next(iter(EXPLORABLES[path]))
    for trait in traits(title):
        slider(page, title, trait).press("Home")
    seen = set()
    # In the order of a Gray code, from one corner to the next by one slider.
    for number in range(2 ** len(traits(title))):
        if number:
            moved = (number & -number).bit_length() - 1
            corner = number ^ number >> 1
            slider(page, title, traits(title)[moved]).press(
                "End" if corner >> moved & 1 else "Home"
            )
        drawn(page)
        # Where two explorables share sliders, the other one stands in the same corner.
        assert [wrong_numbers(page, each) for each in EXPLORABLES[path]] == [[]] * len(
            EXPLORABLES[path]
        )
        seen.add(tuple(state(page, title).values()))
    assert len(seen) == 2 ** len(traits(title))


def test_explorables_that_share_sliders_stay_together(open_page):
    page = open_page(LATCH_PAGE, from_disk=True)
    first, second = NEURON
    slider(page, first, "w").press("End")
    slider(page, second, "sigma").press("Home")
    group(page, first).get_by_role("button", name="New noise").click()
    drawn(page)
    assert state(page, first) == state(page, second)
    assert state(page, first)["w"] == 5.0 and state(page, second)["sigma"] == 0.0
    slider(page, second, "sigma").press("End")
    drawn(page)
    assert wrong_numbers(page, first, sample=1) == wrong_numbers(page, second, sample=1) == []


@pytest.mark.parametrize("title", NEURON)
def test_new_noise(open_page, title):
    page = open_page(LATCH_PAGE, from_disk=True)
    start = shown(page, title)
    for sample in (1, 2):
        group(page, title).get_by_role("button", name="New noise").press("Enter")
        drawn(page)
        assert wrong_numbers(page, title, sample=sample) == []
        assert shown(page, title) != start


@pytest.mark.parametrize(("path", "title"), EVERY)
def test_reset(open_page, path, title):
    page = open_page(path, from_disk=True)
    start = shown(page, title)
    for trait in traits(title):
        slider(page, title, trait).press("End")
    drawn(page)
    assert shown(page, title) != start
    group(page, title).get_by_role("button", name="Reset").press("Enter")
    drawn(page)
    assert shown(page, title) == start


def test_presets_of_the_phase_plane(open_page):
    path, title = "book/reduced-attracting-set.html", "Phase plane of two units"
    page = open_page(path, from_disk=True)
    choice = group(page, title).get_by_role("combobox", name="network")
    seen = set()
    for name, weights in PRESETS.items():
        choice.select_option(label=name)
        drawn(page)
        assert list(state(page, title).values())[:4] == list(weights)
        assert wrong_numbers(page, title) == []
        seen.add(tuple(shown(page, title).values()))
    assert len(seen) == len(PRESETS)
    slider(page, title, "w11").press("ArrowRight")
    drawn(page)
    assert choice.evaluate("node => node.selectedOptions[0].textContent") == "own values"


def test_networks_of_the_ball(open_page):
    path, title = "book/outside-gamma.html", "The ball of uncertainty"
    page = open_page(path, from_disk=True)
    choice = group(page, title).get_by_role("combobox", name="network")
    for number, name in enumerate(NETWORKS):
        choice.select_option(label=name)
        for keys in (["Home"], ["ArrowRight"] * 4, ["PageUp"], ["End"]):
            slider(page, title, "t").focus()
            for key in keys:
                page.keyboard.press(key)
            for noise in ("Home", "PageUp", "End"):
                slider(page, title, "b").press(noise)
                drawn(page)
                assert wrong_numbers(page, title, network=number) == []


def test_every_cell_of_the_tables(open_page):
    path, title = "book/experiments.html", "The tables"
    page = open_page(path, from_disk=True)
    choices = {
        "problem": ("problem", len(PROBLEMS)),
        "method": ("method", len(METHODS)),
        "noise": ("noisy", len(NOISES)),
    }
    boxes = {name: group(page, title).get_by_role("combobox", name=name) for name in choices}
    seen = set()
    for place in product(*(range(count) for _, count in choices.values())):
        for box, number in zip(boxes.values(), place, strict=True):
            box.select_option(index=number)
        settings = {
            trait: number for (trait, _), number in zip(choices.values(), place, strict=True)
        }
        for key in ("Home", "ArrowRight", "End"):
            slider(page, title, "length").press(key)
            drawn(page)
            assert wrong_numbers(page, title, **settings) == []
            seen.add(tuple(shown(page, title).values()))
    assert len(seen) > 3 * 7 * 2


def test_best_radius(open_page):
    path, title = "book/bounded-noise.html", "The rectangle under the curve"
    page = open_page(path, from_disk=True)
    for key in ("End", "PageDown", "Home"):
        slider(page, title, "w").press(key)
        group(page, title).get_by_role("button", name="Best radius").press("Enter")
        drawn(page)
        numbers = shown(page, title)
        assert abs(state(page, title)["d"] - numbers["best_d"]) <= 0.005 + 1e-9
        assert numbers["b"] == pytest.approx(numbers["best_b"], rel=2e-3)
        assert wrong_numbers(page, title) == []


DISCRETE = ("book/discrete-error.html", "A discrete error travels back")


def test_a_discrete_error_goes_back_step_by_step_and_by_itself(open_page):
    path, title = DISCRETE
    page = open_page(path, from_disk=True)
    button = {
        name: group(page, title).locator(f"[data-action={name}]") for name in ("step", "play")
    }
    back = slider(page, title, "back")
    start = float(back.input_value())
    for count in (1, 2):
        button["step"].press("Enter")
        drawn(page)
        assert float(back.input_value()) == start + count
        assert wrong_numbers(page, title) == []
    button["play"].press("Enter")
    assert button["play"].text_content() == "Pause"
    last = int(slider(page, title, "T").input_value()) - 1
    back.evaluate("(node, last) => { node.value = last - 1; }", last)
    back.dispatch_event("input")
    page.wait_for_function(
        "([node, last]) => Number(node.value) === last", arg=[back.element_handle(), last]
    )
    drawn(page)
    assert button["play"].text_content() == "Play"
    assert wrong_numbers(page, title) == []


def test_target_and_draw_of_the_discrete_error(open_page):
    path, title = DISCRETE
    page = open_page(path, from_disk=True)
    for trait, key in (("w", "Home"), ("noise", "End")):
        slider(page, title, trait).press(key)
    seen = set()
    for wanted in (0, 1):
        group(page, title).get_by_role("combobox").select_option(index=wanted)
        for sample in range(1, 4):
            group(page, title).get_by_role("button", name="New draw").press("Enter")
            drawn(page)
            number = (sample + 3 * wanted) % 8
            assert wrong_numbers(page, title, wanted=wanted, sample=number) == []
            seen.add(tuple(shown(page, title).values()))
    assert len(seen) == 6


SURFACE = ("book/multigrid.html", "Searching a surface")


def test_two_searches_go_on_by_a_step_by_themselves_and_with_another_draw(open_page):
    path, title = SURFACE
    page = open_page(path, from_disk=True)
    button = {
        name: group(page, title).locator(f"[data-action={name}]")
        for name in ("step", "play", "noise")
    }
    tried = slider(page, title, "k")
    tried.press("Home")
    for count in (1, 2):
        button["step"].press("Enter")
        drawn(page)
        assert state(page, title)["k"] == count and wrong_numbers(page, title) == []
    button["play"].press("Enter")
    assert button["play"].text_content() == "Pause"
    page.wait_for_function("node => Number(node.value) >= 5", arg=tried.element_handle())
    button["play"].press("Enter")
    drawn(page)
    assert button["play"].text_content() == "Play" and wrong_numbers(page, title) == []
    tried.press("End")
    seen = set()
    for sample in (1, 2, 3, 4, 5, 0):
        button["noise"].press("Enter")
        drawn(page)
        assert wrong_numbers(page, title, sample=sample) == []
        seen.add(shown(page, title)["annealing_best"])
    assert len(seen) == 6


def test_accepted_and_refused_points_have_different_shapes(open_page):
    path, title = SURFACE
    page = open_page(path, from_disk=True)
    search = SurfaceSearch(**state(page, title))
    for chart, found in enumerate((search.multigrid(), search.annealing())):
        plane = group(page, title).locator("svg").nth(chart)
        dots = plane.locator("circle.stable").count()
        crosses = plane.locator("path.path").get_attribute("d").count("l7 7")
        taken = int(found.state.taken[: search.k + 1].sum())
        assert (dots, crosses) == (taken, search.k + 1 - taken)


LEARNING = ("book/plateaus.html", "Learning to latch, live")


def test_it_learns_by_itself_until_it_is_paused(open_page):
    path, title = LEARNING
    page = open_page(path, from_disk=True)
    update, play = slider(page, title, "update"), group(page, title).locator("[data-action=play]")
    play.press("Enter")  # it stands at the last update, so it begins anew
    assert play.text_content() == "Pause"
    # The slider stands at the last update until the next frame.
    page.wait_for_function(
        "node => Number(node.value) >= 5 && Number(node.value) < 300", arg=update.element_handle()
    )
    play.press("Enter")
    drawn(page)
    assert play.text_content() == "Play"
    reached = state(page, title)["update"]
    assert 5 <= reached < 300 and wrong_numbers(page, title) == []
    group(page, title).locator("[data-action=step]").press("Enter")
    drawn(page)
    assert state(page, title)["update"] == reached + 1
    assert wrong_numbers(page, title) == []
    group(page, title).locator("[data-action=start]").press("Enter")
    drawn(page)
    assert state(page, title)["update"] == 0 and wrong_numbers(page, title) == []


def test_it_stops_by_itself_at_the_last_update(open_page):
    path, title = LEARNING
    page = open_page(path, from_disk=True)
    update, play = slider(page, title, "update"), group(page, title).locator("[data-action=play]")
    update.press("ArrowLeft")
    update.press("ArrowLeft")
    play.press("Enter")
    page.wait_for_function("node => Number(node.value) === 300", arg=update.element_handle())
    drawn(page)
    assert play.text_content() == "Play" and wrong_numbers(page, title) == []


def test_new_noise_for_learning(open_page):
    path, title = LEARNING
    page = open_page(path, from_disk=True)
    seen = set()
    for sample in (1, 2, 3, 4, 5, 6, 7, 0):
        group(page, title).get_by_role("button", name="New noise").press("Enter")
        drawn(page)
        assert wrong_numbers(page, title, sample=sample) == []
        seen.add(shown(page, title)["w"])
    assert len(seen) == 8


@pytest.mark.parametrize(
    ("path", "title", "name"),
    [
        (
            "book/reduced-attracting-set.html",
            "Phase plane of two units",
            "start of the trajectory, in the plane",
        ),
        (
            "book/outside-gamma.html",
            "The ball of uncertainty",
            "centre of the ball, in the plane",
        ),
    ],
)
def test_a_point_is_moved_in_the_plane_by_keys_and_by_dragging(open_page, path, title, name):
    page = open_page(path, from_disk=True)
    before = state(page, title)
    handle = group(page, title).get_by_role("slider", name=name)
    handle.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowUp", "PageDown"):
        page.keyboard.press(key)
    drawn(page)
    now = state(page, title)
    moved = (now["a1"] - before["a1"], now["a2"] - before["a2"])
    least = CLASSES[title].sliders()["a2"][0]
    assert moved == pytest.approx((0.1, max(-0.9, least - before["a2"])))
    assert f"{now['a1']:.1f}".replace("-", "\u2212") in handle.get_attribute("aria-valuetext")
    assert page.evaluate("() => document.activeElement.getAttribute('role')") == "slider"
    assert wrong_numbers(page, title) == []
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y - 40, steps=4)
    page.mouse.up()
    drawn(page)
    there = state(page, title)
    assert there["a1"] > now["a1"] and there["a2"] > now["a2"]
    assert wrong_numbers(page, title) == []


def test_a_click_launches_a_trajectory(open_page):
    path, title = "book/reduced-attracting-set.html", "Phase plane of two units"
    page = open_page(path, from_disk=True)
    svg = group(page, title).locator("svg").first
    svg.scroll_into_view_if_needed()
    box = svg.bounding_box()
    svg.click(position={"x": box["width"] * 0.4, "y": box["height"] * 0.2})
    drawn(page)
    there = state(page, title)
    assert there["a1"] < 0.5 and there["a2"] > 0.5
    assert wrong_numbers(page, title) == []


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("book/reduced-attracting-set.html", "Phase plane of two units"),
        ("book/outside-gamma.html", "The ball of uncertainty"),
        ("book/multigrid.html", "Searching a surface"),
    ],
)
def test_the_picture_is_refined_at_rest_and_follows_the_theme(open_page, path, title):
    page = open_page(path, from_disk=True)
    root = group(page, title).element_handle()
    page.wait_for_function("root => root.dataset.refined === 'yes'", arg=root, timeout=60_000)
    colours = (
        "root => [...new Uint32Array(root.querySelector('canvas').getContext('2d')"
        ".getImageData(0, 0, 40, 40).data.buffer)].join()"
    )
    light = root.evaluate(colours)
    page.evaluate("() => { document.documentElement.dataset.theme = 'dark'; }")
    drawn(page)
    drawn(page)
    assert root.evaluate(colours) != light


def test_the_start_is_moved_on_the_diagram_by_keys_and_by_dragging(open_page):
    page = open_page(LATCH_PAGE, from_disk=True)
    title = NEURON[0]
    handle = group(page, title).get_by_role("slider", name="initial state, on the diagram")
    handle.focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    drawn(page)
    assert state(page, title)["a0"] == pytest.approx(1.4)
    assert handle.get_attribute("aria-valuenow") == "1.4"
    assert page.evaluate("() => document.activeElement.getAttribute('role')") == "slider"
    page.keyboard.press("Home")
    drawn(page)
    assert (state(page, title)["a0"], wrong_numbers(page, title)) == (-4.0, [])
    page.keyboard.press("End")
    drawn(page)
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 120, y, steps=6)
    page.mouse.up()
    drawn(page)
    assert -4.0 < state(page, title)["a0"] < 3.0
    assert wrong_numbers(page, title) == []
    moved = handle.bounding_box()
    assert moved["x"] + moved["width"] / 2 == pytest.approx(x - 120, abs=6)


@pytest.mark.parametrize(("path", "title"), EVERY)
def test_what_changed_is_said_once(open_page, path, title):
    page = open_page(path, from_disk=True)
    said = group(page, title).locator("[aria-live=polite]")
    page.wait_for_function("node => node.textContent", arg=said.element_handle())
    before = said.text_content()
    for trait in traits(title)[:3]:
        slider(page, title, trait).press("Home")
    page.wait_for_function(
        "([node, before]) => node.textContent !== before", arg=[said.element_handle(), before]
    )
    assert said.text_content() not in ("", before)


@pytest.mark.parametrize("width", [NARROW, 1280])
@pytest.mark.parametrize("path", EXPLORABLES)
def test_nothing_of_an_explorable_is_cut_off(open_page, path, width):
    page = open_page(path, width=width, theme="light")
    for theme, title in product(("light", "dark"), EXPLORABLES[path]):
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(
            "theme => document.documentElement.dataset.theme === theme", arg=theme
        )
        drawn(page)
        cut = group(page, title).evaluate(
            """root => [...root.querySelectorAll('*')]
                .filter(node => !node.closest('[clip-path], clipPath, defs'))
                .filter(node => {
                    const [inner, outer] = [node, root].map(n => n.getBoundingClientRect());
                    return inner.width && (inner.left < outer.left - 1
                        || inner.right > outer.right + 1 || inner.bottom > outer.bottom + 1);
                }).map(node => node.outerHTML.slice(0, 80))"""
        )
        assert cut == []
        targets = (
            group(page, title)
            .locator("button, input, select")
            .evaluate_all("nodes => nodes.map(node => node.getBoundingClientRect().height)")
        )
        assert min(targets) >= 44, "a control too small for a finger"


@pytest.mark.parametrize("path", EXPLORABLES)
def test_without_javascript_the_picture_stands(open_page, path):
    page = open_page(path, js=False)
    pictures = page.locator(".explorable-static img")
    assert pictures.count() == len(EXPLORABLES[path])
    for number in range(len(EXPLORABLES[path])):
        picture = pictures.nth(number)
        picture.scroll_into_view_if_needed()
        assert picture.is_visible() and picture.get_attribute("alt")
        assert picture.bounding_box()["width"] > 200


@pytest.mark.parametrize(("path", "title"), EVERY)
def test_a_frame_is_measured(open_page, path, title):
    page = open_page(path, from_disk=True)
    slider(page, title, traits(title)[0]).press("End")
    drawn(page)
    spans = page.evaluate(
        "() => performance.getEntriesByName('latchlib:frame').map(e => e.duration)"
    )
    assert spans and all(span > 0 for span in spans)


@pytest.mark.parametrize("path", EXPLORABLES)
def test_every_control_has_a_label_of_its_own(open_page, path):
    page = open_page(path, from_disk=True)
    labels = page.locator(".ll input, .ll select").evaluate_all(
        "nodes => nodes.map(node => node.labels.length)"
    )
    assert labels and set(labels) == {1}
    ids = page.locator(".ll [id]").evaluate_all("nodes => nodes.map(node => node.id)")
    assert len(set(ids)) == len(ids)


# --- the check itself -----------------------------------------------------------------------


def test_a_wrong_number_is_found(open_page):
    page = open_page(LATCH_PAGE, from_disk=True)
    title = NEURON[0]
    assert wrong_numbers(page, title) == []
    page.evaluate(
        """() => { const node = document.querySelector('[data-name=h_star]');
            node.dataset.value = String(Number(node.dataset.value) + 1e-8); }"""
    )
    (found,) = wrong_numbers(page, title)
    assert found.startswith("h_star: shown 0.5328")
