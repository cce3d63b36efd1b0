"""The transport of the log worker, on a real Redis: a message is always written down somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from kombu import Connection, Queue

from logging_pipeline.redis_transport import PublishingTransport, Transport

pytestmark = pytest.mark.stack


@pytest.fixture
def connection(redis_url: str) -> Iterator[Connection]:
    options = {"visibility_timeout": 60, "unacked_restore_throttle": 1}
    with Connection(redis_url, transport=Transport, transport_options=options) as connection:
        yield connection


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


def publish(connection: Connection, *texts: str | bytes) -> None:
    with connection.Producer() as producer:
        for text in texts:
            producer.publish(text, routing_key="logs", headers={"note": '"delivery_tag": "of nobody"'})


def consume(connection: Connection, count: int) -> list[Any]:
    found: list[Any] = []
    with connection.Consumer(Queue("logs"), callbacks=[lambda _, message: found.append(message)]):
        while len(found) < count:
            connection.drain_events(timeout=30)
    return found


def test_a_message_is_written_down_in_the_step_that_pops_it(connection: Connection, client: redis.Redis):
    """Under its own tag, as kombu would have written it a moment later."""
    publish(connection, "one")
    message = client.lindex("logs", 0)
    channel = connection.default_channel
    assert channel._pop("logs") == message
    tag = channel.written_down
    assert client.hkeys("unacked") == client.zrange("unacked_index", 0, -1) == [tag.encode()]
    channel.qos.restore_by_tag(tag)  # what the sweep does for a worker that vanished
    assert client.hlen("unacked") == client.zcard("unacked_index") == 0
    assert [message.payload for message in consume(connection, 1)] == ["one"]


def test_what_is_published_through_one_client_is_read(connection: Connection, redis_url: str):
    """Bytes and text of any language arrive as they were sent; a client is made once, not for each message."""
    sent = [b"\x00\xff", 'äöü \u2028 "quoted"', "x" * 100_000]
    with Connection(redis_url, transport=PublishingTransport) as publishing:
        publish(publishing, *sent)
        channel = publishing.default_channel
        assert channel._create_client() is channel._create_client()
    found = consume(connection, len(sent))
    assert [message.payload for message in found] == sent
    assert all(message.headers == {"note": '"delivery_tag": "of nobody"'} for message in found)


def test_messages_come_in_order_and_are_acknowledged(connection: Connection, client: redis.Redis):
    """Waiting for a message moves none of them."""
    publish(connection, "one", "two", "three")
    found = consume(connection, 3)
    assert [message.payload for message in found] == ["one", "two", "three"]
    assert client.hlen("unacked") == 3
    for message in found:
        message.ack()
    assert (client.hlen("unacked"), client.zcard("unacked_index"), client.llen("logs")) == (0, 0, 0)


def test_a_full_redis_hands_its_messages_out(connection: Connection, client: redis.Redis):
    """It takes nothing new, but what it holds must be able to leave, or it would be full for ever."""
    publish(connection, "one", "two")
    client.config_set("maxmemory", 1)
    found = consume(connection, 2)
    assert client.hlen("unacked") == 2
    for message in found:
        message.ack()
    assert (client.hlen("unacked"), client.llen("logs")) == (0, 0)


def test_a_message_of_another_maker_is_taken_too(connection: Connection, client: redis.Redis):
    """Without a tag of its own, kombu gives it one and writes it down."""
    publish(connection, "one")
    stranger = client.lpop("logs").replace(b'"delivery_tag"', b'"delivery_tab"')
    client.lpush("logs", stranger)
    assert connection.default_channel._pop("logs") == stranger
    assert connection.default_channel.written_down is None


@pytest.mark.parametrize("end", ["ack", "reject", "requeue"])
def test_a_task_that_outlives_its_connection_ends_no_worker(connection: Connection, client: redis.Redis, end: str):
    """What was in hand stays written down, from where it is delivered again, however the task has ended."""
    publish(connection, "one")
    with connection.clone() as lost:
        (message,) = consume(lost, 1)
        message.channel.connection.client = None  # as kombu leaves it
    getattr(message, end)()
    assert (client.hlen("unacked"), client.llen("logs")) == (1, 0)


@pytest.mark.parametrize("end", ["ack", "reject", "requeue"])
def test_an_end_that_redis_does_not_hear_of_keeps_no_place(connection: Connection, client: redis.Redis, end: str):
    """Or a worker would stop to take messages after as many failures as it may have messages in hand."""
    publish(connection, "one", "two")
    channel = connection.default_channel
    channel.basic_qos(0, 1)
    (message,) = consume(connection, 1)
    assert not channel.qos.can_consume()
    client.execute_command("ACL", "SETUSER", "default", "-zrem")
    try:
        with pytest.raises(redis.exceptions.NoPermissionError):
            getattr(message, end)()
    finally:
        client.execute_command("ACL", "SETUSER", "default", "+zrem")
    assert client.hlen("unacked") == 1
    assert [message.payload for message in consume(connection, 1)] == ["two"]


@pytest.mark.parametrize(
    "rubbish",
    [b"", b"no JSON", b"\xff\xfe", b"null", b"[]", b'{"body": 1}', b'{"body": "x", "properties": {}}',
     b'no JSON "delivery_tag": "but a tag"'],
)  # fmt: skip
def test_what_is_no_message_is_put_aside(connection: Connection, client: redis.Redis, rubbish: bytes):
    """It ends no worker, now or when it is delivered again, holds no other message up, and can be looked at."""
    client.lpush("logs", rubbish)
    publish(connection, "one")
    (message,) = consume(connection, 1)
    assert message.payload == "one"
    assert client.lrange("unreadable:logs", 0, -1) == [rubbish]
    assert client.hkeys("unacked") == client.zrange("unacked_index", 0, -1) == [message.delivery_tag.encode()]
