"""The elasticsearch output: stage 12, with each event's index, id and action as the configuration says."""

from __future__ import annotations

import dataclasses
import time
import uuid
from collections.abc import Callable

from logging_pipeline import metrics
from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.indexes import DEAD_LETTER, Store, client, stream_name
from logging_pipeline.journey.write import Action, write
from logging_pipeline.logstash_engine.events.fields import Event
from logging_pipeline.logstash_engine.events.template import compile_template
from logging_pipeline.logstash_engine.events.wire import encode
from logging_pipeline.logstash_engine.running.interfaces import PluginSpec, Runtime

__all__ = ["ElasticsearchSink"]

Place = Callable[[Event], tuple[str, str, str]]
"""An event's data stream, id and action."""


class ElasticsearchSink:
    """The output of one worker."""

    def __init__(self, spec: PluginSpec, runtime: Runtime) -> None:
        options, settings = spec.settings, runtime.settings
        if len(options["hosts"]) > 1:
            raise LogstashConfigError(
                "several hosts are not supported here: name one, or a load balancer before them",
                file=spec.place.file,
                line=spec.place.line,
                column=spec.place.column,
            )
        self._client = client(
            dataclasses.replace(
                settings,
                elasticsearch_url=options["hosts"][0],
                elasticsearch_user=options["user"] or settings.elasticsearch_user,
                elasticsearch_password=options["password"] or settings.elasticsearch_password,
                elasticsearch_ca=(options["ssl_certificate_authorities"] or [settings.elasticsearch_ca])[0],
            ),
            timeout_s=float(options["timeout"]),
        )
        self._store = Store(self._client)
        self._dead_letters = stream_name(settings, DEAD_LETTER)
        self._stop = runtime.stop
        self._place = _place(spec)

    def write(self, events: list[Event], *, redelivered: bool) -> None:
        """Return when each event is indexed, found there already, or a dead letter."""
        started = time.perf_counter()
        actions = []
        for event in events:
            stream, identity, action = map(_sendable, self._place(event))
            actions.append(Action(stream, identity, encode(event), action))
        written = write(
            actions,
            store=self._store,
            dead_letters=self._dead_letters,
            stop=self._stop,
            redelivered=redelivered,
        )
        metrics.WRITE_SECONDS.observe(time.perf_counter() - started)
        for (stream, outcome), count in written.counts.items():
            metrics.WRITTEN.labels(stream, outcome).inc(count)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


def _sendable(text: str) -> str:
    """*text* as UTF-8 can carry it: half of a surrogate pair, which JSON may hold, is written out."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _place(spec: PluginSpec) -> Place:
    options = spec.settings
    action = options["action"] or ("create" if options["data_stream"] == "true" else "index")
    if options["data_stream"] == "true":
        stream = "-".join(options[f"data_stream_{part}"] for part in ("type", "dataset", "namespace"))
        index: Callable[[Event], str] = lambda event: stream  # noqa: ARG005, E731  # the same for every event
    elif options["index"] is None:
        index = compile_template("logstash-%{+yyyy.MM.dd}")
    else:
        index = compile_template(options["index"])
    if options["document_id"] is None:
        return lambda event: (index(event), uuid.uuid4().hex, action)
    identity = compile_template(options["document_id"])
    if "%{" in action:
        act = compile_template(action)
        return lambda event: (index(event), identity(event), act(event))
    return lambda event: (index(event), identity(event), action)
