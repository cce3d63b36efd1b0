"""Runs every check over configurations and sorts what they find."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from logging_pipeline.contract import Contract
from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine.checks.losses import find_losses
from logging_pipeline.logstash_engine.checks.references import find_unknown_fields
from logging_pipeline.logstash_engine.environment import Environment
from logging_pipeline.logstash_engine.language.syntax import Configuration, Place, plugins_in
from logging_pipeline.logstash_engine.loading import load, load_pipelines, read_configuration
from logging_pipeline.logstash_engine.pipeline import Pipeline

__all__ = ["Finding", "check"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something about a configuration; an *error* keeps it from running, a *warning* does not."""

    file: str
    line: int
    column: int
    severity: Literal["error", "warning"]
    problem: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.severity}: {self.problem}"


def check(
    paths: Iterable[str | os.PathLike[str]],
    *,
    contract: Contract | None = None,
    env: Mapping[str, str] | None = None,
) -> list[Finding]:
    """
    Check the configurations in *paths*: files, folders of them, ``pipelines.yml``, or a folder that has one.

    Args:
        contract: fields that it does not know are errors; None leaves fields alone.
        env: variables for ``${NAME}``; those of the process if not given. One that is not set is a warning.
    """
    findings: set[Finding] = set()
    for path in paths:
        findings.update(_check_path(Path(path), contract, os.environ if env is None else env))
    return sorted(findings)


def _check_path(path: Path, contract: Contract | None, variables: Mapping[str, str]) -> Iterator[Finding]:
    listing = path / "pipelines.yml" if path.is_dir() else path
    is_list = listing.suffix in (".yml", ".yaml") and listing.exists()
    if not is_list:
        listing = path
    environment = Environment(variables, lenient=True)
    try:
        if is_list:
            load_pipelines(listing, env=environment)
        else:
            load(listing, env=environment)
    except LogstashConfigError as error:
        yield _refusal(error)
        if not is_list or error.file != str(listing):  # the list itself is well formed
            for source, ecs in _sources(listing, is_list):
                yield from _refused_alone(source, ecs, environment)
        return
    for name, place in environment.missing.items():
        yield _at(place, "warning", f"the variable {name!r} is not set and has no default")
    for source, _ecs in _sources(listing, is_list):
        configuration, _folder = read_configuration(source)
        for place, problem in find_losses(configuration.statements("filter")):
            yield _at(place, "warning", problem)
        if contract is not None:
            for place, problem in find_unknown_fields(configuration, contract):
                yield _at(place, "error", problem)


def _refused_alone(source: str | Path, ecs: str, environment: Environment) -> Iterator[Finding]:
    """What is wrong with each plugin of *source*, as if it stood alone: the whole was refused for the first of them."""
    try:
        configuration, folder = read_configuration(source)
    except LogstashConfigError:  # not in the language: that has been said
        return
    for section in configuration.sections:
        for plugin in plugins_in(section.statements):
            alone = Configuration((section._replace(statements=(plugin,)),))
            try:
                Pipeline(alone, name="main", folder=folder, environment=environment, ecs_compatibility=ecs)
            except LogstashConfigError as error:
                yield _refusal(error)


def _sources(path: Path, is_list: bool) -> list[tuple[str | Path, str]]:
    """What the entries of a ``pipelines.yml`` that is well formed name, and their ``pipeline.ecs_compatibility``."""
    if not is_list:
        return [(path, "v8")]
    entries: list[dict[str, Any]] = yaml.safe_load(path.read_text("utf-8")) or []
    return [
        (
            entry["config.string"] if "config.string" in entry else path.parent / str(entry["path.config"]),
            str(entry.get("pipeline.ecs_compatibility", "v8")),
        )
        for entry in entries
    ]


def _refusal(error: LogstashConfigError) -> Finding:
    return Finding(error.file, error.line, error.column, "error", error.problem)


def _at(place: Place, severity: Literal["error", "warning"], problem: str) -> Finding:
    return Finding(place.file, place.line, place.column, severity, problem)
