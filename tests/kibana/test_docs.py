"""docs/kibana.md says what is there."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from django.urls import reverse

from logging_pipeline.cli.kibana import kibana
from logging_pipeline.console.access import IMPORT_DASHBOARDS
from logging_pipeline.contract import contract
from logging_pipeline.kibana import admission, client
from logging_pipeline.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "kibana.md").read_text(encoding="utf-8")


def test_commands_and_settings():
    """Every command and every setting of Kibana is there, and no other."""
    named = set(re.findall(r"logpipe kibana ([a-z]+)", PAGE))
    assert named == set(kibana.commands) - {"validate"}
    settings = {f"LOGPIPE_{field.name.upper()}" for field in dataclasses.fields(Settings)}
    assert {name for name in settings if name.startswith("LOGPIPE_KIBANA")} <= set(re.findall(r"LOGPIPE_[A-Z_]+", PAGE))
    assert set(re.findall(r"LOGPIPE_[A-Z_]+", PAGE)) <= settings


def test_limits_permission_and_events(settings):
    """Numbers, the permission, the address and the audit events are those of the code."""
    settings.ROOT_URLCONF = "tests.console.project.urls"
    megabytes, each = admission.MAX_FILE_BYTES // 1_000_000, admission.MAX_OBJECT_BYTES // 1_000_000
    limits = f"files over {megabytes} MB, objects over {each} MB, more than {admission.MAX_OBJECTS:,} objects"
    assert limits in PAGE
    assert f"more than {client.MAX_FOUND:,} objects are refused" in PAGE
    assert f"`{IMPORT_DASHBOARDS}`" in PAGE
    assert f"`{reverse('logpipe_console:imports')}`" in PAGE
    events = {
        name.removeprefix("audit.dashboards") for name in contract().events if name.startswith("audit.dashboards")
    }
    assert events == {f"_{name}" for name in ("uploaded", "compared", "imported", "rolled_back")}
    for name in events - {"_uploaded"}:
        assert f"`{name}`" in PAGE
