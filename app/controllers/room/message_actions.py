"""What administrators do to messages that are posted, and what is pinned."""

from app.controllers.common.lifecycle import SignInPart
from app.controllers.common.operations import Operations
from app.controllers.common.reauthentication import Reauthentication
from app.models.listing import Reason
from app.models.room.message_actions import MessageActions
from app.models.text import clean_text
from protocol.messages import (
    Done,
    Edit,
    FromServer,
    GetVersions,
    Pin,
    Pinned,
    Refused,
    Role,
    RoomMessage,
    SetExpiry,
    SignedIn,
    Version,
    Versions,
    Withdraw,
    YouChanged,
)


class MessageActionsController(SignInPart):
    """What is done shows when the server tells the change, as to everybody."""

    def __init__(self, reauthentication: Reauthentication, model: MessageActions) -> None:
        self._reauthentication = reauthentication
        self._model = model
        self._operations = Operations(reauthentication, model.operation)
        self._is_signed_in = False

    def begin(self, signed_in: SignedIn) -> None:
        """Take up work: somebody is signed in on this link."""
        self._is_signed_in = True
        self._operations.begin()

    def end(self) -> None:
        """Let go of the link: it is gone."""
        self._is_signed_in = False
        self._operations.end()
        if self._model.versions.message_id and self._model.versions.told is None:
            self._model.versions.refuse(Reason("offline"))

    def clear(self) -> None:
        """Forget what was this person's: nobody is signed in any more."""
        self.end()
        self._model.clear()

    def on_push(self, message: FromServer) -> None:
        """Take a push."""
        if not self._is_signed_in:
            return  # said before the sign-out arrived over there
        match message:
            case Pinned(messages):
                self._model.pins.set(messages)
            case YouChanged(person) if person.role is not Role.ADMIN:
                self._model.clear()

    def edit(self, message: RoomMessage, text: str) -> None:
        """Give it another text."""
        text = clean_text(text)
        if text and text != message.text:
            self._operations.run(
                "edit", lambda number: Edit(number, message.id, text), Done, id=message.id
            )

    def withdraw(self, message: RoomMessage) -> None:
        """Take it back."""
        self._operations.run(
            "withdraw", lambda number: Withdraw(number, message.id), Done, id=message.id
        )

    def pin(self, message: RoomMessage, pinned: bool) -> None:
        """Keep it in everyone's sight, or no longer."""
        self._operations.run(
            "pin" if pinned else "unpin",
            lambda number: Pin(number, message.id, pinned),
            Done,
            id=message.id,
        )

    def set_expiry(self, message: RoomMessage, expires_at_ms: int) -> None:
        """Let it withdraw itself at this time; 0: not."""
        self._operations.run(
            "expiry" if expires_at_ms else "no_expiry",
            lambda number: SetExpiry(number, message.id, expires_at_ms),
            Done,
            id=message.id,
        )

    def ask_versions(self, message: RoomMessage) -> None:
        """Ask what a message said before."""
        versions = self._model.versions
        versions.expect(message.id)
        if not self._is_signed_in:
            versions.refuse(Reason("offline"))
            return

        found: list[Version] = []

        def told(answer: Versions) -> None:
            found.extend(answer.versions)
            if answer.more and answer.versions and versions.message_id == message.id:
                ask()
            else:
                versions.tell(message.id, tuple(found))

        def refused(refusal: Refused) -> None:
            if versions.message_id == message.id:
                versions.refuse(self._reauthentication.reason_of(refusal))

        def ask() -> None:
            offset = len(found)
            self._reauthentication.ask(
                lambda number: GetVersions(number, message.id, offset), Versions, told, refused
            )

        ask()

    def forget_versions(self) -> None:
        """Forget the earlier texts: their dialog was closed."""
        self._model.versions.forget()

    def forget_operation(self) -> None:
        """Forget how the last operation went, unless it is still under way."""
        if not self._model.operation.is_under_way:
            self._model.operation.clear()
