"""The search as a file, on a real Elasticsearch."""

from __future__ import annotations

import csv
import io
import json
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client

from logging_pipeline.console import export, selectors
from logging_pipeline.console.export import harmless
from logging_pipeline.pytest_plugin import LoggedEvents
from tests.console.conftest import Person, Plant
from tests.console.events import document

NOW = datetime.now(UTC)
SERVED = [pytest.mark.stack, pytest.mark.django_db(databases="__all__")]


@pytest.fixture
def mark() -> str:
    """A word that no other test's events have."""
    return f"m{secrets.token_hex(6)}"


def fetch(client: Client, kind: str, **parameters: Any) -> Any:
    return client.get(f"/ops/logs/export/events.{kind}?{urlencode(parameters, doseq=True)}")


def lines(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200
    return [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]


def rows(response: Any) -> list[list[str]]:
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode(), newline="")))


class TestFiles:
    pytestmark = SERVED

    def test_ndjson_has_whole_events_newest_first(self, plant: Plant, staff: Client, mark: str, monkeypatch: Any):
        """Every event of the search is there once, whole, over several requests to Elasticsearch."""
        monkeypatch.setattr(selectors, "BATCH_EVENTS", 10)
        documents = [document("http", "a.b", NOW - timedelta(seconds=n // 4), f"{mark} {n}") for n in range(30)]
        plant(*documents, document("auth", "a.b", NOW, mark))
        response = fetch(staff, "ndjson", q=mark, category="http")
        assert response.headers["Content-Type"] == "application/x-ndjson"
        assert re.fullmatch(
            r'attachment; filename="events-\d{8}-\d{6}\.ndjson"', response.headers["Content-Disposition"]
        )
        found = lines(response)
        assert sorted(found, key=lambda event: event["message"]) == sorted(documents, key=lambda e: e["message"])
        times = [event["@timestamp"] for event in found]
        assert times == sorted(times, reverse=True)

    def test_csv_has_the_chosen_columns(self, plant: Plant, staff: Client, mark: str):
        """Time and columns in their order; what a spreadsheet would run is made harmless."""
        plant(
            document("http", "a.b", NOW, f"{mark} one", labels={"k": "=cmd|' /C calc'!A0"}, url={"path": "@SUM(1)"}),
            document("http", "a.b", NOW - timedelta(seconds=1), f'{mark} "two", three', labels={"k": "plain\nlines"}),
        )
        found = rows(fetch(staff, "csv", q=mark, column=["labels.k", "message", "url.path"]))
        assert found[0] == ["@timestamp", "labels.k", "message", "url.path"]
        assert [row[1:] for row in found[1:]] == [
            ["'=cmd|' /C calc'!A0", f"{mark} one", "'@SUM(1)"],
            ["plain\nlines", f'{mark} "two", three', ""],
        ]
        assert datetime.fromisoformat(found[1][0]) == NOW

    def test_a_file_that_is_cut_says_so_in_its_last_line(
        self, plant: Plant, staff: Client, mark: str, monkeypatch: pytest.MonkeyPatch
    ):
        """Of more events than a file holds the newest are written, and the end tells; exactly as many are a whole."""
        monkeypatch.setattr(export, "MAX_EVENTS", 7)
        monkeypatch.setattr(selectors, "BATCH_EVENTS", 5)
        plant(*(document("http", "a.b", NOW - timedelta(seconds=n), f"{mark} {n}") for n in range(8)))
        *found, last = lines(fetch(staff, "ndjson", q=mark))
        assert [event["message"] for event in found] == [f"{mark} {n}" for n in range(7)]
        assert last["export"]["complete"] is False
        assert "the newest 7 events; there are more" in last["export"]["holds"]
        *_found, last_row = rows(fetch(staff, "csv", q=mark))
        assert last_row[0].startswith("# Not everything: the newest 7 events")
        assert len(lines(fetch(staff, "ndjson", q=mark, **{"from": (NOW - timedelta(seconds=6.5)).isoformat()}))) == 7

    def test_only_what_is_open_leaves(self, plant: Plant, person: Person, mark: str):
        """The file holds the viewer's categories alone; a closed one, or no permission to export, is 403."""
        plant(document("http", "a.b", NOW, mark), document("auth", "a.b", NOW, mark))
        client = person("http", may=("export_logs",))
        assert [event["data_stream"]["dataset"] for event in lines(fetch(client, "ndjson", q=mark))] == ["shop.http"]
        assert fetch(client, "ndjson", q=mark, category="auth").status_code == 403
        assert fetch(person("http"), "csv", q=mark).status_code == 403
        assert "logs/export" not in person("http").get("/ops/logs/").content.decode()
        assert "logs/export/events.csv" in client.get("/ops/logs/").content.decode()
        assert lines(fetch(person(may=("export_logs",)), "ndjson", q=mark)) == []

    def test_who_took_what_is_an_audit_event(self, plant: Plant, staff: Client, mark: str, logged_events: LoggedEvents):
        """Before the first byte leaves, the export is logged with its search, categories and kind."""
        plant(document("http", "a.b", NOW, mark))
        fetch(staff, "csv", q=mark, category="http")
        event = logged_events.one("audit.exported")
        assert event["audit.object.type"] == "events"
        assert event["message"] == "exported events"
        assert event["labels.export_format"] == "csv"
        assert event["labels.export_categories"] == "http"
        assert f"q={mark}" in event["labels.export_search"]
        assert event["numeric_labels.export_limit"] == export.MAX_EVENTS

    @pytest.mark.parametrize(("parameters", "status"), [({"q": "log.level:"}, 400), ({"from": "soon"}, 400)])
    def test_a_bad_search_is_no_file(
        self, console: dict, staff: Client, parameters: dict, status: int, logged_events: LoggedEvents
    ):
        """What cannot be searched is answered as a page, and nothing is logged as exported."""
        assert fetch(staff, "ndjson", **parameters).status_code == status
        assert logged_events.named("audit.exported") == []
        assert fetch(staff, "xlsx").status_code == 404

    def test_without_elasticsearch_there_is_no_file(self, console: dict, staff: Client, settings: Any):
        """A file never begins when nothing can be read."""
        settings.LOGGING_PIPELINE = {**console, "elasticsearch_url": "http://127.0.0.1:9"}
        assert fetch(staff, "ndjson").status_code == 503

    def test_streams_under_asgi(self, plant: Plant, person: Person, mark: str, monkeypatch: pytest.MonkeyPatch):
        """An ASGI server gets the file piece by piece, not whole."""
        monkeypatch.setattr(selectors, "BATCH_EVENTS", 2)
        plant(*(document("http", "a.b", NOW - timedelta(seconds=n), f"{mark} {n}") for n in range(5)))
        client = AsyncClient()
        client.cookies = person("http", may=("export_logs",)).cookies

        async def pieces() -> list[bytes]:
            response = await client.get(f"/ops/logs/export/events.ndjson?q={mark}")
            assert response.is_async
            return [piece async for piece in response.streaming_content if piece]

        found = async_to_sync(pieces)()
        assert [piece.count(b"\n") for piece in found] == [2, 2, 1]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"])
def test_no_cell_is_a_formula(first: str):
    """Whatever a spreadsheet would take for a formula is text."""
    assert harmless(f"{first}1+1") == f"'{first}1+1"


@pytest.mark.parametrize(("value", "text"), [(-5, "-5"), (0.5, "0.5"), (True, "true"), (None, ""), ("a=b", "a=b")])
def test_other_cells_stay_as_they_are(value: Any, text: str):
    """Numbers are numbers, and a sign inside a text is harmless."""
    assert harmless(value) == text
