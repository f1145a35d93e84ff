"""The benchmark: what it skips it says, what disagrees stops it, misuse is refused."""

import json
from pathlib import Path

import numpy as np
import pytest

from latchlib import phase_space
from tools import bench, bench_network, bench_portrait, timing

SMALL = {"POINTS": 15, "STEPS": 40, "NETWORKS": {"two latches": ((1.7, 0.3), (0.3, 1.7))}}
SMALL_NETWORK = {"TRIALS": 6, "STEPS": 8, "LENGTHS": (2, 4), "BATCHES": (2, 4)}


@pytest.fixture
def small(monkeypatch):
    for name, value in SMALL.items():
        monkeypatch.setattr(bench_portrait, name, value)
    for name, value in SMALL_NETWORK.items():
        monkeypatch.setattr(bench_network, name, value)


@pytest.fixture
def clock(monkeypatch):
    """A clock that only the calls move, by ``clock.now += seconds``."""

    class Clock:
        now = 0.0

    monkeypatch.setattr(timing.time, "perf_counter", lambda: Clock.now)
    return Clock


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["speed"], "no part called speed; accepted: gradient, network, portrait"),
        (["--repetitions", "0"], "'0' is not a whole number >= 1"),
        (["--processes", "two"], "'two' is not a whole number >= 1"),
        (["--json", "no-such-folder/bench.json"], "is no file in a folder that exists"),
    ],
)
def test_misuse_is_one_line(capsys, arguments, message):
    with pytest.raises(SystemExit) as stopped:
        bench.main(arguments)
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1


def test_what_cannot_be_measured_is_said_and_the_rest_is_saved(
    capsys, monkeypatch, tmp_path, small
):
    monkeypatch.setattr(bench, "PAGE", tmp_path / "no-page.html")
    saved = tmp_path / "bench.json"
    assert bench.main(["portrait", "frames", "--repetitions", "1", "--json", str(saved)]) == 0
    report = json.loads(saved.read_text())
    assert "frames" not in report and "make book" in report["skipped"][-1]
    assert "skipped: frames" in capsys.readouterr().out
    grids, rate = report["portrait"]["grids"], report["portrait"]["certificates"]
    assert grids[0]["ratio"] == 1.0 and grids[0]["seconds"] > 0.0
    assert 0 < rate["certified"] <= rate["tried"]
    assert "aims" not in report


def test_frameworks_that_are_missing_are_left_out(small, monkeypatch):
    rows = bench_portrait.time_portraits(1, installed=lambda package: False)
    assert [row["contender"] for row in rows] == [bench_portrait.REFERENCE]
    monkeypatch.setattr(timing, "peak_memory", lambda *how: None)
    found = bench_network.time_network(1, installed=lambda package: False)
    own = [bench_network.FLOOR, bench_network.REFERENCE, *bench_network.SECOND]
    assert [row["contender"] for row in found["contenders"]] == own
    assert [row["size"] for row in found["trials"]["rows"]] == [2, 4]


def test_the_network_is_reported_with_its_aims(small, monkeypatch, capsys):
    monkeypatch.setattr(timing, "peak_memory", lambda *how: 12.0)
    monkeypatch.setattr(bench, "_installed", lambda package: False)
    report = bench.run(["network"], 1, 1)
    said = capsys.readouterr().out
    assert "Forward and backward, 5 units, 6 weight matrices x 8 steps" in said
    assert "grows like trials to the power" in said
    assert "skipped: PyTorch is not installed" in said
    # Without frameworks, what is left to say is what second derivatives cost.
    assert [aim["what"].split(":")[0] for aim in report["aims"]] == list(bench_network.SECOND)
    json.dumps(report)


def test_contenders_compute_what_differences_say():
    """That they agree is checked before each measurement; here, that it is the right thing."""
    drawn = bench_network.networks(3, 7)

    def cost(W):
        x = np.zeros(W.shape[1:])
        for given in drawn.inputs:
            net = np.einsum("ijr,jr->ir", W, x)
            net[0] += given
            x = np.tanh(net)
        return 0.5 * (x[bench_network.OUTPUT] - drawn.targets) ** 2

    found = bench_network.CONTENDERS[bench_network.REFERENCE](drawn)()
    direction = np.random.default_rng(0).normal(size=drawn.W.shape)
    ahead, behind = (cost(drawn.W + s * 1e-6 * direction) for s in (1, -1))
    along = (found * direction).sum(axis=(0, 1))
    assert along == pytest.approx((ahead - behind) / 2e-6, rel=1e-6, abs=1e-9)


def test_contenders_that_disagree_stop_the_benchmark(small):
    grid = phase_space.Grid.cube(4.0, 15)
    W = SMALL["NETWORKS"]["two latches"]
    attractors = phase_space.attractors(W)
    wanted = bench_portrait.CONTENDERS[bench_portrait.REFERENCE](W, grid, attractors)()
    bench_portrait._check("net", "same", wanted, wanted)
    other = np.where(wanted[0] == 0, 1, wanted[0]), wanted[1]
    with pytest.raises(RuntimeError, match=r"other labels .*% of the basin of net otherwise"):
        bench_portrait._check("net", "other", other, wanted)
    gradient = [np.ones(3), np.ones((3, 2, 3))]
    calls = {bench.REFERENCE: lambda: gradient, "other": lambda: [gradient[0], 2 * gradient[1]]}
    with pytest.raises(RuntimeError, match=r"gradient of other differs by 5\.0e-01"):
        bench.check_agreement(calls)
    for other, message in (
        (np.full((5, 5, 2), 1.5), r"2\.5e-01"),
        (np.full((5, 5, 2), np.nan), "nan"),
    ):
        calls = {bench_network.REFERENCE: lambda: np.ones((5, 5, 2)), "other": lambda o=other: o}
        with pytest.raises(RuntimeError, match=rf"derivatives of other differ by {message}"):
            bench_network.check_agreement(calls)


def test_the_second_call_of_a_round_is_timed_and_ratios_are_within_rounds(clock):
    made = []

    def call(name, seconds):
        made.append(name)
        # In every other round, of four calls, the machine is three times as slow.
        slow = 3 if (len(made) - 1) // 4 % 2 else 1
        clock.now += slow * seconds if made[-2:] == [name] * 2 else 100.0

    calls = {"one": lambda: call("one", 1.0), "two": lambda: call("two", 2.0)}
    found = timing.in_rounds(calls, 5)
    assert made == ["one", "one", "two", "two"] * (timing.WARM_UP + 5)
    assert set(found["one"]) == {1.0, 3.0} and len(found["one"]) == 5
    assert timing.ratio(found["two"], found["one"]) == 2.0
    row = timing.summary(found["two"], found["one"], steps=1000)
    assert row["ratio"] == 2.0 and row["ns_per_step"] in (2e6, 6e6)


def test_growth_is_the_power_of_the_size(clock):
    def call(size):
        clock.now += 1e-3 * size**1.5

    found = timing.growth({n: lambda n=n: call(n) for n in (10, 40, 90)}, 3)
    assert found["exponent"] == pytest.approx(1.5, abs=1e-9)
    assert [row["size"] for row in found["rows"]] == [10, 40, 90]


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="a peak is kept for good")
def test_peak_memory_of_an_array_is_its_size():
    # What is drawn is not counted, what the call fills is: 100 x 5 x 4096 numbers.
    peak = timing.peak_memory(
        bench_network.CONTENDERS[bench_network.FLOOR], bench_network.networks, (8, 5), (4096, 100)
    )
    assert 16.0 < peak < 20.0


def test_aims_are_read_against_the_fastest_form():
    rows = [
        {"contender": name, "ratio": ratio}
        for name, ratio in {
            bench_network.FLOOR: 0.25,
            bench_network.REFERENCE: 1.0,
            "PyTorch, products summed": 3.0,
            "PyTorch, baddbmm": 5.0,
            "latchlib, first and full second": 2.5,
        }.items()
    ]
    torch, second = bench.aims({"network": {"contenders": rows}})
    assert "products summed" in torch.what and (torch.measured, torch.floor) == (3.0, 12.0)
    assert not torch.met and not second.met
    assert bench.Aim("speed", 4.0, 4.0).met and bench.Aim("cost", 2.0, 2.0, at_most=True).met


def test_the_full_preset_is_measured_on_request_only(monkeypatch, capsys):
    asked = []

    def fake(processes, preset="quick"):
        asked.append(preset)
        return [{"experiment": "latch", "cells": 2, "seconds": 2460.0}]

    monkeypatch.setattr(bench, "time_reproduce", fake)
    report = bench.run(["reproduce"], 1, 1)
    assert asked == ["quick"] and "aims" not in report
    assert "reproduce-full" not in bench.PARTS
    assert bench.main(["reproduce-full"]) == 0
    assert asked == ["quick", "full"]
    said = capsys.readouterr().out
    assert "latchlib reproduce NAME --preset full" in said
    assert any(
        line.split() == ["reproduce", "in", "full,", "minutes", "<=", "40", "41.00", "NO"]
        for line in said.splitlines()
    )


def test_table_is_aligned():
    assert bench.table(["", "ms"], [["one", "1.5"], ["three", "12.0"]]).splitlines() == [
        "         ms",
        "-----  ----",
        "one     1.5",
        "three  12.0",
    ]
