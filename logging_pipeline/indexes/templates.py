"""
Index templates, generated from the contract: one per category, one each for dead letters and discarded events.

They hold on the full Elasticsearch and on its small distribution: no type and no setting that only one of them has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import orjson

from logging_pipeline.contract import CORE_FIELDS, Contract, Field
from logging_pipeline.indexes.streams import DEAD_LETTER, DISCARDED, retention_days
from logging_pipeline.settings import Settings

__all__ = ["DEAD_LETTER_FIELDS", "DISCARDED_FIELDS", "Template", "mapping_hash", "templates"]

Template = dict[str, Any]

PRIORITY = 600  # Elasticsearch's own template for logs-*-* has 100, its integrations stay below 500
KEYWORD_MAX_CHARS = 1_024  # longer text is kept in _source but not indexed; Lucene's own end is 32,766 bytes
MAX_FIELDS = 1_000  # further numeric_labels stay in _source, unindexed, instead of refusing the event

# What accounting needs to find a refused event again, besides the original itself.
DEAD_LETTER_FIELDS: tuple[Field, ...] = (
    Field("@timestamp", "date_nanos", "When the event was refused, UTC."),
    Field("message", "text", "A line for people."),
    Field("event.id", "keyword", "The refused event's id."),
    Field("event.sequence", "long", "Its number."),
    Field("event.dataset", "keyword", "The dataset it was meant for."),
    Field("agent.ephemeral_id", "keyword", "Its producer."),
    Field("dead_letter.category", "keyword", "The category it was meant for."),
    Field("dead_letter.index", "keyword", "The data stream it was meant for."),
    Field("dead_letter.reason", "keyword", "refused, id_conflict, no_stream, forbidden or too_large."),
    Field("dead_letter.status", "long", "The status with which Elasticsearch refused it."),
    Field("dead_letter.cut", "boolean", "The original was too large for any request: its end is missing."),
    Field("error.type", "keyword", "Elasticsearch's name of the error."),
    Field("error.message", "text", "Elasticsearch's words."),
)

DISCARDED_FIELDS: tuple[Field, ...] = (
    *CORE_FIELDS,
    Field("discard.reason", "keyword", "Why a pipeline put the event aside."),
    Field("discard.category", "keyword", "The category it came from."),
)


def templates(settings: Settings, contract: Contract) -> dict[str, Template]:
    """Template name → body as ``PUT _index_template/<name>`` takes it, in the order of the contract."""
    mappings = {name: _mappings(contract.fields_of(name), _NUMERIC_LABELS) for name in contract.by_name}
    mappings[DEAD_LETTER] = _mappings(DEAD_LETTER_FIELDS, _ORIGINAL)
    mappings[DISCARDED] = _mappings(DISCARDED_FIELDS, _NUMERIC_LABELS)
    return {
        f"logs-{settings.app}.{name}": _template(settings, name, own, retention_days(contract, name))
        for name, own in mappings.items()
    }


def mapping_hash(template: Template) -> str:
    """What tells one mapping (with its index settings) from another; every index carries it in its ``_meta``."""
    found: str = template["template"]["mappings"]["_meta"]["logpipe"]["hash"]
    return found


def _template(settings: Settings, category: str, mappings: dict[str, Any], days: int) -> Template:
    index_settings: dict[str, Any] = {
        "index.mode": "standard",  # newer servers default to logsdb for logs-*-*: it stores a type conflict silently
        "index.number_of_shards": 1,
        "index.auto_expand_replicas": "0-1",  # a copy as soon as there is a second node, green with one
        "index.refresh_interval": "1s",  # said aloud, or an idle index first refreshes when somebody searches
        "index.mapping.total_fields.limit": MAX_FIELDS,
        "index.mapping.total_fields.ignore_dynamic_beyond_limit": True,
    }
    meta = {"logpipe": {"hash": _hash([index_settings, mappings])}}
    body: Template = {
        "index_patterns": [f"logs-{settings.app}.{category}-*"],
        "priority": PRIORITY,
        "data_stream": {},
        "template": {
            "settings": index_settings,
            "mappings": {**mappings, "_meta": meta},
            "lifecycle": {"data_retention": f"{days}d"},
            "data_stream_options": {"failure_store": {"enabled": False}},  # refused events are answered, not hidden
        },
    }
    return {**body, "_meta": {"logpipe": {"hash": _hash(body)}}}


def _hash(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _mappings(fields: Iterable[Field], further: dict[str, dict[str, Any]]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, mapping in (*((f.name, _MAPPING[f.type]) for f in fields), *further.items()):
        _put(properties, name.split("."), mapping)
    return {
        "dynamic": False,
        "date_detection": False,
        "dynamic_templates": [{"numeric_labels": {"path_match": "numeric_labels.*", "mapping": {"type": "double"}}}],
        "properties": properties,
    }


def _put(properties: dict[str, Any], path: list[str], mapping: dict[str, Any]) -> None:
    for name in path[:-1]:
        properties = properties.setdefault(name, {"properties": {}})["properties"]
    properties[path[-1]] = mapping


_MAPPING: dict[str, dict[str, Any]] = {
    "keyword": {"type": "keyword", "ignore_above": KEYWORD_MAX_CHARS},
    "flattened": {"type": "flattened", "ignore_above": KEYWORD_MAX_CHARS},
    "text": {"type": "text"},
    "long": {"type": "long"},
    "double": {"type": "double"},
    "boolean": {"type": "boolean"},
    "date": {"type": "date"},
    "date_nanos": {"type": "date_nanos"},
    "ip": {"type": "ip"},
}

# Numbers that the contract does not name: every key becomes a double, dots in it stay dots.
_NUMERIC_LABELS: dict[str, dict[str, Any]] = {
    "numeric_labels": {"type": "object", "subobjects": False, "dynamic": True}
}

# The refused event, whole, as text: kept and shown, never parsed and never searched.
_ORIGINAL: dict[str, dict[str, Any]] = {"event.original": {"type": "keyword", "index": False, "doc_values": False}}
