"""
Decodes percent escapes in a field: ``urldecode { field => "[url][query]" }``. A plus sign stays, a missing field
becomes null.
"""

from __future__ import annotations

import re
from typing import Any

from logging_pipeline.logstash_engine.charsets import check_charset, to_text
from logging_pipeline.logstash_engine.events.fields import Event, FieldError, getter, setter
from logging_pipeline.logstash_engine.events.tags import tag
from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import MATCHED, Apply, Context, Outcome

__all__ = ["OPTIONS", "compile"]

OPTIONS: Options = {
    "field": Option("string", default="message"),
    "all_fields": Option("boolean", default=False),
    "charset": Option("string", default="UTF-8"),
    "tag_on_failure": Option("array", default=["_urldecodefailure"]),
}

_ESCAPES = re.compile(rb"(?:%[0-9a-fA-F]{2})+")


def compile(settings: Settings, context: Context) -> Apply:
    """Compile to a function that decodes one field, or all."""
    check_charset(settings, context)
    path = context.path(settings, "field")
    read, write = getter(path), setter(path)
    everything = settings["all_fields"]
    failure_tags = [str(name) for name in settings["tag_on_failure"]]

    def apply(event: Event) -> Outcome:
        try:
            if everything:
                for key in [key for key in event if key not in ("@timestamp", "@metadata")]:
                    event[key] = _decoded(event[key], settings)
            else:
                write(event, _decoded(read(event), settings))
        except FieldError:
            for name in failure_tags:
                tag(event, name)
        return MATCHED

    return apply


def _decoded(value: Any, settings: Settings) -> Any:
    """Texts read again with their escapes undone, also within lists and hashes; anything else as it is."""
    if value.__class__ is str:
        data = value.encode("utf-8", "surrogatepass")
        return to_text(
            _ESCAPES.sub(lambda escapes: bytes.fromhex(escapes[0].replace(b"%", b"").decode()), data), settings
        )
    if value.__class__ is list:
        return [_decoded(item, settings) for item in value]
    if value.__class__ is dict:
        return {key: _decoded(item, settings) for key, item in value.items()}
    return value
