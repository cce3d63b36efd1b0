"""Stage 10, on a real Redis: events are in a list, in somebody's hands, or answered for; never nowhere."""

from __future__ import annotations

import time

import pytest
import redis

from logging_pipeline.journey.take import LEASES, acknowledge, extend, reclaim, take

SHORT_S = 0.02


@pytest.fixture
def client(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        yield client


def expired(client: redis.Redis) -> None:
    """Wait until every lease has ended by Redis' own clock."""
    while client.zcount(LEASES, float(client.time()[0]), "+inf") or client.zrange(LEASES, 0, -1, withscores=True):
        seconds, micros = client.time()
        if not client.zcount(LEASES, seconds + micros / 1e6, "+inf"):
            return
        time.sleep(0.005)


def test_events_are_taken_from_the_front_and_kept_until_they_are_answered_for(client):
    """Taking moves them in one step; acknowledging deletes them."""
    client.rpush("logs:order", *range(5))
    taken = take("logs:order", client=client, max_events=3, lease_s=30)
    assert taken is not None
    assert taken.lines == [b"0", b"1", b"2"]
    assert client.lrange("logs:order", 0, -1) == [b"3", b"4"]
    assert client.lrange(taken.key, 0, -1) == taken.lines
    assert acknowledge(taken, client=client)
    assert client.keys("logs:*") == [b"logs:order"]
    assert not acknowledge(taken, client=client)


def test_an_empty_list_gives_nothing(client):
    """No lease is left behind."""
    assert take("logs:order", client=client, max_events=3, lease_s=30) is None
    assert client.keys("*") == []


def test_no_two_takers_get_the_same_event(client):
    """Each event is in one hand."""
    client.rpush("logs:order", *range(100))
    taken = [take("logs:order", client=client, max_events=30, lease_s=30) for _ in range(4)]
    assert sorted(int(line) for each in taken for line in each.lines) == list(range(100))


def test_a_dead_takers_events_come_back_in_front_and_in_order(client):
    """Who reclaims puts them where they were; nothing that came later overtakes them."""
    client.rpush("logs:order", *range(6))
    take("logs:order", client=client, max_events=3, lease_s=SHORT_S)
    expired(client)
    assert reclaim(client=client) == 3
    assert client.lrange("logs:order", 0, -1) == [b"0", b"1", b"2", b"3", b"4", b"5"]
    assert reclaim(client=client) == 0


def test_a_living_takers_events_are_left_alone(client):
    """A lease that is extended does not end."""
    client.rpush("logs:order", *range(3))
    taken = take("logs:order", client=client, max_events=3, lease_s=SHORT_S)
    assert extend(taken, client=client, lease_s=30)
    time.sleep(2 * SHORT_S)
    assert reclaim(client=client) == 0
    assert acknowledge(taken, client=client)


def test_a_taker_that_comes_too_late_is_told(client):
    """Its events are somebody else's by now: it must not think that they were its own."""
    client.rpush("logs:order", *range(3))
    taken = take("logs:order", client=client, max_events=3, lease_s=SHORT_S)
    expired(client)
    reclaim(client=client)
    assert not extend(taken, client=client, lease_s=30)
    assert not acknowledge(taken, client=client)
    assert client.llen("logs:order") == 3


def test_more_than_lua_can_unpack_is_taken_and_put_back(client):
    """10,000 events at once, in their order."""
    with client.pipeline() as pipe:
        for number in range(10_000):
            pipe.rpush("logs:order", number)
        pipe.execute()
    taken = take("logs:order", client=client, max_events=10_000, lease_s=SHORT_S)
    assert len(taken.lines) == 10_000
    expired(client)
    assert reclaim(client=client) == 10_000
    assert [int(line) for line in client.lrange("logs:order", 0, -1)] == list(range(10_000))
