"""Events that another pipeline's output of the same name sends: ``pipeline { address => "enrich" }``."""

from __future__ import annotations

from logging_pipeline.logstash_engine.input_options import INPUT_OPTIONS
from logging_pipeline.logstash_engine.options import Option, Options

__all__ = ["OPTIONS"]

OPTIONS: Options = {
    **INPUT_OPTIONS,
    "address": Option("string", required=True),
}
