"""No configuration and no event crashes the engine, and no line stalls it."""

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine import decode, encode_with_metadata, load
from logging_pipeline.logstash_engine.events import statements
from logging_pipeline.logstash_engine.events.fields import FieldError, get, parse_reference, remove, set_field
from logging_pipeline.logstash_engine.events.template import compile_template, template_expression
from logging_pipeline.logstash_engine.events.text import java_text
from logging_pipeline.logstash_engine.events.wire import copy_value
from logging_pipeline.logstash_engine.language import parse

NAMES = [
    "a",
    "b",
    "message",
    "tags",
    "@timestamp",
    "@version",
    "[a][b]",
    "[l][0]",
    "[l][-1]",
    "[@metadata][m]",
    "[x][y][z]",
]
names = st.sampled_from(NAMES)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(
        ["10.0.0.1", "2024-03-05T06:07:08Z", '{"a": 1}', "k=v l=w", "%{a}", "1709618828", "GET /a?b=1 200"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "k"]), inner, max_size=3),
    max_leaves=6,
)
events = st.dictionaries(
    st.sampled_from(["a", "b", "l", "x", "message", "tags", "@timestamp", "@metadata", "@version", ""]),
    values,
    max_size=6,
)


def quoted(text):
    return '"' + text.replace('"', "'").replace("\\", "/") + '"'


texts = st.sampled_from(["", "x", "%{a}", "%{[a][b]}", "%{+yyyy.MM.dd}", "%{{HH:mm}}", "%{}", "%{[a}", "v-%{l}", "1,2"])
pair = st.tuples(names, texts).map(lambda both: f"{quoted(both[0])} => {quoted(both[1])}")
pairs = st.tuples(names, names).map(lambda both: f"{quoted(both[0])} => {quoted(both[1])}")
mutations = st.one_of(
    st.tuples(st.sampled_from(["add_field", "replace", "update", "coerce", "split", "join"]), pair).map(
        lambda both: f"{both[0]} => {{ {both[1]} }}"
    ),
    st.tuples(st.sampled_from(["rename", "copy", "merge"]), pairs).map(lambda both: f"{both[0]} => {{ {both[1]} }}"),
    st.tuples(
        st.sampled_from(["uppercase", "lowercase", "capitalize", "strip", "remove_field", "add_tag", "remove_tag"]),
        names,
    ).map(lambda both: f"{both[0]} => [{quoted(both[1])}]"),
    st.tuples(names, st.sampled_from(["integer", "float", "string", "boolean", "integer_eu", "float_eu"])).map(
        lambda both: f"convert => {{ {quoted(both[0])} => {both[1]} }}"
    ),
    names.map(lambda name: f'gsub => [{quoted(name)}, "[a-z]+|%", "-"]'),
)
filters = st.one_of(
    mutations.map(lambda mutation: f"mutate {{ {mutation} }}"),
    names.map(lambda name: f"json {{ source => {quoted(name)} }}"),
    names.map(lambda name: f'json {{ source => {quoted(name)} target => "p" }}'),
    names.map(lambda name: f"kv {{ source => {quoted(name)} recursive => true }}"),
    names.map(lambda name: f'grok {{ match => {{ {quoted(name)} => "%{{WORD:w}} %{{NUMBER:[n][m]:int}}" }} }}'),
    names.map(lambda name: f'dissect {{ mapping => {{ {quoted(name)} => "%{{k}} %{{+k}}" }} }}'),
    names.map(lambda name: f'date {{ match => [{quoted(name)}, "ISO8601", "UNIX", "yyyy-MM-dd HH:mm"] }}'),
    names.map(lambda name: f"split {{ field => {quoted(name)} }}"),
    names.map(lambda name: f'csv {{ source => {quoted(name)} convert => {{ "column1" => "integer" }} }}'),
    names.map(lambda name: f"urldecode {{ field => {quoted(name)} }}"),
    names.map(
        lambda name: (
            f'translate {{ source => {quoted(name)} target => "t" dictionary => {{ "x" => 1 }} fallback => "f" }}'
        )
    ),
    names.map(
        lambda name: f"fingerprint {{ source => [{quoted(name)}] concatenate_sources => true method => MURMUR3 }}"
    ),
    names.map(lambda name: f'bytes {{ source => {quoted(name)} target => "size" }}'),
    names.map(lambda name: f"syslog_pri {{ syslog_pri_field_name => {quoted(name)} }}"),
    names.map(lambda name: f"truncate {{ fields => [{quoted(name)}] length_bytes => 2 }}"),
    names.map(lambda name: f"useragent {{ source => {quoted(name)} }}"),
    st.just('prune { whitelist_names => ["^[ab]$"] blacklist_values => { "a" => "x" } }'),
    st.just('clone { clones => ["one", "two"] }'),
    st.just("drop { }"),
    st.just("de_dot { nested => true }"),
    st.just('cidr { address => ["%{a}"] network => ["10.0.0.0/8"] add_tag => ["in"] }'),
    st.just('uuid { target => "[a][b]" }'),
)
references = names.map(lambda name: name if name.startswith("[") else f"[{name}]")
literals = st.sampled_from(['"x"', '""', "5", "-1.5", '"10"'])
terms = st.one_of(
    references,
    references.map(lambda reference: f"!{reference}"),
    st.tuples(references, st.sampled_from(["==", "!=", "<", ">", "<=", ">="]), literals | references).map(" ".join),
    st.tuples(literals, st.sampled_from(["==", "<"]), references).map(" ".join),
    references.map(lambda reference: f"{reference} =~ /^[a-z]+$/"),
    references.map(lambda reference: f'{reference} not in ["x", 5, "GET"]'),
    st.tuples(references | literals, references).map(lambda both: f"{both[0]} in {both[1]}"),
)
conditions = st.recursive(
    terms,
    lambda inner: st.tuples(inner, st.sampled_from(["and", "or", "xor", "nand"]), inner).map(
        lambda three: f"(({three[0]}) {three[1]} ({three[2]}))"
    ),
    max_leaves=4,
)
blocks = st.recursive(
    st.lists(filters, max_size=3).map(" ".join),
    lambda inner: st.tuples(conditions, inner, conditions, inner, inner).map(
        lambda parts: f"if {parts[0]} {{ {parts[1]} }} else if {parts[2]} {{ {parts[3]} }} else {{ {parts[4]} }}"
    ),
    max_leaves=4,
)
quick = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(block=blocks, batch=st.lists(events, max_size=3))
def test_no_pipeline_and_no_event_crash_the_engine(block, batch):
    """Every event comes out as JSON, or is reported as vanished; none is lost without a word."""
    pipeline = load(f"filter {{ {block} }}", env={})
    count = len(batch)
    filtered = pipeline.filter(batch)
    for event in filtered.events:
        json.loads(encode_with_metadata(event))
        pipeline.route(event)
    assert all(0 <= lost.position < count for lost in filtered.dropped)
    if "clone" not in block and "split" not in block:
        assert len(filtered.events) + len(filtered.dropped) == count


@quick
@given(st.text(alphabet="abf{}[]()\"'\\#=>!~<, \n%/0.-", max_size=60) | st.text(max_size=40))
def test_no_text_crashes_the_parser(text):
    """It is a configuration, or refused with its place."""
    refused = None
    try:
        parse(f"filter {{ {text} }}")
    except LogstashConfigError as error:
        refused = error
    assert refused is None or refused.line > 0


@settings(max_examples=25, deadline=None)
@given(
    pattern=st.sampled_from(
        [
            "^(%{WORD:w} ?)+$",
            "%{DATA:a}=%{DATA:b}=%{DATA:c}=%{DATA:d}=%{DATA:e}!$",
            "(?<x>(?:[a-z]+)*)\\d$",
            "%{URI:u} %{GREEDYDATA:r}#",
            "%{COMBINEDAPACHELOG}",
            "%{GREEDYDATA:a} %{GREEDYDATA:b} %{GREEDYDATA:c} %{GREEDYDATA:d}\\z.",
        ]
    ),
    piece=st.sampled_from(["a", "word ", "=", "x=y ", 'a "b" ', '" "', "http://a/", "1.", "a.b.c.d:", "%{", "\n"]),
    times=st.integers(1, 3000),
)
def test_a_hostile_line_is_given_up_in_time(pattern, piece, times):
    """timeout_millis holds: a tenth of a second, with much room, and the event says so."""
    pipeline = load(f'filter {{ grok {{ match => {{ "message" => "{pattern}" }} timeout_millis => 100 }} }}', env={})
    began = time.process_time()
    (event,) = pipeline.filter([{"message": piece * times}]).events
    assert time.process_time() - began < 5
    assert set(event.get("tags", [])) <= {"_groktimeout", "_grokparsefailure"}


def test_a_line_that_takes_too_long_is_tagged():
    """_groktimeout, and not _grokparsefailure."""
    pipeline = load('filter { grok { match => { "m" => "(.*)1(.*)1(.*)1(.*)1(.*)2$" } timeout_millis => 50 } }', env={})
    (event,) = pipeline.filter([{"m": "1" * 600}]).events
    assert event["tags"] == ["_groktimeout"]


@pytest.mark.parametrize("depth", [200, 900])
def test_a_deep_event_comes_out_whatever_is_done_with_it(depth):
    """What a filter or a condition cannot follow to the bottom is tagged, and written as deep as it came."""
    nested = "[" * depth + "1" + "]" * depth
    pipeline = load(
        'filter { if [a] == [b] { drop { } } mutate { convert => { "a" => "string" } } clone { clones => ["c"] } }',
        env={},
    )
    filtered = pipeline.filter([decode(f'{{"a":{nested},"b":{nested[1:-1]}}}'.encode())])
    assert all(nested[1:-1].encode() in encode_with_metadata(event) for event in filtered.events)
    assert filtered.events


def test_as_many_cases_as_you_like():
    """A chain of else if is as long as it is written; blocks within blocks end where Python's do, with a clear word."""
    chain = " else ".join(f'if [n] == {number} {{ mutate {{ add_tag => ["{number}"] }} }}' for number in range(300))
    (event,) = load(f"filter {{ {chain} }}", env={}).filter([{"n": 299}]).events
    assert event["tags"] == ["299"]
    terms = " or ".join(f"[n] == {number}" for number in range(300))
    assert not load(f"filter {{ if {terms} {{ drop {{ }} }} }}", env={}).filter([{"n": 299}]).events
    for depth in (200, 5000):
        with pytest.raises(LogstashConfigError, match="too deeply"):
            load("filter { " + "if [n] { " * depth + "}" * depth + " }", env={})


@pytest.mark.parametrize("depth", [50, 2000])
def test_deep_json_is_read_or_refused(depth):
    """Nesting as deep as you like does not end the process."""
    pipeline = load('filter { json { source => "m" target => "p" } }', env={})
    (event,) = pipeline.filter([{"m": "[" * depth + "1.5" + "]" * depth}]).events
    assert ("p" in event) or event["tags"] == ["_jsonparsefailure"]


def _done(work, event):
    """What *work* makes of a copy of the event, and what it says."""
    changed = copy_value({"@metadata": {}, **event})
    try:
        work(changed)
    except FieldError as error:
        return changed, str(error)
    return changed, ""


@quick
@given(name=names, event=events)
def test_what_is_written_out_does_what_a_call_does(name, event):
    """Generated statements write, remove and read a field as the functions do that walk to it step by step."""
    path = parse_reference(name)
    write = statements.sequence([statements.write(path, template_expression("x"))])
    assert _done(write, event) == _done(lambda changed: set_field(changed, name, "x"), event)
    assert _done(statements.sequence([statements.remove(path)]), event) == _done(lambda gone: remove(gone, name), event)
    value = get(event, name)
    assert compile_template(f"%{{{name}}}")(event) == (f"%{{{name}}}" if value is None else java_text(value))
