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
from latchlib.experiments import (
    EXPERIMENTS,
    Experiment,
    _store,
    agrees,
    cell_row,
    load,
    reproduce,
    table,
    trials_of,
)
from latchlib.experiments.comparison import COMPARISONS
from latchlib.experiments.sensitivity import SENSITIVITY
from latchlib.experiments.shorter_first import SHORTER_FIRST
from latchlib.statistics import wilson_interval
from latchlib.training import StopReason

ROOT = Path(__file__).resolve().parents[1]
SAVED = ROOT / "book" / "data"
SEED = 5

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
        "def all_but_one(pool, grid, cells, missing, seed):\n"
        "    done = compute(pool, grid, cells, missing, seed)\n"
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
    """Count the finished cells."""
    return len(list((folder / "fig-2b").glob("*.json")))


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
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The bytes of SMALL, from one run without interruption."""
    folder = tmp_path_factory.mktemp("small")
    run(folder)
    return contents(folder)


# --- what a result holds -----------------------------------------------------------------


def test_table_is_tidy(small, tmp_path):
    folder = tmp_path / "new" / "folder"
    done = run(folder)
    assert (done.path, done.computed, done.resumed) == (folder / "fig-2b", 12, 0)
    saved = table(SMALL, folder)
    assert list(saved.columns) == [
        "reading", "s", "w0", "T", "sigma", "runs", "learned", "frequency", "low", "high",
        "presentations",
    ]  # fmt: skip
    assert len(saved) == 2 * 2 * 3 * 2
    assert saved.drop(columns="presentations").notna().all(axis=None)
    keys = ["reading", "s", "w0", "T", "runs"]
    assert not saved.duplicated(keys).any()
    expected = np.where(saved.reading == "variance", np.sqrt(saved.s), saved.s)
    assert np.array_equal(saved.sigma, expected)
    assert np.array_equal(saved.frequency, saved.learned / saved.runs)
    assert (saved.presentations.isna() == (saved.learned == 0)).all()
    for row in saved.itertuples():
        assert (row.low, row.high) == wilson_interval(row.learned, row.runs)
    assert contents(folder) == small


def test_table_is_what_was_computed(tmp_path):
    run(tmp_path)
    rows = [row for cell in SMALL.cells() for row in cell_row(SMALL, cell, SEED)]
    pd.testing.assert_frame_equal(table(SMALL, tmp_path), pd.DataFrame(rows), check_exact=True)


def test_a_cell_is_a_file_that_says_how_it_was_made(small):
    assert len(small) == 12  # nothing temporary is left
    cell = {"reading": "standard deviation", "s": 0.2, "w0": 1.25, "T": 8}
    file = json.loads(small["fig-2b/standard-deviation_0.2_1.25_8.json"])
    assert file["cell"] == cell and file["rows"] == cell_row(SMALL, cell, SEED)
    assert file["seed"] == SEED and file["versions"]["numpy"] == np.__version__
    assert file["settings"] == {
        "runs": [3, 6], "L": 2, "half_width": 0.1, "learning_rate": 0.1, "block": 20,
        "max_presentations": 300,
    }  # fmt: skip


def test_another_length_or_weight_recomputes_nothing(small, tmp_path):
    run(tmp_path)
    wider = replace(SMALL, T=(3, 5, 8, 15), w0=(1.0, 1.25, 2.0))
    assert (run(tmp_path, wider).computed, run(tmp_path, wider).computed) == (12, 0)
    assert small.items() <= contents(tmp_path).items()
    assert len(table(wider, tmp_path)) == 48 and len(table(SMALL, tmp_path)) == 24


def test_a_cell_does_not_depend_on_the_grid_or_the_number_of_runs():
    cell = {"reading": "variance", "s": 0.2, "w0": 1.0, "T": 12}
    whole = replace(SMALL, runs=(18, 60), L=3, max_presentations=1500)
    few, _ = cell_row(whole, cell, SEED)
    assert 0 < few["learned"] < 18  # or the comparison would prove little
    other = replace(whole, runs=(18,), T=(5, 12), w0=(1.0,), s=(0.1, 0.2))
    assert cell_row(other, cell, SEED) == [few]
    assert cell_row(other, cell, SEED + 1) != [few]


# --- the same bytes ----------------------------------------------------------------------


def test_processes_do_not_change_the_bytes(small, tmp_path):
    run(tmp_path / "two", processes=2)
    with ThreadPoolExecutor(3) as executor:
        run(tmp_path / "threads", executor=executor)
    assert contents(tmp_path / "two") == contents(tmp_path / "threads") == small


def test_another_seed_changes_the_bytes(small, tmp_path):
    run(tmp_path, seed=SEED + 1)
    other = contents(tmp_path)
    assert set(other) == set(small) and not set(other.values()) & set(small.values())


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


@pytest.fixture
def partial(tmp_path):
    """A folder with the first four cells, and one that was being written."""
    grid = replace(SMALL, readings=SMALL.readings[:1], w0=SMALL.w0[:1])
    run(tmp_path, grid)
    run(tmp_path, replace(grid, w0=SMALL.w0[1:], T=SMALL.T[:1]))
    whole = (tmp_path / "fig-2b" / "variance_0.2_1.25_3.json").read_bytes()
    (tmp_path / "fig-2b" / "variance_0.2_2.0_8.json.7.tmp").write_bytes(whole[:100])
    return tmp_path


def test_goes_on_from_the_cells_that_are_there(partial, small):
    done = run(partial)
    assert (done.resumed, done.computed) == (4, 8)
    assert contents(partial) == small


def test_an_executor_that_dies_leaves_its_cells(small, tmp_path):
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

    with pytest.raises(RuntimeError, match="power cut"):
        run(tmp_path, executor=Broken())
    # Futures that are done come in no order, so that some runs keep fewer than four.
    assert contents(tmp_path).items() <= small.items() and cells_in(tmp_path) <= 4
    run(tmp_path)
    assert contents(tmp_path) == small


CHANGES = {
    "learning_rate": replace(SMALL, learning_rate=0.2),
    "runs": replace(SMALL, runs=(3,)),
    "seed": SMALL,
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("resume", [True, False])
def test_changed_settings_are_refused_and_nothing_is_touched(partial, what, resume):
    before = contents(partial)
    seed = SEED + 1 if what == "seed" else SEED
    with pytest.raises(ValueError, match=rf"made with other {what}; accepted: another folder"):
        run(partial, CHANGES[what], seed=seed, resume=resume)
    assert contents(partial) == before


def test_other_versions_are_kept_or_replaced_only_if_asked_for(small, tmp_path, monkeypatch):
    run(tmp_path)
    monkeypatch.setattr(_store.np, "__version__", "9.9")
    with pytest.raises(ValueError, match=r"made with other versions; accepted"):
        run(tmp_path)
    assert run(tmp_path, mixed=True).computed == 0 and contents(tmp_path) == small
    assert run(tmp_path, resume=False).computed == 12
    files = [json.loads(data) for data in contents(tmp_path).values()]
    assert {file["versions"]["numpy"] for file in files} == {"9.9"}


TAMPERED = {
    "a number": lambda data: data.replace(b'"runs": 3', b'"runs": 4', 1),
    "a checksum": lambda data: data.replace(b'"sha256": "', b'"sha256": "0'),
    "no checksum": lambda data: data.replace(b"sha256", b"sha255"),
    "another cell": lambda data: data.replace(b'"T": 3', b'"T": 8', 1),
    "torn": lambda data: data[:-20],
    "empty": lambda data: b"",
    "a list": lambda data: b"[]",
    "no text": lambda data: b"\xff\xfe",
}


@pytest.mark.parametrize("kind", TAMPERED)
def test_a_cell_that_is_not_as_it_was_written_is_refused_and_kept(small, tmp_path, kind):
    path = tmp_path / "fig-2b" / "variance_0.2_1.25_3.json"
    path.parent.mkdir()
    data = small["fig-2b/variance_0.2_1.25_3.json"]
    path.write_bytes(TAMPERED[kind](data))
    assert path.read_bytes() != data
    before = contents(tmp_path)
    for call in (run, lambda folder: table(SMALL, folder, SMALL.cells()[:1])):
        with pytest.raises(ValueError, match=r"1\.25_3\.json is not as it was written"):
            call(tmp_path)
    assert contents(tmp_path) == before


# --- who else is there -------------------------------------------------------------------


def test_two_runs_at_once_write_the_same_bytes(small, tmp_path):
    class Second(Executor):
        def submit(self, function, /, *args):
            run(tmp_path)
            future = Future()
            future.set_result(function(*args))
            return future

    assert run(tmp_path, executor=Second()).computed == 12
    assert contents(tmp_path) == small


def test_a_folder_that_is_none_is_refused(tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    for folder in (file, file / "below"):
        with pytest.raises(ValueError, match=r"folder is .*accepted: a folder"):
            run(folder)
    assert contents(tmp_path) == {"file": b"mine"}


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path):
    # A file in the place of the result's folder stops root too, which permissions do not.
    (tmp_path / "fig-2b").touch()
    with pytest.raises(ValueError, match=r"folder is .*accepted: a folder, or a path where"):
        run(tmp_path)
    if os.name == "posix" and os.geteuid() != 0:
        closed = tmp_path / "closed" / "fig-2b"
        closed.mkdir(mode=0o500, parents=True)
        with pytest.raises(ValueError, match="Permission denied"):
            run(closed.parent)


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
    with pytest.raises(ValueError, match=r"holds no fig-2b/.*latchlib reproduce fig-2b"):
        load("fig-2b", tmp_path)
    with pytest.raises(ValueError, match=r"^name is 'fig-2c'; accepted: .*'fig-2b'"):
        load("fig-2c", tmp_path)


# --- the saved results -------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_saved_result_is_whole(name):
    """Every cell is there with the settings of now, under a name of its own, and no other file."""
    grid, paths = EXPERIMENTS[name]["full"], set()
    for cell in grid.cells():
        paths.add(path := _store._path(grid, SAVED, cell))
        assert _store._is_there(
            path, cell, _store._origin(grid, cell, 1994), resume=True, mixed=True
        )
    assert set((SAVED / name).iterdir()) == paths
    assert len({path.name.lower() for path in paths}) == len(grid.cells())
    assert not load(name, SAVED).duplicated(list(grid.keys)).any()


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_quick_cells_are_cells_of_the_full_grid(name):
    full, quick = (EXPERIMENTS[name][preset] for preset in ("full", "quick"))
    cells, fewer = full.cells(), {}
    if isinstance(full, Experiment):
        assert quick.runs == full.runs[:1] == (18,)
        fewer = {"runs": (18,)}
    for cell in quick.cells():
        assert cell in cells and quick.settings(cell) == full.settings(cell) | fewer


def test_the_quick_figures_are_those_that_the_help_promises():
    grid, lengths = EXPERIMENTS["fig-2a"]["quick"], EXPERIMENTS["fig-2b"]["quick"]
    assert (grid.w0, grid.s, grid.T) == ((0.5, 1.25, 2.0), (0.0, 0.2), (20,))
    assert (lengths.w0, lengths.s, lengths.T) == ((1.25,), (0.2,), (5, 10, 20, 40))


#: Trials of a row, where they are not 100.
TRIALS = {"explosion-rates": 40, "architectures": 10}


@pytest.mark.parametrize("name", [name for name in EXPERIMENTS if not name.startswith("fig")])
def test_the_saved_rows_are_those_of_their_trials(name):
    saved = load(name, SAVED)
    trained = saved[saved.rule != "random guessing"] if name == "architectures" else saved
    assert (trained.trials >= TRIALS.get(name, 100)).all()
    assert (trained.presentations <= trained.budget).all()
    for row in trained.to_dict("records"):
        trials = trials_of(row)
        assert {len(values) for values in trials.values()} == {row["trials"]}
        assert row["learned"] == trials["learned"].sum()
        for reason in ("stuck", "diverged"):
            assert row[reason] == (trials["reason"] == StopReason[reason.upper()]).sum()
        for column in ("error", "test_error", "presentations"):
            assert row[column] == pytest.approx(trials[column].mean(), rel=1e-12, abs=1e-15)


#: Of how many cells; `make reproduce` does all.
AGAIN = dict.fromkeys(COMPARISONS | SENSITIVITY | SHORTER_FIRST, 1) | {"fig-2a": 3, "fig-2b": 2}


@pytest.mark.slow
@pytest.mark.parametrize("name", AGAIN)
def test_random_cells_of_the_saved_result_come_out_again(name):
    experiment, saved = EXPERIMENTS[name]["full"], load(name, SAVED)
    # Of the cheaper half, so that the test stays short.
    cells = sorted(experiment.cells(), key=experiment.cost)
    seed = random.SystemRandom().randrange(10**9)
    print("random.seed", seed)
    for cell in random.Random(seed).sample(cells[: len(cells) // 2], AGAIN[name]):
        rows = pd.DataFrame(cell_row(experiment, cell, 1994))
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
