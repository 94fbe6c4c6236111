"""What clients see of the whole server: real sockets, real SQLite, one thread."""

import contextlib
import threading
from pathlib import Path

import pytest

from protocol.limits import PROTOCOL_VERSION
from protocol.messages import (
    Changed,
    Goodbye,
    Hello,
    Lagging,
    Ping,
    Pong,
    Post,
    Posted,
    Presence,
    Refused,
    Register,
    Registration,
    Resume,
    Role,
    SignedIn,
    SignedOut,
    SignIn,
    SignOut,
    Sync,
    Welcome,
)
from protocol.refusals import Farewell, Refusal
from server import settings
from server.passwords import hash_password
from server.service import Service
from server.sessions.connections import FULL_RETRY_MS
from server.sessions.guesses import FREE_GUESSES, FREE_OF_NETWORK
from server.storage.sqlite import open_store
from tests.server.conftest import ADMIN, NOW_MS, PASSWORD, Connect
from tests.support.running import running
from tests.support.wire import HungUp, WireClient, pushed


def post_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


def test_welcome_introduces_the_room(service: Service) -> None:
    with WireClient(service.port) as client:
        client.say(Hello(5, 1, 9, "test"))
        welcome = client.next()
    assert isinstance(welcome, Welcome)
    assert (welcome.request, welcome.version) == (5, PROTOCOL_VERSION)
    assert (welcome.room_name, welcome.registration) == ("Northgate School", Registration.OPEN)
    assert len(welcome.room_id) == 16 and welcome.server_time_ms > 1_700_000_000_000


def test_registering_signs_in_as_a_member(connect: Connect) -> None:
    signed_in = connect().register("bob", PASSWORD, "  Ben   Osei ")
    assert (signed_in.person.username, signed_in.person.display_name) == ("bob", "Ben Osei")
    assert signed_in.person.role is Role.MEMBER
    assert (signed_in.revision, signed_in.last_id) == (0, 0)


@pytest.mark.parametrize(
    ("username", "display_name", "password", "code"),
    [
        ("ALICE", "A", PASSWORD, Refusal.USERNAME_TAKEN),
        ("ａｌｉｃｅ", "A", PASSWORD, Refusal.USERNAME_TAKEN),
        ("al", "A", PASSWORD, Refusal.USERNAME_INVALID),
        ("bad name", "A", PASSWORD, Refusal.USERNAME_INVALID),
        ("carol", "\u202e", PASSWORD, Refusal.DISPLAY_NAME_INVALID),
        ("carol", "C", "short", Refusal.PASSWORD_TOO_SHORT),
        ("carol", "C", "x" * 300, Refusal.PASSWORD_TOO_LONG),
        ("carol", "C", "1234567890", Refusal.PASSWORD_TOO_SIMPLE),
    ],
)
def test_p10_a_registration_is_refused_by_name_and_can_be_corrected(
    connect: Connect, username: str, display_name: str, password: str, code: Refusal
) -> None:
    client = connect()
    refused = client.refusal(Register(7, username, display_name, password))
    assert (refused.request, refused.code) == (7, code)
    assert client.register("carol", PASSWORD).person.username == "carol"


def test_registration_can_be_closed(data_dir: Path) -> None:
    chosen = settings.load(data_dir, {}, {"port": 0, "registration": "closed"})
    with running(data_dir, chosen) as service, WireClient(service.port) as client:
        assert client.hello().registration is Registration.CLOSED
        refused = client.refusal(Register(2, "bob", "Bob", PASSWORD))
        assert refused.code == Refusal.REGISTRATION_CLOSED


def test_p7_an_unknown_account_and_a_wrong_password_are_told_alike(connect: Connect) -> None:
    client = connect()
    unknown = client.refusal(SignIn(3, "nobody", PASSWORD))
    wrong = client.refusal(SignIn(3, ADMIN, "not the password"))
    odd = client.refusal(SignIn(3, "no such name!", PASSWORD))
    assert unknown == wrong == odd
    assert unknown.code == Refusal.WRONG_CREDENTIALS
    assert client.sign_in(ADMIN.upper(), PASSWORD).person.role is Role.ADMIN


def test_guessing_is_slowed_down_and_told_so_and_a_token_is_not(connect: Connect) -> None:
    known = connect()
    token = known.sign_in(ADMIN, PASSWORD).token
    guesser = connect()
    codes = [
        guesser.refusal(SignIn(number, "bob", "not the password")).code
        for number in range(3, 3 + FREE_GUESSES)
    ]
    assert codes == [Refusal.WRONG_CREDENTIALS] * FREE_GUESSES
    refused = guesser.refusal(SignIn(90, "bob", PASSWORD))
    assert refused.code == Refusal.TOO_MANY_ATTEMPTS
    assert 0 < refused.retry_after_ms <= 1000
    again = connect()
    assert again.resume(token).person.username == ADMIN


@pytest.mark.real_passwords
def test_nobody_here_is_locked_out_by_guesses_behind_the_same_address(data_dir: Path) -> None:
    """Also not after a restart, nor by many guesses at once."""
    chosen = settings.load(data_dir, {}, {"port": 0})
    with open_store(data_dir) as store, store.transaction():
        store.users.add("bob", "Ben Osei", Role.MEMBER, hash_password(PASSWORD), NOW_MS)
    with running(data_dir, chosen) as service, WireClient(service.port) as alice:
        alice.hello()
        alice.sign_in(ADMIN, PASSWORD)
    with running(data_dir, chosen) as service, contextlib.ExitStack() as stack:
        guessers = [stack.enter_context(WireClient(service.port)) for _ in range(60)]
        for guesser in guessers:
            guesser.hello()
        for number, guesser in enumerate(guessers):
            guesser.say(SignIn(3, f"user{number}", "not the password"))
        codes = {guesser.expect(Refused).code for guesser in guessers}
        assert Refusal.WRONG_CREDENTIALS in codes
        assert service.context.sign_ins.wrong <= FREE_OF_NETWORK, "of sixty"
        *others, bob, typo, alice = guessers
        for number, guesser in enumerate(others):
            guesser.say(SignIn(4, f"user{number}", "not the password"))
        bob.say(SignIn(4, "bob", PASSWORD))
        typo.say(SignIn(4, ADMIN, "not the password"))
        alice.say(SignIn(4, ADMIN, PASSWORD))
        assert alice.expect(SignedIn).person.username == ADMIN, "she was here before"
        refused = {Refusal.TOO_MANY_ATTEMPTS, Refusal.BUSY}
        assert bob.expect(Refused).code in refused, "the right one, but of a stranger here"
        assert typo.expect(Refused).code in refused, "nobody is told who was here"


def test_who_registered_here_is_known_here(connect: Connect, service: Service) -> None:
    connect().register("bob", PASSWORD, "Ben Osei")
    assert service.context.sign_ins.knows("bob", "127.0.0.1")


def test_a_session_token_signs_in_until_it_is_signed_out(connect: Connect) -> None:
    first = connect()
    token = first.sign_in(ADMIN, PASSWORD).token
    second = connect()
    assert second.resume(token).person.username == ADMIN
    second.say(SignOut(9))
    assert second.expect(SignedOut).request == 9
    assert second.refusal(Resume(10, token)).code == Refusal.SESSION_ENDED
    assert second.sign_in(ADMIN, PASSWORD).person.username == ADMIN


def test_after_sign_out_nothing_is_pushed(alice: WireClient, bob: WireClient) -> None:
    bob.say(SignOut(9))
    bob.expect(SignedOut)
    alice.post("not for bob", post_id(1))
    bob.barrier()
    assert pushed(bob.heard) == []


def test_p1_p3_a_post_is_confirmed_with_its_place_and_everyone_hears_it(
    alice: WireClient, bob: WireClient
) -> None:
    first = alice.post("Fire drill at 10:30", post_id(1))
    second = alice.post("全体注意 🔔", post_id(2))
    assert (first.id, first.revision, second.id, second.revision) == (1, 1, 2, 2)
    heard = [bob.expect(Changed).message, bob.expect(Changed).message]
    assert [message.text for message in heard] == ["Fire drill at 10:30", "全体注意 🔔"]
    assert [message.author_name for message in heard] == ["Amelia Hart"] * 2
    alice.barrier()
    assert pushed(alice.heard) == heard, "the author hears the same"
    assert bob.whole_history() == heard


def test_p2_the_same_post_again_is_the_same_message(
    alice: WireClient, bob: WireClient, connect: Connect
) -> None:
    first = alice.post("once", post_id(1))
    other_connection = connect()
    other_connection.sign_in(ADMIN, PASSWORD)
    again = other_connection.post("once", post_id(1))
    assert (again.id, again.revision, again.posted_at_ms) == (
        first.id,
        first.revision,
        first.posted_at_ms,
    )
    bob.barrier()
    assert [message.text for message in pushed(bob.heard)] == ["once"]


def test_p2_a_post_id_belongs_to_its_author(service: Service, alice: WireClient) -> None:
    assert alice.post("mine", post_id(1)).id == 1
    assert len(alice.whole_history()) == 1


def test_p4_sync_tells_what_was_missed_page_by_page(alice: WireClient, bob: WireClient) -> None:
    for number in range(1, 2501):
        alice.say(Post(number + 10_000, post_id(number), f"message {number}"))
    for _ in range(2500):
        alice.expect(Posted)
    missed = bob.sync(1000)
    assert [message.id for message in missed] == list(range(1001, 2501))
    assert bob.sync(2500) == []


def test_p4_a_client_ahead_of_the_room_is_told(bob: WireClient) -> None:
    assert bob.refusal(Sync(50, 1)).code == Refusal.AHEAD_OF_ROOM


def test_p4_pong_tells_how_far_the_room_has_come(alice: WireClient, bob: WireClient) -> None:
    alice.post("one", post_id(1))
    bob.say(Ping(77))
    assert bob.expect(Pong) == Pong(77, 1)


def test_history_pages_have_no_gap_and_no_overlap(alice: WireClient) -> None:
    for number in range(1, 26):
        alice.post(f"message {number}", post_id(number))
    page = alice.history(0, 10)
    assert [m.id for m in page.messages] == list(range(25, 15, -1)) and page.more
    page = alice.history(16, 10)
    assert [m.id for m in page.messages] == list(range(15, 5, -1)) and page.more
    page = alice.history(6, 10)
    assert [m.id for m in page.messages] == [5, 4, 3, 2, 1] and not page.more


def test_large_messages_come_in_pages_that_fit_a_frame(alice: WireClient) -> None:
    for number in range(1, 31):
        alice.post("🔔" * 4000, post_id(number))
    assert len(alice.history(0, 200).messages) < 30
    assert [message.id for message in alice.whole_history()] == list(range(1, 31))
    assert [message.id for message in alice.sync(0)] == list(range(1, 31))


def test_p6_a_member_may_not_post(alice: WireClient, bob: WireClient) -> None:
    assert bob.refusal(Post(60, post_id(1), "let me")).code == Refusal.NOT_PERMITTED
    assert alice.whole_history() == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", Refusal.TEXT_EMPTY),
        (" \n\t ", Refusal.TEXT_EMPTY),
        ("x" * 4001, Refusal.TEXT_TOO_LONG),
        ("bell \a", Refusal.TEXT_INVALID),
    ],
)
def test_p10_a_text_is_refused_by_name(alice: WireClient, text: str, code: Refusal) -> None:
    assert alice.refusal(Post(61, post_id(1), text)).code == code


def test_presence_counts_people_not_connections(alice: WireClient, connect: Connect) -> None:
    second_window = connect()
    second_window.sign_in(ADMIN, PASSWORD)
    bob = connect()
    bob.register("bob", PASSWORD)
    while alice.expect(Presence) != Presence(2, 2):
        pass
    bob.close()
    while alice.expect(Presence) != Presence(1, 2):
        pass


def test_p3_two_administrators_at_once_are_heard_in_one_order(
    alice: WireClient, connect: Connect
) -> None:
    second = connect()
    second.sign_in(ADMIN, PASSWORD)
    listeners = [connect() for _ in range(3)]
    for number, listener in enumerate(listeners):
        listener.register(f"member{number}", PASSWORD)

    def post_all(client: WireClient, first: int) -> None:
        for number in range(first, first + 100):
            client.say(Post(number, post_id(number), f"message {number}"))

    threads = [
        threading.Thread(target=post_all, args=arguments)
        for arguments in ((alice, 1000), (second, 2000))
    ]
    for thread in threads:
        thread.start()
    orders = []
    for listener in listeners:
        orders.append([listener.expect(Changed).message.id for _ in range(200)])
    for thread in threads:
        thread.join()
    assert orders == [list(range(1, 201))] * 3


def test_p5_a_reader_that_stops_delays_nobody_and_catches_up(
    alice: WireClient, bob: WireClient, service: Service
) -> None:
    slow = WireClient(service.port, receive_buffer_bytes=8192)
    slow.hello()
    slow.register("slow", PASSWORD)
    text = "x" * 4000
    # More than the system's own buffers hold (Linux: 4 MiB a socket at most).
    count = 2000
    for number in range(1, count + 1):
        alice.say(Post(number + 10_000, post_id(number), text))
        if number % 20 == 0:
            while alice.expect(Posted).id != number:
                pass
            bob.barrier()
    assert [message.id for message in pushed(bob.heard)] == list(range(1, count + 1))
    heard: list[int] = []
    while not isinstance(message := slow.next(), Lagging):
        if isinstance(message, Changed):
            heard.append(message.message.id)
    assert 0 < len(heard) < count, "pushes stopped at the cap"
    assert heard == list(range(1, len(heard) + 1))
    missed = slow.sync(heard[-1])
    assert [m.id for m in missed] == list(range(len(heard) + 1, count + 1))
    slow.close()


def test_p5_who_asks_and_never_reads_is_not_served_without_end(
    alice: WireClient, service: Service
) -> None:
    for number in range(1, 101):
        alice.post("x" * 4000, post_id(number))
    greedy = WireClient(service.port)
    greedy.hello()
    greedy.sign_in(ADMIN, PASSWORD)
    greedy.socket.settimeout(0.5)
    with pytest.raises(TimeoutError):
        while True:
            greedy.say(Sync(greedy.number(), 0))
    held = max(session._stream.pending_bytes for session in service.connections)
    assert held < 1024 * 1024
    alice.barrier()
    greedy.close()


def test_a_silent_peer_is_dropped_and_a_pinging_one_is_kept(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.sessions.session.SILENCE_LIMIT_S", 0.5)
    # Until then a connection is not looked at for its silence.
    monkeypatch.setattr("server.sessions.session.HELLO_LIMIT_S", 1.0)
    chosen = settings.load(data_dir, {}, {"port": 0})
    with (
        running(data_dir, chosen) as service,
        WireClient(service.port) as silent,
        WireClient(service.port) as lively,
    ):
        silent.hello()
        lively.hello()
        farewell: list[object] = []
        waiting = threading.Thread(target=lambda: farewell.extend(silent.drain()))
        waiting.start()
        while waiting.is_alive():
            lively.barrier()
        assert farewell == [Goodbye(Farewell.SILENT)]
        lively.barrier()


def test_a_full_room_says_so_and_serves_the_rest(data_dir: Path) -> None:
    chosen = settings.load(data_dir, {}, {"port": 0, "max_connections": 2})
    with running(data_dir, chosen) as service, WireClient(service.port) as first:
        first.hello()
        first.sign_in(ADMIN, PASSWORD)
        with WireClient(service.port) as second:
            second.hello()
            with WireClient(service.port) as third:
                said = third.drain()
                assert isinstance(said[0], Goodbye) and said[0].code == Farewell.ROOM_FULL
                assert said[0].retry_after_ms > 0
            second.barrier()
        first.barrier()
        with WireClient(service.port) as fourth:
            fourth.hello()


def test_a_stopping_server_lets_go_of_those_it_turned_away(data_dir: Path) -> None:
    chosen = settings.load(data_dir, {}, {"tls": False, "port": 0, "max_connections": 1})
    with contextlib.ExitStack() as peers:
        with running(data_dir, chosen) as service, WireClient(service.port, tls=False):
            newcomer = peers.enter_context(WireClient(service.port, tls=False))
            assert newcomer.drain() == [Goodbye(Farewell.ROOM_FULL, FULL_RETRY_MS)]
        # It has stayed on the line, but there is nobody at the other end.
        with pytest.raises(ConnectionError):
            for _ in range(1000):
                newcomer.say_bytes(b"?")


def test_a_stopping_server_confirms_what_it_took_and_says_goodbye(data_dir: Path) -> None:
    chosen = settings.load(data_dir, {}, {"port": 0})
    with running(data_dir, chosen) as service:
        client = WireClient(service.port)
        client.hello()
        client.sign_in(ADMIN, PASSWORD)
        for number in range(1, 51):
            client.say(Post(number + 100, post_id(number), f"message {number}"))
        client.expect(Posted)
        service.stop_threadsafe()
        said = client.drain()
        assert said[-1] == Goodbye(Farewell.SERVER_STOPPING, 1000)
        client.close()
    confirmed = {m.id for m in client.heard if isinstance(m, Posted)}
    with running(data_dir, chosen) as service, WireClient(service.port) as client:
        client.hello()
        client.sign_in(ADMIN, PASSWORD)
        stored = {message.id for message in client.whole_history()}
    assert confirmed <= stored and confirmed


def test_a_session_survives_a_restart_of_the_server(data_dir: Path) -> None:
    chosen = settings.load(data_dir, {}, {"port": 0})
    with running(data_dir, chosen) as service, WireClient(service.port) as client:
        client.hello()
        token = client.sign_in(ADMIN, PASSWORD).token
        posted = client.post("before", post_id(1))
    with running(data_dir, chosen) as service, WireClient(service.port) as client:
        client.hello()
        signed_in = client.resume(token)
        assert (signed_in.revision, signed_in.last_id) == (posted.revision, posted.id)


def test_p9_refusals_of_hostile_requests_tell_nothing_of_the_inside(bob: WireClient) -> None:
    refused = bob.refusal(Post(1, post_id(1), "x"))
    assert isinstance(refused, Refused)
    assert "Traceback" not in refused.detail and "/" not in refused.detail
    with pytest.raises(HungUp):
        bob.say_bytes(b"\xff\xff\xff\xff")
        while True:
            bob.next()
