"""
What may be imported at all: known types of a bounded size, that load nothing from elsewhere and lead nowhere else.

A dashboard is shown to everybody who opens it, with their own rights. So Vega, which fetches what it is told to, and
addresses of other hosts are refused, wherever in an object they stand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from logging_pipeline.kibana.saved_objects import SavedObject, key_of, title_of
from logging_pipeline.kibana.stringified import opened

__all__ = ["MAX_FILE_BYTES", "MAX_OBJECTS", "MAX_OBJECT_BYTES", "TYPES", "refused"]

TYPES = frozenset({"dashboard", "index-pattern", "lens", "map", "search", "tag", "visualization"})
MAX_FILE_BYTES = 10_000_000
MAX_OBJECT_BYTES = 2_000_000
MAX_OBJECTS = 2_000
# A scheme has a bounded length here: without it every letter of a long word would begin a search to the word's end.
_ADDRESS = re.compile(
    r"(?i)(?:[a-z][a-z0-9+.-]{0,30}:)?//[^\s\"'<>()\[\]{}|\\]+|\b(?:javascript|vbscript|data|https?):[^\s\"'<>]+"
)
# Texts that are compared with events or name what is searched; nobody can click on them.
_HARMLESS = frozenset({"$schema", "esql", "formula", "kql", "match", "match_phrase", "phrase", "query"})
_NO_TEXTS = frozenset({"parsedUrl", "tinymathAst"})  # where Kibana itself stood; a formula once more, as a tree


def refused(objects: Sequence[SavedObject], link_hosts: Collection[str] = ()) -> list[str]:
    """
    Why *objects* are not imported, a line each; empty when they may be.

    Args:
        link_hosts: hosts that they may link to.
    """
    if len(objects) > MAX_OBJECTS:
        return [f"{len(objects)} objects are more than {MAX_OBJECTS}: import them in parts"]
    return [f'{key_of(each)} "{title_of(each)}": {why}' for each in objects for why in _why(each, link_hosts)]


def _why(found: SavedObject, link_hosts: Collection[str]) -> Iterator[str]:
    if found["type"] not in TYPES:
        yield f"the type {found['type']} is none of {', '.join(sorted(TYPES))}"
        return
    size = len(json.dumps(found, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if size > MAX_OBJECT_BYTES:
        yield f"{size} bytes are more than {MAX_OBJECT_BYTES}"
        return
    seen = set()
    for where, value in _values(found["attributes"], ""):
        for why in _objections(where, value, link_hosts):
            if why not in seen:
                seen.add(why)
                yield why


def _values(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Every object and every text below *value*, with its place; JSON in texts is opened."""
    if isinstance(value, dict):
        yield where, value
        for name, each in value.items():
            if name not in _NO_TEXTS:
                yield from _values(opened(name, each), f"{where}.{name}" if where else str(name))
    elif isinstance(value, list):
        for n, each in enumerate(value):
            yield from _values(each, f"{where}[{n}]")
    elif isinstance(value, str):
        yield where, value


def _objections(where: str, value: Any, link_hosts: Collection[str]) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _in_object(where, value)
    elif where.rpartition(".")[2].partition("[")[0] not in _HARMLESS:
        yield from (f"{where}: leads to {each}" for each in _foreign(_ADDRESS.findall(value), link_hosts))


def _in_object(where: str, value: Mapping[str, Any]) -> Iterator[str]:
    kind = value.get("type")
    place = where or "attributes"
    if kind in ("vega", "vega-lite") and ("params" in value or "spec" in value or "aggs" in value):
        yield f"{place}: Vega can fetch anything from anywhere"
    if kind == "externalLink":
        yield f"{place}: a link to another site"
    action = value.get("action")
    if isinstance(action, dict) and action.get("factoryId") == "URL_DRILLDOWN":
        yield f"{place}: a drill-down to an address"


def _foreign(addresses: Iterable[str], link_hosts: Collection[str]) -> Iterator[str]:
    for address in addresses:
        try:
            host = urlsplit(address).hostname or ""
        except ValueError:
            host = ""
        if host not in link_hosts:
            yield address[:120]
