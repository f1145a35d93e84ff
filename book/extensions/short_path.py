"""Sphinx extension: the short path through a long chapter.

``short_paths.yml`` names the sections of a chapter that may be skipped. A line under the
chapter's first words links to all others and says what share of the words they have, and each
section that may be skipped says so under its heading.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform

FILE = Path("book", "extensions", "short_paths.yml")
SKIPPED = "Off the short path."
TYPED = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")
#: On every path; the contents beside the page lead there.
NOT_LISTED = {"Exercises", "Drill", "Claims settled here"}


def load(root: Path) -> dict[str, list[str]]:
    """Return the titles of the sections that may be skipped, by chapter."""
    return yaml.safe_load((root / FILE).read_text(encoding="utf-8"))


def words(node: nodes.Element) -> int:
    """Return about how many words of text a reader reads in `node`, code and its output aside."""
    inside = 0
    for text in node.findall(nodes.Text):
        parent = text.parent
        while parent is not node and not isinstance(parent, nodes.literal_block):
            parent = parent.parent
        inside += len(text.split()) if parent is node else 0
    return inside


def sections(page: nodes.Element) -> list[nodes.section]:
    """Return the sections directly below a node, in order."""
    return [child for child in page.children if isinstance(child, nodes.section)]


def plain(title: str) -> str:
    """Return a title without the signs round its formulas, its quotation marks as typed."""
    return title.replace("$", "").translate(TYPED)


def only_headings(section: nodes.section) -> bool:
    """Return whether there is nothing between a section's title and that of the first below it."""
    after = [child for child in section.children[1:] if not isinstance(child, nodes.target)]
    return bool(after) and isinstance(after[0], nodes.section)


class ShortPath(SphinxTransform):
    """Write the line at the top of a chapter, and mark what may be skipped."""

    default_priority = 900  # sections have their ids

    def apply(self, **kwargs) -> None:
        name = PurePosixPath(self.env.docname).name
        skipped = load(Path(self.env.srcdir)).get(name)
        chapter = next(iter(sections(self.document)), None)
        if skipped is None or chapter is None:
            return
        self.env.note_dependency(str(Path(self.env.srcdir, FILE)))
        left = [plain(title) for title in skipped]
        path: list[nodes.reference] = []
        saved = 0
        for section in sections(chapter):
            below = sections(section)
            for one in [section, *below]:
                heading = one.next_node(nodes.title)
                title = plain(heading.astext())
                if title in left:
                    left.remove(title)
                    saved += words(one)
                    one.insert(1, nodes.paragraph("", "", nodes.emphasis("", SKIPPED)))
                    if one is section:
                        break
                elif title not in NOT_LISTED and not (one is section and only_headings(one)):
                    words_of_it = [child.deepcopy() for child in heading.children]
                    path.append(nodes.reference("", "", *words_of_it, refid=one["ids"][0]))
        if left:
            raise ExtensionError(f"{FILE}: {name} has no section {left[0]!r}")
        whole = words(chapter)
        share = round(100 * (whole - saved) / whole, -1)
        line = nodes.paragraph(classes=["short-path"])
        line += nodes.strong("", "Short path")
        line += nodes.Text(f", {share:.0f} % of the words: ")
        for number, link in enumerate(path):
            link["internal"] = True
            line += [nodes.Text(" · "), link] if number else [link]
        line += nodes.Text(f". The other sections say “{SKIPPED}”")
        goals = next(
            (k for k, child in enumerate(chapter.children) if isinstance(child, nodes.Admonition)),
            1,
        )
        chapter.insert(goals, line)


def setup(app: Sphinx) -> dict:
    """Register the transform."""
    app.add_transform(ShortPath)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
