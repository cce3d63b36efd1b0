"""Pipelines that run: inputs, outputs, acknowledgement, and the account of what filters drop."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis

from logging_pipeline import entrance
from logging_pipeline.errors import ConfigurationError, LogstashConfigError
from logging_pipeline.integrations.python_logstash import tcp_sender
from logging_pipeline.journey.take import LEASES, reclaim, take
from logging_pipeline.logstash_engine.loading import load_pipelines
from logging_pipeline.logstash_engine.running.elasticsearch_sink import _place
from logging_pipeline.producer import Producer
from logging_pipeline.settings import Settings
from stack.ports import free_port
from tests.logstash_engine.running.conftest import Run, wait_until

PRODUCER = "a" * 32


def event(number: int, namespace: str, **more: Any) -> str:
    return json.dumps({
        "@timestamp": "2026-11-21T12:00:00.000001Z",
        "event": {"id": f"{PRODUCER}-system-{number}", "sequence": number},
        "agent": {"ephemeral_id": PRODUCER},
        "data_stream": {"type": "logs", "dataset": "shop.system", "namespace": namespace},
        **more,
    })  # fmt: skip


def redis_input(url: str, key: str = "logs:system", **more: str) -> str:
    parts = urlsplit(url)
    options = {"host": parts.hostname, "port": parts.port, "password": parts.password, "db": parts.path.strip("/")}
    options |= {"data_type": "list", "key": key, **more}
    return "redis { " + " ".join(f'{name} => "{value}"' for name, value in options.items()) + " }"


def elasticsearch_output(server: Any) -> str:
    user, password = server.user("logpipe_writer")
    return (
        f'elasticsearch {{ hosts => ["{server.url}"] user => "{user}" password => "{password}" data_stream => false '
        'action => "create" document_id => "%{[event][id]}" '
        'index => "%{[data_stream][type]}-%{[data_stream][dataset]}-%{[data_stream][namespace]}" }'
    )


def stored(server: Any, stream: str, query: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    with server.client() as client:
        client.indices.refresh(index=stream)
        hits = client.search(index=stream, query=query or {"match_all": {}}, size=1_000)["hits"]["hits"]
    return [hit["_source"] for hit in hits]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def settings(streams: str, elasticsearch_server: Any, redis_url: str, tmp_path: Path) -> Settings:
    user, password = elasticsearch_server.user("logpipe_writer")
    return Settings(
        app="shop",
        namespace=streams,
        redis_url=redis_url,
        elasticsearch_url=elasticsearch_server.url,
        elasticsearch_user=user,
        elasticsearch_password=password,
        state_dir=tmp_path / "state",
        lease_s=3,
    )


@pytest.mark.stack
def test_events_go_from_redis_to_elasticsearch_once(run: Run, settings: Settings, elasticsearch_server: Any) -> None:
    """Every waiting event is filtered, stored under its id and acknowledged; a second copy changes nothing."""
    with redis.Redis.from_url(settings.redis_url) as client:
        lines = [event(n, settings.namespace, message=f"line {n}") for n in range(1, 1_201)]
        client.rpush("logs:system", *lines, *lines[:50])
        with run(
            settings,
            logs=f"input {{ {redis_input(settings.redis_url)} }}\n"
            'filter { mutate { uppercase => ["message"] } }\n'
            f"output {{ {elasticsearch_output(elasticsearch_server)} }}",
        ):
            wait_until(lambda: not client.exists("logs:system") and not client.zcard(LEASES))
        assert client.keys("*processing*") == []
    found = stored(elasticsearch_server, f"logs-shop.system-{settings.namespace}", {"term": {"event.sequence": 7}})
    assert [document["message"] for document in found] == ["LINE 7"]


@pytest.mark.stack
def test_what_a_dead_consumer_held_is_stored_once(run: Run, settings: Settings, elasticsearch_server: Any) -> None:
    """A batch written but not acknowledged is taken again after its lease, and found to be there already."""
    stream = f"logs-shop.system-{settings.namespace}"
    conf = f"input {{ {redis_input(settings.redis_url)} }}\noutput {{ {elasticsearch_output(elasticsearch_server)} }}"
    with redis.Redis.from_url(settings.redis_url) as client:
        lines = [event(n, settings.namespace, message="held") for n in range(2_001, 2_004)]
        client.rpush("logs:system", *lines)
        with run(settings, logs=conf):
            wait_until(lambda: len(stored(elasticsearch_server, stream, {"match": {"message": "held"}})) == 3)
        with elasticsearch_server.client() as admin:
            admin.indices.rollover(alias=stream)  # the id is unique in one backing index only
        client.rpush("logs:system", *lines)
        held = take("logs:system", client=client, max_events=10, lease_s=0.01)
        assert held is not None
        wait_until(lambda: reclaim(client=client) == 3)
        with run(settings, logs=conf):
            wait_until(lambda: not client.exists("logs:system") and not client.zcard(LEASES))
    assert len(stored(elasticsearch_server, stream, {"match": {"message": "held"}})) == 3


@pytest.mark.stack
def test_an_id_that_no_request_can_carry_holds_nobody_up(
    run: Run, settings: Settings, elasticsearch_server: Any
) -> None:
    """Half of a surrogate pair is legal in JSON and nowhere else: its event is stored, and so is its neighbour."""
    stream = f"logs-shop.system-{settings.namespace}"
    lines = [event(2_501, settings.namespace, message="neighbour"), event(2_502, settings.namespace, huge=10**30)]
    with redis.Redis.from_url(settings.redis_url) as client:
        client.rpush("logs:system", lines[1].replace(PRODUCER, r"\udfff", 1), lines[0])
        with run(
            settings,
            logs=f"input {{ {redis_input(settings.redis_url)} }}\n"
            f"output {{ {elasticsearch_output(elasticsearch_server)} }}",
        ):
            wait_until(lambda: not client.exists("logs:system") and not client.zcard(LEASES))
    for number in (2_501, 2_502):
        assert len(stored(elasticsearch_server, stream, {"term": {"event.sequence": number}})) == 1


def test_an_event_without_a_time_has_a_place(tmp_path: Path) -> None:
    """A filter may have removed it; the name of its index lacks the day, and the other events go on."""
    (tmp_path / "logs.conf").write_text("input { stdin { } } output { elasticsearch { data_stream => false } }")
    (tmp_path / "pipelines.yml").write_text("- pipeline.id: logs\n  path.config: logs.conf\n")
    (pipeline,) = load_pipelines(tmp_path / "pipelines.yml", env={})
    index, _, _ = _place(pipeline.outputs[0])({"message": "x"})
    assert index == "logstash-"


@pytest.mark.stack
def test_what_filters_drop_is_in_the_ledger(run: Run, settings: Settings, elasticsearch_server: Any) -> None:
    """An event that a filter dropped, or that no output wanted, is accounted for by its number and the place."""
    ledger = f"logs-shop.ledger-{settings.namespace}"
    with redis.Redis.from_url(settings.redis_url) as client:
        client.rpush("logs:system", *(event(n, settings.namespace, n=n) for n in range(3_001, 3_006)))
        with run(
            settings,
            logs=f"input {{ {redis_input(settings.redis_url)} }}\n"
            "filter { if [n] in [3001, 3002] { drop { } }\n"
            'if [n] == 3005 { mutate { remove_field => ["@timestamp"] } } }\n'
            f"output {{ if [n] != 3005 {{ {elasticsearch_output(elasticsearch_server)} }} }}",
        ):
            wait_until(lambda: not client.exists("logs:system") and not client.zcard(LEASES))
    told = {
        document["labels"]["filter"].partition(" (")[0]: document["ledger"]["ranges"]
        for document in stored(elasticsearch_server, ledger, {"term": {"ledger.reason": "filtered_out"}})
    }
    assert told == {"drop": ["3001-3002"], "no output wants it": ["3005"]}


@pytest.mark.stack
def test_the_direct_route_ends_in_elasticsearch(run: Run, settings: Settings, elasticsearch_server: Any) -> None:
    """A program without Celery logs through python-logstash's handler to the tcp input, numbered and masked."""
    port = free_port()
    sender = Producer(settings, make_send=lambda: tcp_sender("127.0.0.1", port, 2.0))
    with run(
        settings,
        direct=f'input {{ tcp {{ host => "127.0.0.1" port => {port} codec => json_lines }} }}\n'
        f"output {{ {elasticsearch_output(elasticsearch_server)} }}",
    ):
        wait_until(lambda: listens(port))
        with entrance.replaced(sender):
            entrance.pipeline.emit(20, "batch.job", "mail bob@example.com", {"rows": 3})
        sender.close()
        query = {"term": {"agent.ephemeral_id": sender.ephemeral_id}}
        (document,) = wait_until(lambda: stored(elasticsearch_server, f"logs-shop.system-{settings.namespace}", query))
    assert document["message"] == "mail [masked]"
    assert (document["event"]["sequence"], document["numeric_labels"]["rows"]) == (1, 3)


def test_a_pipeline_sends_to_another(run: Run, tmp_path: Path) -> None:
    """Pipeline-to-pipeline: the downstream filters and outputs have answered when the upstream batch has."""
    out = tmp_path / "out" / "all.ndjson"
    with run(
        Settings(),
        intake='input { generator { lines => ["a", "b"] count => 2 } }\noutput { pipeline { send_to => ["enrich"] } }',
        enrich='input { pipeline { address => "enrich" } }\nfilter { mutate { add_tag => ["seen"] } }\n'
        f'output {{ file {{ path => "{out}" codec => json_lines }} }}',
    ):
        wait_until(lambda: out.exists() and len(out.read_text().splitlines()) >= 4)
    events = [json.loads(line) for line in out.read_text().splitlines()]
    assert sorted(found["message"] for found in events) == ["a", "a", "b", "b"]
    assert all(found["tags"] == ["seen"] for found in events)


def test_redis_output_and_channel_input(run: Run, settings: Settings) -> None:
    """The redis output pushes by each event's key; the redis input hears a channel by pattern."""
    with redis.Redis.from_url(settings.redis_url) as client:
        output = redis_input(settings.redis_url, key="copy:%{message}")
        with run(
            settings,
            logs=f"input {{ {redis_input(settings.redis_url, key='live:*', data_type='pattern_channel')} }}\n"
            f"output {{ {output} }}",
        ):
            wait_until(lambda: client.publish("live:x", '{"message":"one"}\n{"message":"two"}'))
            wait_until(lambda: client.exists("copy:one", "copy:two") == 2)


def test_udp_and_stdout(run: Run, settings: Settings, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """The udp input makes an event of each datagram; the stdout output prints it as its codec says."""
    port = free_port()
    seen = b""
    with (
        run(
            settings,
            logs=f'input {{ udp {{ host => "127.0.0.1" port => {port} codec => json }} }}\n'
            "output { stdout { codec => json_lines } }",
        ),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):

        def printed() -> bool:
            nonlocal seen
            sender.sendto(b'{"message":"over udp"}', ("127.0.0.1", port))
            seen += capfdbinary.readouterr().out
            return b"over udp" in seen

        wait_until(printed)


def test_a_taken_port_is_said_before_anything_runs(run: Run, settings: Settings) -> None:
    """A tcp input whose port is taken refuses the start, with the port and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        conf = f'input {{ tcp {{ host => "127.0.0.1" port => {port} }} }}\noutput {{ stdout {{ }} }}'
        with pytest.raises(ConfigurationError, match=str(port)), run(settings, logs=conf):
            pass


def test_pipelines_that_send_in_a_circle_are_refused(run: Run, settings: Settings) -> None:
    """Two pipelines that send to each other would never end: they are refused, with the place."""
    confs = {
        "a": 'input { pipeline { address => "a" } } output { pipeline { send_to => ["b"] } }',
        "b": 'input { pipeline { address => "b" } } output { pipeline { send_to => ["a"] } }',
    }
    with pytest.raises(LogstashConfigError, match="in a circle"), run(settings, **confs):
        pass
