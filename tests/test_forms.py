"""Forms: the same lines as on the general way, for what is logged again and again; bounded whatever is logged."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logging_pipeline.contract import CORE_CATEGORIES, CORE_FIELDS, Contract
from logging_pipeline.contract.plain import OMITTED, Opaque, fault
from logging_pipeline.forms import MAX_FORMS, SEEN_BEFORE
from logging_pipeline.journey.collect import Collected
from logging_pipeline.lines import Lines
from logging_pipeline.sensitive import MASK
from logging_pipeline.settings import Settings
from tests.journey.documents import CONTRACT, CREATED, HASH_KEY, ORIGIN, collected

CARD = 4242424242424242


def made(**given: Any) -> Lines:
    lines = Lines(Settings(**{"app": "shop", "hash_key": HASH_KEY, **given}), ORIGIN)
    lines.follow(CONTRACT)
    return lines


class Told(NamedTuple):
    """What became of an event: its members in one order, and what was counted for it."""

    line: bytes
    misfits: int
    masked: int


def told(lines: Lines, event: Collected) -> Told:
    misfits, masked = lines.misfits, lines.masked
    (line,) = lines.lines([event], CREATED)
    ordered = orjson.dumps(orjson.loads(line), option=orjson.OPT_SORT_KEYS)
    return Told(ordered, lines.misfits - misfits, lines.masked - masked)


def learn(lines: Lines, event: Collected) -> None:
    lines.lines([event] * (SEEN_BEFORE + 1), CREATED)


def has_form(lines: Lines, event: Collected) -> bool:
    return lines._forms.filled(event) is not None


# --- anything, on both ways ---

texts = st.text(max_size=12) | st.sampled_from([
    "", "17", "true", "GET", "/checkout/", "203.0.113.77", "::ffff:1.2.3.4", "fe80::1%eth0", "2026-01-02", "1000-01-01",
    "password=hunter2", "Bearer abcdefghijklm", str(CARD), "mail jane@example.org", "--token", "\ud800 lone", "x" * 700,
    "0123456789abcdef0123456789abcdef", "order 12345678901234 placed", "a: b", "redis://:s3cret@db/1",
])  # fmt: skip
numbers = st.integers(-100, 1_000) | st.sampled_from([CARD, -CARD, 10**13, 1 << 63, -(1 << 63), 1 << 90])
fractions = st.floats(width=32) | st.sampled_from([math.nan, math.inf, -math.inf, 5.0, float(CARD), 1e300])
plain = texts | numbers | fractions | st.booleans() | st.none()
COMMON = (texts, texts, numbers, fractions, st.booleans(), st.none())
KINDS: tuple[st.SearchStrategy[Any], ...] = (
    *(4 * COMMON),
    st.uuids(),
    st.decimals(),
    st.datetimes()
    | st.sampled_from([datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=9))), datetime(2026, 1, 2, tzinfo=UTC)]),
    st.dates(),
    st.timedeltas(),
    st.ip_addresses(v=4),
    st.ip_addresses(v=6),
    st.binary(max_size=8),
    st.just(Opaque("Basket", "token=abcdefgh")),
    st.just(fault(ValueError("no stock"))),
    st.lists(plain, max_size=4),
    st.lists(texts, max_size=20),
    st.lists(numbers | fractions, max_size=4),
    st.recursive(plain | st.lists(texts, max_size=3), lambda inner: st.dictionaries(texts, inner, max_size=3)),
)
KEYS = (
    "order_id", "shop.order.id", "total_cents", "weight_kg", "gift", "due", "skus", "user_id", "user.id", "client.ip",
    "http.request.method", "http.response.status_code", "event.outcome", "outcome", "event.duration", "event.action",
    "event.id", "tags", "labels", "labels.a", "message", "log.logger", "log.origin", "service.name", "trace.id",
    "password", "billing.email", "author", "buyer_user_id", "error.message", "note", "city", OMITTED, "a b", "a'b\"\\",
    "{x}", "x\ny", "", ".", "ü",
)  # fmt: skip
CONTEXT_KEYS = (
    "trace.id",
    "transaction.id",
    "span.id",
    "http.request.id",
    "http.route",
    "client.ip",
    "user.id",
    "log.level",
)
said = st.sampled_from(["order.placed", "auth.failed", "http.request", "cart.emptied", "stock of 17"]) | plain
limits = st.fixed_dictionaries(
    {},
    optional={
        "hash_key": st.just(""),
        "event_max_bytes": st.just(2_000),
        "text_max_chars": st.just(500),
        "value_max_items": st.just(3),
    },
)


def shapes(keys: st.SearchStrategy[str], most: int) -> st.SearchStrategy[dict[str, st.SearchStrategy[Any]]]:
    return st.dictionaries(keys, st.sampled_from(KINDS), max_size=most)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Collected, Collected]:
    """Two events under the same keys, mostly with values of the same kinds."""
    context = draw(shapes(st.sampled_from(CONTEXT_KEYS) | st.text(max_size=5), 4))
    fields = draw(shapes(st.sampled_from(KEYS) | st.text(max_size=8), 6))
    event = draw(said)
    first, second = (
        collected(
            event,
            {key: draw(kind) for key, kind in fields.items()},
            context={key: draw(kind) for key, kind in context.items()},
        )
        for _ in range(2)
    )
    return first, second


def test_a_form_gives_what_the_general_way_gives():
    """Whatever is logged: the same members, the same counts; and many events are given by a form."""
    by_form: list[bool] = []

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(pairs(), limits)
    def compare(pair: tuple[Collected, Collected], given_limits: dict[str, Any]) -> None:
        lines = made(**given_limits)
        learn(lines, pair[0])
        for event in pair:
            by_form.append(has_form(lines, event))
            assert told(lines, event) == told(made(**given_limits), event)

    compare()
    assert sum(by_form) > len(by_form) / 8


# --- what a form is for, and what not ---


def test_each_kind_of_value_has_a_form():
    """Fields, labels, numbers, nested values, who acts, from where, and what nobody said."""
    lines = made()
    context = {"trace.id": "a" * 32, "http.request.id": "r", "client.ip": "203.0.113.77", "user.id": "7"}
    fields = {
        "order_id": 17, "total_cents": 5, "weight_kg": 1.5, "gift": True, "due": date(2026, 1, 2), "skus": None,
        "http.request.method": "GET", "seller": UUID(int=5), "price": Decimal("1.10"),
        "many": {"colours": ["red", "blue"], "sizes": [1, 2.5], "one": ["x"], "deep": {"b": "c", "n": 1}, "none": {}},
    }  # fmt: skip
    event = collected("order.placed", fields, context=context)
    general = told(lines, event)
    learn(lines, event)
    assert has_form(lines, event)
    assert told(lines, event) == general
    assert general.masked == 1


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"note": "password=hunter2", "n": 1}, f"password={MASK}"),
        ({"note": "x", "n": CARD}, MASK),
        ({"note": str(CARD), "n": 1}, MASK),
        ({"note": "x" * 20_000, "n": 1}, "x" * 16_384 + "…"),
    ],
    ids=["secret", "card", "card as text", "long"],
)
def test_what_is_to_be_masked_or_cut_leaves_the_form(fields: dict[str, Any], shown: str):
    """A form that came from harmless values is not the way for these."""
    lines = made()
    learn(lines, collected("order.placed", {"note": "harmless", "n": 1}))
    (line,) = lines.lines([collected("order.placed", fields)], CREATED)
    assert shown in orjson.loads(line)["labels"].values()


@pytest.mark.parametrize(
    ("fields", "limits"),
    [
        ({"user_id": 8, "note": "x"}, {"hash_key": ""}),
        ({"note": "a", "city": "b", "weight": 1, "height": 2}, {"value_max_items": 3}),
        ({"many": ["a", "b"]}, {"value_max_items": 3}),
        ({"many": ["a", 1]}, {}),
        ({"many": ["-----BEGIN PRIVATE KEY-----", "c2VjcmV0", "-----END PRIVATE KEY-----"]}, {}),
    ],
    ids=[
        "a second user, and no key to hash either",
        "more values than there is room for",
        "a list, which may have more",
        "texts and numbers under one key",
        "a secret in pieces",
    ],
)
def test_what_depends_on_more_than_its_kind_has_no_form(fields: dict[str, Any], limits: dict[str, Any]):
    """Such an event goes the general way however often it comes."""
    event = collected("order.placed", fields, context={"user.id": "7"})
    lines = made(**limits)
    general = told(lines, event)
    learn(lines, event)
    assert not has_form(lines, event)
    assert told(lines, event) == general


def test_a_secret_does_not_touch_its_neighbours():
    """Events are searched together: the one with a secret is masked, the others are what they were."""
    lines = made()
    events = [collected("order.placed", {"note": f"note {number}"}) for number in range(SEEN_BEFORE + 4)]
    events[-2] = collected("order.placed", {"note": "password=hunter2"})
    found = [orjson.loads(line)["labels"]["note"] for line in lines.lines(events, CREATED)]
    assert found == [f"note {number}" for number in range(SEEN_BEFORE + 2)] + [f"password={MASK}", found[-1]]
    assert found[-1] == f"note {SEEN_BEFORE + 3}"
    assert lines.masked == 1


def test_another_contract_has_other_forms():
    """What a label was is a field as soon as a category declares it."""
    lines = made()
    event = collected("order.placed", {"order_id": "A-17"})
    lines.follow(Contract(CORE_FIELDS, CORE_CATEGORIES))
    learn(lines, event)
    assert has_form(lines, event)
    lines.follow(CONTRACT)
    (line,) = lines.lines([event], CREATED)
    assert orjson.loads(line)["shop"] == {"order": {"id": "A-17"}}


def test_keys_made_up_as_one_goes_cost_no_form():
    """A form is made for what comes again; what comes once leaves a bounded number of counts."""
    lines = made()
    for number in range(20 * MAX_FORMS):
        lines._forms.filled(collected("order.placed", {f"k{number}": number}))
    assert not lines._forms._forms
    assert len(lines._forms._seen) <= 8 * MAX_FORMS


def test_forms_are_bounded():
    """More shapes than there is room for are found out anew; keys that are too long have no form."""
    lines = made()
    for number in range(MAX_FORMS + 10):
        event = collected("order.placed", {f"k{number}": number})
        for _ in range(SEEN_BEFORE + 1):
            lines._forms.filled(event)
    assert 0 < len(lines._forms._forms) <= MAX_FORMS
    for fields in ({"k" * 1_000: 1}, {f"k{number}": number for number in range(200)}):
        learn(lines, collected("order.placed", fields))
        assert not has_form(lines, collected("order.placed", fields))


def test_an_event_that_no_way_can_make_is_counted_once():
    """Neighbours made before it are not counted again when each is tried alone."""
    lines = made()
    broken = collected("order.placed", {"when": datetime(2026, 1, 1, tzinfo=UTC)})._replace(fields={"when": Broken()})
    masked = collected("order.placed", {"note": "password=hunter2"})
    found = lines.lines([masked, broken], CREATED)
    assert orjson.loads(found[1])["message"] == MASK
    assert lines.masked == 2


class Broken:
    """A value that cannot be put into words, as none is that `collect` lets through."""

    def __str__(self) -> str:
        raise RuntimeError("no")
