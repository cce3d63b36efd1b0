"""
Kombu's Redis transport, as workers and those who publish need it: a message is never in a worker's memory alone, and to
send one keeps the other threads of a process waiting as little as can be.

Kombu pops a message and then writes it down as unacknowledged. A worker that is killed in between takes the message
with it; so does a full Redis, which refuses the second step, and the worker ends. Here a worker waits until there is a
message, and one script pops it and writes it down. A full Redis does not refuse that, as the script begins with a pop.

Kombu makes a client for each message that it sends, and encodes it slowly; there is one client here, and orjson.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import orjson
import redis
from kombu.transport import redis as kombu_redis
from kombu.transport import virtual

from logging_pipeline.stderr import complain

__all__ = ["UNREADABLE", "Channel", "Publisher", "PublishingTransport", "QoS", "Transport"]

PAUSE_S = 0.2  # while Redis is full: it then answers at once where it would have waited for a message

MOST_ASIDE = 1_000  # of what is no message, the newest

UNREADABLE = "unreadable:"
"""Before a queue's name: the list of what stood in the queue and is no message."""

_POP = """
local message = redis.call('RPOP', KEYS[1])
if not message then return false end
local at = string.find(message, '"delivery_tag"', 1, true)
local tag = at and string.match(message, '^"delivery_tag"%s*:%s*"([^"]+)"', at)
if not tag then return {message} end
redis.call('ZADD', KEYS[2], ARGV[1], tag)
redis.call('HSET', KEYS[3], tag, '[' .. message .. ', "", ' .. cjson.encode(KEYS[1]) .. ']')
return {message, tag}
"""


class QoS(kombu_redis.QoS):  # type: ignore[misc]  # kombu has no types
    """Knows which messages were written down when they were popped."""

    def append(self, message: Any, delivery_tag: str) -> None:
        """Remember *message* until it is acknowledged."""
        if self.channel.written_down == delivery_tag:
            virtual.QoS.append(self, message, delivery_tag)
        else:
            super().append(message, delivery_tag)

    def restore_unacked(self, client: Any = None) -> None:
        """Give back what is in hand; of a lost connection it stays written down, and is delivered again in time."""
        if self.channel.connection.client is None:  # kombu would end the worker over this
            self._delivered.clear()
        else:
            super().restore_unacked(client)

    def ack(self, delivery_tag: str) -> None:
        """Strike the message out; one that came by a channel that is closed meanwhile is delivered again in time."""
        if not self.channel.closed:  # kombu would end the worker over this
            try:
                super().ack(delivery_tag)
            finally:
                self._make_room(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """As `ack`, or give the message back."""
        if not self.channel.closed:
            try:
                super().reject(delivery_tag, requeue=requeue)
            finally:
                self._make_room(delivery_tag)

    def _make_room(self, delivery_tag: str) -> None:
        """
        For another message, though Redis has not heard of this one's end: then it is delivered again in time.

        Kombu would count it as in hand for ever; after a few of these a worker takes no messages any more.
        """
        virtual.QoS.ack(self, delivery_tag)


class Channel(kombu_redis.Channel):  # type: ignore[misc]  # kombu has no types
    """Consumes queues without priorities."""

    QoS = QoS
    priority_steps = [0]

    written_down: str | None = None
    """Delivery tag of the message that was popped last, if the pop wrote it down."""

    def _brpop_start(self, timeout: float | None = None) -> None:
        """Wait for a message in the next queue; moving the last one to where it is leaves everything as it was."""
        queues = self._queue_cycle.consume(len(self.active_queues))
        if not queues:
            return
        connection = self._in_poll = self.client.connection
        self._brpop_sent_at = time.monotonic()
        connection.send_command("BLMOVE", queues[0], queues[0], "RIGHT", "RIGHT", timeout or self.brpop_timeout or 0)
        self._awaited = queues[0]

    def _brpop_read(self, **options: Any) -> bool:
        try:
            queue = self._awaited
            message = self._pop(queue) if self._is_there(options) else None
            if message is None:
                raise kombu_redis.Empty
            self._queue_cycle.rotate(queue)
            payload = self._read(message)
            if payload is None:
                self._put_aside(message, queue)
            else:
                self.connection._deliver(payload, queue)
            return True
        finally:
            self._in_poll = None
            self._flush_brpop_reauth()

    def _read(self, message: bytes) -> Any:
        """What *message* says; None: it is none, and would end the worker."""
        try:
            payload = kombu_redis.loads(kombu_redis.bytes_to_str(message))
            self.Message(payload, channel=self)
        except Exception:  # noqa: BLE001  # anything may have been put into a queue
            return None
        return payload

    def _put_aside(self, message: bytes, queue: str) -> None:
        aside = f"{UNREADABLE}{queue}"
        complain("broker", f"{len(message)} bytes in {queue} are no message: put aside, in {aside}")
        with self.conn_or_acquire() as client:
            with suppress(redis.exceptions.OutOfMemoryError):
                client.lpush(aside, message)
                client.ltrim(aside, 0, MOST_ASIDE - 1)
            if self.written_down:
                self.qos._remove_from_indices(self.written_down).execute()

    def _is_there(self, options: dict[str, Any]) -> bool:
        """Whether the wait has ended with a message, or may have: a full Redis does not say."""
        try:
            return self.client.parse_response(self.client.connection, "BLMOVE", **options) is not None
        except redis.exceptions.OutOfMemoryError:
            time.sleep(PAUSE_S)
            return True
        except self.connection_errors:
            self.client.connection.disconnect()  # the next round connects again
            raise

    def _pop(self, queue: str) -> bytes | None:
        with self.conn_or_acquire() as client:
            keys = [queue, self.unacked_index_key, self.unacked_key]
            found = client.register_script(_POP)(keys=keys, args=[time.time()])
        if not found:  # another worker was quicker
            return None
        message, *tag = found
        self.written_down = kombu_redis.bytes_to_str(tag[0]) if tag else None
        return bytes(message)


class Transport(kombu_redis.Transport):  # type: ignore[misc]  # kombu has no types
    """For ``broker_transport``, of workers."""

    Channel = Channel
    # A server that refuses is as good as away: a replica after a failover, a busy one, one whose rules were changed.
    # Kombu would end the worker over these.
    connection_errors = (*kombu_redis.Transport.connection_errors, redis.RedisError)


class Publisher(kombu_redis.Channel):  # type: ignore[misc]  # kombu has no types
    """Sends to queues without priorities."""

    _kept: Any = None

    def _put(self, queue: str, message: Any, **_: Any) -> None:
        with self.conn_or_acquire() as client:
            client.lpush(queue, orjson.dumps(message))

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            return super()._create_client(asynchronous)
        if self._kept is None or self._kept.connection_pool is not self.pool:
            self._kept = super()._create_client()
        return self._kept


class PublishingTransport(kombu_redis.Transport):  # type: ignore[misc]  # kombu has no types
    """For ``broker_transport``, of who only publishes."""

    Channel = Publisher
