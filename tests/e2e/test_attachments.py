"""Files end to end: attached, sent over a server that is killed on the way, fetched by a
member, saved, and gone from every disk with the message."""

import random
from pathlib import Path

import pytest

from app.models.room.attachments import FileStatus
from app.models.room.outbox_item import Draft
from protocol.messages import Attachment
from tests.e2e.conftest import Headless
from tests.support.server_process import ADMIN, PASSWORD, ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

MARK = b"the plan of the east wing"
DATA = MARK + random.Random(7).randbytes(2_000_000)


def test_p1_a_file_arrives_whole_whatever_becomes_of_the_server_and_goes_with_its_message(
    server: ServerProcess, headless: Headless, tmp_path: Path
) -> None:
    alice, bob = headless("alice"), headless("bob")
    alice.sign_in(ADMIN, PASSWORD)
    bob.register("bob", PASSWORD)
    plan = tmp_path / "plan.bin"
    plan.write_bytes(DATA)
    attached = alice.client.attachments.attach_file(plan)
    assert isinstance(attached, Attachment) and attached.name == "plan.bin"
    alice.client.posting.send(Draft("The plan.", attachments=(attached,)))
    alice.client.posting.send(Draft("And a word."))
    outbox = alice.client.outbox
    alice.until(lambda: outbox.sent_bytes > 300_000, "to have sent some of it")
    server.kill()
    server.start()
    alice.until_sent()
    bob.until(lambda: bob.feed.texts == ["The plan.", "And a word."], "to hear both")
    message = bob.feed.shown[0]
    (file,) = message.attachments
    model = bob.client.pages.attachments
    assert model.state(file).status is FileStatus.ELSEWHERE
    target = tmp_path / "saved.bin"
    bob.client.attachments.save(message, file, target)
    bob.until(lambda: model.state(file).there > 300_000, "to have fetched some of it")
    server.kill()
    bob.until(lambda: model.state(file).status is FileStatus.WAITING, "to wait")
    alice.until(lambda: not alice.is_live, "to notice")
    server.start()
    bob.until(target.exists, "to have saved it")
    assert target.read_bytes() == DATA
    assert model.state(file).status is FileStatus.HERE
    alice.until(lambda: alice.is_live, "to be back")
    alice.client.message_actions.withdraw(message)
    for person in (alice, bob):
        person.until(lambda: person.feed.texts[0] == "", "to hear that it is gone")  # noqa: B023
        person.client.close()
    server.stop()
    for folder in (server.data_dir, tmp_path / "alice", tmp_path / "bob"):
        for path in folder.rglob("*"):
            assert not path.is_file() or MARK not in path.read_bytes(), path


def test_p10_what_was_attached_and_not_sent_survives_a_restart(
    server: ServerProcess, headless: Headless, tmp_path: Path
) -> None:
    alice = headless("alice")
    alice.sign_in(ADMIN, PASSWORD)
    server.kill()
    alice.until(lambda: not alice.is_live, "to be offline")
    attached = alice.client.attachments.attach(DATA, "plan.bin")
    assert isinstance(attached, Attachment)
    alice.client.posting.send(Draft("The plan.", attachments=(attached,)))
    written = alice.client.attachments.attach(b"another", "note.txt")
    assert isinstance(written, Attachment)
    alice.client.posting.write(Draft("not yet", attachments=(written,)))
    assert alice.client.posting.keep_draft()
    alice.client.close()
    server.start()
    again = headless("alice")
    again.sign_in(ADMIN, PASSWORD)
    assert again.client.outbox.draft.attachments == (written,)
    again.until_sent()
    again.until(lambda: again.feed.texts == ["The plan."], "to have sent it")
    files = again.client.pages.attachments.files
    assert files is not None and files.has(written.sha256) and files.has(attached.sha256)
