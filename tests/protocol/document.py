"""docs/protocol.md as data: its tables, and its examples in hex."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from protocol import messages

PATH = Path(__file__).parents[2] / "docs" / "protocol.md"


@dataclass(frozen=True)
class Example:
    """A fenced block of hex and the line before it."""

    line: int
    """Where the block starts, for the reader of a failed test."""
    direction: str
    """C>S or S>C"""
    words: tuple[str, ...]
    """What else the fence says: a message's name, accepted, refused."""
    meaning: str
    """The line before the fence: the message and its fields."""
    data: bytes

    def __str__(self) -> str:
        return f"line {self.line}: {' '.join(self.words)}"


@cache
def text() -> str:
    return PATH.read_text(encoding="utf-8")


def section(heading: str) -> str:
    """The text under a heading, up to the next one of its level or above."""
    level, rest = len(heading) - len(heading.lstrip("#")), text()
    start = rest.index(f"\n{heading}\n") + 1
    following = re.compile(rf"^#{{1,{level}}} ", re.MULTILINE).search(rest, start + len(heading))
    return rest[start : following.start() if following else len(rest)]


def tables(part: str) -> list[list[list[str]]]:
    """The tables of a part, each a list of rows of cells, the head first."""
    found: list[list[list[str]]] = []
    within = False
    for line in part.splitlines():
        if not line.startswith("|"):
            within = False
            continue
        if not within:
            found.append([])
            within = True
        if not re.fullmatch(r"[|-]+", line):
            found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def table(part: str, *head: str) -> list[list[str]]:
    """The rows of the one table in a part that has this head."""
    (rows,) = (found[1:] for found in tables(part) if found[0] == list(head))
    return rows


def quoted(part: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", part)


def examples() -> Iterator[Example]:
    lines = text().splitlines()
    for index, line in enumerate(lines):
        if not line.startswith("```hex "):
            continue
        _, direction, *words = line.split()
        end = lines.index("```", index)
        data = "".join(row.partition(";")[0] for row in lines[index + 1 : end])
        (meaning,) = re.fullmatch(r"`(.+)`", lines[index - 1]).groups()  # type: ignore[union-attr]
        yield Example(index + 1, direction, tuple(words), meaning, bytes.fromhex(data))


def meant(meaning: str) -> Any:
    """The message that such a line means. Nothing of it is executed."""
    literal = re.sub(r"h'([0-9a-f]*)'", lambda found: repr(bytes.fromhex(found[1])), meaning)
    return _value(ast.parse(literal, mode="eval").body)


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Call(func=ast.Name(id=name), args=[], keywords=keywords):
            kind = getattr(messages, name)
            return kind(**{word.arg: _value(word.value) for word in keywords if word.arg})
        case ast.List(elts=items):
            return tuple(_value(item) for item in items)
        case ast.Name(id="true" | "false" as name):
            return name == "true"
        case ast.Constant(value=value):
            return value
    raise AssertionError(f"not understood: {ast.unparse(node)}")
