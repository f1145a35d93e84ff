"""The machine-checked theorems: read them, check that none is stale, show them.

The sources are the Coq files in ``proofs``. ``make proofs`` (:mod:`tools.check_proofs`) has Coq
check them, and writes ``proofs/checked.json``: to each theorem its statement, the line of English
above it, its file and line, and to each file its hash. The book reads that, and needs no Coq.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from tools.book import ROOT

if TYPE_CHECKING:
    from tools.claims import Claim

FOLDER = "proofs"
RESULT = "checked.json"
#: Tag of the Markdown cells that show the statements behind the code cell above them.
TAG = "formal-statements"

_COMMENT = r"(?:\(\*\*(?! \*)(?P<says>(?:(?!\*\)).)*)\*\)\s*?\n)?"
_THEOREM = re.compile(
    _COMMENT + r"^(?P<statement>(?:Theorem|Corollary)\s+(?P<name>[\w']+).*?\.)\s*\nProof\.",
    re.DOTALL | re.MULTILINE,
)
_DEFINITION = re.compile(
    r"(?:\(\*\*(?! \*)(?:(?!\*\)).)*\*\)\s*?\n)?"
    r"^(?:Definition|Fixpoint)\b.*?\.[ \t]*(?:\(\*[^\n]*)?$",
    re.DOTALL | re.MULTILINE,
)
_SECTION = re.compile(
    r"^(?:Section (?P<begun>\w+)|End (?P<ended>\w+)"
    r"|(?P<given>(?:Context|Variables?|Hypothes[ie]s|Let|Implicit Types)\b.*?))"
    r"\.[ \t]*(?:\(\*[^\n]*)?$",
    re.DOTALL | re.MULTILINE,
)
_IMPORT = re.compile(r"^From Book Require Import ([\w ]+)\.", re.MULTILINE)
_UNPROVED = re.compile(r"\b(Admitted|admit|Axioms?|Parameters?|Conjectures?)\b")
_NOTE = re.compile(r"\(\*(?:(?!\*\)).)*\*\)", re.DOTALL)


def anchor(name: str) -> str:
    """Return the anchor of a theorem on the page of proofs."""
    return f"theorem-{name.replace('_', '-').lower()}"


@dataclass(frozen=True)
class Theorem:
    """A theorem as it stands in its file.

    Parameters
    ----------
    name : str
    file : str
        Name of its file, without ``.v``.
    line : int
        Where its statement begins, counted from 1.
    says : str
        What it says in English, in a line.
    given : str
        What its section supposes, as code; empty outside a section.
    statement : str
        Its statement, as code.
    """

    name: str
    file: str
    line: int
    says: str
    given: str
    statement: str

    @property
    def anchor(self) -> str:
        """Its anchor on the page of proofs."""
        return anchor(self.name)

    @property
    def code(self) -> str:
        """The statement, after what its section supposes."""
        return f"{self.given}\n\n{self.statement}" if self.given else self.statement


def sources(root: Path = ROOT) -> dict[str, str]:
    """Return the text of each Coq file by its name, a file after those that it imports."""
    paths = {path.stem: path for path in (root / FOLDER).glob("*.v")}
    texts = {name: paths[name].read_text(encoding="utf-8") for name in sorted(paths)}
    imports = {name: _IMPORT.findall(text) for name, text in texts.items()}
    needs = {name: " ".join(found).split() for name, found in imports.items()}
    return {name: texts[name] for name in TopologicalSorter(needs).static_order()}


def _unaligned(code: str) -> str:
    """Return code with its trailing comments close by, where a narrow page shows them."""
    return re.sub(r" {2,}\(\*", "  (*", code)


def given(text: str) -> str:
    """Return what the sections that are open at the end of `text` suppose."""
    stack: list[list[str]] = []
    for found in _SECTION.finditer(text):
        if found["begun"]:
            stack.append([])
        elif found["ended"]:
            stack.pop()
        elif stack:
            stack[-1].append(found[0])
    return _unaligned("\n".join(line for section in stack for line in section))


def theorems(file: str, text: str) -> list[Theorem]:
    """Return the theorems of a file.

    Raises
    ------
    ValueError
        If one has no line of English, or the file leaves something unproved.
    """
    if unproved := _UNPROVED.search(_NOTE.sub("", text)):
        raise ValueError(f"{file}.v says {unproved[0]}; accepted is a proof of everything")
    found = []
    for match in _THEOREM.finditer(text):
        start = match.start("statement")
        says = " ".join((match["says"] or "").split())
        if not says:
            raise ValueError(
                f"{file}.v, {match['name']}: there is no comment (** ... *) right above; "
                "accepted is one that says in English what the theorem says"
            )
        line = text.count("\n", 0, start) + 1
        found.append(
            Theorem(match["name"], file, line, says, given(text[:start]), match["statement"])
        )
    return found


def record(root: Path = ROOT) -> dict:
    """Return what the sources say, in the form of the result file.

    Raises
    ------
    ValueError
        As `theorems`; or if two theorems have one name.
    """
    texts = sources(root)
    found = [theorem for file, text in texts.items() for theorem in theorems(file, text)]
    names = [theorem.name for theorem in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"two theorems are called {', '.join(twice)}; accepted is one a name")
    return {
        "files": {
            file: {
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
                "definitions": _unaligned("\n\n".join(_DEFINITION.findall(text))),
            }
            for file, text in texts.items()
        },
        "theorems": [asdict(theorem) for theorem in found],
    }


def load(root: Path = ROOT) -> dict:
    """Return the result file; its theorems as a dict of `Theorem` by name.

    Raises
    ------
    ValueError
        If there is none, or a source has changed since.
    """
    path = root / FOLDER / RESULT
    if not path.is_file():
        raise ValueError(f"{FOLDER}/{RESULT} is missing; 'make proofs' writes it")
    result = json.loads(path.read_text(encoding="utf-8"))
    hashes = {
        name: hashlib.sha256(text.encode()).hexdigest() for name, text in sources(root).items()
    }
    known = {name: file["sha256"] for name, file in result["files"].items()}
    stale = sorted(
        f"{name}.v" for name in hashes.keys() | known if hashes.get(name) != known.get(name)
    )
    if stale:
        raise ValueError(
            f"{', '.join(stale)} changed since {FOLDER}/{RESULT} was written; run 'make proofs'"
        )
    result["theorems"] = {entry["name"]: Theorem(**entry) for entry in result["theorems"]}
    return result


def check_names(checked: str, known: dict[str, Theorem], owner: str) -> None:
    """Refuse a theorem that the result file does not have.

    Parameters
    ----------
    checked : str
        Such as ``Latch.v#bit_is_kept``, or several with spaces between them.
    known : dict
        Every theorem by its name.
    owner : str
        What refers to them.
    """
    for word in checked.split():
        file, _, name = word.partition(".v#")
        if name not in known or known[name].file != file:
            raise ValueError(
                f"checked of {owner} names {word!r}; accepted is FILE.v#THEOREM, "
                f"of a theorem in {FOLDER}/{RESULT}"
            )


# --- pages -------------------------------------------------------------------------------


def link(name: str, text: str) -> str:
    """Return a link to a theorem's place on the page of proofs."""
    return f"[{text}](proofs.md#{anchor(name)})"


def _plain(text: str) -> str:
    """Return `text` so that Markdown shows it as it stands."""
    return re.sub(r"([\\`*$|])", r"\\\1", text)


def _place(theorem: Theorem) -> str:
    return f"[{theorem.file}.v, line {theorem.line}](../{FOLDER}/{theorem.file}.v)"


def render_cell(found: list[Theorem]) -> str:
    """Return the Markdown of the fold under a cell whose claims `found` prove."""
    names = ", ".join(f"`{theorem.name}`" for theorem in found)
    parts = [f":::{{dropdown}} Checked by machine: {names}"]
    for theorem in found:
        parts += [
            _plain(theorem.says),
            f"```coq\n{theorem.code}\n```",
            f"{_place(theorem)}; {link(theorem.name, 'in the list of all theorems')}.",
        ]
    parts.append("[How to read a formal statement](proofs.md).\n:::")
    return "\n\n".join(parts)


def _used(name: str, claims: list[Claim], titles: dict[str, str]) -> str:
    uses = [
        f"[{claim.id}](claims.md#{claim.anchor}) in [{titles[claim.chapter]}]"
        f"({claim.chapter}.ipynb#cell-id={claim.cell})"
        for claim in claims
        if name in claim.theorems
    ]
    return f"Behind {'; '.join(uses)}." if uses else "No claim of the ledger rests on it."


def _of_file(file: str, result: dict, claims: list[Claim], titles: dict[str, str]) -> str:
    """Return the definitions and theorems of a file, each folded."""
    if file not in result["files"]:
        raise ValueError(f"the page names {file}.v; accepted are {', '.join(result['files'])}")
    parts = []
    if definitions := result["files"][file]["definitions"]:
        parts.append(f":::{{dropdown}} Definitions\n```coq\n{definitions}\n```\n:::")
    parts += [
        f':::{{dropdown}} <a id="{theorem.anchor}"></a>{_plain(theorem.says)} `{theorem.name}`\n'
        f"```coq\n{theorem.code}\n```\n\n"
        f"{_place(theorem)}. {_used(theorem.name, claims, titles)}\n:::"
        for theorem in result["theorems"].values()
        if theorem.file == file
    ]
    return "\n\n".join(parts)


def render_page(claims: list[Claim], titles: dict[str, str], root: Path = ROOT) -> str:
    """Return the Markdown of the page ``proofs``.

    It is a text by hand, in which ``[theorems: Latch]`` stands for what ``Latch.v`` defines and
    proves, and ``[number: theorems]`` for how many there are.

    Parameters
    ----------
    claims : list of Claim
    titles : dict
        Title of every chapter that settles a claim.
    root : Path
        The checkout.
    """
    result = load(root)
    numbers = {
        "theorems": len(result["theorems"]),
        "claims": sum(bool(claim.checked) for claim in claims),
        "coqc": result["coqc"],
    }
    text = (root / "book" / "templates" / "proofs.md").read_text(encoding="utf-8")
    text = re.sub(r"\[number: (\w+)\]", lambda found: str(numbers[found[1]]), text)
    return re.sub(
        r"\[theorems: (\w+)\]",
        lambda found: _of_file(found[1], result, claims, titles),
        text,
    )
