"""Run the notebooks that the execution cache lacks, several at once.

Sphinx reads one page after the other, so it would run one notebook after the other as well. Here
they run beside each other, each in a kernel of its own, and what they show goes into the cache
that Sphinx then reads. A notebook that fails is left out: Sphinx runs it again, and reports it as
it reports everything else. Where a kernel is not ours, or draws nothing where a figure belongs,
nothing is built and nothing enters the cache.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import nbformat
from IPython.core.application import SYSTEM_CONFIG_DIRS
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from tqdm import tqdm

CELL_TIMEOUT = 1800  # seconds

#: For a kernel: at every start it would warn of the way in which it talks to its parent on the same
#: machine.
QUIET = ["--IPKernelApp.log_level=ERROR"]


def client(notebook: nbformat.NotebookNode, folder: Path, **options: Any) -> NotebookClient:
    """Return what runs a notebook in a fresh kernel that starts in `folder`."""
    return NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        extra_arguments=list(QUIET),
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
        **options,
    )


class ExecutionError(Exception):
    """What notebooks ran in, or what they gave, is not to be kept; says why in one line."""


def check_kernel() -> None:
    """Refuse a kernel that another Python would run, or that the machine's settings would change.

    Raises
    ------
    ExecutionError
        Naming the program and where the kernel was found, or the file of settings.
    """
    for folder in SYSTEM_CONFIG_DIRS:
        for path in sorted(Path(folder).glob("ipython*_config.*")):
            raise ExecutionError(f"{path} would reach every cell: take it away for the build")
    spec = KernelSpecManager().get_kernel_spec("python3")
    program = spec.argv[0]
    # Such a name stands for the Python that asks; see jupyter_client.manager.
    if program not in {"python", "python3", sys.executable}:
        raise ExecutionError(
            f"the kernel python3 of {spec.resource_dir} runs {program}; accepted is the Python of "
            "this environment: take that kernel away, or run through make"
        )


def without_figure(notebook: nbformat.NotebookNode) -> list[int]:
    """Return the numbers of the cells that should show a figure and show no picture."""
    return [
        number
        for number, cell in enumerate(notebook.cells)
        if cell.cell_type == "code"
        and "figure" in cell.metadata.get("mystnb", {})
        and not any(
            kind.startswith("image/") for output in cell.outputs for kind in output.get("data", {})
        )
    ]


def lacking(
    cache: JupyterCacheAbstract, inputs: Mapping[Path, str]
) -> dict[Path, nbformat.NotebookNode]:
    """Return the notebooks that have not run with these inputs; what they gave with others goes."""
    found = {}
    for path, wanted in inputs.items():
        notebook = nbformat.read(path, as_version=4)
        try:
            record = cache.match_cache_notebook(notebook)
        except KeyError:
            found[path] = notebook
            continue
        if record.data.get("inputs") != wanted:
            # Sphinx would take it: it compares cells alone.
            cache.remove_cache(record.pk)
            found[path] = notebook
    return found


def fill(
    folder: Path, inputs: Mapping[Path, str], *, timeout: float, workers: int | None = None
) -> list[Path]:
    """Run the notebooks that the cache lacks, and store what they show.

    Each is stored as soon as it has run, so an interrupted build goes on where it stopped.

    Parameters
    ----------
    folder : Path
        The execution cache.
    inputs : mapping of Path to str
        The notebooks of the book, and to each a hash of what it alone uses.
    timeout : float
        Seconds that one cell may take.
    workers : int, optional
        How many run at once; the number of cores if not given.

    Returns
    -------
    list of Path
        The notebooks that were run and stored.

    Raises
    ------
    ExecutionError
        If the kernel is not of this environment, or a notebook lacks a picture.
    """
    cache = get_cache(str(folder))
    notebooks = lacking(cache, inputs)
    if not notebooks:
        return []
    check_kernel()

    def run(path: Path) -> ExecutionResult:
        return single_nb_execution(
            notebooks[path],
            cwd=str(path.parent),
            timeout=timeout,
            allow_errors=False,
            extra_arguments=list(QUIET),
        )

    stored = []
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        running = {pool.submit(run, path): path for path in notebooks}
        try:
            for done in tqdm(as_completed(running), "notebooks", len(running), unit="notebook"):
                result, path = done.result(), running[done]
                if result.err is None:
                    if lost := without_figure(result.nb):
                        raise ExecutionError(
                            f"{path.name}, cell {lost[0]} shows no picture where a figure belongs: "
                            "is something set that keeps matplotlib from drawing?"
                        )
                    data = {"execution_seconds": result.time, "inputs": inputs[path]}
                    cache.cache_notebook_bundle(
                        CacheBundleIn(result.nb, str(path), data=data),
                        check_validity=False,
                        overwrite=True,
                    )
                    stored.append(path)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return stored
