"""Files that go with messages, over the wire: sent in parts, kept once, fetched by whoever
may read the message, and gone with the last message that they went with."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from protocol.limits import PART_BYTES
from protocol.messages import (
    Attachment,
    CancelScheduled,
    Changed,
    Done,
    Edit,
    GetPart,
    OfferFile,
    Part,
    Post,
    Posted,
    Received,
    RoomMessage,
    Schedule,
    SendPart,
    Upcoming,
    Welcome,
    Withdraw,
)
from protocol.refusals import Refusal
from server import settings
from server.domain.messages import attachments as deeds
from server.storage.sqlite import open_store
from server.storage.sqlite.messages.attachments import FILE_NAME
from tests.server.conftest import ADMIN, NOW_MS, PASSWORD, Connect, Jump
from tests.support.running import running
from tests.support.wire import WireClient

DATA = b"GIF89a" + bytes(range(256)) * 300  # two parts and a piece
DAY_MS = 24 * 3_600_000


def file_of(data: bytes, name: str = "plan.gif") -> Attachment:
    return Attachment(hashlib.sha256(data).digest(), name, len(data), 16, 9)


FILE = file_of(DATA)


pytestmark = pytest.mark.usefixtures("jump")


def parts_of(data: bytes) -> Iterator[tuple[int, bytes]]:
    for offset in range(0, len(data), PART_BYTES):
        yield offset, data[offset : offset + PART_BYTES]


def offer(client: WireClient, data: bytes) -> int:
    digest = hashlib.sha256(data).digest()
    return client.ask(OfferFile(client.number(), digest, len(data)), Received).size


def send(client: WireClient, data: bytes = DATA) -> None:
    """Send this file, as far as the server does not have it."""
    there = offer(client, data)
    digest = hashlib.sha256(data).digest()
    for offset, part in parts_of(data):
        if offset >= there:
            answer = client.ask(SendPart(client.number(), digest, offset, part), Received)
            assert answer.size == offset + len(part)


def post(
    client: WireClient, *files: Attachment, key: int = 1, text: str = "The plan."
) -> RoomMessage:
    client.ask(Post(client.number(), bytes([key]) * 16, text, attachments=files), Posted)
    return client.expect(Changed).message


def fetch(client: WireClient, file: Attachment = FILE) -> bytes:
    data = b""
    while len(data) < file.size:
        part = client.ask(GetPart(client.number(), file.sha256, len(data)), Part).data
        assert part
        data += part
    return data


def refusal_of_fetching(client: WireClient, file: Attachment = FILE) -> str:
    return client.refusal(GetPart(client.number(), file.sha256, 0)).code


def until_gone(alice: WireClient, data: bytes = DATA) -> None:
    """Wait until the server has nothing left of it."""
    while offer(alice, data):
        alice.barrier()


def test_a_file_is_sent_in_parts_and_fetched_as_it_was(alice: WireClient, bob: WireClient) -> None:
    assert offer(alice, DATA) == 0
    send(alice)
    assert offer(alice, DATA) == len(DATA), "it is kept"
    message = post(alice, FILE)
    assert bob.expect(Changed).message == message
    assert message.attachments == (FILE,)
    assert fetch(bob) == DATA
    assert bob.ask(GetPart(bob.number(), FILE.sha256, len(DATA)), Part).data == b""
    assert bob.ask(GetPart(bob.number(), FILE.sha256, 7), Part).data == b"", "no part begins there"
    (again,) = bob.history().messages
    assert again == message


def test_it_goes_on_where_it_was_broken_off(
    alice: WireClient, connect: Connect, data_dir: Path
) -> None:
    assert offer(alice, DATA) == 0
    (first, rest) = list(parts_of(DATA))[:2]
    alice.ask(SendPart(alice.number(), FILE.sha256, *first), Received)
    alice.close()
    again = connect()
    again.sign_in(ADMIN, PASSWORD)
    assert offer(again, DATA) == PART_BYTES
    # What comes once more, or too early, changes nothing and tells where to go on.
    for offset, part in (first, (2 * PART_BYTES, DATA[2 * PART_BYTES :])):
        answer = again.ask(SendPart(again.number(), FILE.sha256, offset, part), Received)
        assert answer.size == PART_BYTES
    assert again.ask(SendPart(again.number(), FILE.sha256, *rest), Received).size == 2 * PART_BYTES
    send(again)
    assert post(again, FILE).attachments == (FILE,)


def test_it_is_kept_once_however_many_messages_it_goes_with(
    alice: WireClient, bob: WireClient, data_dir: Path
) -> None:
    send(alice)
    first, second = post(alice, FILE, key=1), post(alice, file_of(DATA, "again.gif"), key=2)
    with open_store(data_dir) as store:
        file = store.attachments._open()
        assert file.execute("SELECT count(*), sum(length(data)) FROM parts").fetchone() == (
            3,
            len(DATA),
        )
    alice.ask(Withdraw(alice.number(), first.id), Done)
    alice.barrier()
    assert fetch(bob) == DATA, "the second still has it"
    alice.ask(Withdraw(alice.number(), second.id), Done)
    assert refusal_of_fetching(bob) == Refusal.NOT_FOUND
    until_gone(alice)


def test_what_went_with_a_withdrawn_message_is_gone_from_the_disk(
    alice: WireClient, bob: WireClient, data_dir: Path
) -> None:
    secret = b"the plan of the vault " * 5_000
    send(alice, secret)
    message = post(alice, file_of(secret))
    alice.ask(Edit(alice.number(), message.id, "Another text."), Done)
    assert alice.expect(Changed).message.attachments, "an edit leaves it"
    alice.ask(Withdraw(alice.number(), message.id), Done)
    gone = alice.expect(Changed).message
    assert (gone.text, gone.attachments) == ("", ())
    until_gone(alice, secret)
    # Its bytes are overwritten right behind that, and the log is emptied.
    while any(
        b"the plan of the vault" in path.read_bytes() for path in data_dir.glob(f"{FILE_NAME}*")
    ):
        alice.barrier()


def test_p1_a_confirmed_message_has_its_file(alice: WireClient, data_dir: Path) -> None:
    """What is not there whole can't be posted, nor scheduled."""
    missing = Refusal.ATTACHMENT_MISSING
    number = alice.number
    assert alice.refusal(Post(number(), bytes(16), "x", attachments=(FILE,))).code == missing
    offer(alice, DATA)
    offset, part = next(parts_of(DATA))
    alice.ask(SendPart(number(), FILE.sha256, offset, part), Received)
    assert alice.refusal(Post(number(), bytes(16), "x", attachments=(FILE,))).code == missing
    later = Schedule(number(), bytes(16), NOW_MS + DAY_MS, "x", attachments=(FILE,))
    assert alice.refusal(later).code == missing
    send(alice)
    other = Attachment(FILE.sha256, "x", FILE.size - 1)
    assert alice.refusal(Post(number(), bytes(16), "x", attachments=(other,))).code == missing
    post(alice, FILE)


def test_bytes_that_are_not_those_of_the_file_are_refused_and_dropped(alice: WireClient) -> None:
    offer(alice, DATA)
    *first, (offset, _) = parts_of(DATA)
    for one in first:
        alice.ask(SendPart(alice.number(), FILE.sha256, *one), Received)
    wrong = bytes(len(DATA) - offset)
    refused = alice.refusal(SendPart(alice.number(), FILE.sha256, offset, wrong))
    assert refused.code == Refusal.ATTACHMENT_DAMAGED
    assert offer(alice, DATA) == 0
    for length in (1, PART_BYTES - 1):
        refused = alice.refusal(SendPart(alice.number(), FILE.sha256, 0, bytes(length)))
        assert refused.code == Refusal.ATTACHMENT_DAMAGED, "a part has its length"
    send(alice)
    refused = alice.refusal(OfferFile(alice.number(), FILE.sha256, len(DATA) + 1))
    assert refused.code == Refusal.ATTACHMENT_DAMAGED, "it has another size"
    unknown = alice.refusal(SendPart(alice.number(), bytes(32), 0, b"x"))
    assert unknown.code == Refusal.NOT_FOUND


def test_p6_members_send_none_and_see_only_what_goes_with_a_message(
    alice: WireClient, bob: WireClient
) -> None:
    send(alice)
    assert bob.refusal(OfferFile(bob.number(), FILE.sha256, 5)).code == Refusal.NOT_PERMITTED
    assert bob.refusal(SendPart(bob.number(), FILE.sha256, 0, b"x")).code == Refusal.NOT_PERMITTED
    assert refusal_of_fetching(bob) == Refusal.NOT_FOUND
    later = Schedule(alice.number(), bytes(16), NOW_MS + DAY_MS, "x", attachments=(FILE,))
    alice.ask(later, Done)
    assert refusal_of_fetching(bob) == Refusal.NOT_FOUND, "it is not said yet"
    assert fetch(alice) == DATA


def test_what_is_scheduled_has_its_file_until_it_is_cancelled_or_posted(
    alice: WireClient, bob: WireClient, jump: Jump
) -> None:
    send(alice)
    for key in (1, 2):
        at_ms = NOW_MS + key * DAY_MS
        alice.ask(
            Schedule(alice.number(), bytes([key]) * 16, at_ms, "x", attachments=(FILE,)), Done
        )
    alice.ask(CancelScheduled(alice.number(), 2, 1), Done)
    jump(NOW_MS + DAY_MS)
    message = bob.expect(Changed).message
    assert message.attachments == (FILE,) and fetch(bob) == DATA
    while alice.expect(Upcoming).count:
        pass
    alice.ask(Withdraw(alice.number(), message.id), Done)
    until_gone(alice)


def test_what_nobody_goes_on_with_is_dropped_after_a_day(alice: WireClient, data_dir: Path) -> None:
    send(alice)
    other = DATA + b"more"
    assert offer(alice, other) == 0
    used = DATA + b"used"
    send(alice, used)
    post(alice, file_of(used))
    with open_store(data_dir) as store:
        store.attachments.tidy(NOW_MS)
        assert store.attachments.sizes(FILE.sha256) == (len(DATA), len(DATA))
        store.attachments.tidy(NOW_MS + 1)
        assert store.attachments.sizes(FILE.sha256) == (0, 0)
        assert store.attachments.sizes(hashlib.sha256(other).digest()) == (0, 0)
        assert store.attachments.sizes(hashlib.sha256(used).digest())[0] == len(used)
        (parts,) = store.attachments._open().execute("SELECT count(*) FROM parts").fetchone()
        assert parts == len(list(parts_of(used))), "nothing else is left"


def test_p9_there_is_an_end_of_unfinished_ones(
    alice: WireClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deeds, "MAX_UNFINISHED", 2)
    for number in (1, 2):
        alice.ask(OfferFile(alice.number(), bytes([number]) * 32, 9), Received)
    refused = alice.refusal(OfferFile(alice.number(), bytes([3]) * 32, 9))
    assert refused.code == Refusal.BUSY and refused.retry_after_ms
    alice.ask(OfferFile(alice.number(), bytes([1]) * 32, 9), Received)


@pytest.mark.parametrize(
    ("mib", "size", "code"),
    [
        (0, 1, Refusal.ATTACHMENTS_OFF),
        (1, 1024 * 1024 + 1, Refusal.ATTACHMENT_TOO_LARGE),
        (1, 1024 * 1024, None),
    ],
)
def test_the_operator_says_how_large_they_may_be(
    data_dir: Path, mib: int, size: int, code: Refusal | None
) -> None:
    chosen = settings.load(data_dir, {}, {"port": 0, "attachment_max_mib": mib})
    with running(data_dir, chosen) as service, WireClient(service.port) as alice:
        welcome: Welcome = alice.hello()
        assert welcome.limits.attachment_bytes == mib * 1024 * 1024
        alice.sign_in(ADMIN, PASSWORD)
        asked = OfferFile(alice.number(), bytes(32), size)
        if code is None:
            assert alice.ask(asked, Received).size == 0
        else:
            assert alice.refusal(asked).code == code


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("D:\\plans\\plan.gif", "plan.gif"),
        ("../../etc/passwd", "passwd"),
        ("a\x00b\n.txt", "a b .txt"),
        (" \u200b ", "file"),
        ("", "file"),
        ("x" * 200 + ".pdf", "x" * 116 + ".pdf"),
        ("放学.pdf", "放学.pdf"),
    ],
)
def test_p9_a_name_is_a_name_and_no_path(alice: WireClient, name: str, kept: str) -> None:
    send(alice)
    assert post(alice, file_of(DATA, name)).attachments[0].name == kept


def test_p5_whoever_fetches_holds_nobody_up(alice: WireClient, bob: WireClient) -> None:
    data = os.urandom(40 * PART_BYTES)
    send(alice, data)
    post(alice, file_of(data))
    # All of it is asked for at once, and read only after something was said meanwhile.
    for offset in range(0, len(data), PART_BYTES):
        bob.say(GetPart(bob.number(), file_of(data).sha256, offset))
    post(alice, key=2, text="heard")
    fetched, heard = b"", None
    while heard is None or len(fetched) < len(data):
        said = bob.next()
        if isinstance(said, Part):
            fetched += said.data
        elif isinstance(said, Changed):
            heard = said.message
    assert fetched == data and heard is not None


def test_a_log_that_somebody_reads_is_emptied_once_they_have(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.storage.sqlite.messages.attachments.LOCK_WAIT_S", 0.0)
    secret = b"the plan of the vault"
    log = data_dir / f"{FILE_NAME}-wal"
    with open_store(data_dir) as store:
        files, digest = store.attachments, hashlib.sha256(secret).digest()
        files.begin(digest, len(secret), 1)
        assert files.finish(digest, 0, secret, 1)
        store._database.execute("INSERT INTO released_attachments VALUES (?)", digest.hex())
        with closing(sqlite3.connect(data_dir / FILE_NAME)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM parts").fetchone()
            files.tidy(0)
            assert files.sizes(digest) == (0, 0)
            assert files.is_tidy_due and secret in log.read_bytes()
        files.tidy(0)
        assert not files.is_tidy_due and secret not in log.read_bytes()
