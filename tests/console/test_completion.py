"""What the search box offers, on a real Elasticsearch."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from tests.console.conftest import Person, Plant
from tests.console.events import document

pytestmark = [pytest.mark.stack, pytest.mark.django_db(databases="__all__")]

NOW = datetime.now(UTC)


def offered(client: Client, q: str, at: int | None = None, **parameters: Any) -> dict[str, Any]:
    response = client.get("/ops/logs/complete/", {"q": q, "at": len(q) if at is None else at, **parameters})
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


def texts(found: dict[str, Any]) -> list[str]:
    return [suggestion["text"] for suggestion in found["suggestions"]]


def test_fields_operators_and_values(plant: Plant, staff: Client):
    """From a few letters to a field, its operators, and the values that there are, the most frequent first."""
    level, logger = "error", f"shop.{secrets.token_hex(4)} x"
    own = {"log": {"level": level, "logger": logger}}
    plant(
        *(document("http", "a.b", NOW, **own) for _ in range(3)),
        document("http", "a.b", NOW, log={"level": "info", "logger": logger}),
    )
    assert "log.level" in texts(offered(staff, "log.l"))
    assert texts(offered(staff, "log.level"))[0] == ": "
    only = {"filter": f"log.logger:{logger}"}
    found = offered(staff, "declined and log.level: ", **only)
    assert texts(found)[:2] == ["error", "info"]
    assert found["suggestions"][0] == {"kind": "value", "text": "error", "shown": ["error"], "meaning": "3 events"}
    assert (found["start"], found["end"]) == (24, 24)
    assert texts(offered(staff, "log.level: ER", **only))[0] == "error"
    assert texts(offered(staff, 'log.logger: "SHOP.', **only)) == [f'"{logger}"']
    assert texts(offered(staff, "log.level: in and x", at=13, **only)) == ["info"]


def test_what_cannot_be_seen_is_named(plant: Plant, staff: Client):
    """A value that turns the reading direction is offered to be written as it is, and shown by code points."""
    key = f"k{secrets.token_hex(4)}"
    plant(document("http", "a.b", NOW, labels={key: "\u202egnp.exe"}))
    offer = offered(staff, f"labels.{key}: ")["suggestions"][0]
    assert offer["text"] == '"\u202egnp.exe"'
    assert offer["shown"] == ['"', "U+202E", 'gnp.exe"']


def test_values_of_other_types(plant: Plant, staff: Client):
    """Labels, numbers and addresses have values too; texts and what is no field have none."""
    key = f"k{secrets.token_hex(4)}"
    plant(
        document(
            "http",
            "a.b",
            NOW,
            labels={key: "a*(b"},
            process={"pid": 4_711},
            client={"ip": "203.0.113.0"},
            log={"logger": key},
        )
    )
    only = {"filter": f"log.logger:{key}"}
    assert texts(offered(staff, f"labels.{key}: ")) == ['"a*(b"', "*"]
    assert texts(offered(staff, f'labels.{key}: "A*(')) == ['"a*(b"']
    assert texts(offered(staff, "process.pid >= 4", **only)) == ["4711"]
    assert texts(offered(staff, "client.ip: ", **only)) == ["203.0.113.0", "*"]
    assert texts(offered(staff, "message: ", **only)) == ["*"]
    assert texts(offered(staff, "nothing: x", **only)) == []


def test_only_values_of_what_is_open(plant: Plant, person: Person):
    """A value that stands in closed categories alone is never offered, whatever the address asks for."""
    secret, known = f"s{secrets.token_hex(6)}", f"k{secrets.token_hex(6)}"
    plant(
        document("auth", "a.b", NOW, service={"name": secret}),
        document("http", "a.b", NOW, service={"name": known}),
    )
    client = person("http")
    assert secret not in texts(offered(client, "service.name: s"))
    assert known in texts(offered(client, f"service.name: {known[:5]}"))
    assert texts(offered(client, f"service.name: {secret[:5]}")) == []
    assert texts(offered(person("auth"), f"service.name: {secret[:5]}")) == [secret]
    assert texts(offered(person(), "service.name: ")) == ["*"]
    closed = client.get("/ops/logs/complete/", {"q": "service.name: ", "at": 14, "category": "auth"})
    assert closed.status_code == 400
    assert closed.json()["suggestions"] == []


def test_who_may_search_is_offered_something(console: dict, person: Person):
    """The box completes for those who see logs or errors, and for nobody else."""
    assert texts(offered(person("http", view=False, may=("view_errors",)), "error.ty")) == ["error.type"]
    refused = person("http", view=False, may=("view_tail",)).get("/ops/logs/complete/", {"q": "error.ty"})
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "q", ["", "(((", 'log.level: "\\', "log.level: .*[", "x" * 3_000, "log.level: " + "a" * 400, "\x00"]
)
def test_nothing_that_is_typed_breaks_it(console: dict, staff: Client, q: str):
    """Whatever stands in the box, there is an answer."""
    assert "suggestions" in offered(staff, q)
    assert "suggestions" in offered(staff, q, at=10**9)
