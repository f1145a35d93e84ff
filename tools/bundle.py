"""One zip with everything: the built pages, the notebooks, and the package as a wheel.

The pages open from disk, explorables and search included. The notebooks need the wheel and
JupyterLab; ``README.txt`` in the zip says how. The built book offers the same without the pages,
and the wheel, on its page *Run it*: :func:`offer`.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tools import environment, start_page
from tools.book import ROOT
from tools.standalone import Source, standalone

TOP = "learning-to-latch"
#: Where the built book offers the wheel and the notebooks.
OFFERED = "run"
NOTEBOOKS = "notebooks.zip"
#: Every file gets this time, so that the same content gives the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)

_TITLE = """Learning to Latch
=================

"""
_READ = """Read it: open html/index.html in a browser. No network is needed.

"""
_RUN = """Run it: with Python 3.11 or newer,

    python -m venv env
    env/bin/python -m pip install "{wheel}" jupyterlab jupyterlab-myst
    env/bin/python -m jupyter lab notebooks/start.ipynb

(on Windows, env\\Scripts\\python). The installation needs a package index; after it no network is
needed. To have the same versions as the book: env/bin/python -m pip install -r requirements.txt
"""


class BundleError(Exception):
    """The zip cannot be made; says why."""


def build_wheel(root: Path, folder: Path) -> Path:
    """Build the wheel of latchlib into `folder` and return its path."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    # What builds it is there already: nothing is fetched.
    command += ["--no-build-isolation"]
    command += ["--wheel-dir", str(folder), str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        raise BundleError(f"the wheel was not built: {done.stderr.strip()[-500:]}")
    return wheels[0]


def contents(root: Path, wheel: Path) -> dict[str, bytes]:
    """Return what goes into the zip, by path.

    Raises
    ------
    BundleError
        If there are no built pages.
    """
    html = root / "_build" / "html"
    if not (html / "index.html").is_file():
        raise BundleError("there is no built book in _build/html: run `make book` first")
    found = {
        f"html/{path.relative_to(html).as_posix()}": path.read_bytes()
        for path in html.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    return found | runnable(root, wheel, _TITLE + _READ + _RUN)


def runnable(root: Path, wheel: Path, readme: str = _TITLE + _RUN) -> dict[str, bytes]:
    """Return what one needs to run the chapters, by path."""
    found = {}
    source = Source(wheel=f"../{wheel.name}")
    for path in sorted((root / "book").glob("*.ipynb")):
        text = standalone(path.read_text(encoding="utf-8"), source)
        found[f"notebooks/{path.name}"] = text.encode()
    found[f"notebooks/{start_page.NAME}"] = start_page.render(root, folder="").encode()
    for path in sorted((root / "book" / "data").glob("*/*.json")):
        found[f"notebooks/data/{path.parent.name}/{path.name}"] = path.read_bytes()
    found[wheel.name] = wheel.read_bytes()
    for name in ("LICENSE", "LICENSE-text", "CITATION.cff", "CHANGELOG.md"):
        found[name] = (root / name).read_bytes()
    pins = (root / "requirements.txt").read_text(encoding="utf-8")
    # Our own package comes as the wheel beside it.
    found["requirements.txt"] = re.sub(r"(?m)^-e \.$", wheel.name, pins).encode()
    found["README.txt"] = readme.format(wheel=wheel.name).encode()
    return found


def write_zip(path: Path, found: dict[str, bytes]) -> None:
    """Write the zip: the old one, if any, stays until the new one is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(found):
            entry = zipfile.ZipInfo(f"{TOP}/{name}", _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, found[name])
    partial.replace(path)


def offer(root: Path, pages: Path) -> None:
    """Put the wheel, and a zip of what `runnable` returns, below the built pages."""
    folder = pages / OFFERED
    folder.mkdir()
    with tempfile.TemporaryDirectory() as scratch:
        wheel = build_wheel(root, Path(scratch))
        write_zip(folder / NOTEBOOKS, runnable(root, wheel))
        shutil.move(wheel, folder)


def main(argv: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.bundle", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout")
    given = parser.parse_args(argv)
    root = given.root.resolve()
    target = root / "_build" / f"{TOP}.zip"
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = contents(root, build_wheel(root, Path(folder)))
    except BundleError as error:
        print(f"bundle: {error}", file=sys.stderr)
        return 1
    write_zip(target, found)
    print(f"{target.relative_to(root)}: {len(found)} files, {target.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    environment.settle()
    sys.exit(main())
