"""Build the book into ``_build/html``, unless the one that stands there is up to date.

Three hashes keep the pages honest. The first is over everything that can change a page; while it
stays the same nothing is done. The second is over everything that can change what the cells of
all chapters compute: it names the folder of the execution cache, because the cache knows only the
cells' source and would go stale when the package or its data changed. The third is over what one
chapter alone uses, and is kept with its execution, so that a new wording of its questions runs
that chapter again and no other.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

import yaml

from tools import environment, execution, proofs
from tools.book import ROOT, write

PAGE_INPUTS = (
    "latchlib",
    "latchbook",
    "book",
    "proofs",
    "pyproject.toml",
    "tools",
    "_config.yml",
    "_toc.yml",
    "requirements.txt",
    "requirements-build.txt",
    "package-lock.json",
)
EXECUTION_INPUTS = ("latchlib", "latchbook", "book", "requirements.txt", "package-lock.json")
#: The page that offers the package and the notebooks.
RUN_IT = Path("book", "run.md")
#: Below book/, what a cell never reads.
NOT_DATA = {".ipynb", ".md", ".bib", ".css"}
NOT_DATA_FOLDERS = {"assets", "claims", "extensions", "templates"}
#: Here a file or folder belongs to the chapter of its name, and to no other.
CHAPTERS = Path("latchbook", "chapters")
#: Written by tools while they run, never read by a page.
SCRATCH_FOLDERS = {"__pycache__", ".ipynb_checkpoints", "node_modules"}
SCRATCH_SUFFIXES = (".pyc", ".pyo", ".partial", ".tmp")
KEPT_CACHES = 3

_GITHUB = re.compile(
    r"^(?:(?:https?|git|ssh)://(?:[^@/]+@)?github\.com(?::\d+)?/|(?:[^@/]+@)?github\.com:)"
    r"(?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?/?$",
    re.IGNORECASE,
)


def github_repository(url: str) -> str | None:
    """Return ``https://github.com/owner/name`` for the URL of a GitHub remote, else None.

    Understands what ``git remote get-url`` can print: https, ssh and git URLs, with or without
    a user, a port and ``.git``, and the short form ``git@github.com:owner/name``.
    """
    match = _GITHUB.match(url.strip())
    return f"https://github.com/{match['owner']}/{match['name']}" if match else None


def origin(root: Path) -> str:
    """Return the URL of the checkout's remote ``origin``, or an empty string."""
    try:
        found = subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", str(root), "remote", "get-url", "origin"],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""


def files(root: Path, names: Iterable[str]) -> list[Path]:
    """Return the files below `names`, sorted, without caches and files under way."""
    found = []
    for name in names:
        top = root / name
        for path in [top] if top.is_file() else top.rglob("*"):
            parts = path.relative_to(root).parts
            if (
                path.is_file()
                and not path.name.startswith(".")
                and not SCRATCH_FOLDERS.intersection(parts)
                and not path.name.endswith(SCRATCH_SUFFIXES)
            ):
                found.append(path)
    return sorted(found)


def execution_inputs(root: Path) -> list[Path]:
    """Return the files, notebooks aside, that can change what any chapter's cells compute."""

    def is_input(path: Path) -> bool:
        top, *below = path.relative_to(root).parts
        if top == "book":
            return not (path.suffix in NOT_DATA or NOT_DATA_FOLDERS.intersection(below))
        own = root / CHAPTERS
        return not path.is_relative_to(own) or path == own / "__init__.py"

    return [path for path in files(root, EXECUTION_INPUTS) if is_input(path)]


def chapter_inputs(root: Path, chapter: str) -> list[Path]:
    """Return the files that can change what the cells of `chapter` compute and no others'."""
    module = (CHAPTERS / chapter.replace("-", "_")).as_posix()
    return files(root, [name for name in (module, f"{module}.py") if (root / name).exists()])


@cache
def surroundings() -> str:
    """Return what a result depends on besides files: interpreter, machine, packages, settings."""
    releases = {f"{found.name}=={found.version}" for found in distributions()}
    machine = [platform.python_version(), sys.platform, platform.machine()]
    fixed = environment.FIXED | environment.FIXED_SLOWER
    return json.dumps([*machine, fixed, sorted(releases)])


def digest(root: Path, paths: Iterable[Path], *, salt: str = "") -> str:
    """Return a hash over the names and contents of `paths`, what runs them, and `salt`."""
    total = hashlib.sha256(f"{surroundings()} {salt}\n".encode())
    for path in paths:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return total.hexdigest()


def merged_config(root: Path, repository: str | None, cache: Path) -> dict:
    """Return the settings of ``_config.yml`` with what depends on the checkout filled in.

    Parameters
    ----------
    root : Path
        The checkout.
    repository : str or None
        Its page on GitHub. None leaves launch buttons and repository links out.
    cache : Path
        Folder of the execution cache.
    """
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    config["execute"]["cache"] = str(cache)
    # Given relative to _config.yml, but read relative to the merged file.
    extensions = config["sphinx"].get("local_extensions") or {}
    config["sphinx"]["local_extensions"] = {
        name: str(root / folder) for name, folder in extensions.items()
    }
    if repository:
        config["repository"]["url"] = repository
        config["html"]["use_repository_button"] = True
        config["launch_buttons"] |= {
            "binderhub_url": "https://mybinder.org",
            "notebook_interface": "jupyterlab",
        }
    return config


def is_current(root: Path, wanted: str) -> bool:
    """Say whether the built pages came from inputs whose hash is `wanted`."""
    stamp = root / "_build" / "html.sha256"
    return (
        (root / "_build" / "html" / "index.html").is_file()
        and stamp.is_file()
        and stamp.read_text(encoding="utf-8").strip() == wanted
    )


def prune(folder: Path, keep: int) -> None:
    """Remove all but the `keep` most recently used folders below `folder`."""
    found = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in found[keep:]:
        shutil.rmtree(path)


def execution_cache(root: Path) -> Path:
    """Return the folder of the execution cache for the present inputs of all chapters."""
    return root / "_build" / "execution" / digest(root, execution_inputs(root))[:16]


def notebooks(root: Path, toc: Path) -> list[Path]:
    """Return the notebooks that a table of contents lists, in reading order."""
    from sphinx_external_toc.parsing import parse_toc_yaml

    paths = (root / f"{name.removesuffix('.ipynb')}.ipynb" for name in parse_toc_yaml(toc))
    return [path for path in paths if path.is_file()]


def run_notebooks(root: Path, toc: Path, cache: Path) -> None:
    """Run those of a table of contents that the execution cache `cache` lacks."""
    cache.mkdir(parents=True, exist_ok=True)
    cache.touch()
    prune(cache.parent, KEPT_CACHES)
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["execute"]
    found = {path: digest(root, chapter_inputs(root, path.stem)) for path in notebooks(root, toc)}
    execution.fill(cache, found, timeout=settings["timeout"])


def sphinx(root: Path, config: Path, toc: Path, output: Path) -> bool:
    """Run Jupyter Book with warnings as errors, and say whether it succeeded.

    It is what ``jupyter-book build -W -n --keep-going --all`` runs; calling it here keeps the
    temporary folder out of what is printed.
    """
    from jupyter_book.sphinx import build_sphinx
    from sphinx.builders.html import StandaloneHTMLBuilder

    overrides = {
        "external_toc_path": toc.as_posix(),
        "latex_individualpages": False,  # jupyter_book takes it out, and fails without it
        "nitpicky": True,
    }
    # It would name the staging folder.
    StandaloneHTMLBuilder.epilog = ""
    result = build_sphinx(
        root,
        output,
        noconfig=True,
        path_config=config,
        builder="html",
        confoverrides=overrides,
        doctreedir=output.with_name("doctrees"),
        freshenv=True,
        warningiserror=True,
        keep_going=True,
        quiet=True,
    )
    return result == 0


def build(root: Path, *, toc: Path) -> bool:
    """Build the book of the checkout `root`, and say whether it succeeded."""
    if (root / proofs.FOLDER).is_dir():
        try:
            proofs.load(root)
        except ValueError as error:
            print(f"The book was not built: {error}", file=sys.stderr)
            return False
    out = root / "_build"
    cache = execution_cache(root)
    config = yaml.safe_dump(merged_config(root, github_repository(origin(root)), cache))
    wanted = digest(root, files(root, PAGE_INPUTS), salt=config + toc.read_text(encoding="utf-8"))
    if is_current(root, wanted):
        print("The book is up to date.")
        return True

    run_notebooks(root, toc, cache)
    write(out / "_config.yml", config)
    print("Writing the pages: about half a minute.", flush=True)
    staging = out / "staging"
    shutil.rmtree(staging, ignore_errors=True)
    if not sphinx(root, out / "_config.yml", toc, staging / "html"):
        print("The book was not built: see the warnings above.", file=sys.stderr)
        return False

    if (root / RUN_IT).is_file():
        from tools import bundle

        try:
            bundle.offer(root, staging / "html")
        except bundle.BundleError as error:
            print(f"The book was not built: {error}", file=sys.stderr)
            return False

    # The old pages stay until the new ones are complete.
    stamp, html, old = out / "html.sha256", out / "html", out / "old"
    stamp.unlink(missing_ok=True)
    shutil.rmtree(old, ignore_errors=True)
    if html.exists():
        html.rename(old)
    (staging / "html").rename(html)
    write(stamp, f"{wanted}\n")
    shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(staging)
    return True


def main(argv: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.build_book", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout to build")
    parser.add_argument("--toc", type=Path, help="another table of contents than _toc.yml")
    given = parser.parse_args(argv)
    root = given.root.resolve()
    try:
        if not build(root, toc=(given.toc or root / "_toc.yml").resolve()):
            return 1
    except (execution.ExecutionError, OSError) as error:
        print(f"The book was not built: {error}", file=sys.stderr)
        return 1
    print(f"Open it: {(root / '_build/html/index.html').as_uri()}")
    print("or run 'make serve' and open http://localhost:8000/")
    return 0


if __name__ == "__main__":
    environment.settle()
    sys.exit(main())
