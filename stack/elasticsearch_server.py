"""Prepares one Elasticsearch node: its folder, its users and their rights; says how it is started and asked."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import requests
import yaml

from logging_pipeline.indexes import roles
from stack.account import Account
from stack.program import Check, Program

__all__ = ["Node", "elasticsearch_program", "prepare"]

PBKDF2_ROUNDS = 10_000  # Elasticsearch's own default for this scheme; our passwords are random, not guessable
START_TIMEOUT_S = 300  # 8 s on an idle machine, 134 s were seen on a very busy one

OPTIMISE_LATER = (
    # The costly compiler waits for ten times the usual number of calls: what is really hot gets it still, and the start
    # takes a quarter less processor time.
    "-XX:Tier4InvocationThreshold=50000",
    "-XX:Tier4MinInvocationThreshold=6000",
    "-XX:Tier4CompileThreshold=150000",
    "-XX:Tier4BackEdgeThreshold=400000",
)


@dataclass(frozen=True, slots=True)
class Node:
    """
    Where a node lives and listens.

    Args:
        home: the unpacked distribution, shared and never written to.
        folder: configuration, data, logs; the node's own.
        port: for HTTP, on loopback.
        java_home: a JDK that it accepts.
        account: whom it runs as.
        heap: Java's notation, e.g. ``512m``.
        java_options: further options of the virtual machine.
    """

    home: Path
    folder: Path
    port: int
    java_home: Path
    account: Account
    heap: str = "512m"
    java_options: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Its address. Plain HTTP: it listens on loopback only, where TLS would protect nothing."""
        return f"http://127.0.0.1:{self.port}"


def prepare(node: Node, app: str, passwords: Mapping[str, str]) -> None:
    """
    Write configuration, users and rights of *node*; data that is there stays. Run before every start.

    Args:
        app: whose data streams the users may touch.
        passwords: by user; each user has the role of the same name, from `logging_pipeline.indexes.roles`,
            or is a superuser where there is no such role (tests only).

    Raises:
        StackError: the node's account cannot reach its folders.
    """
    node.account.check_reach(node.folder)
    node.account.check_reach(node.home)
    config = node.folder / "config"
    for folder in (config, config / "jvm.options.d", node.folder / "data", node.folder / "logs", node.folder / "tmp"):
        folder.mkdir(parents=True, exist_ok=True)
    for name in ("jvm.options", "log4j2.properties"):
        shutil.copyfile(node.home / "config" / name, config / name)
    bodies = roles(app)
    _write(config / "elasticsearch.yml", yaml.safe_dump(_configuration(node), sort_keys=False))
    _write(config / "jvm.options.d" / "stack.options", _java_options(node))
    _write(config / "roles.yml", yaml.safe_dump(bodies, sort_keys=False))
    _write(config / "users", "".join(f"{user}:{_hashed(password)}\n" for user, password in passwords.items()))
    _write(
        config / "users_roles",
        "".join(f"{user if user in bodies else 'superuser'}:{user}\n" for user in passwords),
    )
    node.folder.chmod(0o700)
    node.account.own(node.folder)


def elasticsearch_program(node: Node, user: str, password: str) -> Program:
    """How to run *node*; *user* asks for its health."""
    return Program(
        name="elasticsearch",
        command=(str(node.home / "bin" / "elasticsearch"),),
        environment={
            "ES_JAVA_HOME": str(node.java_home),
            "ES_PATH_CONF": str(node.folder / "config"),
            "ES_TMPDIR": str(node.folder / "tmp"),
            "HOME": str(node.folder),
        },
        healthy=_health(node.url, user, password),
        health_timeout_s=START_TIMEOUT_S,
        stop_timeout_s=40,
        account=node.account,
        folder=node.folder,
    )


def _configuration(node: Node) -> dict[str, object]:
    return {
        "cluster.name": "logpipe",
        "node.name": "logpipe",
        "path.data": str(node.folder / "data"),
        "path.logs": str(node.folder / "logs"),
        "network.host": "127.0.0.1",
        "http.port": node.port,
        "transport.port": 0,  # any free one; a single node is asked by nobody
        "discovery.type": "single-node",
        "xpack.security.enabled": True,
        "xpack.security.http.ssl.enabled": False,
        "xpack.security.transport.ssl.enabled": False,
        # A laptop's disk is often 90 % full: what counts is whether there is room.
        "cluster.routing.allocation.disk.watermark.low": "1gb",
        "cluster.routing.allocation.disk.watermark.high": "700mb",
        "cluster.routing.allocation.disk.watermark.flood_stage": "400mb",
    }


def _java_options(node: Node) -> str:
    options = (
        f"-Xms{node.heap}",
        f"-Xmx{node.heap}",
        "-XX:-HeapDumpOnOutOfMemoryError",
        "-Xlog:disable",  # no files of the garbage collector
        "-Xlog:all=warning:stderr",
        *OPTIMISE_LATER,
        "-Des.queryable_built_in_roles_enabled=false",  # needs an analyzer that this distribution has not
        *node.java_options,
    )
    return "".join(f"{option}\n" for option in options)


def _hashed(password: str) -> str:
    """As Elasticsearch's file realm reads it: ``{PBKDF2}rounds$salt$hash``."""
    salt = secrets.token_bytes(32)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, PBKDF2_ROUNDS, dklen=32)
    return f"{{PBKDF2}}{PBKDF2_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def _write(path: Path, text: str) -> None:
    """Replace *path*, readable by its owner alone."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _health(url: str, user: str, password: str) -> Check:
    def ask() -> str | None:
        try:
            answer = requests.get(f"{url}/_cluster/health", auth=(user, password), timeout=2)
        except requests.RequestException:
            return "does not answer"
        if answer.status_code == requests.codes.unauthorized:
            return f"refuses the user {user!r}"
        if not answer.ok:
            return f"answers {answer.status_code}"
        status = answer.json()["status"]
        return None if status in ("green", "yellow") else f"cluster status is {status}"

    return ask
