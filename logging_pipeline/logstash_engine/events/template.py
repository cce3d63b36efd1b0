"""
sprintf: text with references in it.

``%{field}`` · ``%{[a][b]}`` · ``%{+yyyy.MM.dd}`` (Joda, milliseconds) · ``%{{yyyy.MM.dd}}`` (java.time, nanoseconds) ·
``%{{TIME_NOW}}`` · ``%{+%s}`` and ``%{}`` (seconds since 1970). What cannot be resolved stays as it is written.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import count

from logging_pipeline.logstash_engine.events.access import Expression, reading
from logging_pipeline.logstash_engine.events.fields import Event, FieldError, getter, parse_reference
from logging_pipeline.logstash_engine.events.text import java_text
from logging_pipeline.logstash_engine.events.timestamp import Timestamp
from logging_pipeline.logstash_engine.times.joda_format import joda_formatter

__all__ = ["Template", "compile_template", "is_constant", "references", "sprintf", "template_expression"]

Template = Callable[[Event], str]
_EPOCH_FORMAT = "+%s"
_numbers = count(1)  # no two parts have a name in common


def is_constant(template: str) -> bool:
    """Whether *template* has nothing to resolve."""
    start = template.find("%{")
    return start < 0 or template.find("}", start) < 0


def references(template: str) -> list[str]:
    """The field references in *template*, in order (dates are none)."""
    return [text for kind, text in _parts(template) if kind == "field"]


def sprintf(event: Event, template: str) -> str:
    """Resolve a *template* that is known only now."""
    return template if is_constant(template) else compile_template(template)(event)


@lru_cache(maxsize=4096)
def compile_template(template: str) -> Template:
    """
    A function that resolves *template* against an event; raises FieldError for a reference with unbalanced brackets.
    """
    source, names = template_expression(template)
    for name, part in names.items():
        if source == f"{name}(event)":
            return part  # type: ignore[no-any-return]  # of one part that is no field
    resolve: Template = eval(f"lambda event: {source}", dict(names))  # noqa: S307 - our own source; texts are in it as literals
    return resolve


def template_expression(template: str) -> Expression:
    """The same as an expression, for use in generated functions."""
    terms: list[str] = []
    names: dict[str, Template] = {}
    for kind, text in _parts(template):
        if kind == "text":
            terms.append(repr(text))
            continue
        name = f"part_{next(_numbers)}"
        names[name] = _COMPILERS[kind](text)
        terms.append(_quick(text, name) if kind == "field" else f"{name}(event)")
    return Expression(" + ".join(terms) or "''", names)


def _parts(template: str) -> list[tuple[str, str]]:
    """Cut *template* into literal text, fields and dates."""
    parts: list[tuple[str, str]] = []
    position = 0
    start = template.find("%{")
    while start >= 0:
        end = template.find("}", start)
        if end < 0:
            break
        if start > position:
            parts.append(("text", template[position:start]))
        inside = template[start + 2 : end]
        if _EPOCH_FORMAT.startswith(inside):
            parts.append(("epoch", ""))
        elif inside.startswith("{") and template.startswith("}", end + 1):
            end += 1
            parts.append(("java", inside[1:]))
        elif inside.startswith("+"):
            parts.append(("joda", inside[1:]))
        else:
            parts.append(("field", inside))
        position = end + 1
        start = template.find("%{", position)
    if position < len(template):
        parts.append(("text", template[position:]))
    return parts


def _quick(reference: str, resolve: str) -> str:
    """The expression for a field, where text is read without the call to *resolve*, which sees to all else."""
    try:
        path = parse_reference(reference)
    except FieldError:
        return f"{resolve}(event)"
    return f"(v if (v := {reading(path, 'None', 'None')}).__class__ is str else {resolve}(event))"


def _field(reference: str) -> Template:
    unresolved = f"%{{{reference}}}"
    try:
        path = parse_reference(reference)
    except FieldError as error:
        return _failing(error)
    read = getter(path)

    def resolve(event: Event) -> str:
        value = read(event)
        return unresolved if value is None else java_text(value)

    return resolve


def _failing(error: Exception) -> Template:
    problem = str(error)

    def fail(_event: Event) -> str:
        raise FieldError(problem)

    return fail


def _dated(write: Callable[[Timestamp], str]) -> Template:
    def resolve(event: Event) -> str:
        moment = event.get("@timestamp")
        return write(moment) if moment.__class__ is Timestamp else ""

    return resolve


def _joda(pattern: str) -> Template:
    try:
        return _dated(joda_formatter(pattern))
    except ValueError as error:
        return _failing(error)


def _java(pattern: str) -> Template:
    if pattern == "TIME_NOW":
        return lambda _event: Timestamp.now().text
    from logging_pipeline.logstash_engine.times.java_format import java_formatter  # large, and rarely asked for

    try:
        return _dated(java_formatter(pattern))
    except ValueError as error:
        return _failing(error)


_COMPILERS: dict[str, Callable[[str], Template]] = {
    "field": _field,
    "epoch": lambda _text: _dated(lambda moment: str(moment.seconds)),
    "joda": _joda,
    "java": _java,
}
