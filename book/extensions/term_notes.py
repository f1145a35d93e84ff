"""Sphinx extension: the first use of a glossary's term in a chapter explains it.

The entries of ``book/glossary.md`` are the only source. In each chapter the first time that the
running text uses a term, in singular or plural, it becomes a link to its entry; what the entry says
goes with it, and ``symbol-notes.js`` shows it as it shows what a symbol means. An entry may have
several terms, a line each, and explains itself once a chapter, whichever of them is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from symbol_notes import (
    chapters,
    is_running_text,
    note_id,
    simple,
    symbol_link,
    symbol_notes,
)

PAGE = "book/glossary"
#: Terms that are everyday words too: their first use would as often be another.
EVERYDAY = {"budget", "certified", "cost", "head", "leak", "presentation", "room"}
#: What leads on to a chapter is for the glossary; the note is a definition.
_SEE = re.compile(r"\s*See\s*$")
_NOT_TEXT = nodes.math | nodes.math_block | nodes.literal | nodes.literal_block | nodes.comment


@dataclass(frozen=True)
class Entry:
    """An entry of the glossary."""

    term: str
    anchor: str
    definition: tuple[nodes.Node, ...]


def read_entries(document: nodes.document) -> dict[str, Entry]:
    """Return the entries of the glossary by each of their terms."""
    found = {}
    for item in document.findall(nodes.definition_list_item):
        terms = [child for child in item.children if isinstance(child, nodes.term)]
        said = []
        for node in simple(item.children[-1]):
            if isinstance(node, nodes.Text) and _SEE.search(node):
                said.append(nodes.Text(_SEE.sub("", node)))
                break
            said.append(node)
        entry = Entry(terms[0].astext(), terms[0]["ids"][0], tuple(said))
        found |= {term.astext(): entry for term in terms}
    return found


def pattern(terms: Iterable[str]) -> re.Pattern:
    """Return what finds the terms in a text, the longest first, in singular and plural.

    A term begins small, or in a sentence's first word with a capital; an acronym is as it is.
    """

    def form(term: str) -> str:
        first, rest = term[0], term[1:]
        escaped = re.escape(rest).replace(r"\ ", r"\s+")
        if first.islower():
            escaped = f"[{first}{first.upper()}]{escaped}"
        else:
            escaped = first + escaped
        return f"{escaped[:-1]}(?:y|ies)" if term.endswith("y") else f"{escaped}(?:s|es)?"

    forms = "|".join(f"({form(term)})" for term in terms)
    return re.compile(rf"(?<![\w\\-])(?:{forms})(?![\w-])")


def running_texts(parent: nodes.Node) -> Iterator[nodes.Text]:
    """Yield the texts that one reads from top to bottom."""
    for child in parent.children:
        if isinstance(child, nodes.Text):
            yield child
        elif is_running_text(child) and not isinstance(child, _NOT_TEXT):
            yield from running_texts(child)


class TermNotes(SphinxPostTransform):
    """Give the chapters their links to the glossary."""

    # After the symbols.
    default_priority = 901
    formats = ("html",)

    def run(self, **kwargs) -> None:
        if self.env.docname not in chapters(self.app) or PAGE not in self.env.found_docs:
            return
        entries = glossary(self.app)
        terms = sorted(entries, key=len, reverse=True)
        wanted, notes = pattern(terms), {}
        for text in list(running_texts(self.document)):
            self._link(text, [entries[term] for term in terms], wanted, notes)
        if notes:
            self.document.children[0].append(symbol_notes(notes=notes))

    def _link(self, text: nodes.Text, entries: list[Entry], wanted: re.Pattern, notes) -> None:
        page = self.app.builder.get_relative_uri(self.env.docname, PAGE)
        parts, done = [], 0
        for found in wanted.finditer(text):
            entry = entries[found.lastindex - 1]
            if entry.anchor in notes:
                continue
            notes[entry.anchor] = [nodes.Text(f"{entry.term}: "), *_copies(entry.definition)]
            parts.append(nodes.Text(text[done : found.start()]))
            to, described = f"{page}#{entry.anchor}", [note_id(entry.anchor)]
            parts.append(symbol_link("", found[0], to=to, notes=described, classes=["term"]))
            done = found.end()
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(text[done:])])


def _copies(parts: Iterable[nodes.Node]) -> list[nodes.Node]:
    return [part.deepcopy() for part in parts]


def glossary(app: Sphinx) -> dict[str, Entry]:
    """Return the entries that explain themselves, by term."""
    if not hasattr(app, "glossary_entries"):
        found = read_entries(app.env.get_doctree(PAGE))
        app.glossary_entries = {term: found[term] for term in found if term not in EVERYDAY}
    return app.glossary_entries


def setup(app: Sphinx) -> dict:
    """Register the transform."""
    app.setup_extension("symbol_notes")
    app.add_post_transform(TermNotes)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
