"""Stage 9, on a real Redis: all of a batch or nothing of it, once."""

from __future__ import annotations

import pytest
import redis

from logging_pipeline.journey.stream import channel, list_key, stream


@pytest.fixture
def client(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        yield client


def test_each_category_goes_to_its_list_and_its_channel(client):
    """One element an event in the list, one message a batch on the channel."""
    with client.pubsub(ignore_subscribe_messages=True) as tail:
        tail.subscribe(channel("order"))
        tail.get_message(timeout=5)
        assert stream("b1", {"order": b'{"a":1}\n{"a":2}', "http": b"{}"}, client=client)
        message = None
        while message is None:
            message = tail.get_message(timeout=5)
    assert client.lrange(list_key("order"), 0, -1) == [b'{"a":1}', b'{"a":2}']
    assert client.lrange(list_key("http"), 0, -1) == [b"{}"]
    assert message["data"] == b'{"a":1}\n{"a":2}'


def test_a_batch_that_comes_twice_is_streamed_once(client):
    """Celery delivers at least once; the batch's id makes it once."""
    assert [stream("b1", {"order": b"{}"}, client=client) for _ in range(3)] == [True, False, False]
    assert client.llen("logs:order") == 1
    assert stream("b2", {"order": b"{}"}, client=client)
    assert client.llen("logs:order") == 2


def test_the_memory_of_batch_ids_ends(client):
    """After a day no redelivery can come, and the ids must not fill Redis."""
    stream("b1", {"order": b"{}"}, client=client)
    assert 86_000 < client.ttl("logs:batch:b1") <= 86_400


def test_a_batch_may_hold_more_than_lua_can_unpack(client):
    """10,000 events keep their order."""
    lines = [b"%d" % number for number in range(10_000)]
    stream("b1", {"order": b"\n".join(lines)}, client=client)
    assert client.lrange("logs:order", 0, -1) == lines


def test_a_full_redis_lets_a_batch_into_its_lists(client):
    """It takes no new batches, but those that it holds must be able to move on, or it would be full for ever."""
    client.config_set("maxmemory", 1)
    with pytest.raises(redis.exceptions.OutOfMemoryError):
        client.lpush("logs", b"a new one")
    assert stream("b1", {"order": b'{"n":1}'}, client=client)
    assert not stream("b1", {"order": b'{"n":1}'}, client=client)
    assert client.lrange("logs:order", 0, -1) == [b'{"n":1}']
