"""The versioned pipelines know every category and field of the project, lose nothing, and do what their cases show."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logging_pipeline.contract import Contract, contract
from logging_pipeline.logstash_engine import Pipeline, encode_with_metadata, load

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / "logstash/pipelines/logs"
DEAD_LETTERS = ROOT / "logstash/pipelines/dead_letters"
CASES = sorted(path.parent for path in (ROOT / "logstash/golden").glob("*/case.yml"))
ENVIRONMENT = {
    "LOGPIPE_REDIS_PASSWORD": "made-up",
    "LOGPIPE_ELASTICSEARCH_USER": "logpipe_writer",
    "LOGPIPE_ELASTICSEARCH_PASSWORD": "made-up",
}


@pytest.fixture(scope="module")
def project() -> Contract:
    """The contract with the shop's categories."""
    for app in ("catalog", "cart", "orders", "payments"):
        importlib.import_module(f"shopapp.{app}.events")
    return contract()


@pytest.fixture(scope="module")
def logs() -> Pipeline:
    return load(LOGS, env=ENVIRONMENT, name="logs")


@pytest.fixture(scope="module")
def dead_letters() -> Pipeline:
    return load(DEAD_LETTERS, env=ENVIRONMENT, name="dead_letters")


def leaves(value: Any, above: str = "") -> dict[str, Any]:
    if not isinstance(value, dict):
        return {above: value}
    found: dict[str, Any] = {}
    for name, inner in value.items():
        found |= leaves(inner, f"{above}.{name}" if above else name)
    return found


def run(pipeline: Pipeline, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events that come out, as JSON has them; none may be lost on the way."""
    filtered = pipeline.filter(events)
    assert filtered.dropped == []
    return [json.loads(encode_with_metadata(event)) for event in filtered.events]


def test_every_category_is_taken_from_its_list_and_known(project: Contract, logs: Pipeline):
    """A category that an app registers has its input and is among those that are let through."""
    taken = {
        spec.settings["key"]: spec.settings["add_field"]["[@metadata][category]"]
        for spec in logs.inputs
        if spec.name == "redis"
    }
    assert taken == {f"logs:{name}": name for name in project.by_name}
    known = re.search(r"\[@metadata\]\[category\] not in \[(.*)\]", (LOGS / "20-identity.conf").read_text())
    assert known
    assert sorted(json.loads(f"[{known[1]}]")) == sorted(project.by_name)


def test_a_dead_letter_keeps_every_field_of_the_contract(project: Contract):
    """Whatever a category may carry is moved into the original, so that nothing of it is parsed again."""
    moved = set(re.findall(r'"\[(\w+)\]" => "\[original\]', (DEAD_LETTERS / "10-dead-letters.conf").read_text()))

    declared = {name.split(".")[0] for name in project.fields} - {"@timestamp"}
    assert moved == declared | {"numeric_labels", "discard"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path, logs: Pipeline):
    """The pipeline makes of a case's events what stands in its expected.ndjson."""
    about = yaml.safe_load((case / "case.yml").read_text())
    assert (case / about["pipeline"]).resolve() == LOGS
    events = [json.loads(line) for line in (case / "input.ndjson").read_text().splitlines()]

    found = run(logs, events)

    expected = [json.loads(line) for line in (case / "expected.ndjson").read_text().splitlines()]
    for event in (*found, *expected):
        for name in about["varies"]:
            inner, last = event, name.split(".")
            for part in last[:-1]:
                inner = inner[part]
            assert inner.pop(last[-1]), f"{name} is missing"
    assert found == expected


def test_cases_show_every_enriched_field(project: Contract):
    """Each field that the contract leaves to the pipelines is set in a case; no case sets a field it does not know."""
    seen: dict[str, Any] = {}
    for case in CASES:
        for line in (case / "expected.ndjson").read_text().splitlines():
            seen |= {name: value for name, value in leaves(json.loads(line)).items() if value is not None}
    seen = {name: value for name, value in seen.items() if not name.startswith("@metadata")}

    enriched = {f.name for f in project.fields.values() if f.enriched}
    assert enriched - set(seen) == set()
    assert set(seen) - set(project.fields) == {"discard.reason", "discard.category"}


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
READ = (
    *("@metadata.category", "@metadata.put_aside", "@metadata.limit_ns", "data_stream.dataset", "event.id"),
    *("event.duration", "event.severity", "log.level", "shop.order.total_cents", "tags", "url.path", "url.extension"),
    *("http.response.status_code", "user_agent.original", "client", "event", "url", "http", "data_stream", "sla"),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(READ), ODD, max_size=8), st.sampled_from(["http", "order", "task", "direct"]))
def test_no_event_is_ever_lost(logs: Pipeline, odd: dict[str, Any], category: str):
    """Whatever stands where a pipeline looks, the event comes out, bound for a stream of ours with an id to go by."""
    event: dict[str, Any] = {"@metadata": {"category": category}}
    for name, value in odd.items():
        inner = event
        for part in name.split(".")[:-1]:
            below = inner.setdefault(part, {})
            inner = inner.setdefault(part, {}) if isinstance(below, dict) else {}
        inner[name.split(".")[-1]] = value

    (found,) = run(logs, [event])

    stream = found["data_stream"]
    assert re.fullmatch(r"shop\.[a-z_]+", stream["dataset"])
    assert (stream["type"], stream["namespace"]) == ("logs", "default")
    assert logs.route(event) == [0]


def test_a_refused_event_becomes_a_dead_letter(dead_letters: Pipeline):
    """What a real Logstash keeps in its dead letter queue comes out as the library's own dead letters look."""
    event = {
        "@metadata": {
            "dead_letter_queue": {
                "reason": "status: 400, mapper_parsing_exception",
                "entry_time": "2026-03-05T06:07:09Z",
            }
        },
        "@timestamp": "2026-03-05T06:07:08.000001Z",
        "event": {"id": "0123456789abcdef0123456789abcdef-order-7", "sequence": 7},
        "data_stream": {"type": "logs", "dataset": "shop.order", "namespace": "default"},
        "shop": {"order": {"total_cents": "much"}},
    }

    (found,) = run(dead_letters, [event])

    original = json.loads(found["event"].pop("original"))
    assert original["shop"] == {"order": {"total_cents": "much"}}
    assert original["event"]["sequence"] == 7
    assert found["@metadata"].pop("id")
    del found["@metadata"]
    assert found == {
        "@timestamp": "2026-03-05T06:07:09.000Z",
        "message": "Event 0123456789abcdef0123456789abcdef-order-7 was refused",
        "agent": {"ephemeral_id": "0123456789abcdef0123456789abcdef"},
        "event": {"id": "0123456789abcdef0123456789abcdef-order-7", "sequence": 7, "dataset": "shop.order"},
        "error": {"type": "dead_letter_queue", "message": "status: 400, mapper_parsing_exception"},
        "dead_letter": {"reason": "refused", "index": "logs-shop.order-default", "category": "order"},
        "data_stream": {"type": "logs", "dataset": "shop.dead_letter", "namespace": "default"},
    }
