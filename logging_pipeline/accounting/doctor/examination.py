"""All checks, in the order of the journey."""

from __future__ import annotations

from collections.abc import Iterator

import redis

from logging_pipeline.accounting.doctor.configuration import configuration
from logging_pipeline.accounting.doctor.consumer import consumer
from logging_pipeline.accounting.doctor.disk import disk
from logging_pipeline.accounting.doctor.finding import Finding, failure, warning
from logging_pipeline.accounting.doctor.outcome import outcome
from logging_pipeline.accounting.doctor.redis_server import redis_server
from logging_pipeline.accounting.doctor.store import store
from logging_pipeline.accounting.doctor.worker import worker
from logging_pipeline.broker import redis_client
from logging_pipeline.contract import Contract
from logging_pipeline.errors import ConfigurationError, PipelineError
from logging_pipeline.indexes import client as elasticsearch_client
from logging_pipeline.indexes.ask import Refused
from logging_pipeline.settings import Settings

__all__ = ["examine"]

TIMEOUT_S = 5.0


def examine(settings: Settings, contract: Contract) -> list[Finding]:
    """Every hop's findings, in the order of the journey; never raises for what is wrong with a hop."""
    return [
        *configuration(settings),
        *disk(settings),
        *_broker(settings, contract),
        *_elasticsearch(settings, contract),
    ]


def _broker(settings: Settings, contract: Contract) -> Iterator[Finding]:
    if not settings.redis_url:
        return
    try:
        with redis_client(settings, timeout_s=TIMEOUT_S) as client:
            yield from redis_server(client, settings)
            yield from worker(client, settings)
            yield from consumer(client, settings, contract)
    except redis.AuthenticationError as error:
        yield failure("redis", f"the password is refused: {error}", "Correct it in LOGPIPE_REDIS_URL")
    except redis.RedisError as error:
        yield failure("redis", f"not reachable: {error}", "Start it, or correct LOGPIPE_REDIS_URL")


def _elasticsearch(settings: Settings, contract: Contract) -> Iterator[Finding]:
    if not settings.elasticsearch_url:
        yield warning("elasticsearch", "its address is not set here", "Set LOGPIPE_ELASTICSEARCH_URL")
        return
    try:
        with elasticsearch_client(settings, timeout_s=TIMEOUT_S) as client:
            yield from store(client, settings, contract)
            yield from outcome(client, settings)
    except ConfigurationError as error:
        yield failure("elasticsearch", f"{error.setting}: {error.problem}", error.cure)
    except Refused as refused:
        cure = "Give this process the user logpipe_reader" if refused.status == 403 else "See Elasticsearch's own log"
        yield failure("elasticsearch", str(refused), cure)
    except PipelineError as error:
        yield failure("elasticsearch", str(error), "Start it, or correct LOGPIPE_ELASTICSEARCH_URL")
