"""The workshop: `python dev.py demo | test | check | bench`.

Makes the environment in .venv, installs what is missing, and runs. Needs
nothing but Python 3.11 or newer, on any system; on Debian and Ubuntu, as root,
it also installs the system's packages that it misses, and elsewhere it says
what to type.
"""

import argparse
import contextlib
import ctypes
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "made-from"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

OLDEST_PYTHON = (3, 11)
SCREEN = "1600x1000x24"
HAS_VIRTUAL_SCREENS = sys.platform not in ("win32", "darwin")

WORKERS = (os.cpu_count() or 1) + 1
"""The tests wait for part of their time."""

# Debian's packages, and how to tell that one is there.
DEBIAN_PACKAGES: dict[str, Callable[[], bool]] = {
    "fontconfig": lambda: shutil.which("fc-list") is not None,
    "xvfb": lambda: shutil.which("Xvfb") is not None,
    "fonts-inter": lambda: _has_font("Inter"),
    "fonts-symbola": lambda: _has_font("Symbola"),  # emoji
    "fonts-noto-cjk": lambda: _has_font("Noto Sans CJK SC"),
}


class Missing(Exception):
    """Something that this program can't provide; the text says what to type."""


def main() -> int:
    """Run the command that was asked for. Returns its exit status."""
    parser = argparse.ArgumentParser(description="Build, try and test Rostrum.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser(
        "demo", help="a server and two windows, side by side", allow_abbrev=False
    )
    demo.add_argument("--headless", action="store_true", help="play it on a virtual screen")
    demo.add_argument("--out", type=Path, help="where the pictures of a headless demo go")
    test = commands.add_parser(
        "test", help="run the tests; further arguments go to pytest", allow_abbrev=False
    )
    test.add_argument("--here", action="store_true", help="use this screen, not a virtual one")
    test.add_argument(
        "--workers", type=int, help="so many at the same time; 0: none beside pytest itself"
    )
    commands.add_parser("check", help="ruff, mypy and import-linter")
    commands.add_parser("bench", help="measure speed and memory", add_help=False)
    arguments, rest = parser.parse_known_args()
    if rest and arguments.command not in ("test", "bench"):
        parser.error(f"unknown: {' '.join(rest)}")
    # Whoever ends this program ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        make_environment()
        match arguments.command:
            case "demo":
                return run_demo(arguments.headless, arguments.out)
            case "test":
                return run_tests(rest, arguments.here, arguments.workers)
            case "check":
                return run_checks()
            case _:
                return run_bench(rest)
    except Missing as missing:
        print(f"dev.py: {missing}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


# -- the commands ------------------------------------------------------------------


def run_demo(headless: bool, out: Path | None) -> int:
    """The story of tests/story.py, in windows that stay or on a virtual screen."""
    options = [] if out is None else ["--out", str(out.resolve())]
    if not headless and has_screen():
        return run("-m", "tests.story", "--windows", *options)
    with virtual_screen() as environment:
        return run("-m", "tests.story", *options, environment=environment)


def run_tests(arguments: Sequence[str], here: bool, workers: int | None) -> int:
    """pytest, with the windows on a virtual screen of their own: the whole suite
    by several workers, each with its screen, and what was asked for by name by one."""
    if here or not HAS_VIRTUAL_SCREENS:
        workers = 0  # two windows can't both have the keyboard
    elif workers is None:
        workers = 0 if arguments else WORKERS
    if workers < 1:
        with virtual_screen(not here) as environment:
            return run("-m", "pytest", *arguments, environment=environment)
    with contextlib.ExitStack() as screens:
        environments = [screens.enter_context(virtual_screen()) for _ in range(workers)]
        # What tests/conftest.py gives each worker its own of.
        displays = " ".join(environment["DISPLAY"] for environment in environments)
        environment = {**environments[0], "TEST_SCREENS": displays}
        options = ("--numprocesses", str(workers), "--dist", "worksteal")
        return run("-m", "pytest", *options, *arguments, environment=environment)


def run_checks() -> int:
    """All the checks, whatever the first of them says."""
    lint_imports = VENV_PYTHON.with_name("lint-imports" + VENV_PYTHON.suffix)
    results = []
    checks: dict[str, list[str | Path]] = {
        "ruff check": [VENV_PYTHON, "-m", "ruff", "check", "."],
        "ruff format": [VENV_PYTHON, "-m", "ruff", "format", "--check", "."],
        "mypy --strict": [VENV_PYTHON, "-m", "mypy"],
        "import-linter": [lint_imports],
    }
    for name, command in checks.items():
        print(f"-- {name}", flush=True)
        results.append(subprocess.run(command, cwd=ROOT, check=False).returncode)
    return 1 if any(results) else 0


def run_bench(arguments: Sequence[str]) -> int:
    """The measurements in bench/, on a virtual screen of their own."""
    if not can_plot():
        print("installing matplotlib, for the plots", flush=True)
        run(*PIP, "--require-hashes", "-r", str(ROOT / "bench" / "constraints.txt"))
    with virtual_screen() as environment:
        return run("-m", "bench", *arguments, environment=environment)


def can_plot() -> bool:
    """Whether the environment has matplotlib, which nothing else needs."""
    question = "import importlib.util as u, sys; sys.exit(u.find_spec('matplotlib') is None)"
    return run("-c", question) == 0


def run(*arguments: str, environment: dict[str, str] | None = None) -> int:
    """The environment's Python with these arguments, from the project's root."""
    command = [str(VENV_PYTHON), *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


# -- the environment ------------------------------------------------------------------


def make_environment() -> None:
    """.venv with everything pinned in constraints.txt; made anew when that or
    pyproject.toml has changed, or when making it was interrupted."""
    wanted = hashlib.sha256()
    for name in ("constraints.txt", "pyproject.toml"):
        wanted.update((ROOT / name).read_bytes())
    recipe = wanted.hexdigest()
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == recipe and VENV_PYTHON.exists():
        return
    python = find_python()
    print(f"making {VENV.name} with {python}", flush=True)
    if VENV.exists():
        shutil.rmtree(VENV)
    steps: tuple[list[str | Path], ...] = (
        [python, "-m", "venv", VENV],
        [VENV_PYTHON, *PIP, "--require-hashes", "-r", ROOT / "constraints.txt"],
        [VENV_PYTHON, *PIP, "--no-deps", "--no-build-isolation", "-e", ROOT],
    )
    for step in steps:
        if subprocess.run(step, cwd=ROOT, check=False).returncode:
            raise Missing(f"this did not work: {' '.join(map(str, step))}")
    STAMP.write_text(recipe, encoding="utf-8")


PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input")


def find_python() -> str:
    """A Python with Tk that can make environments: this one, another on the
    PATH, or Debian's with what it lacks installed."""
    for candidate in candidates():
        if is_complete(candidate):
            return candidate
    install_debian("python3-tk", "python3-venv")
    for candidate in candidates():
        if is_complete(candidate):
            return candidate
    raise Missing(
        "this needs Python 3.11 or newer with tkinter and venv; install one, and run dev.py with it"
    )


def candidates() -> Iterator[str]:
    """Pythons to try, this one first. Debian's is named by its place: another
    may stand before it on the PATH."""
    yield sys.executable
    for name in ("python3", "python3.11", "python3.12", "python3.13", "/usr/bin/python3"):
        found = shutil.which(name)
        if found is not None:
            yield found


def is_complete(python: str) -> bool:
    """Whether this is Python 3.11 or newer, with Tk and venv."""
    question = f"import sys, tkinter, venv, ensurepip; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    try:
        done = subprocess.run([python, "-c", question], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


# -- the virtual screen ------------------------------------------------------------------


def has_screen() -> bool:
    """Whether windows can be seen here."""
    return sys.platform in ("win32", "darwin") or "DISPLAY" in os.environ


@contextlib.contextmanager
def virtual_screen(wanted: bool = True) -> Iterator[dict[str, str]]:
    """The environment for programs whose windows go to a screen of their own.
    Windows and macOS have no such screen; there, the real one serves."""
    environment = dict(os.environ)
    if not wanted or not HAS_VIRTUAL_SCREENS:
        yield environment
        return
    install_debian(*(name for name, is_there in DEBIAN_PACKAGES.items() if not is_there()))
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_die_with_parent,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as numbers:
            number = numbers.readline().strip()
        if not number:
            raise Missing("Xvfb did not start; try it by hand: Xvfb :99")
        environment["DISPLAY"] = f":{number}"
        yield environment
    finally:
        server.terminate()
        server.wait()


def _die_with_parent() -> None:
    # A killed dev.py leaves no screen behind (prctl(PR_SET_PDEATHSIG), Linux).
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


# -- the system ------------------------------------------------------------------------------


def install_debian(*packages: str) -> None:
    """Install these where that can be done, else say how."""
    if not packages:
        return
    line = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        raise Missing(f"please install what your system calls: {', '.join(packages)}")
    if os.geteuid() != 0:
        raise Missing(f"please type: sudo {line}")
    print(f"installing {', '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("apt-get update", line):
        done = subprocess.run(
            command.split(), env=environment, stdout=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            raise Missing(f"this did not work: {command}")


def _has_font(family: str) -> bool:
    try:
        done = subprocess.run(["fc-list", "--quiet", family], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
