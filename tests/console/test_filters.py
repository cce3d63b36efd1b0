"""``filter=field:value``."""

from __future__ import annotations

import pytest

from logging_pipeline.console.filters import FieldFilter, filterable, parse
from logging_pipeline.console.problems import BadParameter
from logging_pipeline.contract import CORE_CATEGORIES, CORE_FIELDS, Contract

CORE = Contract(CORE_FIELDS, CORE_CATEGORIES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("log.level:error", FieldFilter("log.level", "error")),
        ("-log.level:debug", FieldFilter("log.level", "debug", exclude=True)),
        ("url.path:/a:b/", FieldFilter("url.path", "/a:b/")),
        ("http.response.status_code:404", FieldFilter("http.response.status_code", "404")),
        ("sla.breached:true", FieldFilter("sla.breached", "true")),
        ("client.ip:2001:db8::1", FieldFilter("client.ip", "2001:db8::1")),
        ("labels.shelf.row:7b", FieldFilter("labels.shelf.row", "7b")),
        ("numeric_labels.weight:1.5", FieldFilter("numeric_labels.weight", "1.5")),
        ("event.action:a*b?(OR)", FieldFilter("event.action", "a*b?(OR)")),
    ],
)
def test_reads_a_field_of_the_contract(text, expected):
    """No character of the value means anything, and a filter is written as it was read."""
    assert parse(CORE, text) == expected
    assert str(expected) == text


@pytest.mark.parametrize(
    "text",
    [
        "error",
        "log.level:",
        "_index:logs-shop.audit-default",
        "_id:1",
        "no.such.field:1",
        "message:hello",
        "labels.:x",
        "labels:x",
        "@timestamp:now",
        "process.pid:seven",
        "process.pid:1.5",
        "process.pid:99999999999999999999",
        "process.pid:1_000",
        "process.pid:٣",
        "numeric_labels.weight:nan",
        "numeric_labels.weight:inf",
        "sla.breached:yes",
        "client.ip:300.1.1.1",
        "client.ip:fe80::1%eth0",
        f"log.level:{'x' * 1_025}",
    ],
)
def test_refuses_everything_else(text):
    """Not in the contract, not exact, or not of the type: a clear refusal instead of a failing search."""
    with pytest.raises(BadParameter, match=r"^filter: "):
        parse(CORE, text)


def test_offers_only_links_that_mean_what_they_say():
    """A label whose key holds a colon cannot be written as a filter, so it gets no link."""
    assert filterable(CORE, "labels.a", "b")
    assert not filterable(CORE, "labels.a:b", "c")
    assert not filterable(CORE, "unknown.field", "c")
