"""Where Chromium is, how it is started, and what to say if it is missing."""

import os
import shutil

#: Set to 1 where a missing browser is a failure, not a reason to skip.
REQUIRED = "LATCHLIB_REQUIRE_BROWSER"

ADVICE = (
    "no Chromium, so the browser tests are skipped; get it with `apt install chromium` (Debian), "
    "or set CHROMIUM to the program"
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

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_chromium() -> str | None:
    """Return the path of a Chromium, or None."""
    given = os.environ.get("CHROMIUM")
    return next(filter(None, map(shutil.which, [given] if given else _NAMES)), None)
