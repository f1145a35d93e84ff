"""The price list: each number found in another way, and the table and the data that it becomes."""

import csv
import io
import json
import math

import numpy as np
import pytest

from latchlib.formulas import formula
from latchlib.prices import IDEAS, LOOP, QUANTITIES, price_list
from tools import claims
from tools import price_list as page
from tools.book import notebook_path, read_notebook, tags

T = 100


@pytest.fixture(scope="module")
def listed():
    return price_list(T)


def drift(keep, start, push, steps=T):
    state = start
    for _ in range(steps):
        state = keep * state - push
    return state


@pytest.mark.parametrize("idea", ["carousel", "forget-gate", "rotations", "lines", "attention"])
def test_of_what_is_added_to_a_linear_state_exactly_so_much_is_borne(listed, idea):
    keep = {"forget-gate": T / (T + 1), "lines": math.exp(-1 / T)}.get(idea, 1.0)
    assert drift(keep, 1.0, listed.added[idea]) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("idea", "w", "leak"),
    [
        ("tanh-latch", 2.0, 1.0),
        ("slow-clock", 2.0, 1 / T),
        ("gru", 2.0, 1 / T),
        ("bistable", LOOP, 1 / T),
    ],
)
def test_latches_bear_what_is_listed_for_ever_and_no_more(listed, idea, w, leak):
    # In the state x = tanh a, by the least distance between what is new and what there is.
    x = np.linspace(0.0, 1.0, 400_001)
    pull = leak * (np.tanh(w * x) - x)
    edge = x[pull.argmax()]
    rest = x[1:][np.flatnonzero(np.diff(np.sign(pull[1:])))[0]]
    if leak < 1.0:
        assert listed.added[idea] == pytest.approx(pull.max() / (rest - edge), rel=1e-4)
    assert listed.arriving[idea] == pytest.approx(pull.max() / leak / (rest - edge), rel=1e-4)
    slope = 1 - leak + leak * w * (1 - rest**2)
    assert 0.5 ** (1 / listed.life[idea]) == pytest.approx(slope, rel=1e-4)


def test_what_a_gate_lets_in(listed):
    assert listed.logit.carousel == listed.logit.gru == math.log(T - 1)
    leak = 1 / (1 + math.exp(listed.logit.carousel))
    assert drift(1.0, 1.0, leak * listed.arriving.carousel) == pytest.approx(0.0, abs=1e-12)
    leak = 1 / (1 + math.exp(listed.logit["forget-gate"]))
    left = drift(1 - leak, 1.0, leak * listed.arriving["forget-gate"])
    assert left == pytest.approx(0.0, abs=1e-12)
    weights = np.r_[math.exp(listed.logit.attention), np.ones(T - 1)]
    read = weights[0] - listed.arriving.attention * weights[1:].sum()
    assert read == pytest.approx(0.0, abs=1e-9)


def test_writing_over_a_slow_clock(listed):
    x, steps = -math.tanh(1.9150080481545375), 0
    while x <= 0.0:
        x, steps = (1 - 1 / T) * x + 1 / T, steps + 1
    assert listed.write["slow-clock"] == steps
    assert (listed.write.drop("slow-clock") == 1.0).all()


@pytest.mark.parametrize("steps", [2, 10, 1000])
def test_no_idea_passes_the_price(steps):
    found = price_list(steps)
    for idea, row in found.iterrows():
        slope = 0.5 ** (1 / row.life)
        limit = 1 / steps if slope == 1.0 else formula("price_for_steps")(slope, steps)
        assert row.added <= limit * (1 + 1e-9), idea


def test_the_price_for_steps_is_a_geometric_sum():
    for slope, steps in ((0.3, 1), (0.9, 7), (0.99, 200)):
        total = sum(slope**k for k in range(steps))
        assert formula("price_for_steps")(slope, steps) == pytest.approx(1 / total, rel=1e-12)
        left = formula("line_margin")(1.0, slope, steps) * total
        assert left == pytest.approx(slope**steps, rel=1e-12)


@pytest.mark.parametrize("steps", [1, 0, 2.5, "100", math.nan])
def test_bad_lengths(steps):
    with pytest.raises(ValueError, match="steps"):
        price_list(steps)


def test_long_laws_are_shown_by_their_order():
    (gate,) = [idea for idea in IDEAS if idea.key == "forget-gate"]
    for steps in (10**3, 10**5):
        assert gate.number("life", steps) == pytest.approx(steps * math.log(2), rel=1 / steps)
    assert gate.life.latex() == r"\sim T \ln{\left(2 \right)}"
    assert gate.logit.latex() == r"\ln{\left(T \right)}"


# --- the page and the data ---------------------------------------------------------------


@pytest.fixture(scope="module")
def ledger():
    return claims.load()


def test_every_entry_has_a_verdict_and_a_cell_that_is_there(ledger):
    rows = page.records(ledger)
    assert len(rows) == len(IDEAS) * len(QUANTITIES)
    cells = {}
    for row in rows:
        known = cells.setdefault(
            row["chapter"],
            {t for c in read_notebook(notebook_path(row["chapter"]))["cells"] for t in tags(c)},
        )
        assert row["verdict"] and (row["cell"] in known or row["verdict"] == "prose")


def test_the_table_has_a_row_for_each_idea_with_an_address(ledger):
    titles = {idea.chapter: idea.chapter for idea in IDEAS}
    text = page.render(ledger, titles)
    rows = [line for line in text.splitlines() if '<a id="price-' in line]
    assert len(rows) == len(IDEAS) == 9
    assert all(row.count("|") == len(QUANTITIES) + 2 for row in rows)
    with pytest.raises(ValueError, match="none of the book"):
        page.render(ledger, {})
    with pytest.raises(ValueError, match="not in the ledger"):
        page.render([], titles)


def test_both_data_files_say_the_same(ledger):
    files = page.files(ledger)
    table, rows = csv.DictReader(io.StringIO(files["csv"])), json.loads(files["json"])
    assert [{k: str(v) for k, v in row.items()} for row in rows] == list(table)
    listed = price_list(page.STEPS)
    for row in rows:
        assert float(row["value"]) == pytest.approx(
            listed.loc[row["idea"], row["quantity"]], rel=1e-5
        )
