"""Reads pipelines: from a text, a file, a folder, a glob, or all those that ``pipelines.yml`` names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from glob import glob
from pathlib import Path
from typing import Any

from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine.environment import Environment
from logging_pipeline.logstash_engine.language.parser import TOO_DEEP, parse
from logging_pipeline.logstash_engine.language.syntax import Configuration, Section
from logging_pipeline.logstash_engine.options import nearest
from logging_pipeline.logstash_engine.pipeline import Pipeline

__all__ = ["load", "load_pipelines", "read_configuration"]

_PIPELINE_SETTINGS: dict[str, type] = {
    "pipeline.id": str,
    "path.config": str,
    "config.string": str,
    "pipeline.workers": int,
    "pipeline.batch.size": int,
    "pipeline.batch.delay": int,
    "pipeline.ecs_compatibility": str,
    "pipeline.ordered": object,
    "queue.type": str,
    "config.support_escapes": bool,
    "config.debug": bool,
    "config.reload.automatic": bool,
    "config.reload.interval": str,
    "dead_letter_queue.enable": bool,
    "path.dead_letter_queue": str,
}


def load(
    source: str | os.PathLike[str],
    *,
    env: Mapping[str, str] | Environment | None = None,
    name: str = "main",
    ecs_compatibility: str = "v8",
) -> Pipeline:
    """
    Compile the pipeline in *source*: a path (a file, a folder, a glob), or the text of a configuration.

    Args:
        env: the variables that ``${NAME}`` may use, or an `Environment`; those of the process if not given.
        name: the pipeline's id.
        ecs_compatibility: ``v8``, ``v1`` or ``disabled``, for plugins that do not set it.

    Raises:
        LogstashConfigError: the configuration is refused; it says where, and the nearest right name.
    """
    configuration, folder = read_configuration(source)
    environment = env if isinstance(env, Environment) else Environment(os.environ if env is None else env)
    try:
        return Pipeline(
            configuration, name=name, folder=folder, environment=environment, ecs_compatibility=ecs_compatibility
        )
    except RecursionError:
        raise LogstashConfigError(TOO_DEEP, file=configuration.sections[0].place.file) from None


def read_configuration(source: str | os.PathLike[str]) -> tuple[Configuration, Path]:
    """
    Parse *source* as `load` takes it; the folder is where relative paths in it start.

    Raises:
        LogstashConfigError: there is no such file, or it is not in the language.
    """
    if isinstance(source, str) and "{" in source:
        return parse(source), Path()
    pattern = os.fspath(source)
    if Path(pattern).is_dir():
        pattern = os.path.join(pattern, "*.conf")  # noqa: PTH118 - a glob, not a path
    files = [Path(found) for found in sorted(glob(pattern)) if Path(found).is_file()]  # noqa: PTH207 - absolute globs
    if not files:
        raise LogstashConfigError("there is no such configuration", file=pattern)
    sections: list[Section] = []
    comments: list[str] = []
    for file in files:
        configuration = parse(_read(file), str(file))
        sections += configuration.sections
        comments.append(configuration.leading_comment)
    return Configuration(tuple(sections), "".join(comments)), files[0].parent


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LogstashConfigError(f"it cannot be read: {error}", file=str(file)) from None


def load_pipelines(
    path: str | os.PathLike[str], *, env: Mapping[str, str] | Environment | None = None
) -> list[Pipeline]:
    """
    Compile every pipeline that the file *path* (``pipelines.yml``) names; relative paths in it start at its folder.

    Raises:
        LogstashConfigError: the file or a pipeline in it is refused.
    """
    import yaml  # it takes a tenth of the start, and one pipeline alone needs none of it

    file = Path(path)
    try:
        entries = yaml.safe_load(_read(file)) or []
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise LogstashConfigError(f"it is not YAML: {error}", file=str(file), line=line, column=column) from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise LogstashConfigError("expected a list of pipelines, each with pipeline.id", file=str(file))
    pipelines = [_load_entry(entry, file, env) for entry in entries]
    ids = [pipeline.name for pipeline in pipelines]
    for twice in {name for name in ids if ids.count(name) > 1}:
        raise LogstashConfigError(f"two pipelines have the id {twice!r}", file=str(file))
    return pipelines


def _load_entry(entry: dict[str, Any], file: Path, env: Mapping[str, str] | Environment | None) -> Pipeline:
    name = str(entry.get("pipeline.id", "main"))
    for key, value in entry.items():
        kind = _PIPELINE_SETTINGS.get(key)
        if kind is None:
            raise LogstashConfigError(
                f"the pipeline {name!r} has no setting {key!r}{nearest(key, sorted(_PIPELINE_SETTINGS))}",
                file=str(file),
            )
        if not isinstance(value, kind):
            raise LogstashConfigError(f"{key!r} of the pipeline {name!r} cannot be {value!r}", file=str(file))
    if entry.get("config.support_escapes"):
        raise LogstashConfigError(
            f"the pipeline {name!r} sets config.support_escapes, which is not supported", file=str(file)
        )
    ecs = str(entry.get("pipeline.ecs_compatibility", "v8"))
    if "config.string" in entry:
        pipeline = load(str(entry["config.string"]), env=env, name=name, ecs_compatibility=ecs)
    elif "path.config" in entry:
        pipeline = load(file.parent / str(entry["path.config"]), env=env, name=name, ecs_compatibility=ecs)
    else:
        raise LogstashConfigError(f"the pipeline {name!r} has neither path.config nor config.string", file=str(file))
    pipeline.workers = int(entry.get("pipeline.workers", pipeline.workers))
    return pipeline
