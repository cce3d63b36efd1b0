"""The table of what runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from logging_pipeline.indexes import READER, SETUP, WRITER
from logging_pipeline.settings import load
from stack import credentials
from stack.account import Account
from stack.elasticsearch_server import Node
from stack.environments import Environments
from stack.program import Program
from stack.programs import programs
from stack.redis_server import RedisServer
from stack.settings import StackSettings


@pytest.fixture
def table(tmp_path: Path) -> list[Program]:
    return make_table(tmp_path, demo=True)


def make_table(folder: Path, *, demo: bool) -> list[Program]:
    settings = StackSettings(var_dir=folder, cache_dir=folder, demo=demo)
    known = Environments(settings, credentials.load(folder / "secrets"))
    node = Node(folder, folder / "elasticsearch", 9210, folder, Account("nobody", 65534, 65534))
    return programs(known, node, RedisServer(folder / "redis", 6390, known.credentials["REDIS_PASSWORD"]))


def test_needs_point_upwards(table: list[Program]):
    """Whoever is needed stands above, so stopping from the bottom up never takes a server from a program that runs."""
    seen: set[str] = set()
    for program in table:
        assert set(program.needs) <= seen, program.name
        assert program.name not in seen
        seen.add(program.name)


def test_each_program_has_the_least_powerful_user_that_it_needs(table: list[Program]):
    """Only five programs have a password of Elasticsearch, each its own user's, and none has two."""
    users = {program.name: program.environment.get("LOGPIPE_ELASTICSEARCH_USER") for program in table}
    assert {name: user for name, user in users.items() if user} == {
        "setup": SETUP,
        "retention": SETUP,
        "consumer": WRITER,
        "console": READER,
        "reconcile": READER,
    }


def test_a_shell_s_own_login_does_not_reach_programs_that_need_none(
    table: list[Program], monkeypatch: pytest.MonkeyPatch
):
    """Who started the stack from a shell with `make env` in it gives the shop no way into Elasticsearch."""
    monkeypatch.setenv("LOGPIPE_ELASTICSEARCH_PASSWORD", "the shell's")
    web = next(program for program in table if program.name == "web")
    assert web.environment["LOGPIPE_ELASTICSEARCH_PASSWORD"] == ""


def test_every_variable_is_one_that_the_library_knows(table: list[Program]):
    """A renamed setting is noticed here and not by silence."""
    others = {"LOGPIPE_TCP_PORT"}  # of logstash/pipelines
    for program in table:
        own = {name: value for name, value in program.environment.items() if name.startswith("LOGPIPE_")}
        settings = load({}, environ={name: value for name, value in own.items() if name not in others})
        for name in own.keys() - others:
            assert hasattr(settings, name.removeprefix("LOGPIPE_").lower()), name


def test_logs_and_shop_have_databases_of_their_own(table: list[Program]):
    """A backlog of logs cannot starve the shop's tasks."""
    for program in table:
        if "SHOP_REDIS_URL" in program.environment:
            assert program.environment["SHOP_REDIS_URL"].endswith("/0")
            assert program.environment["LOGPIPE_REDIS_URL"].endswith("/1")


def test_demo_traffic_can_be_turned_off(tmp_path: Path, table: list[Program]):
    """Without the demo there are neither made-up customers nor made-up faults."""
    quiet = make_table(tmp_path, demo=False)
    assert [program.name for program in table if program.name not in {quiet.name for quiet in quiet}] == ["demo"]
    assert next(program for program in quiet if program.name == "web").environment["SHOP_DEMO_FAULTS"] == "off"


def test_every_program_is_documented(table: list[Program]):
    """docs/running.md has a row for every program."""
    rows = (Path(__file__).parents[2] / "docs" / "running.md").read_text()
    for program in table:
        assert f"`{program.name}`" in rows
