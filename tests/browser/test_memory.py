"""What the book remembers on the reader's device: answers, drills, the place; and forgets."""

import json

import pytest
import sympy as sp

from latchbook.questions import exercises
from tools.book import title
from tools.chromium import draw_widgets

CHAPTER = "latch-neuron"
PAGE = f"book/{CHAPTER}.html"
FIRST = "book/index.html"

pytestmark = pytest.mark.browser


def question(page, name):
    return page.locator(f'.lq[data-question="{name}"]').first


def answer(page, name, text):
    """Type an answer, and wait until the book has it."""
    asked = question(page, name)
    asked.get_by_label("Your answer").fill(text)
    asked.get_by_role("button", name="Check").click()
    asked.locator("[role=status][data-state]").wait_for()


def stored(page) -> dict:
    return json.loads(page.evaluate("() => localStorage.getItem('latch-answers') ?? '{}'"))


def again(page):
    page.reload()
    draw_widgets(page)


def right_answer(name) -> str:
    """Return what is right, as a reader would type it."""
    return sp.sstr(sp.N(exercises()[name].expected(), 12))


@pytest.fixture
def chapter(open_page):
    return open_page(PAGE)


def names(page) -> list[str]:
    """Return the exercises of the page that have an input for a number."""
    asked = page.locator(".lq:has(> form.lq-entry):not([data-question=drill])")
    return asked.evaluate_all("all => all.map(node => node.dataset.question)")


def test_answers_are_there_again_and_the_contents_count_them(chapter):
    page = chapter
    one, two = names(page)[:2]
    right = right_answer(one)
    answer(page, one, right)
    answer(page, two, "1e9")
    choice = question(page, "choice")
    choice.get_by_role("radio").nth(1).check()
    choice.get_by_role("button", name="Check").click()
    choice.locator("[role=status][data-state]").wait_for()
    kept = stored(page)[f"book/{CHAPTER}"]
    assert kept[one] == {"answer": right, "state": "right"}
    assert kept[two] == {"answer": "1e9", "state": "wrong"}
    again(page)
    assert question(page, one).get_by_label("Your answer").input_value() == right
    assert question(page, one).get_by_role("status").text_content() == "You had this right."
    assert question(page, two).get_by_role("status").text_content() == "This was not right yet."
    assert question(page, "choice").get_by_role("radio").nth(1).is_checked()
    count = sum(each["state"] == "right" for each in kept.values())
    link = page.locator("#pst-primary-sidebar li a", has_text=title(CHAPTER))
    assert link.locator(".remembered").get_attribute("title").startswith(f"{count} right answer")
    # To answer again is to answer anew.
    answer(page, two, "1e8")
    page.wait_for_function("() => localStorage.getItem('latch-answers').includes('1e8')")


def test_a_drill_adds_up(chapter):
    page = chapter
    for tried in (1, 2):
        question(page, "drill").get_by_role("button", name="Show answer").click()
        page.wait_for_function(
            """([page, tried]) => JSON.parse(localStorage.getItem('latch-answers'))
                ?.[page]?.drill?.tried === tried""",
            arg=[f"book/{CHAPTER}", tried],
        )
        again(page)
        question(page, "drill").get_by_text(f"Before: right 0 of {tried}").wait_for()


def test_the_first_page_leads_back_saves_and_forgets(chapter):
    page = chapter
    answer(page, names(page)[0], right_answer(names(page)[0]))
    page.evaluate("() => document.getElementById('see').scrollIntoView({behavior: 'instant'})")
    address = page.url.replace(PAGE, FIRST)
    page.goto(address)
    memory = page.locator(".memory")
    assert "remembers 1 right answer." in memory.text_content()
    with page.expect_download() as waiting:
        memory.get_by_role("link", name="Save to a file").click()
    saved = json.loads(waiting.value.path().read_text("utf-8"))
    assert saved["answers"] == stored(page) and saved["place"]["page"] == f"book/{CHAPTER}"
    memory.get_by_role("link", name=title(CHAPTER)).click()
    assert page.url.endswith(f"{PAGE}#see")
    page.goto(address)
    page.locator(".memory").get_by_role("button", name="Forget all").press("Enter")
    assert page.locator(".memory, .remembered").count() == 0
    page.reload()
    assert page.locator(".memory, .remembered").count() == 0 and stored(page) == {}


def test_what_others_wrote_into_the_storage_does_no_harm(open_page):
    def before(page):
        page.on("pageerror", lambda error: errors.append(error))
        page.add_init_script("localStorage.setItem('latch-answers', '{broken')")

    errors = []
    page = open_page(PAGE, before=before)
    answer(page, names(page)[0], "1")
    page.wait_for_function("() => localStorage.getItem('latch-answers').startsWith('{\"book')")
    assert errors == []
