"""The patterns that come with grok: what each takes where its format leaves room for doubt."""

import re

import pytest

from logging_pipeline.logstash_engine import load
from logging_pipeline.logstash_engine.grok_patterns import expand, stock_patterns
from logging_pipeline.logstash_engine.regexes import compile_regex


def found(pattern: str, text: str) -> str | None:
    """What *pattern* takes of *text*."""
    match = compile_regex(expand(f"%{{{pattern}}}", stock_patterns(ecs=True)), dotall=True).search(text)
    return match and match[0]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("IPV6", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("IPV6", "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7::"),
        ("IPV6", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8"),
        ("IPV6", "1:2:3:4:5:6:192.0.2.255", "1:2:3:4:5:6:192.0.2.255"),
        ("IPV6", "2001:db8::8:800:200c:417a", "2001:db8::8:800:200c:417a"),
        ("IPV6", "a ::", "::"),
        ("IPV6", "fe80::1%eth0", "fe80::1%eth0"),
        ("IPV6", "12:30", None),
        ("IP", "at 010.0.0.255:80", "010.0.0.255"),
        ("IP", "256.1.1.1", None),
        ("IP", "1.2.3.4567", None),
        ("IPORHOST", "shop.example.", "shop.example."),
        ("HOSTNAME", "-shop", "shop"),
        ("NUMBER", "1.2.3", "1.2"),
        ("NUMBER", "a-.5", "-.5"),
        ("NUMBER", "--5", None),
        ("BASE16NUM", "x -0xFFg", "-0xFF"),
        ("POSINT", "007 42", "42"),
        ("QS", r'\"a" "b\"c"', r'" "'),
        ("QS", '"open', None),
        ("MONTHNUM", "12", "1"),
        ("MONTHDAY", "31", "31"),
        ("SECOND", "60", "6"),
        ("TIME", "23:59:60,5", "23:59:60,5"),
        ("TIME", "24:00:00", "4:00:00"),
        ("YEAR", "12345", "1234"),
        ("MONTH", "Mär", "Mär"),
        ("MONTH", "Maybe", None),
        ("DAY", "Thursday", "Thursday"),
        ("LOGLEVEL", "Information", "Information"),
        ("LOGLEVEL", "iNFO", None),
        ("URN", "urn:isbn:0451450523", "urn:isbn:0451450523"),
        ("MAC", "aabb.ccdd.eeff", "aabb.ccdd.eeff"),
        ("WINPATH", r"C:\shop\log.txt?", r"C:\shop\log.txt"),
        ("TTY", "on /dev/pts/3", "/dev/pts/3"),
        ("JAVAMETHOD", "<clinit>", "<clinit>"),
        ("MAVEN_VERSION", "v1.2.3-SNAPSHOT", "1.2.3-SNAPSHOT"),
        ("SQUID3_STATUS", "000", "0"),
        ("BIND9_DNSTYPE", "AAAA", "A"),
    ],
)
def test_takes_so_much_and_no_more(pattern, text, expected):
    """Of what may be read in two ways, the part that Logstash takes."""
    assert found(pattern, text) == expected


@pytest.mark.parametrize("ecs", [True, False])
def test_parts_are_nobodys_business(ecs):
    """No name in small letters is left in a stock pattern, nor is one of them a pattern."""
    for name, expression in stock_patterns(ecs=ecs).items():
        assert name.isupper()
        assert not re.search(r"%\{[a-z]", expression), name


def test_without_names_only_patterns_become_fields():
    """named_captures_only off captures the patterns in a pattern, and not the parts that they are written with."""
    pipeline = load(
        'filter { grok { match => { "message" => "%{URI}" } named_captures_only => false } }',
        env={},
        ecs_compatibility="disabled",
    )
    (event,) = pipeline.filter([{"message": "http://ann@shop.example/a?b"}]).events
    assert {key for key in event if key.isupper()} == {
        "URI", "URIPROTO", "USER", "USERNAME", "URIHOST", "IPORHOST", "HOSTNAME", "URIPATHPARAM", "URIPATH", "URIPARAM",
    }  # fmt: skip


def test_a_users_pattern_stays_his():
    """A pattern called like a part of a stock pattern changes nothing but what uses it."""
    pipeline = load(
        'filter { grok { match => { "message" => "%{octet:x} %{IPV4:y}" } '
        'pattern_definitions => { "octet" => "o+" } } }',
        env={},
    )
    (event,) = pipeline.filter([{"message": "oo 10.0.0.1"}]).events
    assert (event["x"], event["y"]) == ("oo", "10.0.0.1")


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("QS", '"' + "\\a" * 20_000),
        ("UNIXPATH", "/" * 20_000 + "\n"),
        ("URIPROTO", "a" * 20_000 + " "),
        ("WORD", "a" * 20_000 + "é"),
        ("IPV6", "1:" * 10_000),
    ],
)
def test_a_long_text_is_read_once(pattern, text):
    """Twenty thousand characters that do not match in the end are refused, and not given up after two seconds."""
    whole = compile_regex(f"\\A(?:{expand(f'%{{{pattern}}}', stock_patterns(ecs=True))})\\z", dotall=True)
    assert whole.search(text) is None
