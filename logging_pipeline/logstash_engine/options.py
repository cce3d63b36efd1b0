"""
The options of a plugin, as data: their types, defaults and limits, and how a configuration's values are checked against
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine.environment import Environment
from logging_pipeline.logstash_engine.hash_order import in_hash_order
from logging_pipeline.logstash_engine.language.syntax import Array, Attribute, Hash, Number, Place, Plugin, Text, Value

__all__ = ["Option", "Options", "Settings", "check_settings", "fail", "nearest"]

Type = Literal["string", "number", "boolean", "array", "hash", "password", "path", "uri", "bytes", "codec", "field"]


@dataclass(frozen=True, slots=True)
class Option:
    """
    One option.

    Args:
        type: what its value is; ``field`` is a field reference, ``bytes`` a size such as ``5MiB``.
        default: used where the configuration does not give it.
        required: the configuration has to give it.
        allowed: the texts that its value may have; empty for any.
        several: it takes one value or a list of them; the setting is a list.
        unsupported: why the engine refuses it, with the cure; None where it works.
    """

    type: Type = "string"
    default: Any = None
    required: bool = False
    allowed: tuple[str, ...] = ()
    several: bool = False
    unsupported: str | None = None


Options = Mapping[str, Option]


class Settings(dict[str, Any]):
    """The checked values of a plugin, by option; *places* has where each one given stands."""

    def __init__(self, values: dict[str, Any], places: dict[str, Place]) -> None:
        super().__init__(values)
        self.places = places


def fail(place: Place, problem: str) -> LogstashConfigError:
    """The error that refuses what stands at *place*."""
    return LogstashConfigError(problem, file=place.file, line=place.line, column=place.column)


def nearest(name: str, known: list[str]) -> str:
    """``; did you mean 'x'?`` with the nearest of the *known* names, or nothing."""
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def check_settings(plugin: Plugin, options: Options, environment: Environment, kind: str) -> Settings:
    """
    The settings of *plugin*, defaults included, ``${VAR}`` replaced.

    Raises:
        LogstashConfigError: an option is unknown, missing, unsupported or of the wrong type; with its place.
    """
    values: dict[str, Any] = {name: _copy(option.default) for name, option in options.items()}
    places: dict[str, Place] = {}
    for name, attributes in _grouped(plugin).items():
        place = attributes[0].place
        option = options.get(name)
        if option is None:
            raise fail(place, f"the {kind} {plugin.name!r} has no option {name!r}{nearest(name, sorted(options))}")
        if option.unsupported is not None:
            raise fail(place, f"the option {name!r} of {plugin.name!r} is not supported: {option.unsupported}")
        value = _combined(attributes, environment)
        values[name] = _checked(value, option, f"the option {name!r} of {plugin.name!r}", place)
        places[name] = place
    for name, option in options.items():
        if option.required and name not in places:
            raise fail(plugin.place, f"the {kind} {plugin.name!r} needs the option {name!r}")
    return Settings(values, places)


def _copy(default: Any) -> Any:
    return type(default)(default) if isinstance(default, (list, dict)) else default


def _grouped(plugin: Plugin) -> dict[str, list[Attribute]]:
    groups: dict[str, list[Attribute]] = {}
    for attribute in plugin.attributes:
        groups.setdefault(attribute.name, []).append(attribute)
    return groups


def _combined(attributes: list[Attribute], environment: Environment) -> Any:
    """The value of an option; written several times its lists are joined and its hashes merged."""
    values = [_plain(attribute.value, environment) for attribute in attributes]
    if len(values) == 1:
        return values[0]
    if all(isinstance(value, dict) for value in values):
        merged: dict[str, Any] = {}
        for value in values:
            for key, item in value.items():
                merged[key] = _listed(merged[key]) + _listed(item) if key in merged else item
        return in_hash_order(merged)
    return [item for value in values for item in _listed(value)]


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _plain(value: Value, environment: Environment) -> Any:
    """A value of the syntax as plain data; a codec stays what it is."""
    if isinstance(value, Text):
        return environment.substitute(value.text, value.place)
    if isinstance(value, Number):
        return value.number
    if isinstance(value, Array):
        return [_plain(item, environment) for item in value.items]
    if isinstance(value, Hash):
        plain: dict[str, Any] = {}
        for key, item in value.entries:
            if isinstance(key, Number):
                raise fail(key.place, f"a key of a hash is text: put {key.number} in quotes")
            name = key.text
            if name in plain:
                raise fail(key.place, f"the key {name!r} stands twice in one hash")
            plain[name] = _plain(item, environment)
        return in_hash_order(plain)
    return value


def _checked(value: Any, option: Option, what: str, place: Place) -> Any:
    if option.several:
        return [_checked(item, Option(option.type, allowed=option.allowed), what, place) for item in _listed(value)]
    checked = _CHECKS[option.type](value)
    if checked is None:
        raise fail(place, f"{what} is {_DESCRIPTIONS[option.type]}, not {_shown(value)}")
    if option.allowed and checked not in option.allowed:
        choices = ", ".join(option.allowed)
        raise fail(place, f"{what} is one of {choices}, not {checked!r}{nearest(str(checked), list(option.allowed))}")
    return checked


def _shown(value: Any) -> str:
    if isinstance(value, Plugin):
        return f"the codec {value.name!r}"
    return "a hash" if isinstance(value, dict) else "a list" if isinstance(value, list) else repr(value)


def _string(value: Any) -> str | None:
    """Text, a number's text, or the one member of a list."""
    if isinstance(value, list):
        return _string(value[0]) if len(value) == 1 else None
    if isinstance(value, (int, float)):
        return str(value)
    return value if isinstance(value, str) else None


def _number(value: Any) -> int | float | None:
    if isinstance(value, list):
        return _number(value[0]) if len(value) == 1 else None
    if isinstance(value, (int, float)):
        return value
    try:
        return int(value) if isinstance(value, str) else None
    except ValueError:
        pass
    try:
        return float(value)
    except ValueError:
        return None


def _boolean(value: Any) -> bool | None:
    return {"true": True, "false": False}.get(_string(value) or "")


def _array(value: Any) -> list[Any] | None:
    return _listed(value) if not isinstance(value, Plugin) else None


def _hash(value: Any) -> dict[str, Any] | None:
    """A hash, or a list of keys and values in turn, as old configurations have it."""
    if isinstance(value, list) and len(value) % 2 == 0 and all(isinstance(key, str) for key in value[::2]):
        return dict(zip(value[::2], value[1::2], strict=True))
    return value if isinstance(value, dict) else None


_UNITS = {"": 1, "b": 1}
for _power, _letter in enumerate("kmgtp", 1):
    _UNITS |= {_letter: 1000**_power, f"{_letter}b": 1000**_power, f"{_letter}ib": 1024**_power}


def _bytes(value: Any) -> int | None:
    text = (_string(value) or "").strip().lower()
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz ")
    unit = text[len(digits) :].strip()
    return int(float(digits) * _UNITS[unit]) if digits.replace(".", "", 1).isdigit() and unit in _UNITS else None


def _codec(value: Any) -> Plugin | None:
    if isinstance(value, Plugin):
        return value
    return Plugin(value, (), Place("", 0, 0)) if isinstance(value, str) else None


_CHECKS: dict[str, Any] = {
    "string": _string,
    "number": _number,
    "boolean": _boolean,
    "array": _array,
    "hash": _hash,
    "password": lambda value: value if isinstance(value, str) else None,
    "path": _string,
    "uri": _string,
    "bytes": _bytes,
    "codec": _codec,
    "field": _string,
}
_DESCRIPTIONS = {
    "string": "text",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "hash": "a hash",
    "password": "text",
    "path": "a path",
    "uri": "a URI",
    "bytes": "a size such as 512 or 5MiB",
    "codec": "a codec",
    "field": "a field reference",
}
