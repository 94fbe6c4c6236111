"""A failing cache ends an action, and nothing else."""

import sqlite3

import pytest

from app.controllers.common.cache_guard import CacheGuard


def test_what_the_cache_can_not_do_is_told_and_left() -> None:
    told: list[sqlite3.Error] = []
    done: list[str] = []
    with CacheGuard(told.append):
        done.append("before")
        raise sqlite3.DatabaseError("malformed")
    done.append("after")
    assert done == ["before", "after"] and str(told[0]) == "malformed"


def test_what_goes_wrong_elsewhere_is_not_hidden() -> None:
    told: list[sqlite3.Error] = []
    with pytest.raises(OSError, match="on purpose"), CacheGuard(told.append):
        raise OSError("on purpose")
    assert told == []


def test_within_another_the_inner_one_tells() -> None:
    told: list[str] = []
    with CacheGuard(lambda _error: told.append("outer")):
        with CacheGuard(lambda _error: told.append("inner")):
            raise sqlite3.OperationalError("disk I/O error")
        told.append("goes on")
    assert told == ["inner", "goes on"]
