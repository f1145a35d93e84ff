"""The machine-checked theorems, as far as Coq is not needed: ``make proofs`` does the rest."""

import json
import re
import shutil
from subprocess import CompletedProcess

import nbformat
import numpy as np
import pytest
import sympy as sp
import yaml
from built import soup

from latchlib import neuron
from latchlib.formulas import SYMBOLS, formula
from latchlib.maps import rollout
from tools import build_book, check_proofs, claims, notebooks, proofs
from tools.book import ROOT

HTML = ROOT / "_build" / "html" / "book"
THEOREMS = proofs.load()["theorems"]
LEDGER = claims.load()

# --- the theorems of the book ------------------------------------------------------------


def test_the_result_is_what_the_sources_say():
    result = json.loads((ROOT / "proofs" / "checked.json").read_text(encoding="utf-8"))
    everywhere, _ = check_proofs.allowed(ROOT)
    for entry in result["files"].values():
        assert set(entry.pop("axioms")) <= everywhere
    assert result.pop("coqc")
    assert result == proofs.record()


def test_every_theorem_is_on_the_page_with_the_claims_it_stands_behind():
    page = proofs.render_page(LEDGER, claims.titles(LEDGER))
    assert "[theorems:" not in page and "[number:" not in page
    for theorem in THEOREMS.values():
        assert page.count(f'<a id="{theorem.anchor}"></a>') == 1
        entry = page.split(f'<a id="{theorem.anchor}"></a>')[1].split("<a id=")[0]
        assert theorem.says in entry and theorem.statement in entry
        for claim in LEDGER:
            assert (f"(claims.md#{claim.anchor})" in entry) == (theorem.name in claim.theorems)


@pytest.mark.skipif(not HTML.is_dir(), reason="the book is not built: make book")
def test_the_built_pages_fold_a_statement_under_each_cell_that_it_proves():
    page = soup("book/proofs")
    assert all(page.find(id=theorem.anchor) for theorem in THEOREMS.values())
    for chapter in {claim.chapter for claim in LEDGER if claim.checked}:
        chapter_page = soup(f"book/{chapter}")
        for claim in LEDGER:
            if claim.chapter == chapter and claim.checked:
                fold = chapter_page.find(id=claim.cell).find_next("details", class_="sd-dropdown")
                shown = fold.get_text()
                assert all(THEOREMS[name].statement in shown for name in claim.theorems)
                assert not fold.has_attr("open")


def test_false_statements_stand_where_true_ones_do():
    variants = yaml.safe_load((ROOT / "proofs" / "false_variants.yml").read_text(encoding="utf-8"))
    assert len({variant["theorem"] for variant in variants}) >= 10
    for variant in variants:
        assert THEOREMS[variant["theorem"]].statement.count(variant["true"]) == 1
        assert variant["false"] != variant["true"] and variant["why"]


# --- the same words mean the same in Coq and in latchlib ---------------------------------

DEFINITIONS = proofs.load()["files"]["Latch"]["definitions"]


def translated(name: str) -> sp.Expr:
    """Return the body of a definition of ``Latch.v`` as SymPy reads it."""
    body = re.search(rf"Definition {name} .*? : R := (.*)\.(?:\s|$)", DEFINITIONS)[1]
    called = re.sub(r"\b(tanh|sqrt|ln|arcosh) (\w+)", r"\1(\2)", body).replace("^", "**")
    own = {"arcosh": sp.acosh, "ln": sp.log} | {str(s): s for s in SYMBOLS.values()}
    return sp.sympify(re.sub(r"\b(sqrt|arcosh|ln) \(", r"\1(", called), own)


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("M", formula("step").expr.subs(SYMBOLS["h"], 0)),
        ("slope", formula("slope").expr),
        ("a_star", formula("a_star").expr),
        ("h_star", formula("h_star").expr),
    ],
)
def test_definitions_are_those_of_the_formulas(name, ours):
    theirs = translated(name)
    assert theirs.free_symbols == ours.free_symbols
    assert sp.simplify((theirs - ours).rewrite(sp.exp)) == 0
    wrong = ours.subs(SYMBOLS["w"], SYMBOLS["w"] + 1)
    assert sp.simplify((theirs - wrong).rewrite(sp.exp)) != 0


def test_arcosh_is_the_inverse_of_cosh():
    inverse = translated("arcosh")
    (x,) = inverse.free_symbols
    assert sp.simplify(sp.cosh(inverse).rewrite(sp.exp) - x) == 0


def test_enclosures_hold_the_values_of_the_package():
    """Each comparison that ``Numbers.v`` proves is true of what latchlib computes."""
    functions = {
        "h_star": neuron.h_star,
        "slope": lambda w, a: float(formula("slope")(a, w)),
        "a": neuron.attractor_pair(2.0)[1].a,
    }
    compared = 0
    for theorem in THEOREMS.values():
        if theorem.file != "Numbers" or theorem.name == "index_matters":
            continue
        says = re.split(r" : |->", theorem.statement)[-1].removesuffix(".")
        for part in says.split("/\\"):
            called = re.sub(
                r"\b(h_star|slope)((?: [\d.]+)+)",
                lambda found: f"{found[1]}({', '.join(found[2].split())})",
                " ".join(part.split()),
            )
            assert eval(called, functions), part
            compared += called.count("<")
    assert compared == 12


def test_inputs_within_the_wrong_bound_leave_the_tube_in_the_package_too():
    assert "let d := 0.01 in" in THEOREMS["index_matters"].statement
    w, d = 2.5, 0.01

    def run(*inputs: float) -> list[float]:
        return list(rollout(w, np.reshape(inputs, (-1, 1, 1)), 1.1).ravel())

    quiet = run(0.0, 0.0)
    bound = [(1 - float(formula("slope")(a - d, w))) * d for a in quiet]
    assert all(0 < value for value in bound)
    pushed = run(*(-0.999 * value for value in bound[1:]))
    assert pushed[2] < quiet[2] - d


# --- reading the sources -----------------------------------------------------------------

SOURCE = """(** * Tiny.v : a file *)

Definition two : R := 2.   (* not 3 *)

Section Room.
Variables (p : R).
Hypothesis Hp : 0 < p.     (* positive *)

(** p is not
    negative. *)
Theorem first : 0 <= p.
Proof. lra. Qed.
End Room.

(** Nothing is asked. *)
Corollary second x :
  x = x.
Proof. reflexivity. Qed.
"""


def test_a_file_is_read():
    first, second = proofs.theorems("Tiny", SOURCE)
    assert (first.name, first.line, first.says) == ("first", 11, "p is not negative.")
    assert first.statement == "Theorem first : 0 <= p."
    assert first.code.startswith("Variables (p : R).\nHypothesis Hp : 0 < p.")
    assert (second.given, second.code) == ("", "Corollary second x :\n  x = x.")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("(** Nothing is asked. *)\n", "", r"Tiny\.v, second: there is no comment"),
        ("reflexivity. Qed", "Admitted", r"Tiny\.v says Admitted; accepted is a proof"),
        ("Section Room", "Axiom no : False.\nSection Room", r"Tiny\.v says Axiom"),
    ],
)
def test_a_file_that_proves_less_is_refused(old, new, message):
    assert len(proofs.theorems("Tiny", SOURCE + "(* no Axiom *)")) == 2
    with pytest.raises(ValueError, match=message):
        proofs.theorems("Tiny", SOURCE.replace(old, new))


@pytest.fixture
def copy(tmp_path):
    """Return a checkout that has the proofs alone."""
    shutil.copytree(ROOT / "proofs", tmp_path / "proofs")
    return tmp_path


def test_a_result_that_is_stale_or_missing_is_refused_in_a_line(copy, capsys):
    assert proofs.load(copy)["theorems"] == THEOREMS
    latch = copy / "proofs" / "Latch.v"
    latch.write_text(latch.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    (copy / "proofs" / "New.v").write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match=r"^Latch\.v, New\.v changed since .*'make proofs'$"):
        proofs.load(copy)
    assert build_book.build(copy, toc=copy / "_toc.yml") is False
    assert capsys.readouterr().err.count("\n") == 1 and not (copy / "_build").exists()
    (copy / "proofs" / "checked.json").unlink()
    with pytest.raises(ValueError, match=r"^proofs/checked\.json is missing; 'make proofs'"):
        proofs.load(copy)


@pytest.mark.parametrize("wrong", ["Latch.v#no_such", "Tradeoff.v#mirror", "mirror", "Latch.v"])
def test_a_claim_names_theorems_that_are_checked(wrong):
    proofs.check_names("Latch.v#mirror Tradeoff.v#trade_off", THEOREMS, "claim 'a'")
    with pytest.raises(ValueError, match=rf"checked of claim 'a' names '{wrong}'; accepted is"):
        proofs.check_names(f"Latch.v#mirror {wrong}", THEOREMS, "claim 'a'")


# --- in a chapter ------------------------------------------------------------------------


def claim(name: str, cell: str, checked: str) -> claims.Claim:
    return claims.Claim(name, "book", "here", "So.", "proved", "one", cell, checked=checked)


def test_statements_stand_under_the_cell_of_their_claims_and_follow_the_ledger():
    new = nbformat.v4
    cells = [new.new_code_cell(metadata={"tags": [tag]}) for tag in ("cell-a", "cell-b")]
    notebook = new.new_notebook(cells=cells)
    ledger = [
        claim("a", "cell-a", "Latch.v#mirror Latch.v#sooner"),
        claim("b", "cell-a", "Tradeoff.v#trade_off Latch.v#mirror"),
        claim("c", "cell-b", ""),
    ]
    for _ in range(2):  # the second time changes nothing
        notebooks.show_theorems(notebook, ledger)
        code_a, shown, code_b = notebook.cells
        assert [code_a, code_b] == cells
        assert shown.source.startswith(
            ":::{dropdown} Checked by machine: `mirror`, `sooner`, `trade_off`\n"
        )
        assert THEOREMS["trade_off"].statement in shown.source
        assert f"[Latch.v, line {THEOREMS['sooner'].line}](../proofs/Latch.v)" in shown.source
    notebooks.show_theorems(notebook, ledger[2:])
    assert notebook.cells == cells


# --- the check itself, with a Coq that says what it is told ------------------------------

VARIANT = {"theorem": "mirror", "true": "- M w a", "false": "M w a"}


@pytest.mark.parametrize(
    ("variant", "code", "line", "message"),
    [
        ({"theorem": "no_such"}, 1, 0, "there is no such theorem"),
        ({"true": "+ M w a"}, 1, 0, r"'\+ M w a' does not stand in it once"),
        ({"true": "M w"}, 1, 0, "'M w' does not stand in it once"),
        ({}, 0, 0, "Coq accepts 'M w a'"),
        ({}, 1, -1, "Coq stops elsewhere"),
        ({}, 1, 2, "Coq stops elsewhere"),
        ({}, 1, 1, None),
    ],
)
def test_a_false_statement_has_to_fail_at_its_proof(
    tmp_path, monkeypatch, variant, code, line, message
):
    at = THEOREMS["mirror"].line + line
    stderr = f'File "./Latch.v", line {at}, characters 0-3:\nError: no.'
    monkeypatch.setattr(
        check_proofs, "coqc", lambda *_, check: CompletedProcess([], code, "", stderr)
    )

    def try_it():
        check_proofs.check_variant(tmp_path, VARIANT | variant, proofs.sources(), THEOREMS)

    if message is None:
        try_it()
        assert "M w (- a) = M w a.\nProof." in (tmp_path / "Latch.v").read_text(encoding="utf-8")
    else:
        with pytest.raises(check_proofs.ProofError, match=message):
            try_it()


def test_what_a_theorem_rests_on_is_read_from_what_coq_prints(monkeypatch, tmp_path):
    printed = "Axioms:\nA.b : forall x : C.d,\n  E.f\nG.h'\n  : nat\nown : 0 = 1\n"
    monkeypatch.setattr(check_proofs, "coqc", lambda *_: CompletedProcess([], 0, printed, ""))
    assert check_proofs.axioms(tmp_path, ["mirror"], "Latch") == ["A.b", "G.h'", "own"]
    printed = "Closed under the global context\n"
    assert check_proofs.axioms(tmp_path, ["mirror"], "Latch") == []
