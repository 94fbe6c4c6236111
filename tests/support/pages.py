"""What a server would tell of people, invites, sessions and the log."""

from protocol.messages import AccountState, AuditEntry, Invite, Member, Role, SessionInfo

YEAR_3000_MS = 32_503_680_000_000
MOMENT_MS = 1_795_446_000_000


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
