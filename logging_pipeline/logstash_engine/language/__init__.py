"""Logstash's configuration language: text in, syntax tree out. Knows no plugin."""

from logging_pipeline.logstash_engine.language.parser import parse

__all__ = ["parse"]
