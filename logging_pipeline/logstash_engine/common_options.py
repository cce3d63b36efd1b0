"""``add_field``, ``remove_field``, ``add_tag`` and ``remove_tag``, in this order, after a filter has matched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
    set_field,
    setter,
)
from logging_pipeline.logstash_engine.events.statements import Step
from logging_pipeline.logstash_engine.events.tags import tags_of
from logging_pipeline.logstash_engine.events.template import compile_template, is_constant, template_expression
from logging_pipeline.logstash_engine.events.text import ruby_text
from logging_pipeline.logstash_engine.options import Settings

__all__ = ["as_list", "common_steps", "compile_common_options"]


def compile_common_options(settings: Settings) -> Callable[[Event], None] | None:
    """
    A function that runs the common options on an event; None if there are none. It raises FieldError as a plugin does.
    """
    steps = common_steps(settings)
    return statements.sequence(steps) if steps else None


def common_steps(settings: Settings) -> list[Step]:
    """The same, step by step."""
    steps: list[Step] = []
    for field, values in settings["add_field"].items():
        steps += [_add_field(field, ruby_text(value)) for value in (values if isinstance(values, list) else [values])]
    steps += [_remove_field(str(field)) for field in settings["remove_field"]]
    if settings["add_tag"]:
        steps.append(_add_tags([ruby_text(tag) for tag in settings["add_tag"]]))
    if settings["remove_tag"]:
        steps.append(_remove_tags([str(tag) for tag in settings["remove_tag"]]))
    return steps


def as_list(value: Any) -> list[Any]:
    """
    Ruby's ``Array()``: null is empty, a hash a list of pairs, a list itself (copied), anything else alone in a list.
    """
    if value is None:
        return []
    if value.__class__ is list:
        return list(value)
    if value.__class__ is dict:
        return [[key, item] for key, item in value.items()]
    return [value]


def _add_field(field: str, value: str) -> Step:
    if is_constant(field):
        try:
            path = parse_reference(field)
        except FieldError:
            return _add_dynamic_field(field, value)  # it fails for every event, and only then
        return _add_static_field(path, value)
    return _add_dynamic_field(field, value)


def _add_static_field(path: Path, value: str) -> Step:
    read, write, resolve = getter(path, MISSING), setter(path), compile_template(value)

    def extend(event: Event, text: str) -> None:
        present = read(event)
        write(event, text if present is MISSING else [*as_list(present), text])

    if path[0] in ("tags", "@timestamp") or path == ("@metadata",):
        return lambda event: extend(event, resolve(event))
    return statements.add(path, template_expression(value), extend)


def _add_dynamic_field(field: str, value: str) -> Step:
    name, resolve = compile_template(field), compile_template(value)

    def add(event: Event) -> None:
        reference = name(event)
        text = resolve(event)
        path = parse_reference(reference)
        if includes(event, path):
            set_field(event, reference, [*as_list(getter(path)(event)), text])
        else:
            set_field(event, reference, text)

    return add


def _remove_field(field: str) -> Step:
    if is_constant(field):
        try:
            return statements.remove(parse_reference(field))
        except FieldError:
            pass
    name = compile_template(field)

    def run(event: Event) -> None:
        remove(event, name(event))

    return run


def _add_tags(tags: list[str]) -> Step:
    if all(map(is_constant, tags)):

        def add(event: Event) -> None:
            present = event.get("tags")
            if present.__class__ is list:
                present.extend(tags)
            else:
                event["tags"] = list(tags) if present is None else [present, *tags]

        return add
    templates = [compile_template(tag) for tag in tags]

    def add_resolved(event: Event) -> None:
        event["tags"] = tags_of(event) + [template(event) for template in templates]

    return add_resolved


def _remove_tags(tags: list[str]) -> Step:
    templates = [compile_template(tag) for tag in tags]

    def run(event: Event) -> None:
        if event.get("tags") is not None:
            unwanted = {template(event) for template in templates}
            event["tags"] = [tag for tag in tags_of(event) if tag not in unwanted]

    return run
