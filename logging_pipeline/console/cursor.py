"""Where a page of events ends: the sort values of its last event, opaque in the URL and checked when it comes back."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

from logging_pipeline.console.problems import BadParameter

__all__ = ["SORT", "pack", "unpack"]

_TIME = {"format": "strict_date_optional_time_nanos", "numeric_type": "date_nanos"}

# Newest first. Within one time the producer's numbers decide, and between producers the id does: so the order is total.
SORT: tuple[dict[str, Any], ...] = (
    {"@timestamp": {"order": "desc", **_TIME}},
    {"event.sequence": {"order": "desc", "unmapped_type": "long"}},
    {"event.id": {"order": "desc", "unmapped_type": "keyword"}},
)

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z")
_MAX_CHARS = 4_000  # an id of 1,024 characters of four bytes, in base64
_MAX_LONG = 2**63


def pack(sort: list[Any]) -> str:
    """*sort*, as Elasticsearch gave it with a hit, for the parameter ``after``."""
    text = json.dumps(sort, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unpack(text: str) -> list[Any]:
    """
    The sort values in *text*, safe to hand to Elasticsearch.

    Raises:
        BadParameter: it is not what `pack` makes.
    """
    try:
        if len(text) > _MAX_CHARS:
            raise ValueError
        values = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError, binascii.Error):
        values = None
    if not _is_sort(values):
        raise BadParameter("after", "is no place in a list of events", "Begin again without it")
    return list(values)


def _is_sort(values: Any) -> bool:
    if not isinstance(values, list) or len(values) != len(SORT):
        return False
    moment, sequence, event_id = values
    return (
        isinstance(moment, str)
        and _MOMENT.fullmatch(moment) is not None
        and (sequence is None or (type(sequence) is int and -_MAX_LONG <= sequence < _MAX_LONG))
        and (event_id is None or isinstance(event_id, str))
    )
