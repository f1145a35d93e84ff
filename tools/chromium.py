"""Where Chromium is, how it is started, what to say if it is missing; and a page with widgets."""

import os
import shutil

#: Set to 1 where a missing browser is a failure, not a reason to skip.
REQUIRED = "LATCHLIB_REQUIRE_BROWSER"

ADVICE = (
    "no Chromium, so the browser tests are skipped; get it with `apt install "
    "chromium-headless-shell` (Debian; the package chromium does as well), or set CHROMIUM to the "
    "program"
)

#: It must not speak to anybody, nor ask anything.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# The shell draws as Chromium does, without a window: a page opens in a third of the time.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_NAMES += ("google-chrome-stable", "chrome")


def find_chromium() -> str | None:
    """Return the path of a Chromium, or None."""
    given = os.environ.get("CHROMIUM")
    return next(filter(None, map(shutil.which, [given] if given else _NAMES)), None)


#: The scripts that stand where a page has a widget; loader.js says there when it is drawn.
VIEWS = 'script[type="application/vnd.jupyter.widget-view+json"]'

_DONE = """() => {
    const {layout, widgets} = document.documentElement.dataset;
    return layout !== 'late' && widgets !== 'waiting';
}"""


def draw_widgets(page) -> None:
    """Wait until a built page is laid out, and its widgets are drawn."""
    page.wait_for_function(_DONE, timeout=120_000)
