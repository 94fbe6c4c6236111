"""Frames: however the bytes are cut on their way, the same bodies come out."""

import itertools
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.framing import FrameReader, FrameTooLarge, frame

CAP = 64


def feed_in_pieces(reader: FrameReader, data: bytes, cuts: list[int]) -> list[bytes]:
    bodies: list[bytes] = []
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    for start, end in itertools.pairwise(places):
        reader.feed(data[start:end])
        bodies += reader.bodies()
    return bodies


def test_a_frame_is_a_big_endian_length_and_the_body() -> None:
    assert frame(b"") == b"\0\0\0\0"
    assert frame(b"ab") == b"\0\0\0\2ab"
    assert frame(bytes(0x010203))[:4] == b"\0\1\2\3"


@given(st.lists(st.binary(max_size=CAP), max_size=8), st.lists(st.integers(0, 600), max_size=20))
def test_any_cuts_give_the_same_bodies(bodies: list[bytes], cuts: list[int]) -> None:
    reader = FrameReader(CAP)
    data = b"".join(map(frame, bodies))
    assert feed_in_pieces(reader, data, cuts) == bodies
    assert reader.buffered == 0


@given(st.lists(st.binary(max_size=CAP), max_size=5))
def test_byte_by_byte(bodies: list[bytes]) -> None:
    reader = FrameReader(CAP)
    data = b"".join(map(frame, bodies))
    assert feed_in_pieces(reader, data, list(range(len(data)))) == bodies


def test_every_cut_of_a_frame_waits_for_the_rest() -> None:
    whole = frame(b"a body of some bytes")
    for cut in range(len(whole)):
        reader = FrameReader(CAP)
        reader.feed(whole[:cut])
        assert list(reader.bodies()) == []
        assert reader.buffered == cut
        reader.feed(whole[cut:])
        assert list(reader.bodies()) == [b"a body of some bytes"]


def test_what_follows_a_frame_is_kept_for_the_next() -> None:
    reader = FrameReader(CAP)
    reader.feed(frame(b"one") + b"\0\0")
    assert list(reader.bodies()) == [b"one"]
    assert reader.buffered == 2
    reader.feed(b"\0\3two")
    assert list(reader.bodies()) == [b"two"]


def test_a_body_as_long_as_the_cap_is_taken() -> None:
    reader = FrameReader(CAP)
    reader.feed(frame(bytes(CAP)))
    assert list(reader.bodies()) == [bytes(CAP)]


@pytest.mark.parametrize("length", [CAP + 1, 2**31, 2**32 - 1])
def test_p9_a_length_beyond_the_cap_ends_it_before_the_body(length: int) -> None:
    reader = FrameReader(CAP)
    prefix = length.to_bytes(4, "big")
    reader.feed(prefix[:3])
    assert list(reader.bodies()) == []
    reader.feed(prefix[3:])
    with pytest.raises(FrameTooLarge) as raised:
        list(reader.bodies())
    assert (raised.value.length, raised.value.cap) == (length, CAP)


def test_p9_there_is_no_way_past_a_frame_that_is_too_large() -> None:
    reader = FrameReader(CAP)
    reader.feed(frame(bytes(CAP + 1)) + frame(b"after it"))
    for _ in range(2):
        with pytest.raises(FrameTooLarge):
            list(reader.bodies())


def test_frames_before_one_that_is_too_large_are_taken_first() -> None:
    reader = FrameReader(CAP)
    reader.feed(frame(b"one") + frame(bytes(CAP + 1)))
    bodies = reader.bodies()
    assert next(bodies) == b"one"
    with pytest.raises(FrameTooLarge):
        next(bodies)


def test_the_cap_of_the_moment_holds_for_the_next_frame() -> None:
    reader = FrameReader(8)
    reader.feed(frame(bytes(8)) + frame(bytes(9)) + frame(bytes(9)))
    bodies = reader.bodies()
    assert next(bodies) == bytes(8)
    reader.cap = 9
    assert next(bodies) == bytes(9)
    reader.cap = 8
    with pytest.raises(FrameTooLarge):
        next(bodies)


def test_a_reader_that_is_left_half_way_loses_nothing() -> None:
    reader = FrameReader(CAP)
    reader.feed(frame(b"one") + frame(b"two"))
    assert next(reader.bodies()) == b"one"
    assert list(reader.bodies()) == [b"two"]


def test_p9_a_peer_that_announces_much_and_sends_little_holds_little() -> None:
    cap = 1024 * 1024
    tracemalloc.start()
    try:
        reader = FrameReader(cap)
        reader.feed(cap.to_bytes(4, "big") + b"x")
        assert list(reader.bodies()) == []
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 64 * 1024


def test_p9_work_grows_with_the_bytes_and_not_with_their_square() -> None:
    """Were the rest of the buffer moved for every frame, the first half would
    move 6 TB; were it copied for every byte, the second half would, 500 GB."""
    count = 1_600_000
    many = FrameReader(CAP)
    many.feed(frame(b"\x90") * count)
    assert sum(1 for _ in many.bodies()) == count

    length = 1024 * 1024
    slow = FrameReader(length)
    bodies: list[bytes] = []
    for byte in frame(bytes(length)):
        slow.feed(bytes((byte,)))
        bodies += slow.bodies()
    assert bodies == [bytes(length)]
