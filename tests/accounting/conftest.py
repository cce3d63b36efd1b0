"""A path of events over real servers."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path as FilePath
from typing import Any

import pytest
import redis

from logging_pipeline import settings
from logging_pipeline.contract import contract
from logging_pipeline.indexes import setup
from logging_pipeline.settings import Settings
from tests.accounting.path import Path


@pytest.fixture(scope="module")
def streams(elasticsearch_process: Any) -> str:
    """The namespace of data streams that the tests of a module share: making them takes seconds."""
    name = f"accounts_{secrets.token_hex(4)}"
    with elasticsearch_process.client("logpipe_setup") as admin:
        setup(admin, Settings(app="shop", namespace=name), contract())
    return name


@pytest.fixture
def path(redis_url: str, elasticsearch_server: Any, streams: str, tmp_path: FilePath) -> Iterator[Path]:
    """An empty Redis and a state folder of its own; producers are told apart by their ids."""
    own = Settings(app="shop", namespace=streams, redis_url=redis_url, state_dir=tmp_path, console=False)
    with (
        redis.Redis.from_url(redis_url) as client,
        elasticsearch_server.client("logpipe_writer") as writer,
        elasticsearch_server.client("logpipe_reader") as reader,
    ):
        yield Path(own, client, writer, reader, elasticsearch_server.client())


@pytest.fixture
def as_user(path: Path, elasticsearch_server: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Settings]:
    """Makes the settings of commands those of the path, with a user of Elasticsearch."""

    def adopt(name: str) -> Settings:
        user, password = elasticsearch_server.user(name)
        path.settings = dataclasses.replace(
            path.settings,
            elasticsearch_url=elasticsearch_server.url,
            elasticsearch_user=user,
            elasticsearch_password=password,
        )
        monkeypatch.setattr(settings, "_adopted", path.settings)
        return path.settings

    return adopt
