"""User agents: asking only the expressions whose words are in the text gives what asking all of them gives."""

import re
from re._parser import parse as sre_parse  # type: ignore[import-not-found]
from typing import Any

import pytest
from ua_parser import Domain
from ua_parser.basic import Resolver
from ua_parser.loaders import load_lazy_builtins

from logging_pipeline.logstash_engine.required_texts import required_texts
from logging_pipeline.logstash_engine.user_agents import UserAgents


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        (r"(Chrome)/(\d+)\.(\d+)", [["Chrome/"], ["."]]),
        (r"Mac OS X 10[_.](\d+)", [["Mac OS X 10"]]),
        (r"(?:a|b)cde?f", [["cd"], ["a", "b"]]),
        (r"(foo|bar)", [["foo", "bar"]]),
        (r"(foo|bar)?baz", [["baz"]]),
        (r"(foo|bar|)baz", [["baz"]]),
        (r"(foo|ba.)+q", [["foo", "ba"], ["q"]]),
        (r"(?:; |^)x(?: Build|\) AppleWebKit)", [[" Build", ") AppleWebKit"], ["x"]]),
        (r"(a(?:bc|de)|fgh(i)?)", [["bc", "de", "fgh"]]),
        (r"ab+c", [["ab"], ["c"]]),
        (r"(ab)+c", [["ab"], ["c"]]),
        (r"(ab)+?c", [["ab"], ["c"]]),
        (r"x{2}yz", [["yz"]]),
        (r"; {0,2}?ab.{1,9}?cd", [["ab"], ["cd"]]),
        (r"(one)?(two)*three|four", [["three", "four"]]),
        (r"a(?!hidden)b", [["a"], ["b"]]),
        (r"[^]x]+ab[\]]", [["ab"]]),
        (r"(?i)Any", []),
        (r"\(iPhone;", [["(iPhone;"]]),
        (r"one|", []),
        ("(a|b)\N{WAVING HAND SIGN}c", []),
    ],
)
def test_finds_the_texts_that_a_match_must_have(pattern, texts):
    """One of each list, those with the longest texts first; nothing of what is optional."""
    assert required_texts(pattern) == texts


def test_no_match_lacks_what_its_expression_requires():
    """Whatever text is made after an expression of the collection, it has a text of every list."""
    matchers = [one for domain in load_lazy_builtins() for one in domain]
    found = 0
    for matcher in matchers:
        text = _after(sre_parse(matcher.regex))
        if re.search(matcher.regex, text):
            found += 1
            assert all(any(one in text for one in texts) for texts in required_texts(matcher.regex)), matcher.regex
    assert found > len(matchers) / 2


def _after(parsed: Any) -> str:
    """A text that the parsed expression matches if its looks around agree: the last branch, as few times as may be."""
    text = ""
    for kind, value in parsed:
        name = str(kind)
        if name == "LITERAL":
            text += chr(value)
        elif name in ("NOT_LITERAL", "ANY"):
            text += "~"
        elif name == "IN":
            text += _member(value)
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            text += _after(value[2]) * value[0]
        elif name == "SUBPATTERN":
            text += _after(value[3])
        elif name == "BRANCH":
            text += _after(value[1][-1])
    return text


def _member(members: Any) -> str:
    """A character of the set."""
    negated = str(members[0][0]) == "NEGATE"
    kind, value = members[0]
    if negated:
        return "~"
    if str(kind) == "LITERAL":
        return chr(value)
    return chr(value[0]) if str(kind) == "RANGE" else "7" if str(value) == "CATEGORY_DIGIT" else " "


def test_every_expression_needs_the_word_that_is_found_in_it():
    """On texts made from the expressions themselves, the guarded ones and all of them agree."""
    matchers = load_lazy_builtins()
    agents = UserAgents()
    resolve_all = Resolver(matchers)
    for matcher in [one for domain in matchers for one in domain][::9]:
        plain = re.sub(r"\\d\+?", "7", matcher.regex)
        text = "Mozilla/5.0 " + re.sub(r"[()?:*+\\^$|]|\[[^\]]*\]|\{[^}]*\}", "", plain) + " Safari"
        domains = Domain.USER_AGENT | Domain.OS
        assert agents._resolve(text, domains) == resolve_all(text, domains)


def test_says_what_it_does_not_know():
    """Other, and no versions."""
    assert UserAgents().parse("x") == {
        "name": "Other",
        "os_name": "Other",
        "os": "Other",
        "os_full": "Other",
        "device": "Other",
    }
