"""
The few requests that importing needs, and what to do when one of them fails.

Sources: Kibana's saved objects API (``_export``, ``_import``, ``_resolve_import_errors``, ``_find``, ``DELETE``), the
spaces API and ``/api/status``. Redirects are never followed: the API key goes to the address of the settings alone.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

from logging_pipeline.errors import ConfigurationError, KibanaError
from logging_pipeline.kibana.import_answer import ImportAnswer
from logging_pipeline.kibana.refusals import refusal, unreachable
from logging_pipeline.kibana.saved_objects import Key, SavedObject, key_of, ndjson, read, title_of
from logging_pipeline.kibana.targets import Target

__all__ = ["DEFAULT_SPACE", "Kibana"]

DEFAULT_SPACE = "default"
CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 60.0  # an import waits until Elasticsearch shows what it wrote
MAX_ANSWER_BYTES = 64_000_000
PAGE = 1_000
MAX_FOUND = 10_000  # Elasticsearch's index.max_result_window: Kibana pages no further
ATTEMPTS = 3
TRY_AGAIN_AFTER_S = 1.0
RETRYABLE = frozenset({429, 502, 503, 504})
OLDEST = (8, 19)

Json = Any


class Kibana:
    """
    One space of one Kibana.

    What only reads is tried again when the answer stays away or says "later"; what writes is sent once, for nobody
    knows whether a request without an answer was carried out.

    Args:
        read_timeout_s: how long one answer may take; default: as long as an import may.
        attempts: at what only reads.
    """

    def __init__(
        self,
        target: Target,
        space: str = DEFAULT_SPACE,
        *,
        read_timeout_s: float | None = None,
        attempts: int = ATTEMPTS,
    ) -> None:
        self.target = target
        self.space = space
        self._attempts = attempts
        timeout = urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=read_timeout_s or READ_TIMEOUT_S)
        self._pool = urllib3.PoolManager(timeout=timeout, retries=False, **_tls(target))

    def __enter__(self) -> Kibana:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.clear()

    def version(self) -> str:
        """
        Its version, such as ``9.1.2``.

        Raises:
            KibanaError: it is too old, does not answer, is no Kibana, or refuses the key.
        """
        answer = self._ask("GET", "/api/status", everywhere=True)
        with _understood(self.target):
            number = (answer.get("version") or {}).get("number")
        if not isinstance(number, str):
            raise KibanaError(
                f"{self.target.name} says that it is up and no more",
                "Give it a key that it accepts: LOGPIPE_KIBANA_API_KEY",
            )
        parts = tuple(int(part) for part in number.split("-")[0].split(".")[:2] if part.isdecimal())
        if parts < OLDEST:
            raise KibanaError(
                f"{self.target.name} is Kibana {number}", "Use 8.19 or newer; older ones read other files"
            )
        return number

    def spaces(self) -> dict[str, str]:
        """The names of the spaces that the key may see, by their ids."""
        answer = self._ask("GET", "/api/spaces/space", everywhere=True)
        with _understood(self.target):
            return {str(each["id"]): str(each.get("name", each["id"])) for each in answer}

    def look_for_space(self) -> None:
        """
        Kibana imports into a space that does not exist and says nothing, so this is asked before.

        Raises:
            KibanaError: there is no such space.
        """
        self._ask("GET", f"/api/spaces/space/{quote(self.space, safe='')}", everywhere=True)

    def found(self, types: Iterable[str]) -> list[SavedObject]:
        """Type, id, origin, title and references of every object of *types*; without their other attributes."""
        listed: list[SavedObject] = []
        for page in range(1, MAX_FOUND // PAGE + 1):
            query = urlencode(
                [
                    *(("type", kind) for kind in sorted(types)),
                    ("fields", "title"),
                    ("fields", "name"),
                    ("per_page", PAGE),
                    ("page", page),
                ]
            )
            answer = self._ask("GET", f"/api/saved_objects/_find?{query}")
            with _understood(self.target):
                page_of = [_sound(each) for each in answer["saved_objects"]]
                listed += page_of
                if not page_of or len(listed) >= answer["total"]:
                    return listed
        raise KibanaError(
            f"{self.target.name}, space {self.space}: more than {MAX_FOUND} objects", "Use a space with fewer"
        )

    def export(self, keys: Collection[Key], *, deep: bool = False) -> list[SavedObject]:
        """
        The objects of *keys* that there are, whole; *deep*: with everything that they refer to.

        One that is not there fails Kibana's whole export, and is named in its answer: it is left out then.
        """
        wanted = list(keys)
        while wanted:
            body = {
                "objects": [each._asdict() for each in wanted],
                "includeReferencesDeep": deep,
                "excludeExportDetails": True,
            }
            try:
                content = self._patiently(self._attempts, "POST", "/api/saved_objects/_export", json_body=body)
                with _understood(self.target):
                    return [_sound(each) for each in read(content.decode())]
            except _Absent as absent:
                wanted = [each for each in wanted if each not in absent.keys]
        return []

    def import_(self, objects: Sequence[SavedObject]) -> ImportAnswer:
        """Import *objects* unless one of them is there already; nothing is sent twice."""
        return self._send_file("/api/saved_objects/_import", objects)

    def resolve(self, objects: Sequence[SavedObject], retries: Sequence[Mapping[str, Any]]) -> ImportAnswer:
        """Import those of *objects* that *retries* name, in the ways that they say."""
        return self._send_file("/api/saved_objects/_resolve_import_errors", objects, retries)

    def delete(self, key: Key) -> bool:
        """Remove one object; False when it was gone already."""
        try:
            self._ask("DELETE", f"/api/saved_objects/{quote(key.type, safe='')}/{quote(key.id, safe='')}")
        except KibanaError as error:
            if error.status == 404:
                return False
            raise
        return True

    def _send_file(
        self, path: str, objects: Sequence[SavedObject], retries: Sequence[Mapping[str, Any]] | None = None
    ) -> ImportAnswer:
        fields: dict[str, Any] = {"file": ("import.ndjson", ndjson(objects).encode(), "application/ndjson")}
        if retries is not None:
            fields["retries"] = json.dumps(retries)
        content = self._send("POST", path, fields=fields)
        with _understood(self.target):
            return ImportAnswer.read(json.loads(content))

    def _ask(self, method: str, path: str, *, everywhere: bool = False) -> Json:
        attempts = self._attempts if method == "GET" else 1
        content = self._patiently(attempts, method, path, everywhere=everywhere)
        with _understood(self.target):
            return json.loads(content)

    def _patiently(self, attempts: int, method: str, path: str, **how: Any) -> bytes:
        for left in range(attempts - 1, -1, -1):
            try:
                return self._send(method, path, **how)
            except KibanaError as error:
                if not left or (error.status and error.status not in RETRYABLE):
                    raise
                time.sleep(TRY_AGAIN_AFTER_S)
        raise AssertionError("no attempt was made")

    def _send(
        self,
        method: str,
        path: str,
        *,
        everywhere: bool = False,
        json_body: Mapping[str, Any] | None = None,
        fields: Mapping[str, Any] | None = None,
    ) -> bytes:
        at = "" if everywhere or self.space == DEFAULT_SPACE else f"/s/{quote(self.space, safe='')}"
        headers = {"kbn-xsrf": "logpipe", "Accept": "application/json, application/ndjson"}
        if self.target.api_key:
            headers["Authorization"] = f"ApiKey {self.target.api_key}"
        body: dict[str, Any] = {"fields": fields} if fields is not None else {}
        if json_body is not None:
            body = {"body": json.dumps(json_body).encode()}
            headers["Content-Type"] = "application/json"
        try:
            response = self._pool.request(
                method, f"{self.target.url}{at}{path}", headers=headers, redirect=False, preload_content=False, **body
            )
            content = response.read(MAX_ANSWER_BYTES + 1)
            response.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise unreachable(self.target, error, writes=fields is not None or method == "DELETE") from error
        if len(content) > MAX_ANSWER_BYTES:
            raise KibanaError(
                f"{self.target.name} answers with more than {MAX_ANSWER_BYTES} bytes", "Ask for fewer objects"
            )
        if response.status != 200:
            gone = frozenset(_absent(response.status, content))
            if gone:
                raise _Absent(gone)
            raise refusal(self.target, self.space, response.status, content, response.headers)
        return content


class _Absent(Exception):
    """Some of the objects asked for are not there."""

    def __init__(self, keys: frozenset[Key]) -> None:
        super().__init__(", ".join(map(str, keys)))
        self.keys = keys


def _absent(status: int, content: bytes) -> Iterator[Key]:
    """The objects that an export failed on, when all of them are merely not there."""
    if status != 400:
        return
    try:
        failed = json.loads(content)["attributes"]["objects"]
        keys = [key_of(each) for each in failed if each["error"]["statusCode"] == 404]
    except (ValueError, LookupError, TypeError):
        return
    if len(keys) == len(failed):
        yield from keys


def _sound(found: Json) -> SavedObject:
    """*found*, which has what is asked of it later: a type and an id, attributes, references."""
    for each in (found, *(found.get("references") or ())):
        key_of(each)
    title_of(found)
    return dict(found)


@contextmanager
def _understood(target: Target) -> Iterator[None]:
    """Whatever is not as it should be in an answer, a proxy's page or half of Kibana's own, is told as just that."""
    try:
        yield
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise KibanaError(
            f"{target.url} answers, but not as Kibana does",
            "Is the address in LOGPIPE_KIBANA_URL Kibana's own, with its base path?",
        ) from error


def _tls(target: Target) -> dict[str, Any]:
    if not target.url.startswith("https:"):
        return {}
    try:
        return {"ssl_context": ssl.create_default_context(cafile=target.ca or None)}
    except OSError as error:
        raise ConfigurationError(
            "LOGPIPE_KIBANA_CA", f"{target.ca} cannot be read: {error}", "Name a PEM file"
        ) from None
