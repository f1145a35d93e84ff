"""Sphinx extension: the book as LaTeX, for ``make pdf`` (``tools/pdf.py`` alone loads it).

What a page does by itself, paper cannot:

- an explorable is its picture, drawn anew as vectors at the setting that the page starts with, and
  the address of the page where it moves;
- a prediction and a drill are asked, and an exercise shows its choices; the answers stand with the
  solutions in a section of their own at the end of the exercises;
- a link says on which page its target is;
- a table gets columns that fit the text, also one that a cell has made as HTML.

Numbers of definitions, theorems and exercises are those of the pages.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import matplotlib as mpl
import yaml
from bs4 import BeautifulSoup, Tag
from docutils import nodes
from matplotlib.figure import Figure
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.transforms.post_transforms.images import ImageConverter
from sphinx.util.texescape import escape
from sphinx.writers.latex import LaTeXTranslator
from sphinx_exercise.nodes import exercise_enumerable_node, exercise_node, solution_node
from sphinx_proof.nodes import NODE_TYPES, proof_node

WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURES = ("image/png", "image/svg+xml")
STYLE = "print.sty"

#: Links whose text only says that there is something elsewhere: on paper the page is said instead.
ONLY_A_LINK = {"cell", "ledger", "map", "the text"}

#: Blocks whose title begins the line of their first paragraph.
RUN_IN = {"latchaside", "latchproof"}

#: What sphinx_proof puts before a proof.
PROOF = "Proof. "

#: Points of a page that the picture of an explorable may take.
MOST_HEIGHT = 480
#: Points of a page that may be asked for; a cell that is higher is broken.
MOST_ROOM = 620

#: What Sphinx writes above the rest of a table.
NUMBER_AGAIN = r"\tablename\ \thetable{} \textendash{} "

#: Size of a picture, in percent, that makes its type nearly as large as that of the text.
SCALE = 78

#: How many characters of a table fit in a line, by the size of its type.
LINES = {"small": 84, "footnotesize": 95, "scriptsize": 107}
#: A column up to this wide is not broken if there is room.
SHORT = 20
#: How many characters of a table that a cell has printed fit in a line.
OUTPUT_LINE = 110
#: A table of more lines than this is broken over pages.
OUTPUT_ROWS = 44
#: From so many rows on a table may be broken over pages.
LONG_TABLE = 8

#: Characters that the text face lacks, and that are mathematics.
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋ₐₕᵢⱼₖₙₜ", "0123456789+-ahijknt", strict=True))
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵏⁿᵗᵀ", "0123456789+-kntT", strict=True))
SYMBOLS = {
    **{"−": "-", "±": r"\pm", "·": r"\cdot", "⋅": r"\cdot", "√": r"\surd", "∂": r"\partial"},
    **{"≤": r"\le", "≥": r"\ge", "≠": r"\ne", "≈": r"\approx", "∞": r"\infty", "′": "'"},
    **{"→": r"\to", "←": r"\leftarrow", "∈": r"\in", "∑": r"\sum", "∇": r"\nabla"},
    **{"α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon"},
    **{"η": r"\eta", "θ": r"\theta", "λ": r"\lambda", "μ": r"\mu", "π": r"\pi", "ρ": r"\rho"},
    **{"σ": r"\sigma", "τ": r"\tau", "φ": r"\varphi", "ω": r"\omega", "ξ": r"\xi"},
    **{"Γ": r"\Gamma", "Δ": r"\Delta", "Λ": r"\Lambda", "Σ": r"\Sigma", "Ω": r"\Omega"},
    **{"½": r"\tfrac12", "∫": r"\int"},
}
_MATHEMATICS = re.compile(
    f"([{''.join(SUBSCRIPTS)}]+)|([{''.join(SUPERSCRIPTS)}]+)|[{''.join(SYMBOLS)}]"
)
#: The beginning of a word that does not fit in a line of code.
_LONG_WORD = re.compile(r"\w{76}(?=\w{5})")
_CALL = re.compile(r'^(predict|drill|check)\("([\w-]+)"', re.MULTILINE)

# It finds the date of matplotlib's own font too early to be true.
logging.getLogger("fontTools").setLevel(logging.ERROR)


class block(nodes.General, nodes.Element):
    """A LaTeX environment; its first child may be a :class:`block_title`."""


class block_title(nodes.TextElement):
    """The title of a block, given to its environment as an argument."""


def latex(text: str) -> nodes.raw:
    """Return a node that is written as it is."""
    return nodes.raw("", text, format="latex")


def with_mathematics(text: str, encode: Callable[[str], str]) -> str:
    """Return a text as LaTeX, with the characters that the text face lacks as mathematics."""
    parts, end = [], 0
    for found in _MATHEMATICS.finditer(text):
        below, above = found.groups()
        if below:
            tex = f"_{{{''.join(map(SUBSCRIPTS.get, below))}}}"
        elif above:
            tex = f"^{{{''.join(map(SUPERSCRIPTS.get, above))}}}"
        else:
            tex = SYMBOLS[found[0]]
        parts += [encode(text[end : found.start()]), rf"\({tex}\)"]
        end = found.end()
    return "".join([*parts, encode(text[end:])])


def escaped(text: str) -> str:
    """Return a text as LaTeX."""
    return with_mathematics(text, lambda part: escape(part, "xelatex"))


def plain(tex: str) -> str:
    """Return a short equation in plain characters."""
    names = {command[1:]: symbol for symbol, command in SYMBOLS.items() if command[0] == "\\"}
    tex = re.sub(r"\\([a-zA-Z]+) ?", lambda found: names.get(found[1], found[1]), tex)
    return re.sub(r"[{}\\]", "", tex)


def docname_of(node: nodes.Node) -> str:
    """Return the page a node of the whole book comes from."""
    while node is not None:
        # Sphinx gives the sections of an assembled book the names of their pages.
        if isinstance(node, (nodes.section, nodes.document)) and "docname" in node:
            return node["docname"]
        node = node.parent
    raise ValueError("node is not part of a page; accepted is a node of the assembled book")


def cells(tree: nodes.Element) -> Iterator[nodes.container]:
    """Go through the code cells."""
    for node in list(tree.findall(nodes.container)):
        if node.get("nb_element") == "cell_code":
            yield node


def source(cell: nodes.Element) -> str:
    """Return the code of a cell."""
    found = [c for c in cell.children if c.get("nb_element") == "cell_code_source"]
    return found[0].astext() if found else ""


# --- explorables, questions --------------------------------------------------------------


def explorable(state: dict):
    """Return the explorable whose state was stored with a page.

    Parameters
    ----------
    state : dict
        Its traits, and where its JavaScript says that it comes from.

    Raises
    ------
    ValueError
        If it is none of ``latchbook.explorables``.
    """
    from latchbook import explorables
    from latchbook.explorables._base import Explorable

    name = str(state.get("_anywidget_id", "")).rpartition(".")[2]
    if name not in explorables.__all__:
        raise ValueError(f"state is that of {name!r}; accepted: {', '.join(explorables.__all__)}")
    kind = getattr(explorables, name)
    traits = kind.class_traits(sync=True)
    ours = {
        name
        for name, trait in traits.items()
        if trait.this_class.__module__.startswith("latchbook.") and not name.startswith("_")
    }
    # Its own __init__ would ask for what the state has been made from.
    widget = kind.__new__(kind)
    Explorable.__init__(widget, **{name: state[name] for name in sorted(ours & state.keys())})
    return widget


def setting(widget) -> str:
    """Return the setting of an explorable in words, if it has more than choices."""
    from latchbook.explorables._base import Slider

    if not any(isinstance(trait, Slider) for trait in widget.traits().values()):
        return ""
    return ", ".join(f"{name}={getattr(widget, name):g}" for name in widget.sliders())


def widget_state(env, docname: str, view: str) -> dict:
    """Return the state of the widget that a view on a page shows."""
    body = NbMetadataCollector.get_js_files(env, docname)["ipywidgets_state"][1]["body"]
    model = json.loads(view.partition(">")[2].rpartition("<")[0])["model_id"]
    return json.loads(body)["state"][model]["state"]


def draw(widget, path: Path) -> None:
    """Draw an explorable at its present setting as PDF."""
    from latchbook import figures

    with mpl.rc_context():
        figures.use_book_style()
        mpl.rcParams["pdf.fonttype"] = 42
        figure = Figure(figsize=widget._size)
        widget._draw(figure)
        partial = path.with_name(f".{path.name}.partial")
        # Neither time nor version in the file, so that the same setting gives the same bytes.
        dated = dict.fromkeys(("CreationDate", "ModDate", "Creator", "Producer"))
        figure.savefig(partial, format="pdf", metadata=dated)
        partial.replace(path)


class PrintWidgets(SphinxPostTransform):
    """Put what can be printed in the place of every widget."""

    # Before myst_nb keeps one media type of each output (4).
    default_priority = 3
    formats = ("latex",)

    def run(self, **kwargs) -> None:
        """Run the transform."""
        for cell in cells(self.document):
            for bundle in list(cell.findall(nodes.container)):
                if bundle.get("nb_element") != "mime_bundle":
                    continue
                parts = {part["mime_type"]: part for part in bundle.children}
                if WIDGET in parts:
                    picture = next((parts[kind] for kind in PICTURES if kind in parts), None)
                    if picture is None:
                        self._question(cell)
                    else:
                        self._explorable(cell, bundle, picture, parts[WIDGET].astext())
                elif "text/html" in parts and (table := html_table(parts["text/html"].astext())):
                    bundle.replace_self(latex(table))
            if cell.get("hide_mode") in {"input", "all", "input+output"} and cell.parent:
                for part in list(cell.children):
                    if part.get("nb_element") == "cell_code_source":
                        cell.remove(part)

    def _explorable(self, cell, bundle, picture, view: str) -> None:
        docname = docname_of(cell)
        widget = explorable(widget_state(self.env, docname, view))
        folder = Path(self.app.outdir, "explorables")
        folder.mkdir(exist_ok=True)
        anchor = next((name for name in cell["names"] if name.startswith("cell-")), "")
        path = folder / f"{docname.rpartition('/')[2]}-{anchor.removeprefix('cell-')}.pdf"
        draw(widget, path)
        self.env.images.add_file(docname, str(path))
        height = 72 * widget._size[1]
        scale = min(SCALE, round(100 * MOST_HEIGHT / height))
        image = nodes.image(uri=str(path), candidates={"application/pdf": str(path)}, scale=scale)
        image["points"] = round(height * scale / 100) + 90
        alts = [node["alt"] for node in picture.findall(nodes.image) if node.get("alt")]
        if not alts:
            raise ValueError(
                f"{docname}: an explorable's picture has no alt text; accepted: "
                "mystnb.image.alt in the metadata of its cell"
            )
        caption = nodes.paragraph("", "", nodes.strong("", "Explorable. "), nodes.Text(alts[0]))
        if words := setting(widget):
            caption += [nodes.Text(" Here "), nodes.literal("", words), nodes.Text(".")]
        caption += [nodes.Text(" On the page it moves: "), page_link(self.app, docname, anchor)]
        caption += nodes.Text(".")
        bundle.replace_self(block("", image, caption, environment="latchexplorable"))

    def _question(self, cell) -> None:
        from latchbook.questions import drills, exercises, predictions
        from latchbook.questions.drill import FIRST

        found = _CALL.search(source(cell))
        if not found:
            raise ValueError(
                f"{docname_of(cell)}: a question in a cell {source(cell)!r}; accepted is one that "
                "calls predict, drill or check"
            )
        kind, name = found.groups()
        answer: list[nodes.Node] = []
        if kind == "check":
            asked = _choices([nodes.paragraph("", c) for c in exercises()[name].choices])
        elif kind == "predict":
            prediction = predictions()[name]
            asked = [nodes.paragraph("", prediction.question)]
            asked += _choices([nodes.paragraph("", c.text) for c in prediction.choices])
            answer = _choices(
                [
                    nodes.paragraph("", "", nodes.emphasis("", said), nodes.Text(f" {c.reason}"))
                    for c in prediction.choices
                    for said in ["Right." if c.right else "Not so."]
                ]
            )
        else:
            drill = drills()[name].question(FIRST)
            asked, answer = [nodes.paragraph("", drill.text)], [nodes.paragraph("", drill.shown)]
        if not asked:
            cell.parent.remove(cell)
            return
        made = block("", *asked, environment="latchask", kind=kind, answer=answer)
        made["label"] = name
        cell.replace_self(made)


def _choices(items: list[nodes.paragraph]) -> list[nodes.Node]:
    if not items:
        return []
    listed = nodes.enumerated_list(enumtype="loweralpha", prefix="(", suffix=")")
    listed += [nodes.list_item("", item) for item in items]
    return [listed]


def page_link(app: Sphinx, docname: str, anchor: str) -> nodes.Node:
    """Return a link to the page online, or its name if it is not known where the book is."""
    page = f"{docname}.html" + (f"#{anchor}" if anchor else "")
    if not app.config.printed_book_url:
        return nodes.literal("", page)
    address = app.config.printed_book_url + page
    return nodes.reference("", address, refuri=address)


# --- solutions at the end of a chapter's exercises ---------------------------------------


class GatherSolutions(SphinxPostTransform):
    """Move the answers to a section at the end of a chapter's exercises."""

    # After sphinx_exercise has made the titles (20 to 22).
    default_priority = 40
    formats = ("latex",)

    def run(self, **kwargs) -> None:
        """Run the transform."""
        for file in list(self.document.findall(addnodes.start_of_file)):
            moved = [*self._asked(file), *self._solved(file)]
            if not moved:
                continue
            place = next(
                (
                    section
                    for section in file.findall(nodes.section)
                    if section[0].astext() == "Exercises"
                ),
                moved[0][0],
            )
            label = f"solutions-{file['docname'].replace('/', '-')}"
            title = nodes.title("", "Answers and solutions")
            place += nodes.section("", title, *(made for _, made in moved), ids=[label])

    def _asked(self, file) -> Iterator[tuple[nodes.Node, nodes.Node]]:
        for asked in list(file.findall(block)):
            if asked.get("kind") not in {"predict", "drill"}:
                continue
            name = "The prediction" if asked["kind"] == "predict" else "The drill"
            answer = list(asked["answer"])
            asked["answer"] = []
            following = asked.next_node(descend=False, siblings=True)
            if isinstance(following, nodes.container) and is_dropdown(following, "Answer"):
                answer = [*following.children[1:], *answer]
                following.parent.remove(following)
            label = f"answer-{asked['kind']}-{file['docname'].replace('/', '-')}"
            title = block_title("", name)
            yield asked.parent, block("", title, *answer, environment="latchsolution", ids=[label])
            asked += latex(rf"\latchanswerat{{{file['docname']}:{label}}}")

    def _solved(self, file) -> Iterator[tuple[nodes.Node, nodes.Node]]:
        asked = {e["label"]: e for e in file.findall(_is_exercise)}
        for choices in [b for b in file.findall(block) if b.get("kind") == "check"]:
            choices.parent.remove(choices)
            asked[choices["label"]] += choices.children
        for solution in list(file.findall(solution_node)):
            exercise = asked[solution["target_label"]]
            title = block_title("", "", *exercise[0].deepcopy().children)
            parent = solution.parent
            parent.remove(solution)
            made = block("", title, *solution.children[1:], environment="latchsolution")
            made["ids"] = [solution["label"]]
            yield parent, made
            label = f"{file['docname']}:{solution['label']}"
            exercise += latex(rf"\latchsolutionat{{{label}}}")


def _is_exercise(node: nodes.Node) -> bool:
    return isinstance(node, (exercise_node, exercise_enumerable_node))


def is_dropdown(node: nodes.Node, title: str | None = None) -> bool:
    """Say whether a node folds on the page, and has the title."""
    if not (isinstance(node, nodes.container) and node.get("design_component") == "dropdown"):
        return False
    return title is None or (bool(node.get("has_title")) and node[0].astext() == title)


def is_proof(node: nodes.Node) -> bool:
    """Say whether a node is a proof, which sphinx_proof makes an admonition without a number."""
    return isinstance(node, nodes.admonition) and "proof" in node["classes"]


# --- parts and chapters ------------------------------------------------------------------


class Parts(SphinxPostTransform):
    """Put a heading before each part, and what stands on the first page into a chapter."""

    default_priority = 50
    formats = ("latex",)

    def run(self, **kwargs) -> None:
        """Run the transform."""
        toc = yaml.safe_load(Path(self.config.external_toc_path).read_text(encoding="utf-8"))
        parts = {p["chapters"][0]["file"]: p for p in toc.get("parts", [])}
        for file in list(self.document.findall(addnodes.start_of_file)):
            if part := parts.get(file["docname"]):
                depth = r"\latchnumbered" if part.get("numbered") else r"\latchunnumbered"
                heading = latex(rf"{depth}\part{{{escaped(part['caption'])}}}")
                file.parent.insert(file.parent.index(file), heading)
        top = next(iter(self.document.findall(nodes.section)), None)
        if top is None or isinstance(top.parent, addnodes.start_of_file):
            return
        own = [n for n in top.children[1:] if not any(n.findall(addnodes.start_of_file))]
        for node in own:
            top.remove(node)
        title = nodes.title("", "About this book")
        top.insert(1, nodes.section("", title, *own, *self._in_print(), ids=["about-this-book"]))
        top.insert(1, latex(r"\latchunnumbered"))

    def _in_print(self) -> list[nodes.Node]:
        url = self.config.printed_book_url
        where = nodes.paragraph("", "This is the printed form. In the other, the pages, ")
        where += nodes.Text("the explorables move, an answer is judged as you type it, and a drill")
        where += nodes.Text(" asks with new numbers. Those pages are ")
        if url:
            where += [nodes.Text("at "), nodes.reference("", url, refuri=url), nodes.Text(".")]
        else:
            where += [
                nodes.Text("built by "),
                nodes.literal("", "make book"),
                nodes.Text(" in the folder of the book; open "),
                nodes.literal("", "_build/html/index.html"),
                nodes.Text(". The names of pages under the explorables are those of files there."),
            ]
        text = (
            "Every explorable is shown at the setting that its page starts with. The answers to "
            "predictions and drills, and the solutions of the exercises, stand at the end of each "
            "chapter's exercises. Page numbers after a reference say where it leads."
        )
        title = nodes.title("", "On paper")
        return [nodes.section("", title, where, nodes.paragraph("", text), ids=["on-paper"])]


# --- boxes -------------------------------------------------------------------------------


class Boxes(SphinxPostTransform):
    """Turn definitions, exercises, admonitions and what folds into environments."""

    # After every reference to them has been resolved.
    default_priority = 300
    formats = ("latex",)

    def run(self, **kwargs) -> None:
        """Run the transform."""
        numbered = tuple(NODE_TYPES.values())
        for node in list(self.document.findall(nodes.Element)):
            if isinstance(node, numbered):
                self._statement(node)
            elif isinstance(node, proof_node):
                node.replace_self(node.children)
            elif is_proof(node):
                self._proof(node)
            elif _is_exercise(node):
                self._box(node, "exercise", node[0].children, node.children[1:])
            elif isinstance(node, nodes.Admonition):
                titled = node.children and isinstance(node[0], nodes.title)
                title = node[0].children if titled else [nodes.Text(node.tagname.title())]
                self._box(node, "note", title, node.children[1:] if titled else node.children)
            elif is_dropdown(node):
                titled = node.get("has_title")
                title = node[0].children if titled else [nodes.Text("More")]
                rest = node.children[1:] if titled else node.children
                made = block("", block_title("", "", *title), *rest, environment="latchaside")
                made["ids"] = [*node["ids"], *(node[0]["ids"] if titled else [])]
                node.replace_self(made)

    def _statement(self, node) -> None:
        number = self.env.toc_fignumbers.get(docname_of(node), {})
        number = number.get(node["countertype"], {}).get(node["ids"][0], ())
        name = f"{node['realtype'].title()} {'.'.join(map(str, number))}".strip()
        titled = isinstance(node[0], nodes.title)
        title: list[nodes.Node] = [nodes.Text(name)]
        if titled and node[0].children:
            inner = list(node[0].children)
            first = inner[0].astext()
            # sphinx_proof writes " (title)", or " %s" where there is none.
            if first.strip() not in {"", "%s"}:
                title += inner
        self._box(node, "statement", title, node.children[1:] if titled else node.children)

    def _proof(self, node) -> None:
        first = next(iter(node.findall(nodes.Text)), None)
        if first is not None and first.startswith(PROOF):
            first.parent.replace(first, nodes.Text(first.removeprefix(PROOF)))
        # They all have the same name, and nothing can refer to it.
        node["ids"] = []
        title = block_title("", PROOF.strip())
        node.replace_self(block("", title, *node.children, environment="latchproof"))

    def _box(self, node, kind: str, title, rest) -> None:
        head = block_title("", "", *title)
        made = block("", head, *rest, environment="latchbox", option=kind, ids=node["ids"])
        node.replace_self(made)


# --- tables ------------------------------------------------------------------------------


def width(node: nodes.Node) -> tuple[int, int]:
    """Return about how many characters wide a node is, and its longest word."""
    text = ""
    for leaf in node.findall(nodes.Text):
        part = leaf.astext()
        if isinstance(leaf.parent, nodes.math):
            part = "x" * len(re.sub(r"\\[a-zA-Z]+|[{}_^\\ ]", "x", part))
        text += part
    # A link says its page, or its chapter, or nothing but its page.
    for link in node.findall(nodes.reference):
        if link.astext() in ONLY_A_LINK:
            text = text.replace(link.astext(), "p. 999", 1)
        elif "refuri" not in link or "://" not in link["refuri"]:
            text += " (chapter 99)"
    words = re.split(r"[\s/]|(?<=[a-z])-(?=[a-z])", text)
    return len(text), max(map(len, words), default=0)


def columns(table: nodes.table) -> tuple[str, str]:
    """Return the LaTeX columns of a table, as wide as the text at most, and the size of its type.

    Every column is as wide as its longest word. What is left goes to columns of short texts, which
    then need not be broken, and to the others by the length of their texts.
    """
    rows = [row.children for row in table.findall(nodes.row)]
    count = max(map(len, rows), default=0)
    least, most, right = [2] * count, [2] * count, [False] * count
    totals = [1] * count
    for row in rows:
        for k, entry in enumerate(row):
            full, word = width(entry)
            most[k], least[k] = max(most[k], full), max(least[k], word + 1)
            totals[k] += full
            right[k] |= "text-right" in entry.get("classes", [])
    size, line = next(iter(LINES.items()))
    if sum(most) + 2 * count <= line:
        return "".join("r" if r else "l" for r in right), size
    for size, line in LINES.items():  # noqa: B007, the last one if no line is long enough
        if sum(least) + 2 * count <= line:
            break
    chars = list(map(min, least, most))
    spare = max(line - 2 * count - sum(chars), 0)
    for k in sorted(range(count), key=lambda k: most[k]):
        if most[k] <= SHORT and most[k] - chars[k] <= spare:
            spare -= most[k] - chars[k]
            chars[k] = most[k]
    weights = [
        0.0 if c >= m else (t / len(rows)) ** 0.6
        for c, m, t in zip(chars, most, totals, strict=True)
    ]
    whole = sum(weights) or 1.0
    wide = [c + spare * w / whole + 2 for c, w in zip(chars, weights, strict=True)]
    spec = []
    for share, flush in zip(wide, right, strict=True):
        side = r"\raggedleft" if flush else r"\raggedright"
        part = rf"\dimexpr{share / sum(wide):.4f}\linewidth-2\tabcolsep"
        spec.append(rf">{{{side}\arraybackslash}}p{{{part}}}")
    return "".join(spec), size


class Rooms(SphinxPostTransform):
    """Keep a figure with the code that draws it, and both with the words that lead to them."""

    default_priority = 320
    formats = ("latex",)

    def run(self, **kwargs) -> None:
        """Run the transform."""
        for cell in cells(self.document):
            if cell.next_node(nodes.image) is None:
                continue
            first, points = cell, room_for(cell)
            if (before := previous(first)) is not None and isinstance(before, nodes.paragraph):
                first, points = before, points + 15 * (1 + len(before.astext()) // 85)
            if isinstance(previous(first), nodes.title):
                first, points = first.parent, points + 50
            room = latex(rf"\latchroom{{{min(points, MOST_ROOM)}pt}}")
            first.parent.insert(first.parent.index(first), room)


def previous(node: nodes.Node) -> nodes.Node | None:
    """Return what stands before a node in its parent, other than a target."""
    before = node.parent.children[: node.parent.index(node)]
    return next((n for n in reversed(before) if not isinstance(n, nodes.target)), None)


class TableColumns(SphinxPostTransform):
    """Choose the columns of every table."""

    default_priority = 310
    formats = ("latex",)

    def run(self, **kwargs) -> None:
        """Run the transform."""
        for table in list(self.document.findall(nodes.table)):
            spec, table["size"] = columns(table)
            tabular = addnodes.tabular_col_spec(spec=spec)
            table.parent.insert(table.parent.index(table), tabular)
            table["classes"] = [c for c in table["classes"] if c != "colwidths-auto"]
            long = sum(1 for _ in table.findall(nodes.row)) >= LONG_TABLE
            if long and not isinstance(table.parent, block):
                table["classes"].append("longtable")


def html_table(html: str) -> str:
    """Return the first table of an HTML output as LaTeX, or an empty string if there is none."""
    table = BeautifulSoup(html, "html.parser").find("table")
    if table is None:
        return ""
    head = [_cells(row) for row in table.select("thead tr")]
    body = [_cells(row) for row in table.find_all("tr") if row.find_parent("thead") is None]
    count = max(sum(span for _, span, _ in row) for row in [*head, *body])
    if characters(body, count) > OUTPUT_LINE:
        # An interval goes below its number, the second half of a name below the first.
        body = [
            [([part for line in lines for part in parted(line)], *rest) for lines, *rest in row]
            for row in body
        ]
    caption = escaped(table.caption.get_text(" ", strip=True)) if table.caption else ""
    titles = [_row(row, bold=True) for row in head]
    rows = []
    for row in body:
        group = len(row) == 1 and row[0][1] > 1
        rows += [*([r"\addlinespace"] if group else []), _row(row, bold=group)]
    spec = f"{{@{{}}l{'r' * (count - 1)}@{{}}}}"
    if sum(max(len(lines) for lines, _, _ in row) for row in body) > OUTPUT_ROWS:
        lines = [rf"\begin{{latchlongoutputtable}}\begin{{longtable}}{spec}"]
        lines.append(rf"\multicolumn{{{count}}}{{c}}{{\textbf{{{caption}}}}} \\ \addlinespace")
        lines += [r"\toprule", *titles, r"\midrule", r"\endfirsthead"]
        lines += [r"\toprule", *titles, r"\midrule", r"\endhead", r"\bottomrule", r"\endfoot"]
        end = r"\end{longtable}\end{latchlongoutputtable}"
        return "\n".join([*lines, *rows, end, ""])
    lines = [rf"\begin{{latchoutputtable}}{{{caption}}}", rf"\begin{{tabular}}{spec}"]
    lines += [r"\toprule", *titles, r"\midrule", *rows, r"\bottomrule", r"\end{tabular}"]
    return "\n".join([*lines, r"\end{latchoutputtable}", ""])


def characters(rows: list[list[tuple[list[str], int, bool]]], count: int) -> int:
    """Return how many characters wide a table of an output is."""
    widths = [0] * count
    for row in rows:
        if len(row) == count:
            for k, (lines, _, _) in enumerate(row):
                widths[k] = max(widths[k], *map(len, lines))
    return sum(widths) + 3 * count


def parted(line: str) -> list[str]:
    """Return a number and its interval apart."""
    if " [" in line:
        return line.replace(" [", "\n[").split("\n")
    return line.replace(", ", ",\n").split("\n") if line[:1].isalpha() else [line]


def _cells(row: Tag) -> list[tuple[list[str], int, bool]]:
    found = []
    for cell in row.find_all(["th", "td"]):
        for line_break in cell.find_all("br"):
            line_break.replace_with("\n")
        lines = [" ".join(line.split()) for line in cell.get_text().split("\n")]
        found.append((lines, int(cell.get("colspan", 1)), cell.get("scope") == "row"))
    return found


def _row(row: list[tuple[list[str], int, bool]], *, bold: bool) -> str:
    made = []
    for k, (lines, span, _) in enumerate(row):
        side = "l" if k == 0 else "r"
        made_lines = [escaped(line) for line in lines]
        if bold:
            made_lines = [rf"\textbf{{{line}}}" for line in made_lines]
        text = r"\\".join(made_lines)
        if len(lines) > 1:
            text = rf"\latchlines{{{side}}}{{{text}}}"
        made.append(rf"\multicolumn{{{span}}}{{@{{}}l}}{{{text}}}" if span > 1 else text)
    return " & ".join(made) + r" \\"


# --- code and what it prints -------------------------------------------------------------


class LongWords(SphinxPostTransform):
    """Break what Sphinx cannot break in code: a word longer than a line."""

    default_priority = 330
    formats = ("latex",)

    def run(self, **kwargs) -> None:
        """Run the transform."""
        for code in list(self.document.findall(nodes.literal_block)):
            text = code.astext()
            broken = _LONG_WORD.sub(lambda found: f"{found[0]}↩\n", text)
            if broken != text and code.rawsource == text:
                code.rawsource = broken
                code.children = []
                code += nodes.Text(broken)


# --- pictures ----------------------------------------------------------------------------


class VectorPictures(ImageConverter):
    """Turn SVG into PDF, which is vectors too; a picture that is known is taken as it is."""

    conversion_rules: ClassVar = [("image/svg+xml", "application/pdf")]
    available = True

    def convert(self, _from: str, _to: str) -> bool:
        """Write `_from` to `_to` as PDF."""
        data = Path(_from).read_bytes()
        store = Path(self.app.outdir, "pictures")
        store.mkdir(exist_ok=True)
        kept = store / f"{hashlib.sha256(data).hexdigest()[:16]}.pdf"
        if not kept.is_file():
            partial = kept.with_suffix(".partial")
            command = ["rsvg-convert", "--format=pdf", f"--output={partial}", str(_from)]
            try:
                subprocess.run(command, check=True, capture_output=True, text=True)
            except FileNotFoundError:
                raise ExtensionError("no rsvg-convert (Debian: librsvg2-bin)") from None
            except subprocess.CalledProcessError as error:
                raise ExtensionError(f"{_from} is no picture: {error.stderr}") from None
            partial.replace(kept)
        Path(_to).write_bytes(kept.read_bytes())
        return True


# --- LaTeX -------------------------------------------------------------------------------


class Translator(LaTeXTranslator):
    """Sphinx's, with pages after references."""

    def visit_Text(self, node: nodes.Text) -> None:
        """Write a text, outside code with mathematics for what the text face lacks."""
        parent = node.parent
        if isinstance(parent, (nodes.literal, nodes.literal_block)) or self.literal_whitespace:
            super().visit_Text(node)
        else:
            self.body.append(with_mathematics(node.astext(), self.encode))

    def visit_reference(self, node: nodes.reference) -> None:
        """Write a link: as a page number, or with one behind it."""
        uri = node.get("refuri", "")
        if not uri and node.get("refid"):
            uri = f"%{self.curfilestack[-1]}#{node['refid']}"
        elif uri.startswith("#"):
            uri = f"%{self.curfilestack[-1]}{uri}"
        if not uri.startswith("%") or self.in_title:
            super().visit_reference(node)
            return
        docname, _, target = uri[1:].partition("#")
        label = self.idescape(f"{docname}:{target}" if target else f"{docname}::doc")
        if node.astext() in ONLY_A_LINK and not within_a_sentence(node):
            self.body.append(rf"\latchpage{{{label}}}")
            raise nodes.SkipNode
        super().visit_reference(node)
        closing = self.context.pop()
        if self.config.latex_show_pagerefs:
            raise ExtensionError("latex_show_pagerefs would say every page twice")
        where = self._where(node, docname, target, label)
        self.context.append(closing + where)

    def _where(self, node: nodes.reference, docname: str, target: str, label: str) -> str:
        if docname == self.builder.config.printed_book_references or re.search(
            r"\d$", node.astext().rstrip(")")
        ):
            return ""
        before = node.parent.children[: node.parent.index(node)]
        text = "".join(part.astext() for part in before)
        open_bracket = text.count("(") > text.count(")")
        numbers = self.builder.env.toc_secnumbers.get(docname, {})
        titles = self.builder.app.printed_book_chapters
        chapter = titles.get(docname)
        if chapter and (not target or target in chapter["ids"]):
            first = self.idescape(f"{docname}:{chapter['ids'][0]}")
            if numbers.get(""):
                text = rf"\latchinchapter{{{first}}}"
            else:
                text = rf"\latchonpage{{{first}}}"
        else:
            text = rf"\latchonpage{{{label}}}"
        return f", {text}" if open_bracket else f" ({text})"

    def visit_container(self, node: nodes.container) -> None:
        """Begin a container: a cell, which may be referred to, or a part of one."""
        kind = node.get("nb_element", "")
        if kind == "cell_code":
            self.body.append(f"\n\n{self.hypertarget_to(node, anchor=True)}%\n")
        elif kind == "cell_code_output":
            self.body.append("\n\n\\begin{latchoutput}\n")
        elif not kind:
            super().visit_container(node)

    def depart_container(self, node: nodes.container) -> None:
        """End it."""
        kind = node.get("nb_element", "")
        if kind == "cell_code_output":
            self.body.append("\n\\end{latchoutput}\n\n")
        elif not kind:
            super().depart_container(node)

    def visit_math(self, node: nodes.math) -> None:
        """Write an equation within the text; a bookmark of the PDF gets it in plain characters."""
        if self.in_title:
            tex = node.astext()
            words = escape(plain(tex), "xelatex")
            self.body.append(rf"\texorpdfstring{{\protect\({tex}\protect\)}}{{{words}}}")
            raise nodes.SkipNode
        super().visit_math(node)

    def visit_math_block(self, node: nodes.math_block) -> None:
        """Write an equation; as an output it follows no text."""
        if "text_latex" in node["classes"]:
            self.body.append("\\latchoutputmath\n")
        super().visit_math_block(node)

    def visit_paragraph(self, node: nodes.paragraph) -> None:
        """Begin a paragraph; the first of a block may go on in the line of its title."""
        parent = node.parent
        if isinstance(parent, block) and parent["environment"] in RUN_IN:
            if parent.index(node) == 1 and isinstance(parent[0], block_title):
                return
        super().visit_paragraph(node)

    def visit_inline(self, node: nodes.inline) -> None:
        """Begin a part of a line, which may be a row of a table that is referred to."""
        if node["ids"]:
            self.body.append(self.hypertarget_to(node, anchor=True))
        super().visit_inline(node)

    def visit_block(self, node: block) -> None:
        """Begin an environment."""
        option = f"{{{node['option']}}}" if "option" in node else ""
        targets = self.hypertarget_to(node, anchor=True)
        self.body.append(f"\n\n{targets}\\begin{{{node['environment']}}}{option}")
        if not (node.children and isinstance(node[0], block_title)):
            self.body.append("\n")
        self.no_latex_floats += 1

    def depart_block(self, node: block) -> None:
        """End it."""
        self.no_latex_floats -= 1
        self.body.append(f"\\end{{{node['environment']}}}\n\n")

    def visit_block_title(self, node: block_title) -> None:
        """Begin the title."""
        self.body.append("{")

    def depart_block_title(self, node: block_title) -> None:
        """End it."""
        self.body.append("}\n")

    def depart_table(self, node: nodes.table) -> None:
        """Write a table, in the size of tables."""
        self.body.append(f"\n\n\\begin{{latchtable}}{{\\{node['size']}}}\n")
        super().depart_table(node)
        # Without a caption a table has no number that could be said again.
        self.body[-2] = self.body[-2].replace(NUMBER_AGAIN, "")
        self.body.append("\\end{latchtable}\n\n")

    def visit_image(self, node: nodes.image) -> None:
        """Write a picture that stands alone in the middle of the line."""
        alone = not self.is_inline(node) and not isinstance(node.parent, nodes.figure)
        if alone and "align" not in node:
            node["align"] = "center"
        if not {"width", "height", "scale"} & set(node.attributes):
            node["scale"] = SCALE
        super().visit_image(node)


def within_a_sentence(node: nodes.Node) -> bool:
    """Say whether words come before a node, other than those that end in punctuation."""
    before = node.parent.children[: node.parent.index(node)]
    text = "".join(part.astext() for part in before).strip()
    return bool(text) and text[-1] not in "(:;,.*"


def room_for(cell: nodes.Element) -> int:
    """Return about how many points high a cell with its figures is."""
    code = source(cell).count("\n") + 3 if cell.children else 0
    height = 10 * code
    for image in cell.findall(nodes.image):
        if "points" in image:
            height += image["points"]
            continue
        found = re.search(rb"<svg[^>]*?\bheight=\"([\d.]+)pt\"", picture_source(image))
        height += round(float(found[1]) * SCALE / 100) + 45 if found else 260
    return height


def picture_source(image: nodes.image) -> bytes:
    """Return the beginning of an SVG that a picture was made from, or nothing."""
    path = Path(image["candidates"].get("image/svg+xml", ""))
    if not path.is_absolute():
        path = Path(image.document.settings.env.srcdir if image.document else ".", path)
    return path.read_bytes()[:2000] if path.suffix == ".svg" and path.is_file() else b""


def note_chapters(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Remember by which names the chapters are known, before they are written."""
    found = {}
    for file in doctree.findall(addnodes.start_of_file):
        top = next(iter(file.findall(nodes.section)), None)
        if top is not None and top["ids"]:
            found[file["docname"]] = {"ids": list(top["ids"])}
    app.printed_book_chapters = found


def setup(app: Sphinx) -> dict:
    """Register transforms, nodes and writer."""
    app.add_config_value("printed_book_url", "", "env")
    app.add_config_value("printed_book_references", "book/references", "env")
    app.add_node(block)
    app.add_node(block_title)
    app.set_translator("latex", Translator, override=True)
    for transform in (PrintWidgets, GatherSolutions, Parts, Boxes, TableColumns, Rooms, LongWords):
        app.add_post_transform(transform)
    app.add_post_transform(VectorPictures)
    app.connect("doctree-resolved", note_chapters)
    if str(app.srcdir) not in sys.path:
        sys.path.insert(0, str(app.srcdir))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
