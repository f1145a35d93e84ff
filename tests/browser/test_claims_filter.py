"""The ledger of claims: filtered, searched, and readable on a phone."""

import pytest

from tools.claims import load

PAGE = "book/claims.html"
CLAIMS = load()
VERDICTS = {
    "proved": lambda c: c.verdict == "proved",
    "measured": lambda c: c.verdict == "measured",
    "corrected": lambda c: c.verdict == "corrected",
    "machine-checked": lambda c: bool(c.checked),
}

pytestmark = pytest.mark.browser


def shown(page) -> list[str]:
    """Return the claims that are shown, by their ids."""
    rows = page.locator("td [id^='claim-']")
    return rows.evaluate_all(
        "all => all.filter(n => n.closest('tr').checkVisibility()).map(n => n.id.slice(6))"
    )


def ids(keep) -> list[str]:
    """Return the ids of the claims that `keep` accepts."""
    return [claim.id for claim in CLAIMS if keep(claim)]


@pytest.fixture(scope="module")
def ledger(kept_page):
    """The page, kept for several tests."""
    with kept_page(PAGE, widgets_alone=False) as page:
        yield page
        assert len(page.url.split("?")) == 1


@pytest.fixture(autouse=True)
def forget(request):
    """Leave the kept page as it came."""
    yield
    if "ledger" in request.fixturenames:
        button = request.getfixturevalue("ledger").get_by_role("button", name="All claims")
        if button.is_enabled():
            button.click()


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_is_chosen(ledger, verdict):
    ledger.get_by_label("Verdict").select_option(verdict)
    assert shown(ledger) == ids(VERDICTS[verdict])
    assert ledger.url.endswith(f"?verdict={verdict}")
    ledger.get_by_text(f"{len(shown(ledger))} of {len(CLAIMS)} claims").wait_for()


def test_verdict_source_chapter_and_words_narrow_each_other(ledger):
    ledger.get_by_label("Source").select_option("annotated reading")
    assert shown(ledger) == ids(lambda c: c.source == "annotation")
    ledger.get_by_label("Chapter").select_option("The minimal task")
    here = ids(lambda c: c.source == "annotation" and c.chapter == "minimal-task")
    assert shown(ledger) == here
    assert ledger.locator("article h2:visible").count() == 1
    ledger.get_by_label("Words").fill("derivatives")
    some = ids(lambda c: c.id in here and "derivatives" in f"{c.claim} {c.note} {c.locus}".lower())
    assert shown(ledger) == some and 0 < len(some) < len(here)
    ledger.get_by_label("Words").fill("no such words")
    assert shown(ledger) == []
    ledger.get_by_role("button", name="All claims").press("Enter")
    assert len(shown(ledger)) == len(CLAIMS)
    assert ledger.locator("article h1 ~ div table").first.is_visible()


def test_the_words_may_be_those_of_a_formula(ledger):
    ledger.get_by_label("Words").fill("\\sqrt{w(w-1)}")
    assert "threshold-closed-form" in shown(ledger)


def test_a_selection_can_be_linked_to_and_a_claim_can_be_reached_from_it(open_page):
    page = open_page(f"{PAGE}?verdict=corrected&chapter=The+minimal+task&nonsense=1")
    wanted = ids(lambda c: c.verdict == "corrected" and c.chapter == "minimal-task")
    assert shown(page) == wanted
    page.evaluate("() => { location.hash = 'claim-two-attractors'; }")
    page.wait_for_function(
        "() => document.getElementById('claim-two-attractors').closest('tr').checkVisibility()"
    )
    assert len(shown(page)) == len(CLAIMS)


def test_on_a_phone_nothing_of_a_claim_is_out_of_sight(open_page):
    page = open_page(PAGE, width=390, touch=True)
    cells = page.locator("tr:has([id^='claim-']) td")
    boxes = cells.evaluate_all(
        "all => all.map(n => n.getBoundingClientRect()).map(b => [b.left, b.right, b.width])"
    )
    assert len(boxes) == 4 * len(CLAIMS)
    assert all(left >= 0 and right <= 390 and width > 30 for left, right, width in boxes)
    assert page.locator("table:has([id^='claim-'])").first.get_by_role("row").count() > 1


def test_without_javascript_there_is_the_whole_ledger(open_page):
    page = open_page(PAGE, js=False)
    assert page.locator(".claims-filter").count() == 0
    assert shown(page) == [claim.id for claim in CLAIMS]


@pytest.mark.parametrize("width", [390, 1280])
def test_what_is_far_is_not_laid_out_and_the_page_is_about_as_high_as_it_stays(open_page, width):
    page = open_page(PAGE, width=width)
    last = page.locator("article td [id^='claim-']").last
    seen = "node => node.checkVisibility({contentVisibilityAuto: true})"
    height = "() => document.documentElement.scrollHeight"
    assert not last.evaluate(seen)
    guessed = page.evaluate(height)
    page.add_style_tag(content="* { content-visibility: visible !important; }")
    assert last.evaluate(seen)
    assert guessed == pytest.approx(page.evaluate(height), rel=0.15)


def test_a_link_to_the_last_claim_arrives(open_page):
    page = open_page(f"{PAGE}#claim-{CLAIMS[-1].id}")
    box = page.locator(":target").bounding_box()
    assert 0 <= box["y"] < 900
