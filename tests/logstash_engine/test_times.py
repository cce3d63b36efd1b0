"""Dates that are read a second time, from what is remembered of their minute."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logging_pipeline.logstash_engine.events.timestamp import Timestamp
from logging_pipeline.logstash_engine.times.joda_parse import joda_parser
from logging_pipeline.logstash_engine.times.names import ENGLISH
from logging_pipeline.logstash_engine.times.zones import zone

_BERLIN = zone("Europe/Berlin")
_two_digits = st.sampled_from(["00", "1", "01", "02", "23", "31", "59", "60", "61"])
_offsets = st.sampled_from(["+0000", "Z", "+01:00", "-0530", "+00:00:30", "+01"])
_fractions = st.sampled_from(["", "Z", ".1Z", ".120Z", ".123456Z", ".1234567891Z", ".Z", ",5Z", "+01:00"])


def _text(timestamp):
    return timestamp and timestamp.text


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("d/MMM/yyyy:H:m:s Z", "{0}/Mar/2024:{1}:{2}:{3} {4}"),
        ("yyyyMMddHHmmssZ", "202403{0}{1}{2}{3}{4}"),
        ("s m H d/MMM/yyyy Z", "{3} {2} {1} {0}/Mar/2024 {4}"),
        ("yy-M-d H:m:s.SSSZ", "24-3-{0} {1}:{2}:{3}.5{4}"),
        ("yyyy-M-d H:m:s", "2024-3-{0} {1}:{2}:{3}"),
    ],
)
@given(st.lists(st.tuples(_two_digits, _two_digits, _two_digits, _two_digits, _offsets), min_size=2, max_size=6))
def test_a_known_minute_is_read_as_by_its_pattern(pattern, written, dates):
    """Whatever was read before, a date means what it means to a parser that has read nothing."""
    parse = joda_parser(pattern, ENGLISH)
    for fields in dates:
        text = written.format(*fields)
        for place in (UTC, _BERLIN):
            assert _text(parse(text, place)) == _text(joda_parser(pattern, ENGLISH)(text, place))


def test_seconds_of_a_minute_come_from_the_text():
    """A date of a known minute has its own second, and none that a minute has not."""
    parse = joda_parser("dd/MMM/yyyy:HH:mm:ss Z", ENGLISH)
    read = [_text(parse(f"05/Mar/2024:06:07:{second} +0000", UTC)) for second in ("08", "09", "60", "5 ")]
    assert read == ["2024-03-05T06:07:08.000Z", "2024-03-05T06:07:09.000Z", None, None]


@given(_two_digits, _two_digits, st.lists(st.tuples(_two_digits, _fractions), min_size=1, max_size=6))
def test_a_known_minute_of_iso_8601_is_read_as_any(hour, minute, seconds):
    """An incoming timestamp is the same whether its minute was read before or is read by the full expression."""
    start = f"2024-03-05T{hour}:{minute}:"
    for second, fraction in seconds:
        Timestamp.parse(f"{start}00Z")
        text = f"{start}{second}{fraction}"
        assert _text(Timestamp.parse(text)) == _text(_parsed_as_any(text))


def _parsed_as_any(text):
    try:
        return Timestamp._parse_any(text)
    except ValueError:
        return None
