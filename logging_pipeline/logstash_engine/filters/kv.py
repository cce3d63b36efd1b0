"""
Takes ``key=value`` pairs from a field: ``kv { source => "message" target => "kv" }``.

The splitting options are insides of character classes, as in Logstash, so a bracket in them needs a backslash.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from logging_pipeline.logstash_engine.events.fields import Event, FieldError, getter, set_field, setter
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.events.template import compile_template
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import FAILED, UNMATCHED, Apply, Context, Outcome, ecs_option
from logging_pipeline.logstash_engine.regexes import Regex, RegexError, RegexTimeout, compile_regex

__all__ = ["OPTIONS", "RUNS_COMMON_OPTIONS", "compile"]

RUNS_COMMON_OPTIONS = True  # they too may fail, and then the event is tagged

_TRANSFORMS = ("lowercase", "uppercase", "capitalize")

OPTIONS: Options = {
    "source": Option("string", default="message"),
    "target": Option("string"),
    "prefix": Option("string", default=""),
    "field_split": Option("string", default=" "),
    "field_split_pattern": Option("string"),
    "value_split": Option("string", default="="),
    "value_split_pattern": Option("string"),
    "trim_key": Option("string"),
    "trim_value": Option("string"),
    "remove_char_key": Option("string"),
    "remove_char_value": Option("string"),
    "transform_key": Option("string", allowed=_TRANSFORMS),
    "transform_value": Option("string", allowed=_TRANSFORMS),
    "include_keys": Option("array", default=[]),
    "exclude_keys": Option("array", default=[]),
    "default_keys": Option("hash", default={}),
    "allow_duplicate_values": Option("boolean", default=True),
    "allow_empty_values": Option("boolean", default=False),
    "include_brackets": Option("boolean", default=True),
    "recursive": Option("boolean", default=False),
    "whitespace": Option("string", default="lenient", allowed=("strict", "lenient")),
    "tag_on_failure": Option("array", default=["_kv_filter_error"]),
    "tag_on_timeout": Option("string", default="_kv_filter_timeout"),
    "timeout_millis": Option("number", default=30_000),
    "ecs_compatibility": ecs_option(),
}

_Change = Callable[[str], str]
_CASES: dict[str, _Change] = {"lowercase": str.lower, "uppercase": str.upper, "capitalize": str.capitalize}
_BRACKETS = (("(", ")"), ("[", "]"), ("<", ">"))


def compile(settings: Settings, context: Context) -> Apply:
    """Compile the scanner and what is done with each pair."""
    read = getter(context.path(settings, "source"))
    write = None if settings["target"] is None else setter(context.path(settings, "target"))
    parse = _Parser(settings, context).parse
    defaults, matched = settings["default_keys"], context.matched
    failure_tags, timeout_tag = [str(name) for name in settings["tag_on_failure"]], settings["tag_on_timeout"]

    def work(event: Event) -> None:
        value = read(event)
        pairs: dict[str, Any] = {}
        if value.__class__ is str:
            parse(value, event, pairs)
        elif value.__class__ is list:
            for item in value:
                if item is None:
                    continue
                if item.__class__ is not str:
                    raise FieldError("a list for kv holds text only")
                parse(item, event, pairs)
        if defaults:
            pairs = {**defaults, **pairs}
        if not pairs:
            return
        if write is not None:
            write(event, pairs)
        else:
            for key, item in pairs.items():
                set_field(event, key, item)
        matched(event)

    def apply(event: Event) -> Outcome:
        try:
            work(event)
        except RegexTimeout:
            tag(event, timeout_tag)
            return FAILED
        except FieldError:
            for name in failure_tags:
                tag(event, name)
            return FAILED
        return UNMATCHED

    return apply


class _Parser:
    """Scans texts for pairs."""

    def __init__(self, settings: Settings, context: Context) -> None:
        for option in ("value_split", "field_split_pattern", "value_split_pattern"):
            if settings[option] == "":
                context.refuse(f"the option {option!r} cannot be empty", settings, option)
        timeout = settings["timeout_millis"]
        self._timeout_s = timeout / 1000 if timeout > 0 else None
        self._context, self._settings = context, settings
        self._splitter, self._scanner = self._scanners()
        self._change_key = self._changes("key")
        self._change_value = self._changes("value")
        self._include = [compile_template(str(key)) for key in settings["include_keys"]]
        self._exclude = [compile_template(str(key)) for key in settings["exclude_keys"]]
        self._prefix = compile_template(settings["prefix"]) if settings["prefix"] else None
        self._empty = settings["allow_empty_values"]
        self._duplicates = settings["allow_duplicate_values"]
        self._recursive = settings["recursive"]

    def parse(self, text: str, event: Event, pairs: dict[str, Any]) -> None:
        """Put the pairs in *text* into *pairs*; a key seen again makes a list."""
        if self._splitter.search(text) is None:
            return
        include = {key(event) for key in self._include}
        exclude = {key(event) for key in self._exclude}
        for match in self._scanner.finditer(text):
            key, *candidates = match.groups()
            value = next((candidate for candidate in candidates if candidate is not None), None)
            if not value and not self._empty:
                continue
            key = self._change_key(key)
            if (include and key not in include) or key in exclude:
                continue
            if self._prefix is not None:
                key = self._prefix(event) + key
            changed: Any = self._change_value(value or "")
            if not self._duplicates and key in pairs and changed in pairs[key]:
                continue
            if self._recursive:
                inner: dict[str, Any] = {}
                self.parse(changed, event, inner)
                changed = inner or changed
            self._add(pairs, key, changed)

    @staticmethod
    def _add(pairs: dict[str, Any], key: str, value: Any) -> None:
        if key not in pairs:
            pairs[key] = value
        elif pairs[key].__class__ is list:
            pairs[key].append(value)
        else:
            pairs[key] = [pairs[key], value]

    def _scanners(self) -> tuple[Regex, Regex]:
        """What separates a key from its value, and a whole pair."""
        settings = self._settings
        field_class, value_class = settings["field_split"], settings["value_split"]
        field_split = settings["field_split_pattern"] or f"[{field_class}]"
        value_split = settings["value_split_pattern"] or f"[{value_class}]"
        by_pattern = bool(settings["field_split_pattern"] or settings["value_split_pattern"])
        separator = f"(?: *(?:{value_split}) *)" if settings["whitespace"] == "lenient" else f"(?:{value_split})"
        key = _until_pattern(separator, field_split) if by_pattern else _until(value_class + field_class)
        values = [_quoted('"', '"'), _quoted("'", "'")]
        if settings["include_brackets"]:
            values += [_quoted(opening, closing) for opening, closing in _BRACKETS]
        values.append(_until_pattern(field_split) if settings["field_split_pattern"] else _until(field_class))
        pair = f"{key}{separator}(?:{'|'.join(values)})?(?:{field_split}|$)"
        option = "field_split_pattern" if settings["field_split_pattern"] else "field_split"
        return self._compiled(separator, "value_split"), self._compiled(pair, option)

    def _changes(self, what: str) -> _Change:
        """Trimming, removing and case, in this order."""
        changes: list[_Change] = []
        trim, unwanted = self._settings[f"trim_{what}"], self._settings[f"remove_char_{what}"]
        if trim:
            changes.append(self._remover(f"^[{trim}]+|[{trim}]+$", f"trim_{what}"))
        if unwanted:
            changes.append(self._remover(f"[{unwanted}]", f"remove_char_{what}"))
        if self._settings[f"transform_{what}"]:
            changes.append(_CASES[self._settings[f"transform_{what}"]])

        def change(text: str) -> str:
            for one in changes:
                text = one(text)
            return text

        return change

    def _remover(self, pattern: str, option: str) -> _Change:
        regex = self._compiled(pattern, option)
        return lambda text: regex.sub("", text)

    def _compiled(self, pattern: str, option: str) -> Regex:
        try:
            return compile_regex(pattern, timeout_s=self._timeout_s)
        except RegexError as error:
            self._context.refuse(
                f"the option {option!r} becomes a regular expression that does not compile: {error}; "
                "put a backslash before a bracket in it",
                self._settings,
                option,
            )


def _quoted(opening: str, closing: str) -> str:
    return rf"\{opening}((?:\\.|[^\{closing}])+)?\{closing}"


def _until(charclass: str) -> str:
    return rf"((?:\\.|[^{charclass}])+)"


def _until_pattern(*patterns: str) -> str:
    return rf"((?:(?!{'|'.join(patterns)})(?:\\.|.))+)"
