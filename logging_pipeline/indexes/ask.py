"""One request to Elasticsearch, its failures in this project's words."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

from logging_pipeline.errors import ConfigurationError, StoreUnavailable

if TYPE_CHECKING:
    from elasticsearch import ApiError, Elasticsearch

__all__ = ["Refused", "ask"]


class Refused(StoreUnavailable):
    """Elasticsearch answered with an error; *status* says which, *kind* names it."""

    def __init__(self, problem: str, *, status: int, kind: str) -> None:
        super().__init__(problem, retryable=status == 429 or status >= 500)
        self.status = status
        self.kind = kind


def ask(
    client: Elasticsearch,
    method: str,
    path: str,
    *,
    params: dict[str, str] | None = None,
    body: Any = None,
    content_type: str = "application/json",
) -> Any:
    """
    Send one request and return the parsed answer.

    Raises:
        ConfigurationError: the user or the password is wrong.
        Refused: Elasticsearch answered with another error.
        StoreUnavailable: no answer, or none of Elasticsearch's.
    """
    import elastic_transport  # as slow to import as in `client`, which has been there before
    from elasticsearch import ApiError, UnsupportedProductError

    headers = {"accept": "application/json"}
    if body is not None:
        headers["content-type"] = content_type
    try:
        return client.perform_request(method, path, params=params, headers=headers, body=body).body
    except ApiError as error:
        raise _refusal(error, f"{method} {path}") from None
    except UnsupportedProductError:
        raise StoreUnavailable(
            _elsewhere(client, "something answers that is not Elasticsearch"), retryable=False
        ) from None
    except elastic_transport.TransportError as error:
        _let_go(error)
        raise StoreUnavailable(_elsewhere(client, f"no answer ({error.message})")) from None


def _let_go(error: BaseException | None) -> None:
    """
    Break the circles of *error*, those that led to it, and the frames that they passed.

    Through them they would keep what the callers have in hand, batches of events, until the garbage collector comes.
    """
    while error:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__


def _refusal(error: ApiError, request: str) -> Exception:
    if error.status_code == 401:
        return ConfigurationError(
            "LOGPIPE_ELASTICSEARCH_USER, LOGPIPE_ELASTICSEARCH_PASSWORD",
            "Elasticsearch refused them (401)",
            "Give the user and the password that were made for this process",
        )
    detail = error.body.get("error") if isinstance(error.body, dict) else None
    kind, reason = "", str(detail or error.body or "no reason given")
    if isinstance(detail, dict):
        kind, reason = str(detail.get("type", "")), str(detail.get("reason", ""))
    cure = (
        ". This user's role lacks a privilege: see logging_pipeline/indexes/roles.py"
        if error.status_code == 403
        else ""
    )
    return Refused(
        f"Elasticsearch refused {request} ({error.status_code} {kind}): {reason[:500]}{cure}",
        status=error.status_code,
        kind=kind,
    )


def _elsewhere(client: Elasticsearch, problem: str) -> str:
    addresses = ", ".join(node.base_url for node in client.transport.node_pool.all())
    return f"Elasticsearch at {addresses}: {problem}. Is it running, and is LOGPIPE_ELASTICSEARCH_URL its address?"
