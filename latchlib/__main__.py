"""Command line: ``latchlib reproduce fig-2a``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor
from itertools import repeat
from pathlib import Path
from typing import NoReturn

import pandas as pd

from latchlib import __version__
from latchlib.experiments import EXPERIMENTS, Grid, agrees, cell_row, reproduce, table

#: Seed of the saved results.
SEED = 1994


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 done, 1 different, 2 refused."""
    parser = _parser()
    args = parser.parse_args(argv)
    names = list(EXPERIMENTS) if args.what == "all" else [args.what]
    try:
        grids = [EXPERIMENTS[name][args.preset] for name in names]
        if args.cell:
            if len(names) > 1:
                raise ValueError("what is 'all'; accepted with --cell: one experiment")
            return _regenerate_cells(grids[0], args)
        # First, so that a wrong folder is refused before the work and not after it.
        saved = [table(grid, args.compare) if args.compare else None for grid in grids]
        return max(map(_reproduce, grids, repeat(args), saved))
    except (ValueError, OSError, BrokenExecutor) as error:
        print(f"latchlib: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "latchlib: interrupted; finished cells are kept, the same command goes on from there",
            file=sys.stderr,
        )
        return 130


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        # One line, like every other refusal; argparse would print the whole usage before it.
        self.exit(2, f"latchlib: {message} (see {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="latchlib", description=__doc__)
    parser.add_argument("--version", action="version", version=f"latchlib {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")
    command = commands.add_parser(
        "reproduce", help="regenerate a saved result", description="Regenerate a saved result."
    )
    command.add_argument("what", choices=[*EXPERIMENTS, "all"])
    command.add_argument(
        "--preset",
        choices=["quick", "full"],
        default="full",
        help="full is the saved result, quick a part of it (default: %(default)s)",
    )
    command.add_argument(
        "--output",
        type=Path,
        default=Path("results"),
        metavar="FOLDER",
        help="where the result goes (default: %(default)s)",
    )
    command.add_argument(
        "--seed", type=_whole(0), default=SEED, help="root of all randomness (default: %(default)s)"
    )
    command.add_argument(
        "--processes",
        type=_whole(1),
        default=os.cpu_count() or 1,
        metavar="N",
        help="worker processes; the result does not depend on it (default: %(default)s)",
    )
    command.add_argument(
        "--resume",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="keep the cells that are there (default), or compute all anew",
    )
    command.add_argument(
        "--mixed",
        action="store_true",
        help="keep also cells made with other versions, as when a method is added",
    )
    command.add_argument(
        "--progress", action=argparse.BooleanOptionalAction, default=True, help="show a bar"
    )
    command.add_argument(
        "--compare",
        type=Path,
        metavar="FOLDER",
        help="compare with the results saved there; exit status 1 if they differ",
    )
    command.add_argument(
        "--cell",
        nargs="+",
        metavar="NAME=VALUE",
        help="print only the matching cells, e.g. --cell w0=1.25 s=0.2; nothing is saved",
    )
    return parser


def _whole(least: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number >= {least}")
        return value

    return convert


def _reproduce(grid: Grid, args: argparse.Namespace, saved: pd.DataFrame | None) -> int:
    run = reproduce(
        grid,
        args.output,
        seed=args.seed,
        processes=args.processes,
        resume=args.resume,
        mixed=args.mixed,
        progress=args.progress,
    )
    print(f"{run.path}: {run.computed} cells computed, {run.resumed} taken over")
    return 0 if saved is None else _report(grid, table(grid, args.output), saved)


def _regenerate_cells(grid: Grid, args: argparse.Namespace) -> int:
    wanted = dict(_pair(text, grid.cells()[0]) for text in args.cell)
    cells = [c for c in grid.cells() if all(c[k] == v for k, v in wanted.items())]
    if not cells:
        raise ValueError(f"cell is {args.cell!r}; accepted: a point of the grid of {grid.name}")
    saved = table(grid, args.compare, cells) if args.compare else None
    rows = pd.DataFrame([row for cell in cells for row in cell_row(grid, cell, args.seed)])
    # What came of each trial would fill the screen.
    print(
        rows.drop(columns=["reasons", "wrong", "test_wrong", "spent"], errors="ignore").to_string(
            index=False
        )
    )
    return 0 if saved is None else _report(grid, rows, saved)


def _pair(text: str, cell: dict) -> tuple[str, object]:
    key, equals, value = text.partition("=")
    if not equals or key not in cell:
        raise ValueError(f"cell is {text!r}; accepted: NAME=VALUE with a name of {', '.join(cell)}")
    try:
        return key, type(cell[key])(value)
    except ValueError:
        raise ValueError(f"cell is {text!r}; accepted: {key}=NUMBER") from None


def _report(grid: Grid, new: pd.DataFrame, saved: pd.DataFrame) -> int:
    if list(saved.columns) != list(new.columns):  # written by another version
        print(f"{grid.name}: the saved result has other columns")
        return 1
    # Of a cell, the full grid of a figure has more rows than the quick one.
    keys = list(grid.keys)
    if agrees(new, new[keys].merge(saved, on=keys, how="left")[list(new.columns)]):
        print(f"{grid.name}: {len(new)} rows agree with the saved ones")
        return 0
    print(f"{grid.name}: differs from the saved result")
    return 1


if __name__ == "__main__":
    sys.exit(main())
