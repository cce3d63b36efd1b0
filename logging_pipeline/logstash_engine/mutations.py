"""The operations of the mutate filter, each compiled to a function that changes an event."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from logging_pipeline.logstash_engine.common_options import as_list
from logging_pipeline.logstash_engine.events import statements
from logging_pipeline.logstash_engine.events.fields import (
    MISSING,
    Event,
    FieldError,
    Path,
    getter,
    includes,
    parse_reference,
    remove,
    remover,
    set_field,
    setter,
)
from logging_pipeline.logstash_engine.events.statements import Step
from logging_pipeline.logstash_engine.events.template import (
    Template,
    compile_template,
    is_constant,
    sprintf,
    template_expression,
)
from logging_pipeline.logstash_engine.events.text import ruby_text
from logging_pipeline.logstash_engine.events.wire import copy_value
from logging_pipeline.logstash_engine.regexes import compile_regex
from logging_pipeline.logstash_engine.substitution import substitute

__all__ = [
    "MutationError",
    "change_text",
    "coerce",
    "convert",
    "copy",
    "gsub",
    "join",
    "merge",
    "rename",
    "replace",
    "split",
    "strip",
    "update",
]

_BLANK = "\0\t\n\v\f\r "
_BLANKS = re.compile(f"[{_BLANK}]+")


class MutationError(Exception):
    """An operation cannot work on this value."""


def _compiled(make: Callable[..., Step]) -> Callable[..., Step]:
    """Let a reference with unbalanced brackets fail when an event comes, as it does in Logstash, and not before."""

    def compile_or_fail(field: str, *arguments: Any) -> Step:
        try:
            return make(field, *arguments)
        except FieldError as error:
            problem = str(error)

            def fail(_event: Event) -> None:
                raise FieldError(problem)

            return fail

    return compile_or_fail


@_compiled
def coerce(field: str, default: str) -> Step:
    """Give a null field *default*; leave a missing one."""
    path = parse_reference(field)
    write, resolve = setter(path), compile_template(default)
    read = getter(path, MISSING)

    def run(event: Event) -> None:
        if read(event) is None and includes(event, path):
            write(event, resolve(event))

    return run


@_compiled
def rename(old: str, new: str) -> Step:
    """Move a field; the value is gone where the new place cannot take it."""
    if not (is_constant(old) and is_constant(new)):
        return _rename_resolved(compile_template(old), compile_template(new))
    source, write = parse_reference(old), _late_setter(new)
    take = remover(source)

    def run(event: Event) -> None:
        if includes(event, source):
            write(event, take(event))

    if source == ("@metadata",):
        return run  # metadata as a whole is emptied, not taken out of the event
    try:
        return statements.move(source, parse_reference(new), run)
    except FieldError:
        return run


def _rename_resolved(old: Template, new: Template) -> Step:
    def run(event: Event) -> None:
        source, target = old(event), new(event)
        if includes(event, parse_reference(source)):
            set_field(event, target, remove(event, source))

    return run


def _late_setter(reference: str) -> Callable[[Event, Any], None]:
    try:
        return setter(parse_reference(reference))
    except FieldError:
        return lambda event, value: set_field(event, reference, value)


@_compiled
def update(field: str, value: str) -> Step:
    """Replace a field that is there."""
    path = parse_reference(field)
    write, resolve = setter(path), compile_template(value)

    def run(event: Event) -> None:
        if includes(event, path):
            write(event, resolve(event))

    return run


@_compiled
def replace(field: str, value: str) -> Step:
    """Write a field, whether it is there or not."""
    return statements.write(parse_reference(field), template_expression(value))


@_compiled
def convert(field: str, to_type: Callable[[Any], Any]) -> Step:
    """Convert a scalar or the members of a list; a hash and null stay."""
    path = parse_reference(field)
    read, write = getter(path), setter(path)

    def run(event: Event) -> None:
        value = read(event)
        if value is None or value.__class__ is dict:
            return
        if value.__class__ is list:
            write(event, [item if item is None else to_type(item) for item in value])
        else:
            write(event, to_type(value))

    return statements.change(path, to_type, run)


@_compiled
def gsub(field: str, pattern: str, replacement: str) -> Step:
    """Replace matches in text, and in the texts of a list; references in *pattern* are part of the expression."""
    path = parse_reference(field)
    read, write = getter(path), setter(path)
    fixed = compile_regex(pattern) if "%{" not in pattern else None
    constant = fixed is not None and is_constant(replacement)
    if fixed is not None and constant and "\\" not in replacement:
        return _change(path, fixed.replacer(replacement))

    def changed(event: Event, text: str) -> str:
        if constant:
            return substitute(fixed, replacement, text)  # type: ignore[arg-type]
        regex = fixed or compile_regex(sprintf(event, pattern))
        return substitute(regex, sprintf(event, replacement), text)

    def run(event: Event) -> None:
        value = read(event)
        if value.__class__ is str:
            write(event, changed(event, value))
        elif value.__class__ is list:
            write(event, [changed(event, item) if item.__class__ is str else item for item in value])

    return run


@_compiled
def change_text(field: str, change: Callable[[str], str]) -> Step:
    """Apply *change* to text, and to the texts of a list."""
    return _change(parse_reference(field), change)


def _change(path: Path, change: Callable[[str], str]) -> Step:
    read, write = getter(path), setter(path)

    def run(event: Event) -> None:
        value = read(event)
        if value.__class__ is str:
            write(event, change(value))
        elif value.__class__ is list:
            write(event, [change(item) if item.__class__ is str else item for item in value])

    return statements.change(path, change, run)


@_compiled
def strip(field: str) -> Step:
    """Take blanks off both ends; a list that holds anything but text fails."""
    path = parse_reference(field)
    read, write = getter(path), setter(path)

    def run(event: Event) -> None:
        value = read(event)
        if value.__class__ is str:
            write(event, value.strip(_BLANK))
        elif value.__class__ is list:
            if any(item.__class__ is not str for item in value):
                raise MutationError("only text can be stripped")
            write(event, [item.strip(_BLANK) for item in value])

    return run


@_compiled
def split(field: str, separator: str) -> Step:
    """Make text a list; empty parts at its end go, one blank as the separator means any run of blanks."""
    path = parse_reference(field)
    read, write = getter(path), setter(path)

    def run(event: Event) -> None:
        value = read(event)
        if value.__class__ is str:
            write(event, _parts(value, separator))

    return run


def _parts(text: str, separator: str) -> list[str]:
    if separator == "":
        return list(text)
    parts = [part for part in _BLANKS.split(text) if part] if separator == " " else text.split(separator)
    while parts and not parts[-1]:
        parts.pop()
    return parts


@_compiled
def join(field: str, separator: str) -> Step:
    """Make a list text; lists in it are flattened."""
    path = parse_reference(field)
    read, write = getter(path), setter(path)

    def run(event: Event) -> None:
        value = read(event)
        if value.__class__ is list:
            write(event, _joined(value, separator))

    return run


def _joined(items: list[Any], separator: str) -> str:
    return separator.join(_joined(item, separator) if item.__class__ is list else ruby_text(item) for item in items)


@_compiled
def merge(field: str, added: list[str]) -> Step:
    """Join lists (a scalar counts as a list of one), or hashes; a list and a hash stay apart."""
    path = parse_reference(field)
    read, write = getter(path), setter(path)
    readers = [getter(parse_reference(name)) for name in added]

    def run(event: Event) -> None:
        target = copy_value(read(event))
        for read_added in readers:
            value = copy_value(read_added(event))
            if (target.__class__ is dict) is not (value.__class__ is dict):
                continue
            if target.__class__ is dict:
                target.update(value)
                write(event, target)
            elif target.__class__ is list:
                target += as_list(value)
                write(event, target)
            else:
                write(event, as_list(target) + as_list(value))

    return run


@_compiled
def copy(field: str, target: str) -> Step:
    """Copy a field, deeply; null and missing ones are left alone."""
    read, write = getter(parse_reference(field)), _late_setter(target)

    def run(event: Event) -> None:
        value = read(event)
        if value is not None:
            write(event, copy_value(value))

    return run
