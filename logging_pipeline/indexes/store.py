"""What stage 12 asks of Elasticsearch: three requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from logging_pipeline.indexes.ask import Refused, ask
from logging_pipeline.indexes.bulk import Item
from logging_pipeline.indexes.setup import backing_indices

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["Store"]

# Of each item only what is needed to judge it: 26 bytes for an indexed event instead of 200.
_FILTER = "items.*.status,items.*.error.type,items.*.error.reason,items.*.error.index"


class Store:
    """The requests of `write`, over a client with the user `logging_pipeline.indexes.roles.WRITER`."""

    def __init__(self, client: Elasticsearch) -> None:
        self._client = client

    def bulk(self, body: bytes) -> list[Item]:
        """
        Send an NDJSON body; one item for each action, in order: ``status``, and ``error`` where it was refused.

        A name for which set-up has made no data stream is refused, never made an index of.

        Raises:
            ConfigurationError: wrong user or password.
            Refused: the request as a whole (400 malformed, 413 too large, 429 too busy, ...).
            StoreUnavailable: no answer.
        """
        params = {"require_data_stream": "true", "filter_path": _FILTER}
        answer = ask(self._client, "POST", "/_bulk", params=params, body=body, content_type="application/x-ndjson")
        return [next(iter(item.values())) for item in answer["items"]]

    def get(self, places: Sequence[tuple[str, str]]) -> list[Item | None]:
        """
        The stored event at each (backing index, id), None where there is none; current, without waiting for a refresh.

        Raises:
            Refused: 403 where the user may not read; other refusals.
            StoreUnavailable: no answer.
        """
        docs = [{"_index": index, "_id": event_id} for index, event_id in places]
        params = {"filter_path": "docs.found,docs._source,docs.error.type"}
        found = ask(self._client, "POST", "/_mget", params=params, body={"docs": docs})["docs"]
        return [_source(doc) for doc in found]

    def older_indices(self, stream: str) -> list[str]:
        """
        The backing indices of *stream* before its write index, where a replayed event may already be.

        None of a stream that is not there or not ours; writing to it will say so.

        Raises:
            StoreUnavailable: no answer, or too busy.
        """
        try:
            return backing_indices(self._client, stream).get(stream, [])[:-1]
        except Refused as refused:
            if refused.retryable:
                raise
            return []


def _source(doc: Item) -> Item | None:
    error = doc.get("error", {}).get("type")
    if error is not None and error != "index_not_found_exception":  # its retention has passed meanwhile
        raise Refused(f"Elasticsearch refused to fetch an event: {error}", status=_STATUS.get(error, 503), kind=error)
    return doc["_source"] if doc.get("found") else None


_STATUS = {"security_exception": 403}
