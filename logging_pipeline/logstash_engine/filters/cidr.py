"""
Runs its common options on events with an address in one of the networks: ``cidr { address => ["%{ip}"] network =>
["10.0.0.0/8"] }``. An address may be a network itself, which has to lie in the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from logging_pipeline.logstash_engine.addresses import Network, holds, parse_network
from logging_pipeline.logstash_engine.events.fields import Event, getter
from logging_pipeline.logstash_engine.events.template import compile_template, is_constant
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import MATCHED, UNMATCHED, Apply, Context, Outcome

__all__ = ["OPTIONS", "compile"]

OPTIONS: Options = {
    "address": Option("array", default=[]),
    "address_field": Option("field"),
    "network": Option("array", default=[]),
    "network_path": Option("path"),
    "refresh_interval": Option("number", default=600),
    "separator": Option("string", default="\n"),
}

_Addresses = Callable[[Event], list[Network]]


def compile(settings: Settings, context: Context) -> Apply:
    """Compile to a function that compares every address with every network."""
    addresses = _addresses(settings, context)
    networks = _networks(settings, context)

    def apply(event: Event) -> Outcome:
        known = networks(event)
        for address in addresses(event):
            if any(holds(network, address) for network in known):
                return MATCHED
        return UNMATCHED

    return apply


def _addresses(settings: Settings, context: Context) -> _Addresses:
    if settings["address_field"] is not None:
        if settings["address"]:
            context.refuse("'address' and 'address_field' exclude each other", settings, "address_field")
        read = getter(context.path(settings, "address_field"))
        return lambda event: _parsed(_texts(read(event)))
    templates = [compile_template(str(address)) for address in settings["address"]]
    return lambda event: _parsed(template(event) for template in templates)


def _texts(value: Any) -> list[str]:
    return [item for item in (value if value.__class__ is list else [value]) if item.__class__ is str]


def _networks(settings: Settings, context: Context) -> _Addresses:
    if settings["network_path"] is not None:
        if settings["network"]:
            context.refuse("'network' and 'network_path' exclude each other", settings, "network_path")
        try:
            return _FileOfNetworks(
                context.folder / settings["network_path"], settings["separator"], settings["refresh_interval"]
            )
        except OSError as error:
            context.refuse(f"the networks cannot be read: {error}", settings, "network_path")
    texts = [str(network) for network in settings["network"]]
    if all(map(is_constant, texts)):
        fixed = _parsed(part.strip() for text in texts for part in text.split(","))
        return lambda _event: fixed
    templates = [compile_template(text) for text in texts]
    return lambda event: _parsed(part.strip() for template in templates for part in template(event).split(","))


class _FileOfNetworks:
    """The networks in a file, read again when *refresh_s* have passed."""

    def __init__(self, path: Path, separator: str, refresh_s: float) -> None:
        self._path, self._separator, self._refresh_s = path, separator, refresh_s
        self._networks = self._read()
        self._due = time.monotonic() + refresh_s

    def __call__(self, _event: Event) -> list[Network]:
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + self._refresh_s
            try:
                self._networks = self._read()
            except OSError:
                return self._networks  # the ones of before are better than none
        return self._networks

    def _read(self) -> list[Network]:
        return _parsed(self._path.read_text("utf-8").split(self._separator))


def _parsed(texts: Iterable[str]) -> list[Network]:
    networks: list[Network] = []
    for text in texts:
        try:
            networks.append(parse_network(text))
        except ValueError:
            continue  # as Logstash does: one that is wrong does not undo the others
    return networks
