"""Every link of the built pages that stays inside the book leads to a page and to a place."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

from tools.book import ROOT, pages

HTML = ROOT / "_build" / "html"


def dead_links(folder: Path) -> list[str]:
    """Return the internal links of the pages in `folder` that lead nowhere."""
    soups = {
        path: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in sorted(folder.rglob("*.html"))
        if not path.relative_to(folder).parts[0].startswith("_")
    }
    places = {
        path: {tag["id"] for tag in soup.find_all(id=True)}
        | {tag["name"] for tag in soup.find_all("a", attrs={"name": True})}
        for path, soup in soups.items()
    }
    found = []
    for path, soup in soups.items():
        for tag in soup.find_all(["a", "link", "script", "img"]):
            url = urlsplit(tag.get("href") or tag.get("src") or "")
            if url.scheme or url.netloc:
                continue
            target = (path.parent / unquote(url.path)).resolve() if url.path else path
            fragment = unquote(url.fragment)
            here = path.relative_to(folder).as_posix()
            if not target.is_file():
                found.append(f"{here}: {url.geturl()}")
            elif fragment and target in places and fragment not in places[target]:
                found.append(f"{here}: {url.geturl()}")
    return found


def test_every_page_of_the_book_is_built():
    built = {path.relative_to(HTML).with_suffix("").as_posix() for path in HTML.rglob("*.html")}
    assert set(pages()) - built == set()


def test_links_lead_somewhere():
    assert dead_links(HTML) == []


def test_a_dead_link_is_found(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "index.html").write_text('<p id="here"></p><a href="book/one.html#there">a</a>')
    (tmp_path / "book" / "one.html").write_text(
        '<p id="there"></p><a href="#there"></a><a href="../index.html#here"></a>'
        '<a href="https://example.org/#x"></a>'
        '<a href="#gone"></a><a href="two.html"></a><a href="../index.html#gone"></a>'
        '<img src="gone.png">'
    )
    assert dead_links(tmp_path) == [
        "book/one.html: #gone",
        "book/one.html: two.html",
        "book/one.html: ../index.html#gone",
        "book/one.html: gone.png",
    ]
