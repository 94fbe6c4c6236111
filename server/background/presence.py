"""Announce how many are here, not more often than people can read it."""

from collections.abc import Callable

from server.transport.reactor import Reactor

PRESENCE_EVERY_S = 1.0
"""How often the number online is told at most, whatever comes and goes."""


class PresenceAnnouncer:
    """Calls `announce` a while after the first of several changes. Used from the
    reactor's thread only."""

    def __init__(self, reactor: Reactor, announce: Callable[[], None]) -> None:
        self._reactor = reactor
        self._announce = announce
        self._is_due = False

    def on_changed(self) -> None:
        """Announce it soon: the number online may have changed."""
        if not self._is_due:
            self._is_due = True
            self._reactor.call_later(PRESENCE_EVERY_S, self._on_due)

    def _on_due(self) -> None:
        self._is_due = False
        self._announce()
