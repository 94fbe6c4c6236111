"""The docs name what there is, and nothing that there is not."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
import pytest

from docs import draw_rooms
from server.cli import main
from server.settings import ENVIRONMENT_PREFIX, Settings

ROOT = Path(__file__).resolve().parents[1]
ADMINISTRATION = (ROOT / "docs" / "administration.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def commands(group: click.Command, path: str = "rostrum-server") -> Iterator[str]:
    """Every command of the server, as one types it."""
    if isinstance(group, click.Group):
        if path != "rostrum-server" and group.invoke_without_command:
            yield path
        for name, command in group.commands.items():
            yield from commands(command, f"{path} {name}")
    else:
        yield path


@pytest.mark.parametrize("setting", [field.name for field in msgspec.structs.fields(Settings)])
def test_every_setting_is_explained(setting: str) -> None:
    assert f"`{setting}`" in ADMINISTRATION


@pytest.mark.parametrize("command", sorted(commands(main)))
def test_every_command_is_explained(command: str) -> None:
    assert command in ADMINISTRATION


def test_no_command_is_named_that_there_is_not() -> None:
    known = set(commands(main))
    named = re.findall(r"rostrum-server((?: [a-z][a-z-]+)+)", ADMINISTRATION)
    assert len(named) > 20
    for words in named:
        parts = words.split()
        starts = {f"rostrum-server {' '.join(parts[:count])}" for count in (1, 2)}
        assert starts & known, f"there is no rostrum-server{words}"


def options(command: click.Command) -> set[str]:
    """Every option of it, and of the commands within it."""
    found = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    if isinstance(command, click.Group):
        found = found.union(*(options(inner) for inner in command.commands.values()))
    return {name for name in found if name.startswith("--")} | {"--help"}


def test_no_option_is_named_that_there_is_not() -> None:
    known = options(main)
    ours = (line for line in ADMINISTRATION.splitlines() if "useradd" not in line)
    named = re.findall(r"`[^`]*?(--[a-z][a-z-]+)", "\n".join(ours))
    assert named and set(named) <= known


def test_no_variable_is_named_that_there_is_not() -> None:
    known = {ENVIRONMENT_PREFIX + field.name.upper() for field in msgspec.structs.fields(Settings)}
    assert set(re.findall(rf"{ENVIRONMENT_PREFIX}[A-Z_]+[A-Z]", ADMINISTRATION)) <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_points_to_is_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} points to {target}"


@pytest.mark.parametrize("command", sorted(commands(main)))
def test_every_command_speaks_to_programs(command: str) -> None:
    found: click.Command = main
    for name in command.split()[1:]:
        assert isinstance(found, click.Group)
        found = found.commands[name]
    assert any("--json" in one.opts for one in found.params)


def test_the_picture_of_the_rooms_is_drawn_from_today_s_imports() -> None:
    """If not: python docs/draw_rooms.py"""
    page = draw_rooms.PAGE.read_text(encoding="utf-8")
    drawn = page.partition(draw_rooms.BEGIN)[2].partition(draw_rooms.END)[0]
    assert drawn == draw_rooms.rooms()
    assert "cli --> composition" in drawn
