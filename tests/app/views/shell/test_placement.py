"""A window comes back where it stood, but never where it can't be reached."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.views.shell.placement import GRIP, Screen, fit

SCREEN = Screen(0, 0, 1920, 1080)
LEAST = (440, 420)

sides = st.integers(min_value=1, max_value=20_000)
places = st.integers(min_value=-20_000, max_value=20_000)


@pytest.mark.parametrize(
    "geometry",
    ["1120x760+100+80", "440x420+0+0", "1920x1080+0+0", "800x600+-300+20", "800x600+1800+990"],
)
def test_a_place_that_can_be_reached_is_kept(geometry: str) -> None:
    assert fit(geometry, SCREEN, LEAST) == geometry


@pytest.mark.parametrize(
    ("geometry", "fitted"),
    [
        ("800x600+5000+80", "800x600+1840+80"),  # a display at the right is gone
        ("800x600+-5000+80", "800x600+-720+80"),
        ("800x600+100+-700", "800x600+100+0"),  # the title bar is above the screen
        ("800x600+100+5000", "800x600+100+1000"),
        ("4000x3000+0+0", "1920x1080+0+0"),
        ("20x20+100+100", "440x420+100+100"),
        ("800x600-50+10", "800x600+-50+10"),
    ],
)
def test_a_place_is_changed_just_so_far_that_it_can_be_reached(geometry: str, fitted: str) -> None:
    assert fit(geometry, SCREEN, LEAST) == fitted


@pytest.mark.parametrize(
    "geometry",
    ["", "800x600", "+10+10", "x600+1+1", "800x600+1", "800 x 600+1+1", "800x600+1+1\n", "nonsense",
     "800x600+99999999999+1", "-800x600+1+1"],
)  # fmt: skip
def test_what_is_no_place_is_forgotten(geometry: str) -> None:
    assert fit(geometry, SCREEN, LEAST) == ""


def test_a_display_left_of_the_first_counts() -> None:
    both = Screen(-1920, 0, 3840, 1080)
    assert fit("800x600+-1900+10", both, LEAST) == "800x600+-1900+10"


def test_a_screen_smaller_than_the_least_size_leaves_the_least_size() -> None:
    assert fit("800x600+0+0", Screen(0, 0, 320, 240), LEAST) == "440x420+0+0"


@given(sides, sides, places, places)
def test_wherever_it_stood_it_can_be_taken_hold_of(
    width: int, height: int, left: int, top: int
) -> None:
    fitted = fit(f"{width}x{height}+{left}+{top}", SCREEN, LEAST)
    found = re.fullmatch(r"(\d+)x(\d+)\+(-?\d+)\+(-?\d+)", fitted)
    assert found
    wide, high, at_x, at_y = map(int, found.groups())
    assert LEAST[0] <= wide <= SCREEN.width and LEAST[1] <= high <= SCREEN.height
    assert min(at_x + wide, SCREEN.width) - max(at_x, 0) >= GRIP
    assert 0 <= at_y <= SCREEN.height - GRIP
    assert fit(fitted, SCREEN, LEAST) == fitted, "it has come to rest"
