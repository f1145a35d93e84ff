"""The one-page summary: its verdicts come from the ledger."""

import pytest

from tools import claims, summary
from tools.book import ROOT


def test_every_verdict_is_the_ledgers():
    ledger = claims.load()
    page = summary.render(ledger)
    assert "[verdict:" not in page and page.count("](claims.md#claim-") > 15
    for claim in ledger:
        if f"#{claim.anchor})" in page:
            assert f"[{claim.mark}](claims.md#{claim.anchor})" in page


def test_a_changed_verdict_changes_the_page(tmp_path):
    (tmp_path / "book" / "templates").mkdir(parents=True)
    (tmp_path / "book" / "templates" / "summary.md").write_text("It holds [verdict: a].\n")
    for verdict in ("proved", "prose"):
        claim = claims.Claim("a", "paper", "III", "It holds.", verdict, "one", "cell-a")
        assert summary.render([claim], tmp_path) == f"It holds ([{verdict}](claims.md#claim-a)).\n"
    with pytest.raises(ValueError, match="claim 'a' of the summary is not in the ledger"):
        summary.render([], tmp_path)


def test_every_numbered_item_of_the_paper_is_on_the_page():
    text = (ROOT / "book" / "templates" / "summary.md").read_text(encoding="utf-8")
    for label in ("invariant-set", "hyperbolic-attractor", "basin", "reduced-attracting-set",
                  "robustly-latched", "contracting-map"):  # fmt: skip
        assert f"{{prf:ref}}`def-{label}`" in text
    for label in ("expansion", "contracting-compact", "bounded-noise", "vanishing"):
        assert f"{{prf:ref}}`thm-{label}`" in text
