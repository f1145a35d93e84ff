"""The tables: our results, with intervals, beside those of 1993."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import traitlets
from matplotlib.figure import Figure

from latchbook import figures
from latchbook.explorables._base import Choice, Explorable
from latchlib.problems import CLASSIC
from latchlib.training import COMPARED
from latchlib.validation import refuse

__all__ = ["LENGTHS", "METHODS", "NOISES", "PROBLEMS", "VERDICTS", "Tables"]

#: What there is to choose from.
PROBLEMS = CLASSIC
METHODS = tuple(COMPARED)
NOISES = (0.0, 0.2)
LENGTHS = (3, 5, 10, 20, 50, 100, 500)
VERDICTS = tuple(figures.VERDICT_STYLES)

# Columns of the results that are shares, and those that are sent as they are.
_SHARES = tuple(
    f"{name}{end}" for name in ("test_error", "error", "learned") for end in ("", "_low", "_high")
)
_COUNTS = ("presentations", "presentations_low", "presentations_high", "trials")
_OF_1993 = ("error_1993", "presentations_1993", "verdict", "presentations_verdict")
_COLUMNS = (*_SHARES, *_COUNTS, *_OF_1993)


class Tables(Explorable):
    """One cell of the comparison at a time, and the row that it belongs to.

    Parameters
    ----------
    results : mapping of str to pandas.DataFrame
        The comparison on each of :data:`PROBLEMS`, as :func:`latchlib.experiments.load` reads it.
    verdicts : mapping of str to pandas.DataFrame
        What :func:`latchlib.experiments.tables_1993.verdicts` says, by problem; a problem without
        a table of 1993 is left out.
    problem, method, noisy : int
        Which of :data:`PROBLEMS`, :data:`METHODS` and :data:`NOISES`.
    length : int
        Which of :data:`LENGTHS`.

    Raises
    ------
    ValueError
        If a problem has no results, results lack a column, or a value is outside its range.
    """

    _size = (5.4, 6.4)

    problem = Choice(1, 0, len(PROBLEMS) - 1)
    method = Choice(1, 0, len(METHODS) - 1)
    noisy = Choice(1, 0, len(NOISES) - 1)
    length = Choice(3, 0, len(LENGTHS) - 1)
    names = traitlets.Dict().tag(sync=True)
    cells = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        results: Mapping[str, pd.DataFrame],
        verdicts: Mapping[str, pd.DataFrame],
        **kwargs: Any,
    ) -> None:
        missing = [name for name in PROBLEMS if name not in results]
        if missing:
            raise refuse(
                "results",
                list(results),
                "the result of each problem; `latchlib reproduce "
                f"{missing[0]}` makes it, latchlib.experiments.load reads it",
            )
        cells = {}
        for number, name in enumerate(PROBLEMS):
            lacking = {*_SHARES, *_COUNTS} - set(results[name].columns)
            if lacking:
                raise refuse(
                    f"results[{name!r}]",
                    f"without {', '.join(sorted(lacking))}",
                    f"what `latchlib reproduce {name}` writes",
                )
            cells.update(_cells(number, results[name], verdicts.get(name)))
        names = {
            "problems": PROBLEMS,
            "methods": METHODS,
            "noises": NOISES,
            "lengths": LENGTHS,
            "verdicts": VERDICTS,
            "columns": _COLUMNS,
        }
        names = {key: list(values) for key, values in names.items()}
        super().__init__(cells=cells, names=names, **kwargs)

    def row(self) -> list[dict[str, float | None] | None]:
        """Return the cells of all lengths at the present problem, method and noise, by name."""
        found = [
            self.cells.get(_key(self.problem, self.method, self.noisy, length))
            for length in range(len(LENGTHS))
        ]
        return [None if cell is None else dict(zip(_COLUMNS, cell, strict=True)) for cell in found]

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers shown, by name; None where there is none.

        Returns
        -------
        dict
            In percent, each with ``_low`` and ``_high``: ``test_error`` on fresh sequences,
            ``error`` on the training set, ``learned``, the trials that learned. Further
            ``presentations`` with its interval, ``trials``; ``error_1993``,
            ``presentations_1993``; ``verdict`` and ``presentations_verdict``, places in
            :data:`VERDICTS`.
        """
        cell = self.row()[self.length]
        return dict.fromkeys(_COLUMNS) if cell is None else cell

    def _draw(self, figure: Figure) -> None:
        above, below = figure.subplots(2, 1)
        for ax, what in ((above, "test_error"), (below, "presentations")):
            figures.plot_cells(self.row(), LENGTHS, self.length, ax, what=what)
        noise = "with noise" if self.noisy else "without noise"
        above.set_title(f"{PROBLEMS[self.problem]}, {METHODS[self.method]}, {noise}")


def _key(*place: int) -> str:
    return "-".join(map(str, place))


def _cells(problem: int, result: pd.DataFrame, judged: pd.DataFrame | None):
    """Return the cells of one problem: their place, and their values in the order of _COLUMNS."""
    then = {} if judged is None else {(row.method, row.T): row for row in judged.itertuples()}
    cells = {}
    for row in result.itertuples():
        values = {name: float(getattr(row, name)) for name in _COUNTS}
        for name in _SHARES:
            share = getattr(row, name)
            values[name] = 100.0 * (share / row.trials if name == "learned" else share)
        # The tables of 1993 are with noise.
        old = then.get((row.method, row.T)) if row.noise > 0 else None
        for name in _OF_1993:
            value = None if old is None or pd.isna(getattr(old, name)) else getattr(old, name)
            values[name] = VERDICTS.index(value) if isinstance(value, str) else value
        place = (METHODS.index(row.method), NOISES.index(row.noise), LENGTHS.index(row.T))
        cells[_key(problem, *place)] = [
            None if values[name] is None else float(values[name]) for name in _COLUMNS
        ]
    return cells
