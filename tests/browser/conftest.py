"""Chromium, the built book, and pages opened in it."""

import os
import threading
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import sync_playwright

from tools.book import ROOT
from tools.chromium import ADVICE, FLAGS, REQUIRED, draw_widgets, find_chromium

HTML = ROOT / "_build" / "html"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args) -> None:
        pass


@pytest.fixture(scope="session")
def site():
    """Serve the built book on this machine; the address, without a slash at its end."""
    if not (HTML / "book" / "index.html").is_file():
        pytest.fail("there is no built book in _build/html: run `make book` first")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(HTML)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium."""
    program = find_chromium()
    if program is None:
        (pytest.fail if os.environ.get(REQUIRED) == "1" else pytest.skip)(ADVICE)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield running
        running.close()


_WIDGETS_ALONE = """html => {
    const page = new DOMParser().parseFromString(html, 'text/html');
    const rest = 'article :is(p:not(.admonition-title), ul, ol, dl, table, figure, pre, div.math)';
    for (const node of page.querySelectorAll(rest))
        if (!node.closest('.cell_output:has(> script)')) node.remove();
    return '<!DOCTYPE html>' + page.documentElement.outerHTML;
}"""


@pytest.fixture(scope="session")
def leave_widgets(browser):
    """Return a function that takes text, code and equations out of a page before it is opened.

    Opening and laying out a whole page takes four times as long as its widgets do. What they are
    among is seen by the tests that open the page as it is.
    """
    known = {}

    def leave(context, path):
        name = path.split("?")[0].split("#")[0]
        if name not in known:
            blank = browser.new_page()
            html = (HTML / name).read_text(encoding="utf-8")
            known[name] = blank.evaluate(_WIDGETS_ALONE, html)
            blank.context.close()
        context.route(
            f"**/{name}*",
            lambda route: route.fulfill(body=known[name], content_type="text/html; charset=utf-8"),
        )

    return leave


#: Have a page laid out and its widgets drawn one after another, without the hundred pauses.
_AT_ONCE = "window.requestIdleCallback = job => setTimeout(job);"


@pytest.fixture(scope="session")
def kept_page(browser, leave_widgets):
    """Return a context in which a page is open for several tests, from disk, its widgets drawn.

    `before` is called with the page while it is still empty.
    """

    @contextmanager
    def kept(path, *, widgets_alone=True, before=lambda page: None):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
        if widgets_alone:
            leave_widgets(context, path)
        page = context.new_page()
        before(page)
        page.add_init_script(_AT_ONCE)
        page.goto(f"{HTML.as_uri()}/{path}", wait_until="load")
        draw_widgets(page)
        yield page
        context.close()

    return kept


@pytest.fixture(scope="module")
def at_its_start(kept_page):
    """Return a function that gives a page, opened once, with an explorable reset."""
    from test_explorables import reset

    with ExitStack() as stack:
        opened = {}

        def at_its_start_(path, title):
            if path not in opened:
                opened[path] = stack.enter_context(kept_page(path))
            reset(opened[path], title)
            return opened[path]

        yield at_its_start_


@pytest.fixture
def open_page(browser, site, leave_widgets):
    """Return a function that opens a page of the book in a fresh profile.

    ``open_page(path, theme="light", width=1280, js=True, from_disk=False, draw=True, touch=False,
    widgets_alone=False, before=None)`` has the page laid out at once and waits until its widgets
    are drawn; without `draw` that comes in the page's own time, as it does for a reader. `theme`
    is what the reader's system asks for. From disk the page is opened by file://, and the browser
    is cut off from every network. With `touch` it is that of a phone, where nothing hovers. With
    `widgets_alone` text, code and equations are left out. `before` is called with the page while
    it is still empty.
    """
    contexts = []

    def open_(
        path,
        *,
        theme="light",
        width=1280,
        js=True,
        from_disk=False,
        draw=True,
        touch=False,
        widgets_alone=False,
        before=None,
    ):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            java_script_enabled=js,
            offline=from_disk,
            is_mobile=touch,
            has_touch=touch,
        )
        contexts.append(context)
        if widgets_alone:
            leave_widgets(context, path)
        page = context.new_page()
        if before is not None:
            before(page)
        if draw:
            page.add_init_script(_AT_ONCE)
        page.goto(f"{HTML.as_uri() if from_disk else site}/{path}", wait_until="load")
        if js and draw:
            draw_widgets(page)
        return page

    yield open_
    for context in contexts:
        context.close()
