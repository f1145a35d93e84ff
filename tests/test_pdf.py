"""The printed book, of a few built pages: what stands in it, and what is refused."""

import os
import re
import shutil
import socket
import subprocess
import sys
import unicodedata
from itertools import pairwise

import pytest
import yaml
from bs4 import BeautifulSoup
from pypdf import PdfReader

from latchbook.questions import drills, predictions
from latchbook.questions.drill import FIRST
from tools import pdf
from tools.book import ROOT, pages
from tools.chromium import ADVICE, REQUIRED, find_chromium

HTML = ROOT / "_build" / "html"
#: Parts with their pages.
PARTS = {
    "The problem": ["book/how-to-read", "book/latch-neuron"],
    "Reference": ["book/summary", "book/references"],
}
READ = ["book/index", *(path for files in PARTS.values() for path in files)]


def make(folder, parts, *arguments):
    """Run the tool on some pages; return how it ended, and where the PDF should be."""
    if find_chromium() is None:
        (pytest.fail if os.environ.get(REQUIRED) == "1" else pytest.skip)(ADVICE)
    parts = [
        {"caption": name, "numbered": name != "Reference", "chapters": [{"file": f} for f in files]}
        for name, files in parts.items()
    ]
    toc, target = folder / "toc.yml", folder / "a book.pdf"
    toc.write_text(yaml.safe_dump({"root": "book/index", "parts": parts}))
    command = [sys.executable, "-m", "tools.pdf", f"--toc={toc}", f"--output={target}", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done, target


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """The PDF of a few pages."""
    done, target = make(tmp_path_factory.mktemp("pdf"), PARTS)
    assert done.returncode == 0, done.stderr
    return PdfReader(target)


@pytest.fixture(scope="module")
def texts(printed):
    """The text of each of its pages, squeezed."""
    return [squeezed(page.extract_text()) for page in printed.pages]


def squeezed(text):
    """Return a text without blanks or ligatures: some of these are the PDF's own."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def outline(reader, items=None, depth=1):
    """Return depth, title and page of every entry."""
    for item in reader.outline if items is None else items:
        if isinstance(item, list):
            yield from outline(reader, item, depth + 1)
        else:
            yield depth, item.title, reader.get_destination_page_number(item)


def article(path):
    """Return the text of a built page."""
    html = (HTML / f"{path}.html").read_text(encoding="utf-8")
    found = BeautifulSoup(html, "html.parser").article
    for gone in found.select(".headerlink, .tex, mjx-math, .picture-download"):
        gone.decompose()
    return found


def test_the_outline_names_parts_chapters_and_sections_in_order(printed, texts):
    found = list(outline(printed))
    wanted = ["Learning to Latch", "About this book"]
    for roman, (part, files) in zip(("I", "II"), PARTS.items(), strict=True):
        wanted += [f"Part {roman}: {part}", *(article(path).h1.get_text() for path in files)]
    assert [title for depth, title, _ in found if title in wanted] == wanted
    sections = [h.get_text() for h in article("book/latch-neuron").select("h2, h3")]
    assert len(sections) > 10
    start = [title for _, title, _ in found].index("1. A neuron that latches") + 1
    in_outline = [title for _, title, _ in found[start:]][: len(sections) + 1]
    assert [t for t in in_outline if t != "Answers and solutions"] == sections
    for _, title, page in found:
        # A formula in a title is drawn, not written.
        assert "".join(title.split()[: 2 if title[0].isdigit() else None]) in texts[page]


def test_all_text_is_there(texts):
    text = "".join(texts)
    for path in READ:
        page = article(path)
        on_screen = "#hold, .question-static, .tag_hide-input .cell_input, .symbol-line"
        for gone in page.select(on_screen):
            gone.decompose()
        wanted = [p.get_text() for p in page.select("p, li, td") if not p.find(["math", "a", "p"])]
        wanted += [pre.get_text() for pre in page.select("pre") if "answer" not in pre.get_text()]
        gone = [each for each in wanted if squeezed(each) not in text]
        assert [each for each in gone if not over_two_pages(squeezed(each), texts)] == []
    assert len(text) > 30_000


def over_two_pages(wanted, texts):
    """Say whether a page has the beginning and the next the rest: a picture's words lie between."""
    cuts = range(1, len(wanted))
    return any(
        wanted[:10] in first and any(wanted[:k] in first and wanted[k:] in second for k in cuts)
        for first, second in pairwise(texts)
    )


def test_what_a_page_does_by_itself_is_on_paper(printed, texts):
    text = "".join(texts)
    pictures = len(article("book/latch-neuron").select(".explorable-static img"))
    assert text.count("Explorable.") == pictures == 2
    drawn = [page for page, text in zip(printed.pages, texts, strict=True) if "Explorable." in text]
    assert sum(len(page.images) for page in drawn) >= pictures
    assert squeezed("it moves: book/latch-neuron.html#cell-explore-latch.") in text
    prediction, drill = predictions()["latch-neuron"], drills()["latch-neuron"].question(FIRST)
    order = [prediction.question, prediction.choices[3].text, drill.text, "Answers and solutions"]
    order += [prediction.choices[3].reason, drill.shown, "Solution to Exercise 1.1"]
    places = [text.rindex(squeezed(part)) for part in order]
    assert places == sorted(places)
    assert "Noansweryet" not in text


def test_links_lead_to_pages_of_the_book_and_say_which(printed, texts):
    numbers = {page.indirect_reference.idnum: k for k, page in enumerate(printed.pages)}
    links = [link.get_object() for page in printed.pages for link in page.get("/Annots", [])]
    inside = [link["/Dest"][0].idnum for link in links if "/Dest" in link]
    assert len(inside) > 100 and set(inside) <= numbers.keys()
    outside = {link["/A"]["/URI"].partition(":")[0] for link in links if "/Dest" not in link}
    assert outside == {"https"}
    said = re.search(r"ononepage,thesummary\(p\.(\d+)\)", "".join(texts))
    opening = article("book/summary").h1.get_text()
    assert squeezed(opening) in texts[printed.page_labels.index(said[1])]


def test_what_does_not_fit_is_refused_and_nobody_is_asked(tmp_path):
    elsewhere = socket.create_server(("127.0.0.1", 0))
    elsewhere.settimeout(0)
    address = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/x.css"
    copy = tmp_path / "html"
    shutil.copytree(HTML / "_static", copy / "_static")
    shutil.copytree(HTML / "_images", copy / "_images")
    (copy / "book").mkdir()
    shutil.copy(HTML / "genindex.html", copy)
    text = (HTML / "book/index.html").read_text(encoding="utf-8")
    bad = f'<link rel="stylesheet" href="{address}"><pre style="width: 3000px">x</pre>'
    (copy / "book/index.html").write_text(text.replace("</article>", f"{bad}</article>"))
    done, target = make(tmp_path, {}, f"--pages={copy}")
    assert done.returncode == 1 and not target.exists()
    assert "wider than paper: {'book/index.html': ['<pre style=" in done.stderr
    with pytest.raises(BlockingIOError):
        elsewhere.accept()
    elsewhere.close()


def test_every_page_is_printed_in_reading_order():
    found = [sheet.path for sheet in pdf.sheets(ROOT / "_toc.yml", HTML)]
    assert found == [*(f"{page}.html" for page in pages()), "genindex.html"]
