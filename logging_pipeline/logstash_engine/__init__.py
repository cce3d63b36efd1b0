"""
Runs Logstash's configurations in Python, with the events that Logstash itself would give.

::

    pipeline = load("logstash/pipelines/http.conf")
    filtered = pipeline.filter([{"message": "..."}])
    for event in filtered.events:
        for index in pipeline.route(event):
            output = pipeline.outputs[index]

Pure but for reading configurations, patterns and dictionaries: inputs and outputs are only described here.
"""

from logging_pipeline.logstash_engine.events.wire import decode, encode, encode_with_metadata
from logging_pipeline.logstash_engine.loading import load, load_pipelines
from logging_pipeline.logstash_engine.pipeline import Dropped, Filtered, Pipeline, PluginSpec
from logging_pipeline.logstash_engine.steps import PluginMetrics

__all__ = [
    "Dropped",
    "Filtered",
    "Pipeline",
    "PluginMetrics",
    "PluginSpec",
    "decode",
    "encode",
    "encode_with_metadata",
    "load",
    "load_pipelines",
]
