"""Measure what one post costs the server, from its frame to everybody's.

A real server process without TLS, an administrator who keeps as many posts under
way as a session may have, and listeners who are sent each of them. CPU time is
the server's own, all threads together, read when it has ended; so it needs a
system that tells (`resource`, not on Windows). A new server for each round.
"""

import secrets
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.report import Section
from bench.run import Run
from protocol.codec import encode
from protocol.messages import Changed, Post, Posted
from tests.support.server_process import ADMIN, PASSWORD, ServerProcess
from tests.support.wire import WireClient

POSTS = 5_000
LISTENERS = 10
IN_FLIGHT = 32
"""Half of what the server takes of one session at once."""


def measure(run: Run) -> list[Section]:
    """Measure the processor's time and the time for one post, over several rounds."""
    section = Section(
        f"A post of {POSTS:,}, {IN_FLIGHT} under way, {LISTENERS} listening", "microseconds"
    )
    cpu_us, wall_us, idle_s = [], [], _cpu_of_server(posts=0)[0]
    for _ in range(run.rounds):
        cpu_s, wall_s = _cpu_of_server(POSTS)
        cpu_us.append((cpu_s - idle_s) / POSTS * 1e6)
        wall_us.append(wall_s / POSTS * 1e6)
    for name, values in (("Rostrum, processor", cpu_us), ("Rostrum, time", wall_us)):
        section.add(name, statistics.median(values), values)
    return [section]


def _cpu_of_server(posts: int) -> tuple[float, float]:
    """Measure the seconds of CPU over a server's whole life, and the seconds from the
    first post to the last answer."""
    try:
        import resource
    except ImportError:
        sys.exit("this system does not tell how much CPU a process has used")

    def children_s() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess(Path(folder), tls=False)
        server.make_room()
        before_s = children_s()
        server.start()
        listeners = [_signed_in(server) for _ in range(LISTENERS)]
        threads = [threading.Thread(target=_hear, args=(one, posts)) for one in listeners]
        for thread in threads:
            thread.start()
        with _signed_in(server) as author:
            began = time.perf_counter()
            _post(author, posts)
            wall_s = time.perf_counter() - began
        for thread in threads:
            thread.join()
        for one in listeners:
            one.close()
        server.stop()
        return children_s() - before_s, wall_s


def _signed_in(server: ServerProcess) -> WireClient:
    client = WireClient(server.port, tls=False)
    client.hello()
    client.sign_in(ADMIN, PASSWORD)
    return client


def _post(author: WireClient, posts: int) -> None:
    sent = answered = 0
    while answered < posts:
        batch = []
        while sent < posts and sent - answered < IN_FLIGHT:
            sent += 1
            batch.append(encode(Post(sent, secrets.token_bytes(16), f"Announcement {sent}")))
        if batch:
            author.say_bytes(b"".join(batch))
        answered += sum(isinstance(message, Posted) for message in _arrived(author))


def _hear(listener: WireClient, posts: int) -> None:
    heard = 0
    while heard < posts:
        heard += sum(isinstance(message, Changed) for message in _arrived(listener))


def _arrived(client: WireClient) -> list[object]:
    client.connection.receive(client.socket.recv(65536))
    return list(client.connection.incoming())
