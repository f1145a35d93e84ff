"""The claims ledger: load ``book/claims``, check it against the chapters, render it.

It has a file a chapter, ``book/claims/latch-neuron.yml`` and so on, with an entry a claim; the
fields are those of :class:`Claim`. A claim is a statement of the paper, of the annotated reading,
one that is commonly made, or one of this book, in our words, with a verdict and the cell that
shows it. What counts as evidence depends on the verdict:

==========  ==============================================================================
proved      the cell asserts an identity in SymPy: exact, no tolerance, no floating point
certified   the cell asserts something about an interval (mpmath, latchlib.intervals or margins)
measured    the cell asserts, and its stored output shows an interval, ``[0.1, 0.2]`` or ``±``
corrected   the cell asserts: it shows the counterexample or the repaired statement
prose       no cell; the chapter argues it in words
==========  ==============================================================================

The paper's full text was not at hand, so a claim of the paper says how its wording is known, and
only a wording that was seen may be corrected as the paper's. What a proof covers is said too: the
asserted identity may be the claim, it may need an argument in words, or it may be a special case.

Beside its verdict a claim may name theorems that Coq has checked (:mod:`tools.proofs`) and that
say all of it; of a corrected claim, that it does not hold.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tools import proofs
from tools.book import ROOT, notebook_path, pages, read_notebook, read_yaml, tags, title

VERDICTS = ("proved", "certified", "measured", "corrected", "prose")
SOURCES = ("paper", "annotation", "common", "book")
#: How the wording of a claim of the paper is known, and how the pages say so.
KNOWN = {"seen": "seen in print", "quoted": "quoted by another text", "recalled": "recalled"}
#: What a proof consists of, and how the pages say so.
PROOFS = {
    "identity": "the asserted identity is the claim, or gives it at once",
    "argument": "an identity, and an argument in words from it to the claim",
    "case": "the special case that is named, not the general claim",
}
#: Tag of the generated Markdown cell of a chapter.
SETTLED_TAG = "claims-settled"

_REQUIRED = {"id", "source", "locus", "claim", "verdict"}
_OPTIONAL = {"cell", "note", "dated", "known", "proof", "checked"}
_ID = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
_NUMBER = r"[-+\u2212]?\d[\d_]*\.?\d*(?:e[-+]?\d+)?%?"
_KEY = re.compile(r"^@\w+\{([^,\s]+),", re.MULTILINE)
_INTERVAL = re.compile(rf"\[\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\]|{_NUMBER}\s*±\s*{_NUMBER}")


@dataclass(frozen=True)
class Claim:
    """One row of the ledger.

    Parameters
    ----------
    id : str
        Lower-case words joined by hyphens; its anchor is ``claim-<id>``.
    source : {"paper", "annotation", "common", "book"}
        Who makes the claim. "common" is a common reading, or a form in which a statement is
        passed on.
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
    known : str
        Of a claim of the paper, how its wording is known: "recalled", or "seen" or "quoted" and
        the key of the source in ``references.bib``.
    proof : str
        Of a proved claim: "identity", "argument", or "case" and the case that is proved.
    checked : str
        Machine-checked theorems that say all of it, such as "Latch.v#bit_is_kept".
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
    known: str = ""
    proof: str = ""
    checked: str = ""

    @property
    def theorems(self) -> tuple[str, ...]:
        """The names of its machine-checked theorems."""
        return tuple(word.partition("#")[2] for word in self.checked.split())

    @property
    def verdict_cell(self) -> str:
        """The verdict as a table shows it, in Markdown: with a link to the theorem if any."""
        seal = f", {proofs.link(self.theorems[0], 'machine-checked')}" if self.checked else ""
        return f"{self.mark}{seal}"

    @property
    def mark(self) -> str:
        """The verdict, and what a proof consists of if it is more or less than an identity."""
        kind, _, case = self.proof.partition(" ")
        if kind == "case":
            return f"proved for {case}"
        return "proved, with an argument" if kind == "argument" else self.verdict

    @property
    def statement(self) -> str:
        """The claim as the pages show it: one that does not hold is struck through."""
        return f"<s>{self.claim}</s>" if self.verdict == "corrected" else self.claim

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


def parse(entries: object, chapter: str) -> list[Claim]:
    """Check the fields of a chapter's ledger and return its claims.

    Parameters
    ----------
    entries : list of dict
        The content of its file.
    chapter : str
        Name of the chapter.

    Raises
    ------
    ValueError
        If a field is missing, unknown or not one of the accepted values, or if a claim other than
        prose names no cell.
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
        claims.append(_claim(entry, owner, chapter))
    return claims


def check_known(known: object, owner: str) -> str:
    """Return how the wording of `owner` is known, on one line.

    Raises
    ------
    ValueError
        If it is not one of the accepted forms.
    """
    words = known.split() if isinstance(known, str) else []
    if not words or words[0] not in KNOWN or len(words) != 1 + (words[0] != "recalled"):
        raise ValueError(
            f"known of {owner} is {known!r}; accepted are 'recalled', 'seen KEY' and 'quoted KEY', "
            "with the key of a source in references.bib"
        )
    return " ".join(words)


def check_keys(known: dict[str, str], root: Path = ROOT) -> None:
    """Refuse a source that ``references.bib`` does not have.

    Parameters
    ----------
    known : dict
        To each owner, how its wording is known.
    root : Path
        The checkout.
    """
    named = {owner: key for owner, text in known.items() if (key := text.partition(" ")[2])}
    if not named:
        return
    keys = _KEY.findall((root / "book" / "references.bib").read_text(encoding="utf-8"))
    for owner, key in named.items():
        if key not in keys:
            raise ValueError(f"known of {owner} names {key!r}; accepted are {', '.join(keys)}")


def known_link(known: str) -> str:
    """Return how a wording is known, with a link to its source, in Markdown."""
    how, _, key = known.partition(" ")
    if key == "schliesman_annotation":
        return f"{how} in the [annotated reading](annotated-reading.md)"
    return f"{how} in {{cite:t}}`{key}`" if key else how


def _claim(entry: dict, owner: str, chapter: str) -> Claim:
    for field, accepted in (("source", SOURCES), ("verdict", VERDICTS)):
        if entry[field] not in accepted:
            raise ValueError(
                f"{field} of {owner} is {entry[field]!r}; accepted are {', '.join(accepted)}"
            )
    if not isinstance(entry["id"], str) or not _ID.match(entry["id"]):
        raise ValueError(f"id of {owner}: accepted are lower-case words joined by hyphens")
    cell = entry.get("cell")
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
    known = entry.get("known")
    if entry["source"] == "paper":
        known = check_known(known, owner)
        if entry["verdict"] == "corrected" and not known.startswith("seen "):
            raise ValueError(
                f"known of {owner} is {known!r}; accepted for a correction of the paper is "
                "'seen KEY', since a wording that was not seen cannot be its mistake: "
                "write source common"
            )
    elif known is not None:
        raise ValueError(
            f"known of {owner} is {known!r}; accepted is none, as its source is {entry['source']}"
        )
    proof = entry.get("proof", "identity" if entry["verdict"] == "proved" else None)
    if entry["verdict"] == "proved":
        kind, _, case = _text("proof", proof, owner).partition(" ")
        if kind not in PROOFS or bool(case) != (kind == "case"):
            raise ValueError(
                f"proof of {owner} is {proof!r}; accepted are 'identity', 'argument' and "
                "'case' with the case that is proved"
            )
    elif proof is not None:
        raise ValueError(
            f"proof of {owner} is {proof!r}; accepted is none, as it is {entry['verdict']}"
        )
    checked = _text("checked", entry["checked"], owner) if "checked" in entry else ""
    if checked and entry["verdict"] not in ("proved", "certified", "corrected"):
        raise ValueError(
            f"checked of {owner} is {checked!r}; accepted is none, as it is {entry['verdict']}"
        )
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
        known=known or "",
        proof=" ".join((proof or "").split()),
        checked=checked,
    )


def load(root: Path = ROOT) -> list[Claim]:
    """Return the claims of ``book/claims``, in reading order of the chapters.

    Raises
    ------
    ValueError
        As `parse`; or if a file is of no page, an id is used twice, or a theorem is not checked.
    """
    order = [Path(page).name for page in pages(root)]
    files = {path.stem: path for path in (root / "book" / "claims").glob("*.yml")}
    for name in sorted(files):
        if name not in order:
            raise ValueError(f"{files[name]} is of no page; accepted are {', '.join(order)}")
    claims = [
        claim for name in order if name in files for claim in parse(read_yaml(files[name]), name)
    ]
    for name, count in Counter(claim.id for claim in claims).items():
        if count > 1:
            raise ValueError(f"id {name!r} is used {count} times; accepted is once")
    check_keys({f"claim {claim.id!r}": claim.known for claim in claims if claim.known}, root)
    if checked := [claim for claim in claims if claim.checked]:
        known = proofs.load(root)["theorems"]
        for claim in checked:
            proofs.check_names(claim.checked, known, f"claim {claim.id!r}")
    return claims


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
_INTERVALS = ("mpmath.iv", "mpmath.ctx_iv", "latchlib.intervals", "latchlib.margins")
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

_SOURCE_NAMES = {
    "paper": "paper",
    "annotation": "annotated reading",
    "common": "common reading",
    "book": "this book",
}
_ANNOTATION = "https://nrschlies.github.io/articles/Vanishing_Gradient.html"
_CORRECTED = {
    "paper": "The paper",
    "common": "Common readings",
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
    lines = [
        "# Claims ledger",
        "",
        "These are all the claims of the paper that this book treats, with those of the annotated",
        "reading, common readings, and the claims of the book itself. Each has a verdict and the",
        "cell that shows it. The paper's full text was not at hand, so each of its claims says how",
        "its wording is known. A claim that does not hold is struck through, followed by what does",
        "hold. [How to read this book](how-to-read.ipynb) explains the verdicts.",
        "*Machine-checked* leads to the theorem in [Proofs checked by machine](proofs.md).",
        "",
        "| Verdict | Claims |",
        "| --- | ---: |",
    ]
    for verdict in VERDICTS:
        found = [claim for claim in claims if claim.verdict == verdict]
        lines.append(f"| {verdict} | {len(found)} |")
        if verdict == "proved":
            kinds = Counter(claim.proof.partition(" ")[0] for claim in found)
            lines += [
                f"| of which: {meaning} | {kinds[kind]} |" for kind, meaning in PROOFS.items()
            ]
    ways = Counter(claim.known.partition(" ")[0] for claim in claims)
    sources = Counter(claim.source for claim in claims)
    lines += [
        f"| all | {len(claims)} |",
        f"| of which: machine-checked | {sum(bool(claim.checked) for claim in claims)} |",
        "",
        "| Who says it, and how we know the wording | Claims |",
        "| --- | ---: |",
        f"| the paper | {sources['paper']} |",
        *(f"| of which: {meaning} | {ways[way]} |" for way, meaning in KNOWN.items()),
        f"| the annotated reading, which was read sentence by sentence | {sources['annotation']} |",
        f"| a common reading, or the paper as others report it | {sources['common']} |",
        f"| this book | {sources['book']} |",
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
            locus = claim.locus.replace(f"chapter {chapter}", "this chapter")
            known = f"; {known_link(claim.known)}" if claim.known else ""
            lines.append(
                f'| <a id="{claim.anchor}"></a>{claim.statement}{_note(claim, titles)} '
                f"| {_SOURCE_NAMES[claim.source]}, {_with_titles(locus, titles)}{known} "
                f"| {claim.verdict_cell} | {_evidence_link(claim)} |"
            )
    return "\n".join(lines) + "\n"


def _note(claim: Claim, titles: dict[str, str]) -> str:
    if not claim.note:
        return ""
    holds = "**Holds:** " if claim.verdict == "corrected" else ""
    return f" {holds}*{_with_titles(claim.note, titles)}*"


def _correction(claim: Claim, titles: dict[str, str]) -> list[str]:
    return [
        "",
        f"**Said** ({_with_titles(claim.locus, titles)}): {claim.statement}",
        "",
        f"**Holds:** {_with_titles(claim.note, titles)}",
        "",
        f"{claim.dated.isoformat()}, {titles[claim.chapter]}: {_evidence_link(claim)}, "
        f"[ledger](claims.md#{claim.anchor}).",
    ]


def render_corrections(claims: list[Claim], titles: dict[str, str]) -> str:
    """Return the Markdown of the page ``corrections``: what does not hold, and what does."""
    lines = [
        "# Corrections",
        "",
        "This page lists what the book corrects, and what holds instead. Each entry links to the",
        "cell that shows it and to its row in the [ledger](claims.md). The dates are ours.",
    ]
    for source, heading in _CORRECTED.items():
        found = [c for c in claims if c.source == source and c.verdict == "corrected"]
        lines += ["", f"## {heading}"]
        if not found:
            lines += ["", "None."]
        if source == "paper":
            lines += [
                "",
                "The paper's full text was not at hand while this book was written. So nothing is",
                "corrected as its mistake unless the wording was seen in print. Where one of its",
                "theorems is known only as others report it, the correction is listed under the",
                "common readings.",
            ]
        for claim in found:
            lines += _correction(claim, titles)
    lines += [
        "",
        "## The annotated reading",
        "",
        "Its slips have [a page of their own](annotated-reading.md).",
    ]
    return "\n".join(lines) + "\n"


def render_annotated(claims: list[Claim], titles: dict[str, str]) -> str:
    """Return the Markdown of the page ``annotated-reading``: what it says, and what holds."""
    found = [claim for claim in claims if claim.source == "annotation"]
    slips = [claim for claim in found if claim.verdict == "corrected"]
    lines = [
        "# Notes on an annotated reading",
        "",
        "This book began with {cite:t}`schliesman_annotation`, an annotated reading of the paper",
        f"from the abstract to the conclusion, published [on its author's site]({_ANNOTATION}).",
        "It raised many of the questions that the chapters answer, and since the paper itself was",
        "not at hand, we worked from the definitions that it quotes. For that it has our thanks.",
        "",
        f"We checked it sentence by sentence. Of the {len(found)} statements that we took from it,",
        f"{len(found) - len(slips)} needed no correction. The other {len(slips)} are collected",
        "here, each with what holds and a link to the cell that shows it. Many are slips of the",
        "kind that every summary has: a sign, an index, a word that says a little too much.",
        "Writing a summary and testing one are different kinds of work, and the second needs the",
        "first. It is also a living page: an earlier version that we saw differs in some formulas,",
        "so its author may since have mended what is listed here.",
        "",
        "## Slips, and what holds",
    ]
    for chapter, name in titles.items():
        here = [claim for claim in slips if claim.chapter == chapter]
        if here:
            lines += ["", f"### {name}"]
        for claim in here:
            lines += _correction(claim, titles)
    lines += [
        "",
        "## What needed no correction",
        "",
        "| Statement | Place | Chapter | Verdict |",
        "| --- | --- | --- | --- |",
    ]
    for claim in found:
        if claim.verdict != "corrected":
            lines.append(
                f"| {claim.claim} | {claim.locus} "
                f"| [{titles[claim.chapter]}]({claim.chapter}.ipynb) "
                f"| [{claim.mark}](claims.md#{claim.anchor}) |"
            )
    return "\n".join(lines) + "\n"


def settled(claims: list[Claim], chapter: str) -> list[Claim]:
    """Return the claims that a chapter lists; the annotated reading's have their own page."""
    return [c for c in claims if c.chapter == chapter and c.source != "annotation"]


def render_settled(
    claims: list[Claim], chapter: str, items: list[str], titles: dict[str, str]
) -> str:
    """Return the Markdown of the cell "Claims settled here" of one chapter.

    Parameters
    ----------
    claims : list of Claim
    chapter : str
    items : list of str
        What of the paper the chapter treats, by the name it has on the paper map.
    titles : dict
        Title of every chapter.
    """
    lines = ["## Claims settled here", ""]
    if items:
        lines += [f"In the paper: {_listed(items)} ([map](paper-map.md)).", ""]
    lines += [
        "| Claim | Verdict | Evidence |",
        "| --- | --- | --- |",
    ]
    for claim in settled(claims, chapter):
        holds = _note(claim, titles) if claim.verdict == "corrected" else ""
        lines.append(
            f"| {claim.statement}{holds} ([ledger](claims.md#{claim.anchor})) "
            f"| {claim.verdict_cell} | {_evidence_link(claim)} |"
        )
    return "\n".join(lines)


def _listed(items: list[str]) -> str:
    *most, last = items
    return f"{', '.join(most)} and {last}" if most else last


def titles(claims: list[Claim], root: Path = ROOT) -> dict[str, str]:
    """Return the titles of the chapters that settle `claims`, in the order of `claims`."""
    return {claim.chapter: title(claim.chapter, root) for claim in claims}
