"""Questions on the built page: by keyboard alone, read out, and with what latchlib says."""

import re

import pytest
import sympy as sp
from built import soup

from latchbook.questions import check, drills, exercises, predictions
from tools.book import ROOT, pages, read_notebook

HTML = ROOT / "_build" / "html"
NARROW = 360  # CSS pixels, a small phone
FIRST = "latch-neuron"

pytestmark = pytest.mark.browser


def code(chapter: str) -> str:
    """Return the code of a chapter, without the cells of solutions; empty for another page."""
    path = ROOT / "book" / f"{chapter}.ipynb"
    if not path.is_file():
        return ""
    return "\n".join(cell["source"] for cell in read_notebook(path)["cells"])


CHAPTERS = {
    name: text
    for page in pages()
    if "from latchbook.questions import" in (text := code(name := page.removeprefix("book/")))
}
LABELS = {
    name: re.findall(r'^check\("(ex-[\w-]+)", answer\)', text, re.MULTILINE)
    for name, text in CHAPTERS.items()
}
PREDICTING = [name for name, text in CHAPTERS.items() if f'predict("{name}")' in text]
DRILLING = [name for name, text in CHAPTERS.items() if f'drill("{name}")' in text]


def opened(open_page, chapter, **options):
    return open_page(f"book/{chapter}.html", **options)


@pytest.fixture(scope="module")
def shared_page(kept_page, request):
    """Open a chapter from disk, once for all tests of the chapter, and return it with its name.

    Each test asks another question of it, so none finds what another has left. Its timers do not
    wait: a verdict comes after a pause, a thousand of them here.
    """
    with kept_page(f"book/{request.param}.html") as page:
        page.evaluate("() => { const now = setTimeout; window.setTimeout = job => now(job); }")
        yield page, request.param


def in_chapters(names):
    """Run a test on the shared page of each chapter, next to the other tests of that chapter."""
    return pytest.mark.parametrize("shared_page", names, indirect=True, scope="module")


def question(page, name):
    return page.locator(f'.lq[data-question="{name}"]')


def said(page, asked) -> str:
    """Wait until the live region speaks, and return what it says."""
    status = asked.get_by_role("status")
    page.wait_for_function("node => node.textContent", arg=status.element_handle())
    return status.text_content()


def answered(page, asked, text) -> str:
    """Type an answer, press Enter, and return what is said to it."""
    entry = asked.get_by_label("Your answer")
    entry.fill(text)
    entry.press("Enter")
    return said(page, asked)


_ANSWER = """(root, texts) => texts.reduce(async (before, text) => {
    const found = await before, status = root.querySelector('[role=status]');
    const entry = root.querySelector('input[type=text]');
    entry.value = text;
    entry.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', cancelable: true}));
    await new Promise(done => new MutationObserver(() => status.textContent && done())
        .observe(status, {childList: true}));
    const {textContent: said, dataset: {state}} = status;
    return [...found, [said, state, root.querySelector('.lq-count')?.textContent]];
}, [])"""


def verdicts(asked, texts) -> list[list[str]]:
    """Type answers within the page; return what is said to each, its state, and the count."""
    return asked.evaluate(_ANSWER, texts)


def chosen(page, asked, number) -> str:
    """Choose by arrow keys from where the focus is, go on to Check, and return what is said."""
    for _ in range(number):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent") == "Check"
    page.keyboard.press("Enter")
    text = said(page, asked)
    page.keyboard.press("Shift+Tab")
    return text


def focus_before(asked) -> None:
    """Put the focus where the next Tab leads into the question."""
    asked.evaluate(
        """root => {
            const before = document.createElement('button');
            root.before(before);
            before.focus();
        }"""
    )


# --- predictions -------------------------------------------------------------------------


@in_chapters(PREDICTING)
def test_a_prediction_is_answered_by_keyboard_and_every_choice_has_its_reason(shared_page):
    page, chapter = shared_page
    prediction, asked = predictions()[chapter], question(page, "choice").first
    group = asked.get_by_role("group", name=prediction.question, exact=True)
    radios = group.get_by_role("radio")
    assert radios.count() == len(prediction.choices)
    focus_before(asked)
    page.keyboard.press("Tab")
    assert radios.first.evaluate("node => node === document.activeElement")
    page.keyboard.press("Space")
    seen = [chosen(page, asked, number=int(k > 0)) for k in range(len(prediction.choices))]
    assert seen == [choice.feedback() for choice in prediction.choices]
    for choice in prediction.choices:
        assert group.get_by_role("radio", name=choice.text, exact=True).count() == 1


# --- exercises ---------------------------------------------------------------------------


def typed(value) -> str:
    """Write a value as a reader would type it."""
    value = sp.sympify(value)
    return sp.sstr(value if value.free_symbols else sp.N(value, 12))


@in_chapters(CHAPTERS)
def test_every_exercise_takes_right_and_wrong_answers(shared_page):
    page, chapter = shared_page
    assert question(page, "choice").count() == (chapter in PREDICTING)
    for label in LABELS[chapter]:
        exercise, asked = exercises()[label], question(page, label)
        assert re.match(r"Answer to Exercise [\d.]+ \(", asked.get_attribute("aria-label"))
        if exercise.choices:
            focus_before(asked)
            page.keyboard.press("Tab")
            page.keyboard.press("Space")
            for k, word in enumerate(exercise.choices):
                assert chosen(page, asked, int(k > 0)) == repr(check(label, word))
            continue
        values = [exercise.expected(), *(slip() for slip in exercise.slips.values())]
        *found, other = verdicts(asked, [*map(typed, values), "123457/11"])
        assert [said for said, *_ in found] == [repr(check(label, value)) for value in values]
        assert [state for _, state, _ in found] == ["right", *["wrong"] * len(exercise.slips)]
        assert "hint below" in other[0]


def test_an_answer_may_be_written_in_several_ways(open_page):
    page = opened(open_page, FIRST, from_disk=True, widgets_alone=True)
    asked = question(page, "ex-threshold-at-two")
    right = repr(check("ex-threshold-at-two", exercises()["ex-threshold-at-two"].expected()))
    for text in (
        "0.53284",
        "\uff10\uff0e\uff15\uff13\uff12\uff18\uff14",
        "53284e-5",
        "sqrt(2) - ln(1 + sqrt(2))",
        "2^(1/2)-arcosh(√(2))",
        "√2 − cosh⁻¹ √2",
    ):
        assert answered(page, asked, text) == right


def test_what_cannot_be_read_is_said_and_marked(open_page):
    page = opened(open_page, FIRST, from_disk=True, widgets_alone=True)
    asked = question(page, "ex-threshold-at-two")
    entry = asked.get_by_label("Your answer")
    assert answered(page, asked, "2sqrt(2)") == "A * is missing between “2” and “sqrt”."
    assert entry.get_attribute("aria-invalid") == "true"
    assert answered(page, asked, "").startswith("Type an answer")
    assert "Write 0.53 if" in answered(page, asked, "0,53")
    assert "close" in answered(page, asked, "0.53")
    assert "hint" in answered(page, asked, "7")
    assert entry.get_attribute("aria-invalid") is None
    described = entry.get_attribute("aria-describedby").split()
    assert all(page.locator(f"[id='{name}']").inner_text() for name in described)


def test_the_same_feedback_is_said_again(open_page):
    page = opened(open_page, FIRST, from_disk=True, widgets_alone=True)
    asked = question(page, "ex-threshold-at-two")
    assert answered(page, asked, "7") == answered(page, asked, "8")
    asked.evaluate(
        """root => {
            const status = root.querySelector('[role=status]');
            window.heard = [];
            new MutationObserver(() => heard.push(status.textContent)).observe(
                status, { childList: true, characterData: true, subtree: true });
        }"""
    )
    again = answered(page, asked, "8")
    page.wait_for_function("() => heard.length > 1")
    assert page.evaluate("() => heard") == ["", again]


# --- drills ------------------------------------------------------------------------------


def now(page, chapter):
    """Return what latchlib asks for the seed that the page has, after comparing the texts."""
    root = question(page, "drill")
    asked = drills()[chapter].question(int(root.get_attribute("data-seed")))
    assert root.locator(".lq-question").text_content() == asked.text
    return asked


@in_chapters(DRILLING)
def test_a_drill_asks_and_judges_as_latchlib_does(shared_page):
    page, chapter = shared_page
    assert page.get_by_role("group", name="Drill", exact=True).count() == 1
    root = question(page, "drill")
    entry = root.get_by_label("Your answer")
    seen = set()
    for turn in range(1, 5):
        asked = now(page, chapter)
        # Not the text: two draws may have the same numbers.
        seen.add(root.get_attribute("data-seed"))
        described = entry.get_attribute("aria-describedby").split()[0]
        assert page.locator(f"[id='{described}']").text_content() == asked.text
        values = [*asked.slips.values(), asked.answer * 77, asked.answer]
        found = verdicts(root, [*map(repr, values[:-1]), f"{asked.answer:.4g}"])
        assert [said for said, *_ in found] == [repr(asked.check(value)) for value in values]
        assert [count for *_, count in found[-2:]] == [
            f"Right: {right} of {turn}" for right in (turn - 1, turn)
        ]
        root.get_by_role("button", name="New numbers").focus()
        page.keyboard.press("Enter")
        assert entry.evaluate("node => node === document.activeElement")
        assert entry.input_value() == "" and root.get_by_role("status").text_content() == ""
    assert len(seen) == 4


def test_a_shown_answer_does_not_count(open_page):
    page = opened(open_page, FIRST, from_disk=True, widgets_alone=True)
    root = question(page, "drill")
    asked = now(page, FIRST)
    root.get_by_role("button", name="Show answer").press("Enter")
    assert said(page, root) == asked.shown
    assert answered(page, root, repr(asked.answer)) == repr(asked.check(asked.answer))
    assert root.locator(".lq-count").text_content() == "Right: 0 of 1"
    # An answer that cannot be read is no attempt, and a right one counts once.
    root.get_by_role("button", name="New numbers").press("Enter")
    answered(page, root, "2w")
    assert root.locator(".lq-count").text_content() == "Right: 0 of 1"
    for _ in range(2):
        answered(page, root, repr(now(page, FIRST).answer))
    assert root.locator(".lq-count").text_content() == "Right: 1 of 2"


# --- all of them -------------------------------------------------------------------------


@in_chapters([FIRST, "how-to-read"])
def test_nothing_of_a_question_is_cut_off(shared_page):
    page, chapter = shared_page
    for label in LABELS[chapter]:
        if not exercises()[label].choices:
            verdicts(question(page, label), [typed(exercises()[label].expected())])
    for width in (NARROW, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        cut = page.locator(".lq").evaluate_all(
            """roots => roots.flatMap(root => [...root.querySelectorAll('*')].filter(node => {
                const [inner, outer] = [node, root].map(n => n.getBoundingClientRect());
                return inner.width && (inner.left < outer.left || inner.right > outer.right + 1
                    || inner.bottom > outer.bottom + 1 || node.scrollWidth > node.clientWidth + 1
                        && node.tagName !== 'INPUT' && getComputedStyle(node).display !== 'inline');
            }).map(node => node.outerHTML.slice(0, 80)))"""
        )
        assert cut == []
        heights = page.locator(".lq button, .lq input[type=text], .lq-option").evaluate_all(
            "nodes => nodes.map(node => node.getBoundingClientRect().height)"
        )
        assert min(heights) >= 44, "a control too small for a finger"


@pytest.mark.parametrize("chapter", PREDICTING)
def test_without_javascript_the_text_of_a_question_stands(chapter):
    found = soup(f"book/{chapter}").select(".question-static")
    texts = [" ".join(each.get_text().split()) for each in found]
    wanted = [" ".join(str(predictions()[chapter]).split())]
    wanted += [repr(check(label, ...)) for label in LABELS[chapter]]
    assert texts[:-1] == wanted if chapter in DRILLING else texts == wanted
    if chapter in DRILLING:
        assert texts[-1].startswith("Drill: ")


def test_with_javascript_the_text_of_a_question_goes(open_page):
    page = opened(open_page, FIRST, from_disk=True, widgets_alone=True)
    assert page.locator(".question-static:visible").count() == 0
    assert page.locator(".lq:visible").count() == page.locator(".question-static").count() > 5
