"""What the operator's commands share."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn

import click
import msgspec
import platformdirs

from server import settings
from server.certificates import CertificateError
from server.clock import SYSTEM
from server.domain.administration import NotFound
from server.domain.errors import RequestRefused
from server.domain.store import CorruptRoom, SchemaTooNew
from server.domain.user import User
from server.settings import Settings, SettingsError
from server.storage.sqlite import SqliteStore, open_store

DEFAULT_DATA_DIR = Path(platformdirs.user_data_dir("Rostrum Server", appauthor=False))

data_option = click.option(
    "--data",
    "data_dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_DATA_DIR,
    show_default=True,
    help="The data folder.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def now_ms() -> int:
    """Return milliseconds since 1970."""
    return SYSTEM.now_ms()


def load_settings(data_dir: Path, **flags: object) -> Settings:
    """Return the settings in force for this folder. Raises SettingsError."""
    return settings.load(data_dir, os.environ, flags)


@contextmanager
def told_errors() -> Iterator[None]:
    """Tell what can go wrong in one line, and exit with status 1."""
    try:
        yield
    except FileNotFoundError as error:
        fail(f"{error}; make one: rostrum-server init" if error.errno is None else str(error))
    except RequestRefused as error:
        fail(f"{error.code.replace('_', ' ')}: {error.detail}")
    except (CertificateError, SettingsError, CorruptRoom, SchemaTooNew, OSError) as error:
        fail(str(error))
    except UnicodeEncodeError:
        fail("what was typed has characters that are none in this system's encoding")
    except OverflowError:
        fail("there is no number so large here")


@contextmanager
def room(data_dir: Path) -> Iterator[SqliteStore]:
    """Open the room's store, beside a server that may be running; whatever is done within
    is one transaction. Errors are told as `told_errors` does."""
    with reading(data_dir) as store, store.transaction():
        yield store


@contextmanager
def reading(data_dir: Path) -> Iterator[SqliteStore]:
    """Open the store to look and change nothing: a server is not kept waiting."""
    with told_errors(), open_store(data_dir) as store:
        yield store


def find_user(store: SqliteStore, username: str) -> User:
    """Return the account with this name. Raises NotFound."""
    user = store.users.by_name(username)
    if user is None:
        raise NotFound(f"account: {username}")
    return user


def say(result: object, as_json: bool, line: str) -> None:
    """Print what came out: the line for a person, or the result for a program."""
    if as_json:
        click.echo(json.dumps(_with_names(result)))
    else:
        click.echo(line)


def _with_names(value: object) -> object:
    # On the wire structures are arrays; here their fields have names.
    if isinstance(value, msgspec.Struct):
        return {name: _with_names(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, list):
        return [_with_names(item) for item in value]
    if isinstance(value, dict):
        return {name: _with_names(item) for name, item in value.items()}
    return value


def when(time_ms: int) -> str:
    """Return a time as an operator reads it, in the machine's own time zone."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(time_ms / 1000)) if time_ms else "never"


def first_line(file: BinaryIO) -> str:
    """Return a password from a file."""
    try:
        # Windows' tools may begin the text with a byte order mark.
        return file.readline().decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        fail("the password is not in UTF-8")


def fail(text: str) -> NoReturn:
    """Say what is wrong and end."""
    click.echo(f"rostrum-server: {text}", err=True)
    sys.exit(1)
