"""Runs pipelines: inputs to filters to outputs, acknowledged only when every output has answered."""

from logging_pipeline.logstash_engine.running.run import run_pipelines

__all__ = ["run_pipelines"]
