"""Events to other pipelines' inputs: ``pipeline { send_to => ["enrich"] }``."""

from __future__ import annotations

from logging_pipeline.logstash_engine.options import Option, Options
from logging_pipeline.logstash_engine.output_options import OUTPUT_OPTIONS

__all__ = ["OPTIONS"]

OPTIONS: Options = {
    **OUTPUT_OPTIONS,
    "ensure_delivery": Option("boolean", default=True),
    "send_to": Option("string", required=True, several=True),
}
