"""How a process that runs pipelines and little else keeps its memory from batch to batch."""

from __future__ import annotations

import gc

__all__ = ["keep_memory"]

GARBAGE_AFTER = 50_000  # objects that were made and are still there; a batch of events has about 20,000
KEPT_BYTES = 8 * 1024 * 1024


def keep_memory() -> None:
    """
    Settle the memory of this process for batches; call it once the modules are there.

    The collector looks seldom: events are trees, they go with their last reference, and it finds nothing in them. By
    default it takes up to a twentieth of the time that decoding, filters and encoding need. Cycles are still found.

    The C library keeps what a batch has freed: it would give the memory back to the system and ask for it anew with
    every batch, which takes a tenth of the time. glibc raises its limit when it sees a large block come and go
    (mallopt(3), "dynamic mmap threshold"); other libraries take no notice.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER, 20, 50)
    bytes(KEPT_BYTES)
