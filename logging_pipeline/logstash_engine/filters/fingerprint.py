"""
Hashes fields: ``fingerprint { source => ["[user][email]"] method => "SHA256" key => "${KEY}" target => "[user][hash]"
}``.

Several sources without ``concatenate_sources`` leave the hash of the last one; joined, their order does not matter.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import uuid
from collections.abc import Callable
from typing import Any

from logging_pipeline.logstash_engine.addresses import parse_network
from logging_pipeline.logstash_engine.events.fields import MISSING, Event, getter, parse_reference, setter
from logging_pipeline.logstash_engine.events.text import ruby_text
from logging_pipeline.logstash_engine.murmur3 import murmur3_32, murmur3_128
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import MATCHED, Apply, Context, Outcome, ecs_option
from logging_pipeline.logstash_engine.regexes import compile_regex

__all__ = ["OPTIONS", "compile"]

_DIGESTS = ("SHA1", "SHA256", "SHA384", "SHA512", "MD5")

OPTIONS: Options = {
    "source": Option("array", default=["message"]),
    "target": Option("string"),
    "key": Option("password"),
    "base64encode": Option("boolean", default=False),
    "method": Option(
        "string",
        default="SHA1",
        allowed=(*_DIGESTS, "MURMUR3", "MURMUR3_128", "IPV4_NETWORK", "UUID", "PUNCTUATION"),
    ),
    "concatenate_sources": Option("boolean", default=False),
    "concatenate_all_fields": Option("boolean", default=False),
    "ecs_compatibility": ecs_option(),
}

_Hash = Callable[[Any], Any]
_NOT_PUNCTUATION = compile_regex(r"[^[\p{P}\p{S}]]")


def compile(settings: Settings, context: Context) -> Apply:
    """Compile to a function that writes the hash."""
    if settings["target"] is None:
        settings["target"] = "[event][hash]" if context.ecs else "fingerprint"
    write = setter(context.path(settings, "target"))
    method = settings["method"]
    sources = [str(source) for source in settings["source"]]
    if method == "UUID":
        return _always(write, lambda _event: str(uuid.uuid4()))
    if method == "PUNCTUATION":
        return _each(sorted(sources), write, _punctuation)
    hashed = _hash(settings, context)
    if settings["concatenate_all_fields"]:
        return _always(write, lambda event: hashed(_text_of_event(event)))
    if settings["concatenate_sources"]:
        readers = [(source, getter(parse_reference(source))) for source in sorted(sources)]
        return _always(
            write, lambda event: hashed("".join([f"|{name}|{_text(read(event))}" for name, read in readers]) + "|")
        )
    return _each(sources, write, lambda value: _members(value, hashed))


def _always(write: Callable[[Event, Any], None], value: Callable[[Event], Any]) -> Apply:
    def apply(event: Event) -> Outcome:
        write(event, value(event))
        return MATCHED

    return apply


def _each(sources: list[str], write: Callable[[Event, Any], None], value: Callable[[Any], Any]) -> Apply:
    """One source after the other, each over the one before; missing ones are passed over."""
    readers = [getter(parse_reference(source), MISSING) for source in sources]

    def apply(event: Event) -> Outcome:
        for read in readers:
            found = read(event)
            if found is not MISSING:
                write(event, value(found))
        return MATCHED

    return apply


def _members(value: Any, hashed: _Hash) -> Any:
    return [hashed(item) for item in value] if value.__class__ is list else hashed(value)


def _hash(settings: Settings, context: Context) -> _Hash:
    method, key = settings["method"], settings["key"]
    if method == "IPV4_NETWORK":
        if key is None or not key.isdigit() or int(key) > 32:
            context.refuse("IPV4_NETWORK needs the option 'key': the length of the prefix, 0 to 32", settings, "method")
        return lambda value: _network(value, int(key))
    if method == "MURMUR3":
        return lambda value: murmur3_32(_integer_or_text(value))
    if method == "MURMUR3_128":
        return lambda value: _encoded(murmur3_128(_integer_or_text(value)), settings["base64encode"])
    return _digest(method.lower(), key, as_base64=settings["base64encode"])


def _digest(name: str, key: str | None, *, as_base64: bool) -> _Hash:
    beginning: Any = hashlib.new(name, usedforsecurity=False) if key is None else hmac.new(key.encode(), digestmod=name)

    def hashed(value: Any) -> str:
        data = (value if value.__class__ is str else _text(value)).encode("utf-8", "surrogatepass")
        digest = beginning.copy()  # quicker than to begin anew
        digest.update(data)
        return _encoded(digest.digest(), as_base64)

    return hashed


def _encoded(digest: bytes, as_base64: bool) -> str:
    return base64.b64encode(digest).decode() if as_base64 else digest.hex()


def _integer_or_text(value: Any) -> int | str:
    return value if value.__class__ is int else _text(value)


def _network(value: Any, prefix: int) -> str:
    address = parse_network(ruby_text(value)).network_address
    bits = prefix if address.version == 4 else min(prefix, 128)
    return str(ipaddress.ip_network((address, bits), strict=False).network_address)


def _punctuation(value: Any) -> str:
    return _NOT_PUNCTUATION.sub("", ruby_text(value))


def _text(value: Any) -> str:
    """
    The text that is hashed: the members of a list, and the sorted keys of a hash with their values, are joined by bars.
    """
    if value.__class__ is str:
        return value
    if value.__class__ is list:
        return "|".join(_text(item) for item in value)
    if value.__class__ is dict:
        return "|".join(f"{key}|{_text(value[key])}" for key in sorted(value))
    return ruby_text(value)


def _text_of_event(event: Event) -> str:
    fields = {key: value for key, value in event.items() if key != "@metadata"}
    return "".join(f"|{key}|{_text(fields[key])}" for key in sorted(fields)) + "|"
