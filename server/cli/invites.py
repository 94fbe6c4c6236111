"""`invite` and `join-code`: how people come to the room."""

import re
from pathlib import Path

import click
from click.core import ParameterSource

from protocol.limits import MAX_INVITE_USES, MAX_INVITE_VALID_MS, MAX_INVITES_TOLD, MAX_NOTE_CHARS
from protocol.messages import Invite, Registration, Role
from server.certificates import fingerprint_in_use
from server.cli.common import (
    data_option,
    fail,
    json_option,
    load_settings,
    now_ms,
    reading,
    room,
    say,
    told_errors,
    when,
)
from server.domain import administration
from server.domain.audit import OPERATOR
from server.domain.invites import new_secret
from server.join_codes import doubt
from server.join_codes import join_code as write_join_code
from server.operations.logs import one_line
from server.settings import Settings, SettingsError
from server.storage.sqlite import FILE_NAME as DATABASE_NAME

DEFAULT_EXPIRY = "7d"
_UNITS_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}


def parse_duration_ms(typed: str) -> int:
    """Return `30m`, `12h`, `7d` in milliseconds. Raises click.BadParameter."""
    found = re.fullmatch(r"([1-9][0-9]{0,5})([mhd])", typed.strip())
    if found is None or int(found[1]) * _UNITS_MS[found[2]] > MAX_INVITE_VALID_MS:
        raise click.BadParameter(f"{typed!r}: like 30m, 12h or 7d; at most 366d")
    return int(found[1]) * _UNITS_MS[found[2]]


def join_code_with(chosen: Settings, data_dir: Path, invite: bytes = b"") -> str:
    """Return the join code of the room in this folder, as it is served by these settings.
    Raises SettingsError and CertificateError."""
    if not (chosen.public_port or chosen.port):
        raise SettingsError("port = 0 is another one at each start; choose one for a join code")
    return write_join_code(chosen, chosen.port, fingerprint_in_use(chosen, data_dir), invite)


def warn_of(chosen: Settings) -> None:
    """Say on standard error what speaks against the join codes of a server with
    these settings, if anything does."""
    why = doubt(chosen)
    if why:
        click.echo(
            f"rostrum-server: nobody elsewhere will get here by this join code: {why}. "
            "Set host, public_host and public_port in the settings.",
            err=True,
        )


@click.command(
    "join-code", help="Print the code that leads a client to this room and makes it know it."
)
@data_option
@json_option
@click.option("--host", help="The name or address by which clients reach this machine.")
@click.option("--port", type=int, help="The TCP port by which they do.")
def join_code(data_dir: Path, as_json: bool, host: str | None, port: int | None) -> None:
    with told_errors():
        if not (data_dir / DATABASE_NAME).exists():
            fail(f"there is no room in {data_dir}; make one: rostrum-server init")
        chosen = load_settings(data_dir, public_host=host, public_port=port)
        code = join_code_with(chosen, data_dir)
    warn_of(chosen)
    say({"join_code": code}, as_json, code)


@click.group(
    invoke_without_command=True,
    help="Print a join code that lets its bearer create an account; list and revoke invites.",
)
@data_option
@json_option
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.MEMBER.value,
    show_default=True,
    help="Of the accounts that are created by it.",
)
@click.option(
    "--uses",
    type=click.IntRange(1, MAX_INVITE_USES),
    default=1,
    show_default=True,
    help="How many accounts may be created by it.",
)
@click.option(
    "--expires",
    default=DEFAULT_EXPIRY,
    show_default=True,
    help="For how long it counts: 30m, 12h, 7d.",
)
@click.option("--note", default="", help="Whom it is for, for the list of invites.")
@click.option("--host", help="The name or address by which clients reach this machine.")
@click.option("--port", type=int, help="The TCP port by which they do.")
@click.pass_context
def invite(
    context: click.Context,
    data_dir: Path,
    as_json: bool,
    role: str,
    uses: int,
    expires: str,
    note: str,
    host: str | None,
    port: int | None,
) -> None:
    if context.invoked_subcommand is not None:
        _require_bare(context, context.invoked_subcommand)
        return
    valid_for_ms = parse_duration_ms(expires)
    note = " ".join(note.split())[:MAX_NOTE_CHARS]
    with told_errors():
        chosen = load_settings(data_dir, public_host=host, public_port=port)
        secret = new_secret()
        with room(data_dir) as store:
            # Written first, so that nothing is stored where it can't be.
            code = join_code_with(chosen, data_dir, secret)
            made = administration.create_invite(
                store, OPERATOR, secret, Role(role), uses, valid_for_ms, note, now_ms()
            )
            is_closed = chosen.registration is Registration.CLOSED and store.users.count_admins()
    if is_closed:
        click.echo(
            "rostrum-server: nobody can use it now: registration is closed in the settings",
            err=True,
        )
    warn_of(chosen)
    say({"join_code": code, "invite": made}, as_json, code)


def _require_bare(context: click.Context, command: str) -> None:
    # Passed over, `--data` would let the command work on another room.
    for option in context.command.params:
        if context.get_parameter_source(str(option.name)) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{option.opts[0]} goes after {command}, not before it")


@invite.command("list", help="Show the invites, newest first.")
@data_option
@json_option
def list_invites(data_dir: Path, as_json: bool) -> None:
    with reading(data_dir) as store:
        found = store.invites.newest(MAX_INVITES_TOLD)
    say(found, as_json, "\n".join(_line(one) for one in found) or "There are no invites.")


@invite.command("revoke", help="End an invite before its time; give the number that list shows.")
@data_option
@json_option
@click.argument("number", type=int)
def revoke(data_dir: Path, as_json: bool, number: int) -> None:
    with room(data_dir) as store:
        administration.revoke_invite(store, OPERATOR, number, now_ms())
    say({"revoked": number}, as_json, f"Invite #{number} does not count any more.")


def _line(one: Invite) -> str:
    if one.revoked:
        state = "revoked"
    elif one.used >= one.uses:
        state = "used up"
    elif one.expires_at_ms <= now_ms():
        state = f"expired {when(one.expires_at_ms)}"
    else:
        state = f"until {when(one.expires_at_ms)}"
    used = f"{one.used} of {one.uses} used"
    parts = [f"#{one.id}", one.role.value, used, state, one.note]
    return one_line("  ".join(filter(None, parts)))
