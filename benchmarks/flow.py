"""
From the log call to the search: how many events a second, how late, and what each stage costs.

    python -m benchmarks.flow [--events 20000,100000] [--rounds 3] [--seconds 20] [--json FILE]

Every stage is real and on this machine: a process that logs, a Redis protocol server, the log worker, the consumer with
the project's pipelines, Elasticsearch as the stack starts it. Beside it, in interleaved rounds, what one would write
without a pipeline (`elasticsearch.helpers.bulk` from the same documents as dicts), and the least that indexing takes:
prebuilt bulk bodies with ids, sent by one thread. Quote the ratios, of rounds in which the processor had the same pace:
a machine that shares it with others' work may be half as fast for minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from elasticsearch import Elasticsearch, helpers

from benchmarks.flow_producer import WARM_UP
from benchmarks.flow_servers import ROOT, Parts, parts
from benchmarks.pace import Pace
from benchmarks.report import report

__all__ = ["main"]

OURS, HELPERS, BARE = "this pipeline", "helpers.bulk from dicts", "bare _bulk, prebuilt"
STREAMS = ("http", "task", "system")
BULK = 500  # documents in a request of the contenders: helpers.bulk's default
PIECE = 50_000  # documents whose bodies are built before they are sent
POLL_S = 0.1
FASTEST = 20_000  # events/s; what is missing takes at least as long
PATIENCE_S = 1_800

Document = dict[str, Any]


def main() -> None:
    """Run, print the tables, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--events", default="20000,100000", help="events a round; several sizes show whether cost grows"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--warm-up", type=int, default=60_000, help="events before the first round, of each contender")
    parser.add_argument("--seconds", type=float, default=20, help="how long the delay is measured, at half the rate")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.events.split(",")]
    results: dict[str, Any] = {}
    with parts() as found, found.client() as client:
        flow = _Flow(found, client)
        flow.pipeline(arguments.warm_up)
        documents = flow.documents(min(arguments.warm_up, 10_000))
        flow.helpers(documents, arguments.warm_up)
        flow.bare(documents, arguments.warm_up)
        for size in sizes:
            rounds: dict[str, list[dict[str, float]]] = defaultdict(list)
            contenders = [
                (OURS, flow.pipeline),
                (HELPERS, partial(flow.helpers, documents)),
                (BARE, partial(flow.bare, documents)),
            ]
            for _ in range(arguments.rounds):
                for name, run in contenders:
                    began = time.monotonic()
                    rounds[name].append(run(size) | {"pace": flow.pace.since(began)})
                contenders.reverse()  # who comes last finds a warmer Elasticsearch
            results[str(size)] = {name: _medians(runs) for name, runs in rounds.items()}
            _print_size(size, results[str(size)])
        half = max(int(results[str(sizes[-1])][OURS]["events/s"] / 2), 1)
        results["delay"] = {"rate": half, **flow.delays(half, arguments.seconds)}
    _print_delay(results["delay"])
    report(results, arguments.json)


class _Flow:
    """Makes the rounds."""

    def __init__(self, found: Parts, client: Elasticsearch) -> None:
        self._parts = found
        self._client = client
        self.pace = Pace()
        self._stored = dict.fromkeys(("flow", "helpers", "bare"), 0)

    def pipeline(self, events: int) -> dict[str, float]:
        """All stages; the clock runs from the first call until the last event is found."""
        producer = self._producer(events, 0)
        cpu, stages = self._parts.cpu_of_parts(), self._parts.stage_s()
        began = time.perf_counter()
        told = json.loads(producer.communicate("go\n", timeout=PATIENCE_S)[0].splitlines()[-1])
        self._until_found("flow", told["events"])
        elapsed = time.perf_counter() - began
        spent = {name: (used - cpu[name]) / events * 1e6 for name, used in self._parts.cpu_of_parts().items()}
        inside = {name: (used - stages[name]) / events * 1e6 for name, used in self._parts.stage_s().items()}
        logging = {
            "producer: the caller": told["caller_s"] / events * 1e6,
            "producer: the flusher": (told["cpu_s"] - told["caller_s"]) / events * 1e6,
        }
        own = sum(logging.values()) + spent["log worker"] + spent["consumer"]
        wall = {f"{name} (wall time)": used for name, used in inside.items()}
        return {"events/s": events / elapsed, **logging, **spent, **wall, "own stages": own}

    def helpers(self, documents: list[Document], events: int) -> dict[str, float]:
        """What one would write: dicts into `helpers.bulk`."""
        cpu, began, own = self._parts.cpu_of_parts()["elasticsearch"], time.perf_counter(), time.process_time()
        helpers.bulk(self._client, self._actions(documents, events), chunk_size=BULK)
        own = time.process_time() - own
        self._until_found("helpers", events)
        return self._cost(events, time.perf_counter() - began, own, cpu)

    def bare(self, documents: list[Document], events: int) -> dict[str, float]:
        """The least: bodies that are there already; building them is not counted."""
        cpu, elapsed, own = self._parts.cpu_of_parts()["elasticsearch"], 0.0, 0.0
        for start in range(0, events, PIECE):
            bodies = self._bodies(documents, min(PIECE, events - start))
            began, own_began = time.perf_counter(), time.process_time()
            for body in bodies:
                answer = self._client.bulk(body=body, filter_path="errors")  # type: ignore[arg-type]
                if answer["errors"]:
                    raise SystemExit("benchmarks.flow: Elasticsearch refused documents of the bare contender")
            own += time.process_time() - own_began
            if start + PIECE >= events:
                self._until_found("bare", events)
            elapsed += time.perf_counter() - began
        return self._cost(events, elapsed, own, cpu)

    def documents(self, count: int) -> list[Document]:
        """What the pipeline stored."""
        hits = self._client.search(index=_pattern("flow"), size=count)["hits"]["hits"]
        return [hit["_source"] for hit in hits]

    def delays(self, rate: int, seconds: float) -> dict[str, float]:
        """From the call to the first search that finds it, at a steady *rate*; somebody searches ten times a second."""
        events = int(rate * seconds)
        producer = self._producer(events, rate)
        began = time.time()
        assert producer.stdin is not None
        producer.stdin.write("go\n")
        producer.stdin.flush()
        found: dict[str, float] = {}
        while producer.poll() is None or time.time() < began + seconds + 4:
            for identity, logged_at in self._probes(began):
                found.setdefault(identity, time.time() - logged_at)
            time.sleep(POLL_S)
        told = json.loads(producer.communicate()[0].splitlines()[-1])
        self._until_found("flow", told["events"])
        delays = sorted(delay * 1e3 for delay in found.values())
        at = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
        return {"probes": len(delays), **{name: delays[int(len(delays) * share)] for name, share in at.items()}}

    def _probes(self, since: float) -> Iterator[tuple[str, float]]:
        after = max(since, time.time() - 8)
        query = {
            "bool": {
                "filter": [
                    {"term": {"labels.probe": "yes"}},
                    {"range": {"@timestamp": {"gte": int(after * 1e3), "format": "epoch_millis"}}},
                ]
            }
        }
        wanted = [{"field": "@timestamp", "format": "epoch_millis"}]
        hits = self._client.search(index=_pattern("flow"), size=10_000, query=query, source=False, fields=wanted)
        for hit in hits["hits"]["hits"]:
            yield hit["_id"], float(hit["fields"]["@timestamp"][0]) / 1e3

    def _producer(self, events: int, rate: int) -> subprocess.Popen[str]:
        """A process that is warm, and waits for a line before it logs; its first events have been found."""
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("LOGPIPE_", "DJANGO_"))},
            "LOGPIPE_REDIS_URL": self._parts.redis_url,
            "LOGPIPE_NAMESPACE": "flow",
            "LOGPIPE_STATE_DIR": str(self._parts.folder / "state"),
            "LOGPIPE_HIGH_WATER_EVENTS": "100000000",  # a backlog is part of the run, and shall not go to disk
        }
        command = [sys.executable, "-m", "benchmarks.flow_producer", str(events), str(rate)]
        pipe = subprocess.PIPE
        producer = subprocess.Popen(command, cwd=ROOT, env=environ, stdin=pipe, stdout=pipe, text=True)
        assert producer.stdout is not None
        if producer.stdout.readline() != "warm\n":
            raise SystemExit(f"benchmarks.flow: the process that logs ended with {producer.wait()}")
        self._until_found("flow", WARM_UP)
        return producer

    def _until_found(self, namespace: str, events: int) -> None:
        """Ask rarely at first: the question is work, too, and the contenders are asked at their end only."""
        self._stored[namespace] += events
        deadline = time.monotonic() + PATIENCE_S
        while (count := self._client.count(index=_pattern(namespace))["count"]) < self._stored[namespace]:
            ended = self._parts.ended()
            if ended or time.monotonic() > deadline:
                why = f"; {', '.join(ended)} ended" if ended else ""
                raise SystemExit(f"benchmarks.flow: {count} of {self._stored[namespace]} events in {namespace}{why}")
            time.sleep(max(POLL_S, (self._stored[namespace] - count) / FASTEST))
        if count > self._stored[namespace]:
            raise SystemExit(f"benchmarks.flow: {count} events in {namespace}, {self._stored[namespace]} were logged")

    def _cost(self, events: int, elapsed: float, own: float, elasticsearch_before: float) -> dict[str, float]:
        used = self._parts.cpu_of_parts()["elasticsearch"] - elasticsearch_before
        return {
            "events/s": events / elapsed,
            "own stages": own / events * 1e6,
            "elasticsearch": used / events * 1e6,
        }

    def _copies(self, documents: list[Document], events: int, namespace: str) -> Iterator[tuple[str, str, Document]]:
        """Stream, id and document; each id once."""
        producer = os.urandom(16).hex()
        for number in range(events):
            document = documents[number % len(documents)]
            dataset = document["event"]["dataset"]
            identity = f"{producer}-{dataset.partition('.')[2]}-{number}"  # as long as the pipeline's
            event = {**document["event"], "id": identity}
            yield f"logs-{dataset}-{namespace}", identity, {**document, "event": event}

    def _actions(self, documents: list[Document], events: int) -> Iterator[Document]:
        for stream, identity, document in self._copies(documents, events, "helpers"):
            yield {"_op_type": "create", "_index": stream, "_id": identity, "_source": document}

    def _bodies(self, documents: list[Document], events: int) -> list[bytes]:
        bodies: list[bytes] = []
        lines: list[bytes] = []
        for stream, identity, document in self._copies(documents, events, "bare"):
            lines += (orjson.dumps({"create": {"_index": stream, "_id": identity}}), orjson.dumps(document))
            if len(lines) == 2 * BULK:
                bodies.append(b"\n".join((*lines, b"")))
                lines = []
        return [*bodies, b"\n".join((*lines, b""))] if lines else bodies


def _pattern(namespace: str) -> str:
    return ",".join(f"logs-shop.{stream}-{namespace}" for stream in STREAMS)


def _medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {column: statistics.median(run[column] for run in runs) for column in runs[0]}


def _print_size(size: int, table: dict[str, dict[str, float]]) -> None:
    ours = table[OURS]
    print(
        f"\n{size:,} events a round{'events/s':>22}{'ours to it':>12}{'own CPU µs':>12}{'Elasticsearch µs':>18}"
        f"{'pace':>8}"
    )
    best = max(row["pace"] for row in table.values())
    for name, row in table.items():
        print(
            f"{name:<28}{row['events/s']:>16,.0f}{ours['events/s'] / row['events/s']:>12.2f}"
            f"{row['own stages']:>12.1f}{row['elasticsearch']:>18.1f}{row['pace'] / best:>8.2f}"
        )
    print("CPU µs an event, stage by stage:")
    for name, value in ours.items():
        if name not in ("events/s", "own stages", "pace"):
            print(f"    {name:<28}{value:>8.1f}")
    print(f"    {'own stages together':<28}{ours['own stages']:>8.1f}", flush=True)


def _print_delay(delay: dict[str, float]) -> None:
    print(
        f"\nfrom the call to the search, at {delay['rate']:,.0f} events/s: p50 {delay['p50_ms']:,.0f} ms, "
        f"p95 {delay['p95_ms']:,.0f} ms, p99 {delay['p99_ms']:,.0f} ms ({delay['probes']:.0f} probes)"
    )


if __name__ == "__main__":
    main()
