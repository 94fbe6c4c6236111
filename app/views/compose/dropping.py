"""Files that are dragged here from the system's file manager.

Tk can't by itself; tkinterdnd2 brings an extension that can (tkdnd), for each system and
Tcl that it was built for. Where it can't be loaded, nothing can be dropped, and the button
and the clipboard are left.
"""

import logging
import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)


def accept_files(widget: tk.Misc, took: Callable[[Path], None]) -> bool:
    """Call this with the file that is dropped on the widget from now on; of several, the
    first. False: that can't be had here."""
    try:
        import tkinterdnd2

        tkinterdnd2.TkinterDnD.require(widget.winfo_toplevel())
        target: Any = widget
        target.drop_target_register(tkinterdnd2.DND_FILES)
        target.dnd_bind("<<Drop>>", lambda event: _drop(widget, event.data, took))
    except (ImportError, RuntimeError, tk.TclError) as error:
        log.info("files can't be dragged here: %s", error)
        return False
    return True


def _drop(widget: tk.Misc, data: str, took: Callable[[Path], None]) -> str:
    """Take what was dropped, which Tcl tells as a list; return what became of it."""
    for name in widget.tk.splitlist(data):
        if Path(name).is_file():
            took(Path(name))
            return "copy"
    return "refuse_drop"
