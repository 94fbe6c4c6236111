"""The project's own rules, where no tool checks them."""

import ast
import os
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

MAX_LINES = 600

MAX_MODULES = 16
"""In one folder, beside its `__init__.py`: more are too many to keep in mind."""

# The protocol is pure: bytes in, messages out.
NOT_IN_PROTOCOL = {
    "asyncio", "logging", "os", "pathlib", "queue", "random", "secrets", "select", "selectors",
    "socket", "socketserver", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading",
    "time",
}  # fmt: skip
IMPURE_BUILTINS = {"input", "open", "print"}

# Where the sources happen to lie, and where packages happen to come from, are
# no part of the project. Put together here, so that this file passes, too.
WORKPLACE = re.compile(
    "|".join(
        (
            r"(?<![\w.])/(?:" + "|".join(("work", "tmp", "root", "home")) + r")/\w",
            r"[A-Z]:\\\\?" + "Users",
            "pypi" + r"\.org",
            "files" + r"\.pythonhosted",
        )
    )
)


def tracked() -> list[Path]:
    """Every file that is under version control and still there."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        # A released archive has no history: what is there is the project.
        return [path for path in sources() if path.is_file()]
    names = [os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def sources() -> list[Path]:
    """Everything but what tools have made."""
    return [
        path
        for path in ROOT.rglob("*")
        if not any(part.startswith(".") and part != ".ci" for part in path.relative_to(ROOT).parts)
        and "__pycache__" not in path.parts
    ]


def text_of(path: Path) -> str | None:
    """A file's text; None where it is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def modules_imported(path: Path) -> set[str]:
    """The top-level name of every module that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def python_files() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py"]


def test_no_file_is_longer_than_it_may_be() -> None:
    lengths = {path: len(path.read_bytes().splitlines()) for path in python_files()}
    assert lengths
    assert {str(path): lines for path, lines in lengths.items() if lines > MAX_LINES} == {}


def test_no_folder_holds_more_modules_than_it_may() -> None:
    modules = Counter(
        path.parent.relative_to(ROOT).as_posix()
        for path in python_files()
        if path.name != "__init__.py"
    )
    assert len(modules) > 20
    assert {folder: count for folder, count in modules.items() if count > MAX_MODULES} == {}


def test_tests_mirror_the_tree() -> None:
    """Each folder of tests for a part is named as a folder of that part is."""
    strangers = [
        path.relative_to(ROOT).as_posix()
        for part in ("app", "server", "protocol")
        for path in sorted((ROOT / "tests" / part).rglob("*/"))
        if path.is_dir()
        and next(path.glob("test_*.py"), None) is not None
        and not (ROOT / path.relative_to(ROOT / "tests")).is_dir()
    ]
    assert strangers == []


def test_the_protocol_does_no_io_starts_no_threads_and_reads_no_clock() -> None:
    files = sorted((ROOT / "protocol").glob("**/*.py"))
    assert files
    for path in files:
        assert not modules_imported(path) & NOT_IN_PROTOCOL, path
        calls = {
            node.func.id
            for node in ast.walk(ast.parse(path.read_bytes()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not calls & IMPURE_BUILTINS, path


def test_sql_is_spoken_in_one_place_of_the_server() -> None:
    speakers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "server").glob("**/*.py")
        if "sqlite3" in modules_imported(path)
    }
    elsewhere = {name for name in speakers if not name.startswith("server/storage/sqlite/")}
    # The lock is a transaction that is held; the command line names the errors
    # of a data folder that can't be opened.
    assert elsewhere <= {"server/operations/lock.py", "server/cli/serve.py"}


ASKING_THE_TIME = re.compile(
    r"\btime\.(?:time|time_ns|monotonic|monotonic_ns|perf_counter)\b"
    r"|\b(?:gmtime|localtime)\(\)|\b(?:date)?time\.(?:now|utcnow)\(|\bdate\.today\("
)


@pytest.mark.parametrize("part", ["server", "app"])
def test_each_half_asks_for_the_time_in_one_place(part: str) -> None:
    asking = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / part).glob("**/*.py")
        if ASKING_THE_TIME.search(path.read_text(encoding="utf-8"))
    }
    assert asking == {f"{part}/clock.py"}


def test_the_reactor_and_the_streams_know_nothing_of_ours() -> None:
    for name in ("reactor", "streams", "tls"):
        imported = modules_imported(ROOT / "server" / "transport" / f"{name}.py")
        assert imported.isdisjoint({"protocol", "app"}), name


def test_nothing_names_the_place_where_it_was_made() -> None:
    found = []
    for path in tracked():
        for number, line in enumerate((text_of(path) or "").splitlines(), start=1):
            if WORKPLACE.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []


@pytest.mark.parametrize(
    "line",
    ["/" + "work/main", "see /" + "tmp/x", "C:" + "\\Users\\eve", "https://pypi" + ".org/simple"],
)
def test_a_place_would_be_found(line: str) -> None:
    assert WORKPLACE.search(line)


def test_no_test_module_is_a_helper_of_another() -> None:
    """What several need is in tests/support, or in a helper beside them."""
    found = [
        f"{path.relative_to(ROOT)}: {node.module}"
        for path in python_files()
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("tests.")
        and (node.module or "").rpartition(".")[2].startswith("test_")
    ]
    assert found == []


NO_VERB = re.compile(
    r"(?:An?|The|These|Those|This|There|It|They|One|All|Each|Some|So|Nothing|Nobody|Everybody"
    r"|Somebody|What|Whatever|Whether|How|Who|Whoever|Which|Where|When|Why|Of|By|As|At|In|On|For"
    r"|From|To|Up|If|With|Without|Until|Not|No|None|Only|Likewise|Its|Their|Here|Now|Then)\b"
)


def test_a_function_s_docstring_begins_with_what_it_does() -> None:
    """A property's says what it is."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {docstring}"
        for path in python_files()
        if path.relative_to(ROOT).parts[0] in ("protocol", "server", "app", "bench", "docs")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not any("property" in ast.unparse(one) for one in node.decorator_list)
        and (docstring := ast.get_docstring(node) or "")
        and NO_VERB.match(docstring)
    ]
    assert found == []
