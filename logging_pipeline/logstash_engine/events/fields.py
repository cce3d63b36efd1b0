"""
Field references: ``name``, ``[name]``, ``[outer][inner]``, ``[list][0]``, ``[@metadata][key]``.

A reference is parsed once to a path (a tuple of keys), a path is compiled to a function for what is done with it. An
event is a dict; its metadata is the dict under ``@metadata``, which encoding leaves out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from logging_pipeline.logstash_engine.events.access import generate_getter, generate_setter
from logging_pipeline.logstash_engine.events.timestamp import Timestamp

__all__ = [
    "MISSING",
    "Event",
    "FieldError",
    "Missing",
    "Path",
    "get",
    "getter",
    "includes",
    "is_guarded",
    "legal_tags",
    "parse_reference",
    "remove",
    "remover",
    "set_field",
    "setter",
    "write_path",
]

Event = dict[str, Any]
Path = tuple[str, ...]


class Missing:
    """The value of a field that is not there, which is another thing than null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing()


class FieldError(Exception):
    """A field cannot be read or written that way; the plugin at work fails for this event."""


_DEEPEST = 60  # levels of a reference; access to them is generated, and Python's blocks go no deeper than a hundred


@lru_cache(maxsize=8192)  # names made by %{...} differ from event to event
def parse_reference(reference: str) -> Path:
    """
    The path that *reference* names.

    Raises:
        FieldError: its brackets do not match.
    """
    if "[" not in reference and "]" not in reference:
        return (reference,)
    if reference.count("[") > _DEEPEST:
        raise FieldError(f"the field reference goes deeper than {_DEEPEST} levels")
    keys = reference[1:-1].split("][")
    if reference[0] == "[" and reference[-1] == "]" and all(key and "[" not in key and "]" not in key for key in keys):
        return tuple(keys)
    return _nested_reference(reference)


def _nested_reference(reference: str) -> Path:
    """A reference may stand within another: ``[outer][[inner][leaf]]`` is ``[outer][inner][leaf]``."""
    keys: list[str] = []
    depth = begin = 0
    for index, char in enumerate(reference):
        if char == "[" and begin == index:
            depth += 1
        elif char == "]" and depth and (begin < index or reference[index - 1] == "]"):
            depth -= 1
            if begin < index:
                keys.append(reference[begin:index])
        elif char in "[]" or (index and reference[index - 1] == "]"):
            raise FieldError(f"invalid field reference {reference!r}")
        else:
            continue
        begin = index + 1
    if depth or not keys:
        raise FieldError(f"invalid field reference {reference!r}")
    return tuple(keys)


@lru_cache(maxsize=4096)
def getter(path: Path, default: Any = None) -> Callable[[Event], Any]:
    """A function that reads *path* from an event, or gives *default* where it is missing."""
    return generate_getter(path, default, lambda event: _walk(event, path, default))


def get(event: Event, reference: str, default: Any = None) -> Any:
    """Read the field of a *reference* that is known only now."""
    return _walk(event, parse_reference(reference), default)


def _walk(event: Event, path: Path, default: Any) -> Any:
    value: Any = event
    for key in path:
        value = value.get(key, MISSING) if value.__class__ is dict else _member(value, key, MISSING)
        if value is MISSING:
            return default
    return value


def _member(parent: Any, key: str, default: Any) -> Any:
    if parent.__class__ is list:
        index = _index(key, len(parent))
        return default if index is None else parent[index]
    return parent.get(key, default) if parent.__class__ is dict else default


def _index(key: str, size: int) -> int | None:
    """The position in a list of *size* that *key* names, negative ones from the end; None if it names none."""
    try:
        index = int(key)
    except ValueError:
        return None
    index = index + size if index < 0 else index
    return index if 0 <= index < size else None


def includes(event: Event, path: Path) -> bool:
    """Whether the field is there, null included."""
    parent: Any = event
    for key in path[:-1]:
        parent = parent.get(key) if parent.__class__ is dict else _member(parent, key, None)
    if parent.__class__ is list:
        return _member(parent, path[-1], MISSING) is not MISSING
    return parent.__class__ is dict and path[-1] in parent


@lru_cache(maxsize=4096)
def setter(path: Path) -> Callable[[Event, Any], None]:
    """
    A function that writes *path*, making the hashes on the way.

    Below a list a key that is no number is ignored; below null or a scalar it raises FieldError, and so does a value
    that ``@timestamp``, ``@metadata`` or ``tags`` cannot hold.
    """
    if is_guarded(path):
        return _guarded_setter(path)
    return generate_setter(path, MISSING, lambda event, value: _write(event, path, value))


def set_field(event: Event, reference: str, value: Any) -> None:
    """Write the field of a *reference* that is known only now; raises as a setter does."""
    write_path(event, parse_reference(reference), value)


def write_path(event: Event, path: Path, value: Any) -> None:
    """Write *path*; raises as a setter does."""
    if path[0] in _GUARDED:
        _guarded_setter(path)(event, value)
    else:
        _write(event, path, value)


def _write(event: Event, path: Path, value: Any) -> None:
    parent: Any = event
    for key in path[:-1]:
        child = _member(parent, key, MISSING)
        if child is MISSING:
            child = {}
            _put(parent, key, child)
        parent = child
    _put(parent, path[-1], value)


def _put(parent: Any, key: str, value: Any) -> None:
    if parent.__class__ is dict:
        parent[key] = value
    elif parent.__class__ is list:
        _put_in_list(parent, key, value)
    else:
        raise FieldError(f"cannot set {key!r} below {'null' if parent is None else 'a scalar'}")


def _put_in_list(items: list[Any], key: str, value: Any) -> None:
    try:
        index = int(key)
    except ValueError:
        return
    if index >= len(items):
        items.extend([None] * (index - len(items)))
        items.append(value)
    elif index >= -len(items):
        items[index] = value
    else:
        raise FieldError(f"index {index} is outside a list of {len(items)}")


def is_guarded(path: Path) -> bool:
    """Whether not every value may be written to *path*."""
    return path[0] in _GUARDED and not (path[0] == "@metadata" and len(path) > 1)


def _guarded_setter(path: Path) -> Callable[[Event, Any], None]:
    refuses = _GUARDED[path[0]]

    def write(event: Event, value: Any) -> None:
        if refuses(path, value):
            raise FieldError(f"[{']['.join(path)}] cannot hold {value!r}")
        _write(event, path, value)

    return write


def legal_tags(value: Any) -> bool:
    """Whether ``tags`` may hold *value*: text or a list of text."""
    if value.__class__ is str:
        return True
    return value.__class__ is list and all(item.__class__ is str for item in value)


_GUARDED: dict[str, Callable[[Path, Any], bool]] = {
    "@timestamp": lambda path, value: len(path) == 1 and value.__class__ is not Timestamp,
    "@metadata": lambda path, value: len(path) == 1 and value.__class__ is not dict,
    "tags": lambda path, value: len(path) > 1 or not legal_tags(value),
}


def remover(path: Path) -> Callable[[Event], Any]:
    """A function that removes *path* from an event and gives its value (None if it was missing)."""
    if path == ("@metadata",):
        return _clear_metadata
    if len(path) == 1:
        (key,) = path
        return lambda event: event.pop(key, None)
    return lambda event: _delete(event, path)


def remove(event: Event, reference: str) -> Any:
    """Remove the field of a *reference* that is known only now."""
    path = parse_reference(reference)
    return _clear_metadata(event) if path == ("@metadata",) else _delete(event, path)


def _clear_metadata(event: Event) -> Any:
    metadata, event["@metadata"] = event["@metadata"], {}
    return metadata


def _delete(event: Event, path: Path) -> Any:
    parent = _walk(event, path[:-1], MISSING)
    if parent.__class__ is dict:
        return parent.pop(path[-1], None)
    if parent.__class__ is list:
        index = _index(path[-1], len(parent))
        return None if index is None else parent.pop(index)
    return None
