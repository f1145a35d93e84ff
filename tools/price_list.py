"""The price list as the book shows it: a table for its chapter, and data to take away.

Both are written from :data:`latchlib.prices.IDEAS`. What stands behind an entry is a claim of the
ledger, which has the verdict and the cell.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from math import isinf

from latchlib.prices import IDEAS, QUANTITIES, Entry, Idea
from tools.claims import Claim

#: Tag of the generated Markdown cell.
TAG = "price-list"
#: For so many steps the bit is kept in the table and the data.
STEPS = 100
#: Where the data is found on the built site, whatever else changes there.
ADDRESS = "../_static/price-list"

_HEADS = {
    "lasts": "For ever?",
    "added": "Noise on the state",
    "arriving": "Noise in the inputs",
    "life": "Half-life",
    "logit": "Bias, logit",
    "memory": "Numbers",
    "write": "Written in",
}


def _shown(idea: Idea, quantity: str) -> str:
    value = idea.number(quantity, STEPS)
    if quantity == "lasts":
        return "**yes**" if value else "**no**"
    if isinf(value):
        return "**no fading**"
    if quantity == "logit" and value == 0:
        return "**none**"
    digits = f"{value:.0f}" if quantity in ("memory", "write") else f"{value:#.2g}".rstrip(".")
    return f"**{digits}**"


def _law(entry: Entry, quantity: str) -> str:
    """Return the law behind a number, if it says more than the number does."""
    tells = entry.expr.free_symbols and quantity != "lasts"
    return f" <br> ${entry.latex()}$" if tells else ""


def _claim(entry: Entry, known: dict[str, Claim]) -> Claim:
    if entry.claim not in known:
        raise ValueError(f"claim {entry.claim!r} of the price list is not in the ledger")
    return known[entry.claim]


def _link(claim: Claim) -> str:
    if claim.cell is None:
        return f"[argued](claims.md#{claim.anchor})"
    return f"[{claim.verdict}]({claim.chapter}.ipynb#cell-id={claim.cell})"


def render(ledger: Iterable[Claim], titles: dict[str, str]) -> str:
    """Return the Markdown of the table, with what stands around it.

    Parameters
    ----------
    ledger : iterable of Claim
        All claims of the book.
    titles : dict
        Titles of the chapters, by name.

    Raises
    ------
    ValueError
        If an entry names a claim or a chapter that there is not.
    """
    known = {claim.id: claim for claim in ledger}
    lines = [
        "(price-list)=",
        "### The list",
        "",
        f"A bit is to be kept for $T = {STEPS}$ steps. The number is in bold; below it are the law",
        "that it comes from and a link to the cell that shows it. The idea withstands all noise",
        "below the number, for as long as the entry says. What it withstands *for ever* it also",
        "withstands for $T$ steps, and for so few it may withstand more.",
        "",
        "| Idea | " + " | ".join(_HEADS[name] for name in QUANTITIES) + " |",
        "| --- |" + " --- |" * len(QUANTITIES),
    ]
    for idea in IDEAS:
        if idea.chapter not in titles:
            raise ValueError(f"chapter {idea.chapter!r} of the price list is none of the book")
        row = [f'<a id="price-{idea.key}"></a>{idea.name} <br> [chapter]({idea.chapter}.ipynb)']
        for quantity in QUANTITIES:
            entry = getattr(idea, quantity)
            link = _link(_claim(entry, known))
            note = idea.note(quantity).replace(" T ", " $T$ ")
            said = f"{_shown(idea, quantity)}{note and f' <br> {note}'}{_law(entry, quantity)}"
            row.append(f"{said} <br> {link}")
        lines.append(f"| {' | '.join(row)} |")
    lines += [
        "",
        f'Take it away: <a href="{ADDRESS}.csv" download>the list as CSV</a>,',
        f'<a href="{ADDRESS}.json" download>as JSON</a>. These addresses will not change, and',
        "neither will `#price-list`, the address of the list itself. Each row has an address made",
        "from its name in the data, such as `#price-attention`. To cite an entry, name the row and",
        "the claim that the data gives for it: [How to cite](cite.md).",
    ]
    return "\n".join(lines)


def records(ledger: Iterable[Claim]) -> list[dict[str, str | float]]:
    """Return the list as data: a record for each idea and quantity.

    Raises
    ------
    ValueError
        If an entry names a claim that there is not.
    """
    known = {claim.id: claim for claim in ledger}
    found = []
    for idea in IDEAS:
        for quantity, unit in QUANTITIES.items():
            entry = getattr(idea, quantity)
            claim, value = _claim(entry, known), idea.number(quantity, STEPS)
            found.append(
                {
                    "idea": idea.key,
                    "name": idea.name,
                    "quantity": quantity,
                    "steps": STEPS,
                    "value": "inf" if isinf(value) else float(f"{value:.6g}"),
                    "note": idea.note(quantity),
                    "law": entry.latex(),
                    "meaning": unit,
                    "outside": idea.outside,
                    "verdict": claim.mark,
                    "claim": claim.id,
                    "chapter": claim.chapter,
                    "cell": claim.cell or "",
                }
            )
    return found


def files(ledger: Iterable[Claim]) -> dict[str, str]:
    """Return the data files by ending."""
    rows = records(ledger)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    text = json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
    return {"csv": stream.getvalue(), "json": text}
