"""Sockets and timers on one thread: bytes and callbacks, nothing of messages."""
