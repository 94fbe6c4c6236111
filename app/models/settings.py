"""What this person set on this machine, remembered between starts."""

import logging
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from app.models.address import server_key
from app.models.files import replace_file
from app.models.observable import Observable

log = logging.getLogger(__name__)

Theme = Literal["light", "dark"]
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
    pins: dict[str, Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]] = {}
    """For a server's key (app/models/address.py) the SHA-256 fingerprint, in hex,
    of the certificate that it is known by."""


class Settings(Observable):
    """The values and their file. A file that can't be read or written costs
    the remembering, never the program: it is logged and gone without."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._values = _read(path)

    @property
    def values(self) -> Values:
        return self._values

    def change(self, **changes: object) -> None:
        """Set these values and remember them."""
        following = msgspec.convert(msgspec.structs.asdict(self._values) | changes, type=Values)
        if following != self._values:
            self._values = following
            self._write()
            self._changed()

    def _write(self) -> None:
        try:
            replace_file(self._path, msgspec.json.format(msgspec.json.encode(self._values)))
        except (OSError, UnicodeEncodeError) as error:
            log.warning("settings were not saved: %s", error)


def _with_keys(values: Values) -> Values:
    """The same, with servers by their keys. Of two fingerprints that were taken
    for two servers and are one's, that of the key itself counts."""
    pins = {server_key(server): pin for server, pin in values.pins.items()}
    pins |= {server: pin for server, pin in values.pins.items() if server_key(server) == server}
    return msgspec.structs.replace(values, pins=pins)


def _read(path: Path) -> Values:
    try:
        return _with_keys(msgspec.json.decode(path.read_bytes(), type=Values))
    except FileNotFoundError:
        return Values()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        log.warning("settings were not read: %s", error)
        return Values()
