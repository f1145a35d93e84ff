"""The claims ledger: every claim has evidence of the kind that its verdict promises."""

import copy
import re
from datetime import date
from itertools import groupby

import pytest
from bs4 import BeautifulSoup

from tools import claims
from tools.book import ROOT

HTML = ROOT / "_build" / "html" / "book"

# --- the ledger of the book --------------------------------------------------------------


def test_every_claim_has_evidence():
    assert claims.problems(claims.load()) == []


def built(name: str) -> tuple[str, set[str], set[str]]:
    """Return a page of the built book, the addresses that it leads to, and its anchors."""
    page = (HTML / f"{name}.html").read_text(encoding="utf-8")
    return page, set(re.findall(r'href="([^"]+)"', page)), set(re.findall(r'\bid="([^"]+)"', page))


@pytest.mark.skipif(not HTML.is_dir(), reason="the book is not built: make book")
def test_claims_are_linked_both_ways_on_the_built_pages():
    table = BeautifulSoup(built("claims")[0], "html.parser").find_all("tr")
    rows = {node["id"]: row for row in table for node in row.find_all(id=True)}
    _, annotated, _ = built("annotated-reading")
    for chapter, found in groupby(claims.load(), key=lambda claim: claim.chapter):
        _, links, anchors = built(chapter)
        for claim in found:
            hrefs = [anchor["href"] for anchor in rows[claim.anchor].find_all("a", href=True)]
            wanted = annotated if claim.source == "annotation" else links
            assert f"claims.html#{claim.anchor}" in wanted
            if claim.cell:
                assert f"{chapter}.html#{claim.cell}" in hrefs
                assert claim.cell in anchors
            else:
                assert f"{chapter}.html" in hrefs


# --- the ledger's own rules --------------------------------------------------------------

ENTRY = {
    "id": "threshold",
    "source": "paper",
    "known": "recalled",
    "locus": "section III",
    "claim": "The threshold is $h^*(w)$.",
    "verdict": "proved",
    "cell": "cell-threshold",
}


def entry(**changes) -> dict:
    changed = copy.deepcopy(ENTRY) | changes
    return {key: value for key, value in changed.items() if value is not ...}


def parse(*entries: dict, chapter: str = "latch-neuron") -> list[claims.Claim]:
    return claims.parse(list(entries), chapter)


def test_a_good_entry_is_read():
    (claim,) = parse(entry(note="Only for w > 1."))
    assert claim.anchor == "claim-threshold"
    assert (claim.chapter, claim.cell) == ("latch-neuron", "cell-threshold")
    assert claim.note == "Only for w > 1."
    assert parse(entry(verdict="prose", cell=...))[0].cell is None


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({}, "list of mappings"),
        ([entry(locus=...)], "lacks locus"),
        ([entry(id=...)], "number 1.* lacks id"),
        ([entry(verdict="certain")], "verdict of .* is 'certain'; accepted are proved"),
        ([entry(source="rumour")], "source of .* accepted are paper"),
        ([entry(id="Threshold 1")], "lower-case words"),
        ([entry(claim="  ")], "claim of .* not empty"),
        ([entry(claim="the size |a|")], r"without '\|'"),
        ([entry(page=3)], "has page; accepted are"),
        ([entry(known=...)], "known of .* is None; accepted are 'recalled', 'seen KEY'"),
        ([entry(known="seen")], "known of .* is 'seen'; accepted are"),
        ([entry(known="recalled me2000")], "is 'recalled me2000'; accepted are"),
        ([entry(known="heard me2000")], "is 'heard me2000'; accepted are"),
        ([entry(source="common")], "accepted is none, as its source is common"),
        (
            [entry(verdict="corrected", note="So.", dated=date(2026, 1, 31))],
            "accepted for a correction of the paper is 'seen KEY'",
        ),
        ([entry(proof="sketch")], "proof of .* is 'sketch'; accepted are 'identity'"),
        ([entry(proof="case")], "'case' with the case that is proved"),
        ([entry(proof="argument by induction")], "is 'argument by induction'; accepted are"),
        ([entry(verdict="measured", proof="argument")], "accepted is none, as it is measured"),
        (
            [entry(verdict="measured", checked="Latch.v#mirror")],
            "checked of .* is 'Latch.v#mirror'; accepted is none, as it is measured",
        ),
        ([entry(verdict="corrected", note="So.")], "dated of .* is None; accepted is a date"),
        ([entry(dated=date(2026, 1, 31))], "none for another verdict"),
        ([entry(verdict="corrected", dated=date(2026, 1, 31))], "accepted is one that says what"),
        ([entry(cell=...)], "its verdict is proved"),
        ([entry(cell="threshold")], "begins with 'cell-'"),
        ([entry(verdict="prose")], "prose and names cell"),
    ],
)
def test_a_broken_entry_is_refused(entries, message):
    with pytest.raises(ValueError, match=message):
        claims.parse(entries, "latch-neuron")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["latch-nueron"], r"latch-nueron\.yml is of no page; accepted are index, latch-neuron"),
        (["index", "latch-neuron"], "'a' is used 2 times"),
    ],
)
def test_a_file_is_of_a_page_and_an_id_is_used_once(tmp_path, names, message):
    (tmp_path / "book" / "claims").mkdir(parents=True)
    (tmp_path / "_toc.yml").write_text(
        "root: book/index\nparts:\n  - chapters: [{file: book/latch-neuron}]\n"
    )
    for name in names:
        ledger = tmp_path / "book" / "claims" / f"{name}.yml"
        ledger.write_text("- {id: a, source: book, locus: b, claim: c, verdict: prose}\n")
    with pytest.raises(ValueError, match=message):
        claims.load(tmp_path)


def test_a_wording_is_known_from_a_source_of_the_bibliography(tmp_path):
    known = {"claim 'a'": "seen me2000", "claim 'b'": "recalled"}
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "references.bib").write_text("@book{me2000,\n  year = 2000\n}\n")
    claims.check_keys(known, tmp_path)
    with pytest.raises(ValueError, match="known of claim 'a' names 'me2001'; accepted are me2000"):
        claims.check_keys({"claim 'a'": "seen me2001"}, tmp_path)


# --- what counts as evidence -------------------------------------------------------------


def code(source: str, *tags: str, shows: str = "") -> dict:
    outputs = [{"output_type": "stream", "name": "stdout", "text": [shows]}] if shows else []
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {"tags": list(tags)},
        "outputs": outputs,
    }


SYMPY = code("import sympy as sp\nfrom latchlib.formulas import formula\nx = sp.Symbol('x')")
INTERVALS = code("from mpmath import iv\nbox = iv.mpf([1, 2])")


def verdict(name: str, *cells: dict) -> str | None:
    extra = {"dated": date(2026, 1, 31), "note": "So.", "known": "seen me2000"}
    extra = extra if name == "corrected" else {}
    claim = parse(entry(verdict=name, **extra))[0]
    return claims.evidence_problem(claim, list(cells))


GOOD = {
    "an identity": ("proved", SYMPY, "assert sp.simplify(x - x) == 0", ""),
    "equals": ("proved", SYMPY, "lhs = formula('h_star').expr\nassert lhs.equals(lhs)", ""),
    "a sign": ("proved", SYMPY, "gap = sp.Abs(x) + 1\nassert gap.is_positive", ""),
    "a loop": ("proved", SYMPY, "for e in [x, 2 * x]:\n    assert sp.diff(e, x, 2) == 0", ""),
    "through a name": ("proved", SYMPY, "d = x - x\nr = d + 0\nassert r == 0", ""),
    "an interval": ("certified", INTERVALS, "y = box * box\nassert y.a >= 1", ""),
    "a printed interval": ("measured", SYMPY, "assert 0 < 1", "share 0.4, 95 % [0.21, 0.64]"),
    "plus or minus": ("measured", SYMPY, "assert 0 < 1", "0.40 ± 0.02"),
    "a counterexample": ("corrected", SYMPY, "assert 2 > 1", ""),
}


@pytest.mark.parametrize(("name", "before", "source", "shows"), GOOD.values(), ids=GOOD)
def test_evidence_is_accepted(name, before, source, shows):
    cell = code(source, "cell-threshold", shows=shows)
    assert verdict(name, before, cell) is None


#: Cells that are no evidence, by verdict and what is said of them.
BAD = {
    ("proved", "asserts nothing"): ["sp.simplify(x)", "# assert x == 0", "'assert x == 0'"],
    ("proved", "no identity"): [
        *("assert 1 == 1", "assert abs(sp.sin(x)) < 1e-9", "assert float(sp.pi) == 3"),
        *("y = float(sp.pi)\nassert y == y", "x = 3\nassert x == 3"),
    ],
    ("certified", "nothing on an interval"): ["assert 1 < 2"],
    ("certified", "asserts nothing"): ["box * box"],
    ("measured", "asserts nothing"): ["p = 1"],
    ("measured", "shows no interval"): ["assert 1"],
    ("corrected", "asserts nothing"): ["1"],
}


@pytest.mark.parametrize(
    ("name", "message", "source"),
    [(*why, source) for why, those in BAD.items() for source in those],
)
def test_evidence_is_refused(name, message, source):
    # What is shown counts for nothing where nothing is asserted.
    cell = code(source, "cell-threshold", shows="0.4" if "shows" in message else "[1, 2]")
    assert message in verdict(name, INTERVALS if name == "certified" else SYMPY, cell)


def test_evidence_has_its_label_and_comes_after_what_it_rests_on():
    assert "0 code cells" in verdict("proved", SYMPY, code("assert sp.simplify(x) == 0"))
    assert "no identity" in verdict("proved", code("assert sp == sp", "cell-threshold"), SYMPY)


# --- pages -------------------------------------------------------------------------------


#: A claim that does not hold, of a source that is nobody's.
WRONG = entry(
    id="wrong",
    source="common",
    known=...,
    claim="It is so.",
    verdict="corrected",
    dated=date(2026, 1, 31),
    note="It is not.",
)


def test_ledger_counts_by_verdict_by_proof_and_by_how_known():
    ledger = parse(
        entry(),
        entry(id="b", proof="argument", known="quoted schliesman_annotation"),
        entry(id="c", proof="case $T = 3$", known="seen me2000"),
        entry(id="d", source="book", known=...),
        entry(id="e", source="annotation", known=..., proof="case $T = 3$"),
        WRONG,
    )
    page = claims.render_ledger(ledger, {"latch-neuron": "A neuron"})
    meanings = claims.PROOFS | claims.KNOWN
    rows = {"proved": 5, "corrected": 1, "the paper": 3, "this book": 1, "all": 6}
    rows |= {f"of which: {meanings[name]}": 1 for name in (*claims.KNOWN, "argument")}
    rows |= {f"of which: {meanings[name]}": 2 for name in ("identity", "case")}
    for name, count in rows.items():
        assert f"| {name} | {count} |" in page
    assert "| paper, section III; recalled | proved | [cell]" in page
    assert "III; quoted in the [annotated reading](annotated-reading.md) | proved, with an" in page
    assert "| paper, section III; seen in {cite:t}`me2000` | proved for $T = 3$ |" in page
    assert "| this book, section III | proved |" in page
    assert "</a><s>It is so.</s> **Holds:** *It is not.* | common reading, section III |" in page


def test_a_machine_checked_claim_says_so_and_links_to_its_first_theorem():
    (claim,) = parse(entry(checked="Latch.v#bit_is_kept Latch.v#bit_flips"))
    assert claim.theorems == ("bit_is_kept", "bit_flips")
    link = "| proved, [machine-checked](proofs.md#theorem-bit-is-kept) | [cell]"
    page = claims.render_ledger([claim], {"latch-neuron": "A neuron"})
    assert link in page and "| of which: machine-checked | 1 |" in page
    assert link in claims.render_settled([claim], "latch-neuron", [], {})


def test_what_does_not_hold_is_struck_through_beside_what_holds():
    ledger = parse(entry(), WRONG)
    titles = {"latch-neuron": "A neuron"}
    table = claims.render_settled(ledger, "latch-neuron", [], titles)
    assert "| <s>It is so.</s> **Holds:** *It is not.* ([ledger](claims.md#claim-wrong))" in table
    assert "<s>The threshold" not in table
    page = claims.render_corrections(ledger, titles)
    assert "(section III): <s>It is so.</s>\n\n**Holds:** It is not." in page


def test_claims_of_the_annotated_reading_have_a_page_of_their_own():
    slip = WRONG | {"id": "slip", "source": "annotation"}
    right = entry(id="right", source="annotation", known=..., claim="That is so.")
    ledger = parse(entry(), slip, right)
    titles = {"latch-neuron": "A neuron"}
    page = claims.render_annotated(ledger, titles)
    assert "Of the 2 statements that we took from it,\n1 needed no correction. The other 1" in page
    slips, holds = page.split("## What needed no correction")
    assert "<s>It is so.</s>" in slips and "That is so." not in slips
    assert "That is so." in holds and "It is so." not in holds
    assert "The threshold is" not in page
    assert claims.settled(ledger, "latch-neuron") == [ledger[0]]
