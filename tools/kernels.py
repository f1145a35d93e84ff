"""Run the chapters as other processors would, and say which cells show something else.

A processor decides how NumPy's loops, OpenBLAS and the C library round a last bit. All three can
be told to do as an older one does: see :data:`KERNELS`. A cell that then shows something else
shows more digits than it has.

There is one exception, NumPy's tanh. Without the instruction FMA (x86 before 2013) its last bit is
another one, thousands of training steps enlarge it, and a few trials in a hundred end otherwise.
A cell whose counts hang on that has the tag ``last-bit``. On a processor with the tanh that the
outputs were stored with, it is compared like any other. On others its asserts must hold, and every
interval that it prints must overlap the stored one.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
from functools import partial
from itertools import zip_longest

import nbformat
import numpy as np
from tqdm import tqdm

from tools import environment, execution
from tools.book import ROOT, chapters, notebook_path, tags

LAST_BIT = "last-bit"

_SIMD = np.show_config(mode="dicts")["SIMD Extensions"]
_LOOPS = [*_SIMD.get("found", ()), *_SIMD.get("not found", ())]
_NO_AVX512 = {
    "NPY_DISABLE_CPU_FEATURES": " ".join(x for x in _LOOPS if re.match("AVX512|X86_V4", x))
}
_NO_FMA = {
    "NPY_DISABLE_CPU_FEATURES": " ".join(_LOOPS),
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX",
}
#: The environment of each. OpenBLAS has one kernel for a family: Zen, say, takes Haswell's.
KERNELS = {
    "native": {},
    "Haswell": {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "1"} | _NO_AVX512,
    "Sandybridge": {"OPENBLAS_CORETYPE": "Sandybridge"} | _NO_FMA,
    "Nehalem": {"OPENBLAS_CORETYPE": "Nehalem"} | _NO_FMA,
    "Prescott": {"OPENBLAS_CORETYPE": "Prescott"} | _NO_FMA,
}
#: nbval does not compare these either.
_NOT_COMPARED = {"image/png", "application/vnd.jupyter.widget-view+json"}
_NUMBER = re.compile(r"\s*[-+]?\d+(?:\.\d+)?")
_INTERVAL = re.compile(r"\[([-+]?\d[\d.]*), ([-+]?\d[\d.]*)\]")


def same_tanh() -> bool:
    """Whether NumPy's tanh has the bits that the stored outputs rest on."""
    values = np.tanh(np.linspace(0.0, 20.0, 4001)).tobytes()
    return hashlib.sha256(values).hexdigest().startswith("548670fb")


def overlap(stored: dict[str, str], got: dict[str, str]) -> bool:
    """Whether two runs show the same but for numbers, and their intervals overlap.

    Both are as :func:`texts` gives them. Pictures of the numbers are not compared.
    """
    if stored.keys() != got.keys():
        return False
    for kind in stored.keys() - {"image/svg+xml"}:
        text = stored[kind]
        if _NUMBER.sub("#", text) != _NUMBER.sub("#", got[kind]):
            return False
        intervals = zip(_INTERVAL.findall(text), _INTERVAL.findall(got[kind]), strict=True)
        for one, other in intervals:
            if max(float(one[0]), float(other[0])) > min(float(one[1]), float(other[1])):
                return False
    return True


def texts(outputs: list[dict]) -> dict[str, str]:
    """Return what a cell shows, by kind: what is printed, and each form of what is displayed."""
    shown: dict[str, str] = {}
    for output in outputs:
        if output["output_type"] == "error":
            parts = {"error": f"{output['ename']}: {output['evalue']}"}
        else:
            parts = output.get("data") or {output["name"]: output["text"]}
        for kind in parts.keys() - _NOT_COMPARED:
            shown[kind] = shown.get(kind, "") + "".join(parts[kind])
    return shown


def difference(stored: dict[str, str], got: dict[str, str]) -> str:
    """Return the first line that differs as "stored …, got …", or an empty string."""
    for kind in sorted(stored.keys() | got.keys()):
        lines = stored.get(kind, "").splitlines(), got.get(kind, "").splitlines()
        for old, new in zip_longest(*lines, fillvalue=""):
            if old != new:
                return f"stored {old.strip()[:100]!r}, got {new.strip()[:100]!r}"
    return ""


def differing(chapter: str, env: dict[str, str], *, exact: bool) -> list[str]:
    """Run a chapter with the environment `env`, and return a line for each cell that differs.

    With `exact`, cells that hang on the last bit of tanh are compared like others.
    """
    notebook = nbformat.read(notebook_path(chapter), as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    stored = [texts(cell.outputs) for cell in cells]
    folder = notebook_path(chapter).parent
    execution.client(notebook, folder, allow_errors=True).execute(env=env)
    found = []
    for number, (cell, old) in enumerate(zip(cells, stored, strict=True)):
        new = texts(cell.outputs)
        line = difference(old, new)
        if line and (exact or LAST_BIT not in tags(cell) or not overlap(old, new)):
            name, _, _ = cell.source.partition("\n")
            found.append(f"cell {number} ({name}): {line}")
    return found


def compare_by_intervals(items: list) -> None:
    """Have nbval compare cells that hang on the last bit of tanh by intervals, if it is another."""
    if same_tanh():
        return
    for item in items:
        if LAST_BIT in tags(getattr(item, "cell", {})):
            item.compare_outputs = partial(_by_intervals, item)


def _by_intervals(item, got: list[dict], stored: list[dict], skip_compare: object = None) -> bool:
    got, stored = texts(got), texts(stored)
    item.comparison_traceback = [f"the intervals do not overlap: {difference(stored, got)}"]
    return overlap(stored, got)


def main(argv: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.kernels", description=__doc__)
    parser.add_argument("chapters", nargs="*", help="all by default")
    parser.add_argument("--kernel", action="append", choices=KERNELS, help="all by default")
    given = parser.parse_args(argv)
    own = environment.clean(dict(os.environ), fast=True)
    # The matrix product is one that a processor without such instructions breaks off.
    probe = "import numpy as np; from tools import kernels; np.ones((99, 99)) @ np.ones((99, 99)); "
    probe += "print(kernels.same_tanh())"
    runs, differences = [], 0
    for kernel in given.kernel or KERNELS:
        env = own | KERNELS[kernel]
        command = [sys.executable, "-c", probe]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
        if done.returncode:
            print(f"{kernel}: left out, this processor cannot run it {done.stderr.strip()[-200:]}")
            continue
        exact = done.stdout.strip() == "True"
        runs += [(kernel, env, exact, chapter) for chapter in given.chapters or chapters()]
    for kernel, env, exact, chapter in tqdm(runs, unit="chapter"):
        for line in differing(chapter, env, exact=exact):
            tqdm.write(f"{kernel}, {chapter}, {line}")
            differences += 1
    print(f"{len(runs)} runs, {differences} differences")
    return int(differences > 0)


if __name__ == "__main__":
    sys.exit(main())
