"""Pages of the built book, for tests of what is written in them, and what makes them."""

import importlib.util
import re
import sys
from functools import cache

from bs4 import BeautifulSoup

from tools.book import ROOT

HTML = ROOT / "_build" / "html"

#: How an equation is drawn, and the colours of code: two thirds of a page's elements, and no words.
_DRAWN = re.compile(r"<mjx-math.*?</mjx-math>", re.DOTALL)
_COLOURED = re.compile(r'<span class="\w{1,3}">([^<]*)</span>')


def extension(name: str):
    """Import an extension of the book's."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "book" / "extensions" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@cache
def soup(path: str) -> BeautifulSoup:
    """Return a page, such as "book/em", without what only draws; all share it: change nothing."""
    html = (HTML / f"{path.removesuffix('.html')}.html").read_text(encoding="utf-8")
    return BeautifulSoup(_COLOURED.sub(r"\1", _DRAWN.sub("", html)), "html.parser")
