"""What this process was told."""

from __future__ import annotations

from collections.abc import Iterator

from logging_pipeline.accounting.doctor.finding import Finding, failure, ok, warning
from logging_pipeline.settings import Settings

__all__ = ["configuration"]


def configuration(settings: Settings) -> Iterator[Finding]:
    """Is there a broker, and can users be counted?"""
    if settings.redis_url:
        yield ok("settings", f"events of {settings.service_name!r} go to logs-{settings.app}.*-{settings.namespace}")
    else:
        yield failure("settings", "no broker is set: events go to the console only", "Set LOGPIPE_REDIS_URL")
    if not settings.hash_key:
        yield warning("settings", "users are not countable: no hash key", "Set LOGPIPE_HASH_KEY")
