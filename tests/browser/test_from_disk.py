"""Every built page, opened from disk: its contents lead to their headings, and it is printed."""

import re
from functools import cache

import pytest
from findings import none_of
from test_weight import HTML, PAGES, WITH_WIDGETS

from tools import pdf
from tools.book import ROOT, chapters
from tools.chromium import draw_widgets

NARROW = 360  # CSS pixels, a small phone
WIDE = 1280

WITH_CONTENTS = [
    path
    for path in PAGES
    if (HTML / path).is_file() and "pst-page-toc-nav" in (HTML / path).read_text("utf-8")
]
PAPER = {*(f"book/{name}.html" for name in chapters()), *WITH_WIDGETS}

pytestmark = pytest.mark.browser

# --- where links lead --------------------------------------------------------------------

_CLICK = "name => document.querySelector(`#pst-page-toc-nav a[href='${name}']`).click()"

#: Where a heading comes to rest, in CSS pixels below the window's top, and how far one can still
#: scroll. What moves it between two frames, the page mends in the next: so both are looked at.
_PLACE = """([name, frames]) => new Promise(done => {
    const heading = document.getElementById(name.slice(1)).querySelector('h1, h2, h3, h4');
    let last, same = 0;
    const look = () => {
        const {scrollHeight, clientHeight} = document.documentElement;
        const place = [heading.getBoundingClientRect().top, scrollHeight - clientHeight - scrollY];
        same = String(place) === last ? same + 1 : 0;
        last = String(place);
        if (same < frames) requestAnimationFrame(() => setTimeout(look));
        else done(place);
    };
    look();
})"""

_HEIGHT = "() => document.documentElement.scrollHeight"

#: Read a page to its end, by steps within which all comes near the window; its height at each.
_READ = """async () => {
    const heights = new Set();
    for (let top = 0; top < document.documentElement.scrollHeight; top += 3 * innerHeight) {
        scrollTo({top, behavior: 'instant'});
        await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        heights.add(document.documentElement.scrollHeight);
    }
    return [...heights];
}"""


def missed(page, name: str, frames: int = 10) -> str | None:
    """Say where the heading that a link of the contents leads to is, if not at the window's top."""
    top, left = page.evaluate(_PLACE, [name, frames])
    lowest = page.viewport_size["height"]
    good = 0 <= top < 120 or (left < 2 and 0 <= top < lowest)
    return None if good else f"{name}: {top:.0f} px below the top, {left:.0f} px left"


def sections(page) -> list[str]:
    """Return the addresses in the contents of a page."""
    links = page.locator("#pst-page-toc-nav a")
    return links.evaluate_all("all => all.map(link => link.getAttribute('href'))")


@pytest.mark.parametrize("path", ["book/notation.html", "book/experiments.html"])
def test_a_page_that_nobody_touches_is_laid_out_too(open_page, path):
    page = open_page(path, width=NARROW, draw=False)
    draw_widgets(page)
    assert page.evaluate(_READ) == [page.evaluate(_HEIGHT)]
    assert page.locator(".late").count() == 0


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("book/three-conditions.html", "#claims-settled-here"),
        # What stands below it is laid out long after it.
        ("book/vanishing-gradient.html", "#latch-on-an-attractor-that-does-not-contract"),
        ("book/attractors.html", "#break-it"),
    ],
)
def test_a_link_into_a_page_arrives_and_stays(open_page, path, name):
    page = open_page(f"{path}{name}", width=WIDE, draw=False)
    assert missed(page, name) is None
    draw_widgets(page)
    page.wait_for_function("() => document.documentElement.dataset.layout === 'done'")
    assert missed(page, name) is None
    # But who reads on is let go.
    start = page.evaluate("() => scrollY")
    page.mouse.move(WIDE // 2, 450)  # not over the contents, which scroll by themselves
    page.mouse.wheel(0, -2000)
    page.wait_for_function("start => scrollY < start", arg=start)
    page.evaluate("() => document.body.append(document.createElement('hr'))")
    assert missed(page, name) is not None


# --- paper -------------------------------------------------------------------------------

#: What belongs on a screen.
SCREEN = ".bd-sidebar-primary, .bd-sidebar-secondary, .bd-header-article, .prev-next-footer"
SCREEN += ", .copybtn, .headerlink, .toggle-button, .picture-download, .report-error, summary svg"
SCREEN += ", .fold > summary, .widget-host"
A4 = 680  # CSS pixels within the margins


def on_paper(page) -> dict[str, list[str]]:
    """Return what is seen where `page` is printed, and is wrong there."""
    page.set_viewport_size({"width": A4, "height": 1000})
    page.emulate_media(media="print")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    return page.evaluate(
        """screen => {
            const seen = node => node.checkVisibility({visibilityProperty: true});
            const all = (what, wrong) => [...document.querySelectorAll(what)].filter(wrong)
                .map(node => node.outerHTML.slice(0, 80));
            return {
                'of the screen': all(screen, seen),
                'folded': all('details:not([open]), .toggle-hidden', () => true),
                'wide': all(':is(pre, table, img, mjx-container, figure):is(article *)',
                    node => seen(node) && !node.closest('mjx-assistive-mml')
                        && node.getBoundingClientRect().right > innerWidth + 1),
                'no picture': all('.explorable-static', node => !seen(node)),
            };
        }""",
        SCREEN,
    )


@cache
def book():
    """Return the sheets of the printed book by their paths, and what each page is told."""
    sheets = pdf.sheets(ROOT / "_toc.yml", HTML)
    return {sheet.path: sheet for sheet in sheets}, pdf.settings(sheets, HTML, "")


@pytest.mark.parametrize("path", sorted({*WITH_CONTENTS, *PAPER}))
def test_links_of_the_contents_lead_to_their_headings_and_a_page_can_be_printed(open_page, path):
    page = open_page(path, width=WIDE, from_disk=True, draw=False)
    wrong = {}
    if path in WITH_CONTENTS:
        names = sections(page)
        # At once, while the page is still being laid out; then it must not move away.
        page.evaluate(_CLICK, names[-1])
        wrong["at once"] = [missed(page, names[-1])]
        draw_widgets(page)
        wrong["laid out"] = [missed(page, names[-1])]
        height = page.evaluate(_HEIGHT)
        wrong["by contents"] = []
        for name in names:
            page.evaluate(_CLICK, name)
            wrong["by contents"].append(missed(page, name, frames=3))
        wrong["other heights"] = [each for each in page.evaluate(_READ) if each != height]
    if path in PAPER:
        draw_widgets(page)
        wrong |= on_paper(page)
        # And as a chapter of the printed book.
        page.set_viewport_size({"width": pdf.WIDTH, "height": 1000})
        sheets, settings = book()
        wrong["wide in the book"] = page.evaluate(*pdf.script(sheets[path], settings))["wide"]
    none_of(wrong)


def test_printing_a_dark_page_is_white_and_leaves_no_trace(open_page):
    page = open_page("book/plateaus.html", theme="dark")
    state = """() => [document.documentElement.dataset.theme,
        [...document.querySelectorAll('details')].map(each => each.open)]"""
    before = page.evaluate(state)
    assert before[0] == "dark"
    on_paper(page)
    ground = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert ground in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
    ink = page.evaluate("() => getComputedStyle(document.querySelector('article p')).color")
    assert max(map(int, re.findall(r"\d+", ink)[:3])) < 90
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(state) == before
