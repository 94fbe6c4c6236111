"""What leaves the server for a spreadsheet is text there."""

import csv
import io

import pytest

from server.operations.export import write_csv


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " =", "\u00a0="])
def test_no_cell_is_a_formula(start: str) -> None:
    file = io.StringIO(newline="")
    assert write_csv([{"id": 7, "text": f"{start}1+1"}], file) == 1
    file.seek(0)
    assert list(csv.reader(file)) == [["id", "text"], ["7", f"'{start}1+1"]]
