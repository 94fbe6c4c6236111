"""What is being written, and posts that the server has not confirmed yet.

A post is on the disk before it is sent, and leaves only when it is confirmed
or given up, so it survives a broken connection and a crash. It keeps its post
id all that time, so it can be sent as often as need be and is one message (P2).

Where the disk does not take a post it is held in memory alone, and `is_kept`
says so: nobody is told that it will be delivered whatever happens.
"""

import secrets

import msgspec

from app.clock import SYSTEM, Clock
from app.models.observable import Observable
from app.models.room.cache import Cache
from app.models.room.outbox_item import EMPTY, Draft, OutboxItem, PostState
from protocol.limits import POST_ID_BYTES
from protocol.messages import RoomMessage


class Outbox(Observable):
    """The posts of one account on this machine. Main thread only."""

    def __init__(self, clock: Clock = SYSTEM) -> None:
        super().__init__()
        self._clock = clock
        self._cache: Cache | None = None
        self._items: dict[bytes, OutboxItem] = {}
        self._unkept: set[bytes] = set()
        self._draft = EMPTY
        self._is_draft_kept = True
        self._sent_bytes = 0

    @property
    def draft(self) -> Draft:
        """What is written and not sent."""
        return self._draft

    @property
    def items(self) -> list[OutboxItem]:
        """In the order of writing."""
        return list(self._items.values())

    def open(self, cache: Cache | None) -> None:
        """Take over what this cache kept; None: nobody is signed in."""
        self.keep_draft()
        self._cache = cache
        self._draft = cache.draft if cache else EMPTY
        self._is_draft_kept = True
        self._unkept.clear()
        posts = cache.posts() if cache else []
        # What was being sent when the program ended was perhaps not received.
        self._items = {
            post.post_id: msgspec.structs.replace(post, state=PostState.WAITING, may_be_posted=True)
            if post.state is PostState.SENDING
            else post
            for post in posts
        }
        self._changed()

    def move(self, cache: Cache) -> None:
        """Go on with the same posts and the same draft, kept in another cache."""
        self._cache = cache
        self._is_draft_kept = False
        self.keep_draft()
        for item in self.items:
            self._keep(item)

    def write(self, draft: Draft) -> None:
        """Hold what a person has written so far."""
        if draft != self._draft:
            self._draft = draft
            self._is_draft_kept = False

    def keep_draft(self) -> bool:
        """Put on the disk what is written. False: it does not take it."""
        if not self._is_draft_kept and self._cache is not None:
            self._is_draft_kept = self._cache.keep_draft(self._draft)
        return self._is_draft_kept

    def add(self, draft: Draft) -> OutboxItem:
        """Hold a new post. From here on a crash loses nothing, if `is_kept`."""
        item = OutboxItem(secrets.token_bytes(POST_ID_BYTES), draft, self._clock.now_ms())
        self._keep(item)
        return item

    def is_kept(self, post_id: bytes) -> bool:
        """Tell whether this post is on the disk as it is here."""
        return post_id not in self._unkept

    def get(self, post_id: bytes) -> OutboxItem | None:
        return self._items.get(post_id)

    def mark(self, post_id: bytes, state: PostState, reason: str = "") -> None:
        """Note that a post has come to another state; unknown ids are passed over: it was
        given up, or confirmed by another way."""
        item = self._items.get(post_id)
        if item is None or (item.state, item.reason) == (state, reason):
            return
        # What was refused, if only for now, is not in the room.
        may_be_posted = item.may_be_posted if not reason else False
        self._keep(
            msgspec.structs.replace(item, state=state, reason=reason, may_be_posted=may_be_posted)
        )

    @property
    def sent_bytes(self) -> int:
        """How much of the files of the post that is being sent is there."""
        return self._sent_bytes

    def tell_sent(self, count: int) -> None:
        """Note how much of its files is there."""
        if count != self._sent_bytes:
            self._sent_bytes = count
            self._changed()

    def interrupt(self) -> None:
        """Let what was being sent wait again: the connection is gone."""
        for item in self.items:
            if item.state is PostState.SENDING:
                self._keep(
                    msgspec.structs.replace(item, state=PostState.WAITING, may_be_posted=True)
                )

    def settle(self, post_id: bytes) -> None:
        """Let go of a post: it is a message of the room now."""
        self.remove(post_id)

    def settle_by(self, message: RoomMessage, own_id: int) -> None:
        """Let go of the post that this message of the room is, if it is one of ours."""
        if message.author_id == own_id and message.post_id in self._items:
            self.settle(message.post_id)

    def remove(self, post_id: bytes) -> OutboxItem | None:
        """Keep it no longer, and return it."""
        item = self._items.pop(post_id, None)
        self._unkept.discard(post_id)
        if item is not None:
            if self._cache is not None:
                self._cache.drop_post(post_id)
            self._changed()
        return item

    def _keep(self, item: OutboxItem) -> None:
        self._items[item.post_id] = item
        is_kept = self._cache is not None and self._cache.keep_post(item)
        (self._unkept.discard if is_kept else self._unkept.add)(item.post_id)
        self._changed()
