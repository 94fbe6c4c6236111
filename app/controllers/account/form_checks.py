"""What can be told of the sign-in form's content without the server.

That spares a round trip, and is a courtesy: the server decides all the same (P6).
But what can't be sent at all has to be told here. Each check returns what is wrong
first, or None.
"""

from app.models.connection.account import Field, FormError
from app.models.connection.address import parse_destination
from app.models.connection.status import RoomInfo
from app.models.text import can_be_sent
from protocol.joincode import looks_like_one
from protocol.limits import MAX_DISPLAY_NAME_CHARS, MAX_PASSWORD_CHARS, MAX_RESET_CODE_CHARS
from protocol.messages import Limits, Registration
from protocol.refusals import Refusal

_FIELDS: dict[str, Field] = {
    Refusal.WRONG_CREDENTIALS: Field.PASSWORD,
    Refusal.TOO_MANY_ATTEMPTS: Field.PASSWORD,
    Refusal.PASSWORD_TOO_SHORT: Field.PASSWORD,
    Refusal.PASSWORD_TOO_LONG: Field.PASSWORD,
    Refusal.PASSWORD_TOO_SIMPLE: Field.PASSWORD,
    Refusal.USERNAME_TAKEN: Field.USERNAME,
    Refusal.DISPLAY_NAME_TAKEN: Field.DISPLAY_NAME,
    Refusal.USERNAME_INVALID: Field.USERNAME,
    Refusal.DISPLAY_NAME_INVALID: Field.DISPLAY_NAME,
    Refusal.INVITE_NEEDED: Field.INVITE,
    Refusal.INVITE_INVALID: Field.INVITE,
    Refusal.RESET_CODE_INVALID: Field.CODE,
    Refusal.AWAITING_APPROVAL: Field.NOTICE,
}

_UNKNOWN = Limits(username_min_chars=0, password_min_chars=0)
"""Until a server has told its limits nothing is too short for it."""


def form_error(code: str, room: RoomInfo | None) -> FormError:
    """Return a refusal of what the form asked for, beside its field, with the bounds of
    this room."""
    params: dict[str, int | str] = {}
    if room is not None:
        limits = room.limits
        if code == Refusal.USERNAME_INVALID:
            params = {"min": limits.username_min_chars, "max": limits.username_max_chars}
        elif code == Refusal.DISPLAY_NAME_INVALID:
            params = {"max": limits.display_name_max_chars}
        elif code == Refusal.PASSWORD_TOO_SHORT:
            params = {"min": limits.password_min_chars}
        elif code == Refusal.PASSWORD_TOO_LONG:
            params = {"max": limits.password_max_chars}
    return FormError(_FIELDS.get(code, Field.FORM), code, params)


def check_sign_in(username: str, password: str, room: RoomInfo | None) -> FormError | None:
    """Check what somebody signs in with."""
    return (
        _check_filled(username, Field.USERNAME)
        or _check_filled(password, Field.PASSWORD)
        or _check(_may_exist(username, password), Refusal.WRONG_CREDENTIALS, room)
    )


def check_registration(
    username: str, display_name: str, password: str, has_invite: bool, room: RoomInfo | None
) -> FormError | None:
    """Check what somebody creates an account with."""
    if room is not None and room.registration is Registration.INVITE and not has_invite:
        return FormError(Field.INVITE, Refusal.INVITE_NEEDED)
    limits = room.limits if room is not None else _UNKNOWN
    is_name = limits.username_min_chars <= len(username) <= limits.username_max_chars
    is_display_name = len(display_name) <= limits.display_name_max_chars
    return (
        _check_filled(username, Field.USERNAME)
        or _check_filled(display_name, Field.DISPLAY_NAME)
        or _check_filled(password, Field.PASSWORD)
        or _check(is_name and can_be_sent(username), Refusal.USERNAME_INVALID, room)
        or _check(is_display_name and can_be_sent(display_name), Refusal.DISPLAY_NAME_INVALID, room)
        or _check_new_password(password, room)
    )


def check_reset(username: str, code: str, password: str, room: RoomInfo | None) -> FormError | None:
    """Check what somebody comes back with who has a reset code."""
    is_code = _may_exist(username, code) and len(code) <= MAX_RESET_CODE_CHARS
    return (
        _check_filled(username, Field.USERNAME)
        or _check_filled(code, Field.CODE)
        or _check_filled(password, Field.PASSWORD)
        or _check(is_code, Refusal.RESET_CODE_INVALID, room)
        or _check_new_password(password, room)
    )


def find_invite(join_code: str, address: str, pin: str) -> bytes | FormError:
    """Return the invite that a typed join code has, or what is wrong with that: it is
    told to no server but its own. `address` is that of the server in use, `pin` the
    fingerprint that it is known by, in hex; empty: there is none."""
    destination = parse_destination(join_code) if looks_like_one(join_code) else None
    if destination is None:
        return FormError(Field.INVITE, "join_code_invalid")
    if not destination.invite:
        return FormError(Field.INVITE, "join_code_without_invite")
    if destination.fingerprint:
        # The same server may be known by several names.
        is_its_own = pin == destination.fingerprint.hex()
    else:
        is_its_own = str(destination.address) == address
    return destination.invite if is_its_own else FormError(Field.INVITE, "join_code_elsewhere")


def _check_new_password(password: str, room: RoomInfo | None) -> FormError | None:
    limits = room.limits if room is not None else _UNKNOWN
    return (
        _check(len(password) >= limits.password_min_chars, Refusal.PASSWORD_TOO_SHORT, room)
        or _check(len(password) <= limits.password_max_chars, Refusal.PASSWORD_TOO_LONG, room)
        or _check(can_be_sent(password), Refusal.TEXT_INVALID, room)
    )


def _check_filled(value: str, field: Field) -> FormError | None:
    return None if value else FormError(field, f"{field.value}_empty")


def _check(is_good: bool, code: Refusal, room: RoomInfo | None) -> FormError | None:
    return None if is_good else form_error(code, room)


def _may_exist(username: str, password: str) -> bool:
    """Tell whether any server could have such an account: the wire's own bounds, beyond
    which it hangs up in place of refusing."""
    return (
        len(username) <= 2 * MAX_DISPLAY_NAME_CHARS
        and len(password) <= 2 * MAX_PASSWORD_CHARS
        and can_be_sent(username + password)
    )
