"""Set-up: templates and data streams as the contract wants them. It can be run again at any time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from logging_pipeline.contract import Contract
from logging_pipeline.errors import StoreUnavailable
from logging_pipeline.indexes.ask import Refused, ask
from logging_pipeline.indexes.streams import all_streams
from logging_pipeline.indexes.templates import Template, mapping_hash, templates
from logging_pipeline.settings import Settings

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

__all__ = ["Did", "SetupReport", "Step", "backing_indices", "drift", "is_set_up", "setup"]

OLDEST_VERSION = (9, 0)  # the client speaks version 9 of the API
Did = Literal["created", "unchanged", "updated", "rolled over"]


@dataclass(frozen=True, slots=True)
class Step:
    """What set-up did with one thing: *kind* is ``template`` or ``stream``."""

    kind: str
    name: str
    did: Did


@dataclass(frozen=True, slots=True)
class SetupReport:
    """What set-up found and did, in order."""

    server_version: str
    steps: tuple[Step, ...]

    @property
    def changed(self) -> tuple[Step, ...]:
        """The steps that were not already as they should be."""
        return tuple(step for step in self.steps if step.did != "unchanged")


def setup(client: Elasticsearch, settings: Settings, contract: Contract) -> SetupReport:
    """
    Make every template and data stream that is missing; roll a stream over whose mapping has changed.

    Events are neither moved nor changed: a new mapping holds for what is written from then on.

    Args:
        client: with the user `logging_pipeline.indexes.roles.SETUP`.

    Raises:
        ConfigurationError: wrong user or password.
        StoreUnavailable: not reachable, too old, or a request was refused. What was done before stays; run it again.
    """
    version = _check_version(client)
    wanted = templates(settings, contract)
    steps = [Step("template", name, _put_template(client, name, body)) for name, body in wanted.items()]
    existing = backing_indices(client, f"logs-{settings.app}.*-{settings.namespace}")
    for category, stream in all_streams(settings, contract).items():
        template = wanted[f"logs-{settings.app}.{category}"]
        steps.append(Step("stream", stream, _put_stream(client, stream, template, existing.get(stream))))
    return SetupReport(version, tuple(steps))


def is_set_up(client: Elasticsearch, settings: Settings, contract: Contract) -> bool:
    """Whether every data stream is there; any user of the pipeline may ask."""
    existing = backing_indices(client, f"logs-{settings.app}.*-{settings.namespace}")
    return all(stream in existing for stream in all_streams(settings, contract).values())


def drift(client: Elasticsearch, settings: Settings, contract: Contract) -> dict[str, str]:
    """
    Where the server differs from the contract: stream → ``missing`` or ``mapping differs``; empty when all is well.

    For the users that may see an index' metadata: `READER` and `SETUP`.
    """
    wanted = templates(settings, contract)
    existing = backing_indices(client, f"logs-{settings.app}.*-{settings.namespace}")
    found: dict[str, str] = {}
    for category, stream in all_streams(settings, contract).items():
        if stream not in existing:
            found[stream] = "missing"
        elif _stored_hash(client, existing[stream][-1]) != mapping_hash(wanted[f"logs-{settings.app}.{category}"]):
            found[stream] = "mapping differs"
    return found


def backing_indices(client: Elasticsearch, pattern: str) -> dict[str, list[str]]:
    """Data stream → its backing indices, the oldest first, the write index last; for streams that match *pattern*."""
    answer = ask(client, "GET", f"/_resolve/index/{quote(pattern, safe='*')}")
    in_the_way = [index["name"] for index in answer["indices"] if "data_stream" not in index]
    if in_the_way:
        raise StoreUnavailable(
            f"{', '.join(in_the_way)}: an ordinary index where a data stream belongs; something wrote before set-up. "
            "Save what you need of it, delete it, and run `logpipe setup`",
            retryable=False,
        )
    streams = {stream["name"]: stream["backing_indices"] for stream in answer["data_streams"]}
    return {name: [indices] if isinstance(indices, str) else indices for name, indices in streams.items()}


def _check_version(client: Elasticsearch) -> str:
    nodes = ask(client, "GET", "/_nodes", params={"filter_path": "nodes.*.version"}).get("nodes", {})
    versions = sorted((node["version"] for node in nodes.values()), key=_numbers)
    if not versions or _numbers(versions[0]) < OLDEST_VERSION:
        wanted = ".".join(map(str, OLDEST_VERSION))
        found = versions[0] if versions else "unknown"
        raise StoreUnavailable(f"Elasticsearch {found} is too old. Use {wanted} or newer", retryable=False)
    return str(versions[0])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("-")[0].split("."))


def _put_template(client: Elasticsearch, name: str, wanted: Template) -> Did:
    stored = _stored_template(client, name)
    if stored is not None and stored.get("_meta") == wanted["_meta"]:
        return "unchanged"
    ask(client, "PUT", f"/_index_template/{name}", body=wanted)
    return "created" if stored is None else "updated"


def _stored_template(client: Elasticsearch, name: str) -> Template | None:
    try:
        answer = ask(client, "GET", f"/_index_template/{name}")
    except Refused as refused:
        if refused.status == 404:
            return None
        raise
    found: Template = answer["index_templates"][0]["index_template"]
    return found


def _put_stream(client: Elasticsearch, stream: str, template: Template, existing: list[str] | None) -> Did:
    if existing is None:
        _create_stream(client, stream)
        return "created"
    if _stored_hash(client, existing[-1]) == mapping_hash(template):
        return "unchanged"
    ask(client, "POST", f"/{stream}/_rollover")
    return "rolled over"


def _create_stream(client: Elasticsearch, stream: str) -> None:
    """
    A write makes the stream and a document without ``@timestamp`` is refused: the stream is there and empty.

    The small distribution has no request of its own for this, and this way does the same on both.
    """
    body = b'{"create":{}}\n{}\n'
    params = {"require_data_stream": "true"}
    answer = ask(client, "POST", f"/{stream}/_bulk", params=params, body=body, content_type="application/x-ndjson")
    error = answer["items"][0]["create"]["error"]
    if error["type"] != "document_parsing_exception":
        raise StoreUnavailable(f"{stream} was not made: {error['type']}: {error['reason']}", retryable=False)


def _stored_hash(client: Elasticsearch, index: str) -> str | None:
    answer = ask(client, "GET", f"/{index}/_mapping", params={"filter_path": "*.mappings._meta"})
    mappings = answer.get(index, {}).get("mappings", {})
    found: str | None = mappings.get("_meta", {}).get("logpipe", {}).get("hash")
    return found
