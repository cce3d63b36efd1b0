"""
Secrets through the whole real pipeline: then nothing that it holds, wrote or said has one of them in it.

A Django process and a Celery worker log 360 and more canaries, by structlog, `logging`, requests, SQL and tasks; their
events go through the spool, Celery, the log worker, Redis and the consumer into Elasticsearch, or are refused there.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from logging_pipeline.sensitive import MASK
from tests.masking.canaries import CLASSES, canaries
from tests.masking.evidence import Evidence, collect
from tests.masking.innocents import innocents
from tests.servers import ElasticsearchServer

pytestmark = pytest.mark.stack

SEED = 4_242
PLACES = (
    "every index", "dead letters", "every Redis database", "append-only file", "Celery's messages", "channel", "spool",
    "state folder", "output of shop", "output of shop-worker", "output of logs-worker", "output of consumer",
    "output of console",
)  # fmt: skip
SPEAK_OF_THEMSELVES = {"output of logs-worker", "output of shop-worker"}
MAY_BE_EMPTY = {"every Redis database", "state folder", "output of shop", "output of consumer"}


@pytest.fixture(scope="module")
def evidence(elasticsearch_process: ElasticsearchServer) -> Iterator[Evidence]:
    """What one whole run left behind."""
    folder = Path(tempfile.mkdtemp(prefix="logpipe-masking-"))
    yield collect(folder, elasticsearch_process, f"masking_{folder.name[-6:].lower()}", SEED)
    shutil.rmtree(folder)


@pytest.mark.parametrize("place", PLACES)
def test_no_secret_is_found(evidence: Evidence, place: str):
    """Neither plain nor encoded, neither whole nor in part."""
    content = evidence.places[place]
    found = [
        f"{canary.secret.kind} ({canary.place}): {trace}"
        for canary in canaries(SEED)
        for trace in canary.secret.traces()
        if trace.encode() in content
    ]
    assert not found


@pytest.mark.parametrize("place", sorted(set(PLACES) - MAY_BE_EMPTY))
def test_there_was_something_to_find(evidence: Evidence, place: str):
    """Every leg was taken: where masked secrets should be, there are masks."""
    content = evidence.places[place]
    assert content
    assert MASK.encode() in content or place in SPEAK_OF_THEMSELVES


def test_every_canary_arrived(evidence: Evidence):
    """Nothing is clean because it was lost: each is an event in an index, and a dead letter, with its mark."""
    arrived = Counter(label for label in (d.get("labels", {}).get("canary") for d in evidence.documents) if label)
    letters = evidence.places["dead letters"]
    for canary in canaries(SEED):
        assert arrived[str(canary.number)] >= 2, canary
        assert f'\\"canary\\":\\"{canary.number}\\"'.encode() in letters, canary


def test_every_way_was_taken(evidence: Evidence):
    """Requests, SQL, tasks and messages that nobody knows were logged, each once for every class."""
    messages = Counter(
        (document["log"]["logger"].split(".")[0], document["message"].split(" ")[0].split(".")[0])
        for document in evidence.documents
        if "logger" in document.get("log", {})
    )
    ways = {
        "requests": ("logging_pipeline", "POST"),
        "SQL": ("django", "INSERT"),
        "tasks": ("logging_pipeline", "tests"),
        "unknown messages": ("celery", "Received"),
    }
    assert {way: messages[key] >= len(CLASSES) for way, key in ways.items()} == dict.fromkeys(ways, True), messages


def test_innocents_survive(evidence: Evidence):
    """Five hundred and more texts that look a little like secrets are stored as they were logged."""
    changed = []
    for number, kind, text in innocents(SEED + 1):
        (document,) = evidence.of(innocent=str(number))
        labels = document["labels"]
        if (labels["note"], labels["many"], labels["inside.deep"], document["message"]) != (
            text,
            [text, text, text],
            text,
            f"seen {text} here",
        ):
            changed.append((kind, text, labels, document["message"]))
    assert not changed
    assert number >= 500
