"""What is left out on purpose: which events, how many, and that their numbers are known."""

from __future__ import annotations

import threading
from typing import Any

import orjson
import pytest

from logging_pipeline import ranges
from logging_pipeline.errors import ConfigurationError
from logging_pipeline.high_water import HighWater
from logging_pipeline.journey.collect import Buffer
from logging_pipeline.limits import MAX_NAMES, SAMPLED, STORM, Limits
from logging_pipeline.producer import Producer
from logging_pipeline.settings import Settings

SECOND_NS = 1_000_000_000


class Caller:
    """Offers events to limits at times of its choosing; those that pass get the next number of their category."""

    def __init__(self, **limits: Any) -> None:
        self.limits = Limits(**{"storm_limit_per_s": 0.0, "storm_burst": 10, "sample_http_ok": 1.0, **limits})
        self.buffer = Buffer(10_000, HighWater(None))

    def passes(self, event: object = "order.failed", severity: int = 40, at_s: float = 0.0, **more: Any) -> bool:
        fields, context = more.get("fields", {}), more.get("context", {})
        category, logger = more.get("category", "system"), more.get("logger", "shop")
        if self.limits.leave_out(
            self.buffer, category, severity, logger, event, fields, context, int(at_s * SECOND_NS) + SECOND_NS
        ):
            return False
        self.buffer.number(category)
        return True


def test_a_burst_passes_and_then_the_limit_holds():
    """Ten at once, then as many a second as were asked for."""
    caller = Caller(storm_limit_per_s=2.0)
    assert [caller.passes() for _ in range(15)] == [True] * 10 + [False] * 5
    assert [caller.passes(at_s=1.0) for _ in range(3)] == [True, True, False]


def test_each_name_and_level_has_a_limit_of_its_own():
    """One event's storm leaves the others alone, and its own warnings too."""
    caller = Caller(storm_limit_per_s=1.0)
    while caller.passes():
        pass
    assert caller.passes("order.placed")
    assert caller.passes(severity=30)
    assert not caller.passes()


def test_lines_of_text_share_their_loggers_limit():
    """A line that is another each time is told by its logger, and names without end take no memory without end."""
    caller = Caller(storm_limit_per_s=1.0, storm_burst=1)
    assert caller.passes("could not reach host 1")
    assert not caller.passes("could not reach host 2")
    assert caller.passes("could not reach host 3", logger="another")
    for number in range(2 * MAX_NAMES):
        caller.passes(f"made.up_{number}", logger="maker")
    assert len(caller.limits._buckets) <= MAX_NAMES + 2


@pytest.mark.parametrize("category", ["audit", "auth", "http", "task"])
def test_what_must_not_be_limited_is_not(category: str):
    """Audit and log-ins count one by one; requests and tasks have one name for everything."""
    caller = Caller(storm_limit_per_s=1.0, storm_burst=1)
    assert all(caller.passes(f"{category}.x", category=category) for _ in range(50))


def test_a_clock_that_jumps_back_gives_no_tokens():
    """Nor does it take any: the limit goes on from the new time."""
    caller = Caller(storm_limit_per_s=1.0, storm_burst=1)
    assert caller.passes(at_s=100)
    assert not caller.passes(at_s=0)
    assert caller.passes(at_s=1.1)


def test_numbers_are_contiguous_and_the_count_is_exact_under_threads():
    """Eight threads in a storm: every number is either kept or left out, once, and the summary counts them all."""
    caller = Caller(storm_limit_per_s=100.0, storm_burst=50)
    kept = [0] * 8

    def storm(index: int) -> None:
        kept[index] = sum(caller.passes(at_s=number / 1_000) for number in range(1_000))

    threads = [threading.Thread(target=storm, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    left_out = caller.limits.take_left_out(caller.buffer)["system", STORM]
    (told,) = caller.limits.storms(caller.buffer, final=True)
    assert sum(kept) + len(left_out) == 8_000
    assert len(set(left_out)) == len(left_out) == told.count
    assert caller.buffer.number("system") == 8_001
    assert list(caller.limits.storms(caller.buffer, final=True)) == []


def test_requests_are_sampled_by_trace():
    """Of a thousand traces about a quarter is kept; one trace is kept or left out as a whole, in every process."""
    first, second = Caller(sample_http_ok=0.25), Caller(sample_http_ok=0.25)

    def decide(caller: Caller, trace: str, status: int = 200, severity: int = 20) -> bool:
        fields = {"http.response.status_code": status}
        return caller.passes("http.request", severity, category="http", fields=fields, context={"trace.id": trace})

    traces = [f"{number * 0x9E3779B97F4A7C15 % (1 << 128):032x}" for number in range(1, 1_001)]
    kept = [trace for trace in traces if decide(first, trace)]
    assert 200 < len(kept) < 300
    assert [trace for trace in traces if decide(second, trace)] == kept
    unlucky = next(trace for trace in traces if trace not in kept)
    assert decide(first, unlucky, status=404)
    assert decide(first, unlucky, severity=40)
    assert decide(first, "")
    assert len(first.limits.take_left_out(first.buffer)["http", SAMPLED]) == 1_000 - len(kept)


def test_all_requests_can_be_left_out():
    """A share of 0 keeps none of the successful ones; more than 1 is refused."""
    fields, context = {"http.response.status_code": 204}, {"trace.id": "0" * 32}
    assert not Caller(sample_http_ok=0.0).passes("http.request", 20, category="http", fields=fields, context=context)
    assert Settings(sample_http_ok=0.0).sample_http_ok == 0
    with pytest.raises(ConfigurationError, match="SAMPLE_HTTP_OK"):
        Settings(sample_http_ok=1.5)


def test_a_storm_is_summarised_and_in_the_ledger(tmp_path: Any):
    """A producer tells the storm's name, level and exact count, and its ledger has the numbers."""
    settings = Settings(app="shop", state_dir=tmp_path, storm_limit_per_s=1.0, storm_burst=5)
    batches: list[Any] = []
    producer = Producer(settings, make_send=lambda: batches.append)
    for number in range(40):
        producer.emit(40, "shop", "thing.failed", {"n": number})
    producer.emit(20, "shop", "another.event", {})
    producer.close()
    events = [orjson.loads(line) for batch in batches for body in batch.bodies.values() for line in body.split(b"\n")]
    (storm,) = [event for event in events if event["event"]["action"] == "system.storm"]
    assert storm["message"] == "thing.failed repeated: 35 left out"
    assert storm["labels"]["storm_event"] == "thing.failed"
    assert storm["log"]["level"] == "error"
    assert storm["numeric_labels"]["suppressed"] == 35
    (dropped,) = [event["ledger"] for event in events if event["event"]["action"] == "ledger.dropped"]
    assert (dropped["category"], dropped["reason"], dropped["dropped"]) == ("system", STORM, 35)
    arrived = [event["event"]["sequence"] for event in events if event["event"]["dataset"] == "shop.system"]
    every = ranges.merge(ranges.of(arrived), ranges.parse(dropped["ranges"]))
    assert every == [(1, 42)]
    assert ranges.intersect(ranges.of(arrived), ranges.parse(dropped["ranges"])) == []
