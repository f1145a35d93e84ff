"""The short path: every long chapter has one, of sections that it has, and it is shorter."""

import re

import pytest
import yaml

from tools.book import ROOT, chapters, notebook_path, read_notebook

PATHS = yaml.safe_load((ROOT / "book" / "short_paths.yml").read_text(encoding="utf-8"))
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
    assert long - set(PATHS) == set(), "add them to book/short_paths.yml"
    assert set(PATHS) <= set(chapters())


@pytest.mark.parametrize("name", PATHS)
def test_it_skips_sections_that_are_there_and_saves_time(name):
    assert problems(name, PATHS[name]) == []


def test_a_wrong_path_is_found():
    assert problems("latch-neuron", ["Runs"]) == ["no section 'Runs'", "it is hardly shorter"]
    assert problems("latch-neuron", ["Predict", "Break it", "Run"]) == ["Predict is needed"]
