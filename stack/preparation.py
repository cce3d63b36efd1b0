"""What `run` does before anything is started: looks for what is in the way, fetches what is missing, configures."""

from __future__ import annotations

import shutil

from stack import credentials, elasticsearch_server, redis_server
from stack.account import unprivileged_account
from stack.distribution import Report, install
from stack.elasticsearch_server import Node
from stack.environments import APP, PASSWORD_OF, Environments
from stack.java import find_java_home
from stack.leftovers import end_leftovers
from stack.preflight import check_disk, check_ports, hold_stack
from stack.program import Program
from stack.programs import MULTIPROCESS_SERVICES, programs
from stack.redis_server import RedisServer
from stack.settings import StackSettings

__all__ = ["environments", "prepare"]


def environments(settings: StackSettings) -> Environments:
    """What the programs are told; makes the passwords when there are none yet."""
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    return Environments(settings, credentials.load(settings.var_dir / "secrets"))


def prepare(settings: StackSettings, report: Report) -> list[Program]:
    """
    Make everything ready and return the table of programs. This process is the stack of its folder from here on.

    Raises:
        StackError: something is missing or in the way.
    """
    var_dir = settings.var_dir
    for folder in (var_dir, var_dir / "log", var_dir / "run", var_dir / "logpipe"):
        folder.mkdir(parents=True, exist_ok=True)
    hold_stack(var_dir / "stack.pid")
    end_leftovers(var_dir / "run", lambda name, text: report(f"{name}: {text}"))
    check_ports(settings)
    check_disk(var_dir)
    known = environments(settings)
    for service in MULTIPROCESS_SERVICES:  # what earlier processes left there would be counted again
        shutil.rmtree(known.metrics_dir(service), ignore_errors=True)
        known.metrics_dir(service).mkdir(parents=True)
    account = unprivileged_account()
    java_home = find_java_home(account, settings.java_home)
    node = Node(
        home=install(settings.cache_dir, mirror=settings.maven_mirror, report=report),
        folder=var_dir / "elasticsearch",
        port=settings.port_elasticsearch,
        java_home=java_home,
        account=account,
        heap=settings.elasticsearch_heap,
    )
    redis = RedisServer(
        var_dir / "redis", settings.port_redis, known.credentials["REDIS_PASSWORD"], settings.redis_max_memory
    )
    redis_server.prepare(redis)
    elasticsearch_server.prepare(node, APP, {user: known.credentials[name] for user, name in PASSWORD_OF.items()})
    return programs(known, node, redis)
