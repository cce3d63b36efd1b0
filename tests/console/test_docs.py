"""docs/console.md says what is there."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from django.apps import apps
from django.http import QueryDict
from django.urls import reverse

from logging_pipeline.console import columns, error_groups, export, search, selectors, store, values
from logging_pipeline.console.access import category_permission
from logging_pipeline.console.cursor import pack
from logging_pipeline.console.search import Search
from logging_pipeline.console.views import errors
from logging_pipeline.contract import contract

PAGE = (Path(__file__).parents[2] / "docs" / "console.md").read_text()


def test_every_parameter_is_documented():
    """The table of parameters is the list of what the address can hold, no more and no less."""
    after = pack(["2026-03-01T12:00:00Z", 1, "a"])
    everything = (
        f"q=a&category=http&level=info&from=now-1h&to=now&trace=t&filter=log.level:info&column=http.route&after={after}"
    )
    now = datetime(2026, 3, 1, tzinfo=UTC)
    found = Search.parse(QueryDict(everything), contract(), now=now, zone=UTC)
    table = re.findall(r"^\| (`.+?`) \|", PAGE, re.MULTILINE)
    documented = {name for cell in table for name in re.findall(r"`([a-z]+)`", cell)}
    assert documented == {name for name, _value in found.pairs}


def test_limits_and_permissions_are_the_real_ones(settings):
    """Numbers, addresses and permissions on the page are those of the code."""
    settings.ROOT_URLCONF = "tests.console.project.urls"
    assert f"At most {search.MAX_TEXT_CHARS:,} characters" in PAGE
    assert f"at most {columns.MAX_COLUMNS}; default {', '.join(f'`{name}`' for name in columns.DEFAULT)}" in PAGE
    assert f"first {values.LOOK_AT_EVENTS:,} events" in PAGE
    assert f"at most {export.MAX_EVENTS:,}, page by page" in PAGE
    assert f"{errors.PAGE_GROUPS} groups on a page" in PAGE
    assert f"the first {error_groups.MAX_GROUPS:,} of them" in PAGE
    assert f"At most {selectors.TRACE_EVENTS} events" in PAGE
    assert f"`from` being `{errors.DEFAULT_FROM}`" in PAGE
    for name in (*errors.STATES, *error_groups.SORTS):
        assert f"`{name}`" in PAGE
    assert f"more than {store.ANSWER_TIMEOUT_S:.0f} seconds, the page answers 503" in PAGE
    assert f"takes more than {store.SEARCH_TIMEOUT_S} seconds" in PAGE
    assert f"default `{search.DEFAULT_FROM}`, with `trace` `{search.DEFAULT_FROM_OF_TRACE}`" in PAGE
    for name in ("logs", "event", "trace", "errors", "error"):
        assert reverse(f"logpipe_console:{name}") in PAGE


def test_every_permission_is_documented():
    """The table of permissions is the list of those that `migrate` makes, no more and no less."""
    models = apps.get_app_config("logpipe_console").get_models()
    declared = {f"logpipe_console.{codename}" for model in models for codename, _words in model._meta.permissions}
    documented = set(re.findall(r"^\| `(logpipe_console\.[a-z_<>]+)` \|", PAGE, re.MULTILINE))
    assert documented == {*declared, category_permission("<name>")}
