"""Real windows on $DISPLAY; without one these tests fail, they are not
skipped. One window lives at a time."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.window import Window


@pytest.fixture
def window(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Window]:
    """A window; whatever goes wrong in one of its callbacks fails the test."""
    window = Window(tmp_path)
    yield window
    window.close()
    wrong = [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    assert not wrong, wrong[0].exc_text or wrong[0].getMessage()
