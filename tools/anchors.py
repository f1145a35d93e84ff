"""Keep the list of permanent addresses: ``python -m tools.anchors``.

An address in the book is a promise to whoever has linked to it. ``tests/data/anchors.txt`` lists
those given so far, one ``page#place`` a line. The command adds the new ones of the built pages. It
fails if one that was promised is no longer there; ``--forget`` takes such addresses off the list.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from bs4 import BeautifulSoup

from tools import environment
from tools.book import ROOT, pages, write

HTML = ROOT / "_build" / "html"
LIST = ROOT / "tests" / "data" / "anchors.txt"
#: What a page needs for itself: notes shown elsewhere, parts of a tab.
OWN = re.compile(r"note-|sd-")
#: Numbers in the order of a page are no address.
COUNTED = re.compile(r"id\d+$|.*-(?:exercise|solution)-\d+$")


def places(page: str) -> list[str]:
    """Return the ids within the text of a built page, given as HTML."""
    article = BeautifulSoup(page, "html.parser").find("article")
    found = article.find_all(id=True) if article else []
    return [tag["id"] for tag in found if not OWN.match(tag["id"])]


def built(html: Path = HTML) -> list[str]:
    """Return the addresses of all built pages, in order of the alphabet.

    Raises
    ------
    FileNotFoundError
        If a page has not been built.
    """
    found = set()
    for page in pages():
        text = (html / f"{page}.html").read_text(encoding="utf-8")
        found |= {f"{page}#{place}" for place in places(text)}
    return sorted(found)


def promised(path: Path = LIST) -> list[str]:
    """Return the addresses on the list."""
    return path.read_text(encoding="utf-8").split() if path.is_file() else []


def main(argv: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.anchors", description=__doc__)
    parser.add_argument("--html", type=Path, default=HTML, help="the built pages")
    parser.add_argument("--list", type=Path, default=LIST, help="the list")
    parser.add_argument("--forget", action="store_true", help="take off what is no longer there")
    given = parser.parse_args(argv)
    there, listed = set(built(given.html)), set(promised(given.list))
    counted = sorted(address for address in there if COUNTED.match(address.partition("#")[2]))
    if counted:
        print("No address, since it counts:", *counted, sep="\n  ", file=sys.stderr)
        return 1
    gone = sorted(listed - there)
    if gone and not given.forget:
        print("Promised, and no longer there:", *gone, sep="\n  ", file=sys.stderr)
        return 1
    given.list.parent.mkdir(parents=True, exist_ok=True)
    write(given.list, "".join(f"{address}\n" for address in sorted(there)))
    print(f"{len(there)} addresses, {len(there - listed)} of them new, {len(gone)} forgotten.")
    return 0


if __name__ == "__main__":
    environment.settle()
    sys.exit(main())
