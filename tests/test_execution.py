"""Filling the execution cache: several notebooks at once, and nothing that has run is lost."""

import json

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


def fill(tmp_path, *paths, workers=2, inputs="same"):
    wanted = dict.fromkeys(paths, inputs)
    return execution.fill(tmp_path / "cache", wanted, timeout=120, workers=workers)


def lacking(tmp_path, *paths, inputs="same"):
    cache = get_cache(str(tmp_path / "cache"))
    return list(execution.lacking(cache, dict.fromkeys(paths, inputs)))


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
    assert lacking(tmp_path, good, bad) == [bad]


def test_what_ran_with_other_inputs_is_gone(tmp_path, notebook):
    one, other = notebook("one", "print('one')"), notebook("other", "print('other')")
    assert sorted(fill(tmp_path, one, other)) == [one, other]
    assert lacking(tmp_path, one, inputs="new") == [one]
    with pytest.raises(KeyError):
        shown(tmp_path, one)
    assert lacking(tmp_path, one, other) == [one]
    assert fill(tmp_path, one, inputs="new") == [one] and lacking(tmp_path, other) == []


def test_a_kernel_of_another_python_is_refused_by_name(tmp_path, notebook, monkeypatch):
    folder = tmp_path / "elsewhere" / "kernels" / "python3"
    folder.mkdir(parents=True)
    argv = ["/elsewhere/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Python 3", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    execution.check_kernel()
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "elsewhere"))
    with pytest.raises(execution.ExecutionError, match="/elsewhere/bin/python"):
        fill(tmp_path, notebook("any", "print(1)"))


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
    assert lacking(tmp_path, *paths) == paths[1:]
