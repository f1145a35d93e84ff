"""The status page: what it counts, and that the built page says so."""

import importlib.util
import re
from collections import Counter

import pytest

from latchlib.experiments import EXPERIMENTS, load
from tools import book, claims
from tools.book import ROOT

_SPEC = importlib.util.spec_from_file_location(
    "chapter_status", ROOT / "book" / "extensions" / "chapter_status.py"
)
status = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(status)


def code(*outputs, count=1, source="1"):
    kind = "code"
    return {"cell_type": kind, "source": source, "execution_count": count, "outputs": outputs}


def shows(*kinds):
    return {"output_type": "display_data", "data": dict.fromkeys(kinds, "x")}


STREAM = {"output_type": "stream", "name": "stdout", "text": "x"}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([], (0, 0, 0)),
        ([{"cell_type": "markdown", "source": "x"}, code(source=" ")], (0, 0, 0)),
        ([code(), code(count=None)], (2, 1, 0)),
        ([code(STREAM, shows("text/plain", "text/latex"))], (1, 1, 2)),
        ([code(shows("image/png"))], (1, 1, 0)),
        ([code(shows("image/svg+xml")), code(shows("text/html"))], (2, 2, 2)),
    ],
)
def test_counts(cells, expected):
    assert status.counts({"cells": cells}) == expected


def test_the_totals_are_those_of_the_ledger():
    last = status.chapter_table(ROOT).splitlines()[-1]
    found = [int(number) for number in re.findall(r"\d+", last)]
    verdicts = Counter(claim.verdict for claim in claims.load())
    assert found[2:] == [verdicts[verdict] for verdict in claims.VERDICTS]
    notebooks = [book.read_notebook(book.notebook_path(name)) for name in book.chapters()]
    assert found[0] == sum(status.counts(notebook)[1] for notebook in notebooks) > 0


def test_every_saved_result_has_a_row():
    table = status.result_table(ROOT)
    for name in EXPERIMENTS:
        rows = len(load(name, ROOT / "book" / "data"))
        assert f"| `latchlib reproduce {name}` | {rows} | 1994 | latchlib 0." in table


def test_without_git_the_day_is_unknown(monkeypatch, tmp_path):
    assert status.stored_on(tmp_path, tmp_path / "x") == "unknown"
    monkeypatch.setenv("PATH", "")
    assert status.stored_on(ROOT, ROOT / "README.md") == "unknown"


def test_the_built_page_has_the_table():
    page = ROOT / "_build" / "html" / "book" / "status.html"
    if not page.is_file():
        pytest.fail("there is no built book in _build/html: run `make book` first")
    html = page.read_text(encoding="utf-8")
    assert html.count("<table") == 3
    for name in book.chapters():
        assert f'href="{name}.html"' in html
