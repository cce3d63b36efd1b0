"""Stage 4: any value has a place, and none has two."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logging_pipeline.contract.field_values import timestamp
from logging_pipeline.contract.plain import MAX_NODES, OMITTED
from tests.journey.documents import CONTRACT, CREATED, EVENT_MAX_BYTES, ORIGIN, enforced, packed, parted, travelled


def test_the_core_of_every_event():
    """Id, number, time, level, logger, dataset and origin are there, whatever is logged."""
    document = enforced("order.placed", order_id="A-17", total_cents=1999)
    assert document["event"] == {
        "id": f"{'e' * 32}-order-1",
        "sequence": 1,
        "severity": 20,
        "dataset": "shop.order",
        "action": "order.placed",
        "created": CREATED,
    }
    assert document["log"] == {"level": "info", "logger": "shop.orders"}
    assert document["data_stream"] == {"type": "logs", "dataset": "shop.order", "namespace": "default"}
    assert document["service"] == {"name": "shop-web"}
    assert document["shop"] == {"order": {"id": "A-17", "total_cents": 1999}}
    assert document["message"] == "Order A-17 placed"


def test_time_is_microseconds_in_utc():
    """ISO 8601, six digits, Z."""
    assert timestamp(1_700_000_000_123_456_789) == "2023-11-14T22:13:20.123456Z"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("total_cents", 5.0, 5),
        ("total_cents", "17", 17),
        ("weight_kg", Decimal("1.5"), 1.5),
        ("weight_kg", 2, 2),
        ("gift", True, True),
        ("order_id", 17, "17"),
        ("order_id", UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        ("skus", ["a", 5, None], ["a", "5"]),
        ("due", datetime(2026, 1, 2, 3, 4, 5), "2026-01-02T03:04:05+00:00"),  # noqa: DTZ001  # the point
        ("due", datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=2))), "2026-01-02T01:00:00+00:00"),
        ("due", date(2026, 1, 2), "2026-01-02T00:00:00+00:00"),
        ("due", "20260102", "2026-01-02T00:00:00+00:00"),
    ],
)
def test_a_value_that_can_be_its_fields_type_becomes_it(key: str, value: Any, expected: Any):
    """Values are brought into the form that the index takes, where nothing is lost by it."""
    order = enforced("order.placed", **{key: value})["shop"]["order"]
    assert list(order.values()) == [expected]


@pytest.mark.parametrize(
    ("key", "value", "label"),
    [
        ("total_cents", "many", "many"),
        ("total_cents", True, "true"),
        ("total_cents", math.nan, "nan"),
        ("total_cents", 1 << 70, str(1 << 70)),
        ("weight_kg", math.inf, "inf"),
        ("gift", "yes", "yes"),
        ("due", "tomorrow", "tomorrow"),
        ("due", datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00+00:00"),
        ("client.ip", "fe80::1%eth0", "fe80::1%eth0"),
        ("client.ip", "localhost", "localhost"),
    ],
)
def test_a_value_of_the_wrong_type_becomes_a_label_and_is_counted(key: str, value: Any, label: str):
    """The index would refuse the event; instead the value is kept as text."""
    document, misfits = parted("order.placed", {key: value})
    assert misfits == 1
    assert document["labels"] == {key: label}


def test_unknown_values_become_labels_by_kind():
    """Text goes to labels, numbers to numeric_labels, nested values under dotted keys."""
    document = enforced("order.placed", city="Bonn", weight=1.5, cart={"lines": [{"sku": "a"}, {"sku": "b"}], "n": 2})
    assert document["labels"] == {"city": "Bonn", "cart.lines.0.sku": "a", "cart.lines.1.sku": "b"}
    assert document["numeric_labels"] == {"weight": 1.5, "cart.n": 2}


@pytest.mark.parametrize("key", ["event.id", "trace.id", "@timestamp", "message", "agent.ephemeral_id", "sla.breached"])
def test_what_the_library_sets_is_not_for_callers(key: str):
    """A keyword argument with the name of a trusted or enriched field becomes a label."""
    document = enforced("order.placed", **{key: "forged"})
    assert document["labels"] == {key: "forged"}
    assert document["event"]["id"] == f"{'e' * 32}-order-1"


def test_labels_given_as_a_dict_are_labels():
    """``labels={"a": 1}`` is spread over both kinds, not stored as it came."""
    document = enforced("order.placed", labels={"a": "x", "b": 1, "c": {"d": "y"}})
    assert document["labels"] == {"a": "x", "c.d": "y"}
    assert document["numeric_labels"] == {"b": 1}


def test_the_exception_is_the_events_error_whatever_comes_first():
    """Fields of the same name beside it become labels."""
    try:
        raise ValueError("no stock")
    except ValueError as error:
        document = enforced("order.placed", **{"error.message": "mine", "exc_info": error})
    assert document["error"]["type"] == "ValueError"
    assert document["error"]["message"] == "no stock"
    assert (
        'in test_the_exception_is_the_events_error_whatever_comes_first\n    raise ValueError("no stock")'
        in (document["error"]["stack_trace"])
    )
    assert document["labels"] == {"error.message": "mine"}


def fail(message: str) -> BaseException:
    try:
        raise ValueError(message)
    except ValueError as error:
        return error


def raised() -> BaseException:
    try:
        raise ValueError("0")
    except ValueError as error:
        return error


def test_the_same_fault_has_the_same_key():
    """Grouping looks at the type and the place, not at the message."""
    keys = {enforced("order.placed", exc_info=fail(str(n)))["error"]["grouping_key"] for n in range(3)}
    assert len(keys) == 1
    elsewhere = raised()
    assert enforced("order.placed", exc_info=elsewhere)["error"]["grouping_key"] not in keys


def test_who_acts_and_whom_it_is_about():
    """The user of the context acts; another one, given by the call, stays apart; the same one is not said twice."""
    acting = {"user.id": "7"}
    assert enforced("order.placed", acting, user_id=8)["user"] == {"id": "7"}
    assert enforced("order.placed", acting, user_id=8)["labels"] == {"user_id": "8"}
    assert "labels" not in enforced("order.placed", acting, user_id=7)
    assert enforced("order.placed", user_id=9)["user"] == {"id": "9"}
    assert "user" not in enforced("order.placed", user_id=None)


def test_beyond_the_limit_values_are_counted():
    """256 further values are kept, the rest is a number in the event."""
    document = enforced("order.placed", **{f"k{i}": i for i in range(2_000)})
    assert len(document["numeric_labels"]) == 256 + 1
    assert document["numeric_labels"][OMITTED] == 2_000 - 256


def test_values_omitted_already_in_the_caller_are_in_the_same_count():
    """What `collect` cut and what `enforce` cut adds up."""
    document = enforced("order.placed", many=list(range(MAX_NODES + 500)))
    assert len(document["numeric_labels"]["many"]) == 256
    assert document["numeric_labels"][OMITTED] == MAX_NODES + 500 - 256


def test_the_shared_origin_is_never_changed():
    """What is the same in every event of a process is one object in all of them."""
    before = json.dumps(ORIGIN.static)
    enforced("order.placed", **{"service.name": "x", "agent.x": 1, "agent": "y", "service": {"a": 1}})
    assert json.dumps(ORIGIN.static) == before


# --- anything ---

scalars = (
    st.text(max_size=40)
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.booleans()
)
odd = (
    st.just(math.nan)
    | st.just(-math.inf)
    | st.integers(min_value=1 << 63, max_value=1 << 90)
    | st.binary(max_size=40)
    | st.datetimes()
    | st.decimals()
    | st.complex_numbers()
    | st.just("\ud800 lone")
    | st.builds(object)
    | st.builds(lambda: type("Mute", (), {"__repr__": lambda self: 1 / 0})())
    | st.builds(lambda: (lambda loop: loop.append(loop) or loop)([]))
)
keys = st.text(max_size=20) | st.integers() | st.none() | st.binary(max_size=5) | st.tuples(st.integers())
anything = st.recursive(
    scalars | odd, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(anything, st.dictionaries(keys | st.sampled_from(sorted(CONTRACT.aliases["order"])), anything, max_size=8))
def test_anything_becomes_a_bounded_valid_event(event, fields):
    """Whatever code logs comes out as one line of strict JSON within the limit, under its own id."""
    line = packed(event, fields)
    assert len(line) <= EVENT_MAX_BYTES
    assert b"\n" not in line
    document = json.loads(line, parse_constant=lambda constant: pytest.fail(f"{constant} is no JSON"))
    assert document["event"]["sequence"] == 1
    assert document["message"] is not None


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in leaves(inner)]
    return [leaf for inner in value for leaf in leaves(inner)] if isinstance(value, list) else [value]


nested = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=5), max_leaves=40
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(keys, nested, max_size=8))
def test_every_scalar_within_the_limits_is_found_again(fields):
    """No value is lost between the call and the document, however it is nested and named."""
    document = enforced("order.placed", all=fields)
    expected = [{True: "true", False: "false"}[leaf] if type(leaf) is bool else leaf for leaf in leaves(fields)]
    found = leaves([document.get("labels", {}), document.get("numeric_labels", {})])
    assert sorted(map(repr, found)) == sorted(map(repr, expected))


@pytest.mark.parametrize(
    "fields",
    [
        {f"key {i}": "x" * 1_000 for i in range(10_000)},
        {"x": "y" * 10_000_000},
        {"x": [["z" * 1_000] * 100] * 100},
        {"k" * 10_000_000: 1},
        {i: {i: i} for i in range(10_000)},
    ],
    ids=["10,000 keys", "10 MB of text", "10 MB of lists", "10 MB of key", "10,000 keys that are numbers"],
)
def test_an_enormous_event_is_cut_to_its_limit(fields):
    """10,000 keys or 10 MB: the event still arrives, marked, under its own id."""
    document = travelled("order.placed", fields)
    assert len(packed("order.placed", fields)) <= EVENT_MAX_BYTES
    assert document["event"]["id"] == f"{'e' * 32}-order-1"
