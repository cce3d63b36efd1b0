"""
The table of what runs.

It is in the order of data flow, the last to receive first: what is written to stands above what writes. The supervisor
starts each row as soon as what it needs is healthy, and stops from the bottom up: first nobody makes events any more,
then each hop hands on what it holds, at last the servers end.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from logging_pipeline.indexes import READER, SETUP, WRITER
from stack import checks
from stack.elasticsearch_server import Node, elasticsearch_program
from stack.environments import Environments
from stack.program import Program
from stack.redis_server import RedisServer, redis_program
from stack.settings import PROJECT

__all__ = ["MULTIPROCESS_SERVICES", "programs"]

MULTIPROCESS_SERVICES = ("shop-web", "shop-worker", "logs-worker")  # their processes share metrics through a folder
LOW_DISK_BYTES = 1_000_000_000  # Elasticsearch refuses writes below 0.4 GB
HOUR_S = 3600.0
DAY_S = 24 * HOUR_S

PYTHON = sys.executable
MANAGE = (PYTHON, "manage.py")
GENTLY = ("nice", "-n", "10")  # what is done once leaves the processor to Elasticsearch, whose start takes longest
CELERY = (PYTHON, "-m", "celery")
WORKER = ("worker", "--without-gossip", "--without-mingle")  # alone on its queue; Gossip fails when Redis comes back
LOGPIPE = (str(Path(PYTHON).with_name("logpipe")),)


def programs(environments: Environments, node: Node, redis: RedisServer) -> list[Program]:
    """Every program of the stack, in order of data flow, the last to receive first."""
    env, settings = environments.of, environments.settings
    shared = {name: {"PROMETHEUS_MULTIPROC_DIR": str(environments.metrics_dir(name))} for name in MULTIPROCESS_SERVICES}
    people = {name: environments.credentials[name] for name in ("SHOP_STAFF_PASSWORD", "SHOP_CUSTOMER_PASSWORD")}
    faults = "on" if settings.demo else "off"
    table = [
        # The servers.
        redis_program(redis),
        _with_room_on_disk(elasticsearch_program(node, *environments.elasticsearch_login(SETUP)), settings.var_dir),
        # What is done once, before the first event.
        Program(
            name="setup",
            command=(*LOGPIPE, "setup"),
            environment=env("logpipe-setup", SETUP),
            needs=("elasticsearch", "redis"),
            once=True,
        ),
        Program(
            name="static",
            command=(*GENTLY, *MANAGE, "collectstatic", "--no-input", "--verbosity=0"),
            environment=env("shop-static"),
            needs=("redis",),
            once=True,
        ),
        Program(
            name="migrate",
            command=(*GENTLY, *MANAGE, "migrate", "--no-input"),
            environment=env("shop-migrate"),
            needs=("redis",),
            once=True,
            health_timeout_s=180,
        ),
        Program(
            name="seed",
            command=(*GENTLY, *MANAGE, "seed"),
            environment=env("shop-seed", **people),
            needs=("migrate",),
            once=True,
            health_timeout_s=180,
        ),
        # The way of the events, from its end to its beginning.
        Program(
            name="consumer",
            command=(*LOGPIPE, "consume"),
            environment=env(
                "logpipe-consumer",
                WRITER,
                LOGPIPE_METRICS_PORT=str(settings.port_consumer_metrics),
                LOGPIPE_TCP_PORT=str(settings.port_direct),
            ),
            needs=("setup",),
            healthy=checks.all_of(
                checks.http_answers(f"http://127.0.0.1:{settings.port_consumer_metrics}/metrics"),
                checks.tcp_answers(settings.port_direct),
            ),
            drained=checks.redis_is_empty_of(environments.logs_redis_url, lists="logs:*"),
            stop_timeout_s=30,
        ),
        Program(
            name="logs-worker",
            command=(
                *CELERY,
                "--app=celery_workers.logs:app",
                *WORKER,
                "--hostname=logs@%h",
                "--concurrency=1",
                "--loglevel=WARNING",
            ),
            environment=env(
                "logs-worker", LOGPIPE_METRICS_PORT=str(settings.port_worker_metrics), **shared["logs-worker"]
            ),
            needs=("redis",),
            healthy=checks.celery_answers(environments.logs_redis_url, serializer="msgpack"),
            drained=checks.redis_is_empty_of(environments.logs_redis_url, lists="logs", unacknowledged=True),
            stop_timeout_s=45,  # 32 s when Redis went before it
        ),
        # The shop.
        Program(
            name="shop-worker",
            command=(
                *CELERY,
                "--app=celery_workers.shop:app",
                *WORKER,
                "--hostname=shop@%h",
                "--concurrency=2",
                "--loglevel=WARNING",
            ),
            environment=env("shop-worker", SHOP_DEMO_FAULTS=faults, **shared["shop-worker"]),
            needs=("migrate",),
            healthy=checks.celery_answers(environments.shop_redis_url),
            stop_timeout_s=30,
        ),
        Program(
            name="beat",
            command=(
                *CELERY,
                "--app=celery_workers.shop:app",
                "beat",
                f"--schedule={settings.var_dir / 'beat-schedule'}",
                "--loglevel=WARNING",
            ),
            environment=env("shop-beat"),
            needs=("shop-worker",),
        ),
        Program(
            name="console",
            command=(
                *(PYTHON, "-m", "uvicorn", "shopapp.config.asgi:application"),
                *("--host=127.0.0.1", f"--port={settings.port_console}"),
                *("--no-access-log", "--no-proxy-headers", "--log-level=warning", "--timeout-graceful-shutdown=5"),
            ),
            environment=env("shop-console", READER),
            needs=("migrate", "static", "elasticsearch"),
            healthy=checks.http_answers(f"{environments.console_url}/healthz/"),
        ),
        Program(
            name="web",
            command=(
                *(PYTHON, "-m", "gunicorn", "shopapp.config.wsgi:application"),
                *("--config=python:shopapp.config.gunicorn", "--no-control-socket", "--preload"),
                *(f"--bind=127.0.0.1:{settings.port_web}", f"--workers={settings.web_workers}", "--threads=4"),
                *("--graceful-timeout=10", "--log-level=warning"),
            ),
            environment=env("shop-web", SHOP_DEMO_FAULTS=faults, **shared["shop-web"]),
            needs=("migrate", "static"),
            healthy=checks.http_answers(f"{environments.web_url}/healthz/"),
        ),
        Program(
            name="retention",
            command=(*LOGPIPE, "retention"),
            environment=env("logpipe-retention", SETUP),
            needs=("setup", "web", "console"),  # not urgent
            once=True,
            every_s=DAY_S,  # this Elasticsearch keeps no lifecycle by itself
        ),
        Program(
            name="reconcile",
            command=(*LOGPIPE, "reconcile", "--write-events"),
            environment=env("logpipe-reconcile", READER),
            needs=("consumer", "logs-worker", "web"),
            once=True,
            every_s=HOUR_S,
            health_timeout_s=600,  # it looks at every number
        ),
        Program(
            name="demo",
            command=(*MANAGE, "demo_traffic", f"--url={environments.web_url}"),
            environment=env("shop-demo", **people),
            needs=("web", "shop-worker", "seed"),
        ),
    ]
    in_project = [program if program.folder else replace(program, folder=PROJECT) for program in table]
    return [program for program in in_project if settings.demo or program.name != "demo"]


def _with_room_on_disk(program: Program, folder: Path) -> Program:
    """*program*, which is unwell when the disk of *folder* is nearly full."""
    checks_own = (program.healthy,) if program.healthy else ()
    return replace(program, healthy=checks.all_of(*checks_own, checks.disk_has_room(folder, LOW_DISK_BYTES)))
