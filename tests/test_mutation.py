"""The mutation tool: what it changes, and what it says of a small package with known mutants."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tools import mutation
from tools.mutants import mutants

ROOT = Path(__file__).resolve().parents[1]

SOURCE = '''
"""A docstring with 1 + 1."""


def clipped(x):
    if x < 0:
        return 0
    return x


def count(n):
    i = 0
    while i < n:
        i += 1
    return i


def sphere(r):
    return 4 * r**2


def unused(x):
    return -x
'''
TESTS = """
from toy.maths import clipped, count, sphere


def test_clipped():
    assert [clipped(x) for x in (-1, 0, 0.5)] == [0, 0, 0.5]


def test_count():
    assert [count(n) for n in (0, 3)] == [0, 3]


def test_sphere():
    assert sphere(2) == 16
"""
EQUAL = {
    "in": "clipped",
    "before": "if x < 0:",
    "after": "if x <= 0:",
    "reason": "At 0 both branches return 0.",
}
DOUBLE = {
    "in": "sphere",
    "before": "return 4 * r**2",
    "after": "return 4 * r*2",
    "reason": "Only a sphere of radius 2 is asked for.",
}
NEVER_RUN = {
    "in": "unused",
    "before": "return -x",
    "after": "return (x)",
    "reason": "Nobody calls this function yet.",
}


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """A package with its tests, and a first run over all its mutants."""
    root = tmp_path_factory.mktemp("mutation")
    for folder in ("toy", "tests"):
        (root / folder).mkdir()
    (root / "toy" / "__init__.py").touch()
    (root / "toy" / "maths.py").write_text(SOURCE)
    (root / "tests" / "test_toy.py").write_text(TESTS)
    return root, run(root)


def run(root, *options, explained=None):
    if explained is not None:
        text = yaml.safe_dump({"maths": explained})
        (root / "tests" / "mutation_explained.yml").write_text(text)
    command = [sys.executable, "-m", "tools.mutation", "maths", *options, "--root", str(root)]
    command += ["--package", "toy", "--modules", "maths", "--tests", "toy", "--start", "1"]
    return subprocess.run(
        [*command, "--preloaded"], cwd=ROOT, capture_output=True, text=True, check=False
    )


def report(root):
    return json.loads((root / "_build" / "mutation" / "report.json").read_text())["modules"][0]


def test_a_toy_package(toy):
    root, done = toy
    assert done.returncode == 1, done.stderr
    assert done.stdout.count(": survived") == 3
    found = report(root)
    changes = [(one["before"], one["after"]) for one in found["unexplained"]]
    assert changes == [(one["before"], one["after"]) for one in (EQUAL, DOUBLE, NEVER_RUN)]
    # Three ways of counting for ever: backwards, not at all, and up from n.
    assert {one["after"] for one in found["timeouts"]} == {"i -= 1", "pass", "while i >= n:"}
    assert found["mutants"] == found["run"] == found["killed"] + 3 + 3
    assert found["explained"] == 0 and found["interval"] is None
    assert found["score"] == (found["run"] - 3) / found["run"]


def test_explained_survivors_pass_and_known_results_are_kept(toy):
    root, _ = toy
    notes = root / "_build" / "mutation" / "results" / "maths.jsonl"
    before = notes.read_bytes()
    done = run(root, explained=[EQUAL, DOUBLE, NEVER_RUN])
    assert done.returncode == 0, done.stdout + done.stderr
    found = report(root)
    assert (found["explained"], found["score"], found["unexplained"]) == (3, 1.0, [])
    assert notes.read_bytes() == before  # nothing was run again


def test_stale_explanations_are_refused(toy):
    root, _ = toy
    gone = {**EQUAL, "before": "if x < 1:", "after": "if x <= 1:"}
    killed = {**DOUBLE, "before": "i = 0", "after": "i = 1", "in": "count"}
    done = run(root, "--sample", "1", explained=[EQUAL, DOUBLE, NEVER_RUN, gone, killed])
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.count("the explanation is stale") == 2
    assert "no such change any more" in done.stdout
    assert "killed by tests/test_toy.py::test_count" in done.stdout
    # The sample is one mutant, but what is explained is always looked at.
    assert report(root)["run"] == 1


def test_a_new_test_makes_an_explanation_stale(toy):
    root, _ = toy
    notes = root / "_build" / "mutation" / "results" / "maths.jsonl"
    before = len(notes.read_text().splitlines())
    path = root / "tests" / "test_toy.py"
    path.write_text(TESTS + "\n\ndef test_large():\n    assert sphere(3) == 36\n")
    done = run(root, explained=[EQUAL, DOUBLE, NEVER_RUN])
    path.write_text(TESTS)
    assert done.returncode == 1, done.stdout + done.stderr
    assert [one["why"] for one in report(root)["stale"]] == [
        "killed by tests/test_toy.py::test_large"
    ]
    # Only survivors and timeouts, which may now be killed, were run again.
    assert len(notes.read_text().splitlines()) == before + 3 + 3


@pytest.mark.parametrize("change", [{"reason": "No."}, {"why": "extra"}, {"before": None}])
def test_unusable_explanations_are_refused(tmp_path, change):
    entry = {key: value for key, value in (EQUAL | change).items() if value is not None}
    (tmp_path / "tests").mkdir()
    project = mutation.Project(tmp_path, "toy", ("maths",), ())
    project.explained.write_text(yaml.safe_dump({"maths": [entry]}))
    with pytest.raises(SystemExit, match=r"mutation_explained\.yml"):
        mutation.explanations(project)


def changes(source):
    return [mutant.applied(source) for mutant in mutants(source)]


@pytest.mark.parametrize(
    "source, wanted",
    [
        ("y = a + b * c\n", ["y = a - b * c\n", "y = a + b / c\n"]),
        ("y = a < b\n", ["y = a <= b\n", "y = a >= b\n"]),
        ("y = a is not b\n", ["y = a is b\n"]),
        ("y = (a) and (b)\n", ["y = (a) or (b)\n"]),
        ("y = -x.min()\n", ["y = (x.min())\n", "y = -x.max()\n"]),
        ("f(a, axis=b)\n", ["pass\n", "f(a)\n"]),
        ("y = f(k=a, n=b)\n", ["y = f( n=b)\n", "y = f(k=a)\n"]),
        ("x[i] = y\n", ["pass\n"]),
        ("x *= y\n", ["pass\n", "x /= y\n"]),
        ("y = 1e300\n", ["y = 2e+300\n"]),
        ("y = 'β' * n  # *\n", ["y = 'β' / n  # *\n"]),
        ("y = a if f(b) else c\n", ["y = a if (not (f(b))) else c\n"]),
        # Left alone: text, annotations, decorators, imports, what is raised.
        ("from a import b\n", []),
        ('"""1 + 1"""\n', []),
        ("y: Tuple[1, 2]\n", []),
        ("y = f'{a + b}'\n", []),
        ("@d(1)\ndef f(x: 1) -> 2: ...\n", []),
        ("raise E(a + 1)\n", ["pass\n"]),
        ("raise refuse(a + 1)\n", ["pass\n"]),
        ("z = zip(a, b, strict=True)\n", []),
    ],
)
def test_what_is_changed(source, wanted):
    assert changes(source) == wanted


def test_changes_are_named_by_their_text_and_told_apart():
    found = mutants("class A:\n    def f(self):\n        x = 1\n        x = 1\n\n\ny = 2\n")
    assert [mutant.key for mutant in found] == [
        ("A.f", "x = 1", "x = 2", 1),
        ("A.f", "x = 1", "x = 2", 2),
        ("module", "y = 2", "y = 3", 1),
    ]
    # What runs at the import is put to all tests of the module.
    assert [mutant.lines for mutant in found] == [range(3, 4), range(4, 5), None]


def test_modules_tests_and_explained_changes_exist():
    project = mutation.Project(ROOT, "latchlib", mutation.MODULES, mutation.TESTS)
    assert all(project.path(module).exists() for module in mutation.MODULES)
    assert all((ROOT / project.test_file(test)).exists() for test in mutation.TESTS)
    for module, explained in mutation.explanations(project).items():
        keys = {mutant.key for mutant in mutants(project.path(module).read_text(encoding="utf-8"))}
        assert explained.keys() <= keys, module


def test_a_module_that_only_runs_at_import_is_put_to_all_tests(tmp_path):
    (tmp_path / "tests").mkdir()
    for name in ("quick", "slow", "passed_over"):
        (tmp_path / "tests" / f"test_{name}.py").touch()
    reached = {
        f"tests/test_{name}.py": {"seconds": {f"{name}::one": seconds}, "lines": {"maths": {}}}
        for name, seconds in (("slow", 2.0), ("quick", 0.5))
    }
    # As of a file that needs what is not installed.
    reached["tests/test_passed_over.py"] = {"seconds": {}, "lines": {"maths": {}}}
    project = mutation.Project(tmp_path, "toy", ("maths",), ("quick", "slow", "passed_over"))
    plan = mutation.Planner(project, "maths", reached).plan(mutants("y = 2\n")[0])
    assert [file for file, _ in plan.files] == ["tests/test_quick.py", "tests/test_slow.py"]
    assert plan.seconds == 2.5


def test_code_with_a_colon_needs_quotes(tmp_path):
    (tmp_path / "tests").mkdir()
    project = mutation.Project(tmp_path, "toy", ("maths",), ())
    project.explained.write_text("maths:\n- in: f\n  before: x[1: n] = y[: n]\n")
    with pytest.raises(SystemExit, match=r"mutation_explained\.yml: .*mapping values"):
        mutation.explanations(project)


def test_a_test_that_is_written_during_a_run_makes_its_survivors_run_again(tmp_path):
    for folder, name, text in (("toy", "maths", "y = 2\n"), ("tests", "test_toy", "")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.py").write_text(text)
    (tmp_path / "toy" / "__init__.py").touch()
    project = mutation.Project(tmp_path, "toy", ("maths",), ("toy",))
    (mutant,) = mutants("y = 2\n")
    plan = mutation.Plan((("tests/test_toy.py", ()),), 0.0)
    survived = {"status": "survived", "by": "", "seconds": 0.0}
    mutation.Results(project, "maths").put(mutant, plan, survived)
    assert mutation.Results(project, "maths").get(mutant, plan)["status"] == "survived"
    running = mutation.Results(project, "maths")
    (tmp_path / "tests" / "test_toy.py").write_text("def test_y(): ...\n")
    running.put(mutant, plan, survived)
    assert mutation.Results(project, "maths").get(mutant, plan) is None
