"""P7: where strangers may not try, nobody learns who may: not by the words, and
not by the moment. Turned by hand, so that the moment is exact."""

from collections.abc import Callable

import pytest

from protocol.codec import encode
from protocol.limits import PROTOCOL_VERSION
from protocol.messages import Hello, RedeemReset, Refused, SignedIn, SignIn, WireMessage
from protocol.refusals import Refusal
from server.sessions.guesses import FREE_OF_NETWORK
from server.sessions.guessing import REFUSED_AFTER_S
from tests.fuzz.peer import Known, Peer
from tests.fuzz.stage import ADDRESS, ADMIN, MEMBER, PASSWORD, Stage, stage

ELSEWHERE = "192.0.2.99"


def wrong_password(name: str) -> WireMessage:
    return SignIn(2, name, "not the right one")


def wrong_code(name: str) -> WireMessage:
    return RedeemReset(2, name, "K7QM-2XVN-PD4R", "not the right one")


def come(on: Stage, address: str = ADDRESS) -> Peer:
    peer = Peer(on.connect(address), Known())
    peer.say(encode(Hello(1, PROTOCOL_VERSION, PROTOCOL_VERSION)))
    on.settle()
    peer.hear()
    return peer


def burn(on: Stage, address: str = ADDRESS) -> None:
    """Use up what strangers may try there."""
    guard, now = on.service.context.sign_ins, on.service.reactor.now
    for number in range(2 * FREE_OF_NETWORK):
        guard.begin(f"user{number}", address, now).is_wrong(now)


@pytest.mark.parametrize("make", [wrong_password, wrong_code])
@pytest.mark.parametrize("is_hashed", [True, False])
def test_p7_all_who_are_wrong_are_refused_alike_at_the_same_moment(
    make: Callable[[str], WireMessage], is_hashed: bool
) -> None:
    """bob registered from here, alice was made elsewhere, nobody is nobody."""
    with stage() as on:
        burn(on)
        asking = {name: come(on) for name in (MEMBER, ADMIN, "nobody")}
        for name, peer in asking.items():
            peer.say(encode(make(name)))
        on.turn()
        if is_hashed:
            on.settle()
        assert not any(peer.hear() for peer in asking.values()), "nothing is told yet"
        on.pass_time(REFUSED_AFTER_S - 0.001)
        assert not any(peer.hear() for peer in asking.values())
        on.pass_time(0.001)
        answers = []
        for peer in asking.values():
            (refused,) = peer.hear()
            assert isinstance(refused, Refused)
            answers.append((refused.code, refused.retry_after_ms, refused.detail))
        assert len(set(answers)) == 1
        assert answers[0][0] == Refusal.TOO_MANY_ATTEMPTS
        on.settle()
        assert not any(peer.hear() for peer in asking.values()), "and nothing after it"


def test_who_is_known_here_gets_in_at_once() -> None:
    with stage() as on:
        burn(on)
        bob, alice = come(on), come(on)
        bob.say(encode(SignIn(2, MEMBER, PASSWORD)))
        alice.say(encode(SignIn(2, ADMIN, PASSWORD)))
        on.settle()
        assert any(isinstance(one, SignedIn) for one in bob.hear())
        assert alice.hear() == []
        on.pass_time(REFUSED_AFTER_S)
        (refused,) = alice.hear()
        assert isinstance(refused, Refused) and refused.code == Refusal.TOO_MANY_ATTEMPTS
        assert not any(isinstance(one, Refused) for one in bob.hear())


def test_p9_what_strangers_may_not_try_costs_no_hash() -> None:
    with stage() as on:
        burn(on)
        for number in range(50):
            come(on).say(encode(SignIn(2, f"user{number}", PASSWORD)))
        on.turn()
        while on.read():
            on.turn()
        assert on.service.passwords.waiting == 0


def test_a_right_one_that_comes_too_late_is_refused_like_the_others() -> None:
    with stage() as on:
        burn(on)
        bob = come(on)
        bob.say(encode(SignIn(2, MEMBER, PASSWORD)))
        on.turn()
        on.pass_time(REFUSED_AFTER_S)
        on.settle()
        (refused,) = bob.hear()
        assert isinstance(refused, Refused) and refused.code == Refusal.TOO_MANY_ATTEMPTS
        bob.say(encode(SignIn(3, MEMBER, PASSWORD)))
        on.settle()
        assert any(isinstance(one, SignedIn) for one in bob.hear())


def test_who_hangs_up_has_guessed_all_the_same() -> None:
    with stage() as on:
        guard = on.service.context.sign_ins
        for number in range(FREE_OF_NETWORK):
            peer = come(on, ELSEWHERE)
            peer.say(encode(SignIn(2, f"user{number}", PASSWORD)))
            on.turn()
            on.read()
            on.turn()
            peer.socket.close()
            on.settle()
        assert guard.wrong == FREE_OF_NETWORK
        assert guard.begin("carol", ELSEWHERE, on.service.reactor.now).refusal is not None
