"""Sphinx extension: what a page loads is cut to what it needs, once all pages are written.

- One stylesheet in place of a dozen: the theme's and the extensions' rules, without those for
  classes and ids that occur on no page and in no script.
- The theme's icons come from its own font, cut to the icons in use and put into the stylesheet;
  its icon script, twice the weight of everything else, goes.
- Scripts do not hold up the text, those that a page has no use for are left out, and the search
  index is loaded where one searches. The theme's
  script does not lay out the whole page to find what scrolls: ``scrolling.js`` does that.
- A widget's state and JavaScript go to files of their own, loaded when it comes near the window.
- An image says its size, so that the text does not jump, and is loaded when it comes near.

Everything works on the files as written, so that no template of the theme has to be copied.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import logging
import os
import posixpath
import re
import shutil
import struct
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from pathlib import Path

import tinycss2
from fontTools import subset
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

STATIC = "_static"
STATE = "application/vnd.jupyter.widget-state+json"

#: What loads the widgets; addresses in their state are relative to it.
LOADER = "vendor/loader.js"
#: Loaded nowhere: the theme's icons as SVG, all 2000 of them.
ICON_SCRIPT = "scripts/fontawesome.js"
#: Loaded by the search page alone. The theme has them on every page for results as one types,
#: which the book does not switch on.
SEARCH_SCRIPTS = {"searchtools.js", "language_data.js", "searchindex.js"}
SEARCH_PAGE = "search.html"
#: Loaded by pages that have what the script looks for.
SCRIPTS_FOR = {
    **dict.fromkeys(("clipboard.min.js", "copybutton.js"), re.compile(r"<pre\b")),
    "togglebutton.js": re.compile(
        r'class="[^"]*(?<![\w-])toggle(?![\w-])'
        r'|class="(?=[^"]*(?<![\w-])dropdown(?![\w-]))[^"]*(?<![\w-])admonition(?![\w-])'
    ),
    "claims.js": re.compile(r'\bid="claim-'),
    "hold.js": re.compile(r'\bid="hold"'),
    "design-tabs.js": re.compile(r"\bsd-tab-set\b"),
}
#: Other scripts in the head set values in it, and must not come before it.
OPTIONS_SCRIPT = "documentation_options.js"

#: In the theme's script, what it looks at to find out what scrolls.
THEME_SCRIPT = "scripts/pydata-sphinx-theme.js"
_SCROLLING = re.compile(r'document\.querySelectorAll\(\["pre",[^\]]*\]\.join\(", "\)\)')

#: Icon fonts by file name, with the classes that ask for them.
ICON_FONTS = {
    "fa-solid-900": {"fa", "fas", "fa-solid"},
    "fa-regular-400": {"far", "fa-regular"},
    "fa-brands-400": {"fab", "fa-brands", "github", "gitlab", "bitbucket"},
}
#: MathJax's fonts, but for the one in which every character is there and has no width.
EQUATION_FONT = re.compile(r"MathJax_(?!Zero)")
#: Names that scripts put together from parts.
COMPOSED = re.compile(r"bs-(tooltip|popover)-")

#: Below _static, what is of no use to a reader once the pages are done.
LEFT_OVER = ("scripts/*.map", "styles/*.map", f"{ICON_SCRIPT}*", "vendor/fontawesome", "locales")
LEFT_OVER += ("*webpack-macros.html",)

#: The line over each part of a widget's JavaScript, with its name (latchbook.explorables._base).
PART = re.compile(r"(?m)^//# part ([\w-]+)\n")

_NAMES = re.compile(r'\b(?:class|id)="([^"]*)"')
# It reports every table of every font.
logging.getLogger("fontTools.subset").setLevel(logging.WARNING)

_WORD = re.compile(r"[\w-]+")
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL)
_LINK = re.compile(r"<link\b([^>]*?)/?>[ \t]*\n?")
_IMAGE = re.compile(r"<img\b([^>]*?)\s*/?>")
_ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')
_URL = re.compile(r"""url\(\s*(["']?)(?!data:|#|[a-z]+:)([^"')]+)\1\s*\)""")
_IMPORT = re.compile(r"""@import\s+(?:url\()?["']([^"']+)["']\)?\s*;""")
_CONTENT = re.compile(r'content:\s*"([^"]*)"')
#: Icons are characters for private use, in CSS often written by their number.
_ICON = re.compile(r"[\ue000-\uf8ff]|\\([ef][0-9a-f]{3})\b")


def attributes(text: str) -> dict[str, str]:
    """Return the attributes of a tag."""
    return {name: html.unescape(value or "") for name, value in _ATTRIBUTE.findall(text)}


def local_path(page: Path, address: str) -> Path:
    """Return the file that `page` means by `address`, without what follows ``?`` or ``#``."""
    return Path(os.path.normpath(page.parent / re.split("[?#]", address)[0]))


def address(page: Path, target: Path) -> str:
    """Return how `page` has to call `target`."""
    return Path(os.path.relpath(target, page.parent)).as_posix()


# --- stylesheets -------------------------------------------------------------------------


def read_stylesheet(path: Path, base: Path) -> str:
    """Return a stylesheet with its imports put in, and its addresses relative to `base`."""
    folder = Path(os.path.relpath(path.parent, base)).as_posix()

    def moved(found: re.Match) -> str:
        return f'url("{posixpath.normpath(posixpath.join(folder, found[2]))}")'

    text = path.read_text(encoding="utf-8").replace('@charset "UTF-8";', "")
    text = _URL.sub(moved, text)
    return _IMPORT.sub(lambda found: read_stylesheet(path.parent / found[1], base), text)


def names_needed(selector: Iterable) -> Iterator[str]:
    """Yield the classes and ids without which a selector finds nothing.

    Those in brackets, as in ``:not(.a)`` or ``:is(.a, .b)``, are not needed.
    """
    dot = False
    for token in selector:
        if token.type == "hash":
            yield token.value
        elif dot and token.type == "ident":
            yield token.value
        dot = token.type == "literal" and token.value == "."


def pruned(rules: Iterable, used: set[str]) -> str:
    """Return the rules that can find something where only the names `used` occur."""
    kept = []
    for rule in rules:
        if rule.type == "comment":
            # Licences.
            kept += [f"/*{rule.value}*/"] if rule.value.startswith("!") else []
        elif rule.type == "qualified-rule":
            selectors = [[]]
            for token in rule.prelude:
                if token.type == "literal" and token.value == ",":
                    selectors.append([])
                else:
                    selectors[-1].append(token)
            found = [
                tinycss2.serialize(selector).strip()
                for selector in selectors
                if all(n in used or COMPOSED.match(n) for n in names_needed(selector))
            ]
            if found and rule.content:
                kept.append(f"{','.join(found)}{{{tinycss2.serialize(rule.content).strip()}}}")
        elif rule.type == "at-rule":
            prelude = [token for token in rule.prelude if token.type != "comment"]
            head = f"@{rule.at_keyword}{tinycss2.serialize(prelude).rstrip()}"
            if rule.content is None:
                kept.append(f"{head};")
            elif rule.lower_at_keyword in ("media", "supports", "layer", "container"):
                inner = pruned(tinycss2.parse_rule_list(rule.content, skip_whitespace=True), used)
                kept += [f"{head}{{{inner}}}"] if inner.strip() else []
            else:
                kept.append(f"{head}{{{tinycss2.serialize(rule.content).strip()}}}")
        elif rule.type == "error":
            raise ValueError(f"line {rule.source_line} of a stylesheet: {rule.message}")
    return "\n".join(kept)


def font_cut_to(font: Path, characters: set[int]) -> bytes:
    """Return a font as WOFF that has only `characters`, with its licence."""
    options = subset.Options()
    options.name_IDs = ["*"]
    options.drop_tables += ["FFTM"]  # when it was made; not known to the subsetter
    cut = TTFont(font, recalcTimestamp=False)
    maker = subset.Subsetter(options)
    maker.populate(unicodes=characters)
    maker.subset(cut)
    cut.flavor = "woff"
    stream = io.BytesIO()
    cut.save(stream)
    return stream.getvalue()


def with_cut_fonts(css: str, static: Path, used: set[str]) -> str:
    """Cut the icon fonts and the fonts of the equations to what a stylesheet writes with them.

    Icons go into the stylesheet itself, so that a button has its icon from the start; a font of
    equations is loaded by the pages that need it.
    """
    characters = {ord(c) for text in _CONTENT.findall(css) for c in text}
    icons = {int(i[1], 16) if i[1] else ord(i[0]) for i in _ICON.finditer(css)}
    done = set()

    def replaced(found: re.Match) -> str:
        body = found[1]
        addresses = [match[2] for match in _URL.finditer(body)]
        path = static / addresses[-1] if addresses else None
        if path is None or not path.is_file():
            return found[0]
        if path.stem in done:
            return ""
        if path.stem in ICON_FONTS:
            done.add(path.stem)
            if not ICON_FONTS[path.stem] & used:
                return ""
            data = base64.b64encode(font_cut_to(path.with_suffix(".ttf"), icons)).decode()
            source = f"url(data:font/woff;base64,{data})"
        elif EQUATION_FONT.match(path.stem):
            name = write_once(static / "fonts", path.stem, ".woff", font_cut_to(path, characters))
            source = f'url("fonts/{name.name}")'
        else:
            return found[0]
        rest = re.sub(r"\s*src:[^;]*;?", "", body).strip().rstrip(";")
        return f'@font-face{{{rest};src:{source} format("woff")}}'

    return re.sub(r"@font-face\s*\{([^}]*)\}", replaced, css)


def names_used(pages: Iterable[str], static: Path) -> set[str]:
    """Return the classes and ids of the pages, and every word of the scripts."""
    passages = [value for text in pages for value in _NAMES.findall(text)]
    for script in sorted(static.rglob("*.js")):
        if script != static / ICON_SCRIPT and "mathjax" not in script.parts:
            passages.append(script.read_text(encoding="utf-8"))
    return {word for passage in passages for word in _WORD.findall(passage)}


def stylesheets(page: Path, text: str) -> list[Path]:
    """Return the stylesheets of a page that are part of the book, in their order."""
    found = []
    for link in _LINK.findall(text):
        given = attributes(link)
        path = local_path(page, given.get("href", ""))
        if given.get("rel") == "stylesheet" and "media" not in given and path.is_file():
            found.append(path)
    return found


def write_once(folder: Path, stem: str, suffix: str, content: str | bytes) -> Path:
    """Write a file whose name holds a hash of its content, so that no cache is ever stale."""
    data = content.encode() if isinstance(content, str) else content
    path = folder / f"{stem}-{hashlib.sha256(data).hexdigest()[:12]}{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def merged_stylesheet(static: Path, sheets: Iterable[Path], used: set[str]) -> Path:
    """Write one stylesheet with what is needed of `sheets`, and return its path."""
    text = "\n".join(read_stylesheet(path, static) for path in sheets)
    css = pruned(tinycss2.parse_stylesheet(text, skip_whitespace=True), used)
    return write_once(static, "book", ".css", with_cut_fonts(css, static, used))


# --- images ------------------------------------------------------------------------------

#: CSS pixels.
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "in": 96.0, "mm": 96 / 25.4, "cm": 96 / 2.54}


def image_size(path: Path) -> tuple[int, int] | None:
    """Return width and height of a PNG or SVG in CSS pixels, or None if it does not tell."""
    if path.suffix == ".png":
        return struct.unpack(">II", path.read_bytes()[16:24])
    if path.suffix == ".svg":
        root = ET.parse(path).getroot()
        sides = [re.fullmatch(r"([\d.]+)([a-z]*)", root.get(s, "")) for s in ("width", "height")]
        if all(side and side[2] in _UNITS for side in sides):
            width, height = (round(float(side[1]) * _UNITS[side[2]]) for side in sides)
            return width, height
    return None


def with_sizes(page: Path, text: str) -> str:
    """Let every image of a page say its size, and be loaded when it comes near the window."""

    def replaced(found: re.Match) -> str:
        given = attributes(found[1])
        path = local_path(page, given.get("src", ""))
        if not path.is_file() or "loading" in given:
            return found[0]
        tag = f'<img{found[1]} loading="lazy" decoding="async"'
        size = image_size(path)
        if size and not {"width", "height", "style"} & given.keys():
            tag += f' width="{size[0]}" height="{size[1]}"'
            if path.suffix == ".svg":
                # Once loaded it would take its own ratio, of fractions, and the page would grow.
                tag += f' style="aspect-ratio:{size[0]}/{size[1]}"'
        return f"{tag} />"

    return _IMAGE.sub(replaced, text)


# --- scripts -----------------------------------------------------------------------------


def as_script(value: object) -> str:
    """Return a value in JavaScript. The order of keys stays: a widget may list what they name."""
    return json.dumps(value, separators=(",", ":"))


def parts(text: str, name: str) -> list[tuple[str, str]]:
    """Return the parts of a module and the name of each; one that has no parts is called `name`."""
    first, *rest = PART.split(text)
    found = list(zip(rest[::2], rest[1::2], strict=True))
    return [(name, first), *found] if first else found


def moved_text(text: str, stem: str, static: Path) -> dict[str, str]:
    """Write a text to a script, once, and return its address and its name there."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    content = f"(globalThis.latchTexts??={{}})[{as_script(digest)}]={as_script(text)};\n"
    path = write_once(static / "widgets", stem, ".js", content)
    return {"file": address(static / LOADER, path), "name": digest}


def moved_state(page: Path, state: dict, static: Path) -> Path:
    """Write the state of a page's widgets to a script, and return its path.

    Long texts, the parts of the widgets' JavaScript and their CSS, are written once for all widgets
    and pages that have the same; the state then holds where they are (see loader.js).
    """
    for model in state["state"].values():
        values = model["state"]
        for name in ("_esm", "_css"):
            if name in values:
                stem = values["_anywidget_id"].rpartition(".")[2] if name == "_esm" else "style"
                values[name] = [
                    moved_text(text, part, static) for part, text in parts(values[name], stem)
                ]
    content = f"(globalThis.latchStates??=[]).push({as_script(state)});\n"
    return write_once(static / "widgets", page.stem, ".js", content)


def with_light_scripts(page: Path, text: str, static: Path) -> str:
    """Defer the scripts of a page, and leave out or move what it does not need at once."""

    def replaced(found: re.Match) -> str:
        given = attributes(found[1])
        if given.get("type") == STATE:
            path = moved_state(page, json.loads(found[2]), static)
            return f'<script type="{STATE}" data-src="{address(page, path)}"></script>'
        if "src" not in given:
            return found[0]
        path = local_path(page, given["src"])
        if path == static / ICON_SCRIPT:
            return ""
        if path.name in SEARCH_SCRIPTS and page.name != SEARCH_PAGE:
            return ""
        if path.name in SCRIPTS_FOR and not SCRIPTS_FOR[path.name].search(text):
            return ""
        if path == static / OPTIONS_SCRIPT:
            return f"<script>{path.read_text(encoding='utf-8')}</script>"
        if {"defer", "async"} & given.keys() or given.get("type") == "module":
            return found[0]
        return f"<script{found[1]} defer></script>"

    return _SCRIPT.sub(replaced, text)


def with_one_stylesheet(page: Path, text: str, merged: Path, parts: Iterable[Path]) -> str:
    """Let a page load `merged` in the place of `parts`; and preload nothing."""
    parts = set(parts)
    link = f'<link rel="stylesheet" href="{address(page, merged)}" />\n'

    def replaced(found: re.Match) -> str:
        nonlocal link
        given = attributes(found[1])
        if given.get("rel") == "preload":
            return ""
        if given.get("rel") != "stylesheet" or local_path(page, given["href"]) not in parts:
            return found[0]
        first, link = link, ""
        return first

    return _LINK.sub(replaced, text)


def without_scrolling(script: str) -> str:
    """Return the theme's script without its look at what scrolls; refuse one that is not known."""
    changed, count = _SCROLLING.subn("[]", script)
    if count != 1:
        raise ExtensionError(
            f"{THEME_SCRIPT} looks for what scrolls at {count} places, not 1: the theme has "
            "changed, so change _SCROLLING in light_pages.py"
        )
    return changed


# --- all pages ---------------------------------------------------------------------------


def lighten(root: Path) -> None:
    """Rework the built pages below `root`."""
    static = root / STATIC
    pages = {
        path: path.read_text(encoding="utf-8")
        for path in sorted(root.rglob("*.html"))
        if static not in path.parents
    }
    pages = {p: with_sizes(p, with_light_scripts(p, t, static)) for p, t in pages.items()}
    script = static / THEME_SCRIPT
    if script.is_file():
        script.write_text(without_scrolling(script.read_text(encoding="utf-8")), encoding="utf-8")
    used = names_used(pages.values(), static)

    merged: dict[tuple[Path, ...], Path] = {}
    for page, text in pages.items():
        parts = tuple(stylesheets(page, text))
        if parts:
            if parts not in merged:
                merged[parts] = merged_stylesheet(static, parts, used)
            text = with_one_stylesheet(page, text, merged[parts], parts)
        page.write_text(text, encoding="utf-8")
    remove_left_over(static, {part for parts in merged for part in parts})


def remove_left_over(static: Path, stylesheets: set[Path]) -> None:
    """Remove what no page asks for any more."""
    for path in [*stylesheets, *(p for pattern in LEFT_OVER for p in static.glob(pattern))]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Rework the pages of a build that came to its end."""
    if exception is None and app.builder.format == "html":
        lighten(Path(app.outdir))


def setup(app: Sphinx) -> dict:
    """Register the hook, after everything else has written its files."""
    app.connect("build-finished", finish, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
