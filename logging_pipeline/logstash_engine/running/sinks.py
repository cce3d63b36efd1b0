"""The outputs that are a few lines each: standard output, files, Redis, other pipelines."""

from __future__ import annotations

import sys
import threading
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import redis

from logging_pipeline.errors import StoreUnavailable
from logging_pipeline.indexes.bulk import Patience
from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.events.wire import copy_value
from logging_pipeline.logstash_engine.running.decoding import encoder
from logging_pipeline.logstash_engine.running.interfaces import PluginSpec, Process, Runtime

__all__ = ["FileSink", "PipelineSink", "RedisSink", "StdoutSink"]


class StdoutSink:
    """Prints."""

    _lock = threading.Lock()  # of all workers: lines must not mix

    def __init__(self, spec: PluginSpec) -> None:
        self._encode = encoder(spec)

    def write(self, events: list[Event], *, redelivered: bool) -> None:  # noqa: ARG002  # it has no ids to compare
        """Print *events*, each with an end of line."""
        with self._lock:
            for event in events:
                sys.stdout.buffer.write(_line(self._encode(event)))
            sys.stdout.buffer.flush()

    def close(self) -> None:
        """Standard output stays open."""


class FileSink:
    """Appends to the file that each event's path names."""

    def __init__(self, spec: PluginSpec) -> None:
        self._spec = spec
        self._encode = encoder(spec)
        self._emptied: set[Path] = set()

    def write(self, events: list[Event], *, redelivered: bool) -> None:  # noqa: ARG002  # it has no ids to compare
        """
        Append *events* to their files.

        Raises:
            StoreUnavailable: the disk is full, or the file cannot be written.
        """
        lines: dict[Path, list[bytes]] = defaultdict(list)
        for event in events:
            lines[self._path(event)].append(_line(self._encode(event)))
        for path, found in lines.items():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open(self._mode(path)) as file:
                    file.write(b"".join(found))
            except OSError as error:
                raise StoreUnavailable(f"output file {path}: {error.strerror}") from error

    def close(self) -> None:
        """Files are closed after each write."""

    def _path(self, event: Event) -> Path:
        """The event's file; never outside of the folder that the option names before its first ``%{``."""
        written = Path(self._spec.resolve("path", event))
        folder = Path(str(self._spec.settings["path"]).partition("%{")[0].rpartition("/")[0] or ".")
        if ".." in written.parts or not written.is_relative_to(folder):
            return folder / str(self._spec.settings["filename_failure"])
        return written

    def _mode(self, path: Path) -> str:
        if self._spec.settings["write_behavior"] == "overwrite" and path not in self._emptied:
            self._emptied.add(path)
            return "wb"
        return "ab"


class RedisSink:
    """Pushes to a list or publishes, by each event's key."""

    def __init__(self, spec: PluginSpec, runtime: Runtime) -> None:
        settings = spec.settings
        host, _, port = str(settings["host"][0]).partition(":")
        self._client = redis.Redis(
            host=host,
            port=int(port or settings["port"]),
            db=int(settings["db"]),
            password=settings["password"],
            socket_timeout=float(settings["timeout"]),
        )
        self._spec = spec
        self._runtime = runtime
        self._encode = encoder(spec)

    def write(self, events: list[Event], *, redelivered: bool) -> None:  # noqa: ARG002  # it has no ids to compare
        """Push or publish *events*; while Redis is away, wait."""
        Patience(self._runtime.stop).insist(lambda: self._send(events))

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _send(self, events: list[Event]) -> None:
        is_list = self._spec.settings["data_type"] == "list"
        try:
            with self._client.pipeline(transaction=is_list) as pipe:
                for event in events:
                    (pipe.rpush if is_list else pipe.publish)(self._spec.resolve("key", event), self._encode(event))
                pipe.execute()
        except redis.RedisError as error:
            raise StoreUnavailable(f"output redis: {error}") from error


class PipelineSink:
    """Runs other pipelines on copies of the events, in the sender's own thread: their answer is this output's."""

    def __init__(self, downstream: Sequence[Process]) -> None:
        self._downstream = downstream

    def write(self, events: list[Event], *, redelivered: bool) -> None:
        """Return when every other pipeline's outputs have answered."""
        for process in self._downstream:
            process([copy_value(event) for event in events], redelivered=redelivered)

    def close(self) -> None:
        """The others' outputs are closed with their pipelines."""


def _line(data: bytes) -> bytes:
    return data if data.endswith(b"\n") else data + b"\n"
