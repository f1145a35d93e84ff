"""Explorables and questions by keyboard and as a screen reader has them: Chromium's own tree."""

from itertools import pairwise

import pytest
from test_explorables import (
    CLASSES,
    DISCRETE,
    EVERY,
    LATCH_PAGE,
    NEURON,
    PLAYERS,
    drawn,
    group,
    reset,
    slider,
    state,
    traits,
    wrong_numbers,
)

pytestmark = pytest.mark.browser

#: Milliseconds after which a change has been said. The page's own: its clock is moved on by as
#: many, so that it does not matter how long the machine takes.
SAID = 700
#: And after which it has been drawn.
FRAME = 40
STEPS = {"T", "t", "back", "length"}
UNITS = {**dict.fromkeys(STEPS, " step"), "update": " update", "k": " point"}


def install_clock(page) -> None:
    """Give a page a clock to be moved on, before it sets any timer by its own."""
    page.clock.install()


@pytest.fixture(scope="module")
def shared_page(kept_page, request):
    """Open a page from disk, once for all tests of an explorable, and return its title too."""
    path, title = request.param
    with kept_page(path, before=install_clock) as page:
        yield page, title


@pytest.fixture
def at_start(shared_page):
    """Return that page and title, with the explorable as it was when the page was opened."""
    page, title = shared_page
    page.set_viewport_size({"width": 1280, "height": 900})
    reset(page, title)
    return page, title


def pause(page) -> None:
    """Let the clock of a page stand, but for `run_for`."""
    # What is told its size is drawn once more, in the page's time, not the clock's.
    for _ in range(3):
        drawn(page)
    page.clock.pause_at(page.evaluate("() => Date.now() / 1000 + 3600"))


@pytest.fixture
def paused(at_start):
    """Return that page and title, with the clock standing."""
    page, title = at_start
    pause(page)
    page.evaluate("() => { window.ownFrame = requestAnimationFrame; }")
    yield page, title
    page.evaluate("() => { window.requestAnimationFrame = ownFrame; }")
    page.emulate_media(reduced_motion="no-preference")
    page.clock.resume()


@pytest.fixture(scope="module")
def questions(kept_page):
    """Return a page with questions, whose clock stands."""
    with kept_page(QUESTIONS, before=install_clock) as page:
        pause(page)
        yield page


def among(where):
    """Run a test on the page of each of these explorables, by path and title."""
    return pytest.mark.parametrize(
        "shared_page", where, indirect=True, scope="module", ids=[title for _, title in where]
    )


every = among(EVERY)


class Tree:
    """The accessibility tree of a page, asked for through the DevTools protocol."""

    def __init__(self, page):
        self._page = page
        self._session = page.context.new_cdp_session(page)
        self._session.send("Accessibility.enable")
        self._session.send("DOM.enable")

    def node(self, expression):
        """Return role, name, value and properties of the element that `expression` yields."""
        found = self._session.send("Runtime.evaluate", {"expression": expression})["result"]
        wanted = {"objectId": found["objectId"], "fetchRelatives": False}
        # Chromium makes the tree of a section when it lays it out, and not at once.
        for _ in range(250):
            [node] = self._session.send("Accessibility.getPartialAXTree", wanted)["nodes"]
            if not node["ignored"]:
                break
            self._page.wait_for_timeout(20)
        return _plain(node)

    def focused(self):
        """Return what has the focus; `text`, its value in words, is not in the protocol."""
        text = self._page.evaluate("() => document.activeElement.ariaValueText")
        return {**self.node("document.activeElement"), "text": text}

    def inside(self, role, name):
        """Return all that is exposed below the node with this role and name, in order."""
        self._page.get_by_role(role, name=name, exact=True).scroll_into_view_if_needed()
        for _ in range(250):
            nodes = self._session.send("Accessibility.getFullAXTree")["nodes"]
            roots = [n for n in nodes if not n["ignored"] and _is(n, role, name)]
            if roots:
                break
            self._page.wait_for_timeout(20)
        [root] = roots
        by_id = {node["nodeId"]: node for node in nodes}

        def below(node):
            for child in node.get("childIds", []):
                if child in by_id:
                    if not by_id[child]["ignored"]:
                        yield _plain(by_id[child])
                    yield from below(by_id[child])

        return list(below(root))


def _is(node, role, name) -> bool:
    plain = _plain(node)
    return (plain["role"], plain["name"]) == (role, name)


def _plain(node):
    found = {
        key: node.get(key, {}).get("value") for key in ("role", "name", "value", "description")
    }
    given = {p["name"]: p["value"].get("value") for p in node.get("properties", [])}
    return {**given, **found}


def bracket(root) -> None:
    """Put a button before and one behind, and the focus on the first."""
    root.evaluate(
        """root => {
            document.querySelectorAll('#here, #there').forEach(old => old.remove());
        for (const [where, id] of [['before', 'here'], ['after', 'there']])
                root[where](Object.assign(document.createElement('button'), {id}));
            document.querySelector('#here').focus();
        }"""
    )


def stops(page, root, key="Tab", goal="there") -> list[str]:
    """Press `key` until the focus is at `goal`; return what says where it stopped between."""
    found = []
    for _ in range(60):
        page.keyboard.press(key)
        place = root.evaluate(
            """root => {
                const [now, all] = [document.activeElement, [...root.querySelectorAll('*')]];
                return now.id === 'here' || now.id === 'there' ? now.id : all.indexOf(now);
            }"""
        )
        if place == goal:
            return found
        found.append(place)
    pytest.fail(f"the keyboard does not get out: {found}")


FOCUS = """() => {
    const node = document.activeElement, box = node.getBoundingClientRect();
    const { outlineStyle, outlineWidth, strokeWidth, stroke } = getComputedStyle(node);
    const ring = outlineStyle === 'none' ? 0 : parseFloat(outlineWidth);
    const drawn = node.tagName === 'circle' && stroke !== 'none' ? parseFloat(strokeWidth) : 0;
    return { ring: Math.max(ring, drawn), top: box.top + scrollY, bottom: box.bottom + scrollY,
             label: (node.labels?.[0] ?? node).textContent, trait: node.dataset.trait };
}"""


@every
def test_the_keyboard_goes_through_an_explorable_and_out(at_start):
    page, title = at_start
    tree, root = Tree(page), group(page, title)
    bracket(root)
    there = stops(page, root)
    tabbable = root.evaluate(
        """root => [...root.querySelectorAll('*')]
            .flatMap((node, k) => node.tabIndex >= 0 ? [k] : [])"""
    )
    assert there == tabbable == sorted(there), "not in the order of the page"
    assert stops(page, root, "Shift+Tab", "here") == there[::-1]

    met, places = [], []
    for _ in there:
        page.keyboard.press("Tab")
        node, place = tree.focused(), page.evaluate(FOCUS)
        assert place["ring"] >= 3, f"{node['name']}: its focus is not seen"
        met.append((node["role"], node["name"]))
        places.append(place)
        if node["role"] == "slider":
            assert node["valuemin"] <= float(node["value"]) <= node["valuemax"]
            text = node["text"]
            assert any(character.isdigit() for character in text)
            # The name is that of the number, and does not hold it.
            assert text not in node["name"] or len(text) == 1
            assert UNITS.get(place["trait"], "") in text, f"{node['name']}: {text}"
        elif node["role"] == "combobox":
            assert node["value"] and node["name"] == place["label"]
        else:
            assert node["role"] == "button" and node["name"] == place["label"]
    assert all(name and name.strip() for _, name in met)
    assert len(set(met)) == len(met), "two controls have the same name"
    roles = [role for role, _ in met]
    assert roles.count("slider") >= len(traits(page, title)) and roles.count("button") >= 1
    assert all(after["bottom"] > before["top"] for before, after in pairwise(places))


def wrong_by_group(page, title):
    """Numbers are compared only where every trait has a slider; choices have tests of their own."""
    has_choices = group(page, title).get_by_role("combobox").count() > 0
    return [] if has_choices else wrong_numbers(page, title)


# --- what is said ------------------------------------------------------------------------

_HEAR = """root => {
    if (root.heard) return void root.heard.splice(0);
    const said = root.querySelector('.said, [role=status]');
    root.heard = [];
    new MutationObserver(() => {
        if (said.textContent) root.heard.push([said.ariaLive ?? 'polite', said.textContent]);
    }).observe(said, { childList: true, characterData: true, subtree: true });
}"""


# Within the page, so that a slow machine does not make pauses in it.
_DRAG = """async node => {
    const [least, largest] = [Number(node.min), Number(node.max)];
    for (const share of [1, 0, 0.4, 0.6]) {
        node.value = least + share * (largest - least);
        node.dispatchEvent(new Event('input'));
        await new Promise(requestAnimationFrame);
    }
}"""


def heard(page, root, wait=SAID) -> list[str]:
    """Return what is read out since the last call, once `wait` milliseconds are over."""
    page.clock.run_for(wait)
    found = root.evaluate("root => root.heard.splice(0)")
    return [text for live, text in found if live != "off"]


@every
def test_an_explorable_says_its_result_once_and_nothing_else(at_start):
    page, title = at_start
    tree, root = Tree(page), group(page, title)
    live = [node for node in tree.inside("group", title) if node.get("live") not in (None, "off")]
    [only] = [node for node in live if node["role"] == "paragraph"]
    assert only["live"] == "polite" and only["atomic"]
    assert len([node for node in live if not node.get("root")]) == 1, live
    assert root.locator("output, [role=status], [role=alert]").count() == 0
    root.evaluate(_HEAR)
    spoken = 0
    for trait in traits(page, title):
        slider(page, title, trait).focus()
        slider(page, title, trait).evaluate(_DRAG)
        sentences = heard(page, root)
        # A slider that changes nothing of what is said is heard by its own value alone.
        assert len(sentences) <= 1
        if sentences:
            assert sentences == [root.locator(".said").text_content()]
        spoken += len(sentences)
        # Another size is no result.
        page.set_viewport_size({"width": 1280 - 2 * spoken, "height": 900})
    assert spoken >= 1
    assert heard(page, root) == []


@among([(LATCH_PAGE, NEURON[0])])
def test_of_two_that_move_together_the_one_in_use_speaks(paused):
    page, _ = paused
    for mine, other in (NEURON, NEURON[::-1]):
        for title in NEURON:
            group(page, title).evaluate(_HEAR)
        slider(page, mine, "w").press("End")
        assert len(heard(page, group(page, mine))) == 1
        assert heard(page, group(page, other), 0) == []
        slider(page, mine, "w").press("Home")
        page.clock.run_for(SAID)


@every
def test_a_chart_is_a_picture_whose_name_says_what_it_shows(at_start):
    page, title = at_start
    tree, root = Tree(page), group(page, title)

    def names():
        page.clock.run_for(SAID)
        nodes = tree.inside("group", title)
        assert not [node for node in nodes if node["role"] in ("Canvas", "canvas")]
        return [node["name"] for node in nodes if node["role"] in ("image", "img")]

    before = names()
    charts = root.locator("svg").count()
    assert len(before) == charts == len(set(name.partition(". ")[0] for name in before))
    for trait in traits(page, title):
        slider(page, title, trait).press("Home")
        slider(page, title, trait).press("PageUp")
    after = names()
    for one, other in zip(before, after, strict=True):
        head, dot, says = other.partition(". ")
        assert one.startswith(head + dot) and says.endswith(".") and one != other
        for wrong in ("undefined", "NaN", "null", "Infinity", "[object"):
            assert wrong not in one + other
    # What can be moved lies beside the picture, not in it.
    handles = root.locator("svg [role=slider]")
    assert handles.evaluate_all("all => all.filter(n => n.closest('[role=img]')).length") == 0


# --- playing -----------------------------------------------------------------------------


@among(PLAYERS)
def test_play_has_the_name_of_what_it_does_and_speaks_when_it_stops(paused):
    page, title = paused
    tree, root = Tree(page), group(page, title)
    place = slider(page, title, player(title))
    place.press("Home")
    page.clock.run_for(SAID)
    root.evaluate(_HEAR)
    root.locator("[data-action=play]").focus()
    page.keyboard.press("Enter")
    assert (tree.focused()["role"], tree.focused()["name"]) == ("button", "Pause")
    while float(place.input_value()) < 3:
        assert heard(page, root, FRAME) == [], "it speaks while it plays"
    page.keyboard.press("Space")
    assert tree.focused()["name"] == "Play"
    page.clock.run_for(FRAME)  # a step may have been made that the page does not show yet
    reached = float(place.input_value())
    assert heard(page, root) == [root.locator(".said").text_content()]
    assert float(place.input_value()) == reached
    # It stops by itself at the end, and says so once.
    end = _end(page, title, player(title))
    place.evaluate("(node, value) => { node.value = value; }", end - 2)
    place.dispatch_event("input")
    page.clock.run_for(SAID)
    root.evaluate("root => root.heard.splice(0)")
    play = root.locator("[data-action=play]")
    play.press("Enter")
    assert play.text_content() == "Pause"
    while play.text_content() == "Pause":
        assert heard(page, root, FRAME) == []
    page.clock.run_for(FRAME)
    assert float(place.input_value()) == _end(page, title, player(title))
    assert heard(page, root) == [root.locator(".said").text_content()]


@among(PLAYERS)
def test_of_a_frame_that_comes_late_nothing_is_said_before_it_is_shown(paused):
    page, title = paused
    root, place = group(page, title), slider(page, title, player(title))
    last = _end(page, title, player(title))
    place.evaluate("(node, value) => { node.value = value; }", last - 1)
    place.dispatch_event("input")
    page.clock.run_for(SAID)
    root.evaluate(_HEAR)
    page.evaluate("() => { window.requestAnimationFrame = draw => setTimeout(draw, 250); }")
    root.locator("[data-action=play]").press("Enter")
    for _ in range(60):
        said = heard(page, root, 100)
        assert all(text == root.locator(".said").text_content() for text in said)
        if said:
            break
    assert len(said) == 1 and wrong_by_group(page, title) == []
    assert heard(page, root) == []


@among(PLAYERS)
def test_who_wants_no_motion_goes_on_by_hand(paused):
    page, title = paused
    tree, root = Tree(page), group(page, title)
    trait, button = player(title), root.locator("[data-action=play]")
    slider(page, title, trait).press("Home")
    button.press("Enter")
    assert button.text_content() == "Pause"
    page.emulate_media(reduced_motion="reduce")  # while it plays: it stops
    page.wait_for_function("node => node.textContent !== 'Pause'", arg=button.element_handle())
    slider(page, title, trait).press("Home")
    page.clock.run_for(SAID)
    least, end = 0, _end(page, title, trait)
    root.evaluate(_HEAR)
    button.focus()
    presses, seen = 0, [least]
    while seen[-1] < end:
        name = tree.focused()["name"]
        page.keyboard.press("Enter")
        page.clock.run_for(FRAME)
        now = state(page, title)[trait]
        # The button says how far it goes, and goes so far; nothing moves between or after.
        assert int(name.split()[0]) == now - seen[-1] > 0
        assert len(heard(page, root)) <= 1
        assert state(page, title)[trait] == now
        assert wrong_by_group(page, title) == []
        seen.append(now)
        presses += 1
    assert 2 < presses <= 10
    assert tree.focused()["name"] == "Start again"
    page.keyboard.press("Enter")
    page.clock.run_for(FRAME)
    assert state(page, title)[trait] == 0
    root.locator("[data-action=step]").press("Enter")
    page.clock.run_for(FRAME)
    assert state(page, title)[trait] == 1
    page.emulate_media(reduced_motion="no-preference")
    page.wait_for_function("node => node.textContent === 'Play'", arg=button.element_handle())


def player(title) -> str:
    """Return the trait of an explorable that goes on by itself."""
    return next(trait for (_, name), trait in PLAYERS.items() if name == title)


def _end(page, title, trait) -> float:
    if title == DISCRETE[1]:
        return state(page, title)["T"] - 1
    return CLASSES[title].sliders()[trait][1]


# --- questions ---------------------------------------------------------------------------

QUESTIONS = "book/latch-neuron.html"
STOPS = {
    "choice": [("radio", "{option}"), ("button", "Check")],
    "ex-threshold-at-two": [("textbox", "Your answer"), ("button", "Check")],
    "drill": [
        ("textbox", "Your answer"),
        ("button", "Check"),
        ("button", "New numbers"),
        ("button", "Show answer"),
    ],
}


@pytest.mark.parametrize("name", STOPS)
def test_the_keyboard_goes_through_a_question_and_out(questions, name):
    page = questions
    tree, root = Tree(page), page.locator(f'.lq[data-question="{name}"]').first
    bracket(root)
    there = stops(page, root)
    assert there == sorted(there) and len(there) == len(STOPS[name])
    assert stops(page, root, "Shift+Tab", "here") == there[::-1]
    for role, text in STOPS[name]:
        page.keyboard.press("Tab")
        node = tree.focused()
        option = root.locator("label").first.text_content()
        assert (node["role"], node["name"]) == (role, text.format(option=option))
        assert page.evaluate(FOCUS)["ring"] >= 3
        if role == "textbox":
            assert node["description"], "nothing says what may be typed"
            assert node["invalid"] == "false"
            page.keyboard.type("2 2")
            page.keyboard.press("Enter")
            page.clock.run_for(SAID)
            assert tree.focused()["invalid"] == "true"
    legend = root.locator("legend")
    label = legend.text_content() if legend.count() else root.get_attribute("aria-label")
    nodes = tree.inside("group", label)
    assert {"radio", "textbox"} & {node["role"] for node in nodes}


@pytest.mark.parametrize("name", STOPS)
def test_a_question_says_its_verdict_once(questions, name):
    page = questions
    tree, root = Tree(page), page.locator(f'.lq[data-question="{name}"]').first
    root.scroll_into_view_if_needed()
    page.clock.run_for(FRAME)
    selector = f"document.querySelector('.lq[data-question=\"{name}\"] [role=status]')"
    status = tree.node(selector)
    assert (status["role"], status["live"], status["atomic"]) == ("status", "polite", True)
    root.evaluate(_HEAR)
    if name == "choice":
        root.get_by_role("radio").first.press("Space")
    else:
        root.get_by_label("Your answer").fill("7")
    assert heard(page, root) == []
    root.get_by_role("button", name="Check").press("Enter")
    assert heard(page, root) == [root.get_by_role("status").text_content()]
    assert tree.focused()["name"] == "Check", "the focus stays where it was"
