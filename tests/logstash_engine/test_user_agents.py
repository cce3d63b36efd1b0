"""User agents: asking only the expressions whose word is in the text gives what asking all of them gives."""

import re

import pytest
from ua_parser import Domain
from ua_parser.basic import Resolver
from ua_parser.loaders import load_lazy_builtins

from logging_pipeline.logstash_engine.required_text import required_text
from logging_pipeline.logstash_engine.user_agents import UserAgents


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(Chrome)/(\d+)\.(\d+)", "Chrome"),
        (r"Mac OS X 10[_.](\d+)", "Mac OS X 10"),
        (r"(?:a|b)cde?f", "cd"),
        (r"(foo|bar)", ""),
        (r"(foo|bar)?baz", "baz"),
        (r"ab+c", "ab"),
        (r"x{2}yz", "yz"),
        (r"(one)?(two)*three|four", ""),
        (r"a(?!hidden)b", "a"),
        (r"(?i)Any", ""),
        (r"\(iPhone;", "(iPhone;"),
    ],
)
def test_finds_the_text_that_a_match_must_have(pattern, text):
    """The longest one outside of alternatives and optional parts."""
    assert required_text(pattern) == text


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
