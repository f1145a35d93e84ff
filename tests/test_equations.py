"""Generated equations and shared figures: what a page shows is what the package computes."""

import nbformat
import pytest

from latchlib.formulas import FORMULAS, latex
from tools.book import ROOT
from tools.equations import fill
from tools.notebooks import NotebookError, shared_figures


def block(body, label=""):
    return f"$$\n{body}\n$$" + (f" (eq-{label})" if label else "")


@pytest.mark.parametrize("name", FORMULAS)
def test_a_labelled_equation_becomes_its_formula(name):
    label = name.replace("_", "-")
    filled = fill(f"Before.\n\n{block('wrong', label)}\n\nAfter.")
    assert filled == f"Before.\n\n{block(latex(name), label)}\n\nAfter."
    assert fill(filled) == filled


def test_every_labelled_equation_is_filled_and_nothing_else():
    source = "\n\n".join(
        [
            "# Title with $x$ and $$y$$",
            block("a = b"),
            block("old\nin two lines", "h-star"),
            "Text between, $1 + 1$, a reference {eq}`eq-step`.",
            block(r"\text{no label either}"),
            block("old", "step"),
            block("c = d"),
        ]
    )
    expected = source.replace("old\nin two lines", latex("h_star")).replace("old", latex("step"))
    assert fill(source) == expected


def test_a_label_without_formula_is_refused():
    with pytest.raises(ValueError, match=r"name is 'h_sta'; accepted are .*h_star"):
        fill(block("x", "h-sta"))


# --- figures that a page borrows from a chapter ------------------------------------------

SVG = "<svg>trade-off</svg>\n"


def book(tmp_path, cells, page="See ![x](assets/figures/trade-off.svg)."):
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "index.md").write_text(page)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "chapter.ipynb")
    return tmp_path


def figure_cell(name, svg=SVG):
    output = nbformat.v4.new_output("display_data", data={"image/svg+xml": svg, "text/plain": "F"})
    cell = nbformat.v4.new_code_cell("plot()", outputs=[output])
    cell.metadata["mystnb"] = {"figure": {"name": name, "caption": "A figure."}}
    return cell


def test_a_page_gets_the_picture_that_the_chapter_stores(tmp_path):
    cells = [
        nbformat.v4.new_markdown_cell("# Chapter"),
        figure_cell("fig-other", "<svg>other</svg>"),
        figure_cell("fig-trade-off"),
    ]
    root = book(tmp_path, cells)
    assert shared_figures(root) == {root / "book/assets/figures/trade-off.svg": SVG}


def test_a_missing_figure_is_named(tmp_path):
    root = book(tmp_path, [figure_cell("fig-other")])
    with pytest.raises(NotebookError, match=r"no chapter has a figure called trade-off$"):
        shared_figures(root)


def test_the_stored_pictures_are_those_of_the_chapters():
    for path, svg in shared_figures(ROOT).items():
        assert path.read_text(encoding="utf-8") == svg


@pytest.mark.parametrize(
    "source",
    [
        "1. First\n\n   $$\n   ?\n   $$ (eq-h-star)\n",
        "$$\n?\n$$\n",
        "> $$ ? $$\n",
    ],
)
def test_a_place_that_is_not_filled_in_is_refused(source):
    with pytest.raises(ValueError, match="not filled in"):
        fill(source)
