"""Posts that the server has not confirmed yet.

A post is on the disk before it is sent, and leaves only when it is confirmed
or given up, so it survives a broken connection and a crash. It keeps its post
id all that time, so it can be sent as often as need be and is one message (P2).
"""

import secrets
import time

import msgspec

from app.models.cache import Cache
from app.models.observable import Observable
from app.models.outbox_item import Draft, OutboxItem, PostState
from protocol.limits import POST_ID_BYTES
from protocol.messages import RoomMessage


class Outbox(Observable):
    """The posts of one account on this machine. Main thread only."""

    def __init__(self) -> None:
        super().__init__()
        self._cache: Cache | None = None
        self._items: dict[bytes, OutboxItem] = {}

    @property
    def items(self) -> list[OutboxItem]:
        """In the order of writing."""
        return list(self._items.values())

    def open(self, cache: Cache | None) -> None:
        """Take over what this cache kept; None: nobody is signed in."""
        self._cache = cache
        posts = cache.posts() if cache else []
        # What was being sent when the program ended was perhaps not received.
        self._items = {
            post.post_id: msgspec.structs.replace(post, state=PostState.WAITING)
            if post.state is PostState.SENDING
            else post
            for post in posts
        }
        self._changed()

    def move(self, cache: Cache) -> None:
        """Go on with the same posts, kept in another cache."""
        self._cache = cache
        for item in self.items:
            cache.keep_post(item)

    def add(self, draft: Draft) -> OutboxItem:
        """Keep a new post. From here on a crash loses nothing."""
        item = OutboxItem(secrets.token_bytes(POST_ID_BYTES), draft, time.time_ns() // 1_000_000)
        self._keep(item)
        return item

    def get(self, post_id: bytes) -> OutboxItem | None:
        return self._items.get(post_id)

    def mark(self, post_id: bytes, state: PostState, reason: str = "") -> None:
        """A post has come to another state; unknown ids are passed over: it was
        given up, or confirmed by another way."""
        item = self._items.get(post_id)
        if item is not None and (item.state, item.reason) != (state, reason):
            self._keep(msgspec.structs.replace(item, state=state, reason=reason))

    def interrupt(self) -> None:
        """The connection is gone: what was being sent waits again."""
        for item in self.items:
            if item.state is PostState.SENDING:
                self.mark(item.post_id, PostState.WAITING)

    def settle(self, post_id: bytes) -> None:
        """It is a message of the room now."""
        self.remove(post_id)

    def settle_by(self, message: RoomMessage, own_id: int) -> None:
        """A message of the room turned up; it may be one of ours."""
        if message.author_id == own_id and message.post_id in self._items:
            self.settle(message.post_id)

    def remove(self, post_id: bytes) -> OutboxItem | None:
        """Keep it no longer, and return it."""
        item = self._items.pop(post_id, None)
        if item is not None:
            if self._cache is not None:
                self._cache.drop_post(post_id)
            self._changed()
        return item

    def _keep(self, item: OutboxItem) -> None:
        self._items[item.post_id] = item
        if self._cache is not None:
            self._cache.keep_post(item)
        self._changed()
