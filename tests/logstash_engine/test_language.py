"""The language: what parses to what, and where an error is said to be."""

import pytest

from logging_pipeline.errors import LogstashConfigError
from logging_pipeline.logstash_engine import load
from logging_pipeline.logstash_engine.language import parse
from logging_pipeline.logstash_engine.language.syntax import Branch, Logical, Membership, Selector


def condition_of(text):
    branch = parse(f"filter {{ if {text} {{ }} }}").statements("filter")[0]
    assert isinstance(branch, Branch)
    return branch.cases[0][0]


def test_places_are_line_and_column():
    """Every plugin and option knows where it stands, comments and blank lines counted."""
    plugin = parse('# one\n\nfilter {\n  mutate {\n    id => "x"\n  }\n}\n', "a.conf").statements("filter")[0]
    assert str(plugin.place) == "a.conf:4:3"
    assert str(plugin.attributes[0].place) == "a.conf:5:5"


def test_and_binds_tighter_than_or():
    """[a] or [b] and [c] is [a] or ([b] and [c])."""
    condition = condition_of("[a] or [b] and [c]")
    assert isinstance(condition, Logical)
    assert condition.operator == "or"
    assert isinstance(condition.right, Logical)
    assert condition.right.operator == "and"


def test_a_list_of_one_string_is_a_field_reference():
    """["abc"] in a condition reads the field named "abc" with its quotes, as in Logstash; two members make a list."""
    condition = condition_of('[v] in ["abc"]')
    assert isinstance(condition, Membership)
    assert condition.right == Selector('["abc"]', condition.right.place)
    assert not isinstance(condition_of('[v] in ["abc", "d"]').right, Selector)


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("filter { mutate { add_tag => [ x1 x2 ] } }", (1, 35), "','"),
        ("filter { mutate { add_tag => }", (1, 30), "expected a value"),
        ('filter { mutate { id => "a }', (1, 25), "never closed"),
        ("filter { mutate { }", (1, 20), "end of the file"),
        ("filtre { }", (1, 1), "section"),
        ("filter { if ([a] { } }", (1, 18), "')'"),
        ("filter {\n  mutate { add_tag => 'a'add_tag => 'b' }\n}", (2, 26), "whitespace"),
        ("filter { mutate { id => 5. } }", (1, 25), "point"),
        ("filter { mutate { id => 99999999999999999999 } }", (1, 25), "64 bits"),
    ],
)
def test_a_syntax_error_says_where_and_what(text, place, word):
    """Line, column and what was expected."""
    with pytest.raises(LogstashConfigError) as refused:
        parse(text)
    assert (refused.value.line, refused.value.column) == place
    assert word in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("filter { mutat { } }", "there is no filter 'mutat'; did you mean 'mutate'?"),
        ('filter { grok { matsch => { "m" => "x" } } }', "has no option 'matsch'; did you mean 'match'?"),
        ('filter { date { match => "t" } }', "at least one format"),
        ('filter { json { source => ["a", "b"] } }', "is text, not a list"),
        ('filter { kv { whitespace => "strikt" } }', "did you mean 'strict'?"),
        ('filter { grok { match => { "m" => "%{IPV5}" } } }', "did you mean"),
        ('filter { mutate { add_field => { "a" => "1" "a" => "2" } } }', "stands twice"),
        ('filter { date { match => ["t", "yyyy-MM-dd"] timezone => "Mars/Phobos" } }', "no time zone"),
        ("filter { kv { recursive => maybe } }", "true or false"),
        ("output { stdout { codec => jsonlines } }", "there is no codec 'jsonlines'; did you mean 'json_lines'?"),
        ("input { if [a] { stdin { } } }", "no event yet"),
        ("filter { if [a] > [1, 2] { } }", "cannot order a list"),
        ('output { elasticsearch { data_stream => true document_id => "x" } }', "document_id"),
        ('output { elasticsearch { template => "x.json" } }', "not supported"),
        ("input { redis { key => a1 } }", "needs the option 'data_type'"),
        ('input { redis { key => a1 data_type => "lists" } }', "did you mean 'list'?"),
        ('filter { geoip { source => "[client][ip]" } }', "'database'"),
    ],
)
def test_a_wrong_configuration_is_refused_with_the_nearest_right_name(text, message):
    """Unknown plugins and options, wrong types and values: an error, never ignored."""
    with pytest.raises(LogstashConfigError) as refused:
        load(text, env={})
    assert message in str(refused.value)
    assert refused.value.line == 1
    assert refused.value.column > 0


def test_a_variable_is_taken_from_the_environment():
    """${NAME} and ${NAME:default}, in options and conditions."""
    pipeline = load(
        'filter { if [env] == "${STAGE:dev}" { mutate { add_field => { "a" => "${APP}-${MISSING:x}" } } } }',
        env={"APP": "shop", "STAGE": "prod"},
    )
    events = pipeline.filter([{"env": "prod"}, {"env": "dev"}]).events
    assert [event.get("a") for event in events] == ["shop-x", None]


def test_repeated_options_are_joined():
    """Lists are concatenated, hashes merged, and one pattern more for the same field is tried after the others."""
    pipeline = load('filter { grok { match => { "m" => "^a" } match => { "m" => "^(?<b>b)" } } }', env={})
    assert [event.get("tags") for event in pipeline.filter([{"m": "a"}, {"m": "b"}, {"m": "c"}]).events] == [
        None,
        None,
        ["_grokparsefailure"],
    ]
