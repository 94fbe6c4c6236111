"""`init` and `serve` as an operator types them, in processes of their own."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from protocol.messages import Role
from server.lock import DataFolderLock
from server.storage.sqlite import FILE_NAME, open_store
from tests.support.wire import WireClient

PASSWORD = "a long enough password"


def run(*arguments: str | Path, say: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server", *map(str, arguments)],
        input=say,
        capture_output=True,
        encoding="utf-8",
        timeout=50,
        check=False,
    )


def init(folder: Path, *more: str, say: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    return run(
        "init", "--data", folder, "--admin", "alice", "--admin-password-file", "-", *more, say=say
    )


def test_init_makes_a_room_with_its_first_administrator(tmp_path: Path) -> None:
    folder = tmp_path / "数据 folder"
    done = init(folder, "--room-name", "Northgate School", "--admin-display-name", "Amelia Hart")
    assert done.returncode == 0, done.stderr
    assert PASSWORD not in done.stdout
    with open_store(folder) as store:
        alice = store.users.by_name("alice")
    assert alice is not None and alice.role is Role.ADMIN
    assert alice.display_name == "Amelia Hart"
    assert 'room_name = "Northgate School"' in (folder / "rostrum.toml").read_text("utf-8")
    if os.name == "posix":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_init_never_touches_a_room_that_exists(tmp_path: Path) -> None:
    assert init(tmp_path).returncode == 0
    before = (tmp_path / "rostrum.toml").read_bytes()
    again = init(tmp_path, "--room-name", "Another")
    assert again.returncode == 1 and "already" in again.stderr
    assert (tmp_path / "rostrum.toml").read_bytes() == before


def test_init_that_was_interrupted_can_be_repeated(tmp_path: Path) -> None:
    (tmp_path / "rostrum.toml").write_text("port = 7999\n", encoding="utf-8")
    assert init(tmp_path).returncode == 0
    assert (tmp_path / "rostrum.toml").read_text("utf-8") == "port = 7999\n"


def test_a_generated_password_is_printed_once_and_signs_in(tmp_path: Path) -> None:
    done = run("init", "--data", tmp_path, "--admin", "alice", "--generate-password")
    password = done.stdout.split("Password, shown only now: ")[1].splitlines()[0]
    assert len(password) >= 16
    with Serving(tmp_path) as port, WireClient(port) as client:
        client.hello()
        assert client.sign_in("alice", password).person.role is Role.ADMIN


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--port", "99999"), "65535"),
        (("--host", "0.0.0.0"), "allow_plaintext"),
        (("--registration", "invite"), "not available"),
        (("--admin", "no good!"), "username invalid"),
    ],
)
def test_init_says_what_is_wrong_and_makes_nothing(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    folder = tmp_path / "room"
    done = init(folder, *arguments)
    assert done.returncode == 1 and says in done.stderr
    assert "Traceback" not in done.stderr and not folder.exists()


def test_init_refuses_a_weak_password(tmp_path: Path) -> None:
    done = init(tmp_path / "room", say="short")
    assert done.returncode == 1 and "password too short" in done.stderr


def test_serve_without_a_room_says_what_to_do(tmp_path: Path) -> None:
    done = run("serve", "--data", tmp_path)
    assert done.returncode == 1 and "rostrum-server init" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_says_that_another_server_is_there(tmp_path: Path) -> None:
    init(tmp_path)
    with DataFolderLock(tmp_path):
        done = run("serve", "--data", tmp_path, "--port", "0")
    assert done.returncode == 1 and "another server" in done.stderr


def test_serve_says_that_the_port_is_taken(tmp_path: Path) -> None:
    init(tmp_path / "one")
    init(tmp_path / "two")
    with Serving(tmp_path / "one") as port:
        done = run("serve", "--data", tmp_path / "two", "--port", str(port))
    assert done.returncode == 1 and "can't listen on 127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_refuses_a_newer_and_a_damaged_room(tmp_path: Path) -> None:
    init(tmp_path)
    database = sqlite3.connect(tmp_path / FILE_NAME)
    with database:
        database.execute("INSERT INTO migrations VALUES ('9999_future', 1)")
    database.close()
    newer = run("serve", "--data", tmp_path, "--port", "0")
    assert newer.returncode == 1 and "newer version" in newer.stderr
    (tmp_path / FILE_NAME).write_bytes(b"damaged" * 1000)
    damaged = run("serve", "--data", tmp_path, "--port", "0")
    assert damaged.returncode == 1 and "can't be read" in damaged.stderr
    assert "Traceback" not in newer.stderr + damaged.stderr


class Serving:
    """`python -m server serve` while a block runs; gives the port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> int:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "server", "serve", "--data", str(self._folder), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        assert self._process.stdout is not None
        return int(self._process.stdout.readline().rsplit(":", 1)[1])

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
