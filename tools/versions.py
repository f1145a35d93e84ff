"""Compare the releases that an environment holds with the pinned ones, and with the newest."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

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


def main(argv: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.versions", description=__doc__)
    parser.add_argument("requirements", type=Path, help="the file with the pins")
    parser.add_argument("python", type=Path, help="interpreter of the environment")
    given = parser.parse_args(argv)
    installed, outdated = listed(given.python), listed(given.python, "--outdated")
    lines = differences(pins(given.requirements.read_text(encoding="utf-8")), installed, outdated)
    print("\n".join(lines) or "  none")
    return 0


if __name__ == "__main__":
    sys.exit(main())
