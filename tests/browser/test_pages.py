"""Every built page, opened in Chromium: no error, no third party, readable by everybody."""

from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe

from tools.book import ROOT, pages
from tools.chromium import draw_widgets

HTML = ROOT / "_build" / "html"
NARROW = 360  # CSS pixels, a small phone
WIDE = 1280

#: What the theme adds to the pages of _toc.yml, without the redirect at the root.
EXTRA = ["search", "genindex"]
PAGES = [f"{page}.html" for page in [*pages(), *EXTRA]]

pytestmark = pytest.mark.browser


def complaints(page, own: str) -> list[str]:
    """Return a list that grows by what the browser complains about while `page` loads.

    `own` is the host and port that the page may ask.
    """
    found = []

    def on_console(message):
        if message.type in ("error", "warning"):
            found.append(f"console {message.type}: {message.text}")

    def on_request(request):
        scheme, _, rest = request.url.partition("://")
        if scheme in ("http", "https", "ws", "wss") and rest.split("/")[0] != own:
            found.append(f"third party: {request.url}")

    def on_response(response):
        if response.status >= 400:
            found.append(f"status {response.status}: {response.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: found.append(f"page error: {error}"))
    page.on("request", on_request)
    page.on("response", on_response)
    page.on("requestfailed", lambda request: found.append(f"failed: {request.url}"))
    return found


@pytest.fixture
def open_watched(open_page, site):
    """Return a function that opens a page, settled, and returns it with the complaints so far."""

    def open_(path, script="", **options):
        found = []

        def before(page):
            if script:
                page.add_init_script(script)
            page.context.route("http://192.0.2.1/**", lambda route: route.abort())
            found.append(complaints(page, site.partition("://")[2]))

        page = open_page(path, before=before, **options)
        settle(page)
        page.wait_for_load_state("networkidle")
        return page, found[0]

    return open_


def settle(page) -> None:
    """Have everything loaded, drawn and laid out, near the window or not, and nothing glide.

    A sidebar that glides away changes the width of the text for a while after the window's.
    """
    page.add_style_tag(
        content="* { content-visibility: visible !important; transition: none !important; }"
    )
    page.evaluate(
        """async () => {
            for (const image of document.images) image.loading = 'eager';
            await Promise.allSettled([...document.images].map(image => image.decode()));
        }"""
    )
    draw_widgets(page)


def formula_problems(page) -> list[str]:
    """Return the formulas that MathJax could not set, or did not, when the book was built."""
    wrong = page.locator("mjx-merror, mjx-container [data-mjx-error]").all_text_contents()
    written = page.locator(".math:not(script)").count()
    typeset = page.locator("mjx-container").count()
    if written > typeset:
        wrong.append(f"{written} formulas written, {typeset} set")
    return wrong


def images_without_text(page) -> list[str]:
    """Return the sources of the images that have no alternative text."""
    return page.evaluate(
        """() => [...document.images]
            .filter(image => !(image.getAttribute('alt') ?? '').trim())
            .map(image => image.src)"""
    )


def overflow(page) -> int:
    """Return by how many CSS pixels the page is wider than the window."""
    return page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


#: What axe finds out from colours. All its other rules see the same in both themes.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
#: And what it finds out from places, which are others on a phone, and others where nothing hovers.
PLACE_RULES = ["target-size", "link-in-text-block"]


def accessibility_problems(
    page, rules: list[str] | None = None, without: tuple[str, ...] | list[str] = ()
) -> list[str]:
    """Return the violations that axe finds, with the first element of each.

    By all rules, by `rules` alone, or by all but those in `without`.
    """
    # Lighthouse asks for the size of targets, which axe by itself does not.
    others = {name: {"enabled": False} for name in without}
    options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}, **others}}
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    return [
        f"{found['id']}: {found['help']}: {found['nodes'][0]['html'][:200]}"
        for found in Axe().run(page, options=options).response["violations"]
    ]


def thin_out_equations(page, keep: int = 10) -> None:
    """Leave the first equations whole, and of the others their place.

    All are set by the same program, and make up two thirds of the elements of a page.
    """
    page.evaluate(
        """keep => {
            for (const node of [...document.querySelectorAll('mjx-container')].slice(keep))
                node.textContent = 'equation';
        }""",
        keep,
    )


@contextmanager
def plain_code(page):
    """Leave of coloured code its text, in the same place, and put the colours back.

    Its tokens are half of the elements of a page, and nothing but their colours can be wrong.
    """
    page.evaluate(
        """() => {
            window.coloured = [...document.querySelectorAll('article pre')]
                .filter(node => !node.querySelector('a, button, input'))
                .map(node => [node, [...node.childNodes]]);
            for (const [node] of coloured) node.textContent = node.textContent;
        }"""
    )
    yield
    page.evaluate("() => { for (const [pre, parts] of coloured) pre.replaceChildren(...parts); }")


def thin_out(page) -> None:
    """Take out, of all that looks the same in the same surroundings, all but the first.

    axe measures the contrast of every piece of text, ten seconds for the thousands of a page. Same
    tags, classes, colours and fonts, up to the root, get the same verdict. The name of a cell is
    one of its classes, and says nothing of its looks.
    """
    page.evaluate(
        """() => {
            const looks = new Map(), known = new Map();
            function look(node) {
                if (!node) return '';
                if (!known.has(node)) {
                    const {color, backgroundColor, backgroundImage, fontSize, fontWeight, opacity,
                        textDecorationLine} = getComputedStyle(node);
                    const names = node.getAttribute('class')?.replace(/\\btag_cell-\\S+/, '');
                    const own = [node.tagName, names, color, backgroundColor,
                        backgroundImage, fontSize, fontWeight, opacity, textDecorationLine,
                        look(node.parentElement)].join();
                    if (!looks.has(own)) looks.set(own, looks.size);
                    known.set(node, looks.get(own));
                }
                return known.get(node);
            }
            const leaves = [...document.querySelectorAll('article *')]
                .filter(node => !node.children.length && node.textContent.trim());
            const seen = new Set(), again = [];
            for (const leaf of leaves) {
                if (seen.has(look(leaf))) again.push(leaf);
                seen.add(look(leaf));
            }
            for (let node of again) {
                for (let above; node.matches('article *'); node = above) {
                    above = node.parentElement;
                    node.remove();
                    if (above.children.length || above.textContent.trim()) break;
                }
            }
        }"""
    )


def darken(page) -> None:
    """Let the reader's system ask for the dark theme, and wait until no colour moves any more."""
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    page.evaluate(
        """() => Promise.allSettled(document.getAnimations()
            .filter(each => each instanceof CSSTransition).map(each => each.finished))"""
    )


def as_on_a_phone(page) -> None:
    """Make the window that of a phone, where nothing hovers."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 1})
    assert page.evaluate("() => matchMedia('(hover: none)').matches")
    resize(page, NARROW)


def resize(page, width: int) -> None:
    """Set the width of the window, and wait until the explorables are drawn for it."""
    page.set_viewport_size({"width": width, "height": 900})
    # The page may hear of it some frames later.
    page.wait_for_function("width => innerWidth === width", arg=width)
    page.evaluate(
        """async () => {
            for (let frame = 0; frame < 3; frame++)
                await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        }"""
    )


@pytest.mark.parametrize("path", PAGES)
def test_page_loads_clean_fits_a_small_phone_and_is_accessible_in_both_themes(open_watched, path):
    page, found = open_watched(path, theme="light", width=WIDE)
    assert found == []
    assert formula_problems(page) == []
    assert images_without_text(page) == []
    as_on_a_phone(page)
    assert overflow(page) == 0
    thin_out_equations(page)
    with plain_code(page):
        assert accessibility_problems(page, PLACE_RULES) == []
        # Chromium does not turn the hovering on again: what waits for a pointer is seen here too.
        resize(page, WIDE)
        assert accessibility_problems(page, without=COLOUR_RULES) == []
    thin_out(page)
    assert accessibility_problems(page, COLOUR_RULES) == []
    darken(page)
    assert accessibility_problems(page, COLOUR_RULES) == []
    assert found == []


def test_a_page_is_accessible_where_things_hover(open_page):
    page = open_page("book/latch-neuron.html", theme="light", width=WIDE)
    settle(page)
    assert page.evaluate("() => matchMedia('(hover: hover)').matches")
    thin_out_equations(page)
    assert accessibility_problems(page) == []


# --- where links lead --------------------------------------------------------------------

_CLICK = "name => document.querySelector(`#pst-page-toc-nav a[href='${name}']`).click()"

#: Where a heading comes to rest, in CSS pixels below the window's top, and how far one can still
#: scroll. What moves it between two frames, the page mends in the next: so both are looked at.
_PLACE = """name => new Promise(done => {
    const heading = document.getElementById(name.slice(1)).querySelector('h1, h2, h3, h4');
    let last, same = 0;
    const look = () => {
        const {scrollHeight, clientHeight} = document.documentElement;
        const place = [heading.getBoundingClientRect().top, scrollHeight - clientHeight - scrollY];
        same = String(place) === last ? same + 1 : 0;
        last = String(place);
        if (same < 10) requestAnimationFrame(() => setTimeout(look));
        else done(place);
    };
    look();
})"""

_HEIGHT = "() => document.documentElement.scrollHeight"

#: Read a page to its end, a window at a time, and give its height at each.
_READ = """async () => {
    const heights = new Set();
    for (let top = 0; top < document.documentElement.scrollHeight; top += innerHeight) {
        scrollTo({top, behavior: 'instant'});
        await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        heights.add(document.documentElement.scrollHeight);
    }
    return [...heights];
}"""


def missed(page, name: str) -> str | None:
    """Say where the heading that a link of the contents leads to is, if not at the window's top."""
    top, left = page.evaluate(_PLACE, name)
    lowest = page.viewport_size["height"]
    good = 0 <= top < 120 or (left < 2 and 0 <= top < lowest)
    return None if good else f"{name}: {top:.0f} px below the top, {left:.0f} px left"


def sections(page) -> list[str]:
    """Return the addresses in the contents of a page."""
    links = page.locator("#pst-page-toc-nav a")
    return links.evaluate_all("all => all.map(link => link.getAttribute('href'))")


WITH_CONTENTS = [
    path
    for path in PAGES
    if (HTML / path).is_file() and "pst-page-toc-nav" in (HTML / path).read_text("utf-8")
]


@pytest.mark.parametrize("path", WITH_CONTENTS)
def test_links_of_the_contents_lead_to_their_headings_and_a_page_keeps_its_height(open_page, path):
    page = open_page(path, width=WIDE, draw=False)
    names = sections(page)
    # At once, while the page is still being laid out; then it must not move away.
    page.evaluate(_CLICK, names[-1])
    assert missed(page, names[-1]) is None
    draw_widgets(page)
    assert missed(page, names[-1]) is None
    height = page.evaluate(_HEIGHT)
    for name in names:
        page.evaluate(_CLICK, name)
        assert missed(page, name) is None
    assert page.evaluate(_READ) == [height]


@pytest.mark.parametrize("path", ["book/claims.html", "book/experiments.html"])
def test_a_page_that_nobody_touches_is_laid_out_too(open_page, path):
    page = open_page(path, width=NARROW)
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


# --- each check against a page that breaks it --------------------------------------------


def test_what_is_broken_is_found(open_page):
    page = open_page("book/references.html", theme="light", width=NARROW)
    assert (images_without_text(page), overflow(page)) == ([], 0)
    page.evaluate(
        """() => {
            const article = document.querySelector('article');
            article.insertAdjacentHTML('beforeend',
                '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt=" ">' +
                '<p style="width: 3000px; color: #ccc">wide and pale</p>' +
                '<mjx-merror>bad</mjx-merror><span class="math">$x$</span>');
        }"""
    )
    assert len(images_without_text(page)) == 1
    assert overflow(page) > 0
    assert any(found.startswith("color-contrast") for found in accessibility_problems(page))
    darken(page)
    page.add_style_tag(content="article p { color: #333 !important }")
    for rules in (None, COLOUR_RULES):
        found = accessibility_problems(page, rules)
        assert any(problem.startswith("color-contrast") for problem in found)
    wrong = formula_problems(page)
    assert wrong[0] == "bad" and "1 formulas written, 0 set" in wrong[1]
