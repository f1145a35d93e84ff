"""Results on disk: a file a cell, resumable, never half-written.

A result is a folder ``NAME`` that holds a JSON file for every cell, named by its coordinates: what
it was made with (settings, seed, versions), its rows, a checksum. No file knows of the others, so a
new method adds files and changes none. A file is written under another name and renamed when it is
whole: a run that is killed leaves whole cells, and the next one goes on from there. Two runs at
once do some work twice, and write the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import platform
import re
import signal
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from latchlib import __version__
from latchlib.experiments._grid import Grid, cell_row
from latchlib.validation import integer, refuse

__all__ = ["Run", "agrees", "reproduce", "table"]


@dataclass(frozen=True)
class Run:
    """What :func:`reproduce` did.

    Parameters
    ----------
    path : pathlib.Path
        Folder of the finished result.
    computed, resumed : int
        Cells computed now, and cells that were there.
    """

    path: Path
    computed: int
    resumed: int


def table(
    grid: Grid, folder: str | os.PathLike, cells: Iterable[Mapping[str, Any]] | None = None
) -> pd.DataFrame:
    """Read the rows of a grid, or of some of its cells, in the order of the grid.

    Parameters
    ----------
    grid : Grid
        Which result.
    folder : path
        Where it is saved.
    cells : iterable of mapping, optional
        Which cells; all by default.

    Returns
    -------
    pandas.DataFrame
        Their rows, with the columns that the experiment documents.

    Raises
    ------
    ValueError
        If a cell is not there, or its file is not as it was written.
    """
    rows: list[dict[str, Any]] = []
    for cell in grid.cells() if cells is None else cells:
        path = _path(grid, folder, cell)
        if not path.is_file():
            raise ValueError(
                f"folder is {str(folder)!r} and holds no {path.parent.name}/{path.name}; "
                f"accepted: a folder written by `latchlib reproduce {grid.name}`"
            )
        rows += _read(path, cell)["rows"]
    # None is how JSON says "no value" of a number.
    return pd.DataFrame(
        [{k: float("nan") if v is None else v for k, v in row.items()} for row in rows]
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
    """
    if list(new.columns) != list(saved.columns) or len(new) != len(saved):
        return False
    return all(
        np.allclose(new[name], saved[name], rtol=1e-8, atol=1e-12, equal_nan=True)
        if saved[name].dtype.kind == "f"
        else new[name].tolist() == saved[name].tolist()
        for name in new
    )


def reproduce(
    grid: Grid,
    folder: str | os.PathLike,
    *,
    seed: int,
    processes: int = 1,
    executor: Executor | None = None,
    resume: bool = True,
    mixed: bool = False,
    progress: bool = True,
) -> Run:
    """Compute the cells of a result that are not saved yet, and save them.

    Parameters
    ----------
    grid : Grid
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
        Keep the cells that are there. Otherwise all are computed anew.
    mixed : bool
        Keep also those made with other versions of latchlib, NumPy or Python.
    progress : bool
        Show a progress bar on standard error.

    Raises
    ------
    ValueError
        If the folder cannot be written to, or holds a cell that was made with other settings, or
        is not as it was written. Nothing is computed then.
    """
    seed = integer("seed", seed, at_least=0)
    processes = integer("processes", processes, at_least=1)
    cells = grid.cells()
    paths = [_path(grid, folder, cell) for cell in cells]
    origins = [_origin(grid, cell, seed) for cell in cells]
    missing = [
        i
        for i in range(len(cells))
        if not _is_there(paths[i], cells[i], origins[i], resume=resume, mixed=mixed)
    ]
    root = Path(folder) / grid.name
    if missing:
        _make_ready(root, folder)
    # The longest first, so that no worker ends up with one of them alone at the end.
    missing.sort(key=lambda i: -grid.cost(cells[i]))
    with _workers(executor, max(1, min(processes, len(missing)))) as pool:
        bar = tqdm(
            _compute(pool, grid, cells, missing, seed),
            desc=grid.name,
            unit="cell",
            initial=len(cells) - len(missing),
            total=len(cells),
            disable=not progress,
        )
        for index, rows in bar:
            _write(paths[index], cells[index], origins[index], rows)
    return Run(root, len(missing), len(cells) - len(missing))


def _make_ready(root: Path, folder: str | os.PathLike) -> None:
    try:
        root.mkdir(parents=True, exist_ok=True)
        (root / ".tmp").touch()  # refused now rather than after the first cell
        for torn in root.glob("*.tmp"):  # and what a run left that was killed while it wrote
            torn.unlink(missing_ok=True)
    except OSError as error:
        accepted = f"a folder, or a path where one can be made ({error.strerror})"
        raise refuse("folder", str(folder), accepted) from None


def _path(grid: Grid, folder: str | os.PathLike, cell: Mapping[str, Any]) -> Path:
    name = "_".join(re.sub(r"[^\w.+-]+", "-", str(value)) for value in cell.values())
    return Path(folder) / grid.name / f"{name}.json"


def _origin(grid: Grid, cell: Mapping[str, Any], seed: int) -> dict[str, Any]:
    versions = {
        "latchlib": __version__,
        "numpy": np.__version__,
        "python": ".".join(platform.python_version_tuple()[:2]),
    }
    origin = {"settings": grid.settings(cell), "seed": seed, "versions": versions}
    return json.loads(_json(origin))  # as it is read again: a tuple is a list


def _is_there(
    path: Path, cell: Mapping[str, Any], origin: dict[str, Any], *, resume: bool, mixed: bool
) -> bool:
    if not path.exists():
        return False
    found = _read(path, cell)
    old, new = found["settings"], origin["settings"]
    other = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    if found["seed"] != origin["seed"]:
        other.append("seed")
    if resume and not mixed and found["versions"] != origin["versions"]:
        other.append("versions")
    if other:
        raise ValueError(
            f"{path} was made with other {', '.join(other)}; "
            "accepted: another folder, or the same settings"
        )
    return resume


def _json(content: Any, **how: Any) -> str:
    return json.dumps(content, default=lambda value: value.item(), **how)  # scalars of NumPy


def _checksum(content: dict[str, Any]) -> str:
    return hashlib.sha256(_json(content, sort_keys=True).encode()).hexdigest()


def _read(path: Path, cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a cell's file holds, or raise ValueError if it is not as it was written."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        whole = found.pop("sha256") == _checksum(found) and found["cell"] == dict(cell)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise ValueError(f"{path} is not as it was written; move it away or delete it")
    return found


def _write(
    path: Path, cell: Mapping[str, Any], origin: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    plain = [{k: None if v != v else v for k, v in row.items()} for row in rows]
    content = {"cell": dict(cell), **origin, "rows": plain}
    content["sha256"] = _checksum(content)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    # A line a part; repr, which json takes, keeps every bit of a float.
    lines = ",\n".join(f'"{key}": {_json(part)}' for key, part in content.items())
    temporary.write_text(f"{{{lines}}}\n", encoding="utf-8")
    os.replace(temporary, path)


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
    grid: Grid,
    cells: list[dict[str, Any]],
    missing: list[int],
    seed: int,
) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    if pool is None:
        for index in missing:
            yield index, cell_row(grid, cells[index], seed)
        return
    futures = {pool.submit(cell_row, grid, cells[i], seed): i for i in missing}
    for future in as_completed(futures):
        yield futures[future], future.result()
