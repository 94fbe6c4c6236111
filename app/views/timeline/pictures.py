"""Pictures, decoded on a thread of their own and kept while they are looked at."""

import tkinter as tk
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from PIL import Image, ImageTk

from app.models.disk import pictures

KEPT = 24
"""Decoded ones, so that writing the timeline anew decodes none again."""

LOOK_EVERY_MS = 20

Size = tuple[int, int]


class Pictures:
    """Main thread only; what decodes touches no Tk."""

    def __init__(self) -> None:
        self._decoder = ThreadPoolExecutor(1, thread_name_prefix="pictures")
        self._kept: OrderedDict[tuple[Path, Size], ImageTk.PhotoImage] = OrderedDict()

    def close(self) -> None:
        """Decode nothing more."""
        self._decoder.shutdown(wait=False, cancel_futures=True)
        self._kept.clear()

    def show(
        self,
        widget: tk.Misc,
        path: Path,
        size: Size,
        done: Callable[[ImageTk.PhotoImage | None], None],
    ) -> None:
        """Call this with the picture in this file, fitted into so many pixels, unless the
        widget is gone by then; None: it can't be shown."""
        kept = self._kept.get((path, size))
        if kept is not None:
            self._kept.move_to_end((path, size))
            done(kept)
            return
        future = self._decoder.submit(pictures.decode, path, *size)
        self._await(widget, (path, size), future, done)

    def _await(
        self,
        widget: tk.Misc,
        key: tuple[Path, Size],
        future: "Future[Image.Image]",
        done: Callable[[ImageTk.PhotoImage | None], None],
    ) -> None:
        if not widget.winfo_exists():
            return
        if not future.done():
            widget.after(LOOK_EVERY_MS, lambda: self._await(widget, key, future, done))
            return
        try:
            picture = ImageTk.PhotoImage(future.result(), master=widget)
        except pictures.NoPicture:
            done(None)
            return
        self._kept[key] = picture
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        done(picture)


def fitted(width: int, height: int, most_width: int, most_height: int) -> Size:
    """Return the size of a picture that is made to fit, never larger than it is."""
    scale = min(1.0, most_width / width, most_height / height)
    return max(round(width * scale), 1), max(round(height * scale), 1)
