"""What a panel's KQL asks for in the events of its categories."""

from __future__ import annotations

import pytest

from logging_pipeline.contract import contract
from logging_pipeline.dashboards.streams import condition, contract_of
from logging_pipeline.errors import KqlError


def test_now_is_asked_each_time():
    """A filter that says ``now`` means another instant with every page, though its words are read once."""
    http = contract_of(contract(), ("http",))

    assert condition("@timestamp >= now-1h", http) != condition("@timestamp >= now-1h", http)
    assert condition("event.action: http.request", http) == condition("event.action: http.request", http)


def test_a_field_belongs_to_its_categories():
    """Words that could be asked of one category are refused for another that lacks their field."""
    task, audit = (contract_of(contract(), (name,)) for name in ("task", "audit"))
    words = "celery.task.name: tidy"

    assert condition(words, task) == {"term": {"celery.task.name": {"value": "tidy"}}}
    with pytest.raises(KqlError, match=r"celery\.task\.name"):
        condition(words, audit)
