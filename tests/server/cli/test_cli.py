"""`init` and `serve` as an operator types them, in processes of their own."""

import base64
import json
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from protocol import joincode
from protocol.joincode import JoinCode
from protocol.limits import MAX_ROOM_NAME_CHARS
from protocol.messages import CreateInvite, InviteCreated, Register, Role, SignedIn
from protocol.refusals import Refusal
from server.certificates import CERTIFICATE_NAME, KEY_NAME, fingerprint_of
from server.operations.lock import DataFolderLock
from server.passwords import verify_password
from server.storage.sqlite import FILE_NAME, open_store
from tests.support.wire import WireClient

PASSWORD = "a long enough password"


def run(*arguments: str | Path, say: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server", *map(str, arguments)],
        input=say,
        capture_output=True,
        encoding="utf-8",
        timeout=50,
        check=False,
    )


def init(folder: Path, *more: str, say: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    return run(
        "init", "--data", folder, "--admin", "alice", "--admin-password-file", "-", *more, say=say
    )


def test_init_makes_a_room_with_its_first_administrator(tmp_path: Path) -> None:
    folder = tmp_path / "数据 folder"
    done = init(folder, "--room-name", "Northgate School", "--admin-display-name", "Amelia Hart")
    assert done.returncode == 0, done.stderr
    assert PASSWORD not in done.stdout
    with open_store(folder) as store:
        alice = store.users.by_name("alice")
    assert alice is not None
    assert alice.role is Role.ADMIN
    assert alice.display_name == "Amelia Hart"
    assert 'room_name = "Northgate School"' in (folder / "rostrum.toml").read_text("utf-8")
    if os.name == "posix":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_init_never_touches_a_room_that_exists(tmp_path: Path) -> None:
    assert init(tmp_path).returncode == 0
    before = (tmp_path / "rostrum.toml").read_bytes()
    again = init(tmp_path, "--room-name", "Another")
    assert again.returncode == 1
    assert "already" in again.stderr
    assert (tmp_path / "rostrum.toml").read_bytes() == before


def test_init_prints_once_the_code_that_makes_the_first_administrator(tmp_path: Path) -> None:
    done = run("init", "--data", tmp_path, "--registration", "closed")
    assert done.returncode == 0, done.stderr
    printed = done.stdout.split("shown only now: ")[1].splitlines()[0]
    secret = joincode.read(printed).invite
    invite = base64.urlsafe_b64encode(secret).decode().rstrip("=")
    with Serving(tmp_path) as port:
        with WireClient(port) as client:
            client.hello()
            request = Register(client.number(), "alice", "Amelia", PASSWORD, "", invite)
            client.say(request)
            assert client.expect(SignedIn).person.role is Role.ADMIN
        with WireClient(port) as late:
            late.hello()
            request = Register(late.number(), "mallory", "Mallory", PASSWORD, "", invite)
            assert late.refusal(request).code == Refusal.REGISTRATION_CLOSED
    again = run("init", "--data", tmp_path)
    assert again.returncode == 1
    assert "already" in again.stderr


def test_init_says_that_there_is_a_room_before_it_asks_for_anything(tmp_path: Path) -> None:
    assert init(tmp_path).returncode == 0
    again = run("init", "--data", tmp_path)
    assert "already" in again.stderr
    assert again.stdout == ""


def test_init_that_was_interrupted_can_be_repeated(tmp_path: Path) -> None:
    (tmp_path / "rostrum.toml").write_text("port = 7999\n", encoding="utf-8")
    assert init(tmp_path).returncode == 0
    assert (tmp_path / "rostrum.toml").read_text("utf-8") == "port = 7999\n"


def test_a_generated_password_is_printed_once_and_signs_in(tmp_path: Path) -> None:
    done = run("init", "--data", tmp_path, "--admin", "alice", "--generate-password")
    password = done.stdout.split("Password, shown only now: ")[1].splitlines()[0]
    assert len(password) >= 16
    with Serving(tmp_path) as port, WireClient(port) as client:
        client.hello()
        assert client.sign_in("alice", password).person.role is Role.ADMIN


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--port", "99999"), "65535"),
        (("--host", "0.0.0.0", "--no-tls"), "allow_plaintext"),
        (("--registration", "perhaps"), "registration"),
        (("--admin", "no good!"), "username invalid"),
    ],
)
def test_init_says_what_is_wrong_and_makes_nothing(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    folder = tmp_path / "room"
    done = init(folder, *arguments)
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not folder.exists()


def test_init_that_was_interrupted_says_where_the_settings_there_differ(tmp_path: Path) -> None:
    (tmp_path / "rostrum.toml").write_text("port = 7999\n", encoding="utf-8")
    done = init(tmp_path, "--port", "7000")
    assert done.returncode == 1
    assert "port = 7999" in done.stderr
    assert init(tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ('tls_certificate = "mine.pem"\ntls_key = "mine.key"\n', "mine.pem"),
        ("port = 0\n", "port = 0"),
    ],
)
def test_init_makes_no_room_whose_first_join_code_it_cannot_tell(
    tmp_path: Path, wrong: str, says: str
) -> None:
    (tmp_path / "rostrum.toml").write_text(wrong, encoding="utf-8")
    done = run("init", "--data", tmp_path)
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    (tmp_path / "rostrum.toml").unlink()
    again = run("init", "--data", tmp_path)
    assert again.returncode == 0, again.stderr
    assert "shown only now" in again.stdout


def test_init_adds_nobody_to_a_room_that_lost_its_settings(tmp_path: Path) -> None:
    assert init(tmp_path).returncode == 0
    (tmp_path / "rostrum.toml").unlink()
    again = init(tmp_path, "--admin", "mallory")
    assert again.returncode == 1
    assert "already" in again.stderr
    with open_store(tmp_path) as store:
        assert store.users.by_name("mallory") is None
    assert not (tmp_path / "rostrum.toml").exists()


def test_a_password_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    assert init(tmp_path, say="\ufeff" + PASSWORD + "\r\nsecond line").returncode == 0
    with open_store(tmp_path) as store:
        alice = store.users.by_name("alice")
    assert alice is not None
    assert verify_password(alice.password_hash, PASSWORD)


def test_a_password_file_in_another_encoding_is_said(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(PASSWORD, encoding="utf-16")
    done = run(
        *("init", "--data", tmp_path / "room", "--admin", "alice"),
        *("--admin-password-file", tmp_path / "password"),
    )
    assert done.returncode == 1
    assert "UTF-8" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="Windows has no pseudo-terminal to type into")
def test_init_asks_for_what_it_was_not_given_until_it_is_right(tmp_path: Path) -> None:
    terminal = Terminal(
        *("init", "--data", tmp_path / "room"),
        *("--admin", "alice", "--admin-display-name", "Amelia Hart"),
    )
    for asked, typed in [
        ("room's name", "x" * (MAX_ROOM_NAME_CHARS + 1)),
        (f"<= {MAX_ROOM_NAME_CHARS}", ""),
        ("room's name", "Northgate School"),
        ("Password", "short"),
        ("epeat", "short"),
        ("at least 10", ""),
        ("Password", PASSWORD),
        ("epeat", PASSWORD),
        ("Start it with", ""),
    ]:
        terminal.expect(asked)
        if typed:
            terminal.type(typed)
    assert terminal.wait() == 0
    assert PASSWORD not in terminal.seen, "what is typed is not shown"
    with open_store(tmp_path / "room") as store:
        alice = store.users.by_name("alice")
    assert alice is not None
    assert alice.display_name == "Amelia Hart"
    assert verify_password(alice.password_hash, PASSWORD)


def test_init_refuses_a_weak_password(tmp_path: Path) -> None:
    done = init(tmp_path / "room", say="short")
    assert done.returncode == 1
    assert "password too short" in done.stderr


@pytest.mark.parametrize("folder", [".", "missing"])
def test_serve_without_a_room_says_what_to_do(tmp_path: Path, folder: str) -> None:
    done = run("serve", "--data", tmp_path / folder)
    assert done.returncode == 1
    assert "rostrum-server init" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_says_that_another_server_is_there(tmp_path: Path) -> None:
    init(tmp_path)
    with DataFolderLock(tmp_path):
        done = run("serve", "--data", tmp_path, "--port", "0")
    assert done.returncode == 1
    assert "another server" in done.stderr


def test_serve_says_that_the_port_is_taken(tmp_path: Path) -> None:
    init(tmp_path / "one")
    init(tmp_path / "two")
    with Serving(tmp_path / "one") as port:
        done = run("serve", "--data", tmp_path / "two", "--port", str(port))
    assert done.returncode == 1
    assert "can't listen on 127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("host", ["chat..example.org", "x" * 64 + ".example.org"])
def test_serve_says_that_a_host_is_none(tmp_path: Path, host: str) -> None:
    assert init(tmp_path).returncode == 0
    (tmp_path / "rostrum.toml").write_text(f'host = "{host}"\n', encoding="utf-8")
    done = run("serve", "--data", tmp_path, "--port", "0")
    assert done.returncode == 1
    assert "is no host name" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_refuses_a_newer_and_a_damaged_room(tmp_path: Path) -> None:
    init(tmp_path)
    database = sqlite3.connect(tmp_path / FILE_NAME)
    with database:
        database.execute("INSERT INTO migrations VALUES ('9999_future', 1)")
    database.close()
    newer = run("serve", "--data", tmp_path, "--port", "0")
    assert newer.returncode == 1
    assert "newer version" in newer.stderr
    (tmp_path / FILE_NAME).write_bytes(b"damaged" * 1000)
    damaged = run("serve", "--data", tmp_path, "--port", "0")
    assert damaged.returncode == 1
    assert "can't be read" in damaged.stderr
    assert "Traceback" not in newer.stderr + damaged.stderr


class Serving:
    """`python -m server serve` while a block runs; gives the port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> int:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "server", "serve", "--data", str(self._folder), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        assert self._process.stdout is not None
        return int(self._process.stdout.readline().rsplit(":", 1)[1])

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


class Terminal:
    """A command run at a pseudo-terminal, as a person at a console would."""

    def __init__(self, *arguments: str | Path) -> None:
        self._fd, theirs = os.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "server", *map(str, arguments)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.seen = ""
        self._passed = 0

    def expect(self, text: str) -> None:
        """Read until this text is shown, after what was expected before."""
        while (at := self.seen.find(text, self._passed)) < 0:
            self.seen += self._read()
        self._passed = at + len(text)

    def type(self, line: str) -> None:
        os.write(self._fd, line.encode() + b"\n")

    def wait(self) -> int:
        code = self._process.wait(20)
        os.close(self._fd)
        return code

    def _read(self) -> str:
        try:
            return os.read(self._fd, 4096).decode()
        except OSError as error:
            self._process.kill()
            raise AssertionError(f"the command ended after showing: {self.seen}") from error


def test_the_join_code_leads_to_the_room_and_its_certificate(tmp_path: Path) -> None:
    host = ("--public-host", "chat.example", "--port", "7999")
    made = init(tmp_path, *host)
    printed = run("join-code", "--data", tmp_path).stdout.strip()
    assert printed in made.stdout
    fingerprint = fingerprint_of(tmp_path / CERTIFICATE_NAME)
    assert joincode.read(printed) == JoinCode("chat.example", 7999, fingerprint)
    other = run("join-code", "--data", tmp_path, "--host", "10.0.0.5", "--port", "443").stdout
    assert joincode.read(other) == JoinCode("10.0.0.5", 443, fingerprint)


def test_a_port_that_a_router_leads_from_is_in_all_join_codes(tmp_path: Path) -> None:
    chosen = ("--public-host", "chat.northgate.school", "--public-port", "443")
    made = run("init", "--data", tmp_path, "--host", "0.0.0.0", "--port", "0", *chosen, "--json")
    first = json.loads(made.stdout)["join_code"]
    printed = run("join-code", "--data", tmp_path).stdout
    invite = run("invite", "--data", tmp_path).stdout
    with Serving(tmp_path) as port, WireClient(port) as client:
        client.hello()
        secret = base64.urlsafe_b64encode(joincode.read(first).invite).decode().rstrip("=")
        client.ask(Register(2, "alice", "Amelia", PASSWORD, "", secret), SignedIn)
        made_in_window = client.ask(CreateInvite(9, Role.MEMBER, 1, 60_000, ""), InviteCreated)
    codes = [first, printed, invite, made_in_window.join_code]
    assert [(code.host, code.port) for code in map(joincode.read, codes)] == [
        ("chat.northgate.school", 443)
    ] * 4


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ((), "127.0.0.1"),
        (("--host", "0.0.0.0", "--public-host", "localhost"), "that machine itself"),
        (("--host", "0.0.0.0", "--public-host", "Chat.Example.org."), "a name for examples"),
        (("--host", "::", "--public-host", "::1"), "that machine itself"),
        (("--public-host", "chat.northgate.school"), "listens at 127.0.0.1"),
        (("--host", "0.0.0.0", "--public-host", "chat.northgate.school"), ""),
        (("--public-host", "chat.northgate.school", "--public-port", "443"), ""),
        (("--host", "0.0.0.0", "--public-host", "myexample.org"), ""),
    ],
)
def test_init_warns_of_a_code_that_leads_nobody_here(
    chosen: tuple[str, ...], reason: str, tmp_path: Path
) -> None:
    made = run("init", "--data", tmp_path, *chosen)
    assert made.returncode == 0 and "Join code" in made.stdout
    assert bool(made.stderr) == bool(reason) and reason in made.stderr, made.stderr
    for command in ("join-code", "invite"):
        again = run(command, "--data", tmp_path)
        assert (again.returncode, again.stderr) == (0, made.stderr)


def test_there_is_no_join_code_without_a_room_or_a_port(tmp_path: Path) -> None:
    nowhere = run("join-code", "--data", tmp_path / "none")
    assert nowhere.returncode == 1
    assert "there is no room" in nowhere.stderr
    made = init(tmp_path, "--port", "0")
    assert "Join code" not in made.stdout
    nowhere_yet = run("join-code", "--data", tmp_path)
    assert nowhere_yet.returncode == 1
    assert "port = 0" in nowhere_yet.stderr


def test_the_join_code_of_a_server_without_tls_says_so(tmp_path: Path) -> None:
    init(tmp_path, "--no-tls")
    code = joincode.read(run("join-code", "--data", tmp_path).stdout)
    assert (code.plain, code.fingerprint) == (True, b"")


def test_a_room_of_before_there_was_tls_gets_a_certificate_when_it_is_served(
    tmp_path: Path,
) -> None:
    init(tmp_path)
    for name in (CERTIFICATE_NAME, KEY_NAME):
        (tmp_path / name).unlink()
    with Serving(tmp_path) as port, WireClient(port) as client:
        client.hello()
    assert fingerprint_of(tmp_path / CERTIFICATE_NAME)


def test_a_certificate_that_cannot_be_used_is_named_and_nothing_is_served(tmp_path: Path) -> None:
    init(tmp_path)
    (tmp_path / KEY_NAME).write_text("no key", encoding="ascii")
    done = run("serve", "--data", tmp_path, "--port", "0")
    assert done.returncode == 1
    assert KEY_NAME in done.stderr
    assert "Traceback" not in done.stderr


def test_what_init_prints_a_program_can_read(tmp_path: Path) -> None:
    done = run("init", "--data", tmp_path / "a", "--public-host", "chat.example.org", "--json")
    told = json.loads(done.stdout)
    assert told["data_dir"] == str(tmp_path / "a")
    assert joincode.read(told["join_code"]).invite
    done = run("init", "--data", tmp_path / "b", "--admin", "alice", "--json")
    told = json.loads(done.stdout)
    assert told["administrator"] == "alice"
    with open_store(tmp_path / "b") as store:
        alice = store.users.by_name("alice")
    assert alice is not None and verify_password(alice.password_hash, told["password"])


def test_where_it_listens_a_program_can_read(tmp_path: Path) -> None:
    assert init(tmp_path).returncode == 0
    serving = subprocess.Popen(
        [sys.executable, "-m", "server", "serve", "--json", "--data", tmp_path, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert serving.stdout is not None
        told = json.loads(serving.stdout.readline())
        assert told["host"] == "127.0.0.1"
        with WireClient(told["port"]) as client:
            client.hello()
    finally:
        serving.kill()
        serving.communicate()
