"""Regular expressions: Oniguruma's syntax, and a bound on the time that a hostile text takes."""

import time

import pytest

from logging_pipeline.logstash_engine.regexes import RegexError, RegexTimeout, compile_regex


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"\h+", "xyzBEEFq", "BEEF"),
        (r"(?<a>x)y\k<a>", "xyx", "xyx"),
        (r"a*+ab", "aaab", None),
        (r"(?>a|ab)c", "abc", None),
        (r"(?<=ab|c)d", "abd", "d"),
        (r"[a-z&&[^aeiou]]+", "aebcd", "bcd"),
        (r"[[:alpha:]]+", "größe", "größe"),
        (r"\w+", "größe", "gr"),
        (r"\p{Cyrillic}+", "abжя", "жя"),
        (r"(?i)GRÖBE", "größe gröbe", "gröbe"),
        (r"a(?i)b|C", "xC", None),
        (r"^b$", "a\nb\nc", "b"),
        (r"a.c", "a\nc", None),
        (r"(?m)a.c", "a\nc", "a\nc"),
        (r"a(?m:.)c.", "a\nc\n", None),
        (r"(?x) a b # comment", "ab", "ab"),
        (r"\A\S+\z", "one", "one"),
        (r"x{,2}y", "xxy", "xxy"),
        (r"a{2}{2}", "aaaa", "aaaa"),
        (r"[]a]+", "]a", "]a"),
        (r"\u00e9\x41", "éA", "éA"),
        (r"(?<p>\((?:[^()]|\g<p>)*\))", "x(a(b)c)", "(a(b)c)"),
        (r"a\Rb", "a\r\nb", "a\r\nb"),
        (r"[\w.-]+@", "a.b-c@", "a.b-c@"),
    ],
)
def test_reads_onigurumas_syntax(pattern, text, found):
    """What a pattern finds is what Ruby finds."""
    match = compile_regex(pattern).search(text)
    assert (match and match[0]) == found


@pytest.mark.parametrize("pattern", ["(", "a)", "[", "[]", "*a", r"(?<n", r"\k<none>", "[z-a]", r"\p{}", "(?<>a)"])
def test_refuses_what_is_none(pattern):
    """With the pattern in the message."""
    with pytest.raises(RegexError, match="/"):
        compile_regex(pattern)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^(a+)+$", "a" * 40 + "!"),
        (r"^(?:a|a)*$", "a" * 40 + "!"),
        (r"(.*)(.*)(.*)(.*)(.*)(.*)x$", "a" * 400),
        (r'"(.*?)" "(.*?)" "(.*?)" "(.*?)" z', '" "' * 2_000),
        (r"(\w+\s?)+:", "word " * 100),
    ],
)
def test_a_hostile_text_does_not_stall(pattern, text):
    """A deadline of a tenth of a second is kept within a second, whatever the text."""
    regex = compile_regex(pattern, timeout_s=0.1)
    began = time.perf_counter()
    try:
        found = regex.search(text)
    except RegexTimeout:
        found = None
    assert found is None
    assert time.perf_counter() - began < 1
