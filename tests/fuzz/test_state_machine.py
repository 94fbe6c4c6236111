"""Whole sessions against a model of the room: what the model says is what every
connection hears.

Hypothesis makes up who does what, shrinks what goes wrong, and keeps it. The
number of runs is small by default; ROSTRUM_FUZZ_RUNS asks for more.
"""

import os
from collections.abc import Iterator

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
    CreateInvite,
    Done,
    EndSession,
    FromServer,
    GetHistory,
    Hello,
    History,
    InviteCreated,
    Ping,
    Pong,
    Post,
    Posted,
    RedeemReset,
    Refused,
    Register,
    RemovePerson,
    ResetCode,
    ResetPassword,
    Resume,
    RevokeInvite,
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
from tests.fuzz.model import Desk, GivenInvite, Room
from tests.fuzz.peer import PUSHES, Known, Peer, invite_in
from tests.fuzz.stage import ADMIN, MEMBER, PASSWORD, Stage, stage

RUNS = int(os.environ.get("ROSTRUM_FUZZ_RUNS", "60"))
STEPS = 40

PING_EVERY_S = SILENCE_LIMIT_S * 2 / 3
NOBODYS_ID = 99

NAMES = st.sampled_from((ADMIN, MEMBER, "carol"))
PASSWORDS = (PASSWORD, "quite another password")
TYPED = st.sampled_from((None, None, None, *PASSWORDS))
"""None: the one that is right."""
PLACES = st.sampled_from((0, 1, 2))
SELDOM = st.sampled_from((False, False, True))


class Place(Desk):
    """A desk with a connection, what it was told of messages and what it has to
    have been told."""

    def __init__(self, peer: Peer) -> None:
        super().__init__()
        self.peer = peer
        self.announced: list[str] = []
        self.expected: list[str] = []


class Sessions(RuleBasedStateMachine):
    """Three desks, three people, one room."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.room = Room()
        self.known = Known()
        self.tokens: list[bytes] = [bytes(32)]
        self.codes: list[str] = ["none"]
        self.places = [self._sit_down() for _ in range(3)]
        self.request = 10

    def teardown(self) -> None:
        self.stage.put_back()

    # -- who comes and goes --------------------------------------------------------

    @initialize(third=NAMES)
    def most_are_here_already(self, third: str) -> None:
        for at, name in enumerate((ADMIN, MEMBER, third)):
            self.sign_in(at, name, None)

    @rule(at=PLACES, name=NAMES, data=st.data())
    def register(self, at: int, name: str, data: st.DataObject) -> None:
        place = self.places[at]
        invite = data.draw(st.sampled_from((*self.room.invites[::-1], None)))
        secret = invite.secret if invite is not None else ""
        refusal = self.room.register(place, name, PASSWORD, invite)
        message = Register(self._number(), name, name.title(), PASSWORD, "", secret)
        self._comes_in(place, name, self._ask(place, message), refusal)

    @rule(at=PLACES, name=NAMES, typed=TYPED)
    def sign_in(self, at: int, name: str, typed: str | None) -> None:
        place, password = self.places[at], self._password(name, typed)
        refusal = self.room.sign_in(place, name, password)
        answer = self._ask(place, SignIn(self._number(), name, password))
        self._comes_in(place, name, answer, refusal)

    @rule(at=PLACES, data=st.data())
    def resume(self, at: int, data: st.DataObject) -> None:
        place, token = self.places[at], data.draw(st.sampled_from(self.tokens))
        refusal = self.room.resume(place, token)
        answer = self._ask(place, Resume(self._number(), token))
        self._comes_in(place, self.room.owner_of(token), answer, refusal, is_fresh=False)

    @rule(at=PLACES, name=NAMES, data=st.data())
    def redeem(self, at: int, name: str, data: st.DataObject) -> None:
        place, code = self.places[at], data.draw(st.sampled_from(self.codes[::-1]))
        refusal = self.room.redeem(place, name, code, PASSWORDS[1])
        answer = self._ask(place, RedeemReset(self._number(), name, code, PASSWORDS[1]))
        self._comes_in(place, name, answer, refusal)

    @rule(at=PLACES)
    def sign_out(self, at: int) -> None:
        place = self.places[at]
        refusal = self.room.sign_out(place)
        if self._is_done(self._ask(place, SignOut(self._number())), refusal, SignedOut):
            place.name, place.token, place.is_fresh = "", b"", False

    @rule(at=PLACES, really=SELDOM)
    def sign_out_everywhere(self, at: int, really: bool) -> None:
        if really:
            place = self.places[at]
            refusal = self.room.sign_out_everywhere(place)
            self._is_done(self._ask(place, EndSession(self._number(), 0)), refusal)

    @rule(at=PLACES, key=st.integers(0, 2), cut=st.booleans())
    def vanish_while_posting(self, at: int, key: int, cut: bool) -> None:
        place, text = self.places[at], f"message {key}"
        said = encode(Post(self._number(), key.to_bytes(16, "big"), text))
        place.peer.say(said[:-1] if cut else said)
        place.peer.close()
        before = len(self.room.texts)
        if not cut:
            self.room.post(place, key, text)
        place.name = ""
        self._expect(self.room.texts[before:])
        self._settle()
        self.places[at] = self._sit_down()

    @rule(really=SELDOM)
    def eleven_minutes_pass(self, really: bool) -> None:
        if really:
            for _ in range(int(PASSWORD_FRESH_S / PING_EVERY_S) + 2):
                self.stage.pass_time(PING_EVERY_S)
                for place in self.places:
                    place.peer.tell(Ping(1))
                self._settle()
            for place in self.places:
                place.is_fresh = False

    # -- what they do --------------------------------------------------------------

    @rule(at=PLACES, key=st.integers(0, 2))
    def post(self, at: int, key: int) -> None:
        place, text, before = self.places[at], f"message {key}", len(self.room.texts)
        refusal = self.room.post(place, key, text)
        self._expect(self.room.texts[before:])
        answer = self._ask(place, Post(self._number(), key.to_bytes(16, "big"), text))
        if self._is_done(answer, refusal, Posted):
            assert isinstance(answer, Posted)
            assert answer.id == self.room.id_of(place, key), "the same post is the same message"

    @rule(at=PLACES, after=st.integers(0, 5))
    def read(self, at: int, after: int) -> None:
        place, texts = self.places[at], self.room.texts
        answer = self._ask(place, Sync(self._number(), min(after, len(texts))))
        if self._is_done(answer, "" if place.name else "not_now", Changes):
            assert isinstance(answer, Changes)
            assert [one.text for one in answer.messages] == texts[min(after, len(texts)) :]
            page = self._ask(place, GetHistory(self._number(), 0, 50))
            assert isinstance(page, History)
            assert [one.text for one in page.messages] == texts[::-1][:50]

    @rule(at=PLACES, typed=TYPED)
    def confirm_password(self, at: int, typed: str | None) -> None:
        place = self.places[at]
        password = self._password(place.name, typed)
        refusal = self.room.confirm_password(place, password)
        if self._is_done(self._ask(place, ConfirmPassword(self._number(), password)), refusal):
            place.is_fresh = True

    @rule(at=PLACES, typed=TYPED, new=st.sampled_from(PASSWORDS))
    def change_password(self, at: int, typed: str | None, new: str) -> None:
        place = self.places[at]
        old = self._password(place.name, typed)
        refusal = self.room.change_password(place, old, new)
        if self._is_done(self._ask(place, ChangePassword(self._number(), old, new)), refusal):
            place.is_fresh = True

    @rule(
        at=PLACES,
        rashly=SELDOM,
        name=NAMES,
        deed=st.sampled_from(("promote", "demote", "enable", "disable", "remove", "reset")),
    )
    def administer(self, at: int, rashly: bool, name: str, deed: str) -> None:
        place = self.places[at] if rashly else self._administrator(at)
        number = self._number()
        account = self.room.accounts.get(name)
        on = account.id if account is not None else NOBODYS_ID
        message: dict[str, WireMessage] = {
            "promote": SetRole(number, on, Role.ADMIN),
            "demote": SetRole(number, on, Role.MEMBER),
            "enable": SetState(number, on, AccountState.ACTIVE),
            "disable": SetState(number, on, AccountState.DISABLED),
            "remove": RemovePerson(number, on),
            "reset": ResetPassword(number, on),
        }
        refusal = self.room.administer(place, deed, name)
        answer = self._ask(place, message[deed])
        self._is_done(answer, refusal, ResetCode if deed == "reset" else Done)
        if isinstance(answer, ResetCode) and account is not None:
            account.reset_code = answer.code
            self.codes.append(answer.code)

    @rule(at=PLACES, key=st.integers(0, 2))
    def post_while_being_demoted(self, at: int, key: int) -> None:
        """The post comes when the deed is on its way to the disk (P6)."""
        place, by = self.places[at], self._administrator(at)
        if by is place or not place.name:
            return
        on = self.room.accounts[place.name].id
        refusal = self.room.administer(by, "promote", place.name)
        self._is_done(self._ask(by, SetRole(self._number(), on, Role.ADMIN)), refusal)
        refusal = self.room.administer(by, "demote", place.name)
        by.peer.tell(SetRole(self._number(), on, Role.MEMBER))
        self.stage.turn()
        before = len(self.room.texts)
        refusal_of_post = self.room.post(place, key, f"message {key}")
        self._expect(self.room.texts[before:])
        place.peer.tell(Post(self._number(), key.to_bytes(16, "big"), f"message {key}"))
        heard = self._settle()
        self._is_done(self._answer(heard[by]), refusal)
        self._is_done(self._answer(heard[place]), refusal_of_post, Posted)

    @rule(at=PLACES, rashly=SELDOM, role=st.sampled_from(Role), uses=st.integers(1, 2))
    def invite(self, at: int, rashly: bool, role: Role, uses: int) -> None:
        place = self.places[at] if rashly else self._administrator(at)
        refusal = self.room.invite(place)
        answer = self._ask(place, CreateInvite(self._number(), role, uses, 600_000))
        if self._is_done(answer, refusal, InviteCreated):
            assert isinstance(answer, InviteCreated)
            secret, by = invite_in(answer.join_code), self.room.accounts[place.name].id
            self.room.invites.append(GivenInvite(answer.invite.id, secret, role, uses, by))

    @rule(at=PLACES, invite_id=st.integers(1, 3))
    def revoke(self, at: int, invite_id: int) -> None:
        place = self.places[at]
        refusal = self.room.revoke(place, invite_id)
        self._is_done(self._ask(place, RevokeInvite(self._number(), invite_id)), refusal)

    # -- always --------------------------------------------------------------------

    @invariant()
    def everyone_hears_what_the_model_says(self) -> None:
        assert not self.stage.errors.records, self.stage.errors.records
        for index, place in enumerate(self.places):
            assert place.announced == place.expected
            place.announced, place.expected = [], []
            account = self.room.accounts.get(place.name)
            if place.name and (account is None or place.token not in account.tokens):
                assert place.peer.hung_up, f"{place.name} is still there (P8)"
                place.peer.close()
                self._settle()
                self.places[index] = self._sit_down()
            else:
                assert not place.peer.hung_up, f"{place.name} was sent away"
                assert place.peer.role is (account.role if account is not None else None)

    # ------------------------------------------------------------------------------

    def _sit_down(self) -> Place:
        place = Place(Peer(self.stage.connect(), self.known))
        place.peer.tell(Hello(1, PROTOCOL_VERSION, PROTOCOL_VERSION))
        self.stage.settle()
        place.peer.hear()
        return place

    def _number(self) -> int:
        self.request += 1
        return self.request

    def _password(self, name: str, typed: str | None) -> str:
        account = self.room.accounts.get(name)
        right = account.password if account is not None else None
        return typed or right or PASSWORD

    def _administrator(self, otherwise: int) -> Place:
        """Where an administrator sits, who has just given the password."""
        for place in self.places:
            me = self.room.accounts.get(place.name)
            if me is not None and me.role is Role.ADMIN and me.password:
                answer = self._ask(place, ConfirmPassword(self._number(), me.password))
                self._is_done(answer, "")
                place.is_fresh = True
                return place
        return self.places[otherwise]

    def _answer(self, heard: list[FromServer]) -> FromServer:
        (answer,) = (one for one in heard if not isinstance(one, (*PUSHES, Pong)))
        return answer

    def _ask(self, place: Place, message: WireMessage) -> FromServer:
        """Say it, and let everybody hear what comes of it."""
        self.stage.forgive()
        # Whoever says ten things in a row that make no sense is sent away; a ping
        # does make sense.
        place.peer.tell(Ping(1))
        place.peer.tell(message)
        return self._answer(self._settle()[place])

    def _settle(self) -> dict[Place, list[FromServer]]:
        self.stage.settle()
        here = [place for place in self.places if not place.peer.hung_up]
        heard = {place: place.peer.hear() for place in here}
        for place in here:
            pushes = [one for one in heard[place] if isinstance(one, Changed)]
            place.announced += [one.message.text for one in pushes]
        return heard

    def _expect(self, texts: list[str]) -> None:
        """Everybody who is signed in has to hear these."""
        for place in self.places:
            if place.name:
                place.expected += texts

    def _comes_in(
        self, place: Place, name: str, answer: FromServer, refusal: str, is_fresh: bool = True
    ) -> None:
        if self._is_done(answer, refusal, SignedIn):
            assert isinstance(answer, SignedIn)
            account = self.room.accounts[name]
            assert (answer.person.id, answer.person.role) == (account.id, account.role)
            place.name, place.token, place.is_fresh = name, answer.token, is_fresh
            account.tokens.add(answer.token)
            self.tokens.append(answer.token)

    def _is_done(self, answer: FromServer, refusal: str, kind: type[WireMessage] = Done) -> bool:
        """Whether it was done, which is what the model says."""
        code = answer.code if isinstance(answer, Refused) else ""
        assert code == refusal, (answer, refusal)
        assert refusal or isinstance(answer, kind), answer
        return not refusal


@pytest.fixture
def machine() -> Iterator[type[Sessions]]:
    with stage(registration="invite") as on:
        yield type("Sessions", (Sessions,), {"stage": on})


@pytest.mark.timeout(0)
def test_p6_p8_every_connection_hears_what_the_model_says(machine: type[Sessions]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
