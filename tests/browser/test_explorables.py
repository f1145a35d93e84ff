"""The explorables on the built page: every slider moves what it should, and says the truth."""

import pytest

from latchlib.explorables import GradientThroughTime, Latch
from tools.book import ROOT, pages

HTML = ROOT / "_build" / "html"
PAGE = "book/latch-neuron.html"
NARROW = 360  # CSS pixels, a small phone
TOLERANCE = 1e-9

#: Explorable by the accessible name of its group on the page.
EXPLORABLES = {
    "The latch: a neuron to push about": Latch,
    "Gradient through time": GradientThroughTime,
}
TRAITS = ("w", "h", "sigma", "a0")
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
    """Return the built pages that hold a widget."""
    marker = "application/vnd.jupyter.widget-view+json"
    built = [f"{page}.html" for page in pages()]
    return [path for path in built if marker in (HTML / path).read_text(encoding="utf-8")]


def group(page, title):
    return page.get_by_role("group", name=title, exact=True)


def slider(page, title, trait):
    return group(page, title).locator(f"input[data-trait={trait}]")


def drawn(page) -> None:
    """Wait until the next frame has been drawn."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")


def state(page, title) -> dict[str, float]:
    """Return where the sliders stand."""
    return {trait: float(slider(page, title, trait).input_value()) for trait in TRAITS}


def shown(page, title) -> dict[str, float | None]:
    """Return the numbers that an explorable shows, in full precision."""
    texts = (
        group(page, title)
        .locator("output[data-name]")
        .evaluate_all("nodes => nodes.map(node => [node.dataset.name, node.dataset.value])")
    )
    return {name: float(text) if text else None for name, text in texts}


def drawing(page, title) -> str:
    """Return what the charts show."""
    return "".join(
        group(page, title).locator("svg").evaluate_all("all => all.map(n => n.innerHTML)")
    )


def wrong_numbers(page, title, sample=0) -> list[str]:
    """Return the shown numbers that differ from latchlib's."""
    expected = EXPLORABLES[title](sample=sample, **state(page, title)).numbers()
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


@pytest.mark.parametrize("from_disk", [False, True], ids=["http", "file, no network"])
@pytest.mark.parametrize("path", pages_with_explorables())
def test_every_explorable_is_drawn(open_page, path, from_disk):
    page = open_page(path, from_disk=from_disk)
    views = page.locator(".ll")
    stored = page.content().count("application/vnd.jupyter.widget-view+json")
    assert views.count() == stored > 0
    for number in range(stored):
        view = views.nth(number)
        assert view.locator("svg path").count() > 3
        assert view.locator("output[data-name]").count() > 0
    assert page.locator(".explorable-static:visible").count() == 0


@pytest.mark.parametrize("trait", TRAITS)
@pytest.mark.parametrize("title", EXPLORABLES)
def test_a_slider_moved_by_keyboard_shows_latchlibs_numbers(open_page, title, trait):
    page = open_page(PAGE, from_disk=True)
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


def test_corners_of_all_sliders_show_latchlibs_numbers(open_page):
    page = open_page(PAGE, from_disk=True)
    title = next(iter(EXPLORABLES))
    for corner in range(2 ** len(TRAITS)):
        for bit, trait in enumerate(TRAITS):
            slider(page, title, trait).press("End" if corner >> bit & 1 else "Home")
        drawn(page)
        # The sliders are shared, so the other explorable stands in the same corner.
        assert [wrong_numbers(page, each) for each in EXPLORABLES] == [[], []]


def test_explorables_that_share_sliders_stay_together(open_page):
    page = open_page(PAGE, from_disk=True)
    first, second = EXPLORABLES
    slider(page, first, "w").press("End")
    slider(page, second, "sigma").press("Home")
    group(page, first).get_by_role("button", name="New noise").click()
    drawn(page)
    assert state(page, first) == state(page, second)
    assert state(page, first)["w"] == 5.0 and state(page, second)["sigma"] == 0.0
    slider(page, second, "sigma").press("End")
    drawn(page)
    assert wrong_numbers(page, first, sample=1) == wrong_numbers(page, second, sample=1) == []


@pytest.mark.parametrize("title", EXPLORABLES)
def test_new_noise_and_reset(open_page, title):
    page = open_page(PAGE, from_disk=True)
    start = shown(page, title)
    for sample in (1, 2):
        group(page, title).get_by_role("button", name="New noise").press("Enter")
        drawn(page)
        assert wrong_numbers(page, title, sample=sample) == []
        assert shown(page, title) != start
    slider(page, title, "h").press("End")
    group(page, title).get_by_role("button", name="Reset").press("Enter")
    drawn(page)
    assert shown(page, title) == start


def test_the_start_is_moved_on_the_diagram_by_keys_and_by_dragging(open_page):
    page = open_page(PAGE, from_disk=True)
    title = next(iter(EXPLORABLES))
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


@pytest.mark.parametrize("title", EXPLORABLES)
def test_what_changed_is_said_once(open_page, title):
    page = open_page(PAGE, from_disk=True)
    said = group(page, title).locator("[aria-live=polite]")
    page.wait_for_function("node => node.textContent", arg=said.element_handle())
    before = said.text_content()
    slider(page, title, "w").press("Home")
    page.wait_for_function(
        "([node, before]) => node.textContent !== before", arg=[said.element_handle(), before]
    )
    assert said.text_content() not in ("", before)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [NARROW, 1280])
def test_nothing_of_an_explorable_is_cut_off(open_page, width, theme):
    page = open_page(PAGE, width=width, theme=theme)
    for title in EXPLORABLES:
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
            .locator("button, input")
            .evaluate_all("nodes => nodes.map(node => node.getBoundingClientRect().height)")
        )
        assert min(targets) >= 44, "a control too small for a finger"


def test_without_javascript_the_picture_stands(open_page):
    page = open_page(PAGE, js=False)
    pictures = page.locator(".explorable-static img")
    assert pictures.count() == len(EXPLORABLES)
    for number in range(len(EXPLORABLES)):
        picture = pictures.nth(number)
        picture.scroll_into_view_if_needed()
        assert picture.is_visible() and picture.get_attribute("alt")
        assert picture.bounding_box()["width"] > 200


def test_a_frame_is_measured(open_page):
    page = open_page(PAGE, from_disk=True)
    slider(page, next(iter(EXPLORABLES)), "w").press("End")
    drawn(page)
    spans = page.evaluate(
        "() => performance.getEntriesByName('latchlib:frame').map(e => e.duration)"
    )
    assert spans and all(span > 0 for span in spans)


# --- the check itself -----------------------------------------------------------------------


def test_a_wrong_number_is_found(open_page):
    page = open_page(PAGE, from_disk=True)
    title = next(iter(EXPLORABLES))
    assert wrong_numbers(page, title) == []
    page.evaluate(
        """() => { const node = document.querySelector('output[data-name=h_star]');
            node.dataset.value = String(Number(node.dataset.value) + 1e-8); }"""
    )
    (found,) = wrong_numbers(page, title)
    assert found.startswith("h_star: shown 0.5328")
