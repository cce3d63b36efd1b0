"""Random events, and random queries that ask for what is in them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from logging_pipeline.contract import CORE_CATEGORIES, CORE_FIELDS, Category, Contract, Field
from logging_pipeline.kql.syntax import And, Is, Literal, Nested, Node, Not, Or, Pattern, Range

PROBE = Category(
    "kqlprobe",
    "Made for a test: a field of every type.",
    fields=(
        Field("probe.ratio", "double", "A share."),
        Field("probe.day", "date", "A day."),
        Field("probe.flag", "boolean", "A flag."),
    ),
)
CONTRACT = Contract(CORE_FIELDS, (*CORE_CATEGORIES, PROBE))

WORDS = (
    "tea",
    "Tea",
    "cup",
    "order",
    "placed",
    "can't",
    "3.5",
    "12",
    "a_b",
    "x.y",
    "foo-bar",
    "Straße",
    "日本",
    "Ünder",
    "😀",
)
KEYWORDS = (
    "GET",
    "POST",
    "get",
    "",
    "a b",
    "tea cup",
    "500",
    "true",
    "null",
    "a*b",
    "a?b",
    "a\\b",
    "(x)",
    "product/<slug>/",
    "Ü",
    "😀",
)
LONGS = (0, 1, 2, 199, 200, 404, 500, 503, -1, -500, 2**63 - 1, -(2**63), "500", 500.7, -0.5, "7.9", "1e2", "")
DOUBLES = (0.0, -0.0, 0.5, 1, 1.5, -2.25, "1.5", 1e300, 2**53 + 1, 3)
DATES = (
    "2026-11-21T10:00:00.123456789Z",
    "2026-11-21T10:00:00.123456788Z",
    "2026-11-21T10:00:00.123Z",
    "2026-11-21T10:00:00Z",
    "2026-11-21T12:00:00,5+02:00",
    "2026-11-21",
    "2026-11",
    "2025",
    1_763_719_200_000,
    "1763719200000.25",
    "1970-01-01T00:00:00Z",
    "2262-04-11T23:47:16.854775807Z",
)
MILLIS = ("2026-11-21T10:00:00.123Z", "2026-11-21", 1_763_719_200_000, "1969-12-31T23:59:59.999Z", -1, "0001-01-01")
ADDRESSES = (
    "10.0.0.0",
    "10.0.0.1",
    "10.255.255.255",
    "11.0.0.0",
    "::ffff:10.0.0.7",
    "2001:db8::1",
    "::1",
    "255.255.255.255",
)
BOOLEANS = (True, False, "true", "false", "")
LABELS = ("x", "y y", "tea", "Tea", "a*b", 5, 1.5, True, "", "q" * 1_025)

KEYWORD_FIELDS = ("http.request.method", "http.route", "event.action", "tags", "user_agent.os.name")
TEXT_FIELDS = ("message", "error.message")
LONG_FIELDS = ("http.response.status_code", "event.duration")
LABEL_KEYS = ("a", "b.c", "n")
TYPED: dict[str, tuple[tuple[str, ...], tuple[Any, ...]]] = {
    "long": (LONG_FIELDS, LONGS),
    "double": (("probe.ratio", "numeric_labels.r", "numeric_labels.s.t"), DOUBLES),
    "date_nanos": (("event.created", "event.start"), DATES),
    "date": (("probe.day",), MILLIS),
    "ip": (("client.ip",), ADDRESSES),
    "boolean": (("sla.breached", "probe.flag"), BOOLEANS),
}


def event(rnd: random.Random) -> dict[str, Any]:
    """An event that the index accepts: some fields, lists, dotted keys, null, too long, numbers as text."""
    made: dict[str, Any] = {"@timestamp": "2026-11-21T10:00:00.123456Z"}
    for name in KEYWORD_FIELDS:
        _maybe(rnd, made, name, lambda: rnd.choice((*KEYWORDS, "k" * 1_024, "k" * 1_025, "😀" * 513, 5, 2.5, True)))
    for name in TEXT_FIELDS:
        _maybe(rnd, made, name, lambda: sentence(rnd))
    for names, values in TYPED.values():
        for name in names:
            _maybe(rnd, made, name, lambda values=values: rnd.choice(values))
    for key in LABEL_KEYS:
        _maybe(rnd, made, f"labels.{key}", lambda: rnd.choice(LABELS))
    return made


def sentence(rnd: random.Random) -> str:
    """A few words, with what stands between words."""
    return "".join(
        rnd.choice(WORDS) + rnd.choice((" ", " ", ", ", ": ", "/", "-", "_", ".")) for _ in range(rnd.randint(0, 6))
    )


def _maybe(rnd: random.Random, made: dict[str, Any], name: str, value: Callable[[], Any]) -> None:
    if rnd.random() < 0.55:
        return
    chosen = rnd.choices(
        (value, lambda: [value() for _ in range(rnd.randint(0, 3))], lambda: None, lambda: [None, value()]),
        (12, 4, 1, 1),
    )[0]()
    node, path = made, name.split(".")
    if rnd.random() < 0.2:
        path = [".".join(path)]
    for part in path[:-1]:
        node = node.setdefault(part, {})
        if not isinstance(node, dict):
            return
    node.setdefault(path[-1], chosen)


def query(rnd: random.Random, depth: int = 3) -> Node:
    """A query that the contract allows."""
    kind = rnd.random()
    if depth and kind < 0.45:
        several = And if rnd.random() < 0.5 else Or
        return several(tuple(query(rnd, depth - 1) for _ in range(rnd.randint(2, 3))))
    if depth and kind < 0.6:
        return Not(query(rnd, depth - 1))
    return rnd.choice(_LEAVES)(rnd)


def _exists(rnd: random.Random) -> Node:
    typed = [name for names, _ in TYPED.values() for name in names]
    names = (*KEYWORD_FIELDS, *TEXT_FIELDS, *typed, "labels", "labels.a", "labels.b", "labels.b.c", "numeric_labels")
    return Is(_name(rnd, rnd.choice(names)), Pattern(("", "")))


def _keyword(rnd: random.Random) -> Node:
    name = _name(rnd, rnd.choice((*KEYWORD_FIELDS, "labels", "labels.a", "labels.b.c", "labels.n", "labels.never")))
    value = str(rnd.choice((*KEYWORDS, *LABELS, "k" * 1_024)))
    if rnd.random() < 0.3:
        return Range(name, rnd.choice((">", ">=", "<", "<=")), Literal(value, quoted=True))
    return Is(name, Literal(value, quoted=True))


def _pattern(rnd: random.Random) -> Node:
    value = rnd.choice([v for v in (*KEYWORDS, *WORDS, *map(str, LABELS[:6])) if v])
    cuts = sorted(rnd.randint(0, len(value)) for _ in range(rnd.choice((2, 2, 4))))
    pieces = [value[: cuts[0]], *(value[cuts[i] : cuts[i + 1]] for i in range(1, len(cuts) - 1, 2)), value[cuts[-1] :]]
    parts = (pieces[0].strip(), *(p for p in pieces[1:-1] if p), pieces[-1].strip())
    name = rnd.choice((*KEYWORD_FIELDS, *TEXT_FIELDS, "labels", None))
    return Is(_name(rnd, name) if name else None, Pattern(parts))


def _label_prefix(rnd: random.Random) -> Node:
    return Is(Literal(f"labels.{rnd.choice(LABEL_KEYS)}"), Pattern((rnd.choice(("t", "T", "y", "5", "a*")), "")))


def _text(rnd: random.Random) -> Node:
    value = sentence(rnd).strip() or "tea"
    name = rnd.choice((*TEXT_FIELDS, None))
    return Is(Literal(name) if name else None, Literal(value, quoted=rnd.random() < 0.5))


def _typed(rnd: random.Random) -> Node:
    kind = rnd.choice(tuple(TYPED))
    names, values = TYPED[kind]
    name, value = rnd.choice(names), str(rnd.choice([v for v in values if v != ""])).lower()
    if kind in ("date_nanos", "date"):
        value = rnd.choice(
            (value.upper(), "2026-11-21||/d", "2026-11-21||-1d", "2026-11-21T10:00", "now-1y/y", "1960", "2300")
        )
        value = "2026-11-21" if value == "-1" else value
    if kind == "ip" and rnd.random() < 0.3:
        return Is(Literal(name), Literal(f"{value}/{rnd.choice((0, 8, 24, 31, 32))}", quoted=True))
    if kind == "long" and rnd.random() < 0.3:
        value = rnd.choice(("199.5", "1e3", "1e30", "-1e30", "9223372036854775808"))
    if kind == "boolean" or rnd.random() < 0.4:
        return Is(_name(rnd, name), Literal(value, quoted=True))
    return Range(_name(rnd, name), rnd.choice((">", ">=", "<", "<=")), Literal(value, quoted=True))


def _bare(rnd: random.Random) -> Node:
    return Is(None, Literal(str(rnd.choice((*WORDS, *KEYWORDS[:8], "500", "1.5", "10.0.0.1", "x"))), quoted=True))


def _wide(rnd: random.Random) -> Node:
    name = rnd.choice(
        (("http.", ""), ("", ".message"), ("", ""), ("numeric_labels.", ""), ("probe.", ""), ("labels.", ""))
    )
    value = rnd.choice(("500", "1.5", "3", "tea", "GET"))
    if name[0] in ("numeric_labels.", "probe.") and not value[0].isdigit():
        value = "1.5"
    return Is(Pattern(name), Literal(value))


def _nested(rnd: random.Random) -> Node:
    inner = Is(Literal("method"), Literal(rnd.choice(("GET", "POST", "get"))))
    return Nested(Literal("http.request"), Or((inner, Is(None, Literal(rnd.choice(("GET", "tea cup")))))))


def _name(rnd: random.Random, name: str) -> Literal | Pattern:
    """The name, or one of its own that only it matches: its first letter left to a wildcard."""
    return Pattern(("", name[1:])) if rnd.random() < 0.1 and "labels" not in name else Literal(name)


_LEAVES = (
    _exists,
    _keyword,
    _keyword,
    _pattern,
    _pattern,
    _label_prefix,
    _text,
    _text,
    _typed,
    _typed,
    _typed,
    _bare,
    _wide,
    _nested,
)
