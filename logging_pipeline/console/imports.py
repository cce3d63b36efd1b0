"""Importing dashboards into Kibana: where to, from what, and the audit events of each step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from logging_pipeline.contract import contract
from logging_pipeline.dashboards.streams import fields_of_title
from logging_pipeline.entrance import pipeline
from logging_pipeline.errors import KibanaError
from logging_pipeline.kibana.backups import Backup, Backups
from logging_pipeline.kibana.client import Kibana
from logging_pipeline.kibana.file import ImportFile, read_file
from logging_pipeline.kibana.targets import Target, target, targets
from logging_pipeline.settings import Settings

__all__ = ["Place", "backups_of", "built_files", "kibana_at", "latest_backups", "log_step", "look_into", "places"]

MAX_BACKUPS = 20
SPACES_TIMEOUT_S = 8.0  # then the page says that Kibana does not answer
MAX_LOGGED_KEYS = 50

LOGGER = "logging_pipeline.console"
INFO = 20


@dataclass(frozen=True, slots=True)
class Place:
    """
    A Kibana and its spaces.

    Args:
        spaces: names by ids; empty when it did not say.
        problem: why it did not.
    """

    target: Target
    spaces: dict[str, str]
    problem: str = ""


def places(settings: Settings) -> list[Place]:
    """
    Every Kibana of the settings, asked for its spaces.

    Raises:
        ConfigurationError: the settings name none.
    """
    found = []
    for each in targets(settings):
        try:
            with Kibana(each, read_timeout_s=SPACES_TIMEOUT_S, attempts=1) as kibana:
                found.append(Place(each, kibana.spaces()))
        except KibanaError as error:
            found.append(Place(each, {}, str(error)))
    return found


def kibana_at(settings: Settings, name: str, space: str) -> Kibana:
    """
    A space of the Kibana that the settings call *name*.

    Raises:
        ConfigurationError: they name none so.
    """
    return Kibana(target(settings, name), space)


def backups_of(settings: Settings, name: str, space: str) -> Backups:
    """The backups of that space."""
    return Backups(settings.state_dir, target(settings, name).name, space)


def latest_backups(settings: Settings, known: Iterable[Place]) -> list[Backup]:
    """The newest of all spaces."""
    every = [
        backup
        for place in known
        for space in place.spaces
        for backup in Backups(settings.state_dir, place.target.name, space).all()
    ]
    return sorted(every, key=lambda backup: backup.id, reverse=True)[:MAX_BACKUPS]


def built_files(settings: Settings) -> dict[str, Path]:
    """The built versions, by name."""
    return {file.name: file for file in sorted(settings.kibana_dir.glob("*.ndjson"))}


def look_into(settings: Settings, content: bytes, name: str) -> ImportFile:
    """What is in a file, and what is wrong with it."""
    return read_file(
        content, name, lambda title: fields_of_title(contract(), settings.app, title), settings.kibana_link_hosts
    )


def log_step(
    event: str, name: str, space: str, *, changes: Iterable[object] = (), failure: str = "", backup: str = ""
) -> None:
    """One *event* of the category ``audit``: of which space, with which objects, how it ended."""
    fields: dict[str, object] = {"object_type": "kibana_space", "object_id": f"{name}/{space}"}
    touched = [str(each) for each in changes][:MAX_LOGGED_KEYS]
    if touched:
        fields["changes"] = touched
    if backup:
        fields["backup"] = backup
    if failure:
        fields["reason"] = failure
    pipeline.emit(INFO, LOGGER, event, {"outcome": "failure" if failure else "success", **fields})
