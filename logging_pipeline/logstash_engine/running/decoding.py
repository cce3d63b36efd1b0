"""From an input's bytes to its events: the codec, then ``add_field``, ``tags`` and ``type``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from logging_pipeline.logstash_engine.common_options import compile_common_options
from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.events.wire import prepare
from logging_pipeline.logstash_engine.options import Settings
from logging_pipeline.logstash_engine.pipeline import PluginSpec
from logging_pipeline.logstash_engine.running.interfaces import Line

__all__ = ["decoder", "encoder"]

FAILURE = "_inputfailure"


def decoder(spec: PluginSpec) -> Callable[[bytes], list[Event]]:
    """What makes events of a line for the input *spec*; never raises: what fails keeps its text and is tagged."""
    codec = cast(PluginSpec, spec.codec)  # every input has one, by its own default at least
    kind = spec.settings["type"]
    common: dict[str, Any] = {"add_field": spec.settings["add_field"], "add_tag": spec.settings["tags"]}
    decorate = compile_common_options(Settings({**common, "remove_field": [], "remove_tag": []}, {}))
    read = _reader(codec)

    def decode(line: bytes) -> list[Event]:
        try:
            data = bytes(line) if line.__class__ is Line else line  # orjson takes no subclass
            events = read(data)
            for event in events:
                prepare(event)
                if kind is not None:
                    event.setdefault("type", kind)
                if decorate is not None:
                    decorate(event)
                if line.__class__ is Line:
                    line.complete(event)
        except Exception as error:  # noqa: BLE001  # whatever a sender can make of a line, it must not vanish
            return [{"message": line.decode("utf-8", "replace"), "tags": [FAILURE], "error": {"message": str(error)}}]
        return events

    return decode


def _reader(codec: PluginSpec) -> Callable[[bytes], list[Event]]:
    """The codec's own function for its settings, if it makes one."""
    make: Callable[[Settings], Callable[[bytes], list[Event]]] | None = getattr(codec.module, "decoder", None)
    return make(codec.settings) if make is not None else lambda data: list(codec.module.decode(data, codec.settings))


def encoder(spec: PluginSpec) -> Callable[[Event], bytes]:
    """What writes an event for the output *spec*."""
    codec = cast(PluginSpec, spec.codec)
    write: Callable[[Event, Settings], bytes] = codec.module.encode
    return lambda event: write(event, codec.settings)
