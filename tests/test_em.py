"""The experiment with EM: what a cell is, what it hangs on, and that the saved ones come again."""

from dataclasses import replace

import pandas as pd
import pytest

from latchlib.experiments import EXPERIMENTS, Markov, agrees, cell_row, load, trials_of
from tools.book import ROOT

SAVED = ROOT / "book" / "data"
SMALL = replace(EXPERIMENTS["em"]["full"], trials=4, max_presentations=200)


def cell(problem="parity", structure="built in", start="sharp", method="EM", T=5):
    values = (problem, structure, start, method, T)
    return dict(zip(Markov.keys, values, strict=True))


def test_full_grid():
    cells = EXPERIMENTS["em"]["full"].cells()
    assert len(cells) == 4 * (5 * 5 + 7) and cell(T=500) in cells
    assert cell(structure="all to all", T=500) not in cells


def test_a_row():
    [row] = SMALL.rows(cell(), 3)
    assert row["trials"] == 4 and row["budget"] == 200 and row["learned"] <= 4
    trials = trials_of(row)
    assert (trials["presentations"] <= 200).all() and row["draws"] >= 1
    assert ((trials["error"] == 0) == trials["learned"]).all()


def test_a_cell_hangs_on_the_seed_and_not_on_the_grid():
    narrower = replace(SMALL, T={("parity", "built in"): (5,)}, starts=("sharp",))
    assert cell_row(narrower, cell(), 3) == cell_row(SMALL, cell(), 3)
    assert cell_row(SMALL, cell(), 4) != cell_row(SMALL, cell(), 3)


def test_guessing_begins_with_the_tables_of_em():
    # Whoever is right at once is so for both, and on the same fresh sequences.
    grid = replace(SMALL, trials=20)
    em, guess = (
        trials_of(grid.rows(cell("two-sequence", method=method), 6)[0])
        for method in ("EM", "guessing")
    )
    at_once = em["presentations"] == 20
    assert at_once.any() and (at_once == (guess["presentations"] == 20)).all()
    assert (em["test_error"][at_once] == guess["test_error"][at_once]).all()


@pytest.mark.parametrize("method", ["EM", "guessing"])
def test_saved_cells_come_out_again(method):
    grid, saved = EXPERIMENTS["em"]["full"], load("em", SAVED)
    for one in (cell("two-sequence", method=method, T=10), cell(method=method, T=3)):
        match = (saved[list(one)] == pd.Series(one)).all(axis=1)
        assert agrees(pd.DataFrame(cell_row(grid, one, 1994)), saved[match]), one


@pytest.mark.parametrize(
    "change, named",
    [
        ({"T": {("parity", "two chains"): (5,)}}, "T"),
        ({"T": {}}, "T, starts, methods"),
        ({"T": {("two-sequence", "built in"): (3,)}}, "T"),
        ({"starts": ("warm",)}, "starts"),
        ({"methods": ("luck",)}, "methods"),
        ({"noise": -1.0}, "noise"),
        ({"trials": 1}, "trials"),
        ({"sequences": 0}, "sequences"),
        ({"max_presentations": 19}, "max_presentations"),
    ],
)
def test_bad_settings_are_named(change, named):
    with pytest.raises(ValueError, match=named):
        replace(SMALL, **change)
