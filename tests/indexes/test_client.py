"""Elasticsearch clients are made from settings alone, and say clearly when they cannot be."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys

import pytest

from logging_pipeline.errors import ConfigurationError
from logging_pipeline.indexes import client
from logging_pipeline.settings import Settings


def settings(**given: str) -> Settings:
    return Settings(**{"elasticsearch_url": "http://127.0.0.1:9200", **given})  # type: ignore[arg-type]


def test_credentials_do_not_show():
    """Neither user nor password is in any repr."""
    made = client(settings(elasticsearch_user="ada", elasticsearch_password="s3cret-word"))

    shown = repr(made) + repr(made.transport) + repr(list(made.transport.node_pool.all()))
    assert "s3cret-word" not in shown
    assert "ada" not in shown


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "is not set"),
        ("127.0.0.1:9200", "is no address"),
        ("ftp://127.0.0.1:9200", "is no address"),
        ("http://127.0.0.1", "is no address"),
        ("http://127.0.0.1:99999", "is no address"),
        ("http://ada:s3cret@127.0.0.1:9200", "carries a user or a password"),
    ],
)
def test_an_unusable_address_is_named(url: str, problem: str):
    """A wrong address is refused before its first use, with the setting's name and without what it may hide."""
    with pytest.raises(ConfigurationError, match=f"LOGPIPE_ELASTICSEARCH_URL: {problem}") as raised:
        client(settings(elasticsearch_url=url))
    assert "s3cret" not in str(raised.value)


def test_a_missing_certificate_authority_is_named():
    """A path that leads nowhere is told as such, not as a failed handshake later."""
    with pytest.raises(ConfigurationError, match=r"LOGPIPE_ELASTICSEARCH_CA: no file '/nowhere/ca\.pem'"):
        client(settings(elasticsearch_ca="/nowhere/ca.pem"))


def test_a_process_that_never_asks_does_not_load_the_client():
    """Importing it takes a second of processor time, and each process of a shop would pay it."""
    code = "import django; django.setup(); import shopapp.config.urls, sys; print('elasticsearch' in sys.modules)"
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "shopapp.config.settings",
        "SHOP_SECRET_KEY": secrets.token_hex(),
        "LOGPIPE_CONSOLE": "off",
    }
    run = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, timeout=120, check=True
    )
    assert run.stdout == "False\n"
