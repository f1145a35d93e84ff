"""Filling the execution cache: several notebooks at once, and nothing that has run is lost."""

import nbformat
import pytest
from jupyter_cache import get_cache

from tools import execution

#: Leaves a mark, and waits until the other notebook has left its own.
MEET = """\
import pathlib, time
pathlib.Path('{mine}').touch()
end = time.monotonic() + 60
while not pathlib.Path('{other}').exists():
    assert time.monotonic() < end, 'nobody came'
    time.sleep(0.05)
print('met {other}')"""


@pytest.fixture
def notebook(tmp_path):
    """Return a function that writes a notebook of one cell, and returns its path."""

    def write(name, source):
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(made, path)
        return path

    return write


def fill(tmp_path, *paths, workers=2):
    return execution.fill(tmp_path / "cache", paths, timeout=120, workers=workers)


def shown(tmp_path, path):
    _, merged = get_cache(str(tmp_path / "cache")).merge_match_into_notebook(
        nbformat.read(path, as_version=4)
    )
    return "".join(output.text for output in merged.cells[0].outputs)


def test_notebooks_run_beside_each_other_and_only_once(tmp_path, notebook):
    here = notebook("here", MEET.format(mine="a", other="b"))
    there = notebook("there", MEET.format(mine="b", other="a"))
    assert sorted(fill(tmp_path, here, there)) == [here, there]
    assert shown(tmp_path, here) == "met b\n" and shown(tmp_path, there) == "met a\n"
    assert fill(tmp_path, here, there) == []


def test_what_fails_is_left_out_and_the_rest_is_kept(tmp_path, notebook):
    good, bad = notebook("good", "print('good')"), notebook("bad", "1 / 0")
    assert fill(tmp_path, bad, good) == [good]
    assert shown(tmp_path, good) == "good\n"
    cache = get_cache(str(tmp_path / "cache"))
    assert list(execution.lacking(cache, [good, bad])) == [bad]


def test_one_notebook_is_left_to_sphinx(tmp_path, notebook):
    assert fill(tmp_path, notebook("only", "print(1)")) == []


def test_an_interrupted_run_keeps_what_has_run(tmp_path, notebook, monkeypatch):
    paths = [notebook(name, f"print('{name}')") for name in ("one", "two", "three")]
    run = execution.single_nb_execution

    def interrupted(made, **settings):
        if "two" in made.cells[0].source:
            raise KeyboardInterrupt
        return run(made, **settings)

    monkeypatch.setattr(execution, "single_nb_execution", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fill(tmp_path, *paths, workers=1)
    cache = get_cache(str(tmp_path / "cache"))
    assert list(execution.lacking(cache, paths)) == paths[1:]
