"""Which options of which filters hold field references."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from logging_pipeline.logstash_engine.language.syntax import Array, Attribute, Hash, Place, Text, Value, texts_in

__all__ = ["references_of"]

_Where = Literal["text", "keys", "values", "both", "first", "every third", "captures"]

_COMMON: dict[str, _Where] = {"add_field": "keys", "remove_field": "text"}
_OPTIONS: dict[str, dict[str, _Where]] = {
    "bytes": {"source": "text", "target": "text"},
    "csv": {"source": "text"},
    "date": {"match": "first", "target": "text"},
    "de_dot": {"fields": "text"},
    "dissect": {"mapping": "keys", "convert_datatype": "keys"},
    "fingerprint": {"source": "text", "target": "text"},
    "geoip": {"source": "text"},
    "grok": {"match": "captures", "overwrite": "text"},
    "json": {"source": "text", "target": "text"},
    "kv": {"source": "text", "target": "text"},
    "mutate": {
        "coerce": "keys",
        "rename": "both",
        "update": "keys",
        "replace": "keys",
        "convert": "keys",
        "gsub": "every third",
        "uppercase": "text",
        "capitalize": "text",
        "lowercase": "text",
        "strip": "text",
        "split": "keys",
        "join": "keys",
        "merge": "both",
        "copy": "both",
    },
    "split": {"field": "text", "target": "text"},
    "syslog_pri": {"syslog_pri_field_name": "text"},
    "translate": {"source": "text", "target": "text"},
    "truncate": {"fields": "text"},
    "urldecode": {"field": "text"},
    "useragent": {"source": "text"},
    "uuid": {"target": "text"},
}
_CAPTURE = re.compile(r"%\{\w+:([^}:]+)(?::\w+)?\}|\(\?<(?![=!])([^>]+)>")


def references_of(plugin: str, attribute: Attribute) -> Iterator[tuple[str, Place]]:
    """The field references in one option of *plugin*, with their places."""
    where = _OPTIONS.get(plugin, {}).get(attribute.name) or _COMMON.get(attribute.name)
    value = attribute.value
    if where == "text":
        yield from _texts(value)
    elif where == "first":
        yield from list(_texts(value))[:1]
    elif where == "every third":
        yield from list(_texts(value))[::3]
    elif isinstance(value, Hash):
        for key, item in value.entries:
            if isinstance(key, Text) and where in ("keys", "both", "captures"):
                yield key.text, key.place
            if where in ("values", "both"):
                yield from _texts(item)
            if where == "captures":
                yield from _captures(item)


def _texts(value: Value) -> Iterator[tuple[str, Place]]:
    if isinstance(value, (Text, Array)):
        for text in texts_in(value):
            yield text.text, text.place


def _captures(value: Value) -> Iterator[tuple[str, Place]]:
    """The fields that a grok expression captures into."""
    for text in texts_in(value):
        for match in _CAPTURE.finditer(text.text):
            yield match[1] or match[2], text.place
