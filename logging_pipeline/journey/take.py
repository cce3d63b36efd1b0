"""
Stage 10 of 12: take events from a Redis list into a leased processing list.

The events leave the waiting list and enter ``<list>:processing:<token>`` in one step; they are deleted when `write` has
answered for them. A consumer that dies stops extending its leases, and whoever calls `reclaim` puts the events back at
the front of their list.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import redis

__all__ = ["LEASES", "Taken", "acknowledge", "extend", "give_back", "reclaim", "take"]

LEASES = "logs:leases"
"""Sorted set of processing lists by the time at which their lease ends, seconds since the epoch by Redis' clock."""

REDELIVERED = "logs:redelivered"
"""Hash: how many events at the front of each list were in somebody's hands before, and may have been written."""

_NOW = "local t = redis.call('TIME')\nlocal now = tonumber(t[1]) + tonumber(t[2]) / 1e6\n"

_TAKE = (
    _NOW
    + """
local lines = redis.call('LPOP', KEYS[1], ARGV[1])
if not lines then return false end
for from = 1, #lines, 1000 do
  redis.call('RPUSH', KEYS[2], unpack(lines, from, math.min(from + 999, #lines)))
end
redis.call('ZADD', KEYS[3], now + tonumber(ARGV[2]), KEYS[2])
local again = tonumber(redis.call('HGET', KEYS[4], KEYS[1]) or 0)
if again > #lines then
  redis.call('HINCRBY', KEYS[4], KEYS[1], -#lines)
elseif again > 0 then
  redis.call('HDEL', KEYS[4], KEYS[1])
end
return {again > 0 and 1 or 0, lines}
"""
)

_ACKNOWLEDGE = """
redis.call('ZREM', KEYS[2], KEYS[1])
return redis.call('DEL', KEYS[1])
"""

_EXTEND = _NOW + "return redis.call('ZADD', KEYS[2], 'XX', 'CH', now + tonumber(ARGV[1]), KEYS[1])"

_RECLAIM = (
    _NOW
    + """
local expired = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 100)
local events = 0
for _, key in ipairs(expired) do
  local source = string.match(key, '^(.*):processing:[^:]*$')
  local lines = redis.call('LRANGE', key, 0, -1)
  for i = #lines, 1, -1 do
    redis.call('LPUSH', source, lines[i])
  end
  events = events + #lines
  redis.call('HINCRBY', KEYS[2], source, #lines)
  redis.call('DEL', key)
  redis.call('ZREM', KEYS[1], key)
end
return events
"""
)


@dataclass(frozen=True, slots=True)
class Taken:
    """
    Events in this consumer's hands.

    Args:
        source: the list they came from.
        key: the processing list that holds them until they are acknowledged.
        lines: one event's JSON each, in the order of the list.
        redelivered: some of them were taken before, and may have been written.
    """

    source: str
    key: str
    lines: list[bytes]
    redelivered: bool = False


def take(source: str, *, client: redis.Redis, max_events: int, lease_s: float) -> Taken | None:
    """
    Take at most *max_events* from the front of *source*; ``None`` when it is empty.

    Raises:
        redis.RedisError: nothing was taken, or the answer was lost: then the lease expires and they are taken again.
    """
    key = f"{source}:processing:{uuid.uuid4().hex}"
    keys = [source, key, LEASES, REDELIVERED]
    answer = client.register_script(_TAKE)(keys=keys, args=[max_events, lease_s])
    return Taken(source, key, answer[1], bool(answer[0])) if answer else None


def acknowledge(taken: Taken, *, client: redis.Redis) -> bool:
    """Delete *taken*: every event in it has been answered for. False when the lease was lost before."""
    return bool(client.register_script(_ACKNOWLEDGE)(keys=[taken.key, LEASES]))


def extend(taken: Taken, *, client: redis.Redis, lease_s: float) -> bool:
    """Keep *taken* for *lease_s* more seconds. False when the lease was lost: somebody else may have the events too."""
    return bool(client.register_script(_EXTEND)(keys=[taken.key, LEASES], args=[lease_s]))


def give_back(taken: Taken, *, client: redis.Redis) -> None:
    """Put *taken* back at the front of its list now, without waiting for the lease to end."""
    client.zadd(LEASES, {taken.key: 0}, xx=True)
    reclaim(client=client)


def reclaim(*, client: redis.Redis) -> int:
    """Put the events of expired leases back at the front of their lists; how many."""
    return int(client.register_script(_RECLAIM)(keys=[LEASES, REDELIVERED]))
