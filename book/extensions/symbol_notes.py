"""Sphinx extension: the first use of a symbol in a chapter explains it.

The tables of ``book/notation.md`` are the only source. Every symbol there gets a permanent address,
``symbol-CHAPTER-SYMBOL``. In each chapter the first formula of the running text that holds a symbol
becomes a link to that address, and a note with meaning and Python name goes with it:
``symbol-notes.js`` shows the note to whoever points at the link, reaches it by keyboard or taps it.
Without JavaScript the link is there all the same.

A row holds in the chapters that its column *Where* links to, the first of which defines the
symbol; and where the column says *throughout*, in every chapter without a row of its own. Between
several of these, the one of the nearest chapter before is meant, or else of the first after.

A row that cannot be read is a warning, which names the row and fails a strict build.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

PAGE = "book/notation"
HEAD = ["Symbol", "Meaning", "Python", "Where"]
#: In the column Where: the row holds in the whole book.
EVERYWHERE = "throughout"
SCRIPT = "symbol-notes.js"
#: Sections of a chapter that are no running text: a generated table.
LEFT_OUT_SECTIONS = {"claims-settled-here"}

logger = logging.getLogger(__name__)

# --- reading TeX -------------------------------------------------------------------------

#: What typeset_math.py adds for who copies an equation.
_TEX = re.compile(r'<span class="tex"[^>]*>[^<]*</span>')
_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|.", re.DOTALL)


def _commands(names: str) -> set[str]:
    return {rf"\{name}" for name in names.split()}


_SKIPPED = _commands(r", ; : ! > \ quad qquad left right displaystyle limits") | {r"\ ", "~", "&"}
_SKIPPED |= _commands("big bigl bigr Big Bigl Bigr bigg biggl biggr Bigg Biggl Biggr")
_SAME = {r"\ast": "*", r"\lvert": "|", r"\rvert": "|", r"\mid": "|", r"\vert": "|"}
_SAME |= {r"\le": r"\leq", r"\ge": r"\geq", r"\to": r"\rightarrow"}
_FRACTIONS = _commands("frac tfrac dfrac")
_ACCENTS = _commands("tilde hat bar dot ddot vec widetilde overline mathbf")
_WORDS = _commands("text mathrm operatorname operatorname* textbf textrm mathit")
_IGNORED = _commands("label tag begin end")
#: What stands below these is part of the formula, not of a symbol's name.
_WITH_LIMITS = _commands("sum prod int max min sup inf lim")
#: A superscript that is a power, and not part of a name as in a^* or a^+.
_POWER = re.compile(r"[\w\\/]+$")


@dataclass(frozen=True)
class Atom:
    """A letter, sign or command of a formula with its subscript and superscript."""

    base: str
    below: str = ""
    above: str = ""


@dataclass
class _Reader:
    tokens: list[str]
    place: int = 0
    #: Formulas within the formula: powers, and what stands below a sum.
    inner: list[list[Atom]] = field(default_factory=list)

    def peek(self) -> str:
        while self.place < len(self.tokens) and self.tokens[self.place].isspace():
            self.place += 1
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def next(self) -> str:
        token = self.peek()
        if not token:
            raise ValueError("ends too early")
        self.place += 1
        return token

    def argument(self) -> list[str]:
        """Return the tokens of a group without its braces, or of a single token."""
        first = self.next()
        if first == "}":
            raise ValueError("has a } too many")
        if first != "{":
            # A script such as ^\mathrm{T} takes the word with it.
            return [first, "{", *self.argument(), "}"] if first in _WORDS | _ACCENTS else [first]
        depth, found = 1, []
        while depth:
            if self.place == len(self.tokens):
                raise ValueError("has a { that is not closed")
            token = self.tokens[self.place]
            self.place += 1
            depth += (token == "{") - (token == "}")
            found.append(token)
        return found[:-1]

    def formula(self, tokens: list[str]) -> list[Atom]:
        """Read tokens as a formula of their own."""
        reader = _Reader(tokens)
        atoms = reader.atoms()
        self.inner += reader.inner
        return atoms

    def atoms(self) -> list[Atom]:
        """Read all tokens."""
        found: list[Atom] = []
        while token := self.peek():
            if token in _SKIPPED:
                self.place += 1
            elif token in _IGNORED:
                self.place += 1
                self.argument()
            elif token == "{":
                found += self.scripted(self.formula(self.argument()))
            elif token in _FRACTIONS:
                self.place += 1
                above, below = self.formula(self.argument()), self.formula(self.argument())
                found += [*above, Atom("/"), *below]
            elif token in _ACCENTS | _WORDS:
                self.place += 1
                found += self.scripted([Atom(f"{token}{{{_plain(self.argument())}}}")])
            else:
                self.place += 1
                if token == "}":
                    raise ValueError("has a } too many")
                if token in "^_'":  # on its own, as after a space: it belongs to nothing
                    self.place -= 1
                    token = ""
                found += self.scripted([Atom(_SAME.get(token, token))])
        return found

    def scripted(self, atoms: list[Atom]) -> list[Atom]:
        """Add what stands below and above to the last of `atoms`."""
        last = atoms[-1] if atoms else Atom("")
        below, above = last.below, last.above
        while (token := self.peek()) and token in "^_'":
            self.place += 1
            if token == "'":
                above += "'"
                continue
            script = self.argument()
            if token == "_":
                below += _plain(script)
            else:
                above += _plain(script)
            if token == "^" or last.base in _WITH_LIMITS:
                self.inner.append(self.formula(script))
        return [*atoms[:-1], Atom(last.base, below, above)]


def _plain(tokens: Iterable[str]) -> str:
    return "".join(_SAME.get(t, t) for t in tokens if t not in "{}" and not t.isspace())


def formulas(tex: str) -> list[list[Atom]]:
    r"""Return TeX as atoms: the formula itself, then the formulas within it (powers, limits).

    Spaces and the form in which a thing is written make no difference: ``a_{t}`` is ``a_t``, and
    ``\frac{a}{b}`` is ``a / b``.

    Raises
    ------
    ValueError
        If braces or scripts do not fit together.
    """
    reader = _Reader(_TOKEN.findall(tex))
    try:
        return [reader.atoms(), *reader.inner]
    except ValueError as error:
        raise ValueError(f"the TeX {tex!r} {error}") from None


def _match(wanted: Atom, atom: Atom) -> bool:
    if (wanted.base, wanted.below) != (atom.base, atom.below):
        return False
    return wanted.above == atom.above or (not wanted.above and bool(_POWER.match(atom.above)))


def symbols_in(tex: str, known: Iterable[tuple[Atom, ...]]) -> tuple[list, bool]:
    """Return which of the `known` symbols a formula holds, and whether it is just one of them.

    Where several fit, the longest is meant, and of these the one with the same superscript: in
    ``a^*`` there is no ``a``, in ``w_0`` no ``w``, and in ``w^2`` there is a ``w``.
    """
    found, lines = [], formulas(tex)
    for line in lines:
        place = 0
        while place < len(line):
            fits = [
                symbol
                for symbol in known
                if len(line) - place >= len(symbol)
                and all(map(_match, symbol, line[place : place + len(symbol)]))
            ]
            if not fits:
                place += 1
                continue
            here = line[place:]
            best = max(fits, key=lambda s: (len(s), sum(map(Atom.__eq__, s, here))))
            if best not in found:
                found.append(best)
            place += len(best)
    alone = len(found) == 1 and lines[0] == list(found[0])
    return found, alone


# --- reading the notation page -----------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Row:
    """A row of the notation page."""

    symbols: tuple[str, ...]  # TeX
    anchors: tuple[str, ...]
    chapters: tuple[str, ...]  # documents; the first defines the symbols
    everywhere: bool
    symbol: nodes.Element
    meaning: nodes.Element
    python: nodes.Element
    place: int  # among all rows of the page


@dataclass(frozen=True, eq=False)
class Symbol:
    """A symbol as a chapter uses it."""

    row: Row
    tex: str
    anchor: str


_NAMES = {"*": "star", "+": "plus", "-": "minus", "'": "prime", "/": "by", r"\pm": "plus-minus"}
_SLUG_WORD = re.compile(r"\\(?:operatorname|mathrm|text)\*?\{(\w+)\}|(\\[a-zA-Z]+|\d+|[A-Z]{3,}|.)")


def slug(tex: str) -> str:
    r"""Return a name for a symbol that can stand in an address: ``a^*`` is ``a-star``."""
    words = []
    for word, token in _SLUG_WORD.findall(tex):
        name = word or _NAMES.get(token, token.lstrip("\\"))
        if re.match(r"\w", name) and name not in ("_", "lvert", "rvert"):
            words.append(name)
    return "-".join(words)


def _rows(document: nodes.document) -> Iterator[nodes.row]:
    """Yield the rows of all tables, but for their heads."""
    for body in document.findall(nodes.tbody):
        yield from body.children


def _cells(row: nodes.row) -> list[nodes.Element]:
    return [entry for entry in row.children if isinstance(entry, nodes.entry)]


def read_rows(document: nodes.document, chapters: Iterable[str]) -> tuple[list[Row], list[str]]:
    """Return the rows of the notation page, and what is wrong with it.

    Parameters
    ----------
    document : docutils.nodes.document
        The page as read, its references not yet resolved.
    chapters : iterable of str
        The documents that a row may name.
    """
    chapters, rows, wrong = set(chapters), [], []
    for table in document.findall(nodes.table):
        head = [cell.astext() for r in table.findall(nodes.thead) for cell in _cells(r.children[0])]
        if head != HEAD:
            wrong.append(f"a table has the columns {head}; accepted: {HEAD}")
    for place, row in enumerate(_rows(document)):
        try:
            rows.append(_read(_cells(row), chapters, place))
        except ValueError as error:
            wrong.append(f"the row {_cells(row)[0].astext()!r}: {error}")
    seen: dict[str, Row] = {}
    for row in rows:
        for anchor in row.anchors:
            if anchor in seen:
                wrong.append(f"{anchor} is given twice: a symbol has one row a chapter")
            seen[anchor] = row
    return rows, wrong


def _read(cells: list[nodes.Element], chapters: set[str], place: int) -> Row:
    symbol, meaning, python, where = cells
    symbols = tuple(math.astext() for math in symbol.findall(nodes.math))
    names = symbols or tuple(filter(None, [symbol.astext().split(",")[0].strip()]))
    if not names:
        raise ValueError("has no symbol")
    for tex in symbols:
        if not formulas(tex)[0]:
            raise ValueError("has an empty symbol")
    if not meaning.astext().strip():
        raise ValueError("has no meaning")
    links = [node for node in where.findall(nodes.Element) if "reftarget" in node.attributes]
    places = tuple(_document(link["reftarget"]) for link in links)
    if not places:
        raise ValueError("the column Where links to no chapter")
    for name in places:
        if name not in chapters:
            raise ValueError(f"the column Where names {name!r}, which is no chapter")
    said = "".join(node for node in where.findall(nodes.Text) if node.parent not in links)
    if said.strip(", ") not in ("", EVERYWHERE):
        raise ValueError(f"the column Where says {said.strip(', ')!r}; accepted: {EVERYWHERE!r}")
    names = tuple(f"symbol-{PurePosixPath(places[0]).name}-{slug(name)}" for name in names)
    return Row(symbols, names, places, EVERYWHERE in said, symbol, meaning, python, place)


def _of(node: nodes.Node) -> dict:
    return node.attributes if isinstance(node, nodes.Element) else {}


def _document(target: str) -> str:
    """Return the document that a link on the notation page leads to."""
    path = PurePosixPath(target.lstrip("/").split("#")[0])
    name = path.with_suffix("") if path.suffix in (".ipynb", ".md") else path
    return (name if name.parts[:1] == ("book",) else PurePosixPath(PAGE).parent / name).as_posix()


def symbols_of(
    chapter: str, rows: Iterable[Row], order: list[str]
) -> dict[tuple[Atom, ...], Symbol]:
    """Return the symbols that hold in a chapter, each with the row that explains it."""
    here = order.index(chapter)

    def rank(row: Row) -> tuple[bool, bool, bool, int]:
        away = here - order.index(row.chapters[0])
        return chapter != row.chapters[0], chapter not in row.chapters, away < 0, abs(away)

    known: dict[tuple[Atom, ...], Symbol] = {}
    for row in rows:
        if chapter in row.chapters or row.everywhere:
            # A row of names such as MIN has addresses and no TeX.
            for tex, anchor in zip(row.symbols, row.anchors, strict=False):
                atoms = tuple(formulas(tex)[0])
                if atoms not in known or rank(row) < rank(known[atoms].row):
                    known[atoms] = Symbol(row, tex, anchor)
    return known


# --- the first use -----------------------------------------------------------------------


@dataclass
class Use:
    """A formula of the running text."""

    node: nodes.Element
    section: str
    symbols: list[tuple[Atom, ...]]
    alone: bool

    @property
    def inline(self) -> bool:
        return isinstance(self.node, nodes.math)


def is_running_text(node: nodes.Node) -> bool:
    """Say whether what stands in `node` is text that one reads from top to bottom."""
    if isinstance(node, nodes.title | nodes.reference | nodes.caption | nodes.thead | nodes.raw):
        return False
    given = _of(node)
    if "reftarget" in given or given.get("design_component") == "dropdown":
        return False
    if given.get("nb_element") in ("cell_code", "cell_code_output"):
        return False
    classes = set(given.get("classes", ()))
    return not classes & {"dropdown", "solution", "legend", "cell"} and not (
        LEFT_OUT_SECTIONS & set(given.get("ids", ()))
    )


def running_formulas(parent: nodes.Node, section: str = "") -> Iterator[tuple[nodes.Element, str]]:
    """Yield the formulas of the running text, each with the section of second level it is in."""
    for child in parent.children:
        if isinstance(child, nodes.math | nodes.math_block):
            yield child, section
        elif isinstance(child, nodes.Element) and is_running_text(child):
            second = isinstance(child, nodes.section) and isinstance(child.parent, nodes.section)
            inner = child["ids"][0] if second and not section and child["ids"] else section
            yield from running_formulas(child, inner)


def first_uses(
    document: nodes.document, known: dict[tuple[Atom, ...], Symbol]
) -> list[tuple[nodes.Element, list[Symbol]]]:
    """Return the formulas that are the first use of something, each with its symbols.

    It is the first formula that is nothing but the symbol, if it stands in the same section as the
    first use of all; else the first formula within the text that holds it; else the first that is
    displayed.
    """
    uses = []
    for node, section in running_formulas(document):
        try:
            symbols, alone = symbols_in(node.astext(), known)
        except ValueError:
            continue  # MathJax says what is wrong with it.
        if symbols:
            uses.append(Use(node, section, symbols, alone))
    chosen: dict[int, list[Symbol]] = {}
    for atoms in dict.fromkeys(atoms for use in uses for atoms in use.symbols):
        holding = [use for use in uses if atoms in use.symbols]
        near = [use for use in holding if use.inline and use.section == holding[0].section]
        best = next((use for use in near if use.alone), None)
        best = best or next((use for use in holding if use.inline), holding[0])
        chosen.setdefault(id(best.node), []).append(known[atoms])
    return [(use.node, chosen[id(use.node)]) for use in uses if id(use.node) in chosen]


# --- the pages ---------------------------------------------------------------------------


class symbol_link(nodes.Inline, nodes.TextElement):
    """A link from the first use of a symbol to its row, or of a term to its entry."""


class symbol_notes(nodes.General, nodes.Element):
    """The notes of a page. Its parts are attributes, so that no search finds them as its text."""


def simple(cell: nodes.Element) -> list[nodes.Node]:
    """Return what stands in the paragraphs of a cell: text, formulas and code, but no links."""
    found = []
    parts = [node for paragraph in cell.children for node in paragraph.children]
    for child in (n for p in parts for n in (p.children if isinstance(p, nodes.inline) else [p])):
        if isinstance(child, nodes.Text | nodes.math | nodes.literal):
            found.append(child.deepcopy())
        else:
            found.append(nodes.Text(child.astext()))
    for node in found:
        if isinstance(node, nodes.math):
            node["ids"] = []
    return found


def visit_symbol_link(self, node: symbol_link) -> None:
    """Open a link with the notes that describe it."""
    described = {"aria-describedby": " ".join(node["notes"])}
    self.body.append(self.starttag(node, "a", "", href=node["to"], **described))


def depart_symbol_link(self, node: symbol_link) -> None:
    """Close it, with a word for what takes MathML for nothing; who copies the text has TeX."""
    if "symbol" in node["classes"]:
        self.body.append('<span class="visually-hidden not-copied"> symbol</span>')
    self.body.append("</a>")


def visit_symbol_notes(self, node: symbol_notes) -> None:
    """Write the notes, which ``symbol-notes.js`` shows one or some at a time."""
    self.body.append('<div class="symbol-notes" hidden>\n')
    for anchor, parts in node["notes"].items():
        before = len(self.body)
        self.body.append(f'<div id="{note_id(anchor)}">')
        for part in parts:
            part.walkabout(self)
        self.body.append("</div>\n")
        # Nobody copies from a note, and its text describes a link to who listens.
        self.body[before:] = [_TEX.sub("", "".join(self.body[before:]))]
    self.body.append("</div>\n")
    raise nodes.SkipNode


def note_id(anchor: str) -> str:
    """Return the address of the note that goes with `anchor`."""
    return f"note-{anchor}"


class SymbolNotes(SphinxPostTransform):
    """Give the rows of the notation page their addresses, and the chapters their links to them."""

    # After all references and titles are what they will be.
    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs) -> None:
        rows = notation(self.app)
        if self.env.docname == PAGE:
            self._anchors(rows)
        elif rows and self.env.docname in chapters(self.app):
            self._links(rows)

    def _anchors(self, rows: list[Row]) -> None:
        shown = list(_rows(self.document))
        for row in rows:
            cell = _cells(shown[row.place])[0]
            maths = list(cell.findall(nodes.math))
            for node, anchor in zip(maths, row.anchors, strict=False):
                node["ids"] = [anchor]
            if not maths:
                # Names such as MIN have one address a row.
                cell[0]["ids"] = [row.anchors[0]]

    def _links(self, rows: list[Row]) -> None:
        known = symbols_of(self.env.docname, rows, chapters(self.app))
        notes = {}
        for node, symbols in first_uses(self.document, known):
            if isinstance(node, nodes.math):
                link = self._link(symbols)
                node.replace_self(link)
                link += node
            else:
                line = nodes.paragraph("", "Symbols: ", classes=["symbol-line"])
                for number, symbol in enumerate(symbols):
                    link = self._link([symbol])
                    link += nodes.math(symbol.tex, symbol.tex)
                    line += [nodes.Text(", "), link] if number else [link]
                node.parent.insert(node.parent.index(node) + 1, line)
            for symbol in symbols:
                row = symbol.row
                python = [nodes.Text(". Python: "), *simple(row.python)]
                meaning = [*simple(row.symbol), nodes.Text(": "), *simple(row.meaning)]
                notes[row.anchors[0]] = meaning + python * bool(row.python.astext().strip())
        if notes:
            self.document.children[0].append(symbol_notes(notes=notes))

    def _link(self, symbols: list[Symbol]) -> symbol_link:
        page = self.app.builder.get_relative_uri(self.env.docname, PAGE)
        notes = dict.fromkeys(note_id(symbol.row.anchors[0]) for symbol in symbols)
        to = f"{page}#{symbols[0].anchor}"
        return symbol_link(to=to, notes=list(notes), classes=["symbol"])


def chapters(app: Sphinx) -> list[str]:
    """Return the chapters in the order in which they are read."""
    found, waiting = [], [app.config.root_doc]
    while waiting:
        found.append(waiting.pop(0))
        waiting = [*app.env.toctree_includes.get(found[-1], []), *waiting]
    return [name for name in found if app.env.doc2path(name).endswith(".ipynb")]


def notation(app: Sphinx) -> list[Row]:
    """Return the rows of the notation page, if the book has one; warn of what is wrong with it."""
    if not hasattr(app, "symbol_rows"):
        app.symbol_rows, wrong = [], []
        if PAGE in app.env.found_docs:
            app.symbol_rows, wrong = read_rows(app.env.get_doctree(PAGE), chapters(app))
        for said in wrong:
            logger.warning("%s", said, location=PAGE, type="symbol_notes")
    return app.symbol_rows


def add_script(app: Sphinx, pagename: str, template: str, context: dict, doctree) -> None:
    """Let a page with notes load the script that shows them."""
    if doctree is not None and any(doctree.findall(symbol_notes)):
        app.add_js_file(SCRIPT)


def setup(app: Sphinx) -> dict:
    """Register the transform, its nodes and the script."""
    app.add_node(symbol_link, html=(visit_symbol_link, depart_symbol_link))
    app.add_node(symbol_notes, html=(visit_symbol_notes, None))
    app.add_post_transform(SymbolNotes)
    app.connect("html-page-context", add_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
