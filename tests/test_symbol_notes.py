"""The notation page explains the chapters: its rows are read, and the first uses are found."""

import sys

import nbformat
import pytest
from bs4 import BeautifulSoup
from built import extension, soup
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from tools.book import ROOT, chapters

HTML = ROOT / "_build" / "html"
FOLDER = ROOT / "book" / "extensions"


notes = extension("symbol_notes")

# --- symbols in formulas -----------------------------------------------------------------

KNOWN = (
    r"w w_0 a a_t a^* a_+ M M' M^l C x_t \lambda_t \tilde{a}_t \beta(X) \Delta~C "
    r"\partial~C/\partial~w \lvert~\partial~a_t/\partial~a_0~\rvert \operatorname{Var} T s"
)
KNOWN = {tuple(notes.formulas(tex.replace("~", " "))[0]): tex for tex in KNOWN.split()}


def found(tex):
    symbols, alone = notes.symbols_in(tex, KNOWN)
    return [KNOWN[symbol] for symbol in symbols], alone


@pytest.mark.parametrize(
    ("tex", "expected", "alone"),
    [
        ("w", ["w"], True),
        ("w_0", ["w_0"], True),
        ("w_{ 0 }", ["w_0"], True),
        ("w_1", [], False),
        ("w^2", ["w"], False),
        ("a^*", ["a^*"], True),
        (r"a^{\ast}", ["a^*"], True),
        ("a^+", [], False),
        ("a_t", ["a_t"], True),
        ("a_{t}", ["a_t"], True),
        ("a_{t-1}", [], False),
        ("-a", ["a"], False),
        (r"\tilde a_t", [r"\tilde{a}_t"], True),
        (r"\bar{a}", [], False),
        ("M'(a)", ["M'", "a"], False),
        ("M''", [], False),
        ("(M^l)'", ["M^l"], False),
        ("M^n", ["M"], False),
        (r"\lambda^t", [], False),
        (r"\beta(X)", [r"\beta(X)"], True),
        (r"\beta", [], False),
        (r"\Delta C < 0", [r"\Delta~C"], False),
        (r"\frac{\partial C}{\partial w}", [r"\partial~C/\partial~w"], True),
        (r"\left| \partial a_t / \partial a_0 \right|", None, True),
        (r"e^{-w T}", ["w", "T"], False),
        (r"\sum_{t=1}^{T} s", ["s", "T"], False),
        (r"\text{the weight w}", [], False),
        (r"\operatorname{arcosh} \sqrt w", ["w"], False),
        (r"\begin{cases} a & w \\ 0 \end{cases}", ["a", "w"], False),
        (r"\bar{e}\,' a", ["a"], False),
        (r"\lvert x_{t+1} - x_t \rvert^2", ["x_t"], False),
        ("a_t = w a_{t-1}", ["a_t", "w"], False),
    ],
)
def test_symbols_of_a_formula(tex, expected, alone):
    expected = [r"\lvert~\partial~a_t/\partial~a_0~\rvert"] if expected is None else expected
    assert found(tex) == (expected, alone)


@pytest.mark.parametrize(
    ("tex", "name"),
    [
        ("a_t", "a-t"),
        ("a^*", "a-star"),
        (r"a_{\pm}", "a-plus-minus"),
        ("M''", "M-prime-prime"),
        ("t_{1/2}", "t-1-by-2"),
        (r"\beta(X)", "beta-X"),
        (r"\operatorname{Var} a_t", "Var-a-t"),
        (r"\partial C / \partial w", "partial-C-by-partial-w"),
        (r"\lvert \partial a_t / \partial a_0 \rvert", "partial-a-t-by-partial-a-0"),
        (r"\mathrm{d}x_+/\mathrm{d}w", "d-x-plus-by-d-w"),
        ("MIN", "MIN"),
    ],
)
def test_the_name_of_a_symbol(tex, name):
    assert notes.slug(tex) == name


# --- a small book ------------------------------------------------------------------------

ROW = "| $w$, $w_0$ | weight of $a$ | `formulas.w` | [](one.ipynb), throughout |"
TABLE = f"""\
# Notation

| Symbol | Meaning | Python | Where |
| --- | --- | --- | --- |
{ROW}
| $a^*$ | a point | | [](two.ipynb) |
| $s$ | in one place | `s` | [](one.ipynb) |
| $s$ | in another | `s` | [](two.ipynb), [](three.ipynb) |
| MIN | a name | | [](one.ipynb) |
"""

ONE = r"""
# One $w$

[see $w$](two.ipynb) `w`

$$
w = 1
$$

The output $w a^* < 1$, $w$ and $w$ again.

## More

At last $s$, and $w_0$.
"""
TWO = r"""
# Two

From $w^2$ on, where $a^*$ lies.

$$
s = 2
$$

## Later

Still $w$.
"""
THREE = """
# Three

It is $s$, not $a^*$.
"""


@pytest.fixture
def build(tmp_path):
    """Return a function that builds the small book; it returns warnings and pages."""

    def build_(table=TABLE, builder="html"):
        book = tmp_path / "book"
        book.mkdir(exist_ok=True)
        (book / "notation.md").write_text(table)
        names = ["one", "two", "three"]
        for name, text in zip(names, (ONE, TWO, THREE), strict=True):
            made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
            (book / f"{name}.ipynb").write_text(nbformat.writes(made))
        toc = "\n".join(["# Book", "```{toctree}", *names, "notation", "```"])
        (book / "index.md").write_text(toc)
        output = tmp_path / builder
        with (tmp_path / "warnings").open("w+") as warnings, docutils_namespace():
            Sphinx(
                str(tmp_path),
                None,
                str(output),
                str(tmp_path / "doctrees"),
                builder,
                confoverrides={
                    "extensions": ["myst_nb", "symbol_notes", "typeset_math"],
                    "html_math_renderer": "typeset",
                    "myst_enable_extensions": ["dollarmath"],
                    "nb_execution_mode": "off",
                    "root_doc": "book/index",
                    "project": "small",
                },
                status=None,
                warning=warnings,
                freshenv=True,
            ).build()
            warnings.seek(0)
            said = warnings.read()
        return said, {
            path.stem: path.read_text(encoding="utf-8") for path in (output / "book").glob("*.*")
        }

    sys.path.insert(0, str(FOLDER))
    yield build_
    sys.path.remove(str(FOLDER))


def links(page):
    """Return the links to symbols: text, target, and what describes them."""
    soup = BeautifulSoup(page.replace("\u2217", "*"), "html.parser")  # MathML's asterisk
    return [
        (
            "".join(tag.get_text() for tag in link.select("math")),
            link["href"].removeprefix("notation.html#symbol-"),
            [soup.find(id=name).get_text().strip() for name in link["aria-describedby"].split()],
        )
        for link in soup.select("a.symbol")
    ]


def test_the_first_uses_are_marked(build):
    said, pages = build()
    assert said == ""
    # Not in a heading, a link or code, and not the displayed one; alone rather than in a product.
    weight = "w, w0: weight of a. Python: formulas.w"
    assert links(pages["one"]) == [
        ("w", "one-w", [weight]),
        ("s", "one-s", ["s: in one place. Python: s"]),
        ("w0", "one-w-0", [weight]),
    ]
    # In another section than the first use, "alone" does not count; what is only displayed has a
    # line of its own.
    assert links(pages["two"]) == [
        ("w2", "one-w", [weight]),
        ("a*", "two-a-star", ["a*: a point"]),
        ("s", "two-s", ["s: in another. Python: s"]),
    ]
    # a^* holds in chapter two alone.
    assert links(pages["three"]) == [("s", "two-s", ["s: in another. Python: s"])]
    for name, page in pages.items():
        assert ("symbol-notes.js" in page) == (name in ("one", "two", "three"))
        assert page.count('id="note-symbol-one-w"') == (name in ("one", "two"))


def test_every_row_has_its_address(build):
    _, pages = build()
    ids = [tag["id"] for tag in BeautifulSoup(pages["notation"], "html.parser").select("tr [id]")]
    names = ["one-w", "one-w-0", "two-a-star", "one-s", "two-s", "one-MIN"]
    assert ids == [f"symbol-{name}" for name in names]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("| | nothing | | [](one.ipynb) |", "has no symbol"),
        ("| $w$ | | | [](one.ipynb) |", "the row 'w': has no meaning"),
        ("| $w$ | weight | | |", "the column Where links to no chapter"),
        ("| $w$ | weight | | [](index.md) |", "names 'book/index', which is no chapter"),
        ("| $w$ | weight | | [](one.ipynb), always |", "says 'always'; accepted: 'throughout'"),
        ("| ${w$ | weight | | [](one.ipynb) |", "the TeX '{w' has a { that is not closed"),
        (f"{ROW}\n{ROW}", "symbol-one-w is given twice"),
    ],
)
def test_a_broken_row_is_a_warning_that_names_it(build, row, message):
    said, _ = build(TABLE.replace(ROW, row))
    assert "book/notation" in said and message in said


# --- the built pages -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def rows():
    return {tag["id"] for tag in soup("book/notation").select("tr [id]")}


@pytest.mark.parametrize("chapter", chapters())
def test_every_mark_leads_to_a_row(chapter, rows):
    page = soup(f"book/{chapter}")
    marks = page.select("article a.symbol")
    assert marks or chapter == "how-to-read"
    for mark in marks:
        address, _, anchor = mark["href"].partition("#")
        assert address == "notation.html" and anchor in rows
        described = [page.find(id=name) for name in mark["aria-describedby"].split()]
        assert all(note is not None and note.get_text().strip() for note in described)
        assert mark.find_parent(["h1", "h2", "h3", "h4", "pre", "code", "nav", "summary"]) is None
        assert not any(parent.name == "a" for parent in mark.parents)
    # Once a page.
    places = [mark["href"] for mark in marks]
    assert len(set(places)) == len(places)
