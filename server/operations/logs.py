"""How the server writes its log: one line an event, for people or as JSON.

What is about a connection bears its number, as `#12` or as the key
`connection`. Passwords, tokens, codes and the texts of messages are never
logged; `tests/server/operations/test_logs.py` watches over it.
"""

import json
import logging
import sys
import time
from collections.abc import MutableMapping
from typing import Any, Literal, TextIO

from server.operations.log_writer import LogWriter

Format = Literal["text", "json"]


class ConnectionLog(logging.LoggerAdapter[logging.Logger]):
    """A logger for one connection, whose number every line of it bears."""

    def __init__(self, logger: logging.Logger, number: int) -> None:
        super().__init__(logger, {"connection": number})

    def process(
        self, msg: Any, kwargs: MutableMapping[str, Any]
    ) -> tuple[Any, MutableMapping[str, Any]]:
        """Add the number."""
        kwargs["extra"] = self.extra
        return msg, kwargs


class TextFormatter(logging.Formatter):
    """When, how bad, where, which connection, what: in one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for this event."""
        number = getattr(record, "connection", None)
        about = "" if number is None else f"#{number}: "
        line = f"{_time(record)} {record.levelname} {record.name}: {about}{record.getMessage()}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return one_line(line)


class JsonFormatter(logging.Formatter):
    """An object with the keys `time` (UTC, RFC 3339), `level`, `logger`,
    `message`, and where there is one, `connection` and `error`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object for this event, in one line."""
        told: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        number = getattr(record, "connection", None)
        if number is not None:
            told["connection"] = number
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


FORMATTERS: dict[Format, type[logging.Formatter]] = {"text": TextFormatter, "json": JsonFormatter}


def start(level: str, form: Format, stream: TextIO | None = None) -> None:
    """Write everything from this level on to the stream, at once, or to standard
    error, without ever waiting for it."""
    handler = logging.StreamHandler(stream) if stream is not None else LogWriter(sys.stderr)
    handler.setFormatter(FORMATTERS[form]())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def _time(record: logging.LogRecord) -> str:
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{moment}.{int(record.msecs):03}Z"


def one_line(text: str) -> str:
    """Return the text with all that can't be seen escaped. A peer chooses some of the
    words: none of them begins a line of its own, or moves a terminal's cursor."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )
