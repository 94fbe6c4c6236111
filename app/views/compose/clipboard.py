"""What the clipboard has besides text: a picture, or a file that was copied.

Pillow asks the system: Windows and macOS by their own calls, others by wl-paste or xclip,
where one of these is there.
"""

import io
import logging
from pathlib import Path

from PIL import Image, ImageGrab

log = logging.getLogger(__name__)


def picture_or_file() -> bytes | Path | None:
    """Return a picture as PNG, or the first of the files; None: neither is there, or can't
    be had."""
    try:
        found = ImageGrab.grabclipboard()
    except Exception as error:  # whatever the system's programs say
        log.info("the clipboard can't be asked for a picture: %s", error)
        return None
    if isinstance(found, Image.Image):
        with io.BytesIO() as file:
            found.save(file, "PNG")
            return file.getvalue()
    for name in found or ():
        if isinstance(name, str) and Path(name).is_file():
            return Path(name)
    return None
