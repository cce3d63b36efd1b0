"""How the pipeline's page writes its numbers."""

from __future__ import annotations

from datetime import timedelta

from django import template
from django.urls import reverse

from logging_pipeline.console.address import encoded
from logging_pipeline.console.templatetags.logpipe_console import took

__all__ = ["register"]

register = template.Library()

UNKNOWN = "\N{EN DASH}"


@register.filter
def figure(value: int | float | timedelta | str | None) -> str:
    """A count as ``1,234``, a rate (a float) as ``12.3/s``, a duration with its unit; a dash for what is not known."""
    if value is None:
        return UNKNOWN
    if isinstance(value, timedelta):
        return took(value)
    if isinstance(value, float):
        return f"{value:,.0f}/s" if value >= 100 else f"{value:.3g}/s"
    return f"{value:,}" if isinstance(value, int) else value


@register.simple_tag
def aside_url(stream: str, field: str, value: str) -> str:
    """The last day's events of the stream *stream* (dead letters, discarded events) with one value."""
    parameters = {"category": stream, "filter": f"{field}:{value}", "from": "now-24h", "to": "now"}
    return f"{reverse('logpipe_console:logs')}?{encoded(parameters.items())}"
