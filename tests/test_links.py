"""Every link of the built pages that stays inside the book leads to a page and to a place."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tools.book import ROOT, pages

HTML = ROOT / "_build" / "html"


class Page(HTMLParser):
    """Places and links of a page. A tree of it would take five times as long, for nothing."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.places, self.links = set(), []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.places |= {found.get("id"), found.get("name") if tag == "a" else None}
        if tag in ("a", "link", "script", "img"):
            self.links.append(urlsplit(found.get("href") or found.get("src") or ""))


def dead_links(folder: Path) -> list[str]:
    """Return the internal links of the pages in `folder` that lead nowhere."""
    read = {
        path: Page(path)
        for path in sorted(folder.rglob("*.html"))
        if not path.relative_to(folder).parts[0].startswith("_")
    }
    found = []
    for path, page in read.items():
        for url in page.links:
            if url.scheme or url.netloc:
                continue
            target = (path.parent / unquote(url.path)).resolve() if url.path else path
            place = unquote(url.fragment)
            there = target.is_file()
            if not there or (place and target in read and place not in read[target].places):
                found.append(f"{path.relative_to(folder).as_posix()}: {url.geturl()}")
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
