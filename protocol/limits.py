"""Every bound that both ends of a connection must agree on.

A limit that the operator may change (a text's length, say) is announced in
`Welcome`; the constants here are the defaults and the hard ceilings.
"""

PROTOCOL_VERSION = 1
"""The one version of the wire contract that this code speaks."""

DEFAULT_PORT = 7450
"""The TCP port that a server listens on unless told otherwise."""

LENGTH_PREFIX_BYTES = 4
"""A frame starts with its body's length as an unsigned big-endian integer."""

# Caps on a frame's body, checked when the length is known and before the body
# is read, so that a peer never makes the other end hold more than this.
MAX_BODY_BEFORE_SIGN_IN_BYTES = 4 * 1024
MAX_BODY_FROM_CLIENT_BYTES = 64 * 1024
MAX_BODY_FROM_SERVER_BYTES = 1024 * 1024

MAX_INTEGER = 2**63 - 1
"""The largest id, revision, request number or time: SQLite's INTEGER."""

MAX_TIME_MS = 253_402_300_799_999
"""The last moment of the year 9999, UTC: the latest that ISO 8601 and most
languages' calendars know. No later one is asked for."""

MAX_EXPIRY_AHEAD_MS = 100 * 366 * 24 * 60 * 60 * 1000
"""How far off a message's expiry may be: a hundred years."""

MAX_TEXT_CHARS = 4000
"""A message's text, in Unicode code points. At four UTF-8 bytes each it still
fits a client's frame."""

MAX_ANSWERS = 4
MAX_ANSWER_CHARS = 40
"""Of a roll-call: as many as can be read at a glance."""

MAX_PINS = 5

MAX_TEMPLATES = 50
"""With the longest texts they fit into one frame."""

MAX_TEMPLATE_NAME_CHARS = 60

MAX_SCHEDULED = 200
"""The most messages that wait for their time; also, how many one `GetScheduled` may ask
for."""

MAX_SCHEDULE_AHEAD_MS = 2 * 366 * 24 * 60 * 60 * 1000
"""How far off the time of a scheduled message may be: two years."""

MAX_POSTED_LATE_MS = 24 * 60 * 60 * 1000
"""How late a scheduled message is still posted by itself."""

MAX_ATTACHMENT_BYTES = 100 * 1024 * 1024
"""The largest file that an operator may allow."""

PART_BYTES = 32 * 1024
"""Of a file, in one message: half a client's frame, and on its way for so short that it
holds nothing up (P5)."""

MAX_ATTACHMENTS = 1
"""Files that go with one message."""

MAX_FILE_NAME_CHARS = 120
MAX_PICTURE_SIDE = 65_535
"""Of a picture's width and height, in pixels."""

MIN_USERNAME_CHARS = 3
MAX_USERNAME_CHARS = 32
MAX_DISPLAY_NAME_CHARS = 64
MIN_PASSWORD_CHARS = 10
MAX_PASSWORD_CHARS = 256
"""Long enough for any passphrase; bounded so that hashing is, too."""

MAX_ROOM_NAME_CHARS = 80
MAX_DESCRIPTION_CHARS = 200
MAX_AGENT_CHARS = 100
MAX_DEVICE_CHARS = 100
MAX_INVITE_CHARS = 100
MAX_JOIN_CODE_CHARS = 600
MAX_RESET_CODE_CHARS = 40
MAX_SEARCH_CHARS = 100
MAX_FOUND = 50
"""The most messages that one `Search` may ask for."""

MAX_NOTE_CHARS = 100
"""What an administrator writes on an invite."""

MAX_CODE_CHARS = 40
MAX_DETAIL_CHARS = 300

POST_ID_BYTES = 16
"""A post's own id: 128 random bits made by the author's client (P2)."""

SESSION_TOKEN_BYTES = 32
"""A session token: 256 random bits made by the server."""

DIGEST_BYTES = 32
"""A SHA-256."""

ROOM_ID_BYTES = 16
"""A room's own id: 128 random bits made when its data folder was."""

MAX_PAGE_MESSAGES = 200
"""The most messages that one `GetHistory` may ask for."""

MAX_CHANGES_MESSAGES = 1000
MAX_CHANGES_BYTES = 256 * 1024
"""What one `Changes`, `History` or `Versions` carries at most, as it is encoded,
unless its first element alone is more: well under a frame's cap, and small
enough that catching up never delays a new message for long."""

MAX_VERSIONS = 50
"""The most earlier texts that one `Versions` tells."""

MAX_SESSIONS_TOLD = 100
MAX_INVITES_TOLD = 200
MAX_PEOPLE_PAGE = 100
MAX_AUDIT_PAGE = 200
"""The most of each that one answer tells."""

MAX_TALLIES = 200
MAX_OWN_RECEIPTS = 100
MAX_SEEN_SPANS = 100
MAX_ROSTER_PAGE = 2_000
"""As many people as fit well into one frame with the longest names."""

ANSWER_OPEN_MS = 5 * 60 * 1000
"""How long after the first answer to a message another one is taken."""

MAX_ANSWERS_OF_ONE = 10
"""How often one person may answer one message, changes counted: each is kept for
good."""

REMIND_EVERY_MS = 5 * 60 * 1000
"""How often the same message is reminded of at most."""

MAX_INVITE_USES = 10_000
MAX_INVITE_VALID_MS = 366 * 24 * 60 * 60 * 1000
"""A year: an invite that is forgotten must not be good for ever."""

PASSWORD_FRESH_S = 600.0
"""How long after a password was given an administrator is not asked for it
again before what could do harm."""

HELLO_LIMIT_S = 10.0
"""A peer that has not said `Hello` by then is sent away."""

FRAME_LIMIT_S = 30.0
"""A frame that takes longer from its first byte to its last is not waited for:
16 kbit/s bring the longest in this time."""

PING_WHEN_QUIET_S = 15.0
"""A client sends `Ping` when it has sent nothing for this long."""

ANSWER_TIMEOUT_S = 10.0
"""A client that hears nothing at all for this long after a request or a
`Ping` takes the connection for broken."""

SILENCE_LIMIT_S = 45.0
"""The server drops a peer from which nothing came for this long: three times
PING_WHEN_QUIET_S, so that two lost pings are forgiven."""
