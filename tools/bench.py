"""Measure the speed of the package and of the explorables: `make bench`.

`gradient` is one forward and backward pass of the latch neuron beside PyTorch, JAX and np.tanh
alone; `network` is the same for five units with a weight matrix a trial, with second derivatives;
`portrait` is basins and reduced attracting sets on a grid, beside both, and certified fixed
points; `frames` is how long an explorable takes to compute and draw, in Chromium; `reproduce` is
the command line's quick preset. A part whose needs are not there says so in a line.

`reproduce-full` is the command line's full preset, all that `make reproduce` computes. It takes
half an hour and more, so it is measured only where it is asked for by name:
`python -m tools.bench reproduce-full`.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np

from latchlib import bptt
from latchlib.experiments import EXPERIMENTS
from latchlib.objective import LatchObjective
from latchlib.tasks import TARGETS, MinimalTask
from tools import bench_network, bench_portrait, timing
from tools.book import ROOT, write
from tools.chromium import FLAGS, draw_widgets, find_chromium

PARTS = ("gradient", "network", "portrait", "frames", "reproduce")
ON_REQUEST = ("reproduce-full",)

#: Sequences, steps; half of the sequences belong to each pattern of the minimal task.
SIZES = ((4096, 200), (65_536, 100))
L = 3  # trainable inputs a pattern, as in the paper

#: Sizes at which growth is measured: lengths at the sequences, and sequences at the steps, of
#: SIZES.
LENGTHS = (25, 50, 100, 200, 400)
BATCHES = (1024, 4096, 16_384, 65_536)

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


def _torch_indexed(p: Problem) -> Callable:
    """As it is mostly written; the gradient of each h[t] fills an array as large as h."""
    import torch

    w, h = (torch.tensor(value, requires_grad=True) for value in (p.w, p.inputs))
    targets = torch.tensor(p.targets)

    def call():
        x = torch.zeros_like(targets)
        for t in range(len(h)):
            x = torch.tanh(w * x + h[t])
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
INDEXED = "PyTorch, h[t] indexed"
CONTENDERS = {
    FLOOR: _floor,
    REFERENCE: _objective,
    "latchlib, bptt.gradient": _bptt,
    "PyTorch": _torch,
    INDEXED: _torch_indexed,
    "JAX, jit": _jax,
}
#: Package that a contender needs and latchlib does not.
NEEDS = {"PyTorch": "torch", INDEXED: "torch", "JAX, jit": "jax"}


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
            if not (worst := timing.disagreement(got, want)) < 1e-10:
                raise RuntimeError(f"the gradient of {name} differs by {worst:.1e}")


def time_gradient(
    sequences: int, steps: int, makers: dict[str, Callable], repetitions: int
) -> list[dict]:
    """Time every contender, one after the other in each round, and return a row for each."""
    given = problem(sequences, steps)
    calls = {name: make(given) for name, make in makers.items()}
    check_agreement(calls)
    seconds = timing.in_rounds(calls, repetitions)
    return [
        {
            "sequences": sequences,
            "steps": steps,
            "contender": name,
            **timing.summary(times, seconds[REFERENCE], sequences * steps),
            "peak_mb": timing.peak_memory(CONTENDERS[name], problem, (64, 5), (sequences, steps)),
        }
        for name, times in seconds.items()
    ]


def time_growth(repetitions: int) -> dict:
    """Return how the cost of the latch neuron grows with steps and with sequences."""
    (sequences, _), (_, steps) = SIZES
    return {
        "steps": timing.growth(
            {T: _objective(problem(sequences, T)) for T in LENGTHS}, repetitions
        ),
        "sequences": timing.growth(
            {n: _objective(problem(n, steps)) for n in BATCHES}, repetitions
        ),
    }


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
            draw_widgets(page)
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


def time_reproduce(processes: int, preset: str = "quick") -> list[dict]:
    """Time ``latchlib reproduce`` with a preset, each experiment in a process of its own."""
    rows = []
    for name in EXPERIMENTS:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "latchlib", "reproduce", name, "--preset", preset]
            command += ["--output", folder, "--processes", str(processes), "--no-progress"]
            began = time.perf_counter()
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            seconds = time.perf_counter() - began
        if done.returncode != 0:
            raise SkippedError(f"latchlib reproduce {name} failed: {done.stderr.strip()[-300:]}")
        cells = len(EXPERIMENTS[name][preset].cells())
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
    # What NumPy takes beside its baseline: with AVX-512 its tanh takes a third of the time.
    simd = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    return {
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "load": load,
        "simd": simd,
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


def print_contenders(rows: list[dict]) -> None:
    """Print a row a contender. The first one is the floor, and the distance to it is a column."""
    floor = rows[0]["ratio"]
    print(
        table(
            ["", "ns a step", "quartiles", "ratio", "to floor", "peak MB"],
            [
                [
                    row["contender"],
                    f"{row['ns_per_step']:.1f}",
                    "{:.1f} to {:.1f}".format(*row["quartiles"]),
                    f"{row['ratio']:.2f}",
                    f"{row['ratio'] / floor:.1f}",
                    "?" if row["peak_mb"] is None else f"{row['peak_mb']:.0f}",
                ]
                for row in rows
            ],
        )
    )


def print_growth(what: str, found: dict, steps: int) -> None:
    """Print the time at each size; `steps` is what a size is multiplied with to count steps."""
    rows = [
        [
            f"{row['size']:,}",
            f"{1e3 * row['seconds']:.2f}",
            f"{1e9 * row['seconds'] / (row['size'] * steps):.1f}",
        ]
        for row in found["rows"]
    ]
    print("\n" + table([what, "ms", "ns a step"], rows))
    print(f"grows like {what} to the power {found['exponent']:.2f}")


def print_gradient(rows: list[dict]) -> None:
    """Print a table a size."""
    for sequences, steps in dict.fromkeys((row["sequences"], row["steps"]) for row in rows):
        print(f"\nForward and backward, {sequences:,} sequences x {steps} steps, float64")
        here = (sequences, steps)
        print_contenders([row for row in rows if (row["sequences"], row["steps"]) == here])


def print_network(found: dict) -> None:
    """Print contenders and growth of the networks; a step is one of one unit."""
    trials, steps, units = bench_network.TRIALS, bench_network.STEPS, bench_network.UNITS
    print(f"\nForward and backward, {units} units, {trials:,} weight matrices x {steps} steps")
    print_contenders(found["contenders"])
    print_growth("steps", found["steps"], trials * units)
    print_growth("trials", found["trials"], steps * units)


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


def print_reproduce(rows: list[dict], preset: str = "quick") -> None:
    """Print the time of every experiment."""
    print(f"\nlatchlib reproduce NAME --preset {preset}")
    lines = [[r["experiment"], str(r["cells"]), f"{r['seconds']:.1f}"] for r in rows]
    cells = sum(row["cells"] for row in rows)
    lines.append(["together", str(cells), f"{_seconds(rows):.1f}"])
    print(table(["", "cells", "seconds"], lines))


def _seconds(rows: list[dict]) -> float:
    return sum(row["seconds"] for row in rows)


class Aim(NamedTuple):
    """A number that the measurements are held to.

    `floor` is what np.tanh alone would reach in our place, where that says something.
    """

    what: str
    measured: float
    wanted: float
    floor: float | None = None
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Whether it is reached."""
        return self.measured <= self.wanted if self.at_most else self.measured >= self.wanted


def aims(report: dict) -> list[Aim]:
    """Return the aims that something in the report says something about."""
    found = []
    for (sequences, steps), name, wanted in (
        (SIZES[0], "JAX, jit", 1.0),
        (SIZES[0], "PyTorch", 18.0),
        (SIZES[0], INDEXED, 18.0),
        (SIZES[1], "JAX, jit", 3.0),
    ):
        rows = [r for r in report.get("gradient", []) if r["sequences"] == sequences]
        found += _faster(rows, FLOOR, (name,), wanted, f"one unit, {sequences:,} x {steps}")
    rows = report.get("network", {}).get("contenders", [])
    size = f"{bench_network.UNITS} units, {bench_network.TRIALS:,} x {bench_network.STEPS}"
    for package, wanted in (("jax", 1.0), ("torch", 4.0)):
        names = tuple(n for n, needed in bench_network.NEEDS.items() if needed == package)
        found += _faster(rows, bench_network.FLOOR, names, wanted, size)
    found += [
        Aim(f"{row['contender']}: cost against first alone", row["ratio"], 2.0, at_most=True)
        for row in rows
        if row["contender"] in bench_network.SECOND
    ]
    if full := report.get("reproduce-full"):
        found.append(Aim("reproduce in full, minutes", _seconds(full) / 60, 40.0, at_most=True))
    return found


def _faster(rows, floor, names, wanted, size):
    """Return the aim to be `wanted` times as fast as the fastest of `names`, if one was there."""
    ratios = {row["contender"]: row["ratio"] for row in rows}
    there = [name for name in names if name in ratios]
    if not there:
        return []
    name = min(there, key=ratios.get)
    reached = ratios[name]
    return [Aim(f"{size}: times as fast as {name}", reached, wanted, reached / ratios[floor])]


def print_aims(found: list[Aim]) -> None:
    """Print what was aimed at, what was measured, and what np.tanh alone would have reached."""
    lines = [
        [
            aim.what,
            f"{'<=' if aim.at_most else '>='} {aim.wanted:g}",
            f"{aim.measured:.2f}",
            "" if aim.floor is None else f"{aim.floor:.2f}",
            "yes" if aim.met else "NO",
        ]
        for aim in found
    ]
    print("\n" + table(["aim", "wanted", "measured", "tanh alone", "met"], lines))


def run(parts: list[str], repetitions: int, processes: int) -> dict:
    """Measure `parts`, printing each as it is done, and return everything as plain data."""
    report: dict = {"skipped": []}
    try:
        if "gradient" in parts:
            makers, _ = contenders()
            report["gradient"] = []
            for sequences, steps in SIZES:
                rows = time_gradient(sequences, steps, makers, repetitions)
                print_gradient(rows)
                report["gradient"] += rows
            report["growth"] = time_growth(min(repetitions, 7))
            print_growth("steps", report["growth"]["steps"], SIZES[0][0])
            print_growth("sequences", report["growth"]["sequences"], SIZES[1][1])
        if {"gradient", "network", "portrait"} & set(parts):
            for line in contenders()[1]:
                _skip(report, line)
        jobs = {
            "network": (
                lambda: bench_network.time_network(repetitions, _installed),
                print_network,
            ),
            "portrait": (lambda: time_portraits(min(repetitions, 5)), print_portraits),
            "frames": (lambda: time_frames(PAGE), print_frames),
            "reproduce": (lambda: time_reproduce(processes), print_reproduce),
            "reproduce-full": (
                lambda: time_reproduce(processes, "full"),
                lambda rows: print_reproduce(rows, "full"),
            ),
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
    if found := aims(report):
        print_aims(found)
        report["aims"] = [{**aim._asdict(), "met": aim.met} for aim in found]
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
        "parts",
        nargs="*",
        metavar="PART",
        help=f"{', '.join(PARTS)}; all of these by default; or {', '.join(ON_REQUEST)}",
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
    accepted = (*PARTS, *ON_REQUEST)
    if unknown := [part for part in given.parts if part not in accepted]:
        parser.error(f"no part called {', '.join(unknown)}; accepted: {', '.join(accepted)}")
    # Before the work, not after it.
    if given.json and (given.json.is_dir() or not given.json.parent.is_dir()):
        parser.error(f"argument --json: {given.json} is no file in a folder that exists")

    report = run(given.parts or list(PARTS), given.repetitions, given.processes)
    about = report["machine"]
    load = "" if about["load"] is None else f", load {about['load']:.1f}"
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    simd = " ".join(about["simd"]) or "baseline"
    print(f"\n{about['platform']}, {about['processors']} processors{load}; {versions} ({simd})")
    if given.json:
        write(given.json, json.dumps(report, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
