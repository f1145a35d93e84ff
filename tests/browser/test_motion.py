"""Explorables that play, the setting in the address, and controls and picture on one screen."""

import re
from itertools import combinations

import pytest
from test_explorables import (
    CLASSES,
    EVERY,
    JS,
    LATCH_PAGE,
    NEURON,
    PLAYERS,
    WHERE,
    drawn,
    group,
    shown,
    slider,
    state,
    wrong_numbers,
)

from tools.chromium import draw_widgets

pytestmark = pytest.mark.browser

LATCH = NEURON[0]
PHONE = (390, 844)  # CSS pixels
PLAYING = [(*where, trait) for where, trait in PLAYERS.items()]

# --- play, step, reset -------------------------------------------------------------------


def test_all_that_goes_on_in_steps_plays():
    named = re.compile(r"timePlayer\(model|player: \{")
    found = {name for name in WHERE if named.search((JS / f"{name}.js").read_text("utf-8"))}
    assert found == {name for name, where in WHERE.items() if where in PLAYERS}
    assert {"latch", "gradient", "leak", "ball", "plane", "survival", "learning"} <= found


@pytest.mark.parametrize(("path", "title", "trait"), PLAYING)
def test_keys_play_step_and_reset_from_a_slider(at_its_start, path, title, trait):
    page = at_its_start(path, title)
    root, moving = group(page, title), slider(page, title, trait)
    play = root.locator("[data-action=play]")
    start = state(page, title)
    moving.press("Home")
    least = state(page, title)[trait]
    moving.press(".")
    drawn(page)
    assert state(page, title)[trait] == least + 1
    moving.press("Space")
    assert play.text_content() == "Pause"
    moving.press("Space")
    assert play.text_content() == "Play"
    moving.press("r")
    drawn(page)
    assert state(page, title) == start and wrong_numbers_of(page, title) == []
    for action, key in (("play", "Space"), ("step", "."), ("reset", "r")):
        button = root.locator(f"[data-action={action}]")
        assert button.get_attribute("aria-keyshortcuts") == key
    # On a button Space presses that button alone.
    root.locator("[data-action=reset]").press("Space")
    assert play.text_content() == "Play"


def wrong_numbers_of(page, title):
    """Compare where every trait has a slider."""
    return [] if group(page, title).get_by_role("combobox").count() else wrong_numbers(page, title)


@pytest.mark.parametrize(("path", "title", "trait"), PLAYING)
def test_a_step_from_the_end_begins_again(at_its_start, path, title, trait):
    page = at_its_start(path, title)
    step = group(page, title).locator("[data-action=step]")
    slider(page, title, trait).press("End")
    for wanted in (0, 1):
        step.press("Enter")
        drawn(page)
        assert state(page, title)[trait] == wanted


_PLACES = """title => [...document.querySelectorAll(`.ll[aria-label="${title}"] svg`)].map(svg => {
    const dot = svg.querySelector('circle.now, circle.gradient');
    return dot && [Number(dot.getAttribute('cx')), Number(dot.getAttribute('cy'))];
})"""


def test_the_point_moves_in_all_views_at_once(open_page):
    page = open_page(LATCH_PAGE, from_disk=True, widgets_alone=True)
    seen = {}
    for t in (1, 50, 100):
        slider(page, LATCH, "t").evaluate(
            "(node, t) => { node.value = t; node.dispatchEvent(new Event('input')); }", t
        )
        drawn(page)
        drawn(page)
        seen[t] = {title: page.evaluate(_PLACES, title) for title in NEURON}
        assert wrong_numbers(page, LATCH) == wrong_numbers(page, NEURON[1]) == []
    cobweb, line = ([seen[t][LATCH][k] for t in seen] for k in (0, 1))
    gradient = [seen[t][NEURON[1]][0] for t in seen]
    assert len(set(map(tuple, cobweb))) == 3
    for over_time in (line, gradient):
        one, fifty, hundred = (x for x, _ in over_time)
        assert (fifty - one) / (hundred - one) == pytest.approx(49 / 99, abs=1e-9)
    # On the diagram it stands on the diagonal, at the state that the time line has.
    for (x, y), (_, v) in zip(cobweb, line, strict=True):
        box = group(page, LATCH).locator("svg").first.bounding_box()
        across = (x - 54) / (box["width"] - 54 - 12)
        up = (box["height"] - 38 - y) / (box["height"] - 38 - 10)
        assert across == pytest.approx(up, abs=1e-6)
        assert (box["height"] - 38 - v) / (box["height"] - 38 - 10) == pytest.approx(up, abs=1e-6)


# --- the setting in the address ----------------------------------------------------------

_SEARCH = "want => location.search === want"


def errors(page):
    """Return what goes wrong on a page from now on."""
    found = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda m: found.append(m.text) if m.type in ("error", "warning") else None)
    return found


@pytest.mark.parametrize("from_disk", [True, False])
def test_the_address_is_read_and_what_is_wrong_in_it_passed_over(open_page, from_disk):
    found = []
    asked = "latch.w=3.333&latch.h=99&latch.a0=abc&latch.t=&latch.sample=2&latch.sigma=NaN"
    asked += "&latch.__proto__=1&gradient.w=1&nothing.x=1&w=4&latch.ranges=0"
    page = open_page(
        f"{LATCH_PAGE}?{asked}#cell-explore-latch",
        from_disk=from_disk,
        widgets_alone=True,
        before=lambda page: found.append(errors(page)),
    )
    wanted = {"w": 3.35, "h": 2.0, "sigma": 0.3, "a0": 1.5, "t": 100.0}
    for title in NEURON:  # the second follows the first
        assert state(page, title) == wanted
        assert wrong_numbers(page, title, sample=2) == []
    assert found == [[]]
    assert page.evaluate("() => location.hash") == "#cell-explore-latch"


def test_the_address_follows_and_a_reset_leaves_none(open_page):
    found = []
    page = open_page(
        f"{LATCH_PAGE}#cell-explore-gradient",
        from_disk=True,
        widgets_alone=True,
        before=lambda page: found.append(errors(page)),
    )
    length = page.evaluate("() => history.length")
    slider(page, NEURON[1], "w").press("End")
    page.wait_for_function(_SEARCH, arg="?latch.w=5")
    slider(page, LATCH, "h").press("ArrowLeft")
    page.wait_for_function(_SEARCH, arg="?latch.w=5&latch.h=-0.01")
    group(page, LATCH).get_by_role("button", name="Reset").press("Enter")
    page.wait_for_function(_SEARCH, arg="")
    place = page.evaluate("() => [location.hash, history.length]")
    assert place == ["#cell-explore-gradient", length]
    assert found == [[]]


def test_a_reset_goes_to_the_books_own_setting(open_page):
    page = open_page(f"{LATCH_PAGE}?latch.w=4&latch.sigma=1", from_disk=True, widgets_alone=True)
    for title in NEURON:
        assert (state(page, title)["w"], state(page, title)["sigma"]) == (4.0, 1.0)
    group(page, NEURON[1]).get_by_role("button", name="Reset").press("Enter")
    drawn(page)
    for title in NEURON:
        assert (state(page, title)["w"], state(page, title)["sigma"]) == (2.0, 0.3)


_CLIPBOARD = """{}
addEventListener('copy', () => {{ globalThis.copied = String(getSelection()); }});"""
_THERE = """Object.defineProperty(navigator, 'clipboard', { value: {
    writeText: async text => { globalThis.copied = text; } } });"""
_NONE = "Object.defineProperty(navigator, 'clipboard', { value: undefined });"


@pytest.mark.parametrize(
    ("name", "clipboard"), [*((name, _THERE) for name in WHERE), ("latch", _NONE)]
)
def test_the_copied_link_leads_to_the_setting(open_page, name, clipboard):
    path, title = WHERE[name]
    page = open_page(
        f"{path}?kept=yes",
        from_disk=True,
        widgets_alone=True,
        before=lambda page: page.add_init_script(_CLIPBOARD.format(clipboard)),
    )
    lists = group(page, title).get_by_role("combobox")
    for number in range(lists.count()):  # first, as one of them may set all sliders
        lists.nth(number).evaluate(
            "node => { node.selectedIndex = 0; node.dispatchEvent(new Event('change')); }"
        )
    for trait in state(page, title):
        slider(page, title, trait).press("PageUp")
    if "sample" in CLASSES[title].sliders():
        group(page, title).locator("[data-action=noise]").press("Enter")
    drawn(page)
    button = group(page, title).get_by_role("button", name="Copy link to this setting")
    button.press("Enter")
    page.wait_for_function("() => globalThis.copied")
    link = page.evaluate("() => globalThis.copied")
    address = link.rpartition("/book/")[2]
    assert address.startswith(f"{path.removeprefix('book/')}?kept=yes&")
    assert address.endswith(f"#cell-explore-{name}")
    heard = page.locator(".ll-heard").evaluate_all("all => all.map(n => n.textContent).join('')")
    assert heard == "The link is copied."
    here = state(page, title), shown(page, title)
    page.goto("about:blank")
    page.goto(link)
    draw_widgets(page)
    assert (state(page, title), shown(page, title)) == here


# --- words in the pictures ---------------------------------------------------------------

_WORDS = """root => [...root.querySelectorAll('svg')].map(svg => {
    const outer = svg.getBoundingClientRect();
    const box = node => {
        const { left, top, right, bottom } = node.getBoundingClientRect();
        return [left - outer.left, top - outer.top, right - outer.left, bottom - outer.top];
    };
    return { size: [outer.width, outer.height], words: [...svg.querySelectorAll('text.name')]
        .map(node => [node.textContent, box(node)]) };
})"""


@pytest.mark.parametrize(("path", "title"), EVERY)
def test_nothing_plays_unasked_and_lines_are_named_where_there_is_room(open_page, path, title):
    page = open_page(path, from_disk=True, widgets_alone=True)
    for name, cls in CLASSES.items():
        if group(page, name).count():
            assert "Pause" not in group(page, name).locator("button").all_text_contents()
            found = state(page, name)
            assert found == {trait: getattr(cls(), trait) for trait in found}
    for width in (1280, PHONE[0]):
        page.set_viewport_size({"width": width, "height": 900})
        drawn(page)
        drawn(page)
        charts = group(page, title).evaluate(_WORDS)
        assert sum(len(chart["words"]) for chart in charts) >= 2
        for chart in charts:
            wide, tall = chart["size"]
            for words, (left, top, right, bottom) in chart["words"]:
                assert left >= 0 and right <= wide + 1 and top >= 0 and bottom <= tall, words
            for (one, a), (two, b) in combinations(chart["words"], 2):
                apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] + 6 or b[3] <= a[1] + 6
                assert apart, f"{one} lies on {two}"


# --- on a phone --------------------------------------------------------------------------

_FIT = """root => {
    const top = root.getBoundingClientRect().top;
    const planes = [...root.querySelectorAll('.ll-plane')].map(n => n.getBoundingClientRect());
    return {
        tall: Math.max(...planes.map(p => p.bottom)) - top,
        least: Math.min(...planes.map(p => p.height)),
        wide: Math.min(...planes.map(p => p.width)),
    };
}"""


@pytest.mark.parametrize(("path", "title"), EVERY)
def test_controls_and_picture_are_on_one_screen_of_a_phone(open_page, path, title):
    page = open_page(path, width=PHONE[0], touch=True, widgets_alone=True)
    fit = group(page, title).evaluate(_FIT)
    assert fit["tall"] <= PHONE[1]
    assert fit["least"] >= 120 and fit["wide"] >= 300
