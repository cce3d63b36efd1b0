"""
Stage 4 of 12: make the document that the contract promises.

Known keyword arguments become their fields, in the field's type. Everything else is kept where nothing can conflict:
text in ``labels``, numbers in ``numeric_labels``, nested values under dotted keys. A value that does not fit the type
of its field goes there too and is counted. Never raises: any Python value has a place.
"""

from __future__ import annotations

import linecache
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from ipaddress import ip_address
from typing import Any

from logging_pipeline.contract import Contract
from logging_pipeline.contract.plain import OMITTED, Fault, Opaque
from logging_pipeline.journey.collect import Collected

__all__ = ["ECS_VERSION", "Origin", "enforce"]

ECS_VERSION = "9.2.0"
LEVEL_NAMES = {10: "debug", 20: "info", 30: "warning", 40: "error", 50: "critical"}
MAX_KEY_CHARS = 128
USER_KEYS = ("user.id", "user_id")
"""What names a user becomes ``user.id``, which `mask` replaces by ``user.hash``."""
INT64 = 1 << 63

Document = dict[str, Any]


@dataclass(frozen=True)
class Origin:
    """What is the same in every event of one process; `static` is shared between documents and never changed."""

    ephemeral_id: str
    app: str
    namespace: str
    static: Mapping[str, Mapping[str, Any]]


def enforce(
    event: Collected, origin: Origin, contract: Contract, *, max_values: int = 256, max_chars: int = 64_000
) -> tuple[Document, int]:
    """
    The document of *event*, nested as ECS is, and how many of its values did not fit their field's type.

    Args:
        max_values: values beyond the known fields that are kept; the rest is counted in ``numeric_labels``.
        max_chars: text after which no further text is kept: masking need not search what could not be sent.
    """
    form = _Form(event, origin, contract, max_values, max_chars)
    form.core()
    form.fault()
    form.take(event.context, trusted=True)
    form.take(event.fields, trusted=event.category == "ledger")
    form.message()
    return form.document, form.misfits


class _Form:
    """One document while it is filled in."""

    def __init__(self, event: Collected, origin: Origin, contract: Contract, max_values: int, max_chars: int) -> None:
        self._event = event
        self._origin = origin
        self._contract = contract
        self._fields = contract.aliases[event.category if event.category in contract.by_name else "system"]
        self._values_left = max_values
        self._chars_left = max_chars
        self._omitted = 0
        self._taken = ""
        self.document: Document = dict(origin.static)
        self.misfits = 0

    def core(self) -> None:
        event, origin = self._event, self._origin
        dataset = f"{origin.app}.{event.category}"
        self.document["@timestamp"] = timestamp(event.time_ns)
        self.document["event"] = {
            "id": f"{origin.ephemeral_id}-{event.category}-{event.sequence}",
            "sequence": event.sequence,
            "severity": event.severity,
            "dataset": dataset,
        }
        self.document["log"] = {"level": _level_name(event.severity), "logger": event.logger[:MAX_KEY_CHARS]}
        self.document["data_stream"] = {"type": "logs", "dataset": dataset, "namespace": origin.namespace}

    def fault(self) -> None:
        """The first exception among the values is the event's error, whichever keyword it came under."""
        for key, value in self._event.fields.items():
            if type(value) is Fault:
                self._error(value)
                self._taken = key
                return

    def take(self, values: Mapping[str, Any], *, trusted: bool) -> None:
        for key, value in values.items():
            field = self._fields.get(key)
            if key == self._taken and type(value) is Fault:
                continue
            if value is None:
                continue
            if key in USER_KEYS:
                self._user(key, value)
            elif key == OMITTED and type(value) is int:
                self._omitted += value
            elif field is not None and field.type == "flattened" and isinstance(value, dict):
                for inner, item in value.items():
                    self._label(_key(inner), item)
            elif field is None or field.enriched or (field.trusted and not trusted):
                self._label(_key(key), value)
            else:
                fitting = _FIT[field.type](value)
                if type(fitting) is str and not self._affords(fitting):
                    self._omitted += 1
                elif fitting is None or not self._put(field.name, fitting):
                    self.misfits += 1
                    self._label(_key(key), value)

    def message(self) -> None:
        event = self._event
        name = event.event if type(event.event) is str else _text(event.event)
        declared = self._contract.events.get(name)
        if declared is not None:
            self._put("event.action", name)
            self.document["message"] = _filled(declared.message or name, event.fields)
        else:
            if _looks_like_a_name(name):
                self._put("event.action", name)
            self.document["message"] = name
        if self._omitted:
            self.document.setdefault("numeric_labels", {})[OMITTED] = self._omitted

    def _put(self, name: str, value: Any) -> bool:
        """Set the field *name*; not when the core has set it already: what the library made is not for callers."""
        *path, leaf = name.split(".")
        place = self.document
        for part in path:
            inner = place.get(part)
            if inner is None:
                inner = place[part] = {}
            elif inner is self._origin.static.get(part):
                return False
            place = inner
        if leaf in place:
            return False
        place[leaf] = value
        return True

    def _user(self, key: str, value: Any) -> None:
        """Who acts is ``user.id``; a second user, whom the event is about, stays under the name that code gave."""
        text = _text(value)
        user = self.document.setdefault("user", {"id": text})
        if user["id"] != text:
            self._label(key, text)

    def _error(self, fault: Fault) -> None:
        self.document["error"] = {
            "type": fault.type,
            "message": fault.message,
            "stack_trace": _stack_trace(fault),
            "grouping_key": _grouping_key(fault),
        }

    def _label(self, key: str, value: Any) -> None:
        for name, scalar in _leaves(key, value):
            number = type(scalar) in (int, float) and _double(scalar) is not None and not name.endswith(USER_KEYS)
            entry = scalar if number else _text(scalar)
            if self._values_left <= 0 or not (number or self._affords(entry)):
                self._omitted += 1
                continue
            self._values_left -= 1
            _append(self.document.setdefault("numeric_labels" if number else "labels", {}), name, entry)

    def _affords(self, text: str) -> bool:
        """Whether there is room for more text; the last one may be longer than the room, so that none is cut here."""
        if self._chars_left <= 0:
            return False
        self._chars_left -= len(text)
        return True


def timestamp(time_ns: int) -> str:
    """ISO 8601 in UTC with microseconds, of *time_ns* nanoseconds since the epoch."""
    seconds, rest = divmod(time_ns // 1_000, 1_000_000)
    return f"{_second(seconds)}.{rest:06d}Z"


@lru_cache(64)
def _second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def _level_name(severity: int) -> str:
    return LEVEL_NAMES[min(max(severity // 10 * 10, 10), 50)]


def _looks_like_a_name(text: str) -> bool:
    return len(text) <= MAX_KEY_CHARS and " " not in text and "." in text and text.isprintable()


def _filled(template: str, fields: Mapping[Any, Any]) -> str:
    return _PLACEHOLDER.sub(lambda match: _text(fields.get(match[1], f"<{match[1]}>"))[:200], template)


_PLACEHOLDER = re.compile(r"\{([\w.]+)\}")


# --- nested values ---------------------------------------------------------------------------------------------------

_BAD_IN_KEY = re.compile(r"[\x00-\x20\x7f-\x9f\ud800-\udfff]")


def _key(key: Any) -> str:
    """*key* as a name that an index accepts: no control characters, no empty parts, not too long."""
    text = key if type(key) is str else _text(key)
    text = _BAD_IN_KEY.sub("_", text[:MAX_KEY_CHARS])
    if not text or text[0] == "." or text[-1] == "." or ".." in text:
        text = ".".join(part for part in text.split(".") if part)
    return text or "_"


def _leaves(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every scalar in *value* with its dotted key; the members of a plain list share one key."""
    if isinstance(value, dict):
        for inner_key, inner in value.items():
            yield from _leaves(f"{key}.{_key(inner_key)}"[: 4 * MAX_KEY_CHARS], inner)
    elif type(value) is list:
        for index, inner in enumerate(value):
            nested = isinstance(inner, (dict, list))
            yield from _leaves(f"{key}.{index}"[: 4 * MAX_KEY_CHARS] if nested else key, inner)
    elif value is not None:
        yield key, value


def _append(labels: dict[str, Any], key: str, value: Any) -> None:
    there = labels.get(key)
    if there is None:
        labels[key] = value
    elif type(there) is list:
        there.append(value)
    else:
        labels[key] = [there, value]


# --- types -----------------------------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    """Any plain value as text."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]  # narrowed by `kind`
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value) if -_LONGEST < value < _LONGEST else f"<int of {value.bit_length()} bits>"
    if kind is bytes:
        return value.decode("utf-8", "backslashreplace")  # type: ignore[no-any-return]  # narrowed by `kind`
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if kind is timedelta:
        return f"{value.total_seconds()}s"
    return str(value)


_LONGEST = 10**4_000  # Python refuses to print longer ones


def _keyword(value: Any) -> Any:
    if type(value) is list:
        plain = not any(isinstance(v, (dict, list)) for v in value)
        return [_text(v) for v in value if v is not None] if plain else None
    return None if isinstance(value, (dict, Opaque)) else _text(value)


def _long(value: Any) -> int | None:
    kind = type(value)
    if kind is float:
        value = int(value) if value.is_integer() else None
    elif kind is str:
        value = int(value) if len(value) < 20 and _INTEGER.fullmatch(value) else None
    elif kind is not int:
        return None
    return value if value is not None and -INT64 <= value < INT64 else None


_INTEGER = re.compile(r"[+-]?[0-9]+")


def _double(value: Any) -> float | int | None:
    kind = type(value)
    if kind is float:
        return value if math.isfinite(value) else None
    if kind is int:
        return value if -INT64 <= value < INT64 else None
    try:
        number = float(value) if kind is str or kind.__name__ == "Decimal" else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _boolean(value: Any) -> bool | None:
    return value if type(value) is bool else None


def _date(value: Any) -> str | None:
    """*value* in UTC, within what Elasticsearch holds in nanoseconds; a time without a zone is taken for UTC."""
    try:
        if type(value) is str:
            value = datetime.fromisoformat(value)
        elif type(value) is date:
            value = datetime(value.year, value.month, value.day, tzinfo=UTC)
        if not isinstance(value, datetime):
            return None
        moment = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment.isoformat() if _FIRST_DATE <= moment < _END_OF_DATES else None


_FIRST_DATE = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_DATES = datetime(2262, 4, 11, tzinfo=UTC)


def _ip(value: Any) -> str | None:
    text = _text(value)
    try:
        return str(ip_address(text)) if "%" not in text else None  # an index knows no zones (fe80::1%eth0)
    except ValueError:
        return None


_FIT = {
    "keyword": _keyword,
    "text": _keyword,
    "flattened": lambda _: None,
    "long": _long,
    "double": _double,
    "boolean": _boolean,
    "date": _date,
    "date_nanos": _date,
    "ip": _ip,
}


# --- errors ----------------------------------------------------------------------------------------------------------

_BETWEEN = {
    "cause": "\nThe above exception was the direct cause of the following exception:\n\n",
    "context": "\nDuring handling of the above exception, another exception occurred:\n\n",
}


def _stack_trace(fault: Fault) -> str:
    """The text that Python prints for *fault*, without its carets."""
    before = _stack_trace(fault.cause) + _BETWEEN[fault.how] if fault.cause is not None else ""
    lines = ["Traceback (most recent call last):\n"] if fault.frames else []
    for file, line, function in fault.frames:
        lines.append(f'  File "{file}", line {line}, in {function}\n')
        source = linecache.getline(file, line).strip()
        if source:
            lines.append(f"    {source}\n")
    ending = f"{fault.type}: {fault.message}\n" if fault.message else f"{fault.type}\n"
    return before + "".join(lines) + ending


def _grouping_key(fault: Fault) -> str:
    """The same for the same fault at the same place, whatever its message and line numbers are."""
    places = [f"{_module_path(file)}:{function}" for file, _, function in fault.frames]
    own = [place for place in places if not place.startswith("<lib>")] or places
    return blake2b("\n".join([fault.type, *own[-8:]]).encode("utf-8", "replace"), digest_size=12).hexdigest()


def _module_path(file: str) -> str:
    for mark in ("/site-packages/", "/lib/python3"):
        if mark in file:
            return "<lib>" + file.rpartition(mark)[2]
    return "/".join(file.rsplit("/", 3)[1:])
