"""Measure the speed of the package and of the explorables: `make bench`.

`gradient` is one forward and backward pass of the latch neuron beside PyTorch, JAX and np.tanh
alone; `portrait` is basins and reduced attracting sets on a grid, beside both, and certified fixed
points; `frames` is how long an explorable takes to compute and draw, in Chromium; `reproduce` is
the command line's quick preset. A part whose needs are not there says so in a line.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from statistics import median
from typing import NamedTuple, NoReturn

import numpy as np

from latchlib import bptt
from latchlib.experiments import EXPERIMENTS
from latchlib.objective import LatchObjective
from latchlib.tasks import TARGETS, MinimalTask
from tools import bench_portrait
from tools.book import ROOT, write
from tools.chromium import FLAGS, find_chromium

PARTS = ("gradient", "portrait", "frames", "reproduce")

#: Sequences, steps; half of the sequences belong to each pattern of the minimal task.
SIZES = ((4096, 200), (65_536, 100))
L = 3  # trainable inputs a pattern, as in the paper
WARM_UP = 2

PAGE = ROOT / "_build" / "html" / "book" / "latch-neuron.html"
BUDGET_MS = 16.0  # one frame of a screen that shows 60 a second


class SkippedError(Exception):
    """A measurement that cannot be made here; says what is missing and how to get it."""


# --- one forward and backward pass -------------------------------------------------------


class Problem(NamedTuple):
    """One random problem: w (trial,), inputs (T, pattern, trial), targets (pattern, trial)."""

    w: np.ndarray
    inputs: np.ndarray
    targets: np.ndarray


def problem(sequences: int, steps: int) -> Problem:
    """Draw a problem; every contender gets the same."""
    rng = np.random.default_rng(1994)
    trials = sequences // len(TARGETS)
    return Problem(
        w=rng.uniform(0.5, 2.0, trials),
        inputs=0.3 * rng.standard_normal((steps, len(TARGETS), trials)),
        targets=np.repeat(np.array(TARGETS)[:, np.newaxis], trials, axis=1),
    )


# Each contender takes a problem and returns a call without arguments. The call returns (dC/dw,
# dC/dh_1 ... dC/dh_L), so that all can be seen to have computed the same.


def _floor(p: Problem) -> Callable:
    out = np.empty_like(p.inputs)
    return lambda: np.tanh(p.inputs, out=out)


def _objective(p: Problem) -> Callable:
    steps, patterns, trials = p.inputs.shape
    objective = LatchObjective(MinimalTask(steps, L))
    params = np.concatenate([p.w[np.newaxis], p.inputs[:L].reshape(L * patterns, trials)])
    noise = p.inputs[L:]

    def call():
        gradient = objective(params, noise).gradient
        return gradient[0], gradient[1:].reshape(L, patterns, trials)

    return call


def _bptt(p: Problem) -> Callable:
    def call():
        result = bptt.gradient(p.w, p.inputs, p.targets)
        return result.w, result.h[:L]

    return call


def _torch(p: Problem) -> Callable:
    import torch

    w, h = (torch.tensor(value, requires_grad=True) for value in (p.w, p.inputs))
    targets = torch.tensor(p.targets)

    def call():
        x = torch.zeros_like(targets)
        # unbind, because indexing h[t] would make the backward pass quadratic in time.
        for h_t in h.unbind(0):
            x = torch.addcmul(h_t, w, x).tanh()
        d_w, d_h = torch.autograd.grad(0.5 * (x - targets).square().sum(), (w, h))
        return d_w, d_h[:L]

    return call


def _jax(p: Problem) -> Callable:
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    targets = jnp.asarray(p.targets)

    def cost(w, h):
        def step(x, h_t):
            return jnp.tanh(w * x + h_t), None

        x, _ = jax.lax.scan(step, jnp.zeros_like(targets), h)
        return 0.5 * jnp.sum((x - targets) ** 2)

    gradient = jax.jit(jax.grad(cost, argnums=(0, 1)))
    w, h = jnp.asarray(p.w), jnp.asarray(p.inputs)

    def call():
        d_w, d_h = jax.block_until_ready(gradient(w, h))
        return d_w, d_h[:L]

    return call


FLOOR = "np.tanh alone (floor)"
REFERENCE = "latchlib, objective"
CONTENDERS = {
    FLOOR: _floor,
    REFERENCE: _objective,
    "latchlib, bptt.gradient": _bptt,
    "PyTorch": _torch,
    "JAX, jit": _jax,
}
#: Package that a contender needs and latchlib does not.
NEEDS = {"PyTorch": "torch", "JAX, jit": "jax"}


def contenders() -> tuple[dict[str, Callable], list[str]]:
    """Return the contenders that can run here, and a line for each that cannot."""
    found, missing = dict(CONTENDERS), []
    for name, package in NEEDS.items():
        if not _installed(package):
            del found[name]
            missing.append(f"{name} is not installed: pip install -e .[bench]")
    return found, missing


def check_agreement(calls: dict[str, Callable]) -> None:
    """Raise RuntimeError unless all contenders compute the same gradient."""
    wanted = [np.asarray(part) for part in calls[REFERENCE]()]
    for name, call in calls.items():
        if name == FLOOR:
            continue
        for got, want in zip(call(), wanted, strict=True):
            worst = np.max(np.abs(np.asarray(got) - want) / (1.0 + np.abs(want)))
            if not worst < 1e-10:
                raise RuntimeError(f"the gradient of {name} differs by {worst:.1e}")


def time_gradient(
    sequences: int, steps: int, makers: dict[str, Callable], repetitions: int
) -> list[dict]:
    """Time every contender, one after the other in each round, and return a row for each."""
    given = problem(sequences, steps)
    calls = {name: make(given) for name, make in makers.items()}
    check_agreement(calls)
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for round_ in range(WARM_UP + repetitions):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            spent = time.perf_counter() - began
            if round_ >= WARM_UP:
                seconds[name].append(spent)
    rows = []
    for name, times in seconds.items():
        nanoseconds = 1e9 * np.array(times) / (sequences * steps)
        # Ratios within a round: what slows the machine for a while slows both.
        ratios = np.array(times) / np.array(seconds[REFERENCE])
        low, high = np.quantile(nanoseconds, (0.25, 0.75))
        rows.append(
            {
                "sequences": sequences,
                "steps": steps,
                "contender": name,
                "ns_per_step": float(median(nanoseconds)),
                "quartiles": [float(low), float(high)],
                "ratio": float(median(ratios)),
                "peak_mb": peak_memory(name, sequences, steps),
            }
        )
    return rows


def peak_memory(name: str, sequences: int, steps: int) -> float | None:
    """Return the most memory one call takes on top of its input, in MB; None if not measurable.

    In a process of its own, since a peak cannot be taken back.
    """
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            return pool.submit(_peak_of_one_call, name, sequences, steps).result()
    except (ImportError, OSError, BrokenProcessPool):
        return None


def _peak_of_one_call(name: str, sequences: int, steps: int) -> float:
    # A small call first: loading a framework takes memory that is not the call's.
    CONTENDERS[name](problem(64, 5))()
    call = CONTENDERS[name](problem(sequences, steps))
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


# --- frames of the explorables -----------------------------------------------------------

# Two times. The measure of common.js is one explorable's compute and draw, all that our code does.
# From a frame's first callback to the next task is the whole frame: every explorable that is
# linked to the one moved, and the browser's style, layout and paint.
_WATCH = """() => {
    window.benchTimes = {draw: [], frame: []};
    new PerformanceObserver(list => {
        for (const entry of list.getEntriesByName('latchlib:frame'))
            window.benchTimes.draw.push(entry.duration);
    }).observe({type: 'measure'});
    const request = window.requestAnimationFrame.bind(window);
    let open = false;
    window.requestAnimationFrame = callback => request(now => {
        if (!open) {
            open = true;
            const began = performance.now();
            const channel = new MessageChannel();
            channel.port1.onmessage = () => {
                window.benchTimes.frame.push(performance.now() - began);
                channel.port1.close();
                open = false;
            };
            channel.port2.postMessage(0);
        }
        callback(now);
    });
    window.benchNextFrame = () => new Promise(done => request(() => setTimeout(done)));
}"""
_TAKE = """() => {
    const taken = window.benchTimes;
    window.benchTimes = {draw: [], frame: []};
    return taken;
}"""


def time_frames(page_file: Path) -> list[dict]:
    """Move every slider of every explorable of a page through its range, and time the frames."""
    if not page_file.is_file():
        raise SkippedError(f"{page_file} is not there: run `make book` first")
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise SkippedError("Playwright is not installed: pip install -e .[test]") from None
    path = find_chromium()
    if path is None:
        raise SkippedError("there is no Chromium: `apt install chromium`, or set CHROMIUM to one")
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        except Error as error:
            raise SkippedError(f"{path} did not start: {error.message.splitlines()[0]}") from None
        try:
            page = chromium.new_page(viewport={"width": 1280, "height": 900})
            page.goto(page_file.as_uri())
            page.wait_for_selector(".ll input[type=range]", timeout=30_000)
            page.evaluate(_WATCH)
            return [_frames_of(page, found) for found in page.locator(".ll").all()]
        except Error as error:
            raise SkippedError(f"{page_file.name}: {error.message.splitlines()[0]}") from None
        finally:
            chromium.close()


def _frames_of(page, explorable) -> dict:
    sliders = explorable.locator("input[type=range]").all()
    for slider in sliders:  # the largest settings: most noise, widest axes
        slider.press("End")
    page.evaluate("benchNextFrame()")
    page.evaluate(_TAKE)
    for slider in sliders:
        least, largest, step = (float(slider.get_attribute(key)) for key in ("min", "max", "step"))
        slider.press("Home")
        for _ in range(round((largest - least) / step)):
            # Not slider.press, which scrolls and waits: the key goes to what has the focus.
            page.keyboard.press("ArrowRight")
            page.evaluate("benchNextFrame()")
    taken = page.evaluate(_TAKE)
    return {
        "moved": explorable.get_attribute("aria-label"),
        **{kind: _summary(taken[kind]) for kind in ("draw", "frame")},
    }


def _summary(milliseconds: list[float]) -> dict[str, float]:
    if not milliseconds:
        raise SkippedError("no frame was measured: has `latchlib:frame` in common.js another name?")
    middle, high, most = np.quantile(milliseconds, (0.5, 0.95, 1.0))
    return {
        "count": len(milliseconds),
        "median_ms": float(middle),
        "p95_ms": float(high),
        "max_ms": float(most),
    }


# --- the command line --------------------------------------------------------------------


def time_reproduce(processes: int) -> list[dict]:
    """Time ``latchlib reproduce`` with the quick preset, in a process of its own."""
    rows = []
    for name in EXPERIMENTS:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "latchlib", "reproduce", name, "--preset", "quick"]
            command += ["--output", folder, "--processes", str(processes), "--no-progress"]
            began = time.perf_counter()
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            seconds = time.perf_counter() - began
        if done.returncode != 0:
            raise SkippedError(f"latchlib reproduce {name} failed: {done.stderr.strip()[-300:]}")
        cells = len(EXPERIMENTS[name]["quick"].cells())
        rows.append({"experiment": name, "cells": cells, "seconds": seconds})
    return rows


# --- report ------------------------------------------------------------------------------


def time_portraits(repetitions: int) -> dict:
    """Measure portraits and certificates; see :mod:`tools.bench_portrait`."""
    return {
        "grids": bench_portrait.time_portraits(repetitions, _installed),
        "certificates": bench_portrait.time_certificates(),
    }


def _installed(package: str) -> bool:
    try:
        importlib.import_module(package)
    except ImportError:
        return False
    return True


def machine() -> dict:
    """Return what the numbers depend on."""
    versions = {"python": platform.python_version(), "numpy": np.__version__}
    for package in NEEDS.values():
        if package in sys.modules:
            versions[package] = sys.modules[package].__version__
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "load": load,
        "versions": versions,
    }


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return an aligned table: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def print_gradient(rows: list[dict]) -> None:
    """Print a table a size."""
    for sequences, steps in dict.fromkeys((row["sequences"], row["steps"]) for row in rows):
        print(f"\nForward and backward, {sequences:,} sequences x {steps} steps, float64")
        here = [row for row in rows if (row["sequences"], row["steps"]) == (sequences, steps)]
        print(
            table(
                ["", "ns a step", "quartiles", "ratio", "peak MB"],
                [
                    [
                        row["contender"],
                        f"{row['ns_per_step']:.1f}",
                        "{:.1f} to {:.1f}".format(*row["quartiles"]),
                        f"{row['ratio']:.2f}",
                        "?" if row["peak_mb"] is None else f"{row['peak_mb']:.0f}",
                    ]
                    for row in here
                ],
            )
        )


def print_frames(rows: list[dict]) -> None:
    """Print the frame times against the budget."""
    print(f"\nExplorables in Chromium, ms; a frame's budget is {BUDGET_MS:g}")
    lines = []
    for row in rows:
        for kind, label in (("draw", "compute and draw"), ("frame", "whole frame, with paint")):
            times = [row[kind][key] for key in ("median_ms", "p95_ms", "max_ms")]
            verdict = "within" if times[1] <= BUDGET_MS else "OVER"
            name, count = f"{row['moved']}: {label}", row[kind]["count"]
            lines.append([name, str(count), *(f"{v:.1f}" for v in times), verdict])
    print(table(["slider moved", "times", "median", "95 %", "most", "95 % is"], lines))


def print_portraits(found: dict) -> None:
    """Print the time of basin and Gamma of each network, and the rate of certificates."""
    points, steps = bench_portrait.POINTS, bench_portrait.STEPS
    print(f"\nBasin and reduced attracting set, {points} x {points} points, {steps} steps")
    lines = [
        [f"{row['network']}: {row['contender']}", f"{row['seconds']:.2f}", f"{row['ratio']:.2f}"]
        for row in found["grids"]
    ]
    print(table(["", "seconds", "ratio"], lines))
    rate = found["certificates"]
    print(
        f"fixed points certified: {rate['certified']} of {rate['tried']}, "
        f"{rate['per_second']:.0f} a second"
    )


def print_reproduce(rows: list[dict]) -> None:
    """Print the time of every experiment's quick preset."""
    print("\nlatchlib reproduce NAME --preset quick")
    lines = [[r["experiment"], str(r["cells"]), f"{r['seconds']:.1f}"] for r in rows]
    print(table(["", "cells", "seconds"], lines))


def run(parts: list[str], repetitions: int, processes: int) -> dict:
    """Measure `parts`, printing each as it is done, and return everything as plain data."""
    report: dict = {"skipped": []}
    try:
        if "gradient" in parts:
            makers, missing = contenders()
            report["gradient"] = []
            for sequences, steps in SIZES:
                rows = time_gradient(sequences, steps, makers, repetitions)
                print_gradient(rows)
                report["gradient"] += rows
            for line in missing:
                _skip(report, line)
        jobs = {
            "portrait": (lambda: time_portraits(min(repetitions, 5)), print_portraits),
            "frames": (lambda: time_frames(PAGE), print_frames),
            "reproduce": (lambda: time_reproduce(processes), print_reproduce),
        }
        for part, (measure, show) in jobs.items():
            if part in parts:
                try:
                    report[part] = measure()
                except SkippedError as reason:
                    _skip(report, f"{part}: {reason}")
                else:
                    show(report[part])
    except KeyboardInterrupt:
        _skip(report, "interrupted; what is above was measured")
    report["machine"] = machine()
    return report


def _skip(report: dict, line: str) -> None:
    print(f"\nskipped: {line}")
    report["skipped"].append(line)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"bench: {message} (see {self.prog} --help)\n")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number >= 1")
    return int(text)


def main(argv: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = _Parser(prog="python -m tools.bench", description=__doc__.splitlines()[0])
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all by default"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="save the numbers there too")
    parser.add_argument(
        "--repetitions", type=_count, default=15, metavar="N", help="default: %(default)s"
    )
    parser.add_argument(
        "--processes",
        type=_count,
        default=os.cpu_count() or 1,
        metavar="N",
        help="worker processes of `latchlib reproduce` (default: %(default)s)",
    )
    given = parser.parse_args(argv)
    # Not choices=, which cannot be told from an empty list when nargs is "*".
    if unknown := [part for part in given.parts if part not in PARTS]:
        parser.error(f"no part called {', '.join(unknown)}; accepted: {', '.join(PARTS)}")
    # Before the work, not after it.
    if given.json and (given.json.is_dir() or not given.json.parent.is_dir()):
        parser.error(f"argument --json: {given.json} is no file in a folder that exists")

    report = run(given.parts or list(PARTS), given.repetitions, given.processes)
    about = report["machine"]
    load = "" if about["load"] is None else f", load {about['load']:.1f}"
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    print(f"\n{about['platform']}, {about['processors']} processors{load}; {versions}")
    if given.json:
        write(given.json, json.dumps(report, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
