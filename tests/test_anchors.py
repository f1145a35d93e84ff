"""Permanent addresses: what was promised is there, has a name that lasts, and shows its address."""

import re
from collections import Counter

import pytest
from built import soup

from tools import anchors
from tools.book import pages

#: Numbers in the order of a page are no address.
COUNTED = re.compile(r"id\d+$|.*-(?:exercise|solution)-\d+$")


def test_no_page_with_a_promised_address_is_gone():
    assert {address.partition("#")[0] for address in anchors.promised()} <= set(pages())


#: What can be cited, and where in it its link stands.
CITABLE = {
    "div.proof[id]": "p.admonition-title > a.headerlink",
    "div.exercise": "p.admonition-title > a.headerlink",
    "figure": "figcaption a.headerlink",
    "div.math[id]": ".eqno > a.headerlink",
}


@pytest.mark.parametrize("page", pages())
def test_what_can_be_cited_shows_its_address_and_keeps_it(page):
    shown = soup(page)
    gone = {a for a in anchors.promised() if a.startswith(f"{page}#")} - anchors.shown(page, shown)
    assert not gone, "if that is meant, run `python -m tools.anchors --forget`"
    article = shown.find("article")
    ids = Counter(tag["id"] for tag in shown.find_all(id=True))
    assert [name for name, count in ids.items() if count > 1] == []
    assert [tag["id"] for tag in article.find_all(id=COUNTED)] == []
    for thing, place in CITABLE.items():
        for tag in article.select(thing):
            [link] = tag.select(place)
            assert link["href"] == f"#{tag['id']}"
            assert link["aria-label"].startswith("Permanent link to this ")
            assert link["aria-label"] == link["title"]
    # Every proof is one of something that has an address.
    assert all(tag.get("id") or "proof" in tag["class"] for tag in article.select("div.proof"))


def test_the_list_is_of_what_pages_show_and_loses_nothing_unasked(tmp_path, capsys):
    listed = tmp_path / "list.txt"

    def run(place, *options):
        for page in pages():
            path = tmp_path / f"{page}.html"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f'<article><p id="own"><a class="headerlink" href="#{place}">')
        return anchors.main(["--html", str(tmp_path), "--list", str(listed), *options])

    assert run("here") == 0
    before = listed.read_text()
    assert before.split() == sorted(f"{page}#here" for page in pages())
    assert run("there") == 1 and listed.read_text() == before
    assert f"{pages()[1]}#here" in capsys.readouterr().err
    assert run("there", "--forget") == 0
    assert listed.read_text() == before.replace("#here", "#there")
