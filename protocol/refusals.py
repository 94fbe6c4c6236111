"""Why a request is refused (`Refused.code`) and a connection closed
(`Goodbye.code`).

Codes are plain strings on the wire, so that an older client can show a newer
server's refusal: it falls back to `detail`. Each code has one sentence for
people in every translation; tests hold the lists together.
"""

from enum import StrEnum


class Refusal(StrEnum):
    """The codes of `Refused`: whose fault, and what the person can do."""

    # The peer's program is at fault.
    VERSION_UNSUPPORTED = "version_unsupported"
    MALFORMED = "malformed"
    UNKNOWN_MESSAGE = "unknown_message"
    NOT_NOW = "not_now"

    # The person can correct something.
    WRONG_CREDENTIALS = "wrong_credentials"
    USERNAME_TAKEN = "username_taken"
    USERNAME_INVALID = "username_invalid"
    DISPLAY_NAME_INVALID = "display_name_invalid"
    DISPLAY_NAME_TAKEN = "display_name_taken"
    PASSWORD_TOO_SHORT = "password_too_short"
    PASSWORD_TOO_LONG = "password_too_long"
    PASSWORD_TOO_SIMPLE = "password_too_simple"
    INVITE_INVALID = "invite_invalid"
    RESET_CODE_INVALID = "reset_code_invalid"
    PASSWORD_NEEDED = "password_needed"
    TOO_MANY_PINS = "too_many_pins"
    TOO_MANY_TEMPLATES = "too_many_templates"
    TEMPLATE_NAME_INVALID = "template_name_invalid"
    TOO_MANY_SCHEDULED = "too_many_scheduled"
    SCHEDULE_TIME_INVALID = "schedule_time_invalid"
    CHANGED_MEANWHILE = "changed_meanwhile"
    ATTACHMENTS_OFF = "attachments_off"
    ATTACHMENT_TOO_LARGE = "attachment_too_large"
    ATTACHMENT_DAMAGED = "attachment_damaged"
    ATTACHMENT_MISSING = "attachment_missing"
    ANSWERS_INVALID = "answers_invalid"
    EXPIRY_INVALID = "expiry_invalid"
    WITHDRAWN = "withdrawn"
    NOT_ASKED = "not_asked"
    CHOICE_INVALID = "choice_invalid"
    ANSWER_FINAL = "answer_final"
    SEARCH_EMPTY = "search_empty"
    TEXT_EMPTY = "text_empty"
    TEXT_TOO_LONG = "text_too_long"
    TEXT_INVALID = "text_invalid"

    # Somebody decided so.
    REGISTRATION_CLOSED = "registration_closed"
    INVITE_NEEDED = "invite_needed"
    AWAITING_APPROVAL = "awaiting_approval"
    ACCOUNT_DISABLED = "account_disabled"
    LAST_ADMINISTRATOR = "last_administrator"
    NOT_FOUND = "not_found"
    NOT_PERMITTED = "not_permitted"
    SESSION_ENDED = "session_ended"

    # The server can't, now, or will not yet.
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    TOO_SOON = "too_soon"
    BUSY = "busy"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    AHEAD_OF_ROOM = "ahead_of_room"
    INTERNAL = "internal"


class Farewell(StrEnum):
    """The codes of `Goodbye`, the server's last word on a connection."""

    SERVER_STOPPING = "server_stopping"
    ROOM_FULL = "room_full"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    SILENT = "silent"
    TOO_SLOW = "too_slow"
    FRAME_TOO_LARGE = "frame_too_large"
    PROTOCOL_ERROR = "protocol_error"
    SIGNED_OUT = "signed_out"
    ACCOUNT_DISABLED = "account_disabled"
