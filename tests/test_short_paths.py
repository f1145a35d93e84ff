"""The short path: every long chapter has one, of sections that it has, and it is shorter."""

import importlib.util
import json
import re
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.utils import new_document
from sphinx.errors import ExtensionError

from tools.book import ROOT, chapters, notebook_path, read_notebook

_SPEC = importlib.util.spec_from_file_location(
    "short_path", ROOT / "book" / "extensions" / "short_path.py"
)
short_path = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(short_path)
PATHS = short_path.load(ROOT)
#: Words of a chapter from which on it needs one.
LONG = 3000
HEADING = re.compile(r"^(#{1,3}) (.+)$", re.MULTILINE)


def sections(name):
    """Return (level, title, words) of the headings of a chapter."""
    cells = read_notebook(notebook_path(name))["cells"]
    text = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    found = list(HEADING.finditer(text))
    ends = [*(one.start() for one in found[1:]), len(text)]
    return [
        (len(one[1]), one[2].strip(), len(text[one.end() : end].split()))
        for one, end in zip(found, ends, strict=True)
    ]


def skipped_words(found, skipped):
    """Return how many words are in the sections that may be skipped, with what is below them."""
    total, inside = 0, 0  # level of the section that is skipped now
    for level, title, words in found:
        if inside and level <= inside:
            inside = 0
        inside = inside or (level if title in skipped else 0)
        total += words if inside else 0
    return total


def problems(name, skipped):
    """Return what is wrong with the path of a chapter."""
    found = sections(name)
    titles = [title for _, title, _ in found]
    wrong = [f"no section {title!r}" for title in skipped if titles.count(title) != 1]
    needed = {"Statement", "Predict", "See", "Exercises", "Claims settled here"}
    wrong += [f"{title} is needed" for title in skipped if title in needed]
    whole = sum(words for _, _, words in found)
    if skipped_words(found, skipped) < whole / 6:
        wrong.append("it is hardly shorter")
    return wrong


def test_every_long_chapter_has_one():
    long = {name for name in chapters() if sum(words for *_, words in sections(name)) > LONG}
    assert long - set(PATHS) == set(), "add them to short_paths.yml"
    assert set(PATHS) <= set(chapters())


@pytest.mark.parametrize("name", PATHS)
def test_it_skips_sections_that_are_there_and_saves_time(name):
    assert problems(name, PATHS[name]) == []


def test_a_wrong_path_is_found():
    assert problems("latch-neuron", ["Runs"]) == ["no section 'Runs'", "it is hardly shorter"]
    assert problems("latch-neuron", ["Predict", "Break it", "Run"]) == ["Predict is needed"]


# --- on the page --------------------------------------------------------------------------


def section(title, *inside):
    made = nodes.section(ids=[nodes.make_id(title)])
    made += [nodes.title("", "", *title_parts(title)), *inside]
    return made


def title_parts(title):
    """Return a title's text, with what is between dollars as a formula."""
    parts = title.split("$")
    return [nodes.math("", part) if k % 2 else nodes.Text(part) for k, part in enumerate(parts)]


def words(count):
    return nodes.paragraph("", " ".join(["word"] * count))


def page(root, skipped):
    """Return a chapter, of 100 words in its text, as the transform leaves it."""
    folder = root / "book" / "extensions"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "short_paths.yml").write_text(json.dumps({"one": skipped}))
    document = new_document("one", get_default_settings())
    env = SimpleNamespace(docname="book/one", srcdir=str(root), note_dependency=lambda name: None)
    document.settings.env = env
    document += section(
        "One",
        words(9),
        section("Statement", words(20)),
        section(
            "Run", section("Weight $w$", words(10)), section("It\u2019s \u201cit\u201d", words(20))
        ),
        section("See", words(10), section("Basins", words(10))),
        section("Exercises", words(5), section("Drill", words(3))),
    )
    short_path.ShortPath(document).apply()
    return document


def links(document):
    [line] = [p for p in document.findall(nodes.paragraph) if "short-path" in p["classes"]]
    return [(link.astext(), link["refid"]) for link in line.findall(nodes.reference)], line.astext()


def marked(document):
    """Return the sections that say that they are off the path."""
    found = [
        p.parent for p in document.findall(nodes.paragraph) if p.astext() == short_path.SKIPPED
    ]
    return [one.next_node(nodes.title).astext() for one in found]


def test_the_line_leads_to_what_is_not_skipped_and_what_is_says_so(tmp_path):
    document = page(tmp_path, ['It\'s "it"', "Basins"])
    found, line = links(document)
    assert found == [("Statement", "statement"), ("Weight w", "weight-w"), ("See", "see")]
    assert "70 % of the words" in line  # 30 of 96 and the titles are skipped
    assert marked(document) == ["It\u2019s \u201cit\u201d", "Basins"]


def test_a_section_is_skipped_with_all_below_it(tmp_path):
    document = page(tmp_path, ["Run"])
    assert [title for title, _ in links(document)[0]] == ["Statement", "See", "Basins"]
    assert marked(document) == ["Run"]


def test_a_section_that_is_not_there_stops_the_build(tmp_path):
    with pytest.raises(ExtensionError, match="one has no section 'Break it'"):
        page(tmp_path, ["Break it"])
