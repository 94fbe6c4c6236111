"""The audit log as a file for a spreadsheet."""

import csv
from pathlib import Path

import pytest

from app.models.pages.audit_file import COLUMNS, AuditFile, utc
from protocol.limits import MAX_INTEGER
from protocol.messages import AuditEntry


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def entry(number: int, subject: str, detail: str = "") -> AuditEntry:
    return AuditEntry(number, 1_795_446_000_000, "alice", "removed", subject, "192.0.2.7", detail)


def test_it_holds_every_entry_and_excel_knows_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    file = AuditFile(path)
    file.add_entries([entry(2, "王芳"), entry(1, 'He said "no", twice\nand left')])
    assert not path.exists(), "nobody opens half of it"
    file.finish()
    assert path.read_bytes().startswith(b"\xef\xbb\xbf") and file.entries == 2
    head, first, second = read(path)
    assert tuple(head) == COLUMNS
    assert first == ["2", "2026-11-23 15:00:00", "alice", "removed", "王芳", "192.0.2.7", ""]
    assert second[4] == 'He said "no", twice\nand left'
    assert [left.name for left in tmp_path.iterdir()] == ["log.csv"]


@pytest.mark.parametrize("start", [*"=+-@\t\r\n＝＋－＠", " =", "\u3000＝"])
def test_no_cell_is_a_formula(tmp_path: Path, start: str) -> None:
    file = AuditFile(tmp_path / "log.csv")
    file.add_entries([entry(1, f"{start}cmd|' /C calc'!A0", f"{start}1")])
    file.finish()
    (_, row) = read(tmp_path / "log.csv")
    assert row[4] == f"'{start}cmd|' /C calc'!A0" and row[6] == f"'{start}1"
    assert row[0] == "1" and row[2] == "alice", "what is none is left alone"


def test_given_up_it_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("older", encoding="utf-8")
    file = AuditFile(path)
    file.add_entries([entry(1, "bob")])
    file.give_up()
    assert path.read_text(encoding="utf-8") == "older"
    assert [left.name for left in tmp_path.iterdir()] == ["log.csv"]


def test_a_place_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        AuditFile(tmp_path / "nowhere" / "log.csv")


def test_a_moment_that_no_calendar_reaches_is_its_number(tmp_path: Path) -> None:
    assert utc(0) == "1970-01-01 00:00:00" and utc(MAX_INTEGER) == str(MAX_INTEGER)


def test_half_a_character_does_not_stop_it(tmp_path: Path) -> None:
    file = AuditFile(tmp_path / "log.csv")
    file.add_entries([entry(1, "a\ud800b")])
    file.finish()
    assert read(tmp_path / "log.csv")[1][4] == "a?b"
