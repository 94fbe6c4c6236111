"""What stands for a person: letters and a colour."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.views.kit.avatar import COLORS, color_of, initials
from tests.support.window import Window

ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Amelia Hart", "AH"),
        ("amelia", "A"),
        ("Amelia Rose van Hart", "AH"),
        ("  Amelia   Hart  ", "AH"),
        ("Amelia\tHart\n", "AH"),
        ("Émile Zola", "ÉZ"),
        ("E\u0301mile Zola", "ÉZ"),  # the accent as a character of its own
        ("ßtraße", "S"),
        ("(Ben) “Osei”", "BO"),
        ("3rd floor", "3F"),
        ("Юрий Гагарин", "ЮГ"),
        ("李明", "李"),
        ("李 明", "李"),
        ("山田 太郎", "山"),
        ("김민수", "김"),
        ("محمد علي", "مع"),
        ("דוד כהן", "דכ"),
        ("Ben 🔔", "B"),
        ("🔔 Ben", "B"),
        ("🔔🔔", "?"),
        ("- . -", "?"),
        ("", "?"),
        ("   ", "?"),
    ],
)
def test_the_letters_of_a_name(name: str, letters: str) -> None:
    assert initials(name) == letters


@given(st.text(max_size=64))
def test_every_name_has_one_or_two_letters_and_a_colour(name: str) -> None:
    assert 1 <= len(initials(name)) <= 2
    assert color_of(name) in COLORS


def test_a_name_has_the_same_colour_in_every_run() -> None:
    names = ["Amelia Hart", "李明", "", "🔔"]
    program = (
        "import sys; from app.views.kit.avatar import color_of\n"
        "print(*(color_of(name) for name in sys.argv[1:]))"
    )
    for seed in ("1", "2"):
        said = subprocess.run(
            [sys.executable, "-X", "utf8", "-c", program, *names],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        ).stdout.split()
        assert said == [color_of(name) for name in names]


def test_names_have_different_colours() -> None:
    assert len({color_of(f"person {number}") for number in range(200)}) == len(COLORS)


@pytest.mark.parametrize("name", ["Amelia Hart", "李明", "محمد علي", "🔔", "", "ꙮ", "𓀀"])
def test_every_name_can_be_drawn(window: Window, name: str) -> None:
    image = window.root.context.avatars.of(name, 36, 48)
    assert image.height() == window.root.context.avatars.of("B", 36).height()
    assert image.width() >= image.height()


def test_an_image_is_drawn_once(window: Window) -> None:
    avatars = window.root.context.avatars
    assert avatars.of("Amelia Hart", 36) is avatars.of("Amelia Hart", 36)
    assert avatars.of("Amelia Hart", 36) is not avatars.of("Amelia Hart", 40)


def test_the_corners_follow_the_theme(window: Window) -> None:
    image = window.root.context.avatars.of("Amelia Hart", 36)
    corners = []
    for theme in ("light", "dark", "light"):
        window.settings.change(theme=theme)
        window.root.update()
        corners.append(window.root.tk.call(str(image), "get", 0, 0))
    assert corners == [(255, 255, 255), (33, 37, 41), (255, 255, 255)]
