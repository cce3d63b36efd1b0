"""A producer whose broker is an object."""

from __future__ import annotations

from typing import Any

import pytest

from logging_pipeline.producer import Producer
from logging_pipeline.settings import Settings
from tests.producer.made import Broker


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def make(tmp_path, broker):
    made: list[Producer] = []

    def make(**more: Any) -> Producer:
        options = {key: more.pop(key) for key in ("pressure", "watch", "make_send") if key in more}
        given = {"app": "shop", "state_dir": tmp_path, "flush_interval_s": 0.02, "close_timeout_s": 2.0, **more}
        producer = Producer(Settings(**given), **{"make_send": lambda: broker, **options})
        made.append(producer)
        return producer

    yield make
    for producer in made:
        producer.close()
