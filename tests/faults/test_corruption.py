"""A damaged room is said at the start, and never served."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from server.certificates import KEY_NAME
from server.domain.store import CorruptRoom
from server.storage.sqlite import FILE_NAME, open_store, require_sound, seal
from server.storage.sqlite.checks import verify
from server.storage.sqlite.checks.soundness import SEAL_NAME
from tests.support.server_process import ADMIN, PASSWORD, ServerProcess
from tests.support.wire import WireClient

MESSAGES = 300


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A room with some messages, left in order; its folder."""
    folder = tmp_path_factory.mktemp("sound")
    with ServerProcess(folder, tls=False) as server:
        with WireClient(server.port, tls=False) as alice:
            alice.hello()
            alice.sign_in(ADMIN, PASSWORD)
            for number in range(MESSAGES):
                alice.post("x" * 500, number.to_bytes(16, "big"))
        assert server.stop() == 0
    return server.data_dir


@pytest.fixture
def data_dir(room: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(room, tmp_path / "room")
    return tmp_path / "room"


def serve(data_dir: Path) -> subprocess.CompletedProcess[str]:
    """What comes of trying to serve it. One that does serve would not end."""
    return subprocess.run(
        [sys.executable, "-m", "server", "serve", "--data", str(data_dir), "--port", "0"],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def overwrite(path: Path, at: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


def change(data_dir: Path, sql: str) -> None:
    """As somebody would who writes into the database past Rostrum."""
    database = sqlite3.connect(data_dir / FILE_NAME)
    database.execute("PRAGMA foreign_keys = OFF")
    with database:
        database.executescript(sql)
    database.close()


Damage = Callable[[Path], None]


def replace(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


DAMAGE: dict[str, Damage] = {
    "a header of garbage": lambda room: overwrite(room / FILE_NAME, 0, b"garbage " * 16),
    "no database at all": lambda room: replace(room / FILE_NAME, b"not one\n" * 5000),
    "an empty file": lambda room: replace(room / FILE_NAME, b""),
    "a page of zeros": lambda room: overwrite(room / FILE_NAME, 4096 * 20, bytes(4096)),
    "a page of garbage": lambda room: overwrite(room / FILE_NAME, 4096 * 9, b"\xa5" * 4096),
    "the end cut off": lambda room: cut(room / FILE_NAME),
    "a message missing": lambda room: change(room, "DELETE FROM messages WHERE id = 7"),
    "the newest messages missing": lambda room: change(room, "DELETE FROM messages WHERE id > 290"),
    "every message missing": lambda room: change(room, "DELETE FROM messages"),
    "a room id cut short": lambda room: change(room, "UPDATE room SET room_id = x'00'"),
    "an author missing": lambda room: change(room, "DELETE FROM users"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_p1_a_damaged_room_is_said_in_one_line_and_not_served(data_dir: Path, kind: str) -> None:
    DAMAGE[kind](data_dir)
    done = serve(data_dir)
    assert done.returncode == 1, done
    assert done.stdout == "", "it never says that it listens"
    (line,) = done.stderr.strip().splitlines()
    assert FILE_NAME in line or "damaged" in line
    assert "Traceback" not in done.stderr


def test_the_sentence_tells_what_to_do(data_dir: Path) -> None:
    DAMAGE["a message missing"](data_dir)
    (line,) = serve(data_dir).stderr.strip().splitlines()
    assert "message #7 is missing" in line and "rostrum-server restore" in line
    assert (data_dir / FILE_NAME).exists(), "nothing is thrown away"


def test_a_room_that_was_left_in_order_is_sealed_and_the_seal_breaks(data_dir: Path) -> None:
    sealed = data_dir / SEAL_NAME
    told = json.loads(sealed.read_text(encoding="ascii"))
    assert told["bytes"] == (data_dir / FILE_NAME).stat().st_size
    server = ServerProcess(data_dir.parent, tls=False)
    server.start()
    try:
        assert not sealed.exists(), "while it is served nothing is known"
        server.restart()
        assert not sealed.exists(), "a killed one leaves none"
        assert server.stop() == 0
        assert sealed.exists()
    finally:
        server.kill()


def test_a_room_that_can_not_be_sealed_was_left_in_order_all_the_same(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, tls=False) as server:
        # As good as a disk that takes no further file.
        (server.data_dir / SEAL_NAME).mkdir()
        assert server.stop() == 0
        assert "unsealed" in server.log()
        assert "listen" not in server.log()
        server.start()


def test_a_certificate_that_can_not_be_made_is_not_called_a_port_that_is_taken(
    data_dir: Path,
) -> None:
    (data_dir / "rostrum.toml").unlink()
    (data_dir / KEY_NAME).mkdir()
    done = serve(data_dir)
    assert done.returncode == 1
    assert KEY_NAME in done.stderr
    assert "listen" not in done.stderr


def test_what_the_seal_vouches_for_is_not_looked_through_again(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Path] = []

    def look(path: Path) -> list[str]:
        looked.append(path)
        return []

    monkeypatch.setattr(verify, "damage", look)
    require_sound(data_dir)
    assert not looked
    require_sound(data_dir)
    assert looked, "a seal holds once"
    with open_store(data_dir) as store, store.transaction():
        store.try_writing()
    seal(data_dir)
    looked.clear()
    overwrite(data_dir / FILE_NAME, 4096 * 9, b"\xa5")
    with pytest.raises(CorruptRoom):
        require_sound(data_dir)
    assert looked, "somebody was at it since"


def test_a_log_of_garbage_loses_nothing_that_was_in_the_room(data_dir: Path) -> None:
    # What does not bear SQLite's own checksum was never confirmed.
    (data_dir / f"{FILE_NAME}-wal").write_bytes(b"\xa5" * 100_000)
    (data_dir / SEAL_NAME).unlink()
    with open_store(data_dir) as store:
        assert store.history.head().id == MESSAGES
