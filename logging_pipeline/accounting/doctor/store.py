"""Elasticsearch itself: does it take events as the contract wants them?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from logging_pipeline.accounting.doctor.finding import Finding, failure, ok, warning
from logging_pipeline.contract import Contract
from logging_pipeline.indexes import drift, templates
from logging_pipeline.indexes.ask import Refused, ask
from logging_pipeline.indexes.setup import OLDEST_VERSION
from logging_pipeline.settings import Settings

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["store"]

LEAST_FREE_BYTES = 1_000_000_000  # a server left to itself makes indices read-only soon below it
SKEW_S = 5.0  # its answer tells the time at which it was put together


def store(client: Elasticsearch, settings: Settings, contract: Contract) -> Iterator[Finding]:
    """
    Health, version, clock, disk, blocks; templates and mappings against the contract.

    Raises:
        ConfigurationError: the user or the password is wrong.
        Refused: this user may not ask.
        StoreUnavailable: no answer.
    """
    health = ask(client, "GET", "/_cluster/health")
    if health["status"] == "red":
        yield failure("elasticsearch", "the cluster is red: a primary shard is missing", "See its own log")
    else:
        yield ok("elasticsearch", f"answers, the cluster is {health['status']}")
    yield from _nodes(client)
    yield from _templates(client, settings, contract)
    differences = drift(client, settings, contract)
    for stream, difference in differences.items():
        yield failure("elasticsearch", f"{stream}: {difference}", "Run logpipe setup")
    if not differences:
        yield ok("elasticsearch", f"{len(contract.by_name)} categories have their data streams")
    yield from _blocks(client, settings)


def _nodes(client: Elasticsearch) -> Iterator[Finding]:
    for node in ask(client, "GET", "/_nodes", params={"filter_path": "nodes.*.name,nodes.*.version"})["nodes"].values():
        if tuple(int(part) for part in node["version"].split("-")[0].split(".")) < OLDEST_VERSION:
            wanted = ".".join(map(str, OLDEST_VERSION))
            yield failure("elasticsearch", f"{node['name']} is {node['version']}: too old", f"Use {wanted} or newer")
    asked_at = time.time()
    shown = "nodes.*.name,nodes.*.timestamp,nodes.*.fs.total"
    nodes = ask(client, "GET", "/_nodes/stats/fs", params={"filter_path": shown})["nodes"]
    for node in nodes.values():
        yield from _disk(node)
        skew = abs(node["timestamp"] / 1000 - asked_at)
        if skew > SKEW_S:
            yield warning(
                "elasticsearch",
                f"the clock of {node['name']} differs by {skew:.0f} s",
                "Synchronise the machines' clocks (NTP)",
            )


def _disk(node: dict[str, Any]) -> Iterator[Finding]:
    free = node["fs"]["total"]["available_in_bytes"]
    if free < LEAST_FREE_BYTES:
        yield failure(
            "elasticsearch",
            f"{node['name']} has {free // 1_000_000} MB of disk free: it is about to make indices read-only",
            "Make room, or shorten retention and run logpipe retention",
        )


def _templates(client: Elasticsearch, settings: Settings, contract: Contract) -> Iterator[Finding]:
    """For those who may look at templates; without them the next rollover forgets the mapping."""
    try:
        answer = ask(client, "GET", f"/_index_template/logs-{settings.app}.*")
    except Refused as refused:
        if refused.status == 403:
            return
        if refused.status != 404:
            raise
        answer = {"index_templates": []}
    found = {entry["name"]: entry["index_template"] for entry in answer["index_templates"]}
    for name, wanted in templates(settings, contract).items():
        if name not in found:
            yield failure("elasticsearch", f"the template {name} is missing", "Run logpipe setup")
        elif found[name].get("_meta") != wanted["_meta"]:
            yield failure("elasticsearch", f"the template {name} differs from the contract", "Run logpipe setup")


def _blocks(client: Elasticsearch, settings: Settings) -> Iterator[Finding]:
    pattern = f"/logs-{settings.app}.*-{settings.namespace}/_settings"
    answer = ask(client, "GET", pattern, params={"filter_path": "*.settings.index.blocks", "flat_settings": "false"})
    for index, found in sorted(answer.items()):
        blocks = found["settings"]["index"]["blocks"]
        if "true" in (blocks.get("read_only_allow_delete"), blocks.get("read_only"), blocks.get("write")):
            yield failure(
                "elasticsearch",
                f"{index} is read-only: {', '.join(sorted(blocks))}",
                "Its disk was full, or somebody set it: make room, then set index.blocks.* of the index to null",
            )
