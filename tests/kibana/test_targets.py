"""Which Kibana: what the settings say, or a clear word about what is wrong with them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from logging_pipeline.errors import ConfigurationError
from logging_pipeline.kibana.targets import target, targets
from logging_pipeline.settings import load


def test_one():
    """One address needs no name; a key is taken as Kibana shows it, in either form."""
    found = target(load({"kibana_url": "https://kibana.example:5601/base/", "kibana_api_key": "id:secret"}, {}))
    assert (found.name, found.url) == ("kibana", "https://kibana.example:5601/base")
    assert base64.b64decode(found.api_key) == b"id:secret"
    assert target(load({"kibana_url": "http://k", "kibana_api_key": "YWJjOmQ=="}, {})).api_key == "YWJjOmQ=="


def test_several():
    """By name, each with its own key and authority."""
    given = {
        "kibana_url": "staging=http://s, live=https://l",
        "kibana_api_key": "live=YWJj==",
        "kibana_ca": "live=/etc/ca.pem",
    }
    staging, live = targets(load(given, {}))
    assert (staging.name, staging.url, staging.api_key) == ("staging", "http://s", "")
    assert (live.name, live.url, live.api_key, live.ca) == ("live", "https://l", "YWJj==", "/etc/ca.pem")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "LOGPIPE_KIBANA_URL: is not set"),
        ({"kibana_url": "kibana.example"}, "has an address that is none"),
        ({"kibana_url": "ftp://kibana.example"}, "has an address that is none"),
        ({"kibana_url": "http://kibana.example:x"}, "has an address that is none"),
        ({"kibana_url": "http://kibana.example/?a=b"}, "has an address that is none"),
        ({"kibana_url": "http://elastic:secret@kibana.example"}, "holds a password"),
        ({"kibana_url": "http://a,http://b"}, "several values without names"),
        ({"kibana_url": "a=http://a,http://b"}, "a value without a name"),
        ({"kibana_url": "a=http://a,a=http://b"}, "a name twice"),
        ({"kibana_url": "a=http://a", "kibana_api_key": "b=x"}, "LOGPIPE_KIBANA_API_KEY: 'b' is no target"),
    ],
)
def test_what_is_wrong(given: dict[str, Any], says: str):
    """The setting, the problem and the cure; never the password."""
    with pytest.raises(ConfigurationError, match=says) as caught:
        targets(load(given, {}))
    assert "secret" not in str(caught.value)


def test_the_key_does_not_show():
    """Neither in the settings nor in the target."""
    settings = load({"kibana_url": "http://k", "kibana_api_key": "a-secret"}, {})
    assert "a-secret" not in repr(settings)
    assert "a-secret" not in repr(target(settings))
