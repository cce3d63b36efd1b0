"""The state folder of this machine: high-water files and the spool."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from logging_pipeline.accounting.doctor.finding import Finding, failure, ok, warning
from logging_pipeline.accounting.on_the_way import given_here
from logging_pipeline.settings import Settings

__all__ = ["disk"]

FREE_BYTES = 500_000_000  # below it the spool and Elasticsearch have no room to work
FULL = 0.8  # of the spool's limit


def disk(settings: Settings) -> Iterator[Finding]:
    """Is there room to keep what the broker does not take, and does something wait there that nobody sees to?"""
    folder = settings.state_dir.absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir():
        yield failure("disk", f"{existing} is no folder", "Remove it, or change LOGPIPE_STATE_DIR")
        return
    if not os.access(existing, os.W_OK | os.X_OK):
        yield failure("disk", f"{existing} is not writable", "Change its rights or LOGPIPE_STATE_DIR")
        return
    free = shutil.disk_usage(existing).free
    if free < FREE_BYTES:
        yield failure("disk", f"{existing} has {free // 1_000_000} MB free", "Make room: the spool needs it")
    yield from _spool(settings)
    yield from _producers(settings)


def _spool(settings: Settings) -> Iterator[Finding]:
    sizes = {path: size for path in settings.spool_dir.glob("*/*.batch") if (size := _size(path)) is not None}
    if not sizes:
        yield ok("disk", f"nothing waits in {settings.spool_dir}")
    for path in settings.spool_dir.glob("*/*.unreadable"):
        yield failure("disk", f"{path} is no batch", "It was cut by a crash of the machine; remove it")
    alive = {producer for producer, (lives, _) in given_here(settings).items() if lives}
    own = [path for path in sizes if path.parent.name in alive]
    orphaned = [path for path in sizes if path.parent.name not in alive]
    if own:
        yield warning(
            "disk",
            f"{len(own)} batches wait in {settings.spool_dir} for the broker",
            "They go by themselves when the broker takes batches again",
        )
    if orphaned:
        yield warning(
            "disk",
            f"{len(orphaned)} batches of ended processes wait in {settings.spool_dir}",
            "The next process that logs on this machine hands them over; or run logpipe replay --spool --send",
        )
    size = sum(sizes.values())
    if size > FULL * settings.spool_max_bytes:
        yield failure(
            "disk",
            f"{settings.spool_dir} holds {size} of at most {settings.spool_max_bytes} bytes",
            "Bring the broker back; or raise LOGPIPE_SPOOL_MAX_BYTES, or events will be dropped",
        )


def _producers(settings: Settings) -> Iterator[Finding]:
    gone = [producer for producer, (alive, _) in given_here(settings).items() if not alive]
    if gone:
        yield warning(
            "disk",
            f"{len(gone)} processes were killed, or ended before they had handed everything over",
            "Run logpipe reconcile: it tells what became of their events",
        )


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # handed over just now
        return None
