"""Whole sessions against a model of the room: what the model says is what every
connection hears.

Hypothesis makes up who does what, shrinks what goes wrong, and keeps it. The
number of runs is small by default; ROSTRUM_FUZZ_RUNS asks for more.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from protocol.codec import encode
from protocol.limits import PASSWORD_FRESH_S, PROTOCOL_VERSION, SILENCE_LIMIT_S
from protocol.messages import (
    AccountState,
    Changed,
    ChangePassword,
    Changes,
    ConfirmPassword,
    Done,
    EndSession,
    FromServer,
    GetHistory,
    Hello,
    History,
    Ping,
    Pong,
    Post,
    Posted,
    Refused,
    Register,
    RemovePerson,
    ResetCode,
    ResetPassword,
    Resume,
    Role,
    SetRole,
    SetState,
    SignedIn,
    SignedOut,
    SignIn,
    SignOut,
    Sync,
    WireMessage,
)
from tests.fuzz.stage import ADMIN, MEMBER, PASSWORD, Errors, Stage, stage
from tests.fuzz.talking import PUSHES, Peer

PING_EVERY_S = SILENCE_LIMIT_S * 2 / 3

RUNS = int(os.environ.get("ROSTRUM_FUZZ_RUNS", "100"))
NAMES = (ADMIN, MEMBER, "carol")
PASSWORDS = (PASSWORD, "quite another password", "and a third password")
PLACES = (0, 1, 2)


class Clock:
    """The server's monotonic clock, which a test can put forward."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead_s


@dataclass
class Account:
    """What the model knows of one."""

    id: int
    password: str | None
    role: Role = Role.MEMBER
    is_active: bool = True
    tokens: set[bytes] = field(default_factory=set)

    def end_tokens(self, but: bytes = b"") -> None:
        self.tokens &= {but}


@dataclass
class Place:
    """One desk: its connection, and who is signed in there."""

    peer: Peer
    name: str = ""
    token: bytes = b""
    is_fresh: bool = False
    announced: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)


class Sessions(RuleBasedStateMachine):
    """Three desks, three people, one room."""

    stage: Stage
    errors: Errors
    clock: Clock

    def __init__(self) -> None:
        super().__init__()
        self.accounts = {
            ADMIN: Account(1, PASSWORD, Role.ADMIN),
            MEMBER: Account(2, PASSWORD),
        }
        self.next_id = 3
        self.posted: dict[tuple[int, int], int] = {}
        self.texts: list[str] = []
        self.old_tokens: list[bytes] = [bytes(32)]
        self.places = [self._sit_down() for _ in PLACES]
        self.request = 10

    def teardown(self) -> None:
        for place in self.places:
            place.peer.socket.close()
        self.stage.settle()
        self.stage.put_back()

    # -- who comes and goes --------------------------------------------------------

    @rule(at=st.sampled_from(PLACES), name=st.sampled_from(NAMES))
    def register(self, at: int, name: str) -> None:
        place = self.places[at]
        answer = self._ask(place, Register(self._number(), name, name.title(), PASSWORDS[0]))
        if place.name:
            self._is_refused(answer, "not_now")
        elif name in self.accounts:
            self._is_refused(answer, "username_taken")
        else:
            self.accounts[name] = Account(self.next_id, PASSWORDS[0])
            self.next_id += 1
            self._is_in(place, name, answer, is_fresh=True)

    @initialize(third=st.sampled_from(NAMES))
    def most_are_here_already(self, third: str) -> None:
        for at, name in enumerate((ADMIN, MEMBER, third)):
            self.sign_in(at, name, 0)

    @rule(at=st.sampled_from(PLACES), name=st.sampled_from(NAMES), slip=st.integers(0, 4))
    def sign_in(self, at: int, name: str, slip: int) -> None:
        place, account = self.places[at], self.accounts.get(name)
        known = account.password if account and account.password else PASSWORDS[0]
        which = PASSWORDS[slip] if 0 < slip < len(PASSWORDS) else known
        self.stage.forgive()
        answer = self._ask(place, SignIn(self._number(), name, which))
        if place.name:
            self._is_refused(answer, "not_now")
        elif account is None or account.password != which:
            self._is_refused(answer, "wrong_credentials")
        elif not account.is_active:
            self._is_refused(answer, "account_disabled")
        else:
            self._is_in(place, name, answer, is_fresh=True)

    @rule(at=st.sampled_from(PLACES), data=st.data())
    def resume(self, at: int, data: st.DataObject) -> None:
        place = self.places[at]
        token = data.draw(st.sampled_from(self.old_tokens))
        answer = self._ask(place, Resume(self._number(), token))
        owner = [name for name, account in self.accounts.items() if token in account.tokens]
        if place.name:
            self._is_refused(answer, "not_now")
        elif not owner:
            self._is_refused(answer, "session_ended")
        else:
            self._is_in(place, owner[0], answer, is_fresh=False)

    @rule(at=st.sampled_from(PLACES))
    def sign_out(self, at: int) -> None:
        place = self.places[at]
        answer = self._ask(place, SignOut(self._number()))
        if not place.name:
            self._is_refused(answer, "not_now")
            return
        assert isinstance(answer, SignedOut)
        self.accounts[place.name].tokens.discard(place.token)
        place.name, place.token, place.is_fresh = "", b"", False
        self._follow()

    @rule(at=st.sampled_from(PLACES))
    def vanish(self, at: int) -> None:
        self._sit_down_anew(at)

    @rule(really=st.integers(0, 2))
    def eleven_minutes_pass(self, really: int) -> None:
        if really:
            return
        for _ in range(int(PASSWORD_FRESH_S / PING_EVERY_S) + 2):
            self.clock.ahead_s += PING_EVERY_S
            for place in self.places:
                place.peer.say(encode(Ping(1)))
            self._settle()
        for place in self.places:
            place.is_fresh = False

    # -- what they do --------------------------------------------------------------

    @rule(at=st.sampled_from(PLACES), key=st.integers(0, 2))
    def post(self, at: int, key: int) -> None:
        place = self.places[at]
        me = self.accounts.get(place.name)
        text = f"message {key}"
        answer = self._ask(place, Post(self._number(), key.to_bytes(16, "big"), text))
        if me is None:
            self._is_refused(answer, "not_now")
        elif me.role is not Role.ADMIN:
            self._is_refused(answer, "not_permitted")
        else:
            assert isinstance(answer, Posted)
            if (me.id, key) not in self.posted:
                self.texts.append(text)
                self.posted[me.id, key] = len(self.texts)
                for other in self.places:
                    if other.name:
                        other.expected.append(text)
            assert answer.id == self.posted[me.id, key], "the same post is the same message"

    @rule(
        at=st.sampled_from(PLACES),
        rashly=st.booleans(),
        name=st.sampled_from(NAMES),
        deed=st.sampled_from(["promote", "demote", "enable", "disable", "remove", "reset"]),
    )
    def administer(self, at: int, rashly: bool, name: str, deed: str) -> None:
        place, account = self.places[at], self.accounts.get(name)
        if not rashly:
            place = self._administrator_at(place)
        number, on = self._number(), account.id if account else 99
        messages: dict[str, WireMessage] = {
            "promote": SetRole(number, on, Role.ADMIN),
            "demote": SetRole(number, on, Role.MEMBER),
            "enable": SetState(number, on, AccountState.ACTIVE),
            "disable": SetState(number, on, AccountState.DISABLED),
            "remove": RemovePerson(number, on),
            "reset": ResetPassword(number, on),
        }
        refusal = self._why_not(place, account, deed)
        answer = self._ask(place, messages[deed])
        if refusal:
            self._is_refused(answer, refusal)
            return
        assert isinstance(answer, ResetCode if deed == "reset" else Done), answer
        assert account is not None
        match deed:
            case "promote" | "demote":
                account.role = Role.ADMIN if deed == "promote" else Role.MEMBER
            case "enable":
                account.is_active = True
            case "disable":
                account.is_active = False
            case "reset":
                account.password = None
            case "remove":
                del self.accounts[name]
        if deed in ("disable", "remove", "reset"):
            account.end_tokens()
        self._follow()

    def _why_not(self, place: Place, account: Account | None, deed: str) -> str:
        """How the server has to refuse it; empty where it is done."""
        me = self.accounts.get(place.name)
        if me is None:
            return "not_now"
        if me.role is not Role.ADMIN:
            return "not_permitted"
        if account is None and deed in ("enable", "remove"):
            return "not_found"
        if deed == "enable" and account is not None and account.is_active:
            return ""
        if not place.is_fresh:
            return "password_needed"
        if account is None:
            return "not_found"
        if deed in ("demote", "disable", "remove") and self._administrators() == [account]:
            return "last_administrator"
        return ""

    def _administrator_at(self, otherwise: Place) -> Place:
        """Where an administrator sits, who has just given the password."""
        for place in self.places:
            me = self.accounts.get(place.name)
            if me is not None and me.role is Role.ADMIN and me.password:
                self.stage.forgive()
                answer = self._ask(place, ConfirmPassword(self._number(), me.password))
                assert isinstance(answer, Done)
                place.is_fresh = True
                return place
        return otherwise

    def _administrators(self) -> list[Account]:
        return [a for a in self.accounts.values() if a.role is Role.ADMIN and a.is_active]

    @rule(at=st.sampled_from(PLACES), slip=st.integers(0, 4), new=st.sampled_from(PASSWORDS))
    def change_password(self, at: int, slip: int, new: str) -> None:
        place = self.places[at]
        me = self.accounts.get(place.name)
        known = me.password if me and me.password else PASSWORDS[0]
        old = PASSWORDS[slip] if 0 < slip < len(PASSWORDS) else known
        self.stage.forgive()
        answer = self._ask(place, ChangePassword(self._number(), old, new))
        if me is None:
            self._is_refused(answer, "not_now")
        elif me.password != old:
            self._is_refused(answer, "wrong_credentials")
        else:
            assert isinstance(answer, Done)
            me.password = new
            place.is_fresh = True
            me.end_tokens(but=place.token)
            self._follow()

    @rule(at=st.sampled_from(PLACES), really=st.integers(0, 2))
    def sign_out_everywhere(self, at: int, really: int) -> None:
        place = self.places[at]
        if really:
            return
        me = self.accounts.get(place.name)
        answer = self._ask(place, EndSession(self._number(), 0))
        if me is None:
            self._is_refused(answer, "not_now")
        else:
            assert isinstance(answer, Done)
            me.end_tokens()
            self._follow()

    @rule(at=st.sampled_from(PLACES), after=st.integers(0, 5))
    def read(self, at: int, after: int) -> None:
        place = self.places[at]
        answer = self._ask(place, Sync(self._number(), min(after, len(self.texts))))
        if not place.name:
            self._is_refused(answer, "not_now")
            return
        assert isinstance(answer, Changes)
        assert [one.text for one in answer.messages] == self.texts[min(after, len(self.texts)) :]
        page = self._ask(place, GetHistory(self._number(), 0, 50))
        assert isinstance(page, History)
        assert [one.text for one in page.messages] == self.texts[::-1][:50]

    # -- always --------------------------------------------------------------------

    @invariant()
    def everyone_hears_what_the_model_says(self) -> None:
        assert not self.errors.records, self.errors.records
        for place in self.places:
            assert place.announced == place.expected
            place.announced, place.expected = [], []
            role = self.accounts[place.name].role if place.name else None
            assert place.peer.role is role

    # ------------------------------------------------------------------------------

    def _sit_down(self) -> Place:
        place = Place(Peer(self.stage.connect()))
        place.peer.say(encode(Hello(1, PROTOCOL_VERSION, PROTOCOL_VERSION)))
        self.stage.settle()
        place.peer.hear()
        return place

    def _sit_down_anew(self, at: int) -> None:
        self.places[at].peer.socket.close()
        self.stage.settle()
        self.places[at] = self._sit_down()

    def _number(self) -> int:
        self.request += 1
        return self.request

    def _ask(self, place: Place, message: WireMessage) -> FromServer:
        """Say it, and let everybody hear what comes of it."""
        # Whoever says ten things in a row that make no sense is sent away; a ping
        # does make sense.
        place.peer.say(encode(Ping(1)))
        place.peer.say(encode(message))
        heard = self._settle()[place.peer]
        (answer,) = (one for one in heard if not isinstance(one, (*PUSHES, Pong)))
        return answer

    def _settle(self) -> dict[Peer, list[FromServer]]:
        self.stage.settle()
        heard = {place.peer: place.peer.hear() for place in self.places}
        for place in self.places:
            pushes = [one for one in heard[place.peer] if isinstance(one, Changed)]
            place.announced += [one.message.text for one in pushes]
        return heard

    def _is_in(self, place: Place, name: str, answer: FromServer, is_fresh: bool) -> None:
        assert isinstance(answer, SignedIn), answer
        account = self.accounts[name]
        assert (answer.person.id, answer.person.role) == (account.id, account.role)
        place.name, place.token, place.is_fresh = name, answer.token, is_fresh
        account.tokens.add(answer.token)
        self.old_tokens.append(answer.token)

    def _is_refused(self, answer: FromServer, code: str) -> None:
        assert isinstance(answer, Refused) and answer.code == code, (answer, code)

    def _follow(self) -> None:
        """Connections whose session has ended are told and closed (P8)."""
        for index, place in enumerate(self.places):
            account = self.accounts.get(place.name)
            if place.name and (account is None or place.token not in account.tokens):
                assert place.peer.hung_up, f"{place.name} is still there"
                self._sit_down_anew(index)
            else:
                assert not place.peer.hung_up, f"{place.name} was sent away"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Sessions]]:
    clock = Clock()
    monkeypatch.setattr("server.reactor.time", SimpleNamespace(monotonic=clock.monotonic))
    with stage() as (on, errors):
        yield type("Sessions", (Sessions,), {"stage": on, "errors": errors, "clock": clock})


@pytest.mark.timeout(0)
def test_p6_p8_every_connection_hears_what_the_model_says(machine: type[Sessions]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
