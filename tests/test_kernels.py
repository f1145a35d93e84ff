"""What is compared where a processor rounds otherwise, and how."""

import types

import nbformat
import numpy as np
import pytest

from tools import kernels
from tools.book import notebook_path


@pytest.mark.parametrize(
    "got, same",
    [
        ("rate 0.5: 30 of 40 [0.60, 0.86]\n", True),
        ("rate 0.5: 31 of 40 [0.62, 0.88]\n", True),
        ("rate 0.5:  9 of 40 [0.12, 0.38]\n", False),
        ("rate 0.5: 40 of 40 [0.91, 1.00]\n", False),
        ("rate 0.5: 31 of 40 [0.62, 0.88], all\n", False),
        ("rate 0.5: 31 of 40\n", False),
    ],
)
def test_intervals_must_overlap_and_words_be_the_same(got, same):
    stored = {"stdout": "rate 0.5: 30 of 40 [0.60, 0.86]\n"}
    assert kernels.overlap(stored, {"stdout": got}) is same


def test_an_error_overlaps_nothing():
    failed = kernels.texts([nbformat.v4.new_output("error", ename="AssertionError", evalue="")])
    assert failed == {"error": "AssertionError: "}
    assert not kernels.overlap({"stdout": "1 [0, 2]"}, {"stdout": "1 [0, 2]"} | failed)
    assert kernels.difference({}, failed) == "stored '', got 'AssertionError:'"


def test_a_difference_names_the_first_line_of_either():
    assert kernels.difference({"stdout": "a\nb\n"}, {"stdout": "a\nb\n"}) == ""
    assert kernels.difference({"stdout": "a\nb\n"}, {"stdout": "a\nc\n"}) == "stored 'b', got 'c'"
    assert kernels.difference({"stdout": "a\n"}, {"stdout": "a\nc\n"}) == "stored '', got 'c'"
    shown = {"text/plain": "<Figure>", "image/png": "1"}
    assert kernels.texts([nbformat.v4.new_output("display_data", shown)]) == {
        "text/plain": "<Figure>"
    }


@pytest.mark.parametrize("same", [True, False])
def test_nbval_compares_intervals_only_where_tanh_is_another(monkeypatch, same):
    """…and only of the cells that say so."""
    monkeypatch.setattr(kernels, "same_tanh", lambda: same)
    exact = object()
    items = [
        types.SimpleNamespace(compare_outputs=exact, cell=nbformat.v4.new_code_cell(metadata=data))
        for data in ({"tags": ["cell-x", "last-bit"]}, {"tags": ["cell-y"]}, {})
    ]
    items.append(types.SimpleNamespace(compare_outputs=exact))  # no cell
    kernels.compare_by_intervals(items)
    assert [item.compare_outputs is exact for item in items] == [same, True, True, True]
    if not same:
        printed = [
            [nbformat.v4.new_output("stream", text=text)]
            for text in ("3 [0.2, 0.4]", "4 [0.3, 0.5]", "9 [0.8, 1.0]")
        ]
        assert items[0].compare_outputs(printed[1], printed[0])
        assert not items[0].compare_outputs(printed[2], printed[0])
        assert "got '9 [0.8, 1.0]'" in items[0].comparison_traceback[0]


def test_another_tanh_is_noticed(monkeypatch):
    true = np.tanh
    monkeypatch.setattr(np, "tanh", lambda x: np.nextafter(true(x), 0.0))
    assert not kernels.same_tanh()


def test_a_cell_that_shows_something_else_is_named(monkeypatch, tmp_path):
    cells = [
        nbformat.v4.new_code_cell(
            source, outputs=[nbformat.v4.new_output("stream", text="1 [0, 2]\n")], metadata=data
        )
        for source, data in (
            ("print('1 [0, 2]')", {}),
            ("import os\nprint(os.environ['N'], '[0, 2]')", {}),
            ("print(os.environ['N'], '[0, 2]')", {"tags": ["last-bit"]}),
        )
    ]
    path = tmp_path / "x.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    monkeypatch.setattr(kernels, "notebook_path", lambda chapter: path)
    env = {**kernels.os.environ, "N": "3"}
    line = "cell 1 (import os): stored '1 [0, 2]', got '3 [0, 2]'"
    assert kernels.differing("x", env, exact=False) == [line]
    assert [found[:6] for found in kernels.differing("x", env, exact=True)] == ["cell 1", "cell 2"]
    assert notebook_path("x") != path


def test_kernels_are_told_by_their_settings_only():
    assert kernels.KERNELS["native"] == {}
    assert all(kernels.KERNELS[name] for name in kernels.KERNELS if name != "native")
