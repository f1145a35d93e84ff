"""The environment of the book: the same for everybody, and a set-up that recovers."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import environment
from tools.book import ROOT

# --- what reaches a process --------------------------------------------------------------

FOREIGN = {
    "MPLBACKEND": "agg",
    "MATPLOTLIBRC": "elsewhere",
    "MPLCONFIGDIR": "elsewhere",
    "PYTHONOPTIMIZE": "1",
    "PYTHONPATH": "elsewhere",
    "PYTHONSTARTUP": "elsewhere",
    "PYTHONWARNINGS": "error",
    "OPENBLAS_CORETYPE": "Nehalem",
    "MKL_CBWR": "COMPATIBLE",
    "JUPYTER_PATH": "elsewhere",
    "JUPYTER_CONFIG_DIR": "elsewhere",
    "IPYTHONDIR": "elsewhere",
    "LANG": "de_DE.ISO-8859-1",
    "LC_NUMERIC": "de_DE",
    "COLUMNS": "40",
    "PIP_TARGET": "elsewhere",
    "PIP_REQUIRE_VIRTUALENV": "1",
    "npm_config_omit": "dev",
    "NODE_ENV": "production",
    "NODE_OPTIONS": "--require=elsewhere",
    "LD_PRELOAD": "elsewhere.so",
    "XDG_CONFIG_HOME": "elsewhere",
    "VIRTUAL_ENV": "elsewhere",
    "SYMPY_USE_CACHE": "no",
    "PYTEST_ADDOPTS": "-k nothing",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_a_user_has_set_does_not_reach_a_result(name):
    assert name not in environment.clean({name: FOREIGN[name]}, ROOT)


@pytest.mark.parametrize("name", [*environment.FIXED, *environment.FIXED_SLOWER])
def test_what_would_differ_is_fixed(name):
    fixed = environment.FIXED | environment.FIXED_SLOWER
    assert environment.clean({name: "otherwise"}, ROOT)[name] == fixed[name]


def test_a_measurement_of_speed_may_use_all_of_the_machine():
    found = environment.clean({"OMP_NUM_THREADS": "1"}, ROOT, fast=True)
    assert not set(found) & set(environment.FIXED_SLOWER)


def test_only_what_opens_a_window_gets_the_display():
    assert "DISPLAY" not in environment.clean({"DISPLAY": ":0"}, ROOT)
    assert environment.clean({"DISPLAY": ":0"}, ROOT, show=True)["DISPLAY"] == ":0"


@pytest.mark.parametrize(
    ("locked", "expected"),
    [((), "checkout/_build/home"), (("checkout",), "user"), (("checkout", "user"), "temporary")],
)
def test_a_home_is_found_where_one_can_be_written(tmp_path, monkeypatch, locked, expected):
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setattr(environment.tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    may = lambda folder: not any(tmp_path / name in folder.parents for name in locked)  # noqa: E731
    monkeypatch.setattr(environment, "writable", may)
    found = environment.home(tmp_path / "checkout")
    assert found.is_dir() and tmp_path / expected in [found, *found.parents]
    monkeypatch.setattr(environment, "writable", lambda folder: False)
    with pytest.raises(environment.SetupError, match="no folder can be written"):
        environment.home(tmp_path / "checkout")


def run(*command, **variables):
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("flags", "variables"), [(("-O",), {}), (("-OO",), {}), ((), {"PYTHONOPTIMIZE": "2"})]
)
@pytest.mark.parametrize("module", ["tools", "latchlib"])
def test_without_asserts_nothing_runs(flags, variables, module):
    command = ("-c", f"import {module}; print('went on')")
    done = run(*flags, *command, **variables)
    assert done.returncode != 0 and "went on" not in done.stdout
    assert "asserts are switched off" in done.stderr
    assert "went on" in run(*command).stdout


def test_a_tool_called_directly_drops_what_a_user_has_set():
    say = "from tools import environment as e; e.settle(); import os; print(dict(os.environ))"
    found = run("-c", say, **{**FOREIGN, "PYTHONOPTIMIZE": "0", "PYTHONPATH": ""}).stdout
    dropped = set(FOREIGN) - {"PYTEST_ADDOPTS"}
    assert "'PYTHONHASHSEED': '0'" in found
    assert [name for name in sorted(dropped) if f"'{name}'" in found] == []


# --- the files of the checkout -----------------------------------------------------------


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """The source without git, as an archive holds it, and with what make leaves behind."""
    folder = tmp_path_factory.mktemp("archive") / "learning-to-latch"
    for path in environment.source_files(ROOT):
        place = folder / path.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    for made in (".venv/bin/python", "_build/html/index.html", "node_modules/d3/d3.js"):
        (folder / made).parent.mkdir(parents=True)
        (folder / made).touch()
    return folder


def names(root):
    return [path.relative_to(root).as_posix() for path in environment.source_files(root)]


def test_the_files_are_found_without_git(archive):
    assert names(archive) == names(ROOT)


def test_a_checkout_that_cannot_be_written_is_copied_and_the_copy_kept_current(
    archive, tmp_path, monkeypatch
):
    monkeypatch.setattr(environment, "home", lambda root: tmp_path)
    copy = environment._copied(archive)
    assert names(copy) == names(archive)
    assert os.access(copy / "start", os.X_OK)
    (copy / "book" / "gone.md").touch()
    (copy / "README.md").write_text("old")
    (copy / ".venv").mkdir()
    environment._copied(archive)
    assert names(copy) == names(archive) and (copy / ".venv").is_dir()
    assert (copy / "README.md").read_bytes() == (archive / "README.md").read_bytes()


# --- setting up --------------------------------------------------------------------------


class Machine:
    """A checkout whose venv, pip and npm are played, and that notes what was asked of them."""

    def __init__(self, root, patch):
        self.root, self.asked, self.broken = root, [], None
        (root / "requirements.txt").write_text("numpy==2.4.6\n-e .\n")
        (root / "requirements-build.txt").write_text("sphinx==7.4.7\n")
        (root / "pyproject.toml").write_text("[project]\n")
        (root / "hatch_build.py").write_text("")
        (root / "a.css").write_text("a {}")
        self.bundled = None
        patch.setattr(environment, "home", lambda root=root: self.folder("_build/home"))
        patch.setattr(environment, "_make_venv", self.make_venv)
        patch.setattr(environment, "_run_pip", self.pip)
        patch.setattr(environment, "_front_end", self.front_end)
        patch.setattr(environment, "_version", self.version)
        patch.setattr(environment, "_network_of_pip", lambda python: {})

    def folder(self, name):
        (self.root / name).mkdir(parents=True, exist_ok=True)
        return self.root / name

    def step(self, name):
        self.asked.append(name)
        if self.broken and name == self.broken[0]:
            raise self.broken[1]

    def make_venv(self, place, env):
        self.folder(".venv/bin")
        self.step("venv")
        (place / "bin" / "python").write_text("3.11")

    def pip(self, arguments, root, env, *, count=0):
        if "-r" in arguments:
            (root / ".venv" / "half").touch()
            self.pins = Path(arguments[-1]).read_text().split()
            self.step("packages")
            (root / ".venv" / "half").unlink()
        else:
            self.step(" ".join(arguments))

    def front_end(self, root, env, *, check=False):
        if check:
            return self.bundled == (self.root / "a.css").read_text()
        if self.bundled != (self.root / "a.css").read_text():
            self.step("bundles")
        self.bundled = (self.root / "a.css").read_text()

    def version(self, root):
        program = root / ".venv" / "bin" / "python"
        return program.read_text() if program.is_file() else ""

    def call(self, *, breaks=None):
        self.asked, self.broken = [], breaks
        environment.prepare(self.root, {})
        return self.asked

    def works(self):
        return environment.is_ready(self.root, {}) and not (self.root / ".venv" / "half").exists()


@pytest.fixture
def machine(tmp_path, monkeypatch):
    made = Machine(tmp_path, monkeypatch)
    made.call()
    return made


THIS = "--no-deps --no-build-isolation -e ."
EVERYTHING = ["venv", "packages", THIS, "bundles"]


def test_a_set_up_is_done_once(tmp_path, monkeypatch):
    machine = Machine(tmp_path, monkeypatch)
    assert machine.call() == EVERYTHING
    assert machine.works() and machine.call() == []


def test_a_set_up_installs_what_running_and_what_building_needs(machine):
    assert machine.pins == ["numpy==2.4.6", "sphinx==7.4.7"]
    edit(machine, "requirements-build.txt", "sphinx==8.0.0\n")
    assert machine.call() == ["venv", "packages", THIS] and "sphinx==8.0.0" in machine.pins


def edit(machine, name, text):
    (machine.root / name).write_text(text)


def test_a_moved_checkout_installs_itself_again_from_what_is_there(machine, tmp_path, monkeypatch):
    program = f"#!/bin/sh\n'''exec' \"{tmp_path}/.venv/bin/python\" \"$0\"\n"
    edit(machine, ".venv/bin/latchlib", program)
    edit(machine, ".venv/bin/activate", f"VIRTUAL_ENV='{tmp_path}/.venv'\n")
    place = tmp_path.with_name(tmp_path.name + " moved")
    tmp_path.rename(place)
    machine.root = place
    assert machine.call() == [THIS]
    assert machine.works()
    for name in ("latchlib", "activate"):
        assert f"{place}/.venv" in (place / ".venv" / "bin" / name).read_text()


@pytest.mark.parametrize("error", [environment.SetupError("no network"), KeyboardInterrupt()])
@pytest.mark.parametrize("at", ["venv", "packages"])
def test_what_worked_still_works_after_a_set_up_that_breaks_off(machine, at, error):
    edit(machine, "requirements.txt", "numpy==9\n-e .\n")
    with pytest.raises(type(error)):
        machine.call(breaks=(at, error))
    # The edit undone, all is as it was: nothing is asked for, and so no network.
    edit(machine, "requirements.txt", "numpy==2.4.6\n-e .\n")
    assert machine.works() and machine.call() == []


class Killed(BaseException):
    """Ends a step as a kill does: nothing is cleared away after it."""


@pytest.mark.parametrize("at", ["venv", "packages", THIS, "bundles"])
def test_what_worked_comes_back_after_a_kill_at_any_moment(machine, at, monkeypatch):
    edit(machine, "requirements.txt", "numpy==9\n-e .\n")
    edit(machine, "pyproject.toml", "[other]\n")
    edit(machine, "a.css", "b {}")
    with monkeypatch.context() as patch:
        # Nothing that an except or a finally would do.
        patch.setattr(environment.shutil, "rmtree", lambda *a, **k: None)
        real = Path.rename
        patch.setattr(Path, "rename", lambda a, b: None if a.name == ".venv.old" else real(a, b))
        with pytest.raises(Killed):
            machine.call(breaks=(at, Killed()))
    left = (machine.root / ".venv.old").exists(), environment._stamp(machine.root)
    assert machine.call()[-1] == "bundles"
    assert machine.works(), left
    assert machine.call() == []


@pytest.mark.parametrize("change", ["", "3.13"], ids=["a Python that is gone", "another one"])
def test_an_environment_whose_python_changed_is_made_anew(machine, change):
    edit(machine, ".venv/bin/python", change)
    assert machine.call() == ["venv", "packages", THIS]


def test_of_the_settings_of_pip_only_the_way_to_the_packages_counts(tmp_path, monkeypatch):
    said = (
        "global.index-url='https://mirror.example/simple'\nglobal.target='elsewhere'\n"
        "global.user='true'\ninstall.index-url='https://other.example/simple'\n"
        "install.no-deps='true'\n:env:.find-links='one\\ntwo'\n:env:.only-binary=':none:'\n"
    )
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\nprintf '%s' \"{said}\"\n")
    program.chmod(0o755)
    assert environment._network_of_pip(str(program)) == {
        "PIP_INDEX_URL": "https://other.example/simple",
        "PIP_FIND_LINKS": "one two",
    }


def test_of_the_settings_of_npm_only_the_way_to_the_packages_counts(tmp_path):
    npmrc = tmp_path / "npmrc"
    npmrc.write_text(
        "registry=https://mirror.example\n//mirror.example/:_authToken=${NPM_TOKEN}\n"
        "omit[]=dev\nignore-scripts=false\n@us:registry=https://us.example\nglobal = true\n"
    )
    given = {
        "npm_config_userconfig": str(npmrc),
        "NPM_CONFIG_STRICT_SSL": "false",
        "npm_config_production": "true",
        "NPM_TOKEN": "secret",
        "OTHER": "kept back",
    }
    assert environment._network_of_npm(given) == (
        [
            "registry=https://mirror.example",
            "//mirror.example/:_authToken=${NPM_TOKEN}",
            "@us:registry=https://us.example",
            "strict-ssl=false",
        ],
        {"NPM_TOKEN": "secret"},
    )
