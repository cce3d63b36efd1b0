"""What inputs add to an event: where it came from, under the names of ECS or those from before."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import redis

from logging_pipeline.logstash_engine import load
from logging_pipeline.logstash_engine.running.interfaces import Runtime, Source
from logging_pipeline.settings import Settings
from stack.ports import free_port

HERE = socket.gethostname()


def start(text: str, ecs: str) -> Source:
    (spec,) = load(f"input {{ {text} }}", ecs_compatibility=ecs).inputs
    source: Source = spec.module.open(spec, Runtime(Settings(), threading.Event(), lambda *_: pytest.fail("unused")))
    return source


def first(source: Source, send: Callable[[], object] = lambda: None) -> dict[str, Any]:
    """The first event of *source*, which is closed then; *send* is called until there is one."""
    deadline = time.monotonic() + 60
    try:
        while time.monotonic() < deadline:
            send()
            delivery = source.poll()
            if delivery:
                event = source.decode(delivery.lines[0])[0]
                return {name: event[name] for name in event if name not in ("@timestamp", "@version")}
            time.sleep(0.05)
    finally:
        source.close()
    raise AssertionError("nothing came")


def test_generator():
    """The machine and the round."""
    found = first(start('generator { lines => ["a"] count => 1 }', "v8"))
    assert found == {
        "message": "a",
        "host": {"name": HERE},
        "event": {"original": "a", "sequence": 0},
        "@metadata": {},
    }
    found = first(start('generator { lines => ["a"] count => 1 }', "disabled"))
    assert found == {"message": "a", "host": HERE, "sequence": 0, "@metadata": {}}


@pytest.mark.parametrize(
    ("ecs", "added"),
    [("v8", {"host": {"hostname": HERE}, "event": {"original": '{"a":1}'}}), ("disabled", {"host": HERE})],
)
def test_stdin(monkeypatch: pytest.MonkeyPatch, tmp_path: Any, ecs: str, added: dict[str, Any]):
    """The machine; with ECS also the line, which the codec of lines does not keep."""
    (tmp_path / "in").write_bytes(b'\n{"a":1}\n')
    with (tmp_path / "in").open() as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        source = start("stdin { codec => json_lines }", ecs)
        deadline = time.monotonic() + 60
        events: list[dict[str, Any]] = []
        while not events and time.monotonic() < deadline:
            delivery = source.poll()
            events += [event for line in delivery.lines for event in source.decode(line)] if delivery else []
        source.close()
    (event,) = events
    assert {name: event[name] for name in ("a", *added)} == {"a": 1} | added


@pytest.mark.parametrize("ecs", ["v8", "disabled"])
def test_tcp(ecs: str):
    """Name, address and port of the sender, with ECS as metadata."""
    port = free_port()
    source = start(f'tcp {{ host => "127.0.0.1" port => {port} dns_reverse_lookup_enabled => false }}', ecs)
    with socket.create_connection(("127.0.0.1", port)) as sender:
        sender.sendall(b"one\r\n")
        its_port = sender.getsockname()[1]
        found = first(source)
    if ecs == "v8":
        sent = {"name": "127.0.0.1", "ip": "127.0.0.1", "port": its_port}
        assert found == {
            "message": "one\r",
            "event": {"original": "one\r"},
            "@metadata": {"input": {"tcp": {"source": sent}}},
        }
    else:
        assert found == {
            "message": "one\r",
            "host": "127.0.0.1",
            "port": its_port,
            "@metadata": {"ip_address": "127.0.0.1"},
        }


@pytest.mark.parametrize(
    ("ecs", "option", "added"),
    [
        ("v8", "", {"host": {"ip": "127.0.0.1"}}),
        ("disabled", "", {"host": "127.0.0.1"}),
        ("v8", 'source_ip_fieldname => "[from][where]"', {"from": {"where": "127.0.0.1"}}),
    ],
)
def test_udp(ecs: str, option: str, added: dict[str, Any]):
    """The address of the sender."""
    port = free_port()
    source = start(f'udp {{ host => "127.0.0.1" port => {port} {option} }}', ecs)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        found = first(source, lambda: sender.sendto(b"one", ("127.0.0.1", port)))
    assert {name: found[name] for name in ("message", *added)} == {"message": "one"} | added


def test_redis_channel(redis_url: str):
    """The channel that it came by."""
    with redis.Redis.from_url(redis_url) as client:
        where = client.connection_pool.connection_kwargs
        source = start(
            f'redis {{ host => "{where["host"]}" port => {where["port"]} db => {where["db"]} '
            f'password => "{where["password"]}" data_type => "pattern_channel" key => "live:*" codec => json }}',
            "disabled",
        )
        found = first(source, lambda: client.publish("live:x", '{"a":1}'))
    assert found == {"a": 1, "@metadata": {"redis_channel": "live:x"}}
