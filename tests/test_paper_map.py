"""The paper map: all that it points to exists, and nothing of the ledger is left out."""

import pytest

from tools import claims, paper_map


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
    pages = page + claims.render_annotated(ledger, claims.titles(ledger))
    missing = [claim.id for claim in ledger if f"(claims.md#{claim.anchor})" not in pages]
    assert missing == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- item: One\n", "has .*accepted are"),
        (
            "- {item: One, part: P, says: S, known: recalled, chapter: c, label: l, "
            "code: [], tests: [t], claims: [c]}",
            "code of item 'One' .* is empty",
        ),
        (
            "- {item: One, part: P, says: S, known: seen, chapter: c, label: l, "
            "code: [c], tests: [t], claims: [c]}",
            "known of item 'One' .* is 'seen'; accepted are 'recalled'",
        ),
        (
            "- {item: One, part: P, says: S, known: seen me2000, chapter: c, label: l, "
            "code: [c], tests: [t], claims: [c]}",
            "names 'me2000'; accepted are you2001",
        ),
    ],
)
def test_a_faulty_entry_is_refused(tmp_path, text, message):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "paper_map.yml").write_text(text)
    (tmp_path / "book" / "references.bib").write_text("@misc{you2001,\n  year = 2001\n}\n")
    with pytest.raises(ValueError, match=message):
        paper_map.load(tmp_path)


def test_corrections_keep_the_sources_apart(ledger):
    titles = claims.titles(ledger)
    page = claims.render_corrections(ledger, titles)
    of_paper, rest = page.split("## Common readings")
    common, rest = rest.split("## Other sources, and what is often said")
    other, _ = rest.split("## The annotated reading")
    places = {"paper": of_paper, "common": common, "book": other}
    places["annotation"], holds = claims.render_annotated(ledger, titles).split("## What needed")
    for claim in ledger:
        if claim.verdict == "corrected":
            found = [source for source, text in places.items() if claim.statement in text]
            assert found == [claim.source]
            assert claim.dated.isoformat() in places[claim.source]
        elif claim.source == "annotation":
            assert claim.claim in holds
