"""What the book remembers on the reader's device: saved, loaded, and erased."""

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


def test_the_first_page_leads_back_saves_and_erases_when_asked_twice(chapter):
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
    before = stored(page)
    memory.get_by_role("button", name="Forget all").press("Enter")
    assert "cannot be undone" in memory.text_content() and stored(page) == before
    # It is "Keep them" that has the focus.
    page.keyboard.press("Enter")
    assert stored(page) == before
    page.keyboard.press("Enter")
    memory.get_by_role("button", name="Erase").press("Enter")
    memory.get_by_text("Everything is forgotten.").wait_for()
    for _ in range(2):
        assert page.locator(".remembered, .memory a").count() == 0 and stored(page) == {}
        page.reload()


def load(page, content: str) -> str:
    """Load a file into the first page, and return what is said of it."""
    given = {"name": "a.json", "mimeType": "application/json", "buffer": content.encode()}
    # The panel is made anew.
    page.locator(".memory").evaluate("panel => panel.dataset.old = ''")
    page.locator(".memory input[type=file]").set_input_files([given])
    page.wait_for_function(
        "() => document.querySelector('.memory:not([data-old]) [role=status]')?.textContent"
    )
    return page.locator(".memory [role=status]").text_content()


KEPT = {"book/latch-neuron": {"ex-a": {"answer": "2", "state": "right"}}}
PLACE = {"page": "book/gates", "title": "Gates", "id": "see", "heading": "See"}


def test_a_saved_file_is_loaded_and_what_is_right_here_stays(open_page):
    page = open_page(FIRST, draw=False)
    own = {"ex-a": {"answer": "7", "state": "wrong"}, "drill": {"right": 1, "tried": 4}}
    own["ex-b"] = {"answer": "3", "state": "right"}
    page.evaluate(
        "answers => localStorage.setItem('latch-answers', answers)",
        json.dumps({"book/latch-neuron": own}),
    )
    other = KEPT["book/latch-neuron"] | {"ex-b": {"answer": "4", "state": "wrong"}}
    other["drill"] = {"right": 3, "tried": 3}
    saved = {"answers": {"book/latch-neuron": other}, "place": PLACE}
    assert load(page, json.dumps(saved)) == "Loaded: 1 answer from the file."
    wanted = own | {"ex-a": {"answer": "2", "state": "right"}}
    assert stored(page) == {"book/latch-neuron": wanted}
    assert "remembers 2 right answers." in page.locator(".memory").text_content()
    assert page.locator("#pst-primary-sidebar .remembered").get_attribute("title").startswith("2 ")
    # There was no place here.
    page.locator(".memory").get_by_role("link", name="Gates, See").click()
    assert page.url.endswith("book/gates.html#see")


def spoiled(**changes) -> str:
    return json.dumps({"answers": KEPT, "place": PLACE} | changes)


def test_the_keyboard_asks_for_a_file(open_page):
    page = open_page(FIRST, draw=False)
    page.evaluate(
        """() => document.querySelector('.memory input').addEventListener('click', (event) => {
            event.preventDefault();
            document.title = 'asked';
        })"""
    )
    page.get_by_role("button", name="Load from a file").press("Enter")
    assert page.title() == "asked"


def test_another_file_is_refused_whole(open_page):
    page = open_page(FIRST, draw=False)
    for content in (
        "",
        "{broken",
        "null",
        json.dumps({"answers": KEPT}),
        spoiled(more=1),
        spoiled(place=[]),
        spoiled(place=PLACE | {"page": "//elsewhere.org/x"}),
        spoiled(place=PLACE | {"id": 1}),
        spoiled(answers=[KEPT]),
        spoiled(answers=KEPT | {"javascript:alert(1)": {}}),
        spoiled(answers=KEPT | {"book/gates": {"ex-c": {"answer": "1", "state": "maybe"}}}),
        spoiled(answers=KEPT | {"book/gates": {"ex-c": {"answer": 1, "state": "right"}}}),
        spoiled(answers=KEPT | {"book/gates": {"drill": {"right": 2, "tried": 1}}}),
        spoiled(answers=KEPT | {"book/gates": {"drill": {"right": -1, "tried": 1.5}}}),
    ):
        said = load(page, content)
        assert said.startswith("This file was not loaded. Accepted is what “Save to a file” writes")
        assert stored(page) == {} and page.evaluate("localStorage.getItem('latch-place')") is None
        assert page.locator(".memory a, .remembered").count() == 0


def test_a_file_for_which_there_is_no_room_leaves_what_was_there(open_page):
    page = open_page(FIRST, draw=False)
    page.evaluate("answers => localStorage.setItem('latch-answers', answers)", json.dumps(KEPT))
    page.evaluate(
        """() => {
            const set = Storage.prototype.setItem;
            Storage.prototype.setItem = function (key, value) {
                if (key === "latch-place") throw new DOMException("full", "QuotaExceededError");
                set.call(this, key, value);
            };
        }"""
    )
    more = {"book/gates": {"ex-c": {"answer": "1", "state": "right"}}}
    assert load(page, spoiled(answers=more)).endswith("the browser has no room for it.")
    assert stored(page) == KEPT


def test_what_others_wrote_into_the_storage_does_no_harm(open_page):
    def before(page):
        page.on("pageerror", lambda error: errors.append(error))
        page.add_init_script("localStorage.setItem('latch-answers', '{broken')")

    errors = []
    page = open_page(PAGE, before=before)
    answer(page, names(page)[0], "1")
    page.wait_for_function("() => localStorage.getItem('latch-answers').startsWith('{\"book')")
    assert errors == []
