"""A refused or unanswered request, as an error that says what to do about it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import urllib3

from logging_pipeline.errors import KibanaError
from logging_pipeline.kibana.targets import Target

__all__ = ["refusal", "unreachable"]

MAX_MESSAGE_CHARS = 500

_CURES = {
    400: "",
    401: "Make a key under Stack Management → API keys and set LOGPIPE_KIBANA_API_KEY",
    403: "Give the key's role 'Saved Objects Management: all' in the space",
    404: "Name a space that there is; list them under Stack Management → Spaces",
    409: "Look at the difference and try again",
    413: "Raise savedObjects.maxImportPayloadBytes in kibana.yml, or the proxy's limit; or import less at once",
    422: "Export it from a Kibana that is not newer than this one",
    429: "Wait a little and try again",
}


def refusal(target: Target, space: str, status: int, content: bytes, headers: Mapping[str, str]) -> KibanaError:
    """The error for an answer with *status*."""
    said = _message(content)
    where = f"{target.name}, space {space}"
    if 300 <= status < 400:
        return KibanaError(
            f"{target.url} leads elsewhere, to {headers.get('Location', 'a page that it does not name')}",
            "Set LOGPIPE_KIBANA_URL to Kibana itself, with its base path, not to a log-in page",
            status=status,
        )
    if status != 413 and said is None and status < 500:
        return KibanaError(
            f"{target.url} answers {status}, and not as Kibana does",
            "Is the address in LOGPIPE_KIBANA_URL Kibana's own, with its base path?",
            status=status,
        )
    if status in (402, 403) and "licen" in (said or "").lower():
        return KibanaError(f"{where}: {said}", "Its licence does not allow that; see Stack Management", status=status)
    if status == 400 and "xsrf" in (said or "").lower():
        return KibanaError(f"{where}: {said}", "A proxy takes the header kbn-xsrf away: let it pass", status=status)
    cure = _CURES.get(status, "Look into Kibana's own log" if status >= 500 else "")
    problem = f"{where} answers {status}"
    return KibanaError(f"{problem}: {said}" if said else problem, cure, status=status)


def unreachable(target: Target, error: urllib3.exceptions.HTTPError, *, writes: bool) -> KibanaError:
    """The error for no answer at all."""
    if isinstance(error, urllib3.exceptions.SSLError):
        return KibanaError(
            f"{target.url}: its certificate is not trusted: {error}", "Set LOGPIPE_KIBANA_CA to the authority's file"
        )
    if isinstance(error, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError):
        return KibanaError(f"{target.url} cannot be reached", "Is it running, and is LOGPIPE_KIBANA_URL right?")
    cure = "It may have been carried out: look at the difference before trying again" if writes else "Try again later"
    return KibanaError(f"{target.url} did not answer: {error}", cure)


def _message(content: bytes) -> str | None:
    """What Kibana says in its answer; None when that is not its way of saying things."""
    try:
        answer = json.loads(content)
    except ValueError:
        return None
    message = answer.get("message") if isinstance(answer, dict) else None
    return " ".join(str(message).split())[:MAX_MESSAGE_CHARS].rstrip(".") if message else None
