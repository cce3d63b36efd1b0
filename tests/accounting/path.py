"""The path of events in one process, on real servers, with every hop in the test's hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import orjson
import redis
from elasticsearch import Elasticsearch

from logging_pipeline.contract import contract
from logging_pipeline.errors import BrokerUnavailable
from logging_pipeline.indexes import DEAD_LETTER, Store, stream_name
from logging_pipeline.journey.pack import Batch
from logging_pipeline.journey.stream import list_key, stream
from logging_pipeline.journey.take import acknowledge, take
from logging_pipeline.journey.write import Action, write
from logging_pipeline.producer import Producer
from logging_pipeline.queue_message import batch_of
from logging_pipeline.settings import Settings


@dataclass
class Path:
    """Producers that stream at once, without Celery between, and a consumer that writes what it is told to."""

    settings: Settings
    redis: redis.Redis
    writer: Elasticsearch
    reader: Elasticsearch
    admin: Elasticsearch
    refusing: bool = False
    shipped: list[Batch] = field(default_factory=list)

    def producer(self, settings: Settings | None = None) -> Producer:
        """A process' end of the pipeline."""
        return Producer(settings or self.settings, make_send=lambda: self.send)

    def send(self, batch: Batch) -> None:
        """What a worker does with the batch."""
        if self.refusing:
            raise BrokerUnavailable("refused, as the test wants it")
        self.shipped.append(batch)
        stream(batch.id, batch.bodies, client=self.redis)

    def work(self) -> int:
        """What a Celery worker does with everything in the queue; how many batches there were."""
        batches = 0
        while message := self.redis.lpop(self.settings.queue):
            batch_id, bodies = batch_of(orjson.loads(message))
            stream(batch_id, bodies, client=self.redis)
            batches += 1
        return batches

    def consume(self) -> Counter[str]:
        """Write everything that waits; how many events had each outcome."""
        outcomes: Counter[str] = Counter()
        for category in contract().by_name:
            while taken := take(list_key(category), client=self.redis, max_events=500, lease_s=30):
                written = write(
                    [self.action(line) for line in taken.lines],
                    store=Store(self.writer),
                    dead_letters=stream_name(self.settings, DEAD_LETTER),
                    deadline_s=30,
                )
                acknowledge(taken, client=self.redis)
                for (_, outcome), count in written.counts.items():
                    outcomes[outcome] += count
        return outcomes

    def action(self, line: bytes) -> Action:
        """Where an event goes."""
        event = orjson.loads(line)
        stream_of = event["data_stream"]
        return Action(f"logs-{stream_of['dataset']}-{stream_of['namespace']}", event["event"]["id"], line)

    def refresh(self) -> None:
        """Make what was written visible."""
        self.admin.indices.refresh(index=f"logs-{self.settings.app}.*-{self.settings.namespace}")
