"""Ports that are given to servers: nobody else comes between."""

from __future__ import annotations

import socket

from stack.ports import free_port, is_free


def test_a_free_port_stays_free_for_its_server():
    """It refuses connections until a server listens there, and lets the next one listen after it."""
    port = free_port()
    for _ in range(2):
        assert is_free(port)
        with socket.create_server(("127.0.0.1", port)):
            assert not is_free(port)


def test_a_free_port_is_given_once():
    """Neither asked for again, nor as one that the system chooses, is it given to another."""
    given = {free_port() for _ in range(50)}
    assert len(given) == 50
    for _ in range(50):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            assert other.getsockname()[1] not in given
