"""Files that go with messages: sent before their message, fetched part by part over any
break, saved, and let go of with their messages."""

import hashlib
from pathlib import Path

import msgspec
import pytest

from app.models.listing import Reason
from app.models.operation import OperationStatus
from app.models.room.attachments import FileState, FileStatus
from app.models.room.outbox_item import Draft, PostState
from protocol.limits import PART_BYTES
from protocol.messages import (
    Attachment,
    Changed,
    GetPart,
    OfferFile,
    Part,
    Post,
    Posted,
    Received,
    Refused,
    RoomMessage,
    SendPart,
)
from protocol.refusals import Refusal
from tests.app.controllers.play import ALICE, Play, message

DATA = bytes(range(256)) * 300  # two parts and a piece
FILE = Attachment(hashlib.sha256(DATA).digest(), "plan.bin", len(DATA))
PARTS = [DATA[at : at + PART_BYTES] for at in range(0, len(DATA), PART_BYTES)]


@pytest.fixture
def play(play: Play) -> Play:
    """An administrator is signed in to a room that takes files."""
    play.sign_in(ALICE)
    room = play.client.status.room
    assert room is not None
    limits = msgspec.structs.replace(room.limits, attachment_bytes=100_000)
    play.client.status.introduce(msgspec.structs.replace(room, limits=limits))
    return play


def attach(play: Play, data: bytes = DATA, name: str = "plan.bin") -> Attachment:
    attached = play.client.attachments.attach(data, name)
    assert isinstance(attached, Attachment)
    return attached


def with_file(number: int = 1, **more: object) -> RoomMessage:
    return msgspec.structs.replace(message(number), attachments=(FILE,), **more)


def state(play: Play) -> FileState:
    return play.client.pages.attachments.state(FILE)


def answer_part(play: Play) -> int:
    """Answer the next request for a part; return where it begins."""
    asked = play.hear_a(GetPart)
    data = PARTS[asked.offset // PART_BYTES] if asked.offset < len(DATA) else b""
    play.say(Part(asked.request, data))
    return asked.offset


def test_p1_a_file_is_sent_whole_before_its_message(play: Play) -> None:
    attached = attach(play)
    assert attached == FILE
    play.client.posting.send(Draft("See.", attachments=(attached,)))
    offered = play.hear_a(OfferFile)
    assert (offered.sha256, offered.size) == (FILE.sha256, len(DATA))
    # The server has the first part from before.
    play.say(Received(offered.request, PART_BYTES))
    for number, there in ((1, 2 * PART_BYTES), (2, len(DATA))):
        part = play.hear_a(SendPart)
        assert (part.offset, part.data) == (number * PART_BYTES, PARTS[number])
        assert play.client.outbox.items[0].state is PostState.WAITING
        assert play.client.outbox.sent_bytes == number * PART_BYTES
        play.say(Received(part.request, there))
    post = play.hear_a(Post)
    assert post.attachments == (FILE,)
    play.say(Posted(post.request, 1, 1, 5))
    play.until(lambda: not play.client.outbox.items)


def test_p10_what_the_server_does_not_take_is_told_and_holds_nothing_up(play: Play) -> None:
    play.client.posting.send(Draft("See.", attachments=(attach(play),)))
    play.client.posting.send(Draft("A word."))
    play.say(Refused(play.hear_a(OfferFile).request, Refusal.ATTACHMENTS_OFF))
    assert play.hear_a(Post).text == "A word."
    assert play.client.outbox.items[0].reason == "attachments_off"


def test_a_file_that_the_server_has_lost_is_sent_once_more(play: Play) -> None:
    play.client.posting.send(Draft("See.", attachments=(attach(play),)))
    for _ in range(2):
        play.say(Received(play.hear_a(OfferFile).request, len(DATA)))
        play.say(Refused(play.hear_a(Post).request, Refusal.ATTACHMENT_MISSING))
    play.until(lambda: play.client.outbox.items[0].state is PostState.REFUSED)


def test_a_server_that_never_has_enough_is_not_sent_the_same_for_ever(play: Play) -> None:
    play.client.posting.send(Draft("See.", attachments=(attach(play),)))
    play.say(Received(play.hear_a(OfferFile).request, 0))
    for _ in range(4):
        play.say(Received(play.hear_a(SendPart).request, 0))
    play.until(lambda: play.client.outbox.items[0].state is PostState.REFUSED)
    assert play.client.outbox.items[0].reason == "attachment_damaged"


def test_p10_a_file_that_is_gone_from_this_computer_is_told(play: Play) -> None:
    files = play.client.pages.attachments.files
    assert files is not None
    attached = attach(play)
    files.drop(attached.sha256)
    play.client.posting.send(Draft("See.", attachments=(attached,)))
    play.until(lambda: play.client.outbox.items[0].reason == "file_missing")


def test_what_is_taken_back_on_the_way_is_not_posted(play: Play) -> None:
    play.client.posting.send(Draft("See.", attachments=(attach(play),)))
    offered = play.hear_a(OfferFile)
    (item,) = play.client.outbox.items
    draft = play.client.posting.take_back(item.post_id)
    assert draft is not None and draft.attachments == (FILE,)
    play.client.posting.send(Draft("Another."))
    play.say(Received(offered.request, len(DATA)))
    assert play.hear_a(Post).text == "Another."


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "file_empty"), (bytes(100_001), "attachment_too_large")]
)
def test_p10_what_can_not_go_with_a_message_is_not_attached(
    play: Play, data: bytes, code: str, tmp_path: Path
) -> None:
    assert play.client.attachments.attach(data, "x") == Reason(code)
    (tmp_path / "x").write_bytes(data)
    assert play.client.attachments.attach_file(tmp_path / "x") == Reason(code)
    assert play.client.attachments.attach_file(tmp_path / "none") == Reason("file_not_read")


def test_a_file_is_fetched_part_by_part_and_goes_on_after_a_break(play: Play) -> None:
    play.client.attachments.fetch(with_file(), FILE)
    assert answer_part(play) == 0
    asked = play.hear_a(GetPart)
    assert asked.offset == PART_BYTES and state(play).there == PART_BYTES
    play.break_off()
    assert state(play).status is FileStatus.WAITING
    play.greet()
    play.resume(ALICE)
    assert [answer_part(play), answer_part(play)] == [PART_BYTES, 2 * PART_BYTES]
    play.until(lambda: state(play).status is FileStatus.HERE)
    files = play.client.pages.attachments.files
    assert files is not None and files.path(FILE.sha256).read_bytes() == DATA


def test_it_is_saved_where_the_person_says_once_it_is_here(play: Play, tmp_path: Path) -> None:
    operation = play.client.pages.message_actions.operation
    target = tmp_path / "here.bin"
    play.client.attachments.save(with_file(), FILE, target)
    for _ in PARTS:
        answer_part(play)
    play.until(target.exists)
    assert target.read_bytes() == DATA and operation.status is OperationStatus.DONE
    play.client.attachments.save(with_file(), FILE, tmp_path / "nowhere" / "x")
    assert operation.reason == Reason("file_not_written")


@pytest.mark.parametrize("said", [b"x" * len(PARTS[2]), b""])
def test_p9_what_is_not_the_file_is_not_kept(play: Play, said: bytes) -> None:
    play.client.attachments.fetch(with_file(), FILE)
    answer_part(play)
    answer_part(play)
    play.say(Part(play.hear_a(GetPart).request, said))
    play.until(lambda: state(play).status is FileStatus.FAILED)
    assert state(play).reason == Reason("attachment_damaged")
    files = play.client.pages.attachments.files
    assert files is not None and not files.has(FILE.sha256) and not files.fetched(FILE.sha256)
    # It can be tried again, from the beginning.
    play.client.attachments.fetch(with_file(), FILE)
    assert answer_part(play) == 0


def test_one_that_is_gone_over_there_is_told(play: Play) -> None:
    play.client.attachments.fetch(with_file(), FILE)
    play.say(Refused(play.hear_a(GetPart).request, Refusal.NOT_FOUND))
    play.until(lambda: state(play).status is FileStatus.FAILED)


def test_it_goes_with_the_last_message_that_it_went_with(play: Play) -> None:
    files = play.client.pages.attachments.files
    assert files is not None
    files.keep(DATA)
    for number in (1, 2):
        play.say(Changed(with_file(number)))
    play.until(lambda: play.client.timeline.top == 2)
    for number in (1, 2):
        assert files.has(FILE.sha256)
        gone = msgspec.structs.replace(
            message(number, number + 2), text="", attachments=(), withdrawn_at_ms=7
        )
        play.say(Changed(gone))
        play.until(lambda: play.client.timeline.complete_through == number + 2)  # noqa: B023
    assert not files.has(FILE.sha256)


def test_what_is_written_keeps_its_file_when_a_message_with_it_goes(play: Play) -> None:
    files = play.client.pages.attachments.files
    assert files is not None
    attached = attach(play)
    play.client.posting.write(Draft("Again.", attachments=(attached,)))
    assert play.client.posting.keep_draft()
    play.say(Changed(with_file()))
    play.say(Changed(msgspec.structs.replace(message(1, 2), text="", withdrawn_at_ms=7)))
    play.until(lambda: play.client.timeline.complete_through == 2)
    assert files.has(attached.sha256)


def test_a_file_that_is_being_read_is_gone_a_moment_later(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows does not remove what is open."""
    files = play.client.pages.attachments.files
    assert files is not None
    files.keep(DATA)
    play.say(Changed(with_file()))
    play.until(lambda: play.client.timeline.top == 1)
    unlink, tries = Path.unlink, [0]

    def busy_once(path: Path, missing_ok: bool = False) -> None:
        tries[0] += 1
        if tries[0] == 1:
            raise PermissionError(13, "it is open", str(path))
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", busy_once)
    monkeypatch.setattr("app.controllers.room.attachments.TRY_AGAIN_S", 0.1)
    play.say(Changed(msgspec.structs.replace(message(1, 2), text="", withdrawn_at_ms=7)))
    play.until(lambda: tries[0] == 1)
    play.until(lambda: not files.has(FILE.sha256))
