"""What this person set on this machine, remembered between starts."""

import contextlib
import logging
import time
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from app.models.connection.address import server_key
from app.models.disk.file_lock import FileLock
from app.models.disk.files import private_folder, replace_file
from app.models.observable import Observable
from app.models.quiet_hours import Hours, Weekday

log = logging.getLogger(__name__)

LOCK_TRIES = 40
LOCK_PAUSE_S = 0.005
"""How often the file's lock is tried, and how long it is waited between: another
window has it for as long as writing a file takes."""

_NO_DEFAULT = object()

Theme = Literal["light", "dark"]
Sound = Literal["", "chime", "drop", "wood"]
UrgentSound = Literal["", "alarm", "siren", "bells"]
"""Files of `assets/sounds`; an empty one is silence."""
Language = Literal["en", "zh"]


class Values(msgspec.Struct, frozen=True, omit_defaults=True):
    """The file's content. Unknown keys of a newer client are passed over."""

    theme: Theme = "light"
    language: Language | None = None
    """None: as the system's."""
    server: str = ""
    username: str = ""
    keep_signed_in: bool = True
    geometry: str = ""
    is_maximised: bool = False
    keeps_running: bool = True
    """Whether the program goes on when its window is closed."""
    has_told_of_tray: bool = False
    """Whether that was said."""
    notifies: bool = True
    shows_content: bool = True
    """Whether a notification says what was announced, or only that something was."""
    sound: Sound = "chime"
    urgent_sound: UrgentSound = "alarm"
    has_quiet_hours: bool = False
    quiet_hours: dict[Weekday, Hours] = {}
    """Those that begin on each weekday; kept while they do not count."""
    paused_until_ms: int = 0
    """Until when nothing but what is urgent may disturb, in milliseconds since 1970; 0 or
    past: it may."""
    pins: dict[str, Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]] = {}
    """For a server's key (app/models/connection/address.py) the SHA-256 fingerprint, in hex,
    of the certificate that it is known by."""

    def is_paused_at(self, now_ms: int) -> bool:
        """Tell whether one asked not to be disturbed until later than this."""
        return self.paused_until_ms > now_ms


class Settings(Observable):
    """The values and their file. A file that can't be read or written costs
    the remembering, never the program: it is logged and gone without.

    Several windows may have the file. Each writes only what was changed in it, over
    what is there by then, and so takes back nothing that another one has set."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._values = _read(path) or Values()
        self._unwritten: dict[str, object] = {}
        """What was changed here and is not in the file."""

    @property
    def values(self) -> Values:
        return self._values

    def change(self, **changes: object) -> None:
        """Set these values and remember them."""
        following = msgspec.convert(msgspec.structs.asdict(self._values) | changes, type=Values)
        if following != self._values:
            before, self._values = self._values, following
            for name in following.__struct_fields__:
                if getattr(following, name) != getattr(before, name):
                    self._unwritten[name] = getattr(before, name)
            self._write()
            self._changed()

    def _write(self) -> None:
        lock = FileLock(self._path)
        with contextlib.suppress(OSError):
            private_folder(self._path.parent)
        for _ in range(LOCK_TRIES):
            if lock.take():
                break
            time.sleep(LOCK_PAUSE_S)
        try:
            there = _content(self._path)
            for name, before in self._unwritten.items():
                value = getattr(self._values, name)
                if name == "pins":
                    value = _merged(there.get(name), before, value)
                there[name] = value
            content = {name: value for name, value in there.items() if value != _default(name)}
            replace_file(self._path, msgspec.json.format(msgspec.json.encode(content)))
            self._unwritten.clear()
        except (OSError, UnicodeEncodeError) as error:
            log.warning("settings were not saved: %s", error)
        finally:
            lock.release()


def _content(path: Path) -> dict[str, Any]:
    """Return what the file holds, with keys of a newer client; nothing where it can't be
    read as this client's."""
    if _read(path) is None:
        return {}
    return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])


def _merged(there: Any, before: Any, now: Any) -> dict[str, str]:
    """Return the pins that are there, with those that were changed here."""
    pins = dict(there or {})
    for server in {*before, *now}:
        if before.get(server) == now.get(server):
            continue
        if server in now:
            pins[server] = now[server]
        else:
            pins.pop(server, None)
    return pins


def _default(name: str) -> object:
    return getattr(Values(), name, _NO_DEFAULT)


def _with_keys(values: Values) -> Values:
    """Return the same, with servers by their keys. Of two fingerprints that were taken
    for two servers and are one's, that of the key itself counts."""
    pins = {server_key(server): pin for server, pin in values.pins.items()}
    pins |= {server: pin for server, pin in values.pins.items() if server_key(server) == server}
    return msgspec.structs.replace(values, pins=pins)


def _read(path: Path) -> Values | None:
    """Return what the file holds; None: there is none, or it can't be read."""
    try:
        return _with_keys(msgspec.json.decode(path.read_bytes(), type=Values))
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        log.warning("settings were not read: %s", error)
        return None
