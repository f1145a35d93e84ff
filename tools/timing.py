"""What the measurements share: rounds of calls, the peak of memory, how a cost grows."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from statistics import median
from typing import TypeVar

import numpy as np

WARM_UP = 2

Name = TypeVar("Name", bound=Hashable)


def in_rounds(calls: dict[Name, Callable], repetitions: int) -> dict[Name, list[float]]:
    """Time every call, one after the other in each round; return seconds, one a round.

    In a round a call is made twice and the second one is timed, as in training, where the arrays
    of the step before are still in the cache and not those of another contender.
    """
    seconds: dict[Name, list[float]] = {name: [] for name in calls}
    for round_ in range(WARM_UP + repetitions):
        for name, call in calls.items():
            call()
            began = time.perf_counter()
            call()
            spent = time.perf_counter() - began
            if round_ >= WARM_UP:
                seconds[name].append(spent)
    return seconds


def ratio(seconds: list[float], reference: list[float]) -> float:
    """Return the median ratio within a round: what slows the machine for a while slows both."""
    return float(median(np.array(seconds) / np.array(reference)))


def summary(seconds: list[float], reference: list[float], steps: int) -> dict:
    """Return nanoseconds a step, as median and quartiles, and the ratio to a reference."""
    nanoseconds = 1e9 * np.array(seconds) / steps
    return {
        "ns_per_step": float(median(nanoseconds)),
        "quartiles": [float(q) for q in np.quantile(nanoseconds, (0.25, 0.75))],
        "ratio": ratio(seconds, reference),
    }


def disagreement(found, wanted) -> float:
    """Return the largest difference of two arrays, relative to 1 or to the number, if larger."""
    wanted = np.asarray(wanted)
    return float(np.max(np.abs(np.asarray(found) - wanted) / (1.0 + np.abs(wanted))))


def growth(calls: dict[int, Callable], repetitions: int) -> dict:
    """Return the seconds of a call at each size, and the power of the size they grow with.

    The power is that of the line through the logarithms, by least squares.
    """
    seconds = {size: median(times) for size, times in in_rounds(calls, repetitions).items()}
    power, _ = np.polyfit(np.log(list(seconds)), np.log(list(seconds.values())), 1)
    rows = [{"size": size, "seconds": float(spent)} for size, spent in seconds.items()]
    return {"rows": rows, "exponent": float(power)}


def peak_memory(
    make: Callable, draw: Callable, small: tuple[int, ...], size: tuple[int, ...]
) -> float | None:
    """Return the most memory one call takes on top of its input, in MB; None if not measurable.

    In a process of its own, since a peak cannot be taken back.

    Parameters
    ----------
    make : callable
        Takes what `draw` returns, and returns the call. Both are functions of a module.
    draw : callable
        Takes a size, and returns a problem.
    small, size : tuple of int
        Sizes: of a call made first, since loading a framework takes memory that is not the call's;
        and of the call that is measured.
    """
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            return pool.submit(_peak_of_one_call, make, draw, small, size).result()
    except (ImportError, OSError, BrokenProcessPool):
        return None


def _peak_of_one_call(make, draw, small, size) -> float:
    make(draw(*small))()
    call = make(draw(*size))
    before = _resident(peak=False)
    call()
    return max(0.0, _resident(peak=True) - before)


def _resident(*, peak: bool) -> float:
    """Return the resident memory of this process in MB: now, or at most since it was asked last."""
    status = Path("/proc/self/status")
    if not status.exists():  # not Linux: only the peak since the start is known
        import resource

        unit = 1e6 if sys.platform == "darwin" else 1e3
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    # Not ru_maxrss, which a child takes over from its parent.
    key = "VmHWM:" if peak else "VmRSS:"
    [line] = [line for line in status.read_text().splitlines() if line.startswith(key)]
    if not peak:
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    return int(line.split()[1]) * 1024 / 1e6
