"""Whose address counts: the peer's, unless a trusted proxy speaks for somebody."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from logging_pipeline.errors import ConfigurationError
from logging_pipeline.integrations import django
from logging_pipeline.integrations.django import client_ip, trust_proxies


@pytest.fixture(autouse=True)
def trusted(monkeypatch):
    """Nobody is trusted before a test, nor after it."""
    monkeypatch.setattr(django, "_trusted", ())


def ip(peer: str, forwarded: str | None = None) -> str:
    meta = {"REMOTE_ADDR": peer} | ({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded is not None else {})
    return client_ip(SimpleNamespace(META=meta))  # type: ignore[arg-type]  # all that is read of a request


def test_without_a_trusted_proxy_the_header_is_ignored():
    """Anybody can send it."""
    assert ip("203.0.113.7", "1.2.3.4") == "203.0.113.7"


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.7, nonsense", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.1"),
        ("203.0.113.9", "1.2.3.4", "203.0.113.9"),
        ("", "1.2.3.4", "0.0.0.0"),  # noqa: S104  # an address that says nothing
    ],
)
def test_behind_a_trusted_proxy_the_nearest_untrusted_address_counts(peer, forwarded, expected):
    """What stands further left was written by the client itself."""
    trust_proxies(("10.0.0.0/8",))
    assert ip(peer, forwarded) == expected


def test_what_is_no_network_is_refused_at_start():
    """By the setting's name, with an example."""
    with pytest.raises(ConfigurationError, match=r"LOGPIPE_TRUSTED_PROXIES: 'proxy' does not appear"):
        trust_proxies(("proxy",))
