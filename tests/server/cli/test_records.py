"""`audit`, `export`, `backup`, `restore` and `verify`."""

import csv
import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from protocol.messages import Role
from server.certificates import CERTIFICATE_NAME, KEY_NAME
from server.domain.messages.history import Draft, HistoryStore
from server.operations.backup import MANIFEST_NAME
from server.operations.lock import DataFolderLock
from server.storage.sqlite import FILE_NAME, open_store
from tests.server.conftest import ADMIN, PASSWORD, Connect
from tests.support.running import Operator

TEXTS = ("first", "=cmd|' /C calc'!A0", "放学后请到礼堂。👍", 'two\nlines, "quoted"')
OLD_ROOM = Path(__file__).parents[1] / "storage" / "rooms" / "0001_room.db"


STOPPED = 7
BEGIN_A_BACKUP = f"""
import os, sys, zipfile
from server.cli import main
zipfile.ZipFile.write = lambda *_: os._exit({STOPPED})
main(["backup", sys.argv[2], "--overwrite", "--data", sys.argv[1]])
"""


@pytest.fixture
def operator(data_dir: Path) -> Operator:
    return Operator(data_dir)


@pytest.fixture
def told(data_dir: Path) -> list[str]:
    """The texts that are in the room."""
    with open_store(data_dir) as store:
        alice = store.users.by_name(ADMIN)
        assert alice is not None
        for number, text in enumerate(TEXTS):
            store.history.append(
                alice, bytes([number] * 16), Draft(text), 1_795_446_000_000 + number
            )
    return list(TEXTS)


def texts(history: HistoryStore) -> list[str]:
    return [message.text for message in history.whole()]


def test_the_history_is_exported_whole(tmp_path: Path, operator: Operator, told: list[str]) -> None:
    lines = [json.loads(line) for line in operator.do("export").splitlines()]
    assert [line["text"] for line in lines] == told
    assert lines[0] == {
        "id": 1,
        "revision": 1,
        "author_id": 1,
        "author": "Amelia Hart",
        "posted_at": "2026-11-23T15:00:00.000+00:00",
        "priority": "normal",
        "text": "first",
        "asks": "",
        "edited_at": "",
        "withdrawn_at": "",
        "withdrawn_by": "",
        "pinned_at": "",
        "expires_at": "",
        "due_at": "",
        "files": "",
        "files_sha256": "",
    }
    target = tmp_path / "历史.csv"
    assert operator.json("export", str(target), "--format", "csv") == {"written": 4}
    assert target.read_bytes().startswith("\ufeff".encode())
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == ["first", "'" + TEXTS[1], *TEXTS[2:]]


def test_the_audit_log_is_exported_oldest_first(tmp_path: Path, operator: Operator) -> None:
    operator.do("user", "add", "bob")
    operator.do("audit", "--output", str(tmp_path / "log"), "--format", "jsonl")
    written = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["subject"] for line in written] == [ADMIN, "bob"]


def test_a_backup_made_while_serving_restores_to_what_was_confirmed(
    tmp_path: Path, data_dir: Path, operator: Operator, connect: Connect
) -> None:
    alice = connect()
    alice.sign_in(ADMIN, PASSWORD)
    confirmed: list[str] = []
    enough = threading.Event()

    def post() -> None:
        while not enough.is_set():
            number = len(confirmed)
            alice.post(f"message {number}", number.to_bytes(16, "big"))
            confirmed.append(f"message {number}")

    poster = threading.Thread(target=post)
    poster.start()
    copies: list[tuple[int, Path]] = []
    try:
        for number in range(4):
            before = len(confirmed)
            operator.do("backup", str(tmp_path / f"{number}.zip"))
            copies.append((before, tmp_path / f"{number}.zip"))
    finally:
        enough.set()
        poster.join(20)
    assert len(confirmed) > copies[-1][0] > 0, "there was posting all the time"
    for number, (before, target) in enumerate(copies):
        folder = tmp_path / f"restored {number}"
        Operator(folder).do("restore", str(target))
        assert "sound" in Operator(folder).do("verify")
        with open_store(folder) as store, open_store(data_dir) as original:
            kept = texts(store.history)
            assert len(kept) >= before, "what was confirmed before is there"
            assert kept == [f"message {at}" for at in range(len(kept))], "and in order"
            assert store.room_id != original.room_id, "clients begin anew"
            assert store.audit.before(0, 1, "")[0][0].action == "restored"
        for name in (CERTIFICATE_NAME, KEY_NAME, "rostrum.toml"):
            assert (folder / name).read_bytes() == (data_dir / name).read_bytes()


def test_a_backup_is_private_and_not_overwritten_unasked(
    tmp_path: Path, operator: Operator
) -> None:
    target = tmp_path / "copy.zip"
    operator.do("backup", str(target))
    before = target.read_bytes()
    if os.name == "posix":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert "--overwrite" in operator.refused("backup", str(target))
    assert target.read_bytes() == before
    operator.do("backup", str(target), "--overwrite")
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.zip"], "no drafts are left"


def test_of_two_backups_to_one_place_at_once_each_is_whole(
    tmp_path: Path, data_dir: Path, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another begins its own, and gets no further, before this one is in place."""
    target = tmp_path / "copy.zip"
    operator.do("backup", str(target))
    replace = Path.replace

    def overtaken(draft: Path, destination: Path) -> Path:
        monkeypatch.setattr(Path, "replace", replace)
        other = [sys.executable, "-c", BEGIN_A_BACKUP, str(data_dir), str(destination)]
        assert subprocess.run(other, timeout=50, check=False).returncode == STOPPED
        return replace(draft, destination)

    monkeypatch.setattr(Path, "replace", overtaken)
    operator.do("backup", str(target), "--overwrite")
    assert "restored" in operator.json("restore", str(target), "--overwrite")


def test_a_backup_tells_which_of_the_operators_files_are_not_in_it(
    tmp_path: Path, data_dir: Path, operator: Operator
) -> None:
    chosen = 'tls_certificate = "own.pem"\ntls_key = "keys/own.pem"\n'
    (data_dir / "rostrum.toml").write_text(chosen, encoding="utf-8")
    (data_dir / "own.pem").write_bytes((data_dir / CERTIFICATE_NAME).read_bytes())
    target = tmp_path / "copy.zip"
    assert operator.json("backup", str(target))["left_out"] == ["keys/own.pem"]
    assert "Not in it" in operator.do("backup", str(target), "--overwrite")
    with zipfile.ZipFile(target) as archive:
        assert "own.pem" in archive.namelist()


@pytest.mark.parametrize("words", [("backup", "--overwrite"), ("export",), ("audit", "--output")])
@pytest.mark.parametrize("name", [FILE_NAME, KEY_NAME])
def test_nothing_is_written_over_the_room_itself(
    data_dir: Path, operator: Operator, words: tuple[str, ...], name: str
) -> None:
    before = (data_dir / name).read_bytes()
    assert "room itself" in operator.refused(*words, str(data_dir / "." / name))
    assert (data_dir / name).read_bytes() == before


def test_a_room_is_not_overwritten_unasked_and_then_put_aside(
    tmp_path: Path, data_dir: Path, operator: Operator, told: list[str]
) -> None:
    target = tmp_path / "copy.zip"
    operator.do("backup", str(target))
    with open_store(data_dir) as store:
        alice = store.users.by_name(ADMIN)
        assert alice is not None
        store.history.append(alice, b"x" * 16, Draft("after the backup"), 1)
    assert "--overwrite" in operator.refused("restore", str(target))
    aside = Path(operator.json("restore", str(target), "--overwrite")["aside"])
    with open_store(data_dir) as store, open_store(aside) as former:
        assert texts(store.history) == told
        assert texts(former.history) == [*told, "after the backup"]


def test_p1_a_log_whose_database_is_gone_is_not_mixed_into_the_restored_room(
    tmp_path: Path, data_dir: Path, operator: Operator, told: list[str]
) -> None:
    target = tmp_path / "copy.zip"
    operator.do("backup", str(target))
    folder = tmp_path / "left behind"
    folder.mkdir()
    with open_store(data_dir) as store:
        alice = store.users.by_name(ADMIN)
        assert alice is not None
        for number in range(100):
            store.history.append(alice, b"after" + bytes([number] * 11), Draft("x" * 2000), 1)
        # As a crash leaves it, while the store is open; the operator has moved
        # the damaged database itself out of the way.
        (folder / f"{FILE_NAME}-wal").write_bytes((data_dir / f"{FILE_NAME}-wal").read_bytes())
    assert f"{FILE_NAME}-wal is there" in Operator(folder).refused("restore", str(target))
    aside = Path(Operator(folder).json("restore", str(target), "--overwrite")["aside"])
    assert [path.name for path in aside.iterdir()] == [f"{FILE_NAME}-wal"]
    with open_store(folder) as store:
        assert texts(store.history) == told
    assert "sound" in Operator(folder).do("verify")


def test_a_certificate_that_is_there_is_not_overwritten_unasked(
    tmp_path: Path, operator: Operator
) -> None:
    target, folder = tmp_path / "copy.zip", tmp_path / "prepared"
    operator.do("backup", str(target))
    folder.mkdir()
    (folder / KEY_NAME).write_text("a key of my own", encoding="ascii")
    assert f"{KEY_NAME} is there" in Operator(folder).refused("restore", str(target))
    assert [path.name for path in folder.iterdir() if path.name != "serve.lock"] == [KEY_NAME]
    aside = Path(Operator(folder).json("restore", str(target), "--overwrite")["aside"])
    assert (aside / KEY_NAME).read_text(encoding="ascii") == "a key of my own"


def test_a_restore_that_stops_halfway_leaves_no_room_without_its_certificate(
    tmp_path: Path, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, folder = tmp_path / "copy.zip", tmp_path / "restored"
    operator.do("backup", str(target))
    replace = os.replace
    done: list[str] = []

    def stops(source: Path, target: Path) -> None:
        if target.parent == folder and len(done) == 1:
            raise OSError("the machine stops here")
        replace(source, target)
        done.append(target.name)

    monkeypatch.setattr(os, "replace", stops)
    assert "stops here" in Operator(folder).refused("restore", str(target))
    monkeypatch.undo()
    assert not (folder / FILE_NAME).exists()
    Operator(folder).do("restore", str(target), "--overwrite")
    assert "sound" in Operator(folder).do("verify")


def test_nothing_is_restored_under_a_running_server(
    tmp_path: Path, data_dir: Path, operator: Operator
) -> None:
    target = tmp_path / "copy.zip"
    operator.do("backup", str(target))
    before = (data_dir / FILE_NAME).read_bytes()
    with DataFolderLock(data_dir):
        assert "another server" in operator.refused("restore", str(target), "--overwrite")
    assert (data_dir / FILE_NAME).read_bytes() == before


def altered(target: Path, original: Path, changes: dict[str, bytes | None]) -> None:
    """The same backup with other contents under these names."""
    with zipfile.ZipFile(original) as source, zipfile.ZipFile(target, "w") as made:
        contents: dict[str, bytes | None] = {name: source.read(name) for name in source.namelist()}
        for name, content in (contents | changes).items():
            if content is not None:
                made.writestr(name, content)


@pytest.mark.parametrize(
    "changes",
    [
        {"../escaped": b"x"},
        {"/etc/escaped": b"x"},
        {"C:\\escaped": b"x"},
        {FILE_NAME: None},
        {FILE_NAME: b"damaged" * 1000},
        {FILE_NAME: b""},
        {MANIFEST_NAME: None},
        {MANIFEST_NAME: b"[]"},
        {MANIFEST_NAME: b'{"format": 2}'},
    ],
    ids=str,
)
def test_p9_what_is_no_backup_changes_nothing(
    tmp_path: Path, data_dir: Path, operator: Operator, changes: dict[str, bytes | None]
) -> None:
    operator.do("backup", str(tmp_path / "good.zip"))
    altered(tmp_path / "evil.zip", tmp_path / "good.zip", changes)
    before = (data_dir / FILE_NAME).read_bytes()
    operator.refused("restore", str(tmp_path / "evil.zip"), "--overwrite")
    assert (data_dir / FILE_NAME).read_bytes() == before
    assert not list(tmp_path.rglob("*escaped*"))
    assert not (data_dir / ".restoring").exists()
    assert "sound" in operator.do("verify")


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_archive_is_told(
    tmp_path: Path, operator: Operator, content: bytes
) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    assert "no backup" in operator.refused("restore", str(tmp_path / "x.zip"), "--overwrite")
    assert "no file" in operator.refused("restore", str(tmp_path / "missing.zip"), "--overwrite")


@pytest.mark.parametrize("where", ["the packed data", "the method of packing", "the flags"])
def test_an_archive_that_is_damaged_inside_is_told(
    tmp_path: Path, operator: Operator, where: str
) -> None:
    target = tmp_path / "x.zip"
    operator.do("backup", str(target))
    content = bytearray(target.read_bytes())
    with zipfile.ZipFile(target) as archive:
        packed = archive.getinfo(FILE_NAME)
    # Where a file's header ends, and where in the directory its entry begins
    # (PKWARE's APPNOTE, 4.3.7 and 4.3.12).
    data_at = packed.header_offset + 30 + len(FILE_NAME)
    entry_at = content.rindex(FILE_NAME.encode()) - 46
    at = {"the packed data": data_at, "the flags": entry_at + 8}.get(where, entry_at + 10)
    content[at] = 0xFF
    target.write_bytes(content)
    assert "no backup" in operator.refused("restore", str(target), "--overwrite")


def test_a_backup_of_an_older_room_is_upgraded(tmp_path: Path, operator: Operator) -> None:
    operator.do("backup", str(tmp_path / "new.zip"))
    altered(tmp_path / "old.zip", tmp_path / "new.zip", {FILE_NAME: OLD_ROOM.read_bytes()})
    folder = tmp_path / "restored"
    Operator(folder).do("restore", str(tmp_path / "old.zip"))
    assert "sound" in Operator(folder).do("verify")
    with open_store(folder) as store:
        assert texts(store.history) == ["message 1", "message 2", "message 3"]


def damage(data_dir: Path, statement: str) -> None:
    with closing(sqlite3.connect(data_dir / FILE_NAME)) as database, database:
        database.execute(statement)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DELETE FROM messages WHERE id = 2", "#2 is missing"),
        ("DELETE FROM messages WHERE id = 1", "#1 is missing"),
        ("UPDATE messages SET revision = 0 WHERE id = 3", "#3 has revision 0"),
        ("UPDATE messages SET post_id = x'00' WHERE id = 3", "damaged post id"),
        ("UPDATE messages SET author_id = 99 WHERE id = 3", "refers to users"),
        ("UPDATE users SET role = 'king'", "role king"),
        ("UPDATE users SET state = 'asleep'", "state asleep"),
        ("UPDATE room SET room_id = x'00'", "room id"),
        ("DELETE FROM room", "0 rooms"),
        ("INSERT INTO migrations VALUES ('9999_x', 1)", "newer version"),
    ],
)
def test_verify_finds_what_is_wrong(
    data_dir: Path, operator: Operator, told: list[str], statement: str, says: str
) -> None:
    assert "sound" in operator.do("verify")
    damage(data_dir, statement)
    done = operator.run("verify")
    assert done.exit_code == 1
    assert says in done.stdout


def test_verify_prints_the_hashes_to_keep_elsewhere(
    data_dir: Path, operator: Operator, told: list[str]
) -> None:
    records = operator.json("verify")["records"]
    assert [records[name]["entries"] for name in ("confirmations", "audit", "accounts")] == [
        0,
        1,
        1,
    ]
    printed = operator.do("verify")
    assert f"Entry 1 of the audit log: {records['audit']['hash']}" in printed
    assert "confirmations" not in printed, "there are none"
    operator.do("user", "add", "bob")
    later = operator.json("verify")["records"]
    assert later["audit"]["entries"] == later["accounts"]["entries"] == 2
    assert later["audit"]["hash"] != records["audit"]["hash"]


def test_verify_finds_a_damaged_file(data_dir: Path, operator: Operator, told: list[str]) -> None:
    file = data_dir / FILE_NAME
    whole = file.read_bytes()
    file.write_bytes(whole[:8192] + bytes(2048) + whole[10240:])
    assert operator.run("verify").exit_code == 1
    file.write_bytes(whole[: len(whole) // 2])
    assert operator.run("verify").exit_code == 1
    file.write_bytes(b"no database")
    assert "can't be read" in operator.run("verify").stdout


@pytest.mark.parametrize(
    "words",
    [("user", "list"), ("user", "add", "bob"), ("audit",), ("export",), ("invite",), ("init",)],
    ids=" ".join,
)
def test_a_damaged_room_is_told_in_one_line(
    data_dir: Path, operator: Operator, words: tuple[str, ...]
) -> None:
    with closing(sqlite3.connect(data_dir / FILE_NAME)) as database:
        (page_bytes,) = database.execute("PRAGMA page_size").fetchone()
        tables = "('users', 'messages', 'invites', 'audit')"
        pages = database.execute(f"SELECT rootpage FROM sqlite_master WHERE name IN {tables}")
        at = [(page - 1) * page_bytes for (page,) in pages]
        database.execute("PRAGMA journal_mode = DELETE")
    with (data_dir / FILE_NAME).open("r+b") as file:
        for place in at:
            file.seek(place)
            file.write(b"\xff" * 100)
    assert "verify" in operator.refused(*words)


@pytest.mark.skipif(os.name != "posix", reason="files have no modes there")
@pytest.mark.parametrize("words", [("export",), ("audit", "--output"), ("backup", "--overwrite")])
def test_what_is_written_is_nobody_elses(
    tmp_path: Path, operator: Operator, told: list[str], words: tuple[str, ...]
) -> None:
    target = tmp_path / "written"
    target.write_text("anybody's", encoding="ascii")
    target.chmod(0o644)
    mask = os.umask(0)
    try:
        operator.do(*words, str(target))
    finally:
        os.umask(mask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert target.stat().st_size > 20


@pytest.mark.parametrize("words", [("export",), ("backup", "--overwrite"), ("audit", "--output")])
@pytest.mark.parametrize("target", [".", ""])
def test_a_folder_is_no_file_to_write(
    operator: Operator, words: tuple[str, ...], target: str
) -> None:
    done = operator.run(*words, target)
    assert done.exit_code in (1, 2)
    assert not isinstance(done.exception, ValueError)


def test_verify_says_when_nobody_can_administer_the_room(
    data_dir: Path, operator: Operator
) -> None:
    with open_store(data_dir) as store, store.transaction():
        for user in store.users.page("", 0, 100)[0]:
            store.users.set_role(user.id, Role.MEMBER)
    assert "--role admin" in operator.do("verify")
    operator.do("invite", "--role", "admin")
    assert "--role" not in operator.do("verify")
