"""
The pipeline's Prometheus metrics, counted once a batch and never on the caller's path.

For several processes that share one ``/metrics``, set ``PROMETHEUS_MULTIPROC_DIR`` before the first import.
"""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import REGISTRY

__all__ = ["CONTENT_TYPE", "exposition", "forget_process", "serve"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

COLLECTED = Counter("logpipe_collected_events_total", "Events that entered the buffer.", ["category"])
DROPPED = Counter("logpipe_dropped_events_total", "Events dropped; the ledger names them.", ["category", "reason"])
MISFITS = Counter("logpipe_misfit_values_total", "Values that did not fit their field's type and became labels.")
MASKED = Counter("logpipe_masked_values_total", "Values that held personal data or a secret.")
SHIPPED = Counter("logpipe_shipped_events_total", "Events handed to the broker.", ["category"])
SHIP_FAILURES = Counter("logpipe_ship_failures_total", "Batches that the broker did not take in time.")
SHIP_SECONDS = Histogram(
    "logpipe_ship_seconds",
    "Time to hand a batch to the broker.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
SPOOLED = Counter("logpipe_spooled_events_total", "Events put on disk, the broker being away.", ["category"])
REPLAYED = Counter("logpipe_replayed_batches_total", "Batches handed over from disk.")
SPOOL_BYTES = Gauge("logpipe_spool_bytes", "Bytes of batches on disk.", multiprocess_mode="livesum")
BUFFERED = Gauge("logpipe_buffered_events", "Events in memory.", multiprocess_mode="livesum")

STREAMED = Counter("logpipe_streamed_events_total", "Events pushed to their Redis lists.", ["category"])
STREAM_REPEATS = Counter("logpipe_stream_repeated_batches_total", "Batches delivered again and left alone.")

TAKEN = Counter("logpipe_taken_events_total", "Events taken from Redis.", ["pipeline"])
RECLAIMED = Counter("logpipe_reclaimed_events_total", "Events of expired leases, put back in their lists.")
FILTERED_OUT = Counter("logpipe_filtered_out_events_total", "Events that filters let vanish.", ["pipeline", "reason"])
TRANSFORM_FAILURES = Counter("logpipe_transform_failures_total", "Events on which the filters failed.", ["pipeline"])
TRANSFORM_SECONDS = Counter("logpipe_transform_seconds_total", "Time spent in the filters.", ["pipeline"])
WRITTEN = Counter("logpipe_written_events_total", "Events by what Elasticsearch said of them.", ["index", "outcome"])
WRITE_SECONDS = Histogram(
    "logpipe_write_seconds",
    "Time to write a batch, retries included.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60),
)
LAG = Gauge("logpipe_waiting_events", "Events waiting in a Redis list.", ["category"], multiprocess_mode="mostrecent")

TAILS = Gauge("logpipe_open_tails", "Live tails that are open in the console.", multiprocess_mode="livesum")
TAIL_SKIPPED = Counter("logpipe_tail_skipped_events_total", "Events that live tails skipped, their readers being slow.")


def exposition() -> bytes:
    """All metrics of this process, or of all that share ``PROMETHEUS_MULTIPROC_DIR``, in Prometheus' text format."""
    return generate_latest(_registry())


def serve(port: int) -> None:
    """Serve ``/metrics`` on *port* of the loopback address, on a thread, for a process that has no web server."""
    start_http_server(port, addr="127.0.0.1", registry=_registry())


def forget_process(pid: int) -> None:
    """The process *pid* of this service ended: its gauges end with it, its counters stay."""
    if _DIRECTORY in os.environ:
        mark_process_dead(pid)  # type: ignore[no-untyped-call]


def _registry() -> CollectorRegistry:
    if _DIRECTORY not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
