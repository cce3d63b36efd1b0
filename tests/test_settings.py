"""Settings: read once, from three places, and refused by name where they are wrong."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from logging_pipeline.errors import ConfigurationError
from logging_pipeline.settings import Settings, load


def test_what_is_given_wins_over_the_environment_over_the_default():
    """Each setting for itself."""
    settings = load({"app": "given"}, {"LOGPIPE_APP": "environ", "LOGPIPE_NAMESPACE": "staging"})
    assert (settings.app, settings.namespace, settings.queue) == ("given", "staging", "logs")


def test_text_is_read_in_the_type_of_the_setting():
    """As an environment variable has nothing else."""
    settings = load({}, {
        "LOGPIPE_CONSOLE": "no", "LOGPIPE_BATCH_MAX_EVENTS": "7", "LOGPIPE_LEASE_S": "1.5", "LOGPIPE_STATE_DIR": "/x",
        "LOGPIPE_LEVELS": "shop.cart=debug, kombu = error", "LOGPIPE_TRUSTED_PROXIES": "10.0.0.0/8",
    })  # fmt: skip
    assert settings.console is False
    assert settings.batch_max_events == 7
    assert settings.lease_s == 1.5
    assert settings.spool_dir == Path("/x/spool")
    assert settings.levels_by_logger == {"": "info", "shop.cart": "debug", "kombu": "error"}
    assert settings.trusted_proxies == ("10.0.0.0/8",)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"aap": "x"}, "no such setting"),
        ({"batch_max_events": "many"}, "LOGPIPE_BATCH_MAX_EVENTS: 'many' is not a int"),
        ({"console": "perhaps"}, "LOGPIPE_CONSOLE"),
        ({"app": "My Shop"}, "LOGPIPE_APP: 'My Shop' cannot be part"),
        ({"namespace": "n" * 65}, "LOGPIPE_NAMESPACE: has 65 characters"),
        ({"event_max_bytes": 1_999}, "LOGPIPE_EVENT_MAX_BYTES: 1999 bytes do not hold"),
        ({"app": "a-b"}, "LOGPIPE_APP"),
        ({"levels": "x=loud"}, r"LOGPIPE_LEVELS\[x\]: 'loud' is no level"),
        ({"flush_interval_s": 0}, "LOGPIPE_FLUSH_INTERVAL_S"),
        ({"buffer_max_events": -1}, "LOGPIPE_BUFFER_MAX_EVENTS"),
        ({"hash_key": "short"}, "LOGPIPE_HASH_KEY: is shorter than 32"),
    ],
)
def test_what_is_wrong_is_refused_by_name(given, message):
    """With the problem and a cure."""
    with pytest.raises(ConfigurationError, match=message):
        load(given, {})


def test_secrets_have_no_default_and_do_not_show():
    """A settings object in a log line or a trace gives nothing away."""
    secret = {f.name for f in dataclasses.fields(Settings) if f.metadata["secret"]}
    assert {"redis_url", "elasticsearch_password", "hash_key", "metrics_token"} <= secret
    assert all(not getattr(Settings(), name) for name in secret)
    shown = repr(Settings(redis_url="redis://:hunter2@h/1", hash_key="hunter2" * 8))
    assert "hunter2" not in shown


def test_settings_cannot_be_changed():
    """They are read once."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().app = "x"  # type: ignore[misc]  # the point


def test_a_host_without_a_name_has_the_machines():
    """``host.name`` is never empty."""
    assert Settings().host_name
    assert Settings(host_name="web-1").host_name == "web-1"
