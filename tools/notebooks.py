"""Regenerate the notebooks: the only way their outputs, ids and generated cells change.

For every notebook of the book: write the generated Markdown cells anew, run it from top to
bottom in a fresh kernel, and store it in one normal form, so that two runs give the same bytes.
A notebook whose cell fails, or whose outputs cannot be the same twice, stays as it is.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError
from tqdm import tqdm

from tools import (
    claims,
    environment,
    equations,
    execution,
    paper_map,
    price_list,
    proofs,
    start_page,
    summary,
)
from tools.book import ROOT, chapters, tags, title, write

PROCESSES = 2

_WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_KEPT_CELL_METADATA = ("tags", "mystnb")
_NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "pygments_lexer": "ipython3"},
}
#: What differs from run to run or from machine to machine.
_VOLATILE = (
    (re.compile(r"\bat 0x[0-9a-fA-F]{6,}"), "a memory address"),
    (re.compile(r"(?<![\w.:/])/(?:tmp|home|root|Users|private|var)/\S+"), "a path of this machine"),
    (re.compile(r"\d(?:it/s|s/it)\]"), "a progress bar with times"),
)
_SHARED_FIGURE = re.compile(r"assets/figures/([a-z0-9-]+)\.svg")


class NotebookError(Exception):
    """A notebook that cannot be stored; says which notebook and cell, and why."""


def notebook_paths(root: Path) -> list[Path]:
    """Return the notebooks of the book."""
    return sorted((root / "book").glob("*.ipynb"))


def refresh(
    notebook: nbformat.NotebookNode, chapter: str, ledger: list[claims.Claim], root: Path = ROOT
) -> None:
    """Write the generated Markdown cells of a chapter anew, in place."""
    found = [cell for cell in notebook.cells if claims.SETTLED_TAG in tags(cell)]
    settled = bool(claims.settled(ledger, chapter))
    if len(found) != settled:
        raise NotebookError(
            f"{chapter}.ipynb settles {'some' if settled else 'no'} claims and has {len(found)} "
            f"Markdown cells tagged {claims.SETTLED_TAG}; wanted is {int(settled)}"
        )
    for cell in found:
        items = paper_map.items_of(chapter, paper_map.load(root))
        titles = {name: title(name, root) for name in chapters(root)}
        cell.source = claims.render_settled(ledger, chapter, items, titles)
    for cell in notebook.cells:
        if price_list.TAG in tags(cell):
            cell.source = price_list.render(
                ledger, {name: title(name, root) for name in chapters(root)}
            )
    show_theorems(notebook, [claim for claim in ledger if claim.chapter == chapter], root)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            try:
                cell.source = equations.fill(cell.source)
            except ValueError as error:
                raise NotebookError(f"{chapter}.ipynb, an equation: {error}") from None


def show_theorems(
    notebook: nbformat.NotebookNode, ledger: list[claims.Claim], root: Path = ROOT
) -> None:
    """Put the machine-checked theorems of a cell's claims under the cell, in place."""
    wanted: dict[str, list[str]] = {}
    for claim in ledger:
        if claim.checked:
            wanted.setdefault(claim.cell, []).extend(claim.theorems)
    known = proofs.load(root)["theorems"] if wanted else {}
    cells = []
    for cell in notebook.cells:
        if proofs.TAG in tags(cell):
            continue
        cells.append(cell)
        for name in wanted.keys() & set(tags(cell)):
            text = proofs.render_cell([known[theorem] for theorem in dict.fromkeys(wanted[name])])
            metadata = {"tags": [proofs.TAG]}
            cells.append(nbformat.v4.new_markdown_cell(text, metadata=metadata))
    notebook.cells = cells


def normalise(notebook: nbformat.NotebookNode) -> str:
    """Return the text of `notebook` in its normal form.

    Widget views and widget state go, since they hold random ids and whole libraries; the text
    and the static picture beside them stay. Cell ids come from the tag ``cell-…`` or from the
    source, so that an inserted cell changes no other id.
    """
    seen: Counter[str] = Counter()
    cells = []
    for cell in notebook.cells:
        kept = {key: cell.metadata[key] for key in _KEPT_CELL_METADATA if cell.metadata.get(key)}
        plain = {
            "cell_type": cell.cell_type,
            "id": _cell_id(cell, seen),
            "metadata": kept,
            "source": cell.source.strip("\n"),
        }
        if cell.cell_type == "code":
            plain["execution_count"] = cell.execution_count
            plain["outputs"] = _outputs(cell.outputs)
        cells.append(plain)
    whole = {"cells": cells, "metadata": _NOTEBOOK_METADATA, "nbformat": 4, "nbformat_minor": 5}
    node = nbformat.from_dict(whole)
    nbformat.validate(node)
    return nbformat.writes(node, ensure_ascii=False).rstrip("\n") + "\n"


def _cell_id(cell: nbformat.NotebookNode, seen: Counter[str]) -> str:
    for tag in tags(cell):
        if tag.startswith("cell-"):
            name = tag
            break
    else:
        name = hashlib.sha256(f"{cell.cell_type} {cell.source}".encode()).hexdigest()[:8]
    seen[name] += 1
    return name if seen[name] == 1 else f"{name}-{seen[name]}"


def _outputs(outputs: list[nbformat.NotebookNode]) -> list[dict]:
    kept: list[dict] = []
    for output in outputs:
        plain = dict(output)
        if plain["output_type"] == "stream":
            # A kernel may send one print in several pieces.
            last = kept[-1] if kept else {}
            if last.get("output_type") == "stream" and last["name"] == plain["name"]:
                last["text"] += plain["text"]
                continue
        elif "data" in plain:
            plain["data"] = {k: v for k, v in plain["data"].items() if k != _WIDGET_VIEW}
            metadata = plain.get("metadata", {})
            plain["metadata"] = {k: v for k, v in metadata.items() if k in plain["data"]}
            if not plain["data"]:
                continue
        kept.append(plain)
    return kept


def check_outputs(notebook: nbformat.NotebookNode, name: str) -> None:
    """Refuse outputs that a second run would not give again, and warnings.

    Raises
    ------
    NotebookError
        Naming the notebook, the cell and the text.
    """
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            where = f"{name}, cell {number} ({_first_line(cell.source)})"
            if output.get("name") == "stderr":
                raise NotebookError(f"{where} writes to stderr: {output.text.strip()}")
            texts = [output.get("text", ""), *output.get("data", {}).values()]
            for text in texts:
                for pattern, what in _VOLATILE:
                    match = pattern.search(text) if isinstance(text, str) else None
                    if match:
                        raise NotebookError(f"{where} shows {what}: {match[0]}")


def check_figures(notebook: nbformat.NotebookNode, name: str) -> None:
    """Refuse a notebook in which a figure was not drawn.

    Raises
    ------
    NotebookError
        Naming the notebook and the cell.
    """
    for number in execution.without_figure(notebook):
        where = f"{name}, cell {number} ({_first_line(notebook.cells[number].source)})"
        raise NotebookError(f"{where} shows no picture where a figure belongs")


def _first_line(source: str) -> str:
    return next((line for line in source.splitlines() if line.strip()), "")


def execute(notebook: nbformat.NotebookNode, name: str, folder: Path) -> None:
    """Run every cell in a fresh kernel, in place.

    Raises
    ------
    NotebookError
        If a cell fails, naming the notebook, the cell and the error.
    """
    try:
        execution.client(notebook, folder, record_timing=False).execute()
    except CellExecutionError as error:
        number = next(
            number
            for number, cell in enumerate(notebook.cells)
            if any(output.output_type == "error" for output in cell.get("outputs", []))
        )
        raise NotebookError(
            f"{name}, cell {number} ({_first_line(notebook.cells[number].source)}) failed: "
            f"{error.ename}: {error.evalue}"
        ) from None


def regenerate(path: Path, root: Path, *, run: bool = True) -> str:
    """Return the text that the notebook at `path` should have.

    Parameters
    ----------
    path : Path
    root : Path
        The checkout it belongs to.
    run : bool
        Whether to execute; otherwise the stored outputs are kept.
    """
    notebook = nbformat.read(path, as_version=4)
    refresh(notebook, path.stem, claims.load(root), root)
    if run:
        execute(notebook, path.name, path.parent)
    check_outputs(notebook, path.name)
    check_figures(notebook, path.name)
    return normalise(notebook)


def _regenerate_file(path: Path, root: Path) -> None:
    write(path, regenerate(path, root))


def shared_figures(root: Path) -> dict[Path, str]:
    """Return the pictures that pages show from a chapter, with their text.

    A page that is no notebook asks for a chapter's figure ``fig-x`` by the path
    ``assets/figures/x.svg``; the picture is the stored output of the cell of that name.
    """
    wanted = set()
    for page in (root / "book").glob("*.md"):
        wanted |= set(_SHARED_FIGURE.findall(page.read_text(encoding="utf-8")))
    found = {}
    for path in notebook_paths(root):
        for cell in nbformat.read(path, as_version=4).cells:
            label = cell.metadata.get("mystnb", {}).get("figure", {}).get("name", "")
            if label.removeprefix("fig-") in wanted:
                pictures = [o.data.get("image/svg+xml") for o in cell.outputs if "data" in o]
                if len(pictures) != 1 or not pictures[0]:
                    raise NotebookError(
                        f"{path.name}: the cell of {label} has no single picture: run it first"
                    )
                [picture] = pictures
                name = f"{label.removeprefix('fig-')}.svg"
                found[root / "book" / "assets" / "figures" / name] = picture
    if missing := wanted - {path.stem for path in found}:
        raise NotebookError(f"no chapter has a figure called {', '.join(sorted(missing))}")
    return found


def stale(root: Path = ROOT) -> list[str]:
    """Return the files that `make notebooks` would change without running a cell."""
    found = []
    for path in notebook_paths(root):
        if regenerate(path, root, run=False) != path.read_text(encoding="utf-8"):
            found.append(path.name)
    for path, text in (generated_pages(root) | shared_figures(root)).items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            found.append(path.name)
    return found


def generated_pages(root: Path) -> dict[Path, str]:
    """Return the files written from the ledger, the paper map, the summary and the contents."""
    ledger = claims.load(root)
    titles = claims.titles(ledger, root)
    texts = {
        "claims": claims.render_ledger(ledger, titles),
        "corrections": claims.render_corrections(ledger, titles),
        "annotated-reading": claims.render_annotated(ledger, titles),
        "paper-map": paper_map.render(paper_map.load(root), ledger, titles),
    }
    templates = root / "book" / "templates"
    if (templates / "summary.md").is_file():
        texts["summary"] = summary.render(ledger, root)
    if (templates / "proofs.md").is_file():
        texts["proofs"] = proofs.render_page(ledger, titles, root)
    found = {root / "book" / f"{name}.md": text for name, text in texts.items()}
    if (root / "book" / "price-list.ipynb").is_file():
        data = price_list.files(ledger)
        assets = root / "book" / "assets"
        found |= {assets / f"price-list.{kind}": text for kind, text in data.items()}
    return found | {root / start_page.NAME: start_page.render(root)}


def main(argv: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.notebooks", description=__doc__)
    parser.add_argument("names", nargs="*", help="chapters to regenerate; all by default")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; say which files are not normal"
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout")
    given = parser.parse_args(argv)
    root = given.root.resolve()
    if given.check:
        try:
            found = stale(root)
        except NotebookError as error:
            found = [str(error)]
        for name in found:
            print(f"not as 'make notebooks' leaves it: {name}", file=sys.stderr)
        return bool(found)

    paths = notebook_paths(root)
    if unknown := sorted(set(given.names) - {path.stem for path in paths}):
        parser.error(f"no notebook called {', '.join(unknown)} in book/")
    paths = [path for path in paths if not given.names or path.stem in given.names]

    try:
        execution.check_kernel()
    except execution.ExecutionError as error:
        print(error, file=sys.stderr)
        return 1
    for path, text in generated_pages(root).items():
        write(path, text)
    failed = []
    with ProcessPoolExecutor(PROCESSES) as pool:
        job = partial(_regenerate_file, root=root)
        running = {pool.submit(job, path): path for path in paths}
        for done in tqdm(as_completed(running), total=len(paths), unit="notebook"):
            try:
                done.result()
            except NotebookError as error:
                failed.append(f"{error} ({running[done].name} left as it was)")
    try:
        for path, text in shared_figures(root).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path, text)
    except NotebookError as error:
        failed.append(str(error))
    for message in failed:
        print(message, file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    environment.settle()
    sys.exit(main())
