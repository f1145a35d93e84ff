"""Every built page, opened in Chromium: no error, no third party, readable by everybody."""

from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from findings import none_of
from test_weight import PAGES, asked_of, pictures_near, waste

from tools.chromium import draw_widgets

NARROW = 360  # CSS pixels, a small phone
WIDE = 1280
WIDTHS = (1920, 768)  # CSS pixels: a desk, a tablet

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


def links_named_by_address(page) -> list[str]:
    """Return the addresses of the links that have no other name."""
    return page.evaluate(
        """() => [...document.querySelectorAll('article a[href]')]
            .filter(link => link.textContent.trim() === link.getAttribute('href'))
            .map(link => link.getAttribute('href'))
            .filter(address => !/^https?:/.test(address))"""
    )


def overflow(page) -> int:
    """Return by how many CSS pixels the page is wider than the window."""
    return page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


#: What axe finds out from colours. All its other rules see the same in both themes.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
#: And what from places: targets are smallest on a phone, and those of the sidebars the same on all.
PLACE_RULES = ["target-size"]


def accessibility_problems(
    page, rules: list[str] | None = None, without: tuple[str, ...] | list[str] = ()
) -> list[str]:
    """Return the violations that axe finds, with the first element of each.

    By all rules, by `rules` alone, or by all but those in `without`.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(Axe().axe_script)
    # Lighthouse asks for the size of targets, which axe by itself does not.
    others = {name: {"enabled": False} for name in without}
    options = {"rules": {"target-size": {"enabled": True}, **others}}
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    # It need not load the style sheets again: no rule that is on by itself reads them.
    options |= {"resultTypes": ["violations"], "preload": False}
    found = page.evaluate("async options => (await axe.run(document, options)).violations", options)
    return [f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:200]}" for each in found]


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


#: What has been measured of how text looks, on any page.
_LOOKS = set()


def thin_out(page) -> None:
    """Take out the text that looks like other text in the same surroundings, on any page.

    axe measures the contrast of every piece of text, ten seconds for the thousands of a page. Same
    tags, classes, colours and fonts, up to the root, get the same verdict. The name of a cell is
    one of its classes, and says nothing of its looks.
    """
    fresh = page.evaluate(
        """seen => {
            const looks = new Set(seen), known = new Map(), kept = new Set();
            const fresh = [], again = [];
            // To 53 bits (cyrb53), so that thousands of them are carried from page to page.
            function short(text) {
                let a = 0xdeadbeef, b = 0x41c6ce57;
                for (let k = 0; k < text.length; k++) {
                    a = Math.imul(a ^ text.charCodeAt(k), 2654435761);
                    b = Math.imul(b ^ text.charCodeAt(k), 1597334677);
                }
                return 4294967296 * (2097151 & b) + (a >>> 0);
            }
            function look(node) {
                if (!node) return '';
                if (!known.has(node)) {
                    const {color, backgroundColor, backgroundImage, fontSize, fontWeight, opacity,
                        textDecorationLine} = getComputedStyle(node);
                    const names = node.getAttribute('class')?.replace(/\\btag_cell-\\S+/, '');
                    known.set(node, short([node.tagName, names, color, backgroundColor,
                        backgroundImage, fontSize, fontWeight, opacity, textDecorationLine,
                        look(node.parentElement)].join()));
                }
                return known.get(node);
            }
            const speaks = node => node.matches('input, select, textarea') || [...node.childNodes]
                .some(part => part.nodeType === Node.TEXT_NODE && part.data.trim());
            for (const node of [...document.querySelectorAll('body *')].filter(speaks)) {
                (looks.has(look(node)) ? again : fresh).push(node);
                looks.add(look(node));
            }
            // A link is compared with the text around it.
            for (let node of fresh) for (; node; node = node.parentElement) kept.add(node);
            for (let node of again) {
                for (let above; !kept.has(node) && node.matches('body *'); node = above) {
                    above = node.parentElement;
                    node.remove();
                    if (above.children.length || above.textContent.trim()) break;
                }
            }
            return fresh.map(look);
        }""",
        list(_LOOKS),
    )
    _LOOKS.update(fresh)


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
    resize(page, NARROW)
    assert page.evaluate("() => matchMedia('(hover: none)').matches")


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


#: What one cannot get to see: cut off at the window or by a box that does not scroll.
_CLIPPED = """() => {
    const found = [];
    const article = document.querySelector('article') ?? document.body;
    for (const node of article.querySelectorAll('table, mjx-container, img, figure, pre, svg')) {
        const box = node.getBoundingClientRect();
        if (box.width < 2 || box.height < 2 || node.closest('mjx-assistive-mml')) continue;
        if (!node.checkVisibility({visibilityProperty: true})) continue;
        const outside = edge => box.right > edge.right + 1 || box.left < edge.left - 1;
        let by = outside({left: 0, right: innerWidth}) ? 'the window' : null;
        for (let up = node.parentElement; up; up = up.parentElement) {
            const flow = getComputedStyle(up).overflowX;
            if (flow === 'visible' || !outside(up.getBoundingClientRect())) continue;
            by = flow === 'hidden' || flow === 'clip' ? up.className : null;
            break;
        }
        if (by !== null) found.push(`${node.outerHTML.slice(0, 60)} by ${by}`);
    }
    return found;
}"""

#: On a phone: a number on its equation, lines of a cell that have to be scrolled, and a comma that
#: begins a line because an equation ended the last one.
_TORN = """() => {
    const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top
        || b.bottom <= a.top;
    const box = node => node.getBoundingClientRect();
    const short = node => node.outerHTML.slice(0, 60);
    const on = [...document.querySelectorAll('div.math > .eqno')]
        .filter(node => !apart(box(node), box(node.parentElement.querySelector('mjx-container'))));
    const wide = [...document.querySelectorAll('.cell_input pre, .cell_output pre')]
        .filter(node => node.scrollWidth > node.clientWidth + 1);
    const fallen = [...document.querySelectorAll('span.math')].filter(node => {
        let last = node, range = document.createRange();
        while (!last.nextSibling && last.parentElement.matches('a, em, strong, span'))
            last = last.parentElement;
        const next = last.nextSibling;
        if (next?.nodeType !== Node.TEXT_NODE || !/^[.,;:!?)\\]]/.test(next.data)) return false;
        range.setStart(next, 0);
        range.setEnd(next, 1);
        return range.getBoundingClientRect().left < box(node).left
            && !node.querySelector('mjx-math :nth-child(10)');
    });
    return [on, wide, fallen].flatMap(nodes => nodes.map(short));
}"""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_clean_and_light_fits_every_width_and_is_accessible_in_both_themes(
    open_page, site, path
):
    wrong, heard, asked = {}, [], []

    def before(page):
        heard.append(complaints(page, site.partition("://")[2]))
        asked.append(asked_of(page, site))

    # One opening serves them all: what opens a page costs more than what looks at it.
    page = open_page(path, width=WIDTHS[0], before=before)
    near = pictures_near(page)
    settle(page)
    wrong["formulas"] = formula_problems(page)
    wrong["images"] = images_without_text(page)
    wrong["names of links"] = links_named_by_address(page)
    for width in WIDTHS:
        resize(page, width)
        wrong[f"cut off at {width}"] = page.evaluate(_CLIPPED)
        wrong[f"wider than {width}"] = overflow(page)
    as_on_a_phone(page)
    wrong["cut off on a phone"] = page.evaluate(_CLIPPED)
    wrong["wider than a phone"] = overflow(page)
    wrong["torn on a phone"] = page.evaluate(_TORN)
    wrong["weight"] = waste(page, path, near, asked[0])
    thin_out_equations(page)
    with plain_code(page):
        wrong["on a phone"] = accessibility_problems(page, PLACE_RULES)
        # Chromium does not turn the hovering on again: what waits for a pointer is seen here too.
        resize(page, WIDE)
        others = COLOUR_RULES + PLACE_RULES
        wrong["but for colours and places"] = accessibility_problems(page, without=others)
    thin_out(page)
    wrong["light colours"] = accessibility_problems(page, COLOUR_RULES)
    darken(page)
    wrong["dark colours"] = accessibility_problems(page, COLOUR_RULES)
    wrong["the browser"] = heard[0]
    none_of(wrong)


def test_a_page_is_accessible_where_things_hover(open_page):
    page = open_page("book/latch-neuron.html", theme="light", width=WIDE)
    settle(page)
    assert page.evaluate("() => matchMedia('(hover: hover)').matches")
    thin_out_equations(page)
    assert accessibility_problems(page) == []


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
                '<a href="em.html#see">em.html#see</a>' +
                '<mjx-merror>bad</mjx-merror><span class="math">$x$</span>');
        }"""
    )
    assert len(images_without_text(page)) == 1
    assert links_named_by_address(page) == ["em.html#see"]
    assert overflow(page) > 0
    assert any(found.startswith("color-contrast") for found in accessibility_problems(page))
    darken(page)
    page.add_style_tag(content="article p { color: #333 !important }")
    for rules in (None, COLOUR_RULES):
        found = accessibility_problems(page, rules)
        assert any(problem.startswith("color-contrast") for problem in found)
    wrong = formula_problems(page)
    assert wrong[0] == "bad" and "1 formulas written, 0 set" in wrong[1]
