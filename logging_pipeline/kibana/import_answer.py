"""
What became of an import: Kibana says it in the body, and answers 200 in any case.

While one object has a conflict or a missing reference, Kibana writes nothing at all, yet lists and counts as successes
those that it would have written. Whether something was written is therefore never read here: `push` looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from logging_pipeline.kibana.saved_objects import Key, key_of

__all__ = ["Failure", "ImportAnswer"]


@dataclass(frozen=True, slots=True)
class Failure:
    """
    One object that Kibana did not import.

    Args:
        reason: ``conflict``, ``ambiguous_conflict``, ``missing_references``, ``unsupported_type`` or ``unknown``.
        destinations: ids of the objects that it could replace, of an ambiguous conflict or a conflict.
        missing: what it refers to and is not there.
        message: what Kibana says, of the reason ``unknown``.
    """

    key: Key
    reason: str
    destinations: tuple[str, ...] = ()
    missing: tuple[Key, ...] = ()
    message: str = ""

    def __str__(self) -> str:
        return f"{self.key}: {_SAYS.get(self.reason, _unknown)(self)}"


@dataclass(frozen=True, slots=True)
class ImportAnswer:
    """
    Kibana's answer to an import.

    Args:
        success: every object was written.
        destinations: under which id an object is stored, where that is not its own.
        failures: in Kibana's order.
        warnings: what it wants people to know.
    """

    success: bool
    destinations: Mapping[Key, str]
    failures: tuple[Failure, ...]
    warnings: tuple[str, ...] = ()

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> ImportAnswer:
        """From the body of ``_import`` or ``_resolve_import_errors``."""
        listed = answer.get("successResults") or ()
        failures = tuple(_failure(each) for each in answer.get("errors") or ())
        return cls(
            success=answer.get("success") is True and not failures,
            destinations={key_of(each): str(each["destinationId"]) for each in listed if each.get("destinationId")},
            failures=failures,
            warnings=tuple(str(each.get("message", each)) for each in answer.get("warnings") or ()),
        )


def _failure(each: Mapping[str, Any]) -> Failure:
    error = each.get("error") or {}
    destinations = [str(found["id"]) for found in error.get("destinations") or ()]
    if error.get("destinationId"):
        destinations.append(str(error["destinationId"]))
    return Failure(
        key=key_of(each),
        reason=str(error.get("type", "unknown")),
        destinations=tuple(destinations),
        missing=tuple(key_of(found) for found in error.get("references") or ()),
        message=str(error.get("message", "")),
    )


def _conflict(_failure: Failure) -> str:
    return "somebody made it at the same time"


def _ambiguous(failure: Failure) -> str:
    ids = ", ".join(failure.destinations)
    return f"could replace any of {ids}; choose with --into {failure.key}=ID"


def _missing(failure: Failure) -> str:
    return f"refers to what is not there: {', '.join(map(str, failure.missing))}"


def _unsupported(failure: Failure) -> str:
    return f"this Kibana imports no {failure.key.type}: its version or its licence has none"


def _unknown(failure: Failure) -> str:
    return failure.message or failure.reason


_SAYS = {
    "conflict": _conflict,
    "ambiguous_conflict": _ambiguous,
    "missing_references": _missing,
    "unsupported_type": _unsupported,
}
