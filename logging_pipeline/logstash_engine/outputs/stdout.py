"""Events to standard output: ``stdout { codec => rubydebug }``."""

from __future__ import annotations

from logging_pipeline.logstash_engine.options import Option, Options
from logging_pipeline.logstash_engine.output_options import OUTPUT_OPTIONS

__all__ = ["OPTIONS"]

OPTIONS: Options = {
    **OUTPUT_OPTIONS,
    "codec": Option("codec", default="rubydebug"),
}
