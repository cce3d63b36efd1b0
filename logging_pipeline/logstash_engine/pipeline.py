"""A pipeline, ready to run: its inputs and outputs as specifications, its filters and routes as compiled functions."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from logging_pipeline.logstash_engine.common_options import compile_common_options
from logging_pipeline.logstash_engine.compiler import compile_filters, compile_routes
from logging_pipeline.logstash_engine.environment import Environment
from logging_pipeline.logstash_engine.events.fields import Event, FieldError
from logging_pipeline.logstash_engine.events.template import compile_template
from logging_pipeline.logstash_engine.events.wire import prepare
from logging_pipeline.logstash_engine.language.syntax import Branch, Configuration, Place, Plugin, Text, plugins_in
from logging_pipeline.logstash_engine.options import Settings, check_settings, fail
from logging_pipeline.logstash_engine.plugin import COMMON_OPTIONS, Context
from logging_pipeline.logstash_engine.registry import find
from logging_pipeline.logstash_engine.steps import PluginMetrics, Step, drop_step, edit_step, multiply_step

__all__ = ["Dropped", "Filtered", "Pipeline", "PluginSpec"]

DEFAULT_WORKERS = min(2, os.cpu_count() or 1)  # while one waits for Elasticsearch, the other filters


class Dropped(NamedTuple):
    """
    An event that vanished in the filters.

    *event* is the event as it was then, *reason* says why (``drop``, ``split of nothing``, or what a condition could
    not compare), *place* where, and *position* which of the events handed in it was or came from.
    """

    event: Event
    reason: str
    place: Place
    position: int


class Filtered(NamedTuple):
    """What came out of the filters, in order, and what did not."""

    events: list[Event]
    dropped: list[Dropped]


@dataclass(frozen=True, slots=True)
class PluginSpec:
    """
    An input or an output as configured.

    *settings* has every option, defaults included; *codec* is its codec's name and settings.
    """

    kind: str
    name: str
    id: str
    settings: Settings
    place: Place
    module: ModuleType
    codec: PluginSpec | None = None
    _templates: dict[str, Callable[[Event], str]] = field(default_factory=dict, repr=False)

    def resolve(self, option: str, event: Event) -> str:
        """The text of *option* for *event*, its ``%{...}`` replaced."""
        template = self._templates.get(option)
        if template is None:
            template = self._templates[option] = compile_template(str(self.settings[option]))
        return template(event)


class Pipeline:
    """
    A compiled pipeline.

    Attributes:
        name: its id.
        inputs, outputs: in the order written; `route` gives positions in *outputs*.
        metrics: one entry for each filter, in the order written.
        route_errors: conditions around outputs that could not be evaluated.
        workers: threads that run it, each with a copy; what ``pipelines.yml`` says.
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        name: str,
        folder: Path,
        environment: Environment,
        ecs_compatibility: str = "v8",
    ) -> None:
        self.name = name
        self.workers = DEFAULT_WORKERS
        self.metrics: list[PluginMetrics] = []
        self.route_errors = 0
        self._folder = folder
        self._environment = environment
        self._ecs_default = ecs_compatibility
        self._dropped: list[Dropped] = []
        self._position = -1
        _refuse_ids_given_twice(configuration)
        filters = configuration.statements("filter")
        self._multiplies = any(
            getattr(find("filter", plugin.name, plugin.place), "MULTIPLIES", False) for plugin in plugins_in(filters)
        )
        self._run = compile_filters(
            filters, self._make_step, self._lost, environment, ordered=not self._multiplies, file=name
        )
        self.inputs = [self._spec("input", plugin) for plugin in _plain_inputs(configuration)]
        outputs = configuration.statements("output")
        self.outputs: list[PluginSpec] = []
        positions: dict[int, int] = {}
        for plugin in plugins_in(outputs):
            positions[id(plugin)] = len(self.outputs)
            self.outputs.append(self._spec("output", plugin))
        self._route = compile_routes(
            outputs, lambda plugin: positions[id(plugin)], self._route_failed, environment, file=name
        )

    def filter(self, events: list[Event]) -> Filtered:
        """
        Run the filters over *events*, decoded JSON objects, which are changed in place.

        Never raises for what an event holds: a plugin that cannot work on one tags it.
        """
        self._dropped = []
        for event in events:
            prepare(event)
        if self._multiplies:
            results: list[Event] = []
            for self._position, event in enumerate(events):
                results += self._run([event])
            return Filtered(results, self._dropped)
        self._position = -1
        results = self._run(events)
        if not self._dropped:
            return Filtered(events, self._dropped)
        positions = {id(event): position for position, event in enumerate(events)}
        self._dropped = [lost._replace(position=positions[id(lost.event)]) for lost in self._dropped]
        kept = {id(event) for event in results}
        return Filtered([event for event in events if id(event) in kept], self._dropped)

    def route(self, event: Event) -> list[int]:
        """The outputs that want *event*, as positions in `outputs`."""
        return self._route(event)

    def _lost(self, event: Event, reason: str, place: Place) -> None:
        self._dropped.append(Dropped(event, reason, place, self._position))

    def _route_failed(self, _event: Event, _error: Exception) -> None:
        self.route_errors += 1

    def _make_step(self, plugin: Plugin) -> Step:
        module = find("filter", plugin.name, plugin.place)
        settings = check_settings(plugin, {**COMMON_OPTIONS, **module.OPTIONS}, self._environment, "filter")
        matched = compile_common_options(settings)
        context = Context(plugin.place, self._folder, self._uses_ecs(settings), matched or _nothing)
        try:
            work: Any = module.compile(settings, context)
        except FieldError as error:
            raise fail(plugin.place, str(error)) from None
        metrics = PluginMetrics(_id_of(plugin, settings), plugin.name, plugin.place)
        self.metrics.append(metrics)
        if getattr(module, "MULTIPLIES", False):
            reason = getattr(module, "VANISHES", f"{plugin.name} of nothing")
            return multiply_step(work, metrics, self._lost, reason)
        if getattr(module, "DROPS", False):
            return drop_step(work, metrics, self._lost)
        return edit_step(work, None if getattr(module, "RUNS_COMMON_OPTIONS", False) else matched, metrics)

    def _uses_ecs(self, settings: Settings) -> bool:
        return (settings.get("ecs_compatibility") or self._ecs_default) != "disabled"

    def _spec(self, kind: str, plugin: Plugin) -> PluginSpec:
        module = find(kind, plugin.name, plugin.place)
        settings = self._checked(kind, plugin, module)
        codec = settings["codec"]
        if isinstance(codec, str):  # by default
            codec = Plugin(codec, (), plugin.place)
        elif not codec.place.line:  # its name is all that is given
            codec = Plugin(codec.name, codec.attributes, plugin.place)
        if getattr(module, "STREAMS", False) and codec.name in _OF_STREAMS:
            charset = tuple(given for given in codec.attributes if given.name == "charset")
            codec = Plugin(_OF_STREAMS[codec.name], charset, codec.place)
        return PluginSpec(
            kind, plugin.name, _id_of(plugin, settings), settings, plugin.place, module, self._codec(codec)
        )

    def _codec(self, codec: Plugin) -> PluginSpec:
        module = find("codec", codec.name, codec.place)
        return PluginSpec("codec", codec.name, codec.name, self._checked("codec", codec, module), codec.place, module)

    def _checked(self, kind: str, plugin: Plugin, module: ModuleType) -> Settings:
        """Its settings, ``ecs_compatibility`` filled in where it has that option."""
        settings = check_settings(plugin, module.OPTIONS, self._environment, kind)
        if "ecs_compatibility" in settings and settings["ecs_compatibility"] is None:
            settings["ecs_compatibility"] = self._ecs_default
        check: Callable[[Settings, Context], None] | None = getattr(module, "check", None)
        if check is not None:
            check(settings, Context(plugin.place, self._folder, self._uses_ecs(settings), _nothing))
        return settings


_OF_STREAMS = {"plain": "line", "json": "json_lines"}
"""What an input that reads a stream uses instead of a codec for whole messages; of its options the charset stays."""


def _refuse_ids_given_twice(configuration: Configuration) -> None:
    places: dict[str, Place] = {}
    for section in configuration.sections:
        for plugin in plugins_in(section.statements):
            for attribute in plugin.attributes:
                if attribute.name != "id" or not isinstance(attribute.value, Text):
                    continue
                other = places.setdefault(attribute.value.text, attribute.place)
                if other is not attribute.place:
                    raise fail(
                        attribute.place, f"two plugins have the id {attribute.value.text!r}: the other is {other}"
                    )


def _plain_inputs(configuration: Configuration) -> list[Plugin]:
    plugins: list[Plugin] = []
    for statement in configuration.statements("input"):
        if isinstance(statement, Branch):
            raise fail(statement.place, "an input cannot stand in a condition: there is no event yet")
        plugins.append(statement)
    return plugins


def _id_of(plugin: Plugin, settings: Settings) -> str:
    return settings.get("id") or f"{plugin.name}-{plugin.place.line}-{plugin.place.column}"


def _nothing(_event: Event) -> None:
    """The common options of a plugin that has none."""
