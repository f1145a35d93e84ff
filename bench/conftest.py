"""What the measurements share: `make bench` (ARGS='-k portrait' for a part, --benchmark-json=…).

pytest-benchmark calls and counts. At the end stand ratios, peaks of memory and how a cost grows.
What cannot be measured here is skipped, and says why. No time is asserted.
"""

import os
import tracemalloc
from itertools import groupby

import numpy as np
import pytest

FRAMEWORKS = {"torch": "PyTorch", "jax": "JAX"}
FOUND = pytest.StashKey[list]()


def pytest_configure(config):
    config.stash[FOUND] = []
    os.environ.setdefault("JAX_PLATFORMS", "cpu")


def pytest_report_header():
    # With AVX-512 NumPy's tanh takes a third of the time.
    simd = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return f"{os.cpu_count()} processors, load {load}; NumPy {np.__version__}: {' '.join(simd)}"


@pytest.fixture
def note(request):
    """Give a function that keeps a line for the end."""
    return lambda group, line: request.config.stash[FOUND].append((group, line))


@pytest.fixture
def needs():
    """Give a function that skips the test unless a framework is there; None is always there."""

    def there(package):
        if package:
            reason = f"{FRAMEWORKS[package]} is not installed: pip install -e .[bench]"
            pytest.importorskip(package, reason=reason)

    return there


@pytest.fixture
def measure(benchmark, note):
    """Give a function that times a call, one of a group whose first one is latchlib.

    With `size`, the group is one call at several sizes.
    """

    def timed(group, name, call, *, size=None, rounds=15):
        benchmark.group = group
        benchmark.pedantic(call, rounds=rounds, warmup_rounds=min(2, rounds - 1))
        if benchmark.stats:  # not with --benchmark-disable, which only calls
            tracemalloc.start()
            if rounds > 1:
                call()
            peak = tracemalloc.get_traced_memory()[1] / 1e6  # of Python and NumPy, of no framework
            tracemalloc.stop()
            note(group, (name, benchmark.stats.stats.median, peak, size))

    return timed


def pytest_terminal_summary(terminalreporter, config):
    for group, found in groupby(config.stash[FOUND], key=lambda one: one[0]):
        terminalreporter.section(group, "-")
        rows = [row for _, row in found]
        for row in rows:
            if isinstance(row, tuple):
                name, seconds, peak, _ = row
                ratio = seconds / rows[0][1]
                row = f"{name:32}{1e3 * seconds:10.2f} ms {ratio:8.2f} {peak:8.1f} MB"
            terminalreporter.write_line(row)
        sizes = [(row[3], row[1]) for row in rows if row[3]]
        if len(sizes) > 2:
            power = np.polyfit(*np.log(sizes).T, 1)[0]
            terminalreporter.write_line(f"grows with the size to the power {power:.2f}")
