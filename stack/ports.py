"""Ports on loopback: which is free, who is in the way."""

from __future__ import annotations

import socket

__all__ = ["free_port", "is_free"]


_reserved: list[socket.socket] = []


def free_port() -> int:
    """
    A port that nobody listens on, and that nobody else is given as long as this process lives.

    It is bound and not listened on: the system hands it to no other, as a server's or as a connection's own end, and a
    server that may reuse addresses, as servers do, can still listen on it.
    """
    probe = socket.socket()
    probe.bind(("127.0.0.1", 0))
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _reserved.append(probe)
    return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether a server could listen on *port*."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: a closing connection is no owner
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
