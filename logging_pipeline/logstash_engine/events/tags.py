"""Tags: how plugins mark an event, and how an event's own ``tags`` is brought into shape."""

from __future__ import annotations

from logging_pipeline.logstash_engine.events.fields import Event

__all__ = ["tag", "tags_of"]


def tag(event: Event, name: str) -> None:
    """Add the tag *name* unless the event has it; text in ``tags`` becomes a list."""
    tags = event.get("tags")
    if tags is None:
        event["tags"] = [name]
    elif tags.__class__ is list:
        if name not in tags:
            tags.append(name)
    else:
        event["tags"] = [tags] if tags == name else [tags, name]


def tags_of(event: Event) -> list[str]:
    """A list of the event's tags, which the caller may change and put back."""
    tags = event.get("tags")
    if tags is None:
        return []
    return list(tags) if tags.__class__ is list else [tags]
