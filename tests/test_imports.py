"""The packages import one way: a module may use only what stands below it."""

import ast
from pathlib import Path

import pytest

import latchlib

PACKAGES = ("latchlib", "latchbook")

#: What each module of latchlib and latchbook may import. A new module gets a line here first.
ALLOWED = {
    "__init__": set(),
    "_validation": set(),
    "formulas": set(),
    "statistics": set(),
    "tables": set(),
    "tasks": set(),
    "surfaces": set(),
    "recurrent": {"formulas"},
    "attractors": {"formulas", "recurrent"},
    "latching": {"formulas", "attractors", "recurrent"},
    "networks": set(),
    "phase_space": {"networks"},
    "contraction": {"networks", "phase_space"},
    "intervals": {"networks", "phase_space"},
    "bptt": {"formulas", "recurrent"},
    "backprop_network": set(),
    "problems": {"tasks", "backprop_network"},
    "objective": {"tasks", "bptt", "problems", "backprop_network"},
    "training": {"objective", "bptt", "backprop_network"},
    "threshold_loop": {"backprop_network", "formulas", "training"},
    "search_paths": {"training"},
    "guessing": {"backprop_network", "formulas", "problems"},
    "experiments": {"training", "objective", "problems", "tasks", "latching", "statistics"},
    "figures": {"formulas", "attractors", "latching", "phase_space", "contraction"},
    "explorables": {
        *("formulas", "recurrent", "attractors", "latching", "figures"),
        *("networks", "phase_space", "contraction"),
        *("bptt", "objective", "tasks", "training", "threshold_loop"),
        *("problems", "search_paths"),
    },
    "questions": {"formulas", "explorables"},
    "chapters": {
        *("questions", "figures", "formulas", "attractors", "latching", "statistics", "training"),
        *("phase_space", "contraction"),
    },
    "__main__": {"experiments"},
}
#: Open to all: argument checks, and the version in __init__.
COMMON = {"_validation", "__init__"}


def edges(package: Path) -> set[tuple[str, str]]:
    """Return (importer, imported) for the modules of `package`, subpackages counted as one."""
    name = package.name
    modules = _modules(package)
    found = set()
    for path in package.rglob("*.py"):
        inside = list(path.relative_to(package).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for target in _targets(node, name, inside):
                top, *rest = target.split(".")
                if top in {name, *PACKAGES}:
                    imported = rest[0] if rest and rest[0] in modules else "__init__"
                    found.add((module_of(package, path), imported))
    return {(source, target) for source, target in found if source != target}


def _modules(package: Path) -> set[str]:
    """Return the names of the modules of a package, and of those beside it."""
    beside = {package, *(package.with_name(name) for name in PACKAGES)}
    return {module_of(each, path) for each in beside for path in each.rglob("*.py")}


def module_of(package: Path, path: Path) -> str:
    """Return the module or subpackage of `package` that the file `path` belongs to."""
    return path.relative_to(package).with_suffix("").parts[0]


def _targets(node: ast.AST, name: str, inside: list[str]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            above = [name, *inside][: -node.level]
            base = ".".join([*above, base] if base else above)
        return [f"{base}.{alias.name}" for alias in node.names]
    return []


def violations(package: Path) -> list[str]:
    """Say which imports of `package` the table does not allow."""
    modules = _modules(package)
    unknown = [f"{module} is not in the table" for module in sorted(modules - set(ALLOWED))]
    forbidden = [
        f"{source} imports {target}"
        for source, target in sorted(edges(package))
        if target not in ALLOWED.get(source, set()) | COMMON
    ]
    return unknown + forbidden


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_imports_one_way(name):
    package = Path(latchlib.__file__).parents[1] / name
    assert edges(package), "no import was found: is the package being read?"
    assert violations(package) == []


def test_the_table_has_no_cycle():
    left = {module: set(below) for module, below in ALLOWED.items()}
    while left:
        free = [module for module, below in left.items() if not below & set(left)]
        assert free, f"a cycle among {', '.join(left)}"
        for module in free:
            del left[module]


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("formulas.py", "from latchlib import recurrent", "formulas imports recurrent"),
        ("formulas.py", "from latchlib.recurrent import step", "formulas imports recurrent"),
        ("formulas.py", "import latchlib.recurrent as r", "formulas imports recurrent"),
        ("formulas.py", "from . import recurrent", "formulas imports recurrent"),
        ("formulas.py", "from .recurrent import step", "formulas imports recurrent"),
        ("formulas.py", "def f():\n    from latchlib import tasks", "formulas imports tasks"),
        ("training/new.py", "from ..experiments import fig", "training imports experiments"),
        ("tasks.py", "from latchbook import figures", "tasks imports figures"),
        ("training/new.py", "from .. import experiments", "training imports experiments"),
        ("newcomer.py", "", "newcomer is not in the table"),
    ],
)
def test_a_forbidden_import_is_found(tmp_path, path, source, expected):
    package = tmp_path / "latchlib"
    (package / "training").mkdir(parents=True)
    package.with_name("latchbook").mkdir()
    package.with_name("latchbook").joinpath("figures.py").touch()
    for name in ("__init__", "recurrent", "tasks", "experiments", "training/__init__"):
        (package / f"{name}.py").touch()
    assert violations(package) == []
    (package / path).write_text(source)
    assert violations(package) == [expected]


def test_an_allowed_import_is_not_reported(tmp_path):
    package = tmp_path / "latchlib"
    (package / "training").mkdir(parents=True)
    (package / "__init__.py").write_text("__version__ = '0'")
    for name in ("_validation", "objective", "bptt", "tasks"):
        (package / f"{name}.py").touch()
    (package / "training" / "__init__.py").write_text(
        "from latchlib import __version__\n"
        "from latchlib._validation import finite\n"
        "from .one import train\n"
    )
    (package / "training" / "one.py").write_text("import numpy\nfrom ..objective import Loss\n")
    assert violations(package) == []
    assert ("training", "objective") in edges(package)
