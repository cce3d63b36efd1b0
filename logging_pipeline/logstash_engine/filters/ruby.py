"""Refused: there is no Ruby here. The message names what does the same."""

from __future__ import annotations

from logging_pipeline.logstash_engine.options import Option, Options, Settings
from logging_pipeline.logstash_engine.plugin import Apply, Context

__all__ = ["OPTIONS", "compile"]

OPTIONS: Options = {
    "code": Option("string"),
    "init": Option("string"),
    "path": Option("path"),
    "script_params": Option("hash", default={}),
    "tag_on_exception": Option("string", default="_rubyexception"),
    "tag_with_exception_message": Option("boolean", default=False),
}


def compile(_settings: Settings, context: Context) -> Apply:
    """
    Refuse.

    Raises:
        LogstashConfigError: always.
    """
    context.refuse(
        "the filter 'ruby' is not supported, because there is no Ruby here; "
        "mutate, translate, grok, dissect, kv and json do most of what it is used for, "
        "and what they cannot do belongs in the program that logs or in a filter of your own (docs/logstash-engine.md)"
    )
