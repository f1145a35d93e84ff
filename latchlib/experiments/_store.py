"""Results on disk: tidy, with a sidecar, resumable, never half-written.

A result is ``NAME.csv`` and ``NAME.json`` (settings, seed, versions, checksum). While cells are
under way they stand in ``NAME.partial.jsonl``: a first line that says which settings they belong
to, then a line a cell. A run that was killed leaves at worst a torn last line, which is dropped.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import multiprocessing
import os
import platform
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from latchlib import __version__
from latchlib._validation import integer, refuse
from latchlib.experiments._grid import Grid, cell_row

try:
    import fcntl
except ImportError:  # Windows: two runs into one folder are then not kept apart
    fcntl = None

__all__ = ["Run", "agrees", "load", "reproduce"]

# Columns that hold text or whole numbers; all others hold floats.
_PLAIN = {
    *("reading", "T", "runs", "learned"),
    *("method", "budget", "trials", "stuck", "diverged", "problem", "setting", "value"),
    *("sequences", "reasons", "wrong", "test_wrong", "spent"),
}

# What would be read as a number where it is text.
_TEXT = dict.fromkeys(("value", "reasons", "wrong", "test_wrong", "spent"), str)

# Results this process is making. A POSIX lock keeps processes apart, not threads of one.
_under_way: set[Path] = set()


@dataclass(frozen=True)
class Run:
    """What :func:`reproduce` did.

    Parameters
    ----------
    path : pathlib.Path
        The finished table.
    computed, resumed : int
        Cells computed now, and cells taken over from an interrupted run.
    """

    path: Path
    computed: int
    resumed: int


def load(name: str, folder: str | os.PathLike = "data") -> pd.DataFrame:
    """Read a finished result, after checking it against its sidecar.

    Parameters
    ----------
    name : str
        Key of :data:`latchlib.experiments.EXPERIMENTS`.
    folder : path
        Where it is saved.

    Returns
    -------
    pandas.DataFrame
        Its rows, with the columns that the experiment documents.

    Raises
    ------
    ValueError
        If there is no such result, or its checksum differs from the sidecar's.
    """
    table, sidecar = _paths(name, Path(folder))
    if not table.is_file() or not sidecar.is_file():
        raise ValueError(
            f"folder is {str(folder)!r} and holds no {table.name} with {sidecar.name}; "
            f"accepted: a folder written by `latchlib reproduce {name}`"
        )
    content = table.read_bytes()
    try:
        wanted = json.loads(sidecar.read_text())["sha256"]
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{sidecar} is not a sidecar of a result") from None
    if hashlib.sha256(content).hexdigest() != wanted:
        raise ValueError(f"{table} does not match the checksum in {sidecar.name}")
    # Python's float is exact where the parser's own, in some versions of pandas, is not.
    columns = set(next(csv.reader(io.StringIO(content.decode()))))
    return pd.read_csv(
        io.BytesIO(content), converters=dict.fromkeys(columns - _PLAIN, _to_float), dtype=_TEXT
    )


def agrees(new: pd.DataFrame, saved: pd.DataFrame) -> bool:
    """Say whether computed rows are those that were saved.

    What is counted, and text, has to be the same. Numbers that are derived from it may differ by a
    part in 10^8: the quantiles of Student's t differ in the tenth digit between releases of SciPy,
    the last bits of a sum between processors.

    Parameters
    ----------
    new, saved : pandas.DataFrame
        Rows in the same order.

    Returns
    -------
    bool
    """
    if list(new.columns) != list(saved.columns) or len(new) != len(saved):
        return False
    return all(
        new[name].tolist() == saved[name].tolist()
        if name in _PLAIN
        else np.allclose(new[name], saved[name], rtol=1e-8, atol=1e-12, equal_nan=True)
        for name in new
    )


def reproduce(
    experiment: Grid,
    folder: str | os.PathLike,
    *,
    seed: int,
    processes: int = 1,
    executor: Executor | None = None,
    resume: bool = True,
    progress: bool = True,
) -> Run:
    """Compute a result cell by cell and save it.

    Parameters
    ----------
    experiment : Grid
        Settings, as those in :data:`latchlib.experiments.EXPERIMENTS`.
    folder : path
        Where to save; made if it is missing.
    seed : int
        Root of all randomness, >= 0.
    processes : int
        Worker processes, >= 1. The bytes of the result do not depend on it.
    executor : concurrent.futures.Executor, optional
        Runs the cells instead of processes of our own.
    resume : bool
        Go on from an interrupted run. Otherwise its cells are thrown away.
    progress : bool
        Show a progress bar on standard error.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        If the folder cannot be written to, another run is under way in it, or it holds a result,
        finished or not, made with other settings.
    """
    seed = integer("seed", seed, at_least=0)
    processes = integer("processes", processes, at_least=1)
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        accepted = f"a folder, or a path where one can be made ({error.strerror})"
        raise refuse("folder", str(folder), accepted) from None
    table, sidecar = _paths(experiment.name, folder)
    header = _header(experiment, seed)
    partial = folder / f"{experiment.name}.partial.jsonl"
    lock = folder / f".{experiment.name}.lock"
    if _finished(table, sidecar, header) and not partial.exists() and not lock.exists():
        return Run(table, 0, 0)
    cells = experiment.cells()
    with _exclusive(lock):
        # Asked again, because another run may have ended since; and a run that was killed after
        # its last rename has left its cells behind.
        if _finished(table, sidecar, header):
            partial.unlink(missing_ok=True)
            return Run(table, 0, 0)
        done = _read_partial(partial, header, experiment, cells) if resume else {}
        # The longest first, so that no worker ends up with one of them alone at the end.
        missing = sorted(
            (i for i in range(len(cells)) if i not in done),
            key=lambda i: -experiment.cost(cells[i]),
        )
        resumed = len(done)
        _write_partial(partial, header, done)
        processes = max(1, min(processes, len(missing)))
        with partial.open("a", encoding="utf-8") as stream, _workers(executor, processes) as pool:
            results = _compute(pool, experiment, cells, missing, seed)
            bar = tqdm(
                results,
                desc=experiment.name,
                unit="cell",
                initial=resumed,
                total=len(cells),
                disable=not progress,
            )
            for index, rows in bar:
                stream.write(json.dumps({"cell": index, "rows": rows}) + "\n")
                stream.flush()
                done[index] = rows
        content = _csv(row for index in range(len(cells)) for row in done[index])
        description = {**header, "rows": sum(map(len, done.values()))}
        description["sha256"] = hashlib.sha256(content).hexdigest()
        # The sidecar goes first: a table without one would look like somebody else's.
        _replace(sidecar, (json.dumps(description, indent=1) + "\n").encode())
        _replace(table, content)
        partial.unlink()
    return Run(table, len(missing), resumed)


def _to_float(text: str) -> float:
    return float(text) if text else float("nan")


def _paths(name: str, folder: Path) -> tuple[Path, Path]:
    return folder / f"{name}.csv", folder / f"{name}.json"


def _header(experiment: Grid, seed: int) -> dict[str, Any]:
    return {
        "experiment": experiment.name,
        "settings": experiment.settings(),
        "seed": seed,
        "versions": {
            "latchlib": __version__,
            "numpy": np.__version__,
            "python": ".".join(platform.python_version_tuple()[:2]),
        },
    }


def _finished(table: Path, sidecar: Path, header: dict[str, Any]) -> bool:
    if not sidecar.exists():
        if table.exists():
            raise ValueError(f"{table} exists without its sidecar; move it away or delete it")
        return False
    try:
        found = json.loads(sidecar.read_text())
    except ValueError:
        raise ValueError(f"{sidecar} is not readable; move it away or delete it") from None
    _same(found, header, sidecar)
    if not table.exists():
        return False  # stopped between the two renames; the partial file still has every cell
    return hashlib.sha256(table.read_bytes()).hexdigest() == found.get("sha256") or _corrupt(table)


def _corrupt(table: Path) -> bool:
    raise ValueError(f"{table} was changed since it was saved; move it away or delete it")


def _same(found: Any, header: dict[str, Any], path: Path) -> None:
    if not isinstance(found, dict):
        raise ValueError(f"{path} is not a result of latchlib; move it away or delete it")
    differing = [key for key in header if found.get(key) != header[key]]
    if "settings" in differing and isinstance(found.get("settings"), dict):
        old, new = found["settings"], header["settings"]
        differing = [k for k in new if old.get(k) != new[k]] + [
            k for k in differing if k != "settings"
        ]
    if differing:
        raise ValueError(
            f"{path} was made with other {', '.join(differing)}; "
            "accepted: another folder, or the same settings"
        )


def _read_partial(
    path: Path, header: dict[str, Any], experiment: Grid, cells: list[dict[str, Any]]
) -> dict[int, list[dict[str, Any]]]:
    if not path.exists():
        return {}
    # Only what stands before the last line break was written completely.
    complete = path.read_bytes().split(b"\n")[:-1]
    if not complete:
        return {}
    damaged = ValueError(f"{path} is damaged; delete it, or start again without resuming")
    try:
        found, *entries = [json.loads(line) for line in complete]
    except ValueError:  # no JSON, or no text at all
        raise damaged from None
    _same(found, header, path)
    try:
        done = {entry["cell"]: entry["rows"] for entry in entries}
        foreign = [
            index
            for index, rows in done.items()
            if not 0 <= index < len(cells)
            or len(rows) != len(wanted := experiment.row_keys(cells[index]))
            or any(
                row[key] != value
                for row, keys in zip(rows, wanted, strict=True)
                for key, value in keys.items()
            )
        ]
        columns = {tuple(row) for rows in done.values() for row in rows}
    except (KeyError, TypeError):
        raise damaged from None
    if foreign:
        raise ValueError(f"{path} holds a foreign cell {foreign[0]}; delete it")
    if len(columns) > 1:
        raise damaged
    return done


def _write_partial(path: Path, header: dict[str, Any], done: dict[int, Any]) -> None:
    lines = [json.dumps(header)]
    lines += [json.dumps({"cell": index, "rows": rows}) for index, rows in done.items()]
    _replace(path, ("\n".join(lines) + "\n").encode())


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(content)
    os.replace(temporary, path)


def _csv(rows: Iterable[dict[str, Any]]) -> bytes:
    rows = list(rows)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    # An empty field is how a table says "no value"; repr keeps every bit of a float.
    writer.writerows(
        {key: "" if value != value else value for key, value in row.items()} for row in rows
    )
    return stream.getvalue().encode()


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    folder, key = str(path.parent), path.resolve()
    busy = ValueError(
        f"folder is {folder!r}, where another run of the same experiment is under way; "
        "accepted: another folder, or wait"
    )
    if key in _under_way:
        raise busy
    try:
        stream = path.open("w")
    except OSError as error:
        accepted = f"a folder that can be written to ({error.strerror})"
        raise refuse("folder", folder, accepted) from None
    with stream:
        if not _locked(stream, path):
            raise busy
        _under_way.add(key)
        try:
            yield
        finally:
            _under_way.discard(key)
            path.unlink(missing_ok=True)


def _locked(stream: IO[str], path: Path) -> bool:
    if fcntl is None:
        return True
    try:
        # Not flock: forked workers would inherit that lock, and hold it after we were killed.
        fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The run before us may have deleted the file between our opening and locking it.
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except OSError:
        return False


@contextmanager
def _workers(executor: Executor | None, processes: int) -> Iterator[Executor | None]:
    if executor is not None or processes == 1:
        yield executor
        return
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(processes, initializer=_start_worker) as pool:
        try:
            yield pool
        except BaseException:
            # Interrupted: neither start the cells that wait in the queue, nor wait for those
            # under way, which may take long. Workers write nothing, so they may be killed.
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in set(multiprocessing.active_children()) - others:
                worker.kill()
            raise


def _start_worker() -> None:
    # Ctrl-C reaches the whole group; the parent alone answers it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # A worker waits for work on a pipe that it holds open itself, so it would never see that a
    # killed parent is gone, and would stay for ever.
    multiprocessing.parent_process().join()
    os._exit(1)


def _compute(
    pool: Executor | None,
    experiment: Grid,
    cells: list[dict[str, Any]],
    missing: list[int],
    seed: int,
) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    if pool is None:
        for index in missing:
            yield index, cell_row(experiment, cells[index], seed)
        return
    futures = {pool.submit(cell_row, experiment, cells[i], seed): i for i in missing}
    for future in as_completed(futures):
        yield futures[future], future.result()
