"""Posting: from the send panel to the outbox, and from there to the room."""

import logging
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from app.controllers.common.lifecycle import SignInPart
from app.controllers.common.requests import Later, Requests
from app.controllers.room.upload import Upload
from app.models.operation import Operation
from app.models.room.attachments import Attachments
from app.models.room.outbox import Outbox
from app.models.room.outbox_item import EMPTY, Draft, OutboxItem, PostState
from app.models.room.timeline import Timeline
from app.models.text import clean_text
from protocol.limits import MAX_BODY_FROM_CLIENT_BYTES
from protocol.messages import Attachment, Done, Post, Posted, Refused, Schedule, SignedIn
from protocol.refusals import Refusal

log = logging.getLogger(__name__)

KEEP_AFTER_S = 1.0
"""How much of one's writing a crash may cost at most."""

_PASSING = frozenset({Refusal.BUSY, Refusal.STORAGE_UNAVAILABLE})
"""Refusals that say nothing against the post itself: it waits and is sent again."""

MAX_TEXT_BYTES = MAX_BODY_FROM_CLIENT_BYTES - 1024
"""What a frame holds beside a post's numbers. A server hangs up on a larger one
instead of refusing it, so it would be sent for ever."""


class PostingController(SignInPart):
    """Sends what the outbox holds in the order of writing, and to keep that
    order one at a time: of several on their way the server may refuse the
    first for now and take the others."""

    def __init__(
        self,
        requests: Requests,
        later: Later,
        outbox: Outbox,
        timeline: Timeline,
        operation: Operation,
        attachments: Attachments,
        server_now_ms: Callable[[], int],
    ) -> None:
        self._requests = requests
        self._later = later
        self._server_now_ms = server_now_ms
        self._is_keeping = False
        self._outbox = outbox
        self._timeline = timeline
        self._operation = operation
        """Tells that a post was scheduled: nothing else in the room would."""
        self._attachments = attachments
        self._sent_anew: set[bytes] = set()
        """Posts whose files were sent a second time."""
        self._is_signed_in = False
        self._is_waiting = False
        """For an answer, or for the time at which the server may be asked again."""

    def begin(self, signed_in: SignedIn) -> None:
        """Send what waits, now that the person is signed in."""
        self._is_signed_in = True
        self._is_waiting = False
        self._send_next()

    def end(self) -> None:
        """Let what was being sent wait again: the link is gone."""
        self._is_signed_in = False
        self._outbox.interrupt()
        self._outbox.tell_sent(0)

    def write(self, draft: Draft) -> None:
        """Take what a person has written so far, and keep it on the disk soon."""
        self._outbox.write(draft)
        if not self._is_keeping:
            self._is_keeping = True
            self._later(KEEP_AFTER_S, self._keep)

    def send(self, draft: Draft) -> bool:
        """Post this, now or as soon as there is a connection. False: there is
        none, and the disk does not take it, so it could get lost."""
        text = clean_text(draft.text)
        if text:
            item = self._outbox.add(msgspec.structs.replace(draft, text=text))
            if not self._is_signed_in and not self._outbox.is_kept(item.post_id):
                self._outbox.remove(item.post_id)
                return False
            self._outbox.write(EMPTY)
            self._outbox.keep_draft()
            self._send_next()
        return True

    def keep_draft(self) -> bool:
        """Keep what is written, now. False: it would be lost."""
        return self._outbox.keep_draft()

    def take_back(self, post_id: bytes) -> Draft | None:
        """Take a post out of the outbox, to be written anew. None for one that
        was sent and is not answered: it may be in the room already."""
        item = self._take_back(post_id)
        return item.draft if item else None

    def discard(self, post_id: bytes) -> None:
        """Give a post up. One that may be in the room already is left to the
        server's answer."""
        self._take_back(post_id)

    def _take_back(self, post_id: bytes) -> OutboxItem | None:
        item = self._outbox.get(post_id)
        if item is None or not item.can_be_taken_back:
            return None
        return self._outbox.remove(post_id)

    def _send_next(self) -> None:
        if not self._is_signed_in or self._is_waiting:
            return
        for item in self._outbox.items:
            if item.state is not PostState.WAITING:
                continue
            if len(item.text.encode()) > MAX_TEXT_BYTES:
                self._outbox.mark(item.post_id, PostState.REFUSED, Refusal.TEXT_TOO_LONG)
                continue
            self._send(item)
            return

    def _send(self, item: OutboxItem) -> None:
        post_id, draft = item.post_id, item.draft

        def posted(answer: Posted) -> None:
            # The message itself is pushed right behind this. Should the
            # connection break just here, the timeline knows what it lacks.
            self._timeline.learn(answer.revision)
            self._outbox.settle(post_id)
            self._go_on()

        def scheduled(_answer: Done) -> None:
            self._outbox.settle(post_id)
            # One that was asked for again may have been posted meanwhile.
            is_ahead = draft.at_ms > self._server_now_ms()
            if is_ahead and not self._operation.is_under_way:
                self._operation.start("schedule", at_ms=draft.at_ms)
                self._operation.finish()
            self._go_on()

        def refused(refusal: Refused) -> None:
            is_lost = refusal.code == Refusal.ATTACHMENT_MISSING and post_id not in self._sent_anew
            if is_lost:
                self._sent_anew.add(post_id)  # once: the server has dropped it meanwhile
                self._outbox.mark(post_id, PostState.WAITING)
                self._go_on()
            elif refusal.code in _PASSING or refusal.retry_after_ms:
                log.info("a post has to wait: %s", refusal.code)
                self._outbox.mark(post_id, PostState.WAITING, refusal.code)
                self._requests.again(refusal, self._go_on)
            else:
                self._outbox.mark(post_id, PostState.REFUSED, refusal.code)
                self._go_on()

        def post() -> None:
            self._outbox.tell_sent(0)
            if self._outbox.get(post_id) is None:
                self._go_on()  # it was taken back meanwhile
                return
            self._outbox.mark(post_id, PostState.SENDING)
            if draft.at_ms:
                self._requests.ask(partial(_schedule, item), Done, scheduled, refused)
            else:
                self._requests.ask(partial(self._post, item), Posted, posted, refused)

        self._is_waiting = True
        self._send_files(draft.attachments, post, refused)

    def _send_files(
        self,
        attachments: Sequence[Attachment],
        done: Callable[[], None],
        refused: Callable[[Refused], None],
    ) -> None:
        """Have the server have these files, then go on."""
        if not attachments:
            done()
            return
        first, *rest = attachments
        files = self._attachments.files
        if files is None or not files.has(first.sha256):
            refused(Refused(1, "file_missing"))
            return
        Upload(
            self._requests,
            files,
            first,
            lambda: self._send_files(rest, done, refused),
            refused,
            self._outbox.tell_sent,
        ).start()

    def _post(self, item: OutboxItem, number: int) -> Post:
        draft = item.draft
        expires_at_ms = draft.expires_at_ms
        if draft.lifetime_ms:
            # For a server that knows no lifetimes; another counts from its own clock.
            expires_at_ms = self._server_now_ms() + draft.lifetime_ms
        return Post(
            number,
            item.post_id,
            draft.text,
            draft.priority,
            draft.answers,
            expires_at_ms,
            draft.lifetime_ms,
            draft.attachments,
        )

    def _keep(self) -> None:
        self._is_keeping = False
        self._outbox.keep_draft()

    def _go_on(self) -> None:
        self._is_waiting = False
        self._send_next()


def _schedule(item: OutboxItem, number: int) -> Schedule:
    draft = item.draft
    lifetime_ms = draft.lifetime_ms
    if draft.expires_at_ms and not lifetime_ms:
        lifetime_ms = max(draft.expires_at_ms - draft.at_ms, 1)
    return Schedule(
        number,
        item.post_id,
        draft.at_ms,
        draft.text,
        draft.priority,
        draft.answers,
        lifetime_ms,
        draft.attachments,
    )
