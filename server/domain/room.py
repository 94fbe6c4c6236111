"""Know who is here, and deliver to everyone the same in the same order.

Knows neither sockets nor SQL. Used from the reactor's thread only.
"""

from collections.abc import Callable, Collection, Sequence

from protocol.codec import encode_from_server
from protocol.messages import (
    Attention,
    Changed,
    Pinned,
    Presence,
    RoomMessage,
    Template,
    Templates,
    Upcoming,
)
from server.domain.fanout import Fanout, Loop, Subscriber
from server.domain.messages.history import Head
from server.domain.user import Action, User

NOTHING_SCHEDULED = Upcoming(0)


class Room:
    """The signed-in connections and the newest state that they may know of.

    `on_presence_changed` is called when the number online may have changed. What everyone
    hears leaves at the end of the loop's turn, or a moment later where `is_more_coming`
    (server/domain/fanout.py).
    """

    def __init__(
        self,
        head: Head,
        members: int,
        on_presence_changed: Callable[[], None],
        loop: Loop,
        is_more_coming: Callable[[], bool],
        pinned: Sequence[RoomMessage] = (),
        templates: Sequence[Template] = (),
        upcoming: Upcoming = NOTHING_SCHEDULED,
        kept_from_id: int = 1,
    ) -> None:
        self._head = head
        self._pinned = Pinned(tuple(pinned))
        self._templates = Templates(tuple(templates))
        self._upcoming = upcoming
        self._members = members
        self._subscribers: dict[Subscriber, int] = {}
        self._administrators: dict[Subscriber, None] = {}
        self._by_user: dict[int, dict[Subscriber, Attention]] = {}
        """The connections of each who is here, the oldest first, and whether one could see
        there what is shown."""
        self._on_presence_changed = on_presence_changed
        self._fanout = Fanout(loop, self._subscribers, is_more_coming, head.revision)
        self.kept_from_id = kept_from_id
        """From which message on none was let go of for its age."""
        self.posts = 0
        self.deliveries = 0
        """Messages published, and how often they were handed to a connection."""

    @property
    def head(self) -> Head:
        """The newest id and revision that were confirmed to be on disk."""
        return self._head

    @property
    def told_revision(self) -> int:
        """The revision up to which every connection has been passed all it hears: not
        more than the head's, which may still be on its way to them."""
        return self._fanout.told_revision

    @property
    def pinned(self) -> Pinned:
        """What is kept in everyone's sight."""
        return self._pinned

    @property
    def presence(self) -> Presence:
        """How many people are here (not connections), of how many."""
        return Presence(len(self._by_user), self._members)

    def enter(self, subscriber: Subscriber, user: User) -> None:
        """Deliver to this connection what is published from now on."""
        self._fanout.seal()
        self._subscribers[subscriber] = user.id
        self._by_user.setdefault(user.id, {})[subscriber] = Attention.HERE
        self.account_changed(subscriber, user)
        self._on_presence_changed()

    def account_changed(self, subscriber: Subscriber, user: User) -> None:
        """Take what the person on this connection may do now."""
        self._administrators.pop(subscriber, None)
        if subscriber in self._subscribers and user.may(Action.POST):
            self._administrators[subscriber] = None

    def leave(self, subscriber: Subscriber) -> None:
        """Deliver nothing more to this connection. Leaving twice does nothing."""
        user_id = self._subscribers.pop(subscriber, None)
        if user_id is None:
            return
        self._administrators.pop(subscriber, None)
        del self._by_user[user_id][subscriber]
        if not self._by_user[user_id]:
            del self._by_user[user_id]
        self._on_presence_changed()

    @property
    def connections(self) -> int:
        """How many connections hear what is published."""
        return len(self._subscribers)

    @property
    def administrators(self) -> list[Subscriber]:
        """The connections on which somebody who may post is signed in."""
        return list(self._administrators)

    def is_here(self, user_id: int) -> bool:
        """Tell whether this person is online."""
        return user_id in self._by_user

    def set_attention(self, subscriber: Subscriber, attention: Attention) -> None:
        """Note whether the person could see what is shown where this connection leads."""
        user_id = self._subscribers.get(subscriber)
        if user_id is not None:
            self._by_user[user_id][subscriber] = attention

    def attention_of(self, user_id: int) -> Attention:
        """Return whether this person could see what is shown, at the best of the places
        where they are here."""
        return min(self._by_user.get(user_id, {}).values(), default=Attention.HERE)

    def set_members(self, members: int) -> None:
        """Take how many people have an account now."""
        self._members = members
        self._on_presence_changed()

    def publish(self, message: RoomMessage) -> None:
        """Let everyone hear a change that is on disk (P1), in the order of
        revisions (P3). Encoded once, however many hear it."""
        self._head = Head(max(self._head.id, message.id), message.revision)
        self.posts += 1
        self.deliveries += len(self._subscribers)
        self._fanout.add(encode_from_server(Changed(message)), message.revision)

    def set_pinned(self, messages: Sequence[RoomMessage]) -> None:
        """Take the messages that are pinned now, as they are stored, and tell everyone
        what is new."""
        pinned = Pinned(tuple(messages))
        if pinned != self._pinned:
            self._pinned = pinned
            self._fanout.add(encode_from_server(pinned))

    @property
    def templates(self) -> Templates:
        """What administrators keep to post it again."""
        return self._templates

    def set_templates(self, templates: Sequence[Template]) -> None:
        """Take the templates as they are stored now, and tell the administrators."""
        self._templates = Templates(tuple(templates))
        self._tell_administrators(encode_from_server(self._templates))

    @property
    def upcoming(self) -> Upcoming:
        """What is posted later."""
        return self._upcoming

    def set_upcoming(self, upcoming: Upcoming) -> None:
        """Take what is scheduled now, and tell the administrators: something has changed."""
        self._upcoming = upcoming
        self._tell_administrators(encode_from_server(upcoming))

    def _tell_administrators(self, frame: bytes) -> None:
        for subscriber in self.administrators:
            subscriber.deliver(frame)

    def tell_people(
        self, frame: bytes, user_ids: Collection[int], but: Subscriber | None = None
    ) -> None:
        """Let these people hear a frame, on all their connections but one."""
        for user_id in user_ids:
            # A copy: hearing may find that a peer is gone, which makes it leave.
            for subscriber in list(self._by_user.get(user_id, ())):
                if subscriber is not but:
                    subscriber.deliver(frame)

    def announce_presence(self) -> None:
        """Tell everyone how many are here."""
        self._fanout.add(encode_from_server(self.presence))

    def finish(self) -> None:
        """Let everyone hear all that was published, now."""
        self._fanout.finish()
