"""Doctor: every fault of Elasticsearch, and of what has come out in it, is found and its cure named."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from logging_pipeline.accounting.doctor import Finding, examine, store
from logging_pipeline.contract import contract
from logging_pipeline.indexes import Store, setup, stream_name
from logging_pipeline.journey.write import Action, write
from logging_pipeline.settings import Settings
from tests.accounting.findings import found
from tests.accounting.path import Path

pytestmark = pytest.mark.stack


def look(path: Path) -> list[Finding]:
    path.refresh()
    return examine(path.settings, contract())


def test_a_healthy_store_is_well(path: Path, as_user: Callable[[str], Settings]):
    """The reader's user is all that doctor needs."""
    as_user("logpipe_reader")
    assert {f.verdict for f in look(path) if f.hop == "elasticsearch"} == {"ok"}


def test_elasticsearch_is_away(path: Path, as_user: Callable[[str], Settings]):
    """31. Nobody answers at the address."""
    path.settings = dataclasses.replace(as_user("logpipe_reader"), elasticsearch_url="http://127.0.0.1:1")
    assert "LOGPIPE_ELASTICSEARCH_URL" in found(look(path), "elasticsearch", "no answer").cure


def test_a_wrong_elasticsearch_password(path: Path, as_user: Callable[[str], Settings]):
    """32. It answers, and lets nobody in."""
    path.settings = dataclasses.replace(as_user("logpipe_reader"), elasticsearch_password="wrong")
    assert "Give the user and the password" in found(look(path), "elasticsearch", "refused them (401)").cure


def test_a_user_that_may_not_look(path: Path, as_user: Callable[[str], Settings]):
    """33. The writer's user sees too little; the right one is named."""
    as_user("logpipe_writer")
    assert "logpipe_reader" in found(look(path), "elasticsearch", "403").cure


def test_a_store_that_was_not_set_up(path: Path, as_user: Callable[[str], Settings]):
    """34. Data streams are missing, each by its name."""
    path.settings = dataclasses.replace(as_user("logpipe_reader"), namespace="elsewhere")
    finding = found(examine(path.settings, contract()), "elasticsearch", "logs-shop.audit-elsewhere: missing")
    assert finding.cure == "Run logpipe setup"


def test_a_mapping_that_drifted(path: Path, as_user: Callable[[str], Settings]):
    """35. The write index has another mapping than the contract wants."""
    as_user("logpipe_reader")
    stream = stream_name(path.settings, "auth")
    path.admin.indices.put_mapping(index=stream, meta={"logpipe": {"hash": "another"}})
    finding = found(look(path), "elasticsearch", f"{stream}: mapping differs")
    path.admin.indices.rollover(alias=stream)
    assert finding.cure == "Run logpipe setup"


def test_a_template_that_differs(path: Path, as_user: Callable[[str], Settings], elasticsearch_server: Any):
    """36. The next rollover would forget the mapping; seen by those who may look at templates."""
    as_user("logpipe_admin")
    template = "logs-shop.http"
    path.admin.perform_request("PUT", f"/_index_template/{template}", headers=_JSON, body=_OTHER_TEMPLATE)
    finding = found(look(path), "elasticsearch", f"the template {template} differs")
    with elasticsearch_server.client("logpipe_setup") as client:
        setup(client, path.settings, contract())
    assert finding.cure == "Run logpipe setup"


_JSON = {"accept": "application/json", "content-type": "application/json"}
_OTHER_TEMPLATE = {"index_patterns": ["logs-shop.http-*"], "priority": 600, "data_stream": {}}


def test_a_read_only_index(path: Path, as_user: Callable[[str], Settings]):
    """37. As Elasticsearch leaves it when its disk was full."""
    as_user("logpipe_reader")
    stream = stream_name(path.settings, "task")
    path.admin.indices.put_settings(index=stream, settings={"index.blocks.read_only_allow_delete": True})
    findings = look(path)
    path.admin.indices.put_settings(index=stream, settings={"index.blocks.read_only_allow_delete": None})
    finding = found(findings, "elasticsearch", "is read-only")
    assert stream in finding.problem
    assert "index.blocks" in finding.cure


def test_elasticsearchs_disk(path: Path, as_user: Callable[[str], Settings], monkeypatch: pytest.MonkeyPatch):
    """38. It is about to make indices read-only."""
    as_user("logpipe_reader")
    monkeypatch.setattr(store, "LEAST_FREE_BYTES", 10**18)
    assert "retention" in found(look(path), "elasticsearch", "MB of disk free").cure


def test_an_old_elasticsearch(path: Path, as_user: Callable[[str], Settings], monkeypatch: pytest.MonkeyPatch):
    """39. It would not know what we ask."""
    as_user("logpipe_reader")
    monkeypatch.setattr(store, "OLDEST_VERSION", (99, 0))
    assert "Use 99.0" in found(look(path), "elasticsearch", "too old").cure


def write_one(path: Path, stream: str, document: dict[str, Any]) -> None:
    body = orjson.dumps({"@timestamp": datetime.now(UTC).isoformat(), **document})
    identity = document["event"]["id"]
    write([Action(stream, identity, body)], store=Store(path.writer), dead_letters=stream_name(path.settings, "x"))


def test_dead_letters(path: Path, as_user: Callable[[str], Settings]):
    """40. The last hour's are counted by reason, with what helps against it."""
    as_user("logpipe_reader")
    letter = {"event": {"id": "d1"}, "dead_letter": {"reason": "forbidden"}}
    write_one(path, stream_name(path.settings, "dead_letter"), letter)
    finding = found(look(path), "outcome", "1 dead letters in the last hour: forbidden")
    assert "logpipe_writer" in finding.cure


def test_drops(path: Path, as_user: Callable[[str], Settings]):
    """41. What producers dropped in the last day is told by reason."""
    as_user("logpipe_reader")
    ledger = {"category": "http", "reason": "buffer_full", "ranges": ["1-3"], "dropped": 3}
    entry = {"event": {"id": "l1", "action": "ledger.dropped"}, "ledger": ledger}
    write_one(path, stream_name(path.settings, "ledger"), entry)
    assert "LOGPIPE_BUFFER_MAX_EVENTS" in found(look(path), "outcome", "buffer_full").cure


def test_events_that_take_long(path: Path, as_user: Callable[[str], Settings]):
    """42. The newest event's own times tell how far the pipeline is behind."""
    as_user("logpipe_reader")
    now = datetime.now(UTC)
    times = {"created": (now - timedelta(minutes=5)).isoformat(), "ingested": now.isoformat()}
    write_one(path, stream_name(path.settings, "system"), {"event": {"id": "slow", **times}})
    assert "run more workers" in found(look(path), "outcome", "300 s on its way").cure
