"""The page "Run it": what it offers works from the built pages alone."""

import io
import os
import shlex
import subprocess
import sys
import urllib.request
import zipfile

import nbformat
import pytest

from tools.book import chapters

PAGE = "book/run.html"

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("from_disk", [False, True])
def test_one_line_installs_the_package_from_the_pages(open_page, from_disk, tmp_path):
    page = open_page(PAGE, from_disk=from_disk)
    line = page.locator("pre", has_text="pip install").inner_text().strip()
    assert ("file:///" if from_disk else "http://127.0.0.1") in line
    python, *pip = shlex.split(line)
    assert python == "python" and pip[:3] == ["-m", "pip", "install"]
    # What it builds on is in this environment, and comes from no index.
    alone = ["--no-deps", "--no-index", "--target", str(tmp_path), "--disable-pip-version-check"]
    subprocess.run([sys.executable, *pip, *alone], check=True, capture_output=True, timeout=300)
    code = page.locator("pre", has_text="from latchlib").inner_text().strip()
    *first, last = code.splitlines()
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "\n".join([*first, f"print({last})", "print(fixed_points.__module__)"]),
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert done.stdout.startswith("0.53") and "latchlib.neuron" in done.stdout
    assert (tmp_path / "latchbook" / "explorables" / "static" / "latch.js").is_file()


def test_the_zip_has_every_chapter_and_what_it_reads(open_page, site):
    page = open_page(PAGE)
    address = page.get_by_role("link", name="all notebooks").evaluate("link => link.href")
    with urllib.request.urlopen(address) as answer:
        archive = zipfile.ZipFile(io.BytesIO(answer.read()))
    names = set(archive.namelist())
    top = "learning-to-latch"
    start = nbformat.reads(archive.read(f"{top}/notebooks/start.ipynb").decode(), as_version=4)
    for chapter in chapters():
        assert f"({chapter}.ipynb)" in start.cells[-1].source
        assert f"{top}/notebooks/{chapter}.ipynb" in names
    assert any(name.startswith(f"{top}/notebooks/data/") for name in names)
    command = page.locator("pre", has_text="jupyter lab").inner_text().split()[-1]
    assert command in names


def test_without_javascript_the_wheel_can_still_be_downloaded(open_page):
    page = open_page(PAGE, js=False)
    link = page.get_by_role("link", name="the wheel")
    with page.expect_download() as waiting:
        link.click()
    assert waiting.value.suggested_filename.endswith(".whl")
