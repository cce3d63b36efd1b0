"""Regular expressions: Oniguruma's syntax, and a bound on the time that a hostile text takes."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logging_pipeline.logstash_engine.regexes import RegexError, RegexTimeout, compile_regex
from logging_pipeline.logstash_engine.regexes.endings import with_quick_ending
from logging_pipeline.logstash_engine.regexes.parser import parse_regex
from logging_pipeline.logstash_engine.regexes.writer import write


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


_atoms = st.sampled_from(
    ["a", '"', "x", " ", r"\n", ".", ".*?", ".+?", ".*", ".{0,2}?", r"\S*", r"\D+?", "^", r"\A", "$"]
)
_patterns = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("({0[0]}|{0[1]})".format),
        inner.map("(?:{})".format),
        inner.map("({})?".format),
        inner.map("(?i:{})".format),
    ),
    max_leaves=8,
)


@given(_patterns, st.lists(st.text('ax" \n1A', max_size=10), max_size=4), st.integers(0, 300))
def test_what_is_remembered_is_true(pattern, texts, padding):
    """Whether a text matches is answered as by a search, the first time and the next, for short texts and long."""
    regex = compile_regex(pattern)
    matches = regex.matcher()
    padded = [text + "y" * padding for text in texts]
    expected = [regex.search(text) is not None for text in padded]
    assert [matches(text) for text in padded] == expected
    assert [matches(text) for text in padded] == expected


@given(_patterns, st.text('ax" \n1A', max_size=10), st.booleans())
def test_a_quick_form_finds_the_same(pattern, text, dotall):
    """What is rewritten to run quicker has the matches and the groups of the expression as written."""
    as_written = re.compile(write(parse_regex(pattern, dotall=dotall).root), re.MULTILINE)
    quick = compile_regex(pattern, dotall=dotall)
    expected, found = as_written.search(text), quick.search(text)
    assert (found and (found.span(), found.groups())) == (expected and (expected.span(), expected.groups()))
    assert [match.span() for match in quick.finditer(text)] == [match.span() for match in as_written.finditer(text)]


def test_a_lazy_loop_at_the_end_runs_over_a_set():
    """Of two lazy loops only the last, which nothing but its closing quote follows, becomes another."""
    tree = parse_regex(r'"(.*?)" "(.*?)"')
    assert write(with_quick_ending(tree.root)) == r'"(.*?)" "([^"\n]*+)"'
