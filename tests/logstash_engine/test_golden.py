"""The engine gives the events that a real Logstash 9.6 gave, case by case."""

import json
from pathlib import Path

import pytest

from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine import decode, encode_with_metadata, load

GOLDEN = Path(__file__).parent / "golden"
INVALID = Path(__file__).parent / "invalid"
USES_RUBY = {"ruby--get-set", "shop--nginx-request-time", "shop--order-events"}

# What a message has to name so that it helps, besides the place.
NAMED = {
    "and-of-a-literal": "not a literal",
    "bareword-single-letter": "bareword",
    "convert-unknown-type": "'int'",
    "date-empty-pattern": "empty",
    "env-without-default": "GOLD_UNSET_NODEFAULT",
    "fingerprint-key-number": "'key'",
    "grok-bad-regex": "parenthesis",
    "grok-unknown-pattern": "NOSUCHPATTERN",
    "hash-commas": "commas",
    "id-given-twice": "'tidy'",
    "kv-trim-unescaped-bracket": "trim_value",
    "missing-required-option": "'source'",
    "precedence-nand": "nand",
    "quoted-plugin-name": "quotes",
    "regex-bad": "regular expression",
    "regex-group-name": "<1st>",
    "regex-numbered-reference": "numbered",
    "single-equals": "==",
    "string-ending-in-backslash": "found",
    "unknown-option": "'add_tag'",
    "xor-chain-or": "xor",
}


@pytest.mark.parametrize("case", sorted(path.name for path in GOLDEN.iterdir() if path.name not in USES_RUBY))
def test_gives_the_events_of_a_real_logstash(case):
    """A recorded case comes out event by event as the real one wrote it, in its order."""
    configuration = (GOLDEN / case / "pipeline.conf").read_text()
    ecs = "disabled" if "# ecs: disabled" in configuration else "v8"
    pipeline = load(GOLDEN / case / "pipeline.conf", env={}, ecs_compatibility=ecs)
    events = [decode(line) for line in (GOLDEN / case / "input.ndjson").read_bytes().splitlines()]
    got = [json.loads(encode_with_metadata(event)) for event in pipeline.filter(events).events]
    assert got == [json.loads(line) for line in (GOLDEN / case / "expected.ndjson").read_text().splitlines()]


@pytest.mark.parametrize("case", sorted(USES_RUBY))
def test_refuses_ruby_and_names_what_does_the_same(case):
    """A configuration with Ruby in it is refused, not run without it."""
    with pytest.raises(LogstashConfigError, match="mutate, translate"):
        load(GOLDEN / case / "pipeline.conf", env={})


@pytest.mark.parametrize("case", sorted(path.name for path in INVALID.iterdir()))
def test_refuses_what_a_real_logstash_refuses(case):
    """An invalid configuration is refused with its place and the thing that is wrong."""
    with pytest.raises(LogstashConfigError) as refused:
        load(INVALID / case / "pipeline.conf", env={})
    assert NAMED[case] in str(refused.value)
    assert refused.value.line > 0
    assert refused.value.column > 0
