"""The one place that makes Elasticsearch clients."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from logging_pipeline.errors import ConfigurationError
from logging_pipeline.settings import Settings

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["client"]


def client(settings: Settings, *, timeout_s: float = 30.0) -> Elasticsearch:
    """
    A client for the server and the user that *settings* name; nothing is sent before its first use.

    It asks once and does not retry by itself: `write` and the callers know what may be asked again, and when.

    Args:
        settings: url, user, password and certificate authority.
        timeout_s: the longest that one request may take, seconds.

    Raises:
        ConfigurationError: the address is missing or unusable, or the certificate authority's file is not there.
    """
    import elasticsearch  # takes a second of processor time, which a process that never asks must not pay

    options: dict[str, Any] = {"request_timeout": timeout_s, "max_retries": 0, "retry_on_timeout": False}
    if settings.elasticsearch_user:
        options["basic_auth"] = (settings.elasticsearch_user, settings.elasticsearch_password)
    if settings.elasticsearch_ca:
        if not Path(settings.elasticsearch_ca).is_file():
            raise ConfigurationError(
                "LOGPIPE_ELASTICSEARCH_CA", f"no file {settings.elasticsearch_ca!r}", "Give the path of a PEM file"
            )
        options["ca_certs"] = settings.elasticsearch_ca
    return elasticsearch.Elasticsearch(_address(settings.elasticsearch_url), **options)


def _address(url: str) -> str:
    name = "LOGPIPE_ELASTICSEARCH_URL"
    if not url:
        raise ConfigurationError(name, "is not set", "Give it like http://127.0.0.1:9200")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port is not None
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(name, "is no address with scheme, host and port", "Give it like http://127.0.0.1:9200")
    if parts.username or parts.password:
        raise ConfigurationError(
            name,
            "carries a user or a password, which would show in logs",
            "Use LOGPIPE_ELASTICSEARCH_USER and LOGPIPE_ELASTICSEARCH_PASSWORD",
        )
    return url
