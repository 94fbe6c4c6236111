"""Files that go with messages: what is done.

A file is known by the SHA-256 of its bytes and kept once. Its bytes are no part of the
store's transactions: they are there, whole and on the disk, before a message that they go
with is stored, and are dropped after the last one is gone, by whoever tidies up.
"""

import unicodedata
from collections.abc import Iterable

import msgspec

from protocol.limits import MAX_FILE_NAME_CHARS, PART_BYTES
from protocol.messages import Attachment
from protocol.refusals import Refusal
from server.domain.administration import NotFound
from server.domain.audit import Actor
from server.domain.errors import RequestRefused
from server.domain.messages.history import Draft, check_draft, is_no_text, is_visible
from server.domain.permissions import require_account
from server.domain.store import Store
from server.domain.user import Action

MAX_UNFINISHED = 50
"""Files of which a part is there; the next one has to wait."""

UNFINISHED_RETRY_MS = 60_000

UNUSED_KEPT_MS = 24 * 60 * 60 * 1000
"""How long is kept what nobody goes on sending, or posts."""


def offer(store: Store, actor: Actor, sha256: bytes, size: int, max_bytes: int, now_ms: int) -> int:
    """Expect a file, and return how much of it is there."""
    require_account(store, actor, Action.POST)
    if not max_bytes:
        raise RequestRefused(Refusal.ATTACHMENTS_OFF, "no files go with messages here")
    if size > max_bytes:
        raise RequestRefused(Refusal.ATTACHMENT_TOO_LARGE, f"at most {max_bytes} bytes")
    known, there = store.attachments.sizes(sha256)
    if known == size:
        return there
    if known and known == there:
        raise RequestRefused(Refusal.ATTACHMENT_DAMAGED, "this file has another size")
    if not known and store.attachments.unfinished() >= MAX_UNFINISHED:
        raise RequestRefused(Refusal.BUSY, "too many files are on their way", UNFINISHED_RETRY_MS)
    store.attachments.begin(sha256, size, now_ms)
    return 0


def add(
    store: Store, actor: Actor, sha256: bytes, offset: int, data: bytes, now_ms: int
) -> int | None:
    """Take some bytes of a file that was offered, and return how many of its bytes are
    there then; None: they were not those of the file."""
    require_account(store, actor, Action.POST)
    files = store.attachments
    size, there = files.sizes(sha256)
    if not size:
        raise NotFound("file")
    if offset != there or there == size:
        return there
    if len(data) != min(PART_BYTES, size - offset):
        raise RequestRefused(
            Refusal.ATTACHMENT_DAMAGED, f"a part has {PART_BYTES} bytes, but for the last"
        )
    if offset + len(data) < size:
        files.add(sha256, offset, data, now_ms)
    elif not files.finish(sha256, offset, data, now_ms):
        return None
    return offset + len(data)


def part(store: Store, sha256: bytes, offset: int, also_scheduled: bool) -> bytes:
    """Return some bytes of a file that goes with a message."""
    if not store.attachments.goes_with_a_message(sha256, also_scheduled):
        raise NotFound("file")
    return store.attachments.part(sha256, offset)


def check_draft_and_files(store: Store, draft: Draft, max_chars: int, now_ms: int) -> Draft:
    """Return the draft as it is stored, with its files: each is there whole, and has a name.
    Raises what `check_draft` does, and RequestRefused for a file that is not there."""
    checked = check_draft(draft, max_chars, now_ms)
    return msgspec.structs.replace(checked, attachments=_check(store, draft.attachments))


def _check(store: Store, attachments: Iterable[Attachment]) -> tuple[Attachment, ...]:
    checked = []
    for one in attachments:
        if store.attachments.sizes(one.sha256) != (one.size, one.size):
            raise RequestRefused(Refusal.ATTACHMENT_MISSING, "send the file first")
        checked.append(msgspec.structs.replace(one, name=_name(one.name)))
    return tuple(checked)


def _name(name: str) -> str:
    """Return a file's name without a path and without what can't be seen."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(" " if is_no_text(char) or char in "\t\n" else char for char in last)
    kept = unicodedata.normalize("NFC", " ".join(kept.split()))[-MAX_FILE_NAME_CHARS:]
    return kept if any(map(is_visible, kept)) else "file"
