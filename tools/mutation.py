"""Mutation testing: `make mutation`, `make mutation MODULE=bptt SAMPLE=50`.

Each mutant (tools/mutants.py) is one small change to a numerical module. A mutant that no test
notices survives: the tests get a new assertion, or tests/mutation_explained.yml says why the
change makes no difference. The run fails on a survivor that is not explained, and on an
explanation that is not true any more.

Why a tool of our own. mutmut 3 makes no mutants in a function with a decorator, nor outside
functions: not one in the certificates of latchlib.intervals, which all have one. Cosmic Ray writes
each mutant into the tree, starts a new Python for it (three seconds of imports here, for tests of
milliseconds) and runs the same command for all of them. Here a process that has imported NumPy,
SciPy and SymPy forks one child a mutant; the child imports the changed module and runs, of the test
files that import it, the tests that reach the changed line, the quickest first, until one fails.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from tools.mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parents[1]

#: What is mutated, the core first: all that computes numbers the book shows.
MODULES = (
    *("recurrent", "bptt", "backprop_network", "objective", "statistics", "tasks", "problems"),
    *("training", "training._base", "training._online", "training._run"),
    *("training.back_propagation", "training.sequence_back_propagation"),
    *("training.pseudo_newton", "training.discrete_error", "training.multigrid"),
    *("training.random_guessing", "training.simulated_annealing"),
    *("networks", "contraction", "intervals", "phase_space", "attractors", "latching"),
    *("threshold_loop", "surfaces", "guessing", "search_paths"),
    *("experiments._trials", "experiments.comparison", "experiments.contrasts"),
    *("experiments.latching", "experiments.searches"),
)
#: Tests of numbers. That a figure or a page looks different is no test of the number behind it.
TESTS = (
    *("attractors", "backprop_network", "bptt", "comparison", "contraction", "contrasts"),
    *("experiments", "guessing", "intervals", "latching", "networks", "objective", "phase_space"),
    *("plateaus", "problems", "recurrent", "search_paths", "searches_beside_scipy"),
    *("sequence_objective", "statistics", "surfaces", "tables_1993", "tasks", "threshold_loop"),
    *("torch_oracle", "training", "training_algorithms", "trials", "validation"),
)
#: Imported once, before the children are forked.
PRELOADED = ("numpy", "scipy.stats", "scipy.optimize", "sympy", "mpmath", "flint", "pandas", "tqdm")

#: Seconds of processor time that a mutant may take: a start, and so many times what its tests take.
START, PATIENCE = 10, 5
#: A mutant may ask for arrays of any size.
MEMORY = 8 << 30
#: Version of the stored results.
FORMAT = 1

_PYTEST = ["--rootdir=.", "-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:faulthandler"]


@dataclass(frozen=True)
class Project:
    """What is tested: `package` in `root`, its modules and its test files."""

    root: Path
    package: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    preloaded: tuple[str, ...] = PRELOADED
    start: int = START

    @property
    def notes(self) -> Path:
        """Where results are kept between runs."""
        return self.root / "_build" / "mutation"

    @property
    def explained(self) -> Path:
        """The reviewed explanations."""
        return self.root / "tests" / "mutation_explained.yml"

    def path(self, module: str) -> Path:
        """Return the file of a module of the package."""
        base = self.root.joinpath(self.package, *module.split("."))
        return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")

    def test_file(self, test: str) -> str:
        """Return the path of a test file within the root, as pytest writes it."""
        return f"tests/test_{test}.py"

    def full(self, module: str) -> str:
        """Return a module's name for import."""
        return f"{self.package}.{module}"

    @cached_property
    def imports(self) -> dict[str, set[str]]:
        """For every module of the package, those that are imported along with it."""
        folder = self.root / self.package
        direct = {}
        for path in folder.rglob("*.py"):
            parts = path.relative_to(self.root).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            direct[name] = (path, set())
        for name, (path, found) in direct.items():
            parents = {name.rsplit(".", i)[0] for i in range(1, name.count(".") + 1)}
            found |= parents
            found |= _imported(path) & direct.keys()
        closed = {}
        for name in direct:
            reached, waiting = set(), [name]
            while waiting:
                one = waiting.pop()
                if one not in reached:
                    reached.add(one)
                    waiting += direct[one][1]
            closed[name] = reached
        return closed

    def needed(self, file: str) -> set[str]:
        """Return the modules of the package that a test file imports, and what they import."""
        names = _imported(self.root / file) & self.imports.keys()
        return set().union(*(self.imports[name] for name in names))

    def asks_for(self, file: str, module: str) -> bool:
        """Whether a test file imports a module itself, or a package inside ours that holds it.

        Others may reach it by way of what they import; but a module should be held by the tests
        that are about it, and they are quicker.
        """
        name = self.full(module)
        holders = {name.rsplit(".", i)[0] for i in range(name.count("."))}
        return not holders.isdisjoint(_imported(self.root / file))

    def digest(self, module: str) -> str:
        """Return a hash of a module and all that it imports from the package."""
        return self.digest_of(self.imports[self.full(module)])

    def digest_of(self, names: set[str]) -> str:
        """Return a hash of modules, named for import."""
        texts = (self.path(n.partition(".")[2]).read_bytes() for n in sorted(names) if "." in n)
        return _hash(FORMAT, *sorted(names), *texts)


def _imported(path: Path) -> set[str]:
    """Return the names that the imports of a file may stand for, wherever they are in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{n.name}" for n in node.names)}
        elif isinstance(node, ast.Import):
            found |= {n.name for n in node.names}
    return found


def _hash(*parts: object) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else str(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()[:16]


# --- which tests run which line


class _Settings:
    """The same examples every time, and no time spent on making a failing one small."""

    def pytest_collection(self):
        try:
            from hypothesis import HealthCheck, Phase, settings
        except ImportError:
            return
        settings.register_profile(
            "mutation",
            settings.default,
            derandomize=True,
            database=None,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        settings.load_profile("mutation")


class _Recorder:
    """Tells coverage which test is running, and counts each one's processor time."""

    def __init__(self, coverage) -> None:
        self.coverage = coverage
        self.seconds = {}
        self.began = 0.0
        self.failed = []

    def pytest_runtest_logstart(self, nodeid):
        self.coverage.switch_context(nodeid)
        self.began = sum(os.times()[:4])

    def pytest_runtest_logfinish(self, nodeid):
        self.seconds[nodeid] = round(sum(os.times()[:4]) - self.began, 3)
        self.coverage.switch_context("")

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_collectreport(self, report):
        if report.failed:
            self.failed.append(f"{report.nodeid}: {report.longreprtext}")


def measure(project: Project, file: str, target: Path) -> int:
    """Run one test file; write how long each test takes and which lines of the package it runs."""
    import coverage
    import pytest

    watch = coverage.Coverage(
        data_file=None, config_file=False, source=[str(project.root / project.package)]
    )
    recorder = _Recorder(watch)
    watch.start()
    pytest.main([file, *_PYTEST], plugins=[_Settings(), recorder])
    watch.stop()
    data = watch.get_data()
    lines = {}
    for module in project.modules:
        reached: dict[str, list[int]] = {}
        for line, tests in sorted(data.contexts_by_lineno(str(project.path(module))).items()):
            for test in tests:
                if test:
                    reached.setdefault(test, []).append(line)
        lines[module] = reached
    found = {"seconds": recorder.seconds, "lines": lines, "failed": recorder.failed}
    target.write_text(json.dumps(found), encoding="utf-8")
    return 0


def reached_lines(project: Project, module: str, jobs: int) -> dict[str, dict]:
    """Return what `measure` says of the test files of a module, from the notes if they hold.

    A note holds as long as the file and all that it imports from the package are what they were.
    """
    folder = project.notes / "reached"
    folder.mkdir(parents=True, exist_ok=True)
    wanted, waiting = {}, []
    for test in project.tests:
        file = project.test_file(test)
        if not project.asks_for(file, module):
            continue
        needed = project.needed(file)
        text = (project.root / file).read_bytes()
        name = _hash(FORMAT, project.digest_of(needed), text, *project.modules)
        wanted[file] = folder / f"{test}-{name}.json"
        if not wanted[file].exists():
            waiting.append(file)
            for old in folder.glob(f"{test}-*.json"):
                old.unlink()
    running: dict[str, subprocess.Popen] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            file = waiting.pop(0)
            running[file] = _start_measuring(project, file, wanted[file])
        time.sleep(0.05)
        for file, process in list(running.items()):
            if process.poll() is not None:
                del running[file]
                if process.returncode or not wanted[file].exists():
                    raise SystemExit(f"mutation: {file} could not be measured")
                _say(f"measured which lines {file} runs; {len(waiting) + len(running)} to go")
    found = {file: json.loads(path.read_text(encoding="utf-8")) for file, path in wanted.items()}
    for file, path in wanted.items():
        if found[file]["failed"]:
            path.unlink()
            failed = "\n".join(found[file]["failed"])
            raise SystemExit(f"mutation: tests fail without any mutant:\n{failed}")
    return found


def _start_measuring(project: Project, file: str, target: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "tools.mutation", "--root", str(project.root)]
    command += ["--package", project.package, "--modules", *project.modules]
    command += ["--measure", file, str(target)]
    environment = os.environ | _environment()
    # The newest core of coverage.py cannot tell tests apart.
    environment |= {
        "COVERAGE_CORE": "ctrace",
        "PYTHONPATH": os.pathsep.join([str(project.root), str(ROOT)]),
    }
    return subprocess.Popen(command, cwd=project.root, env=environment, stdout=subprocess.DEVNULL)


def _environment() -> dict[str, str]:
    # One thread each: children are forked, and run side by side.
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "MPLBACKEND": "agg",
        **dict.fromkeys(threads, "1"),
    }


# --- which tests a mutant is given


@dataclass(frozen=True)
class Plan:
    """Files and their tests in the order in which they are run, and their processor time."""

    files: tuple[tuple[str, tuple[str, ...]], ...]
    seconds: float


class Planner:
    """Chooses the tests for a mutant of one module."""

    def __init__(self, project: Project, module: str, reached: dict[str, dict]) -> None:
        self.project, self.reached, self.module = project, reached, module
        self.whole = {file for file in reached if self._shares(file)}

    def _shares(self, file: str) -> bool:
        # What one test computes another may use; coverage sees the first one only.
        text = (self.project.root / file).read_text(encoding="utf-8")
        return bool(re.search(r"\bscope=|@(functools\.)?(lru_cache|cache)\b", text))

    def plan(self, mutant: Mutant | None) -> Plan:
        """Return the tests for a mutant; for None all tests of the module."""
        chosen = {}
        if mutant and mutant.lines is not None:
            chosen = self._reaching(set(mutant.lines))
        if not chosen:
            # What runs when the module is imported shows in any test; a line that only other
            # processes run, or none, in who knows which.
            # (None at all is run of a file that compares with something that is not installed.)
            known = self.reached.items()
            chosen = {file: set(what["seconds"]) for file, what in known if what["seconds"]}
        files = []
        for file, tests in chosen.items():
            seconds = self.reached[file]["seconds"]
            order = sorted(tests, key=lambda test: (seconds[test], test))
            if file in self.whole:
                order += sorted(seconds.keys() - tests, key=lambda test: (seconds[test], test))
            files.append((sum(seconds[test] for test in order), file, tuple(order)))
        files.sort()
        return Plan(tuple((file, tests) for _, file, tests in files), sum(f[0] for f in files))

    def _reaching(self, lines: set[int]) -> dict[str, set[str]]:
        found = {}
        for file, what in self.reached.items():
            reached = what["lines"][self.module]
            tests = {test for test, its in reached.items() if not lines.isdisjoint(its)}
            if tests:
                found[file] = tests
        return found


# --- running


class _Changed(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Gives one module another source."""

    def __init__(self, name: str, path: Path, source: str) -> None:
        super().__init__(name, str(path))
        self.source = source

    def find_spec(self, fullname, path=None, target=None):
        if fullname == self.name:
            return importlib.util.spec_from_file_location(fullname, self.path, loader=self)
        return None

    def get_code(self, fullname):
        return compile(self.source, self.path, "exec")


class _Chosen:
    """Keeps the chosen tests of a file, in the chosen order, and remembers the one that failed."""

    def __init__(self, tests: tuple[str, ...]) -> None:
        self.order = {test: i for i, test in enumerate(tests)}
        self.failed: str | None = None

    def pytest_collection_modifyitems(self, items):
        items[:] = [item for item in items if item.nodeid in self.order]
        items.sort(key=lambda item: self.order[item.nodeid])

    def pytest_runtest_logreport(self, report):
        if report.failed and self.failed is None:
            self.failed = report.nodeid

    def pytest_collectreport(self, report):
        if report.failed and self.failed is None:
            self.failed = report.nodeid


def _child(project: Project, module: str, source: str, plan: Plan, answer: int) -> None:
    """Run the tests of a plan with a changed module; write who failed, or nothing."""
    import pytest

    os.setsid()
    os.chdir(project.root)
    seconds = int(project.start + PATIENCE * plan.seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    sys.meta_path.insert(0, _Changed(project.full(module), project.path(module), source))
    for file, tests in plan.files:
        chosen = _Chosen(tests)
        code = int(pytest.main([file, "-x", *_PYTEST], plugins=[_Settings(), chosen]))
        if code:
            by = chosen.failed or f"{file}: pytest ended with {code}"
            os.write(answer, json.dumps({"by": by, "code": code}).encode())
            return


@dataclass
class _Running:
    pid: int
    answer: int
    began: float
    limit: float
    what: object


def _start(project: Project, module: str, source: str, plan: Plan, what: object) -> _Running:
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        status = 1
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.close(ours)
            _child(project, module, source, plan, theirs)
            status = 0
        finally:
            os._exit(status)
    os.close(theirs)
    # A mutant that waits uses no processor time; one that shares the machine may take long.
    limit = 20 * (project.start + PATIENCE * plan.seconds)
    return _Running(pid, ours, time.monotonic(), limit, what)


def _stop(pid: int) -> None:
    """End a child and what it has started; it is not waited for yet, so the number is its own."""
    _leftovers(pid)
    os.kill(pid, signal.SIGKILL)


def _leftovers(group: int) -> None:
    """End what a finished child has left running."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _end(one: _Running, status: int, late: bool) -> dict:
    # Not until the pipe's end: a process that the tests left running holds it open too.
    os.set_blocking(one.answer, False)
    try:
        said = os.read(one.answer, 65536)
    except BlockingIOError:
        said = b""
    os.close(one.answer)
    seconds = round(time.monotonic() - one.began, 2)
    ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if late or ended_by == signal.SIGXCPU:
        return {"status": "timeout", "by": "no end in sight", "seconds": seconds}
    if ended_by:
        return {"status": "killed", "by": signal.Signals(ended_by).name, "seconds": seconds}
    if said:
        answer = json.loads(said)
        if answer["code"] in (4, 5):
            raise SystemExit(f"mutation: {answer['by']} (no test was run)")
        return {"status": "killed", "by": answer["by"], "seconds": seconds}
    if status:
        return {"status": "killed", "by": "the test run itself failed", "seconds": seconds}
    return {"status": "survived", "by": "", "seconds": seconds}


def run(
    project: Project, module: str, todo: Iterable[tuple[object, str, Plan]], jobs: int
) -> Iterator[tuple[object, dict]]:
    """Run changed sources of a module, `jobs` at once; yield (what, result) as they end."""
    waiting, running = list(todo)[::-1], []
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                what, source, plan = waiting.pop()
                running.append(_start(project, module, source, plan, what))
            time.sleep(0.01)
            for one in running[:]:
                late = time.monotonic() - one.began > one.limit
                if late:
                    _stop(one.pid)
                pid, status = os.waitpid(one.pid, 0 if late else os.WNOHANG)
                if pid:
                    running.remove(one)
                    _leftovers(one.pid)
                    yield one.what, _end(one, status, late)
    finally:
        for one in running:
            _stop(one.pid)
            os.waitpid(one.pid, 0)


def _preload(project: Project, module: str) -> None:
    """Import what does not depend on a module, so that its mutants need not."""
    name = project.full(module)
    for other in sorted(project.imports[name]):
        if name not in project.imports[other]:
            importlib.import_module(other)


# --- results that hold between runs


class Results:
    """What is known about the mutants of a module, one line of JSON each, the last one counts."""

    def __init__(self, project: Project, module: str) -> None:
        self.project = project
        self.path = project.notes / "results" / f"{module}.jsonl"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.digest = project.digest(module)
        # As they are now: who edits a test during a run has not had it run.
        paths = {file: project.root / file for file in map(project.test_file, project.tests)}
        self.texts = {file: path.read_bytes() for file, path in paths.items() if path.exists()}
        self.known = {}
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                try:
                    row = json.loads(line)
                except json.JSONDecodeError:  # the line under way when a run was stopped
                    continue
                self.known[tuple(row["key"])] = row

    def get(self, mutant: Mutant, plan: Plan) -> dict | None:
        """Return the result if the module and the tests it rests on are what they were."""
        row = self.known.get(mutant.key)
        if row and row["rests_on"] == self._rests_on(row, plan):
            return row
        return None

    def put(self, mutant: Mutant, plan: Plan, result: dict) -> dict:
        """Keep a result."""
        row = {"key": mutant.key, "line": mutant.line, **result}
        row["rests_on"] = self._rests_on(row, plan)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        self.known[mutant.key] = row
        return row

    def _rests_on(self, row: dict, plan: Plan) -> str:
        file, _, test = row["by"].partition("::")
        if row["status"] == "killed" and test:
            return _hash(self.digest, self._test_text(file, re.sub(r"\[.*", "", test)))
        files = sorted({file for file, _ in plan.files})
        return _hash(self.digest, *(self.texts[file] for file in files))

    def _test_text(self, file: str, test: str) -> str:
        # The failing test and what stands around the tests of its file: a new test changes neither.
        text = self.texts.get(file, b"").decode()
        name = test.partition("::")[0]
        return "\n".join(
            ast.unparse(node)
            for node in ast.parse(text).body
            if getattr(node, "name", name) == name or not node.name.startswith(("test_", "Test"))
        )


# --- explanations


def explanations(project: Project) -> dict[str, dict[tuple, str]]:
    """Return for each module the explained changes and the reasons; refuse an unusable entry."""
    if not project.explained.exists():
        return {}
    try:
        read = yaml.safe_load(project.explained.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as problem:  # such as a line of code with a colon, not quoted
        raise SystemExit(f"mutation: {project.explained.name}: {problem}") from None
    found: dict[str, dict[tuple, str]] = {}
    for module, entries in read.items():
        if module not in project.modules:
            raise SystemExit(f"mutation: {project.explained.name}: {module!r} is no module here")
        for entry in entries:
            extra = entry.keys() ^ {"in", "before", "after", "reason"}
            if extra - {"occurrence"}:
                raise SystemExit(
                    f"mutation: {project.explained.name}: {module}: an entry has in, before, "
                    f"after, reason and perhaps occurrence; got {sorted(entry)}"
                )
            key = (entry["in"], entry["before"], entry["after"], entry.get("occurrence", 1))
            if key in found.setdefault(module, {}):
                raise SystemExit(f"mutation: {project.explained.name}: {module}: twice: {key}")
            if len(str(entry["reason"]).split()) < 4:
                raise SystemExit(
                    f"mutation: {project.explained.name}: {module}: this is no reason: "
                    f"{entry['reason']!r}"
                )
            found[module][key] = entry["reason"]
    return found


# --- one module, all modules


def try_module(
    project: Project,
    module: str,
    reached: dict[str, dict],
    explained: dict[tuple, str],
    *,
    sample: int | None = None,
    seed: int = 0,
    jobs: int = 2,
) -> dict:
    """Run the mutants of a module, or a sample; return counts, survivors and what is stale."""
    began = time.monotonic()
    source = project.path(module).read_text(encoding="utf-8")
    every = mutants(source)
    chosen = every
    if sample is not None and sample < len(every):
        # A larger sample holds the smaller one, so that a run can be extended.
        order = sorted(every, key=lambda m: m.key)
        random.Random(f"{seed} {module}").shuffle(order)
        chosen = order[:sample]
    counted = {mutant.key for mutant in chosen}
    also = [mutant for mutant in every if mutant.key in explained and mutant.key not in counted]

    planner = Planner(project, module, reached)
    results = Results(project, module)
    plans = {mutant.key: planner.plan(mutant) for mutant in [*chosen, *also]}
    # Read once: who edits a test meanwhile does not change what was measured.
    rows = {m.key: results.get(m, plans[m.key]) for m in [*chosen, *also]}
    todo = [m for m in [*chosen, *also] if rows[m.key] is None]
    if todo:
        _preload(project, module)
        # The shortest first; the whole plan once, without a change.
        todo.sort(key=lambda m: (plans[m.key].seconds, m.start))
        whole = planner.plan(None)
        for _, result in run(project, module, [(None, source, whole)], 1):
            if result["status"] != "survived":
                raise SystemExit(f"mutation: {module}, unchanged, fails {result['by']}")
        tally = Counter()
        work = ((m, m.applied(source), plans[m.key]) for m in todo)
        for done, (mutant, result) in enumerate(run(project, module, work, jobs), 1):
            results.put(mutant, plans[mutant.key], result)
            rows[mutant.key] = result
            tally[result["status"]] += 1
            if done % 20 == 0 or done == len(todo) or sys.stdout.isatty():
                counts = ", ".join(f"{n} {status}" for status, n in sorted(tally.items()))
                spent = time.monotonic() - began
                _say(f"{module}: {done} of {len(todo)} ({counts}), {spent:.0f} s", over=True)

    lost = [
        {"key": key, "why": "no such change any more"}
        for key in explained
        if key not in {m.key for m in every}
    ] + [
        {"key": m.key, "why": f"{rows[m.key]['status']} by {rows[m.key]['by']}"}
        for m in [*chosen, *also]
        if m.key in explained and rows[m.key]["status"] != "survived"
    ]
    survived = [m for m in chosen if rows[m.key]["status"] == "survived"]
    left = [m for m in survived if m.key not in explained]
    status = Counter(rows[m.key]["status"] for m in chosen)
    detected = status["killed"] + status["timeout"]
    total = len(chosen) - (len(survived) - len(left))
    return {
        "module": module,
        "mutants": len(every),
        "run": len(chosen),
        "killed": status["killed"],
        "timeout": status["timeout"],
        "survived": len(survived),
        "explained": len(survived) - len(left),
        "score": detected / total if total else 1.0,
        "interval": None if len(chosen) == len(every) else _interval(detected, total),
        "timeouts": [_named(m) for m in chosen if rows[m.key]["status"] == "timeout"],
        "unexplained": [_named(m) for m in left],
        "stale": [
            {"in": key[0], "before": key[1], "after": key[2], "occurrence": key[3], "why": why}
            for key, why in ((one["key"], one["why"]) for one in lost)
        ],
        "seconds": round(sum(row["seconds"] for row in rows.values())),
    }


def _interval(successes: int, trials: int) -> list[float] | None:
    from latchlib.statistics import wilson_interval

    return list(wilson_interval(successes, trials)) if trials else None


def _named(mutant: Mutant) -> dict:
    where, before, after, occurrence = mutant.key
    return {
        "line": mutant.line,
        "in": where,
        "before": before,
        "after": after,
        "occurrence": occurrence,
    }


def table(rows: list[dict]) -> str:
    """Return the results of all modules as text."""
    width = max(len(row["module"]) for row in rows)
    head = ("mutants", "run", "killed", "timeout", "survived", "explained")
    lines = [f"{'module':{width}}  " + "  ".join(head) + "  score"]
    for row in rows:
        cells = "  ".join(f"{row[name]:{len(name)}}" for name in head)
        score = f"{100 * row['score']:5.1f} %"
        if row["interval"]:
            low, high = (100 * end for end in row["interval"])
            score += f"  [{low:.0f}, {high:.0f}] for all"
        lines.append(f"{row['module']:{width}}  {cells}  {score}")
    return "\n".join(lines)


def _say(text: str, over: bool = False) -> None:
    if over and sys.stdout.isatty():
        print(f"\r\x1b[K{text}", end="", flush=True)
    else:
        print(text, flush=True)


def _in_a_child(project, module, reached, explained, options) -> dict:
    """Test a module in a process of its own: what it imports would be old for the next."""
    ours, theirs = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if not pid:
        status = 1
        try:
            os.close(ours)
            row = try_module(project, module, reached, explained, **options)
            with os.fdopen(theirs, "w", encoding="utf-8") as answer:
                json.dump(row, answer)
            status = 0
        except SystemExit as problem:
            if isinstance(problem.code, str):
                print(problem, file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            status = 130
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(status)
    os.close(theirs)
    try:
        with os.fdopen(ours, encoding="utf-8") as answer:
            said = answer.read()
    except BaseException:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
        raise
    _, status = os.waitpid(pid, 0)
    if not said:
        raise SystemExit(os.waitstatus_to_exitcode(status) or 1)
    return json.loads(said)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 if every mutant is killed or explained, and nothing is stale."""
    parser = argparse.ArgumentParser(prog="tools.mutation", description=__doc__.split("\n")[0])
    parser.add_argument("chosen", nargs="*", metavar="MODULE", help="such as bptt; default all")
    parser.add_argument("--sample", type=int, help="so many mutants a module, drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--jobs", type=int, default=2, help="mutants at once")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    parser.add_argument("--package", default="latchlib", help=argparse.SUPPRESS)
    parser.add_argument("--modules", nargs="+", default=MODULES, help=argparse.SUPPRESS)
    parser.add_argument("--tests", nargs="+", default=TESTS, help=argparse.SUPPRESS)
    parser.add_argument("--preloaded", nargs="*", default=PRELOADED, help=argparse.SUPPRESS)
    parser.add_argument("--start", type=int, default=START, help=argparse.SUPPRESS)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.sample is not None and options.sample < 1:
        parser.error("--sample: at least 1")
    project = Project(
        options.root.resolve(),
        options.package,
        tuple(options.modules),
        tuple(options.tests),
        tuple(options.preloaded),
        options.start,
    )
    if options.measure:
        return measure(project, options.measure[0], Path(options.measure[1]))
    if unknown := [name for name in options.chosen if name not in project.modules]:
        parser.error(f"no such module: {unknown[0]}; there are {', '.join(project.modules)}")
    if importlib.util.find_spec("coverage") is None:
        parser.error("coverage.py is missing: .venv/bin/python -m pip install -e '.[mutation]'")

    # So that whoever ends this process also ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    os.environ.update(_environment())
    sys.path.insert(0, str(project.root))
    explained = explanations(project)
    for name in ("pytest", "hypothesis", *project.preloaded):
        importlib.import_module(name)
    rows = []
    settings = {"sample": options.sample, "seed": options.seed, "jobs": options.jobs}
    for module in options.chosen or project.modules:
        mine = explained.get(module, {})
        reached = reached_lines(project, module, options.jobs)
        rows.append(_in_a_child(project, module, reached, mine, settings))
        if sys.stdout.isatty():
            print()
    report = {"sample": options.sample, "seed": options.seed, "modules": rows}
    (project.notes / "report.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")

    print("\n" + table(rows))
    bad = 0
    for row in rows:
        path = project.path(row["module"]).relative_to(project.root)
        for one in row["timeouts"]:
            print(f"\n{path}:{one['line']} in {one['in']}: no end in sight, counted as noticed")
            print(f"    - {one['before']}\n    + {one['after']}")
        for one in row["unexplained"]:
            bad += 1
            print(f"\n{path}:{one['line']} in {one['in']}: survived", end="")
            print(f", occurrence {one['occurrence']}" if one["occurrence"] > 1 else "")
            print(f"    - {one['before']}\n    + {one['after']}")
        for one in row["stale"]:
            bad += 1
            print(f"\n{path} in {one['in']}: the explanation is stale: {one['why']}")
            print(f"    - {one['before']}\n    + {one['after']}")
    return 1 if bad else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # what is known is kept
        sys.exit(130)
