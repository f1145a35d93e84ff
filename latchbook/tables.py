"""Tables of the book: results as a page, a phone and a screen reader can take them.

A :class:`Table` scrolls within itself where a screen is too narrow, can be reached by keyboard,
and says of every header what it is a header of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from latchlib.validation import refuse

__all__ = [
    *("SETTING_NAMES", "Table", "between", "count", "moved_to"),
    *("comparison_table", "contrast_table", "method_table", "placed_table", "ranges_table"),
    *("sensitivity_table", "turned_table", "verdict_table"),
]

# It travels with the table, so that it looks the same on the page, in JupyterLab and in Binder.
# Names of rows stay in sight while a narrow screen scrolls the rest.
_STYLE = """
.ll-table { overflow-x: auto; margin: 0.5rem 0; }
.ll-table table {
  border: 0; border-collapse: collapse; width: auto; margin: 0; font-size: 0.8rem;
  color: var(--pst-color-text-base, inherit);
}
.ll-table caption { caption-side: top; text-align: left; color: inherit; font-weight: 600; }
.ll-table caption span { display: inline-block; max-width: min(40rem, 78vw); }
.ll-table th, .ll-table td {
  padding: 0.2rem 0.5rem; text-align: right; vertical-align: top; white-space: nowrap;
  line-height: 1.35; border: 0; border-bottom: 1px solid rgba(128, 128, 128, 0.35);
}
.ll-table th[scope="rowgroup"] { text-align: left; padding-top: 0.7rem; }
.ll-table th[scope="row"], .ll-table th[scope="col"]:first-child {
  text-align: left; position: sticky; left: 0;
  background: var(--pst-color-background, var(--jp-layout-color0, white));
}
.ll-table th[scope="row"] { white-space: normal; font-weight: 400; }
.ll-table th.ll-long { min-width: min(9rem, 26vw); }
"""

#: Settings of the sensitivity study in words; a name without an entry stands for itself.
SETTING_NAMES = {
    "none": "as in the comparison",
    "budget": "budget",
    "sequences": "training set of",
    "tolerance": "may be wrong when learned",
    "within": "right within",
    "bound": "guesses within",
    "learning_rate": "learning rate",
    "half_width": "first half-width",
    "minimum": "MIN",
    "maximum": "MAX",
    "n_t": "rounds a temperature",
    "temperature": "first temperature",
    "form": "curvature",
    "output": "output unit",
    "noisy_prefix": "noise on the informative inputs",
    "wiring_name": "wiring",
}


def between(value: float, low: float, high: float) -> str:
    """Return a share and its interval in whole percent: ``6 [4, 9]``.

    Parameters
    ----------
    value, low, high : float
        Shares, 0 to 1.
    """
    return f"{100 * value:.0f} [{100 * low:.0f}, {100 * high:.0f}]"


def count(value: float) -> str:
    """Return a number of presentations to three figures: ``1,240``."""
    return f"{float(f'{value:.3g}'):,.0f}"


@dataclass(frozen=True)
class Table:
    """A table whose first column names its rows.

    Parameters
    ----------
    caption : str
        What it shows.
    columns : sequence of str
        Headers, that of the first column included.
    rows : sequence of sequence of str
        Cells; a row of one cell is a heading over the rows that follow. A line break in a cell
        starts a second line on the page.

    Raises
    ------
    ValueError
        If a row is neither a heading nor as long as `columns`.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) not in (1, len(self.columns)):
                raise refuse("rows", row, f"1 or {len(self.columns)} cells")

    def __repr__(self) -> str:
        table = [list(self.columns), *(list(row) for row in self.rows)]
        flat = [[cell.replace("\n", " / ") for cell in row] for row in table]
        whole = filter(self._is_whole, flat)
        widths = [max(map(len, column)) for column in zip(*whole, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in flat]
        return "\n".join([self.caption, "", *lines])

    def _is_whole(self, row: Sequence[str]) -> bool:
        return len(row) == len(self.columns)

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{_text(name)}</th>' for name in self.columns)
        bodies: list[list[str]] = []
        for row in self.rows:
            # A heading over rows begins a group of its own.
            if not bodies or not self._is_whole(row):
                bodies.append([])
            bodies[-1].append(self._row(row))
        body = "".join(f"<tbody>{''.join(rows)}</tbody>" for rows in bodies)
        caption = escape(self.caption)
        return (
            f"<style>{_STYLE}</style>"
            # The theme takes tables of this class for its own, and leaves their ground as it is.
            # Focusable, as a region that scrolls has to be reached without a mouse.
            f'<div class="ll-table" role="region" tabindex="0" aria-label="{caption}">'
            f'<table class="dataframe"><caption><span>{caption}</span></caption>'
            f"<thead><tr>{head}</tr></thead>{body}</table></div>"
        )

    def _row(self, row: Sequence[str]) -> str:
        first, *rest = map(_text, row)
        if not self._is_whole(row):
            return f'<tr><th scope="rowgroup" colspan="{len(self.columns)}">{first}</th></tr>'
        cells = "".join(f"<td>{cell}</td>" for cell in rest)
        # A long name may break, but not at every word.
        kind = ' class="ll-long"' if len(row[0]) > 12 else ""
        return f'<tr><th scope="row"{kind}>{first}</th>{cells}</tr>'


def _text(cell: str) -> str:
    return escape(cell).replace("\n", "<br>")


def comparison_table(result: pd.DataFrame, caption: str, *, noise: float) -> Table:
    """Return a table of a comparison, method by T: fresh error, training error and presentations.

    Parameters
    ----------
    result : pandas.DataFrame
        As :func:`latchlib.experiments.load` gives it.
    caption : str
        What it shows.
    noise : float
        Which noise.

    Raises
    ------
    ValueError
        If there is no row of this noise.
    """
    rows = result[result.noise == noise]
    if rows.empty:
        raise refuse("noise", noise, ", ".join(map(str, sorted(result.noise.unique()))))
    lengths = sorted(rows["T"].unique())
    found = {(row.method, row.T): row for row in rows.itertuples()}
    body = [
        [method, *(_fresh_over_the_rest(found[method, T]) for T in lengths)]
        for method in rows.method.unique()
    ]
    return Table(caption, ["method", *(f"T = {T}" for T in lengths)], body)


def _fresh_over_the_rest(row) -> str:
    fresh = between(row.test_error, row.test_error_low, row.test_error_high)
    return f"{fresh}\n{100 * row.error:.0f}; {count(row.presentations)}"


def verdict_table(judged: pd.DataFrame, caption: str) -> Table:
    """Return a table of verdicts: each cell of 1993 beside ours, method by method.

    Parameters
    ----------
    judged : pandas.DataFrame
        As :func:`latchlib.experiments.tables_1993.verdicts` gives it.
    caption : str
        What it shows.
    """
    columns = ["T", "error\n1993", "error\nhere", "here less 1993", "verdict"]
    columns += ["presented\n1993", "presented\nhere", "verdict"]
    body: list[list[str]] = []
    for method in judged.method.unique():
        body.append([method])
        for row in judged[judged.method == method].itertuples():
            ours, gap, spent = "-", "-", "-"
            if row.verdict != "not run":
                ours = between(row.error / 100, row.error_low / 100, row.error_high / 100)
                gap, spent = _interval(row.gap, row.low, row.high), count(row.presentations)
            shown = "-" if pd.isna(row.presentations_1993) else count(row.presentations_1993)
            error = [str(row.T), f"{row.error_1993:.0f}", ours, gap, row.verdict]
            body.append([*error, shown, spent, row.presentations_verdict])
    return Table(caption, columns, body)


def sensitivity_table(study: pd.DataFrame, caption: str, by: str = "problem") -> Table:
    """Return a table of the sensitivity study: one setting moved, and the fresh error in percent.

    Parameters
    ----------
    study : pandas.DataFrame
        As :func:`latchlib.experiments.load` gives it.
    caption : str
        What it shows.
    by : {"problem", "T"}
        What the columns are.
    """
    columns = list(study[by].unique())
    body: list[list[str]] = []
    for method in study.method.unique():
        body.append([method])
        cells: dict[str, dict[str, str]] = {}
        for row in study[study.method == method].itertuples():
            name = moved_to(row.setting, row.value)
            cells.setdefault(name, {})[getattr(row, by)] = between(
                row.test_error, row.test_error_low, row.test_error_high
            )
        body += [[name, *(found.get(p, "-") for p in columns)] for name, found in cells.items()]
    head = [f"T = {name}" if by == "T" else name for name in columns]
    return Table(caption, ["setting moved", *head], body)


def moved_to(setting: str, value: str) -> str:
    """Return in words which setting was moved to which value."""
    if setting == "none":
        return SETTING_NAMES[setting]
    names = [SETTING_NAMES.get(name, name) for name in setting.split(" + ")]
    values = value.strip("()").replace("'", "").split(", ") if len(names) > 1 else [value]
    return ", ".join(f"{name} {one}" for name, one in zip(names, values, strict=True))


def method_table(
    results: Mapping[str, pd.DataFrame],
    method: str,
    caption: str,
    *,
    noise: float,
    measure: str = "test_error",
) -> Table:
    """Return a table of one method: problem by T, a mean with its interval.

    Parameters
    ----------
    results : mapping of str to pandas.DataFrame
        Results of the comparison, by problem.
    method : str
        Which method.
    caption : str
        What it shows.
    noise : float
        Which noise.
    measure : {"test_error", "error", "presentations"}
        What is shown; errors in percent.
    """
    scale = 1 if measure == "presentations" else 100
    cells = {}
    for name, result in results.items():
        rows = result[(result.method == method) & (result.noise == noise)]
        ends = (rows[measure], rows[f"{measure}_low"], rows[f"{measure}_high"])
        cells[name] = dict(
            zip(rows["T"], map(_interval, *(scale * end for end in ends)), strict=True)
        )
    return _by_length("problem", cells, caption)


def contrast_table(
    contrasts: Mapping[str, pd.DataFrame], caption: str, *, scale: float = 100.0, digits: int = 0
) -> Table:
    """Return a table of differences: row by T, a difference with its interval.

    Parameters
    ----------
    contrasts : mapping of str to pandas.DataFrame
        What :func:`latchlib.experiments.contrasts.contrast` returns, by the name of the row.
    caption : str
        What it shows.
    scale : float
        Factor: 100 shows shares in percent.
    digits : int
        Digits after the point.
    """
    cells = {}
    for name, gaps in contrasts.items():
        ends = (scale * gaps[column] for column in ("gap", "low", "high"))
        shown = [_interval(*found, digits) for found in zip(*ends, strict=True)]
        cells[name] = dict(zip(gaps["T"], shown, strict=True))
    return _by_length("difference", cells, caption)


def placed_table(placed: pd.DataFrame, caption: str) -> Table:
    """Return a table of errors whose lengths are lost, with the verdicts wherever they may stand.

    Parameters
    ----------
    placed : pandas.DataFrame
        What :func:`latchlib.experiments.tables_1993.possible_verdicts` returns.
    caption : str
        What it shows.
    """
    body: list[list[str]] = []
    for method in placed.method.unique():
        body.append([method])
        own = placed[placed.method == method]
        for _, rows in own.groupby("rank"):
            verdicts = " or ".join(dict.fromkeys(rows.verdict))
            lengths = ", ".join(map(str, rows["T"]))
            ours = ", ".join(f"{error:.0f}" for error in rows.error)
            body.append([f"{rows.error_1993.iloc[0]:.0f}", lengths, ours, verdicts])
    return Table(caption, ["1993", "may stand at T =", "error here", "verdict"], body)


def ranges_table(study: pd.DataFrame, caption: str) -> Table:
    """Return a table of the least and greatest fresh error that moving one setting brings.

    Parameters
    ----------
    study : pandas.DataFrame
        Result of the sensitivity study.
    caption : str
        What it shows.
    """
    body: list[list[str]] = []
    for problem in study.problem.unique():
        body.append([problem])
        own = study[study.problem == problem]
        for method in own.method.unique():
            rows = own[own.method == method]
            (base,) = rows[rows.setting == "none"].itertuples()
            fresh = rows.test_error
            ends = [rows.loc[fresh.idxmin()], rows.loc[fresh.idxmax()]]
            moved = [
                f"{100 * row.test_error:.0f}: {moved_to(row.setting, row.value)}" for row in ends
            ]
            shown = between(base.test_error, base.test_error_low, base.test_error_high)
            body.append([method, shown, *moved])
    return Table(caption, ["method", "comparison", "least", "most"], body)


def turned_table(turns: Mapping[str, pd.DataFrame], caption: str) -> Table:
    """Return a table of pairs of methods whose order turns or vanishes, with one move each.

    A move that turns the order is shown before one that takes it away.

    Parameters
    ----------
    turns : mapping of str to pandas.DataFrame
        What :func:`latchlib.experiments.contrasts.turned` returns, by problem.
    caption : str
        What it shows.
    """
    body: list[list[str]] = []
    for problem, found in turns.items():
        body.append([problem])
        first = found.sort_values("how", kind="stable").drop_duplicates(["better", "worse"])
        for row in first.itertuples():
            before = _interval(100 * row.gap, 100 * row.low, 100 * row.high)
            after = _interval(100 * row.moved_gap, 100 * row.moved_low, 100 * row.moved_high)
            move = f"{moved_to(row.setting, row.value)},\n{row.moved}"
            body.append([f"{row.better}\nbefore {row.worse}", before, move, after, row.how])
    return Table(caption, ["order", "ahead by", "move", "ahead by then", "so it"], body)


def _interval(value: float, low: float, high: float, digits: int = 0) -> str:
    # Rounded first, and 0 added, so that no -0 is shown.
    shown = [f"{round(number, digits) + 0.0:.{digits}f}" for number in (value, low, high)]
    return f"{shown[0]} [{shown[1]}, {shown[2]}]"


def _by_length(first: str, cells: Mapping[str, Mapping[int, str]], caption: str) -> Table:
    lengths = sorted({int(T) for found in cells.values() for T in found})
    body = [[name, *(found.get(T, "-") for T in lengths)] for name, found in cells.items()]
    return Table(caption, [first, *(f"T = {T}" for T in lengths)], body)
