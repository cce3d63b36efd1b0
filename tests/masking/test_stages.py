"""Secrets and innocents through the producer's own stages, without servers: quick, and where a leak is looked into."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logging_pipeline.sensitive import MASK, cut, sql_without_values, without_secrets
from tests.journey.documents import masked, packed
from tests.masking.canaries import CLASSES, PLACES, Canary, canaries
from tests.masking.innocents import INNOCENTS, innocents

SEEDS = (7, 8, 9)


def leaks(canary: Canary) -> list[str]:
    line = packed(canary.event, canary.fields).decode()
    return [trace for trace in canary.secret.traces() if trace in line]


@pytest.mark.parametrize("place", PLACES)
def test_no_secret_leaves_its_place(place: str):
    """Of each class, with three seeds: neither whole nor in part, plain or encoded."""
    found = [
        (canary.secret.kind, trace, packed(canary.event, canary.fields)[-700:])
        for seed in SEEDS
        for canary in canaries(seed)
        if canary.place == place
        for trace in leaks(canary)
    ]
    assert not found


def test_there_are_many():
    """Two hundred and more, no two alike."""
    secrets = [canary.secret.text for canary in canaries(1)]
    assert len(secrets) == len(set(secrets)) == len(PLACES) * len(CLASSES)
    assert len(secrets) >= 200


@pytest.mark.parametrize("kind", INNOCENTS)
def test_innocents_stay(kind: str):
    """As they were, alone and inside a sentence."""
    for _, of_kind, text in innocents(3):
        if of_kind == kind:
            assert without_secrets(text) == text
            assert masked("seen", note=text, many=[text, text, text])["labels"] == {"note": text, "many": [text] * 3}
            assert without_secrets(f"seen {text}, and again: {text}") == f"seen {text}, and again: {text}"


PIECES = (
    "password", "token=", "Bearer ", "eyJ", "@", "%40", "%2B", ".", "a", "'", '"', "\\", "\\\"", "4242 ", "4", "-", "(",
    "[", "{", "<", ">", "&quot;", "://", ":", "=", " ", "\n", "key", "api_", "--", "-----BEGIN PRIVATE KEY-----", "$2",
    "pbkdf2_", "reset", "/0-", "duplicate entry '", "İ", "sess", "%25", "&", ",",
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4), st.sampled_from(PIECES))
def test_no_text_takes_long(repeated: list[str], end: str):
    """Each search is linear: ten times the text takes ten times as long, not a hundred times."""
    unit = "".join(repeated)
    assert _cpu(lambda: without_secrets(unit * (60_000 // len(unit)) + end)) < 3.0


@pytest.mark.parametrize("text", ["a" * 70_000, "4242 " * 14_000, "x," * 35_000, " " * 70_000])
def test_a_cut_takes_no_longer_than_its_last_word(text: str):
    """Nor does it leave less than a text can hold."""
    assert _cpu(lambda: cut(text, 65_536)) < 0.5
    assert len(cut(text, 65_536)) >= 64_000


def test_sql_is_told_without_its_values():
    """Whatever stands in quotes, and numbers; names of tables, columns and places stay."""
    told = sql_without_values(
        """SELECT "t1"."name" FROM "t1" WHERE "t1"."name" = 'O''Hara' AND n IN (1, -2.5) AND x = %s"""
    )
    assert told == """SELECT "t1"."name" FROM "t1" WHERE "t1"."name" = ? AND n IN (?, ?) AND x = %s"""
    assert "hunter2" not in sql_without_values("""INSERT INTO t VALUES ('a\\', 'hunter2')""")
    assert "hunter2" not in sql_without_values("""INSERT INTO t VALUES ('hunter2""")


def test_the_same_text_comes_back_where_nothing_is_hidden():
    """Nothing is copied for nothing."""
    text = "a key and a token, and nothing behind them"
    assert without_secrets(text) is text
    assert MASK not in text


def _cpu(work: Callable[[], object]) -> float:
    """Seconds of this process' CPU: another's load does not count."""
    started = time.process_time()
    work()
    return time.process_time() - started
