"""
Golden cases: folders with events and what a pipeline makes of them.

A folder holds ``input.ndjson``, ``expected.ndjson`` and either ``pipeline.conf`` or a ``case.yml`` that names the
pipeline::

    description: "What the case shows."
    pipeline: ../../pipelines/logs      # a file, a folder or a glob; relative to the case
    varies: [event.ingested]            # there, but with another value each time
    ecs_compatibility: v8               # or disabled
    env: { LOGPIPE_APP: shop }          # for ${...}
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine.environment import Environment
from logging_pipeline.logstash_engine.events.wire import decode, encode_with_metadata
from logging_pipeline.logstash_engine.loading import load

__all__ = ["Case", "Document", "find_cases", "read_case", "run_case"]

Document = dict[str, Any]

_KEYS = ("description", "pipeline", "varies", "ecs_compatibility", "env")
_ECS_COMMENT = re.compile(r"^#\s*ecs:\s*(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Case:
    """One folder; *pipeline* is a path as `load` takes it, *varies* are dotted names of fields."""

    folder: Path
    pipeline: str
    description: str = ""
    varies: tuple[str, ...] = ()
    ecs_compatibility: str = "v8"
    env: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.folder.resolve().name

    @property
    def expected_file(self) -> Path:
        return self.folder / "expected.ndjson"

    def input_lines(self) -> list[bytes]:
        return [line for line in (self.folder / "input.ndjson").read_bytes().split(b"\n") if line.strip()]

    def expected(self) -> list[Document]:
        """The events expected, in order; none if the case was never recorded."""
        if not self.expected_file.exists():
            return []
        return [json.loads(line) for line in _read(self.expected_file).split("\n") if line.strip()]


def find_cases(folder: Path) -> list[Case]:
    """
    Every case in *folder* (which may be one itself), sorted by name.

    Raises:
        LogstashConfigError: there is no case, or one is incomplete.
    """
    folders = sorted({file.parent for file in folder.rglob("input.ndjson")})
    if not folders:
        raise LogstashConfigError("there is no case (a folder with input.ndjson) here", file=str(folder))
    return [read_case(found) for found in folders]


def read_case(folder: Path) -> Case:
    """
    The case in *folder*.

    Raises:
        LogstashConfigError: it has no pipeline, or ``case.yml`` says what it cannot.
    """
    described = folder / "case.yml"
    if described.exists():
        return _described(folder, described)
    configuration = folder / "pipeline.conf"
    if not configuration.exists():
        raise LogstashConfigError("the case has neither pipeline.conf nor case.yml", file=str(folder))
    text = _read(configuration)
    comment = _ECS_COMMENT.search(text)
    first = text.split("\n", 1)[0]
    return Case(
        folder,
        str(configuration),
        description=first.lstrip("# ") if first.startswith("#") else "",
        ecs_compatibility=comment[1] if comment else "v8",
    )


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LogstashConfigError(f"it cannot be read: {error}", file=str(file)) from None


def _described(folder: Path, file: Path) -> Case:
    try:
        said = yaml.safe_load(_read(file)) or {}
    except yaml.YAMLError as error:
        raise LogstashConfigError(f"it is not YAML: {error}", file=str(file)) from None
    unknown = [key for key in said if key not in _KEYS] if isinstance(said, dict) else ["this"]
    if unknown:
        raise LogstashConfigError(f"a case has no {unknown[0]!r}, only {', '.join(_KEYS)}", file=str(file))
    for key, kind in (("varies", list), ("env", dict)):
        if not isinstance(said.get(key, kind()), kind):
            raise LogstashConfigError(f"{key!r} is a {'list' if kind is list else 'mapping'}", file=str(file))
    pipeline = str(said.get("pipeline", "pipeline.conf"))
    return Case(
        folder,
        os.path.normpath(folder / pipeline),
        description=str(said.get("description", "")),
        varies=tuple(said.get("varies", ())),
        ecs_compatibility=str(said.get("ecs_compatibility", "v8")),
        env={str(name): str(value) for name, value in said.get("env", {}).items()},
    )


def run_case(case: Case) -> list[Document]:
    """
    The events that the engine gives for *case*, as JSON has them.

    Raises:
        LogstashConfigError: the pipeline is refused.
        ValueError: a line of the input is no JSON object.
    """
    environment = Environment({**os.environ, **case.env}, lenient=True)
    pipeline = load(case.pipeline, env=environment, ecs_compatibility=case.ecs_compatibility)
    events = []
    for number, line in enumerate(case.input_lines(), 1):
        try:
            event = decode(line)
        except ValueError as error:
            raise ValueError(f"{case.folder / 'input.ndjson'}:{number}: not JSON: {error}") from None
        if not isinstance(event, dict):
            raise ValueError(f"{case.folder / 'input.ndjson'}:{number}: not a JSON object")
        events.append(event)
    return [json.loads(encode_with_metadata(event)) for event in pipeline.filter(events).events]
