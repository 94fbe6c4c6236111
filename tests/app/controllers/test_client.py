"""The client without its window on a real server: signing in and out, and what
becomes of what a person typed."""

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from app import controllers
from app.controllers.common.lifecycle import SignInPart
from app.models.connection.account import Field, FormError
from app.models.connection.status import Phase
from app.models.credentials import MemoryCredentials
from app.models.room.outbox_item import Draft, PostState
from app.models.settings import Settings
from protocol.messages import Role
from server import settings
from server.service import Service
from server.setup import make_room
from server.storage.sqlite import open_store
from tests.support.headless import HeadlessClient
from tests.support.running import ROOM, running

ADMIN = "alice"
PASSWORD = "a long enough password"


@pytest.fixture
def room_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "room"
    make_room(folder, ROOM, ADMIN, "Amelia Hart", PASSWORD)
    return folder


@pytest.fixture
def service(room_dir: Path) -> Iterator[Service]:
    with running(room_dir, settings.load(room_dir, {}, {"tls": False, "port": 0})) as service:
        yield service


@pytest.fixture
def client(service: Service, tmp_path: Path) -> Iterator[HeadlessClient]:
    with HeadlessClient(tmp_path / "client", service.port) as client:
        client.until(lambda: client.client.status.now.phase is Phase.GREETED, "to be greeted")
        yield client


def refusal(client: HeadlessClient) -> FormError:
    client.until(lambda: client.client.account.error is not None, "to be refused")
    assert not client.client.account.busy and client.client.account.person is None
    error = client.client.account.error
    assert error is not None
    return error


def test_the_room_introduces_itself_before_anyone_signs_in(client: HeadlessClient) -> None:
    room = client.client.status.room
    assert room is not None and room.name == "Northgate School"


@pytest.mark.parametrize(
    ("username", "password", "field", "code"),
    [
        ("", "x", Field.USERNAME, "username_empty"),
        ("alice", "", Field.PASSWORD, "password_empty"),
        ("alice", "wrong", Field.PASSWORD, "wrong_credentials"),
        ("nobody", PASSWORD, Field.PASSWORD, "wrong_credentials"),
    ],
)
def test_p10_a_refused_sign_in_is_told_at_its_field(
    client: HeadlessClient, username: str, password: str, field: Field, code: str
) -> None:
    client.client.session.sign_in(username, password, True)
    assert refusal(client) == FormError(field, code)
    client.sign_in(ADMIN, PASSWORD)


@pytest.mark.parametrize(
    ("username", "name", "password", "field", "code"),
    [
        ("", "Bob", PASSWORD, Field.USERNAME, "username_empty"),
        ("", "", "", Field.USERNAME, "username_empty"),  # the first that is missing
        ("bob", "", "", Field.DISPLAY_NAME, "display_name_empty"),
        ("bob", " ", PASSWORD, Field.DISPLAY_NAME, "display_name_empty"),
        ("bob", "Bob", "", Field.PASSWORD, "password_empty"),
        ("b", "Bob", PASSWORD, Field.USERNAME, "username_invalid"),
        ("bob!", "Bob", PASSWORD, Field.USERNAME, "username_invalid"),
        ("Alice", "Bob", PASSWORD, Field.USERNAME, "username_taken"),
        ("bob", "x" * 65, PASSWORD, Field.DISPLAY_NAME, "display_name_invalid"),
        ("bob", "\u202e", PASSWORD, Field.DISPLAY_NAME, "display_name_invalid"),
        ("bob", "Bob", "short", Field.PASSWORD, "password_too_short"),
        ("bob", "Bob", "x" * 257, Field.PASSWORD, "password_too_long"),
        ("bob", "Bob", "1234567890", Field.PASSWORD, "password_too_simple"),
    ],
)
def test_p10_a_refused_registration_is_told_at_its_field(
    client: HeadlessClient, username: str, name: str, password: str, field: Field, code: str
) -> None:
    client.client.session.register(username, name, password, "", True)
    error = refusal(client)
    assert (error.field, error.code) == (field, code)
    client.register("bob", PASSWORD)


def test_the_limits_are_told_with_the_refusal(client: HeadlessClient) -> None:
    client.client.session.register("bob", "Bob", "short", "", True)
    assert refusal(client).params == {"min": 10}


def test_signing_in_before_there_is_a_connection_waits_for_it(
    service: Service, tmp_path: Path
) -> None:
    with HeadlessClient(tmp_path / "client", service.port) as client:
        client.client.session.sign_in(ADMIN, PASSWORD, True)
        assert client.client.account.busy
        client.until_live()


def test_p10_signing_in_with_no_server_there_is_told(room_dir: Path, tmp_path: Path) -> None:
    with running(room_dir, settings.load(room_dir, {}, {"tls": False, "port": 0})) as service:
        port = service.port
    with HeadlessClient(tmp_path / "client", port) as client:
        error = refusal(client)
        assert (error.field, error.code) == (Field.SERVER, "unreachable")
        client.client.session.sign_in(ADMIN, PASSWORD, True)
        client.until(lambda: not client.client.account.busy, "to be told")
        error = refusal(client)
        assert (error.field, error.code) == (Field.FORM, "unreachable")
        with running(room_dir, settings.load(room_dir, {}, {"tls": False, "port": port})):
            client.until(lambda: client.client.status.now.phase is Phase.GREETED, "to be greeted")
            client.sign_in(ADMIN, PASSWORD)


def test_an_address_that_is_none_is_told_and_changes_nothing(client: HeadlessClient) -> None:
    before = client.client.settings.values.server
    client.client.connect("not an address!")
    assert refusal(client) == FormError(Field.SERVER, "address_invalid")
    assert client.client.settings.values.server == before


def test_an_administrator_may_post_and_a_member_may_not(
    client: HeadlessClient, service: Service, tmp_path: Path
) -> None:
    client.sign_in(ADMIN, PASSWORD)
    assert client.client.account.may_post
    with HeadlessClient(tmp_path / "bob", service.port) as bob:
        bob.register("bob", PASSWORD)
        assert not bob.client.account.may_post


def test_signing_out_leaves_nothing_and_another_can_sign_in_at_once(
    client: HeadlessClient,
) -> None:
    client.sign_in(ADMIN, PASSWORD)
    client.client.posting.send(Draft("hello"))
    client.until_sent()
    client.client.session.sign_out()
    assert client.client.account.person is None and client.feed.ids == []
    client.client.session.register("bob", "Bob", PASSWORD, "", True)
    client.until_live()
    assert client.feed.texts == ["hello"] and not client.client.account.may_post


def test_a_kept_session_signs_in_by_itself_at_the_next_start(
    service: Service, tmp_path: Path
) -> None:
    credentials = MemoryCredentials()
    with HeadlessClient(tmp_path / "c", service.port, credentials) as client:
        client.sign_in(ADMIN, PASSWORD)
    with HeadlessClient(tmp_path / "c", service.port, credentials) as client:
        client.until_live()
        client.client.session.sign_out()
    with HeadlessClient(tmp_path / "c", service.port, credentials) as client:
        client.until(lambda: client.client.status.now.phase is Phase.GREETED, "to be greeted")
        assert client.client.account.person is None


def test_a_session_that_is_not_to_be_kept_is_not(service: Service, tmp_path: Path) -> None:
    credentials = MemoryCredentials()
    with HeadlessClient(tmp_path / "c", service.port, credentials) as client:
        client.client.session.sign_in(ADMIN, PASSWORD, False)
        client.until_live()
    assert credentials.load(f"{ADMIN}@tcp://127.0.0.1:{service.port}") is None
    assert not (tmp_path / "c" / "profile.json").exists()
    values = Settings(tmp_path / "c" / "settings.json").values
    assert (values.username, values.keep_signed_in) == (ADMIN, False)


def test_a_session_that_ended_over_there_asks_to_sign_in_again(
    service: Service, room_dir: Path, tmp_path: Path
) -> None:
    credentials = MemoryCredentials()
    with HeadlessClient(tmp_path / "c", service.port, credentials) as client:
        client.sign_in(ADMIN, PASSWORD)
    with open_store(room_dir) as store:
        store._database.execute("DELETE FROM sessions")
    with HeadlessClient(tmp_path / "c", service.port, credentials) as client:
        assert client.client.account.person is not None, "shown at once"
        assert refusal(client) == FormError(Field.FORM, "session_ended")
        client.sign_in(ADMIN, PASSWORD)


def test_p10_a_post_survives_signing_out_and_is_sent_by_its_author_only(
    room_dir: Path, tmp_path: Path
) -> None:
    with running(room_dir, settings.load(room_dir, {}, {"tls": False, "port": 0})) as service:
        port = service.port
        client = HeadlessClient(tmp_path / "c", port)
        client.__enter__()
        client.sign_in(ADMIN, PASSWORD)
    client.until(lambda: client.client.status.now.phase is Phase.WAITING, "to be offline")
    client.client.posting.send(Draft("written offline"))
    client.client.session.sign_out()
    assert client.client.outbox.items == []
    with running(room_dir, settings.load(room_dir, {}, {"tls": False, "port": port})):
        client.register("bob", PASSWORD)
        assert client.feed.texts == [] and client.client.outbox.items == []
        client.client.session.sign_out()
        client.sign_in(ADMIN, PASSWORD)
        client.until_sent()
        assert client.feed.texts == ["written offline"]
        client.client.close()


def test_p10_a_refused_post_keeps_its_text(client: HeadlessClient) -> None:
    client.register("bob", PASSWORD)
    client.client.posting.send(Draft("  not allowed  "))
    outbox = client.client.outbox
    client.until(lambda: outbox.items[0].state is PostState.REFUSED, "to be refused")
    assert outbox.items[0].reason == "not_permitted"
    assert client.client.posting.take_back(outbox.items[0].post_id) == Draft("  not allowed")
    assert outbox.items == []


def test_what_has_nothing_to_see_is_not_posted(client: HeadlessClient) -> None:
    client.sign_in(ADMIN, PASSWORD)
    client.client.posting.send(Draft(" \n "))
    assert client.client.outbox.items == []


def test_a_changed_role_is_known_at_the_next_sign_in(
    service: Service, room_dir: Path, tmp_path: Path
) -> None:
    credentials = MemoryCredentials()
    with HeadlessClient(tmp_path / "c", service.port, credentials) as client:
        client.register("bob", PASSWORD)
    with open_store(room_dir) as store:
        update = "UPDATE users SET role = ? WHERE username = 'bob'"
        store._database.execute(update, Role.ADMIN.value)
    with HeadlessClient(tmp_path / "c", service.port, credentials) as client:
        client.until_live()
        assert client.client.account.may_post


def test_a_full_room_is_the_reason_and_is_waited_for(room_dir: Path, tmp_path: Path) -> None:
    chosen = settings.load(room_dir, {}, {"tls": False, "port": 0, "max_connections": 1})
    with running(room_dir, chosen) as service, ExitStack() as stack:
        first = stack.enter_context(HeadlessClient(tmp_path / "1", service.port))
        first.until(lambda: first.client.status.now.phase is Phase.GREETED, "to be greeted")
        second = stack.enter_context(HeadlessClient(tmp_path / "2", service.port))
        second.until(lambda: second.client.status.now.reason == "room_full", "to be turned away")
        assert second.client.status.now.phase is Phase.WAITING


def test_a_cache_that_fails_costs_the_remembering_not_the_room(
    client: HeadlessClient, caplog: pytest.LogCaptureFixture
) -> None:
    client.sign_in(ADMIN, PASSWORD)
    client.client.posting.send(Draft("before"))
    client.until_sent()
    cache = client.client.kept.cache
    assert cache is not None
    cache._database.execute("PRAGMA query_only = ON")
    client.client.posting.send(Draft("after"))
    client.until(lambda: client.feed.texts == ["before", "after"], "to see both")
    client.until_sent()
    assert "going on without" in caplog.text


def test_settings_survive_and_bad_ones_are_gone_without(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "settings.json"
    Settings(path).change(theme="dark", language="zh", server="服务器:1")
    assert Settings(path).values.theme == "dark"
    path.write_bytes(b'{"theme": "neon"}')
    assert Settings(path).values.theme == "light"
    path.write_bytes(msgspec.json.encode({"theme": "dark", "from_the_future": 1}))
    assert Settings(path).values.theme == "dark"


def test_every_controller_that_lives_with_a_sign_in_is_begun_and_ended(tmp_path: Path) -> None:
    for found in pkgutil.walk_packages(controllers.__path__, "app.controllers."):
        importlib.import_module(found.name)
    with HeadlessClient(tmp_path / "client", 1) as headless:
        kept = [type(one) for one in headless.client._parts]
    assert sorted(kept, key=str) == sorted(SignInPart.__subclasses__(), key=str)
