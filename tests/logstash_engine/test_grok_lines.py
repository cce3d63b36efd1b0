"""
Grok's pattern sets on lines of the programs that they are for.

`grok_lines` has a file for each set and in it a case a line: the pattern, the text, and what it gives without ECS
("legacy") and with it ("ecs"): the fields, `null` where the pattern does not match, nothing where it does not exist.
"""

import json
import re
from functools import cache
from pathlib import Path

import pytest

from logging_pipeline.logstash_engine import Pipeline, load
from logging_pipeline.logstash_engine.grok_patterns import read_patterns, stock_patterns

LINES = Path(__file__).parent / "grok_lines"
PATTERNS = Path(load.__code__.co_filename).parent / "patterns"
SETS = ["bacula", "cisco", "cloudfront", "exim", "firewalls", "nagios", "zeek"]
FORMS = ["legacy", "ecs"]


def cases(name: str) -> list[dict]:
    return [json.loads(line) for line in (LINES / f"{name}.ndjson").read_text("utf-8").splitlines()]


@cache
def pipeline(pattern: str, form: str) -> Pipeline:
    return load(
        f'filter {{ grok {{ match => {{ "message" => "%{{{pattern}}}" }} timeout_millis => 2000 }} }}',
        env={},
        ecs_compatibility="v1" if form == "ecs" else "disabled",
    )


def fields(pattern: str, form: str, line: str) -> dict | None:
    """What *pattern* makes of *line*, without what every event has; None if it does not match."""
    (event,) = pipeline(pattern, form).filter([{"message": line}]).events
    found = {key: value for key, value in event.items() if key not in ("@timestamp", "@version")}
    if found["message"] == line:
        del found["message"]
    if not found.get("@metadata"):
        found.pop("@metadata", None)
    return None if found.get("tags") == ["_grokparsefailure"] else found


def used_by(pattern: str, form: str) -> set[str]:
    """*pattern* and all patterns that it is made of."""
    stock = stock_patterns(ecs=form == "ecs")
    names, waiting = set(), [pattern]
    while waiting:
        name = waiting.pop()
        if name not in names:
            names.add(name)
            waiting += re.findall(r"%\{(\w+)", stock[name])
    return names


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SETS)
def test_each_line_gives_its_fields(name, form):
    """Every case's line gives the fields that it says, numbers as numbers, and no other."""
    for case in cases(name):
        if form in case:
            assert (case["line"], fields(case["pattern"], form, case["line"])) == (case["line"], case[form])
        else:
            assert case["pattern"] not in stock_patterns(ecs=form == "ecs")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", [name for name in SETS if name != "cloudfront"])
def test_each_pattern_of_a_set_has_a_line(name, form):
    """No pattern is without a line that it takes, alone or as a part of another."""
    folders = ("shared", "ecs-v1" if form == "ecs" else "legacy")
    written = {
        pattern
        for folder in folders
        if (file := PATTERNS / folder / name).exists()
        for pattern in read_patterns(file)
        if pattern.isupper()
    }
    shown = set().union(*(used_by(case["pattern"], form) for case in cases(name) if case.get(form) is not None))
    assert written - shown == set()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SETS)
def test_a_hostile_line_is_soon_refused(name, form):
    """A line whose first half comes hundreds of times is done long before the two seconds that it has."""
    for pattern, line in {case["pattern"]: case["line"] for case in cases(name) if case.get(form) is not None}.items():
        found = fields(pattern, form, line[: len(line) // 2] * 200) or {}
        assert (pattern, found.get("tags")) == (pattern, None)
