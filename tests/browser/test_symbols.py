"""The first use of a symbol or term explains itself: to pointer, keyboard, finger, everybody."""

import pytest
from test_pages import (
    COLOUR_RULES,
    PLACE_RULES,
    accessibility_problems,
    darken,
    plain_code,
    settle,
    thin_out_equations,
)

from tools.chromium import draw_widgets

CHAPTER = "book/latch-neuron.html"
NARROW = 360  # CSS pixels, a small phone

pytestmark = pytest.mark.browser


def marks(page):
    return page.locator("article a.symbol")


def note(page):
    return page.locator("#symbol-note")


def words(page, mark) -> list[str]:
    """Return what describes a mark, note by note."""
    names = mark.get_attribute("aria-describedby").split()
    return [page.locator(f"#{name}").text_content().strip() for name in names]


def come_to(mark):
    draw_widgets(mark.page)  # nothing moves after that
    mark.scroll_into_view_if_needed()


def wait_for(page, *, shown):
    note(page).wait_for(state="visible" if shown else "hidden", timeout=30_000)


def inside(page) -> bool:
    """Say whether the note lies within the window."""
    box, window = note(page).bounding_box(), page.viewport_size
    right, bottom = box["x"] + box["width"], box["y"] + box["height"]
    return box["x"] >= 0 <= box["y"] and right <= window["width"] and bottom <= window["height"]


def test_the_pointer_shows_a_note_that_stays_until_it_leaves(open_page):
    page = open_page(CHAPTER)
    assert note(page).is_hidden()
    for number in (0, 1, marks(page).count() - 1):
        mark = marks(page).nth(number)
        come_to(mark)
        mark.hover()
        wait_for(page, shown=True)
        shown = note(page).locator("> div").all_text_contents()
        assert [text.strip() for text in shown] == words(page, mark)
        assert inside(page)
        # It may be pointed at itself, and stays.
        note(page).hover()
        page.wait_for_timeout(500)
        assert note(page).is_visible()
        page.mouse.move(1, 1)
        wait_for(page, shown=False)


def test_the_keyboard_shows_it_and_escape_takes_it_away(open_page):
    page = open_page(CHAPTER)
    come_to(marks(page).first)
    page.keyboard.press("Tab")  # from here on the focus is one that shows
    marks(page).first.focus()
    wait_for(page, shown=True)
    page.keyboard.press("Escape")
    wait_for(page, shown=False)
    assert marks(page).first.evaluate("mark => mark === document.activeElement")
    # The next one, and away with the focus.
    marks(page).nth(1).focus()
    wait_for(page, shown=True)
    page.keyboard.press("Shift+Tab")
    page.evaluate("document.activeElement.blur()")
    wait_for(page, shown=False)
    # Escape works for the pointer too.
    marks(page).first.hover()
    wait_for(page, shown=True)
    page.keyboard.press("Escape")
    wait_for(page, shown=False)


@pytest.mark.parametrize("number", [0, 1, 5, -1])
def test_a_tap_shows_it_and_a_second_tap_follows(browser, site, number):
    context = browser.new_context(viewport={"width": NARROW, "height": 640}, has_touch=True)
    try:
        page = context.new_page()
        page.goto(f"{site}/{CHAPTER}")
        mark = marks(page).nth(number)
        come_to(mark)
        mark.tap()
        wait_for(page, shown=True)
        assert page.url.endswith(CHAPTER) and inside(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        # A tap beside it takes it away.
        page.touchscreen.tap(3, 3)
        wait_for(page, shown=False)
        mark.tap()
        wait_for(page, shown=True)
        mark.tap()
        page.wait_for_url("**/book/notation.html#symbol-*")
    finally:
        context.close()


def test_a_term_explains_itself_as_a_symbol_does(open_page):
    page = open_page(CHAPTER)
    term = page.locator("article a.term").first
    come_to(term)
    term.hover()
    wait_for(page, shown=True)
    (said,) = words(page, term)
    assert note(page).text_content().strip() == said and said.endswith(".") and "See" not in said
    assert inside(page)
    page.keyboard.press("Escape")
    wait_for(page, shown=False)
    page.keyboard.press("Tab")  # from here on the focus is one that shows
    term.focus()
    wait_for(page, shown=True)
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/glossary.html#term-*")
    assert page.locator(":target").text_content().startswith(said.partition(":")[0])


def test_a_tap_shows_a_term_and_a_second_tap_follows(open_page):
    page = open_page(CHAPTER, touch=True, width=390)
    term = page.locator("article a.term").nth(1)
    come_to(term)
    term.tap()
    wait_for(page, shown=True)
    assert page.url.endswith(CHAPTER) and inside(page)
    term.tap()
    page.wait_for_url("**/book/glossary.html#term-*")


def test_without_javascript_the_link_is_there_and_no_note_is_in_the_way(open_page):
    page = open_page(CHAPTER, js=False)
    assert marks(page).count() > 5 and marks(page).first.is_visible()
    assert (
        page.locator(".symbol-notes:visible").count() == 0 < page.locator(".symbol-notes").count()
    )


def test_axe_finds_nothing_while_a_note_is_open(open_page):
    page = open_page(CHAPTER)
    settle(page)
    thin_out_equations(page)
    come_to(marks(page).first)
    marks(page).first.hover()
    wait_for(page, shown=True)
    page.evaluate("() => Promise.allSettled(document.getAnimations().map(each => each.finished))")
    with plain_code(page):
        assert accessibility_problems(page, without=PLACE_RULES) == []
        darken(page)
        assert note(page).is_visible()
        assert accessibility_problems(page, COLOUR_RULES) == []


# --- permanent links -----------------------------------------------------------------------

LINKS = {
    "figure": "figure",
    "div.proof[id]": "definition",
    "div.exercise": "exercise",
    "div.math[id]": "equation",
}


@pytest.mark.parametrize("thing", LINKS)
def test_a_permanent_link_is_shown_to_pointer_and_keyboard(open_page, thing):
    page = open_page(CHAPTER)
    place = page.locator(f"article {thing}").first
    come_to(place)
    link = place.locator("a.headerlink").first

    def opacity():
        return float(link.evaluate("link => getComputedStyle(link).opacity"))

    page.mouse.move(1, 1)
    assert opacity() == 0
    place.hover()
    assert opacity() == 1
    page.mouse.move(1, 1)
    page.keyboard.press("Tab")
    link.focus()
    assert opacity() == 1
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith(
        "Permanent link to this "
    )
    page.keyboard.press("Enter")
    assert page.url.endswith(f"#{place.get_attribute('id')}")
