"""The explorable of the tables: what it shows is what was saved."""

import json

import pytest
from saved_tables import saved

from latchbook import figures
from latchbook.explorables import Tables
from latchbook.explorables.tables import LENGTHS, METHODS, NOISES, PROBLEMS, VERDICTS
from latchlib import problems
from latchlib.experiments import EXPERIMENTS, load, tables_1993
from latchlib.training import COMPARED
from tools.book import ROOT


@pytest.fixture(scope="module")
def results():
    return saved()[0]


@pytest.fixture(scope="module")
def judged():
    return saved()[1]


@pytest.fixture(scope="module")
def shown(results, judged):
    """Numbers at every setting, by problem, method, noise and length."""
    tables, found = Tables(results, judged), {}
    for p, name in enumerate(PROBLEMS):
        for m, method in enumerate(METHODS):
            for k, noise in enumerate(NOISES):
                for n, T in enumerate(LENGTHS):
                    tables.set_trait("problem", p)
                    tables.set_trait("method", m)
                    tables.set_trait("noisy", k)
                    tables.set_trait("length", n)
                    found[name, method, noise, T] = tables.numbers()
    return found


def test_there_is_all_to_choose_from_that_was_run():
    of_1994 = [name for name, kind in problems.PROBLEMS.items() if kind.stream is not None]
    assert list(PROBLEMS) == of_1994
    assert METHODS == tuple(COMPARED) and set(figures.METHOD_STYLES) <= set(METHODS)
    grids = [EXPERIMENTS[name]["full"] for name in PROBLEMS]
    assert all(grid.noise == NOISES for grid in grids)
    assert {T for grid in grids for T in grid.T} == set(LENGTHS)
    assert set(VERDICTS) == set(tables_1993.VERDICTS) - {"not run"}


def test_every_saved_row_is_shown(results, shown):
    full = 0
    for (name, method, noise, T), got in shown.items():
        rows = results[name]
        rows = rows[(rows.method == method) & (rows.noise == noise) & (rows["T"] == T)]
        if rows.empty:
            assert set(got.values()) == {None}
            continue
        (row,) = rows.to_dict("records")
        full += 1
        for column in ("error", "test_error"):
            for end in ("", "_low", "_high"):
                assert got[column + end] == pytest.approx(100 * row[column + end], abs=1e-12)
        assert got["learned"] == pytest.approx(row["learned"])
        assert row["trials"] == got["trials"] == 100
        assert got["presentations"] == row["presentations"]
    assert full == sum(len(results[name]) for name in PROBLEMS)


def test_1993_stands_beside_the_rows_with_noise_alone(shown):
    found = {
        place: (got["error_1993"], got["presentations_1993"])
        for place, got in shown.items()
        if got["error_1993"] is not None
    }
    assert found == {
        (name, method, 0.2, T): (entry.error, entry.presentations)
        for name, table in tables_1993.TABLES.items()
        for method, entries in table.items()
        for T, entry in entries.items()
        if method != "EM"
    }


def test_verdicts_are_those_of_the_rule(shown, judged):
    for name, rows in judged.items():
        for row in rows[rows.verdict != "not run"].itertuples():
            got = shown[name, row.method, 0.2, row.T]
            assert VERDICTS[int(got["verdict"])] == row.verdict
            assert VERDICTS[int(got["presentations_verdict"])] == row.presentations_verdict


def test_what_the_page_gets_is_plain_data(results, judged):
    tables = Tables(results, judged)
    for trait in (tables.cells, tables.names):
        assert json.loads(json.dumps(trait, allow_nan=False)) == trait


def test_missing_results_are_refused_with_the_command_that_makes_them(results, judged):
    with pytest.raises(ValueError, match="`latchlib reproduce parity` makes it"):
        Tables({name: results[name] for name in PROBLEMS if name != "parity"}, judged)
    short = {**results, "latch": results["latch"].drop(columns="learned_low")}
    with pytest.raises(ValueError, match=r"without learned_low.*`latchlib reproduce latch`"):
        Tables(short, judged)
    with pytest.raises(ValueError, match="latchlib reproduce latch"):
        load("latch", ROOT / "tests")


def test_without_verdicts_there_is_no_1993(results):
    assert Tables(results, {}).numbers()["error_1993"] is None
