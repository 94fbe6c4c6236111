"""The server's settings: `rostrum.toml` in the data folder, then ROSTRUM_…
variables over it, then flags over those.

A key or value that is wrong is named, with what was expected.
"""

import difflib
import ipaddress
import json
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from protocol.limits import (
    DEFAULT_PORT,
    MAX_DESCRIPTION_CHARS,
    MAX_ROOM_NAME_CHARS,
    MAX_TEXT_CHARS,
)
from protocol.messages import Registration

FILE_NAME = "rostrum.toml"
ENVIRONMENT_PREFIX = "ROSTRUM_"

SELECT_LIMIT = 512
"""Sockets that select() takes on Windows: CPython is built with this
FD_SETSIZE (Modules/selectmodule.c)."""

SELECT_RESERVE = 12
"""Of those, what the server itself needs: the listener, the wake-up socket,
and the peers that are being told that the room is full."""

MAX_CONNECTIONS = 10_000

MAX_HOST_CHARS = 253
"""The longest name (RFC 1035, 2.3.4), and what a join code has room for."""


class SettingsError(Exception):
    """A setting is wrong; the text says which, and what was expected."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything an operator can set. Counts are characters (code points)."""

    room_name: Annotated[str, Meta(min_length=1, max_length=MAX_ROOM_NAME_CHARS)] = "Rostrum"
    description: Annotated[str, Meta(max_length=MAX_DESCRIPTION_CHARS)] = ""
    host: Annotated[str, Meta(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = DEFAULT_PORT
    public_host: str = ""
    """The name or address by which clients reach this machine, for join codes."""
    public_port: Annotated[int, Meta(ge=0, le=65535)] = 0
    """The port by which they do, where a router leads from another one; 0: `port`."""
    registration: Registration = Registration.INVITE
    text_max_chars: Annotated[int, Meta(ge=1, le=MAX_TEXT_CHARS)] = MAX_TEXT_CHARS
    attachment_max_mib: Annotated[int, Meta(ge=0, le=100)] = 10
    """How large a file may be that goes with a message, in MiB; 0: none may."""
    keep_days: Annotated[int, Meta(ge=0, le=36_500)] = 0
    """After how many days a message is let go of; 0: never."""
    asks_attention: bool = True
    """Whether administrators are told why somebody may not have seen an urgent message:
    the screen is locked, in full screen, or they asked not to be disturbed."""
    max_connections: Annotated[int, Meta(ge=1, le=100_000)] = MAX_CONNECTIONS
    max_connections_per_address: Annotated[int, Meta(ge=1, le=100_000)] = 1_000
    """From one IPv4 address or IPv6 /64; a whole office may sit behind one."""
    max_not_signed_in: Annotated[int, Meta(ge=1, le=100_000)] = 1_000
    max_requests_per_second: Annotated[int, Meta(ge=1, le=1_000_000)] = 200
    """Of one connection; beyond, it is not read for a while."""
    max_hashes_waiting: Annotated[int, Meta(ge=1, le=10_000)] = 100
    tls: bool = True
    tls_certificate: str = ""
    """A PEM file, from the data folder; the room's own certificate where empty."""
    tls_key: str = ""
    allow_plaintext: bool = False
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    metrics_port: Annotated[int, Meta(ge=0, le=65535)] = 0
    """Where /health and /metrics are told, on 127.0.0.1; 0: nowhere."""

    @property
    def connections(self) -> int:
        """How many connections are really taken: no more than the system's
        selector can hold."""
        if sys.platform == "win32":
            return min(self.max_connections, SELECT_LIMIT - SELECT_RESERVE)
        return self.max_connections

    @property
    def attachment_bytes(self) -> int:
        """The largest file that may go with a message."""
        return self.attachment_max_mib * 1024 * 1024

    @property
    def not_signed_in(self) -> int:
        """How many connections may wait for somebody to sign in: half of all, so
        that there is room for those who have."""
        return min(self.max_not_signed_in, max(1, self.connections // 2))


def check_chosen(values: Mapping[str, object]) -> Settings:
    """Return the settings that these values make. Raises SettingsError."""
    return _require_servable(_check(values, "the settings"))


def load(data_dir: Path, environment: Mapping[str, str], flags: Mapping[str, object]) -> Settings:
    """Return the settings in force. Flags that are None were not given.

    Raises SettingsError.
    """
    values = _read(data_dir / FILE_NAME)
    values |= _from_environment(environment)
    values |= {key: value for key, value in flags.items() if value is not None}
    return check_chosen(values)


def write_new(data_dir: Path, values: Mapping[str, object]) -> None:
    """Write the file for a new room: what was chosen, and the rest as comments.

    Raises FileExistsError rather than touch what an operator wrote.
    """
    chosen = check_chosen(values)
    lines = ["# Rostrum's settings. A line that is commented out shows its default.", ""]
    for field in msgspec.structs.fields(Settings):
        value = getattr(chosen, field.name)
        mark = "" if field.name in values else "# "
        lines.append(f"{mark}{field.name} = {_toml(value)}")
    path = data_dir / FILE_NAME
    if path.exists():
        raise FileExistsError(f"{path} is there already")
    # Whole or not at all, should the machine stop here.
    draft = path.with_suffix(".new")
    draft.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    draft.replace(path)


def require_in_file(data_dir: Path, values: Mapping[str, object]) -> None:
    """Raises SettingsError where the file in this folder says otherwise."""
    path = data_dir / FILE_NAME
    in_file = check_chosen(_read(path))
    chosen = check_chosen(_read(path) | dict(values))
    for key in values:
        stored, wanted = getattr(in_file, key), getattr(chosen, key)
        if stored != wanted:
            raise SettingsError(
                f"{path} is there already, with {key} = {_toml(stored)}: "
                f"leave out {key} = {_toml(wanted)}, or edit the file"
            )


def is_loopback(host: str) -> bool:
    """Tell whether an address to listen on can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read(path: Path) -> dict[str, object]:
    try:
        # Windows' editors may begin a file with a byte order mark.
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    _check(values, str(path))
    return values


def _toml(value: object) -> str:
    # A JSON string, number or boolean is a TOML one, too, but for DEL and for
    # the surrogate pairs that JSON's escapes would make.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _check(values: Mapping[str, object], source: str) -> Settings:
    try:
        return msgspec.convert(values, Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{source}: {_explain(str(error), values)}") from None


def _require_servable(settings: Settings) -> Settings:
    if not (settings.tls or settings.allow_plaintext or is_loopback(settings.host)):
        raise SettingsError(
            f"tls = false with host = {settings.host!r} would send passwords and messages through "
            "the network for anyone to read. Leave tls on, or use a loopback address, or set "
            "allow_plaintext = true where everyone on the network may be trusted."
        )
    if bool(settings.tls_certificate) != bool(settings.tls_key):
        raise SettingsError("tls_certificate and tls_key go together: set both, or neither")
    if settings.public_host and not _is_host(settings.public_host):
        raise SettingsError(
            f"public_host = {settings.public_host!r}: a name or an address alone is expected, "
            "without a port, a path or brackets"
        )
    return settings


def _is_host(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return len(text) <= MAX_HOST_CHARS and not re.search(r"[\s/:@\[\]]", text)
    return True


def _explain(error: str, values: Mapping[str, object]) -> str:
    known = [field.name for field in msgspec.structs.fields(Settings)]
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"
            return f"there is no setting {key!r}{hint}"
    # msgspec names the place as `$.port`.
    return error.replace("`$.", "`")


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(Settings):
        name = ENVIRONMENT_PREFIX + field.name.upper()
        if name not in environment:
            continue
        try:
            # Lax: "7450" is a port and "true" a switch.
            values[field.name] = msgspec.convert(environment[name], field.type, strict=False)
        except msgspec.ValidationError as error:
            raise SettingsError(f"{name}: {error}") from None
    return values
