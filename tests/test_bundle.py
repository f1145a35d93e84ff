"""The zip to take along: what is in it, and that it is whole or not there."""

import json
import zipfile

import pytest

from tools import bundle

IMPORT = {"cell_type": "code", "source": "import latchlib"}


@pytest.fixture
def checkout(tmp_path):
    """A checkout with one page, one notebook and one result, and a wheel."""
    texts = {
        "_build/html/index.html": "<p>Page</p>",
        "_build/html/_static/a.css": "p {}",
        "_build/html/.buildinfo": "x",
        "_toc.yml": "root: book/index\nparts: [{caption: P, chapters: [{file: book/one}]}]\n",
        "book/one.ipynb": json.dumps(
            {"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "# One"}, IMPORT]}
        ),
        "book/data/fig/cell.json": "{}",
        "book/data/fig/cell.json.7.tmp": "{",
        "requirements.txt": "numpy==2\n-e .\n",
        **dict.fromkeys(("LICENSE", "LICENSE-text", "CITATION.cff", "CHANGELOG.md"), "x"),
    }
    for name, text in texts.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    wheel = tmp_path / "latchlib-1.whl"
    wheel.write_bytes(b"wheel")
    return tmp_path, wheel


def test_what_is_in_it(checkout):
    found = bundle.contents(*checkout)
    assert set(found) == {
        *("html/index.html", "html/_static/a.css", "notebooks/one.ipynb", "notebooks/start.ipynb"),
        *("notebooks/data/fig/cell.json", "latchlib-1.whl"),
        *("LICENSE", "LICENSE-text", "CITATION.cff", "CHANGELOG.md"),
        *("requirements.txt", "README.txt"),
    }
    assert b"- [One](one.ipynb)" in found["notebooks/start.ipynb"]
    # A notebook says where the wheel is, for where the package is not.
    assert rb"%pip install \\\"../latchlib-1.whl" in found["notebooks/one.ipynb"]
    assert found["requirements.txt"] == b"numpy==2\nlatchlib-1.whl\n"
    assert b'install "latchlib-1.whl"' in found["README.txt"]


def test_the_built_book_offers_the_wheel_and_the_notebooks(checkout, monkeypatch):
    root, wheel = checkout
    monkeypatch.setattr(bundle, "build_wheel", lambda *args: wheel)
    pages = root / "_build" / "html"
    bundle.offer(root, pages)
    assert {path.name for path in (pages / "run").iterdir()} == {"latchlib-1.whl", "notebooks.zip"}
    with zipfile.ZipFile(pages / "run" / "notebooks.zip") as archive:
        names = archive.namelist()
        readme = archive.read(f"{bundle.TOP}/README.txt").decode()
    assert f"{bundle.TOP}/notebooks/data/fig/cell.json" in names
    assert not [name for name in names if "html" in name] and "html" not in readme


def test_the_same_content_gives_the_same_bytes(checkout, tmp_path):
    found = bundle.contents(*checkout)
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    bundle.write_zip(one, found)
    bundle.write_zip(two, dict(reversed(found.items())))
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as archive:
        assert archive.testzip() is None
        name = f"{bundle.TOP}/html/index.html"
        assert archive.read(name) == b"<p>Page</p>" and len(archive.namelist()) == len(found)


def test_an_interrupted_run_keeps_the_old_zip(checkout, tmp_path):
    target = tmp_path / "all.zip"
    bundle.write_zip(target, {"a": b"1"})
    before = target.read_bytes()
    with pytest.raises(TypeError):
        bundle.write_zip(target, {"a": b"1", "b": None})
    assert target.read_bytes() == before


def test_without_pages_it_says_what_to_do(checkout, monkeypatch, capsys):
    root, wheel = checkout
    (root / "_build" / "html" / "index.html").unlink()
    monkeypatch.setattr(bundle, "build_wheel", lambda *args: wheel)
    assert bundle.main(["--root", str(root)]) == 1
    assert "run `make book` first" in capsys.readouterr().err
    assert not (root / "_build" / f"{bundle.TOP}.zip").exists()


def test_a_wheel_that_cannot_be_built_is_said(tmp_path):
    with pytest.raises(bundle.BundleError, match="the wheel was not built"):
        bundle.build_wheel(tmp_path, tmp_path)
