"""List the permanent addresses of a release: ``python -m tools.anchors``.

Where a page shows a link of a thing to itself, it promises the address to whoever uses the link.
``tests/data/anchors.txt`` has those of the last release, one ``page#place`` a line, and the tests
hold the built pages to it. The command, run when a release is made, writes the list anew. It fails
if an address of the list is no longer there; ``--forget`` takes such addresses off it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bs4 import BeautifulSoup

from tools import environment
from tools.book import ROOT, pages, write

HTML = ROOT / "_build" / "html"
LIST = ROOT / "tests" / "data" / "anchors.txt"


def shown(page: str, soup: BeautifulSoup) -> set[str]:
    """Return the addresses that a built page shows."""
    links = soup.select("article a.headerlink[href^='#']")
    return {f"{page}{link['href']}" for link in links}


def built(html: Path = HTML) -> set[str]:
    """Return the addresses that the built pages show.

    Raises
    ------
    FileNotFoundError
        If a page has not been built.
    """
    read = {page: (html / f"{page}.html").read_text(encoding="utf-8") for page in pages()}
    every = (shown(page, BeautifulSoup(text, "html.parser")) for page, text in read.items())
    return set().union(*every)


def promised(path: Path = LIST) -> set[str]:
    """Return the addresses on the list."""
    return set(path.read_text(encoding="utf-8").split()) if path.is_file() else set()


def main(argv: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.anchors", description=__doc__)
    parser.add_argument("--html", type=Path, default=HTML, help="the built pages")
    parser.add_argument("--list", type=Path, default=LIST, help="the list")
    parser.add_argument("--forget", action="store_true", help="take off what is no longer there")
    given = parser.parse_args(argv)
    there, listed = built(given.html), promised(given.list)
    gone = sorted(listed - there)
    if gone and not given.forget:
        print("Promised, and no longer there:", *gone, sep="\n  ", file=sys.stderr)
        return 1
    write(given.list, "".join(f"{address}\n" for address in sorted(there)))
    print(f"{len(there)} addresses, {len(there - listed)} of them new, {len(gone)} forgotten.")
    return 0


if __name__ == "__main__":
    environment.settle()
    sys.exit(main())
