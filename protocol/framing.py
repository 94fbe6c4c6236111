"""Length-prefixed frames: a byte stream cut into bodies.

A frame is a 4-byte big-endian length N, then N bytes. The length is checked
against the cap of the moment before the body is awaited, so a peer can make
this end hold no more than the cap plus one read.
"""

from collections.abc import Iterator

from protocol.limits import LENGTH_PREFIX_BYTES


class FrameTooLarge(Exception):
    """A peer announced a body beyond the cap; the stream can't go on."""

    def __init__(self, length: int, cap: int) -> None:
        super().__init__(f"a body of {length} bytes was announced; at most {cap} are accepted")
        self.length = length
        self.cap = cap


class FrameReader:
    """Collects bytes and yields the bodies of whole frames.

    `cap` is the longest body accepted, in bytes. It may be changed between two
    bodies (signing in raises it) and holds for the next frame's length.
    """

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self._buffer = bytearray()

    @property
    def buffered(self) -> int:
        """Bytes received that no body was made of yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Take what the peer sent next; `bodies` cuts it."""
        self._buffer += data

    def bodies(self) -> Iterator[bytes]:
        """Yield each whole body that has arrived, in order.

        Lazy: the caller handles one body, which may change `cap`, before the
        next is cut; what it leaves stays for the next call.

        Raises FrameTooLarge as soon as a length beyond `cap` is known.
        """
        while (body := self._next()) is not None:
            yield body

    def _next(self) -> bytes | None:
        buffer = self._buffer
        if len(buffer) < LENGTH_PREFIX_BYTES:
            return None
        length = int.from_bytes(buffer[:LENGTH_PREFIX_BYTES], "big")
        if length > self.cap:
            raise FrameTooLarge(length, self.cap)
        end = LENGTH_PREFIX_BYTES + length
        if len(buffer) < end:
            return None
        body = bytes(buffer[LENGTH_PREFIX_BYTES:end])
        del buffer[:end]
        return body


def frame(body: bytes) -> bytes:
    """Return a body with its length in front, ready for the wire."""
    return len(body).to_bytes(LENGTH_PREFIX_BYTES, "big") + body
