"""How the console's templates write times, durations, links, and text from events."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from logging_pipeline.console import text as event_text
from logging_pipeline.console.address import encoded
from logging_pipeline.console.search import Search
from logging_pipeline.console.store import Answer
from logging_pipeline.console.timerange import TimeRange
from logging_pipeline.settings import LEVELS

__all__ = ["register"]

register = template.Library()

ROW_CHARS = 300  # of a value in a list
VALUE_CHARS = 2_000  # of a value on an event's page before "show all"
END_CHARS = 600  # of these from its end: a traceback says there what went wrong


@register.filter
def visible(value: str) -> SafeString:
    """Text from an event in one line."""
    return event_text.visible(value if len(value) <= ROW_CHARS else value[: ROW_CHARS - 1] + "…")


@register.filter
def block(value: str) -> SafeString:
    """Text from an event with its lines, whole."""
    return event_text.visible(value, lines=True)


@register.filter
def ends(value: str) -> SafeString:
    """The beginning and the end of a long text, `VALUE_CHARS` in all."""
    return event_text.visible(f"{value[: VALUE_CHARS - END_CHARS]}\n…\n{value[-END_CHARS:]}", lines=True)


@register.filter
def long(value: str) -> bool:
    """Whether `ends` leaves something out."""
    return len(value) > VALUE_CHARS


@register.filter
def plain(value: str) -> str:
    """Text from an event for an attribute or a title."""
    return event_text.plain(value if len(value) <= ROW_CHARS else value[: ROW_CHARS - 1] + "…")


@register.filter
def level_class(level: str) -> str:
    """The CSS class of a level."""
    return f"level-{level}" if level in LEVELS else "level-other"


@register.filter
def clock(moment: datetime) -> str:
    """The time of day to the millisecond, in the viewer's zone."""
    return timezone.localtime(moment).strftime("%H:%M:%S.%f")[:-3]


@register.filter
def day(moment: datetime) -> str:
    """The date, in the viewer's zone."""
    return timezone.localtime(moment).strftime("%Y-%m-%d")


@register.filter
def stamp(moment: datetime) -> str:
    """Date and time to the microsecond with the offset, in the viewer's zone."""
    return timezone.localtime(moment).isoformat(sep=" ", timespec="microseconds")


@register.filter
def short_stamp(moment: datetime) -> str:
    """Date and time to the second, in the viewer's zone."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S")


@register.filter
def for_input(moment: datetime) -> str:
    """As an input of type ``datetime-local`` takes it, in the viewer's zone."""
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M:%S")


@register.filter
def took(duration: timedelta) -> str:
    """A duration in the unit that reads best: ``850 µs``, ``12.3 ms``, ``1.24 s``, ``2 min 3 s``, ``5 h 4 min``."""
    seconds = duration.total_seconds()
    if seconds < 0.001:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 0.9995:
        return f"{seconds * 1e3:.3g} ms"
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


@register.filter
def tick(moment: datetime, time: TimeRange) -> str:
    """A label of the time axis: with the date where the range is longer than a day, with seconds where it is short."""
    span = time.end - time.start
    how = "%m-%d %H:%M" if span > timedelta(days=1) else "%H:%M" if span > timedelta(minutes=10) else "%H:%M:%S"
    return timezone.localtime(moment).strftime(how)


@register.filter
def thousands(number: int) -> str:
    """12,345 and so on, whatever the project's language."""
    return f"{number:,}"


@register.filter
def count(answer: Answer) -> str:
    """How many events match: exact, or ``10,000+``."""
    return f"{answer.total:,}{'+' if answer.at_least else ''}"


@register.filter
def unlocal(number: float) -> str:
    """A number of a drawing, with a point in every language."""
    return f"{number:g}"


@register.simple_tag
def event_url(event_id: str) -> str:
    """The page of an event."""
    return _url("event", {"id": event_id})


@register.simple_tag
def around_url(event_id: str) -> str:
    """The events around an event."""
    return _url("around", {"id": event_id})


@register.simple_tag
def trace_url(trace_id: str) -> str:
    """The page of a trace."""
    return _url("trace", {"id": trace_id})


@register.simple_tag
def filter_url(given: str, time: TimeRange, exclude: bool = False) -> str:
    """The search for (or without) one value in *time*; *given* is a parameter ``filter``."""
    chosen = f"-{given}" if exclude else given
    return _url("logs", {"filter": chosen, "from": time.start_text, "to": time.end_text})


@register.inclusion_tag("logpipe_console/hidden_inputs.html")
def hidden_inputs(search: Search, *without: str) -> dict[str, object]:
    """The parameters of *search* but those named, for a form that changes these."""
    return {"pairs": [(name, value) for name, value in search.pairs if name not in without]}


def _url(name: str, parameters: dict[str, str]) -> str:
    return f"{reverse(f'logpipe_console:{name}')}?{encoded(parameters.items())}"
