"""Each package that the project stands on does real work: without it, what it is there for does not happen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import redis

from logging_pipeline.indexes import SETUP, stream_name
from logging_pipeline.settings import Settings
from tests.collector import Collector
from tests.tiny_project.servers import ROOT, clean_environ

PROGRAM = """
import sys
sys.modules.update(dict.fromkeys(sys.argv[1:]))  # as if these were not installed
import django
django.setup()
from django.test import Client
Client().get("/hello/ada/")
from prometheus_client import generate_latest
from logging_pipeline.composition import close
close()
print(generate_latest().decode())
"""
SET_UP = """
import sys
sys.modules.update(dict.fromkeys(sys.argv[1:]))
from logging_pipeline.cli import main
sys.argv[1:] = ["setup"]
sys.exit(main())
"""


def run(code: str, without: tuple[str, ...], state: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """The program's end, where the modules *without* cannot be imported."""
    return subprocess.run(
        [sys.executable, "-c", code, *without],
        cwd=ROOT,
        env={**clean_environ(), "LOGPIPE_STATE_DIR": str(state), "LOGPIPE_APP": "tiny", **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def published(redis_url: str, state: Path, *without: str) -> bool:
    """Whether a request of the tiny project ends as a batch in the broker."""
    run(
        PROGRAM, without, state,
        DJANGO_SETTINGS_MODULE="tests.tiny_project.settings", LOGPIPE_REDIS_URL=redis_url,
    )  # fmt: skip
    with redis.Redis.from_url(redis_url) as broker:
        return any(b"logging_pipeline.stream" in message for message in broker.lrange("logs", 0, -1))


def test_a_request_is_published(redis_url, tmp_path):
    """With all of them, that is; the next test takes one away."""
    assert published(redis_url, tmp_path)


@pytest.mark.parametrize("package", ["celery", "redis", "structlog", "django"])
def test_a_request_is_not_published_without(package, redis_url, tmp_path):
    """Django serves it, structlog says it, Celery publishes it, Redis holds it."""
    assert not published(redis_url, tmp_path, package)


def test_the_direct_route_is_python_logstashs(tmp_path):
    """A program without a broker writes to a Logstash tcp input by its handler."""
    environ = {"DJANGO_SETTINGS_MODULE": "tests.tiny_project.settings"}
    with Collector() as collector:
        run(PROGRAM, ("logstash",), tmp_path, LOGPIPE_LOGSTASH_TCP=collector.address, **environ)
        assert not collector.events(event__action="http.request")
        run(PROGRAM, (), tmp_path, LOGPIPE_LOGSTASH_TCP=collector.address, **environ)
        assert len(collector.wait_for(event__action="http.request")) == 1


def test_numbers_are_shown_by_prometheus_client(redis_url, tmp_path):
    """Every stage counts by its library, and the text is its own."""
    environ = {"DJANGO_SETTINGS_MODULE": "tests.tiny_project.settings", "LOGPIPE_REDIS_URL": redis_url}
    assert run(PROGRAM, ("prometheus_client",), tmp_path, **environ).returncode != 0
    shown = run(PROGRAM, (), tmp_path, **environ)
    assert 'logpipe_collected_events_total{category="http"}' in shown.stdout, shown.stderr


def test_streams_are_made_by_elasticsearchs_client(elasticsearch_server, namespace, tmp_path):
    """Set-up asks through it."""
    user, password = elasticsearch_server.user(SETUP)
    environ = {
        "LOGPIPE_APP": "shop",
        "LOGPIPE_NAMESPACE": namespace,
        "LOGPIPE_ELASTICSEARCH_URL": elasticsearch_server.url,
        "LOGPIPE_ELASTICSEARCH_USER": user,
        "LOGPIPE_ELASTICSEARCH_PASSWORD": password,
    }
    stream = stream_name(Settings(app="shop", namespace=namespace), "system")
    admin = elasticsearch_server.client("logpipe_admin")
    assert run(SET_UP, ("elasticsearch",), tmp_path, **environ).returncode != 0
    assert not admin.indices.exists(index=stream)
    done = run(SET_UP, (), tmp_path, **environ)
    assert done.returncode == 0, done.stderr
    assert admin.indices.exists(index=stream)
