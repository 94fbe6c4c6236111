"""Files that go with messages: attached to what is written, fetched, saved, and let go of
with their messages."""

import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path

from app.controllers.common.lifecycle import SignInPart
from app.controllers.common.requests import Later, Requests
from app.models.connection.status import Status
from app.models.disk import pictures
from app.models.listing import Reason
from app.models.operation import Operation
from app.models.room.attachments import Attachments, FileState, FileStatus
from protocol.limits import MAX_FILE_NAME_CHARS
from protocol.messages import (
    Attachment,
    Changed,
    FromServer,
    GetPart,
    Part,
    Refused,
    RoomMessage,
    SignedIn,
)

log = logging.getLogger(__name__)

NOT_WRITTEN = Reason("file_not_written")

TRY_AGAIN_S = 2.0
"""After which a file is removed that was just being read."""


class AttachmentsController(SignInPart):
    """Fetches one file at a time, part by part; what waits is taken up on the next link,
    where it was left."""

    def __init__(
        self,
        requests: Requests,
        later: Later,
        model: Attachments,
        status: Status,
        operation: Operation,
    ) -> None:
        self._requests = requests
        self._later = later
        self._model = model
        self._status = status
        self._operation = operation
        self._is_signed_in = False
        self._waiting: deque[Attachment] = deque()
        self._fetching: Attachment | None = None
        self._targets: dict[bytes, Path] = {}
        """Where to save files once they are here."""

    def begin(self, signed_in: SignedIn) -> None:
        """Let go of what the room has let go of, and go on fetching."""
        self._is_signed_in = True
        self._let_go(lambda message_id: message_id < signed_in.kept_from_id)
        self._fetch_next()

    def end(self) -> None:
        """Have what is being fetched wait: the link is gone."""
        self._is_signed_in = False
        if self._fetching is not None:
            self._waiting.appendleft(self._fetching)
            self._model.tell(self._fetching, FileState(FileStatus.WAITING))
            self._fetching = None

    def clear(self) -> None:
        """Forget what was this person's: nobody is signed in any more."""
        self.end()
        self._waiting.clear()
        self._targets.clear()

    def on_push(self, message: FromServer) -> None:
        """Take a push."""
        if isinstance(message, Changed):
            self.heard((message.message,))

    def heard(self, messages: tuple[RoomMessage, ...]) -> None:
        """Keep the files of one's own messages as those of others, and none of a message
        that was withdrawn."""
        for message in messages:
            for attachment in message.attachments:
                if self._model.state(attachment).status is FileStatus.HERE:
                    self._model.belongs(attachment, message)
        gone = {message.id for message in messages if message.withdrawn_at_ms}
        if gone:
            self._let_go(gone.__contains__)

    def _let_go(self, is_gone: Callable[[int], bool]) -> None:
        if not self._model.let_go(is_gone):
            self._later(TRY_AGAIN_S, partial(self._let_go, lambda _message_id: False))

    # -- what a person does ------------------------------------------------------------

    def attach(self, data: bytes, name: str) -> Attachment | Reason:
        """Take a file with these bytes to go with what is written, or say why not."""
        limit = self._status.limits.attachment_bytes
        if not limit:
            return Reason("attachments_off")
        if not data:
            return Reason("file_empty")
        if len(data) > limit:
            return Reason("attachment_too_large")
        if self._model.files is None:
            return NOT_WRITTEN
        try:
            sha256 = self._model.files.keep(data)
        except OSError as error:
            log.warning("a file could not be attached: %s", error)
            return NOT_WRITTEN
        width, height = pictures.size_of(data)
        return Attachment(sha256, name[-MAX_FILE_NAME_CHARS:], len(data), width, height)

    def attach_file(self, path: Path) -> Attachment | Reason:
        """Take this file, or say why not."""
        try:
            # No more of it is read than may be sent.
            with path.open("rb") as file:
                data = file.read(self._status.limits.attachment_bytes + 1)
        except OSError as error:
            log.warning("a file could not be read: %s", error)
            return Reason("file_not_read")
        return self.attach(data, path.name)

    def fetch(self, message: RoomMessage, attachment: Attachment) -> None:
        """Have this file here."""
        status = self._model.state(attachment).status
        if status in (FileStatus.ELSEWHERE, FileStatus.FAILED):
            self._model.belongs(attachment, message)
            self._model.tell(attachment, FileState(FileStatus.WAITING))
            self._waiting.append(attachment)
            self._fetch_next()

    def save(self, message: RoomMessage, attachment: Attachment, target: Path) -> None:
        """Write this file there, as soon as it is here."""
        self._targets[attachment.sha256] = target
        if self._model.state(attachment).status is FileStatus.HERE:
            self._save(attachment)
        else:
            self.fetch(message, attachment)

    def _save(self, attachment: Attachment) -> None:
        target = self._targets.pop(attachment.sha256, None)
        if target is None or self._model.files is None or self._operation.is_under_way:
            return
        self._operation.start("save_file", name=target.name)
        try:
            self._model.files.copy(attachment.sha256, target)
            self._operation.finish()
        except OSError as error:
            log.warning("a file was not saved: %s", error)
            self._operation.refuse(NOT_WRITTEN)

    # -- fetching -------------------------------------------------------------------------

    def _fetch_next(self) -> None:
        files = self._model.files
        if self._fetching is not None or not self._is_signed_in or files is None:
            return
        if self._waiting:
            self._fetching = attachment = self._waiting.popleft()
            self._ask(attachment, files.fetched(attachment.sha256))

    def _ask(self, attachment: Attachment, offset: int) -> None:
        self._model.tell(attachment, FileState(FileStatus.FETCHING, offset))
        self._requests.ask(
            lambda number: GetPart(number, attachment.sha256, offset),
            Part,
            partial(self._take, attachment, offset),
            partial(self._give_up, attachment),
        )

    def _take(self, attachment: Attachment, offset: int, part: Part) -> None:
        files = self._model.files
        if files is None or self._fetching is not attachment:
            return
        there = offset + len(part.data)
        try:
            if part.data:
                files.add(attachment.sha256, offset, part.data)
            if part.data and there < attachment.size:
                self._ask(attachment, there)
                return
            is_right = there == attachment.size and files.finish(attachment.sha256)
        except OSError as error:
            log.warning("a file could not be kept: %s", error)
            self._end_with(attachment, FileState(FileStatus.FAILED, reason=NOT_WRITTEN))
            return
        if not is_right:
            files.drop(attachment.sha256)
            reason = Reason("attachment_damaged")
            self._end_with(attachment, FileState(FileStatus.FAILED, reason=reason))
            return
        self._end_with(attachment, None)
        self._save(attachment)

    def _give_up(self, attachment: Attachment, refusal: Refused) -> None:
        if self._fetching is attachment:
            reason = self._requests.reason_of(refusal)
            self._end_with(attachment, FileState(FileStatus.FAILED, reason=reason))

    def _end_with(self, attachment: Attachment, state: FileState | None) -> None:
        if state is not None:
            self._targets.pop(attachment.sha256, None)
        self._fetching = None
        self._model.tell(attachment, state)
        self._fetch_next()
