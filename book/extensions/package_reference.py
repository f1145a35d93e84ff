"""Sphinx extension: the reference of latchlib, a page per module, made from its docstrings.

The pages are no documents: nothing parses them, no contents lists them, and no search reads their
text. The directive ``package-modules`` lists them, the search knows their names (search_words.py),
and a name such as ``neuron.h_star`` in a chapter's text leads there from its first use.

The docstrings are numpydoc's, with plain text between the headings: nothing in them is markup but
double backticks, roles, lists, and what is indented.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from html import escape
from types import ModuleType
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from symbol_notes import PAGE as NOTATION
from symbol_notes import chapters, is_running_text

PACKAGE = "latchlib"
FOLDER = "package"
#: Sections of a docstring that list names; of the last two a line alone is the type.
_LISTS = {"Parameters", "Attributes", "Returns", "Raises"}
_SECTION = re.compile(r"^([A-Z][A-Za-z ]+)\n-{3,}$", re.MULTILINE)
_INLINE = re.compile(r"``(?P<code>.+?)``|:\w+:`~?(?P<role>[^`]+)`|`(?P<name>[^`]+)`", re.DOTALL)
_ITEM = re.compile(r"(?:- |\d+\. )")
#: What Python prints of things that have no name of their own.
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")

# --- what there is -----------------------------------------------------------------------


@cache
def modules() -> dict[str, ModuleType]:
    """Return the public modules by name, in the order of their names."""
    package = importlib.import_module(PACKAGE)
    names = (found.name for found in pkgutil.walk_packages(package.__path__, f"{PACKAGE}."))
    public = (name for name in names if not re.search(r"\._", name))
    return {name: importlib.import_module(name) for name in public}


def names_of(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield what a module offers that has no other public home."""
    for name in getattr(module, "__all__", ()):
        thing = getattr(module, name)
        home = getattr(thing, "__module__", module.__name__)
        if not callable(thing) or home == module.__name__ or home not in modules():
            yield name, thing


@cache
def places() -> dict[str, str]:
    """Return where each name is, as ``page#anchor`` below the root; a module is at its page."""
    found = {}
    for module_name, module in modules().items():
        page = f"{FOLDER}/{module_name}.html"
        found[module_name] = page
        for name, _ in names_of(module):
            found[f"{module_name}.{name}"] = f"{page}#{module_name}.{name}"
    # Also by the package that hands it on.
    for module_name, module in modules().items():
        for name in getattr(module, "__all__", ()):
            home = getattr(getattr(module, name), "__module__", "")
            if f"{home}.{name}" in found:
                found.setdefault(f"{module_name}.{name}", found[f"{home}.{name}"])
    return found


def place(name: str) -> str | None:
    """Return where a name is that may be given without the package, or called."""
    name = re.sub(r"\(.*\)$", "", name, flags=re.DOTALL)
    return places().get(name) or places().get(f"{PACKAGE}.{name}")


# --- docstrings as HTML ------------------------------------------------------------------


def _inline(text: str) -> str:
    """Return text as HTML, with code and links."""
    parts, done = [], 0
    for found in _INLINE.finditer(text):
        parts.append(escape(text[done : found.start()]))
        name = found["role"] or found["name"]
        said = f"<code>{escape(found['code'] or name)}</code>"
        where = place(name) if name else None
        # All pages are in one folder.
        where = where and where.removeprefix(f"{FOLDER}/")
        parts.append(f'<a href="{where}">{said}</a>' if where else said)
        done = found.end()
    return "".join([*parts, escape(text[done:])])


def _blocks(text: str) -> str:
    """Return paragraphs, lists and what is indented as HTML."""
    found = []
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        if not block.strip():
            continue
        if block.startswith("  "):
            found.append(f"<pre>{escape(inspect.cleandoc(block))}</pre>")
        elif _ITEM.match(block):
            items = re.split(rf"\n(?={_ITEM.pattern})", block)
            lines = (f"<li>{_inline(_ITEM.sub('', item, count=1))}</li>" for item in items)
            kind = "ul" if block.startswith("-") else "ol"
            found.append(f"<{kind}>{''.join(lines)}</{kind}>")
        else:
            # Two colons announce what is indented, and are one to who reads it.
            found.append(f"<p>{_inline(re.sub('::$', ':', block))}</p>")
    return "".join(found)


def _entries(text: str) -> str:
    """Return a section that lists names as HTML."""
    found = []
    for entry in re.split(r"\n(?=\S)", text.strip("\n")):
        head, _, said = entry.partition("\n")
        name, _, kind = head.partition(" : ")
        typed = f" <span>{_inline(kind)}</span>" if kind else ""
        found.append(f"<dt><code>{escape(name)}</code>{typed}</dt>")
        if said.strip():
            found.append(f"<dd>{_blocks(inspect.cleandoc(said))}</dd>")
    return f"<dl>{''.join(found)}</dl>"


def described(docstring: str | None) -> str:
    """Return a docstring as HTML."""
    first, *rest = _SECTION.split(inspect.cleandoc(docstring or ""))
    parts = [_blocks(first)]
    for title, text in zip(rest[::2], rest[1::2], strict=True):
        body = _entries(text) if title in _LISTS else _blocks(text)
        parts.append(f'<p class="package-part">{title}</p>{body}')
    return "".join(parts)


def _signature(thing: Any) -> str:
    """Return how a thing is called, without the types, which the docstring has."""
    try:
        found = inspect.signature(thing)
    except ValueError:
        return ""
    bare = [each.replace(annotation=each.empty) for each in found.parameters.values()]
    bare = [each for each in bare if each.name not in ("self", "cls")]
    empty = inspect.Signature.empty
    return _ADDRESS.sub("", str(found.replace(parameters=bare, return_annotation=empty)))


def _heading(level: int, anchor: str, name: str) -> str:
    link = f'<a class="headerlink" href="#{anchor}" title="Link to this name">#</a>'
    return f"<h{level}><code>{name}</code>{link}</h{level}>"


def _member(module: str, name: str, thing: Any, comment: list[str]) -> str:
    """Return what is said of a name as HTML."""
    anchor = f"{module}.{name}"
    parts = [f'<section id="{anchor}">', _heading(2, anchor, name)]
    if not (inspect.isclass(thing) or inspect.isfunction(thing)):
        # A value: its own class has other things to say.
        value = f"<pre>{name} = {escape(repr(thing))}</pre>"
        simple = isinstance(thing, str | int | float | tuple) and len(value) < 120
        parts.append(value if simple else f"<p>A <code>{type(thing).__name__}</code>.</p>")
        return "".join([*parts, _blocks("\n".join(comment)), "</section>"])
    parts += [f"<pre>{escape(name + _signature(thing))}</pre>", described(thing.__doc__)]
    for own, method in vars(thing).items() if inspect.isclass(thing) else ():
        call = getattr(method, "__func__", getattr(method, "fget", method))
        if own.startswith("_") or not inspect.isfunction(call) or not call.__doc__:
            continue
        sign = "" if isinstance(method, property) else _signature(call)
        below = f"{anchor}.{own}"
        parts.append(f'<section id="{below}">{_heading(3, below, own)}')
        parts.append(f"<pre>{escape(own + sign)}</pre>{described(call.__doc__)}</section>")
    return "".join([*parts, "</section>"])


def page(module: ModuleType) -> tuple[str, str]:
    """Return the page of a module, and its contents, as HTML."""
    name = module.__name__
    comments = ModuleAnalyzer.for_module(name).find_attr_docs()
    members = dict(names_of(module))
    body = [f'<section id="{name}">', _heading(1, name, name), described(module.__doc__)]
    body += [_member(name, *each, comments.get(("", each[0]), [])) for each in members.items()]
    items = (f'<li><a href="#{name}.{each}">{each}</a></li>' for each in members)
    return "".join([*body, "</section>"]), f"<ul>{''.join(items)}</ul>"


# --- in the book -------------------------------------------------------------------------


def pages(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    """Yield the pages of the modules."""
    if any(name.startswith(FOLDER) for name in app.env.found_docs) or not app.package_listed:
        return
    for name, module in modules().items():
        body, contents = page(module)
        yield f"{FOLDER}/{name}", {"title": name, "body": body, "toc": contents}, "page.html"


class PackageModules(SphinxDirective):
    """A list of the modules, each with the first line of its docstring."""

    def run(self) -> list[nodes.Node]:
        """Return it; links from a page in a folder, as all pages of the book are."""
        self.env.app.package_listed = True
        found = nodes.bullet_list()
        for name, module in modules().items():
            line = inspect.cleandoc(module.__doc__).partition("\n")[0]
            link = nodes.reference("", "", nodes.literal(text=name), refuri=f"../{places()[name]}")
            found += nodes.list_item("", nodes.paragraph("", "", link, nodes.Text(f": {line}")))
        return [found]


class PackageLinks(SphinxPostTransform):
    """Let a name in a text lead to what is said of it: in a chapter the first time."""

    default_priority = 902
    formats = ("html",)

    def run(self, **kwargs) -> None:
        every = self.env.docname == NOTATION
        if not self.app.package_listed or not (every or self.env.docname in chapters(self.app)):
            return
        seen = set()
        for literal in list(_literals(self.document)):
            where = place(literal.astext())
            if where and "." in literal.astext() and (every or where not in seen):
                seen.add(where)
                link = nodes.reference("", "", refuri=f"../{where}")
                literal.replace_self(link)
                link += literal


def _literals(parent: nodes.Node) -> Iterator[nodes.literal]:
    for child in parent.children:
        if isinstance(child, nodes.literal):
            yield child
        elif isinstance(child, nodes.Element) and is_running_text(child):
            yield from _literals(child)


def setup(app: Sphinx) -> dict:
    """Register the directive, the transform and the pages."""
    app.package_listed = False
    app.add_directive("package-modules", PackageModules)
    app.add_post_transform(PackageLinks)
    app.connect("html-collect-pages", pages)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": False}
