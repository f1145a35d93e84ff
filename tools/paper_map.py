"""The paper map: where the book treats each definition, theorem, equation and figure.

``book/paper_map.yml`` has one entry an item of the paper, in the paper's order; the rest of the
page is written from the claims ledger.
"""

from __future__ import annotations

import ast
import importlib
from dataclasses import dataclass
from pathlib import Path

from tools.book import ROOT, notebook_path, read_notebook, read_yaml
from tools.claims import Claim, check_keys, check_known, known_link

_FIELDS = {"item", "part", "says", "known", "chapter", "label", "code", "tests", "claims"}
_HEADINGS = {
    "paper": "What the paper claims",
    "common": "What is commonly said of it",
    "book": "What this book adds",
}
#: Whose claim a verdict is on, where it is not the paper's or the book's.
_OF = {"annotation": " (the annotated reading)", "common": " (a common reading)"}


@dataclass(frozen=True)
class Item:
    """A definition, theorem, equation, figure or section of the paper.

    Parameters
    ----------
    item : str
        Its name in the paper, as "Definition 3".
    part : str
        Heading under which the map lists it.
    says : str
        What it says, in a few of our words.
    known : str
        How its wording is known, as in :class:`tools.claims.Claim`.
    chapter : str
        The chapter that treats it.
    label : str
        Label in that chapter: of a directive (``def-…``, ``thm-…``, ``prop-…``, ``alg-…``), an
        equation (``eq-…``), a figure (``fig-…``) or the chapter itself (``ch-…``).
    code : tuple of str
        Names in latchlib, dotted.
    tests : tuple of str
        ``tests/test_x.py::test_y``.
    claims : tuple of str
        Ids of the claims about it.
    """

    item: str
    part: str
    says: str
    known: str
    chapter: str
    label: str
    code: tuple[str, ...]
    tests: tuple[str, ...]
    claims: tuple[str, ...]


def load(root: Path = ROOT) -> list[Item]:
    """Return the items of ``book/paper_map.yml``.

    Raises
    ------
    ValueError
        If a field is missing, unknown or empty.
    """
    entries = read_yaml(root / "book" / "paper_map.yml")
    items = []
    for entry in entries:
        owner = f"item {entry.get('item')!r} of the paper map"
        if set(entry) != _FIELDS:
            raise ValueError(f"{owner} has {sorted(entry)}; accepted are {sorted(_FIELDS)}")
        if empty := sorted(name for name, value in entry.items() if not value):
            raise ValueError(f"{', '.join(empty)} of {owner} is empty; accepted is at least one")
        lists = {name: tuple(entry[name]) for name in ("code", "tests", "claims")}
        texts = {name: " ".join(entry[name].split()) for name in entry if name not in lists}
        items.append(Item(**texts | {"known": check_known(texts["known"], owner)}, **lists))
    check_keys({f"item {item.item!r}": item.known for item in items}, root)
    return items


def items_of(chapter: str, items: list[Item]) -> list[str]:
    """Return the names of the items that a chapter treats."""
    return [item.item for item in items if item.chapter == chapter]


def problems(items: list[Item], claims: list[Claim], root: Path = ROOT) -> list[str]:
    """Say which labels, names, tests and claims of the map do not exist, and what it leaves out."""
    known = {claim.id: claim for claim in claims}
    found = []
    for item in items:
        path = notebook_path(item.chapter, root)
        labels = _labels(path) if path.is_file() else set()
        if item.label not in labels:
            found.append(f"{item.item}: {item.chapter} has no label {item.label}")
        found += [f"{item.item}: no {name}" for name in item.code if not _exists(name)]
        found += [f"{item.item}: no {name}" for name in item.tests if not _is_test(name, root)]
        found += [f"{item.item}: no claim {name}" for name in item.claims if name not in known]
    return found


def _labels(path: Path) -> set[str]:
    labels = set()
    for cell in read_notebook(path)["cells"]:
        figure = cell["metadata"].get("mystnb", {}).get("figure", {})
        labels.add(figure.get("name"))
        if cell["cell_type"] == "markdown":
            for line in cell["source"].splitlines():
                if line.startswith(":label:"):
                    labels.add(line.removeprefix(":label:").strip())
                elif line.endswith(")=") and line.startswith("("):
                    labels.add(line[1:-2])
                elif line.startswith("$$ ("):
                    labels.add(line[4:-1])
    return labels


def _exists(name: str) -> bool:
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            found = getattr(found, part, None)
        return found is not None
    return False


def _is_test(name: str, root: Path) -> bool:
    path, _, function = name.partition("::")
    if not (root / path).is_file():
        return False
    tree = ast.parse((root / path).read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == function for node in tree.body)


def _where(item: Item) -> str:
    kind = item.label.split("-")[0]
    role = dict.fromkeys(("def", "thm", "prop", "alg"), "prf:ref") | {"eq": "eq", "fig": "numref"}
    return f"{{{role.get(kind, 'ref')}}}`{item.label}`"


def _source(name: str) -> str:
    """Return a link that hands out the source file of a dotted name."""
    module = importlib.import_module(name.rpartition(".")[0])
    path = Path(module.__file__).relative_to(ROOT)
    return f"{{download}}`{name.partition('.')[2]} <../{path.as_posix()}>`"


def _test(name: str) -> str:
    path, _, function = name.partition("::")
    return f"{{download}}`{function.removeprefix('test_').replace('_', ' ')} <../{path}>`"


def render(items: list[Item], claims: list[Claim], titles: dict[str, str]) -> str:
    """Return the Markdown of the page ``paper-map``.

    Parameters
    ----------
    items : list of Item
        In the paper's order.
    claims : list of Claim
        The whole ledger.
    titles : dict
        Title of every chapter that settles a claim.
    """
    known = {claim.id: claim for claim in claims}
    lines = [
        "# Paper map",
        "",
        "This page shows where the book treats what the paper says. The first link leads to the",
        "statement, *Code* and *Tests* download the source files, and *Verdict* leads to the",
        "[claims ledger](claims.md). The paper's full text was not at hand, so *Wording* says how",
        "we know what it says.",
    ]
    part = None
    for item in items:
        if item.part != part:
            part = item.part
            lines += ["", f"## {part}"]
        verdicts = ", ".join(
            f"[{known[name].mark}](claims.md#{known[name].anchor}){_OF.get(known[name].source, '')}"
            for name in item.claims
            if name in known
        )
        # Not a table: six columns do not fit a phone.
        lines += [
            "",
            f"**{item.item}**, {_where(item)}: {item.says}.",
            f"*Wording* {known_link(item.known)}.",
            f"*Code* {', '.join(map(_source, item.code))}.",
            f"*Tests* {', '.join(map(_test, item.tests))}.",
            f"*Verdict* {verdicts}.",
        ]
    for source, heading in _HEADINGS.items():
        lines += ["", f"## {heading}", "", "| Claim | Place | Chapter | Verdict |"]
        lines += ["| --- | --- | --- | --- |"]
        for claim in claims:
            if claim.source == source:
                known = f"; {known_link(claim.known)}" if claim.known else ""
                lines.append(
                    f"| {claim.statement} | {claim.locus}{known} "
                    f"| [{titles[claim.chapter]}]({claim.chapter}.ipynb) "
                    f"| [{claim.mark}](claims.md#{claim.anchor}) |"
                )
    lines += [
        "",
        "## What the annotated reading claims",
        "",
        "That is on [a page of its own](annotated-reading.md).",
    ]
    return "\n".join(lines) + "\n"
