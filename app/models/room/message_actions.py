"""What becomes of messages after they were posted: what is pinned, what they
said before, and what an administrator has just done to one."""

from app.models.listing import Reason
from app.models.observable import Observable
from app.models.operation import Operation
from app.models.room.cache import Cache
from app.models.room.told import Told
from protocol.messages import RoomMessage, Version


class Pins(Told[RoomMessage]):
    """The pinned messages, pinned last first. They are kept beside the
    timeline: they may lie far below what that holds."""

    def __init__(self) -> None:
        super().__init__(lambda cache: cache.pinned, Cache.set_pinned)

    @property
    def messages(self) -> tuple[RoomMessage, ...]:
        return self.all


class Versions(Observable):
    """The earlier texts of one message, once they were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._message_id = 0
        self._told: tuple[Version, ...] | None = None
        self._reason: Reason | None = None

    @property
    def message_id(self) -> int:
        """Whose; 0: of none."""
        return self._message_id

    @property
    def told(self) -> tuple[Version, ...] | None:
        """Oldest first; None: the server has not told them yet."""
        return self._told

    @property
    def reason(self) -> Reason | None:
        """Why it does not tell them."""
        return self._reason

    def expect(self, message_id: int) -> None:
        self._set(message_id, None, None)

    def tell(self, message_id: int, versions: tuple[Version, ...]) -> None:
        """Take the earlier texts; of no interest where another message is looked at by
        now."""
        if message_id == self._message_id:
            self._set(message_id, versions, None)

    def refuse(self, reason: Reason) -> None:
        self._set(self._message_id, None, reason)

    def forget(self) -> None:
        if self._message_id:
            self._set(0, None, None)

    def _set(
        self, message_id: int, told: tuple[Version, ...] | None, reason: Reason | None
    ) -> None:
        self._message_id, self._told, self._reason = message_id, told, reason
        self._changed()


class MessageActions:
    """Hold what is pinned, the earlier texts asked for, and the last operation."""

    def __init__(self) -> None:
        self.pins = Pins()
        self.versions = Versions()
        self.operation = Operation()

    def clear(self) -> None:
        """Forget it: the session is over. The pins go with the cache."""
        self.versions.forget()
        self.operation.clear()
