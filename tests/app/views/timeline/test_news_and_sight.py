"""What is new, and what was seen: counted as a person would count it."""

from app.views.timeline.news import News
from app.views.timeline.sight import Look, Watch

NOBODY = Look()


def look(*ids: int, begun: set[int] | None = None, ended: set[int] | None = None) -> Look:
    """These in sight; whole, but for those of which only a part is."""
    return Look(
        frozenset(ids if begun is None else begun),
        frozenset(ids if ended is None else ended),
        frozenset(ids),
    )


# -- seen ----------------------------------------------------------------------


def test_what_stood_in_sight_at_two_looks_was_seen() -> None:
    watch = Watch()
    assert watch.look(look(1, 2, 3)) == []
    assert watch.look(look(2, 3, 4)) == [(2, 3)]
    assert watch.look(look(9, 10)) == [], "what flies past is not read"
    assert watch.look(look(10, 11)) == [(10, 10)]


def test_what_was_skipped_is_not_seen_and_splits_the_run() -> None:
    watch = Watch()
    watch.look(look(1, 2, 7, 8))
    assert watch.look(look(1, 2, 7, 8)) == [(1, 2), (7, 8)]


def test_a_message_is_seen_in_parts_but_not_by_one_of_them() -> None:
    watch = Watch()
    top = look(1, 2, ended={1})
    watch.look(top)
    assert watch.look(top) == [(1, 1)], "the end of the second is below the edge"
    bottom = look(2, 3, begun={3})
    watch.look(bottom)
    assert watch.look(bottom) == [(2, 3)]


def test_nothing_is_seen_while_nobody_looks() -> None:
    watch = Watch()
    watch.look(look(1))
    assert watch.look(NOBODY) == []
    assert watch.look(look(1)) == [], "it has to stay for a second again"
    assert watch.look(look(1)) == [(1, 1)]


# -- new -----------------------------------------------------------------------


def at_window(news: News, *touched: int) -> None:
    news.look(set(touched), is_attended=True)


def away(news: News) -> None:
    news.look(set(), is_attended=False)


def test_what_comes_before_ones_eyes_is_not_new() -> None:
    news = News()
    at_window(news, 1)
    news.arrive([2])
    at_window(news, 1, 2)
    assert (news.unread, news.divider) == (0, 0)


def test_what_comes_out_of_sight_is_new_under_a_divider_until_it_was_in_sight() -> None:
    news = News()
    at_window(news, 1)
    news.arrive([5])
    at_window(news, 1)
    news.arrive([6, 7])
    at_window(news, 1)
    assert (news.unread, news.first_unread, news.divider, news.count) == (3, 5, 5, 3)
    at_window(news, 5, 6)
    assert (news.unread, news.first_unread, news.divider, news.count) == (1, 7, 5, 3)
    at_window(news, 7)
    assert (news.unread, news.divider) == (0, 5), "one finds the place again"


def test_the_divider_stays_until_the_window_was_left_and_come_back_to() -> None:
    news = News()
    at_window(news, 1)
    news.arrive([5, 6])
    at_window(news, 5, 6)
    at_window(news, 5, 6)
    news.arrive([7])
    at_window(news, 5, 6, 7)
    assert (news.divider, news.count) == (5, 3) or news.divider == 0
    away(news)
    at_window(news, 5, 6, 7)
    assert (news.unread, news.divider) == (0, 0)


def test_what_comes_while_one_is_away_is_divided_where_it_begins() -> None:
    news = News()
    at_window(news, 4)
    away(news)
    news.arrive([5])
    news.arrive([6])
    assert (news.divider, news.count) == (5, 2)
    at_window(news, 5, 6)
    assert (news.unread, news.divider, news.count) == (0, 5, 2)
    away(news)
    news.arrive([7])
    assert (news.divider, news.count) == (7, 1), "the old place was left"


def test_what_was_skipped_is_not_pointed_out_for_ever() -> None:
    news = News()
    at_window(news, 1)
    news.arrive(range(2, 3002))
    at_window(news, 1)
    at_window(news, 3000, 3001)
    assert news.unread == 2998, "it was not in sight"
    away(news)
    at_window(news, 3000, 3001)
    assert (news.unread, news.divider) == (0, 0)
