"""What starts the server with the machine is well-formed, and starts what there
is: the systems themselves are not here to be asked."""

import shlex
import xml.etree.ElementTree as ElementTree
from configparser import ConfigParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli import main

PACKAGING = Path(__file__).resolve().parents[1] / "packaging"
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


class Unit(ConfigParser):
    """systemd's own kind of INI: keys keep their case, and may come twice."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


@pytest.fixture
def service() -> Unit:
    unit = Unit(strict=False, interpolation=None)
    unit.read(PACKAGING / "systemd" / "rostrum-server.service", encoding="utf-8")
    return unit


def is_taken_by_the_command_line(words: list[str]) -> None:
    """The command is one, with these options; there is no such room, of course."""
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1 and "there is no room in" in done.stderr, done.output


def test_the_service_serves_its_own_folder_as_its_own_user(service: Unit) -> None:
    program, *words = shlex.split(service["Service"]["ExecStart"])
    assert Path(program).name == "rostrum-server"
    assert words[:2] == ["serve", "--data"]
    assert words[2] == f"/var/lib/{service['Service']['StateDirectory']}"
    assert service["Service"]["User"] != "root"
    is_taken_by_the_command_line(words)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("NoNewPrivileges", "true"),
        ("CapabilityBoundingSet", ""),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "true"),
        ("PrivateTmp", "true"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6"),
        ("UMask", "0077"),
        ("Restart", "on-failure"),
    ],
)
def test_the_service_is_hardened(service: Unit, key: str, value: str) -> None:
    assert service["Service"][key] == value


def test_the_task_starts_with_windows_and_again_after_a_failure() -> None:
    root = ElementTree.parse(PACKAGING / "windows" / "rostrum-server-task.xml").getroot()

    def text(path: str) -> str:
        found = root.find("/".join(TASK + part for part in path.split("/")))
        assert found is not None, path
        return found.text or ""

    assert root.find(f"{TASK}Triggers/{TASK}BootTrigger") is not None
    assert text("Principals/Principal/UserId") == "S-1-5-19", "Local Service"
    assert text("Settings/ExecutionTimeLimit") == "PT0S", "without end"
    assert text("Settings/RestartOnFailure/Interval") == "PT1M"
    assert text("Settings/DisallowStartIfOnBatteries") == "false"
    assert text("Actions/Exec/Command").endswith(r"\rostrum-server.exe")
    is_taken_by_the_command_line(shlex.split(text("Actions/Exec/Arguments").replace("\\", "/")))
