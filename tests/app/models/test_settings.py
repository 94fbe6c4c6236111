"""What is remembered between starts, and what is done with rubbish."""

from pathlib import Path

import msgspec
import pytest

from app.models.settings import Settings, Values

RUBBISH = {
    "empty": b"",
    "half-written": b'{"theme": "da',
    "no json": b"\xff\xfe\0\0",
    "of another shape": b'["dark"]',
    "a value that there is not": b'{"theme": "neon"}',
    "a number for a text": b'{"server": 7450}',
    "half a character": b'{"server": "\\ud83d"}',
    "nested": b'{"unknown": ' + b"[" * 200_000,
}


@pytest.mark.parametrize("content", RUBBISH.values(), ids=list(RUBBISH))
def test_rubbish_is_gone_without_and_written_over(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    settings = Settings(path)
    assert settings.values == Values()
    settings.change(theme="dark")
    assert Settings(path).values == Values(theme="dark")


def test_they_survive_with_what_a_newer_client_added(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "settings.json"
    Settings(path).change(theme="dark", language="zh", server="服务器:1", keep_signed_in=False)
    values = Settings(path).values
    assert values == Values("dark", "zh", "服务器:1", "", False)
    path.write_bytes(msgspec.json.encode({"theme": "dark", "from_the_future": 1}))
    assert Settings(path).values == Values(theme="dark")


def test_pins_of_before_are_found_by_the_servers_key(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    stored = {
        "Localhost:7450": "a" * 64,
        "chat.example:7450": "b" * 64,
        "Chat.Example.:7450": "c" * 64,
        "no address": "d" * 64,
        "127.1:1": "e" * 64,
    }
    path.write_bytes(msgspec.json.encode({"pins": stored}))
    assert Settings(path).values.pins == {
        "localhost:7450": "a" * 64,
        "chat.example:7450": "b" * 64,
        "no address": "d" * 64,
        "127.0.0.1:1": "e" * 64,
    }


@pytest.mark.parametrize("in_the_way", ["settings.json", "."])
def test_a_place_that_cant_be_written_costs_the_remembering_only(
    tmp_path: Path, in_the_way: str
) -> None:
    folder = tmp_path / "data"
    if in_the_way == ".":
        folder.write_bytes(b"a file in place of the folder")
    else:
        (folder / in_the_way / "child").mkdir(parents=True)
    settings = Settings(folder / "settings.json")
    heard: list[Values] = []
    settings.subscribe(lambda: heard.append(settings.values))
    settings.change(theme="dark")
    assert heard == [Values(theme="dark")]


def test_what_cant_be_written_as_text_harms_nothing(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.json")
    settings.change(server="\ud83d")
    settings.change(server="chat.example:1")
    assert Settings(tmp_path / "settings.json").values.server == "chat.example:1"


def test_only_a_change_is_told_and_a_wrong_one_changes_nothing(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.json")
    calls: list[None] = []
    settings.subscribe(lambda: calls.append(None))
    settings.change(theme="light")
    with pytest.raises(msgspec.ValidationError):
        settings.change(theme="neon")
    assert calls == [] and not (tmp_path / "settings.json").exists()


# -- two windows -------------------------------------------------------------------


def test_of_two_windows_neither_takes_back_what_the_other_has_set(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    Settings(path).change(server="old:1", pins={"old:1": "a" * 64, "gone:1": "b" * 64})
    first, second = Settings(path), Settings(path)
    first.change(theme="dark", server="new:1", pins={"old:1": "a" * 64, "new:1": "c" * 64})
    second.change(language="zh", pins=second.values.pins | {"other:1": "d" * 64})
    second.change(geometry="800x600+0+0")
    values = Settings(path).values
    assert (values.theme, values.server, values.language) == ("dark", "new:1", "zh")
    assert values.geometry == "800x600+0+0"
    assert values.pins == {"old:1": "a" * 64, "new:1": "c" * 64, "other:1": "d" * 64}
    first.change(theme="light", language="en")
    assert Settings(path).values.theme == "light", "also back to what a new one has"


def test_what_a_newer_client_has_set_stays(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(msgspec.json.encode({"theme": "dark", "from_the_future": {"a": [1]}}))
    Settings(path).change(server="chat.example:1")
    assert msgspec.json.decode(path.read_bytes()) == {
        "theme": "dark",
        "from_the_future": {"a": [1]},
        "server": "chat.example:1",
    }


def test_what_could_not_be_written_is_written_with_the_next_change(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    settings = Settings(path)
    path.mkdir()
    settings.change(theme="dark", pins={"a:1": "a" * 64})
    path.rmdir()
    settings.change(language="zh")
    assert Settings(path).values == settings.values == Values("dark", "zh", pins={"a:1": "a" * 64})
