"""What a page loads, and when: no more than it needs, nothing from others, widgets as they come."""

import base64
import gzip
import io
import json
import re
from urllib.parse import unquote, urlsplit

import pytest
from fontTools.ttLib import TTFont

from tools.book import ROOT, pages
from tools.chromium import VIEWS

HTML = ROOT / "_build" / "html"
PAGES = [f"{page}.html" for page in [*pages(), "search", "genindex"]]
WITH_WIDGETS = [
    path
    for path in PAGES
    if (HTML / path).is_file() and VIEWS[len("script[") : -1] in (HTML / path).read_text("utf-8")
]
NARROW = 360  # CSS pixels, a small phone

#: Of all that a page loads, in bytes as a server sends them with gzip: without images and widgets,
#: and, before the reader scrolls, the images near the window. Widgets come after the page, whenever
#: the browser has time; they have a budget of their own below.
BUDGET = 220_000
#: These grow with the book: every claim of every chapter stands on the ledger, and the index of the
#: search has every word of every section.
LEDGER = {"book/claims.html": 255_000, "search.html": 265_000}
IMAGES = 300_000

#: What widgets add when they come near: what all explorables share (axes, sliders, a player, words
#: in the picture, the setting in the address), and the rest of one; the script of all questions,
#: and the formulas of a drill.
SHARED = 24_000
OWN = 4_000
QUESTIONS = 6_000
DRILL = 600

_TEXT = {".html", ".css", ".js", ".svg"}

pytestmark = pytest.mark.browser


def size_sent(path) -> int:
    """Return how many bytes a server sends for a file."""
    data = path.read_bytes()
    return len(gzip.compress(data, 6)) if path.suffix in _TEXT else len(data)


def asked_of(page, site) -> list[str]:
    """Return a list that grows by what `page` asks for: paths, or the addresses of others."""
    asked = []

    def on_request(request):
        if request.url.startswith(site):
            asked.append(unquote(urlsplit(request.url).path).lstrip("/"))
        elif not request.url.startswith(("data:", "blob:")):
            asked.append(request.url)

    page.on("request", on_request)
    return asked


def pictures_near(page) -> list[str]:
    """Return the pictures that a page loads before it is scrolled: those near the window."""
    found = page.evaluate(
        """() => [...document.images].filter(image => image.loading !== 'lazy'
            || image.getBoundingClientRect().top < innerHeight + 1250).map(image => image.src)"""
    )
    return [unquote(urlsplit(address).path).lstrip("/") for address in found]


def waste(page, path, near, asked) -> list[str]:
    """Say what a page loads against the rules; `near` are the pictures that it loads at once."""
    widgets = [name for name in asked if name.startswith("_static/widgets/")]
    pictures = {name for name in asked if re.search(r"\.(png|svg)$", name)}
    own = set(asked) - set(widgets) - pictures
    sizes = {name: size_sent(HTML / name) for name in set(asked) if (HTML / name).is_file()}
    rest = [name for name in asked if name.endswith((".css", ".js")) and name not in widgets]
    searching = any(name.endswith(("searchindex.js", "searchtools.js")) for name in asked)
    drawn = page.locator(VIEWS).evaluate_all("all => all.map(view => view.dataset.drawn)")
    rules = {
        "nothing from others": not any("://" in name for name in asked),
        "its budget": sum(map(sizes.get, own & set(sizes))) < LEDGER.get(path, BUDGET),
        "that of its images": sum(map(sizes.get, pictures & set(near) & set(sizes))) < IMAGES,
        "no whole font and no MathJax": not any(
            re.search(r"fontawesome|/mathjax/.*\.js", name) for name in asked
        ),
        "the index only to search": searching == (path == "search.html"),
        "one style sheet": sum(name.endswith(".css") for name in asked) == 1,
        "widgets are drawn": drawn == ["yes"] * len(drawn)
        and bool(drawn) == (path in WITH_WIDGETS),
        "each file of a widget once": len(set(widgets)) == len(widgets),
        "widgets after the page": not widgets
        or max(map(asked.index, rest)) < min(map(asked.index, widgets)),
    }
    broken = [rule for rule, holds in rules.items() if not holds]
    return [*broken, f"asked for {sizes}"] if broken else []


def scripts_of(path) -> list[list[str]]:
    """Return the files of the JavaScript of every widget of a page, part by part."""
    text = (HTML / path).read_text("utf-8")
    found = []
    for address in re.findall(r'data-src="([^"]*)"', text):
        state = (HTML / path).parent.joinpath(address).read_text("utf-8")
        models = json.loads(state[state.index("push(") + 5 : state.rindex(")")])["state"]
        for values in (model["state"] for model in models.values()):
            if "_esm" in values:
                found.append([part["file"].rpartition("/")[2] for part in values["_esm"]])
    return found


@pytest.mark.parametrize("path", WITH_WIDGETS)
def test_a_widget_brings_little_of_its_own(path):
    for *before, last in scripts_of(path):
        sizes = [size_sent(HTML / "_static" / "widgets" / name) for name in (*before, last)]
        kind = last.rpartition("-")[0]
        if kind == "questions":
            assert sizes[-1] < QUESTIONS and sum(sizes[:-1]) < DRILL
        else:
            assert [name.rpartition("-")[0] for name in before] == ["shared"]
            assert sizes[0] < SHARED and sizes[1] < OWN


def test_what_widgets_share_is_one_file_for_the_whole_book():
    scripts = {(path, *parts) for path in WITH_WIDGETS for parts in scripts_of(path)}
    names = {name for _, *parts in scripts for name in parts}
    shared = {name for name in names if name.startswith("shared-")}
    questions = {name for name in names if name.startswith("questions-")}
    assert len(shared) == len(questions) == 1
    explorables = [own for _, first, *rest in scripts if first in shared for own in rest]
    assert len(explorables) > 5 and len(set(explorables)) == len(explorables)


# --- equations, which need no script -------------------------------------------------------

EQUATIONS = "book/contracting-maps.html"


def test_equations_stand_without_javascript(open_page):
    page = open_page(EQUATIONS, js=False)
    # All but those in the notes on symbols, which show when they are asked for.
    shown = page.locator(":not(.symbol-notes *) > mjx-container")
    boxes = shown.evaluate_all(
        "all => all.map(n => n.querySelector('mjx-math').getBoundingClientRect().width)"
    )
    assert len(boxes) > 50 and min(boxes) > 0
    assert page.locator("mjx-container math").count() == page.locator("mjx-container").count()


def test_an_equation_is_as_tall_as_the_text_around_it(open_page):
    page = open_page(EQUATIONS)
    heights = page.locator("p mjx-container").first.evaluate(
        """node => {
            const probe = document.createElement('span');
            probe.style.cssText = 'display: inline-block; height: 1ex';
            node.parentElement.append(probe);
            return [parseFloat(getComputedStyle(node).fontSize) * 0.442,
                    probe.getBoundingClientRect().height];
        }"""
    )
    assert heights[0] == pytest.approx(heights[1], rel=0.01)


def test_a_wide_equation_scrolls_and_the_keyboard_reaches_it(open_page):
    page = open_page(EQUATIONS, width=NARROW)
    wide = """() => [...document.querySelectorAll('div.math > mjx-container')]
        .filter(each => each.scrollWidth > each.clientWidth)"""
    page.wait_for_function(f"() => ({wide})().every(each => each.tabIndex === 0)")
    count = page.evaluate(f"() => ({wide})().length")
    assert count == page.locator("div.math > mjx-container[tabindex='0']").count() > 0


def test_a_link_into_a_chapter_arrives_where_it_leads(open_page):
    path = EQUATIONS
    ids = re.findall(r'<span id="(cell-[a-z-]+)"|id="(cell-[a-z-]+)"', (HTML / path).read_text())
    target = [one or other for one, other in ids][-1]
    page = open_page(f"{path}#{target}")
    top = page.locator(f"#{target}").evaluate("node => node.getBoundingClientRect().top")
    assert 0 <= top < 300


# --- icons ---------------------------------------------------------------------------------


def test_every_icon_is_in_the_font_that_the_pages_carry(open_page):
    [css] = [path.read_text("utf-8") for path in (HTML / "_static").glob("book-*.css")]
    fonts = [
        TTFont(io.BytesIO(base64.b64decode(data)))
        for data in re.findall(r"url\(data:font/woff;base64,([^)]*)\)", css)
    ]
    there = {code for font in fonts for code in font.getBestCmap()}
    for path in ("book/index.html", EQUATIONS, "search.html"):
        page = open_page(path)
        shown = page.locator("i[class*='fa-']").evaluate_all(
            "all => all.map(n => getComputedStyle(n, '::before').content)"
        )
        assert len(shown) > 5
        for content in shown:
            assert re.fullmatch('".?"', content) and ord(content[1]) in there, content
    # Those of arrows and admonitions, which belong to no element of their own.
    rules = [rule for rule in css.split("}") if ".fa-" not in rule and "mjx-" not in rule]
    # The theme declares icons of hosts of repositories; only those that a rule asks for count.
    named = dict(re.findall('(--pst-icon-[\\w-]+):"([\uf000-\uf8ff])"', css))
    asked = {name for name in named if f"var({name}" in css}
    own = re.sub('--pst-icon-[\\w-]+:"[^"]*"', "", "".join(rules))
    marks = {ord(mark) for mark in re.findall("[\uf000-\uf8ff]", own)}
    marks |= {ord(named[name]) for name in asked}
    assert len(marks) > 3 and marks <= there
