"""`audit`, `export`, `backup`, `restore` and `verify`: what is on record."""

import itertools
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from protocol.messages import AuditEntry
from server import settings
from server.certificates import CERTIFICATE_NAME, KEY_NAME
from server.cli.common import (
    data_option,
    fail,
    json_option,
    load_settings,
    reading,
    say,
    told_errors,
    when,
)
from server.operations.backup import BackupError, make_backup
from server.operations.backup import restore as restore_backup
from server.operations.export import Row, audit_row, message_row, record_row, write_csv, write_jsonl
from server.operations.lock import AlreadyServing
from server.operations.logs import one_line
from server.private_files import create_private
from server.storage.sqlite import FILE_NAME as DATABASE_NAME
from server.storage.sqlite import SqliteStore
from server.storage.sqlite.checks.attachments import amiss
from server.storage.sqlite.checks.verify import RECORDS, advice, ends, findings
from server.storage.sqlite.messages.attachments import FILE_NAME as ATTACHMENTS_NAME

FORMATS: dict[str, Callable[[Iterable[Row], TextIO], int]] = {
    "jsonl": write_jsonl,
    "csv": write_csv,
}

format_option = click.option(
    "--format",
    "file_format",
    type=click.Choice(list(FORMATS)),
    default="jsonl",
    show_default=True,
    help="JSON Lines, or CSV for a spreadsheet.",
)

_PAGE = 1000


@click.command(help="Show who did what, newest first; or write it all to a file.")
@data_option
@json_option
@click.option("--search", default="", help="Only entries with this in a name or the action.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--output", type=click.Path(path_type=Path), help="Write all of them here.")
@format_option
def audit(
    data_dir: Path,
    as_json: bool,
    search: str,
    limit: int,
    output: Path | None,
    file_format: str,
) -> None:
    with reading(data_dir) as store:
        if output is not None:
            with _writing(output, file_format, data_dir) as file:
                rows = map(audit_row, reversed(list(_entries(store, search))))
                count = FORMATS[file_format](rows, file)
            say({"written": count}, as_json, f"Entries written to {output}: {count}")
            return
        found, _ = store.audit.before(0, limit, search)
    say([audit_row(one) for one in found], as_json, "\n".join(map(_line, found)) or "Nothing yet.")


@click.command(help="Write the whole history to a file, or to standard output (-).")
@data_option
@json_option
@click.argument("output", default="-")
@format_option
@click.option(
    "--what",
    type=click.Choice(["messages", "confirmations"]),
    default="messages",
    show_default=True,
    help="The messages, or the record of everyone's answers with its hashes.",
)
def export(data_dir: Path, as_json: bool, output: str, file_format: str, what: str) -> None:
    with reading(data_dir) as store:
        rows: Iterable[Row] = map(message_row, store.history.whole())
        if what == "confirmations":
            rows = itertools.starmap(record_row, store.receipts.record())
        if output == "-":
            _plain_output()
            FORMATS[file_format](rows, sys.stdout)
            return
        with _writing(Path(output), file_format, data_dir) as file:
            count = FORMATS[file_format](rows, file)
    say({"written": count}, as_json, f"{what.capitalize()} written to {output}: {count}")


@click.command(help="Write a copy of the room, verified, to one file; also while it is served.")
@data_option
@json_option
@click.argument("destination", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
def backup(data_dir: Path, as_json: bool, destination: Path, overwrite: bool) -> None:
    with told_errors(), _told_backup_errors():
        _require_none_of_the_room(destination, data_dir)
        left_out = make_backup(data_dir, destination, load_settings(data_dir), overwrite)
    line = f"The room is in {destination}; keep it private."
    if left_out:
        line += f" Not in it, as it is kept elsewhere: {', '.join(left_out)}."
    say({"backup": str(destination), "left_out": left_out}, as_json, line)


@click.command(
    help="Put a backup's room into the data folder. What clients hold of the room may be newer "
    "than the backup, so they all load it anew."
)
@data_option
@json_option
@click.argument("backup_file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--overwrite", is_flag=True, help="Replace the room that is there; it is put aside.")
def restore(data_dir: Path, as_json: bool, backup_file: Path, overwrite: bool) -> None:
    with told_errors(), _told_backup_errors():
        aside = restore_backup(backup_file, data_dir, overwrite)
    line = f"The room from {backup_file} is in {data_dir}."
    if aside is not None:
        line += f" What was there is in {aside}."
    say({"restored": str(data_dir), "aside": str(aside or "")}, as_json, line)


@click.command(
    help="Check the database, its counters, the history and what is on record; change nothing. "
    "Keep the hashes that it prints elsewhere: they tell later whether a record was rewritten."
)
@data_option
@json_option
def verify(data_dir: Path, as_json: bool) -> None:
    with told_errors():
        room = data_dir / DATABASE_NAME
        found = findings(room) or amiss(room, data_dir / ATTACHMENTS_NAME)
        hints = [] if found else advice(room)
        kept = {} if found else ends(data_dir / DATABASE_NAME)
    lines = found or ["Everything is sound.", *hints]
    lines += [
        f"Entry {count} of {RECORDS[name]}: {newest}"
        for name, (count, newest) in kept.items()
        if count
    ]
    told = {name: {"entries": count, "hash": newest} for name, (count, newest) in kept.items()}
    say({"findings": found, "advice": hints, "records": told}, as_json, "\n".join(lines))
    if found:
        sys.exit(1)


def _entries(store: SqliteStore, search: str) -> Iterator[AuditEntry]:
    before, more = 0, True
    while more:
        page, more = store.audit.before(before, _PAGE, search)
        yield from page
        before = page[-1].id if page else 0


def _line(one: AuditEntry) -> str:
    parts = [when(one.at_ms), one.actor, one.action, one.subject, one.detail, one.address]
    return one_line("  ".join(filter(None, parts)))


@contextmanager
def _writing(path: Path, file_format: str, data_dir: Path) -> Iterator[TextIO]:
    """Write a file that is there whole or not at all."""
    _require_none_of_the_room(path, data_dir)
    if path.is_dir():
        fail(f"{path} is a folder; name a file")
    draft = path.with_name(path.name + ".part")
    # Spreadsheets take a CSV file for UTF-8 only with a byte order mark.
    encoding = "utf-8-sig" if file_format == "csv" else "utf-8"
    try:
        # Whatever the room holds is nobody else's on this machine.
        draft.unlink(missing_ok=True)
        with os.fdopen(create_private(draft), "w", encoding=encoding, newline="") as file:
            yield file
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _require_none_of_the_room(path: Path, data_dir: Path) -> None:
    for name in (DATABASE_NAME, settings.FILE_NAME, CERTIFICATE_NAME, KEY_NAME):
        if path.exists() and (data_dir / name).exists() and path.samefile(data_dir / name):
            fail(f"{path} is a part of the room itself; name another file")


def _plain_output() -> None:
    """Write to standard output for a program: UTF-8, and line ends as they are."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="strict", newline="")


@contextmanager
def _told_backup_errors() -> Iterator[None]:
    try:
        yield
    except (AlreadyServing, BackupError) as error:
        fail(str(error))
