"""Settings all tests share."""

import os

from hypothesis import HealthCheck, Phase, settings

from tools.chromium import ADVICE, REQUIRED, find_chromium

# No deadline: a shared machine may stop for longer than any one example takes.
settings.register_profile("latchlib", deadline=None, max_examples=60)
# For `make mutation`: the same examples every time, no time spent on making a failing one small.
settings.register_profile(
    "mutation",
    settings.get_profile("latchlib"),
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("latchlib")


def pytest_terminal_summary(terminalreporter):
    """Say once, in one line, how the skipped browser tests can be run."""
    if find_chromium() is None and os.environ.get(REQUIRED) != "1":
        terminalreporter.write_line(ADVICE, yellow=True)
