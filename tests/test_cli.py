"""The command line: what it prints, and how it refuses."""

import importlib.metadata
import os
import re
import signal
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from test_experiments import contents, environment, group_is_gone, wait_for

from latchlib import __main__ as cli
from latchlib.experiments import EXPERIMENTS

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def small(monkeypatch):
    """Put small grids in place of the real ones: the line around them is what is tested."""
    found = {}
    for name in ("fig-2a", "fig-2b"):
        presets = EXPERIMENTS[name]
        full = replace(
            presets["full"], w0=(1.25,), s=(0.4,), T=(5, 8), runs=(3, 12), max_presentations=400
        )
        found[name] = MappingProxyType({"full": full, "quick": replace(full, T=(8,), runs=(3,))})
    monkeypatch.setattr(cli, "EXPERIMENTS", MappingProxyType(found))


@pytest.fixture
def call(capsys):
    """Run the command line in this process; return exit status, standard output and error."""

    def call(*words):
        try:
            status = cli.main([str(word) for word in words])
        except SystemExit as stop:  # how argparse ends
            status = stop.code
        out, err = capsys.readouterr()
        return status, out, err

    return call


def reproduce(call, *words):
    return call("reproduce", *words, "--no-progress", "--processes", 1)


# --- misuse ------------------------------------------------------------------------------

#: Words after `latchlib`, and what the one line on standard error must say.
MISUSE = {
    "nothing": ([], "command"),
    "unknown command": (["produce"], "'produce'"),
    "no experiment": (["reproduce"], "what"),
    "unknown experiment": (["reproduce", "fig-2c"], "'fig-2c'.*fig-2a"),
    "unknown option": (["reproduce", "fig-2b", "--sede", "1"], "--sede"),
    "unknown preset": (["reproduce", "fig-2b", "--preset", "half"], "'half'.*quick"),
    "negative seed": (["reproduce", "fig-2b", "--seed", "-1"], "--seed: '-1'.*>= 0"),
    "seed is no number": (["reproduce", "fig-2b", "--seed", "1.5"], "--seed: '1.5'"),
    "no processes": (["reproduce", "fig-2b", "--processes", "0"], "--processes: '0'.*>= 1"),
    "negative seed, cell": (["reproduce", "fig-2b", "--seed", "-1", "--cell", "T=5"], "--seed"),
    "cell without =": (["reproduce", "fig-2b", "--cell", "T"], "cell is 'T'.*NAME=VALUE"),
    "cell of no name": (["reproduce", "fig-2b", "--cell", "q=1"], "cell is 'q=1'.*reading, s, w0"),
    "cell is no number": (["reproduce", "fig-2b", "--cell", "T=a"], "cell is 'T=a'.*T=NUMBER"),
    "T is a fraction": (["reproduce", "fig-2b", "--cell", "T=5.0"], "cell is 'T=5.0'"),
    "cell off the grid": (["reproduce", "fig-2b", "--cell", "T=6"], "T=6.*grid of fig-2b"),
    "cell is NaN": (["reproduce", "fig-2b", "--cell", "w0=nan"], "w0=nan.*grid"),
    "cell of all": (["reproduce", "all", "--cell", "T=5"], "what is 'all'.*one experiment"),
    "no cell": (["reproduce", "fig-2b", "--cell"], "--cell"),
    "compare to nothing": (
        ["reproduce", "fig-2b", "--compare", "{empty}"], "holds no fig-2b/.*latchlib reproduce"
    ),
    "compare cell to nothing": (
        ["reproduce", "fig-2b", "--cell", "T=5", "--compare", "{empty}"], "holds no fig-2b/"
    ),
    "output is a file": (["reproduce", "fig-2b", "--output", "{file}"], "folder is .*file"),
    "output is below a file": (["reproduce", "fig-2b", "--output", "{file}/x"], "folder is .*file"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISUSE)
def test_misuse_ends_with_2_and_one_line(case, call, small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    empty, file = tmp_path / "empty", tmp_path / "file"
    empty.mkdir()
    file.write_text("mine")
    words, message = MISUSE[case]
    status, out, err = call(*(word.format(empty=empty, file=file) for word in words))
    assert (status, out) == (2, "")
    assert err.startswith("latchlib: ") and err.count("\n") == 1 and err.endswith("\n")
    assert re.search(message, err), err
    # Refused before any work: nothing was made.
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty", "file"]
    assert file.read_text() == "mine"


def test_misuse_of_the_program_itself_shows_no_traceback(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "latchlib", "reproduce", "fig-2b", "--output", "/dev/null/x"],
        capture_output=True, text=True, env=environment(), cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("latchlib: folder is '/dev/null/x'")
    assert done.stderr.count("\n") == 1


def test_a_result_made_with_another_seed_is_not_touched(call, small, tmp_path):
    assert reproduce(call, "fig-2b", "--output", tmp_path)[0] == 0
    before = contents(tmp_path)
    status, _, err = reproduce(call, "fig-2b", "--output", tmp_path, "--seed", 7)
    assert status == 2 and "made with other seed" in err and err.count("\n") == 1
    assert contents(tmp_path) == before


# --- use ---------------------------------------------------------------------------------


def test_reproduce_saves_and_says_so(call, small, tmp_path):
    status, out, err = reproduce(call, "all", "--output", tmp_path)
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        f"{tmp_path / name}: 4 cells computed, 0 taken over" for name in ("fig-2a", "fig-2b")
    ]
    assert len(contents(tmp_path)) == 8
    again = reproduce(call, "fig-2b", "--output", tmp_path)
    assert again == (0, f"{tmp_path / 'fig-2b'}: 0 cells computed, 4 taken over\n", "")
    again = reproduce(call, "fig-2b", "--output", tmp_path, "--no-resume")
    assert again == (0, f"{tmp_path / 'fig-2b'}: 4 cells computed, 0 taken over\n", "")


@pytest.mark.parametrize("preset", ["full", "quick"])
def test_compare_finds_equal_results_equal(call, small, tmp_path, preset):
    saved, new = tmp_path / "saved", tmp_path / "new"
    reproduce(call, "fig-2b", "--output", saved)
    status, out, _ = reproduce(
        call, "fig-2b", "--output", new, "--preset", preset, "--compare", saved
    )
    assert status == 0 and f"{8 if preset == 'full' else 2} rows agree with the saved ones" in out


@pytest.mark.parametrize("preset", ["full", "quick"])
def test_compare_finds_different_results_different(call, small, tmp_path, preset):
    saved, new = tmp_path / "saved", tmp_path / "new"
    reproduce(call, "fig-2b", "--output", saved, "--seed", 7)
    status, out, _ = reproduce(
        call, "fig-2b", "--output", new, "--preset", preset, "--compare", saved
    )
    assert status == 1 and "differs" in out


def test_compare_to_a_part_of_the_grid_is_refused_before_the_work(call, small, tmp_path):
    saved, new = tmp_path / "saved", tmp_path / "new"
    reproduce(call, "fig-2b", "--output", saved, "--preset", "quick")
    status, out, err = reproduce(call, "fig-2b", "--output", new, "--compare", saved)
    assert (status, out) == (2, "") and "holds no fig-2b/variance_0.4_1.25_5.json" in err
    assert not new.exists()
    # What is there can be compared.
    words = ("fig-2b", "--cell", "T=8", "--preset", "quick", "--compare", saved)
    assert reproduce(call, *words)[0] == 0


def test_cell_prints_the_rows_and_saves_nothing(call, small, tmp_path, monkeypatch):
    saved = tmp_path / "saved"
    reproduce(call, "fig-2b", "--output", saved)
    monkeypatch.chdir(tmp_path)
    words = ("fig-2b", "--cell", "reading=variance", "T=8", "w0=1.25")
    status, out, err = reproduce(call, *words, "--compare", saved)
    assert (status, err) == (0, "")
    header, *rows, last = out.splitlines()
    assert header.split()[:4] == ["reading", "s", "w0", "T"]
    assert [row.split()[:4] for row in rows] == [["variance", "0.4", "1.25", "8"]] * 2
    assert last == "fig-2b: 2 rows agree with the saved ones"
    assert [p.name for p in tmp_path.iterdir()] == ["saved"]
    assert reproduce(call, *words, "--seed", 8, "--compare", saved)[0] == 1


# --- the program -------------------------------------------------------------------------


def test_the_script_is_declared_and_runs():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    target = project["scripts"]["latchlib"]
    entry = importlib.metadata.EntryPoint("latchlib", target, "console_scripts")
    assert entry.load() is cli.main
    # What the installed script does, so that this also runs where latchlib is not installed.
    name, function = target.split(":")
    program = f"import sys; from {name} import {function}; sys.exit({function}())"
    script = Path(sys.executable).with_name("latchlib")
    command = [script] if script.exists() else [sys.executable, "-c", program]
    done = subprocess.run(
        [*command, "reproduce", "fig-2c"], capture_output=True, text=True, env=environment()
    )
    # The status that `main` returns is the program's.
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("latchlib: ") and done.stderr.count("\n") == 1


def interrupt(folder, processes, whole_group):
    """Start a run, send it Ctrl-C once a cell is there, and return the finished process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "latchlib", "reproduce", "fig-2b", "--output", str(folder),
         "--processes", str(processes), "--no-progress"],
        env=environment(), start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        # A shell starts what runs in the background with Ctrl-C ignored, and children inherit it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    wait_for(lambda: len(list(folder.glob("fig-2b/*.json"))) > 1)
    if whole_group:  # as a terminal does
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    return process, out, err


@pytest.mark.parametrize("processes, whole_group", [(1, False), (2, True)])
def test_ctrl_c_keeps_the_cells(tmp_path, processes, whole_group):
    process, out, err = interrupt(tmp_path, processes, whole_group)
    assert (process.returncode, out) == (130, "")
    assert err.startswith("latchlib: interrupted") and err.count("\n") == 1, err
    grid = EXPERIMENTS["fig-2b"]["full"]
    kept = [path.name for path in (tmp_path / "fig-2b").iterdir()]
    assert 2 <= len(kept) < len(grid.cells()) and all(name.endswith(".json") for name in kept)
    assert group_is_gone(process.pid)
