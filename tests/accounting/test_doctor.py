"""Doctor: every planted fault is found and its cure named; a healthy path gives good findings only."""

from __future__ import annotations

import dataclasses
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path as FilePath

import pytest
import redis

from logging_pipeline.accounting.doctor import Finding, disk, examine, redis_server
from logging_pipeline.contract import contract
from logging_pipeline.journey.pack import Batch
from logging_pipeline.journey.spool import Spool
from logging_pipeline.journey.take import LEASES
from logging_pipeline.producer import Producer
from logging_pipeline.settings import Settings
from tests.accounting.findings import found

pytestmark = pytest.mark.stack

BATCH = Batch("b1", {"system": b"{}"}, {"system": [1]})


class Patient:
    """A pipeline on a real Redis, with a worker and a consumer that are there as far as Redis can tell."""

    def __init__(self, url: str, folder: FilePath) -> None:
        self.settings = Settings(app="shop", redis_url=url, state_dir=folder, hash_key="k" * 32, console=False)
        self.redis = redis.Redis.from_url(url)
        self.worker = redis.Redis.from_url(url)
        self.consumer = redis.Redis.from_url(url, client_name="logpipe-consumer")
        self.redis.sadd("_kombu.binding.logs", "logs\x06\x16\x06\x16logs")
        self.consumer.ping()
        self._listening = threading.Thread(target=self._listen)
        self._listening.start()
        while not any(client["cmd"] == "blmove" for client in self.redis.client_list()):
            time.sleep(0.01)

    def _listen(self) -> None:
        """As a log worker does; what it is given ends it, or a server that becomes another's replica."""
        with suppress(redis.ResponseError):
            self.worker.blmove("logs", "logs", 60, "RIGHT", "RIGHT")

    def stop_worker(self) -> None:
        """As far as Redis can tell."""
        if self._listening.is_alive():
            self.redis.rpush("logs", b"{}")
            self._listening.join()
        self.worker.close()
        while any(client["cmd"] == "blmove" for client in self.redis.client_list()):
            time.sleep(0.01)
        self.redis.delete("logs")

    def end(self) -> None:
        """Let go of everything."""
        self.stop_worker()
        for client in (self.redis, self.worker, self.consumer):
            client.close()

    def examine(self) -> list[Finding]:
        """What doctor says, but for Elasticsearch, which has no address here."""
        return [finding for finding in examine(self.settings, contract()) if finding.hop != "elasticsearch"]


@pytest.fixture
def patient(redis_url: str, tmp_path: FilePath) -> Iterator[Patient]:
    with redis.Redis.from_url(redis_url) as client:
        client.config_set("maxmemory-policy", "noeviction")
    made = Patient(redis_url, tmp_path / "state")
    yield made
    made.end()


def test_a_healthy_path_is_well(patient: Patient):
    """Without a fault there is no finding but that all is well, at every hop."""
    findings = patient.examine()
    assert {f.verdict for f in findings} == {"ok"}, findings
    assert [f.hop for f in findings] == ["settings", "disk", "redis", "worker", "consumer"]


# --- settings ---


def test_no_broker(patient: Patient):
    """1. Events would go to the console only."""
    patient.settings = dataclasses.replace(patient.settings, redis_url="")
    assert "LOGPIPE_REDIS_URL" in found(patient.examine(), "settings", "no broker").cure


def test_no_hash_key(patient: Patient):
    """2. Users could not be counted."""
    patient.settings = dataclasses.replace(patient.settings, hash_key="")
    assert "LOGPIPE_HASH_KEY" in found(patient.examine(), "settings", "no hash key").cure


# --- disk ---


def test_the_state_folder_is_a_file(patient: Patient):
    """3. Nothing could be kept."""
    patient.settings.state_dir.write_text("")
    assert "LOGPIPE_STATE_DIR" in found(patient.examine(), "disk", "is no folder").cure


def test_the_disk_is_nearly_full(patient: Patient, monkeypatch: pytest.MonkeyPatch):
    """4. The spool would have no room."""
    free = shutil.disk_usage(patient.settings.state_dir.parent).free
    monkeypatch.setattr(disk, "FREE_BYTES", 2 * free)
    assert "Make room" in found(patient.examine(), "disk", "MB free").cure


def test_batches_of_an_ended_process(patient: Patient):
    """5. Somebody has to hand them over."""
    Spool(patient.settings.spool_dir, "ended", 1_000).keep(BATCH)
    assert "replay --spool" in found(patient.examine(), "disk", "1 batches of ended processes").cure


def test_batches_of_a_living_process(patient: Patient):
    """6. They go by themselves; that they wait is told."""
    producer = Producer(patient.settings, make_send=lambda: _refuse)
    producer.emit(20, "test", "line", {})
    producer.flush()
    finding = found(patient.examine(), "disk", "wait in")
    producer.close()
    assert "by themselves" in finding.cure


def _refuse(batch: Batch) -> None:
    raise ConnectionRefusedError(batch.id)


def test_an_unreadable_spool_file(patient: Patient):
    """7. A batch that a crash cut is named."""
    path = patient.settings.spool_dir / "ended" / "000000000001-1.unreadable"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\x93")
    assert "remove it" in found(patient.examine(), "disk", str(path)).cure


def test_a_spool_that_is_nearly_full(patient: Patient):
    """8. The next thing would be drops."""
    Spool(patient.settings.spool_dir, "ended", 1_000).keep(BATCH)
    patient.settings = dataclasses.replace(patient.settings, spool_max_bytes=len(BATCH.to_bytes()))
    assert "LOGPIPE_SPOOL_MAX_BYTES" in found(patient.examine(), "disk", "of at most").cure


def test_a_killed_process(patient: Patient):
    """9. Its high-water file is there, and nobody holds it."""
    producer = Producer(dataclasses.replace(patient.settings, flush_interval_s=60), make_send=lambda: _refuse)
    producer.emit(20, "test", "line", {})
    producer._high_water.let_go()
    assert "logpipe reconcile" in found(patient.examine(), "disk", "1 processes were killed").cure


# --- redis ---


def test_redis_is_away(patient: Patient):
    """10. Nobody answers at the address."""
    patient.settings = dataclasses.replace(patient.settings, redis_url="redis://127.0.0.1:1/1")
    assert "Start it" in found(patient.examine(), "redis", "not reachable").cure


def test_a_wrong_redis_password(patient: Patient):
    """11. It answers, and lets nobody in."""
    _, _, place = patient.settings.redis_url.rpartition("@")
    patient.settings = dataclasses.replace(patient.settings, redis_url=f"redis://:wrong@{place}")
    finding = found(patient.examine(), "redis", "password is refused")
    assert "Correct it in LOGPIPE_REDIS_URL" in finding.cure


def test_an_eviction_policy(patient: Patient):
    """12. Redis may throw waiting events away."""
    patient.redis.config_set("maxmemory-policy", "allkeys-lru")
    finding = found(patient.examine(), "redis", "maxmemory-policy is allkeys-lru")
    patient.redis.config_set("maxmemory-policy", "noeviction")
    assert "noeviction" in finding.cure


def test_redis_memory_is_nearly_used_up(patient: Patient):
    """13. It is about to refuse events."""
    patient.redis.config_set("maxmemory", int(patient.redis.info()["used_memory"] * 1.02))
    finding = found(patient.examine(), "redis", "above 90 % of maxmemory")
    patient.redis.config_set("maxmemory", "1gb")
    assert "more memory" in finding.cure


def test_redis_has_no_limit(patient: Patient):
    """14. A backlog may take the machine down."""
    patient.redis.config_set("maxmemory", 0)
    assert "Set maxmemory" in found(patient.examine(), "redis", "no maxmemory").cure


def test_no_append_only_file(patient: Patient):
    """15. A restart of Redis would lose what waits."""
    patient.redis.config_set("appendonly", "no")
    finding = found(patient.examine(), "redis", "no append-only file")
    patient.redis.config_set("appendonly", "yes")
    assert "appendonly yes" in finding.cure


def test_the_projects_own_database(patient: Patient):
    """16. A backlog of logs would starve the project, and its short time limits its tasks."""
    patient.redis.set(":1:session:abc", "x")
    finding = found(patient.examine(), "redis", ":1:session:abc")
    assert "database of their own" in finding.cure


def test_a_replica(patient: Patient):
    """17. It can be read, and takes nothing."""
    patient.redis.replicaof("127.0.0.1", 1)
    findings = patient.examine()
    patient.redis.replicaof("NO", "ONE")
    assert "primary" in found(findings, "redis", "replica").cure


def test_an_old_redis(patient: Patient, monkeypatch: pytest.MonkeyPatch):
    """18. Its LPOP would take no count."""
    monkeypatch.setattr(redis_server, "OLDEST_VERSION", (99, 0))
    assert "Use 99.0" in found(patient.examine(), "redis", "too old").cure


def test_clocks_that_differ(patient: Patient, monkeypatch: pytest.MonkeyPatch):
    """19. Times and leases would not fit together."""
    monkeypatch.setattr(redis_server, "time", _AheadByAMinute)
    assert "NTP" in found(patient.examine(), "redis", "its clock differs by 60").cure


class _AheadByAMinute:
    @staticmethod
    def time() -> float:
        return time.time() + 60


# --- worker ---


def test_no_worker_ever(patient: Patient):
    """20. Batches would wait for ever."""
    patient.redis.delete("_kombu.binding.logs")
    assert "celery_workers.logs:app" in found(patient.examine(), "worker", "ever listened").cure


def test_no_worker_now(patient: Patient):
    """21. There was one, and it is gone."""
    patient.stop_worker()
    assert "Start one" in found(patient.examine(), "worker", "no worker listens").cure


def test_a_queue_that_grows(patient: Patient):
    """22. The workers are too few."""
    patient.stop_worker()
    patient.redis.rpush("logs", *([b"{}"] * 1_001))
    assert "too few" in found(patient.examine(), "worker", "1001 batches wait for a worker").cure


def test_a_batch_that_its_worker_never_finished(patient: Patient):
    """23. Nobody has put it back."""
    patient.redis.zadd("unacked_index", {"tag": time.time() - 1_000})
    assert "Start one" in found(patient.examine(), "worker", "a worker that vanished").cure


# --- consumer ---


def test_rubbish_in_the_queue(patient: Patient):
    """43. The log worker has put it aside."""
    patient.redis.lpush("unreadable:logs", b"garbage")
    assert "DEL unreadable:logs" in found(patient.examine(), "worker", "1 things in the queue were no messages").cure


def test_no_consumer(patient: Patient):
    """24. Events wait and nobody takes them."""
    patient.redis.client_kill_filter(_id=patient.consumer.client_id(), skipme=False)
    patient.redis.rpush("logs:http", b"{}")
    finding = found(patient.examine(), "consumer", "no consumer takes events; 1 wait")
    assert (finding.verdict, finding.cure) == ("failure", "Start one: logpipe consume")


def test_a_consumer_that_lags(patient: Patient):
    """25. More waits than it should; the longest list is named."""
    patient.settings = dataclasses.replace(patient.settings, high_water_events=50)
    patient.redis.rpush("logs:auth", *([b"{}"] * 6))
    assert "It lags" in found(patient.examine(), "consumer", "most in logs:auth").cure


def test_the_high_water_mark(patient: Patient):
    """26. Producers keep their batches on disk."""
    patient.settings = dataclasses.replace(patient.settings, high_water_events=5)
    patient.redis.rpush("logs:auth", *([b"{}"] * 6))
    assert "logs:auth" in found(patient.examine(), "consumer", "more than the high-water mark").cure


def test_a_list_that_nobody_declares(patient: Patient):
    """27. No consumer would ever take from it."""
    patient.redis.rpush("logs:nobody", b"{}")
    assert "DJANGO_SETTINGS_MODULE" in found(patient.examine(), "consumer", "logs:nobody").cure


def test_an_expired_lease(patient: Patient):
    """28. A consumer died, and none has taken its events over."""
    patient.redis.rpush("logs:http:processing:a", b"{}")
    patient.redis.zadd(LEASES, {"logs:http:processing:a": time.time() - 1_000})
    assert "Start one" in found(patient.examine(), "consumer", "expired leases").cure


def test_a_processing_list_without_a_lease(patient: Patient):
    """29. Its events would stay there for ever."""
    patient.redis.rpush("logs:http:processing:a", b"{}")
    cure = found(patient.examine(), "consumer", "leased by nobody").cure
    assert cure.endswith("redis-cli ZADD logs:leases 0 logs:http:processing:a")


def test_full_processing_lists(patient: Patient):
    """30. Consumers take and cannot write."""
    patient.redis.rpush("logs:http:processing:a", *([b"{}"] * 50_001))
    patient.redis.zadd(LEASES, {"logs:http:processing:a": time.time() + 1_000})
    assert "Elasticsearch is slow" in found(patient.examine(), "consumer", "50001 events are in consumers' hands").cure
