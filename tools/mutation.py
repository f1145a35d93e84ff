"""Mutation testing with mutmut: `make mutation`, `make mutation MUTANTS='latchlib.backprop.*'`.

mutmut changes the numerical modules in small ways, one at a time, and runs the tests that reach the
change; what to change and which tests are for it stands in pyproject.toml. It copies what it works
on into a folder `mutants` where it is started. So that this lies below _build, it is started
there, among links to the checkout. What it knows it keeps: a call goes on where the last one was
stopped. Text is left alone, messages and the names of arguments in them.
"""

import os
import sys
from collections import Counter

from mutmut.__main__ import cli
from mutmut.mutation import file_mutation, mutators
from mutmut.mutation.data import SourceFileMutationData
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files

from tools.book import ROOT

FOLDER = ROOT / "_build" / "mutation"
LINKED = ("latchlib", "tests", "tools", "book", "pyproject.toml")
NOTICED = ("killed", "timeout", "segfault")


def outcomes() -> dict[str, Counter]:
    """Return for each module how many mutants came to which end; read where mutmut was run."""
    found = {}
    for path in sorted(walk_mutatable_files()):
        data = SourceFileMutationData(path=path)
        data.load()
        ends = Counter(status_by_exit_code[code] for code in data.exit_code_by_key.values())
        if ends:
            found[".".join(path.with_suffix("").parts)] = ends
    return found


def table(found: dict[str, Counter]) -> str:
    """Return the score by module: the share that a test noticed of the mutants that were tried."""
    lines = [f"{'module':45}{'mutants':>9}{'tried':>7}{'survived':>10}{'timeout':>9}{'score':>8}"]
    for name, ends in [*found.items(), ("together", sum(found.values(), Counter()))]:
        tried = ends.total() - ends["not checked"]
        noticed = sum(ends[end] for end in NOTICED)
        row = f"{name:45}{ends.total():9}{tried:7}{tried - noticed:10}{ends['timeout']:9}"
        lines.append(row + (f"{noticed / tried:8.1%}" if tried else ""))
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """Run mutmut on the mutants whose names fit a pattern, or on all; print the score."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in LINKED:
        if not (FOLDER / name).is_symlink():
            (FOLDER / name).symlink_to(ROOT / name)
    os.chdir(FOLDER)
    file_mutation.mutation_operators = [
        one for one in mutators.mutation_operators if one[1] is not mutators.operator_string
    ]
    try:
        cli(["run", *arguments], standalone_mode=False)
    finally:
        print("\n" + table(outcomes()))
        print(f"Survivors: cd {FOLDER.relative_to(ROOT)} && mutmut results; mutmut show NAME")


if __name__ == "__main__":
    main(sys.argv[1:])
