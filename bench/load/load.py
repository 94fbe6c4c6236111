"""The load generator where there is no C compiler: what load.c does, several times slower.

    python -m bench.load.load HOST PORT SCRIPTS [tls]

See load.c for what it does, and generator.py for what it is told and answers.
"""

import json
import re
import selectors
import socket
import ssl
import sys
import threading
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue

from bench.load.scripts import MARK_BYTES, MAX_AWAITED_BYTES, Scripts, Step

_MARK = re.compile(rb"~(\d{8})~(\d{19})~")

CHUNK_BYTES = 256 * 1024

LOOK_EVERY_S = 0.0005
"""It looks from time to time and is never woken, as load.c."""


class Peer:
    """One connection: first its script, then what it hears."""

    def __init__(self, steps: list[Step], sock: socket.socket) -> None:
        self.steps = steps
        self.socket = sock
        self.is_open = self.is_in = self.is_lost = False
        self.next = self.got = 0
        self.carry = b""
        self.began_s = time.monotonic()


class Load:
    """All connections, and what is asked about them."""

    def __init__(self, host: str, port: int, scripts: Scripts, tls: bool) -> None:
        self._address = (host, port)
        self._scripts = scripts
        self._tls: ssl.SSLContext | None = None
        if tls:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._tls.check_hostname = False
            self._tls.verify_mode = ssl.CERT_NONE
        self._selector = selectors.DefaultSelector()
        self._peers: list[Peer] = []
        self._in = self._lost = 0
        self._is_done: Callable[[], bool] | None = None
        self._report: Callable[[], dict[str, float]] = dict
        self._deadline_s = 0.0
        self._target = self._window = self._expected = 0
        self._heard = self._full = self._wrong = self._first_wrong = 0
        self._first_ns = self._last_ns = 0
        self._latencies_us = array("L")
        self._began_s = self._cpu_before_s = self._slowest_s = 0.0
        self._next_ping_s = time.monotonic()
        self._next_to_ping = 0

    def run(self, commands: "SimpleQueue[str]") -> None:
        """Serve until the commands end."""
        while True:
            ready = self._selector.select(0)
            if not ready:
                time.sleep(LOOK_EVERY_S)
            for key, _ in ready:
                peer: Peer = key.data
                if not peer.is_lost:
                    try:
                        self._serve(peer)
                    except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                        pass
                    except OSError:
                        self._lose(peer)
            self._send_pings()
            self._work_on_goal()
            try:
                command = commands.get_nowait()
            except Empty:
                continue
            if not command:
                return
            self._obey(command.split())

    # -- the commands --------------------------------------------------------------

    def _obey(self, words: list[str]) -> None:
        first, second, limit = int(words[1]), int(words[2]), float(words[3])
        self._began_s, self._cpu_before_s = time.monotonic(), time.process_time()
        self._deadline_s = self._began_s + limit
        if words[0] == "connect":
            self._target = min(self._in + first, len(self._scripts.steps))
            self._window, self._slowest_s = second, 0.0
            self._is_done, self._report = self._are_in, self._tell_connected
            return
        self._expected = second
        self._heard = self._full = self._wrong = self._first_wrong = 0
        self._first_ns = self._last_ns = 0
        self._latencies_us = array("L")
        for peer in self._peers:
            peer.next, peer.got = first, 0
        self._is_done, self._report = self._have_heard, self._tell_heard
        print("{}", flush=True)

    def _work_on_goal(self) -> None:
        if self._is_done is None:
            return
        if self._report == self._tell_connected:
            while (
                len(self._peers) < min(self._target + self._lost, len(self._scripts.steps))
                and len(self._peers) - self._in - self._lost < self._window
            ):
                self._open_one()
        if self._is_done() or time.monotonic() > self._deadline_s:
            self._is_done = None
            print(json.dumps(self._report()), flush=True)

    def _are_in(self) -> bool:
        return self._in >= self._target or len(self._peers) - self._lost == self._in

    def _have_heard(self) -> bool:
        return self._full >= self._in - self._lost

    def _tell_connected(self) -> dict[str, float]:
        return {
            "connected": self._in,
            "lost": self._lost,
            "seconds": time.monotonic() - self._began_s,
            "slowest_ms": self._slowest_s * 1000,
            "cpu_s": time.process_time() - self._cpu_before_s,
        }

    def _tell_heard(self) -> dict[str, float]:
        ordered = sorted(self._latencies_us) or [0]

        def percentile_ms(part: float) -> float:
            return ordered[round(part * (len(ordered) - 1))] / 1000

        return {
            "heard": self._heard,
            "full": self._full,
            "wrong": self._wrong,
            "first_wrong": self._first_wrong,
            "lost": self._lost,
            "first_ns": self._first_ns,
            "last_ns": self._last_ns,
            "cpu_s": time.process_time() - self._cpu_before_s,
            "p50_ms": percentile_ms(0.5),
            "p90_ms": percentile_ms(0.9),
            "p99_ms": percentile_ms(0.99),
            "max_ms": percentile_ms(1.0),
        }

    # -- the sockets ----------------------------------------------------------------

    def _open_one(self) -> None:
        sock = socket.socket()
        sock.setblocking(False)
        peer = Peer(list(self._scripts.steps[len(self._peers)]), sock)
        self._peers.append(peer)
        sock.connect_ex(self._address)
        self._selector.register(sock, selectors.EVENT_READ | selectors.EVENT_WRITE, peer)

    def _lose(self, peer: Peer) -> None:
        if not peer.is_lost:
            peer.is_lost = True
            self._lost += 1
            self._selector.unregister(peer.socket)
            peer.socket.close()

    def _serve(self, peer: Peer) -> None:
        if not peer.is_open:
            if self._tls is not None:
                if not isinstance(peer.socket, ssl.SSLSocket):
                    self._selector.unregister(peer.socket)
                    peer.socket = self._tls.wrap_socket(peer.socket, do_handshake_on_connect=False)
                    self._selector.register(peer.socket, selectors.EVENT_READ, peer)
                peer.socket.do_handshake()
            peer.is_open = True
            self._selector.modify(peer.socket, selectors.EVENT_READ, peer)
            self._next_step(peer)
            return
        while data := peer.socket.recv(CHUNK_BYTES):
            self._look_through(peer, peer.carry + data)
        self._lose(peer)

    def _next_step(self, peer: Peer) -> None:
        if peer.steps:
            peer.socket.sendall(peer.steps[0].say)
            return
        peer.is_in = True
        self._in += 1
        self._slowest_s = max(self._slowest_s, time.monotonic() - peer.began_s)

    def _look_through(self, peer: Peer, data: bytes) -> None:
        now_ns = time.monotonic_ns()
        if not peer.is_in:
            if peer.steps[0].wait_for in data:
                del peer.steps[0]
                peer.carry = b""
                self._next_step(peer)
            else:
                peer.carry = data[-MAX_AWAITED_BYTES:]
            return
        end = 0
        for mark in _MARK.finditer(data):
            end = mark.end()
            if self._report == self._tell_heard and self._is_done is not None:
                self._hear(peer, int(mark[1]), int(mark[2]), now_ns)
        # A mark may have begun.
        peer.carry = data[max(end, len(data) - MARK_BYTES + 1) :]

    def _hear(self, peer: Peer, number: int, sent_ns: int, now_ns: int) -> None:
        if number != peer.next:
            self._first_wrong = self._first_wrong or number
            self._wrong += 1
        peer.next = number + 1
        self._latencies_us.append(max(0, (now_ns - sent_ns) // 1000))
        self._heard += 1
        self._first_ns = self._first_ns or now_ns
        self._last_ns = now_ns
        peer.got += 1
        self._full += peer.got == self._expected

    def _send_pings(self) -> None:
        now_s = time.monotonic()
        if not self._scripts.ping_every_s or not self._in:
            return
        while self._next_ping_s <= now_s:
            peer = self._peers[self._next_to_ping % len(self._peers)]
            self._next_to_ping += 1
            if peer.is_in and not peer.is_lost:
                peer.socket.sendall(self._scripts.ping)
            self._next_ping_s += self._scripts.ping_every_s / len(self._peers)


def main() -> None:
    """Serve the commands on standard input."""
    host, port, path, *rest = sys.argv[1:]
    load = Load(host, int(port), Scripts.read(Path(path)), "tls" in rest)
    commands: SimpleQueue[str] = SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            commands.put(line)
        commands.put("")

    threading.Thread(target=read, daemon=True).start()
    load.run(commands)


if __name__ == "__main__":
    main()
