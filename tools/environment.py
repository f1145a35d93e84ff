"""The environment that everything of the book runs in: of its own making, the same for everybody.

``make`` calls it with whatever Python it finds, so it needs the standard library only::

    python3 -I tools/environment.py -m tools.build_book

First `prepare` sees to it that ``.venv`` and the front end's bundles are what the checkout asks
for. Whatever an earlier call left behind, broken off or made by another tool, is mended; what
worked before stays until its replacement works; and nothing is fetched that is already there.
Then the command runs in it with the variables that `clean` lets through, so that nobody's plot
style, optimiser flags, BLAS kernel, package path or Jupyter kernels reach a result.
"""

import ast
import contextlib
import fnmatch
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEAST = (3, 11)
#: Before the command: it opens a window, measures speed, writes nothing into the checkout.
OPTIONS = ("--show", "--fast", "--here")

#: What a process needs of the user's variables: programs, a terminal, the way to the network.
KEPT = re.compile(
    r"PATH|TERM|USER|LOGNAME|TMPDIR|(LD|DYLD)_LIBRARY_PATH|CI|CHROMIUM|LATCHLIB_\w+"
    r"|(https?|all|no)_proxy|(HTTPS?|ALL|NO)_PROXY|(SSL|NODE_EXTRA)_\w*CERT\w*|REQUESTS_CA_BUNDLE"
)
#: To show a window: JupyterLab opens the browser.
SHOWING = re.compile(
    r"DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_RUNTIME_DIR|DBUS_SESSION_BUS_ADDRESS|BROWSER"
)

#: What would change a result if it differed from one machine to the next.
FIXED = {
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",
    "PYTHONUTF8": "1",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    # The kernels of this environment, not those of the same name found elsewhere.
    "JUPYTER_PREFER_ENV_PATH": "1",
    # No note of the debugger on stderr, which would be stored as a cell's output.
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    # No file of settings: what is needed of one comes with the variables, see _network_of_pip.
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
#: NumPy's exp, log and cosh give other last bits with AVX-512 than without, and how a product of
#: matrices is summed depends on the number of threads; both cost speed, so they can be left out.
FIXED_SLOWER = {
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}

#: What a set-up takes from the settings of pip and npm: the way to the packages, nothing else.
_PIP_NETWORK = {
    *("index-url", "extra-index-url", "find-links", "no-index", "trusted-host", "cert"),
    *("client-cert", "proxy", "timeout", "default-timeout", "retries", "keyring-provider"),
}
_NPM_NETWORK = re.compile(
    r"(//.*|@[^:]+:registry|registry|(https-|http-|no)?proxy|cafile|ca(\[\])?|cert|key|strict-ssl"
    r"|fetch-[\w-]+)"
)


class SetupError(Exception):
    """The environment cannot be made; says why in one line, and what to do."""


# --- what reaches a process --------------------------------------------------------------


def writable(folder: Path) -> bool:
    """Say whether a file can be made in a folder, by making one."""
    try:
        with tempfile.TemporaryFile(dir=str(folder)):
            return True
    except OSError:
        return False


def home(root: Path = ROOT) -> Path:
    """Return the folder that stands in for the user's home, made if need be.

    No settings of anybody lie in it, and it can be written: in the checkout, or in the user's cache
    where the checkout belongs to somebody else, or below the folder for temporary files.
    """
    name = hashlib.sha256(str(root).encode()).hexdigest()[:12]
    user = str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    places = [
        root / "_build" / "home",
        Path(os.path.expanduser("~"), ".cache", "learning-to-latch", name),
        Path(tempfile.gettempdir(), "learning-to-latch-" + user, name),
    ]
    for place in places:
        with contextlib.suppress(OSError):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Where others may write as well, only a folder of one's own is to be trusted.
            ours = not hasattr(os, "getuid") or place.stat().st_uid == os.getuid()
            if ours and writable(place):
                return place
    raise SetupError(f"no folder can be written, tried {', '.join(map(str, places))}")


def clean(environ: dict, root: Path = ROOT, *, show: bool = False, fast: bool = False) -> dict:
    """Return the variables that a process of the book gets.

    Parameters
    ----------
    environ : mapping
        The user's variables.
    root : Path
        The checkout.
    show : bool
        Whether it opens a window.
    fast : bool
        Whether to leave out what fixes the last bits at a cost: for measurements of speed.
    """
    found = {
        name: value
        for name, value in environ.items()
        if KEPT.fullmatch(name) or (show and SHOWING.fullmatch(name))
    }
    if "TMPDIR" in found and not writable(Path(found["TMPDIR"])):
        del found["TMPDIR"]
    found.update(FIXED, HOME=str(home(root)))
    if not fast:
        found.update(FIXED_SLOWER)
    # git refuses a checkout that another user owns; it is only asked for the names of files.
    found.update(GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")
    programs = str(root / ".venv" / "bin")
    rest = [place for place in found.get("PATH", os.defpath).split(os.pathsep) if place != programs]
    found["PATH"] = os.pathsep.join([programs, *rest])
    return found


def settle() -> None:
    """Give this process, and so those that it starts, the book's variables."""
    wanted = clean(dict(os.environ))
    for name in set(os.environ) - set(wanted):
        # pytest's own, and those that say only how Python runs.
        if not re.match(r"(PYTEST_|_?COVERAGE|PYTHON(UNBUFFERED|DONTWRITEBYTECODE)$)", name):
            del os.environ[name]
    os.environ.update(wanted)


# --- the files of the checkout -----------------------------------------------------------


def source_files(root: Path = ROOT) -> list:
    """Return the files of a checkout, sorted: those that git knows or would add.

    Without git, or in an archive without its folder, all that nothing here has made.
    """
    command = ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z"]
    try:
        done = subprocess.run(
            [*command, "--cached", "--others", "--exclude-standard"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except OSError:
        done = None
    if done is not None and done.returncode == 0 and done.stdout:
        names = os.fsdecode(done.stdout).split("\0")
        return sorted(root / name for name in names if name and (root / name).is_file())
    with contextlib.suppress(OSError):
        lines = (root / ".gitignore").read_text(encoding="utf-8").splitlines()
        patterns = [line for line in lines if line and not line.startswith("#")] + [".git"]
        found = []
        for folder, below, names in os.walk(str(root)):
            here = Path(folder).relative_to(root)
            below[:] = [name for name in below if not _ignored(here / name, patterns, True)]
            kept = [name for name in names if not _ignored(here / name, patterns, False)]
            found += [root / here / name for name in kept]
        return sorted(found)
    return []


def _ignored(path: Path, patterns: list, is_folder: bool) -> bool:
    for pattern in patterns:
        bare = pattern.rstrip("/")
        text = path.as_posix() if "/" in bare else path.name
        if (is_folder or bare == pattern) and fnmatch.fnmatchcase(text, bare):
            return True
    return False


def _copied(root: Path) -> Path:
    """Return a copy of a checkout that cannot be written, brought up to date."""
    target = home(root) / "checkout"
    wanted = {path.relative_to(root) for path in source_files(root)}
    present = {path.relative_to(target) for path in source_files(target)} if target.exists() else ()
    for name in set(present) - wanted:
        (target / name).unlink()
    for name in wanted:
        new = (root / name).read_bytes()
        place = target / name
        if not place.is_file() or place.read_bytes() != new:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(new)
            place.chmod(0o755 if os.access(str(root / name), os.X_OK) else 0o644)
    return target


# --- setting up --------------------------------------------------------------------------


def _digest(root: Path, names: list, salt: str = "") -> str:
    total = hashlib.sha256(salt.encode())
    for name in names:
        total.update(name.encode() + b"\0" + (root / name).read_bytes())
    return total.hexdigest()


def _requirements(root: Path) -> tuple:
    """Return the pinned packages, and how this one is installed."""
    names = ("requirements.txt", "requirements-build.txt")
    lines = [line for name in names for line in (root / name).read_text("utf-8").splitlines()]
    pins = [line for line in lines if line.strip() and not line.startswith(("-e", "#"))]
    return pins, next(line.split(None, 1)[1] for line in lines if line.startswith("-e"))


def wanted_state(root: Path) -> dict:
    """Return what a set-up depends on: it is done anew where a value differs."""
    pins, this = _requirements(root)
    parts = ["pyproject.toml", "hatch_build.py"]
    return {
        "packages": hashlib.sha256("\n".join(sorted(pins)).encode()).hexdigest(),
        "package": _digest(root, parts, this),
        "root": str(root),
    }


def _stamp(root: Path, folder: str = ".venv") -> dict:
    try:
        found = json.loads((root / folder / ".ready").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_stamp(root: Path, state: dict) -> None:
    partial = root / ".venv" / ".ready.partial"
    partial.write_text(json.dumps(state), encoding="utf-8")
    partial.replace(root / ".venv" / ".ready")


_SAY_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"


def _version(root: Path) -> str:
    """Return the version of the environment's Python, or nothing if it does not run."""
    try:
        return (
            subprocess.run(
                [str(root / ".venv" / "bin" / "python"), "-I", "-c", _SAY_VERSION],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                check=True,
            )
            .stdout.decode()
            .strip()
        )
    except (OSError, subprocess.CalledProcessError):
        return ""


def _network_of_pip(python: str) -> dict:
    """Return what the user's settings of pip say of the way to the packages, as variables."""
    done = subprocess.run(
        [python, "-m", "pip", "config", "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    found = {}
    # In the order of precedence: the section for all commands, that of install, the variables.
    for section in ("global", "install", ":env:"):
        for line in done.stdout.decode().splitlines():
            match = re.match(rf"{section}\.([\w-]+)=(.*)$", line)
            if match and match.group(1) in _PIP_NETWORK:
                value = " ".join(str(ast.literal_eval(match.group(2))).split())
                found["PIP_" + match.group(1).upper().replace("-", "_")] = value
    return found


def _network_of_npm(environ: dict) -> tuple:
    """Return the lines of an .npmrc with the way to the packages, and the variables they name."""
    given = [environ.get("npm_config_userconfig") or environ.get("NPM_CONFIG_USERCONFIG")]
    lines = []
    for path in [*given, os.path.expanduser("~/.npmrc")]:
        if path and os.path.isfile(path):
            lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
            break
    for name, value in environ.items():
        key = re.fullmatch(r"npm_config_(.+)", name, re.IGNORECASE)
        if key:
            lines.append(f"{key.group(1).lower().replace('_', '-')}={value}")
    kept = [line for line in lines if _NPM_NETWORK.fullmatch(line.partition("=")[0].strip())]
    named = re.findall(r"\$\{(\w+)\??\}", "\n".join(kept))
    return kept, {name: environ[name] for name in named if name in environ}


def _said(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    errors = [line.strip() for line in lines if re.match(r" *(ERROR|\w*Error:)", line)] or lines
    return errors[-1][:300] if errors else "it said nothing"


def _run_pip(arguments: list, root: Path, env: dict, *, count: int = 0) -> None:
    """Run pip, with a count of the packages where somebody watches."""
    command = [str(root / ".venv" / "bin" / "python"), "-m", "pip", "install", "--no-input"]
    watched = count and sys.stderr.isatty()
    lines = []
    seen = 0
    with subprocess.Popen(
        command + arguments,
        cwd=str(root),
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        for line in process.stdout:
            lines.append(line)
            seen += line.startswith((b"Collecting", b"Requirement already"))
            if watched:
                print(f"\r  packages: {min(seen, count)} of {count}", end="", file=sys.stderr)
    if watched:
        print(file=sys.stderr)
    if process.returncode:
        log = Path(env["HOME"], "pip.log")
        log.write_bytes(b"".join(lines))
        raise SetupError(
            f"the packages could not be installed; is there a network? {_said(b''.join(lines))} "
            f"(all that pip said: {log})"
        )


def recover(root: Path) -> None:
    """Bring back the environment that a broken-off set-up had put aside."""
    old, new = root / ".venv.old", root / ".venv"
    if not old.exists():
        return
    if _stamp(root):
        shutil.rmtree(str(old))
    else:
        shutil.rmtree(str(new), ignore_errors=True)
        old.rename(new)


def _make_venv(place: Path, env: dict) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "venv", str(place)],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        raise SetupError(
            f"'{sys.executable} -m venv' failed; is the venv package installed? "
            f"{_said(done.stdout)}"
        )


def _rebuild(root: Path, env: dict) -> None:
    """Make ``.venv`` anew; the one of before comes back if that fails."""
    old, new = root / ".venv.old", root / ".venv"
    if new.is_symlink():
        new.unlink()
    elif new.exists():
        new.rename(old)
    pins, _ = _requirements(root)
    try:
        _make_venv(new, env)
        if pins:
            listed = Path(env["HOME"], "requirements.txt")
            listed.write_text("\n".join(pins) + "\n", encoding="utf-8")
            _run_pip(["-r", str(listed)], root, env, count=len(pins))
    except BaseException:
        shutil.rmtree(str(new), ignore_errors=True)
        if old.exists():
            old.rename(new)
        raise


def _move_programs(root: Path, old: str) -> None:
    """Give the programs of a ``.venv`` that was moved the Python that lies beside them now."""
    for path in sorted((root / ".venv" / "bin").iterdir()):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            moved = content.replace(
                os.fsencode(old) + b"/.venv", os.fsencode(str(root)) + b"/.venv"
            )
            if content[:2] == b"#!" or path.name.lower().startswith("activate"):
                path.write_bytes(moved)


def _front_end(root: Path, env: dict, *, check: bool = False) -> bool:
    """Bundle the front end where it is not up to date; or only say whether it is."""
    done = subprocess.run(
        [str(root / ".venv" / "bin" / "python"), "hatch_build.py", *(["--check"] if check else [])],
        cwd=str(root),
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode and not check:
        raise SetupError(done.stdout.decode(errors="replace").strip())
    return not done.returncode


@contextlib.contextmanager
def _alone(root: Path):
    """Let one set-up run at a time; a lock ends with its process, however that ends."""
    with open(str(root / ".venv.lock"), "w") as lock:
        try:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        except ImportError:
            pass
        yield


def is_ready(root: Path, env: dict) -> bool:
    """Say whether nothing is left to set up."""
    return (
        _stamp(root) == dict(wanted_state(root), python=_version(root))
        and not (root / ".venv.old").exists()
        and _front_end(root, env, check=True)
    )


def prepare(root: Path, environ: dict) -> None:
    """See to it that ``.venv`` and the bundles are what the checkout asks for.

    Raises
    ------
    SetupError
        If they cannot be made. What worked before then still does.
    """
    env = clean(environ, root)
    if is_ready(root, env):
        return
    if not writable(root):
        raise SetupError(f"{root} cannot be written, and is not set up")
    with _alone(root):
        recover(root)
        wanted = wanted_state(root)
        env.update(_network_of_pip(sys.executable))
        lines, named = _network_of_npm(environ)
        env.update(named)
        cache = Path(os.path.expanduser("~"), ".cache", "pip")
        if "PIP_CACHE_DIR" in environ or (cache.is_dir() and writable(cache)):
            env["PIP_CACHE_DIR"] = environ.get("PIP_CACHE_DIR", str(cache))
        state = _stamp(root)
        if not state.get("python") or state.get("python") != _version(root):
            if (root / ".venv").exists():
                print("Replacing .venv: this Makefile did not make it, or not to its end.")
            state = {}
        if state.get("packages") != wanted["packages"]:
            print("Setting up .venv: a few minutes the first time.", flush=True)
            _rebuild(root, env)
            state = {"packages": wanted["packages"], "python": _version(root)}
            _write_stamp(root, state)
            recover(root)  # which now clears away the one of before
        with tempfile.TemporaryDirectory() as folder:
            npmrc = Path(folder, "npmrc")
            npmrc.write_text("\n".join(lines) + "\n", encoding="utf-8")
            env["npm_config_userconfig"] = str(npmrc)
            moved_from = state.get("root", str(root))
            if moved_from != str(root):
                _move_programs(root, moved_from)
            # The checkout's own package is found by its path.
            if state.get("package") != wanted["package"] or moved_from != str(root):
                _write_stamp(root, {k: v for k, v in state.items() if k != "package"})
                _, this = _requirements(root)
                # With all that it needs pinned and there, nothing is fetched.
                pinned = ["--no-deps", "--no-build-isolation"] if this == "." else []
                _run_pip([*pinned, "-e", this], root, env)
                state = dict(wanted, python=state["python"])
            _front_end(root, env)
        _write_stamp(root, state)


def _find_fonts(root: Path, env: dict) -> None:
    """Have matplotlib list the fonts: done in a chapter, it would say so there on stderr."""
    if not list(Path(env["HOME"]).glob("**/fontlist-*.json")):
        command = [str(root / ".venv" / "bin" / "python"), "-c", "import matplotlib.font_manager"]
        subprocess.run(command, env=env, stderr=subprocess.DEVNULL, check=False)


def main(argv=None) -> int:
    """Run a command of the book in its environment."""
    if sys.version_info < LEAST:
        least = ".".join(map(str, LEAST))
        print(
            f"Python {least} or newer is needed, and '{sys.executable}' is "
            f"{sys.version.split()[0]}: try make PYTHON=python3.12",
            file=sys.stderr,
        )
        return 1
    command = list(sys.argv[1:] if argv is None else argv)
    options = set()
    # argparse would take the options of Python that follow for its own.
    while command and command[0] in OPTIONS:
        options.add(command.pop(0))
    environ = dict(os.environ)
    try:
        root = ROOT
        if not writable(root) and not (
            "--here" in options and is_ready(root, clean(environ, root))
        ):
            root = _copied(ROOT)
            print(f"{ROOT} cannot be written: working on a copy in {root}", flush=True)
        prepare(root, environ)
        env = clean(environ, root, show="--show" in options, fast="--fast" in options)
        _find_fonts(root, env)
    except SetupError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("set-up: interrupted; the next call goes on", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    os.chdir(str(root))
    python = str(root / ".venv" / "bin" / "python")
    os.execve(python, [python, *command], env)


if __name__ == "__main__":
    sys.exit(main())
