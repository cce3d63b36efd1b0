"""The data streams that a panel may ask, and the fields that their events have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from logging_pipeline.contract import CORE_FIELDS, Contract, Field
from logging_pipeline.indexes.streams import DEAD_LETTER, DISCARDED
from logging_pipeline.indexes.templates import DEAD_LETTER_FIELDS, DISCARDED_FIELDS
from logging_pipeline.kql import parse, to_query

__all__ = ["condition", "contract_of", "fields_of", "fields_of_title", "known_streams"]

_OWN = {DEAD_LETTER: DEAD_LETTER_FIELDS, DISCARDED: DISCARDED_FIELDS}
_SHARED = {f.name for f in CORE_FIELDS}


def known_streams(contract: Contract) -> tuple[str, ...]:
    """The contract's categories, then dead letters and discarded events."""
    return (*contract.by_name, *_OWN)


def fields_of(contract: Contract, categories: Iterable[str]) -> dict[str, Field]:
    """
    The fields of events in *categories*, by name; all must be known.

    A field that dead letters and discarded events share with others is the others': one that is renamed in the contract
    is not found among them.
    """
    names = tuple(categories)
    own = {f.name: f for name in names for f in _OWN.get(name, ())}
    others = [name for name in names if name not in _OWN]
    if not others:
        return own
    particular = {name: f for name, f in own.items() if name not in _SHARED}
    return particular | {f.name: f for name in others for f in contract.fields_of(name)}


def fields_of_title(contract: Contract, app: str, title: str) -> set[str] | None:
    """The fields of a data view over streams of *app* alone, by its *title*; of any other nothing is known."""
    matches = [re.fullmatch(rf"logs-{re.escape(app)}\.([a-z0-9_]+)-.+", part.strip()) for part in title.split(",")]
    categories = [match[1] for match in matches if match]
    if len(categories) < len(matches) or not set(categories) <= set(known_streams(contract)):
        return None
    return set(fields_of(contract, categories))


@lru_cache(maxsize=64)  # each panel asks for it, and many have the same categories
def contract_of(contract: Contract, categories: tuple[str, ...]) -> Contract:
    """What KQL may speak of in *categories*."""
    return Contract(tuple(fields_of(contract, categories).values()), ())


def condition(kql: str, contract: Contract) -> dict[str, object]:
    """
    The Elasticsearch query of *kql*; without any, everything.

    Raises:
        KqlError: it cannot be read or asked, with the position.
    """
    return to_query(_parsed(kql), contract) if kql else {"match_all": {}}


_parsed = lru_cache(maxsize=512)(parse)  # a dashboard's words stay; what they mean is asked each time, they may say now
