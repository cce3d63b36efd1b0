"""The pipeline's metrics: counted, and exposed as Prometheus reads them."""

from __future__ import annotations

import subprocess
import sys

from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from logging_pipeline.errors import BrokerUnavailable
from logging_pipeline.journey.pack import Batch
from logging_pipeline.metrics import exposition
from logging_pipeline.producer import Producer
from logging_pipeline.settings import Settings
from tests.tiny_project.servers import ROOT, clean_environ


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"logpipe_{name}", labels) or 0.0


def test_what_happens_to_events_is_counted(tmp_path):
    """Collected, masked, shipped, spooled, replayed and dropped: each as often as it happened."""
    away = [False]

    def send(batch: Batch) -> None:
        if away[0]:
            raise BrokerUnavailable("away")

    names = ("collected_events_total", "shipped_events_total", "spooled_events_total")
    before = [value(name, category="audit") for name in names]
    masked, replayed = value("masked_values_total"), value("replayed_batches_total")
    dropped = value("dropped_events_total", category="audit", reason="buffer_full")
    producer = Producer(
        Settings(app="shop", state_dir=tmp_path, flush_interval_s=60, buffer_max_events=5), make_send=lambda: send
    )
    for _ in range(3):
        producer.emit(20, "shop", "audit.created", {"password": "x"})
    producer.flush()
    away[0] = True
    for _ in range(7):
        producer.emit(20, "shop", "audit.created", {})
    producer.flush()
    away[0] = False
    producer._breaker.succeeded()
    producer.close()
    assert [value(name, category="audit") - was for name, was in zip(names, before, strict=True)] == [8, 3, 5]
    assert value("masked_values_total") - masked == 3
    assert value("replayed_batches_total") - replayed >= 1
    assert value("dropped_events_total", category="audit", reason="buffer_full") - dropped == 2


def test_the_exposition_is_prometheus_text():
    """Every family has its help, counters end in ``_total``, units stand in the name."""
    families = {f.name: f for f in text_string_to_metric_families(exposition().decode())}
    ours = [family for name, family in families.items() if name.startswith("logpipe_")]
    assert len(ours) >= 15
    assert all(family.documentation for family in ours)
    assert families["logpipe_ship_seconds"].type == "histogram"
    assert families["logpipe_collected_events"].type == "counter"


def test_several_processes_share_one_exposition(tmp_path):
    """With the folder of prometheus-client set, the sum of all processes is shown."""
    code = "from logging_pipeline.metrics import SHIPPED; SHIPPED.labels('order').inc(2)"
    show = "from logging_pipeline.metrics import exposition; print(exposition().decode())"
    environ = {**clean_environ(), "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for _ in range(3):
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environ, check=True)
    shown = subprocess.run(
        [sys.executable, "-c", show], cwd=ROOT, env=environ, check=True, capture_output=True, text=True
    )
    assert 'logpipe_shipped_events_total{category="order"} 6.0' in shown.stdout
