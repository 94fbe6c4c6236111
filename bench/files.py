"""Measure whether a message waits for a file: how long everybody takes to hear one while
files are sent and fetched, and while none are (P5)."""

import hashlib
import multiprocessing
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.synchronize import Event
from typing import Any

from bench.report import Section, percentile
from bench.run import Run
from bench.servers.rostrum import Rostrum
from protocol.limits import PART_BYTES
from protocol.messages import (
    Attachment,
    Changed,
    GetPart,
    OfferFile,
    Part,
    Post,
    Posted,
    Received,
    SendPart,
)
from tests.support.server_process import ADMIN, PASSWORD
from tests.support.wire import WireClient

FILE_BYTES = 10 * 1024 * 1024
POSTS = 300
PAUSE_S = 0.02
"""Between two posts: an administrator is no machine."""

FETCHERS = 4
"""Who fetch files all the time, each as fast as it can."""

MOST_MORE_MS = 20.0

WARM_UP_S = 3.0
"""Until the others are at it."""


def measure(run: Run) -> list[Section]:
    """Measure posts with and without files beside them, and how fast a file is sent."""
    heard = Section("A post, until somebody else hears it", "ms, 99th percentile")
    speed = Section("A file of 10 MiB over the loopback", "MB/s")
    with Rostrum(run.new_folder(), 0) as server, ExitStack() as stack:
        author, listener, sender = (stack.enter_context(server.administrator()) for _ in range(3))
        quiet = _posts_ms(author, listener, 0)
        data = random.Random(1).randbytes(FILE_BYTES)
        began_s = time.perf_counter()
        file = _send(sender, data)
        sent_s = time.perf_counter() - began_s
        _post(author, 1_000_000, (file,))
        began_s = time.perf_counter()
        _fetch(sender, file, lambda: False)
        fetched_s = time.perf_counter() - began_s
        with _busy(server.port, file) as moved:
            time.sleep(WARM_UP_S)
            before_bytes, began_s = moved(), time.perf_counter()
            busy = _posts_ms(author, listener, 2_000_000)
            rate = (moved() - before_bytes) / 1e6 / (time.perf_counter() - began_s)
    worst, before = percentile(busy, 0.99), percentile(quiet, 0.99)
    heard.add("nothing beside it", before, note=f"median {statistics.median(quiet):.1f}")
    heard.add(
        f"one file sent and {FETCHERS} fetched beside it, all the time",
        worst,
        note=f"median {statistics.median(busy):.1f}, slowest {max(busy):.0f}; "
        f"{rate:.0f} MB/s of files",
    )
    heard.aim(f"at most {MOST_MORE_MS:.0f} ms more", worst - before <= MOST_MORE_MS)
    speed.add("sent", FILE_BYTES / 1e6 / sent_s)
    speed.add("fetched", FILE_BYTES / 1e6 / fetched_s)
    return [heard, speed]


def _posts_ms(author: WireClient, listener: WireClient, first: int) -> list[float]:
    took: list[float] = []
    for number in range(first, first + POSTS):
        began_ns = time.perf_counter_ns()
        post_id = _post(author, number)
        while listener.expect(Changed).message.post_id != post_id:
            pass
        took.append((time.perf_counter_ns() - began_ns) / 1e6)
        time.sleep(PAUSE_S)
    return took


def _post(author: WireClient, number: int, files: tuple[Attachment, ...] = ()) -> bytes:
    post_id = number.to_bytes(16, "big")
    request = author.number()
    author.ask(Post(request, post_id, f"Announcement {number}.", attachments=files), Posted)
    return post_id


def _send(sender: WireClient, data: bytes) -> Attachment:
    digest = hashlib.sha256(data).digest()
    there = sender.ask(OfferFile(sender.number(), digest, len(data)), Received).size
    while there < len(data):
        part = data[there : there + PART_BYTES]
        there = sender.ask(SendPart(sender.number(), digest, there, part), Received).size
    return Attachment(digest, "measured.bin", len(data))


def _fetch(client: WireClient, file: Attachment, is_over: Callable[[], bool]) -> int:
    there = 0
    while there < file.size and not is_over():
        there += len(client.ask(GetPart(client.number(), file.sha256, there), Part).data)
    return there


@contextmanager
def _busy(port: int, file: Attachment) -> Iterator[Callable[[], int]]:
    """Have one client send files and the others fetch one meanwhile, in a process of their
    own: here they would keep the clock's own thread waiting. Give what tells how many bytes
    they have moved."""
    spawn = multiprocessing.get_context("spawn")
    over, moved = spawn.Event(), spawn.Value("q", 0)
    process = spawn.Process(target=_keep_busy, args=(port, file, over, moved), daemon=True)
    process.start()
    try:
        yield lambda: int(moved.value)
    finally:
        over.set()
        process.join()
    if process.exitcode:
        raise RuntimeError(f"who sends and fetches files ended with {process.exitcode}")


def _keep_busy(port: int, file: Attachment, over: Event, moved: Any) -> None:
    def send(client: WireClient) -> None:
        chance = random.Random(2)
        while not over.is_set():
            _send(client, chance.randbytes(FILE_BYTES))
            add(FILE_BYTES)

    def fetch(client: WireClient) -> None:
        while not over.is_set():
            add(_fetch(client, file, over.is_set))

    def add(count: int) -> None:
        with moved.get_lock():
            moved.value += count

    with ExitStack() as stack:
        threads = []
        for work in (send, *[fetch] * FETCHERS):
            client = stack.enter_context(WireClient(port, tls=False))
            client.hello()
            client.sign_in(ADMIN, PASSWORD)
            threads.append(threading.Thread(target=work, args=(client,)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
