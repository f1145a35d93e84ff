"""Results on disk: resumable, never mixed, never half-written, the same bytes every time."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import latchlib
from latchlib.experiments import EXPERIMENTS, Experiment, agrees, cell_row, load, reproduce
from latchlib.statistics import wilson_interval

ROOT = Path(__file__).resolve().parents[1]
SAVED = ROOT / "book" / "data"
SEED = 5
NAMES = ("fig-2b.csv", "fig-2b.json")

# Small enough to be run often, long enough to be killed in the middle.
SMALL = Experiment("fig-2b", w0=(1.25, 2.0), s=(0.2,), T=(3, 8, 15), runs=(3, 6), L=2, block=20,
                   max_presentations=300)  # fmt: skip
SLOW = replace(SMALL, w0=(1.25,), T=(10, 15, 20, 25, 30), s=(0.4,), runs=(20,),
               max_presentations=600)  # fmt: skip


def environment():
    """Return the environment of a subprocess, which must import the same latchlib."""
    here = str(Path(latchlib.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([here, os.environ.get("PYTHONPATH", "")])}


def start(experiment, folder, processes):
    """Start `reproduce` in a process group of its own; it never gets to its last cell.

    So whoever stops it cannot come too late, however fast the machine is.
    """
    program = (
        "import time\n"
        "from latchlib.experiments import Experiment, _store, reproduce\n"
        "compute = _store._compute\n"
        "def all_but_one(pool, experiment, cells, missing, seed):\n"
        "    done = compute(pool, experiment, cells, missing, seed)\n"
        "    yield from (next(done) for _ in missing[1:])\n"
        "    time.sleep(600)\n"
        "_store._compute = all_but_one\n"
        f"reproduce({experiment!r}, {str(folder)!r}, seed={SEED}, processes={processes}, "
        "progress=False)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program], env=environment(), start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def cells_in(folder):
    """Count the finished lines of the partial file, its header left out."""
    path = folder / "fig-2b.partial.jsonl"
    return path.read_bytes().count(b"\n") - 1 if path.exists() else -1


def wait_for_cells(process, folder, count):
    wait_for(lambda: cells_in(folder) >= count or process.poll() is not None)


def group_is_gone(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def run(folder, experiment=SMALL, **more):
    return reproduce(experiment, folder, seed=more.pop("seed", SEED), progress=False, **more)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The bytes of SMALL, from one run without interruption."""
    folder = tmp_path_factory.mktemp("small")
    run(folder)
    found = contents(folder)
    assert set(found) == set(NAMES)  # nothing temporary is left
    return found


# --- what a result holds -----------------------------------------------------------------


def test_table_is_tidy(small, tmp_path):
    folder = tmp_path / "new" / "folder"
    done = run(folder)
    assert (done.path, done.computed, done.resumed) == (folder / "fig-2b.csv", 12, 0)
    table = load("fig-2b", folder)
    assert list(table.columns) == [
        "reading", "s", "w0", "T", "sigma", "runs", "learned", "frequency", "low", "high",
        "presentations",
    ]  # fmt: skip
    assert len(table) == 2 * 2 * 3 * 2
    assert table.drop(columns="presentations").notna().all(axis=None)
    keys = ["reading", "s", "w0", "T", "runs"]
    assert not table.duplicated(keys).any()
    expected = np.where(table.reading == "variance", np.sqrt(table.s), table.s)
    assert np.array_equal(table.sigma, expected)
    assert np.array_equal(table.frequency, table.learned / table.runs)
    assert (table.presentations.isna() == (table.learned == 0)).all()
    for row in table.itertuples():
        assert (row.low, row.high) == wilson_interval(row.learned, row.runs)
    assert contents(folder) == small


def test_table_is_what_was_computed(tmp_path):
    run(tmp_path)
    rows = [row for cell in SMALL.cells() for row in cell_row(SMALL, cell, SEED)]
    pd.testing.assert_frame_equal(load("fig-2b", tmp_path), pd.DataFrame(rows), check_exact=True)


def test_sidecar_says_how_it_was_made(small):
    sidecar = json.loads(small["fig-2b.json"])
    assert sidecar["seed"] == SEED and sidecar["rows"] == 24
    assert sidecar["settings"] == json.loads(json.dumps(SMALL.settings()))
    assert sidecar["versions"]["numpy"] == np.__version__


def test_a_cell_does_not_depend_on_the_grid_or_the_number_of_runs():
    cell = {"reading": "variance", "s": 0.2, "w0": 1.0, "T": 12}
    whole = replace(SMALL, runs=(18, 60), L=3, max_presentations=1500)
    few, _ = cell_row(whole, cell, SEED)
    assert 0 < few["learned"] < 18  # or the comparison would prove little
    other = replace(whole, runs=(18,), T=(5, 12), w0=(1.0,), s=(0.1, 0.2))
    assert cell_row(other, cell, SEED) == [few]
    assert cell_row(other, cell, SEED + 1) != [few]


def test_quick_rows_are_rows_of_the_full_result():
    for name in ("fig-2a", "fig-2b"):
        full, quick = EXPERIMENTS[name]["full"], EXPERIMENTS[name]["quick"]
        assert all(cell in full.cells() for cell in quick.cells())
        changed = {"w0", "s", "T", "readings", "runs"}
        left, right = full.settings(), quick.settings()
        assert all(left[key] == right[key] for key in left if key not in changed)
        assert quick.runs == full.runs[:1] == (18,)
    grid, lengths = EXPERIMENTS["fig-2a"]["quick"], EXPERIMENTS["fig-2b"]["quick"]
    assert (grid.w0, grid.s, grid.T) == ((0.5, 1.25, 2.0), (0.0, 0.2), (20,))
    assert (lengths.w0, lengths.s, lengths.T) == ((1.25,), (0.2,), (5, 10, 20, 40))


def test_the_seed_may_be_zero():
    experiment = EXPERIMENTS["fig-2b"]["quick"]
    [row] = experiment.rows(experiment.cells()[0], 0)
    assert row["runs"] == 18
    with pytest.raises(ValueError, match="seed is -1; accepted"):
        experiment.rows(experiment.cells()[0], -1)


# --- the same bytes ----------------------------------------------------------------------


def test_processes_do_not_change_the_bytes(small, tmp_path):
    run(tmp_path / "two", processes=2)
    with ThreadPoolExecutor(3) as executor:
        run(tmp_path / "threads", executor=executor)
    assert contents(tmp_path / "two") == contents(tmp_path / "threads") == small


def test_another_seed_changes_the_bytes(small, tmp_path):
    run(tmp_path, seed=SEED + 1)
    assert contents(tmp_path)["fig-2b.csv"] != small["fig-2b.csv"]


def test_a_finished_result_is_left_alone(small, tmp_path):
    run(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    for resume in (True, False):
        again = run(tmp_path, resume=resume)
        assert (again.computed, again.resumed) == (0, 0)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


# --- killed, interrupted -----------------------------------------------------------------


@pytest.mark.slow
def test_killed_at_random_moments_ends_in_the_same_bytes(tmp_path):
    seed = random.SystemRandom().randrange(10**9)
    print("random.seed", seed)
    moments = random.Random(seed)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    run(whole, SLOW, processes=2)
    total, kept = len(SLOW.cells()), 0
    for processes in (1, 2, 2):
        process = start(SLOW, broken, processes)
        target = min(kept + moments.randint(1, 4), total - 2)
        wait_for_cells(process, broken, target)
        time.sleep(moments.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)  # the parent alone; its workers end
        _, errors = process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL, errors
        now = cells_in(broken)
        assert now >= target > kept or target == total - 2
        kept = now
        wait_for(lambda group=process.pid: group_is_gone(group), seconds=10)
    assert 0 < kept < total
    last = run(broken, SLOW)
    assert (last.resumed, last.computed) == (kept, total - kept)
    assert contents(broken) == contents(whole)


def test_a_result_killed_after_its_last_rename_is_cleaned_up(small, tmp_path):
    run(tmp_path)
    (tmp_path / "fig-2b.partial.jsonl").write_bytes(b"{}\n")
    (tmp_path / ".fig-2b.lock").touch()
    assert run(tmp_path).computed == 0
    assert contents(tmp_path) == small


def test_a_result_killed_between_its_renames_is_finished(small, tmp_path):
    run(tmp_path)
    (tmp_path / "fig-2b.csv").unlink()
    run(tmp_path)
    assert contents(tmp_path) == small


@pytest.fixture
def partial(tmp_path):
    """A partial file with four cells, left by a run that broke off."""

    class Broken(Executor):
        submitted = 0

        def submit(self, function, /, *args):
            future = Future()
            self.submitted += 1
            if self.submitted > 4:
                future.set_exception(RuntimeError("power cut"))
            else:
                future.set_result(function(*args))
            return future

    path = tmp_path / "fig-2b.partial.jsonl"
    with pytest.raises(RuntimeError, match="power cut"):
        # Futures that are done come in no order, so that some runs would keep fewer than four.
        run(tmp_path, executor=Broken())
    header, *_ = path.read_bytes().splitlines()
    lines = [header]
    for index, cell in enumerate(SMALL.cells()[:4]):
        lines.append(json.dumps({"cell": index, "rows": cell_row(SMALL, cell, SEED)}).encode())
    path.write_bytes(b"\n".join(lines) + b"\n")
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    return path


def test_goes_on_from_the_cells_that_are_there(partial, small):
    done = run(partial.parent)
    assert (done.resumed, done.computed) == (4, 8)
    assert contents(partial.parent) == small


@pytest.mark.parametrize("cut", [1, 2, 30, 200])
def test_a_torn_last_line_is_dropped(partial, small, cut):
    partial.write_bytes(partial.read_bytes()[:-cut])
    done = run(partial.parent)
    assert (done.resumed, done.computed) == (3, 9)
    assert contents(partial.parent) == small


@pytest.mark.parametrize("size", [0, 1, 50])
def test_a_torn_first_line_means_no_cells(partial, small, size):
    partial.write_bytes(partial.read_bytes()[:size])
    assert run(partial.parent).resumed == 0
    assert contents(partial.parent) == small


def test_without_resuming_the_cells_are_thrown_away(partial, small):
    partial.write_bytes(partial.read_bytes().replace(b'"learned": ', b'"learned": 9'))
    done = run(partial.parent, resume=False)
    assert (done.resumed, done.computed) == (0, 12)
    assert contents(partial.parent) == small


def _edit_cell(change):
    def edit(data):
        header, first, *rest = data.splitlines()
        entry = json.loads(first)
        change(entry)
        return b"\n".join([header, json.dumps(entry).encode(), *rest]) + b"\n"

    return edit


FOREIGN = {
    "cell of another grid": _edit_cell(lambda e: e["rows"][0].update(T=99)),
    "cell out of range": _edit_cell(lambda e: e.update(cell=12)),
    "negative cell": _edit_cell(lambda e: e.update(cell=-1)),
    "cell is no number": _edit_cell(lambda e: e.update(cell="a")),
    "no rows": _edit_cell(lambda e: e.pop("rows")),
    "rows are no list": _edit_cell(lambda e: e.update(rows=5)),
    "rows are no rows": _edit_cell(lambda e: e.update(rows=[1, 2])),
    "row without its cell": _edit_cell(lambda e: e["rows"][0].pop("w0")),
    "fewer rows than runs": _edit_cell(lambda e: e["rows"].pop()),
    "row without a column": _edit_cell(lambda e: e["rows"][1].pop("low")),
    "no JSON": lambda data: data.replace(b"{", b"[", 1),
    "no text": lambda data: b"\xff\xfe\n" + data,
    "another file": lambda data: b"[1, 2]\n" + data,
    "line of another kind": lambda data: data + b"[1]\n",
    "other version": lambda data: data.replace(b'"numpy": "', b'"numpy": "9', 1),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_partial_file_is_refused_and_kept(partial, kind):
    partial.write_bytes(FOREIGN[kind](partial.read_bytes()))
    before = contents(partial.parent)
    with pytest.raises(ValueError, match=r"fig-2b\.partial\.jsonl"):
        run(partial.parent)
    assert contents(partial.parent) == before


CHANGES = {
    "learning_rate": replace(SMALL, learning_rate=0.2),
    "T": replace(SMALL, T=(3, 8, 16)),
    "runs": replace(SMALL, runs=(3,)),
    "seed": SMALL,
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("finished", [True, False], ids=["finished", "under way"])
def test_changed_settings_are_refused_and_nothing_is_touched(partial, what, finished):
    folder = partial.parent
    if finished:
        run(folder)
    before = contents(folder)
    with pytest.raises(ValueError, match=rf"made with other {what}; accepted: another folder"):
        run(folder, CHANGES[what], seed=SEED + 1 if what == "seed" else SEED)
    assert contents(folder) == before


TAMPERED = {
    "changed table": ("fig-2b.csv", lambda data: data.replace(b"1.25", b"1.26", 1)),
    "longer table": ("fig-2b.csv", lambda data: data + b"\n"),
    "changed checksum": ("fig-2b.json", lambda d: d.replace(b'"sha256": "', b'"sha256": "0')),
    "no checksum": ("fig-2b.json", lambda data: data.replace(b"sha256", b"sha255")),
    "torn sidecar": ("fig-2b.json", lambda data: data[:-20]),
    "sidecar is a list": ("fig-2b.json", lambda data: b"[]"),
    "sidecar is no text": ("fig-2b.json", lambda data: b"\xff\xfe"),
    "sidecar is gone": ("fig-2b.json", None),
}


@pytest.mark.parametrize("kind", TAMPERED)
def test_a_tampered_result_is_refused_and_kept(small, tmp_path, kind):
    for name, data in small.items():
        (tmp_path / name).write_bytes(data)
    name, change = TAMPERED[kind]
    if change is None:
        (tmp_path / name).unlink()
    else:
        assert change(small[name]) != small[name]
        (tmp_path / name).write_bytes(change(small[name]))
    before = contents(tmp_path)
    for call in (run, lambda folder: load("fig-2b", folder)):
        with pytest.raises(ValueError, match=r"fig-2b\.(csv|json)"):
            call(tmp_path)
    assert contents(tmp_path) == before


# --- who else is there -------------------------------------------------------------------


@pytest.mark.slow
def test_a_second_run_in_another_process_is_refused(tmp_path):
    process = start(SLOW, tmp_path, 1)
    try:
        wait_for_cells(process, tmp_path, 1)
        with pytest.raises(ValueError, match="another run of the same experiment is under way"):
            run(tmp_path, SLOW)
        kept = cells_in(tmp_path)
    finally:
        process.kill()
        process.communicate()
    assert run(tmp_path, SLOW).resumed >= kept >= 1


def test_a_second_run_in_the_same_process_is_refused(small, tmp_path):
    class Second(Executor):
        refusals = 0

        def submit(self, function, /, *args):
            with pytest.raises(ValueError, match="under way"):
                run(tmp_path)
            self.refusals += 1
            future = Future()
            future.set_result(function(*args))
            return future

    executor = Second()
    run(tmp_path, executor=executor)
    assert executor.refusals == 12
    assert contents(tmp_path) == small


def test_a_folder_that_is_none_is_refused(tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    for folder in (file, file / "below"):
        with pytest.raises(ValueError, match=r"folder is .*accepted: a folder"):
            run(folder)
    assert contents(tmp_path) == {"file": b"mine"}


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path):
    # A folder in the place of the lock file stops root too, which permissions do not.
    (tmp_path / ".fig-2b.lock").mkdir()
    with pytest.raises(ValueError, match=r"folder is .*accepted: a folder that can be written to"):
        run(tmp_path)
    if os.name == "posix" and os.geteuid() != 0:
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o500)
        with pytest.raises(ValueError, match="Permission denied"):
            run(closed)


@pytest.mark.parametrize(
    "name, value",
    [("seed", -1), ("seed", 1.0), ("seed", None), ("processes", 0), ("processes", 1.5)],
)
def test_bad_arguments_are_refused_before_a_folder_is_made(tmp_path, name, value):
    with pytest.raises(ValueError, match=rf"^{name} is {value}; accepted"):
        run(tmp_path / "new", **{name: value})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name, value",
    [
        ("w0", ()), ("w0", (np.nan,)), ("s", (-0.1,)), ("s", (0.1, -0.1)), ("T", ()),
        ("T", (2, 1)), ("T", (20.0,)), ("readings", ()), ("readings", ("range",)),
        ("runs", ()), ("runs", (18, 18)), ("runs", (200, 18)), ("runs", (0,)), ("L", 0),
        ("half_width", 0.0), ("learning_rate", -0.1), ("block", 0), ("max_presentations", 0),
    ],
)  # fmt: skip
def test_bad_settings_are_refused(name, value):
    with pytest.raises(ValueError, match=rf"^{name} is .*accepted"):
        replace(SMALL, **{name: value})


def test_one_run_of_one_presentation_will_do():
    least = replace(SMALL, runs=(1,), max_presentations=1)
    [row] = least.rows(least.cells()[0], 0)
    assert row["runs"] == 1


def test_load_says_which_folder_is_empty(tmp_path):
    with pytest.raises(ValueError, match=r"holds no fig-2b\.csv.*latchlib reproduce fig-2b"):
        load("fig-2b", tmp_path)


# --- the saved results -------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name, count", [("fig-2a", 3), ("fig-2b", 2)])
def test_random_cells_of_the_saved_result_come_out_again(name, count):
    experiment = EXPERIMENTS[name]["full"]
    sidecar = json.loads((SAVED / f"{name}.json").read_text())
    assert sidecar["settings"] == experiment.settings(), "the saved result has other settings"
    saved = load(name, SAVED)
    assert len(saved) == len(experiment.cells()) * len(experiment.runs)
    seed = random.SystemRandom().randrange(10**9)
    print("random.seed", seed)
    for cell in random.Random(seed).sample(experiment.cells(), count):
        rows = pd.DataFrame(cell_row(experiment, cell, sidecar["seed"]))
        match = (saved[list(cell)] == pd.Series(cell)).all(axis=1)
        assert agrees(rows, saved[match]), cell


def test_rows_agree_in_counts_exactly_and_in_the_rest_to_eight_digits():
    saved = load("fig-2b", SAVED)
    assert agrees(saved.copy(), saved)
    for column, change, same in (
        ("learned", 1, False), ("T", 1, False), ("frequency", 1e-7, False),
        ("frequency", 1e-10, True), ("high", 1e-7, False), ("high", 1e-10, True),
    ):  # fmt: skip
        other = saved.copy()
        other[column] = other[column].astype(float)
        other.loc[4, column] += change * (1 if column in ("learned", "T") else other[column][4])
        assert agrees(other, saved) is same, column
    assert not agrees(saved[:-1], saved) and not agrees(saved.drop(columns="low"), saved)
    # What came of a trial is counted, and the same text or not.
    trials = load("latch", SAVED)
    other = trials.copy()
    other.loc[0, "spent"] = other["spent"][0].replace("3000", "2999", 1)
    assert agrees(trials.copy(), trials) and not agrees(other, trials)
