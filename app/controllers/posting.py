"""Posting: from the send panel to the outbox, and from there to the room."""

import logging

from app.controllers.requests import Later, Requests, retry_after_s
from app.models.outbox import Outbox
from app.models.outbox_item import OutboxItem, PostState
from app.models.text import clean_text
from app.models.timeline import Timeline
from protocol.messages import Post, Posted, Refused
from protocol.refusals import Refusal

log = logging.getLogger(__name__)

_PASSING = frozenset({Refusal.BUSY, Refusal.STORAGE_UNAVAILABLE, Refusal.INTERNAL, Refusal.NOT_NOW})
"""Refusals that say nothing against the post itself: it waits and is sent again."""


class PostingController:
    """Sends what the outbox holds, in the order of writing."""

    def __init__(
        self, requests: Requests, outbox: Outbox, timeline: Timeline, later: Later
    ) -> None:
        self._requests = requests
        self._outbox = outbox
        self._timeline = timeline
        self._later = later
        self._is_signed_in = False

    def begin(self) -> None:
        """Signed in: send what waits."""
        self._is_signed_in = True
        self._send_waiting()

    def end(self) -> None:
        """The link is gone: what was being sent waits again."""
        self._is_signed_in = False
        self._outbox.interrupt()

    def send(self, text: str) -> None:
        """Post this text, now or as soon as there is a connection."""
        text = clean_text(text)
        if text:
            self._outbox.add(text)
            self._send_waiting()

    def edit_refused(self, post_id: bytes) -> str:
        """Take a post out of the outbox, to be written anew; its text."""
        item = self._outbox.remove(post_id)
        return item.text if item else ""

    def discard(self, post_id: bytes) -> None:
        """Give a post up. One that is being sent may be in the room already and
        is left to the server's answer."""
        item = self._outbox.get(post_id)
        if item is not None and item.state is not PostState.SENDING:
            self._outbox.remove(post_id)

    def _send_waiting(self) -> None:
        if not (self._is_signed_in and self._requests.is_linked):
            return
        for item in self._outbox.items:
            if item.state is PostState.WAITING:
                self._send(item)

    def _send(self, item: OutboxItem) -> None:
        post_id = item.post_id

        def confirmed(posted: Posted) -> None:
            # The message itself is pushed right behind this. Should the
            # connection break just here, the timeline knows what it lacks.
            self._timeline.learn(posted.revision)
            self._outbox.settle(post_id)

        def refused(refusal: Refused) -> None:
            if refusal.code in _PASSING or refusal.retry_after_ms:
                log.info("a post has to wait: %s", refusal.code)
                self._outbox.mark(post_id, PostState.WAITING, refusal.code)
                self._later(retry_after_s(refusal), self._send_waiting)
            else:
                self._outbox.mark(post_id, PostState.REFUSED, refusal.code)

        self._outbox.mark(post_id, PostState.SENDING)
        self._requests.ask(lambda number: Post(number, post_id, item.text), confirmed, refused)
