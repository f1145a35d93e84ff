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

_SCROLL = """async views => {
    const [x, y] = [scrollX, scrollY];
    for (const script of document.querySelectorAll(views)) {
        const place = script.closest('.cell_output, .output') ?? script.parentElement;
        // What is folded away is drawn when it is unfolded.
        if (!place.checkVisibility()) continue;
        place.scrollIntoView({behavior: 'instant', block: 'center'});
        const late = performance.now() + 30000;
        while (!script.dataset.drawn) {
            if (performance.now() > late) throw new Error('a widget was not drawn in 30 s');
            await new Promise(done => setTimeout(done, 20));
        }
    }
    scrollTo({left: x, top: y, behavior: 'instant'});
}"""


def draw_widgets(page) -> None:
    """Scroll to every widget of a built page, wait until it is drawn, and scroll back."""
    page.evaluate(_SCROLL, VIEWS)
