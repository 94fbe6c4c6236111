"""The credential store is asked on a thread of its own: whatever it does, the
window lives, and what could not be kept is said."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.controllers.account import credential_keeper
from app.controllers.account.credential_keeper import CredentialKeeper
from app.models import profile as profiles
from app.models.connection.account import AccountNotice
from app.models.connection.status import Phase
from app.models.credentials import MemoryCredentials
from protocol.messages import Resume, SignedIn, SignedOut, SignIn, SignOut
from tests.app.controllers.play import ALICE, BOB, PASSWORD, TOKEN, Play
from tests.support.headless import QUICK, HeadlessClient

ACCOUNT = "amelia@chat.example:7450"


class SlowCredentials(MemoryCredentials):
    """A store that answers when it is let; `takes` is whether it keeps anything."""

    is_quick = False

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = threading.Event()
        self.takes = True
        self.threads: set[str] = set()

    def load(self, account: str) -> bytes | None:
        self._wait()
        return super().load(account)

    def save(self, account: str, token: bytes) -> bool:
        self._wait()
        return self.takes and super().save(account, token)

    def forget(self, account: str) -> None:
        self._wait()
        super().forget(account)

    def _wait(self) -> None:
        self.threads.add(threading.current_thread().name)
        self.may_go_on.wait(30)


class Desk:
    """A keeper, with a main thread that comes back when it is turned."""

    def __init__(self) -> None:
        self.store = SlowCredentials()
        self._due: list[Callable[[], None]] = []
        self.keeper = CredentialKeeper(self.store, lambda _s, call: self._due.append(call))
        self.told: list[object] = []

    def turn_until(self, count: int) -> list[object]:
        deadline = time.monotonic() + 10
        while len(self.told) < count:
            assert time.monotonic() < deadline, self.told
            due, self._due = self._due, []
            for call in due:
                call()
            threading.Event().wait(0.001)
        return self.told


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.store.may_go_on.set()
    desk.keeper.close()


def test_the_calls_run_elsewhere_one_after_the_other(desk: Desk) -> None:
    began = time.monotonic()
    desk.keeper.save(ACCOUNT, TOKEN, desk.told.append)
    desk.keeper.load(ACCOUNT, desk.told.append)
    desk.keeper.forget(ACCOUNT, only=b"another")
    desk.keeper.load(ACCOUNT, desk.told.append)
    desk.keeper.forget(ACCOUNT, only=TOKEN)
    desk.keeper.load(ACCOUNT, desk.told.append)
    assert time.monotonic() - began < 5 and desk.told == [], "nobody has waited for it"
    desk.store.may_go_on.set()
    assert desk.turn_until(4) == [True, TOKEN, TOKEN, None]
    assert desk.store.threads == {"credentials"}


def test_a_store_that_hangs_is_given_up_and_its_late_answer_is_none(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credential_keeper, "LIMIT_S", 0.05)
    desk.keeper.save(ACCOUNT, TOKEN, desk.told.append)
    desk.keeper.load(ACCOUNT, desk.told.append)
    assert desk.turn_until(2) == [False, None]
    desk.store.may_go_on.set()
    monkeypatch.setattr(credential_keeper, "LIMIT_S", 10.0)
    desk.keeper.load(ACCOUNT, desk.told.append)
    assert desk.turn_until(3) == [False, None, TOKEN], "it is asked again all the same"


def test_a_store_that_fails_in_its_own_way_has_nothing(desk: Desk) -> None:
    def fail(_account: str) -> bytes | None:
        raise SystemExit("as a backend might")

    desk.store.load = fail  # type: ignore[assignment, method-assign]
    desk.store.may_go_on.set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading, "excepthook", lambda _args: None)
        desk.keeper.load(ACCOUNT, desk.told.append)
        assert desk.turn_until(1) == [None]


def test_at_the_end_what_was_asked_for_is_waited_for(desk: Desk) -> None:
    desk.store.may_go_on.set()
    desk.keeper.save(ACCOUNT, TOKEN, lambda _kept: None)
    desk.keeper.close()
    assert MemoryCredentials.load(desk.store, ACCOUNT) == TOKEN


# -- in the client -------------------------------------------------------------------


def test_a_hanging_store_delays_no_start_and_a_late_token_still_signs_in(
    play: Play, tmp_path: Path
) -> None:
    play.sign_in(ALICE)
    (folder,) = {path.parent for path in tmp_path.glob("**/profile.json")}
    profile = profiles.load(folder)
    assert profile is not None
    play.client.close()
    store = SlowCredentials()
    MemoryCredentials.save(store, profile.account, TOKEN)
    began = time.monotonic()
    play.headless = HeadlessClient(folder, play.server.port, store, QUICK)
    play.client.open()
    assert time.monotonic() - began < 5, "the start does not wait for it"
    play.greet()
    play.until_phase(Phase.GREETED)
    assert play.client.account.person is None
    store.may_go_on.set()
    assert play.hear_a(Resume).token == TOKEN
    assert play.client.account.person == ALICE


def test_whoever_signs_in_before_the_token_is_found_comes_first(play: Play, tmp_path: Path) -> None:
    play.sign_in(ALICE)
    (folder,) = {path.parent for path in tmp_path.glob("**/profile.json")}
    play.client.close()
    store = SlowCredentials()
    play.headless = HeadlessClient(folder, play.server.port, store, QUICK)
    play.client.open()
    play.greet()
    play.sign_in(ALICE)
    store.may_go_on.set()
    play.settle()
    assert play.client.account.person == ALICE


def test_what_could_not_be_kept_is_said(play: Play, tmp_path: Path) -> None:
    store = SlowCredentials()
    store.takes = False
    store.may_go_on.set()
    play.client.close()
    play.headless = HeadlessClient(tmp_path / "other", play.server.port, store, QUICK)
    play.client.open()
    play.greet()
    play.sign_in(ALICE)
    play.until(lambda: AccountNotice.UNKEPT in play.client.account.notices, "to be told")
    play.client.session.sign_out()
    assert AccountNotice.UNKEPT not in play.client.account.notices


def test_that_it_was_not_kept_is_not_told_to_whoever_comes_next(play: Play, tmp_path: Path) -> None:
    store = SlowCredentials()
    store.takes = False
    play.client.close()
    play.headless = HeadlessClient(tmp_path / "other", play.server.port, store, QUICK)
    play.client.open()
    play.greet()
    play.sign_in(ALICE)
    play.client.session.sign_out()
    play.say(SignedOut(play.hear_a(SignOut).request))
    play.client.session.sign_in("bob", PASSWORD, False)
    play.say(SignedIn(play.hear_a(SignIn).request, BOB, b"b" * 32, 0, 0))
    play.until(lambda: play.client.account.person == BOB, "to be signed in")
    store.may_go_on.set()
    soon = time.monotonic() + 5
    play.until(lambda: not any(at < soon for at, *_ in play.headless._timers), "its answer")
    assert play.client.account.notices == frozenset()
