"""Cells of a table that goes to a spreadsheet, as a file or over the clipboard.

No part of the wire: both ends export what the room holds, by one rule.
"""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet takes a cell that begins so for a formula and carries it out
(OWASP, "CSV Injection"); some take the full-width signs for the others."""


def cell(text: str) -> str:
    """Return this text as a cell that is never carried out: an apostrophe before it makes
    it text. Half a character, which can't be written, becomes a question mark."""
    text = text.encode(errors="replace").decode()
    # White space is taken off by some before they look.
    return f"'{text}" if text.lstrip(" \u00a0\u3000").startswith(FORMULA_STARTS) else text
