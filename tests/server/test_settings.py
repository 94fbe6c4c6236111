"""Settings: the file, the environment, the flags; and what is wrong with them."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from protocol.messages import Registration
from server import settings
from server.settings import Settings, SettingsError


def load(folder: Path, text: str = "", environment: dict[str, str] | None = None) -> Settings:
    (folder / settings.FILE_NAME).write_text(text, encoding="utf-8")
    return settings.load(folder, environment or {}, {})


def test_the_defaults_are_those_of_the_design(tmp_path: Path) -> None:
    chosen = settings.load(tmp_path, {}, {})
    assert (chosen.host, chosen.port, chosen.text_max_chars) == ("127.0.0.1", 7450, 4000)
    assert chosen.registration is Registration.INVITE
    assert not chosen.allow_plaintext


def test_flags_go_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    (tmp_path / settings.FILE_NAME).write_text("port = 1\nroom_name = '房间'", encoding="utf-8")
    assert load(tmp_path, "port = 1\nroom_name = '房间'").room_name == "房间"
    assert load(tmp_path, "port = 1", {"ROSTRUM_PORT": "2"}).port == 2
    flagged = settings.load(tmp_path, {"ROSTRUM_PORT": "2"}, {"port": 3, "host": None})
    assert (flagged.port, flagged.host) == (3, "127.0.0.1")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("prot = 1", "'prot'; did you mean 'port'"),
        ("colour = 1", "no setting 'colour'; there are"),
        ("port = 'x'", "int"),
        ("port = 70000", "65535"),
        ("room_name = ''", "room_name"),
        ("registration = 'maybe'", "registration"),
        ("text_max_chars = 5000", "4000"),
        ("port = ", rf"{settings.FILE_NAME}"),
        ("host = '0.0.0.0'\ntls = false", "allow_plaintext"),
        ("host = 'chat.example'\ntls = false", "allow_plaintext"),
        ("tls_certificate = 'mine.pem'", "tls_key"),
        ("tls_key = 'mine.pem'", "tls_certificate"),
        ("public_host = 'chat.example.org:7450'", "without a port"),
        ("public_host = 'https://chat.example.org'", "without a port"),
        ("public_host = '[2001:db8::1]'", "brackets"),
        ("public_host = 'chat example'", "public_host"),
        (f"public_host = '{'a' * 254}'", "public_host"),
    ],
)
def test_what_is_wrong_is_named_with_what_was_expected(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        load(tmp_path, text)


@pytest.mark.parametrize(
    "host", ["", "chat.example.org", "10.0.0.1", "2001:db8::1", "fe80::1%eth0"]
)
def test_a_name_or_an_address_is_a_public_host(tmp_path: Path, host: str) -> None:
    assert load(tmp_path, f"public_host = '{host}'").public_host == host


def test_what_is_wrong_in_the_environment_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ROSTRUM_PORT"):
        load(tmp_path, "", {"ROSTRUM_PORT": "many"})
    assert load(tmp_path, "", {"ROSTRUM_ALLOW_PLAINTEXT": "true"}).allow_plaintext


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_plain_tcp_is_for_loopback(tmp_path: Path, host: str) -> None:
    assert load(tmp_path, f"host = '{host}'\ntls = false").host == host


def test_plain_tcp_elsewhere_takes_so_many_words(tmp_path: Path) -> None:
    plain = "host = '0.0.0.0'\ntls = false\nallow_plaintext = true"
    assert load(tmp_path, plain).host == "0.0.0.0"
    assert load(tmp_path, "host = '0.0.0.0'").tls, "and TLS takes none"


@pytest.mark.parametrize("name", ['Quote " and \\ back', "Zeile\nzwei", "房间 🔔", "\x7f"])
def test_a_new_file_is_read_back_as_it_was_meant(tmp_path: Path, name: str) -> None:
    settings.write_new(tmp_path, {"room_name": name, "port": 7000})
    chosen = settings.load(tmp_path, {}, {})
    assert (chosen.room_name, chosen.port) == (name, 7000)
    with pytest.raises(FileExistsError):
        settings.write_new(tmp_path, {})


def test_a_new_file_shows_every_setting(tmp_path: Path) -> None:
    settings.write_new(tmp_path, {})
    text = (tmp_path / settings.FILE_NAME).read_text(encoding="utf-8")
    assert tomllib.loads(text) == {}
    shown = tomllib.loads(text.replace("# ", "").split("\n\n", 1)[1])
    assert set(shown) == {field.name for field in msgspec.structs.fields(Settings)}


def test_windows_select_bounds_the_connections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    assert Settings(max_connections=10_000).connections == 500
    assert Settings(max_connections=20).connections == 20


def test_a_byte_order_mark_is_no_part_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / settings.FILE_NAME).write_text("port = 7001", encoding="utf-8-sig")
    assert settings.load(tmp_path, {}, {}).port == 7001


def test_what_a_file_says_otherwise_is_named(tmp_path: Path) -> None:
    settings.write_new(tmp_path, {"port": 7001})
    settings.require_in_file(tmp_path, {"port": 7001, "registration": "invite"})
    with pytest.raises(SettingsError, match=r"port = 7001.*port = 7002"):
        settings.require_in_file(tmp_path, {"port": 7002})
