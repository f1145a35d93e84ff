"""The printed book: the built pages, printed by the browser and bound into one PDF.

The browser is cut off from every network and runs no script of a page: an explorable is its
picture, and ``book/templates/print.js`` does the rest. A link says on which page its target is, so
what says it is printed again until these numbers stand still.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import io
import json
import sys
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import matplotlib as mpl
import yaml
from playwright.async_api import BrowserContext, async_playwright
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, Fit, NameObject, TextStringObject

from latchbook.questions import drills, exercises, predictions
from latchbook.questions.drill import FIRST
from tools import build_book, environment
from tools.book import ROOT
from tools.chromium import FLAGS, find_chromium

TEMPLATES = ROOT / "book" / "templates"
FONTS = Path(mpl.get_data_path(), "fonts", "ttf")
INDEX = "genindex.html"
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
#: So many pages are printed at once, and each so often at most.
AT_ONCE = 2
MOST_TIMES = 5
#: CSS pixels between the margins of print.css.
WIDTH = 612


class PdfError(Exception):
    """The PDF cannot be made; says why."""


@dataclass
class Sheet:
    """A page of the book, and how it came out in print.

    Attributes
    ----------
    number : int or str
        That of a chapter.
    part : str
        The part that it begins, if it does.
    renamed : str
        Its title in print, where that is another.
    first : int
        Number of its first page in print.
    places : dict
        What can be linked to: on which page of `pdf`, from 0, and how many points up.
    headings : list
        Level, text and place of each, without the title.
    said : list of str
        Places whose page is said on it.
    wide : list of str
        What sticks out of the text.
    """

    path: str
    number: int | str = ""
    part: str = ""
    renamed: str = ""
    first: int = 1
    title: str = field(init=False)
    pdf: PdfReader = field(init=False)
    places: dict[str, tuple[int, float | None]] = field(init=False)
    headings: list[tuple[int, str, str]] = field(init=False)
    said: list[str] = field(default_factory=list)
    wide: list[str] = field(default_factory=list)


def pages_url(repository: str | None) -> str:
    """Return where GitHub shows the pages of a repository, or an empty string."""
    if not repository:
        return ""
    owner, name = repository.rsplit("/", 2)[1:]
    host = f"https://{owner.lower()}.github.io/"
    return host if host == f"https://{name.lower()}/" else f"{host}{name}/"


def sheets(toc: Path, pages: Path) -> list[Sheet]:
    """Return the pages that a table of contents lists, and the index.

    Raises
    ------
    PdfError
        If one is not among the built `pages`.
    """
    listed = yaml.safe_load(toc.read_text(encoding="utf-8"))
    found, numbers = [Sheet(f"{listed['root']}.html", renamed="About this book")], count(1)
    for place, part in enumerate(listed["parts"]):
        for k, entry in enumerate(part["chapters"]):
            number = next(numbers) if part.get("numbered") else ""
            begun = "" if k else f"Part {ROMAN[place]}: {part['caption']}"
            found.append(Sheet(f"{entry['file']}.html", number, begun))
    found.append(Sheet(INDEX))
    if missing := [sheet.path for sheet in found if not (pages / sheet.path).is_file()]:
        raise PdfError(f"{', '.join(missing)} not found in {pages}: run `make book` first")
    return found


def questions() -> dict[str, dict[str, tuple[str, list[str], list[str]]]]:
    """Return what each question asks, what it offers, and what is said to that."""
    drawn = {name: each.question(FIRST) for name, each in drills().items()}
    return {
        "check": {name: ("", list(e.choices), []) for name, e in exercises().items()},
        "drill": {name: (d.text, [], [d.shown]) for name, d in drawn.items()},
        "predict": {
            name: (p.question, [c.text for c in p.choices], [c.feedback() for c in p.choices])
            for name, p in predictions().items()
        },
    }


# --- print -------------------------------------------------------------------------------


def settings(book: list[Sheet], pages: Path, online: str) -> dict[str, Any]:
    """Return what ``print.js`` is told on every page."""
    style = (TEMPLATES / "print.css").read_text(encoding="utf-8")
    return {
        "base": f"{pages.as_uri()}/",
        "online": online,
        "style": style.replace("FONTS", FONTS.as_uri()),
        "chapters": {sheet.path: sheet.number for sheet in book},
        "questions": questions(),
    }


async def print_book(book: list[Sheet], pages: Path, online: str) -> Sheet:
    """Print all pages, and return those with title and contents.

    Raises
    ------
    PdfError
        If there is no browser, a line is wider than paper, a link leads nowhere, or page numbers
        never stand still.
    """
    program = find_chromium()
    if program is None:
        raise PdfError("no Chromium: `apt install chromium-headless-shell`, or set CHROMIUM")
    data = settings(book, pages, online)
    front, numbers, moved = Sheet(book[0].path), {}, book
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(sheet: Sheet) -> None:
        async with gate:
            said = {place: numbers[place] for place in sheet.said}
            await print_sheet(context, sheet, {**data, "numbers": said})

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=FLAGS)
        context = await browser.new_context(
            java_script_enabled=False, offline=True, viewport={"width": WIDTH, "height": 1000}
        )
        for _ in range(MOST_TIMES):
            await asyncio.gather(*map(one, moved))
            before = {s.path: (s.first, [numbers.get(place) for place in s.said]) for s in book}
            numbers = number_places(book)
            if wide := {sheet.path: sheet.wide[:3] for sheet in book if sheet.wide}:
                raise PdfError(f"wider than paper: {wide}")
            if dead := {place for s in book for place in s.said if place not in numbers}:
                raise PdfError(f"links lead to what is not there: {', '.join(sorted(dead))}")
            after = {s.path: (s.first, [numbers[place] for place in s.said]) for s in book}
            moved = [sheet for sheet in book if before[sheet.path] != after[sheet.path]]
            if not moved:
                break
        else:
            raise PdfError(f"page numbers still change when printed {MOST_TIMES} times")
        data["front"] = front_matter(book, data["base"], online)
        await one(front)
    return front


def script(sheet: Sheet, data: dict[str, Any]) -> tuple[str, str]:
    """Return what is to be run on a page before it is printed, and what it is told."""
    about = {name: getattr(sheet, name) for name in ("path", "part", "renamed", "first")}
    text = (TEMPLATES / "print.js").read_text(encoding="utf-8")
    return text, json.dumps({"numbers": {}, **data, "page": about})


async def print_sheet(context: BrowserContext, sheet: Sheet, data: dict[str, Any]) -> None:
    """Print a page."""
    page = await context.new_page()
    await page.emulate_media(media="print")
    await page.goto(data["base"] + sheet.path, wait_until="load")
    told = await page.evaluate(*script(sheet, data))
    pdf = await page.pdf(prefer_css_page_size=True, print_background=True)
    await page.close()
    sheet.title, sheet.headings = told["title"], told["headings"]
    sheet.said, sheet.wide = told["said"], told["wide"]
    sheet.pdf, sheet.places = PdfReader(io.BytesIO(pdf)), {sheet.path: (0, None)}
    for name, place in sheet.pdf.named_destinations.items():
        number = sheet.pdf.get_destination_page_number(place)
        sheet.places[f"{sheet.path}#{name.removeprefix('/')}"] = (number, float(place.top))


def number_places(book: list[Sheet]) -> dict[str, int]:
    """Number the pages of print, and return on which one each place is."""
    first, numbers = 1, {}
    for sheet in book:
        sheet.first = first
        numbers |= {place: first + page for place, (page, _) in sheet.places.items()}
        first += len(sheet.pdf.pages)
    return numbers


def front_matter(book: list[Sheet], base: str, online: str) -> str:
    """Return title page and contents as HTML."""
    lines = []
    for sheet in book:
        lines += [f'<p class="part">{html.escape(sheet.part)}</p>'] if sheet.part else []
        lines.append(
            f'<p class="entry"><a class="as-is" href="{base}{sheet.path}">'
            f"{html.escape(sheet.title)}</a><span>{sheet.first}</span></p>"
        )
    where = f'at <a href="{online}">{online}</a>'
    if not online:
        where = (
            "built by <code>make book</code> in the folder of the book; open "
            "<code>_build/html/index.html</code>"
        )
    template = (TEMPLATES / "print.html").read_text(encoding="utf-8")
    return template.format(**about_book(), where=where, contents="\n".join(lines))


def about_book() -> dict[str, str]:
    """Return what the book says of itself in ``CITATION.cff`` and ``_config.yml``."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    named = {name: config[name] for name in ("title", "author", "copyright")}
    return {**named, "version": citation["version"]}


# --- one PDF -----------------------------------------------------------------------------


def bind(book: list[Sheet], pages: Path) -> PdfWriter:
    """Return all sheets as one PDF, with outline, page labels and links from page to page.

    Parameters
    ----------
    book : list of Sheet
        Title and contents first.
    pages : Path
        Folder of the built pages.

    Raises
    ------
    PdfError
        If a link would lead into that folder.
    """
    writer, base = PdfWriter(), f"{pages.as_uri()}/"
    bound = [[writer.add_page(page) for page in sheet.pdf.pages] for sheet in book]
    places: dict[str, tuple[PageObject, float | None]] = {}
    for sheet, sides in zip(book, bound, strict=True):
        places |= {name: (sides[side], top) for name, (side, top) in sheet.places.items()}
    part = None
    for sheet, sides in zip(book, bound, strict=True):
        for link in (link.get_object() for side in sides for link in side.get("/Annots", [])):
            uri = link.get("/A", {}).get("/URI", "")
            name = unquote(uri.removeprefix(base))
            if "/Dest" in link:  # one on the same page
                name = f"{sheet.path}#{link['/Dest'].removeprefix('/')}"
            if name in places:
                side, top = places[name]
                goal = [side.indirect_reference, NameObject("/XYZ"), *Fit.xyz(top=top).fit_args]
                link.pop("/A", None)
                link[NameObject("/Dest")] = ArrayObject(goal)
            elif uri.startswith("file:"):
                raise PdfError(f"{sheet.path} has a link to {name}, which is not in the book")
        start = sides[0].indirect_reference
        part = writer.add_outline_item(sheet.part, start) if sheet.part else part
        above = {1: writer.add_outline_item(sheet.title, start, part, is_open=False)}
        for level, title, name in sheet.headings:
            side, top = places[f"{sheet.path}#{name}"]
            fit, goal = Fit.xyz(top=top), side.indirect_reference
            above[level] = writer.add_outline_item(
                title, goal, above[level - 1], fit=fit, is_open=False
            )
    front = len(book[0].pdf.pages)
    writer.set_page_label(0, front - 1, style="/r")
    writer.set_page_label(front, len(writer.pages) - 1, style="/D")
    writer.page_mode = "/UseOutlines"
    writer.root_object[NameObject("/Lang")] = TextStringObject("en-GB")
    named = about_book()
    writer.add_metadata({"/Title": named["title"], "/Author": named["author"]})
    writer.compress_identical_objects()
    return writer


def main(argv: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.pdf", description=__doc__)
    parser.add_argument("--pages", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--toc", type=Path, default=ROOT / "_toc.yml", help="what to print")
    parser.add_argument(
        "--output", type=Path, default=ROOT / "_build" / "pdf" / "learning-to-latch.pdf"
    )
    given = parser.parse_args(argv)
    online = pages_url(build_book.github_repository(build_book.origin(ROOT)))
    pages, target = given.pages.resolve(), given.output.resolve()
    try:
        book = sheets(given.toc, pages)
        front = asyncio.run(print_book(book, pages, online))
        writer = bind([front, *book], pages)
    except PdfError as error:
        print(f"pdf: {error}", file=sys.stderr)
        return 1
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    writer.write(partial)
    partial.replace(target)
    print(f"{given.output}: {len(writer.pages)} pages, {target.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    environment.settle()
    sys.exit(main())
