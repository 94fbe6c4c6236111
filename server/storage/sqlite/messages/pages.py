"""How much of what was found goes into one answer."""

from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

import msgspec

from protocol.codec import encoded_bytes

Item = TypeVar("Item", bound=msgspec.Struct)

MEASURED_TOGETHER = 50


def as_many_as_fit(found: Iterable[Item], limit: int, max_bytes: int) -> tuple[list[Item], bool]:
    """Return the first of them, up to the limit and to this size on the wire but at least
    one, and whether any were left over."""
    page: list[Item] = []
    size = 0
    items = iter(found)
    # Some together, as long as they fit: each by itself costs as much as reading it.
    while some := list(islice(items, MEASURED_TOGETHER)):
        together = encoded_bytes(some)
        if len(page) + len(some) <= limit and size + together <= max_bytes:
            page += some
            size += together
            continue
        for item in some:
            size += encoded_bytes(item)
            if len(page) == limit or (page and size > max_bytes):
                return page, True
            page.append(item)
    return page, False
