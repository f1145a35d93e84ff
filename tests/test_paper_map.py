"""The paper map: all that it points to exists, and nothing of the ledger is left out."""

from dataclasses import replace

import pytest

from tools import claims, paper_map
from tools.book import ROOT


@pytest.fixture(scope="module")
def items():
    return paper_map.load()


@pytest.fixture(scope="module")
def ledger():
    return claims.load()


def test_everything_on_the_map_exists(items, ledger):
    assert paper_map.problems(items, ledger) == []


def test_items_are_named_once(items):
    names = [item.item for item in items]
    assert len(set(names)) == len(names)


def test_every_claim_is_on_the_page(items, ledger):
    page = paper_map.render(items, ledger, claims.titles(ledger))
    missing = [claim.id for claim in ledger if f"(claims.md#{claim.anchor})" not in page]
    assert missing == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": "def-gone"}, "has no label def-gone"),
        ({"chapter": "gone"}, "gone has no label"),
        ({"code": ("latchlib.tasks.Gone",)}, "no latchlib.tasks.Gone"),
        ({"tests": ("tests/test_tasks.py::test_gone",)}, "no tests/test_tasks.py::test_gone"),
        ({"tests": ("tests/gone.py::test_gone",)}, "no tests/gone.py::test_gone"),
        ({"claims": ("gone",)}, "no claim gone"),
    ],
)
def test_what_does_not_exist_is_found(items, ledger, change, message):
    changed = replace(items[0], **change)
    (found,) = paper_map.problems([changed], ledger)
    assert message in found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- item: One\n", "has .*accepted are"),
        (
            "- {item: One, part: P, says: S, chapter: c, label: l, "
            "code: [], tests: [t], claims: [c]}",
            "code of item 'One' .* is empty",
        ),
    ],
)
def test_a_faulty_entry_is_refused(tmp_path, text, message):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "paper_map.yml").write_text(text)
    with pytest.raises(ValueError, match=message):
        paper_map.load(tmp_path)


def test_corrections_keep_the_sources_apart(ledger):
    page = claims.render_corrections(ledger, claims.titles(ledger))
    of_paper, _, rest = page.partition("## The annotated reading")
    for claim in ledger:
        if claim.verdict == "corrected":
            assert (claim.claim in of_paper) == (claim.source == "paper")
            assert claim.claim in page and claim.dated.isoformat() in page
    assert rest


def test_the_pages_are_in_the_table_of_contents():
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert "book/paper-map" in toc and "book/corrections" in toc
