"""The printed book: the pages as LaTeX, typeset by XeLaTeX, and its log held to account.

The notebooks are not run again: the same execution cache as for the pages is used. The PDF takes
the place of the old one only if the log has nothing against it: no reference without a target, no
character that a font lacks, and no line that sticks out of the text.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml

from tools import build_book, environment
from tools.book import ROOT, write

NAME = "learning-to-latch"
EXTENSION = "printed_book"
STYLE = "book/templates/print.sty"

#: What is needed from Debian, and the programs and files that show it is there.
PACKAGES = {
    "texlive-xetex": ("xelatex", "polyglossia.sty"),
    "texlive-latex-extra": ("makeindex", "tcolorbox.sty"),
    "texlive-fonts-recommended": ("pzdr.tfm",),
    "fonts-texgyre": ("texgyrepagella-regular.otf",),
    "fonts-texgyre-math": ("texgyrepagella-math.otf",),
    "fonts-dejavu-core": ("DejaVuSansMono.ttf",),
    "librsvg2-bin": ("rsvg-convert",),
}
INSTALL = "apt-get install --no-install-recommends " + " ".join(PACKAGES)

#: More runs than this, and the page numbers go round in circles.
MOST_RUNS = 6
#: Points by which a line may stick out: nobody sees less.
TOLERANCE = 1.0
#: Points by which a page may be too high: the space below the text is wider.
TOO_HIGH = 3.0

_OVERFULL = re.compile(
    r"Overfull \\hbox \((?P<points>[\d.]+)pt too wide\) (?P<where>[^\n]*?)"
    r"(?:at lines? |detected at line )(?P<line>\d+)(?:--(?P<last>\d+))?"
)
_TOO_HIGH = re.compile(
    r"Overfull \\vbox \((?P<points>[\d.]+)pt too high\) has occurred while \\output is active"
)
_MISSING = re.compile(r"Missing character: There is no (?P<what>.+?) in font (?P<font>[^\n]+?)!")
_UNDEFINED = re.compile(
    r"(?:Reference|Citation|Hyper reference) `(?P<name>[^']+)' on page \S+ undefined"
)
_DUPLICATE = re.compile(r"Label `(?P<name>[^']+)' multiply defined")
_ERROR = re.compile(r"^(?:! (?P<what>.+)|(?:\S+):(?P<line>\d+): (?P<said>.+))$", re.MULTILINE)
_PAGES = re.compile(r"Output written on \S+ \((?P<pages>\d+) pages?")
_AGAIN = re.compile(r"Rerun to get|Rerun LaTeX|rerunfilecheck Warning|Label\(s\) may have changed")

#: Environments of the source, and what a reader would call what is in them.
_KINDS = {
    "sphinxVerbatim": "code",
    "sphinxVerbatimintable": "code",
    "sphinxalltt": "code",
    "equation": "equation",
    "equation*": "equation",
    "align": "equation",
    "align*": "equation",
    "gather": "equation",
    "gather*": "equation",
    "split": "equation",
    "tabular": "table",
    "tabulary": "table",
    "longtable": "table",
}
_BEGIN_OR_END = re.compile(r"\\(begin|end)\{([A-Za-z*]+)\}")


class PdfError(Exception):
    """The PDF cannot be made; says why."""


@dataclass(frozen=True)
class Finding:
    """Something in the log that a reader would see.

    Attributes
    ----------
    kind : str
        ``code``, ``equation``, ``table`` or ``text`` for a line that sticks out, ``page`` for a
        page that does; ``character``, ``reference``, ``label`` or ``error`` for the rest.
    text : str
        What is wrong.
    line : int
        Line of the LaTeX source, or 0 if the log names none.
    points : float
        How far it sticks out.
    """

    kind: str
    text: str
    line: int = 0
    points: float = 0.0

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return f"{self.kind}: {place}{self.text}"


def kinds_by_line(source: str) -> list[str]:
    """Say of each line of a LaTeX source, counted from 1, what a reader would call it."""
    kinds, open_ = ["text"], []
    for line in source.split("\n"):
        here = list(open_)
        for step, name in _BEGIN_OR_END.findall(line):
            if open_ and _KINDS.get(open_[-1]) == "code" and (step, name) != ("end", open_[-1]):
                continue  # code that is LaTeX itself
            if step == "begin":
                open_.append(name)
                here.append(name)
            elif open_ and open_[-1] == name:
                open_.pop()
        found = [_KINDS[name] for name in here if name in _KINDS]
        kinds.append(found[-1] if found else "text")
    return kinds


def findings(log: str, source: str) -> list[Finding]:
    """Return what the log of a LaTeX run has against its source.

    Parameters
    ----------
    log : str
        The log, with lines not broken at 79 characters (``max_print_line``).
    source : str
        The LaTeX source.
    """
    kinds = kinds_by_line(source)
    found = []
    for match in _OVERFULL.finditer(log):
        line, points = int(match["line"]), float(match["points"])
        last = int(match["last"] or line)
        here = kinds[line : last + 1] or ["text"]
        kind = next((k for k in ("equation", "code", "table") if k in here), "text")
        if "alignment" in match["where"]:
            kind = "equation" if "equation" in here else "table"
        if points > TOLERANCE:
            found.append(Finding(kind, f"{points:.1f} pt too wide", line, points))
    for points in (float(match["points"]) for match in _TOO_HIGH.finditer(log)):
        if points > TOO_HIGH:
            found.append(Finding("page", f"{points:.1f} pt too high", points=points))
    for match in dict.fromkeys(m.group("what", "font") for m in _MISSING.finditer(log)):
        found.append(Finding("character", f"{match[0]} is not in {match[1].split(':')[0]}"))
    for name in dict.fromkeys(m["name"] for m in _UNDEFINED.finditer(log)):
        found.append(Finding("reference", f"{name!r} leads nowhere"))
    for name in dict.fromkeys(m["name"] for m in _DUPLICATE.finditer(log)):
        found.append(Finding("label", f"{name!r} is given twice"))
    for match in _ERROR.finditer(log):
        text = match["what"] or match["said"]
        found.append(Finding("error", text, int(match["line"] or 0)))
    return found


# --- what is needed ----------------------------------------------------------------------


def missing_packages() -> list[str]:
    """Return the Debian packages of :data:`PACKAGES` that are not there."""
    return [name for name, parts in PACKAGES.items() if not all(map(is_there, parts))]


def is_there(part: str) -> bool:
    """Say whether a program is on the path, or a file where LaTeX finds it."""
    if part.endswith((".sty", ".otf", ".tfm")):
        command = ["kpsewhich", part]
    elif part.endswith(".ttf"):
        command = ["fc-list", "--format=%{file}\n"]
    else:
        return shutil.which(part) is not None
    if shutil.which(command[0]) is None:
        return False
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return any(line.endswith(f"/{part}") for line in done.stdout.splitlines())


# --- LaTeX source ------------------------------------------------------------------------


def pages_url(repository: str | None) -> str:
    """Return where GitHub shows the pages of a repository, or an empty string."""
    if not repository:
        return ""
    owner, name = repository.rsplit("/", 2)[1:]
    host = f"https://{owner.lower()}.github.io/"
    return host if f"{host}" == f"https://{name.lower()}/" else f"{host}{name}/"


def latex_config(root: Path, cache: Path) -> dict:
    """Return the settings of the book with those for print.

    Parameters
    ----------
    root : Path
        The checkout.
    cache : Path
        Folder of the execution cache.
    """
    repository = build_book.github_repository(build_book.origin(root))
    config = build_book.merged_config(root, repository, cache)
    config["latex"] |= {
        "latex_engine": "xelatex",
        "latex_documents": {"targetname": f"{NAME}.tex", "title": config["title"]},
    }
    sphinx = config["sphinx"]
    sphinx["local_extensions"][EXTENSION] = str(root / "book" / "extensions")
    sphinx["config"]["extensions"].append(EXTENSION)
    about = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    sphinx["config"] |= {
        "printed_book_url": pages_url(repository),
        "nb_mime_priority_overrides": [["latex", "image/svg+xml", 5]],
        "latex_additional_files": [str(root / STYLE)],
        "latex_table_style": ["booktabs"],
        "latex_use_xindy": False,
        "latex_show_urls": "no",
        "latex_domain_indices": False,
        "pygments_style": "a11y-high-contrast-light",
        "latex_elements": latex_elements(config, about),
    }
    return config


def latex_elements(config: dict, about: dict) -> dict[str, str]:
    """Return the parts of the LaTeX source that are the same on every page."""
    title, author = config["title"], config["author"]
    edition = f"Version {about['version']}, {config['copyright']}"
    subtitle = (
        "An executable companion to Bengio, Simard and Frasconi (1994),\\\\"
        "“Learning long-term dependencies with gradient descent is difficult”"
    )
    rights = (
        "Text and figures: CC BY 4.0. Code: MIT. Outputs and figures are those of the code beside "
        "them; results that take minutes are read from files that the same code regenerates."
    )
    return {
        "papersize": "a4paper",
        "pointsize": "11pt",
        "extraclassoptions": "oneside,openany",
        "babel": "",
        "polyglossia": r"\usepackage{polyglossia}",
        "amsmath": r"\usepackage{amsmath,amstext}",
        "fontpkg": "\n".join(
            [
                r"\usepackage{unicode-math}",
                r"\defaultfontfeatures{Ligatures=TeX}",
                *(
                    rf"\{command}{{{stem}}}[Extension=.otf,UprightFont=*-regular,"
                    r"BoldFont=*-bold,ItalicFont=*-italic,BoldItalicFont=*-bolditalic]"
                    for command, stem in (
                        ("setmainfont", "texgyrepagella"),
                        ("setsansfont", "texgyreheros"),
                    )
                ),
                r"\setmathfont{texgyrepagella-math.otf}",
                r"\setmonofont{DejaVu Sans Mono}[Scale=0.79]",
            ]
        ),
        "fncychap": "",
        "geometry": r"\usepackage[a4paper,textwidth=152mm,textheight=235mm,headsep=8mm,"
        r"footskip=11mm,centering]{geometry}",
        "sphinxsetup": ",".join(
            [
                "TitleColor={HTML}{111111}",
                "InnerLinkColor={HTML}{0B4F8A}",
                "OuterLinkColor={HTML}{0B4F8A}",
                "VerbatimColor={HTML}{F5F6F8}",
                "VerbatimBorderColor={HTML}{F5F6F8}",
                r"HeaderFamily=\rmfamily\bfseries",
                "verbatimsep=4pt",
                "verbatimhintsturnover=false",
            ]
        ),
        "fvset": r"\fvset{fontsize=\small}",
        "figure_align": "H",
        "preamble": "\n".join(
            [
                r"\usepackage{print}",
                rf"\hypersetup{{pdftitle={{{title}}},pdfauthor={{{author}}},pdflang={{en-GB}},"
                r"pdfsubject={An executable companion to Bengio, Simard and Frasconi (1994)},"
                r"pdfkeywords={recurrent networks, long-term dependencies, vanishing gradient}}",
                rf"\renewcommand{{\latchsubtitle}}{{{subtitle}}}",
                rf"\renewcommand{{\latchedition}}{{{edition}}}",
                rf"\renewcommand{{\latchrights}}{{{rights}}}",
            ]
        ),
        "maketitle": r"\latchtitlepage",
        "tableofcontents": r"\latchcontents",
    }


def write_source(root: Path, toc: Path, out: Path) -> Path:
    """Write the LaTeX source below `out`, and return its path.

    Raises
    ------
    PdfError
        If Sphinx has a complaint; it has printed it.
    """
    config = out / "_config.yml"
    cache = build_book.execution_cache(root)
    build_book.run_notebooks(root, toc, cache)
    write(config, yaml.safe_dump(latex_config(root, cache)))
    path = out / "source" / f"{NAME}.tex"
    path.unlink(missing_ok=True)
    if not build_book.sphinx(root, config, toc, path.parent, builder="latex"):
        raise PdfError("the LaTeX source was not written: see the warnings above")
    return path


# --- LaTeX runs --------------------------------------------------------------------------


def run_latex(path: Path) -> str:
    """Typeset until page numbers stand still, and return the log of the last run.

    Raises
    ------
    PdfError
        If LaTeX gives up, or never comes to rest.
    """
    known = ""
    for _ in range(MOST_RUNS):
        log = run_once(path)
        state = auxiliary(path)
        if state == known and not _AGAIN.search(log):
            return log
        known = state
        index = path.with_suffix(".idx")
        if index.is_file() and index.stat().st_size:
            subprocess.run(
                ["makeindex", "-q", "-s", "python.ist", index.name],
                cwd=path.parent,
                check=True,
            )
    raise PdfError(f"page numbers still change after {MOST_RUNS} runs")


def auxiliary(path: Path) -> str:
    """Return what a run of LaTeX leaves for the next one."""
    kinds = (".aux", ".toc", ".out", ".idx")
    parts = [path.with_suffix(kind) for kind in kinds]
    return "".join(p.read_text(encoding="utf-8") for p in parts if p.is_file())


def run_once(path: Path) -> str:
    """Run XeLaTeX once and return its log."""
    command = ["xelatex", "-interaction=nonstopmode", "-file-line-error", "-halt-on-error"]
    # The log is read by a program: its lines must not be broken.
    environment = {"max_print_line": "10000", "error_line": "254", "half_error_line": "238"}
    done = subprocess.run(
        [*command, path.name],
        cwd=path.parent,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    log = path.with_suffix(".log").read_text(encoding="utf-8", errors="replace")
    if done.returncode != 0:
        said = [str(found) for found in findings(log, "") if found.kind == "error"]
        raise PdfError("LaTeX gave up: " + "; ".join(said[:3] or [log[-500:]]))
    return log


# --- the whole ---------------------------------------------------------------------------


def report(found: list[Finding], source: str) -> str:
    """Return the findings in words, with the line of the source each means."""
    lines = source.split("\n")
    said = []
    for finding in found:
        said.append(str(finding))
        if 0 < finding.line <= len(lines):
            said.append(f"    {lines[finding.line - 1].strip()[:100]}")
    return "\n".join(said)


def build(root: Path, *, toc: Path) -> Path:
    """Make the PDF of the checkout `root` and return its path.

    Raises
    ------
    PdfError
        If something needed is missing, or something is wrong with the book or its look.
    """
    if missing := missing_packages():
        raise PdfError(f"{', '.join(missing)} not found. On Debian, as root:\n    {INSTALL}")
    out = root / "_build" / "latex"
    out.mkdir(parents=True, exist_ok=True)
    path = write_source(root, toc, out)
    log = run_latex(path)
    source = path.read_text(encoding="utf-8")
    found = findings(log, source)
    if found:
        counts = Counter(finding.kind for finding in found)
        print(report(found, source), file=sys.stderr)
        total = ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
        raise PdfError(f"the log has something against the book: {total}")
    target = root / "_build" / "pdf" / f"{NAME}.pdf"
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    shutil.copyfile(path.with_suffix(".pdf"), partial)
    partial.replace(target)
    return target


def pages(log: str) -> int:
    """Return how many pages a log says were written."""
    found = _PAGES.search(log)
    return int(found["pages"]) if found else 0


def main(argv: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.pdf", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout")
    parser.add_argument("--toc", type=Path, help="another table of contents than _toc.yml")
    given = parser.parse_args(argv)
    root = given.root.resolve()
    try:
        target = build(root, toc=(given.toc or root / "_toc.yml").resolve())
    except PdfError as error:
        print(f"pdf: {error}", file=sys.stderr)
        return 1
    log = (root / "_build/latex/source" / f"{NAME}.log").read_text(encoding="utf-8")
    size = target.stat().st_size / 1e6
    print(f"{target.relative_to(root)}: {pages(log)} pages, {size:.1f} MB")
    return 0


if __name__ == "__main__":
    environment.settle()
    sys.exit(main())
