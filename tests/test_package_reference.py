"""The reference of the package: a page per module, all names, and links that lead to them."""

import importlib
import pkgutil
import sys
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from built import extension, soup

import latchlib
from tools.book import ROOT, chapters

HTML = ROOT / "_build" / "html"
MODULES = [
    found.name
    for found in pkgutil.walk_packages(latchlib.__path__, "latchlib.")
    if not any(part.startswith("_") for part in found.name.split("."))
]

sys.modules.setdefault("symbol_notes", extension("symbol_notes"))
reference = extension("package_reference")


@pytest.mark.parametrize("module", MODULES)
def test_a_page_has_all_that_the_module_offers_and_its_links_lead_somewhere(module):
    path = HTML / "package" / f"{module}.html"
    page = soup(f"package/{module}")
    article = page.select_one("article")
    assert article.select_one("h1").get_text().removesuffix("#") == module
    ids = {node["id"] for node in page.select("[id]")}
    for name in importlib.import_module(module).__all__:
        address, _, anchor = reference.place(f"{module}.{name}").partition("#")
        assert anchor in ids or soup(address).find(id=anchor) is not None, name
    levels = [int(node.name[1]) for node in article.select("h1, h2, h3, h4")]
    assert all(b <= a + 1 for a, b in pairwise(levels))
    for link in article.select("a[href]"):
        target, _, anchor = link["href"].partition("#")
        there = (path.parent / target).resolve() if target else path
        assert there.is_file()
        assert not anchor or soup(str(there.relative_to(HTML))).find(id=anchor)
    # Nothing of the markup is left, nor an address of the memory.
    text = article.get_text()
    assert "``" not in text and ":func:" not in text and " at 0x" not in text
    assert path.stat().st_size < 150_000


def test_the_list_has_every_module():
    links = soup("book/package").select("article li a.reference")
    assert [link.get_text() for link in links] == sorted(MODULES)


def test_the_first_mention_of_a_name_leads_to_it():
    found = 0
    for chapter in chapters():
        links = soup(f"book/{chapter}").select("article a[href^='../package/']")
        named = [link["href"] for link in links]
        assert len(set(named)) == len(named), chapter
        for link in links:
            path, _, anchor = link["href"].removeprefix("../").partition("#")
            assert (
                link.get_text().partition("(")[0].split(".")[-1]
                == (anchor or path[:-5]).split(".")[-1]
            )
        found += len(named)
    assert found > 10
    row = soup("book/notation").find(id="symbol-latch-neuron-h-star").find_parent("tr")
    assert row.select_one("a[href='../package/latchlib.neuron.html#latchlib.neuron.h_star']")


SAID = """Return a number.

More, with ``p in W`` and `w < 1`, see :func:`latchlib.neuron.h_star`::

    a_t = |b|_c * d

- one
- two
  lines

Parameters
----------
w : float
    Weight, below \\alpha.
**rest
    The rest.

Raises
------
ValueError
    If not.
"""


def test_a_docstring_as_html():
    soup = BeautifulSoup(reference.described(SAID), "html.parser")
    assert [code.get_text() for code in soup.select("p code")] == [
        "p in W",
        "w < 1",
        "latchlib.neuron.h_star",
    ]
    assert soup.select_one("p a")["href"] == "latchlib.neuron.html#latchlib.neuron.h_star"
    assert soup.pre.get_text() == "a_t = |b|_c * d"
    assert [item.get_text() for item in soup.select("li")] == ["one", "two\n  lines"]
    terms = [term.get_text() for term in soup.select("dt")]
    assert terms == ["w float", "**rest", "ValueError"]
    assert soup.dd.get_text() == "Weight, below \\alpha."
