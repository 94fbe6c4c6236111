"""Which server is taken for the right one: by join code, by a person, or not."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.models import profile as profiles
from app.models.connection.status import Phase
from protocol import joincode
from protocol.joincode import JoinCode
from server import settings
from server.certificates import CERTIFICATE_NAME, fingerprint_of
from server.service import Service
from server.setup import make_room
from tests.support.headless import HeadlessClient
from tests.support.running import ROOM, running

ADMIN = "alice"
PASSWORD = "a long enough password"
OTHER = b"\1" * 32


@pytest.fixture
def room_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "room"
    make_room(folder, ROOM, ADMIN, "Amelia Hart", PASSWORD)
    return folder


@pytest.fixture
def fingerprint(room_dir: Path) -> bytes:
    return fingerprint_of(room_dir / CERTIFICATE_NAME)


@pytest.fixture
def service(room_dir: Path) -> Iterator[Service]:
    with running(room_dir, settings.load(room_dir, {}, {"port": 0})) as service:
        yield service


def until(client: HeadlessClient, phase: Phase) -> None:
    client.until(lambda: client.client.status.now.phase is phase, f"to be {phase}")


def test_a_join_code_given_at_start_leads_into_the_room(
    tmp_path: Path, service: Service, fingerprint: bytes
) -> None:
    """As `--server` has it."""
    client = HeadlessClient(tmp_path / "c", service.port)
    code = joincode.write(JoinCode("127.0.0.1", service.port, fingerprint))
    client.client.settings.change(server=code)
    with client:
        client.sign_in(ADMIN, PASSWORD)
    assert client.client.settings.values.server == f"127.0.0.1:{service.port}"


def test_what_nobody_vouched_for_is_asked_about_once(
    tmp_path: Path, service: Service, fingerprint: bytes
) -> None:
    with HeadlessClient(tmp_path / "c", service.port) as client:
        client.client.connect(f"127.0.0.1:{service.port}")
        until(client, Phase.UNTRUSTED)
        now = client.client.status.now
        assert (now.shown_fingerprint, now.known_fingerprint) == (fingerprint.hex(), "")
        client.client.trust()
        client.sign_in(ADMIN, PASSWORD)
    with HeadlessClient(tmp_path / "c", service.port, fingerprint=fingerprint) as again:
        until(again, Phase.GREETED)


def test_a_changed_certificate_cannot_be_trusted_but_a_join_code_can(
    tmp_path: Path, service: Service, fingerprint: bytes
) -> None:
    with HeadlessClient(tmp_path / "c", service.port, fingerprint=OTHER) as client:
        until(client, Phase.UNTRUSTED)
        client.client.trust()
        client.client.reconnect_now()
        until(client, Phase.CONNECTING)
        until(client, Phase.UNTRUSTED)
        now = client.client.status.now
        assert (now.shown_fingerprint, now.known_fingerprint) == (fingerprint.hex(), OTHER.hex())
        code = JoinCode("127.0.0.1", service.port, fingerprint)
        client.client.connect(joincode.write(code))
        until(client, Phase.GREETED)
        assert client.client.status.now.shown_fingerprint == ""


@pytest.mark.parametrize(
    "host", ["127.0.0.1.", "127。0。0。1", "127.1", "0x7f000001", "[::ffff:127.0.0.1]"]
)
def test_a_changed_certificate_is_changed_however_the_host_is_spelt(
    host: str, tmp_path: Path, service: Service, fingerprint: bytes
) -> None:
    with HeadlessClient(tmp_path / "c", service.port, fingerprint=OTHER) as client:
        client.client.connect(f"{host}:{service.port}")
        until(client, Phase.UNTRUSTED)
        now = client.client.status.now
        assert (now.shown_fingerprint, now.known_fingerprint) == (fingerprint.hex(), OTHER.hex())
        client.client.trust()
        assert list(client.client.settings.values.pins.values()) == [OTHER.hex()]


def test_a_session_of_a_version_that_spelt_the_server_otherwise_goes_on(
    tmp_path: Path, service: Service, fingerprint: bytes
) -> None:
    folder, port = tmp_path / "c", service.port
    with HeadlessClient(folder, port, fingerprint=fingerprint) as client:
        client.sign_in(ADMIN, PASSWORD)
        credentials = client.credentials
    profile = profiles.load(folder)
    assert profile is not None
    old = msgspec.structs.replace(profile, server=f"127.1:{port}")
    profiles.save(folder, old)
    token = credentials.load(profile.account)
    assert token is not None
    credentials.forget(profile.account)
    credentials.save(old.account, token)
    pins = {f"127.1:{port}": fingerprint.hex()}
    stored = msgspec.json.encode({"server": old.server, "pins": pins})
    (folder / "settings.json").write_bytes(stored)
    with HeadlessClient(folder, port, credentials, is_told=False) as client:
        until(client, Phase.LIVE)
        kept = profiles.load(folder)
        assert kept == profile
        assert credentials.load(profile.account) == token
        assert credentials.load(old.account) is None


def test_a_form_that_was_sent_comes_back_when_the_server_is_not_the_right_one(
    tmp_path: Path, service: Service
) -> None:
    with HeadlessClient(tmp_path / "c", service.port, fingerprint=OTHER) as client:
        client.client.session.sign_in(ADMIN, PASSWORD, True)
        client.until(lambda: not client.client.account.busy, "to get the form back")
        assert client.client.account.person is None


def test_a_server_without_tls_is_told_so_and_nothing_is_said_to_it(
    tmp_path: Path, room_dir: Path
) -> None:
    plain = settings.load(room_dir, {}, {"tls": False, "port": 0})
    with (
        running(room_dir, plain) as service,
        HeadlessClient(tmp_path / "c", service.port, fingerprint=OTHER) as client,
    ):
        client.until(lambda: "no_tls" in client.reasons, "to be told")
        client.client.connect(f"tcp://127.0.0.1:{service.port}")
        client.sign_in(ADMIN, PASSWORD)
