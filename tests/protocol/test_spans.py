"""Runs of ids are kept as few as they can be, and never lose or invent one."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from protocol.spans import Spans, runs

SMALL = st.integers(1, 40)


@given(st.lists(st.tuples(SMALL, SMALL), max_size=25))
def test_whatever_is_added_they_are_the_set_of_it_in_fewest_runs(
    added: list[tuple[int, int]],
) -> None:
    spans, expected = Spans(), set[int]()
    for first, last in added:
        new = set(range(first, last + 1)) - expected
        assert spans.add(first, last) == bool(new)
        expected |= new
    assert {n for first, last in spans for n in range(first, last + 1)} == expected
    ends = [end for span in spans for end in span]
    assert ends == sorted(ends)
    found = list(spans)
    assert all(a[1] + 1 < b[0] for a, b in itertools.pairwise(found))
    assert all((number in spans) == (number in expected) for number in range(45))
    assert spans.top == max(expected, default=0)
    assert list(Spans(runs(expected))) == found


def test_a_run_is_covered_only_as_a_whole() -> None:
    spans = Spans([(1, 3), (5, 9)])
    assert spans.covers(5, 9) and spans.covers(6, 6) and not spans.covers(3, 5)
    assert not spans.covers(9, 10) and not Spans().covers(1, 1)


def test_the_oldest_runs_can_be_let_go() -> None:
    spans = Spans([(1, 3), (5, 9), (20, 20)])
    assert spans.newest(2) == ((5, 9), (20, 20)) and spans.newest(0) == ()
    spans.keep_newest(5)
    assert len(spans) == 3
    spans.keep_newest(1)
    assert list(spans) == [(20, 20)] and 3 not in spans
