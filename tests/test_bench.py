"""The benchmark: what it skips it says, what disagrees stops it, misuse is refused."""

import json

import numpy as np
import pytest

from latchlib import phase_space
from tools import bench, bench_portrait

SMALL = {"POINTS": 15, "STEPS": 40, "NETWORKS": {"two latches": ((1.7, 0.3), (0.3, 1.7))}}


@pytest.fixture
def small(monkeypatch):
    for name, value in SMALL.items():
        monkeypatch.setattr(bench_portrait, name, value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["speed"], "no part called speed; accepted: gradient, portrait"),
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


def test_frameworks_that_are_missing_are_left_out(small):
    rows = bench_portrait.time_portraits(1, installed=lambda package: False)
    assert [row["contender"] for row in rows] == [bench_portrait.REFERENCE]


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


def test_table_is_aligned():
    assert bench.table(["", "ms"], [["one", "1.5"], ["three", "12.0"]]).splitlines() == [
        "         ms",
        "-----  ----",
        "one     1.5",
        "three  12.0",
    ]
