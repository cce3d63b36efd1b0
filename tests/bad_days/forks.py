"""Forks many children, each of which logs one event: ``python -m tests.bad_days.forks FOLDER COUNT``."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from pathlib import Path

import structlog

import logging_pipeline
from logging_pipeline import composition
from logging_pipeline.entrance import installed
from tests.bad_days.obligations import Record

AT_ONCE = 8


def main(folder: Path, count: int) -> None:
    """The parent logs before each fork, so that there is always something that a child must not send again."""
    faulthandler.register(signal.SIGUSR1)
    logging_pipeline.configure(service_name="forks", console=False)
    log = structlog.get_logger("tests.forks")
    record = _record(folder, "parent")
    living: set[int] = set()
    for number in range(count):
        log.info("forking", obligation=record.say("forking"))
        child = os.fork()
        if not child:
            _be_a_child(folder, number)
        living.add(child)
        while len(living) >= AT_ONCE:
            living.discard(os.wait()[0])
    for child in living:
        os.waitpid(child, 0)
    composition.close()
    record.acknowledge()


def _be_a_child(folder: Path, number: int) -> None:
    """Log, hand over, and end without the parent's hooks, as prefork servers' children do."""
    record = _record(folder, f"child-{number}")
    structlog.get_logger("tests.forks").info("born", obligation=record.say("born"))
    composition.close()
    record.acknowledge()
    os._exit(0)


def _record(folder: Path, name: str) -> Record:
    return Record(folder / f"{name}.record", name, installed().ephemeral_id)  # type: ignore[union-attr]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
