"""The variables that ``logstash/*.conf`` use, from this process' settings: a real Logstash is given the same ones."""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit

from logging_pipeline.settings import Settings

__all__ = ["variables"]


def variables(settings: Settings) -> dict[str, str]:
    """The process' environment; where it says nothing, what follows from *settings*."""
    redis = urlsplit(settings.redis_url)
    derived = {
        "LOGPIPE_APP": settings.app,
        "LOGPIPE_NAMESPACE": settings.namespace,
        "LOGPIPE_REDIS_HOST": redis.hostname or "127.0.0.1",
        "LOGPIPE_REDIS_PORT": str(redis.port or 6379),
        "LOGPIPE_REDIS_DB": redis.path.strip("/") or "0",
        "LOGPIPE_REDIS_PASSWORD": unquote(redis.password or ""),
        "LOGPIPE_ELASTICSEARCH_URL": settings.elasticsearch_url,
        "LOGPIPE_ELASTICSEARCH_USER": settings.elasticsearch_user,
        "LOGPIPE_ELASTICSEARCH_PASSWORD": settings.elasticsearch_password,
    }
    return {**derived, **os.environ}
