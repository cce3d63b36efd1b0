"""What is the same in every event of one process: who it is, where it runs, which release."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from logging_pipeline.journey.enforce import ECS_VERSION, Origin
from logging_pipeline.settings import Settings

__all__ = ["origin"]


def origin(settings: Settings, ephemeral_id: str) -> Origin:
    """The origin of the events of the producer *ephemeral_id*, in the process that calls."""
    try:
        release = version("django-logging-pipeline")
    except PackageNotFoundError:  # run from a source tree that is not installed
        release = "0"
    static: dict[str, dict[str, Any]] = {
        "ecs": {"version": ECS_VERSION},
        "agent": {"ephemeral_id": ephemeral_id, "version": release},
        "service": {
            "name": settings.service_name,
            "version": settings.service_version,
            "environment": settings.environment,
        },
        "host": {"name": settings.host_name},
        "process": {"pid": os.getpid()},
    }
    return Origin(ephemeral_id, settings.app, settings.namespace, static)
