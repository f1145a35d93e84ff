"""The explorables on the built page: every slider moves what it should, and says the truth."""

import re
from itertools import product

import pytest
from saved_tables import READY

from latchbook import explorables
from latchbook.explorables._base import Choice
from latchbook.explorables.ball import NETWORKS
from latchbook.explorables.plane import PRESETS
from latchbook.explorables.prices import LENGTHS, NEEDS
from latchbook.explorables.tables import METHODS, NOISES, PROBLEMS
from tools.book import ROOT, chapters, notebook_path, read_notebook, tags

NARROW = 360  # CSS pixels, a small phone
TOLERANCE = 1e-9
JS = ROOT / "latchbook" / "explorables" / "js"


def title(name) -> str:
    """Return the accessible name of an explorable's group, which its JavaScript gives it."""
    return re.search(r'title: "(.*)"', (JS / f"{name}.js").read_text(encoding="utf-8"))[1]


def in_chapter(chapter):
    """Return the explorables of a chapter by the accessible name of their group on its page."""
    given = [tag for cell in read_notebook(notebook_path(chapter))["cells"] for tag in tags(cell)]
    names = [tag.removeprefix("cell-explore-") for tag in given if tag.startswith("cell-explore-")]
    return {title(name): READY[name] for name in names}


#: Explorables by page and by name.
EXPLORABLES = {
    f"book/{chapter}.html": found for chapter in chapters() if (found := in_chapter(chapter))
}
CLASSES = {title: cls for found in EXPLORABLES.values() for title, cls in found.items()}
EVERY = [(path, title) for path, found in EXPLORABLES.items() for title in found]
WHERE = {cls.module(): (path, title) for path, title in EVERY for cls in [CLASSES[title]]}
LATCH_PAGE = WHERE["latch"][0]
NEURON = (WHERE["latch"][1], WHERE["gradient"][1])
DISCRETE, SURFACE, LEARNING = (WHERE[name] for name in ("discrete", "surface", "learning"))
PLANE, BALL = WHERE["plane"], WHERE["ball"]
BESIDE, PRICES = WHERE["beside"], WHERE["prices"]

#: Moves from the start, from both ends, and in large steps; and where they must lead.
KEYS = (
    ["End"],
    ["Home"],
    ["ArrowRight", "ArrowRight", "ArrowUp"],
    ["PageUp"],
    ["End", "ArrowLeft", "PageDown"],
)

pytestmark = pytest.mark.browser


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
    """Return where the sliders stand, by trait."""
    found = group(page, title).evaluate(
        "root => [...root.querySelectorAll('input[data-trait]')]"
        ".map(n => [n.dataset.trait, Number(n.value)])"
    )
    return dict(found)


def traits(page, title) -> list[str]:
    """Return the traits that have a slider; others have a button or a list of choices."""
    return list(state(page, title))


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
    return differences(title, {**otherwise, **state(page, title)}, shown(page, title))


def differences(title, settings, found) -> list[str]:
    """Return the numbers of `found` that differ from latchlib's at these settings."""
    expected = CLASSES[title](**settings).numbers()
    if found.keys() != expected.keys():
        return [f"shown {sorted(found)}, computed {sorted(expected)}"]
    return [
        f"{name}: shown {found[name]}, computed {value} at {settings}"
        for name, value in expected.items()
        if (value is None) != (found[name] is None)
        or (value is not None and abs(found[name] - value) > TOLERANCE * max(1.0, abs(value)))
    ]


_SWEEP = """async (root, settings) => {
    const views = [...document.querySelectorAll('.ll[role=group]')], all = [];
    const tell = (node, value, kind) => {
        node.value = value;
        node.dispatchEvent(new Event(kind, { bubbles: true }));
    };
    for (const { sliders, choices } of settings) {
        [...root.querySelectorAll('select')].forEach((node, k) => {
            if (k < choices.length) tell(node, choices[k], 'change');
        });
        for (const [trait, value] of Object.entries(sliders))
            tell(root.querySelector(`input[data-trait=${trait}]`), value, 'input');
        await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        all.push(Object.fromEntries(views.map(view => [view.ariaLabel, Object.fromEntries(
            [...view.querySelectorAll('[data-name]')].map(({ dataset: { name, value } }) =>
                [name, value ? Number(value) : null]))])));
    }
    return all;
}"""


def sweep(page, title, settings, choices=()) -> list[dict]:
    """Go through settings within the page; return the numbers of all its explorables at each.

    `choices` names the traits that have a list, in the order of the lists.
    """
    asked = [
        {"sliders": {k: v for k, v in one.items() if k not in choices},
         "choices": [one[name] for name in choices]}
        for one in settings
    ]  # fmt: skip
    found = group(page, title).evaluate(_SWEEP, asked)
    for one, numbers in zip(settings, found, strict=True):
        for shown_on, values in numbers.items():
            # One of another kind on the same page stands where it stood.
            if shown_on == title or one.keys() <= CLASSES[shown_on].sliders().keys():
                assert differences(shown_on, one, values) == []
    return [numbers[title] for numbers in found]


def reset(page, title) -> None:
    """Put an explorable back to its start, and check that it is there."""
    group(page, title).get_by_role("button", name="Reset").press("Enter")
    drawn(page)
    start = CLASSES[title]()
    found = state(page, title)
    assert found == {name: getattr(start, name) for name in found}
    assert wrong_numbers(page, title) == []


def test_every_explorable_is_on_a_page():
    assert sorted(WHERE) == sorted(cls.module() for cls in explorables.EXPLORABLES.values())


@pytest.mark.parametrize(("path", "title"), EVERY)
def test_a_slider_moved_by_keyboard_shows_latchlibs_numbers(at_its_start, path, title):
    for trait in traits(at_its_start(path, title), title):
        page = at_its_start(path, title)
        before, start = drawing(page, title), state(page, title)
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
        assert drawing(page, title) != before, trait
    assert page.evaluate("() => performance.getEntriesByName('latchlib:frame').length") > 0


@pytest.mark.parametrize("path", EXPLORABLES)
def test_corners_of_all_sliders_show_latchlibs_numbers(at_its_start, path):
    title = next(iter(EXPLORABLES[path]))
    page = at_its_start(path, title)
    ends = {name: CLASSES[title].sliders()[name][:2] for name in traits(page, title)}
    # Where two explorables share sliders, the other one stands in the same corner.
    sweep(page, title, [dict(zip(ends, place, strict=True)) for place in product(*ends.values())])


def test_explorables_that_share_sliders_stay_together(open_page):
    page = open_page(LATCH_PAGE, from_disk=True, widgets_alone=True)
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


@pytest.mark.parametrize(
    ("path", "title"), [w for w in EVERY if "sample" in CLASSES[w[1]].sliders()]
)
def test_another_draw(at_its_start, path, title):
    page = at_its_start(path, title)
    for trait, key in (("w", "Home"), ("noise", "End"), ("k", "End")):  # where the draw tells most
        if trait in traits(page, title):
            slider(page, title, trait).press(key)
            drawn(page)
    last = CLASSES[title].sliders()["sample"][1]
    seen = {tuple(shown(page, title).values())}
    for sample in (*range(1, last + 1), 0):
        group(page, title).locator("[data-action=noise]").press("Enter")
        drawn(page)
        assert wrong_numbers(page, title, sample=sample) == []
        seen.add(tuple(shown(page, title).values()))
    assert len(seen) == last + 1


#: What goes on by itself, and the trait that moves.
PLAYERS = {BESIDE: "T", DISCRETE: "back", SURFACE: "k"}
PLAYERS |= {
    where: trait
    for where in EVERY
    for trait in ("t", "update")
    if trait in CLASSES[where[1]].sliders()
}


@pytest.mark.parametrize(("path", "title"), PLAYERS)
def test_it_goes_on_by_a_step_and_by_itself_until_it_is_paused(at_its_start, path, title):
    page = at_its_start(path, title)
    trait, root = PLAYERS[path, title], group(page, title)
    moving, play = slider(page, title, trait), root.locator("[data-action=play]")
    moving.press("Home")
    drawn(page)
    start = state(page, title)[trait]
    for count in (1, 2):
        root.locator("[data-action=step]").press("Enter")
        drawn(page)
        assert state(page, title)[trait] == start + count and wrong_numbers(page, title) == []
    play.press("Enter")
    assert play.text_content() == "Pause"
    page.wait_for_function("node => Number(node.value) >= 5", arg=moving.element_handle())
    play.press("Enter")
    drawn(page)
    assert play.text_content() == "Play" and wrong_numbers(page, title) == []


def test_target_of_the_discrete_error(at_its_start):
    page = at_its_start(*DISCRETE)
    for wanted in (0, 1):
        group(page, DISCRETE[1]).get_by_role("combobox").select_option(index=wanted)
        drawn(page)
        assert wrong_numbers(page, DISCRETE[1], wanted=wanted) == []


def test_presets_of_the_phase_plane(at_its_start):
    path, title = PLANE
    page = at_its_start(path, title)
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


def test_networks_of_the_ball(at_its_start):
    page = at_its_start(*BALL)
    start = state(page, BALL[1])
    places = product(range(len(NETWORKS)), (0, 4, 10, 30), (0.0, 0.1, 0.5))
    settings = [{**start, "network": n, "t": t, "b": b} for n, t, b in places]
    sweep(page, BALL[1], settings, choices=["network"])


def test_every_cell_of_the_tables(at_its_start):
    page = at_its_start(*WHERE["tables"])
    names = ("problem", "method", "noisy", "length")
    places = product(*map(range, map(len, (PROBLEMS, METHODS, NOISES))), (0, 1, 6))
    settings = [dict(zip(names, place, strict=True)) for place in places]
    found = sweep(page, WHERE["tables"][1], settings, choices=names[:3])
    assert len({tuple(numbers.values()) for numbers in found}) > len(settings) / 3
    choice = group(page, WHERE["tables"][1]).get_by_role("combobox", name="problem")
    choice.select_option(index=0)
    drawn(page)
    settings[-1] |= {"problem": 0}
    assert wrong_numbers(page, WHERE["tables"][1], **settings[-1]) == []


def test_every_choice_from_the_price_list(at_its_start):
    page = at_its_start(*PRICES)
    # The lists show what is needed first.
    asked = [dict(zip(NEEDS, need, strict=True)) for need in product((0, 1), repeat=len(NEEDS))]
    root = group(page, PRICES[1])
    for settings in asked:
        for select, need in zip(root.get_by_role("combobox").all(), settings.values(), strict=True):
            select.select_option(label="is needed" if need else "is not needed")
        for length in (0, len(LENGTHS) - 1):
            slider(page, PRICES[1], "length").press("Home" if length == 0 else "End")
            drawn(page)
            assert wrong_numbers(page, PRICES[1], **settings) == []
    root.locator("[data-action=nothing]").press("Enter")
    drawn(page)
    assert shown(page, PRICES[1])["remain"] == 9


def test_steady_noise_side_by_side(at_its_start):
    path, title = BESIDE
    page = at_its_start(path, title)
    group(page, title).get_by_role("combobox").select_option(index=1)
    drawn(page)
    assert wrong_numbers(page, title, steady=1) == []
    assert shown(page, title)["line"] < 0 < shown(page, title)["latch"]


def test_best_radius(at_its_start):
    path, title = WHERE["rectangle"]
    page = at_its_start(path, title)
    for key in ("End", "PageDown", "Home"):
        slider(page, title, "w").press(key)
        group(page, title).get_by_role("button", name="Best radius").press("Enter")
        drawn(page)
        numbers = shown(page, title)
        assert abs(state(page, title)["d"] - numbers["best_d"]) <= 0.005 + 1e-9
        assert numbers["b"] == pytest.approx(numbers["best_b"], rel=2e-3)
        assert wrong_numbers(page, title) == []


def test_accepted_and_refused_points_have_different_shapes(at_its_start):
    path, title = SURFACE
    page = at_its_start(path, title)
    search = CLASSES[title](**state(page, title))
    for chart, found in enumerate((search.multigrid(), search.annealing())):
        plane = group(page, title).locator("svg").nth(chart)
        dots = plane.locator("circle.stable").count()
        crosses = plane.locator("path.path").get_attribute("d").count("l7 7")
        taken = int(found.state.taken[: search.k + 1].sum())
        assert (dots, crosses) == (taken, search.k + 1 - taken)


@pytest.mark.parametrize(
    ("path", "title", "name"),
    [
        (*PLANE, "start of the trajectory, in the plane"),
        (*BALL, "centre of the ball, in the plane"),
    ],
)
def test_a_point_is_moved_in_the_plane_by_keys_and_by_dragging(at_its_start, path, title, name):
    page = at_its_start(path, title)
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


def test_a_click_launches_a_trajectory(at_its_start):
    path, title = PLANE
    page = at_its_start(path, title)
    svg = group(page, title).locator("svg").first
    svg.scroll_into_view_if_needed()
    box = svg.bounding_box()
    svg.click(position={"x": box["width"] * 0.4, "y": box["height"] * 0.2})
    drawn(page)
    there = state(page, title)
    assert there["a1"] < 0.5 and there["a2"] > 0.5
    assert wrong_numbers(page, title) == []


@pytest.mark.parametrize(("path", "title"), [PLANE, BALL, SURFACE])
def test_the_picture_is_refined_at_rest_and_follows_the_theme(open_page, path, title):
    page = open_page(path, from_disk=True, widgets_alone=True)
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


def test_the_start_is_moved_on_the_diagram_by_keys_and_by_dragging(at_its_start):
    title = NEURON[0]
    page = at_its_start(LATCH_PAGE, title)
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


@pytest.mark.parametrize("path", EXPLORABLES)
def test_every_explorable_is_drawn_and_nothing_of_it_is_cut_off(open_page, path):
    page = open_page(path, width=NARROW, widgets_alone=True)
    assert page.locator(".ll").count() == len(EXPLORABLES[path])
    assert page.locator(".explorable-static:visible").count() == 0
    for title, cls in EXPLORABLES[path].items():
        assert page.get_by_role("group", name=title, exact=True).count() == 1
        assert group(page, title).locator("svg path").count() > 3
        otherwise = set(cls.sliders()) - set(traits(page, title))
        assert all(isinstance(cls.class_traits()[name], Choice) for name in otherwise)
    for width, title in product((NARROW, 1280), EXPLORABLES[path]):
        page.set_viewport_size({"width": width, "height": 900})
        drawn(page)
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
    page = open_page(path, js=False, widgets_alone=True)
    pictures = page.locator(".explorable-static img")
    assert pictures.count() == len(EXPLORABLES[path])
    for number in range(len(EXPLORABLES[path])):
        picture = pictures.nth(number)
        picture.scroll_into_view_if_needed()
        assert picture.is_visible() and picture.get_attribute("alt")
        assert picture.bounding_box()["width"] > 200


# --- the check itself -----------------------------------------------------------------------


def test_a_wrong_number_is_found(open_page):
    page = open_page(LATCH_PAGE, from_disk=True, widgets_alone=True)
    title = NEURON[0]
    assert wrong_numbers(page, title) == []
    page.evaluate(
        """() => { const node = document.querySelector('[data-name=h_star]');
            node.dataset.value = String(Number(node.dataset.value) + 1e-8); }"""
    )
    (found,) = wrong_numbers(page, title)
    assert found.startswith("h_star: shown 0.5328")
