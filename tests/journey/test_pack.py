"""Stage 6: one line an event, bounded; batches by number and size, under an id of their own."""

from __future__ import annotations

import json
import time

import msgpack
import pytest

from logging_pipeline.journey.collect import Collected
from logging_pipeline.journey.enforce import Origin
from logging_pipeline.journey.pack import Batch, Packer, encode
from logging_pipeline.lines import Lines
from logging_pipeline.settings import EVENT_MIN_BYTES, NAME_MAX_CHARS, Settings
from tests.journey.documents import CONTRACT, CREATED, masked


def test_an_event_is_one_line_of_json():
    """What cannot be JSON is brought into a form that can: lone surrogates, integers beyond 64 bits."""
    line = encode({"message": "two\nlines \ud800", "labels": {"huge": 1 << 70, "text": "ü"}}, 64_000)
    assert b"\n" not in line
    assert json.loads(line)["message"] == "two\nlines \\ud800"
    assert json.loads(line)["labels"]["text"] == "ü"


def test_the_longest_texts_are_cut_until_it_fits():
    """What is short stays whole, and the event says that it was cut."""
    document = masked("order.placed", order_id="A-17", **{f"long{i}": "x" * 10_000 for i in range(6)})
    line = encode(document, 20_000)
    found = json.loads(line)
    assert len(line) <= 20_000
    assert found["tags"] == ["_event_cut"]
    assert found["shop"]["order"]["id"] == "A-17"
    assert found["event"] == document["event"]
    assert {len(text) for text in found["labels"].values()} == {1_025}


def test_what_fits_in_no_way_leaves_a_note_of_itself():
    """The number was given, so something must arrive under it."""
    document = masked("order.placed", **{f"{'k' * 100}{i}": 1 for i in range(256)})
    found = json.loads(encode(document, 4_000))
    assert found["tags"] == ["_event_too_large"]
    assert found["event"]["id"] == document["event"]["id"]
    assert found["data_stream"] == document["data_stream"]


def test_the_note_fits_into_the_least_limit():
    """Whatever was logged by whomever: names of the greatest length, of characters that take the most bytes."""
    widest, name = "\U0001f980" * 128, "a" * NAME_MAX_CHARS
    settings = Settings(app=name, namespace=name, event_max_bytes=EVENT_MIN_BYTES)
    lines = Lines(settings, Origin("e" * 32, name, name, {"agent": {"ephemeral_id": "e" * 32, "version": "1.20.300"}}))
    lines.follow(CONTRACT)
    fields = {"reason": "\x00" * 5_000, **{f"{widest}{number}": 1 for number in range(300)}}
    for logger in (widest, "\x00" * 128):
        event = Collected("order", (1 << 63) - 1, time.time_ns(), 1 << 62, logger, f"{widest[1:]}.", fields, {})
        (line,) = lines.lines([event], CREATED)
        assert len(line) <= EVENT_MIN_BYTES
        found = json.loads(line)
        assert found["tags"] == ["_event_too_large"]
        assert found["event"]["id"] == f"{'e' * 32}-order-{(1 << 63) - 1}"


def test_a_long_id_is_never_cut():
    """The id is the document's own, whatever else has to go."""
    document = masked("order.placed", text="x" * 60_000)
    document["event"]["id"] = "e" * 32 + "-" + "c" * 32 + "-" + "9" * 19
    assert json.loads(encode(document, 2_000))["event"]["id"] == document["event"]["id"]


def test_a_batch_is_sealed_by_number_and_by_size():
    """Neither many small events nor a few large ones make a batch too big."""
    packer = Packer(max_events=3, max_bytes=100)
    assert packer.add("order", 1, b"{}") is None
    assert packer.add("http", 1, b"{}") is None
    batch = packer.add("order", 2, b"[]")
    assert batch is not None
    assert batch.bodies == {"order": b"{}\n[]", "http": b"{}"}
    assert batch.numbers == {"order": [1, 2], "http": [1]}
    assert len(batch) == 3
    large = packer.add("order", 3, b"x" * 99)
    assert large is not None
    assert large.id != batch.id
    assert packer.seal() is None


def test_a_batch_survives_the_disk():
    """What was written is read back the same, by msgpack and nothing that runs code."""
    batch = Batch("id", {"order": b"{}"}, {"order": [1]})
    assert Batch.from_bytes(batch.to_bytes()) == batch
    assert msgpack.unpackb(batch.to_bytes())[0] == "id"


@pytest.mark.parametrize(
    "data", [b"", b"\x93", b"not a batch", msgpack.packb([1, 2]), msgpack.packb([1, 2, 3]), b"\xc1"]
)
def test_what_is_no_batch_is_refused(data: bytes):
    """A file that was cut by a power failure, or that is something else."""
    with pytest.raises(ValueError, match="not a batch"):
        Batch.from_bytes(data)
