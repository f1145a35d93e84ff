"""Have Coq check every proof in ``proofs``, and write what it found to ``proofs/checked.json``.

Three questions are asked, in ``_build/proofs``, so that nothing is left beside the sources. Does
every file compile? Does it rest on nothing that ``axioms.txt`` does not list? And have the proofs
teeth: does each false statement of ``false_variants.yml``, put in the place of a true one, fail at
its proof?
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml

from tools import environment, proofs
from tools.book import ROOT, write

INSTALL = "apt-get install -y --no-install-recommends coq libcoq-coquelicot libcoq-interval"
#: Warnings that say nothing about a proof.
QUIET = "-ambiguous-paths,-deprecated"
#: An axiom as Coq prints it, at the beginning of a line, with its type after it or in the next.
_NAME = re.compile(r"^(?!Axioms:)([A-Za-z_][\w'.]*)\s*(?::|$)", re.MULTILINE)
_PLACE = re.compile(r'^File ".*", line (\d+), characters', re.MULTILINE)


class ProofError(Exception):
    """A proof that does not hold, in a line or with what Coq said."""


def coqc(folder: Path, file: str, *, check: bool = True) -> subprocess.CompletedProcess:
    """Have Coq compile a file of `folder`.

    Raises
    ------
    ProofError
        If a library is not installed; or, if `check`, the file does not compile.
    """
    command = ["coqc", "-q", "-Q", ".", "Book", "-w", QUIET, file]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if "Cannot find a physical path" in done.stderr:
        raise ProofError(f"A library of Coq is missing. On Debian: {INSTALL}")
    if check and done.returncode:
        raise ProofError(f"{file} does not compile:\n{done.stderr.strip()}")
    return done


def version() -> str:
    """Return the version of Coq.

    Raises
    ------
    ProofError
        If Coq is not installed.
    """
    try:
        command = ["coqc", "--print-version"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        raise ProofError(f"Coq is missing. On Debian: {INSTALL}") from None
    return said.split()[0]


def allowed(root: Path) -> tuple[set[str], set[str]]:
    """Return the axioms that every file may rest on, and those for ``Numbers.v`` besides."""
    text = (root / proofs.FOLDER / "axioms.txt").read_text(encoding="utf-8")
    always, _, numbers = text.partition("# Numbers.v only")
    everywhere, only = (
        {line for line in part.splitlines()[1:] if line and not line.startswith("#")}
        for part in (always, numbers)
    )
    return everywhere, only


def axioms(folder: Path, names: list[str], file: str) -> list[str]:
    """Return what the theorems `names` of a compiled file rest on."""
    (folder / "Rests.v").write_text(
        f"From Book Require Import {file}.\n"
        f"Definition all := ({', '.join(f'@{name}' for name in names)}, tt).\n"
        "Print Assumptions all.\n",
        encoding="utf-8",
    )
    return sorted(set(_NAME.findall(coqc(folder, "Rests.v").stdout)))


def check_variant(folder: Path, variant: dict, texts: dict[str, str], found: dict) -> None:
    """Refuse a false statement that Coq accepts.

    Raises
    ------
    ProofError
        If what it replaces does not stand in the theorem, if it compiles, or if Coq stops before
        it comes to the theorem's proof, so that the statement is not well formed.
    """
    name = variant["theorem"]
    if name not in found:
        raise ProofError(f"false variant of {name}: there is no such theorem")
    file, statement = found[name].file, found[name].statement
    if statement.count(variant["true"]) != 1:
        raise ProofError(f"false variant of {name}: {variant['true']!r} does not stand in it once")
    wrong = statement.replace(variant["true"], variant["false"])
    before, _, after = texts[file].partition(statement)
    own = f"{file}.v"
    (folder / own).write_text(before + wrong + after, encoding="utf-8")
    done = coqc(folder, own, check=False)
    if done.returncode == 0:
        raise ProofError(f"false variant of {name}: Coq accepts {variant['false']!r}")
    # The proof ends at the first Qed after the statement.
    first = (before + wrong).count("\n") + 2
    last = first - 1 + after.partition("Qed.")[0].count("\n")
    place = _PLACE.search(done.stderr)
    if not place or not first <= int(place[1]) <= last:
        raise ProofError(f"false variant of {name}: Coq stops elsewhere:\n{done.stderr.strip()}")


def check(root: Path = ROOT) -> dict:
    """Have Coq check everything, and return the content of the result file.

    Raises
    ------
    ProofError, ValueError
        If something does not hold.
    """
    result = {"coqc": version()} | proofs.record(root)
    texts = proofs.sources(root)
    found = {entry["name"]: proofs.Theorem(**entry) for entry in result["theorems"]}
    folder = root / "_build" / "proofs"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    everywhere, numbers = allowed(root)
    for file, text in texts.items():
        (folder / f"{file}.v").write_text(text, encoding="utf-8")
        coqc(folder, f"{file}.v")
        names = [theorem.name for theorem in found.values() if theorem.file == file]
        rests = axioms(folder, names, file)
        if stray := set(rests) - everywhere - (numbers if file == "Numbers" else set()):
            raise ProofError(f"{file}.v rests on {', '.join(sorted(stray))}; see axioms.txt")
        result["files"][file]["axioms"] = [name for name in rests if name in everywhere]
        print(f"{file}.v: {len(names)} theorems, resting on {len(rests)} axioms", flush=True)

    variants = yaml.safe_load(
        (root / proofs.FOLDER / "false_variants.yml").read_text(encoding="utf-8")
    )
    # A folder of its own, because a file that fails takes its compiled form away.
    trial = folder / "false"
    shutil.copytree(folder, trial)
    for variant in variants:
        check_variant(trial, variant, texts, found)
        file = found[variant["theorem"]].file
        shutil.copy(folder / f"{file}.vo", trial)
    print(f"{len(variants)} false statements, none accepted")
    return result


def main(argv: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.check_proofs", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help=f"fail if {proofs.RESULT} is not what Coq found"
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout")
    given = parser.parse_args(argv)
    began = time.perf_counter()
    try:
        result = check(given.root.resolve())
    except (ProofError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    path = given.root / proofs.FOLDER / proofs.RESULT
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    # Another release of Coq is no news.
    same = known | {"coqc": result["coqc"]} == result
    if given.check and not same:
        print(f"{path.name} is not what Coq found; run 'make proofs'", file=sys.stderr)
        return 1
    if not same:
        write(path, json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    seconds = time.perf_counter() - began
    print(f"{len(result['theorems'])} theorems checked in {seconds:.0f} s by Coq {result['coqc']}")
    return 0


if __name__ == "__main__":
    environment.settle()
    sys.exit(main())
