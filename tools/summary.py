"""The one-page summary: a text by hand, whose verdicts are filled in from the claims ledger.

In ``book/templates/summary.md`` a ``[verdict: claim-id]`` stands for the verdict of that claim, as
a link to its row in the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tools.book import ROOT
from tools.claims import Claim

_PLACE = re.compile(r"\[verdict: ([a-z0-9-]+)\]")


def render(ledger: Iterable[Claim], root: Path = ROOT) -> str:
    """Return the page.

    Raises
    ------
    ValueError
        If the text names a claim that the ledger does not have.
    """
    verdicts = {claim.id: claim.mark for claim in ledger}

    def fill(match: re.Match) -> str:
        name = match[1]
        if name not in verdicts:
            raise ValueError(f"claim {name!r} of the summary is not in the ledger")
        return f"([{verdicts[name]}](claims.md#claim-{name}))"

    text = (root / "book" / "templates" / "summary.md").read_text(encoding="utf-8")
    return _PLACE.sub(fill, text)
