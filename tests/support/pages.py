"""The pages' actions, written down, and what a server would tell of people,
invites, sessions and the log."""

from collections.abc import Callable

from app.views.actions import (
    AccountActions,
    AuditActions,
    InviteActions,
    ListActions,
    PageActions,
    PeopleActions,
    QuestionActions,
    RosterActions,
)
from protocol.messages import AccountState, AuditEntry, Invite, Member, Role, SessionInfo

YEAR_3000_MS = 32_503_680_000_000
MOMENT_MS = 1_795_446_000_000


def page_actions(record: Callable[[str], Callable[..., None]]) -> PageActions:
    """Each action is recorded under its page's name and its own."""

    def listing(page: str) -> ListActions:
        return ListActions(
            open=record(f"{page}.open"),
            close=record(f"{page}.close"),
            reload=record(f"{page}.reload"),
            more=record(f"{page}.more"),
            search=record(f"{page}.search"),
        )

    return PageActions(
        people=PeopleActions(
            listing("people"),
            set_role=record("set_role"),
            set_state=record("set_state"),
            remove=record("remove"),
            reset_password=record("reset_password"),
        ),
        invites=InviteActions(listing("invites"), create=record("create"), revoke=record("revoke")),
        audit=AuditActions(listing("audit"), save=record("save")),
        account=AccountActions(
            listing("sessions"),
            change_password=record("change_password"),
            end_session=record("end_session"),
            sign_out_everywhere=record("sign_out_everywhere"),
        ),
        roster=RosterActions(
            listing("roster"),
            open=record("open_roster"),
            remind=record("remind"),
            save=record("save_roster"),
        ),
        question=QuestionActions(confirm=record("confirm"), cancel=record("cancel")),
    )


def member(
    number: int,
    name: str = "",
    role: Role = Role.MEMBER,
    state: AccountState = AccountState.ACTIVE,
    last_seen_ms: int = MOMENT_MS,
    online: bool = False,
) -> Member:
    name = name or f"Person {number}"
    username = f"person{number}"
    return Member(number, username, name, role, state, MOMENT_MS, last_seen_ms, online)


def pending(number: int, name: str = "") -> Member:
    """Someone who waits to be accepted."""
    return member(number, name, state=AccountState.PENDING, last_seen_ms=0)


def invite(number: int, note: str = "", used: int = 0, revoked: bool = False) -> Invite:
    """One for two accounts."""
    return Invite(number, Role.MEMBER, 2, used, YEAR_3000_MS, revoked, note, "alice", MOMENT_MS)


def entry(number: int, action: str = "role_changed", detail: str = "admin") -> AuditEntry:
    return AuditEntry(number, MOMENT_MS, "alice", action, "bob", "192.0.2.7", detail)


def session(number: int, device: str = "front desk", this_one: bool = False) -> SessionInfo:
    return SessionInfo(number, device, "192.0.2.7", MOMENT_MS, MOMENT_MS, this_one, this_one)
