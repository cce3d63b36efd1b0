"""
Events from a TCP port: ``tcp { port => 5000 codec => json_lines }``.

Adds the sender's name, address and port, with ECS below ``[@metadata][input][tcp][source]``.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import cast

from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.input_options import INPUT_OPTIONS, ssl_options
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import Context, ecs_option
from logging_pipeline.logstash_engine.running.beside import fill
from logging_pipeline.logstash_engine.running.decoding import decoder
from logging_pipeline.logstash_engine.running.interfaces import PluginSpec, Runtime, Source
from logging_pipeline.logstash_engine.running.lines_over_tcp import LinesOverTcp

__all__ = ["OPTIONS", "STREAMS", "check", "open"]

STREAMS = True

OPTIONS: Options = {
    **INPUT_OPTIONS,
    "codec": Option("codec", default="line"),
    "dns_reverse_lookup_enabled": Option("boolean", default=True),
    "host": Option("string", default="127.0.0.1"),
    "mode": Option("string", default="server", allowed=("server", "client")),
    "port": Option("number", required=True),
    "proxy_protocol": Option("boolean", default=False),
    "tcp_keep_alive": Option("boolean", default=False),
    "ssl_enabled": Option("boolean", default=False),
    **ssl_options(
        "ssl_certificate",
        "ssl_certificate_authorities",
        "ssl_cipher_suites",
        "ssl_client_authentication",
        "ssl_extra_chain_certs",
        "ssl_key",
        "ssl_key_passphrase",
        "ssl_supported_protocols",
        "ssl_verification_mode",
    ),
    "ecs_compatibility": ecs_option(),
}


def check(settings: Settings, context: Context) -> None:
    """
    Refuse what this engine's input does not do.

    Raises:
        LogstashConfigError: it should connect to somebody, or understand a proxy's protocol.
    """
    if settings["mode"] == "client":
        context.refuse("mode => client is not supported: let the other side connect to this input", settings, "mode")
    if settings["proxy_protocol"]:
        context.refuse("proxy_protocol is not supported", settings, "proxy_protocol")


def open(spec: PluginSpec, _runtime: Runtime) -> Source:
    """The running input; it listens from now on."""
    settings = spec.settings
    delimiter = cast(PluginSpec, spec.codec).settings["delimiter"].encode()
    name_path, address_path, port_path = _ECS if settings["ecs_compatibility"] != "disabled" else _LEGACY

    def completion(address: str, port: int) -> Callable[[Event], None]:
        name = _name_of(address) if settings["dns_reverse_lookup_enabled"] else address

        def complete(event: Event) -> None:
            fill(event, name_path, name)
            fill(event, address_path, address)
            fill(event, port_path, port)

        return complete

    return LinesOverTcp(
        settings["host"], int(settings["port"]), delimiter=delimiter, decode=decoder(spec), complete=completion
    )


_SOURCE = ("@metadata", "input", "tcp", "source")
_ECS = ((*_SOURCE, "name"), (*_SOURCE, "ip"), (*_SOURCE, "port"))
_LEGACY = (("host",), ("@metadata", "ip_address"), ("port",))


def _name_of(address: str) -> str:
    try:
        return socket.gethostbyaddr(address)[0]
    except OSError:
        return address
