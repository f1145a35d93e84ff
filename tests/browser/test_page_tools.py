"""What a reader does with a page: folds and copies code, downloads, searches, prints."""

import base64
import io
import re
import unicodedata

import pytest
from built import soup
from pypdf import PdfReader

from tools.book import ROOT, chapters, pages, title
from tools.chromium import draw_widgets
from tools.standalone import CELL_ID

HTML = ROOT / "_build" / "html"
PAGES = [f"{page}.html" for page in pages()]
CHAPTERS = [f"book/{name}.html" for name in chapters()]
CHAPTER = "book/plateaus.html"
OTHER = "book/latch-neuron.html"

pytestmark = pytest.mark.browser

OPEN = "() => [...document.querySelectorAll('details.fold-code')].map(each => each.open)"


def choose(page, what: str) -> None:
    """Pick an entry of the menu of all code."""
    page.get_by_role("button", name="Fold the code").click()
    page.get_by_role("button", name=what, exact=True).click()


def said(page) -> str:
    page.wait_for_function("() => document.querySelector('#page-status').textContent")
    return page.locator("#page-status").text_content()


# --- code --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", CHAPTERS)
def test_every_code_cell_folds_and_says_how_long_it_is(path):
    # As it is written, so for a reader without JavaScript too.
    page = soup(path)
    cells = page.select(".cell_input")
    folded = page.select("details.fold-code > .cell_input")
    assert cells == folded
    labels = [each.get_text() for each in page.select("details.fold-code > summary")]
    assert labels and all(
        re.fullmatch(r"(Code|Imports), (1 line|\d+ lines)", text) for text in labels
    )
    hidden = page.select(".cell.tag_hide-input > details.fold-code")
    for fold in page.select("details.fold-code"):
        # What says nothing on a page: imports, and an exercise's answer that is not there yet.
        source = fold.select_one(".cell_input").get_text().strip()
        imports = all(line.startswith(("import ", "from ")) for line in source.splitlines())
        label = fold.select_one("summary").get_text()
        if imports or label.startswith("Imports") or source.startswith("answer = ..."):
            hidden.append(fold)
    assert len(hidden) >= 4 and not any(each.has_attr("open") for each in hidden)


def test_without_javascript_a_cell_folds_too(open_page):
    page = open_page(CHAPTER, js=False)
    fold = page.locator(f"details.fold-code >> nth={page.evaluate(OPEN).index(True)}")
    assert fold.locator("pre").is_visible()
    fold.locator("summary").press("Enter")
    assert not fold.locator("pre").is_visible()


def test_a_cell_folds_by_keyboard(open_page):
    page = open_page(CHAPTER, draw=False)
    fold = page.locator(f"details.fold-code >> nth={page.evaluate(OPEN).index(True)}")
    assert fold.evaluate("each => each.open")
    summary, code = fold.locator("summary"), fold.locator("pre")
    box = summary.bounding_box()
    assert box["width"] >= 24 and box["height"] >= 24
    summary.focus()
    page.keyboard.press("Enter")
    assert not code.is_visible() and not fold.evaluate("each => each.open")
    page.keyboard.press("Space")
    assert code.is_visible()


def test_all_code_folds_and_the_next_page_knows(open_page):
    page = open_page(CHAPTER, draw=False)
    as_built = page.evaluate(OPEN)
    assert True in as_built and False in as_built
    draw_widgets(page)
    page.evaluate("() => document.querySelector('#run').scrollIntoView({behavior: 'instant'})")
    top = "() => document.querySelector('#run h2').getBoundingClientRect().top"
    before = page.evaluate(top)
    # By the script, since Playwright's own click may scroll.
    page.locator(".btn-code-hide").evaluate("button => button.click()")
    assert set(page.evaluate(OPEN)) == {False}
    assert said(page) == "All code is hidden"
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => "
        "requestAnimationFrame(() => setTimeout(done)))))"
    )
    assert abs(page.evaluate(top) - before) < 2, "the text moved away under the reader"

    page.goto(page.url.replace(CHAPTER, OTHER), wait_until="load")
    assert set(page.evaluate(OPEN)) == {False}
    page.get_by_role("button", name="Fold the code").click()
    pressed = page.locator(".dropdown-code-buttons [aria-pressed=true]")
    assert pressed.all_inner_texts() == ["Hide all code"]
    page.get_by_role("button", name="Show all code").click()
    assert set(page.evaluate(OPEN)) == {True}
    page.reload(wait_until="load")
    assert set(page.evaluate(OPEN)) == {True}

    page.goto(page.url.replace(OTHER, CHAPTER), wait_until="load")
    choose(page, "Fold as the book does")
    assert page.evaluate(OPEN) == as_built
    assert page.evaluate("() => localStorage.getItem('latch-code')") is None


def test_code_is_copied_by_keyboard_and_it_is_said(open_page):
    page = open_page(CHAPTER, draw=False)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = page.locator("details.fold-code[open] .copybtn").nth(1)
    assert button.evaluate("each => getComputedStyle(each).opacity") == "0"
    button.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")  # as a reader comes to it: focus by keyboard
    page.wait_for_function("() => getComputedStyle(document.activeElement).opacity === '1'")
    assert button.get_attribute("aria-label") == "Copy this code"
    page.keyboard.press("Enter")
    assert said(page) == "Copied!"
    code = page.locator("details.fold-code[open] pre").nth(1).text_content().strip()
    assert page.evaluate("() => navigator.clipboard.readText()").strip() == code


#: Select what an element holds, and give what is selected and what is copied.
_COPY = """async node => {
    getSelection().selectAllChildren(node);
    const selected = String(getSelection());
    document.execCommand('copy');
    return [selected, await navigator.clipboard.readText()];
}"""


#: The same of every fifth text with equations, within the page: with the equations it shows.
_COPY_ALL = f"""async nodes => {{
    const found = [];
    for (let k = 0; k < nodes.length; k += 5) {{
        const node = nodes[k];
        if (!node.checkVisibility({{visibilityProperty: true}})) continue;  // in a closed fold
        found.push({{
            copies: await ({_COPY})(node),
            shown: [...node.querySelectorAll(':scope > :is(.math, .symbol, .together) .tex')]
                .map(tex => tex.textContent),
            equations: node.querySelectorAll('.tex').length,
            // MathJax puts an accent on a line of its own, which is copied as one.
            oneLine: node.matches('p') && !node.querySelector('br, div, mjx-over'),
        }});
    }}
    return found;
}}"""


@pytest.mark.parametrize("path", [OTHER, "book/contracting-maps.html", "book/notation.html"])
def test_a_sentence_is_copied_with_its_equations_in_tex(open_page, path):
    page = open_page(path)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    texts = page.locator("article :is(p, td, li):has(> :is(.math, .symbol, .together))")
    found = texts.evaluate_all(_COPY_ALL)
    assert len(found) > 4
    for text in found:
        for copied in text["copies"]:
            assert [eq for eq in text["shown"] if eq not in copied] == []
            assert len(copied.split("$")) == 2 * text["equations"] + 1
            assert not re.search(r"\$\s*symbol\b", copied)
        # An equation is no end of a line: of the text, only what the page itself ends is.
        assert not text["oneLine"] or "\n" not in text["copies"][1].strip()


def test_of_a_section_only_what_one_reads_is_copied(open_page):
    page = open_page(OTHER)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for name in ("derive", "exercises"):
        section = page.locator(f"#{name}")
        selected, copied = section.evaluate(_COPY)
        assert section.locator("h2").inner_text().rstrip("#\n") in copied
        for unwanted in ("Code,", "Copy", "Permanent link", "Python:", "Check\n", "\uf0c1"):
            assert unwanted not in selected and unwanted not in copied, unwanted
        assert not re.search(r"\$\s*symbol\b", selected + copied)
        displayed = section.locator("div.math .tex").all_text_contents()
        assert name == "exercises" or displayed
        assert all(tex in copied for tex in displayed if tex.startswith("$$"))


# --- to take away ------------------------------------------------------------------------


def downloaded(page, link):
    """Click a link that saves a file; return the file's name and content."""
    with page.expect_download() as waiting:
        link.click()
    return waiting.value.suggested_filename, waiting.value.path().read_bytes()


@pytest.mark.parametrize("path", CHAPTERS)
def test_every_figure_can_be_downloaded_under_its_name(path):
    page = soup(path)
    figures = [figure for figure in page.select("article figure") if figure.find("img")]
    assert all(len(figure.select("a.picture-download")) == 1 for figure in figures)
    chapter = path.removeprefix("book/").removesuffix(".html")
    links = page.select("a.picture-download")
    assert len(links) >= len(figures)
    every = [(link["href"], link["download"], link.get_text()) for link in links]
    assert len({href for href, _, _ in every}) == len(every)
    for href, name, text in every:
        assert re.fullmatch(rf"{chapter}-[a-z0-9-]+\.(svg|png)", name), name
        assert href == f"../_images/{name}" and (HTML / "_images" / name).is_file()
        assert re.fullmatch(r"Download (Fig\. [\d.]+|the picture above) as (SVG|PNG)", text), text


def test_a_chapter_is_saved_as_a_notebook(open_page):
    page = open_page(CHAPTER, draw=False)
    page.get_by_role("button", name="Download this page").click()
    name, content = downloaded(page, page.get_by_role("link", name="Notebook (.ipynb)"))
    assert name == "plateaus.ipynb" and CELL_ID.encode() in content
    assert content == (HTML / "_sources" / CHAPTER).with_suffix(".ipynb").read_bytes()


# --- to get around -----------------------------------------------------------------------


@pytest.mark.parametrize("from_disk", [False, True], ids=["served", "from disk"])
def test_search_leads_to_the_chapter(open_page, from_disk):
    page = open_page("search.html?q=plateau", from_disk=from_disk, draw=False)
    page.wait_for_selector("#search-results li a")
    page.wait_for_function(
        "() => /found|matching/.test(document.querySelector('.search-summary').textContent)"
    )
    found = page.locator("#search-results li a").all_inner_texts()
    assert any(title("plateaus") in text for text in found[:5]), found[:5]
    page.locator("#search-results li a", has_text=title("plateaus")).first.click()
    page.wait_for_selector("article h1")
    assert title("plateaus") in page.locator("article h1").first.inner_text()


FOUND = """() => /found|not match/.test(
    document.querySelector('.search-summary')?.textContent)"""


def results(page, query: str) -> list[str]:
    """Search for something, and return the addresses that are found."""
    page.goto(f"{page.url.partition('?')[0]}?q={query}", wait_until="load")
    page.wait_for_function(FOUND)
    return page.locator("#search-results li a").evaluate_all("all => all.map(link => link.href)")


@pytest.mark.parametrize("from_disk", [False, True], ids=["served", "from disk"])
def test_a_number_is_found(open_page, from_disk):
    page = open_page("search.html", from_disk=from_disk, draw=False)
    for query, chapter in (
        ("1994", "how-to-read"),
        ("0.53", "latch-neuron"),
        ("0,53", "latch-neuron"),
        ("2.147144", "how-to-read"),
        ("1.92 attractor", "latch-neuron"),
        ("10000", "experiments"),
    ):
        found = results(page, query)
        assert any(f"book/{chapter}.html" in address for address in found), (query, found)


def headings(page, query: str) -> list[str]:
    """Search for something, and return what the results lead to."""
    results(page, query)
    return page.locator("#search-results li a").all_text_contents()


def test_a_symbol_is_found_however_it_is_typed(open_page):
    page = open_page("search.html", from_disk=True, draw=False)
    for query in ("h*", "h^*", "h_star", "h star", "%5Cbeta(X)", "β(X)", "β", "beta", "Γ", "gamma"):
        path, _, anchor = results(page, query)[0].rpartition("/book/")[2].partition("#")
        letter = {"h": "h", "%": "β", "β": "β", "b": "β", "Γ": "Γ", "g": "Γ"}[query[0]]
        place = soup("book/notation").find(id=anchor)
        shown = unicodedata.normalize("NFKD", place.find("math").get_text())
        assert path.startswith("notation.html") and shown.startswith(letter), query


@pytest.mark.parametrize("from_disk", [False, True], ids=["served", "from disk"])
def test_results_lead_to_sections(open_page, from_disk):
    page = open_page("search.html", from_disk=from_disk, draw=False)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    start = page.url.partition("search.html")[0]
    for query, words in [("half-life margin", ("half", "life", "margin")), ("0.53", ("0.53",))]:
        found = results(page, query)
        named = page.locator("#search-results li a").all_text_contents()
        into = [k for k, address in enumerate(found) if "#" in address]
        assert len(into) > 1
        for k in into[:3]:
            path, _, anchor = found[k].removeprefix(start).partition("#")
            place = soup(path.partition("?")[0]).find(id=anchor)
            text = place.get_text().lower()
            assert " > " in named[k] and all(word in text for word in words), found[k]
        results(page, "search")
    assert [url for url in asked if not url.startswith(start)] == []


def test_a_name_of_the_package_is_found(open_page):
    page = open_page("search.html", from_disk=True, draw=False)
    found = results(page, "cooperative_margin")
    place = "package/latchlib.margins.html#latchlib.margins.cooperative_margin"
    assert any(address.endswith(place) for address in found)


def test_an_excerpt_is_what_the_page_shows_and_its_section_is_linked(open_page):
    page = open_page("search.html", draw=False)
    results(page, "half-life")
    page.wait_for_function(
        # What has a description already, a name of the package, has no excerpt.
        "() => document.querySelectorAll('#search-results .context').length"
        " === document.querySelectorAll('#search-results li:not(:has(> span))').length"
    )
    excerpts = page.locator("#search-results .context").all_text_contents()
    assert any("half-life" in text for text in excerpts)
    for text in excerpts:
        assert "Python:" not in text and " symbol " not in text
        assert not re.search(r"\S#", text)  # the mark of a heading's link; a comment has a space
    links = page.locator("#search-results li a").evaluate_all("all => all.map(a => a.href)")
    into = [link for link in links if "#" in link]
    assert len(into) > len(links) / 2
    page.goto(into[0])
    assert "half-life" in page.locator(":target").text_content()


# --- to read -----------------------------------------------------------------------------

#: It has code as wide as ruff allows, which all chapters keep to.
LONG_LINES = "book/explosion.html"


def test_a_line_of_text_has_60_to_75_characters_and_no_code_is_cut(open_page):
    page = open_page(LONG_LINES, draw=False)
    found = page.evaluate(
        """() => {
            const paragraph = document.querySelector('article h1 ~ p');
            const height = parseFloat(getComputedStyle(paragraph).lineHeight);
            const lines = paragraph.offsetHeight / height;
            const size = name => parseFloat(
                getComputedStyle(document.querySelector(`article ${name}`)).fontSize);
            return {
                letters: paragraph.textContent.length / lines,
                sizes: ['h1', 'h2', 'h3'].map(size),
                widths: [...document.querySelectorAll('.fold-code[open] pre')].map(
                    code => [code.scrollWidth, code.clientWidth]),
            };
        }"""
    )
    assert 60 <= found["letters"] <= 75
    h1, h2, h3 = found["sizes"]
    assert h1 > 1.2 * h2 > 1.2 * 1.2 * h3
    assert len(found["widths"]) > 20
    assert all(needed <= there for needed, there in found["widths"])


@pytest.mark.parametrize("path", [LONG_LINES, "book/notation.html"])
def test_on_a_phone_code_goes_on_below_and_rows_of_text_are_paragraphs(open_page, path):
    page = open_page(path, width=390, draw=False)
    wide = page.evaluate(
        """() => [...document.querySelectorAll(
            'article .fold-code[open] pre, #claims-settled-here table, table:has([id^="symbol-"])'
        )].filter(each => each.scrollWidth > each.parentElement.clientWidth + 1).length"""
    )
    assert wide == 0


# --- from page to page -------------------------------------------------------------------


def test_next_leads_through_the_whole_book_and_previous_back(open_page):
    page = open_page(PAGES[0], from_disk=True, draw=False)
    start = page.url.removesuffix(PAGES[0])
    for path in PAGES[1:]:
        page.goto(page.locator("a.right-next").evaluate("a => a.href"), wait_until="commit")
        page.wait_for_selector(".prev-next-area", state="attached")
        assert page.url == start + path
    assert page.locator("a.right-next").count() == 0
    back = page.locator("a.left-prev").evaluate("a => a.href")
    assert back == start + PAGES[-2]


# --- paper -------------------------------------------------------------------------------


def text_of(pdf: bytes) -> str:
    """Return the text of a PDF, without ligatures or blanks: some of these are its own."""
    found = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", found))


def lost(path: str, pdf: bytes) -> list[str]:
    """Return what can be folded on a page, title or contents, and is not in its PDF."""
    text, page = text_of(pdf), soup(path)
    wanted = [each.get_text() for each in page.select("details:not(.fold) > summary")]
    wanted += [p.get_text() for p in page.select("details p") if not p.find("mjx-container")]
    wanted += [line for pre in page.select("details pre") for line in pre.get_text().splitlines()]
    squeezed = [re.sub(r"\s", "", unicodedata.normalize("NFKC", each)) for each in wanted]
    assert len(squeezed) > 10
    return [each for each in squeezed if squeezed.count(each) > text.count(each)]


@pytest.mark.parametrize("path", ["book/how-to-read.html", OTHER])
def test_printed_at_once_a_page_has_all_that_is_folded(open_page, path):
    # By the browser itself, before anything has come near the window.
    page = open_page(path, draw=False)
    session = page.context.new_cdp_session(page)
    pdf = base64.b64decode(session.send("Page.printToPDF", {"preferCSSPageSize": True})["data"])
    assert lost(path, pdf) == []


# --- what a browser may refuse -----------------------------------------------------------

#: How a browser has no storage: it throws at once, or when it is used, or is full, or has none.
_REFUSALS = {
    "throws": "get() { throw new DOMException('no', 'SecurityError'); }",
    "throws in use": """value: new Proxy({}, {get() {
        return () => { throw new DOMException('no', 'SecurityError'); }; }})""",
    "is full": """value: {getItem: () => null, removeItem() {}, setItem() {
        throw new DOMException('full', 'QuotaExceededError'); }}""",
    "is null": "value: null",
    "is not there": "value: undefined",
}


def refuse(how: str) -> str:
    return f"""for (const name of ['localStorage', 'sessionStorage'])
        Object.defineProperty(window, name, {{configurable: true, {_REFUSALS[how]}}});"""


def works(page, frame) -> None:
    """Use what the bar of a page has: contents, sections, theme and folding."""
    for sidebar in ("primary", "secondary"):
        frame.locator(f".{sidebar}-toggle").press("Enter")
        frame.locator(f"dialog#pst-{sidebar}-sidebar-modal[open] a").first.wait_for()
        page.keyboard.press("Escape")
        frame.locator(f"dialog#pst-{sidebar}-sidebar-modal[open]").wait_for(state="detached")
    root = frame.locator("html")
    before = root.get_attribute("data-theme")
    # By the keyboard: over what is pressed the theme's notes come up.
    frame.locator(".bd-header-article .theme-switch-button").press("Enter")
    assert root.get_attribute("data-theme") != before
    frame.locator(".dropdown-code-buttons > button").press("Enter")
    frame.locator(".btn-code-hide").press("Enter")
    assert frame.locator("details.fold-code[open]").count() == 0


@pytest.mark.parametrize("how", _REFUSALS)
def test_without_storage_a_page_works(open_page, how):
    errors = []

    def before(page):
        page.add_init_script(refuse(how))
        page.on("pageerror", lambda error: errors.append(str(error)))

    page = open_page(CHAPTER, width=400, before=before)
    works(page, page)
    page.locator(".bd-header-article .search-button").press("Enter")
    page.locator("#pst-search-dialog input").fill("plateau")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=plateau")
    page.wait_for_function(FOUND)
    assert page.locator("#search-results li a").count() > 3
    assert errors == []


def test_in_a_sandboxed_frame_a_page_works(open_page):
    page = open_page("book/cite.html", width=800, draw=False)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.evaluate(
        """path => {
            const frame = document.createElement('iframe');
            Object.assign(frame, {src: path, sandbox: 'allow-scripts', width: 780, height: 800});
            document.body.replaceChildren(frame);
        }""",
        OTHER.removeprefix("book/"),
    )
    frame = page.frame_locator("iframe")
    frame.locator("html[data-widgets=ready]").wait_for(state="attached", timeout=120_000)
    works(page, frame)
    slider = frame.locator(".ll input[data-trait=w]").first
    before = slider.input_value()
    slider.press("ArrowRight")
    assert slider.input_value() != before
    asked = frame.locator('.lq[data-question="ex-threshold-at-two"]')
    asked.get_by_label("Your answer").fill("7")
    page.keyboard.press("Enter")
    asked.locator("[role=status][data-state=wrong]").wait_for()
    asked.get_by_label("Your answer").fill("sqrt(2) - ln(1 + sqrt(2))")
    asked.get_by_role("button", name="Check").click()
    asked.locator("[role=status][data-state=right]").wait_for()
    frame.locator(".bd-header-article .search-button").press("Enter")
    frame.locator("#pst-search-dialog input").fill("plateau")
    page.keyboard.press("Enter")
    frame.locator("#search-results li a").nth(3).wait_for()
    assert errors == []


@pytest.mark.parametrize("width", [400, 800, 1100, 1280])
def test_without_javascript_contents_home_and_sections_are_reached(open_page, width):
    page = open_page(CHAPTER, js=False, width=width)
    contents, sections = "#pst-primary-sidebar", "#pst-secondary-sidebar"
    if width < 960:
        page.get_by_role("link", name="Contents", exact=True).click()
    page.locator(f"{contents} nav[aria-label=Home] a").click(trial=True)
    page.locator(f"{contents} a", has_text=title("multigrid")).click(trial=True)
    if width < 960:
        page.get_by_role("link", name="Close the contents").click()
        page.locator(contents).wait_for(state="hidden")
    if width < 1200:
        page.get_by_role("link", name="On this page").click()
    page.locator(f"{sections} a", has_text="Exercises").click()
    assert page.url.endswith("#exercises")
    assert page.locator("#exercises h2").is_visible()


@pytest.mark.parametrize("path", [CHAPTER, "book/index.html", "book/claims.html", "search.html"])
def test_without_javascript_no_button_is_dead(open_page, path):
    page = open_page(path, js=False)
    control = "button:visible, input:visible, select:visible, [role=button]:visible"
    for width in (400, 800, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        shown = page.locator(control)
        for number in range(shown.count()):
            # What to download comes up when its button has the focus.
            assert shown.nth(number).get_attribute("aria-label") == "Download this page"
            shown.nth(number).focus()
            assert page.locator(".dropdown-download-buttons a:visible").count() > 0
            assert page.locator(".dropdown-download-buttons button:visible:not(.btn)").count() == 0
    if path == "search.html":
        said = page.locator(".bd-search-container noscript p").last
        assert said.is_visible() and "activate JavaScript" in said.text_content()
