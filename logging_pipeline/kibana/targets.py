"""Which Kibana: named in the settings alone, so that nobody can send an API key to an address of their choice."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from logging_pipeline.errors import ConfigurationError
from logging_pipeline.settings import Settings

__all__ = ["DEFAULT_TARGET", "Target", "target", "targets"]

DEFAULT_TARGET = "kibana"  # the name of the only one
_NAMED = re.compile(r"([a-z][a-z0-9_-]{0,31})=(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Target:
    """
    A Kibana.

    Args:
        name: how the settings call it.
        url: without a slash at its end; may have a base path.
        api_key: encoded, as the header takes it; empty where Kibana has no security.
        ca: path of the certificate authority; empty: the system's.
    """

    name: str
    url: str
    api_key: str = field(default="", repr=False)
    ca: str = ""


def targets(settings: Settings) -> tuple[Target, ...]:
    """
    Every Kibana that the settings name, in their order.

    Raises:
        ConfigurationError: none is named, an address is none, or a key belongs to no address.
    """
    if not settings.kibana_url:
        raise ConfigurationError("LOGPIPE_KIBANA_URL", "is not set", "Set it to Kibana's address, with scheme and port")
    several = any(_NAMED.fullmatch(value) for value in settings.kibana_url)
    urls = _by_name("LOGPIPE_KIBANA_URL", settings.kibana_url, several)
    keys = _by_name("LOGPIPE_KIBANA_API_KEY", settings.kibana_api_key, several)
    cas = _by_name("LOGPIPE_KIBANA_CA", settings.kibana_ca, several)
    for setting, names in (("LOGPIPE_KIBANA_API_KEY", keys), ("LOGPIPE_KIBANA_CA", cas)):
        for name in names:
            if name not in urls:
                raise ConfigurationError(setting, f"{name!r} is no target", f"LOGPIPE_KIBANA_URL names {_list(urls)}")
    return tuple(
        Target(name, _address(url), _encoded(keys.get(name, "")), cas.get(name, "")) for name, url in urls.items()
    )


def target(settings: Settings, name: str = "") -> Target:
    """
    The Kibana called *name*; without a name the only one.

    Raises:
        ConfigurationError: there is none of that name, or several and no name.
    """
    found = {each.name: each for each in targets(settings)}
    if not name and len(found) == 1:
        return next(iter(found.values()))
    if name not in found:
        problem = f"names no target {name!r}" if name else "names several targets"
        raise ConfigurationError("LOGPIPE_KIBANA_URL", problem, f"Choose one of {_list(found)}")
    return found[name]


def _by_name(setting: str, values: Sequence[str], several: bool) -> dict[str, str]:
    if not several:
        if len(values) > 1:
            raise ConfigurationError(setting, "has several values without names", "Write name=value, name=value")
        return {DEFAULT_TARGET: values[0]} if values else {}
    found: dict[str, str] = {}
    for value in values:
        named = _NAMED.fullmatch(value)
        if not named or named[1] in found:
            problem = "has a name twice" if named else "has a value without a name"
            raise ConfigurationError(setting, problem, "Write name=value, name=value, as in LOGPIPE_KIBANA_URL")
        found[named[1]] = named[2]
    return found


def _address(url: str) -> str:
    cure = "Write it like https://kibana.example.com:5601 or, with a base path, https://example.com/kibana"
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound or parts.query or parts.fragment:
        raise ConfigurationError("LOGPIPE_KIBANA_URL", "has an address that is none", cure)
    if parts.username or parts.password:
        raise ConfigurationError("LOGPIPE_KIBANA_URL", "holds a password", "Use LOGPIPE_KIBANA_API_KEY instead")
    return url.rstrip("/")


def _encoded(key: str) -> str:
    """Kibana shows a key as ``id:key`` or encoded; the header takes the latter."""
    return base64.b64encode(key.encode()).decode() if ":" in key else key


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
