"""A panel in Kibana's form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Embedded"]


@dataclass(frozen=True, slots=True)
class Embedded:
    """
    A panel as a dashboard's ``panelsJSON`` holds it.

    Args:
        type: Kibana's type of the embedded object: ``lens``, ``visualization``, ``search``.
        config: its ``embeddableConfig``.
        references: saved objects that it names, as they are called inside it.
        saved: attributes of a saved object of its own, which the dashboard refers to; none when *config* is all.
    """

    type: str
    config: dict[str, Any]
    references: tuple[dict[str, str], ...] = ()
    saved: dict[str, Any] | None = None
