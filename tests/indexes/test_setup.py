"""Set-up, retention and the users' rights, on a real Elasticsearch."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import pytest
import yaml
from elasticsearch import ApiError, Elasticsearch

from logging_pipeline.contract import CORE_CATEGORIES, CORE_FIELDS, Category, Contract, Field
from logging_pipeline.errors import ConfigurationError, StoreUnavailable
from logging_pipeline.indexes import Store, all_streams, apply_retention, drift, is_set_up, roles, setup
from logging_pipeline.settings import Settings

pytestmark = pytest.mark.stack

DAY_S = 86_400


def category(name: str, *fields: Field, retention_days: int = 30) -> Category:
    return Category(name, "Made for a test.", fields=fields, retention_days=retention_days)


def contract(own: Category) -> Contract:
    return Contract(CORE_FIELDS, (*CORE_CATEGORIES, own))


@pytest.fixture
def settings() -> Settings:
    return Settings(app="shop", namespace=f"t{uuid4().hex[:12]}")


@pytest.fixture
def name() -> str:
    """A category that no other test has."""
    return f"t{uuid4().hex[:12]}"


@pytest.fixture
def admin(elasticsearch_server: Any) -> Elasticsearch:
    return elasticsearch_server.client("logpipe_setup")


@pytest.fixture
def reader(elasticsearch_server: Any) -> Elasticsearch:
    return elasticsearch_server.client("logpipe_reader")


@pytest.fixture
def store(elasticsearch_server: Any) -> Store:
    return Store(elasticsearch_server.client("logpipe_writer"))


def put(store: Store, stream: str, event_id: str, body: str) -> int:
    (item,) = store.bulk(f'{{"create":{{"_index":"{stream}","_id":"{event_id}"}}}}\n{body}\n'.encode())
    return int(item["status"])


def did(report: Any, kind: str, name: str) -> str:
    return next(step.did for step in report.steps if (step.kind, step.name) == (kind, name))


def test_makes_every_stream_and_leaves_it_empty(admin, reader, store, settings, name):
    """After set-up every category can be written to and read, and nothing is in it."""
    own = contract(category(name))
    assert not is_set_up(admin, settings, own)

    report = setup(admin, settings, own)

    streams = all_streams(settings, own)
    assert all(did(report, "stream", stream) == "created" for stream in streams.values())
    assert did(report, "template", f"logs-shop.{name}") == "created"
    assert is_set_up(admin, settings, own)
    assert drift(reader, settings, own) == {}
    for stream in streams.values():
        assert reader.count(index=stream)["count"] == 0
        assert put(store, stream, "1", '{"@timestamp":"2026-01-01T00:00:00.123456Z"}') == 201


def test_can_be_run_again(admin, settings, name):
    """A second run finds everything as it should be and changes nothing."""
    setup(admin, settings, contract(category(name)))

    report = setup(admin, settings, contract(category(name)))

    assert report.changed == ()
    assert len(report.steps) == 2 * (len(CORE_CATEGORIES) + 3)


def test_rolls_over_the_stream_whose_mapping_changed_and_no_other(admin, reader, store, settings, name):
    """A new field is searchable in what is written from then on; what was there stays; `drift` saw it coming."""
    before = contract(category(name))
    setup(admin, settings, before)
    stream = all_streams(settings, before)[name]
    put(store, stream, "1", '{"@timestamp":"2026-01-01T00:00:00Z","shop":{"colour":"red"}}')
    after = contract(category(name, Field("shop.colour", "keyword", "Its colour.")))
    assert drift(reader, settings, after) == {stream: "mapping differs"}

    report = setup(admin, settings, after)

    assert [(step.name, step.did) for step in report.changed] == [
        (f"logs-shop.{name}", "updated"),
        (stream, "rolled over"),
    ]
    assert drift(reader, settings, after) == {}
    put(store, stream, "2", '{"@timestamp":"2026-01-01T00:00:00Z","shop":{"colour":"red"}}')
    admin.indices.refresh(index=stream)
    red = reader.search(index=stream, query={"term": {"shop.colour": "red"}})
    assert [hit["_id"] for hit in red["hits"]["hits"]] == ["2"]
    assert reader.count(index=stream)["count"] == 2


def test_a_changed_retention_needs_no_new_index(admin, settings, name):
    """Only the template carries how long events are kept."""
    setup(admin, settings, contract(category(name, retention_days=30)))

    report = setup(admin, settings, contract(category(name, retention_days=60)))

    assert [(step.kind, step.did) for step in report.changed] == [("template", "updated")]


def test_unknown_fields_stay_in_the_event_and_out_of_the_mapping(admin, reader, store, settings, name):
    """Labels are searchable by key, numeric labels as numbers, and a field nobody declared is kept and not indexed."""
    own = contract(category(name))
    setup(admin, settings, own)
    stream = all_streams(settings, own)[name]
    body = (
        '{"@timestamp":"2026-01-01T00:00:00Z","labels":{"colour.of.it":"red"},'
        '"numeric_labels":{"weight.kg":1.5,"count":3},"nobody":{"declared":"this"},"message":"%s"}'
    )
    assert put(store, stream, "1", body % ("word " * 50_000)) == 201

    admin.indices.refresh(index=stream)
    for query in (
        {"term": {"labels.colour.of.it": "red"}},
        {"range": {"numeric_labels.weight.kg": {"gt": 1.4, "lt": 1.6}}},
        {"range": {"numeric_labels.count": {"gte": 3}}},
        {"match": {"message": "word"}},
    ):
        assert reader.search(index=stream, query=query)["hits"]["total"]["value"] == 1, query
    found = reader.search(index=stream, query={"term": {"nobody.declared": "this"}})
    assert found["hits"]["total"]["value"] == 0
    assert reader.search(index=stream)["hits"]["hits"][0]["_source"]["nobody"] == {"declared": "this"}


def test_a_thousand_numeric_labels_do_not_refuse_an_event(admin, store, settings, name):
    """Beyond the limit of fields, numbers stay in the event and are no longer indexed."""
    own = contract(category(name))
    setup(admin, settings, own)
    numbers = ",".join(f'"n{n}":{n}' for n in range(1_200))
    body = f'{{"@timestamp":"2026-01-01T00:00:00Z","numeric_labels":{{{numbers}}}}}'

    assert put(store, all_streams(settings, own)[name], "1", body) == 201


def test_retention_deletes_what_has_expired_and_nothing_younger(admin, reader, store, settings, name):
    """An index goes when the last event it can hold is older than its category is kept; the write index never does."""
    own = contract(category(name, retention_days=10))
    setup(admin, settings, own)
    stream = all_streams(settings, own)[name]
    put(store, stream, "1", '{"@timestamp":"2026-01-01T00:00:00Z"}')
    old = admin.indices.rollover(alias=stream)["old_index"]
    put(store, stream, "2", '{"@timestamp":"2026-01-01T00:00:00Z"}')
    now = time.time()

    assert apply_retention(admin, settings, own, now_s=now + 9.9 * DAY_S).deleted == ()
    assert apply_retention(admin, settings, own, now_s=now + 10.1 * DAY_S).deleted == (old,)
    assert apply_retention(admin, settings, own, now_s=now + 1_000 * DAY_S).deleted == ()

    admin.indices.refresh(index=stream)
    assert [hit["_id"] for hit in reader.search(index=stream)["hits"]["hits"]] == ["2"]


def test_retention_does_not_roll_over_what_is_young(admin, store, settings, name):
    """A stream that was made today keeps its write index."""
    own = contract(category(name, retention_days=1))
    setup(admin, settings, own)
    put(store, all_streams(settings, own)[name], "1", '{"@timestamp":"2026-01-01T00:00:00Z"}')

    assert apply_retention(admin, settings, own).rolled_over == ()


def test_an_ordinary_index_in_the_way_is_named(elasticsearch_server, admin, settings, name):
    """Where something wrote before set-up, set-up says so and what to do, instead of writing into it."""
    stream = f"logs-shop.{name}-{settings.namespace}"
    admin.indices.create(index=stream)
    try:
        with pytest.raises(StoreUnavailable, match=f"{stream}: an ordinary index"):
            setup(admin, settings, contract(category(name)))
    finally:
        admin.indices.delete(index=stream)


def test_wrong_credentials_are_named(elasticsearch_server, settings, name):
    """A wrong password is told by the settings' names, and does not show."""
    stranger = Elasticsearch(elasticsearch_server.url, basic_auth=("logpipe_setup", "wrong-word"))

    with pytest.raises(ConfigurationError, match="LOGPIPE_ELASTICSEARCH_PASSWORD") as raised:
        setup(stranger, settings, contract(category(name)))
    assert "wrong-word" not in str(raised.value)


def test_a_user_without_the_rights_is_told_which(reader, settings, name):
    """Set-up with the wrong user names the missing right."""
    with pytest.raises(StoreUnavailable, match=r"403.*roles\.py"):
        setup(reader, settings, contract(category(name)))


def test_an_address_where_nothing_answers(unused_tcp_port, settings, name):
    """No answer is told with the address and the setting that holds it."""
    nobody = Elasticsearch(f"http://127.0.0.1:{unused_tcp_port}", max_retries=0)

    with pytest.raises(StoreUnavailable, match=f"127.0.0.1:{unused_tcp_port}.*LOGPIPE_ELASTICSEARCH_URL"):
        setup(nobody, settings, contract(category(name)))


def _refused(request: Any) -> bool:
    try:
        answer = request()
    except ApiError as error:
        return error.status_code == 403
    items = answer.get("items", [])
    return bool(items) and all(next(iter(item.values()))["status"] == 403 for item in items)


def test_each_user_may_do_no_more_than_its_work(elasticsearch_server, admin, settings, name):
    """The writer cannot search, change, delete, or make indices; the reader cannot write; set-up reads no event."""
    own = contract(category(name))
    setup(admin, settings, own)
    stream = all_streams(settings, own)[name]
    reader, writer = (elasticsearch_server.client(user) for user in ("logpipe_reader", "logpipe_writer"))
    create = [{"create": {"_id": "1"}}, {"@timestamp": "2026-01-01T00:00:00Z"}]
    made = writer.bulk(index=stream, operations=create)
    assert made["errors"] is False
    index = made["items"][0]["create"]["_index"]
    overwrite = [{"index": {"_id": "1", "if_seq_no": 0, "if_primary_term": 1}}, {"@timestamp": "2026-01-02T00:00:00Z"}]

    forbidden = {
        "writer searches": lambda: writer.search(index=stream),
        "writer counts": lambda: writer.count(index=stream),
        "writer overwrites": lambda: writer.bulk(index=index, operations=overwrite),
        "writer updates": lambda: writer.bulk(index=index, operations=[{"update": {"_id": "1"}}, {"doc": {"a": 1}}]),
        "writer deletes": lambda: writer.bulk(index=index, operations=[{"delete": {"_id": "1"}}]),
        "writer makes a stream": lambda: writer.bulk(index=f"logs-shop.{name}-new", operations=create),
        "writer writes elsewhere": lambda: writer.bulk(index="logs-other.http-default", operations=create),
        "writer drops an index": lambda: writer.indices.delete(index=index),
        "writer changes a mapping": lambda: writer.indices.put_mapping(
            index=stream, properties={"a": {"type": "long"}}
        ),
        "writer changes a template": lambda: writer.indices.put_index_template(name="x", index_patterns=["x-*"]),
        "reader writes": lambda: reader.bulk(index=stream, operations=create),
        "reader drops an index": lambda: reader.indices.delete(index=index),
        "reader rolls over": lambda: reader.indices.rollover(alias=stream),
        "setup searches": lambda: admin.search(index=stream),
        "setup fetches": lambda: admin.get(index=index, id="1"),
        "setup overwrites": lambda: admin.bulk(index=index, operations=overwrite),
        "setup drops others' indices": lambda: admin.indices.delete(index="other"),
    }
    assert [what for what, request in forbidden.items() if not _refused(request)] == []


def test_roles_are_written_without_aliases():
    """Elasticsearch's reader of roles.yml takes a YAML alias for nothing, so none may come of dumping the roles."""
    text = yaml.safe_dump(roles("shop"))

    assert "&" not in text
    assert "*id" not in text
