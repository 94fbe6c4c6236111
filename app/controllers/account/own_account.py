"""One's own account: the password, and where one is signed in."""

from app.controllers.common.lifecycle import SignInPart
from app.controllers.common.loading import Loading, Part
from app.controllers.common.operations import Operations
from app.controllers.common.reauthentication import Reauthentication
from app.controllers.common.requests import NO_ANSWER, Later
from app.models.connection.status import Status
from app.models.listing import Reason
from app.models.operation import Operation
from app.models.pages.pages import PageModels
from app.models.text import can_be_sent
from protocol.messages import (
    ChangePassword,
    Done,
    EndSession,
    GetSessions,
    Refused,
    SessionInfo,
    Sessions,
    SignedIn,
)
from protocol.refusals import Refusal

EVERY_SESSION = 0
"""In place of a session's id."""


class OwnAccount(SignInPart):
    """Everybody's page."""

    def __init__(
        self,
        reauthentication: Reauthentication,
        later: Later,
        models: PageModels,
        status: Status,
    ) -> None:
        self._reauthentication = reauthentication
        self._models = models
        self._status = status
        self._is_signed_in = False
        self.list = Loading(
            reauthentication,
            later,
            models.sessions.listing,
            Sessions,
            lambda number, _search, _held: GetSessions(number),
            lambda answer, _before: Part(answer.sessions),
        )
        self._operations = Operations(reauthentication, models.sessions.operation, self.list.reload)

    def begin(self, signed_in: SignedIn) -> None:
        """Take up work: somebody is signed in on this link."""
        self._is_signed_in = True
        self._operations.begin()
        self.list.begin()

    def end(self) -> None:
        """Let go of the link: it is gone."""
        self._is_signed_in = False
        self._models.password.lose()
        self._operations.end()
        self.list.end()

    def clear(self) -> None:
        """Forget what was this person's: nobody is signed in any more."""
        self.end()
        self._models.sessions.clear()
        self._models.password.clear()

    def change_password(self, old: str, new: str) -> None:
        """Use the new one from now on. One's other sessions end."""
        operation: Operation = self._models.password
        if not self._is_signed_in or operation.is_under_way:
            return
        operation.start("password")
        wrong = self._wrong(old, new)
        if wrong is not None:
            operation.refuse(wrong)
            return

        def answer(_done: Done) -> None:
            operation.finish()
            self.list.reload()

        def refused(refusal: Refused) -> None:
            if refusal.code == Refusal.PASSWORD_NEEDED:
                operation.clear()
            elif refusal.code == NO_ANSWER:
                operation.leave()
            else:
                operation.refuse(self._reauthentication.own_password_reason(refusal))

        self._reauthentication.do(
            lambda number: ChangePassword(number, old, new), Done, answer, refused
        )

    def end_session(self, session: SessionInfo) -> None:
        """Sign out there."""
        self._operations.run(
            "end_session", lambda number: EndSession(number, session.id), Done, name=session.device
        )

    def sign_out_everywhere(self) -> None:
        """Sign out here, too: the server says goodbye after its answer."""
        self._operations.run("end_sessions", lambda number: EndSession(number, EVERY_SESSION), Done)

    def _wrong(self, old: str, new: str) -> Reason | None:
        """Return what can be told without the server; it decides all the same (P6)."""
        limits = self._status.limits
        if not old:
            return Reason("password_empty")
        if len(new) < limits.password_min_chars:
            return Reason(Refusal.PASSWORD_TOO_SHORT)
        if len(new) > limits.password_max_chars:
            return Reason(Refusal.PASSWORD_TOO_LONG)
        if len(old) > limits.password_max_chars or not can_be_sent(old):
            return Reason("password_wrong")
        return None if can_be_sent(new) else Reason(Refusal.TEXT_INVALID)
