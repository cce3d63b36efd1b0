"""Inputs' codecs, against what the original's made of the same bytes; and what inputs add of their own."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine import load
from logging_pipeline.logstash_engine.events.timestamp import Timestamp
from logging_pipeline.logstash_engine.events.wire import encode
from logging_pipeline.logstash_engine.running.beside import fill
from logging_pipeline.logstash_engine.running.decoding import decoder
from logging_pipeline.logstash_engine.running.splitting import lines

RECORDED = [json.loads(line) for line in (Path(__file__).parent / "codecs.ndjson").read_text().splitlines()]
"""Bytes as Latin-1 and the events that Logstash 9.6's codecs made of them; ``now`` stands for the time of recording."""


def decode_with(codec: str, pipeline: dict[str, str] | None = None) -> Callable[[bytes], list[dict[str, Any]]]:
    text = f'input {{ redis {{ data_type => "list" key => "x" codec => {codec} }} }}'
    return decoder(load(text, **(pipeline or {})).inputs[0])


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: f"{case['codec']} {case['data'][:30]!a} {case['options']}")
def test_bytes_become_the_same_events(case: dict[str, Any]):
    """Of JSON and of text, of strange bytes and of none, with and without ECS, a target, a delimiter, a charset."""
    options = " ".join(f'{name} => "{value}"' for name, value in case["options"].items())
    events = [
        json.loads(encode(event))
        for event in decode_with(f"{case['codec']} {{ {options} }}")(case["data"].encode("latin-1"))
    ]
    for event, recorded in zip(events, case["events"], strict=False):
        if recorded["@timestamp"] == "now":
            assert Timestamp.parse(event["@timestamp"])
            recorded = recorded | {"@timestamp": event["@timestamp"]}
        assert event == recorded
    assert len(events) == len(case["events"])


@pytest.mark.parametrize("data", [b'{"a":1} and more', b'{"a":1}{"b":2}', b'{"a":1e400}', b'{"a":"\\ud800"}'])
def test_json_that_would_lose_something_is_kept_as_text(data: bytes):
    """Logstash reads the first value and forgets the rest; here nothing is forgotten."""
    (event,) = decode_with("json")(data)
    assert (event["message"], event["tags"]) == (data.decode(), ["_jsonparsefailure"])


def test_a_target_that_takes_no_object_costs_no_line():
    """Each line is kept as text, whichever codec reads it."""
    for codec, texts in (("json", [b'{"a":1}']), ("json_lines", [b'{"a":1}', b'{"b":2}'])):
        events = decode_with(f'{codec} {{ target => "[@timestamp]" }}')(b"\n".join(texts))
        assert [event["message"] for event in events] == [line.decode() for line in texts]
        assert all(event["tags"] == ["_jsonparsefailure"] for event in events)


def test_the_pipelines_compatibility_is_the_codecs():
    """What a codec does not say itself, the pipeline says for it."""
    (event,) = decode_with("json", {"ecs_compatibility": "disabled"})(b'{"a":1}')
    assert "event" not in event
    (event,) = decode_with("json { ecs_compatibility => v1 }", {"ecs_compatibility": "disabled"})(b'{"a":1}')
    assert event["event"] == {"original": '{"a":1}'}


@given(st.binary(max_size=60))
def test_no_bytes_are_too_strange(data: bytes):
    """Whatever arrives becomes events that can be written again."""
    for codec in ("json", "json_lines", "line", "plain", 'plain { charset => "UTF-16LE" }'):
        for event in decode_with(codec)(data):
            json.loads(encode(event))


@pytest.mark.parametrize("codec", ["plain", "json"])
def test_an_unknown_charset_is_refused(codec: str):
    """Before the first event, with its place."""
    with pytest.raises(LogstashConfigError, match="there is no charset 'UTF-9'") as refused:
        decode_with(f'{codec} {{ charset => "UTF-9" }}')
    assert refused.value.line == 1


@pytest.mark.parametrize("name", ["stdin", "tcp"])
def test_a_stream_has_codecs_of_its_own(name: str):
    """``plain`` and ``json`` read whole messages; of a stream they would get any piece."""
    port = "port => 1" if name == "tcp" else ""
    for codec, instead in (("plain", "line"), ("json", "json_lines"), ("json_lines", "json_lines")):
        (spec,) = load(f'input {{ {name} {{ {port} codec => {codec} {{ charset => "CP1252" }} }} }}').inputs
        assert spec.codec is not None
        assert (spec.codec.name, spec.codec.settings["charset"]) == (instead, "CP1252")


@given(st.lists(st.binary(max_size=8), max_size=8), st.sampled_from([b"\n", b"\r\n", b"|", b"--"]), st.integers(1, 7))
def test_a_stream_is_cut_at_its_delimiters(texts: list[bytes], delimiter: bytes, size: int):
    """However it arrives, in pieces of whatever size; the pieces together are what was sent."""
    stream = io.BytesIO(delimiter.join(texts))
    *whole, rest = stream.getvalue().split(delimiter)
    assert list(lines(lambda: stream.read(size), delimiter)) == [line + delimiter for line in whole] + [rest] * bool(
        rest
    )


def test_what_an_input_knows_fills_gaps_only():
    """A field that is there stays, and so does what stands where the field should be."""
    event: dict[str, Any] = {"host": "web1", "a": {"b": 1}}
    fill(event, ("host", "name"), "here")
    fill(event, ("a", "b"), 2)
    fill(event, ("a", "c"), 3)
    assert event == {"host": "web1", "a": {"b": 1, "c": 3}}
