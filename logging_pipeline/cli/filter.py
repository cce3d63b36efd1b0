"""``logpipe filter``: NDJSON in, NDJSON out, through the filters of a configuration, without a JVM."""

from __future__ import annotations

import sys
from collections import Counter
from itertools import islice

import click

import logging_pipeline
from logging_pipeline.logstash_engine import encode_with_metadata, load
from logging_pipeline.logstash_engine.codecs import json
from logging_pipeline.logstash_engine.options import Settings
from logging_pipeline.logstash_engine.running.variables import variables

__all__ = ["filter_events"]

BATCH = 500
WITHOUT_ORIGINAL = {"ecs_compatibility": "disabled"}


@click.command("filter")
@click.argument("conf", type=click.Path(exists=True))
def filter_events(conf: str) -> None:
    """
    Run the filters of CONF (a file, or a folder of them) over NDJSON from standard input, to standard output.

    A line that is no JSON object becomes an event with the tag _jsonparsefailure, as with Logstash's json codec. What
    the filters let vanish is counted on standard error.
    """
    pipeline = load(conf, env=variables(logging_pipeline.configured()))
    defaults = {name: option.default for name, option in json.OPTIONS.items()}
    decode = json.decoder(Settings(defaults | WITHOUT_ORIGINAL, {}))
    vanished: Counter[str] = Counter()
    lines = (line for line in sys.stdin.buffer if line.strip())
    while batch := list(islice(lines, BATCH)):
        filtered = pipeline.filter([event for line in batch for event in decode(line.rstrip(b"\r\n"))])
        sys.stdout.buffer.writelines(encode_with_metadata(event) + b"\n" for event in filtered.events)
        vanished.update(f"{lost.reason} at {lost.place.file}:{lost.place.line}" for lost in filtered.dropped)
    for reason, count in vanished.items():
        click.echo(f"logpipe filter: {count} events vanished: {reason}", err=True)
