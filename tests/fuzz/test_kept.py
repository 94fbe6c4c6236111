"""What the fuzzers have found is played by every test run."""

from collections.abc import Iterator

import pytest

from tests.fuzz import decoding, kept, talking
from tests.fuzz.stage import Stage, stage


@pytest.fixture(scope="module")
def on() -> Iterator[Stage]:
    with stage() as made:
        yield made


def test_p9_whatever_bytes_come_are_decoded_or_refused() -> None:
    inputs = kept.read("decoder")
    assert len(inputs) > 100
    for data in inputs:
        decoding.one_input(data)


def test_p9_whatever_two_peers_say_is_answered_once_and_tells_no_secrets(on: Stage) -> None:
    scripts = kept.read("session")
    assert len(scripts) > 100
    for script in scripts:
        talking.play(on, script)
