"""Waking the main thread while it waits in Tk."""

import contextlib
import socket
import threading
import time
import tkinter as tk
from collections.abc import Iterator

import pytest

from app import waking
from app.waking import Waker
from tests.support.waiting import WAIT_S


@pytest.fixture
def root() -> Iterator[tk.Tk]:
    root = tk.Tk()
    yield root
    root.destroy()


def serve(root: tk.Tk, until: list[int], count: int) -> None:
    """Wait in Tk, with no timer that would look by itself, until so many were called."""
    given_up = root.after(int(WAIT_S * 1000), lambda: until.extend([0] * count))
    while len(until) < count:
        root.tk.dooneevent()
    root.after_cancel(given_up)


def test_another_thread_wakes_it(root: tk.Tk) -> None:
    waker, called = Waker(root), list[int]()
    assert waker.is_ready
    waker.then(lambda: called.append(threading.get_ident()))
    root.update()
    threading.Thread(target=waker.wake).start()
    serve(root, called, 1)
    assert called == [threading.get_ident()], "on the main thread"
    threading.Thread(target=waker.wake).start()
    serve(root, called, 2)
    waker.close()


def test_many_wake_ups_are_one(root: tk.Tk) -> None:
    waker, called = Waker(root), list[int]()
    waker.then(lambda: called.append(1))
    for _ in range(100_000):
        waker.wake()
    serve(root, called, 1)
    root.update()
    assert len(called) == 1
    waker.wake()
    serve(root, called, 2)
    waker.close()


def test_one_that_comes_while_it_is_woken_is_not_lost(root: tk.Tk) -> None:
    waker, called = Waker(root), list[int]()

    def call() -> None:
        called.append(1)
        if len(called) < 50:
            waker.wake()

    waker.then(call)
    waker.wake()
    serve(root, called, 50)
    waker.close()


def test_after_its_end_nobody_is_woken(root: tk.Tk) -> None:
    waker, called = Waker(root), list[int]()
    waker.then(lambda: called.append(1))
    waker.wake()
    waker.close()
    waker.close()
    waker.wake()
    root.update()
    assert called == [] and not waker.is_ready


def test_without_a_loopback_it_is_not_ready(root: tk.Tk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waking, "LOOPBACK", "192.0.2.1")  # nobody's (RFC 5737)
    waker = Waker(root)
    assert not waker.is_ready
    waker.wake()


def test_nobody_else_takes_its_place(root: tk.Tk, monkeypatch: pytest.MonkeyPatch) -> None:
    strangers = list[socket.socket]()
    listen = socket.create_server

    def create_server(address: tuple[str, int]) -> socket.socket:
        listener = listen(address)
        strangers.append(socket.create_connection(listener.getsockname()))
        return listener

    monkeypatch.setattr(socket, "create_server", create_server)
    waker, called = Waker(root), list[int]()
    waker.then(lambda: called.append(1))
    (stranger,) = strangers
    stranger.settimeout(WAIT_S)
    with contextlib.suppress(ConnectionError):
        assert stranger.recv(1) == b"", "it is sent away"
    stranger.close()
    began = time.monotonic()
    waker.wake()
    serve(root, called, 1)
    assert time.monotonic() - began < WAIT_S
    waker.close()
