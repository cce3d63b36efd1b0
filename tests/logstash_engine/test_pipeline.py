"""A pipeline as its callers use it: what comes out, what vanished and why, where events go, what was counted."""

import os

import pytest

from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine import encode, load, load_pipelines

MOMENT = "2024-03-05T06:07:08.009Z"


def test_says_which_events_vanished_and_why():
    """A dropped event is reported with its position, the reason and the place."""
    pipeline = load("filter {\n  if [n] > 5 { drop { } }\n}", env={})
    filtered = pipeline.filter([{"n": 9}, {"n": 1}, {"m": 1}, {"n": "x"}])
    assert [event["n"] for event in filtered.events] == [1]
    assert [(lost.position, lost.reason) for lost in filtered.dropped] == [
        (2, "cannot order a missing field against 5"),
        (3, "cannot order 'x' against 5"),
        (0, "drop"),
    ]
    assert str(filtered.dropped[2].place) == "<config>:2:16"


@pytest.mark.parametrize(
    "written", ['fingerprint { source => ["[a][b"] }', 'useragent { source => "a" target => "[a][b" }']
)
def test_refuses_a_field_whose_brackets_do_not_match(written):
    """With the place of the filter, whichever option of it names the field."""
    with pytest.raises(LogstashConfigError, match=r"<config>:2:3: invalid field reference '\[a\]\[b"):
        load(f"filter {{\n  {written}\n}}", env={})


def test_the_cases_of_an_if_do_not_see_what_another_did():
    """An event goes to the first case that held before any body ran; what they ask for together is read once."""
    cases = [f'if [n] < {limit} {{ mutate {{ replace => {{ "n" => "{limit - 1}" }} }} }}' for limit in (2, 5)]
    pipeline = load(f'filter {{ {" else ".join(cases)} else {{ mutate {{ add_tag => ["rest"] }} }} }}', env={})
    events = pipeline.filter([{"n": 1}, {"n": 3}, {"n": 7}, {"n": "x"}])
    assert [(event["n"], event.get("tags")) for event in events.events] == [("1", None), ("4", None), (7, ["rest"])]
    assert [lost.position for lost in events.dropped] == [3]
    assert [metrics.events_in for metrics in pipeline.metrics] == [1, 1, 1]


def test_says_so_when_a_split_leaves_nothing():
    """An empty list makes the event vanish, as in Logstash, and is reported."""
    filtered = load('filter { split { field => "l" } }', env={}).filter([{"l": []}, {"l": [1, 2]}])
    assert [event["l"] for event in filtered.events] == [1, 2]
    assert [(lost.position, lost.reason, lost.event["l"]) for lost in filtered.dropped] == [(0, "split of nothing", [])]


def test_keeps_the_order_of_events_through_branches():
    """Without a filter that multiplies, events leave in the order in which they came."""
    pipeline = load('filter { if [n] == 2 { mutate { add_tag => ["two"] } } else if [n] == 4 { drop { } } }', env={})
    filtered = pipeline.filter([{"n": number} for number in range(6)])
    assert [event["n"] for event in filtered.events] == [0, 1, 2, 3, 5]


def test_routes_to_the_outputs_that_want_an_event():
    """Conditions around outputs decide; options are resolved for the event."""
    pipeline = load(
        """output {
          if [kind] == "a" { stdout { } } else if [kind] == "b" { file { path => "/var/log/%{kind}.log" } }
          redis { data_type => "list" key => "k-%{kind}" }
        }""",
        env={},
    )
    events = pipeline.filter([{"kind": "a"}, {"kind": "b"}, {"other": 1}]).events
    assert [pipeline.route(event) for event in events] == [[0, 2], [1, 2], [2]]
    assert pipeline.outputs[1].resolve("path", events[1]) == "/var/log/b.log"
    assert pipeline.outputs[2].resolve("key", events[2]) == "k-%{kind}"
    assert [output.codec.name for output in pipeline.outputs] == ["rubydebug", "json_lines", "json"]


def test_a_route_that_cannot_be_decided_is_counted():
    """A comparison with a missing field takes its branch out, and nothing else."""
    pipeline = load("output { if [n] > 5 { stdout { } } redis { data_type => channel key => k1 } }", env={})
    assert pipeline.route(pipeline.filter([{}]).events[0]) == [1]
    assert pipeline.route_errors == 1


def test_counts_what_every_plugin_does():
    """Events in and out, failures and time, for each filter."""
    pipeline = load('filter { json { source => "m" id => "parse" } if [a] { drop { } } }', env={})
    pipeline.filter([{"m": '{"a":1}'}, {"m": "{"}, {"x": 1}])
    parse, drop = pipeline.metrics
    assert (parse.id, parse.events_in, parse.events_out, parse.failures) == ("parse", 3, 3, 1)
    assert (drop.name, drop.events_in, drop.events_out) == ("drop", 1, 0)
    assert parse.duration_ns > 0


def test_an_event_that_would_stop_logstash_is_tagged_and_goes_on():
    """A value pattern of prune that meets a number ends a real pipeline; here the event says so and stays."""
    pipeline = load('filter { prune { whitelist_values => { "n" => "^5" } } }', env={})
    event = pipeline.filter([{"@timestamp": MOMENT, "n": 5}]).events[0]
    assert event["tags"] == ["_filter_error"]
    assert event["n"] == 5
    assert pipeline.metrics[0].last_error.startswith("TypeError")


def test_metadata_is_not_written():
    """@metadata serves the pipeline and stays out of what leaves it."""
    pipeline = load('filter { mutate { add_field => { "[@metadata][a]" => "1" } } }', env={})
    event = pipeline.filter([{"@timestamp": MOMENT, "m": 1}]).events[0]
    assert event["@metadata"] == {"a": "1"}
    assert encode(event) == b'{"@timestamp":"2024-03-05T06:07:08.009Z","m":1,"@version":"1"}'


def test_a_folder_is_one_pipeline(tmp_path):
    """Files are joined in the order of their names, and an error names the file."""
    (tmp_path / "20.conf").write_text('filter { mutate { add_field => { "b" => "%{a}" } } }')
    (tmp_path / "10.conf").write_text('filter { mutate { add_field => { "a" => "1" } } }')
    assert load(tmp_path, env={}).filter([{}]).events[0]["b"] == "1"
    (tmp_path / "30.conf").write_text("filter {\n nope { } }")
    with pytest.raises(LogstashConfigError, match=r"30\.conf:2:2"):
        load(tmp_path, env={})


def test_pipelines_yml_names_the_pipelines(tmp_path):
    """Ids, paths relative to the file, and workers are read; what is unknown is refused."""
    (tmp_path / "a.conf").write_text("filter { drop { } }")
    listing = tmp_path / "pipelines.yml"
    listing.write_text(
        "- pipeline.id: one\n  path.config: '*.conf'\n  pipeline.workers: 1\n  pipeline.batch.size: 10\n"
        "- pipeline.id: two\n  config.string: 'filter { }'\n  pipeline.batch.delay: 5\n"
    )
    one, two = load_pipelines(listing, env={})
    assert (one.name, one.workers) == ("one", 1)
    assert (two.name, two.workers) == ("two", min(2, os.cpu_count() or 1))
    listing.write_text("- pipeline.id: one\n  pipeline.wokers: 3\n  config.string: 'filter { }'\n")
    with pytest.raises(LogstashConfigError, match=r"did you mean 'pipeline\.workers'"):
        load_pipelines(listing, env={})
    listing.write_text(
        "- pipeline.id: x\n  config.string: 'filter { }'\n- pipeline.id: x\n  config.string: 'filter { }'\n"
    )
    with pytest.raises(LogstashConfigError, match="two pipelines have the id 'x'"):
        load_pipelines(listing, env={})
