"""Settings all tests share."""

import os

from hypothesis import settings

from tools.chromium import ADVICE, REQUIRED, find_chromium

# No deadline: a shared machine may stop for longer than any one example takes.
settings.register_profile("latchlib", deadline=None, max_examples=60)
settings.load_profile("latchlib")


def pytest_terminal_summary(terminalreporter):
    """Say once, in one line, how the skipped browser tests can be run."""
    if find_chromium() is None and os.environ.get(REQUIRED) != "1":
        terminalreporter.write_line(ADVICE, yellow=True)
