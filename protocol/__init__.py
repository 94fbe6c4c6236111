"""The wire contract between a Rostrum client and a Rostrum server.

Pure: bytes in, messages out. Nothing here does I/O, starts a thread or looks
at a clock; the two ends bring those. `docs/protocol.md` states the same
contract for someone who writes a client in another language.

    limits      every bound and time-out that both ends must agree on
    messages    the wire messages, one class each
    refusals    why a request is refused, why a connection is closed
    framing     length-prefixed frames: the byte stream cut into bodies
    codec       a frame's body to a message and back
    states      the state table and the machine that fires it
    connection  the four doors: bytes in, end in, bytes out, messages out
"""
