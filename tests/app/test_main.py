"""The client's parts, connected: what only the whole program shows."""

import gc
import threading
import tkinter as tk
from pathlib import Path

import pytest
from ttkbootstrap.style.icons import IconRenderer

from app import main as main_module
from app.main import Application
from app.models.credentials import MemoryCredentials
from app.views.room.view import RoomView
from app.views.sign_in.view import SignInView
from tests.support.window import ALICE, descendants


class Remains:
    """Cyclic garbage, as a widget leaves it; tells where it was collected."""

    def __init__(self, collected_on: list[threading.Thread]) -> None:
        self.itself = self
        self._collected_on = collected_on

    def __del__(self) -> None:
        self._collected_on.append(threading.current_thread())


def test_what_was_a_widget_is_collected_on_the_windows_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main_module, "COLLECT_EVERY_MS", 50)
    application = Application(tmp_path, MemoryCredentials())
    window = application.window
    collected_on: list[threading.Thread] = []
    tries = iter(range(1000))

    def work() -> None:
        for _ in range(200):
            Remains(collected_on)
            kept = [[number] for number in range(2000)]  # sets a collection off, where allowed
            del kept

    other = threading.Thread(target=work)
    gc.enable()

    def look() -> None:
        if (other.is_alive() or len(collected_on) < 200) and next(tries, None) is not None:
            window.after(20, look)
        else:
            application.close()

    window.after(1, other.start)
    window.after(20, look)
    assert IconRenderer._font_cache, "its icons were drawn"
    application.run()
    other.join()
    assert not IconRenderer._font_cache, "nor is what icons were drawn from kept"
    assert len(collected_on) == 200
    assert set(collected_on) == {threading.main_thread()}
    assert gc.isenabled()
    with pytest.raises(tk.TclError):
        window.winfo_exists()


def test_a_client_that_cant_open_ends_its_network_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = Application(tmp_path, MemoryCredentials())

    def fail() -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(application.client, "open", fail)
    with pytest.raises(RuntimeError, match="on purpose"):
        application.run()
    assert application.client.service._waker.fileno() == -1
    application.window.destroy()


def test_p10_before_one_closes_on_what_can_not_be_saved_one_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = Application(tmp_path, MemoryCredentials())
    window = application.window
    window.update()
    monkeypatch.setattr(application.client.posting, "keep_draft", lambda: False)
    for _ in range(2):
        application.close()
        window.update()
    names = [widget.winfo_name() for widget in window.winfo_children()]
    assert names.count("ask") == 1, "and once"
    dialog = window.nametowidget("ask")
    dialog.cancel()
    window.update()
    assert window.winfo_exists(), "whoever thinks better of it goes on"
    application.close()
    window.nametowidget("ask")._do()
    with pytest.raises(tk.TclError):
        window.winfo_exists()
    application.client.close()


def test_with_everything_kept_it_closes_at_once(tmp_path: Path) -> None:
    application = Application(tmp_path, MemoryCredentials())
    application.window.update()
    application.close()
    with pytest.raises(tk.TclError):
        application.window.winfo_exists()
    application.client.close()


def test_with_a_kept_session_no_form_to_sign_in_is_made(tmp_path: Path) -> None:
    application = Application(tmp_path, MemoryCredentials())
    window = application.window
    application.client.account.sign_in(ALICE)
    window.begin()
    window.update()
    kinds = {type(widget) for widget in descendants(window)}
    assert RoomView in kinds and window.room.winfo_viewable()
    assert SignInView not in kinds
    application.client.account.sign_out()
    window.update()
    assert SignInView in {type(widget) for widget in descendants(window)}, "once it is needed"
    application.close()
    application.client.close()
