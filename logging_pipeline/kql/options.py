"""What a query may cost at most, and what its words depend on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

__all__ = ["Limits", "Options"]


@dataclass(frozen=True, slots=True)
class Limits:
    """
    How large a query may be; how long it may run is the caller's to limit.

    Args:
        max_chars: length of its text.
        max_depth: parentheses and braces inside each other; also ``and``, ``or`` and ``not`` inside each other, because
            Elasticsearch refuses queries that are nested 30 deep.
        max_clauses: conditions that Elasticsearch has to check; a word without a field counts once for every field.
        max_wildcards: ``*`` in values.
        max_leading_wildcards: values that begin with ``*``: each is compared with every distinct value of its field.
    """

    max_chars: int = 8_192
    max_depth: int = 20
    max_clauses: int = 2_000
    max_wildcards: int = 32
    max_leading_wildcards: int = 8


@dataclass(frozen=True, slots=True)
class Options:
    """
    How a query is read.

    Args:
        now: the instant that ``now`` stands for; ``None``: the clock's, when the query is translated.
        zone: of dates that name none, and of days, weeks, months and years.
        default_fields: where a value without a field is searched; ``None``: in every field that can hold it, except
            dates and booleans.
        words: a value without a field is words, each of which must be found: see `logging_pipeline.kql.free_text`.
        limits: what it may cost.
    """

    now: datetime | None = None
    zone: tzinfo = UTC
    default_fields: tuple[str, ...] | None = None
    words: bool = False
    limits: Limits = Limits()
