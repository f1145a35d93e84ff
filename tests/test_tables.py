"""Tables: what stands where, as text and as a page that can be read without sight or a mouse."""

from html.parser import HTMLParser

import pandas as pd
import pytest

from latchbook import tables
from latchbook.tables import Table


class Reader(HTMLParser):
    """Reads the one table of a page into headers and rows of (tag, scope, text)."""

    def __init__(self, page):
        super().__init__()
        self.rows, self.attributes, self.caption = [], {}, ""
        self._cell = self._tag = None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "div":
            self.attributes = attributes
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self._cell = [tag, attributes.get("scope"), ""]
            self.rows[-1].append(self._cell)
        elif tag == "br":
            self._cell[2] += "\n"
        if tag != "span":
            self._tag = tag

    def handle_data(self, data):
        if self._tag == "caption":
            self.caption += data
        elif self._cell is not None:
            self._cell[2] += data

    def handle_endtag(self, tag):
        self._tag = self._cell = None


TABLE = Table(
    "Errors <in %>", ["T", "here"], [["first"], ["5", "1 [0, 2]\n640"], ["10", "<i>3 & 4"]]
)


def test_a_table_says_what_its_headers_are_for():
    page = Reader(TABLE._repr_html_())
    assert page.caption == TABLE.caption == page.attributes["aria-label"]
    assert (page.attributes["role"], page.attributes["tabindex"]) == ("region", "0")
    assert page.rows == [
        [["th", "col", "T"], ["th", "col", "here"]],
        [["th", "rowgroup", "first"]],
        [["th", "row", "5"], ["td", None, "1 [0, 2]\n640"]],
        [["th", "row", "10"], ["td", None, "<i>3 & 4"]],
    ]


def test_numbers_are_rounded_once():
    assert tables.between(0.0649, 0.0401, 0.0949) == "6 [4, 9]"
    assert [tables.count(v) for v in (64.6, 1_316.8, 13_691.4, 139_059.0)] == [
        "65", "1,320", "13,700", "139,000",
    ]  # fmt: skip


def outcome(method, T, noise=0.2, error=0.2):
    row = {"method": method, "T": T, "noise": noise}
    for name, value in (("error", error), ("test_error", error + 0.1), ("presentations", 1234.5)):
        row.update({name: value, f"{name}_low": 0.5 * value, f"{name}_high": 2 * value})
    return row


RESULT = pd.DataFrame([outcome(m, T, noise) for m in "ab" for noise in (0.0, 0.2) for T in (5, 20)])


def cells(table):
    return [list(row) for row in table.rows]


def test_comparison():
    table = tables.comparison_table(RESULT, "c", noise=0.2)
    assert list(table.columns) == ["method", "T = 5", "T = 20"]
    assert cells(table) == [[m, *["30 [15, 60]\n20; 1,230"] * 2] for m in "ab"]
    with pytest.raises(ValueError, match=r"noise is 0.1; accepted: 0.0, 0.2"):
        tables.comparison_table(RESULT, "c", noise=0.1)


def test_one_method_over_the_problems():
    longer = pd.DataFrame([outcome("a", 50)])
    table = tables.method_table({"x": RESULT, "y": longer}, "a", "c", noise=0.2)
    assert list(table.columns) == ["problem", "T = 5", "T = 20", "T = 50"]
    assert cells(table) == [
        ["x", "30 [15, 60]", "30 [15, 60]", "-"],
        ["y", "-", "-", "30 [15, 60]"],
    ]
    seen = tables.method_table({"x": RESULT}, "a", "c", noise=0.2, measure="error")
    assert cells(seen) == [["x", *["20 [10, 40]"] * 2]]
    spent = tables.method_table({"x": RESULT}, "a", "c", noise=0.2, measure="presentations")
    assert cells(spent) == [["x", *["1234 [617, 2469]"] * 2]]


def test_contrasts():
    gaps = pd.DataFrame([{"T": 5.0, "gap": -0.001, "low": -0.2, "high": 0.1}])
    assert cells(tables.contrast_table({"x": gaps}, "c")) == [["x", "0 [-20, 10]"]]
    fine = tables.contrast_table({"x": gaps}, "c", scale=10, digits=1)
    assert cells(fine) == [["x", "0.0 [-2.0, 1.0]"]]


def test_verdicts_stand_below_their_method():
    one = {"method": "a", "T": 5, "error_1993": 6.0, "error": 2.0, "error_low": 1.0,
           "error_high": 5.0, "gap": -4.0, "low": -6.0, "high": -2.0, "presentations_1993": None,
           "presentations": 360.0, "verdict": "matched",
           "presentations_verdict": "underspecified"}  # fmt: skip
    gone = {"method": "EM", "T": 5, "error_1993": 0.0, "presentations_1993": 3200.0,
            "verdict": "not run", "presentations_verdict": "not run"}  # fmt: skip
    table = tables.verdict_table(pd.DataFrame([one, gone]), "c")
    assert cells(table) == [
        ["a"],
        ["5", "6", "2 [1, 5]", "-4 [-6, -2]", "matched", "-", "360", "underspecified"],
        ["EM"],
        ["5", "0", "-", "-", "not run", "3,200", "-", "not run"],
    ]


def moved(problem, setting, value, error):
    return {**outcome("a", 20, error=error), "problem": problem, "setting": setting, "value": value}


STUDY = pd.DataFrame(
    [
        moved("x", "none", "-", 0.2), moved("x", "n_t", "5", 0.1), moved("x", "mu", "0.3", 0.4),
        moved("y", "none", "-", 0.3),
    ]
)  # fmt: skip


def test_sensitivity():
    assert cells(tables.sensitivity_table(STUDY, "c")) == [
        ["a"],
        ["as in the comparison", "30 [15, 60]", "40 [20, 80]"],
        ["rounds a temperature 5", "20 [10, 40]", "-"],
        ["mu 0.3", "50 [25, 100]", "-"],
    ]
    lengths = STUDY[STUDY.problem == "x"].assign(T=[5, 20, 50])
    table = tables.sensitivity_table(lengths, "c", by="T")
    assert list(table.columns) == ["setting moved", "T = 5", "T = 20", "T = 50"]
    assert cells(table)[-1] == ["mu 0.3", "-", "-", "50 [25, 100]"]


def test_errors_without_a_place():
    rows = [
        {"method": "a", "rank": 1, "error_1993": 2.0, "T": T, "error": 10.0 * T, "verdict": verdict}
        for T, verdict in ((3, "matched"), (5, "not matched"))
    ]
    assert cells(tables.placed_table(pd.DataFrame(rows), "c")) == [
        ["a"],
        ["2", "3, 5", "30, 50", "matched or not matched"],
    ]


def test_a_pair_that_turns_is_shown_once():
    turn = {"better": "a", "worse": "b", "gap": 0.2, "low": 0.1, "high": 0.3, "moved": "a",
            "setting": "mu", "value": "0.3", "moved_gap": -0.2, "moved_low": -0.3,
            "moved_high": -0.1, "how": "turns"}  # fmt: skip
    frame = pd.DataFrame(
        [{**turn, "value": "0.9", "how": "vanishes"}, turn, {**turn, "value": "0.1"}]
    )
    assert cells(tables.turned_table({"x": frame}, "c")) == [
        ["x"],
        ["a\nbefore b", "20 [10, 30]", "mu 0.3,\na", "-20 [-30, -10]", "turns"],
    ]
