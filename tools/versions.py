"""Test the book with the newest and with the lowest releases that pyproject.toml allows.

A copy of the checkout gets those releases in an environment of its own, and runs every test there;
only the pictures in the chapters are not compared. At the end stand the releases that are not the
pinned ones. It runs in the user's environment, with the standard library alone: the environment of
the book knows no way to the packages.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.environment import ROOT, source_files

EXTRAS = ("book", "lab", "test")
#: For nbval: each release of Matplotlib lays a figure out in its own way.
PICTURES = r"""[pictures]
regex: (?s)<\?xml.*</svg>
replace: a picture
"""
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;]+)")


def name(package: str) -> str:
    """Return the normalised name of a package (PEP 503)."""
    return re.sub(r"[-_.]+", "-", package).lower()


def pins(text: str) -> dict[str, str]:
    """Return the pinned version of every package that a requirements file names."""
    found = (_PIN.match(line) for line in text.splitlines())
    return {name(match[1]): match[2] for match in found if match}


def listed(python: Path, *options: str) -> list[dict[str, str]]:
    """Return what ``pip list`` says of the environment of an interpreter."""
    command = [str(python), "-m", "pip", "list", "--format", "json", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout)


def differences(
    pinned: dict[str, str], installed: list[dict[str, str]], outdated: list[dict[str, str]]
) -> list[str]:
    """Return a line for each package that differs from its pin, or is not the newest.

    Parameters
    ----------
    pinned : dict
        Version by normalised name.
    installed, outdated : list of dict
        As ``pip list --format json`` gives them, without and with ``--outdated``.
    """
    newest = {name(entry["name"]): entry["latest_version"] for entry in outdated}
    lines = []
    for entry in sorted(installed, key=lambda entry: name(entry["name"])):
        package, version = name(entry["name"]), entry["version"]
        notes = []
        if package in pinned and pinned[package] != version:
            notes.append(f"pinned {pinned[package]}")
        if package in pinned and package in newest:
            notes.append(f"newest {newest[package]}, not taken")
        if notes:
            lines.append(f"  {package} {version}: {'; '.join(notes)}")
    return lines


def requirements(which: str, work: Path) -> str:
    """Return the requirements file of the newest or of the lowest releases."""
    if which == "latest":
        return f"-e .[{','.join(EXTRAS)}]\n"
    python = work / "uv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", "--clear", work / "uv"], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "uv"], check=True)
    command = [python, "-m", "uv", "pip", "compile", ROOT / "pyproject.toml", "--quiet"]
    # Of what is built for this Python: the lowest of all may be older than it.
    command += ["--resolution", "lowest-direct", "--only-binary", ":all:"]
    command += ["--python-version", platform.python_version(), "--no-header", "--no-annotate"]
    command += [f"--extra={extra}" for extra in EXTRAS]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return f"{done.stdout}-e .\n"


def main(argv: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.versions", description=__doc__)
    parser.add_argument("which", choices=("latest", "lowest"))
    parser.add_argument("--make", default="make", help="the command")
    given = parser.parse_args(argv)
    copy = ROOT / "_build" / given.which
    shutil.rmtree(copy, ignore_errors=True)
    for path in source_files(ROOT):
        place = copy / path.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, place, follow_symlinks=False)
    (copy / "requirements.txt").write_text(requirements(given.which, copy / "_build"))
    (copy / "requirements-build.txt").write_text("")
    if shutil.which("git"):
        subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)
        subprocess.run(["git", "add", "--all"], cwd=copy, check=True)
    (copy / "_build").mkdir(exist_ok=True)
    (copy / "_build" / "pictures.cfg").write_text(PICTURES)
    # That requirements.txt holds the pins is the one thing that cannot hold there.
    skipped = "--deselect tests/test_repository.py::test_requirements_are_pinned_and_complete"
    arguments = f"ARGS={skipped} --nbval-sanitize-with _build/pictures.cfg"
    command = [given.make, "-C", copy, "test", f"PYTHON={sys.executable}", arguments]
    done = subprocess.run(command)
    python = copy / ".venv" / "bin" / "python"
    if python.exists():
        names = ("requirements.txt", "requirements-build.txt")
        pinned = pins("".join((ROOT / name).read_text("utf-8") for name in names))
        lines = differences(pinned, listed(python), listed(python, "--outdated"))
        print(f"Releases of test-{given.which} that are not those of requirements.txt:")
        print("\n".join(lines) or "  none")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
