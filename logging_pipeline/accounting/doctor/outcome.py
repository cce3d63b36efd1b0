"""What became of events lately: delays, dead letters, drops."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from logging_pipeline.accounting.doctor.finding import Finding, failure, ok, warning
from logging_pipeline.accounting.stored import search
from logging_pipeline.indexes import DEAD_LETTER, stream_name
from logging_pipeline.settings import Settings

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["outcome"]

LAG_S = 60.0
MANY_DEAD_LETTERS = 100  # in an hour: not single odd events any more
WANTED = ("forgotten", "sampled", "filtered_out")  # drops that somebody asked for


def outcome(client: Elasticsearch, settings: Settings) -> Iterator[Finding]:
    """
    How long the newest event was on its way; the last hour's dead letters; the last day's drops.

    Raises:
        Refused: this user may not search.
        StoreUnavailable: no answer.
    """
    yield from _lag(client, settings)
    yield from _dead_letters(client, settings)
    yield from _drops(client, settings)


def _lag(client: Elasticsearch, settings: Settings) -> Iterator[Finding]:
    body = {
        "size": 1,
        "sort": [{"event.ingested": {"order": "desc", "unmapped_type": "date"}}],
        "query": {
            "bool": {"filter": [{"exists": {"field": "event.ingested"}}, {"exists": {"field": "event.created"}}]}
        },
    }
    hits = search(client, f"logs-{settings.app}.*-{settings.namespace}", body)["hits"]["hits"]
    for hit in hits:
        event = hit["_source"]["event"]
        lag_s = (_time(event["ingested"]) - _time(event["created"])).total_seconds()
        if lag_s > LAG_S:
            yield warning(
                "outcome",
                f"the newest event was {lag_s:.0f} s on its way",
                "See what waits at the broker and in Redis; run more workers or consumers",
            )
        else:
            yield ok("outcome", f"the newest event was {lag_s:.1f} s on its way")


def _dead_letters(client: Elasticsearch, settings: Settings) -> Iterator[Finding]:
    stream = stream_name(settings, DEAD_LETTER)
    for reason, count in _counted(client, stream, "dead_letter.reason", "now-1h", {"match_all": {}}):
        told = failure if count > MANY_DEAD_LETTERS else warning
        yield told("outcome", f"{count} dead letters in the last hour: {reason}", _CURES.get(reason, _CURES["refused"]))


_CURES = {
    "refused": "See error.message of the dead letters; mend the code, run logpipe setup, then logpipe replay",
    "no_stream": "Run logpipe setup, then logpipe replay --reason no_stream --send",
    "forbidden": "Give the consumer the user logpipe_writer, then logpipe replay --reason forbidden --send",
    "id_conflict": "Somebody sends events under ids that are taken: see agent.ephemeral_id and the direct input",
    "too_large": "Lower LOGPIPE_EVENT_MAX_BYTES of who sends them",
}


def _drops(client: Elasticsearch, settings: Settings) -> Iterator[Finding]:
    stream = stream_name(settings, "ledger")
    query = {"bool": {"filter": {"term": {"event.action": "ledger.dropped"}}}}
    for reason, count in _counted(client, stream, "ledger.reason", "now-1d", query):
        if reason not in WANTED:
            cure = _DROP_CURES.get(reason, "logpipe reconcile --all tells whose")
            yield warning("outcome", f"events were dropped in the last day: {reason} ({count} entries)", cure)


_DROP_CURES = {
    "buffer_full": "Raise LOGPIPE_BUFFER_MAX_EVENTS, or log less",
    "spool_full": "Bring the broker back; make room on disk, or raise LOGPIPE_SPOOL_MAX_BYTES",
    "storm": "Search system.storm: it names the event that repeats; mend its cause",
}


def _counted(
    client: Elasticsearch, stream: str, field: str, since: str, query: dict[str, Any]
) -> Iterator[tuple[str, int]]:
    """Documents of *stream* by *field*, the most frequent first."""
    body = {
        "size": 0,
        "query": {"bool": {"filter": [query, {"range": {"@timestamp": {"gte": since}}}]}},
        "aggs": {"by": {"terms": {"field": field, "size": 20}}},
    }
    answer = search(client, stream, body)
    for bucket in answer.get("aggregations", {}).get("by", {}).get("buckets", []):
        yield bucket["key"], bucket["doc_count"]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
