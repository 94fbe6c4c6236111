"""Why the domain says no: the errors that become a `Refused` on the wire.

Each carries its wire code, so the mapping from an error to what the client is
told stands with the error, and whoever answers needs no list. Any other error
is nobody's business: it is told as `internal`.
"""

from protocol.refusals import Refusal


class RequestRefused(Exception):
    """A request that is not carried out. `detail` is English, for a log;
    `retry_after_ms` above 0: it may succeed after that time."""

    def __init__(self, code: Refusal, detail: str, retry_after_ms: int = 0) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.retry_after_ms = retry_after_ms


class NotPermitted(RequestRefused):
    """The account may not do that, or not any more (P6). `action` is what."""

    def __init__(self, action: str) -> None:
        super().__init__(Refusal.NOT_PERMITTED, f"this takes the right to {action}")


class SessionEnded(RequestRefused):
    """The session that asks has ended, or never was (P8)."""

    def __init__(self) -> None:
        super().__init__(Refusal.SESSION_ENDED, "this session has ended")


class Busy(RequestRefused):
    """Too much of this kind of work waits already."""

    def __init__(self, retry_after_ms: int) -> None:
        super().__init__(Refusal.BUSY, "the server is busy", retry_after_ms)


class StorageUnavailable(RequestRefused):
    """The disk is full, read-only, locked or failing: nothing was stored, and
    what was stored before is unharmed."""

    RETRY_AFTER_MS = 2000

    def __init__(self, detail: str) -> None:
        super().__init__(Refusal.STORAGE_UNAVAILABLE, detail, self.RETRY_AFTER_MS)


class UsernameTaken(RequestRefused):
    """Another account has this name, or one that is the same to the eye."""

    def __init__(self) -> None:
        super().__init__(Refusal.USERNAME_TAKEN, "this username, or one like it, is taken")
