"""What a room has to be like, in the simplest words: accounts, invites, texts.

It does what a request asks for, or says by which code it must be refused; the
server is held against it. It knows nothing of connections but who is signed in
there, by which token, and whether the password was given of late.
"""

from dataclasses import dataclass, field

from protocol.messages import Role
from tests.fuzz.stage import ADMIN, ALICE, BOB, MEMBER, PASSWORD


@dataclass
class Account:
    """One person; `password` is None between a reset and its code."""

    id: int
    password: str | None
    role: Role = Role.MEMBER
    is_active: bool = True
    tokens: set[bytes] = field(default_factory=set)
    reset_code: str = ""


@dataclass
class GivenInvite:
    """Leave to create accounts; `left` is how many."""

    id: int
    secret: str
    role: Role
    left: int
    by: int
    """The account that made it."""


@dataclass(eq=False)
class Desk:
    """Who is signed in at one connection; nobody, where the name is empty."""

    name: str = ""
    token: bytes = b""
    is_fresh: bool = False


class Room:
    """The room as it is after all that was done. Each deed returns how it is to
    be refused; an empty text where it is done."""

    def __init__(self) -> None:
        self.accounts = {
            ADMIN: Account(ALICE, PASSWORD, Role.ADMIN),
            MEMBER: Account(BOB, PASSWORD),
        }
        self.invites: list[GivenInvite] = []
        self.texts: list[str] = []
        self._ids: dict[tuple[int, int], int] = {}
        self._next_id = BOB + 1

    # -- coming in -------------------------------------------------------------------

    def register(self, desk: Desk, name: str, password: str, invite: GivenInvite | None) -> str:
        if desk.name:
            return "not_now"
        if invite is None:
            return "invite_needed"
        if not invite.left:
            return "invite_invalid"
        if name in self.accounts:
            return "username_taken"
        invite.left -= 1
        self.accounts[name] = Account(self._next_id, password, invite.role)
        self._next_id += 1
        return ""

    def sign_in(self, desk: Desk, name: str, password: str) -> str:
        account = self.accounts.get(name)
        if desk.name:
            return "not_now"
        if account is None or account.password != password:
            return "wrong_credentials"
        return "" if account.is_active else "account_disabled"

    def resume(self, desk: Desk, token: bytes) -> str:
        if desk.name:
            return "not_now"
        return "" if self.owner_of(token) else "session_ended"

    def redeem(self, desk: Desk, name: str, code: str, password: str) -> str:
        account = self.accounts.get(name)
        if desk.name:
            return "not_now"
        if account is None or not code or account.reset_code != code:
            return "reset_code_invalid"
        account.password, account.reset_code = password, ""
        return "" if account.is_active else "account_disabled"

    def owner_of(self, token: bytes) -> str:
        """Who is signed in by this token; empty: nobody any more."""
        return next((name for name, one in self.accounts.items() if token in one.tokens), "")

    # -- one's own ---------------------------------------------------------------------

    def sign_out(self, desk: Desk) -> str:
        if not desk.name:
            return "not_now"
        self.accounts[desk.name].tokens.discard(desk.token)
        return ""

    def sign_out_everywhere(self, desk: Desk) -> str:
        if not desk.name:
            return "not_now"
        self.accounts[desk.name].tokens.clear()
        return ""

    def confirm_password(self, desk: Desk, password: str) -> str:
        me = self.accounts.get(desk.name)
        if me is None:
            return "not_now"
        return "" if me.password == password else "wrong_credentials"

    def change_password(self, desk: Desk, old: str, new: str) -> str:
        refusal = self.confirm_password(desk, old)
        if not refusal:
            me = self.accounts[desk.name]
            me.password = new
            me.tokens &= {desk.token}
        return refusal

    # -- the room ----------------------------------------------------------------------

    def post(self, desk: Desk, key: int, text: str) -> str:
        me = self.accounts.get(desk.name)
        if me is None:
            return "not_now"
        if me.role is not Role.ADMIN:
            return "not_permitted"
        if (me.id, key) not in self._ids:
            self.texts.append(text)
            self._ids[me.id, key] = len(self.texts)
        return ""

    def id_of(self, desk: Desk, key: int) -> int:
        """The id of the message that was posted from there under this key."""
        return self._ids[self.accounts[desk.name].id, key]

    # -- administration ----------------------------------------------------------------

    def administer(self, desk: Desk, deed: str, name: str) -> str:
        """Promote, demote, enable, disable, remove or reset."""
        account = self.accounts.get(name)
        refusal = self._may_administer(desk) or self._why_not(desk, account, deed)
        if refusal or account is None:
            return refusal
        match deed:
            case "promote" | "demote":
                account.role = Role.ADMIN if deed == "promote" else Role.MEMBER
            case "enable" | "disable":
                account.is_active = deed == "enable"
            case "reset":
                account.password = None
            case "remove":
                del self.accounts[name]
        if deed in ("disable", "remove", "reset"):
            account.tokens.clear()
        if deed in ("demote", "disable", "remove"):
            for invite in self.invites:
                invite.left *= invite.by != account.id
        return ""

    def invite(self, desk: Desk) -> str:
        """Whether an invite may be made there."""
        return self._may_administer(desk) or ("" if desk.is_fresh else "password_needed")

    def revoke(self, desk: Desk, invite_id: int) -> str:
        refusal = self._may_administer(desk)
        if refusal:
            return refusal
        found = [one for one in self.invites if one.id == invite_id]
        for one in found:
            one.left = 0
        return "" if found else "not_found"

    def _may_administer(self, desk: Desk) -> str:
        me = self.accounts.get(desk.name)
        if me is None:
            return "not_now"
        return "" if me.role is Role.ADMIN else "not_permitted"

    def _why_not(self, desk: Desk, account: Account | None, deed: str) -> str:
        if account is None and deed in ("enable", "remove"):
            return "not_found"
        if deed == "enable" and account is not None and account.is_active:
            return ""
        if not desk.is_fresh:
            return "password_needed"
        if account is None:
            return "not_found"
        if account.role is Role.ADMIN and account.is_active and deed != "promote":
            others = [one for one in self.accounts.values() if one is not account]
            if not any(one.role is Role.ADMIN and one.is_active and one.password for one in others):
                return "last_administrator"
        return ""
