"""Filters, beyond what the recorded cases show of them."""

import json
import os
import re
import time
from uuid import UUID

import pytest

from logging_pipeline.logstash_engine import encode_with_metadata, load
from logging_pipeline.logstash_engine.grok_patterns import expand, stock_patterns
from logging_pipeline.logstash_engine.regexes import compile_regex
from tests.logstash_engine.geo_database import geo_database

MOMENT = "2024-03-05T06:07:08.009Z"


def run(configuration, *events, ecs="v8", folder=None):
    """What one filter block makes of events, as JSON has it, without what every event has."""
    if folder is not None:
        file = folder / "pipeline.conf"
        file.write_text(f"filter {{ {configuration} }}")
        pipeline = load(file, env={}, ecs_compatibility=ecs)
    else:
        pipeline = load(f"filter {{ {configuration} }}", env={}, ecs_compatibility=ecs)
    results = pipeline.filter([{"@timestamp": MOMENT, **event} for event in events]).events
    documents = [json.loads(encode_with_metadata(event)) for event in results]
    return [{key: value for key, value in one.items() if key not in ("@timestamp", "@version")} for one in documents]


class TestCsv:
    """csv"""

    def test_names_columns(self):
        """Columns beyond the names are numbered, missing ones absent, empty ones null."""
        assert run('csv { columns => ["a", "b"] }', {"message": "1,,x,y"}, {"message": "1"}) == [
            {"message": "1,,x,y", "a": "1", "b": None, "column3": "x", "column4": "y"},
            {"message": "1", "a": "1"},
        ]

    def test_reads_quotes(self):
        """A quoted value may hold the separator and doubled quotes."""
        (event,) = run('csv { columns => ["a", "b"] target => "[c]" }', {"message": '"x, ""y""",z'})
        assert event["c"] == {"a": 'x, "y"', "b": "z"}

    def test_converts_and_leaves_what_it_cannot(self):
        """A value that is no number stays text, without a tag."""
        types = '{ "i" => "integer" "f" => "float" "b" => "boolean" "n" => "integer" }'
        (event,) = run(f'csv {{ columns => ["i", "f", "b", "n"] convert => {types} }}', {"message": "7,2.5,true,x"})
        assert (event["i"], event["f"], event["b"], event["n"]) == (7, 2.5, True, "x")
        assert "tags" not in event

    def test_fails_on_nothing(self):
        """Empty text is a failure, a missing field is not."""
        assert run("csv { }", {"message": ""}, {"x": 1}) == [
            {"message": "", "tags": ["_csvparsefailure"]},
            {"x": 1},
        ]


class TestGeoip:
    """geoip"""

    @pytest.fixture
    def database(self, tmp_path):
        file = tmp_path / "city.mmdb"
        record = {
            "city": {"names": {"en": "Berlin"}},
            "continent": {"code": "EU", "names": {"en": "Europe"}},
            "country": {"iso_code": "DE", "names": {"en": "Germany"}},
            "location": {"latitude": 52.5, "longitude": 13.25, "time_zone": "Europe/Berlin"},
            "subdivisions": [{"iso_code": "BE", "names": {"en": "Land Berlin"}}],
        }
        file.write_bytes(geo_database({"203.0.113.0/24": record}))
        return tmp_path

    def test_writes_ecs_fields_beside_the_address(self, database):
        """[client][ip] puts the place under [client][geo]."""
        (event,) = run(
            'geoip { source => "[client][ip]" database => "city.mmdb" }',
            {"client": {"ip": "203.0.113.9"}},
            folder=database,
        )
        assert event["client"]["geo"] == {
            "city_name": "Berlin",
            "continent_code": "EU",
            "continent_name": "Europe",
            "country_iso_code": "DE",
            "country_name": "Germany",
            "location": {"lat": 52.5, "lon": 13.25},
            "region_iso_code": "DE-BE",
            "region_name": "Land Berlin",
            "timezone": "Europe/Berlin",
        }

    def test_tags_what_it_cannot_find(self, database):
        """Private, invalid, blank and missing addresses are failures; without ECS an empty hash stays behind."""
        events = [{"ip": "10.0.0.1"}, {"ip": "nope"}, {"ip": ""}, {}]
        found = run('geoip { source => "ip" database => "city.mmdb" }', *events, ecs="disabled", folder=database)
        assert found == [{**event, "geoip": {}, "tags": ["_geoip_lookup_failure"]} for event in events]


class TestTranslate:
    """translate"""

    @pytest.mark.parametrize("regex", ["false", "true"])
    def test_reads_a_dictionary_again_when_it_has_changed(self, tmp_path, regex):
        """A new version of the file is seen; entries that it lost stay, with the behaviour merge."""
        dictionary = tmp_path / "names.yml"
        dictionary.write_text("a: one\nb: two\n")
        file = tmp_path / "p.conf"
        options = 'source => "k" target => "v" dictionary_path => "names.yml" refresh_interval => 0.01'
        options += f" regex => {regex}"
        file.write_text(f"filter {{ translate {{ {options} }} }}")
        pipeline = load(file, env={})
        assert pipeline.filter([{"k": "a"}]).events[0]["v"] == "one"
        dictionary.write_text("a: eins\n")
        os.utime(dictionary, ns=(1, 10**18))
        time.sleep(0.02)
        assert [event["v"] for event in pipeline.filter([{"k": "a"}, {"k": "b"}]).events] == ["eins", "two"]

    def test_reads_json_and_csv(self, tmp_path):
        """The ending decides the format."""
        (tmp_path / "d.json").write_text('{"a": {"x": 1}}')
        (tmp_path / "d.csv").write_text("a,one\n")
        for name, value in (("d.json", {"x": 1}), ("d.csv", "one")):
            configuration = f'translate {{ source => "k" target => "v" dictionary_path => "{name}" }}'
            assert run(configuration, {"k": "a"}, folder=tmp_path) == [{"k": "a", "v": value}]


def test_uuid_gives_every_event_its_own():
    """An id that is there stays, unless overwrite says otherwise."""
    one, two = run('uuid { target => "id" }', {}, {"id": "mine"})
    assert UUID(one["id"]).version == 4
    assert two["id"] == "mine"
    (three,) = run('uuid { target => "id" overwrite => true }', {"id": "mine"})
    assert three["id"] != "mine"


def test_cidr_reads_networks_from_a_file(tmp_path):
    """A line that is no network does not undo the others; IPv6 works too."""
    (tmp_path / "nets").write_text("10.0.0.0/8\nnonsense\n2001:db8::/32\n")
    configuration = 'cidr { address => ["%{ip}"] network_path => "nets" add_tag => ["ours"] }'
    found = run(
        configuration, {"ip": "10.1.1.1"}, {"ip": "2001:db8::1"}, {"ip": "8.8.8.8"}, {"ip": "x"}, folder=tmp_path
    )
    assert [event.get("tags") for event in found] == [["ours"], ["ours"], None, None]


def test_truncate_without_fields_cuts_all():
    """Every text of the top level is cut, also within hashes and lists; the timestamp is not."""
    (event,) = run("truncate { length_bytes => 3 }", {"a": "abcdef", "h": {"b": "xyzw"}, "l": ["12345", 1]})
    assert event == {"a": "abc", "h": {"b": "xyz"}, "l": ["123", 1]}


def test_de_dot_of_listed_fields():
    """Only the listed fields are renamed, also nested ones."""
    (event,) = run('de_dot { fields => ["[h][a.b]", "x.y"] }', {"h": {"a.b": 1}, "x.y": 2, "z.z": 3})
    assert event == {"h": {"a_b": 1}, "x_y": 2, "z.z": 3}


def test_dissect_skips_and_names_by_value():
    """%{?name} is not kept, %{&name} is named by what it found."""
    (event,) = run('dissect { mapping => { "m" => "[%{?k}] %{&k} %{+all} %{+all}" } }', {"m": "[lang] py a b"})
    assert event == {"m": "[lang] py a b", "lang": "py", "all": "a b"}


def test_fingerprint_uuid_and_network():
    """UUID is random, IPV4_NETWORK needs its prefix."""
    one, two = run('fingerprint { method => "UUID" target => "id" }', {}, {})
    assert one["id"] != two["id"]
    assert UUID(one["id"])


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("MMM dd HH:mm:ss", "Mar 05 06:07:08", r"\d{4}-03-05T06:07:08.000Z"),
        ("yyyy-DDD", "2024-065", "2024-03-05T00:00:00.000Z"),
        ("xxxx-'W'ww-e", "2024-W10-2", r"\d{4}-03-05T00:00:00.000Z"),  # xxxx is no year to the date filter
        ("yyyy-MM-dd KK:mm a", "2024-03-05 00:07 PM", "2024-03-05T12:07:00.000Z"),
        ("yyyy-MM-dd kk", "2024-03-05 24", "2024-03-05T00:00:00.000Z"),
        ("yyyy-MM-dd HH:mm z", "2024-03-05 06:07 PST", "2024-03-05T14:07:00.000Z"),
        ("yyyyMMdd'T'HHmmss", "20240305t060708", "2024-03-05T06:07:08.000Z"),
        ("UNIX", "1709618828.25", "2024-03-05T06:07:08.250Z"),
        ("UNIX_MS", 1709618828250, "2024-03-05T06:07:08.250Z"),
        ("TAI64N", "@4000000065e6b8962f34f6c4", "2024-03-05T06:15:40.792Z"),
        ("ISO8601", "2024-03-05 06:07:08,123+0100", "2024-03-05T05:07:08.123Z"),
    ],
)
def test_date_formats(pattern, text, expected):
    """Joda's letters and the formats with names."""
    (event,) = run(f'date {{ match => ["t", "{pattern}"] target => "d" }}', {"t": text})
    assert re.fullmatch(expected, event["d"])


def test_date_takes_its_zone_from_a_field():
    """timezone may be %{field}; an unknown zone is a failure."""
    configuration = 'date { match => ["t", "yyyy-MM-dd HH:mm"] timezone => "%{tz}" target => "d" }'
    one, two = run(configuration, {"t": "2024-07-05 06:07", "tz": "Europe/Berlin"}, {"t": "2024-07-05 06:07"})
    assert one["d"] == "2024-07-05T04:07:00.000Z"
    assert two["tags"] == ["_dateparsefailure"]


def test_grok_reads_patterns_from_a_folder(tmp_path):
    """patterns_dir adds to the stock patterns, and a target takes the captures."""
    (tmp_path / "patterns").mkdir()
    (tmp_path / "patterns" / "shop").write_text("# the shop's\nSKU [A-Z]{2}-\\d+\n")
    configuration = (
        'grok { patterns_dir => ["patterns"] target => "g" match => { "m" => "%{SKU:sku} %{INT:[q][n]:int}" } }'
    )
    assert run(configuration, {"m": "AB-12 7"}, folder=tmp_path) == [
        {"m": "AB-12 7", "g": {"sku": "AB-12", "q": {"n": 7}}}
    ]


def test_kv_changes_keys_and_values():
    """Trimming, removing characters and case, for keys and values."""
    configuration = (
        'kv { source => "m" trim_key => "<>" trim_value => "\\[\\]" remove_char_value => "_" '
        'transform_key => "lowercase" transform_value => "uppercase" target => "k" field_split => "&" }'
    )
    (event,) = run(configuration, {"m": "<A>=[x_y]&B=z"})
    assert event["k"] == {"a": "XY", "b": "Z"}


def test_useragent_under_ecs():
    """Name, version, system and device are fields, the parts of the versions metadata."""
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:100.0) Gecko/20100101 Firefox/100.0"
    (event,) = run('useragent { source => "ua" }', {"ua": agent})
    assert event["user_agent"] == {
        "name": "Firefox",
        "version": "100.0",
        "os": {"name": "Linux", "full": "Linux"},
        "device": {"name": "Other"},
    }
    assert event["@metadata"]["filter"]["user_agent"]["version"] == {"major": "100", "minor": "0"}


def test_prune_interpolates_when_told():
    """interpolate resolves references in names and patterns."""
    (event,) = run('prune { whitelist_names => ["^%{keep}$"] interpolate => true }', {"keep": "a", "a": 1, "b": 2})
    assert event == {"a": 1}


@pytest.mark.parametrize("ecs", [True, False])
def test_every_stock_pattern_compiles(ecs):
    """Each pattern that comes with grok, alone, with and without ECS names."""
    patterns = stock_patterns(ecs=ecs)
    assert len(patterns) > 120
    for name in patterns:
        compile_regex(expand(f"%{{{name}}}", patterns), dotall=True)


@pytest.mark.parametrize(
    ("pattern", "text", "field", "expected"),
    [
        ("IPV6", "fe80::1%eth0", "x", "fe80::1%eth0"),
        (
            "URI",
            "see https://ann:pw@shop.example:8443/a/b?c=d&e now",
            "x",
            "https://ann:pw@shop.example:8443/a/b?c=d&e",
        ),
        ("QS", 'a "b \\" c" d', "x", '"b \\" c"'),
        ("UUID", "id 123e4567-e89b-12d3-a456-426614174000!", "x", "123e4567-e89b-12d3-a456-426614174000"),
        ("MAC", "00:1B:44:11:3A:B7", "x", "00:1B:44:11:3A:B7"),
        ("TIMESTAMP_ISO8601", "at 2024-03-05T06:07:08.123+01:00 ", "x", "2024-03-05T06:07:08.123+01:00"),
        ("HTTPDATE", "[05/Mar/2024:06:07:08 +0100]", "x", "05/Mar/2024:06:07:08 +0100"),
        ("EMAILADDRESS", "to ann.lee+x@shop.example,", "x", "ann.lee+x@shop.example"),
        ("LOGLEVEL", "a WARNING b", "x", "WARNING"),
        ("UNIXPATH", "in /var/log/shop-1.log", "x", "/var/log/shop-1.log"),
        (
            "JAVASTACKTRACEPART",
            "  at org.shop.Cart.add(Cart.java:42)",
            "log",
            {"origin": {"function": "add", "file": {"name": "Cart.java", "line": 42}}},
        ),
        (
            "REDISMONLOG",
            '1709618828.1 [0 10.0.0.1:6379] "get" "a"',
            "redis",
            {"database": {"id": "0"}, "command": {"name": "get", "args": '"a"'}},
        ),
    ],
)
def test_stock_patterns_take_what_they_are_named_after(pattern, text, field, expected):
    """The part of the text, or the fields with ECS names."""
    (event,) = run(f'grok {{ match => {{ "m" => "%{{{pattern}:x}}" }} }}', {"m": text})
    assert event[field] == expected
