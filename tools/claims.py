"""The claims ledger: load ``book/claims.yml``, check it against the chapters, render it.

A claim is a statement of the paper, of the annotated reading or of this book, in our words,
with a verdict and the cell that shows it. What counts as evidence depends on the verdict:

==========  ==============================================================================
proved      the cell asserts an identity in SymPy: exact, no tolerance, no floating point
certified   the cell asserts something about an interval (mpmath or latchlib.intervals)
measured    the cell asserts, and its stored output shows an interval, ``[0.1, 0.2]`` or ``±``
corrected   the cell asserts: it shows the counterexample or the repaired statement
prose       no cell; the chapter argues it in words
==========  ==============================================================================
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from tools.book import ROOT, notebook_path, pages, read_notebook, tags, title

VERDICTS = ("proved", "certified", "measured", "corrected", "prose")
SOURCES = ("paper", "annotation", "book")
#: Tag of the generated Markdown cell of a chapter.
SETTLED_TAG = "claims-settled"

_REQUIRED = {"id", "source", "locus", "claim", "verdict", "evidence"}
_OPTIONAL = {"note", "dated"}
_ID = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
_NUMBER = r"[-+\u2212]?\d[\d_]*\.?\d*(?:e[-+]?\d+)?%?"
_INTERVAL = re.compile(rf"\[\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\]|{_NUMBER}\s*±\s*{_NUMBER}")


@dataclass(frozen=True)
class Claim:
    """One row of the ledger.

    Parameters
    ----------
    id : str
        Lower-case words joined by hyphens; its anchor is ``claim-<id>``.
    source : {"paper", "annotation", "book"}
        Who makes the claim.
    locus : str
        Where: a section, an equation, a figure.
    claim : str
        The statement in our words; Markdown on one line.
    verdict : str
        One of :data:`VERDICTS`.
    chapter : str
        Name of the chapter that settles it.
    cell : str or None
        Tag of the cell that shows it; None for prose.
    note : str
        What the verdict leaves open; of a correction, what holds instead.
    dated : datetime.date or None
        Of a correction: the day this book made it.
    """

    id: str
    source: str
    locus: str
    claim: str
    verdict: str
    chapter: str
    cell: str | None
    note: str = ""
    dated: date | None = None

    @property
    def anchor(self) -> str:
        """Label of the claim's row in the ledger."""
        return f"claim-{self.id}"


def _text(name: str, value: object, owner: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} of {owner} is {value!r}; accepted is a text that is not empty")
    text = " ".join(value.split())
    if "|" in text:
        raise ValueError(
            f"{name} of {owner} is {text!r}; accepted is a text without '|', which would end "
            r"a table cell: write \lvert, \rvert or \mid"
        )
    return text


def parse(entries: object) -> list[Claim]:
    """Check the fields of a ledger and return its claims.

    Parameters
    ----------
    entries : list of dict
        The content of ``claims.yml``.

    Raises
    ------
    ValueError
        If a field is missing, unknown or not one of the accepted values, if an id is used
        twice, or if a claim other than prose names no cell.
    """
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("entries is not a list of mappings; accepted is one mapping a claim")
    claims: list[Claim] = []
    for position, entry in enumerate(entries, start=1):
        owner = f"claim {entry.get('id', f'number {position}')!r}"
        if missing := sorted(_REQUIRED - set(entry)):
            raise ValueError(f"{owner} lacks {', '.join(missing)}")
        if unknown := sorted(set(entry) - _REQUIRED - _OPTIONAL):
            raise ValueError(
                f"{owner} has {', '.join(map(str, unknown))}; "
                f"accepted are {', '.join(sorted(_REQUIRED | _OPTIONAL))}"
            )
        claims.append(_claim(entry, owner))
    for name, count in Counter(claim.id for claim in claims).items():
        if count > 1:
            raise ValueError(f"id {name!r} is used {count} times; accepted is once")
    return claims


def _claim(entry: dict, owner: str) -> Claim:
    for field, accepted in (("source", SOURCES), ("verdict", VERDICTS)):
        if entry[field] not in accepted:
            raise ValueError(
                f"{field} of {owner} is {entry[field]!r}; accepted are {', '.join(accepted)}"
            )
    if not isinstance(entry["id"], str) or not _ID.match(entry["id"]):
        raise ValueError(f"id of {owner}: accepted are lower-case words joined by hyphens")
    evidence = entry["evidence"]
    if not isinstance(evidence, dict) or not set(evidence) <= {"chapter", "cell"}:
        raise ValueError(f"evidence of {owner} is {evidence!r}; accepted is {{chapter, cell}}")
    chapter = _text("chapter", evidence.get("chapter"), f"evidence of {owner}")
    cell = evidence.get("cell")
    if entry["verdict"] == "prose":
        if cell is not None:
            raise ValueError(f"{owner} is prose and names cell {cell!r}; accepted is no cell")
    elif not isinstance(cell, str) or not cell.startswith("cell-"):
        raise ValueError(
            f"cell of {owner} is {cell!r}; accepted is a tag that begins with 'cell-', "
            f"because its verdict is {entry['verdict']}"
        )
    if (entry["verdict"] == "corrected") != isinstance(entry.get("dated"), date):
        raise ValueError(
            f"dated of {owner} is {entry.get('dated')!r}; accepted is a date such as 2026-01-31 "
            "for a correction, and none for another verdict"
        )
    if entry["verdict"] == "corrected" and not entry.get("note"):
        raise ValueError(f"note of {owner} is missing; accepted is one that says what holds")
    return Claim(
        id=entry["id"],
        source=entry["source"],
        locus=_text("locus", entry["locus"], owner),
        claim=_text("claim", entry["claim"], owner),
        verdict=entry["verdict"],
        chapter=chapter,
        cell=cell,
        note=_text("note", entry["note"], owner) if entry.get("note") else "",
        dated=entry.get("dated"),
    )


def load(root: Path = ROOT) -> list[Claim]:
    """Return the claims of ``book/claims.yml``, in reading order of the chapters."""
    entries = yaml.safe_load((root / "book" / "claims.yml").read_text(encoding="utf-8"))
    claims = parse(entries)
    order = [Path(page).name for page in pages(root)]
    for claim in claims:
        if claim.chapter not in order:
            raise ValueError(
                f"chapter of claim {claim.id!r} is {claim.chapter!r}; "
                f"accepted are {', '.join(order)}"
            )
    return sorted(claims, key=lambda claim: order.index(claim.chapter))


# --- evidence ----------------------------------------------------------------------------


def _python(source: str) -> ast.Module:
    """Parse a cell without its IPython lines."""
    lines = [
        "pass" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines()
    ]
    return ast.parse("\n".join(lines))


def _names(node: ast.AST) -> set[str]:
    return {found.id for found in ast.walk(node) if isinstance(found, ast.Name)}


def _imported(node: ast.AST, modules: tuple[str, ...]) -> set[str]:
    """Names that an import statement binds to one of `modules` or to something inside it."""
    if isinstance(node, ast.Import):
        return {
            alias.asname or alias.name.split(".")[0]
            for alias in node.names
            if alias.name in modules
        }
    if isinstance(node, ast.ImportFrom):
        return {
            alias.asname or alias.name
            for alias in node.names
            if node.module in modules or f"{node.module}.{alias.name}" in modules
        }
    return set()


def derived_names(sources: Iterable[str], modules: tuple[str, ...]) -> set[str]:
    """Return the names that come from `modules`, by import or by assignment.

    An assignment passes the origin on, also through tuples, loops and comprehensions; one from
    something else takes it away again. So does ``float(...)``, which leaves SymPy.
    """
    derived: set[str] = set()
    for source in sources:
        for node in ast.walk(_python(source)):
            derived |= _imported(node, modules)
        for statement in _python(source).body:
            for node in ast.walk(statement):
                targets, value = _binding(node)
                if value is None:
                    continue
                bound = set().union(*map(_names, targets))
                if _names(value) & derived and not _is_float(value):
                    derived |= bound
                elif isinstance(node, ast.Assign):
                    derived -= bound
    return derived


def _binding(node: ast.AST) -> tuple[list[ast.AST], ast.AST | None]:
    match node:
        case ast.Assign(targets=targets, value=value):
            return targets, value
        case ast.AnnAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
            return [target], value
        case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
            return [target], value
        case ast.FunctionDef(name=name):
            return [ast.Name(id=name)], node
    return [], None


def _is_float(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _called(node) == "float"


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


_SYMPY = ("sympy", "latchlib.formulas")
_INTERVALS = ("mpmath.iv", "mpmath.ctx_iv", "latchlib.intervals")
_INEXACT = {"isclose", "allclose", "approx", "float", "N", "evalf", "lambdify", "numpy"}
_EXACT_CALLS = {"equals", "all", "satisfiable", "ask"}


def _asserts(source: str) -> list[ast.Assert]:
    return [node for node in ast.walk(_python(source)) if isinstance(node, ast.Assert)]


def _is_exact(test: ast.expr) -> bool:
    """Whether an asserted expression is an identity or a decision, without a tolerance."""
    called = {_called(node) for node in ast.walk(test) if isinstance(node, ast.Call)}
    if called & _INEXACT or any(
        isinstance(node, ast.Constant) and isinstance(node.value, float) for node in ast.walk(test)
    ):
        return False
    compares = [node for node in ast.walk(test) if isinstance(node, ast.Compare)]
    attributes = {node.attr for node in ast.walk(test) if isinstance(node, ast.Attribute)}
    return (
        any(isinstance(op, ast.Eq | ast.Is) for node in compares for op in node.ops)
        or bool(called & _EXACT_CALLS)
        or any(name.startswith("is_") for name in attributes)
    )


def _shown(cell: dict) -> str:
    texts = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        found = [output.get("text", ""), data.get("text/plain", ""), data.get("text/html", "")]
        texts += ["".join(text) for text in found]
    return "\n".join(texts)


def evidence_problem(claim: Claim, cells: list[dict]) -> str | None:
    """Say what is wrong with the evidence of `claim` in a chapter's `cells`, if anything.

    Parameters
    ----------
    claim : Claim
    cells : list of dict
        Cells of the chapter's notebook, outputs included.
    """
    if claim.cell is None:
        return None
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    tagged = [number for number, cell in enumerate(code) if claim.cell in tags(cell)]
    if len(tagged) != 1:
        return f"{len(tagged)} code cells of {claim.chapter} are tagged {claim.cell}; wanted is one"
    cell = code[tagged[0]]
    asserts = _asserts(cell["source"])
    if not asserts:
        return f"its verdict is {claim.verdict}, and cell {claim.cell} asserts nothing"
    before = [other["source"] for other in code[: tagged[0] + 1]]
    if claim.verdict == "proved":
        names = derived_names(before, _SYMPY)
        if not any(_names(node.test) & names and _is_exact(node.test) for node in asserts):
            return f"it is called proved, and cell {claim.cell} asserts no identity in SymPy"
    if claim.verdict == "certified":
        names = derived_names(before, _INTERVALS)
        if not any(_names(node.test) & names for node in asserts):
            return f"it is called certified, and cell {claim.cell} asserts nothing on an interval"
    if claim.verdict == "measured" and not _INTERVAL.search(_shown(cell)):
        return f"it is called measured, and the output of cell {claim.cell} shows no interval"
    return None


def problems(claims: list[Claim], root: Path = ROOT) -> list[str]:
    """Return what is wrong with the evidence of `claims`, one sentence each."""
    found = []
    for claim in claims:
        path = notebook_path(claim.chapter, root)
        if path.is_file():
            problem = evidence_problem(claim, read_notebook(path)["cells"])
        else:
            problem = f"its chapter {claim.chapter} is not a notebook"
        if problem:
            found.append(f"claim {claim.id!r}: {problem}")
    return found


# --- pages -------------------------------------------------------------------------------

_SOURCE_NAMES = {"paper": "paper", "annotation": "annotated reading", "book": "this book"}
_CORRECTED = {
    "paper": "The paper",
    "annotation": "The annotated reading",
    "book": "Other sources, and what is often said",
}


def _evidence_link(claim: Claim) -> str:
    # The form with "cell-id" is the one JupyterLab follows; the book's extension reads it too.
    if claim.cell is None:
        return f"[the text]({claim.chapter}.ipynb)"
    return f"[cell]({claim.chapter}.ipynb#cell-id={claim.cell})"


def _with_titles(text: str, titles: dict[str, str]) -> str:
    """Return `text` with "chapter file-name" replaced by the chapter's title, as a link."""
    return re.sub(
        r"chapter ([a-z]+(?:-[a-z]+)*)",
        lambda found: f"[{titles[found[1]]}]({found[1]}.ipynb)" if found[1] in titles else found[0],
        text,
    )


def render_ledger(claims: list[Claim], titles: dict[str, str]) -> str:
    """Return the Markdown of the page ``claims``.

    Parameters
    ----------
    claims : list of Claim
        In reading order.
    titles : dict
        Title of every chapter that settles a claim.
    """
    counts = Counter(claim.verdict for claim in claims)
    lines = [
        "# Claims ledger",
        "",
        "Every claim of the paper that this book has come to, and those of the annotated reading",
        "and of the book itself, with a verdict and the cell that shows it. The verdicts are",
        "explained in [How to read this book](how-to-read.ipynb).",
        "",
        "| Verdict | Claims |",
        "| --- | ---: |",
        *(f"| {verdict} | {counts[verdict]} |" for verdict in VERDICTS),
        f"| all | {len(claims)} |",
    ]
    for chapter, name in titles.items():
        rows = [claim for claim in claims if claim.chapter == chapter]
        if not rows:
            continue
        lines += [
            "",
            f"## [{name}]({chapter}.ipynb)",
            "",
            "| Claim | Source | Verdict | Evidence |",
            "| --- | --- | --- | --- |",
        ]
        for claim in rows:
            note = f" *{_with_titles(claim.note, titles)}*" if claim.note else ""
            locus = claim.locus.replace(f"chapter {chapter}", "this chapter")
            lines.append(
                f'| <a id="{claim.anchor}"></a>{claim.claim}{note} '
                f"| {_SOURCE_NAMES[claim.source]}, {_with_titles(locus, titles)} "
                f"| {claim.verdict} | {_evidence_link(claim)} |"
            )
    return "\n".join(lines) + "\n"


def render_corrections(claims: list[Claim], titles: dict[str, str]) -> str:
    """Return the Markdown of the page ``corrections``: what does not hold, and what does."""
    lines = [
        "# Corrections",
        "",
        "What this book corrects, and what holds instead. Each entry links to the cell that shows",
        "it and to its row in the [ledger](claims.md). The dates are ours.",
    ]
    for source, heading in _CORRECTED.items():
        found = [c for c in claims if c.source == source and c.verdict == "corrected"]
        lines += ["", f"## {heading}"]
        if not found:
            lines += ["", "None."]
        for claim in found:
            lines += [
                "",
                f"**Said** ({_with_titles(claim.locus, titles)}): {claim.claim}",
                "",
                f"**Holds:** {_with_titles(claim.note, titles)}",
                "",
                f"{claim.dated.isoformat()}, {titles[claim.chapter]}: {_evidence_link(claim)}, "
                f"[ledger](claims.md#{claim.anchor}).",
            ]
    return "\n".join(lines) + "\n"


def render_settled(claims: list[Claim], chapter: str, items: list[str]) -> str:
    """Return the Markdown of the cell "Claims settled here" of one chapter.

    Parameters
    ----------
    claims : list of Claim
    chapter : str
    items : list of str
        What of the paper the chapter treats, by the name it has on the paper map.
    """
    lines = ["## Claims settled here", ""]
    if items:
        lines += [f"In the paper: {_listed(items)} ([map](paper-map.md)).", ""]
    lines += [
        "| Claim | Verdict | Evidence |",
        "| --- | --- | --- |",
    ]
    for claim in claims:
        if claim.chapter == chapter:
            lines.append(
                f"| {claim.claim} ([ledger](claims.md#{claim.anchor})) "
                f"| {claim.verdict} | {_evidence_link(claim)} |"
            )
    return "\n".join(lines)


def _listed(items: list[str]) -> str:
    *most, last = items
    return f"{', '.join(most)} and {last}" if most else last


def titles(claims: list[Claim], root: Path = ROOT) -> dict[str, str]:
    """Return the titles of the chapters that settle `claims`, in the order of `claims`."""
    return {claim.chapter: title(claim.chapter, root) for claim in claims}
