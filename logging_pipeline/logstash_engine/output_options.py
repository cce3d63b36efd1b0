"""Options that every output has."""

from __future__ import annotations

from logging_pipeline.logstash_engine.options import Option, Options

__all__ = ["OUTPUT_OPTIONS"]

OUTPUT_OPTIONS: Options = {
    "codec": Option("codec", default="plain"),
    "enable_metric": Option("boolean", default=True),
    "id": Option("string"),
    "workers": Option("number", default=1),
}
