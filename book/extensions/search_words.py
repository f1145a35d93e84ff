"""Sphinx extension: the search knows numbers, sections, symbols and the names of the package.

Sphinx takes a number apart at its point, and passes over those that are whole. Here 0.53 is one
word of the index and of a query, and so is 1,600, without its comma.

Sphinx's index says which pages hold a word. Here it says too which sections of them do, and where
the notation page explains a symbol, by each way in which one may type it: ``h*``, ``h_star``,
``β(X)``, ``beta``. ``search.js`` does the rest. The names of latchlib, whose pages are no
documents, are listed as Sphinx lists objects.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import package_reference
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish
from symbol_notes import PAGE, notation, slug

INDEX = "searchindex.js"
#: What stands before and after the index, which is JSON.
CALL = ("Search.setIndex(", ")")
#: Between thousands, in text and in TeX.
COMMA = r"(\d)(?:,|\{,\})(?=\d{3}(?!\d))"
#: What one may leave out of a symbol. ``search.js`` does the same to a query.
_LEFT_OUT = re.compile(r"\\(?:operatorname|mathrm|tilde|bar|[lr]vert|var(?=\w))|[\s\\^_{}$~,]")


class EnglishWithNumbers(SearchEnglish):
    """English, with numbers as they are written."""

    _word_re = re.compile(r"\d+\.\d+|\w+")
    #: The same for what a reader types, who may write a decimal comma.
    js_splitter_code = (
        rf'var splitQuery = (query) => query.replace(/{COMMA}/g, "$1")'
        r'.replace(/(\d),(?=\d)/g, "$1.")'
        r".match(/\d+\.\d+|[\p{Letter}\p{Number}_]+/gu) ?? [];"
    )

    def split(self, input: str) -> list[str]:
        """Return the words and numbers of a text."""
        return super().split(re.sub(COMMA, r"\1", input))


# --- sections ----------------------------------------------------------------------------


def _texts(parent: nodes.Element) -> Iterator[str]:
    """Yield the texts of a section, without those of the sections in it."""
    for child in parent.children:
        if isinstance(child, nodes.Text):
            yield child.astext()
        elif not isinstance(child, nodes.section | nodes.comment | nodes.raw):
            yield from _texts(child)


def sections_of(doctree: nodes.document, lang: SearchEnglish) -> list[tuple[str, str, Counter]]:
    """Return the sections of a page below its title: address, heading, and words with counts."""
    found = []
    for section in doctree.findall(nodes.section):
        if section["ids"] and isinstance(section.parent, nodes.section):
            words = Counter(word for text in _texts(section) for word in lang.split(text))
            stems = Counter()
            for word, count in words.items():
                stems[lang.stem(word).lower()] += count
            heading = section.next_node(nodes.title)
            found.append((section["ids"][0], heading.astext() if heading else "", stems))
    return found


def collect(app: Sphinx, pagename: str, template: str, context: dict, doctree) -> None:
    """Keep the sections of a page until the index is written."""
    if doctree is not None and app.builder.search:
        app.search_sections[pagename] = sections_of(doctree, app.builder.indexer.lang)


# --- symbols -----------------------------------------------------------------------------


def typed(tex: str) -> set[str]:
    r"""Return how one may type a symbol: ``\beta(X)`` as beta(x) and beta, ``h^*`` as h*, hstar."""
    whole = _LEFT_OUT.sub("", tex).lower()
    return {whole, re.sub(r"\(.*\)$", "", whole), slug(tex).replace("-", "").lower()}


def symbols(app: Sphinx) -> dict[str, list[list[str]]]:
    """Return for each way to type a symbol the address and chapter of its rows of the notation."""
    found = defaultdict(list)
    for row in notation(app):
        chapter = app.env.titles[row.chapters[0]].astext()
        names = {}
        for tex, anchor in zip(row.symbols, row.anchors, strict=False):
            for name in typed(tex):
                names.setdefault(name, [anchor, chapter])
        for name, place in names.items():
            found[name].append(place)
    return found


def add_package(index: dict) -> None:
    """Add the pages of the package, and what each of them describes, to the index."""
    kind = len(index["objnames"])
    index["objnames"][str(kind)] = ["py", "object", "latchlib"]
    index["objtypes"][str(kind)] = "py:object"
    for name, module in package_reference.modules().items():
        number = len(index["docnames"])
        index["docnames"].append(f"{package_reference.FOLDER}/{name}")
        index["filenames"].append(f"{package_reference.FOLDER}/{name}")
        index["titles"].append(name)
        members = [member for member, _ in package_reference.names_of(module)]
        # Number, kind, priority, address (the name itself), name.
        index["objects"][name] = [[number, kind, 1, "", member] for member in members]


def packed(index: dict, sections: list, counts: dict[str, dict[int, int]]) -> list[list[int]]:
    """Return the sections of each word, in few bytes: for all words of the index in their order.

    Of a page the section that says a word most often comes first, and each number stands as the
    difference to the one before.
    """
    found = []
    for word in sorted(index["terms"].keys() | index["titleterms"].keys()):
        count = counts.get(word, {})
        numbers = sorted(count, key=lambda number: (sections[number][0], -count[number]))
        found.append([b - a for a, b in pairwise([0, *numbers])])
    return found


def extend(app: Sphinx, exception: Exception | None) -> None:
    """Add sections and symbols to the index that Sphinx has written."""
    path = Path(app.outdir) / INDEX
    if exception is not None or not app.search_sections or not path.is_file():
        return
    before, after = CALL
    index = json.loads(path.read_text("utf-8").removeprefix(before).removesuffix(after))
    sections, counts = [], defaultdict(dict)
    for number, name in enumerate(index["docnames"]):
        for anchor, title, words in app.search_sections.get(name, ()):
            for word, count in words.items():
                if app.builder.indexer.lang.word_filter(word):
                    counts[word][len(sections)] = count
            sections.append([number, anchor, title])
    index |= {"sections": sections, "sectionterms": packed(index, sections, counts)}
    if PAGE in index["docnames"]:
        index |= {"symbols": symbols(app), "notation": index["docnames"].index(PAGE)}
    if app.package_listed:
        add_package(index)
    text = json.dumps(index, sort_keys=True, separators=(",", ":"))
    path.write_text(f"{before}{text}{after}", encoding="utf-8")


def setup(app: Sphinx) -> dict:
    """Register the language, and what is added to the index."""
    app.setup_extension("package_reference")
    app.add_search_language(EnglishWithNumbers)
    app.search_sections = {}
    app.connect("html-page-context", collect)
    app.connect("build-finished", extend)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
