"""The glossary explains the chapters: its entries are read, and the first uses are found."""

import sys

import nbformat
import pytest
from bs4 import BeautifulSoup
from built import extension, soup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace
from test_symbol_notes import FOLDER

from tools.book import ROOT, chapters

HTML = ROOT / "_build" / "html"

sys.modules.setdefault("symbol_notes", extension("symbol_notes"))
notes = extension("term_notes")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Gates and a gate", ["Gates", "gate"]),
        ("a basin\nof attraction, a basin", ["basin\nof attraction", "basin"]),
        ("trajectories, a trajectory", ["trajectories", "trajectory"]),
        ("EM, not em or GEM; EM-like", ["EM"]),
        ("investigate, gate-keeper, gated", []),
        ("the LATCH", []),
    ],
)
def test_a_term_is_found_in_singular_and_plural(text, expected):
    terms = ["basin of attraction", "trajectory", "basin", "latch", "gate", "EM"]
    assert [found[0] for found in notes.pattern(terms).finditer(text)] == expected


GLOSSARY = """\
# Glossary

:::{glossary}
attractor
  A set of states. It draws its neighbours in, at $a_+$. See {ref}`ch-one`.

basin of attraction
basin
  The states that *converge*.
  See [One](one.ipynb).

room
  An everyday word.
:::
"""
ONE = """\
(ch-one)=
# An attractor

[An attractor](glossary.md) in `attractor` code, and $attractor$.

Room for two attractors, a *basin*, and a basin of attraction.

## Attractors

The attractor again.
"""


def test_the_first_use_in_running_text_is_marked(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    book = tmp_path / "book"
    book.mkdir()
    (book / "glossary.md").write_text(GLOSSARY)
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(ONE)])
    (book / "one.ipynb").write_text(nbformat.writes(made))
    (book / "index.md").write_text("# Book\n```{toctree}\none\nglossary\n```")
    wanted = {
        "extensions": ["myst_nb", "symbol_notes", "term_notes"],
        "myst_enable_extensions": ["colon_fence", "dollarmath"],
        "nb_execution_mode": "off",
        "root_doc": "book/index",
        "project": "small",
    }
    places = [str(tmp_path), None, str(tmp_path / "html"), str(tmp_path / "trees"), "html"]
    with (tmp_path / "warnings").open("w+") as said, docutils_namespace():
        Sphinx(*places, confoverrides=wanted, status=None, warning=said, freshenv=True).build()
    assert (tmp_path / "warnings").read_text() == ""
    page = BeautifulSoup((tmp_path / "html/book/one.html").read_text("utf-8"), "html.parser")
    marks = page.select("a.term")
    assert [(mark.get_text(), mark["href"]) for mark in marks] == [
        ("attractors", "glossary.html#term-attractor"),
        ("basin", "glossary.html#term-basin-of-attraction"),
    ]
    said = [page.find(id=mark["aria-describedby"]).get_text().strip() for mark in marks]
    assert said[0].startswith("attractor: A set of states. It draws its neighbours in, at")
    assert "See" not in said[0] and "a_+" in said[0]
    assert said[1] == "basin of attraction: The states that converge."


@pytest.mark.parametrize("chapter", chapters())
def test_every_mark_leads_to_an_entry(chapter):
    page = soup(f"book/{chapter}")
    glossary = (HTML / "book" / "glossary.html").read_text("utf-8")
    marks = page.select("article a.term")
    assert marks
    for mark in marks:
        address, _, anchor = mark["href"].partition("#")
        assert address == "glossary.html" and f'id="{anchor}"' in glossary
        assert page.find(id=mark["aria-describedby"]).get_text().strip().endswith(".")
        assert mark.find_parent(["h1", "h2", "h3", "h4", "pre", "code", "nav", "summary"]) is None
        assert len(mark.find_parents("a")) == 0
    places = [mark["href"] for mark in marks]
    assert len(set(places)) == len(places)


#: What a newcomer looks up.
WANTED = """gradient;back-propagation;Jacobian;basin;attractor;contraction;hyperbolic;LSTM;gate
state space;attention;logit;confidence interval;paired;fresh error;interval arithmetic;certificate
bifurcation;eigenvalue;operator norm;trajectory;cobweb;vanishing gradient;exploding gradient"""


def test_the_glossary_has_what_a_newcomer_looks_up():
    page = soup("book/glossary")
    terms = [term.get_text().removesuffix("#") for term in page.select("dl.glossary dt")]
    assert [term for term in WANTED.replace("\n", ";").split(";") if term not in terms] == []
    heads = [term.lower() for term in terms if not term[0].isdigit()]
    first = [
        t.find_previous_sibling("dt") is None or t.find_previous_sibling().name == "dd"
        for t in page.select("dl.glossary dt")
    ]
    ordered = [term for term, begins in zip(heads, first, strict=False) if begins]
    assert ordered == sorted(ordered)
