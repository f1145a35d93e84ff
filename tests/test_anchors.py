"""Permanent addresses: what was promised is there, has a name that lasts, and shows its address."""

from collections import Counter

import pytest
from bs4 import BeautifulSoup

from tools import anchors
from tools.book import ROOT, pages

HTML = ROOT / "_build" / "html"
UPDATE = "if that is meant, run `python -m tools.anchors`"


@pytest.fixture(scope="module")
def there():
    return set(anchors.built())


def test_no_promised_address_is_gone(there):
    gone = sorted(set(anchors.promised()) - there)
    assert gone == [], f"{UPDATE} with --forget"


def test_every_address_is_on_the_list(there):
    new = sorted(there - set(anchors.promised()))
    assert new == [], UPDATE


def test_no_address_counts(there):
    assert [a for a in sorted(there) if anchors.COUNTED.match(a.partition("#")[2])] == []


#: What can be cited, and where in it its link stands.
CITABLE = {
    "div.proof[id]": "p.admonition-title > a.headerlink",
    "div.exercise": "p.admonition-title > a.headerlink",
    "figure": "figcaption a.headerlink",
    "div.math[id]": ".eqno > a.headerlink",
}


@pytest.mark.parametrize("page", pages())
def test_what_can_be_cited_shows_its_address(page):
    soup = BeautifulSoup((HTML / f"{page}.html").read_text("utf-8"), "html.parser")
    article = soup.find("article")
    ids = Counter(tag["id"] for tag in soup.find_all(id=True))
    assert [name for name, count in ids.items() if count > 1] == []
    for thing, place in CITABLE.items():
        for tag in article.select(thing):
            [link] = tag.select(place)
            assert link["href"] == f"#{tag['id']}"
            assert link["aria-label"].startswith("Permanent link to this ")
            assert link["aria-label"] == link["title"]
    # Every proof is one of something that has an address.
    assert all(tag.get("id") or "proof" in tag["class"] for tag in article.select("div.proof"))


# --- the tool, against lists that are wrong ------------------------------------------------


@pytest.fixture
def site(tmp_path):
    """A built book whose pages all have one place; the function runs the tool on it."""
    for page in pages():
        path = tmp_path / f"{page}.html"
        path.parent.mkdir(exist_ok=True)
        path.write_text('<p id="out"></p><article><p id="here"></p><p id="note-x"></p></article>')

    def run(*options):
        given = ["--html", str(tmp_path), "--list", str(tmp_path / "data" / "list.txt"), *options]
        return anchors.main(given)

    run.list = tmp_path / "data" / "list.txt"
    run.page = tmp_path / f"{pages()[1]}.html"
    return run


def test_the_list_grows_and_nothing_is_lost_from_it(site, capsys):
    assert site() == 0
    assert site.list.read_text().split() == sorted(f"{page}#here" for page in pages())
    site.page.write_text('<article><p id="there"></p></article>')
    before = site.list.read_text()
    assert site() == 1
    assert f"{pages()[1]}#here" in capsys.readouterr().err
    assert site.list.read_text() == before
    assert site("--forget") == 0
    assert f"{pages()[1]}#there" in site.list.read_text().split()
    assert f"{pages()[1]}#here" not in site.list.read_text().split()


@pytest.mark.parametrize("place", ["id12", "book/one-exercise-3", "book/one-solution-4"])
def test_an_address_that_counts_is_refused(site, capsys, place):
    site.page.write_text(f'<article><p id="{place}"></p></article>')
    assert site() == 1
    assert place in capsys.readouterr().err
    assert not site.list.exists()


def test_a_page_that_is_not_built_is_an_error(site):
    site.page.unlink()
    with pytest.raises(FileNotFoundError):
        site()
