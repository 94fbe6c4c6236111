"""What administrators do: people, invites, the audit log."""

import contextlib
import logging
from functools import partial
from pathlib import Path

from app.controllers.common.lifecycle import SignInPart
from app.controllers.common.loading import Loading, Part
from app.controllers.common.operations import Operations
from app.controllers.common.reauthentication import Reauthentication
from app.controllers.common.requests import Later
from app.models.listing import Reason
from app.models.pages.audit_file import AuditFile
from app.models.pages.page_model import IssuedCode, PageModel
from app.models.pages.pages import PageModels
from app.models.text import clean_text
from protocol.limits import MAX_AUDIT_PAGE, MAX_NOTE_CHARS
from protocol.messages import (
    AccountState,
    Audit,
    AuditEntry,
    Awaiting,
    CreateInvite,
    Done,
    FromServer,
    GetAudit,
    GetInvites,
    GetPeople,
    Invite,
    InviteCreated,
    Invites,
    Member,
    People,
    Refused,
    RemovePerson,
    ResetCode,
    ResetPassword,
    RevokeInvite,
    Role,
    SetRole,
    SetState,
    SignedIn,
    YouChanged,
)

log = logging.getLogger(__name__)

PAGE_ITEMS = 50
"""What one request fetches of a long list: more than a screen shows at once."""

DAY_MS = 24 * 60 * 60 * 1000

ROLE_DEEDS = {Role.ADMIN: "promote", Role.MEMBER: "demote"}


class Administration(SignInPart):
    """The administrators' pages, together."""

    def __init__(
        self, reauthentication: Reauthentication, later: Later, models: PageModels
    ) -> None:
        self._models = models
        self._awaiting = models.awaiting
        self.people = PeopleController(reauthentication, later, models)
        self.invites = InvitesController(reauthentication, later, models.invites)
        self.audit = AuditController(reauthentication, later, models.audit)
        self._is_signed_in = False
        self._parts = (self.people, self.invites, self.audit)

    def begin(self, signed_in: SignedIn) -> None:
        """Begin anew: the server says who waits only where anybody does."""
        self._is_signed_in = True
        self._awaiting.count(0)
        for part in self._parts:
            part.begin()

    def end(self) -> None:
        """Let go of the link: it is gone."""
        self._is_signed_in = False
        for part in self._parts:
            part.end()

    def clear(self) -> None:
        """Forget what was this person's: nobody is signed in any more."""
        self.end()
        self._forget()

    def on_push(self, message: FromServer) -> None:
        """Take a push."""
        if not self._is_signed_in:
            return  # said before the sign-out arrived over there
        match message:
            case Awaiting(people) if people != self._awaiting.people:
                self._awaiting.count(people)
                self.people.list.reload()
            case YouChanged(person) if person.role is not Role.ADMIN:
                self._forget()

    def _forget(self) -> None:
        self._awaiting.count(0)
        for model in (self._models.people, self._models.invites, self._models.audit):
            model.clear()


class PeopleController:
    """Who may be in the room, and as what."""

    def __init__(
        self, reauthentication: Reauthentication, later: Later, models: PageModels
    ) -> None:
        self._one_time_code = models.people.one_time_code
        self._awaiting = models.awaiting
        self.list = Loading(
            reauthentication,
            later,
            models.people.listing,
            People,
            lambda number, search, held: GetPeople(number, search, len(held), PAGE_ITEMS),
            self._read,
        )
        self.operations = Operations(reauthentication, models.people.operation, self.list.reload)

    def begin(self) -> None:
        """Take up work: somebody is signed in on this link."""
        self.operations.begin()
        self.list.begin()

    def end(self) -> None:
        """Let go of the link: it is gone."""
        self.operations.end()
        self.list.end()

    def set_role(self, member: Member, role: Role) -> None:
        """Make this person an administrator, or a member again."""
        self.operations.run(
            ROLE_DEEDS[role],
            lambda number: SetRole(number, member.id, role),
            Done,
            name=member.display_name,
        )

    def set_state(self, member: Member, state: AccountState) -> None:
        """Accept a person, disable an account, or enable it again."""
        is_pending = member.state is AccountState.PENDING
        deed = "accept" if is_pending else "enable"
        self.operations.run(
            deed if state is AccountState.ACTIVE else "disable",
            lambda number: SetState(number, member.id, state),
            Done,
            name=member.display_name,
        )

    def remove(self, member: Member) -> None:
        """Remove an account for good, or decline one that waits."""
        self.operations.run(
            "decline" if member.state is AccountState.PENDING else "remove",
            lambda number: RemovePerson(number, member.id),
            Done,
            name=member.display_name,
        )

    def reset_password(self, member: Member) -> None:
        """End this person's password; the code for a new one is told once."""

        def told(answer: ResetCode) -> None:
            self._one_time_code.issue(
                IssuedCode(answer.code, answer.expires_at_ms, member.display_name)
            )

        self.operations.run(
            "reset",
            lambda number: ResetPassword(number, member.id),
            ResetCode,
            told,
            name=member.display_name,
        )

    def _read(self, answer: People, before: int) -> Part[Member]:
        self._awaiting.count(answer.awaiting)
        return Part(answer.people, 0 < len(answer.people) < answer.total - before)


class InvitesController:
    """Who may be let in by a join code."""

    def __init__(
        self, reauthentication: Reauthentication, later: Later, model: PageModel[Invite]
    ) -> None:
        self._one_time_code = model.one_time_code
        self.list = Loading(
            reauthentication,
            later,
            model.listing,
            Invites,
            lambda number, _search, _held: GetInvites(number),
            lambda answer, _before: Part(answer.invites),
        )
        self.operations = Operations(reauthentication, model.operation, self.list.reload)

    def begin(self) -> None:
        """Take up work: somebody is signed in on this link."""
        self.operations.begin()
        self.list.begin()

    def end(self) -> None:
        """Let go of the link: it is gone."""
        self.operations.end()
        self.list.end()

    def create(self, role: Role, uses: int, days: int, note: str) -> None:
        """Make an invite for so many accounts, good for so many days; its join
        code is told once."""
        note = clean_text(note).strip()[:MAX_NOTE_CHARS]

        def told(answer: InviteCreated) -> None:
            invite = answer.invite
            self._one_time_code.issue(
                IssuedCode(answer.join_code, invite.expires_at_ms, invite.note)
            )

        self.operations.run(
            "invite",
            lambda number: CreateInvite(number, role, uses, days * DAY_MS, note),
            InviteCreated,
            told,
        )

    def revoke(self, invite: Invite) -> None:
        """End an invite before its time."""
        self.operations.run(
            "revoke", lambda number: RevokeInvite(number, invite.id), Done, id=invite.id
        )


class AuditController:
    """The log of what was done, to read and to keep."""

    def __init__(
        self, reauthentication: Reauthentication, later: Later, model: PageModel[AuditEntry]
    ) -> None:
        self._reauthentication = reauthentication
        self._model = model
        self._file: AuditFile | None = None
        self.list = Loading(
            reauthentication,
            later,
            model.listing,
            Audit,
            lambda number, search, held: GetAudit(
                number, held[-1].id if held else 0, PAGE_ITEMS, search
            ),
            lambda answer, _before: Part(answer.entries, answer.more),
        )
        self._is_signed_in = False

    def begin(self) -> None:
        """Take up work: somebody is signed in on this link."""
        self._is_signed_in = True
        self.list.begin()

    def end(self) -> None:
        """Let go of the link: no more of the log will come."""
        self._is_signed_in = False
        self._model.operation.lose()
        self.give_up()
        self.list.end()

    def save(self, path: Path) -> None:
        """Write what the log holds to this file: all of it, or what has in it
        what is searched for."""
        operation = self._model.operation
        if not self._is_signed_in or operation.is_under_way:
            return
        search = self._model.listing.search
        operation.start("save_found" if search else "save", n=0, file=path.name, search=search)
        try:
            self._file = AuditFile(path)
        except OSError as error:
            self._fail(error)
            return
        self._ask_page(self._file, 0, search)

    def _ask_page(self, file: AuditFile, before_id: int, search: str) -> None:
        operation = self._model.operation

        def answer(page: Audit) -> None:
            if self._file is not file:
                return  # it was given up
            try:
                file.add_entries(page.entries)
                if page.more and page.entries:
                    operation.tell(n=file.entries)
                    self._ask_page(file, page.entries[-1].id, search)
                    return
                file.finish()
            except OSError as error:
                self._fail(error)
                return
            self._file = None
            operation.tell(n=file.entries)
            operation.finish()

        def refused(refusal: Refused) -> None:
            if self._file is file:
                self.give_up()
                operation.refuse(self._reauthentication.reason_of(refusal))

        self._reauthentication.ask(
            partial(GetAudit, before_id=before_id, limit=MAX_AUDIT_PAGE, search=search),
            Audit,
            answer,
            refused,
        )

    def _fail(self, error: OSError) -> None:
        log.warning("the audit log was not saved: %s", error)
        self.give_up()
        self._model.operation.refuse(Reason("file_not_written"))

    def give_up(self) -> None:
        """Leave nothing of a file that is not whole."""
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):
                file.give_up()
