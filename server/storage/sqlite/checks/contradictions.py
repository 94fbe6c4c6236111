"""Does what the room shows agree with what is on record?

The records (of confirmations, of accounts, the audit log) are chains of hashes,
which `verify` follows. Here the rest is held against them: it can be changed by
whoever can write the file, but not without contradicting a record.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from server.domain.users import password_digest

_ANSWERS = """
SELECT a.message_id, a.user_id,
    newest.id IS NULL,
    newest.at_ms IS NOT a.at_ms OR oldest.at_ms IS NOT a.first_at_ms OR r.times IS NOT a.times
    OR (m.withdrawn_at_ms = 0 AND newest.answer IS NOT answer_of(m.answers, a.choice))
FROM answers a JOIN messages m ON m.id = a.message_id
LEFT JOIN (
    SELECT message_id, user_id, min(id) AS first, max(id) AS last, count(*) AS times
    FROM confirmations GROUP BY message_id, user_id
) r ON r.message_id = a.message_id AND r.user_id = a.user_id
LEFT JOIN confirmations newest ON newest.id = r.last
LEFT JOIN confirmations oldest ON oldest.id = r.first
ORDER BY a.message_id, a.user_id
"""

_LOST_ANSWERS = """
SELECT DISTINCT c.message_id, c.user_id FROM confirmations c
LEFT JOIN answers a ON a.message_id = c.message_id AND a.user_id = c.user_id
WHERE a.message_id IS NULL ORDER BY c.message_id, c.user_id
"""

_CONFIRMED_TEXTS = """
SELECT id, revision, text, answers FROM messages
WHERE withdrawn_at_ms = 0 AND id IN (SELECT message_id FROM confirmations)
"""

_EARLIER_TEXTS = """
SELECT message_id, text FROM earlier_texts
WHERE message_id IN (SELECT message_id FROM confirmations)
"""

_ACCOUNTS = """
SELECT u.id, u.username, u.password_hash, r.id IS NULL, u.username IS NOT r.username,
    u.display_name IS NOT r.display_name, u.role IS NOT r.role, u.state IS NOT r.state,
    r.password_digest
FROM users u LEFT JOIN account_record r
ON r.id = (SELECT max(id) FROM account_record WHERE user_id = u.id)
ORDER BY u.id
"""

_LOST_ACCOUNTS = """
SELECT DISTINCT user_id, username FROM account_record
WHERE user_id NOT IN (SELECT id FROM users) ORDER BY user_id
"""

_FACTS = ("username", "display name", "role", "state")


class _Texts(NamedTuple):
    """What a message says and has said, by digests, and what can be answered."""

    revision: int
    now: bytes
    ever: set[bytes]
    answers: list[str]


def contradictions(database: sqlite3.Connection) -> Iterator[str]:
    """Yield one sentence for each contradiction. The records themselves must be sound."""
    database.create_function("answer_of", 2, _answer_of, deterministic=True)
    yield from _of_accounts(database)
    yield from _of_answers(database)
    yield from _of_texts(database)


def _of_accounts(database: sqlite3.Connection) -> Iterator[str]:
    for number, name, password_hash, is_unknown, *differs, digest in database.execute(_ACCOUNTS):
        if is_unknown:
            yield f"account {name} (#{number}) is not on record: nobody made it"
            continue
        found = [fact for fact, is_other in zip(_FACTS, differs, strict=True) if is_other]
        if password_digest(password_hash) != digest:
            found.append("password")
        for fact in found:
            yield f"account {name} (#{number}) has another {fact} than is on record"
    for number, name in database.execute(_LOST_ACCOUNTS):
        yield f"account {name} (#{number}) is on record and is not there"


def _of_answers(database: sqlite3.Connection) -> Iterator[str]:
    for message, person, is_unknown, is_other in database.execute(_ANSWERS):
        if is_unknown:
            yield f"an answer of account #{person} to message #{message} is not on record"
        elif is_other:
            yield f"the answer of account #{person} to message #{message} is not that on record"
    for message, person in database.execute(_LOST_ANSWERS):
        yield f"the answer of account #{person} to message #{message} is on record and not there"


def _of_texts(database: sqlite3.Connection) -> Iterator[str]:
    texts = {
        number: _Texts(revision, _digest(text), {_digest(text)}, json.loads(answers))
        for number, revision, text, answers in database.execute(_CONFIRMED_TEXTS)
    }
    for number, text in database.execute(_EARLIER_TEXTS):
        if number in texts:
            texts[number].ever.add(_digest(text))
    told: set[int] = set()
    rows = database.execute(
        "SELECT id, message_id, revision, answer, text_digest FROM confirmations ORDER BY id"
    )
    for entry, number, revision, answer, digest in rows:
        known = texts.get(number)
        if known is None or number in told:
            continue  # withdrawn: its texts are gone, as they should be
        is_newest = revision == known.revision
        if digest not in known.ever or (is_newest and digest != known.now):
            told.add(number)
            yield f"message #{number} has another text than entry {entry} was an answer to"
        elif answer not in known.answers:
            told.add(number)
            yield f"message #{number} does not ask what entry {entry} was an answer to"


def _answer_of(answers: str, choice: int) -> str | None:
    options = json.loads(answers)
    return str(options[choice - 1]) if 1 <= choice <= len(options) else None


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
