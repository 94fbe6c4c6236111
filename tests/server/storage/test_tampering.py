"""Whoever changes the room past Rostrum contradicts a record, and `verify` says
which."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from protocol.messages import AccountState, Role
from server.domain import administration
from server.domain.audit import Actor
from server.domain.messages import message_actions, receipts
from server.domain.messages.history import Draft
from server.domain.users import reset_digest
from server.setup import make_room
from server.storage.sqlite import FILE_NAME, open_store, require_sound
from server.storage.sqlite.checks.verify import ends, findings
from tests.server.conftest import ADMIN, NOW_MS, PASSWORD
from tests.support.running import ROOM

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A room in which everything was done that can be."""
    folder = tmp_path_factory.mktemp("room") / "room"
    make_room(folder, ROOM, ADMIN, "Amelia Hart", PASSWORD)
    with open_store(folder) as store, store.transaction():
        alice = store.users.by_name(ADMIN)
        assert alice is not None
        actor = Actor(alice.id, ADMIN, "192.0.2.5", True)
        bob, carol, dave, erin = (
            store.users.add(name, name.title(), Role.MEMBER, f"hash of {name}", NOW_MS, state)
            for name, state in {
                "bob": AccountState.ACTIVE,
                "carol": AccountState.ACTIVE,
                "dave": AccountState.PENDING,
                "erin": AccountState.ACTIVE,
            }.items()
        )
        for key, draft in enumerate(
            [
                Draft("Fire drill at 10:30", answers=("",)),
                Draft("Lunch?", answers=("Yes", "No")),
                Draft("Never mind", answers=("",)),
                Draft("Nobody answered"),
            ]
        ):
            store.history.append(alice, key.to_bytes(16, "big"), draft, NOW_MS)

        def answer(user_id: int, number: int, choice: int, at_ms: int) -> None:
            user, message = store.users.by_id(user_id), store.history.by_id(number)
            assert user is not None
            receipts.confirm(store.receipts, user, message, choice, NOW_MS + at_ms)

        answer(bob.id, 1, 1, 1)
        answer(bob.id, 2, 1, 2)
        answer(carol.id, 3, 1, 3)
        message_actions.edit(store, actor, 2, "Lunch at noon?", 4000, NOW_MS + 4)
        answer(bob.id, 2, 2, 5)
        answer(carol.id, 2, 2, 6)
        message_actions.set_pinned(store, actor, 1, True, NOW_MS + 7)
        answer(erin.id, 1, 1, 8)
        message_actions.withdraw(store, actor, 3, NOW_MS + 9)
        administration.activate(store, actor, dave.id, NOW_MS)
        administration.set_role(store, actor, dave.id, Role.ADMIN, NOW_MS)
        administration.disable(store, actor, bob.id, NOW_MS)
        administration.activate(store, actor, bob.id, NOW_MS)
        store.users.set_reset(bob.id, reset_digest("K7QM"), NOW_MS + 1000)
        store.users.set_password(bob.id, "another hash")
        store.users.set_password(dave.id, "")
        administration.remove(store, actor, carol.id, NOW_MS)
    return folder


@pytest.fixture
def room(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "room")
    return tmp_path / "room"


def change(room: Path, script: str) -> None:
    """As somebody would who can write the file and knows how it is guarded."""
    with closing(sqlite3.connect(room / FILE_NAME)) as database:
        triggers = [
            name
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ]
        for name in triggers:
            database.execute(f"DROP TRIGGER {name}")
        database.executescript(script)


def test_what_rostrum_itself_does_contradicts_nothing(room: Path) -> None:
    assert findings(room / FILE_NAME) == []
    counts = {name: count for name, (count, _) in ends(room / FILE_NAME).items()}
    # 5 accounts; accepted, promoted, disabled, enabled, two passwords, removed.
    assert counts["accounts"] == 5 + 7
    assert counts["confirmations"] == 6
    assert counts["audit"] == 1 + 5 + 2


TAMPERING = {
    "a role": (
        "UPDATE users SET role = 'admin' WHERE username = 'bob'",
        "bob (#2) has another role",
    ),
    "a state": ("UPDATE users SET state = 'disabled' WHERE id = 5", "erin (#5) has another state"),
    "a password": (
        "UPDATE users SET password_hash = 'mine' WHERE id = 1",
        "alice (#1) has another password",
    ),
    "a display name": (
        "UPDATE users SET display_name = 'Amelia' WHERE id = 2",
        "bob (#2) has another display name",
    ),
    "an account put in": (
        "INSERT INTO users (username, username_key, display_name, role, state, password_hash, "
        "created_at_ms) VALUES ('eve', 'eve', 'Eve', 'admin', 'active', 'x', 1)",
        "eve (#6) is not on record",
    ),
    "an account brought back": (
        "UPDATE users SET state = 'active', username_key = 'carol' WHERE id = 3",
        "carol (#3) has another state",
    ),
    "an answer changed": ("UPDATE answers SET choice = 1 WHERE user_id = 2", "#2 to message #2"),
    "an answer's time": ("UPDATE answers SET at_ms = 1 WHERE user_id = 5", "#5 to message #1"),
    "an answer put in": (
        "INSERT INTO answers VALUES (1, 4, 1, 1, 1, 1)",
        "an answer of account #4 to message #1 is not on record",
    ),
    "an answer taken out": (
        "DELETE FROM answers WHERE user_id = 5",
        "account #5 to message #1 is on record and not there",
    ),
    "a text that was confirmed": (
        "UPDATE messages SET text = 'Fire drill at 11' WHERE id = 1",
        "message #1 has another text than entry 1",
    ),
    "the newest text": (
        "UPDATE messages SET text = 'Lunch?' WHERE id = 2",
        "message #2 has another text than entry 4",
    ),
    "an earlier text": (
        "UPDATE earlier_texts SET text = 'Dinner?' WHERE message_id = 2",
        "message #2 has another text than entry 2",
    ),
    "what could be answered": (
        """UPDATE messages SET answers = '["No","Yes"]' WHERE id = 2""",
        "#2 to message #2 is not that on record",
    ),
    "an entry of the audit log": (
        "UPDATE audit SET actor = 'bob' WHERE id = 3",
        "entry 3 of the audit log was changed",
    ),
    "an audit entry's account": (
        "UPDATE audit SET subject_id = 2 WHERE id = 4",
        "entry 4 of the audit log was changed",
    ),
    "an audit entry taken out": (
        "DELETE FROM audit WHERE id = 4",
        "the audit log",
    ),
    "the newest audit entry": ("DELETE FROM audit WHERE id = 8", "the audit log ends at entry 7"),
    "an audit entry put in": (
        "INSERT INTO audit VALUES (9, 1, 'bob', 'removed', 'x', 1, '', '', x'00')",
        "entry 9 of the audit log was changed",
    ),
    "the record of accounts": (
        "UPDATE account_record SET role = 'admin' WHERE user_id = 2; "
        "UPDATE users SET role = 'admin' WHERE id = 2",
        "entry 2 of the record of accounts was changed",
    ),
    "the end of a chain": ("DELETE FROM chains WHERE name = 'audit'", "where the audit log ends"),
    "a confirmation": (
        "UPDATE confirmations SET answer = 'Yes' WHERE id = 4",
        "entry 4 of the record of confirmations was changed",
    ),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_verify_notices(room: Path, what: str) -> None:
    script, says = TAMPERING[what]
    change(room, script)
    found = findings(room / FILE_NAME)
    assert any(says in sentence for sentence in found), found


def test_a_later_change_by_rostrum_hides_nothing(room: Path) -> None:
    change(room, "UPDATE users SET role = 'admin' WHERE id = 2")
    with open_store(room) as store, store.transaction():
        store.users.set_password(2, "a third hash")
        store.users.set_state(2, AccountState.DISABLED)
    assert findings(room / FILE_NAME) == ["account bob (#2) has another role than is on record"]


def test_such_a_room_is_served_and_the_log_says_so(
    room: Path, caplog: pytest.LogCaptureFixture
) -> None:
    change(room, "UPDATE users SET role = 'admin' WHERE id = 2")
    require_sound(room)
    assert "bob (#2) has another role" in caplog.text


OLD_ROOMS = sorted((HERE / "rooms").glob("*.db"))


@pytest.fixture(params=OLD_ROOMS, ids=lambda path: path.stem)
def old_room(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    shutil.copy(request.param, tmp_path / FILE_NAME)
    open_store(tmp_path).close()
    return tmp_path


def test_what_an_older_room_holds_is_sealed_as_it_is(old_room: Path) -> None:
    assert findings(old_room / FILE_NAME) == []
    change(old_room, "UPDATE users SET role = 'admin' WHERE username = 'bob'")
    (found,) = findings(old_room / FILE_NAME)
    assert "another role" in found


def test_the_old_entries_of_the_audit_log_are_sealed(tmp_path: Path) -> None:
    shutil.copy(HERE / "rooms" / "0005_room.db", tmp_path / FILE_NAME)
    open_store(tmp_path).close()
    assert ends(tmp_path / FILE_NAME)["audit"][0] == 5
    with (
        closing(sqlite3.connect(tmp_path / FILE_NAME)) as database,
        pytest.raises(sqlite3.IntegrityError, match="only added to"),
    ):
        database.execute("UPDATE audit SET actor = 'x'")
    change(tmp_path, "UPDATE audit SET detail = '' WHERE id = 1; UPDATE audit SET at_ms = 0")
    (found,) = findings(tmp_path / FILE_NAME)
    assert found == "entry 1 of the audit log was changed"
