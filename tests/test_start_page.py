"""The notebook that JupyterLab opens first, and what Binder needs beside it."""

import json
import re
import subprocess
import sys
import tomllib

import nbformat
import pytest
from nbclient import NotebookClient

from tools import environment, start_page
from tools.book import ROOT, chapters


def links(text):
    return re.findall(r"\]\(([^)]+)\)", text)


def test_every_chapter_is_one_click_away_in_reading_order():
    found = links(start_page.render(ROOT))
    assert found == [f"book/{name}.ipynb" for name in chapters(ROOT)]
    assert all((ROOT / path).is_file() for path in found)


def test_in_a_zip_the_chapters_lie_beside_it():
    assert links(start_page.render(ROOT, folder="")) == [f"{n}.ipynb" for n in chapters(ROOT)]


def test_the_saved_one_is_current():
    assert (ROOT / start_page.NAME).read_text(encoding="utf-8") == start_page.render(ROOT)


def test_its_cell_runs_and_shows_sliders_and_a_picture():
    notebook = nbformat.reads(start_page.render(ROOT), as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": ROOT}}).execute()
    [cell] = [cell for cell in notebook.cells if cell.cell_type == "code"]
    [output] = [output for output in cell.outputs if "data" in output]
    assert "application/vnd.jupyter.widget-view+json" in output.data
    assert output.data["image/png"]


def test_lab_opens_it():
    assert f"default_url=/lab/tree/{start_page.NAME}" in (ROOT / "Makefile").read_text()


def test_binder_takes_a_python_that_the_package_accepts():
    # Without runtime.txt Binder takes a version of its own choice, which no test has seen.
    name, version = (ROOT / "runtime.txt").read_text().strip().split("-")
    assert name == "python"
    with (ROOT / "pyproject.toml").open("rb") as stream:
        least = tomllib.load(stream)["project"]["requires-python"]
    assert least == f">={version}"


@pytest.mark.parametrize("name", ["environment.yml", "Dockerfile", "binder", ".binder", "Pipfile"])
def test_nothing_takes_precedence_over_the_requirements_on_binder(name):
    assert not (ROOT / name).exists()


def test_binder_runs_with_the_settings_of_the_tests():
    command = [
        ROOT / "start",
        sys.executable,
        "-c",
        "import json, os; print(json.dumps(dict(os.environ)))",
    ]
    done = subprocess.run(command, env={}, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    settings = environment.FIXED | environment.FIXED_SLOWER
    # Its pip is Binder's own.
    for name in [name for name in settings if not name.startswith("PIP_")]:
        assert found[name] == settings[name]
