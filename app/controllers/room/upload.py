"""Sending a file, before the message that it goes with."""

import logging
from collections.abc import Callable

from app.controllers.common.requests import Requests
from app.models.room.files import Files
from protocol.messages import Attachment, OfferFile, Received, Refused, SendPart
from protocol.refusals import Refusal

log = logging.getLogger(__name__)

MAX_STEPS_BACK = 3
"""How often a server may say that it has less than it said before."""


class Upload:
    """One file, from what the server has of it on. Each part waits for the answer to the one
    before: what else is said meanwhile has its turn. Of a link that is lost nothing more is
    heard; the next one begins where the server is.

    `done` is called when the server has it whole, `refused` where it does not take it,
    `told` with how much of it is there.
    """

    def __init__(
        self,
        requests: Requests,
        files: Files,
        attachment: Attachment,
        done: Callable[[], None],
        refused: Callable[[Refused], None],
        told: Callable[[int], None],
    ) -> None:
        self._requests = requests
        self._files = files
        self._attachment = attachment
        self._done = done
        self._refused = refused
        self._told = told
        self._there = -1
        self._steps_back = 0

    def start(self) -> None:
        """Ask how much of it is there, and send the rest."""
        file = self._attachment
        self._requests.ask(
            lambda number: OfferFile(number, file.sha256, file.size),
            Received,
            self._go_on,
            self._refused,
        )

    def _go_on(self, received: Received) -> None:
        file, there = self._attachment, received.size
        self._steps_back += there <= self._there
        self._there = there
        self._told(there)
        if there >= file.size:
            self._done()
            return
        try:
            data = self._files.part(file.sha256, there)
        except OSError as error:
            log.warning("a file to be sent can't be read: %s", error)
            data = b""
        if not data or self._steps_back > MAX_STEPS_BACK:
            self._refused(Refused(received.request, Refusal.ATTACHMENT_DAMAGED))
            return
        self._requests.ask(
            lambda number: SendPart(number, file.sha256, there, data),
            Received,
            self._go_on,
            self._refused,
        )
