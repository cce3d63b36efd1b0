"""From bytes to text, as Logstash's codecs do it: ``charset => "CP1252"``."""

from __future__ import annotations

import codecs
import re
from itertools import zip_longest
from typing import Any

from logging_pipeline.logstash_engine.events.text import ruby_inspect
from logging_pipeline.logstash_engine.options import Settings
from logging_pipeline.logstash_engine.plugin import Context

__all__ = ["check_charset", "to_text"]

UTF_8 = "UTF-8"
_RUBYS_NAMES = {"ASCII-8BIT": "ascii", "BINARY": "ascii", "WINDOWS-31J": "cp932"}


def check_charset(settings: Settings, context: Context) -> None:
    """
    Refuse a charset that Python does not know.

    Raises:
        LogstashConfigError: with the place of the option.
    """
    try:
        codecs.lookup(_python_name(settings["charset"]))
    except LookupError:
        context.refuse(f"there is no charset {settings['charset']!r}", settings, "charset")


def to_text(data: bytes, settings: Settings) -> str:
    """
    *data* in the charset of a codec's *settings*.

    What should be UTF-8 and is not becomes readable, as Ruby prints it, with the strange bytes as ``\\xFF``; in any
    other charset a strange byte becomes a replacement character.
    """
    charset = settings["charset"]
    if charset != UTF_8:
        return data.decode(_python_name(charset), "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return _escaped(data)


def _python_name(charset: Any) -> str:
    return _RUBYS_NAMES.get(str(charset).upper(), str(charset))


def _escaped(data: bytes) -> str:
    pieces = _STRANGE_BYTE.split(data.decode(errors="surrogateescape"))
    texts = (ruby_inspect(text)[1:-1] for text in pieces[::2])
    strange = (f"\\x{ord(byte) - 0xDC00:02X}" for byte in pieces[1::2])
    return "".join(piece for pair in zip_longest(texts, strange, fillvalue="") for piece in pair)


_STRANGE_BYTE = re.compile("([\udc80-\udcff])")
