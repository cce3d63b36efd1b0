"""The line for people of a declared event: its template, filled with the values of the call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from logging_pipeline.contract.field_values import as_text
from logging_pipeline.sensitive import cut

__all__ = ["filled"]

MAX_CHARS = 200  # of one value


def filled(template: str, fields: Mapping[Any, Any]) -> str:
    """*template* with each ``{key}`` replaced by the value under it in *fields*."""
    texts = list(_pieces(template))
    for index in range(1, len(texts), 2):
        texts[index] = cut(as_text(fields.get(texts[index], f"<{texts[index]}>")), MAX_CHARS)
    return "".join(texts)


@lru_cache(1_024)
def _pieces(template: str) -> tuple[str, ...]:
    """Text and names of fields by turns."""
    return tuple(_PLACEHOLDER.split(template))


_PLACEHOLDER = re.compile(r"\{([\w.]+)\}")
