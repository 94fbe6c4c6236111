"""How a message's attachments stand in a column."""

import json

from protocol.messages import Attachment

NONE = "[]"


def attachments_column(attachments: tuple[Attachment, ...]) -> str:
    """Return them as JSON: of each its fields, the digest in hexadecimal first. That is
    what the triggers read."""
    if not attachments:
        return NONE
    rows = [[one.sha256.hex(), one.name, one.size, one.width, one.height] for one in attachments]
    return json.dumps(rows, ensure_ascii=False)


def attachments_in(column: str) -> tuple[Attachment, ...]:
    """Return them as they were."""
    if column == NONE:
        return ()
    return tuple(Attachment(bytes.fromhex(digest), *rest) for digest, *rest in json.loads(column))
